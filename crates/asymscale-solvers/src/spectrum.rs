//! One decomposition of a design, from which a whole curve follows.

pub(crate) mod averaged;
pub(crate) mod corrected;
pub(crate) mod flow;
pub(crate) mod nodes;
pub(crate) mod optimal_ridge;
pub(crate) mod orthogonal;
pub(crate) mod overparameterized;
pub(crate) mod pairs;
pub(crate) mod resolvent;
pub(crate) mod teacher;

use crate::SolverError;
use crate::design_reduction::projection::Projection;
use crate::design_reduction::reduced::Reduced;
use crate::design_reduction::tall::Tall;
use crate::linear_algebra::dense::eigen;
use crate::linear_algebra::graded::{Echelon, Graded, hides_noise, is_graded, length};
use crate::linear_algebra::refinement::{self, Squares};
use asymscale_sampling::Design;
use faer::Mat;

/// A design of more numbers than this, as a dense matrix, is decomposed in coordinates if they are
/// fewer than samples.
const WIDE: usize = 1 << 25;

/// Most bytes of dense matrices. A decomposition takes about [`COPIES`] matrices of its size.
const MOST_BYTES: usize = 1 << 33;
const COPIES: usize = 5;

/// Relative rounding allowed in sums over a decomposition: ten times that of the least accurate
/// eigenvalue that is not refined.
const ADDS_UP: f64 = 1e-6;

/// The non-zero spectrum of `Σ̂ = XᵀX/D`, with the population variance of each direction and of all
/// others.
///
/// With `P` the projection on the row space of `X`, `r = rank X` and `v_k` the eigenvectors of
/// `Σ̂`, everything the average over features and teachers depends on is `(s_k, v_kᵀΣv_k)` for
/// `k = 1…r` and `tr Σ(I − P)`.
///
/// Cost: one symmetric eigenvalue decomposition of size `r ≤ min(seen, D)` and `nonzeros · r`; a
/// few products more where eigenvalues span more than nine decades, and a few decompositions more
/// (`r² · seen` operations in all) where columns have lengths over so many decades that rounding
/// would reach the loss. Where no sample shows two coordinates no decomposition is needed.
/// Accuracy: 1e-7 of every eigenvalue, and of every loss, over any number of decades. The rank is
/// numerical, of columns scaled to unit length: a column counts if its part orthogonal to the
/// others is longer than 1e-12. Memory: about `5 r²` numbers. Designs with more samples than seen
/// coordinates and more than 2²⁵ places are decomposed in coordinates, not as a dense matrix of
/// samples, unless their columns depend on each other in more ways than can be distinguished from
/// rounding.
///
/// ```
/// use asymscale_sampling::{Column, Design};
/// use asymscale_solvers::{DesignSpectrum, Regression};
/// // Two samples of two coordinates, and a third coordinate that neither shows.
/// let column = |index, row, x| Column { index, eigenvalue: 1.0, entries: vec![(row, x)] };
/// let design = Design::from_columns(2, vec![column(1.0, 0, 2.0), column(2.0, 1, 1.0)], 0.25)?;
/// let spectrum = DesignSpectrum::new(&design)?;
/// assert_eq!(spectrum.rank(), 2);
/// let expected = [0.5, 2.0];
/// assert!(spectrum.eigenvalues().iter().zip(expected).all(|(s, e)| (s - e).abs() < 1e-15));
/// // With enough features only the unseen coordinate is left.
/// assert_eq!(spectrum.averaged_loss(f64::INFINITY, Regression::default())?, 0.25);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct DesignSpectrum {
    samples: f64,
    eigenvalues: Vec<f64>,
    weights: Vec<f64>,
    residual: f64,
    /// Whether the part of losses that label noise adds is accurate, too.
    knows_noise: bool,
}

/// Designs of up to so many entries are always decomposed with the accuracy that label noise needs.
const SMALL: usize = 1 << 16;

impl DesignSpectrum {
    /// Decomposes a design.
    ///
    /// # Errors
    /// [`SolverError::Eigenvalues`] if the decomposition does not converge. [`SolverError::Memory`]
    /// if it would take more than 8 GiB: use [`crate::StochasticSpectrum`] then.
    /// [`SolverError::FaintSample`] and [`SolverError::Precision`] for designs that no model draws,
    /// whose loss rounding would hide.
    pub fn new(design: &Design) -> Result<Self, SolverError> {
        let entries = design.samples().min(design.seen()).saturating_mul(design.seen());
        match Self::decompose(design, entries <= SMALL) {
            Err(SolverError::Precision { .. }) => Self::decompose(design, false),
            answer => answer,
        }
    }

    /// As [`DesignSpectrum::new`], and accurate for losses with label noise on every design. Where
    /// rare coordinates are faint, noise that is fitted through them needs digits that the loss
    /// without noise does not. [`DesignSpectrum::new`] keeps these digits for small designs only;
    /// for others losses with noise are refused with [`SolverError::HiddenNoise`] where they would
    /// be wrong. Cost: up to ten times that of `new` where columns have lengths over many decades,
    /// else the same.
    ///
    /// # Errors
    /// As [`DesignSpectrum::new`].
    ///
    /// ```
    /// use asymscale_sampling::{Column, Design};
    /// use asymscale_solvers::{DesignSpectrum, Regression};
    /// // Two coordinates of one sample each, the second fainter by forty decades.
    /// let column = |index, eigenvalue, x| Column {
    ///     index,
    ///     eigenvalue,
    ///     entries: vec![(index as u32 - 1, x)],
    /// };
    /// let columns = vec![column(1.0, 1.0, 2.0), column(2.0, 1e-80, 1e-40)];
    /// let design = Design::from_columns(2, columns, 0.0)?;
    /// // Noise is passed on as σ² Σ λ/x².
    /// let noisy = Regression::new(0.0, 0.5).unwrap();
    /// let loss = DesignSpectrum::for_noise(&design)?.averaged_loss(f64::INFINITY, noisy)?;
    /// assert!((loss / (0.5 * (0.25 + 1.0)) - 1.0).abs() < 1e-12);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn for_noise(design: &Design) -> Result<Self, SolverError> {
        Self::decompose(design, true)
    }

    fn decompose(design: &Design, noisy: bool) -> Result<Self, SolverError> {
        if orthogonal::shows_one_at_a_time(design) {
            return Self::orthogonal(design);
        }
        let size = design.samples().min(design.seen());
        check_memory(design, COPIES.saturating_mul(size.saturating_mul(size)))?;
        let tall = if is_tall(design) { Self::tall(design, noisy)? } else { None };
        let spectrum = tall.map_or_else(|| Self::wide(design, noisy), Ok)?;
        Ok(Self { knows_noise: noisy || !hides_noise(design), ..spectrum })
    }

    /// Refuses label noise where the decomposition is not accurate enough for it.
    pub(crate) fn check_noise(&self, noise: f64) -> Result<(), SolverError> {
        if noise > 0.0 && !self.knows_noise { Err(SolverError::HiddenNoise(noise)) } else { Ok(()) }
    }

    /// Decomposes a tall design in coordinates; `None` if that cannot determine the rank.
    fn tall(design: &Design, noisy: bool) -> Result<Option<Self>, SolverError> {
        let graded = is_graded(design, noisy);
        let tall = if graded { Tall::graded(design)? } else { Tall::new(design)? };
        tall.map(|Tall { squares, weights, lost }| {
            Self::of(design, &squares, weights, design.unseen_mass() + lost)
        })
        .transpose()
    }

    /// From squared singular values of `X`, ascending. They must add up to the squares of all
    /// entries, and the variances to those of all coordinates; otherwise the decomposition is
    /// wrong.
    fn of(
        design: &Design,
        squares: &[f64],
        weights: Vec<f64>,
        residual: f64,
    ) -> Result<Self, SolverError> {
        let samples = design.samples() as f64;
        let entries: f64 = design.columns().map(|column| length(column.1).powi(2)).sum();
        let variance = design.unseen_mass() + design.eigenvalues().iter().rev().sum::<f64>();
        let adds_up = |sum: f64, whole: f64| (sum - whole).abs() <= ADDS_UP * whole;
        if !(adds_up(squares.iter().sum(), entries)
            && adds_up(residual + weights.iter().sum::<f64>(), variance))
        {
            return Err(SolverError::Precision { size: squares.len() });
        }
        // An eigenvalue below the smallest float is replaced by it: no loss depends on the
        // difference.
        let eigenvalues =
            squares.iter().map(|square| (square / samples).max(f64::MIN_POSITIVE)).collect();
        Ok(Self { samples, eigenvalues, weights, residual, knows_noise: true })
    }

    fn wide(design: &Design, noisy: bool) -> Result<Self, SolverError> {
        let reduced = Reduced::of(design)?;
        if is_graded(design, noisy) {
            return Self::graded(design, &reduced);
        }
        let (squares, left) = decompose(&reduced)?;
        // The rows of `whitened` give coordinates in the orthonormal basis `v_k = Xᵀu_k/σ_k` of row
        // space.
        let whitened = Mat::from_fn(reduced.rank(), reduced.rank(), |k, row| {
            left[(row, k)] / squares[k].sqrt()
        });
        let Projection { weights, residual } = Projection::new(design, &reduced, &whitened);
        Self::of(design, &squares, weights, residual)
    }

    /// Decomposes a design whose columns have lengths over many decades.
    fn graded(design: &Design, reduced: &Reduced) -> Result<Self, SolverError> {
        check_memory(design, COPIES.saturating_mul(reduced.rank().saturating_mul(design.seen())))?;
        let echelon = Echelon::new(reduced.to_dense());
        if echelon.rank() != reduced.rank() {
            return Err(SolverError::Precision { size: reduced.rank() });
        }
        let graded = Graded::new(echelon.scaled_rows(), echelon.scales())?;
        let (squares, weights) = graded.spectrum(&graded.covariance(design.eigenvalues()))?;
        let lost = echelon.lost_mass(design.eigenvalues())?;
        Self::of(design, &squares, weights, design.unseen_mass() + lost)
    }

    /// The spectrum of a design with the same columns and `mass` more variance in coordinates that
    /// no sample shows (less, if negative).
    #[must_use]
    pub fn with_more_unseen(mut self, mass: f64) -> Self {
        self.residual += mass;
        self
    }

    /// `r = rank X`: the interpolation threshold of the design.
    ///
    /// Numerical, by unit columns: equal to the generic [`Design::rank`] for Gaussian amplitudes,
    /// and for Rademacher ones to the actual rank, which is sometimes lower.
    pub fn rank(&self) -> usize {
        self.eigenvalues.len()
    }

    /// Number of samples `D`.
    pub fn samples(&self) -> f64 {
        self.samples
    }

    /// The non-zero eigenvalues `s_k` of `Σ̂ = XᵀX/D`, ascending.
    pub fn eigenvalues(&self) -> &[f64] {
        &self.eigenvalues
    }

    /// `v_kᵀ Σ v_k` of each eigenvector, in the order of [`DesignSpectrum::eigenvalues`].
    pub fn weights(&self) -> &[f64] {
        &self.weights
    }

    /// `tr Σ(I − P)`, unseen coordinates included: the mean loss at `N = ∞` without noise, and for
    /// Gaussian teachers the Bayes risk.
    ///
    /// If the seen coordinates are linearly independent on the samples (`r = seen`) it is the
    /// unseen mass exactly. Otherwise the lost share of nearly learned coordinates is computed as a
    /// sum of squares rather than as 1 minus a number near 1.
    pub fn residual_mass(&self) -> f64 {
        self.residual
    }
}

/// Refuses a request for more memory than is allowed, before it is made.
pub(crate) fn check_memory(design: &Design, numbers: usize) -> Result<(), SolverError> {
    let needed = numbers.saturating_mul(size_of::<f64>());
    if needed <= MOST_BYTES {
        return Ok(());
    }
    Err(SolverError::Memory {
        samples: design.samples(),
        seen: design.seen(),
        needed,
        most: MOST_BYTES,
    })
}

fn is_tall(design: &Design) -> bool {
    design.seen() < design.samples() && design.samples().saturating_mul(design.seen()) > WIDE
}

/// Squared singular values and left singular vectors of a reduced design.
pub(crate) fn decompose(reduced: &Reduced) -> Result<Squares, SolverError> {
    let squares = eigen(reduced.gram().as_ref())?;
    if refinement::needs_refinement(&squares) {
        refinement::refined(reduced, squares)
    } else {
        Ok(squares)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Regression;
    use asymscale_model::{Amplitude, SparseModel};
    use asymscale_sampling::{Column, Key};

    /// Both ways through the same designs, some with coordinates that collide.
    #[test]
    fn samples_and_coordinates_give_the_same_spectrum() {
        let mut collisions = 0;
        for (beta, onset, samples, seed) in
            [(1.5, 1.0, 600, 1), (1.5, 3.0, 600, 2), (2.0, 1.0, 3000, 3), (2.5, 4.0, 500, 4)]
        {
            let model = SparseModel::power_law(1.0, beta, onset).unwrap();
            let design = Design::sample(&model, samples, &mut Key::new(seed).stream()).unwrap();
            let (wide, tall) = (
                DesignSpectrum::wide(&design, true).unwrap(),
                DesignSpectrum::tall(&design, true).unwrap().unwrap(),
            );
            assert_eq!(wide.rank(), tall.rank(), "beta {beta}, onset {onset}");
            collisions += design.seen() - tall.rank();
            let close = |a: f64, b: f64, what: &str| {
                // Rounding, 1e-16 of the largest eigenvalue, in the smallest that is not computed
                // anew, 1e-9 of it.
                assert!((a / b - 1.0).abs() < 1e-7, "beta {beta}, onset {onset}, {what}: {a} {b}");
            };
            for (a, b) in wide.eigenvalues().iter().zip(tall.eigenvalues()) {
                close(*a, *b, "eigenvalue");
            }
            close(wide.residual_mass(), tall.residual_mass(), "residual");
            let noisy = Regression::new(0.0, 0.1).unwrap();
            for share in [0.2, 0.7, 0.9, 2.0] {
                let features = (share * wide.rank() as f64).round();
                let [a, b] = [&wide, &tall].map(|s| s.averaged_loss(features, noisy).unwrap());
                close(a, b, "loss");
            }
        }
        assert!(collisions > 10, "{collisions} collisions: the test needs some");
    }

    /// A Rademacher design of which some columns are dependent although every one could have a
    /// sample of its own. By their pattern they count as determined; pivots that are rounding
    /// errors must not count.
    #[test]
    fn dependent_rademacher_columns_have_the_rank_of_the_wide_route() {
        let scales = [0.3, 0.07, 0.0049, 0.003];
        let sparse: [&[&[(u32, f64)]]; 4] = [
            &[&[(0, 1.0), (1, 1.0)], &[(0, 1.0), (1, 1.0)]],
            &[
                &[(0, 1.0), (1, 1.0), (5, 1.0)],
                &[(0, 1.0), (1, 1.0), (5, 1.0)],
                &[(1, 1.0), (2, 1.0)],
                &[(0, 1.0), (2, -1.0)],
            ],
            &[&[(0, 1.0), (1, 1.0)], &[(1, 1.0), (2, 1.0)], &[(0, 1.0), (2, -1.0)]],
            &[
                &[(0, 1.0), (1, -1.0)],
                &[(0, 1.0), (1, -1.0)],
                &[(7, 1.0), (8, 1.0)],
                &[(7, -1.0), (8, -1.0)],
            ],
        ];
        for (n, columns) in sparse.into_iter().enumerate() {
            for top in [1.0, 1e3, 1e5] {
                let always =
                    (0..40).map(|row| (row, if row % 3 == 0 { top } else { -top })).collect();
                let rare = columns.iter().zip(scales).map(|(entries, scale)| {
                    entries.iter().map(|(row, x)| (*row, scale * x)).collect()
                });
                let entries: Vec<Vec<(u32, f64)>> = std::iter::once(always).chain(rare).collect();
                let column = |(k, entries): (usize, Vec<_>)| Column {
                    index: (k + 1) as f64,
                    eigenvalue: 0.5_f64.powi(k as i32),
                    entries,
                };
                let design = Design::from_columns(
                    40,
                    entries.into_iter().enumerate().map(column).collect(),
                    0.1,
                )
                .unwrap();
                let wide = DesignSpectrum::wide(&design, true).unwrap();
                let tall = DesignSpectrum::tall(&design, true).unwrap().unwrap();
                assert!(wide.rank() < design.rank(), "Rademacher {n}");
                assert_eq!(tall.rank(), wide.rank(), "Rademacher {n}, top {top}");
                let close = |a: f64, b: f64| {
                    assert!(
                        (a / b - 1.0).abs() < 1e-7,
                        "Rademacher {n}, top {top}: {tall:?} {wide:?}"
                    );
                };
                close(tall.residual_mass(), wide.residual_mass());
                let noisy = Regression::new(0.0, 0.1).unwrap();
                let [a, b] = [&tall, &wide].map(|s| s.averaged_loss(20.0, noisy).unwrap());
                close(a, b);
            }
        }
    }

    /// Drawn designs: of 300 Rademacher designs some have a lower rank than their pattern.
    #[test]
    fn drawn_rademacher_designs_have_the_rank_of_the_wide_route() {
        let mut lower = 0;
        for (beta, onset, samples) in [(1.2, 1.0, 100), (1.5, 2.0, 30), (2.0, 3.0, 30)] {
            let model = SparseModel::power_law(1.0, beta, onset)
                .unwrap()
                .with_amplitude(Amplitude::Rademacher);
            for seed in 0..100 {
                let design =
                    Design::sample(&model, samples, &mut Key::new(seed).label("design").stream())
                        .unwrap();
                let wide = DesignSpectrum::wide(&design, true).unwrap();
                let tall = DesignSpectrum::tall(&design, true).unwrap().unwrap();
                lower += usize::from(wide.rank() < design.rank());
                assert_eq!(tall.rank(), wide.rank(), "beta {beta}, onset {onset}, seed {seed}");
                assert!((tall.residual_mass() / wide.residual_mass() - 1.0).abs() < 1e-7);
            }
        }
        assert!(lower >= 5, "{lower} of 300");
    }
}
