//! What can be wrong with a request to the dynamics, or fail in it.

use asymscale_model::{InvalidInput, LibraryError, is_rate};
use thiserror::Error;

/// A bad request, or a computation that did not converge.
#[derive(Debug, Clone, PartialEq, Error)]
#[error("{}", self.input_text())]
#[non_exhaustive]
pub enum DynamicsError {
    /// A step size that is not positive, not finite or NaN.
    Rate(f64),
    /// A momentum outside `[0, 1)` or NaN.
    Momentum(f64),
    /// A batch without samples, or of more than there are.
    Batch {
        /// What was asked for.
        batch: usize,
        /// `D`.
        samples: usize,
    },
    /// A setting of a training outside its range or NaN.
    Setting {
        /// Its name.
        name: &'static str,
        /// What was asked for.
        value: f64,
        /// What it must be.
        allowed: &'static str,
    },
    /// A word that names no rule, order or average.
    Word {
        /// What it should name.
        name: &'static str,
        /// The word.
        word: String,
        /// What it must be.
        allowed: &'static str,
    },
    /// A step beyond the end of the schedule.
    Step {
        /// What was asked for.
        step: u64,
        /// Length of the run.
        steps: u64,
    },
    /// A stream of fresh samples that is too short.
    Stream {
        /// What was asked for.
        step: u64,
        /// Samples of the stream, `D`.
        samples: usize,
        /// Samples a step, `B`.
        batch: usize,
        /// The last step that they are enough for.
        most: u64,
    },
    /// A negative or not finite time.
    Time(f64),
    /// A model without features.
    Features(usize),
    /// The iteration for the largest eigenvalue ran out of steps.
    #[error(
        "the largest eigenvalue did not converge in {steps} steps (residual {residual:.1e} of {value:.6e})"
    )]
    Eigenvalue {
        /// Lanczos steps taken.
        steps: usize,
        /// The best value found.
        value: f64,
        /// Its residual norm.
        residual: f64,
    },
    /// A small dense eigenvalue decomposition did not converge.
    #[error("the eigenvalues of a {0} × {0} tridiagonal matrix did not converge")]
    Tridiagonal(usize),
    /// A singular value decomposition did not converge.
    #[error("the singular values of a {rows} × {columns} matrix did not converge")]
    SingularValues {
        /// Number of rows.
        rows: usize,
        /// Number of columns.
        columns: usize,
    },
}

/// Refuses NaN as well.
pub(crate) fn check_rate(rate: f64) -> Result<(), DynamicsError> {
    if is_rate(rate) { Ok(()) } else { Err(DynamicsError::Rate(rate)) }
}

impl LibraryError for DynamicsError {
    fn invalid_input(&self) -> Option<InvalidInput> {
        Some(match self {
            Self::Rate(rate) => {
                InvalidInput::of("rate", rate, "the step size must be a number in 1e-100..1e30")
            }
            Self::Momentum(momentum) => {
                InvalidInput::of("momentum", momentum, "must be a number in [0, 1)")
            }
            Self::Batch { batch, samples } => InvalidInput::of(
                "batch",
                batch,
                format!("must be a whole number in 1..{samples}, the number of samples"),
            ),
            Self::Setting { name, value, allowed } => InvalidInput::of(name, value, *allowed),
            Self::Word { name, word, allowed } => {
                InvalidInput::of(name, format_args!("{word:?}"), *allowed)
            }
            Self::Step { step, steps } => InvalidInput::of(
                "step",
                step,
                format!("must be a whole number in 0..{steps}, the length of the run"),
            ),
            Self::Stream { step, samples, batch, most } => InvalidInput::of(
                "step",
                step,
                format!(
                    "must be a whole number in 0..{most}: there are {samples} fresh samples, and \
                     {batch} are used a step"
                ),
            ),
            Self::Time(time) => InvalidInput::of("time", time, "must be a finite number >= 0"),
            Self::Features(features) => {
                InvalidInput::of("features", features, "must be a whole number >= 1")
            }
            Self::Eigenvalue { .. } | Self::Tridiagonal(_) | Self::SingularValues { .. } => {
                return None;
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::DynamicsError;
    use asymscale_model::LibraryError;

    /// One of each variant with the parameter that it is about, none of failures, and its message.
    fn all() -> [(DynamicsError, Option<&'static str>, &'static str); 12] {
        [
            (
                DynamicsError::Rate(0.0),
                Some("rate"),
                "rate = 0: the step size must be a number in 1e-100..1e30",
            ),
            (
                DynamicsError::Momentum(1.0),
                Some("momentum"),
                "momentum = 1: must be a number in [0, 1)",
            ),
            (
                DynamicsError::Batch { batch: 9, samples: 8 },
                Some("batch"),
                "batch = 9: must be a whole number in 1..8, the number of samples",
            ),
            (
                DynamicsError::Setting {
                    name: "norm",
                    value: 0.0,
                    allowed: "must be a number above 0 and up to 1e30",
                },
                Some("norm"),
                "norm = 0: must be a number above 0 and up to 1e30",
            ),
            (
                DynamicsError::Word {
                    name: "order",
                    word: "random".to_owned(),
                    allowed: "must be fresh or cyclic",
                },
                Some("order"),
                "order = \"random\": must be fresh or cyclic",
            ),
            (
                DynamicsError::Step { step: 12, steps: 10 },
                Some("step"),
                "step = 12: must be a whole number in 0..10, the length of the run",
            ),
            (
                DynamicsError::Stream { step: 12, samples: 40, batch: 4, most: 10 },
                Some("step"),
                "step = 12: must be a whole number in 0..10: there are 40 fresh samples, and 4 \
                 are used a step",
            ),
            (DynamicsError::Time(-1.0), Some("time"), "time = -1: must be a finite number >= 0"),
            (
                DynamicsError::Features(0),
                Some("features"),
                "features = 0: must be a whole number >= 1",
            ),
            (
                DynamicsError::Eigenvalue { steps: 7, value: 1.5, residual: 0.25 },
                None,
                "the largest eigenvalue did not converge in 7 steps (residual 2.5e-1 of \
                 1.500000e0)",
            ),
            (
                DynamicsError::Tridiagonal(5),
                None,
                "the eigenvalues of a 5 × 5 tridiagonal matrix did not converge",
            ),
            (
                DynamicsError::SingularValues { rows: 3, columns: 4 },
                None,
                "the singular values of a 3 × 4 matrix did not converge",
            ),
        ]
    }

    #[test]
    fn bad_input_names_its_parameter_and_failures_are_none() {
        for (error, parameter, message) in all() {
            assert_eq!(error.to_string(), message);
            assert_eq!(error.invalid_input().and_then(|input| input.parameter()), parameter);
            assert_eq!(error.invalid_input().is_some(), parameter.is_some(), "{message}");
        }
    }
}
