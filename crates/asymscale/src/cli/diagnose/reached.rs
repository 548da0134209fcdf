//! When a share of features has been active so often: before the end of the data, after it, never,
//! or not known.

use crate::fitting::diagnosis::{ActivationCounts, Estimate, SamplesUntil};

/// The answer to `--until`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Reached {
    /// In these samples, and after how many of them by the law.
    Already(Option<Estimate>),
    /// It takes so many samples; the upper end may be infinite.
    After(Estimate),
    /// No number of samples is enough: too many features are dead.
    Never,
    /// No law of finitely many features fits the counts.
    NotKnown,
}

/// What is seen goes before what a law says of these very samples.
pub(super) fn reached(counts: &ActivationCounts, until: &SamplesUntil) -> Reached {
    let samples = counts.samples();
    let often = counts.active_at_least(until.times) as f64;
    if often >= until.share * until.of.unwrap_or(f64::INFINITY) {
        let by_law = until.samples.filter(|found| found.lower > 0.0 && found.value <= samples);
        return Reached::Already(
            by_law.map(|found| Estimate { upper: found.upper.min(samples), ..found }),
        );
    }
    match until.samples {
        None => Reached::NotKnown,
        Some(found) if found.value.is_infinite() => Reached::Never,
        Some(Estimate { value, lower, upper }) => Reached::After(Estimate {
            value: value.max(samples),
            lower: lower.max(samples),
            upper: upper.max(samples),
        }),
    }
}
