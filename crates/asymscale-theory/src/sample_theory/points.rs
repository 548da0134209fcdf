//! Functions for single points, without a `SampleTheory` to keep.

use crate::{Regime, SampleTheory, TheoryError};
use asymscale_model::SparseModel;

/// The ridgeless, noiseless population loss at `(N, D) = (features, samples)`, each at least 1 and
/// ∞ allowed: [`SampleTheory::loss`]. Cost: about 0.2 ms, at most a few ms.
///
/// # Errors
/// [`TheoryError::Features`] or [`TheoryError::Samples`] below 1 or NaN.
///
/// ```
/// use asymscale_model::SparseModel;
/// let model = SparseModel::power_law(1.0, 1.5, 1.0)?;
/// let loss = asymscale_theory::loss(&model, 20.0, 10_000.0)?;
/// assert!((loss / 0.11839295710795647 - 1.0).abs() < 1e-8);
/// assert!(asymscale_theory::loss(&model, 0.0, 100.0).is_err());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn loss(model: &SparseModel, features: f64, samples: f64) -> Result<f64, TheoryError> {
    SampleTheory::new(model, samples)?.loss(features)
}

/// The loss of infinitely many features at `samples = D`, which only the data limit.
///
/// It decreases in `D` as `D^{−α/max(1, β)}`, equation (38) of [`derivations`](crate::derivations).
///
/// # Errors
/// [`TheoryError::Samples`].
pub fn infinite_feature_loss(model: &SparseModel, samples: f64) -> Result<f64, TheoryError> {
    loss(model, f64::INFINITY, samples)
}

/// The loss of `features = N` at infinitely many samples: `N κ` with `Σ λ_i/(λ_i + κ) = N`,
/// whatever the activities, which for large `N` is equation (36) of
/// [`derivations`](crate::derivations). It is 0 from `N = M` on.
///
/// # Errors
/// [`TheoryError::Features`].
///
/// ```
/// use asymscale_model::SparseModel;
/// // [π/((1+α) sin(π/(1+α)))]^{1+α} N^{−α} for large N; here α = 1.
/// let model = SparseModel::power_law(1.0, 1.5, 20.0)?;
/// let loss = asymscale_theory::infinite_data_loss(&model, 1e6)?;
/// assert!((loss * 1e6 / (std::f64::consts::FRAC_PI_2).powi(2) - 1.0).abs() < 1e-5);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn infinite_data_loss(model: &SparseModel, features: f64) -> Result<f64, TheoryError> {
    loss(model, features, f64::INFINITY)
}

/// What limits the loss at `(N, D) = (features, samples)`.
///
/// # Errors
/// [`TheoryError::Features`] or [`TheoryError::Samples`] below 1 or NaN.
pub fn regime(model: &SparseModel, features: f64, samples: f64) -> Result<Regime, TheoryError> {
    SampleTheory::new(model, samples)?.regime(features)
}
