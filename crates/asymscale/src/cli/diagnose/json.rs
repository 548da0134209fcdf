//! A diagnosis as JSON. What is not known, and what is infinite, is null.

use super::Asked;
use super::candidates::CandidateAnswer;
use super::forecasts::ForecastAnswer;
use super::reached::{Reached, reached};
use crate::cli::output::{Number, Size, finite};
use crate::fitting::diagnosis::{
    ActivationCounts, ActivityFit, AlphaSource, Caveat, Coverage, DeadFeatures, Diagnosis, Drift,
    Estimate, LocalExponent, Population, SamplesUntil, Scaling, WindowEnd,
};
use serde::Serialize;

/// Everything the diagnosis says.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct Answer<'a> {
    /// Samples D.
    samples: Size,
    /// Groups of samples where they come in groups, else samples.
    units: Size,
    /// Whether samples come in groups.
    grouped: bool,
    /// Features that were active at least once.
    seen: usize,
    /// All features, seen or not; null where that is not known.
    total: Option<usize>,
    /// Features that were never active; null where `total` is.
    never_active: Option<usize>,
    /// The count from which the table holds all features.
    seen_at_least: u64,
    /// Features that were active in one unit only.
    singletons: usize,
    /// Parameters from which a linear model interpolates the samples.
    threshold: Size,
    /// Activations per sample.
    total_activity: Option<Number>,
    /// Their energy per sample; null where it is 0.
    total_energy: Option<Number>,
    /// What is known of the features as a whole, in a word.
    #[cfg_attr(test, schemars(with = "crate::cli::schema::fitted::Population"))]
    population: Population,
    /// Activations per sample of features never seen.
    unseen_activity: Option<Ends>,
    /// Their share of all activations.
    unseen_activity_share: Option<Ends>,
    /// Energy per sample of features never seen.
    unseen_energy: Option<Ends>,
    /// Its share of all energy.
    unseen_energy_share: Option<Ends>,
    /// How many features there are at least; null where nothing tells.
    richness: Option<RichnessAnswer>,
    /// The power law of activity of rare features; null where they are too few.
    activity_law: Option<ActivityLawAnswer>,
    /// Laws that were tried.
    candidates: Vec<CandidateAnswer>,
    /// Exponents of the loss; null where there is no law of activity.
    scaling: Option<ScalingAnswer>,
    /// One for each factor of the data.
    forecasts: Vec<ForecastAnswer>,
    /// One for each share of activations.
    coverage: Vec<CoverageAnswer>,
    /// One for each share of features and number of activations.
    until: Vec<UntilAnswer>,
    /// Features that will never be active; null where all were seen, or their number is not known.
    dead: Option<DeadAnswer>,
    /// The step of gradient descent that was asked for.
    rate: Option<Number>,
    /// Epochs for which a feature that is active once an epoch is still learned from.
    useful_epochs: Option<Ends>,
    /// Whether the first half of the samples differs from the second; null where that is not known.
    drift: Option<DriftAnswer>,
    /// The verdict in words.
    summary: String,
    /// What to be careful about, in words.
    caveats: Vec<String>,
    /// The same as names with numbers.
    #[cfg_attr(test, schemars(with = "Vec<crate::cli::schema::fitted::Caveat>"))]
    caveat_values: &'a [Caveat],
    /// Level of all intervals.
    level: Number,
    /// Seed of all random streams.
    seed: u64,
}

impl<'a> Answer<'a> {
    pub(super) fn new(counts: &ActivationCounts, diagnosis: &'a Diagnosis, asked: &Asked) -> Self {
        let unseen = diagnosis.unseen.as_ref();
        let ahead = |ahead| ForecastAnswer::new(ahead, diagnosis.samples);
        Self {
            samples: Size(diagnosis.samples),
            units: Size(diagnosis.units),
            grouped: counts.grouped(),
            seen: diagnosis.seen,
            total: diagnosis.total,
            never_active: diagnosis.total.map(|_| counts.never_active()),
            seen_at_least: counts.floor(),
            singletons: counts.with_count(1),
            threshold: Size(diagnosis.threshold),
            total_activity: number(diagnosis.total_activity),
            total_energy: number(diagnosis.total_energy).filter(|energy| energy.0 > 0.0),
            population: diagnosis.population,
            unseen_activity: unseen.map(|unseen| unseen.activity.into()),
            unseen_activity_share: unseen.map(|unseen| unseen.activity_share.into()),
            unseen_energy: unseen.and_then(|unseen| unseen.energy).map(Ends::from),
            unseen_energy_share: unseen.map(|unseen| unseen.energy_share.into()),
            richness: diagnosis
                .richness
                .as_ref()
                .map(|richness| RichnessAnswer { at_least: richness.at_least.into() }),
            activity_law: diagnosis.activity.as_ref().map(ActivityLawAnswer::new),
            candidates: diagnosis
                .candidates
                .iter()
                .map(|found| CandidateAnswer::new(found, diagnosis))
                .collect(),
            scaling: diagnosis.scaling.as_ref().map(ScalingAnswer::new),
            forecasts: diagnosis.forecasts.iter().map(ahead).collect(),
            coverage: diagnosis.coverage.iter().map(CoverageAnswer::new).collect(),
            until: diagnosis.until.iter().map(|until| UntilAnswer::new(counts, until)).collect(),
            dead: diagnosis.dead.as_ref().map(DeadAnswer::new),
            rate: asked.rate.and_then(number),
            useful_epochs: diagnosis.useful_epochs.map(Ends::from),
            drift: diagnosis.drift.as_ref().map(DriftAnswer::new),
            summary: diagnosis.verdict().to_string(),
            caveats: diagnosis.caveats.iter().map(ToString::to_string).collect(),
            caveat_values: &diagnosis.caveats,
            level: Number(asked.level),
            seed: asked.seed,
        }
    }
}

/// A value with the ends of its interval; an end that is infinite is null.
#[derive(Debug, Clone, Copy, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct Ends {
    value: Option<Number>,
    lower: Option<Number>,
    upper: Option<Number>,
}

impl Ends {
    /// A value that is not known.
    pub(super) const NONE: Self = Self { value: None, lower: None, upper: None };
}

impl From<Estimate> for Ends {
    fn from(estimate: Estimate) -> Self {
        Self {
            value: number(estimate.value),
            lower: number(estimate.lower),
            upper: number(estimate.upper),
        }
    }
}

/// How many features there are.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct RichnessAnswer {
    /// Chao's lower bound.
    at_least: Ends,
}

/// The power law of activity of rare features.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct ActivityLawAnswer {
    /// The activity exponent.
    beta: Ends,
    /// The rank from which activity falls.
    onset: Ends,
    /// The largest count that the law is fitted to.
    max_count: u64,
    /// Why it is not fitted to larger ones.
    #[cfg_attr(test, schemars(with = "crate::cli::schema::fitted::WindowEnd"))]
    window_end: WindowEnd,
    /// Features with such counts.
    features: usize,
    /// How well the law fits.
    p_value: Option<Number>,
    /// How well one exponent fits all of the counts.
    single_law_p_value: Option<Number>,
    /// Exponents of parts of the counts.
    local: Vec<LocalAnswer>,
}

impl ActivityLawAnswer {
    fn new(fit: &ActivityFit) -> Self {
        Self {
            beta: fit.beta.into(),
            onset: fit.onset.into(),
            max_count: fit.max_count,
            window_end: fit.reason,
            features: fit.features,
            p_value: number(fit.p_value),
            single_law_p_value: number(fit.single_law_p_value),
            local: fit.local.iter().map(LocalAnswer::new).collect(),
        }
    }
}

/// The exponent of features with counts in a range.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct LocalAnswer {
    low: u64,
    high: u64,
    features: usize,
    beta: Ends,
}

impl LocalAnswer {
    fn new(local: &LocalExponent) -> Self {
        let LocalExponent { low, high, features, beta } = *local;
        Self { low, high, features, beta: beta.into() }
    }
}

/// Exponents of the loss, were the law of rare features that of all.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct ScalingAnswer {
    /// In model size.
    features_exponent: Ends,
    /// In samples.
    samples_exponent: Ends,
    /// Where the spectral exponent comes from.
    #[cfg_attr(test, schemars(with = "crate::cli::schema::fitted::AlphaSource"))]
    source: AlphaSource,
}

impl ScalingAnswer {
    fn new(scaling: &Scaling) -> Self {
        Self {
            features_exponent: scaling.features_exponent.into(),
            samples_exponent: scaling.samples_exponent.into(),
            source: scaling.source,
        }
    }
}

/// When features seen cover a share of all activations.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct CoverageAnswer {
    /// The share.
    share: Option<Number>,
    /// Whether these samples do.
    reached: bool,
    /// Samples that do; null where that is not known.
    samples: Option<Ends>,
    /// Features seen then; null where that is not known.
    features: Option<Number>,
}

impl CoverageAnswer {
    fn new(coverage: &Coverage) -> Self {
        Self {
            share: number(coverage.share),
            reached: coverage.reached,
            samples: coverage.samples.map(Ends::from),
            features: coverage.features.and_then(number),
        }
    }
}

/// When a share of all features has been active so often.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct UntilAnswer {
    /// The share.
    share: Option<Number>,
    /// How often.
    times: u64,
    /// All features; null where their number is not known.
    of: Option<Number>,
    /// `reached`, `ahead`, `never` or `not_known`.
    answer: &'static str,
    /// Samples that it takes; null where that is not known.
    samples: Option<Ends>,
}

impl UntilAnswer {
    fn new(counts: &ActivationCounts, until: &SamplesUntil) -> Self {
        let (answer, samples) = match reached(counts, until) {
            Reached::Already(samples) => ("reached", samples),
            Reached::After(samples) => ("ahead", Some(samples)),
            Reached::Never => ("never", None),
            Reached::NotKnown => ("not_known", None),
        };
        Self {
            share: number(until.share),
            times: until.times,
            of: until.of.and_then(number),
            answer,
            samples: samples.map(Ends::from),
        }
    }
}

/// Features that will never be active.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct DeadAnswer {
    /// Their number by the law; null where no law tells.
    features: Option<Ends>,
    /// Features that were never active.
    at_most: usize,
}

impl DeadAnswer {
    fn new(dead: &DeadFeatures) -> Self {
        Self { features: dead.features.map(Ends::from), at_most: dead.at_most }
    }
}

/// Whether one half of the samples differs from the other.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct DriftAnswer {
    /// Features that were active in one half only.
    in_one_half: Option<Number>,
    /// How many are expected where halves do not differ.
    expected: Option<Number>,
    p_value: Option<Number>,
    /// Whether the difference matters for forecasts.
    matters: bool,
}

impl DriftAnswer {
    fn new(drift: &Drift) -> Self {
        Self {
            in_one_half: number(drift.in_one_half),
            expected: number(drift.expected),
            p_value: number(drift.p_value),
            matters: drift.matters(),
        }
    }
}

/// A number; infinities and NaN are null, and there is no −0.
pub(super) fn number(value: f64) -> Option<Number> {
    finite(value + 0.0)
}
