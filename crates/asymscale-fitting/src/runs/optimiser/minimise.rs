//! The minimum of the objective of a law from one start: Newton steps, and new exponents for terms
//! that vanished on the way.

use serde::{Deserialize, Serialize};

use super::index::{A, ALPHA, AMPLITUDES, B, BETA, E, EXPONENTS, TERMS};
pub(crate) use super::newton::descend;
use super::newton::{self, ObjectiveFunction as _, Outcome};
use super::problem::{ExponentLink, Problem};
use super::starts::best_amplitudes;
use super::symmetric::{PARAMETERS, Vector};
use crate::runs::law::Parameter;

/// A share of the loss at the centre that is rounding of the others.
const NEGLIGIBLE: f64 = 1e-12;

/// How often a vanished term is given another exponent.
const REINTRODUCTIONS: usize = 4;

/// The number of exponents at which a vanished term is tried again.
const TRIED_EXPONENTS: usize = 40;

/// How a descent ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// At a local minimum inside all bounds.
    Converged,
    /// At a local minimum where a term (E, A or B) is 0, and none of it would lower the objective
    /// whatever its exponent.
    TermVanished(Parameter),
    /// At a local minimum where an exponent, or the ratio of the sparse law, is at a bound.
    BoundHit(Parameter),
    /// Stopped before it converged.
    IterationLimit,
    /// The objective is not finite at the start.
    NotFinite,
}

impl Status {
    /// The word that tables use for it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Converged => "converged",
            Self::TermVanished(_) => "term_vanished",
            Self::BoundHit(_) => "bound_hit",
            Self::IterationLimit => "iteration_limit",
            Self::NotFinite => "not_finite",
        }
    }
}

/// The part of parameter space a fit may use.
pub(crate) type Domain = newton::Domain<PARAMETERS>;

/// Where a descent ended.
pub(crate) type Descent = newton::Descent<PARAMETERS, Status>;

impl From<Outcome> for Status {
    fn from(outcome: Outcome) -> Self {
        match outcome {
            Outcome::Converged => Self::Converged,
            Outcome::IterationLimit => Self::IterationLimit,
            Outcome::NotFinite => Self::NotFinite,
        }
    }
}

/// Descends from a start that may be far from the data.
fn descend_from_afar(problem: &Problem, domain: &Domain, start: &Vector) -> Descent {
    descend(problem, domain, &newton::continuation(problem, domain, start))
}

/// Descends, and gives vanished terms other exponents: a term of 0 has no slope in its exponent, so
/// a descent alone cannot distinguish a true boundary minimum from a term that was lost on the way.
pub(crate) fn minimise(problem: &Problem, domain: &Domain, start: &Vector) -> Descent {
    let mut best = descend_from_afar(problem, domain, start);
    if best.status == Status::IterationLimit {
        // The descent is stuck on the kinks of a Huber loss far from the data, so it is repeated
        // with the best amplitudes for its exponents.
        let again = best_amplitudes(problem, domain, best.theta[ALPHA], best.theta[BETA]);
        let next = descend_from_afar(problem, domain, &again);
        best = if next.value < best.value { next } else { best };
    }
    for _ in 0..REINTRODUCTIONS {
        if !best.value.is_finite() {
            break;
        }
        let Some(again) = reintroduced(problem, domain, &best.theta) else { break };
        let next = descend_from_afar(problem, domain, &again);
        if next.value.is_nan() || next.value >= best.value * (1.0 - 1e-12) {
            break;
        }
        best = next;
    }
    best = without_negligible_terms(problem, domain, best);
    if best.status == Status::Converged {
        best.status = classify(problem, domain, &best.theta);
    }
    best
}

/// The end without terms that are rounding of the others, or constants beside a fitted constant,
/// where the objective does not rise by it.
fn without_negligible_terms(problem: &Problem, domain: &Domain, end: Descent) -> Descent {
    let mut end = end;
    for k in AMPLITUDES.into_iter().filter(|&k| domain.free[k]) {
        if end.theta[k] > 0.0 && end.theta[k] < NEGLIGIBLE {
            let mut theta = end.theta;
            theta[k] = 0.0;
            end = if_no_worse(problem, end, theta);
        }
    }
    for (amplitude, exponent) in TERMS {
        let separate =
            problem.link == ExponentLink::Free && domain.free[E] && domain.free[exponent];
        if separate && end.theta[exponent] < NEGLIGIBLE && end.theta[amplitude] > 0.0 {
            let mut theta = end.theta;
            theta[E] += theta[amplitude];
            theta[amplitude] = 0.0;
            end = if_no_worse(problem, end, theta);
        }
    }
    end
}

fn if_no_worse(problem: &Problem, end: Descent, theta: Vector) -> Descent {
    let value = problem.value(&theta);
    let same = value <= end.value * (1.0 + NEGLIGIBLE) + problem.rounding();
    if same { Descent { theta, value, ..end } } else { end }
}

/// The point with a vanished (or constant) term given the exponent at which it would help most;
/// `None` if there is no such term or none helps.
fn reintroduced(problem: &Problem, domain: &Domain, theta: &Vector) -> Option<Vector> {
    if problem.link == ExponentLink::Tied {
        return None;
    }
    let mut theta = *theta;
    for (amplitude, exponent) in TERMS {
        if theta[exponent] == 0.0 && domain.free[E] && domain.free[exponent] {
            theta[E] += theta[amplitude];
            theta[amplitude] = 0.0;
        }
    }
    let vanished = TERMS.into_iter().filter(|&(amplitude, exponent)| {
        theta[amplitude] == 0.0 && domain.free[amplitude] && domain.free[exponent]
    });
    let scanned =
        vanished.filter_map(|candidate| best_new_term(problem, domain, &theta, candidate));
    scanned.min_by(|a, b| a.0.total_cmp(&b.0)).map(|(_, theta)| theta)
}

fn best_new_term(
    problem: &Problem,
    domain: &Domain,
    theta: &Vector,
    (amplitude, exponent): (usize, usize),
) -> Option<(f64, Vector)> {
    let y = problem.link.second_exponent(theta);
    let candidate = |k: usize| {
        let chosen =
            0.02 * (domain.upper[ALPHA] / 0.02).powf(k as f64 / (TRIED_EXPONENTS - 1) as f64);
        let mut point = *theta;
        match (problem.link, amplitude) {
            // The exponent in D stays where it is when that in N moves.
            (ExponentLink::Ratio, A) => (point[ALPHA], point[BETA]) = (chosen, y / chosen),
            (ExponentLink::Ratio, _) => point[BETA] = chosen / theta[ALPHA],
            _ => point[exponent] = chosen,
        }
        let inside = EXPONENTS
            .into_iter()
            .all(|k| domain.lower[k] <= point[k] && point[k] <= domain.upper[k]);
        inside.then(|| (problem.slope_of_new_term(&point, amplitude == A, chosen), point))
    };
    let best = (0..TRIED_EXPONENTS).filter_map(candidate).min_by(|a, b| a.0.total_cmp(&b.0))?;
    // The slope is a sum over rows of terms of the size of the objective's own slope.
    (best.0 < -1e-9 * problem.len() as f64 * problem.largest_slope()).then_some(best)
}

fn classify(problem: &Problem, domain: &Domain, theta: &Vector) -> Status {
    for (k, parameter) in [(E, Parameter::E), (A, Parameter::A), (B, Parameter::B)] {
        if domain.free[k] && theta[k] <= domain.lower[k] {
            return Status::TermVanished(parameter);
        }
    }
    let last = if problem.link == ExponentLink::Ratio { Parameter::Ratio } else { Parameter::Beta };
    for (k, parameter) in [(ALPHA, Parameter::Alpha), (BETA, last)] {
        if domain.free[k] && (theta[k] <= domain.lower[k] || theta[k] >= domain.upper[k]) {
            return Status::BoundHit(parameter);
        }
    }
    Status::Converged
}
