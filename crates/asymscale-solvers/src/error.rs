//! What can be wrong with a request to a solver.

use asymscale_model::ModelError;
use thiserror::Error;

/// A bad request, or a factorisation that failed.
#[derive(Debug, Clone, PartialEq, Error)]
#[non_exhaustive]
pub enum SolverError {
    /// A model without features.
    #[error("features = {0}: must be a whole number >= 1")]
    Features(f64),
    /// An effective ridge that is not finite and > 0.
    #[error("kappa = {0}: must be a finite number > 0")]
    Kappa(f64),
    /// A scale of weights that is not finite and > 0.
    #[error("scale = {0}: must be a finite number > 0")]
    Scale(f64),
    /// A ridge or a noise that is none.
    #[error(transparent)]
    Regression(#[from] ModelError),
    /// A negative or not finite time.
    #[error("time = {0}: must be a finite number >= 0")]
    Time(f64),
    /// A step size at which gradient descent is not defined, or diverges.
    #[error("rate = {rate}: must be a number > 0 and < {limit}, beyond which descent diverges")]
    Rate {
        /// The step size.
        rate: f64,
        /// 2 over the largest eigenvalue.
        limit: f64,
    },
    /// A word that names no activation.
    #[error(
        "activation = {0:?}: must be identity, relu, leaky-relu, tanh, erf, gelu, silu, softplus, sin, sigmoid, \
         identity+erf, identity+sin, identity+W*erf or identity+W*sin"
    )]
    Activation(String),
    /// A weight in an activation, or of a linear path, that is not finite.
    #[error("weight = {0}: must be a finite number")]
    Weight(f64),
    /// Infinitely many features of an activation whose kernel is a series, for inputs too large.
    #[error(
        "features = inf: the kernel of {activation} takes more than {most} terms of its series for an input of scaled \
         norm {norm:.1}: a smaller scale or a whole number >= 1 is needed"
    )]
    Series {
        /// The activation.
        activation: &'static str,
        /// Norm of the largest sample, times the scale of the weights.
        norm: f64,
        /// The most terms.
        most: usize,
    },
    /// Too few test inputs for a standard error.
    #[error("inputs = {0}: must be a whole number >= 4")]
    Inputs(usize),
    /// Too few random probes for a standard error.
    #[error("probes = {0}: must be a whole number >= 2")]
    Probes(usize),
    /// A matrix that would take too much memory.
    #[error(
        "samples = {samples}: {seen} seen coordinates take about {:.1} GiB, more than {:.1} GiB",
        *needed as f64 / f64::from(1 << 30), *most as f64 / f64::from(1 << 30)
    )]
    Memory {
        /// Number of samples.
        samples: usize,
        /// Number of seen coordinates.
        seen: usize,
        /// Bytes needed, about.
        needed: usize,
        /// Bytes allowed.
        most: usize,
    },
    /// Conjugate gradients did not converge.
    #[error(
        "conjugate gradients on {size} coordinates: a relative residual of {residual:.1e} after {steps} steps, \
         {tolerance:.1e} is needed"
    )]
    Iterations {
        /// Number of coordinates.
        size: usize,
        /// Steps made.
        steps: usize,
        /// Relative residual reached.
        residual: f64,
        /// Relative residual needed.
        tolerance: f64,
    },
    /// Without ridge, random probes take the rank of a design for no more than the features, where
    /// it is more: no effective ridge is a root.
    #[error(
        "features = {features}: must be below {probed:.1} without a ridge, for which these probes take the rank {rank}; or draw more probes"
    )]
    ProbedRank {
        /// Number of features.
        features: f64,
        /// The rank.
        rank: usize,
        /// Its estimate by the probes.
        probed: f64,
    },
    /// Newton's method did not find the effective ridge.
    #[error("features = {features}: no effective ridge found in {steps} steps of Newton's method")]
    EffectiveRidge {
        /// Number of features.
        features: f64,
        /// Steps made.
        steps: usize,
    },
    /// The kernel matrix is not positive definite to rounding, its numerical ridge included.
    #[error("the kernel matrix of {size} samples is not positive definite")]
    NotPositive {
        /// Number of rows.
        size: usize,
    },
    /// Rows of a design, each in units of its own scale, are linearly dependent to rounding.
    #[error(
        "{size} rows of a design over many decades are linearly dependent to rounding: its loss is not known"
    )]
    Precision {
        /// Number of rows.
        size: usize,
    },
    /// Label noise on a design that was decomposed for its loss without noise only.
    #[error(
        "noise = {0}: rounding hides what noise adds on this design, decompose it with DesignSpectrum::for_noise"
    )]
    HiddenNoise(f64),
    /// A sample whose values are all faint beside those of other samples.
    #[error(
        "sample {sample}: its largest value, in units of the lengths of columns, is {share:.1e} of another sample's: \
         must be at least {least:.0e}"
    )]
    FaintSample {
        /// Number of the sample, from 0.
        sample: usize,
        /// The share.
        share: f64,
        /// The least that is allowed.
        least: f64,
    },
    /// An eigenvalue decomposition did not converge.
    #[error("the eigenvalues of a {size} × {size} matrix did not converge")]
    Eigenvalues {
        /// Number of rows.
        size: usize,
    },
}
