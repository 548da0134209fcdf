//! What is minimised: ridge and label noise.

use crate::SolverError;

/// Ridge `γ` and label noise `σ²` of the regression `θ = argmin |Φθ − y|²/D + γ|θ|²`.
///
/// `γ = 0` is ridgeless: the minimum-norm least-squares solution. The noise is in the labels only: the loss is
/// measured against the noiseless teacher.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Regression {
    /// Ridge `γ ≥ 0`.
    pub ridge: f64,
    /// Variance of the label noise `σ² ≥ 0`.
    pub noise: f64,
}

impl Regression {
    pub(crate) fn check(self) -> Result<(), SolverError> {
        if !(self.ridge >= 0.0 && self.ridge.is_finite()) {
            Err(SolverError::Ridge(self.ridge))
        } else if !(self.noise >= 0.0 && self.noise.is_finite()) {
            Err(SolverError::Noise(self.noise))
        } else {
            Ok(())
        }
    }
}
