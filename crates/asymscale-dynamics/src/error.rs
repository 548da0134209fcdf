//! What can be wrong with a request to the dynamics, or fail in it.

use thiserror::Error;

/// A bad request, or a computation that did not converge.
#[derive(Debug, Clone, PartialEq, Error)]
#[non_exhaustive]
pub enum DynamicsError {
    /// A step size that is not positive, not finite or NaN.
    #[error("rate = {0}: must be a finite number > 0")]
    Rate(f64),
    /// A momentum outside `[0, 1)` or NaN.
    #[error("momentum = {0}: must be a number in [0, 1)")]
    Momentum(f64),
    /// A batch without samples, or of more than there are.
    #[error("batch = {batch}: must be a whole number in 1..{samples}, the number of samples")]
    Batch {
        /// What was asked for.
        batch: usize,
        /// `D`.
        samples: usize,
    },
    /// A negative or not finite time.
    #[error("time = {0}: must be a finite number >= 0")]
    Time(f64),
    /// A model without features.
    #[error("features = {0}: must be a whole number >= 1")]
    Features(usize),
    /// The iteration for the largest eigenvalue ran out of steps.
    #[error(
        "the largest eigenvalue did not converge in {steps} steps (residual {residual:.1e} of {value:.6e})"
    )]
    Eigenvalue {
        /// Lanczos steps taken.
        steps: usize,
        /// The best value found.
        value: f64,
        /// Its residual norm.
        residual: f64,
    },
    /// A small dense eigenvalue decomposition did not converge.
    #[error("the eigenvalues of a {0} × {0} tridiagonal matrix did not converge")]
    Tridiagonal(usize),
    /// A singular value decomposition did not converge.
    #[error("the singular values of a {rows} × {columns} matrix did not converge")]
    SingularValues {
        /// Number of rows.
        rows: usize,
        /// Number of columns.
        columns: usize,
    },
}

/// Refuses NaN as well.
pub(crate) fn check_rate(rate: f64) -> Result<(), DynamicsError> {
    if rate > 0.0 && rate.is_finite() { Ok(()) } else { Err(DynamicsError::Rate(rate)) }
}
