//! Damped Newton steps within bounds: the minimiser of every fit.
//!
//! The exact Hessian makes the last steps quadratic, also for a Huber loss whose threshold is far
//! below the residuals: there the objective is smooth between kinks, and a few rows near them
//! decide. Far away, where that Hessian is indefinite, the damping turns it into reweighted
//! Gauss–Newton, which never increases the objective.

use serde::{Deserialize, Serialize};

use super::index::{A, ALPHA, AMPLITUDES, B, BETA, E, EXPONENTS, TERMS};
use super::law::Parameter;
use super::problem::{Expansion, Pair, Problem};
use super::starts::projected;
use super::symmetric::{Mask, Matrix, PARAMETERS, Vector, cholesky, dot, solve, times};

/// Newton steps of one descent.
const ITERATIONS: usize = 300;

/// Newton steps at each width of a Huber loss on the way to its own, and the factor between widths.
const STAGE: usize = 40;
const NARROWER: f64 = 0.2;

/// The furthest an exponent moves in one step.
const STRIDE: f64 = 0.3;

/// A relative decrease of the objective below which nothing is left to gain.
const RELATIVE: f64 = 1e-14;

/// The same where steps no longer change the objective: the two agree to half of the digits.
const STALLED: f64 = 1e-8;

/// A share of the loss at the centre that is rounding of the others.
const TRACE: f64 = 1e-12;

/// The least diagonal of the damping, as a share of the largest. Of 1e-5, 1e-3, 1e-2 and 3e-2 the
/// last two bring every start of every law to the best end on the runs tried.
const FLOOR: f64 = 1e-2;

/// Damping beyond which a step is too short to change the objective.
const STIFFEST: f64 = 1e16;

/// How often a term that vanished is given another exponent.
const RETURNS: usize = 4;

/// Exponents at which a vanished term is offered again.
const OFFERS: usize = 40;

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
    /// One word, as in tables.
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
#[derive(Debug, Clone, Copy)]
pub(crate) struct Domain {
    pub(crate) lower: Vector,
    pub(crate) upper: Vector,
    /// Parameters that are not fixed.
    pub(crate) free: Mask,
}

/// Where a descent ended.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Descent {
    pub(crate) theta: Vector,
    pub(crate) value: f64,
    pub(crate) status: Status,
}

impl Domain {
    pub(crate) fn clamp(&self, theta: &Vector) -> Vector {
        std::array::from_fn(|k| theta[k].clamp(self.lower[k], self.upper[k]))
    }

    /// Parameters that can move downhill: not held at a bound, and not without effect.
    fn movable(&self, theta: &Vector, here: &Expansion) -> Mask {
        std::array::from_fn(|k| {
            let g = here.gradient[k];
            let held =
                (theta[k] <= self.lower[k] && g >= 0.0) || (theta[k] >= self.upper[k] && g <= 0.0);
            self.free[k] && !held && here.majorant[k][k] > 0.0
        })
    }

    /// How far each parameter may move in one step: to its bound, and exponents no further than
    /// [`STRIDE`], since that of a faint term has hardly any curvature to hold it.
    fn reach(&self, theta: &Vector) -> [(f64, f64); PARAMETERS] {
        std::array::from_fn(|k| {
            let stride = if k < 3 { f64::INFINITY } else { STRIDE };
            ((self.lower[k] - theta[k]).max(-stride), (self.upper[k] - theta[k]).min(stride))
        })
    }

    /// The step to the minimum of a damped quadratic model within reach: parameters that would
    /// leave it are held at its edge, the worst first, and the others solved again. `None` for a
    /// model that is not convex.
    fn step(&self, theta: &Vector, here: &Expansion, model: &Matrix) -> Option<Vector> {
        let mut mask = self.movable(theta, here);
        let reach = self.reach(theta);
        let mut held = [0.0; PARAMETERS];
        loop {
            let factor = cholesky(model, mask)?;
            let pull = times(model, &held);
            let right: Vector = std::array::from_fn(|k| -here.gradient[k] - pull[k]);
            let free = solve(&factor, mask, &right);
            let excess = |k: usize| (free[k] - reach[k].1).max(reach[k].0 - free[k]);
            let worst = (0..PARAMETERS).filter(|&k| mask[k] && excess(k) > 0.0);
            let Some(worst) = worst.max_by(|&i, &j| excess(i).total_cmp(&excess(j))) else {
                return Some(std::array::from_fn(|k| if mask[k] { free[k] } else { held[k] }));
            };
            mask[worst] = false;
            held[worst] = free[worst].clamp(reach[worst].0, reach[worst].1);
        }
    }

    /// The point a step leads to; one that reaches a bound lands on it exactly.
    fn advance(&self, theta: &Vector, step: &Vector) -> Vector {
        std::array::from_fn(|k| match step[k] {
            0.0 => theta[k],
            s if s <= self.lower[k] - theta[k] => self.lower[k],
            s if s >= self.upper[k] - theta[k] => self.upper[k],
            s => theta[k] + s,
        })
    }
}

impl Expansion {
    /// `hessian + damping · (majorant + a floor under its diagonal)`.
    ///
    /// Parameters are shares and exponents, of order 1, so one floor does for all. Without it the
    /// exponent of a faint term, which the majorant hardly holds, and its amplitude make the
    /// Hessian indefinite until the damping is 1e8, and no step gets anywhere.
    fn damped(&self, damping: f64) -> Matrix {
        let mut model = self.hessian;
        let floor = FLOOR * (0..PARAMETERS).map(|k| self.majorant[k][k]).fold(0.0, f64::max);
        for (i, row) in model.iter_mut().enumerate() {
            for (j, entry) in row.iter_mut().enumerate() {
                *entry += damping * (self.majorant[i][j] + if i == j { floor } else { 0.0 });
            }
        }
        model
    }

    /// What a reweighted Gauss–Newton step would gain.
    fn gain(&self, mask: Mask) -> f64 {
        let mut model = self.majorant;
        for (k, row) in model.iter_mut().enumerate() {
            row[k] *= 1.0 + 1e-12;
        }
        match cholesky(&model, mask) {
            Some(factor) => 0.5 * dot(&self.gradient, &solve(&factor, mask, &self.gradient)),
            None => f64::INFINITY,
        }
    }

    fn is_finite(&self) -> bool {
        self.value.is_finite()
            && self.gradient.iter().chain(self.hessian.iter().flatten()).all(|v| v.is_finite())
    }

    fn model_decrease(&self, step: &Vector) -> f64 {
        -dot(&self.gradient, step) - 0.5 * dot(step, &times(&self.hessian, step))
    }
}

/// Descends from a start to the next local minimum inside the bounds.
pub(crate) fn descend(problem: &Problem, domain: &Domain, start: &Vector) -> Descent {
    descend_to(problem, domain, start, RELATIVE, ITERATIONS)
}

/// Descends from a start that may be far from the data. With residuals far beyond δ a Huber loss is
/// all kinks, and descents stick to them; so δ begins at the size of the residuals and falls by
/// factors to its own value.
fn approach(problem: &Problem, domain: &Domain, start: &Vector) -> Descent {
    let mut theta = domain.clamp(start);
    if let Some(delta) = problem.objective.delta() {
        let residuals = problem.residuals(&theta);
        let square = residuals.iter().map(|r| r * r).sum::<f64>() / residuals.len() as f64;
        let mut smooth = problem.clone();
        let mut wide = square.sqrt().min(1.0);
        while wide > 2.0 * delta {
            smooth.objective = problem.objective.with_delta(wide);
            theta = descend_to(&smooth, domain, &theta, 1e-5, STAGE).theta;
            wide *= NARROWER;
        }
    }
    descend(problem, domain, &theta)
}

fn descend_to(
    problem: &Problem,
    domain: &Domain,
    start: &Vector,
    relative: f64,
    iterations: usize,
) -> Descent {
    let mut theta = domain.clamp(start);
    let mut here = problem.expand(&theta);
    let mut damping = 1e-2;
    let done = |theta, value, status| Descent { theta, value, status };
    for _ in 0..iterations {
        if !here.is_finite() {
            return done(theta, here.value, Status::NotFinite);
        }
        let negligible = relative * here.value + problem.rounding();
        if here.gain(domain.movable(&theta, &here)) <= negligible {
            return done(theta, here.value, Status::Converged);
        }
        let Some(next) = downhill(problem, domain, &theta, &here, &mut damping) else {
            // No step changes the objective any more: converged as far as rounding lets one see.
            let close = here.gain(domain.movable(&theta, &here)) <= STALLED * here.value;
            let status = if close { Status::Converged } else { Status::IterationLimit };
            return done(theta, here.value, status);
        };
        (theta, here) = next;
    }
    done(theta, here.value, Status::IterationLimit)
}

/// The next point, with damping raised until the objective falls as the model says.
fn downhill(
    problem: &Problem,
    domain: &Domain,
    theta: &Vector,
    here: &Expansion,
    damping: &mut f64,
) -> Option<(Vector, Expansion)> {
    while *damping < STIFFEST {
        if let Some(step) = domain.step(theta, here, &here.damped(*damping)) {
            let next = domain.advance(theta, &step);
            let there = problem.expand(&next);
            let (actual, hoped) = (here.value - there.value, here.model_decrease(&step));
            if hoped > 0.0 && actual > 1e-3 * hoped {
                let quality = actual / hoped;
                let factor = if quality > 0.7 {
                    0.1
                } else if quality > 0.3 {
                    0.5
                } else {
                    3.0
                };
                *damping = (*damping * factor).max(1e-12);
                return Some((next, there));
            }
        }
        *damping = (*damping * 6.0).max(1e-4);
    }
    *damping = 1e-2;
    None
}

/// Descends, and offers vanished terms again with other exponents: a term of 0 has no slope in its
/// exponent, so a descent alone cannot tell a true boundary minimum from a term that was lost on
/// the way.
pub(crate) fn settle(problem: &Problem, domain: &Domain, start: &Vector) -> Descent {
    let mut best = approach(problem, domain, start);
    if best.status == Status::IterationLimit {
        // Stuck on the kinks of a Huber loss far from the data: once more, with the best amplitudes
        // for the exponents.
        let again = projected(problem, domain, best.theta[ALPHA], best.theta[BETA]);
        let next = approach(problem, domain, &again);
        best = if next.value < best.value { next } else { best };
    }
    for _ in 0..RETURNS {
        if !best.value.is_finite() {
            break;
        }
        let Some(again) = readmitted(problem, domain, &best.theta) else { break };
        let next = approach(problem, domain, &again);
        if next.value.is_nan() || next.value >= best.value * (1.0 - 1e-12) {
            break;
        }
        best = next;
    }
    best = without_traces(problem, domain, best);
    if best.status == Status::Converged {
        best.status = classify(problem, domain, &best.theta);
    }
    best
}

/// Terms that are rounding of the others, or constants beside a fitted constant, are taken out
/// where nothing gets worse by it.
fn without_traces(problem: &Problem, domain: &Domain, end: Descent) -> Descent {
    let mut end = end;
    for k in AMPLITUDES.into_iter().filter(|&k| domain.free[k]) {
        if end.theta[k] > 0.0 && end.theta[k] < TRACE {
            let mut theta = end.theta;
            theta[k] = 0.0;
            end = no_worse(problem, end, theta);
        }
    }
    for (amplitude, exponent) in TERMS {
        let separate = problem.pair == Pair::Free && domain.free[E] && domain.free[exponent];
        if separate && end.theta[exponent] < TRACE && end.theta[amplitude] > 0.0 {
            let mut theta = end.theta;
            theta[E] += theta[amplitude];
            theta[amplitude] = 0.0;
            end = no_worse(problem, end, theta);
        }
    }
    end
}

fn no_worse(problem: &Problem, end: Descent, theta: Vector) -> Descent {
    let value = problem.value(&theta);
    let same = value <= end.value * (1.0 + TRACE) + problem.rounding();
    if same { Descent { theta, value, ..end } } else { end }
}

/// The point with a vanished (or constant) term given the exponent at which it would help most;
/// `None` if there is no such term or none helps.
fn readmitted(problem: &Problem, domain: &Domain, theta: &Vector) -> Option<Vector> {
    if problem.pair == Pair::Tied {
        return None;
    }
    let mut theta = *theta;
    for (amplitude, exponent) in TERMS {
        if theta[exponent] == 0.0 && domain.free[E] && domain.free[exponent] {
            theta[E] += theta[amplitude];
            theta[amplitude] = 0.0;
        }
    }
    let offers = TERMS.into_iter().filter(|&(amplitude, exponent)| {
        theta[amplitude] == 0.0 && domain.free[amplitude] && domain.free[exponent]
    });
    let scanned = offers.filter_map(|offer| best_offer(problem, domain, &theta, offer));
    scanned.min_by(|a, b| a.0.total_cmp(&b.0)).map(|(_, theta)| theta)
}

fn best_offer(
    problem: &Problem,
    domain: &Domain,
    theta: &Vector,
    (amplitude, exponent): (usize, usize),
) -> Option<(f64, Vector)> {
    let y = problem.pair.second(theta);
    let offer = |k: usize| {
        let chosen = 0.02 * (domain.upper[ALPHA] / 0.02).powf(k as f64 / (OFFERS - 1) as f64);
        let mut point = *theta;
        match (problem.pair, amplitude) {
            // The exponent in D stays where it is when that in N moves.
            (Pair::Ratio, A) => (point[ALPHA], point[BETA]) = (chosen, y / chosen),
            (Pair::Ratio, _) => point[BETA] = chosen / theta[ALPHA],
            _ => point[exponent] = chosen,
        }
        let inside = EXPONENTS
            .into_iter()
            .all(|k| domain.lower[k] <= point[k] && point[k] <= domain.upper[k]);
        inside.then(|| (problem.slope_of_new_term(&point, amplitude == A, chosen), point))
    };
    let best = (0..OFFERS).filter_map(offer).min_by(|a, b| a.0.total_cmp(&b.0))?;
    // The slope is a sum over rows of terms of the size of the objective's own slope.
    (best.0 < -1e-9 * problem.len() as f64 * problem.largest_slope()).then_some(best)
}

fn classify(problem: &Problem, domain: &Domain, theta: &Vector) -> Status {
    for (k, parameter) in [(E, Parameter::E), (A, Parameter::A), (B, Parameter::B)] {
        if domain.free[k] && theta[k] <= domain.lower[k] {
            return Status::TermVanished(parameter);
        }
    }
    let last = if problem.pair == Pair::Ratio { Parameter::Ratio } else { Parameter::Beta };
    for (k, parameter) in [(ALPHA, Parameter::Alpha), (BETA, last)] {
        if domain.free[k] && (theta[k] <= domain.lower[k] || theta[k] >= domain.upper[k]) {
            return Status::BoundHit(parameter);
        }
    }
    Status::Converged
}
