//! Statistics over designs that more than one chapter needs.

use crate::{Finding, Prediction, Tolerance};
use asymscale_montecarlo::{median_interval, quantile};
use asymscale_sampling::Key;
use rand::RngExt;

/// Resamples behind an interval: enough for a 95 % interval steady to a few per cent of its width.
const RESAMPLES: u64 = 200;

/// The median of values in any order; NaN for none.
pub fn median_of(values: &[f64]) -> f64 {
    Spread::of(values.to_vec()).median
}

/// The largest absolute standard score of several, held against what chance allows for so many.
pub fn largest_score(
    id: &str,
    claim: &'static str,
    statement: &str,
    scores: &[f64],
    source: &'static str,
) -> Finding {
    let largest = scores.iter().fold(0.0, |a: f64, z| a.max(z.abs()));
    let bound = Prediction::AtMost(z_bound(scores.len()));
    Finding::new(
        id,
        Some(claim),
        statement,
        bound,
        largest,
        (largest, largest),
        Tolerance { width: 0.5, source },
    )
}

/// The median of independent values with its distribution-free 95 % interval.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Spread {
    /// The median.
    pub median: f64,
    /// Its interval.
    pub interval: (f64, f64),
}

impl Spread {
    /// Of values in any order.
    pub fn of(mut values: Vec<f64>) -> Self {
        values.sort_by(f64::total_cmp);
        Self { median: quantile(&values, 0.5), interval: median_interval(&values, 0.95) }
    }
}

/// A 95 % percentile-bootstrap interval of `statistic` over whole designs.
///
/// `designs` are whatever one design gave; a resample draws as many with replacement. Same seed, same interval.
pub fn bootstrap_interval<T>(designs: &[T], seed: u64, statistic: impl Fn(&[&T]) -> f64) -> (f64, f64) {
    let key = Key::new(seed).label("bootstrap");
    let resample = |k: u64| {
        let mut stream = key.index(k).stream();
        let drawn: Vec<&T> =
            (0..designs.len()).map(|_| &designs[stream.random_range(0..designs.len())]).collect();
        statistic(&drawn)
    };
    let mut values: Vec<f64> = (0..RESAMPLES).map(resample).collect();
    values.sort_by(f64::total_cmp);
    (quantile(&values, 0.025), quantile(&values, 0.975))
}

/// The largest `|z|` that `tests` independent standard normal values exceed with probability 1 % in all: the
/// tolerance of a finding over many comparisons (Bonferroni).
pub fn z_bound(tests: usize) -> f64 {
    use statrs::distribution::{ContinuousCDF, Normal};
    Normal::standard().inverse_cdf(1.0 - 0.005 / tests.max(1) as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_interval_of_means_has_about_the_normal_width() {
        // 400 values 0, 1, …, 399 over 399: mean ½, standard deviation 0.289, standard error 0.0144.
        let values: Vec<f64> = (0..400).map(|k| f64::from(k) / 399.0).collect();
        let mean = |drawn: &[&f64]| drawn.iter().copied().sum::<f64>() / drawn.len() as f64;
        let (low, high) = bootstrap_interval(&values, 7, mean);
        // 200 resamples fix each end to about 0.13 of a standard error (1 σ); 4 σ are allowed.
        assert!(
            (low - (0.5 - 1.96 * 0.0144)).abs() < 0.0075 && (high - (0.5 + 1.96 * 0.0144)).abs() < 0.0075
        );
    }

    #[test]
    fn more_comparisons_need_a_larger_bound() {
        assert!((z_bound(1) - 2.5758).abs() < 1e-4 && z_bound(100) > z_bound(10));
    }
}
