//! Samples and test inputs in an orthonormal basis of the row space of a design.

use crate::SolverError;
use crate::dense::zeros;
use crate::projection::Projection;
use crate::reduced::Reduced;
use crate::spectrum::decompose;
use asymscale_sampling::{Design, TestInputs};
use faer::Mat;

/// What a learner that is linear in its labels is judged by.
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
        let reduced = Reduced::of(design);
        let (squares, left) = decompose(&reduced)?;
        let rank = reduced.rank();
        let whitened = Mat::from_fn(rank, rank, |k, row| left[(row, k)] / squares[k].sqrt());
        let residual = Projection::new(design, &reduced, &whitened).residual;
        let basis = reduced.pull_back(&whitened, 0..design.seen());
        let (mut samples, mut sample_squares) = (zeros(rank, design.samples()), vec![0.0; design.samples()]);
        for j in 0..design.seen() {
            let (rows, values) = design.column(j);
            for (row, x) in rows.iter().map(|row| *row as usize).zip(values) {
                add(samples.col_as_slice_mut(row), *x, basis.col_as_slice(j));
                sample_squares[row] += x * x;
            }
        }
        let mut targets = zeros(rank, inputs.count());
        for k in 0..inputs.count() {
            for (index, x) in inputs.input(k) {
                if let Some(j) = place(design, *index) {
                    add(targets.col_as_slice_mut(k), *x, basis.col_as_slice(j));
                }
            }
        }
        let norm = |k| inputs.input(k).iter().map(|(_, x)| x * x).sum::<f64>().sqrt();
        let input_norms = (0..inputs.count()).map(norm).collect();
        let sample_norms = sample_squares.into_iter().map(f64::sqrt).collect();
        Ok(Self { samples, targets, sample_norms, input_norms, residual })
    }
}

/// Where a coordinate is among the seen ones.
pub(super) fn place(design: &Design, index: f64) -> Option<usize> {
    design.indices().binary_search_by(|seen| seen.total_cmp(&index)).ok()
}

pub(super) fn add(out: &mut [f64], factor: f64, column: &[f64]) {
    out.iter_mut().zip(column).for_each(|(sum, y)| *sum += factor * y);
}
