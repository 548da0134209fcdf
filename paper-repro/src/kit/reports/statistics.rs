//! Statistics over designs that more than one chapter needs.

use crate::{Measured, Prediction, Statement, Unjudged};
use asymscale_model::SparseModel;
use asymscale_montecarlo::{median_interval, quantile};
use asymscale_sampling::Key;
use rand::RngExt;
use statrs::distribution::{ContinuousCDF, Normal};

/// Resamples behind an interval: enough for a 95 % interval steady to a few per cent of its width.
const RESAMPLES: u64 = 200;

/// The largest absolute standard score of several, held against what chance allows for so many. It
/// has no interval.
pub fn largest_score(statement: Statement, scores: &[f64]) -> Unjudged {
    let largest = scores.iter().fold(0.0, |a: f64, z| a.max(z.abs()));
    statement
        .predicted(Prediction::AtMost(z_bound(scores.len())))
        .measured(Measured::NoInterval(largest))
}

/// How far beyond [`z_bound`] the largest of as many scores may be that are sums of `skewness`, not
/// quite normal (first order of Cornish and Fisher).
pub fn score_margin(tests: usize, skewness: f64) -> f64 {
    skewness * (z_bound(tests).powi(2) - 1.0) / 6.0
}

/// Variance and skewness of a sum.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Moments {
    /// The variance.
    pub variance: f64,
    /// The third standardized moment.
    pub skewness: f64,
}

/// Of the number of seen coordinates of a design, and of its unseen mass: sums over coordinates
/// that are unseen with probability `q = (1 − p)^D`, independently; written out for the first 1e5
/// of them, beyond which the seen are a Poisson number.
pub fn coverage_moments(model: &SparseModel, samples: f64) -> (Moments, Moments) {
    let last = model.coordinates().as_f64().min(1e5) as u32;
    let (mut seen, mut unseen, mut rest) = ([0.0; 2], [0.0; 2], model.active_per_sample());
    for i in (1..=last).map(f64::from) {
        let (p, lambda) = (model.activity(i), model.eigenvalue(i));
        let q = (samples * (-p).ln_1p()).exp();
        let (second, third) = (q * (1.0 - q), q * (1.0 - q) * (1.0 - 2.0 * q));
        seen = [seen[0] + second, seen[1] - third];
        unseen = [unseen[0] + lambda * lambda * second, unseen[1] + lambda.powi(3) * third];
        rest -= p;
    }
    let poisson = samples * rest.max(0.0);
    let moments =
        |[variance, third]: [f64; 2]| Moments { variance, skewness: third / variance.powf(1.5) };
    (moments(seen.map(|sum| sum + poisson)), moments(unseen))
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
/// `designs` are whatever one design gave; a resample draws as many with replacement. Same seed,
/// same interval.
pub fn bootstrap_interval<T>(
    designs: &[T],
    seed: u64,
    statistic: impl Fn(&[&T]) -> f64,
) -> (f64, f64) {
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

/// The largest `|z|` that `tests` independent standard normal values exceed with probability 1 % in
/// all: the tolerance of a finding over many comparisons (Bonferroni).
pub fn z_bound(tests: usize) -> f64 {
    Normal::standard().inverse_cdf(1.0 - tail(tests))
}

/// The share of 1 % on one side of one of so many tests.
fn tail(tests: usize) -> f64 {
    0.005 / tests.max(1) as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_interval_of_means_has_about_the_normal_width() {
        // 400 values 0, 1, …, 399 over 399: mean ½, standard deviation 0.289, standard error
        // 0.0144.
        let values: Vec<f64> = (0..400).map(|k| f64::from(k) / 399.0).collect();
        let mean = |drawn: &[&f64]| drawn.iter().copied().sum::<f64>() / drawn.len() as f64;
        let (low, high) = bootstrap_interval(&values, 7, mean);
        // 200 resamples fix each end to about 0.13 of a standard error (1 σ); 4 σ are allowed.
        assert!(
            (low - (0.5 - 1.96 * 0.0144)).abs() < 0.0075
                && (high - (0.5 + 1.96 * 0.0144)).abs() < 0.0075
        );
    }

    /// One coordinate in four, unseen by two samples with probability 0.75²: of a Bernoulli
    /// variable (1 − 2q)/√(q(1 − q)).
    #[test]
    fn moments_of_a_single_coordinate() {
        use asymscale_model::{Activity, Amplitude, Coordinates, Spectrum};
        let (spectrum, activity) =
            (Spectrum::power_law(1.0).unwrap(), Activity::table(vec![0.25]).unwrap());
        let model =
            SparseModel::new(spectrum, activity, Amplitude::Gaussian, Coordinates::Finite(1))
                .unwrap();
        let q = 0.5625_f64;
        let (seen, unseen) = coverage_moments(&model, 2.0);
        let skewness = (1.0 - 2.0 * q) / (q * (1.0 - q)).sqrt();
        assert!(
            (unseen.skewness - skewness).abs() < 1e-12 && (seen.skewness + skewness).abs() < 1e-12
        );
        assert!(
            (unseen.variance - q * (1.0 - q)).abs() < 1e-15 && seen.variance == unseen.variance
        );
    }

    /// The 0.995 quantile of the normal law is 2.5758.
    #[test]
    fn margins_of_scores() {
        assert!((score_margin(1, 0.3) - 0.3 * (2.5758_f64.powi(2) - 1.0) / 6.0).abs() < 1e-4);
    }

    #[test]
    fn more_comparisons_need_a_larger_bound() {
        assert!((z_bound(1) - 2.5758).abs() < 1e-4 && z_bound(100) > z_bound(10));
    }
}
