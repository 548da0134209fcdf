//! From solutions to losses, equation (S3) of [`derivations`](crate::derivations): the effective
//! weights `ŵ = Gᵀθ′` of all model sizes and teachers in one pass over the features.

use super::Features;
use crate::drawn_features::curve::add_errors;
use crate::linear_algebra::dense::{add_product, zeros};
use asymscale_sampling::{Design, Teachers};
use faer::Mat;

/// So many coordinates are treated at a time that their effective weights stay in cache.
const TILE: usize = 512;

/// At least so many features are multiplied at a time, because products of thin matrices are slow.
const BLOCK: usize = 192;

/// `Σ λ_i (w_i − ŵ_i)²` with unseen coordinates in expectation, teachers within a size adjacent.
pub(super) fn losses(
    design: &Design,
    teachers: &Teachers,
    features: &Features,
    sizes: &[usize],
    solutions: &[Mat<f64>],
) -> Vec<f64> {
    let count = teachers.count();
    let stacked = stack(sizes, solutions, count);
    let blocks = blocks(sizes);
    let mut losses = vec![0.0; stacked.nrows()];
    for first in (0..design.seen()).step_by(TILE) {
        let last = design.seen().min(first + TILE);
        let mut fitted = zeros(stacked.nrows(), last - first);
        for (from, to, size) in &blocks {
            let skipped = size * count;
            let solution = stacked.as_ref().get(skipped.., *from..*to);
            let weights = features.block(*from, *to, first, last);
            add_product(fitted.as_mut().get_mut(skipped.., ..), solution, weights, 1.0);
        }
        for j in first..last {
            add_errors(
                &mut losses,
                fitted.col_as_slice(j - first),
                teachers.weights(j),
                design.eigenvalues()[j],
            );
        }
    }
    let (unseen, energy) = (design.unseen_mass(), teachers.unseen_energy());
    let norms =
        solutions.iter().flat_map(|solution| (0..count).map(|t| solution.col(t).squared_norm_l2()));
    losses.iter_mut().zip(norms).for_each(|(loss, norm)| *loss += energy + unseen * norm);
    losses
}

/// All solutions below each other, `(sizes · teachers) × largest`, filled up with zeros.
fn stack(sizes: &[usize], solutions: &[Mat<f64>], count: usize) -> Mat<f64> {
    let largest = sizes.last().copied().unwrap_or(0);
    let mut stacked = zeros(sizes.len() * count, largest);
    for (k, solution) in solutions.iter().enumerate() {
        stacked
            .as_mut()
            .submatrix_mut(k * count, 0, count, sizes[k])
            .copy_from(solution.transpose());
    }
    stacked
}

/// Cuts the features into blocks `(from, to, k)`: sizes before the `k`-th have no feature in the
/// block.
fn blocks(sizes: &[usize]) -> Vec<(usize, usize, usize)> {
    let mut blocks = Vec::new();
    let (mut from, mut first) = (0, 0);
    for (k, to) in sizes.iter().enumerate() {
        if to - from >= BLOCK || k + 1 == sizes.len() {
            blocks.push((from, *to, first));
            (from, first) = (*to, k + 1);
        }
    }
    blocks
}
