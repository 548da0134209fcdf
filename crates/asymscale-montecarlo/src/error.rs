//! What can go wrong in a replicated estimate.

use crate::Method;
use asymscale_dynamics::DynamicsError;
use asymscale_model::{InvalidInput, LibraryError};
use asymscale_sampling::SamplingError;
use asymscale_solvers::SolverError;
use asymscale_theory::TheoryError;
use thiserror::Error;

const GIB: f64 = 1024.0 * 1024.0 * 1024.0;

/// Whole numbers in full up to seven digits, others with an exponent.
fn figure(value: f64) -> String {
    if value.fract() == 0.0 && value < 1e7 { format!("{value}") } else { format!("{value:e}") }
}

/// A bad request, or the failure of a single replicate.
#[derive(Debug, Error)]
#[error("{}", self.input_text())]
pub enum MonteCarloError {
    /// No design was asked for.
    Repeats(usize),
    /// No lift, no copy or no design to take a rank of was asked for.
    Lift {
        /// The setting.
        name: &'static str,
    },
    /// No teacher was asked for.
    Teachers(usize),
    /// No model size was asked for.
    NoFeatures,
    /// A model without features was asked for.
    Features(usize),
    /// Infinitely many features for a method that draws them.
    Infinite(Method),
    /// What is asked for is known of iid teachers only.
    IidTeacher {
        /// What is asked for.
        quantity: &'static str,
    },
    /// A word that names no method.
    Method(String),
    /// A request that takes more memory than is allowed.
    Memory {
        /// The setting that would help most.
        name: &'static str,
        /// Its value.
        value: f64,
        /// The largest value with which all others could stay; 1 also if they could not even then.
        allowed: f64,
        /// Bytes needed, about.
        needed: f64,
        /// Bytes allowed.
        most: f64,
    },
    /// A design could not be drawn.
    #[error(transparent)]
    Sampling(#[from] SamplingError),
    /// A loss could not be computed.
    #[error(transparent)]
    Solver(#[from] SolverError),
    /// A share of the instability's level that is none.
    ThresholdShare(f64),
    /// A parameter outside the domain of the theory.
    #[error(transparent)]
    Theory(#[from] TheoryError),
    /// An eigenvalue could not be computed.
    #[error(transparent)]
    Dynamics(#[from] DynamicsError),
}

impl LibraryError for MonteCarloError {
    fn invalid_input(&self) -> Option<InvalidInput> {
        let at_least_one = "must be a whole number >= 1";
        Some(match self {
            Self::Repeats(repeats) => InvalidInput::of("repeats", repeats, at_least_one),
            Self::Lift { name } => InvalidInput::of(name, 0, at_least_one),
            Self::Teachers(teachers) => InvalidInput::of("teachers", teachers, at_least_one),
            Self::NoFeatures => InvalidInput::text(
                "features: the list is empty, at least 1 whole number >= 1 is needed",
            ),
            Self::Features(features) => InvalidInput::of("features", features, at_least_one),
            Self::IidTeacher { quantity } => InvalidInput::iid_teacher_only(quantity),
            Self::Infinite(method) => InvalidInput::of(
                "features",
                "inf",
                format!(
                    "with method {method} whole numbers are needed; averaged and iterative take inf"
                ),
            ),
            Self::Method(word) => InvalidInput::of(
                "method",
                format_args!("{word:?}"),
                "must be explicit, conditional, averaged or iterative",
            ),
            Self::Memory { name, value, allowed, needed, most } => InvalidInput::of(
                name,
                figure(*value),
                format!(
                    "takes about {:.1} GiB with the other settings as they are, more than {:.0} \
                     GiB: must be in 1..{}",
                    needed / GIB,
                    most / GIB,
                    figure(*allowed)
                ),
            ),
            Self::ThresholdShare(share) => {
                InvalidInput::of("threshold_share", share, "must be a number in (0, 1]")
            }
            Self::Sampling(error) => return error.invalid_input(),
            Self::Solver(error) => return error.invalid_input(),
            Self::Theory(error) => return error.invalid_input(),
            Self::Dynamics(error) => return error.invalid_input(),
        })
    }
}

#[cfg(test)]
mod tests {

    use super::*;

    /// One of each variant with the parameter that it is about and its message.
    fn all() -> [(MonteCarloError, Option<&'static str>, &'static str); 14] {
        let memory = MonteCarloError::Memory {
            name: "onset",
            value: 1e9,
            allowed: 1.4e7,
            needed: 570.0 * GIB,
            most: 8.0 * GIB,
        };
        [
            (
                MonteCarloError::Repeats(0),
                Some("repeats"),
                "repeats = 0: must be a whole number >= 1",
            ),
            (
                MonteCarloError::Lift { name: "lifts" },
                Some("lifts"),
                "lifts = 0: must be a whole number >= 1",
            ),
            (
                MonteCarloError::Teachers(0),
                Some("teachers"),
                "teachers = 0: must be a whole number >= 1",
            ),
            (
                MonteCarloError::NoFeatures,
                None,
                "features: the list is empty, at least 1 whole number >= 1 is needed",
            ),
            (
                MonteCarloError::Features(0),
                Some("features"),
                "features = 0: must be a whole number >= 1",
            ),
            (
                MonteCarloError::Infinite(Method::Explicit),
                Some("features"),
                "features = inf: with method explicit whole numbers are needed; averaged and \
                 iterative take inf",
            ),
            (
                MonteCarloError::IidTeacher { quantity: "the iterative method" },
                None,
                "target_exponent, or target energies of a table: the iterative method is known of \
                 iid teachers only, whose target energies are the variances",
            ),
            (
                MonteCarloError::Method("guess".into()),
                Some("method"),
                "method = \"guess\": must be explicit, conditional, averaged or iterative",
            ),
            (
                memory,
                Some("onset"),
                "onset = 1e9: takes about 570.0 GiB with the other settings as they are, more \
                 than 8 GiB: must be in 1..1.4e7",
            ),
            (
                MonteCarloError::ThresholdShare(2.0),
                Some("threshold_share"),
                "threshold_share = 2: must be a number in (0, 1]",
            ),
            (
                MonteCarloError::Sampling(SamplingError::Level(0.0)),
                Some("level"),
                "level = 0: must be a finite number > 0",
            ),
            (
                MonteCarloError::Solver(SolverError::Probes(1)),
                Some("probes"),
                "probes = 1: must be a whole number >= 2",
            ),
            (
                MonteCarloError::Theory(TheoryError::Rate(0.0)),
                Some("rate"),
                "rate = 0: the step size must be a number in 1e-100..1e30",
            ),
            (
                MonteCarloError::Dynamics(DynamicsError::Momentum(1.0)),
                Some("momentum"),
                "momentum = 1: must be a number in [0, 1)",
            ),
        ]
    }

    #[test]
    fn bad_input_names_its_parameter() {
        for (error, parameter, message) in all() {
            assert_eq!(error.to_string(), message);
            assert_eq!(error.invalid_input().map(|input| input.parameter()), Some(parameter));
        }
    }

    #[test]
    fn a_failed_replicate_is_no_bad_input() {
        let failed = MonteCarloError::Solver(SolverError::NotPositive { size: 4 });
        assert_eq!(failed.to_string(), "the kernel matrix of 4 samples is not positive definite");
        assert_eq!(failed.invalid_input(), None);
        let failed = MonteCarloError::Dynamics(DynamicsError::Tridiagonal(5));
        assert_eq!(failed.invalid_input(), None);
    }
}
