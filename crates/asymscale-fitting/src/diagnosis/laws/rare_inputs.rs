//! For how many epochs inputs have something to teach: the laws of rare inputs that this depends
//! on, and a number that follows from them with its interval.
//!
//! This file fits the laws. What follows from them (the loss over epochs) is theory, which it must
//! not know: it is given as a function.

use serde::{Deserialize, Serialize};
use statrs::function::gamma::gamma;

use crate::diagnosis::counts::{ActivationCounts, CountGroup};
use crate::diagnosis::estimate::{Estimate, deviation, normal_quantile};
use crate::diagnosis::gamma_ratios::ln_gamma_ratio;
use crate::diagnosis::laws::activity_fit::ActivityFit;
use crate::diagnosis::laws::power_law::ActivityLaw;
use crate::diagnosis::laws::power_law_cells::minimum;

/// Activations beyond which a feature says no more of the law of energies: features scatter about
/// it, by a quarter each.
const ENOUGH: f64 = 16.0;

/// The laws of rare inputs: `p_i = (c/i)^β`, and the mean square `a²(p) = A p^g` of a feature of
/// activity `p` where it is active.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct RareInputs {
    /// Samples `D`.
    pub samples: f64,
    /// `β > 1`.
    pub beta: f64,
    /// `c > 0`.
    pub onset: f64,
    /// `A > 0`.
    pub scale: f64,
    /// `g = (1+α)/β − 1`.
    pub power: f64,
}

impl RareInputs {
    /// The laws of counts whose activity law was fitted: `A` and `g` from second moments, by the
    /// quasi-likelihood of energies.
    ///
    /// Energies `S` of features with count `k` have mean `A k E(p^g | k)`, in which
    /// `E(p^g | k) ≈ D^{−g} Γ(k−a+g)/Γ(k−a)`, `a = 1/β`: rare features are on average rarer than
    /// `k/D`. Features weigh `1/(1/k + 1/16)`. Without second moments `A = 1` and `g = 0`.
    ///
    /// `None` where the fitted law is not one of infinitely many features with finite activity and
    /// variance, `β > 1` and `α > 0`.
    ///
    /// ```
    /// use asymscale_fitting::diagnosis::{
    ///     ActivationCounts, ActivityLaw, DiagnosisOptions, RareInputs, diagnose,
    /// };
    /// use rand_xoshiro::{Xoshiro256PlusPlus, rand_core::SeedableRng};
    /// // As many features active k times in 10 000 samples as a law leads to expect, of energy 1.
    /// let law = ActivityLaw { beta: 2.0, onset: 100.0 };
    /// let active = |k: u64| law.features_between(1e4, k as f64 - 1.0, k as f64).round() as usize;
    /// let counts: Vec<u64> = (1..500).flat_map(|k| std::iter::repeat_n(k, active(k))).collect();
    /// let counts = ActivationCounts::new(&counts, 10_000)?;
    /// let rng = &mut Xoshiro256PlusPlus::seed_from_u64(1);
    /// let diagnosis = diagnose(&counts, &DiagnosisOptions::default(), rng)?;
    /// let inputs = RareInputs::fitted(&counts, diagnosis.activity.as_ref().unwrap()).unwrap();
    /// assert!((inputs.beta - 2.0).abs() < 0.1 && (inputs.scale, inputs.power) == (1.0, 0.0));
    /// # Ok::<(), asymscale_fitting::FittingError>(())
    /// ```
    pub fn fitted(counts: &ActivationCounts, fit: &ActivityFit) -> Option<Self> {
        Laws { counts, fit }.at(fit.law().inverse(), None).map(|laws| laws.0)
    }

    /// `a²(1/D)`: the mean square of a feature that one sample shows, where it is active.
    pub fn energy_of_rarest(&self) -> f64 {
        self.scale * self.samples.powf(-self.power)
    }

    /// `α`.
    pub fn alpha(&self) -> f64 {
        self.beta * (1.0 + self.power) - 1.0
    }
}

/// A number of epochs that follows from the laws of rare inputs, with its interval: `epochs` says
/// which. It must be inversely proportional to `A`, as every number of epochs at one step size is,
/// and be above 0; `None` where it is not known.
///
/// The interval is normal in the logarithm of the number. It adds the errors of `1/β` (with `g`,
/// `A` and the onset fitted again), of `g` (with `A` fitted again) and of `A`; those of the last
/// two are from squared residuals, so that energies may be as heavy-tailed as they like within
/// their fourth moments.
///
/// `None` where the laws are not known ([`RareInputs::fitted`]) or `epochs` is not there. Cost:
/// five values of `epochs`.
///
/// **Measured**, designs of eight models (`α` from 0.5 to 2, `β` from 1.2 to 2.4, both amplitudes)
/// of 256 to 8192 samples: what the limit of many samples says of the true laws was in its nominal
/// 95 % interval in 198 of 218, 0.91; a prediction by theory at the fitted laws was right to a
/// factor of 1.08 in half of 42, and of 1.4 in nine of ten. With 256 samples and a few dozen
/// features it may be off by a factor of 2. `tests/suite/epochs.rs`.
///
/// ```
/// use asymscale_fitting::diagnosis::{
///     ActivationCounts, ActivityLaw, DiagnosisOptions, diagnose, epochs_of_inputs,
/// };
/// use rand_xoshiro::{Xoshiro256PlusPlus, rand_core::SeedableRng};
/// let law = ActivityLaw { beta: 2.0, onset: 100.0 };
/// let active = |k: u64| law.features_between(1e4, k as f64 - 1.0, k as f64).round() as usize;
/// let counts: Vec<u64> = (1..500).flat_map(|k| std::iter::repeat_n(k, active(k))).collect();
/// let counts = ActivationCounts::new(&counts, 10_000)?;
/// let rng = &mut Xoshiro256PlusPlus::seed_from_u64(1);
/// let diagnosis = diagnose(&counts, &DiagnosisOptions::default(), rng)?;
/// // A feature that one sample shows is learned after about 1/(η a²(1/D)) epochs.
/// let rate = 0.01;
/// let unit = |inputs: &asymscale_fitting::diagnosis::RareInputs| {
///     Some(1.0 / (rate * inputs.energy_of_rarest()))
/// };
/// let epochs = epochs_of_inputs(&counts, diagnosis.activity.as_ref().unwrap(), 0.95, unit).unwrap();
/// assert!((epochs.value - 100.0).abs() < 1e-9); // every activation has energy 1
/// # Ok::<(), asymscale_fitting::FittingError>(())
/// ```
pub fn epochs_of_inputs(
    counts: &ActivationCounts,
    fit: &ActivityFit,
    level: f64,
    epochs: impl Fn(&RareInputs) -> Option<f64>,
) -> Option<Estimate> {
    let laws = Laws { counts, fit };
    let (a, spread) = (fit.law().inverse(), deviation(fit.draws.iter().map(ActivityLaw::inverse)));
    let (inputs, errors) = laws.at(a, None)?;
    let value = epochs(&inputs)?;
    let distance = |moved: Option<(RareInputs, Errors)>| {
        moved.and_then(|moved| epochs(&moved.0)).map(|moved| (moved / value).ln().abs())
    };
    let error = |ends: [Option<(RareInputs, Errors)>; 2]| {
        let known: Vec<f64> = ends.into_iter().filter_map(distance).collect();
        if known.is_empty() {
            f64::INFINITY
        } else {
            known.iter().sum::<f64>() / known.len() as f64
        }
    };
    let of_activity = if spread > 0.0 {
        error([-1.0, 1.0].map(|side| laws.at(a + side * spread, None)))
    } else {
        0.0
    };
    let of_power = if errors.power > 0.0 {
        error([-1.0, 1.0].map(|side| laws.at(a, Some(inputs.power + side * errors.power))))
    } else {
        0.0
    };
    let squares = of_activity.powi(2) + of_power.powi(2) + errors.log_scale.powi(2);
    let reach = (normal_quantile(level) * squares.sqrt()).exp();
    Some(Estimate { value, lower: value / reach, upper: value * reach })
}

/// Standard errors of `g`, and of `ln A` at a given `g`.
#[derive(Debug, Clone, Copy)]
struct Errors {
    power: f64,
    log_scale: f64,
}

struct Laws<'a> {
    counts: &'a ActivationCounts,
    fit: &'a ActivityFit,
}

impl Laws<'_> {
    /// The laws with `a = 1/β` given, and `g` where it is given too.
    fn at(&self, a: f64, power: Option<f64>) -> Option<(RareInputs, Errors)> {
        if !(a > 0.0 && a < 1.0) {
            return None;
        }
        let (power, scale, errors) = if self.counts.has_second_moments() {
            self.energies(a, power)
        } else {
            (0.0, 1.0, Errors { power: 0.0, log_scale: 0.0 })
        };
        let onset =
            self.fit.onset.value * self.of_onset(self.fit.law().inverse()) / self.of_onset(a);
        let samples = self.counts.units();
        let inputs = RareInputs { samples, beta: a.recip(), onset, scale, power };
        let known = inputs.alpha() > 0.0 && scale > 0.0 && scale.is_finite();
        known.then_some((inputs, errors))
    }

    /// What the number of features seen is in units of the onset.
    fn of_onset(&self, a: f64) -> f64 {
        gamma(1.0 - a) * ln_gamma_ratio(self.counts.units() + 1.0, a).exp()
    }

    /// Counts in the window of the activity law, their weights and features.
    fn groups(&self) -> impl Iterator<Item = (f64, f64, CountGroup)> + '_ {
        let groups = self.counts.groups_to(self.fit.max_count);
        groups.map(|(count, group)| {
            let k = count as f64;
            (k, (k.recip() + ENOUGH.recip()).recip(), group)
        })
    }

    /// `g`, `A` and their errors.
    fn energies(&self, a: f64, power: Option<f64>) -> (f64, f64, Errors) {
        let log_mean = |k: f64, g: f64| ln_gamma_ratio(k - a + g, g);
        let weight: f64 = self.groups().map(|(_, weight, group)| weight * group.features).sum();
        let front = |g: f64| {
            let ratio = |(k, weight, group): (f64, f64, CountGroup)| {
                weight * group.energy / (k * log_mean(k, g).exp())
            };
            self.groups().map(ratio).sum::<f64>() / weight
        };
        let objective = |g: f64| {
            let logs = |(k, weight, group): (f64, f64, CountGroup)| {
                weight * group.features * log_mean(k, g)
            };
            weight * front(g).ln() + self.groups().map(logs).sum::<f64>()
        };
        let g = power.unwrap_or_else(|| minimum(objective, a - 1.0 + 1e-3, a + 6.0));
        let front = front(g);
        let step = 1e-4;
        let slope = |k: f64| (log_mean(k, g + step) - log_mean(k, g - step)) / (2.0 * step);
        let center =
            self.groups().map(|(k, w, group)| w * group.features * slope(k)).sum::<f64>() / weight;
        let (mut information, mut of_power, mut of_scale) = (0.0, 0.0, 0.0);
        for (k, weight, group) in self.groups() {
            let (mean, lever) = (front * k * log_mean(k, g).exp(), slope(k) - center);
            let left = group.square / (mean * mean) - 2.0 * group.energy / mean + group.features;
            information += weight * group.features * lever * lever;
            of_power += weight * weight * left * lever * lever;
            of_scale += weight * weight * left;
        }
        let errors =
            Errors { power: of_power.sqrt() / information, log_scale: of_scale.sqrt() / weight };
        // In units of activity: p = k/D.
        (g, front * self.counts.units().powf(g), errors)
    }
}
