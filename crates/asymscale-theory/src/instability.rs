//! How likely fixed-step gradient descent is to be unstable, at infinitely many features.
//!
//! Full-batch descent with step `η` on `D` samples diverges if and only if `η λ_max(XᵀX/D) > 2`.
//! The largest eigenvalue is at least the largest diagonal entry `a_i² χ_{k_i}/D`, and where rare
//! coordinates are large it is hardly more: this is the **diagonal law**, equation (52) of
//! [`derivations`](crate::derivations). When `β > 1 + α`, one activation of a rare enough
//! coordinate makes the step unstable, and the expected number of these gives a power law, the
//! **asymptote** (54).

pub(crate) mod binomial;
pub(crate) mod chi_square;
pub(crate) mod exceedance;
pub(crate) mod sums;

use crate::TheoryError;
use crate::instability::sums::ExceedanceSum;
use asymscale_model::{Amplitude, RareLaw, SparseModel, is_rate, power_sum};
use serde::Serialize;
use statrs::function::gamma::ln_gamma;

/// The diagonal law `P = 1 − Π_i P(a_i² χ_{k_i} ≤ 2D/η)`, `k_i ~ Binomial(D, p_i)`, `χ_k` a sum of
/// `k` terms `z²`: equation (52) of [`derivations`](crate::derivations).
///
/// The probability that some diagonal entry of `XᵀX/D` exceeds `2/η`; a lower bound of the
/// probability that gradient descent with step `rate` is unstable, and its leading order where it
/// is small. It is not computed as 1 minus a probability, so that its relative accuracy is 1e-7
/// down to 1e-300, at any number of samples; below it is 0. It is exact for coordinates that are
/// always active, `k_i = D`. `M` may be infinite. Cost: about a millisecond.
///
/// # Errors
/// [`TheoryError::WholeSamples`] unless `samples` is a whole number in 1..9e15,
/// [`TheoryError::Rate`] unless `rate` is in `1e-100..=1e30`, [`TheoryError::OneHot`].
///
/// ```
/// use asymscale_model::{Amplitude, SparseModel};
/// use asymscale_theory::instability_probability;
/// let model = SparseModel::power_law(0.5, 2.5, 1.0)?.with_amplitude(Amplitude::Rademacher);
/// // a_i² = i: one activation of coordinate 129 or a later one exceeds 2D/η = 128.
/// let at_least = 1.0 - (-32.0 * asymscale_model::power_sum(2.5, 129.0, f64::INFINITY)).exp();
/// let probability = instability_probability(&model, 32.0, 0.5)?;
/// assert!(probability > at_least && probability < 1.01 * at_least);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn instability_probability(
    model: &SparseModel,
    samples: f64,
    rate: f64,
) -> Result<f64, TheoryError> {
    check(model, samples, rate)?;
    let log_survival = -ExceedanceSum::new(model, samples, 2.0 * samples / rate).sum();
    Ok(-log_survival.exp_m1())
}

/// The diagonal law with its first correction, equation (55) of
/// [`derivations`](crate::derivations): since a sample with one large entry has other entries too,
/// rare coordinates need only `a_i² χ_{k_i} > (2D/η)(1 − s/D)`, `s = Σ_j λ_j/(2/η − λ_j)`.
/// Coordinates that are always active keep the plain level. Simulated for α = 0.5 … 1, β = 2.5 … 3,
/// c = 1, η = 0.3 … 1.2, both amplitudes: for `D = 128` and 512 all 48 points within 2.5 standard
/// errors (0.4 %; the plain law is up to 7 off); for `D = 32` off by up to 2 % at `η ≤ 0.5`, and
/// low by up to 20 % at `η ≥ 1`, where the first coordinate is nearly unstable by itself. It is a
/// correction only while `s/D ≪ 1`.
///
/// # Errors
/// As [`instability_probability`]; [`TheoryError::RateBeyondHead`] for `η ≥ 2/λ_1`;
/// [`TheoryError::WholeSamples`] for `D ≤ s`, where the expansion fails.
///
/// ```
/// use asymscale_model::SparseModel;
/// use asymscale_theory::{corrected_instability_probability, instability_probability};
/// let model = SparseModel::power_law(0.5, 2.5, 1.0)?;
/// let plain = instability_probability(&model, 128.0, 0.5)?;
/// let corrected = corrected_instability_probability(&model, 128.0, 0.5)?;
/// assert!(corrected > 1.005 * plain && corrected < 1.02 * plain);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn corrected_instability_probability(
    model: &SparseModel,
    samples: f64,
    rate: f64,
) -> Result<f64, TheoryError> {
    check(model, samples, rate)?;
    let limit = 2.0 / model.largest_eigenvalue();
    if rate >= limit {
        return Err(TheoryError::RateBeyondHead { rate, limit });
    }
    let share = head_resolvent(model, rate) / samples;
    if share >= 1.0 {
        return Err(TheoryError::WholeSamples(samples));
    }
    let level = 2.0 * samples / rate;
    let sum = ExceedanceSum::new(model, samples, level * (1.0 - share)).with_head_level(level);
    Ok(-(-sum.sum()).exp_m1())
}

/// `Σ_j λ_j/(2/η − λ_j)`: the first coordinate by itself, the others as
/// `Σ_m (η/2)^m Σ_{j ≥ 2} λ_j^m`, a series in at most `2^{−(1+α)}`.
fn head_resolvent(model: &SparseModel, rate: f64) -> f64 {
    let one = |variance: f64| variance / (2.0 / rate - variance);
    let end = model.coordinates().as_f64() + 1.0;
    let first = model.listed().max(1) as f64 + 1.0;
    let listed = (1..first as usize).rev().map(|i| one(model.eigenvalue(i as f64)));
    let (mut sum, mut order) = (listed.sum::<f64>(), 1.0);
    let Some(law) = model.spectrum().tail() else { return sum };
    let half = (0.5 * rate).ln() + law.log_front;
    loop {
        let add = (order * half + power_sum(order * law.exponent, first, end).ln()).exp();
        sum += add;
        // A geometric rest of ratio at most a half.
        if add < 1e-13 * sum {
            return sum;
        }
        order += 1.0;
    }
}

/// `E[K]`: the expected number of entries of a design that exceed `level` in square,
/// `D Σ p_i P(a_i² z² > level)` over the rare coordinates (`p_i < 1` beyond the onset): equation
/// (53) of [`derivations`](crate::derivations).
///
/// Relative accuracy 1e-7. With `level = ϑ·2D/η` it is the normalisation of importance sampling,
/// equation (56). Cost: some ms.
///
/// # Errors
/// As [`instability_probability`]; [`TheoryError::RareNotLarge`] unless the activity is a power law
/// with `β > 1 + α`.
///
/// ```
/// use asymscale_model::{Amplitude, SparseModel, power_sum};
/// use asymscale_theory::expected_large_entries;
/// let model = SparseModel::power_law(1.0, 3.0, 1.0)?.with_amplitude(Amplitude::Rademacher);
/// // a_i² = i.
/// let expected = 10.0 * power_sum(3.0, 51.0, f64::INFINITY);
/// assert!((expected_large_entries(&model, 10.0, 50.0)? / expected - 1.0).abs() < 1e-12);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn expected_large_entries(
    model: &SparseModel,
    samples: f64,
    level: f64,
) -> Result<f64, TheoryError> {
    check(model, samples, level)?;
    rare_and_large(model)?;
    Ok(samples * ExceedanceSum::of_entries(model, level).sum())
}

/// The power law of the instability, and how far it may be trusted.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct InstabilityAsymptote {
    /// `1 − e^{−Λ}`.
    pub probability: f64,
    /// `Λ = c^β D i*^{1−β} E|z|^q/(β − 1)`, `q = 2(β − 1)/(β − 1 − α)`: the expected number of
    /// entries large enough.
    pub events: f64,
    /// `i* = (2 c^β D/η)^{1/(β−1−α)}`: the coordinate of which a single activation is large enough.
    pub index: f64,
    /// `i*/(c D^{1/β})`, how far that is beyond the coordinates that are usually seen. It must be
    /// large. That is not enough: for `β` near `1 + α` it is huge, while large deviations of the
    /// first coordinates are still more likely.
    pub separation: f64,
    /// The diagonal law over the asymptote: 1 where the asymptote may be trusted, NaN where both
    /// are below the range of floats.
    pub ratio: f64,
    /// `Λ ∝ D^samples_exponent`: `−α/(β − 1 − α)`.
    pub samples_exponent: f64,
    /// `Λ ∝ η^rate_exponent`: `(β − 1)/(β − 1 − α)`.
    pub rate_exponent: f64,
}

/// The asymptote `P ≈ 1 − e^{−Λ}` for `β > 1 + α`, `M = ∞` and `η < 2/λ_1 = 2`: equation (54) of
/// [`derivations`](crate::derivations).
///
/// It is the leading order for many samples, where the coordinate that decides is far beyond those
/// usually seen, and large deviations of the first coordinates are rarer still.
/// [`InstabilityAsymptote::ratio`] says how far it is from the diagonal law. Outside of its domain
/// an error is returned: for `β ≤ 1 + α` rare coordinates are never large and the probability is
/// exponentially small in `D`; for `η ≥ 2/λ_1` the first coordinate is unstable by itself. Cost:
/// that of the law.
///
/// # Errors
/// [`TheoryError::RareNotLarge`], [`TheoryError::RateBeyondHead`], [`TheoryError::WholeSamples`],
/// [`TheoryError::Rate`].
///
/// ```
/// use asymscale_model::SparseModel;
/// use asymscale_theory::instability_asymptote;
/// let model = SparseModel::power_law(1.0, 2.5, 1.0)?;
/// let law = instability_asymptote(&model, 1e6, 0.1)?;
/// assert_eq!((law.samples_exponent, law.rate_exponent), (-2.0, 3.0));
/// assert!((law.ratio - 1.0).abs() < 1e-3);
/// // Barely beyond β = 1 + α the rare coordinates are not what decides.
/// let near = instability_asymptote(&SparseModel::power_law(0.5, 1.6, 1.0)?, 30.0, 1.0)?;
/// assert!(near.separation > 1e16 && near.ratio > 80.0);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn instability_asymptote(
    model: &SparseModel,
    samples: f64,
    rate: f64,
) -> Result<InstabilityAsymptote, TheoryError> {
    check(model, samples, rate)?;
    let law = rare_and_large(model)?;
    let (alpha, beta) = (law.alpha(), law.beta());
    // Of a_i² = e^{−front} i^{β−1−α}.
    let front = law.activity.log_front - law.variance.log_front;
    if !model.coordinates().is_infinite() {
        return Err(TheoryError::RareNotLarge { beta, needed: 1.0 + alpha });
    }
    let limit = 2.0 / model.largest_eigenvalue();
    if rate >= limit {
        return Err(TheoryError::RateBeyondHead { rate, limit });
    }
    let drift = beta - 1.0 - alpha;
    let power = 2.0 * (beta - 1.0) / drift;
    let log_index = ((2.0 * samples / rate).ln() + front) / drift;
    let log_events = law.activity.log_front + samples.ln() - (beta - 1.0) * log_index
        + log_moment(model.amplitude(), power)
        - (beta - 1.0).ln();
    let probability = -(-log_events.exp()).exp_m1();
    Ok(InstabilityAsymptote {
        probability,
        ratio: instability_probability(model, samples, rate)? / probability,
        events: log_events.exp(),
        index: log_index.exp(),
        separation: (log_index - (law.activity.log_front + samples.ln()) / beta).exp(),
        samples_exponent: -alpha / drift,
        rate_exponent: (beta - 1.0) / drift,
    })
}

/// `ln E|z|^q`.
pub(crate) fn log_moment(amplitude: Amplitude, q: f64) -> f64 {
    match amplitude {
        Amplitude::Gaussian => {
            0.5 * q * std::f64::consts::LN_2 + ln_gamma(0.5 * (q + 1.0))
                - 0.5 * std::f64::consts::PI.ln()
        }
        Amplitude::Rademacher => 0.0,
    }
}

/// The laws of the rare coordinates, if these are large.
pub(crate) fn rare_and_large(model: &SparseModel) -> Result<RareLaw, TheoryError> {
    match model.rare_law() {
        Some(law) if law.beta() > law.variance.exponent => Ok(law),
        Some(law) => {
            Err(TheoryError::RareNotLarge { beta: law.beta(), needed: law.variance.exponent })
        }
        None => Err(TheoryError::RareNotLarge { beta: f64::NAN, needed: f64::NAN }),
    }
}

fn check(model: &SparseModel, samples: f64, rate: f64) -> Result<(), TheoryError> {
    if !((1.0..=9e15).contains(&samples) && samples.fract() == 0.0) {
        return Err(TheoryError::WholeSamples(samples));
    }
    if !is_rate(rate) {
        return Err(TheoryError::Rate(rate));
    }
    if model.is_one_hot() { Err(TheoryError::OneHot) } else { Ok(()) }
}
