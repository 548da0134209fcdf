//! Dense Gram matrices of sparse columns. The loops over entries are those of
//! [`asymscale_sampling::sparse`].

use crate::linear_algebra::dense::zeros;
use asymscale_sampling::Design;
use asymscale_sampling::sparse::{self, SparseColumn};
use faer::Mat;

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
    for (row, x, below) in columns.flat_map(sparse::lower_triangle) {
        sparse::add_scaled(gram.col_as_slice_mut(row), x, below);
    }
}
