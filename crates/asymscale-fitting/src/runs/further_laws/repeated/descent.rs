//! Descents of the law of repeated data, in seven parameters, and how they end.

use serde::{Deserialize, Serialize};

use super::RepeatedParameter;
use super::problem::{Problem, SIZE, Vector};
use crate::runs::optimiser::newton::{self, Outcome};

/// How a descent ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RepeatedStatus {
    /// At a local minimum inside all bounds.
    Converged,
    /// At a local minimum where a parameter is at a bound: E = 0, an exponent, a vanished A or B,
    /// or `R_D`, `R_N` of 0 or infinity.
    AtBound(RepeatedParameter),
    /// Stopped before it converged.
    IterationLimit,
    /// The objective is not finite at the start.
    NotFinite,
}

impl RepeatedStatus {
    /// The word that tables use for it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Converged => "converged",
            Self::AtBound(_) => "at_bound",
            Self::IterationLimit => "iteration_limit",
            Self::NotFinite => "not_finite",
        }
    }
}

impl From<Outcome> for RepeatedStatus {
    fn from(outcome: Outcome) -> Self {
        match outcome {
            Outcome::Converged => Self::Converged,
            Outcome::IterationLimit => Self::IterationLimit,
            Outcome::NotFinite => Self::NotFinite,
        }
    }
}

/// The part of parameter space a fit may use.
pub(super) type Domain = newton::Domain<SIZE>;

/// Where a descent ended.
pub(super) type Descent = newton::Descent<SIZE, RepeatedStatus>;

/// Which parameter is at a bound.
fn at_bound(domain: &Domain, theta: &Vector) -> Option<RepeatedParameter> {
    let at = |k: &usize| {
        domain.free[*k] && (theta[*k] <= domain.lower[*k] || theta[*k] >= domain.upper[*k])
    };
    (0..SIZE).find(at).map(|k| RepeatedParameter::ALL[k])
}

/// Descends from a start that may be far from the data.
pub(super) fn descend_from_afar(problem: &Problem, domain: &Domain, start: &Vector) -> Descent {
    descend(problem, domain, &newton::continuation(problem, domain, start))
}

/// Descends to the next local minimum inside the bounds.
pub(super) fn descend(problem: &Problem, domain: &Domain, start: &Vector) -> Descent {
    let mut end = newton::descend(problem, domain, start);
    if end.status == RepeatedStatus::Converged {
        end.status = at_bound(domain, &end.theta).map_or(end.status, RepeatedStatus::AtBound);
    }
    end
}
