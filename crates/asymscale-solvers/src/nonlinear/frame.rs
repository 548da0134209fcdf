//! Samples and test inputs in an orthonormal basis of the row space of a design.

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
        common.add_to(&mut samples, &basis);
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
        common.add_to(&mut targets, &basis);
        let norm = |k| inputs.input(k).iter().map(|(_, x)| x * x).sum::<f64>().sqrt();
        let input_norms = (0..inputs.count()).map(norm).collect();
        let sample_norms = design.sample_squares().into_iter().map(f64::sqrt).collect();
        Ok(Self { samples, targets, sample_norms, input_norms, residual })
    }
}

/// A coordinate is frequent if more than this share of the samples show it; leading frequent
/// coordinates are cheaper as dense matrices.
const FREQUENT: f64 = 0.125;
/// So many frequent coordinates are multiplied at a time.
pub(super) const TILE: usize = 256;

/// Number of the leading coordinates that are frequent.
pub(super) fn frequent(design: &Design) -> usize {
    let often = |j: &usize| design.column(*j).0.len() as f64 > FREQUENT * design.samples() as f64;
    (0..design.seen()).take_while(often).count()
}

/// Entries (coordinate, column, value) of frequent coordinates, by tile.
struct Tiles(Vec<Vec<(usize, usize, f64)>>);

impl Tiles {
    fn new(coordinates: usize) -> Self {
        Self(vec![Vec::new(); coordinates.div_ceil(TILE)])
    }

    fn push(&mut self, j: usize, column: usize, x: f64) {
        self.0[j / TILE].push((j % TILE, column, x));
    }

    /// Adds `B x` to every column of `out`.
    fn add_to(&self, out: &mut Mat<f64>, basis: &Mat<f64>) {
        for (number, tile) in self.0.iter().enumerate() {
            let width = TILE.min(basis.ncols() - number * TILE);
            let mut values = zeros(width, out.ncols());
            for (j, column, x) in tile {
                values[(*j, *column)] = *x;
            }
            add_product(
                out.as_mut(),
                basis.as_ref().subcols(number * TILE, width),
                values.as_ref(),
                1.0,
            );
        }
    }
}

/// The position of a coordinate among the seen ones.
pub(super) fn place(design: &Design, index: f64) -> Option<usize> {
    // Before the first unseen coordinate, coordinate `i` is at position `i − 1`.
    let own = index as usize - 1;
    if design.indices().get(own) == Some(&index) {
        return Some(own);
    }
    design.indices().binary_search_by(|seen| seen.total_cmp(&index)).ok()
}
