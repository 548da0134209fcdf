//! Dense factorisations on one thread.
//!
//! The high-level interface of `faer` follows a global setting for threads, and QR and eigenvectors
//! change in their last bits with it. Everything here is sequential, so that a result is the same
//! wherever it is computed.

use crate::SolverError;
use faer::diag::Diag;
use faer::dyn_stack::{MemBuffer, MemStack};
use faer::linalg::cholesky::llt::factor::{
    LltRegularization, cholesky_in_place, cholesky_in_place_scratch,
};
use faer::linalg::evd::{ComputeEigenvectors, self_adjoint_evd, self_adjoint_evd_scratch};
use faer::linalg::householder::{
    apply_block_householder_sequence_on_the_left_in_place_scratch as sequence_scratch,
    apply_block_householder_sequence_on_the_left_in_place_with_conj as apply_sequence,
    apply_block_householder_sequence_transpose_on_the_left_in_place_with_conj as apply_sequence_transpose,
};
use faer::linalg::matmul::triangular::{self, BlockStructure};
use faer::linalg::qr::{col_pivoting, no_pivoting};
use faer::linalg::triangular_inverse::invert_lower_triangular;
use faer::linalg::triangular_solve::{
    solve_lower_triangular_in_place, solve_upper_triangular_in_place,
};
use faer::{Accum, Conj, Mat, MatMut, MatRef, Par, Spec};

/// Distance between columns of `rows` numbers: an odd number of cache lines. Columns a power of two
/// apart, as for 512 or 2048 rows, would crowd into a few sets of the cache.
pub(crate) fn stride(rows: usize) -> usize {
    (rows.div_ceil(8) | 1) * 8
}

/// `sum + factor · vector` in place of `sum`, with vectors as wide as the processor has them, which
/// a compiler must not assume: three times faster than the plain loop, and the same bits, as
/// nothing is fused.
pub(crate) fn add_scaled(sum: &mut [f64], factor: f64, vector: &[f64]) {
    pulp::Arch::new().dispatch(
        #[inline(always)]
        || sum.iter_mut().zip(vector).for_each(|(sum, x)| *sum += factor * x),
    );
}

/// A matrix of zeros with columns [`stride`] apart.
pub(crate) fn zeros(rows: usize, columns: usize) -> Mat<f64> {
    let mut matrix = Mat::with_capacity(stride(rows), columns);
    matrix.resize_with(rows, columns, |_, _| 0.0);
    matrix
}

/// A copy of `a` with columns [`stride`] apart.
pub(crate) fn copy(a: MatRef<'_, f64>) -> Mat<f64> {
    let mut copy = zeros(a.nrows(), a.ncols());
    copy.as_mut().copy_from(a);
    copy
}

/// `lhs · rhs`.
pub(crate) fn product(lhs: MatRef<'_, f64>, rhs: MatRef<'_, f64>) -> Mat<f64> {
    let mut out = zeros(lhs.nrows(), rhs.ncols());
    add_product(out.as_mut(), lhs, rhs, 1.0);
    out
}

/// `out += factor · lhs · rhs`.
pub(crate) fn add_product(
    out: MatMut<'_, f64>,
    lhs: MatRef<'_, f64>,
    rhs: MatRef<'_, f64>,
    factor: f64,
) {
    faer::linalg::matmul::matmul(out, Accum::Add, lhs, rhs, factor, Par::Seq);
}

/// `out += a aᵀ` in the lower triangle of `out`; the strict upper one is left alone.
pub(crate) fn add_gram(out: MatMut<'_, f64>, a: MatRef<'_, f64>) {
    let (lower, whole) = (BlockStructure::TriangularLower, BlockStructure::Rectangular);
    triangular::matmul(out, lower, Accum::Add, a, whole, a.transpose(), whole, 1.0, Par::Seq);
}

/// `l b`, for an `l` that is lower triangular; what is above its diagonal does not matter.
pub(crate) fn lower_product(l: MatRef<'_, f64>, b: MatRef<'_, f64>) -> Mat<f64> {
    let mut out = zeros(b.nrows(), b.ncols());
    let (lower, whole) = (BlockStructure::TriangularLower, BlockStructure::Rectangular);
    triangular::matmul(out.as_mut(), whole, Accum::Add, l, lower, b, whole, 1.0, Par::Seq);
    out
}

/// Copies the lower triangle to the upper one, in blocks whose rows and columns stay in the cache.
pub(crate) fn mirror(a: &mut Mat<f64>) {
    for right in (0..a.ncols()).step_by(BLOCK) {
        for top in (0..=right).step_by(BLOCK) {
            for j in right..a.ncols().min(right + BLOCK) {
                for i in top..j.min(top + BLOCK) {
                    a[(i, j)] = a[(j, i)];
                }
            }
        }
    }
}

/// Rows and columns of a block of [`mirror`].
const BLOCK: usize = 32;

/// Sum of squares of all entries.
pub(crate) fn square_norm(a: MatRef<'_, f64>) -> f64 {
    a.squared_norm_l2()
}

/// A Cholesky factor `L` in the lower triangle; what is above it means nothing.
#[derive(Debug, Clone)]
pub(crate) struct Cholesky {
    factor: Mat<f64>,
}

impl Cholesky {
    /// Factors the lower triangle of `a`, or gives nothing if `a` is not positive definite to
    /// rounding.
    pub(crate) fn new(mut a: Mat<f64>) -> Option<Self> {
        let mut memory =
            MemBuffer::new(cholesky_in_place_scratch::<f64>(a.nrows(), Par::Seq, Spec::default()));
        let stack = MemStack::new(&mut memory);
        cholesky_in_place(
            a.as_mut(),
            LltRegularization::default(),
            Par::Seq,
            stack,
            Spec::default(),
        )
        .is_ok()
        .then_some(Self { factor: a })
    }

    /// Takes a lower triangle that is a factor already.
    pub(crate) fn from_factor(factor: Mat<f64>) -> Self {
        Self { factor }
    }

    /// `L`, with zeros above the diagonal.
    pub(crate) fn lower(mut self) -> Mat<f64> {
        for j in 1..self.factor.ncols() {
            self.factor.col_as_slice_mut(j)[..j].fill(0.0);
        }
        self.factor
    }

    /// Smallest diagonal entry over the largest: above the reciprocal condition of the factor.
    pub(crate) fn diagonal_ratio(&self) -> f64 {
        let entry = |k: usize| self.factor[(k, k)].abs();
        let (low, high) = (0..self.factor.nrows())
            .map(entry)
            .fold((f64::INFINITY, 0.0_f64), |(low, high), x| (low.min(x), high.max(x)));
        if high > 0.0 { low / high } else { 1.0 }
    }

    /// `b ← L⁻¹ b`.
    pub(crate) fn half_solve(&self, b: MatMut<'_, f64>) {
        solve_lower_triangular_in_place(self.factor.as_ref(), b, Par::Seq);
    }

    /// `b ← L⁻ᵀ b`.
    pub(crate) fn half_solve_transpose(&self, b: MatMut<'_, f64>) {
        solve_upper_triangular_in_place(self.factor.transpose(), b, Par::Seq);
    }

    /// `b ← (L Lᵀ)⁻¹ b`.
    pub(crate) fn solve(&self, mut b: MatMut<'_, f64>) {
        self.half_solve(b.as_mut());
        self.half_solve_transpose(b);
    }

    /// `L b`.
    pub(crate) fn multiply(&self, b: MatRef<'_, f64>) -> Mat<f64> {
        lower_product(self.factor.as_ref(), b)
    }

    /// `L⁻¹`, with zeros above the diagonal.
    pub(crate) fn inverse_factor(&self) -> Mat<f64> {
        let mut inverse = zeros(self.factor.nrows(), self.factor.nrows());
        invert_lower_triangular(inverse.as_mut(), self.factor.as_ref(), Par::Seq);
        inverse
    }

    /// `tr (L Lᵀ)⁻¹`, a sum of squares.
    pub(crate) fn inverse_trace(&self) -> f64 {
        square_norm(self.inverse_factor().as_ref())
    }
}

/// A Householder QR factorisation without pivoting: `R` in the upper triangle, reflectors below.
#[derive(Debug, Clone)]
pub(crate) struct Qr {
    factors: Mat<f64>,
    coefficients: Mat<f64>,
}

impl Qr {
    pub(crate) fn new(mut a: Mat<f64>) -> Self {
        let (rows, columns) = a.shape();
        let block = no_pivoting::factor::recommended_block_size::<f64>(rows, columns);
        let mut coefficients = zeros(block, rows.min(columns));
        let request = no_pivoting::factor::qr_in_place_scratch::<f64>(
            rows,
            columns,
            block,
            Par::Seq,
            Spec::default(),
        );
        let mut memory = MemBuffer::new(request);
        let stack = MemStack::new(&mut memory);
        no_pivoting::factor::qr_in_place(
            a.as_mut(),
            coefficients.as_mut(),
            Par::Seq,
            stack,
            Spec::default(),
        );
        Self { factors: a, coefficients }
    }

    /// `R`, of which only the upper triangle is used.
    pub(crate) fn r(&self) -> MatRef<'_, f64> {
        let size = self.coefficients.ncols();
        self.factors.as_ref().subrows(0, size)
    }

    /// `b ← Qᵀ b`, `Q` square.
    pub(crate) fn apply_transpose(&self, b: MatMut<'_, f64>) {
        let (q, h) = (self.factors.as_ref(), self.coefficients.as_ref());
        let mut memory = MemBuffer::new(sequence_scratch::<f64>(q.nrows(), h.nrows(), b.ncols()));
        apply_sequence_transpose(q, h, Conj::No, b, Par::Seq, MemStack::new(&mut memory));
    }

    /// `b ← Q b`, `Q` square.
    pub(crate) fn apply(&self, b: MatMut<'_, f64>) {
        let (q, h) = (self.factors.as_ref(), self.coefficients.as_ref());
        let mut memory = MemBuffer::new(sequence_scratch::<f64>(q.nrows(), h.nrows(), b.ncols()));
        apply_sequence(q, h, Conj::No, b, Par::Seq, MemStack::new(&mut memory));
    }

    /// The first `columns` columns of `Q`.
    pub(crate) fn basis(&self, columns: usize) -> Mat<f64> {
        let mut basis = Mat::identity(self.factors.nrows(), columns);
        self.apply(basis.as_mut());
        basis
    }
}

/// An orthonormal basis of the numerical column space of `a`, by QR with column pivoting: columns
/// count as long as the diagonal of `R` stays above `tolerance` times its first entry.
pub(crate) fn pivoted_basis(mut a: Mat<f64>, tolerance: f64) -> Mat<f64> {
    let (rows, columns) = a.shape();
    let block = no_pivoting::factor::recommended_block_size::<f64>(rows, columns);
    let mut coefficients = zeros(block, rows.min(columns));
    let (mut order, mut inverse) = (vec![0_usize; columns], vec![0_usize; columns]);
    let request = col_pivoting::factor::qr_in_place_scratch::<usize, f64>(
        rows,
        columns,
        block,
        Par::Seq,
        Spec::default(),
    );
    let mut memory = MemBuffer::new(request);
    col_pivoting::factor::qr_in_place(
        a.as_mut(),
        coefficients.as_mut(),
        &mut order,
        &mut inverse,
        Par::Seq,
        MemStack::new(&mut memory),
        Spec::default(),
    );
    let floor = tolerance * a[(0, 0)].abs();
    let rank = (0..rows.min(columns)).take_while(|k| a[(*k, *k)].abs() > floor).count();
    let factors = a.as_ref().subcols(0, rows.min(columns)).to_owned();
    Qr { factors, coefficients }.basis(rank)
}

/// Eigenvalues, ascending, and eigenvectors of a symmetric matrix given by its lower triangle.
pub(crate) fn eigen(a: MatRef<'_, f64>) -> Result<(Vec<f64>, Mat<f64>), SolverError> {
    let size = a.nrows();
    let (mut values, mut vectors) = (Diag::zeros(size), zeros(size, size));
    let request =
        self_adjoint_evd_scratch::<f64>(size, ComputeEigenvectors::Yes, Par::Seq, Spec::default());
    let mut memory = MemBuffer::new(request);
    let stack = MemStack::new(&mut memory);
    self_adjoint_evd(a, values.as_mut(), Some(vectors.as_mut()), Par::Seq, stack, Spec::default())
        .map_err(|_| SolverError::Eigenvalues { size })?;
    Ok((values.column_vector().iter().copied().collect(), vectors))
}
