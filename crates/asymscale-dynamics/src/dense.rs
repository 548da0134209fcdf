//! Dense products and factorisations on the calling thread.
//!
//! The high-level interface of `faer` follows a global setting for threads, and SVD and
//! eigenvectors change in their last bits with it. Everything here is sequential, so that a result
//! is the same wherever it is computed.

use crate::DynamicsError;
use faer::diag::Diag;
use faer::dyn_stack::{MemBuffer, MemStack};
use faer::linalg::cholesky::llt::factor::{
    LltRegularization, cholesky_in_place, cholesky_in_place_scratch,
};
use faer::linalg::evd::{ComputeEigenvectors, self_adjoint_evd, self_adjoint_evd_scratch};
use faer::linalg::matmul::matmul;
use faer::linalg::svd::{ComputeSvdVectors, svd, svd_scratch};
use faer::{Accum, Mat, MatRef, Par, Spec};

/// `lhs · rhs`.
pub(crate) fn product(lhs: MatRef<'_, f64>, rhs: MatRef<'_, f64>) -> Mat<f64> {
    let mut out = Mat::zeros(lhs.nrows(), rhs.ncols());
    matmul(out.as_mut(), Accum::Replace, lhs, rhs, 1.0, Par::Seq);
    out
}

/// A thin singular value decomposition `U S Vᵀ`.
pub(crate) struct Svd {
    /// `U`.
    pub(crate) left: Mat<f64>,
    /// The diagonal of `S`, descending.
    pub(crate) values: Vec<f64>,
    /// `V`.
    pub(crate) right: Mat<f64>,
}

pub(crate) fn thin_svd(a: MatRef<'_, f64>) -> Result<Svd, DynamicsError> {
    let (rows, columns) = a.shape();
    let size = rows.min(columns);
    let (mut values, mut left, mut right) =
        (Diag::zeros(size), Mat::zeros(rows, size), Mat::zeros(columns, size));
    let (thin, spec) = (ComputeSvdVectors::Thin, Spec::default());
    let mut memory = MemBuffer::new(svd_scratch::<f64>(rows, columns, thin, thin, Par::Seq, spec));
    let (u, v) = (Some(left.as_mut()), Some(right.as_mut()));
    svd(a, values.as_mut(), u, v, Par::Seq, MemStack::new(&mut memory), spec)
        .map_err(|_| DynamicsError::SingularValues { rows, columns })?;
    Ok(Svd { left, values: values.column_vector().iter().copied().collect(), right })
}

/// Eigenvalues, ascending, and eigenvectors of a symmetric matrix, from its lower triangle; nothing
/// if they do not converge.
pub(crate) fn eigen(a: MatRef<'_, f64>) -> Option<(Vec<f64>, Mat<f64>)> {
    let size = a.nrows();
    let (mut values, mut vectors) = (Diag::zeros(size), Mat::zeros(size, size));
    let (wanted, spec) = (ComputeEigenvectors::Yes, Spec::default());
    let mut memory = MemBuffer::new(self_adjoint_evd_scratch::<f64>(size, wanted, Par::Seq, spec));
    let stack = MemStack::new(&mut memory);
    self_adjoint_evd(a, values.as_mut(), Some(vectors.as_mut()), Par::Seq, stack, spec).ok()?;
    Some((values.column_vector().iter().copied().collect(), vectors))
}

/// Whether a symmetric matrix is positive definite to rounding, from its lower triangle.
pub(crate) fn is_positive_definite(mut a: Mat<f64>) -> bool {
    let spec = Spec::default();
    let mut memory = MemBuffer::new(cholesky_in_place_scratch::<f64>(a.nrows(), Par::Seq, spec));
    let stack = MemStack::new(&mut memory);
    cholesky_in_place(a.as_mut(), LltRegularization::default(), Par::Seq, stack, spec).is_ok()
}
