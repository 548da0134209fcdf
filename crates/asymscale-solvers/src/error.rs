//! What can be wrong with a request to a solver.

use thiserror::Error;

/// A bad request, or a factorisation that failed.
#[derive(Debug, Clone, PartialEq, Error)]
#[non_exhaustive]
pub enum SolverError {
    /// A model without features.
    #[error("features = {0}: must be a whole number >= 1")]
    Features(f64),
    /// A negative or not finite ridge.
    #[error("ridge = {0}: must be a finite number >= 0")]
    Ridge(f64),
    /// A negative or not finite noise variance.
    #[error("noise = {0}: must be a finite number >= 0")]
    Noise(f64),
    /// An eigenvalue decomposition did not converge.
    #[error("the eigenvalues of a {size} × {size} matrix did not converge")]
    Eigenvalues {
        /// Number of rows.
        size: usize,
    },
    /// A singular value decomposition did not converge.
    #[error("the singular values of a {rows} × {columns} matrix did not converge")]
    SingularValues {
        /// Number of rows.
        rows: usize,
        /// Number of columns.
        columns: usize,
    },
}
