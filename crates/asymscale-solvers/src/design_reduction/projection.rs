//! How much of the population the row space of a design holds, and how much it leaves out.

use crate::design_reduction::reduced::Reduced;
use crate::design_reduction::wide;
use crate::linear_algebra::dense::{add_gram, product, zeros};
use asymscale_sampling::Design;
use faer::Mat;

/// Number of coordinates treated at a time.
pub(crate) const TILE: usize = 256;

/// If the lost share of a coordinate is below this, it is computed as a sum instead of as 1 minus
/// the kept share.
const NEARLY_LEARNED: f64 = 1e-3;

/// The population covariance seen from the row space of a design.
#[derive(Debug)]
pub(crate) struct Projection {
    /// `v_kᵀΣv_k` for each direction of an orthonormal basis.
    pub(crate) weights: Vec<f64>,
    /// `tr Σ(I − P)`, unseen coordinates included.
    pub(crate) residual: f64,
}

impl Projection {
    /// The rows of `whitened · X` are an orthonormal basis of row space.
    pub(crate) fn new(design: &Design, reduced: &Reduced, whitened: &Mat<f64>) -> Self {
        wide::projection(design, reduced, whitened)
            .unwrap_or_else(|| Self::of_each(design, reduced, whitened))
    }

    /// As [`Projection::new`], by a product for each coordinate.
    pub(crate) fn of_each(design: &Design, reduced: &Reduced, whitened: &Mat<f64>) -> Self {
        let (weights, lost) = directions(design, reduced, whitened);
        let residual = design.unseen_mass() + lost_mass(design, reduced, whitened, &lost);
        Self { weights, residual }
    }
}

/// `v_kᵀΣv_k` for each direction and `1 − P_jj` for each seen coordinate.
fn directions(design: &Design, reduced: &Reduced, whitened: &Mat<f64>) -> (Vec<f64>, Vec<f64>) {
    let (mut weights, mut lost) = (vec![0.0; reduced.rank()], Vec::new());
    // The smallest eigenvalues are added first.
    for first in (0..reduced.seen()).step_by(TILE).rev() {
        let tile = first..reduced.seen().min(first + TILE);
        let coordinates = reduced.pull_back(whitened, tile.clone());
        for j in tile.rev() {
            let column = coordinates.col_as_slice(j - first);
            let eigenvalue = design.eigenvalues()[j];
            weights.iter_mut().zip(column).for_each(|(weight, v)| *weight += eigenvalue * v * v);
            lost.push(1.0 - column.iter().map(|v| v * v).sum::<f64>());
        }
    }
    lost.reverse();
    (weights, lost)
}

/// `Σ λ_j (1 − P_jj)` over seen coordinates.
///
/// Where `1 − P_jj` is small, it is computed from `P² = P` as `Σ_{i≠j} P_ij² / P_jj`: entries of
/// size `ε` are right to rounding there, while 1 minus a number near 1 would have no digits below
/// 1e-16.
fn lost_mass(design: &Design, reduced: &Reduced, whitened: &Mat<f64>, lost: &[f64]) -> f64 {
    if reduced.rank() == reduced.seen() {
        return 0.0;
    }
    let (near, far): (Vec<usize>, Vec<usize>) =
        (0..lost.len()).partition(|j| lost[*j] < NEARLY_LEARNED);
    let lambda = design.eigenvalues();
    let plain: f64 = far.iter().rev().map(|j| lambda[*j] * lost[*j]).sum();
    // Diagonal entries of a projection add up to its rank, so that hardly more than that are near
    // 1.
    let coordinates = product(whitened.as_ref(), reduced.gather(&near).as_ref());
    let (mut off, diagonal) = among(&coordinates);
    if far.len() < reduced.rank() {
        for tile in far.chunks(TILE).rev() {
            let others = product(whitened.as_ref(), reduced.gather(tile).as_ref());
            add_squares(&mut off, &product(coordinates.transpose(), others.as_ref()), |_| true);
        }
    } else {
        let dual = product(coordinates.transpose(), whitened.as_ref());
        for first in (0..reduced.seen()).step_by(TILE).rev() {
            let tile = first..reduced.seen().min(first + TILE);
            let is_far = |k: usize| lost[first + k] >= NEARLY_LEARNED;
            add_squares(&mut off, &reduced.pull_back(&dual, tile), is_far);
        }
    }
    let exact: f64 =
        near.iter().enumerate().rev().map(|(k, j)| lambda[*j] * off[k] / diagonal[k]).sum();
    plain + exact
}

/// `Σ_{i≠j} P_ij²` among the coordinates whose columns in row space are given, and `P_jj`.
fn among(coordinates: &Mat<f64>) -> (Vec<f64>, Vec<f64>) {
    let count = coordinates.ncols();
    let mut gram = zeros(count, count);
    add_gram(gram.as_mut(), coordinates.transpose());
    let (mut off, mut diagonal) = (vec![0.0; count], vec![0.0; count]);
    for j in (0..count).rev() {
        let (upper, below) = off.split_at_mut(j + 1);
        let column = &gram.col_as_slice(j)[j..];
        diagonal[j] = column[0];
        upper[j] += column[1..].iter().rev().map(|entry| entry * entry).sum::<f64>();
        below.iter_mut().zip(&column[1..]).for_each(|(off, entry)| *off += entry * entry);
    }
    (off, diagonal)
}

/// Adds the squares of the columns that count.
fn add_squares(sums: &mut [f64], entries: &Mat<f64>, counts: impl Fn(usize) -> bool) {
    for k in (0..entries.ncols()).rev().filter(|k| counts(*k)) {
        sums.iter_mut().zip(entries.col_as_slice(k)).for_each(|(sum, entry)| *sum += entry * entry);
    }
}
