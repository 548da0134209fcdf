//! Samples and test inputs in an orthonormal basis of the row space of a design.

use super::dots::{Tiles, frequent, place};
use crate::design_reduction::projection::Projection;
use crate::design_reduction::reduced::Reduced;
use crate::design_reduction::row_basis::{RowBasis, is_certain};
use crate::linear_algebra::dense::{add_product, add_scaled, zeros};
use crate::linear_algebra::graded::is_graded;
use crate::spectrum::decompose;
use crate::{DesignSpectrum, SolverError};
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
        let units = if is_certain(design) { RowBasis::where_faster(design)? } else { None };
        let (basis, residual) = match units {
            Some(units) => {
                let residual = design.unseen_mass() + units.lost_mass(design.eigenvalues());
                (Basis::with_units(design, &units), residual)
            }
            None => decomposed(design)?,
        };
        Ok(Self::of(design, inputs, &basis, residual))
    }

    fn of(design: &Design, inputs: &TestInputs, basis: &Basis, residual: f64) -> Self {
        let mut samples = Images::new(basis, design.samples());
        for (j, column) in design.columns().enumerate() {
            sparse::entries(column).for_each(|(row, x)| samples.add(row, j, x));
        }
        let mut targets = Images::new(basis, inputs.count());
        for k in 0..inputs.count() {
            for (index, x) in inputs.input(k) {
                if let Some(j) = place(design, *index) {
                    targets.add(k, j, *x);
                }
            }
        }
        let norm = |k| inputs.input(k).iter().map(|(_, x)| x * x).sum::<f64>().sqrt();
        let input_norms = (0..inputs.count()).map(norm).collect();
        let sample_norms = design.sample_squares().into_iter().map(f64::sqrt).collect();
        Self {
            samples: samples.finish(),
            targets: targets.finish(),
            sample_norms,
            input_norms,
            residual,
        }
    }
}

/// An orthonormal basis of row space: unit vectors of some coordinates, then a dense one on the
/// others.
struct Basis {
    /// For each seen coordinate the row of its unit vector, or its column in `dense`.
    places: Vec<Place>,
    units: usize,
    dense: Mat<f64>,
    /// So many leading columns of `dense` belong to frequent coordinates.
    frequent: usize,
}

#[derive(Clone, Copy)]
enum Place {
    Unit(usize),
    Dense(usize),
}

impl Basis {
    /// Coordinates that the pattern of a design determines have unit vectors.
    fn with_units(design: &Design, basis: &RowBasis) -> Self {
        let mut places = vec![Place::Unit(0); design.seen()];
        for (row, j) in basis.determined.iter().enumerate() {
            places[*j] = Place::Unit(row);
        }
        for (column, j) in basis.others.iter().enumerate() {
            places[*j] = Place::Dense(column);
        }
        let often = frequent(design);
        Self {
            places,
            units: basis.determined.len(),
            dense: basis.basis.transpose().to_owned(),
            frequent: basis.others.iter().take_while(|j| **j < often).count(),
        }
    }
}

/// The basis of eigenvectors and `tr Σ(I − P)`, for designs with so many coordinates that the other
/// is slower, and for large Rademacher designs, whose pattern may say too much.
fn decomposed(design: &Design) -> Result<(Basis, f64), SolverError> {
    let reduced = Reduced::of(design)?;
    let (squares, left) = decompose(&reduced)?;
    let rank = reduced.rank();
    let whitened = Mat::from_fn(rank, rank, |k, row| left[(row, k)] / squares[k].sqrt());
    // On steep spectra rounding would reach what is left.
    let residual = if is_graded(design, false) {
        DesignSpectrum::new(design)?.residual_mass()
    } else {
        Projection::new(design, &reduced, &whitened).residual
    };
    let basis = Basis {
        places: (0..design.seen()).map(Place::Dense).collect(),
        units: 0,
        dense: reduced.pull_back(&whitened, 0..design.seen()),
        frequent: frequent(design),
    };
    Ok((basis, residual))
}

/// Sparse vectors in a basis, a column each. Frequent coordinates are multiplied as dense matrices.
struct Images<'a> {
    basis: &'a Basis,
    columns: Mat<f64>,
    common: Tiles,
}

impl<'a> Images<'a> {
    fn new(basis: &'a Basis, count: usize) -> Self {
        let columns = zeros(basis.units + basis.dense.nrows(), count);
        Self { basis, columns, common: Tiles::new(basis.frequent) }
    }

    /// Vector `k` has the entry `x` in the seen coordinate `j`.
    fn add(&mut self, k: usize, j: usize, x: f64) {
        let Self { basis, columns, common } = self;
        match basis.places[j] {
            Place::Unit(row) => columns[(row, k)] = x,
            Place::Dense(column) if column < basis.frequent => common.push(column, k, x),
            Place::Dense(column) => {
                let own = &mut columns.col_as_slice_mut(k)[basis.units..];
                add_scaled(own, x, basis.dense.col_as_slice(column));
            }
        }
    }

    fn finish(mut self) -> Mat<f64> {
        let Basis { units, dense, .. } = self.basis;
        self.common.multiply(self.columns.ncols(), |first, values| {
            let own = self.columns.as_mut().subrows_mut(*units, dense.nrows());
            add_product(own, dense.as_ref().subcols(first, values.nrows()), values, 1.0);
        });
        self.columns
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::linear_algebra::dense::product;
    use asymscale_model::{Coordinates, SparseModel};
    use asymscale_sampling::Key;

    /// What does not depend on the basis: inner products in row space, and what is outside of it.
    /// With all coordinates determined, with some, and with none.
    #[test]
    fn unit_vectors_and_eigenvectors_span_the_same_space() {
        let sparse = SparseModel::power_law(1.0, 1.5, 2.0).unwrap();
        let dense = SparseModel::power_law(1.0, 0.0, 1.0).unwrap();
        let dense = dense.with_coordinates(Coordinates::Finite(90)).unwrap();
        for (model, samples, units) in
            [(&sparse, 3000, 800..1100), (&sparse, 60, 1..70), (&dense, 40, 0..1)]
        {
            let design = Design::sample(model, samples, &mut Key::new(4).stream()).unwrap();
            let inputs = TestInputs::draw(model, samples, 50, &mut Key::new(5).stream()).unwrap();
            let rows = RowBasis::where_faster(&design).unwrap().unwrap();
            let residual = design.unseen_mass() + rows.lost_mass(design.eigenvalues());
            let basis = Basis::with_units(&design, &rows);
            assert!(units.contains(&basis.units), "{samples}: {} units", basis.units);
            let own = Frame::of(&design, &inputs, &basis, residual);
            let (basis, residual) = decomposed(&design).unwrap();
            let other = Frame::of(&design, &inputs, &basis, residual);
            assert_eq!(own.samples.nrows(), other.samples.nrows());
            assert!((own.residual / other.residual - 1.0).abs() < 1e-9, "{samples}");
            let inner = |frame: &Frame| {
                let targets = frame.targets.as_ref();
                [product(frame.samples.transpose(), targets), product(targets.transpose(), targets)]
            };
            for (own, other) in inner(&own).into_iter().zip(inner(&other)) {
                let most = other.norm_max();
                assert!(most > 0.0 && (own - other).norm_max() < 1e-9 * most, "{samples}");
            }
        }
    }
}
