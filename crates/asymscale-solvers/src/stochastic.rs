//! The curve averaged over features for designs too large to be decomposed: traces from random
//! probes, equation (S25) of [`derivations`](crate::derivations), with their errors.

pub(crate) mod corrected;
pub(crate) mod estimate;
pub(crate) mod probes;
pub(crate) mod root;

use crate::design_reduction::row_basis::RowBasis;
use crate::linear_algebra::sparse_gram::SparseGram;
use crate::spectrum::averaged::check_size;
use crate::{Regression, SolverError};
use asymscale_sampling::{Design, Key};
pub use estimate::{LossEstimate, TraceEstimate, TraceEstimates};
use probes::Probes;

/// Most bytes of the sparse matrix.
const MOST_BYTES: usize = 1 << 31;

/// Traces of `Σ̂ = XᵀX/D` without its decomposition: the counterpart of [`crate::DesignSpectrum`]
/// for designs with more samples than seen coordinates and too many of either for a dense matrix.
///
/// The traces are means over independent vectors `z` of random signs of forms in `z` and
/// `u = (Σ̂+κ)⁻¹z`, each `u` a solution by conjugate gradients on the sparse `Σ̂`: equation (S25)
/// of [`derivations`](crate::derivations) (M. Hutchinson, *Commun. Stat. Simul.* 18 (1989) 1059,
/// doi:10.1080/03610918908812806). Signs take the diagonal of each matrix exactly, so that only
/// entries off the diagonal, which are small where samples are many, make an error. The rank and
/// `tr Σ(I − P)`, hence the noiseless ridgeless loss at any `N > r + 1`, have no error from probes:
/// they follow from the pattern of the design and a small factorisation ([`Design::undetermined`]).
/// For Gaussian amplitudes they are exact; Rademacher columns may be dependent where their pattern
/// is not ([`StochasticSpectrum::rank`]).
///
/// Cost: `Σ k²` over samples with `k` active coordinates to form `Σ̂`; then, a model size, about
/// five solutions per probe of some ten products with its non-zeros each. Memory: 12 bytes a
/// non-zero of `X` and of `Σ̂`, 128 `S` for each vector of a block of 16 probes, of which a few are
/// kept. Everything runs on the calling thread: a result depends on the design, the key, the number
/// of probes and the request only.
///
/// ```
/// use asymscale_model::SparseModel;
/// use asymscale_sampling::{Design, Key};
/// use asymscale_solvers::{DesignSpectrum, Regression, StochasticSpectrum};
/// let model = SparseModel::power_law(1.0, 1.5, 1.0)?;
/// let design = Design::sample(&model, 2000, &mut Key::new(1).stream())?;
/// let exact = DesignSpectrum::new(&design)?;
/// let probed = StochasticSpectrum::new(&design, 32, &Key::new(2))?;
/// assert_eq!(probed.rank(), exact.rank());
/// let estimate = probed.averaged_loss(100.0, Regression::default())?;
/// let error = estimate.loss - exact.averaged_loss(100.0, Regression::default())?;
/// assert!(error.abs() < 4.0 * estimate.standard_error);
/// assert!(estimate.standard_error < 0.01 * estimate.loss);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct StochasticSpectrum {
    samples: f64,
    eigenvalues: Vec<f64>,
    unseen: f64,
    residual: f64,
    basis: RowBasis,
    gram: SparseGram,
    probes: Probes,
}

impl StochasticSpectrum {
    /// Forms `Σ̂` and draws `probes ≥ 2` vectors from the stream of `key`.
    ///
    /// # Errors
    /// [`SolverError::Probes`] below 2; [`SolverError::Memory`] if the non-zeros of `Σ̂` take more
    /// than 2 GiB, or the factorisation of undetermined coordinates more than 8.
    pub fn new(design: &Design, probes: usize, key: &Key) -> Result<Self, SolverError> {
        if probes < 2 {
            return Err(SolverError::Probes(probes));
        }
        let basis = RowBasis::of(design)?;
        let eigenvalues = design.eigenvalues().to_vec();
        let unseen = design.unseen_mass();
        let residual = unseen + basis.lost_mass(&eigenvalues);
        let gram = SparseGram::new(design, MOST_BYTES)?;
        let probes = Probes::draw(design.seen(), probes, &mut key.stream());
        Ok(Self {
            samples: design.samples() as f64,
            eigenvalues,
            unseen,
            residual,
            basis,
            gram,
            probes,
        })
    }

    /// `r = rank X`: generic for Gaussian amplitudes ([`Design::rank`]), for Rademacher ones an
    /// upper bound.
    pub fn rank(&self) -> usize {
        self.basis.rank()
    }

    /// `tr Σ(I − P)`, unseen coordinates included; see [`crate::DesignSpectrum::residual_mass`].
    /// Exact for Gaussian amplitudes, for Rademacher ones a lower bound, reached where
    /// [`StochasticSpectrum::rank`] is.
    pub fn residual_mass(&self) -> f64 {
        self.residual
    }

    /// Number of non-zeros of `Σ̂`.
    pub fn nonzeros(&self) -> usize {
        self.gram.nonzeros()
    }

    /// Losses at many model sizes; see [`StochasticSpectrum::averaged_loss`].
    ///
    /// # Errors
    /// As [`StochasticSpectrum::averaged_loss`].
    pub fn averaged_curve(
        &self,
        features: &[f64],
        regression: Regression,
    ) -> Result<Vec<LossEstimate>, SolverError> {
        features.iter().map(|n| self.averaged_loss(*n, regression)).collect()
    }

    /// The loss of [`crate::DesignSpectrum::averaged_loss`] with its standard error from the
    /// probes.
    ///
    /// `κ` is the root for the estimated traces, with the same probes at every `κ`. Error:
    /// jackknife over probes, the shift of `κ` included to first order. Solutions have a relative
    /// residual of 1e-9, in the norm of the inverse diagonal of `Σ̂ + κ`.
    ///
    /// # Errors
    /// [`SolverError::Features`] below 1 or NaN;
    /// [`SolverError::Iterations`] if conjugate gradients do not converge;
    /// [`SolverError::ProbedRank`] without ridge for `N` so close below the rank that the probes
    /// take that for no more; [`SolverError::EffectiveRidge`] if no `κ` is found.
    pub fn averaged_loss(
        &self,
        features: f64,
        regression: Regression,
    ) -> Result<LossEstimate, SolverError> {
        self.loss(features, regression, Orders::Leading)
    }

    /// Losses at many model sizes; see [`StochasticSpectrum::corrected_loss`].
    ///
    /// # Errors
    /// As [`StochasticSpectrum::corrected_loss`].
    pub fn corrected_curve(
        &self,
        features: &[f64],
        regression: Regression,
    ) -> Result<Vec<LossEstimate>, SolverError> {
        features.iter().map(|n| self.corrected_loss(*n, regression)).collect()
    }

    /// The loss of [`crate::DesignSpectrum::corrected_loss`], to the order after the equivalent,
    /// with its standard error from the probes.
    ///
    /// The traces of the next order follow from solutions that the equivalent needs anyway, so this
    /// costs as much. [`LossEstimate::truncation`] is that of the series: `+∞` where it does not
    /// converge and the loss is that of the equivalent.
    ///
    /// # Errors
    /// As [`StochasticSpectrum::averaged_loss`].
    ///
    /// ```
    /// use asymscale_model::SparseModel;
    /// use asymscale_sampling::{Design, Key};
    /// use asymscale_solvers::{DesignSpectrum, Regression, StochasticSpectrum};
    /// let model = SparseModel::power_law(1.0, 1.5, 1.0)?;
    /// let design = Design::sample(&model, 400, &mut Key::new(1).stream())?;
    /// let exact = DesignSpectrum::new(&design)?.corrected_loss(6.0, Regression::default())?;
    /// let spectrum = StochasticSpectrum::new(&design, 32, &Key::new(2))?;
    /// let probed = spectrum.corrected_loss(6.0, Regression::default())?;
    /// assert!((probed.loss - exact.loss).abs() < 4.0 * probed.standard_error);
    /// assert!(probed.standard_error < 0.01 * exact.loss);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn corrected_loss(
        &self,
        features: f64,
        regression: Regression,
    ) -> Result<LossEstimate, SolverError> {
        self.loss(features, regression, Orders::Next)
    }

    fn loss(
        &self,
        features: f64,
        regression: Regression,
        orders: Orders,
    ) -> Result<LossEstimate, SolverError> {
        check_size(features)?;
        if self.rank() == 0 {
            return Ok(LossEstimate::exact(self.residual_mass()));
        }
        let below_rank = self.rank() as f64 - features;
        if regression.ridge() > 0.0 || below_rank > 1.0 {
            return self.probed_loss(features, regression, orders);
        }
        if below_rank >= -1.0 {
            return Ok(LossEstimate::exact(f64::INFINITY));
        }
        self.interpolated_loss(features, regression.noise())
    }
}

/// How far the expansion in `1/N` goes.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Orders {
    /// The deterministic equivalent.
    Leading,
    /// And the order after it.
    Next,
}
