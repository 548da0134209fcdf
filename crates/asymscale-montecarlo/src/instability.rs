//! How often fixed-step gradient descent is unstable over random designs, also where that is rare.

use crate::memory::{self, Flag, Sizes};
use crate::{Estimate, MonteCarloError, replicates_at_most, wilson_interval};
use asymscale_dynamics::{is_unstable, is_unstable_with_features};
use asymscale_model::{ModelSize, SparseModel};
use asymscale_sampling::{Design, Key, LargeEntries};
use asymscale_theory::{expected_large_entries, instability_probability};
use serde::{Deserialize, Serialize};
use std::fmt;

/// How the probability of instability is estimated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum InstabilityMethod {
    /// Designs as they come, unstable ones counted: unbiased, useless for rare events.
    #[default]
    MonteCarlo,
    /// Designs with one large entry planted, weighted by `E[K]/K`: for rare events. Equations (56)
    /// and (57) of [`asymscale_theory::derivations`].
    ImportanceSampling,
}

impl fmt::Display for InstabilityMethod {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::MonteCarlo => "monte carlo",
            Self::ImportanceSampling => "importance sampling",
        })
    }
}

/// What to simulate: every field is a choice of the caller, none is hidden.
#[derive(Debug, Clone, PartialEq)]
pub struct InstabilitySettings {
    /// Number of training samples `D ≥ 1`.
    pub samples: usize,
    /// Step size `η > 0`.
    pub rate: f64,
    /// Number of random features `N ≥ 1`; drawn anew for every design where it is finite.
    pub features: ModelSize,
    /// Number of independent designs, at least 1.
    pub repeats: usize,
    /// How.
    pub method: InstabilityMethod,
    /// `ϑ` in (0, 1], for importance sampling: entries count as large if `x² > ϑ·2D/η`. Designs
    /// that are unstable without a large entry are missed: lower it until the estimate stays.
    pub threshold_share: f64,
    /// Seed of all streams.
    pub seed: u64,
    /// Number of the first replicate: `0..8` and `8..16` together are `0..16`.
    pub first: u64,
}

impl Default for InstabilitySettings {
    /// 1000 designs of 128 samples, step ½, infinitely many features, plain Monte Carlo, ϑ = ½,
    /// seed 1.
    fn default() -> Self {
        Self {
            samples: 128,
            rate: 0.5,
            features: ModelSize::Infinite,
            repeats: 1000,
            method: InstabilityMethod::default(),
            threshold_share: 0.5,
            seed: 1,
            first: 0,
        }
    }
}

/// An estimated probability of instability.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct InstabilityEstimate {
    /// `P(η λ_max > 2)`.
    pub probability: f64,
    /// Its standard error, from the designs; infinite for a single one.
    pub standard_error: f64,
    /// 95 % Wilson interval of the probability, conservative for importance sampling.
    pub interval: (f64, f64),
    /// `(Σw)²/Σw²` over the weights of the designs: how many unstable designs of equal weight tell
    /// as much. 0 if none was unstable.
    pub effective_samples: f64,
    /// Number of designs.
    pub repeats: usize,
    /// How it was estimated.
    pub method: InstabilityMethod,
}

/// Estimates the probability that full-batch gradient descent with step `η` is unstable:
/// `P(η λ_max > 2)`.
///
/// *Monte Carlo* counts unstable designs. *Importance sampling* plants one large entry,
/// `x² > ϑ·2D/η` at a rare coordinate, drawn from the intensity of such entries, in an independent
/// design; with `K` the number of large entries the design then has, the mean of
/// `1{unstable}·E[K]/K` is `P(unstable, K ≥ 1)` exactly (Mecke's formula), and its relative
/// variance per design, about `ϑ^{−(β−1)/(β−1−α)} − 1`, stays bounded however rare the event. It
/// misses unstable designs without a large entry: estimates at `ϑ = 0.5` and `0.8` should agree.
///
/// Cost per design: a draw and, mostly, a few passes over its entries. Runs on the current rayon
/// pool; the result does not depend on its size.
///
/// # Errors
/// [`MonteCarloError`] naming the setting and its allowed range, before any design is drawn;
/// importance sampling needs a power law with `β > 1 + α`
/// ([`TheoryError::RareNotLarge`](asymscale_theory::TheoryError)).
///
/// ```
/// use asymscale_model::SparseModel;
/// use asymscale_montecarlo::{InstabilityMethod, InstabilitySettings, simulate_instability};
/// use asymscale_theory::instability_probability;
/// let model = SparseModel::power_law(1.0, 2.5, 1.0)?;
/// let settings = InstabilitySettings {
///     samples: 256, rate: 0.3, repeats: 400, method: InstabilityMethod::ImportanceSampling, ..Default::default()
/// };
/// let estimate = simulate_instability(&model, &settings)?;
/// let law = instability_probability(&model, 256.0, 0.3)?; // 5e-7
/// assert!((estimate.probability - law).abs() < 5.0 * estimate.standard_error + 0.1 * law);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn simulate_instability(
    model: &SparseModel,
    settings: &InstabilitySettings,
) -> Result<InstabilityEstimate, MonteCarloError> {
    check(model, settings)?;
    let together = check_memory(model, settings)?;
    let key = Key::new(settings.seed).label("instability");
    let level = settings.threshold_share * 2.0 * settings.samples as f64 / settings.rate;
    let (scale, large) = match settings.method {
        InstabilityMethod::MonteCarlo => (1.0, None),
        InstabilityMethod::ImportanceSampling => (
            expected_large_entries(model, settings.samples as f64, level)?,
            Some(LargeEntries::new(model, settings.samples, level)?),
        ),
    };
    let shares =
        replicates_at_most(&key, (settings.first, settings.repeats), together, |_, key| {
            share(model, settings, large.as_ref(), &key)
        })?;
    Ok(estimate(&shares, scale, settings.method))
}

/// Probabilities from here on are no rare events: the weights of importance sampling would scatter
/// more than plain designs do.
const RARE: f64 = 0.1;

/// Importance sampling where plain Monte Carlo would see fewer than 100 unstable designs and fewer
/// than one in ten, by the diagonal law, and rare coordinates are large; with finitely many
/// features, which can be unstable without a large entry, never.
///
/// # Errors
/// As [`instability_probability`].
pub fn suggested_method(
    model: &SparseModel,
    settings: &InstabilitySettings,
) -> Result<InstabilityMethod, MonteCarloError> {
    let samples = settings.samples as f64;
    let probability = instability_probability(model, samples, settings.rate)?;
    let rare = probability < RARE && probability * (settings.repeats as f64) < 100.0;
    let level = settings.threshold_share * 2.0 * samples / settings.rate;
    let applicable = expected_large_entries(model, samples, level)
        .is_ok_and(|entries| entries > 0.0)
        && LargeEntries::new(model, settings.samples, level).is_ok();
    Ok(if rare && applicable && settings.features.is_infinite() {
        InstabilityMethod::ImportanceSampling
    } else {
        InstabilityMethod::MonteCarlo
    })
}

fn check(model: &SparseModel, settings: &InstabilitySettings) -> Result<(), MonteCarloError> {
    if settings.repeats == 0 {
        return Err(MonteCarloError::Repeats(0));
    }
    if settings.features == ModelSize::Finite(0) {
        return Err(MonteCarloError::Features(0));
    }
    let share = settings.threshold_share;
    if !(share > 0.0 && share <= 1.0) {
        return Err(MonteCarloError::ThresholdShare(share));
    }
    // Refuses samples and rates out of range.
    instability_probability(model, settings.samples as f64, settings.rate)?;
    Ok(())
}

/// How many designs may be treated side by side; an error if not even one.
fn check_memory(
    model: &SparseModel,
    settings: &InstabilitySettings,
) -> Result<usize, MonteCarloError> {
    let flag = |name, value| Flag { name, value };
    let mut flags =
        vec![flag("repeats", settings.repeats as f64), flag("samples", settings.samples as f64)];
    flags.push(flag("features", settings.features.finite().unwrap_or(1) as f64));
    flags.extend(memory::onset(model).map(|onset| flag("onset", onset)));
    let parts = |values: &[f64]| {
        let model =
            values.get(3).map_or_else(|| model.clone(), |onset| memory::with_onset(model, *onset));
        let sizes = Sizes::of(&model, values[1]);
        let smaller = sizes.rank().min(4096.0);
        let drawn =
            if settings.features.is_infinite() { 0.0 } else { values[2] * (sizes.seen + 2.0) };
        // A share, once more while they are collected; vectors of a Lanczos basis; a factor on the
        // smaller side.
        let vectors = 200.0 * (sizes.samples + sizes.seen) + 3.0 * smaller * smaller;
        (56.0 * values[0], sizes.design() + 8.0 * (drawn + vectors))
    };
    memory::fits(&flags, parts)
}

/// The weight of one design, in units of `E[K]`: 1 (or `1/K`) if it is unstable, 0 if not.
fn share(
    model: &SparseModel,
    settings: &InstabilitySettings,
    large: Option<&LargeEntries<'_>>,
    key: &Key,
) -> Result<f64, MonteCarloError> {
    let design = Design::sample(model, settings.samples, &mut key.label("design").stream())?;
    let (design, weight) = match large {
        None => (design, 1.0),
        Some(large) => {
            let entry = large.sample(&mut key.label("entry").stream());
            let design = design.with_entry(model, entry)?;
            let count = large.count(&design);
            (design, 1.0 / count.max(1) as f64)
        }
    };
    let unstable = match settings.features {
        ModelSize::Infinite => is_unstable(&design, settings.rate)?,
        ModelSize::Finite(n) => {
            is_unstable_with_features(&design, settings.rate, n, &key.label("features"))?
        }
    };
    Ok(if unstable { weight } else { 0.0 })
}

fn estimate(shares: &[f64], scale: f64, method: InstabilityMethod) -> InstabilityEstimate {
    let Estimate { mean, standard_error, count } = Estimate::of(shares);
    let sum: f64 = shares.iter().sum();
    let squares: f64 = shares.iter().map(|w| w * w).sum();
    let (low, high) = wilson_interval(sum, count as f64, 0.95);
    InstabilityEstimate {
        probability: scale * mean,
        standard_error: scale * standard_error,
        interval: ((scale * low).min(1.0), (scale * high).min(1.0)),
        effective_samples: if sum > 0.0 { sum * sum / squares } else { 0.0 },
        repeats: count,
        method,
    }
}
