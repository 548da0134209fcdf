//! One decomposition of a design, from which a whole curve follows.

use crate::SolverError;
use crate::dense::{eigen, left_svd};
use crate::projection::Projection;
use crate::reduced::Reduced;
use asymscale_sampling::Design;
use faer::Mat;

/// Below this ratio of extreme eigenvalues rounding, 1e-16 of the largest, would show in the smallest beyond 1e-7:
/// the singular values of the design take over from its Gram matrix.
const DROWNED: f64 = 1e-9;

/// The non-zero spectrum of `Σ̂ = XᵀX/D`, with the population variance of each direction and of all others.
///
/// With `P` the projection on the row space of `X`, `r = rank X` and `v_k` the eigenvectors of `Σ̂`, everything the
/// average over features and teachers depends on is `(s_k, v_kᵀΣv_k)` for `k = 1…r` and `tr Σ(I − P)`.
///
/// Cost: one symmetric eigenvalue decomposition of size `r ≤ min(seen, D)` and `nonzeros · r`; a singular value
/// decomposition of the reduced design where eigenvalues span more than nine decades. Memory: `r²` numbers.
///
/// ```
/// use asymscale_sampling::{Column, Design};
/// use asymscale_solvers::{DesignSpectrum, Regression};
/// // Two samples of two coordinates, and a third coordinate that neither shows.
/// let column = |index, row, x| Column { index, eigenvalue: 1.0, entries: vec![(row, x)] };
/// let design = Design::from_columns(2, vec![column(1.0, 0, 2.0), column(2.0, 1, 1.0)], 0.25)?;
/// let spectrum = DesignSpectrum::new(&design)?;
/// assert_eq!(spectrum.rank(), 2);
/// assert!((spectrum.eigenvalues()[0] - 0.5).abs() < 1e-15 && (spectrum.eigenvalues()[1] - 2.0).abs() < 1e-15);
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
}

impl DesignSpectrum {
    /// Decomposes a design.
    ///
    /// # Errors
    /// [`SolverError::Eigenvalues`] or [`SolverError::SingularValues`] if the decomposition does not converge.
    pub fn new(design: &Design) -> Result<Self, SolverError> {
        let reduced = Reduced::of(design);
        let samples = design.samples() as f64;
        let (squares, left) = decompose(&reduced)?;
        // The rows of `whitened` give coordinates in the orthonormal basis `v_k = Xᵀu_k/σ_k` of row space.
        let whitened =
            Mat::from_fn(reduced.rank(), reduced.rank(), |k, row| left[(row, k)] / squares[k].sqrt());
        let Projection { weights, residual } = Projection::new(design, &reduced, &whitened);
        let eigenvalues = squares.iter().map(|square| square / samples).collect();
        Ok(Self { samples, eigenvalues, weights, residual })
    }

    /// That of a design with the same columns and so much more mass in coordinates that no sample shows; less, if
    /// negative.
    #[must_use]
    pub fn with_more_unseen(mut self, mass: f64) -> Self {
        self.residual += mass;
        self
    }

    /// `r = rank X`: the interpolation threshold of the design.
    ///
    /// Numerical, by unit columns: equal to the generic [`Design::rank`] for Gaussian amplitudes, and for Rademacher
    /// ones to the actual rank, which is sometimes lower.
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

    /// `tr Σ(I − P)`, unseen coordinates included: the mean loss at `N = ∞` without noise, and for Gaussian teachers
    /// the Bayes risk.
    ///
    /// If the seen coordinates are linearly independent on the samples (`r = seen`) it is the unseen mass exactly.
    /// Otherwise what is lost of nearly learned coordinates is a sum of squares rather than 1 minus nearly 1.
    pub fn residual_mass(&self) -> f64 {
        self.residual
    }
}

/// Squared singular values, ascending, and left singular vectors.
pub(crate) fn decompose(reduced: &Reduced) -> Result<(Vec<f64>, Mat<f64>), SolverError> {
    let (squares, left) = eigen(reduced.gram().as_ref())?;
    if squares.first().zip(squares.last()).is_none_or(|(low, high)| *low > DROWNED * high) {
        return Ok((squares, left));
    }
    let (mut values, left) = left_svd(reduced.to_dense().as_ref())?;
    values.reverse();
    Ok((values.iter().map(|s| s * s).collect(), left.as_ref().reverse_cols().to_owned()))
}
