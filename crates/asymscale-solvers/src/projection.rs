//! How much of the population the row space of a design holds, and how much it leaves out.

use crate::dense::product;
use crate::reduced::Reduced;
use asymscale_sampling::Design;
use faer::Mat;

/// Coordinates taken back from row space at a time.
pub(crate) const TILE: usize = 256;

/// Where less of a coordinate than this is lost, what is lost is added up instead of subtracted from 1.
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
/// Where `1 − P_jj` is small, it is had from `P² = P` as `Σ_{i≠j} P_ij² / P_jj`: entries of size `ε` are right to
/// rounding there, while 1 minus a number near 1 would have no digits below 1e-16.
fn lost_mass(design: &Design, reduced: &Reduced, whitened: &Mat<f64>, lost: &[f64]) -> f64 {
    if reduced.rank() == reduced.seen() {
        return 0.0;
    }
    let near: Vec<usize> = (0..lost.len()).filter(|j| lost[*j] < NEARLY_LEARNED).collect();
    let lambda = design.eigenvalues();
    let far = (0..lost.len()).rev().filter(|j| lost[*j] >= NEARLY_LEARNED);
    let plain: f64 = far.map(|j| lambda[j] * lost[j]).sum();
    let exact: f64 = near.chunks(TILE).rev().map(|chunk| added_up(lambda, reduced, whitened, chunk)).sum();
    plain + exact
}

/// `Σ_{j ∈ chunk} λ_j Σ_{i≠j} P_ij² / P_jj`.
fn added_up(lambda: &[f64], reduced: &Reduced, whitened: &Mat<f64>, chunk: &[usize]) -> f64 {
    let columns = reduced.gather(chunk);
    let coordinates = product(whitened.as_ref(), columns.as_ref());
    let dual = product(coordinates.transpose(), whitened.as_ref());
    let (mut off, mut diagonal) = (vec![0.0; chunk.len()], vec![1.0; chunk.len()]);
    for first in (0..reduced.seen()).step_by(TILE).rev() {
        let tile = first..reduced.seen().min(first + TILE);
        let projection = reduced.pull_back(&dual, tile.clone());
        for i in tile {
            for (k, entry) in projection.col_as_slice(i - first).iter().enumerate() {
                if chunk[k] == i { diagonal[k] = *entry } else { off[k] += entry * entry }
            }
        }
    }
    (0..chunk.len()).rev().map(|k| lambda[chunk[k]] * off[k] / diagonal[k]).sum()
}
