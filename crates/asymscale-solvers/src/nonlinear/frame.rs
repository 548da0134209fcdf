//! Samples and test inputs in an orthonormal basis of the row space of a design.

use super::dots::{Tiles, frequent, place};
use crate::SolverError;
use crate::design_reduction::projection::Projection;
use crate::design_reduction::reduced::Reduced;
use crate::linear_algebra::dense::{add_product, add_scaled, zeros};
use crate::spectrum::decompose;
use asymscale_sampling::{Design, TestInputs, sparse};
use faer::Mat;

/// The samples and test inputs that determine the loss of a learner that is linear in its labels.
pub(super) struct Frame {
    /// `B Xᵀ`, `r × D`: the samples.
    pub(super) samples: Mat<f64>,
    /// `B x`, `r × T`: the test inputs, of which only seen coordinates count.
    pub(super) targets: Mat<f64>,
    /// `|x|` of every sample, and of every test input, unseen coordinates included.
    pub(super) sample_norms: Vec<f64>,
    pub(super) input_norms: Vec<f64>,
    /// `tr Σ(I − P)`, the exact loss of linear features at `N = ∞`.
    pub(super) residual: f64,
}

impl Frame {
    pub(super) fn new(design: &Design, inputs: &TestInputs) -> Result<Self, SolverError> {
        let reduced = Reduced::of(design)?;
        let (squares, left) = decompose(&reduced)?;
        let rank = reduced.rank();
        let whitened = Mat::from_fn(rank, rank, |k, row| left[(row, k)] / squares[k].sqrt());
        let residual = Projection::new(design, &reduced, &whitened).residual;
        let basis = reduced.pull_back(&whitened, 0..design.seen());
        let dense = frequent(design);
        let mut common = Tiles::new(dense);
        let mut samples = zeros(rank, design.samples());
        for (j, column) in design.columns().enumerate() {
            for (row, x) in sparse::entries(column) {
                if j < dense {
                    common.push(j, row, x);
                } else {
                    add_scaled(samples.col_as_slice_mut(row), x, basis.col_as_slice(j));
                }
            }
        }
        common.multiply(design.samples(), |first, values| {
            let own = basis.as_ref().subcols(first, values.nrows());
            add_product(samples.as_mut(), own, values, 1.0);
        });
        let mut targets = zeros(rank, inputs.count());
        let mut common = Tiles::new(dense);
        for k in 0..inputs.count() {
            for (index, x) in inputs.input(k) {
                match place(design, *index) {
                    Some(j) if j < dense => common.push(j, k, *x),
                    Some(j) => add_scaled(targets.col_as_slice_mut(k), *x, basis.col_as_slice(j)),
                    None => {}
                }
            }
        }
        common.multiply(inputs.count(), |first, values| {
            let own = basis.as_ref().subcols(first, values.nrows());
            add_product(targets.as_mut(), own, values, 1.0);
        });
        let norm = |k| inputs.input(k).iter().map(|(_, x)| x * x).sum::<f64>().sqrt();
        let input_norms = (0..inputs.count()).map(norm).collect();
        let sample_norms = design.sample_squares().into_iter().map(f64::sqrt).collect();
        Ok(Self { samples, targets, sample_norms, input_norms, residual })
    }
}
