//! What can be wrong with a request to the theory.

use thiserror::Error;

/// A parameter outside its domain. Every variant carries the offending value, and its message names
/// the parameter and the allowed range.
#[derive(Debug, Clone, Copy, PartialEq, Error)]
pub enum TheoryError {
    /// The number of samples `D` is below 1 or NaN.
    #[error("samples = {0}: must be a number >= 1, or inf")]
    Samples(f64),
    /// The number of features `N` is below 1 or NaN.
    #[error("features = {0}: must be a number >= 1, or inf")]
    Features(f64),
    /// The ridge penalty is negative, not finite or NaN.
    #[error("ridge = {0}: must be a finite number >= 0")]
    Ridge(f64),
    /// The label-noise variance is negative, not finite or NaN.
    #[error("noise = {0}: the variance of the label noise must be a finite number >= 0")]
    Noise(f64),
}
