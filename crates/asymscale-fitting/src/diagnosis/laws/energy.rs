//! The exponents of the loss: how the energy of features falls with their activity.

use serde::{Deserialize, Serialize};

use super::activity_fit::ActivityFit;
use super::power_law::ActivityLaw;
use super::power_law_cells::minimum;
use crate::diagnosis::counts::ActivationCounts;
use crate::diagnosis::estimate::{Estimate, deviation, normal_quantile};
use crate::diagnosis::gamma_ratios::ln_gamma_ratio;

/// What the fitted law says of the loss of a learner on such data.
///
/// **From second moments.** The energy law `λ_i ∝ i^{−(1+α)}` makes the energy of an activation
/// `λ_i/p_i ∝ p^g`, `g = (1+α)/β − 1`, and over features with count `k` its mean is
/// `∝ Γ(k−a+g)/Γ(k−a)`: neither ranks nor their noise enter. `g` is the gamma quasi-likelihood
/// estimate over the features of the window, its error from the squared residuals (sandwich), so
/// energies may be as heavy-tailed as they like within their second moments. Then `α/β = 1 + g − a`
/// and `α = β(1 + g) − 1`; the error of `a` enters through both, `g` fitted again.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Scaling {
    /// `α`: the loss falls as `N^{−α}` in features once data are plenty.
    pub features_exponent: Estimate,
    /// `α/β` for `β > 1`: the loss falls as `D^{−α/β}` in samples once features are plenty (`α` for
    /// `β ≤ 1`).
    pub samples_exponent: Estimate,
    /// Where `α` comes from.
    pub source: AlphaSource,
}

impl Scaling {
    /// The power of its rate with which the energy of a feature's activation grows,
    /// `g = α/β − 1 + 1/β`, and half of its interval; `None` without second moments.
    pub(crate) fn energy_power(&self) -> Option<(f64, f64)> {
        if self.source != AlphaSource::SecondMoments {
            return None;
        }
        let inverse = self.samples_exponent.value / self.features_exponent.value;
        let half = 0.5 * (self.samples_exponent.upper - self.samples_exponent.lower);
        Some((self.samples_exponent.value - 1.0 + inverse, half))
    }
}

/// Where the spectral exponent comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AlphaSource {
    /// The caller gave it.
    Given,
    /// Estimated from second moments.
    SecondMoments,
    /// Counts alone: every activation has energy 1, so `λ_i = p_i` and `1 + α = β`.
    BinaryActivations,
}

/// The exponents that [`Scaling`] describes, from a fitted activity law and a given or estimated
/// `α`.
pub(crate) fn scaling(
    counts: &ActivationCounts,
    fit: &ActivityFit,
    alpha: Option<f64>,
    level: f64,
) -> Scaling {
    let beta = fit.beta;
    if let Some(alpha) = alpha {
        let exact = Estimate { value: alpha, lower: alpha, upper: alpha };
        let samples_exponent = Estimate {
            value: alpha / beta.value,
            lower: alpha / beta.upper,
            upper: alpha / beta.lower,
        };
        return Scaling { features_exponent: exact, samples_exponent, source: AlphaSource::Given };
    }
    if !counts.has_second_moments() {
        return Scaling {
            features_exponent: beta.map(|beta| beta - 1.0),
            samples_exponent: beta.map(|beta| 1.0 - beta.recip()),
            source: AlphaSource::BinaryActivations,
        };
    }
    from_second_moments(counts, fit, level)
}

/// `g` of `λ_i/p_i ∝ p^g`, and its variance, the activity law given.
pub(crate) fn power(counts: &ActivationCounts, fit: &ActivityFit) -> (f64, f64) {
    Energies { counts, max_count: fit.max_count }.fit(fit.law().inverse())
}

fn from_second_moments(counts: &ActivationCounts, fit: &ActivityFit, level: f64) -> Scaling {
    let energies = Energies { counts, max_count: fit.max_count };
    let a = fit.law().inverse();
    let (g, variance) = energies.fit(a);
    let spread = deviation(fit.draws.iter().map(ActivityLaw::inverse));
    // dg/da, over a distance of half a standard error.
    let step = (0.5 * spread).max(1e-4);
    let slope = (energies.fit(a + step).0 - energies.fit(a - step).0) / (2.0 * step);
    let (exponent, z) = (1.0 + g - a, normal_quantile(level));
    let by_a = slope - 1.0;
    let of_samples = z * (variance + (by_a * spread).powi(2)).sqrt();
    let of_features =
        z * (variance / (a * a) + ((by_a / a - exponent / (a * a)) * spread).powi(2)).sqrt();
    Scaling {
        features_exponent: Estimate::symmetric(exponent / a, of_features),
        samples_exponent: Estimate::symmetric(exponent, of_samples),
        source: AlphaSource::SecondMoments,
    }
}

/// Counts over which the energy of an activation is compared.
const RARE: u64 = 16;

/// A weighted line through the logarithms of mean energies of an activation over those of rates.
struct Line {
    slope: f64,
    slope_error: f64,
    /// The slope of a line through the logarithms of counts at the same places.
    of_counts: f64,
    /// At a rate of 1: an activation in all of the data.
    at_one: f64,
    at_one_error: f64,
}

/// Over counts 1 to 16, each at the rate it stands for: what makes `k − ½` of the units active in
/// expectation. `None` with fewer than three counts that hold five features.
fn line(counts: &ActivationCounts) -> Option<Line> {
    let points = counts.groups_to(RARE).filter_map(|(k, group)| {
        let mean = group.energy / group.features;
        let variance =
            (group.square / group.features - mean * mean) / (group.features - 1.0) / (mean * mean);
        let rate = -counts.units() * (-(k as f64 - 0.5) / counts.units()).ln_1p();
        // A count that few features have says little of the spread of their energies.
        let enough = group.features >= 5.0 && mean > 0.0 && rate.is_finite();
        let weight = variance.max(1e-3 / group.features).recip();
        enough.then(|| (rate.ln(), (mean / k as f64).ln(), weight, (k as f64).ln()))
    });
    let points: Vec<(f64, f64, f64, f64)> = points.collect();
    if points.len() < 3 {
        return None;
    }
    let weight: f64 = points.iter().map(|point| point.2).sum();
    let mean = |of: fn(&(f64, f64, f64, f64)) -> f64| {
        points.iter().map(|p| p.2 * of(p)).sum::<f64>() / weight
    };
    let (x, y) = (mean(|p| p.0), mean(|p| p.1));
    let spread: f64 = points.iter().map(|p| p.2 * (p.0 - x).powi(2)).sum();
    let slope = points.iter().map(|p| p.2 * (p.0 - x) * (p.1 - y)).sum::<f64>() / spread;
    let of_counts = points.iter().map(|p| p.2 * (p.0 - x) * p.3).sum::<f64>() / spread;
    // The residual scatter about the line, where it is larger than expected by chance.
    let left: f64 = points.iter().map(|p| p.2 * (p.1 - y - slope * (p.0 - x)).powi(2)).sum();
    let excess = (left / (points.len() as f64 - 2.0)).max(1.0);
    Some(Line {
        slope,
        slope_error: (excess / spread).sqrt(),
        of_counts,
        at_one: y - slope * x,
        at_one_error: (excess * (weight.recip() + x * x / spread)).sqrt(),
    })
}

/// The power of its rate with which the energy of a feature's activation grows, and its standard
/// error.
pub(crate) fn energy_power(counts: &ActivationCounts) -> (f64, f64) {
    line(counts).map_or((0.0, 0.0), |line| (line.slope, line.slope_error))
}

/// Whether the energy of an activation falls as one over the count beyond doubt, as it does when
/// means over the samples in which a feature is active were given as means over all samples.
pub(crate) fn falls_with_count(counts: &ActivationCounts) -> bool {
    line(counts).is_some_and(|line| {
        let power = line.slope / line.of_counts;
        power < -0.75 && power < -4.0 * line.slope_error / line.of_counts
    })
}

/// The mean energy of an activation of features that are active once in all of the data, and the
/// standard error of its logarithm.
pub(crate) fn energy_of_rarest(counts: &ActivationCounts) -> Option<(f64, f64)> {
    if !counts.has_second_moments() {
        return Some((1.0, 0.0));
    }
    line(counts).map(|line| (line.at_one.exp(), line.at_one_error))
}

/// Energies of the features in a window of counts.
struct Energies<'a> {
    counts: &'a ActivationCounts,
    max_count: u64,
}

impl Energies<'_> {
    /// `g` and its variance, `a` given.
    fn fit(&self, a: f64) -> (f64, f64) {
        // α > 0 is g > a − 1; the upper end is α/β = 7.
        let g = minimum(|g| self.objective(a, g), a - 1.0 + 1e-3, a + 6.0);
        let step = 1e-3;
        let at = |g: f64| self.objective(a, g);
        let curvature = (at(g + step) - 2.0 * at(g) + at(g - step)) / (step * step);
        (g, self.score_variance(a, g) / (curvature * curvature))
    }

    /// `n ln C + Σ ln ν_k`, `C` the mean of `S/(k ν_k)`: minus the quasi-likelihood up to a
    /// constant.
    fn objective(&self, a: f64, g: f64) -> f64 {
        let (mut features, mut ratio, mut logs) = (0.0, 0.0, 0.0);
        for (count, group) in self.counts.groups_to(self.max_count) {
            let log = ln_mean(count as f64, a, g);
            features += group.features;
            ratio += group.energy / (count as f64 * log.exp());
            logs += group.features * log;
        }
        features * (ratio / features).ln() + logs
    }

    /// `Σ r² d²`, `r = S/μ − 1`, `d` the centred derivative of `ln ν_k` by `g`.
    fn score_variance(&self, a: f64, g: f64) -> f64 {
        let step = 1e-4;
        let derivative =
            |k: f64| (ln_mean(k, a, g + step) - ln_mean(k, a, g - step)) / (2.0 * step);
        let groups =
            || self.counts.groups_to(self.max_count).map(|(count, group)| (count as f64, group));
        let features: f64 = groups().map(|(_, group)| group.features).sum();
        let center =
            groups().map(|(k, group)| group.features * derivative(k)).sum::<f64>() / features;
        let ratio = |k: f64| k * ln_mean(k, a, g).exp();
        let scale = groups().map(|(k, group)| group.energy / ratio(k)).sum::<f64>() / features;
        let term = |(k, group): (f64, crate::diagnosis::counts::CountGroup)| {
            let mean = scale * ratio(k);
            let squares = group.square / (mean * mean) - 2.0 * group.energy / mean + group.features;
            (derivative(k) - center).powi(2) * squares
        };
        groups().map(term).sum()
    }
}

/// `ln Γ(k−a+g)/Γ(k−a)`: the mean energy of an activation at count `k`, up to a factor.
fn ln_mean(k: f64, a: f64, g: f64) -> f64 {
    ln_gamma_ratio(k - a + g, g)
}
