//! What can be wrong with a request to a solver.

use asymscale_model::{InvalidInput, LibraryError, ModelError};
use thiserror::Error;

/// A bad request, or a factorisation that failed.
#[derive(Debug, Clone, PartialEq, Error)]
#[error("{}", self.input_text())]
#[non_exhaustive]
pub enum SolverError {
    /// A model without features.
    Features(f64),
    /// An effective ridge that is not finite and > 0.
    Kappa(f64),
    /// A scale of weights that is not finite and > 0.
    Scale(f64),
    /// A ridge or a noise that is none.
    #[error(transparent)]
    Regression(#[from] ModelError),
    /// A negative or not finite time.
    Time(f64),
    /// A step size at which gradient descent is not defined, or diverges.
    Rate {
        /// The step size.
        rate: f64,
        /// 2 over the largest eigenvalue.
        limit: f64,
    },
    /// A word that names no activation.
    Activation(String),
    /// A weight in an activation, or of a linear path, that is not finite.
    Weight(f64),
    /// Infinitely many features of an activation whose kernel is a series, for inputs too large.
    Series {
        /// The activation.
        activation: &'static str,
        /// Norm of the largest sample, times the scale of the weights.
        norm: f64,
        /// The most terms.
        most: usize,
    },
    /// Too few test inputs for a standard error.
    Inputs(usize),
    /// Too few random probes for a standard error.
    Probes(usize),
    /// Energies of a teacher that do not belong to the coordinates of the design.
    Teachers {
        /// How many there are.
        energies: usize,
        /// Number of seen coordinates.
        seen: usize,
    },
    /// A matrix that would take too much memory.
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

/// Bytes in GiB.
fn gib(bytes: usize) -> f64 {
    bytes as f64 / f64::from(1 << 30)
}

impl LibraryError for SolverError {
    fn invalid_input(&self) -> Option<InvalidInput> {
        Some(match self {
            Self::Features(features) => {
                InvalidInput::of("features", features, "must be a whole number >= 1")
            }
            Self::Kappa(kappa) => InvalidInput::of("kappa", kappa, "must be a finite number > 0"),
            Self::Scale(scale) => InvalidInput::of("scale", scale, "must be a finite number > 0"),
            Self::Regression(error) => return error.invalid_input(),
            Self::Time(time) => InvalidInput::of("time", time, "must be a finite number >= 0"),
            Self::Rate { rate, limit } => InvalidInput::of(
                "rate",
                rate,
                format!("must be a number > 0 and < {limit}, beyond which descent diverges"),
            ),
            Self::Activation(word) => InvalidInput::of(
                "activation",
                format_args!("{word:?}"),
                "must be identity, relu, leaky-relu, tanh, erf, gelu, silu, softplus, sin, \
                 sigmoid, identity+erf, identity+sin, identity+W*erf or identity+W*sin",
            ),
            Self::Weight(weight) => InvalidInput::of("weight", weight, "must be a finite number"),
            Self::Series { activation, norm, most } => InvalidInput::of(
                "features",
                "inf",
                format!(
                    "the kernel of {activation} takes more than {most} terms of its series for an \
                     input of scaled norm {norm:.1}: a smaller scale or a whole number >= 1 is \
                     needed"
                ),
            ),
            Self::Inputs(inputs) => {
                InvalidInput::of("inputs", inputs, "must be a whole number >= 4")
            }
            Self::Probes(probes) => {
                InvalidInput::of("probes", probes, "must be a whole number >= 2")
            }
            Self::Teachers { energies, seen } => InvalidInput::of(
                "energies",
                format_args!("{energies} weights"),
                format!("must be one for each of the {seen} seen coordinates"),
            ),
            Self::Memory { samples, seen, needed, most } => InvalidInput::of(
                "samples",
                samples,
                format!(
                    "{seen} seen coordinates take about {:.1} GiB, more than {:.1} GiB",
                    gib(*needed),
                    gib(*most)
                ),
            ),
            Self::HiddenNoise(noise) => InvalidInput::of(
                "noise",
                noise,
                "rounding hides what noise adds on this design, decompose it with \
                 DesignSpectrum::for_noise",
            ),
            Self::Iterations { .. }
            | Self::ProbedRank { .. }
            | Self::EffectiveRidge { .. }
            | Self::NotPositive { .. }
            | Self::Precision { .. }
            | Self::FaintSample { .. }
            | Self::Eigenvalues { .. } => return None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::SolverError;
    use asymscale_model::{LibraryError, ModelError};

    /// One of each variant of bad input with its message.
    fn inputs() -> [(SolverError, &'static str); 14] {
        [
            (
                SolverError::Teachers { energies: 3, seen: 4 },
                "energies = 3 weights: must be one for each of the 4 seen coordinates",
            ),
            (SolverError::Features(0.0), "features = 0: must be a whole number >= 1"),
            (SolverError::Kappa(0.0), "kappa = 0: must be a finite number > 0"),
            (SolverError::Scale(-1.0), "scale = -1: must be a finite number > 0"),
            (
                SolverError::Regression(ModelError::Ridge(-1.0)),
                "ridge = -1: must be 0 or a number in 1e-100..1e30",
            ),
            (SolverError::Time(-1.0), "time = -1: must be a finite number >= 0"),
            (
                SolverError::Rate { rate: 3.0, limit: 2.0 },
                "rate = 3: must be a number > 0 and < 2, beyond which descent diverges",
            ),
            (
                SolverError::Activation("cube".into()),
                "activation = \"cube\": must be identity, relu, leaky-relu, tanh, erf, gelu, silu, \
                 softplus, sin, sigmoid, identity+erf, identity+sin, identity+W*erf or \
                 identity+W*sin",
            ),
            (
                SolverError::Series { activation: "tanh", norm: 9.5, most: 400 },
                "features = inf: the kernel of tanh takes more than 400 terms of its series for \
                 an input of scaled norm 9.5: a smaller scale or a whole number >= 1 is needed",
            ),
            (SolverError::Weight(f64::INFINITY), "weight = inf: must be a finite number"),
            (SolverError::Inputs(3), "inputs = 3: must be a whole number >= 4"),
            (SolverError::Probes(1), "probes = 1: must be a whole number >= 2"),
            (
                SolverError::Memory { samples: 9, seen: 8, needed: 3 << 30, most: 1 << 30 },
                "samples = 9: 8 seen coordinates take about 3.0 GiB, more than 1.0 GiB",
            ),
            (
                SolverError::HiddenNoise(0.5),
                "noise = 0.5: rounding hides what noise adds on this design, decompose it with \
                 DesignSpectrum::for_noise",
            ),
        ]
    }

    /// One of each variant of failed work with its message.
    fn failures() -> [(SolverError, &'static str); 7] {
        [
            (
                SolverError::Iterations { size: 9, steps: 7, residual: 0.5, tolerance: 0.25 },
                "conjugate gradients on 9 coordinates: a relative residual of 5.0e-1 after 7 \
                 steps, 2.5e-1 is needed",
            ),
            (
                SolverError::ProbedRank { features: 20.0, rank: 20, probed: 19.5 },
                "features = 20: must be below 19.5 without a ridge, for which these probes take \
                 the rank 20; or draw more probes",
            ),
            (
                SolverError::EffectiveRidge { features: 20.0, steps: 7 },
                "features = 20: no effective ridge found in 7 steps of Newton's method",
            ),
            (
                SolverError::NotPositive { size: 4 },
                "the kernel matrix of 4 samples is not positive definite",
            ),
            (
                SolverError::Precision { size: 4 },
                "4 rows of a design over many decades are linearly dependent to rounding: its \
                 loss is not known",
            ),
            (
                SolverError::FaintSample { sample: 3, share: 1e-20, least: 1e-15 },
                "sample 3: its largest value, in units of the lengths of columns, is 1.0e-20 of \
                 another sample's: must be at least 1e-15",
            ),
            (
                SolverError::Eigenvalues { size: 4 },
                "the eigenvalues of a 4 × 4 matrix did not converge",
            ),
        ]
    }

    #[test]
    fn bad_input_names_its_parameter_and_failures_are_none() {
        for (error, message) in inputs() {
            assert_eq!(error.to_string(), message);
            let parameter = error.invalid_input().and_then(|input| input.parameter());
            assert_eq!(parameter, message.split(" = ").next(), "{message}");
        }
        for (error, message) in failures() {
            assert_eq!(error.to_string(), message);
            assert_eq!(error.invalid_input(), None, "{message}");
        }
    }
}
