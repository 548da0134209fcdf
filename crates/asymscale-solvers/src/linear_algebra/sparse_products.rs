//! Dense Gram matrices of sparse columns. The loops over entries are those of
//! [`asymscale_sampling::sparse`].

use crate::linear_algebra::dense::{add_gram, zeros};
use asymscale_sampling::Design;
use asymscale_sampling::sparse::{self, SparseColumn};
use faer::Mat;

/// Columns that more than this share of the samples show are cheaper as dense matrices.
const DENSE: f64 = 0.125;
/// So many dense columns are multiplied at a time.
const TILE: usize = 256;

/// The lower triangle of `X W Xᵀ` for a diagonal `W` of numbers that are not negative: dense
/// columns by matrix products, the others entry by entry.
pub(crate) fn weighted_gram(design: &Design, weight: impl Fn(usize) -> f64) -> Mat<f64> {
    let least = DENSE * design.samples() as f64;
    let counted = (0..design.seen()).filter(|j| weight(*j) > 0.0);
    let (dense, others): (Vec<usize>, Vec<usize>) =
        counted.partition(|j| design.column(*j).0.len() as f64 > least);
    let mut gram = zeros(design.samples(), design.samples());
    for columns in dense.chunks(TILE) {
        add_weighted_gram(&mut gram, dense_columns(design, columns), |k| weight(columns[k]));
    }
    add_weighted_outer_products(&mut gram, others.iter().map(|j| (weight(*j), design.column(*j))));
    gram
}

/// Some columns of a design as a dense matrix.
pub(crate) fn dense_columns(design: &Design, columns: &[usize]) -> Mat<f64> {
    let mut dense = zeros(design.samples(), columns.len());
    for (k, j) in columns.iter().enumerate() {
        sparse::scatter(dense.col_as_slice_mut(k), design.column(*j));
    }
    dense
}

/// Adds `w x xᵀ` of each column of a dense matrix to the lower triangle of `gram`.
pub(crate) fn add_weighted_gram(
    gram: &mut Mat<f64>,
    mut columns: Mat<f64>,
    weight: impl Fn(usize) -> f64,
) {
    for k in 0..columns.ncols() {
        let root = weight(k).sqrt();
        columns.col_as_slice_mut(k).iter_mut().for_each(|x| *x *= root);
    }
    add_gram(gram.as_mut(), columns.as_ref());
}

/// Adds `w x xᵀ` of each weight and column to the lower triangle of `gram`, one column after the
/// other.
pub(crate) fn add_weighted_outer_products<'a>(
    gram: &mut Mat<f64>,
    columns: impl Iterator<Item = (f64, SparseColumn<'a>)>,
) {
    for (weight, column) in columns {
        for (row, x, below) in sparse::lower_triangle(column) {
            sparse::add_scaled(gram.col_as_slice_mut(row), weight * x, below);
        }
    }
}

/// The lower triangle of `XᵀX`: `Σ k²` over samples with `k` active coordinates.
pub(crate) fn coordinate_gram(design: &Design) -> Mat<f64> {
    let mut gram = zeros(design.seen(), design.seen());
    design.gram_terms(|j, i, term| gram[(j, i)] += term);
    gram
}

/// Adds `x xᵀ` of each column to the lower triangle of `gram`, one column after the other.
pub(crate) fn add_outer_products<'a>(
    gram: &mut Mat<f64>,
    columns: impl Iterator<Item = SparseColumn<'a>>,
) {
    add_weighted_outer_products(gram, columns.map(|column| (1.0, column)));
}
