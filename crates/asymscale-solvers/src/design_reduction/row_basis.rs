//! The row space of a tall design (more samples than seen coordinates), seen from coordinates.
//!
//! With many more samples than coordinates nearly every coordinate is determined: its unit vector
//! is in the row space. Only a few coordinates that always appear together are not determined. The
//! pattern of the design says which ([`Design::undetermined`]), without looking at values; their
//! rows give the rest of the row space, by QR.

use crate::design_reduction::column_space::SURELY_FULL;
use crate::design_reduction::{tall, wide};
use crate::linear_algebra::dense::{Qr, pivoted_basis, zeros};
use crate::linear_algebra::graded::{Echelon, Graded, check_samples, is_graded, repeats_values};
use crate::spectrum::check_memory;
use crate::{DesignSpectrum, SolverError};
use asymscale_sampling::{Design, sparse};
use faer::Mat;

/// Where undetermined coordinates outnumber the samples by more than this factor, a decomposition
/// of the design is faster than QR. Measured on dense designs of 200 to 1400 samples: QR takes half
/// the time at a factor of one, two thirds at two and three, the same at four and more from five
/// on; on sparse designs it takes a sixth of the time below two and ten times as much at twenty.
const MANY: usize = 4;

/// Designs of at most so many seen coordinates have their columns checked for dependence in any
/// case.
const SMALL: usize = 256;

/// Rademacher designs of at most so many seen coordinates have their columns checked: a dense
/// matrix of that size is factorised.
const CHECKED: usize = 2048;

/// A row counts towards the rank if its part orthogonal to the rows before it is longer than this.
const RANK_TOLERANCE: f64 = 1e-12;

/// `tr Σ(I − P)` of a design, unseen coordinates included: the mean loss at `N = ∞` without noise,
/// and for Gaussian teachers the Bayes risk.
///
/// As [`crate::DesignSpectrum::residual_mass`], without a decomposition: only coordinates that the
/// pattern of the design leaves undetermined ([`Design::undetermined`]) are looked at. Where these
/// outnumber the samples, Gram matrices of the samples give what is lost. On drawn designs the
/// relative error was 1e-10 or less; random probes estimate what rounding moves at most, and where
/// that is more than 1e-7, and where the coordinates are fewer, the rows are factorised. Then the
/// parts of the loss have an error of 1e-16 of their variances. (Rows that depend on each other
/// with more than four times as many coordinates, or too many for memory, are decomposed after
/// all.) Rademacher designs with up to 2048 seen coordinates, and all with up to 256, have their
/// columns checked for dependence; beyond, where they are factorised, a Rademacher coordinate may
/// count as determined by its pattern although it is not. Cost: that of a matching, and `O(u² m)`
/// for `u` undetermined coordinates that `m` samples show, `D³ + D² u` and less where `u > D`.
///
/// # Errors
/// As [`DesignSpectrum::new`], where it decomposes.
///
/// ```
/// use asymscale_model::SparseModel;
/// use asymscale_sampling::{Design, Key};
/// use asymscale_solvers::{DesignSpectrum, residual_mass};
/// let model = SparseModel::power_law(1.0, 1.5, 1.0)?;
/// let design = Design::sample(&model, 400, &mut Key::new(1).stream())?;
/// let (quick, exact) = (residual_mass(&design)?, DesignSpectrum::new(&design)?.residual_mass());
/// assert!((quick / exact - 1.0).abs() < 1e-9 && quick > design.unseen_mass());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn residual_mass(design: &Design) -> Result<f64, SolverError> {
    let others = design.undetermined();
    if others.len() > design.samples()
        && let Some(residual) = from_gram_matrices(design)
    {
        return Ok(residual);
    }
    match RowBasis::where_faster_of(design, others)? {
        Some(basis) => Ok(design.unseen_mass() + basis.lost_mass(design.eigenvalues())),
        None => Ok(DesignSpectrum::new(design)?.residual_mass()),
    }
}

/// Where rounding does not matter.
fn from_gram_matrices(design: &Design) -> Option<f64> {
    let numbers = 4_usize.saturating_mul(design.samples().saturating_mul(design.samples()));
    if check_memory(design, numbers).is_err() || is_graded(design, false) {
        return None;
    }
    wide::residual_mass(design)
}

/// An orthonormal basis of row space: unit vectors of determined coordinates, and a dense one on
/// the others.
#[derive(Debug, Clone)]
pub(crate) struct RowBasis {
    /// Positions of coordinates whose unit vector is in the row space, ascending.
    pub(crate) determined: Vec<usize>,
    /// Positions of all other coordinates, ascending.
    pub(crate) others: Vec<usize>,
    /// `others × (rank − determined)`, orthonormal columns.
    pub(crate) basis: Mat<f64>,
    /// `1 − P_jj` of each of the others.
    lost: Vec<f64>,
}

impl RowBasis {
    /// From the pattern of the design, and from its values where these may be dependent though
    /// their pattern is not: in Rademacher designs, and in small ones, which may be made by hand.
    pub(crate) fn of(design: &Design) -> Result<Self, SolverError> {
        Self::checked(design, design.undetermined(), is_graded(design, false))
    }

    /// As [`RowBasis::of`]; `None` where a decomposition of the design is faster, or takes less
    /// memory.
    pub(crate) fn where_faster(design: &Design) -> Result<Option<Self>, SolverError> {
        Self::where_faster_of(design, design.undetermined())
    }

    /// As [`RowBasis::where_faster`], given the coordinates that the pattern leaves undetermined.
    fn where_faster_of(design: &Design, others: Vec<usize>) -> Result<Option<Self>, SolverError> {
        if others.len() > MANY * design.samples() {
            return Ok(None);
        }
        match Self::checked(design, others, is_graded(design, false)) {
            Err(SolverError::Memory { .. }) => Ok(None),
            answer => answer.map(Some),
        }
    }

    /// As [`RowBasis::of`], given the coordinates that the pattern leaves undetermined.
    pub(crate) fn checked(
        design: &Design,
        others: Vec<usize>,
        graded: bool,
    ) -> Result<Self, SolverError> {
        let pattern = Self::with(design, others, graded)?;
        let checked = design.seen() <= SMALL || design.seen() <= CHECKED && repeats_values(design);
        if !checked || tall::independent(design, &pattern) {
            return Ok(pattern);
        }
        Self::with(design, tall::dependent(design, &pattern)?, graded)
    }

    pub(crate) fn with(
        design: &Design,
        others: Vec<usize>,
        graded: bool,
    ) -> Result<Self, SolverError> {
        check_samples(design)?;
        let mut free = vec![true; design.seen()];
        for j in &others {
            free[*j] = false;
        }
        let determined = (0..design.seen()).filter(|j| free[*j]).collect();
        let (basis, lost) = basis(design, &others, graded)?;
        Ok(Self { determined, others, basis, lost })
    }

    /// `r = rank X`.
    pub(crate) fn rank(&self) -> usize {
        self.determined.len() + self.basis.ncols()
    }

    /// `Σ λ_j (1 − P_jj)` over seen coordinates.
    pub(crate) fn lost_mass(&self, eigenvalues: &[f64]) -> f64 {
        self.others.iter().zip(&self.lost).rev().map(|(j, lost)| eigenvalues[*j] * lost).sum()
    }

    /// `P v` in place, for vectors that lie side by side.
    pub(crate) fn project<const LANES: usize>(&self, v: &mut [[f64; LANES]]) {
        let mut inner = vec![[0.0; LANES]; self.basis.ncols()];
        for (b, inner) in inner.iter_mut().enumerate() {
            for (k, j) in self.others.iter().enumerate() {
                (0..LANES).for_each(|lane| inner[lane] += self.basis[(k, b)] * v[*j][lane]);
            }
        }
        for (k, j) in self.others.iter().enumerate() {
            v[*j] = [0.0; LANES];
            for (b, inner) in inner.iter().enumerate() {
                (0..LANES).for_each(|lane| v[*j][lane] += self.basis[(k, b)] * inner[lane]);
            }
        }
    }
}

/// An orthonormal basis of the rows of these columns, and `1 − P_jj` of each.
fn basis(
    design: &Design,
    others: &[usize],
    graded: bool,
) -> Result<(Mat<f64>, Vec<f64>), SolverError> {
    let block = block(design, others)?;
    if block.ncols() == 0 {
        return Ok((Mat::new(), Vec::new()));
    }
    if graded {
        return graded_basis(&block);
    }
    let basis = unit_basis(block);
    let kept = |k: usize| basis.row(k).iter().map(|b| b * b).sum::<f64>();
    let lost = (0..others.len()).map(|k| (1.0 - kept(k)).max(0.0)).collect();
    Ok((basis, lost))
}

/// The samples that show these columns, `others × samples`.
fn block(design: &Design, others: &[usize]) -> Result<Mat<f64>, SolverError> {
    let mut shows = vec![false; design.samples()];
    for j in others {
        design.column(*j).0.iter().for_each(|row| shows[*row as usize] = true);
    }
    let (mut place, mut count) = (vec![0; shows.len()], 0);
    for (row, _) in shows.iter().enumerate().filter(|(_, shows)| **shows) {
        place[row] = count;
        count += 1;
    }
    check_memory(design, 3_usize.saturating_mul(count).saturating_mul(others.len()))?;
    let mut block = zeros(others.len(), count);
    for (k, j) in others.iter().enumerate() {
        for (row, x) in sparse::entries(design.column(*j)) {
            block[(k, place[row])] = x;
        }
    }
    Ok(block)
}

/// A basis of the row space of a graded block.
fn graded_basis(block: &Mat<f64>) -> Result<(Mat<f64>, Vec<f64>), SolverError> {
    let echelon = Echelon::new(block.transpose().to_owned());
    let graded = Graded::new(echelon.scaled_rows(), echelon.scales())?;
    Ok((graded.basis.transpose().to_owned(), echelon.lost()?))
}

/// Whether the values of a design are looked at wherever they may be dependent though their pattern
/// is not, so that no coordinate counts as determined that is not.
pub(crate) fn is_certain(design: &Design) -> bool {
    design.seen() <= CHECKED || !repeats_values(design)
}

/// A basis of the row space, from rows scaled to unit length. Pivoting, which takes several times
/// longer, is needed only where rows depend on each other.
fn unit_basis(mut block: Mat<f64>) -> Mat<f64> {
    for row in block.col_iter_mut() {
        let length = row.norm_l2();
        row.iter_mut().for_each(|x| *x /= length);
    }
    let rank = block.ncols();
    if rank <= block.nrows() {
        let qr = Qr::new(block.clone());
        let r = qr.r();
        if (0..rank).all(|k| r[(k, k)].abs() > SURELY_FULL) {
            return qr.basis(rank);
        }
    }
    pivoted_basis(block, RANK_TOLERANCE)
}
