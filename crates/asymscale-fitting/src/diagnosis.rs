//! Diagnosis of counts: how often features were active, and what that says of those never seen.
//!
//! From the counts `k_i` of features in `D` samples (words in texts, experts, dictionary features):
//!
//! - the **activity law** `p_i = min(1, (c/i)^β)` of the rare features, by maximum likelihood, with a test of
//!   whether one power law holds at all ([`ActivityFit`]);
//! - what features never seen hold **now** ([`Unseen`]) and **after more data** ([`Forecast`]);
//! - with `α`, given or estimated from second moments, the exponents of the loss ([`Scaling`]);
//! - in plain words what limits ([`Verdict`]), and what to be careful about ([`Caveat`]).
//!
//! Ranks are never used: the feature of observed rank `i` is not that of rank `i`, and a line through a log-log plot of
//! counts over ranks is biased where counts are small, just where it matters.
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

mod activity;
mod bent;
mod cells;
mod counts;
mod energy;
mod estimate;
mod forecast;
mod law;
mod population;
mod smoothing;
mod thinning;
mod unseen;
mod verdict;

use rand::Rng;
use serde::{Deserialize, Serialize};

use crate::FittingError;
use forecast::{Forecaster, PLAIN_FACTOR};

pub use activity::{ActivityFit, LocalExponent, WindowEnd};
pub use bent::BentLaw;
pub use counts::ActivationCounts;
pub use energy::{AlphaSource, Scaling};
pub use estimate::Estimate;
pub use forecast::{Forecast, Method, Prediction};
pub use law::ActivityLaw;
pub use thinning::thin_counts;
pub use unseen::Unseen;
pub use verdict::{Caveat, Regime, Verdict};

/// Features seen once below which intervals of the unseen carry a caveat.
const FEW_SINGLETONS: usize = 10;

/// What a diagnosis is asked for.
#[derive(Debug, Clone, PartialEq)]
pub struct DiagnosisOptions {
    /// The spectral exponent `α > 0`; estimated where absent.
    pub alpha: Option<f64>,
    /// Factors `t > 1` of the data to forecast.
    pub factors: Vec<f64>,
    /// The largest count the activity law is fitted to; chosen by the fit where absent.
    pub max_count: Option<u64>,
    /// Nominal level of all intervals.
    pub level: f64,
    /// Draws under the fitted law, for its intervals and p-values.
    pub resamples: usize,
}

impl Default for DiagnosisOptions {
    fn default() -> Self {
        Self { alpha: None, factors: vec![2.0, 4.0, 16.0], max_count: None, level: 0.95, resamples: 199 }
    }
}

/// What counts say of features seen and unseen.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Diagnosis {
    /// Samples `D`.
    pub samples: f64,
    /// Features seen, `S`.
    pub seen: usize,
    /// The interpolation threshold of a learner on these data, `min(S, D)` to leading order.
    pub threshold: f64,
    /// Activations per sample.
    pub total_activity: f64,
    /// Energy per sample, of seen and unseen features together (unbiased); 0 without second moments.
    pub total_energy: f64,
    /// What was never seen.
    pub unseen: Unseen,
    /// The activity law of rare features; none with fewer than 30 of them.
    pub activity: Option<ActivityFit>,
    /// Exponents of the loss, where there is a law.
    pub scaling: Option<Scaling>,
    /// What limits.
    pub regime: Regime,
    /// With twice the data.
    pub doubled: Forecast,
    /// One forecast per factor asked for, in that order.
    pub forecasts: Vec<Forecast>,
    /// What to be careful about.
    pub caveats: Vec<Caveat>,
}

/// Diagnoses counts.
///
/// The methods and their assumptions stand at the types of the results; features are taken to have fixed
/// activities and to be active independently. Cost: two parametric bootstraps, a few tenths of a second for any number
/// of features.
///
/// # Errors
/// `alpha` that is not finite and > 0; a factor that is not finite and > 1; a level outside (0, 1); fewer
/// resamples than 39 or than the tails of the level hold.
pub fn diagnose<R: Rng + ?Sized>(
    counts: &ActivationCounts,
    options: &DiagnosisOptions,
    rng: &mut R,
) -> Result<Diagnosis, FittingError> {
    check(options)?;
    let level = options.level;
    let fit = activity::fit_activity(counts, options, rng);
    let scaling = fit.as_ref().map(|fit| energy::scaling(counts, fit, options.alpha, level));
    let forecaster = Forecaster { counts, fit: fit.as_ref(), scaling: scaling.as_ref(), level };
    let forecasts = options.factors.iter().map(|&factor| forecaster.at(factor)).collect();
    let doubled = forecaster.at(PLAIN_FACTOR);
    Ok(Diagnosis {
        samples: counts.samples(),
        seen: counts.seen(),
        threshold: counts.samples().min(counts.seen() as f64),
        total_activity: counts.total_activity(),
        total_energy: if counts.has_second_moments() { counts.total_energy() } else { 0.0 },
        unseen: unseen::unseen(counts, level),
        regime: regime(counts, fit.as_ref()),
        caveats: caveats(counts, fit.as_ref()),
        activity: fit,
        scaling,
        doubled,
        forecasts,
    })
}

fn check(options: &DiagnosisOptions) -> Result<(), FittingError> {
    if let Some(alpha) = options.alpha.filter(|alpha| !(*alpha > 0.0 && alpha.is_finite())) {
        return Err(FittingError::Alpha(alpha));
    }
    if let Some(&factor) = options.factors.iter().find(|factor| !(**factor > 1.0 && factor.is_finite())) {
        return Err(FittingError::DataFactor(factor));
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

fn regime(counts: &ActivationCounts, fit: Option<&ActivityFit>) -> Regime {
    match fit {
        _ if counts.seen() as f64 >= counts.samples() => Regime::Samples,
        None => Regime::FewRareFeatures,
        Some(fit) if fit.beta.lower > 1.0 => Regime::RareFeatures,
        Some(_) => Regime::Undecided,
    }
}

fn caveats(counts: &ActivationCounts, fit: Option<&ActivityFit>) -> Vec<Caveat> {
    let mut caveats = Vec::new();
    let found = counts.with_count(1);
    if found < FEW_SINGLETONS {
        caveats.push(Caveat::FewSingletons { found });
    }
    let Some(fit) = fit else {
        caveats.push(Caveat::NoLaw);
        return caveats;
    };
    if fit.bends() {
        caveats.push(Caveat::LawBends { p_value: fit.single_law_p_value, max_count: fit.max_count });
    }
    if fit.p_value < 0.05 {
        caveats.push(Caveat::RareLawRejected { p_value: fit.p_value });
    }
    if activity::at_bound(fit) {
        caveats.push(Caveat::ExponentAtBound { beta: fit.beta.value });
    }
    caveats
}
