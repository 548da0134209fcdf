//! Designs whose columns have lengths over many decades (graded matrices): every result is accurate
//! relative to its own size.
//!
//! Steep spectra make rare coordinates faint: at `α = 3` a design of a thousand samples has columns
//! over ten decades and eigenvalues over twenty. In a Gram matrix of samples all but the first
//! sixteen are lost, and with them the small part of a frequent coordinate that is not learned.
//! Here the design is brought into echelon form `X = Q Λ R̂` ([`Echelon`]), `Λ` the largest entry
//! of each row and `R̂` of entries up to one. With the Cholesky factor `R̂ R̂ᵀ = L̂ L̂ᵀ`,
//! `V = L̂⁻¹ R̂` is an orthonormal basis of row space and `X = Q (Λ L̂) V`. Entries of `L̂` below
//! the diagonal are as small as the ratio of the two scales, those of `Λ L̂` as its square: columns
//! of different decades are nearly orthogonal, and [`deflation`] finds the singular values decade
//! by decade. Each entry of `V` is accurate relative to its own size, and hence `Σ` in that basis
//! is, too.
//!
//! The factorisation is done twice (Y. Yamamoto et al., *Electron. Trans. Numer. Anal.* 44 (2015)
//! 306): the first pass leaves a basis with errors that grow as the square of the condition number,
//! the second pass one accurate to rounding. See J. Demmel and K. Veselić, *SIAM J. Matrix Anal.
//! Appl.* 13 (1992) 1204 (doi:10.1137/0613074): the accuracy depends on the condition number of the
//! matrix with its scales divided out, here that of `R̂`.

pub(crate) mod deflation;
pub(crate) mod echelon;
pub(crate) mod learner;
pub(crate) mod reflections;

use crate::SolverError;
use crate::linear_algebra::dense::{Cholesky, add_gram, mirror, product, zeros};
use asymscale_sampling::{Column, Design, sparse};
pub(crate) use echelon::Echelon;
use faer::Mat;
pub(crate) use learner::{Learner, weighted_squares};

/// The share of the loss that rounding may have in a solver that squares the condition number of
/// the design.
const ROUNDING: f64 = 1e-9;

/// Designs of more entries than this are treated as graded only if their rank depends on short
/// columns.
const LARGE: usize = 1 << 16;

/// The columns that the rank depends on must be longer than the bound of rounding by this factor,
/// because directions are shorter than their columns. Of designs at `α = 2` with 1024 samples,
/// losses agree with those of graded decompositions to 2e-10.
const MARGIN: f64 = 3.0;

/// The share of the part that label noise adds to the loss that rounding may have.
const NOISE_ROUNDING: f64 = 1e-7;

/// The largest entry of a sample, in units of the lengths of columns, may be this share of that of
/// another. Of continuous amplitudes of a single coordinate, one in about this many is smaller.
const FAINT: f64 = 1e-12;

/// Sums of squares between this and its inverse have neither underflowed nor overflowed.
const SAFE: f64 = 1e-280;

/// The diagonal of `L̂` over its largest entry, below which rounding of `R̂ R̂ᵀ`, to `1e-16` over
/// its square, would not leave a basis for the second pass.
const LEAST: f64 = 1e-7;

/// Refuses designs whose samples have lengths over many decades, in any units of coordinates:
/// rounding would hide the faint samples. No model draws such designs.
///
/// # Errors
/// [`SolverError::FaintSample`].
pub(crate) fn check_samples(design: &Design) -> Result<(), SolverError> {
    let mut largest = vec![0.0_f64; design.samples()];
    for column in design.columns() {
        let length = length(column.1);
        for (row, x) in sparse::entries(column).filter(|(_, x)| *x != 0.0) {
            largest[row] = largest[row].max(x.abs() / length);
        }
    }
    let most = largest.iter().copied().fold(0.0, f64::max);
    match largest.iter().position(|x| *x > 0.0 && *x < FAINT * most) {
        Some(sample) => {
            Err(SolverError::FaintSample { sample, share: largest[sample] / most, least: FAINT })
        }
        None => Ok(()),
    }
}

/// Noise of the rows of a design, in its echelon form.
pub(crate) fn noise_in(echelon: &Echelon, mut noise: Mat<f64>) -> Mat<f64> {
    echelon.rotate(&mut noise);
    noise.as_ref().subrows(0, echelon.rank()).to_owned()
}

/// Whether rounding would hide the loss in solvers without these precautions, or, if it is `noisy`,
/// the part that label noise adds.
///
/// Their singular directions have errors of `1e-16` relative to the largest singular value. So the
/// share of the largest eigenvalue in a faint direction has an error of the square of `1e-16` times
/// the ratio of column lengths. The part that label noise adds divides these shares by eigenvalues
/// once more.
pub(crate) fn is_graded(design: &Design, noisy: bool) -> bool {
    hides_loss(design) || noisy && hides_noise(design)
}

/// Whether rounding would hide the part that label noise adds.
pub(crate) fn hides_noise(design: &Design) -> bool {
    let ratio = column_ratio(design);
    let rank = design.seen().min(design.samples()) as f64;
    rank * (f64::EPSILON * ratio * ratio).powi(2) > NOISE_ROUNDING
}

/// Whether rounding would hide the loss without noise, which is at least the mass that is unseen or
/// beyond the rank.
fn hides_loss(design: &Design) -> bool {
    let mut variances: Vec<f64> =
        design.eigenvalues().iter().copied().filter(|x| *x > 0.0).collect();
    variances.sort_by(|x, y| y.total_cmp(x));
    let rank = design.seen().min(design.samples());
    // A projection of that rank leaves out at least the smallest of the variances (Ky Fan).
    let beyond: f64 = variances.iter().skip(rank).rev().sum();
    let least = variances.last().copied().unwrap_or(0.0);
    let left = (design.unseen_mass() + beyond).max(least);
    let largest = variances.first().copied().unwrap_or(0.0);
    let allowed = (ROUNDING * left / (largest * rank as f64)).sqrt() / f64::EPSILON;
    if column_ratio(design) <= allowed {
        return false;
    }
    !(is_large(design) && long_columns_span(design, allowed / MARGIN))
}

/// Whether a design is so large that treating it as graded without need would cost time.
fn is_large(design: &Design) -> bool {
    design.samples().min(design.seen()).saturating_mul(design.seen()) > LARGE
}

/// Whether the columns that are at most so many times shorter than the longest have the rank of
/// all, for amplitudes whose columns are dependent only if their pattern makes them so. Then no
/// direction depends on the shorter columns.
fn long_columns_span(design: &Design, ratio: f64) -> bool {
    let lengths: Vec<f64> = design.columns().map(|column| length(column.1)).collect();
    let least = lengths.iter().copied().fold(0.0, f64::max) / ratio;
    let long: Vec<usize> = (0..design.seen()).filter(|j| lengths[*j] >= least).collect();
    if long.len() < design.seen().min(design.samples()) || repeats_values(design) {
        return false;
    }
    let column = |j: &usize| {
        let (rows, values) = design.column(*j);
        let entries = rows.iter().copied().zip(values.iter().copied()).collect();
        Column { index: (*j + 1) as f64, eigenvalue: design.eigenvalues()[*j], entries }
    };
    let columns = long.iter().map(column).collect();
    Design::from_columns(design.samples(), columns, 0.0)
        .is_ok_and(|part| part.rank() == design.rank())
}

/// Whether a column has two entries of the same size, as Rademacher columns have and continuous
/// ones have not.
pub(crate) fn repeats_values(design: &Design) -> bool {
    let pair = |values: &[f64]| values.len() > 1 && values[0].abs() == values[1].abs();
    design.columns().any(|column| pair(column.1))
}

/// The length of the longest column over that of the shortest.
fn column_ratio(design: &Design) -> f64 {
    let lengths = design.columns().map(|column| length(column.1));
    let (least, most) = lengths
        .filter(|length| *length > 0.0)
        .fold((f64::INFINITY, 0.0_f64), |(least, most), length| {
            (least.min(length), most.max(length))
        });
    if most > least { most / least } else { 1.0 }
}

/// Euclidean length, also of faint columns whose squares underflow.
pub(crate) fn length(values: &[f64]) -> f64 {
    let square: f64 = values.iter().map(|x| x * x).sum();
    if (SAFE..SAFE.recip()).contains(&square) {
        return square.sqrt();
    }
    let largest = values.iter().fold(0.0_f64, |most, x| most.max(x.abs()));
    if largest == 0.0 {
        0.0
    } else {
        largest * values.iter().map(|x| (x / largest).powi(2)).sum::<f64>().sqrt()
    }
}

/// `a aᵀ`, both triangles.
pub(crate) fn whole_gram(a: &Mat<f64>) -> Mat<f64> {
    let mut gram = zeros(a.nrows(), a.nrows());
    add_gram(gram.as_mut(), a.as_ref());
    mirror(&mut gram);
    gram
}

/// A design as `Q Λ L̂ V`.
#[derive(Debug, Clone)]
pub(crate) struct Graded {
    /// `Λ`.
    pub(crate) scales: Vec<f64>,
    /// `L̂`, zero above the diagonal.
    pub(crate) factor: Mat<f64>,
    /// `V`, `rank × columns`, orthonormal rows.
    pub(crate) basis: Mat<f64>,
}

impl Graded {
    /// From the rows of an echelon form, each divided by its scale.
    ///
    /// # Errors
    /// [`SolverError::Precision`] if these are linearly dependent to rounding.
    pub(crate) fn new(rows: Mat<f64>, scales: Vec<f64>) -> Result<Self, SolverError> {
        let (size, mut basis) = (rows.nrows(), rows);
        let mut factor = Mat::identity(size, size);
        // The second pass corrects the errors of the first, which grow with the square of the
        // condition number.
        for _ in 0..2 {
            let mut gram = zeros(size, size);
            add_gram(gram.as_mut(), basis.as_ref());
            let step = Cholesky::new(gram)
                .filter(|step| step.diagonal_ratio() > LEAST)
                .ok_or(SolverError::Precision { size })?;
            step.half_solve(basis.as_mut());
            factor = product(factor.as_ref(), step.lower().as_ref());
        }
        Ok(Self { scales, factor, basis })
    }

    /// `Λ L̂`.
    pub(crate) fn scaled_factor(&self) -> Mat<f64> {
        let size = self.scales.len();
        let mut scaled = zeros(size, size);
        for j in 0..size {
            for i in j..size {
                scaled[(i, j)] = self.scales[i] * self.factor[(i, j)];
            }
        }
        scaled
    }

    /// `V Σ Vᵀ` for coordinates of these variances.
    pub(crate) fn covariance(&self, variances: &[f64]) -> Mat<f64> {
        let mut roots = self.basis.clone();
        for (j, variance) in variances.iter().enumerate() {
            let deviation = variance.sqrt();
            roots.col_as_slice_mut(j).iter_mut().for_each(|v| *v *= deviation);
        }
        whole_gram(&roots)
    }

    /// Squared singular values, ascending, and `v_kᵀΣv_k` of each, given `V Σ Vᵀ`.
    pub(crate) fn spectrum(
        &self,
        covariance: &Mat<f64>,
    ) -> Result<(Vec<f64>, Vec<f64>), SolverError> {
        let size = self.scales.len();
        let found = deflation::singular(&self.scaled_factor())?;
        let images = product(covariance.as_ref(), found.right.as_ref());
        let weight = |k: usize| -> f64 {
            found
                .right
                .col_as_slice(k)
                .iter()
                .zip(images.col_as_slice(k))
                .rev()
                .map(|(x, y)| x * y)
                .sum()
        };
        let mut order: Vec<usize> = (0..size).collect();
        order.sort_by(|i, j| found.values[*i].total_cmp(&found.values[*j]));
        let squares = order.iter().map(|k| found.values[*k].powi(2)).collect();
        Ok((squares, order.iter().map(|k| weight(*k).max(0.0)).collect()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::DesignSpectrum;
    use crate::design_reduction::row_basis::RowBasis;
    use asymscale_model::{Coordinates, SparseModel};
    use asymscale_sampling::Key;

    fn design(columns: &[&[(u32, f64)]], samples: usize) -> Design {
        let column = |(k, entries): (usize, &&[(u32, f64)])| Column {
            index: (k + 1) as f64,
            eigenvalue: 1.0 / (k + 1) as f64,
            entries: entries.to_vec(),
        };
        Design::from_columns(samples, columns.iter().enumerate().map(column).collect(), 0.0)
            .unwrap()
    }

    /// Three long columns, two of them active in one sample only, and two faint ones that alone
    /// distinguish the other samples: rounding errors of the third must not replace them.
    #[test]
    fn long_columns_that_depend_on_each_other_do_not_hide_faint_ones() {
        let faint = 1e-40;
        let design = design(
            &[
                &[(0, 1.3), (1, 0.7), (2, -0.4)],
                &[(0, 0.9)],
                &[(0, -1.1)],
                &[(2, 0.8 * faint)],
                &[(1, 1.7 * faint)],
            ],
            3,
        );
        assert!(is_graded(&design, false));
        let spectrum = DesignSpectrum::new(&design).unwrap();
        assert_eq!(spectrum.rank(), 3);
        // The smallest direction is that of samples 1 and 2 orthogonal to (0.7, −0.4).
        let square = faint * faint * ((0.8 * 0.7_f64).powi(2) + (1.7 * 0.4_f64).powi(2))
            / (0.49 + 0.16)
            / 3.0;
        assert!((spectrum.eigenvalues()[0] / square - 1.0).abs() < 1e-12, "{spectrum:?}");
        let total: f64 = design.eigenvalues().iter().sum();
        let sum = spectrum.weights().iter().sum::<f64>() + spectrum.residual_mass();
        assert!((sum / total - 1.0).abs() < 1e-14);
    }

    /// Designs of many more coordinates than samples, most of them active once and some fainter by
    /// chance: what row space leaves out of each coordinate, against QR with pivoting, which has it
    /// to rounding of the variance.
    #[test]
    fn wide_designs_lose_what_a_pivoted_factorisation_loses() {
        let cases =
            [(1.25, 1.0, 10_000_000, 256), (0.5, 0.5, 100_000, 100), (1.5, 0.9, 1_000_000, 150)];
        for (alpha, beta, coordinates, samples) in cases {
            let model = SparseModel::power_law(alpha, beta, 1.0).unwrap();
            let model = model.with_coordinates(Coordinates::Finite(coordinates)).unwrap();
            for n in 0..6 {
                let mut stream = Key::new(n).label("wide").stream();
                let design = Design::sample(&model, samples, &mut stream).unwrap();
                let lost = |graded| {
                    let basis = RowBasis::with(&design, design.undetermined(), graded).unwrap();
                    (basis.rank(), basis.lost_mass(design.eigenvalues()))
                };
                let ((rank, graded), (other, plain)) = (lost(true), lost(false));
                assert_eq!(rank, other);
                assert!(
                    (graded / plain - 1.0).abs() < 1e-9,
                    "{alpha} {beta}: {graded:e} {plain:e}"
                );
                // The decomposition of the whole design gives the same.
                let whole = DesignSpectrum::new(&design).unwrap().residual_mass();
                let seen = whole - design.unseen_mass();
                assert!((seen - plain).abs() < 1e-9 * whole, "{alpha} {beta}: {seen:e} {plain:e}");
            }
        }
    }

    /// Designs of steep spectra, against identities that hold for all matrices: images of right
    /// singular vectors are orthogonal, and the product of singular values is that of the diagonal
    /// of the factor.
    #[test]
    fn singular_vectors_are_orthogonal_decade_by_decade() {
        for (alpha, beta, samples) in
            [(3.0, 1.3, 150), (8.0, 1.5, 100), (20.0, 1.5, 100), (20.0, 1.2, 40)]
        {
            let model = SparseModel::power_law(alpha, beta, 2.0).unwrap();
            let design = Design::sample(&model, samples, &mut Key::new(5).stream()).unwrap();
            let reduced = crate::design_reduction::reduced::Reduced::of(&design).unwrap();
            let echelon = Echelon::new(reduced.to_dense());
            assert_eq!(echelon.rank(), reduced.rank());
            let graded = Graded::new(echelon.scaled_rows(), echelon.scales()).unwrap();
            let factor = graded.scaled_factor();
            let found = deflation::singular(&factor).unwrap();
            let images = product(factor.as_ref(), found.right.as_ref());
            let (mut worst, mut decades) = (0.0_f64, 0.0);
            for (i, value) in found.values.iter().enumerate() {
                let column = images.col(i);
                worst = worst.max((column.norm_l2() / value - 1.0).abs());
                for (j, other) in found.values.iter().enumerate().take(i) {
                    worst = worst.max((column.transpose() * images.col(j)).abs() / (value * other));
                }
                decades += (value / factor[(i, i)]).ln();
            }
            assert!(worst < 1e-9, "alpha {alpha}, images: {worst}");
            assert!(decades.abs() < 1e-9, "alpha {alpha}, product: {decades}");
            let unit = product(found.right.transpose(), found.right.as_ref());
            let distance = (&unit - Mat::<f64>::identity(unit.nrows(), unit.nrows())).norm_max();
            // The angle that is neglected in the longer of two vectors.
            assert!(distance < 1e-8, "alpha {alpha}, vectors: {distance}");
        }
    }
}
