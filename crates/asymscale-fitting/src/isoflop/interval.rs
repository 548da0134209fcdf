//! Intervals from resamples, in which a resample without a value counts as infinitely far away.

use asymscale_numerics::{nearest_order_statistic, sorted};
use statrs::distribution::{ContinuousCDF, Normal};

use crate::student::Uncertainty;

/// The quantile of Student's t that a two-sided interval of this level reaches to.
pub(crate) fn student_quantile(level: f64, dof: usize) -> f64 {
    Uncertainty { standard_error: 1.0, degrees_of_freedom: dof as f64 }.half_width(level)
}

/// The factor by which intervals of normal errors are too narrow when the size of the errors is
/// estimated with `dof` degrees of freedom.
pub(crate) fn widening(level: f64, dof: usize) -> f64 {
    student_quantile(level, dof) / Normal::standard().inverse_cdf(0.5 * (1.0 + level))
}

/// Percentiles of resamples, their distances from the estimate times `wider`. A resample that has
/// no value counts as one beyond either end.
pub(crate) fn percentiles(estimate: f64, values: &[f64], level: f64, wider: f64) -> (f64, f64) {
    let end = |probability: f64, none: f64| {
        let filled = values.iter().map(|v| if v.is_nan() { none } else { *v });
        nearest_order_statistic(&sorted(filled), probability)
    };
    let away = |end: f64| if end == estimate { end } else { estimate + wider * (end - estimate) };
    let lower = away(end(0.5 * (1.0 - level), f64::NEG_INFINITY));
    let upper = away(end(0.5 * (1.0 + level), f64::INFINITY));
    (lower.min(estimate), upper.max(estimate))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_has_no_value_counts_at_both_ends() {
        let mut values: Vec<f64> = (0..999).map(|k| f64::from(k - 499)).collect();
        assert_eq!(percentiles(0.0, &values, 0.9, 1.0), (-450.0, 450.0));
        assert_eq!(percentiles(0.0, &values, 0.9, 2.0), (-900.0, 900.0));
        values[..60].fill(f64::NAN);
        let (lower, upper) = percentiles(0.0, &values, 0.9, 1.0);
        assert_eq!((lower, upper), (f64::NEG_INFINITY, f64::INFINITY));
    }

    #[test]
    fn few_degrees_of_freedom_widen() {
        assert!((widening(0.95, 4) - 2.776 / 1.960).abs() < 1e-3);
    }
}
