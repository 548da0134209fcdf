//! Intervals from resampled designs.

use asymscale_numerics::percentile_interval;
use rand::{Rng, RngExt};

use super::estimate::{Estimator, LogCurve};
use super::polynomial::Polynomial;
use super::series::{Errors, Series};
use super::slope::{Interval, SlopeOptions, Weights};
use super::{Blocks, Center};
use crate::FittingError;
use crate::checks::check_resamples;

/// With fewer designs most resamples repeat one of them.
const MIN_DESIGNS: usize = 4;

/// The interval that will be made, checked against the data: never `Automatic`.
pub(crate) fn resolve(options: &SlopeOptions, series: &Series) -> Result<Interval, FittingError> {
    let resampled = matches!(series.errors(), Errors::Replicates(_));
    let interval = match (options.interval, options.center) {
        (Interval::Delta, _) => return Ok(Interval::Delta),
        (Interval::Automatic, _) if !resampled => return Ok(Interval::Delta),
        (Interval::Automatic, Center::Mean) => Interval::Studentised,
        (Interval::Automatic, Center::Median) => Interval::Percentile,
        (chosen, _) if !resampled => return Err(FittingError::NothingToResample(chosen.name())),
        (chosen, _) => chosen,
    };
    check_resamples(options.resamples, options.level)?;
    match series.losses().iter().position(|losses| losses.len() < MIN_DESIGNS) {
        None => Ok(interval),
        Some(k) => Err(FittingError::TooFewDesigns {
            size: series.sizes()[k],
            found: series.losses()[k].len(),
            needed: MIN_DESIGNS,
            purpose: "for a bootstrap interval; with fewer ask for the delta interval",
        }),
    }
}

/// The bootstrap interval of the exponent.
///
/// Studentised (Efron and Tibshirani, An Introduction to the Bootstrap, 1993, §12.5):
/// `[b − se·t*_{1−a/2}, b − se·t*_{a/2}]` with `t* = (b* − b)/se*`. Percentile:
/// `[b*_{a/2}, b*_{1−a/2}]`.
pub(crate) fn interval<R: Rng + ?Sized>(
    series: &Series,
    estimator: &Estimator,
    options: &SlopeOptions,
    kind: Interval,
    rng: &mut R,
) -> (f64, f64) {
    let curve = estimator.curve(series);
    let weights = options.weights.of(&curve);
    let (exponent, error) = slope(&curve, &weights);
    let mut values = Vec::with_capacity(options.resamples);
    for _ in 0..options.resamples {
        let resampled = estimator.curve(&resample(series, rng));
        let (value, its_error) =
            slope(&resampled, &resampled_weights(options.weights, &resampled, &weights));
        values.push(match kind {
            Interval::Studentised => studentise(value - exponent, its_error),
            _ => value,
        });
    }
    values.sort_by(f64::total_cmp);
    // Order statistics, never between two values, one of which may be infinite.
    let (low, high) = percentile_interval(&values, options.level);
    match kind {
        // A resample without spread makes t* infinite; times an error of 0 that would be NaN.
        Interval::Studentised if error == 0.0 => (exponent, exponent),
        Interval::Studentised => (exponent - error * high, exponent - error * low),
        _ => (low, high),
    }
}

fn slope(curve: &LogCurve, weights: &[f64]) -> (f64, f64) {
    let line = Polynomial::line(curve, weights);
    (line.leading, line.uncertainty(curve).map_or(0.0, |uncertainty| uncertainty.standard_error))
}

fn studentise(deviation: f64, error: f64) -> f64 {
    if deviation == 0.0 { 0.0 } else { deviation / error }
}

/// Weights are estimated anew in every resample, so that their own error counts. A size whose
/// resample repeats a single loss says nothing of its error and keeps the weight of the data.
fn resampled_weights(weights: Weights, resampled: &LogCurve, original: &[f64]) -> Vec<f64> {
    let fresh = weights.of(resampled);
    fresh
        .iter()
        .zip(original)
        .map(|(&fresh, &kept)| if fresh.is_finite() { fresh } else { kept })
        .collect()
}

fn resample<R: Rng + ?Sized>(series: &Series, rng: &mut R) -> Series {
    let shared = *series.errors() == Errors::Replicates(Blocks::Shared);
    let mut designs = Vec::new();
    let mut losses = Vec::with_capacity(series.losses().len());
    for replicates in series.losses() {
        if designs.is_empty() || !shared {
            designs =
                (0..replicates.len()).map(|_| rng.random_range(0..replicates.len())).collect();
        }
        losses.push(designs.iter().map(|&design| replicates[design]).collect());
    }
    series.with_losses(losses)
}
