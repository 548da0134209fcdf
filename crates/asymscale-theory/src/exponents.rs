//! Scaling exponents, without and with ridge and label noise: equations (38) to (40) of
//! [`derivations`](crate::derivations).

pub(crate) mod crossover;

use crate::{Ridge, TheoryError};
use asymscale_model::{Activity, Amplitude, SparseModel, Teacher};
use serde::Serialize;

/// The exponents of the power laws of the loss and of its threshold; all positive, dimensionless.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Exponents {
    /// `L ∝ N^{−features}` at `D = ∞`: `α`, or `b − 1` of target energies `∝ i^{−b}`.
    pub features: f64,
    /// `L ∝ D^{−samples}` at `N = ∞`: `features / max(1, β)`.
    pub samples: f64,
    /// `features − samples = features (1 − 1/max(1, β))`, set by the sparsity alone.
    pub gap: f64,
    /// The threshold grows as `D^threshold`: `1 / max(1, β)`.
    pub threshold: f64,
    /// `L ∝ C^{−compute}` along the compute-optimal frontier at `C = N·D`:
    /// `features / (1 + max(1, β))`.
    pub compute: f64,
}

/// The exponents of a model without ridge and label noise; `None` for a table that no power law
/// continues, which has no law to scale by, and for target energies that fall faster than
/// `i^{−(2+α)}`, where features and samples no longer scale alike ([`saturated_exponents`]). They
/// are equation (38) of [`derivations`](crate::derivations), and (95) for a teacher that is not
/// iid; with ridge or noise use [`exponents_with`].
///
/// They describe `M = ∞`; with finitely many coordinates they hold while `N` and the threshold are
/// small against `M`. With `β = 1` exactly, `L ∝ D^{−α}` still holds, with a prefactor of its own.
///
/// ```
/// use asymscale_model::SparseModel;
/// let law = asymscale_theory::exponents(&SparseModel::power_law(1.0, 2.0, 20.0)?).unwrap();
/// assert_eq!((law.features, law.samples, law.gap), (1.0, 0.5, 0.5));
/// # Ok::<(), asymscale_model::ModelError>(())
/// ```
pub fn exponents(model: &SparseModel) -> Option<Exponents> {
    let (fall, sparsity) = (target_fall(model)?, activity_exponent(model)?.max(1.0));
    if fall > 1.0 + model.spectrum().alpha()? {
        return None;
    }
    Some(Exponents {
        features: fall,
        samples: fall / sparsity,
        gap: fall * (1.0 - 1.0 / sparsity),
        threshold: 1.0 / sparsity,
        compute: fall / (1.0 + sparsity),
    })
}

/// The exponents `(features, samples)`, positive and dimensionless, of the ridgeless and noiseless
/// loss at `D = ∞` and at `N = ∞`,
/// for any target energies `∝ i^{−b}`, equation (95) of [`derivations`](crate::derivations):
/// `min(b − 1, 1 + α)`, and `(b − 1)/β` for `β > 1`, `min(b − 1, 2(1 + α))` for `β ≤ 1`.
///
/// Random features mix what is learned with what is not, which costs `κ ∝ N^{−(1+α)}` however
/// little of the labels rare coordinates carry; samples of dense data cost `κ²`. What no sample
/// shows costs its own energy, without a limit. `None` as for [`exponents`] of tables.
///
/// ```
/// use asymscale_model::{SparseModel, Teacher};
/// use asymscale_theory::{exponents, saturated_exponents};
/// let model = SparseModel::power_law(1.0, 1.5, 1.0)?;
/// let hard = model.clone().with_teacher(Teacher::power_law(1.75)?)?;
/// assert_eq!(saturated_exponents(&hard), Some((0.75, 0.5)));
/// let easy = model.with_teacher(Teacher::power_law(4.0)?)?;
/// assert_eq!((saturated_exponents(&easy), exponents(&easy)), (Some((2.0, 2.0)), None));
/// # Ok::<(), asymscale_model::ModelError>(())
/// ```
pub fn saturated_exponents(model: &SparseModel) -> Option<(f64, f64)> {
    let (fall, beta) = (target_fall(model)?, activity_exponent(model)?);
    let steepness = 1.0 + model.spectrum().alpha()?;
    let samples = if beta > 1.0 { fall / beta } else { fall.min(2.0 * steepness) };
    Some((fall.min(steepness), samples))
}

/// The exponents with ridge and label noise, each `None` where the loss follows no power law;
/// positive, dimensionless.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct RegressionExponents {
    /// `L ∝ N^{−features}` at `D = ∞`: `α`. `None` with a fixed ridge.
    pub features: Option<f64>,
    /// `L ∝ D^{−samples}` at `N = ∞`. `None` with a fixed ridge, and for some ridgeless noise.
    pub samples: Option<f64>,
    /// The threshold grows as `D^threshold`, for any ridge and noise: `1 / max(1, β)`.
    pub threshold: f64,
    /// `L ∝ C^{−compute}` along the compute-optimal frontier at `C = N·D`. `None` with a fixed
    /// ridge.
    pub compute: Option<f64>,
}

/// The exponents of a model learned with this ridge from labels of noise `σ² = noise`; `None` where
/// [`exponents`] are.
///
/// Of target energies `∝ i^{−b}` read `b − 1` for `α` in all that follows, and `b` for `1 + α`.
///
/// Any label noise replaces the sparsity `max(1, β)` by `b = max(β, 1 + α)`. A direction of
/// eigenvalue `λ` is told from noise only where `λ ≳ σ²/D`, which leaves `(D/σ²)^{1/(1+α)}` of
/// them, and for `β < 1 + α` these are fewer than the samples show: equations (39) and (40) of
/// [`derivations`](crate::derivations). So
///
/// | | `features` | `samples` | `compute` |
/// |---|---|---|---|
/// | no noise, no ridge or the best | `α` | `α/max(1, β)` | `α/(1 + max(1, β))` |
/// | noise and the best ridge | `α` | `α/b` | `α/(1 + b)` |
/// | noise and no ridge, Rademacher, `β > 1` | `α` | `min(α, β − 1)/β` | `α/(1 + b)` |
/// | noise and no ridge otherwise | `α` | `None` | `α/(1 + b)` |
/// | a fixed ridge `γ > 0` | `None` | `None` | `None` |
///
/// With the best ridge and `β < 1 + α` the loss at `N = ∞` is
/// `[π/((1+α) sin(π/(1+α)))] (σ²/D)^{α/(1+α)}`; with `β > 1 + α` it is the unseen mass; at
/// `β = 1 + α` both powers are the same. Without ridge, infinitely many features fit the noise: for
/// `β ≤ 1` the loss tends to a constant; for `β > 1` and Gaussian amplitudes its mean is infinite,
/// since coordinates seen once may be almost 0 there; for Rademacher amplitudes the noise fitted to
/// seen coordinates falls as `S/D ∝ D^{−(1−1/β)}`. Fewer features than the threshold do what the
/// ridge would, so that the frontier is the same without it. A fixed ridge leaves unlearned what
/// lies below it: the loss tends to a constant. These are limits;
/// [`noise_crossover`](crate::noise_crossover) says from how many samples on noise rules.
///
/// # Errors
/// [`TheoryError::Ridge`] or [`TheoryError::Noise`] if negative or not finite.
///
/// ```
/// use asymscale_model::SparseModel;
/// use asymscale_theory::{Ridge, exponents_with};
/// let model = SparseModel::power_law(1.0, 1.5, 1.0)?;
/// let law = exponents_with(&model, Ridge::Optimal, 0.1)?.unwrap();
/// assert_eq!((law.features, law.samples, law.compute), (Some(1.0), Some(0.5), Some(1.0 / 3.0)));
/// assert_eq!(exponents_with(&model, Ridge::Fixed(1e-3), 0.0)?.unwrap().samples, None);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn exponents_with(
    model: &SparseModel,
    ridge: Ridge,
    noise: f64,
) -> Result<Option<RegressionExponents>, TheoryError> {
    ridge.check()?;
    if !(noise >= 0.0 && noise.is_finite()) {
        return Err(TheoryError::Noise(noise));
    }
    let Some((law, beta)) = exponents(model).zip(activity_exponent(model)) else { return Ok(None) };
    let learns = |exponent: f64| (!ridge.is_positive()).then_some(exponent);
    let (alpha, sparsity) = (law.features, effective_sparsity(beta, law.features, noise));
    let rademacher = model.amplitude() == Amplitude::Rademacher;
    let samples = match ridge {
        Ridge::Fixed(_) if noise > 0.0 => {
            (rademacher && beta > 1.0).then(|| alpha.min(beta - 1.0) / beta)
        }
        _ => Some(alpha / sparsity),
    };
    Ok(Some(RegressionExponents {
        features: learns(alpha),
        samples: samples.and_then(learns),
        threshold: law.threshold,
        compute: learns(alpha / (1.0 + sparsity)),
    }))
}

/// `max(1, β)` without label noise, `max(β, 1 + α)` with it.
pub(crate) fn effective_sparsity(beta: f64, alpha: f64, noise: f64) -> f64 {
    beta.max(if noise > 0.0 { 1.0 + alpha } else { 1.0 })
}

/// `b − 1` of the target energies of rare coordinates, `α` for an iid teacher.
fn target_fall(model: &SparseModel) -> Option<f64> {
    match model.teacher() {
        Teacher::Iid => model.spectrum().alpha(),
        other => other.tail().map(|law| law.exponent - 1.0),
    }
}

/// β of the law of activity of rare coordinates, 0 if uniform; `None` for a table that does not go
/// on.
pub(crate) fn activity_exponent(model: &SparseModel) -> Option<f64> {
    match model.activity_law() {
        Activity::OneHot { beta } => Some(*beta),
        other => other.tail().map(|law| law.exponent),
    }
}
