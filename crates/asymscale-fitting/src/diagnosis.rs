//! Diagnosis of counts: how often features were active, and what that says of those never seen.
//!
//! From the counts `k_i` of features in `D` samples (words in texts, experts, dictionary features):
//!
//! - the **activity law** `p_i = min(1, (c/i)^β)` of the rare features, by maximum likelihood, with
//!   a test of whether one power law holds at all ([`ActivityFit`]);
//! - what features never seen hold **now** ([`Unseen`]) and **after more data** ([`Forecast`]);
//! - with `α`, given or estimated from second moments, the exponents of the loss ([`Scaling`]);
//! - in plain words what limits ([`Verdict`]), and what to be careful about ([`Caveat`]).
//!
//! Ranks are never used: the feature of observed rank `i` is not that of rank `i`, and a line
//! through a log-log plot of counts over ranks is biased where counts are small, which is where it
//! matters.
//!
//! ```
//! use asymscale_fitting::diagnosis::{ActivationCounts, ActivityLaw, DiagnosisOptions, diagnose};
//! use rand_xoshiro::{Xoshiro256PlusPlus, rand_core::SeedableRng};
//! // As many features active k times in 10 000 samples as a law leads to expect.
//! let law = ActivityLaw { beta: 2.0, onset: 100.0 };
//! let active = |k: u64| law.features_between(1e4, k as f64 - 1.0, k as f64).round() as usize;
//! let counts: Vec<u64> = (1..500).flat_map(|k| std::iter::repeat_n(k, active(k))).collect();
//! let counts = ActivationCounts::new(&counts, 10_000)?;
//! let rng = &mut Xoshiro256PlusPlus::seed_from_u64(1);
//! let diagnosis = diagnose(&counts, &DiagnosisOptions::default(), rng)?;
//! assert!(diagnosis.activity.as_ref().unwrap().beta.contains(2.0));
//! # Ok::<(), asymscale_fitting::FittingError>(())
//! ```
//!
//! | I want … | file |
//! |---|---|
//! | the counts, and whether they are a random sample | `counts.rs`, `counts/` |
//! | the laws of activity and their fits | `laws/` |
//! | estimates that need no law: Good–Turing, Chao | `estimators/` |
//! | forecasts of more data | `forecasts/` |
//! | the verdict, caveats, answers to particular questions | `answers/` |
//! | a model of the features, seen and unseen, for theory to be asked about | `feature_models.rs`, `feature_models/` |
//! | a number with its interval; the jackknife | `estimate.rs` |
//!
//! Each room's file says what is in it, and what it must not know.

mod answers;
mod counts;
mod estimate;
mod estimators;
mod feature_models;
mod forecasts;
mod gamma_ratios;
mod laws;
mod method;

use rand::Rng;
use serde::{Deserialize, Serialize};

use crate::FittingError;
use answers::{caveats, questions, verdict};
use counts::drift;
use counts::truncation::Selection;
use estimators::richness;
use forecasts::forecaster::{Forecaster, UNSMOOTHED_FACTOR};
use laws::candidates::Parts;
use laws::{activity_fit, energy};

pub use answers::caveats::Caveat;
pub use answers::questions::{DeadFeatures, SamplesUntil};
pub use answers::verdict::{Outlook, Population, Verdict};
pub use counts::drift::Drift;
pub use counts::{ActivationCounts, CountsError, Incidence, thin_counts};
pub use estimate::Estimate;
pub use estimators::richness::{Richness, extrapolate_rational};
pub use estimators::unseen::Unseen;
pub use feature_models::{
    Continuation, FeatureModel, FeatureModels, ModelFeature, ModelTail, Tail,
};
pub use forecasts::coverage::Coverage;
pub use forecasts::prediction::{Forecast, Prediction};
pub use laws::activity_fit::{ActivityFit, LocalExponent, WindowEnd};
pub use laws::candidates::{Backtest, Candidate};
pub use laws::energy::{AlphaSource, Scaling};
pub use laws::power_law::ActivityLaw;
pub use laws::rare_inputs::{RareInputs, epochs_of_inputs};
pub use laws::{MixedLaw, Shape};
pub use method::Method;

/// Features seen once below which intervals of the unseen carry a caveat.
const FEW_SINGLETONS: usize = 10;

/// The factor of "much more data" in what is said in words.
const MUCH_MORE: f64 = 16.0;

/// What a diagnosis is asked for.
#[derive(Debug, Clone, PartialEq)]
pub struct DiagnosisOptions {
    /// The spectral exponent `α > 0`; estimated where absent.
    pub alpha: Option<f64>,
    /// Factors `t > 1` of the data to forecast.
    pub factors: Vec<f64>,
    /// Shares of activity, in (0, 1), of which is asked how many samples cover them.
    pub shares: Vec<f64>,
    /// Shares of features, in (0, 1], and numbers of activations ≥ 1: after how many samples have
    /// so many features been active so often?
    pub until: Vec<(f64, u64)>,
    /// The step `η > 0` of gradient descent, one pass an epoch.
    pub rate: Option<f64>,
    /// The largest count the activity law is fitted to; chosen by the fit where absent.
    pub max_count: Option<u64>,
    /// Nominal level of all intervals.
    pub level: f64,
    /// Draws under the fitted law, for its intervals and p-values.
    pub resamples: usize,
}

impl Default for DiagnosisOptions {
    fn default() -> Self {
        Self {
            alpha: None,
            factors: vec![2.0, 4.0, 16.0],
            shares: vec![0.9, 0.99],
            until: Vec::new(),
            rate: None,
            max_count: None,
            level: 0.95,
            resamples: 199,
        }
    }
}

/// What counts say of features seen and unseen.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Diagnosis {
    /// Samples `D`.
    pub samples: f64,
    /// What was drawn: groups of samples where they are known, else samples. Factors of the data
    /// are of these.
    pub units: f64,
    /// Features seen, `S`.
    pub seen: usize,
    /// All features, seen or not, where their number is known.
    pub total: Option<usize>,
    /// The interpolation threshold of a learner on these data, `min(S, D)` to leading order.
    pub threshold: f64,
    /// Activations per sample.
    pub total_activity: f64,
    /// Energy per sample, of seen and unseen features together (unbiased); 0 without second
    /// moments.
    pub total_energy: f64,
    /// What was never seen; `None` where rare features were left out of the table and no law
    /// survives.
    pub unseen: Option<Unseen>,
    /// The lower bound of Chao for the number of all features.
    pub richness: Option<Richness>,
    /// The activity law of rare features; none with fewer than 30 of them.
    pub activity: Option<ActivityFit>,
    /// The laws that were tried, the best first: those that survive stand before those that do not.
    pub candidates: Vec<Candidate>,
    /// Exponents of the loss, where there is a law.
    pub scaling: Option<Scaling>,
    /// What kind of population the counts come from.
    pub population: Population,
    /// With twice the data.
    pub doubled: Forecast,
    /// With sixteen times the data.
    pub much: Forecast,
    /// One forecast per factor asked for, in that order.
    pub forecasts: Vec<Forecast>,
    /// Samples at which the shares of activity asked for are covered.
    pub coverage: Vec<Coverage>,
    /// Samples until shares of features have been active as often as was asked.
    pub until: Vec<SamplesUntil>,
    /// How many of a known number of features will never be active.
    pub dead: Option<DeadFeatures>,
    /// For how many epochs at the rate asked for features that are active once an epoch are still
    /// learned from.
    pub useful_epochs: Option<Estimate>,
    /// Whether the second half of the units is like the first, where their order is known.
    pub drift: Option<Drift>,
    /// What to be careful about.
    pub caveats: Vec<Caveat>,
}

/// Diagnoses counts.
///
/// The methods and their assumptions stand at the types of the results; features are taken to have
/// fixed activities. With bare counts they are taken to be active independently; with an
/// [`Incidence`] intervals come from units left out in turn. Cost: two parametric bootstraps and a
/// few dozen fits, a few tenths of a second for any number of features.
///
/// # Errors
/// `alpha` that is not finite and > 0; a factor that is not finite and > 1; a share of activity
/// outside (0, 1); a level outside (0, 1); fewer resamples than 39 or than the tails of the level
/// hold.
pub fn diagnose<R: Rng + ?Sized>(
    counts: &ActivationCounts,
    options: &DiagnosisOptions,
    rng: &mut R,
) -> Result<Diagnosis, FittingError> {
    check(options)?;
    let level = options.level;
    let fit = activity_fit::fit_activity(counts, options, rng);
    let scaling = fit.as_ref().map(|fit| energy::scaling(counts, fit, options.alpha, level));
    let parts = Parts::new(counts);
    let selection = Selection::of(counts);
    let random = selection == Selection::None;
    let models = if random { parts.models(fit.as_ref(), level) } else { Vec::new() };
    let forecaster = Forecaster::new(counts, &models, scaling.as_ref(), random, level);
    let forecasts = options.factors.iter().map(|&factor| forecaster.at(factor)).collect();
    let doubled = forecaster.at(UNSMOOTHED_FACTOR);
    let population =
        verdict::population(counts, selection, forecaster.unseen.as_ref(), &doubled, &models);
    let drift = drift::drift(counts, rng);
    let context = caveats::Context {
        selection,
        drift,
        dispersion: forecaster.dispersion.together,
        exponents: options.alpha.is_some() || counts.has_second_moments(),
    };
    Ok(Diagnosis {
        samples: counts.samples(),
        units: counts.units(),
        seen: counts.seen(),
        total: counts.total(),
        threshold: counts.samples().min(counts.seen() as f64),
        total_activity: counts.total_activity(),
        total_energy: if counts.has_second_moments() { counts.total_energy() } else { 0.0 },
        richness: if random { richness::richness(counts, level) } else { None },
        coverage: forecaster.coverage(&options.shares),
        until: options
            .until
            .iter()
            .map(|&(q, k)| questions::until(counts, &models, q, k))
            .collect(),
        dead: questions::dead(counts, &models, level),
        useful_epochs: options.rate.and_then(|rate| questions::useful_epochs(counts, rate, level)),
        doubled,
        much: forecaster.at(MUCH_MORE),
        caveats: caveats::caveats(counts, fit.as_ref(), &models, &context),
        candidates: models.iter().map(|model| model.candidate.clone()).collect(),
        activity: fit,
        unseen: forecaster.unseen,
        scaling,
        population,
        forecasts,
        drift,
    })
}

fn check(options: &DiagnosisOptions) -> Result<(), FittingError> {
    if let Some(alpha) = options.alpha.filter(|alpha| !(*alpha > 0.0 && alpha.is_finite())) {
        return Err(FittingError::Alpha(alpha));
    }
    if let Some(&factor) =
        options.factors.iter().find(|factor| !(**factor > 1.0 && **factor <= 1e100))
    {
        return Err(FittingError::DataFactor(factor));
    }
    if let Some(&share) = options.shares.iter().find(|share| !(**share > 0.0 && **share < 1.0)) {
        return Err(CountsError::Share { share }.into());
    }
    if let Some(&(share, times)) =
        options.until.iter().find(|(share, times)| !(*share > 0.0 && *share <= 1.0 && *times > 0))
    {
        return Err(CountsError::Until { share, times }.into());
    }
    if let Some(rate) = options.rate.filter(|rate| !(*rate > 0.0 && rate.is_finite())) {
        return Err(CountsError::Rate { rate }.into());
    }
    let level = options.level;
    if !(level > 0.0 && level < 1.0) {
        return Err(FittingError::Level(level));
    }
    let needed = ((2.0 / (1.0 - level)).ceil() as usize - 1).max(39);
    if options.resamples < needed {
        return Err(FittingError::Resamples { found: options.resamples, needed, level });
    }
    Ok(())
}
