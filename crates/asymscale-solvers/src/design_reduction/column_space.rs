//! The column space of a design, found mostly without arithmetic.
//!
//! A design is rank deficient where samples collide: two samples that show nothing but the same few
//! coordinates add one equation, not two. Least squares needs an orthonormal basis of the column
//! space of `X` in sample space, and a matrix of the reduced rows that has full rank.
//!
//! Scales `a_i` of coordinates span decades, so a tolerance on singular values of `X` cannot tell
//! rare coordinates from rounding. Instead:
//! 1. **Peeling.** A coordinate active in exactly one remaining sample puts that sample's unit
//!    vector into the column space, whatever its value. The sample is removed, which may leave
//!    other coordinates with one sample. This is exact, and it settles most samples of sparse
//!    designs.
//! 2. **The core** that is left, as unit columns: a Cholesky factorisation shows that it has full
//!    rank, or QR with column pivoting finds its numerical rank.

use crate::SolverError;
use crate::linear_algebra::dense::{Cholesky, Qr, add_gram, pivoted_basis, zeros};
use crate::linear_algebra::graded::check_samples;
use crate::spectrum::check_memory;
use asymscale_sampling::Design;
use asymscale_sampling::sparse::{self, SampleRows};
use faer::{Mat, MatRef};

/// Diagonal ratio of a Cholesky factor of unit columns above which the rank is full with certainty:
/// its square, 1e-10, is far above the rounding errors of a Gram matrix, size × 1e-16.
pub(crate) const SURELY_FULL: f64 = 1e-5;

/// A column of the core counts towards the rank if its part orthogonal to the columns before it is
/// longer than this times its length: rounding errors leave at most size × 1e-16.
const RANK_TOLERANCE: f64 = 1e-12;

/// The first columns that are tried are a quarter more than the rows, and so many more: the least
/// singular value of random ones is then a tenth of the largest or so, far above
/// [`SURELY_FULL`].
const MORE: usize = 16;

/// An orthonormal basis of the column space of a design: unit vectors of some samples and, if the
/// core is rank deficient, a dense basis on its samples.
#[derive(Debug, Clone)]
pub(crate) struct ColumnSpace {
    /// Samples whose unit vectors are in the basis, ascending.
    pub(crate) units: Vec<u32>,
    /// Samples of a rank-deficient core, ascending; empty if there is none.
    pub(crate) core: Vec<u32>,
    /// `core × (rank − units)`, orthonormal columns.
    pub(crate) basis: Mat<f64>,
}

impl ColumnSpace {
    /// Finds the column space of a design.
    pub(crate) fn of(design: &Design) -> Result<Self, SolverError> {
        check_samples(design)?;
        let peeled = peel(design);
        let core = Core::of(design, &peeled);
        let basis = core.basis()?;
        let rows = core.rows;
        let mut units: Vec<u32> =
            (0..design.samples() as u32).filter(|row| peeled[*row as usize]).collect();
        if let Some(basis) = basis {
            return Ok(Self { units, core: rows, basis });
        }
        units.extend(rows);
        units.sort_unstable();
        Ok(Self { units, core: Vec::new(), basis: Mat::new() })
    }

    /// `r = rank X`.
    pub(crate) fn rank(&self) -> usize {
        self.units.len() + self.basis.ncols()
    }

    /// `Qᵀ y` for a column per teacher.
    pub(crate) fn reduce(&self, y: MatRef<'_, f64>) -> Mat<f64> {
        let units = self.units.len();
        let mut reduced = zeros(self.rank(), y.ncols());
        for t in 0..y.ncols() {
            self.units
                .iter()
                .enumerate()
                .for_each(|(k, row)| reduced[(k, t)] = y[(*row as usize, t)]);
            for k in 0..self.basis.ncols() {
                let terms = self
                    .core
                    .iter()
                    .enumerate()
                    .map(|(n, row)| self.basis[(n, k)] * y[(*row as usize, t)]);
                reduced[(units + k, t)] = terms.sum();
            }
        }
        reduced
    }
}

/// Whether peeling removes each sample.
fn peel(design: &Design) -> Vec<bool> {
    let samples = SampleRows::of(design);
    let mut left: Vec<usize> = (0..design.seen()).map(|j| entries(design, j).count()).collect();
    let mut peeled = vec![false; design.samples()];
    let mut single: Vec<usize> = (0..design.seen()).filter(|j| left[*j] == 1).collect();
    while let Some(j) = single.pop() {
        let last = entries(design, j).find(|(row, _)| !peeled[*row]);
        let Some((row, _)) = last else { continue };
        peeled[row] = true;
        for (other, _) in samples.sample(row).iter().filter(|(_, x)| *x != 0.0) {
            let left = &mut left[*other as usize];
            *left -= 1;
            if *left == 1 {
                single.push(*other as usize);
            }
        }
    }
    peeled
}

/// The samples with active coordinates that peeling leaves, and their coordinates.
struct Core<'a> {
    design: &'a Design,
    /// Both ascending.
    rows: Vec<u32>,
    columns: Vec<usize>,
    /// For each sample its number among the rows.
    place: Vec<u32>,
}

/// The place of a sample that is not in the core.
const PEELED: u32 = u32::MAX;

impl<'a> Core<'a> {
    fn of(design: &'a Design, peeled: &[bool]) -> Self {
        let mut place = vec![PEELED; design.samples()];
        let mut columns = Vec::new();
        for j in 0..design.seen() {
            let before = columns.len();
            for (row, _) in entries(design, j).filter(|(row, _)| !peeled[*row]) {
                place[row] = 0;
                columns.resize(before + 1, j);
            }
        }
        let rows: Vec<u32> =
            (0..design.samples() as u32).filter(|row| place[*row as usize] == 0).collect();
        rows.iter().enumerate().for_each(|(n, row)| place[*row as usize] = n as u32);
        Self { design, rows, columns, place }
    }

    /// An orthonormal basis of its column space, or `None` if that is the whole sample space.
    fn basis(&self) -> Result<Option<Mat<f64>>, SolverError> {
        let (rows, columns) = (self.rows.len(), self.columns.len());
        // Where columns are many, the first of them will span it.
        let few = rows + rows / 4 + MORE;
        if rows == 0 || columns > 2 * few && surely_full(self.unit_columns(few)?.as_ref()) {
            return Ok(None);
        }
        let core = self.unit_columns(columns)?;
        if columns >= rows && surely_full(core.as_ref()) {
            return Ok(None);
        }
        if columns < rows && surely_full(core.transpose()) {
            return Ok(Some(Qr::new(core).basis(columns)));
        }
        let basis = pivoted_basis(core, RANK_TOLERANCE);
        Ok((basis.ncols() < rows).then_some(basis))
    }

    /// The first `count` columns, each of unit length.
    fn unit_columns(&self, count: usize) -> Result<Mat<f64>, SolverError> {
        let rows = self.rows.len();
        check_memory(self.design, 3_usize.saturating_mul(rows).saturating_mul(count))?;
        let mut core = zeros(rows, count);
        for (k, j) in self.columns.iter().take(count).enumerate() {
            let own = || {
                entries(self.design, *j).filter_map(|(row, x)| {
                    (self.place[row] != PEELED).then_some((self.place[row] as usize, x))
                })
            };
            // The largest entry is divided out first: values of rare coordinates may overflow when
            // squared.
            let largest = own().fold(0.0_f64, |most, (_, x)| most.max(x.abs()));
            let norm = own().map(|(_, x)| (x / largest).powi(2)).sum::<f64>().sqrt();
            for (row, x) in own() {
                core[(row, k)] = x / largest / norm;
            }
        }
        Ok(core)
    }
}

/// Whether the rows of `a` are certainly independent.
fn surely_full(a: MatRef<'_, f64>) -> bool {
    let mut gram = zeros(a.nrows(), a.nrows());
    add_gram(gram.as_mut(), a);
    Cholesky::new(gram).is_some_and(|factor| factor.diagonal_ratio() > SURELY_FULL)
}

/// The entries of a column that are not 0.
fn entries(design: &Design, j: usize) -> impl Iterator<Item = (usize, f64)> {
    sparse::entries(design.column(j)).filter(|entry| entry.1 != 0.0)
}
