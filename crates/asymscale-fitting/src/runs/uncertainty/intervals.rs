//! Intervals from a list of refits: percentile, corrected for bias and skewness, studentised.

use asymscale_numerics::{mean, nearest_order_statistic, percentile_interval};
use serde::{Deserialize, Serialize};
use statrs::distribution::{ContinuousCDF, Normal};

use super::bootstrap::{FitBootstrap, Refit};
use crate::FittingError;
use crate::checks::{check_level, check_resamples};
use crate::runs::law::Parameter;
use crate::student::Uncertainty;

/// An interval of a parameter or of a number computed from them.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct ParameterInterval {
    /// The value of the fit.
    pub estimate: f64,
    /// Lower end.
    pub lower: f64,
    /// Upper end.
    pub upper: f64,
    /// Nominal coverage.
    pub level: f64,
}

impl ParameterInterval {
    /// Whether a value lies inside, ends included.
    ///
    /// ```
    /// use asymscale_fitting::ParameterInterval;
    /// let interval = ParameterInterval { estimate: 0.3, lower: 0.2, upper: 0.4, level: 0.95 };
    /// assert!(interval.contains(0.4) && !interval.contains(0.5));
    /// ```
    pub fn contains(&self, value: f64) -> bool {
        self.lower <= value && value <= self.upper
    }
}

/// Refuses a level outside (0, 1), and so few resamples that a tail holds none.
pub(crate) fn check(level: f64, resamples: usize) -> Result<(), FittingError> {
    check_level(level)?;
    check_resamples(resamples, level)
}

/// The values in ascending order, without NaN.
pub(crate) fn sorted_without_nan(values: impl Iterator<Item = f64>) -> Vec<f64> {
    asymscale_numerics::sorted(values.filter(|value| !value.is_nan()))
}

/// Efron's `BCa`: percentiles at `Φ(z₀ + (z₀ + z)/(1 − a(z₀ + z)))`, `z₀` from the share of refits
/// below the estimate, `a` from the skewness of the jackknife. In place of the normal quantile `z`
/// stands that of Student's t for as many `blocks` as were drawn, times `√(blocks/(blocks − 1))`:
/// resamples of a few blocks are narrower than the truth (T. C. Hesterberg, *Am. Stat.* 69 (2015)
/// 371, §4.3, the expanded percentile interval).
pub(crate) fn bias_corrected(
    sorted: &[f64],
    estimate: f64,
    left_out: &[f64],
    (level, blocks): (f64, usize),
) -> (f64, f64) {
    let correction = Correction::new(sorted, estimate, left_out);
    let half_width = expanded_width(level, blocks);
    (correction.at(sorted, -half_width), correction.at(sorted, half_width))
}

/// The bias and the skewness of refits.
struct Correction {
    bias: f64,
    acceleration: f64,
}

impl Correction {
    fn new(sorted: &[f64], estimate: f64, left_out: &[f64]) -> Self {
        let below = sorted.partition_point(|&value| value < estimate) as f64;
        let not_above = sorted.partition_point(|&value| value <= estimate) as f64;
        // Quantiles of no values are NaN, whatever the share.
        let count = sorted.len().max(1) as f64;
        // The share is kept half a refit away from 0 and 1, where the normal quantile is infinite.
        let share = (0.5 * (below + not_above)).clamp(0.5, count - 0.5) / count;
        Self { bias: Normal::standard().inverse_cdf(share), acceleration: acceleration(left_out) }
    }

    /// The end of the interval whose normal quantile is `z`.
    fn at(&self, sorted: &[f64], z: f64) -> f64 {
        let z = self.bias + z;
        nearest_order_statistic(
            sorted,
            Normal::standard().cdf(self.bias + z / (1.0 - self.acceleration * z)),
        )
    }
}

/// `count` quantiles of the distribution whose central shares are the corrected intervals, before
/// these are widened.
pub(crate) fn confidence_quantiles(
    sorted: &[f64],
    estimate: f64,
    left_out: &[f64],
    count: usize,
) -> Vec<f64> {
    let correction = Correction::new(sorted, estimate, left_out);
    let normal = Normal::standard();
    let z = |k: usize| normal.inverse_cdf((k as f64 + 0.5) / count as f64);
    sorted_without_nan((0..count).map(|k| correction.at(sorted, z(k))))
}

/// Percentiles at `Φ(±z)`, `z` as in [`bias_corrected`]: widened for few blocks, without a
/// correction.
pub(crate) fn expanded_percentiles(sorted: &[f64], (level, blocks): (f64, usize)) -> (f64, f64) {
    let normal = Normal::standard();
    let z = expanded_width(level, blocks);
    (
        nearest_order_statistic(sorted, normal.cdf(-z)),
        nearest_order_statistic(sorted, normal.cdf(z)),
    )
}

/// The quantile of Student's t for so many blocks, times `√(blocks/(blocks − 1))`.
fn expanded_width(level: f64, blocks: usize) -> f64 {
    let dof = blocks as f64 - 1.0;
    let student = Uncertainty { standard_error: 1.0, degrees_of_freedom: dof };
    student.half_width(level) * (blocks as f64 / dof).sqrt()
}

fn acceleration(left_out: &[f64]) -> f64 {
    let finite: Vec<f64> = left_out.iter().copied().filter(|value| value.is_finite()).collect();
    let mean = mean(&finite);
    let largest = finite.iter().map(|value| (mean - value).abs()).fold(0.0, f64::max);
    // Cubes of deviations far from 1 are no floats; their ratio is the same in any unit.
    let unit = if (1e-90..1e90).contains(&largest) { 1.0 } else { largest };
    let moment =
        |power: i32| finite.iter().map(|value| ((mean - value) / unit).powi(power)).sum::<f64>();
    let found = moment(3) / (6.0 * moment(2).powf(1.5));
    if found.is_finite() { found } else { 0.0 }
}

/// Bootstrap-t; amplitudes and the ratio in logarithms, so that their ends stay positive. A refit
/// at a bound has no standard error and does not count.
pub(crate) fn studentised(
    bootstrap: &FitBootstrap,
    parameter: Parameter,
    level: f64,
) -> ParameterInterval {
    let logarithmic = matches!(parameter, Parameter::A | Parameter::B | Parameter::Ratio);
    let at = Parameter::ALL.iter().position(|&p| p == parameter).unwrap_or(0);
    let scale = |refit: &Refit| {
        let value = refit.parameters.get(parameter);
        (if logarithmic { value.ln() } else { value }, refit.standard_errors[at])
    };
    let (value, error) = scale(&bootstrap.original);
    let deviations = sorted_without_nan(bootstrap.refits.iter().map(|refit| {
        let (refitted, its_error) = scale(refit);
        if refitted == value { 0.0 } else { (refitted - value) / its_error }
    }));
    let (low, high) = percentile_interval(&deviations, level);
    let (lower, upper) =
        if error == 0.0 { (value, value) } else { (value - error * high, value - error * low) };
    let back = |end: f64| if logarithmic { end.exp() } else { end.max(0.0) };
    ParameterInterval {
        estimate: bootstrap.original.parameters.get(parameter),
        lower: back(lower),
        upper: back(upper),
        level,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Skewness has no unit; that of deviations whose cubes are no floats is a number too. Equal
    /// to all digits but those that the division by the largest deviation rounds.
    #[test]
    fn the_skewness_does_not_depend_on_the_unit() {
        let values = [1.0, 2.0, 4.0, 9.0];
        let expected = acceleration(&values);
        for unit in [1e-250, 1e-60, 1e120, 1e250] {
            let found = acceleration(&values.map(|value| unit * value));
            assert!((found / expected - 1.0).abs() < 1e-12, "{unit:e}: {found} {expected}");
        }
        assert_eq!(acceleration(&[5.0; 3]), 0.0);
        assert_eq!(acceleration(&[f64::MAX; 3]), 0.0);
    }

    #[test]
    fn no_refits_leave_no_interval() {
        let (lower, upper) = bias_corrected(&[], 1.0, &[], (0.95, 10));
        assert!(lower.is_nan() && upper.is_nan());
    }
}
