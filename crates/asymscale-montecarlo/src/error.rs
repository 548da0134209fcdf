//! What can go wrong in a replicated estimate.

use crate::Method;
use asymscale_dynamics::DynamicsError;
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
pub enum MonteCarloError {
    /// No design was asked for.
    #[error("repeats = {0}: must be a whole number >= 1")]
    Repeats(usize),
    /// No lift, no copy or no design to take a rank of was asked for.
    #[error("{name} = 0: must be a whole number >= 1")]
    Lift {
        /// The setting.
        name: &'static str,
    },
    /// No teacher was asked for.
    #[error("teachers = {0}: must be a whole number >= 1")]
    Teachers(usize),
    /// No model size was asked for.
    #[error("features: the list is empty, at least 1 whole number >= 1 is needed")]
    NoFeatures,
    /// A model without features was asked for.
    #[error("features = {0}: must be a whole number >= 1")]
    Features(usize),
    /// Infinitely many features for a method that draws them.
    #[error(
        "features = inf: with method {0} whole numbers are needed; averaged and iterative take inf"
    )]
    Infinite(Method),
    /// A word that names no method.
    #[error("method = {0:?}: must be explicit, conditional, averaged or iterative")]
    Method(String),
    /// A request that takes more memory than is allowed.
    #[error(
        "{name} = {}: takes about {:.1} GiB with the other settings as they are, more than {:.0} GiB: must be in 1..{}",
        figure(*value), needed / GIB, most / GIB, figure(*allowed)
    )]
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
    #[error("threshold_share = {0}: must be a number in (0, 1]")]
    ThresholdShare(f64),
    /// A parameter outside the domain of the theory.
    #[error(transparent)]
    Theory(#[from] TheoryError),
    /// An eigenvalue could not be computed.
    #[error(transparent)]
    Dynamics(#[from] DynamicsError),
}
