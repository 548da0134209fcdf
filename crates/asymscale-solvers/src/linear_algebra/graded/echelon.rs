//! A graded design in row echelon form, and what its row space leaves out, without cancellation.
//!
//! The columns of a design have lengths over many decades. Let `X = B A` with unit columns `B` and
//! lengths `A`. An orthogonal factorisation of `B` commutes with `A`: `X = Q R A`, and each entry
//! of `R A` is right to rounding of the length of its own column, however short. Columns are taken
//! from the longest to the shortest, where a column counts by the length of its part orthogonal to
//! those before. Otherwise the rows in units of their own size, and the combinations of the columns
//! that begin them, would be ill-conditioned. A column that depends on those before gives no row:
//! what rounding leaves of it is set to zero, because it would hide shorter columns.

use super::reflections::Reflections;
use crate::SolverError;
use crate::linear_algebra::dense::{Cholesky, add_gram, product, zeros};
use faer::linalg::triangular_solve::solve_upper_triangular_in_place;
use faer::{Mat, MatRef, Par};

/// A column with less than this share orthogonal to the columns before depends on them. Rounding
/// leaves about `size × 1e-16` over the least share that was left of a longer one; continuous
/// amplitudes leave as little with a probability of about this number.
const DEPENDENT: f64 = 1e-8;

/// `X = Q R A` of a design whose rows are linearly independent.
#[derive(Debug, Clone)]
pub(crate) struct Echelon {
    /// `R`, `rank × columns`, columns in the order of the design.
    unit: Mat<f64>,
    /// The diagonal of `A`.
    lengths: Vec<f64>,
    /// The column that begins each row.
    pivots: Vec<usize>,
    /// All other columns, ascending.
    others: Vec<usize>,
    /// The transformation of rows, as far as it is needed for labels.
    reflections: Reflections,
}

impl Echelon {
    /// The echelon form of `a`. Cost: `2 rows² columns` operations.
    pub(crate) fn new(mut a: Mat<f64>) -> Self {
        let lengths: Vec<f64> = a.col_iter_mut().map(normalise).collect();
        let (reflections, pivots) = Reflections::echelon(&mut a, &lengths, DEPENDENT);
        let mut is_pivot = vec![false; lengths.len()];
        for j in &pivots {
            is_pivot[*j] = true;
        }
        let others = (0..lengths.len()).filter(|j| !is_pivot[*j]).collect();
        let unit = a.as_ref().subrows(0, pivots.len()).to_owned();
        Self { unit, lengths, pivots, others, reflections }
    }

    /// The rank of the design.
    pub(crate) fn rank(&self) -> usize {
        self.pivots.len()
    }

    /// The largest entry of each row of `R A`.
    pub(crate) fn scales(&self) -> Vec<f64> {
        let mut scales = vec![0.0_f64; self.rank()];
        for (j, length) in self.lengths.iter().enumerate() {
            let entries = self.unit.col_as_slice(j).iter().map(|x| x.abs() * length);
            scales.iter_mut().zip(entries).for_each(|(scale, entry)| *scale = scale.max(entry));
        }
        scales
    }

    /// The rows of `R A`, each divided by its scale: `rank × columns`, entries up to one.
    pub(crate) fn scaled_rows(&self) -> Mat<f64> {
        let scales = self.scales();
        Mat::from_fn(self.rank(), self.lengths.len(), |k, j| {
            self.unit[(k, j)] * (self.lengths[j] / scales[k])
        })
    }

    /// The rows of `R A`.
    pub(crate) fn rows(&self) -> Mat<f64> {
        Mat::from_fn(self.rank(), self.lengths.len(), |k, j| self.unit[(k, j)] * self.lengths[j])
    }

    /// `Qᵀ y`, of which the first `rank` rows are those of `R A`.
    pub(crate) fn rotate(&self, y: &mut Mat<f64>) {
        self.reflections.apply_transpose(y.as_mut());
    }

    /// `1 − P_jj` of each coordinate, `P` the projection on row space, each accurate relative to
    /// its own size.
    ///
    /// With the pivots first, `R A = R₁ [1 W]`, the vectors `(−W; 1)` span what row space leaves
    /// out. So `1 − P_jj` is `w_j (1 + WᵀW)⁻¹ w_jᵀ` for a pivot, `w_j` its row of `W`, and a
    /// diagonal entry of `(1 + WᵀW)⁻¹` for another.
    ///
    /// # Errors
    /// [`SolverError::Precision`] if `1 + WᵀW` is singular to rounding: the pivots do not determine
    /// the other columns.
    pub(crate) fn lost(&self) -> Result<Vec<f64>, SolverError> {
        let (rank, free) = (self.rank(), self.others.len());
        let mut lost = vec![0.0; self.lengths.len()];
        if free == 0 {
            return Ok(lost);
        }
        let w = self.combinations();
        let shares = if free <= rank { lost_directly(&w) } else { lost_by_rows(&w) };
        let (pivots, others) = shares.ok_or(SolverError::Precision { size: rank })?;
        self.pivots.iter().zip(pivots).for_each(|(j, share)| lost[*j] = share);
        self.others.iter().zip(others).for_each(|(j, share)| lost[*j] = share);
        Ok(lost)
    }

    /// `Σ λ_j (1 − P_jj)`.
    ///
    /// # Errors
    /// As [`Echelon::lost`].
    pub(crate) fn lost_mass(&self, variances: &[f64]) -> Result<f64, SolverError> {
        Ok(variances.iter().zip(self.lost()?).rev().map(|(variance, share)| variance * share).sum())
    }

    /// `W`, `rank × others`: each column that is no pivot as a combination of pivots.
    fn combinations(&self) -> Mat<f64> {
        let rank = self.rank();
        let basis = Mat::from_fn(rank, rank, |k, j| self.unit[(k, self.pivots[j])]);
        let mut w = zeros(rank, self.others.len());
        for (to, j) in self.others.iter().enumerate() {
            w.col_mut(to).copy_from(self.unit.col(*j));
        }
        solve_upper_triangular_in_place(basis.as_ref(), w.as_mut(), Par::Seq);
        for (to, j) in self.others.iter().enumerate() {
            let column = w.col_as_slice_mut(to).iter_mut().zip(&self.pivots);
            column.for_each(|(entry, pivot)| *entry *= self.lengths[*j] / self.lengths[*pivot]);
        }
        w
    }
}

/// Divides by the length, which is returned; a column of zeros stays.
pub(super) fn normalise(mut column: faer::ColMut<'_, f64>) -> f64 {
    // The largest entry is divided out first: squares of faint columns would underflow.
    let largest = column.norm_max();
    if largest == 0.0 {
        return 0.0;
    }
    column.as_mut().iter_mut().for_each(|x| *x /= largest);
    let length = column.norm_l2();
    column.iter_mut().for_each(|x| *x /= length);
    largest * length
}

/// `1 − P_jj` from `W` by the Gram matrix of its columns; nothing is subtracted.
fn lost_directly(w: &Mat<f64>) -> Option<(Vec<f64>, Vec<f64>)> {
    let factor = one_plus_gram(w.transpose())?;
    let mut pivots = w.transpose().to_owned();
    factor.half_solve(pivots.as_mut());
    let mut others = Mat::identity(w.ncols(), w.ncols());
    factor.half_solve(others.as_mut());
    let squares = |a: &Mat<f64>| a.col_iter().map(|column| column.squared_norm_l2()).collect();
    Some((squares(&pivots), squares(&others)))
}

/// `1 − P_jj` from `W` by the Gram matrix of its rows: what is subtracted leaves at least a share
/// `1/(1 + |W|²)`.
fn lost_by_rows(w: &Mat<f64>) -> Option<(Vec<f64>, Vec<f64>)> {
    let factor = one_plus_gram(w.as_ref())?;
    let mut y = w.clone();
    factor.half_solve(y.as_mut());
    let kept = product(y.as_ref(), w.transpose());
    let all = |i: usize| w.row(i).squared_norm_l2();
    let pivots = kept.col_iter().enumerate().map(|(i, column)| all(i) - column.squared_norm_l2());
    let others = y.col_iter().map(|column| 1.0 - column.squared_norm_l2());
    Some((pivots.map(|x: f64| x.max(0.0)).collect(), others.map(|x: f64| x.max(0.0)).collect()))
}

/// The Cholesky factor of `1 + a aᵀ`.
fn one_plus_gram(a: MatRef<'_, f64>) -> Option<Cholesky> {
    let mut gram = Mat::identity(a.nrows(), a.nrows());
    add_gram(gram.as_mut(), a);
    Cholesky::new(gram)
}
