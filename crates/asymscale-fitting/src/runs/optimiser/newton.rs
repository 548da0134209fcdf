//! Damped Newton steps within bounds: the minimiser of every fit, whatever its parameters.
//!
//! The exact Hessian makes the last steps quadratic, also for a Huber loss whose threshold is far
//! below the residuals: there the objective is smooth between kinks, and a few rows near them
//! decide. Far away, where that Hessian is indefinite, the damping turns it into reweighted
//! Gauss–Newton, which never increases the objective.

use super::symmetric::{cholesky, dot, solve, times};

/// Newton steps at each width of a Huber loss on the way to its own, and the factor between widths.
const STEPS_PER_WIDTH: usize = 40;
const WIDTH_FACTOR: f64 = 0.2;

/// A relative decrease of the objective below which nothing is left to gain.
const RELATIVE: f64 = 1e-14;

/// The same where steps no longer change the objective: the two agree to half of the digits.
const STALLED: f64 = 1e-8;

/// The least diagonal of the damping, as a share of the largest. Of 1e-5, 1e-3, 1e-2 and 3e-2 the
/// last two bring every start of every law to the best end on the runs tried.
const DAMPING_FLOOR: f64 = 1e-2;

/// Damping beyond which a step is too short to change the objective.
const LARGEST_DAMPING: f64 = 1e16;

/// Two objectives closer than this, relatively, are the same minimum.
const SAME: f64 = 1e-6;

/// Other ends that are kept for refits of resampled runs.
const OTHERS: usize = 3;

/// How the Newton steps ended, before anything is said of bounds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// At a local minimum within the bounds.
    Converged,
    /// Stopped before they converged.
    IterationLimit,
    /// The objective is not finite at the start.
    NotFinite,
}

/// An objective of `P` parameters that can be minimised.
pub(crate) trait ObjectiveFunction<const P: usize>: Clone {
    /// How a descent may end, as its fit reports it.
    type Status: Copy + From<Outcome>;

    /// The furthest each parameter moves in one step.
    const LONGEST_STEP: [f64; P];

    /// Newton steps of one descent.
    const ITERATIONS: usize;

    /// Value, gradient and Hessian at a point.
    fn expand(&self, theta: &[f64; P]) -> Expansion<P>;

    /// The value at a point, where it costs much less than the expansion; `None` where it is best
    /// to expand at once.
    fn quick_value(&self, theta: &[f64; P]) -> Option<f64>;

    /// What rounding leaves of an objective whose minimum is 0.
    fn rounding(&self) -> f64;

    /// The residuals at a point.
    fn residuals(&self, theta: &[f64; P]) -> Vec<f64>;

    /// The residual beyond which the cost grows linearly, where there is one.
    fn huber_width(&self) -> Option<f64>;

    /// Sets another such residual.
    fn set_huber_width(&mut self, width: f64);
}

/// Value, gradient and curvature of an objective at a point.
#[derive(Debug, Clone)]
pub(crate) struct Expansion<const P: usize> {
    pub(crate) value: f64,
    pub(crate) gradient: [f64; P],
    /// The exact Hessian; it may be indefinite.
    pub(crate) hessian: [[f64; P]; P],
    /// The Hessian of the quadratic that lies above the objective when the law is linearised
    /// (reweighted Gauss–Newton); it is never indefinite.
    pub(crate) majorant: [[f64; P]; P],
}

/// The part of parameter space a fit may use.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Domain<const P: usize> {
    pub(crate) lower: [f64; P],
    pub(crate) upper: [f64; P],
    /// Parameters that are not fixed.
    pub(crate) free: [bool; P],
}

/// Where a descent ended.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Descent<const P: usize, S> {
    pub(crate) theta: [f64; P],
    pub(crate) value: f64,
    pub(crate) status: S,
}

impl<const P: usize> Domain<P> {
    pub(crate) fn clamp(&self, theta: &[f64; P]) -> [f64; P] {
        std::array::from_fn(|k| theta[k].clamp(self.lower[k], self.upper[k]))
    }

    /// Parameters that can move downhill: not held at a bound, and not without effect.
    fn movable(&self, theta: &[f64; P], here: &Expansion<P>) -> [bool; P] {
        std::array::from_fn(|k| {
            let g = here.gradient[k];
            let held =
                (theta[k] <= self.lower[k] && g >= 0.0) || (theta[k] >= self.upper[k] && g <= 0.0);
            self.free[k] && !held && here.majorant[k][k] > 0.0
        })
    }

    /// How far each parameter may move in one step: to its bound, and no further than its longest
    /// step, since the exponent of a faint term has hardly any curvature to hold it.
    fn step_bounds(&self, theta: &[f64; P], longest: &[f64; P]) -> [(f64, f64); P] {
        std::array::from_fn(|k| {
            (
                (self.lower[k] - theta[k]).max(-longest[k]),
                (self.upper[k] - theta[k]).min(longest[k]),
            )
        })
    }

    /// The step to the minimum of a damped quadratic model within the bounds of a step: parameters
    /// that would leave them are held at their edge, the worst first, and the others solved again.
    /// `None` for a model that is not convex.
    fn step(
        &self,
        theta: &[f64; P],
        here: &Expansion<P>,
        model: &[[f64; P]; P],
        longest: &[f64; P],
    ) -> Option<[f64; P]> {
        let mut mask = self.movable(theta, here);
        let bounds = self.step_bounds(theta, longest);
        let mut held = [0.0; P];
        loop {
            let factor = cholesky(model, mask)?;
            let pull = times(model, &held);
            let right: [f64; P] = std::array::from_fn(|k| -here.gradient[k] - pull[k]);
            let free = solve(&factor, mask, &right);
            let excess = |k: usize| (free[k] - bounds[k].1).max(bounds[k].0 - free[k]);
            let worst = (0..P).filter(|&k| mask[k] && excess(k) > 0.0);
            let Some(worst) = worst.max_by(|&i, &j| excess(i).total_cmp(&excess(j))) else {
                return Some(std::array::from_fn(|k| if mask[k] { free[k] } else { held[k] }));
            };
            mask[worst] = false;
            held[worst] = free[worst].clamp(bounds[worst].0, bounds[worst].1);
        }
    }

    /// The point a step leads to; one that reaches a bound lands on it exactly.
    fn advance(&self, theta: &[f64; P], step: &[f64; P]) -> [f64; P] {
        std::array::from_fn(|k| match step[k] {
            0.0 => theta[k],
            s if s <= self.lower[k] - theta[k] => self.lower[k],
            s if s >= self.upper[k] - theta[k] => self.upper[k],
            s => theta[k] + s,
        })
    }
}

impl<const P: usize> Expansion<P> {
    /// `hessian + damping · (majorant + a floor under its diagonal)`.
    ///
    /// Parameters are shares and exponents, of order 1, so one floor does for all. Without it the
    /// exponent of a faint term, which the majorant hardly holds, and its amplitude make the
    /// Hessian indefinite until the damping is 1e8, and no step gets anywhere.
    fn damped(&self, damping: f64) -> [[f64; P]; P] {
        let mut model = self.hessian;
        let floor = DAMPING_FLOOR * (0..P).map(|k| self.majorant[k][k]).fold(0.0, f64::max);
        for (i, row) in model.iter_mut().enumerate() {
            for (j, entry) in row.iter_mut().enumerate() {
                *entry += damping * (self.majorant[i][j] + if i == j { floor } else { 0.0 });
            }
        }
        model
    }

    /// What a reweighted Gauss–Newton step would gain.
    fn gain(&self, mask: [bool; P]) -> f64 {
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

    fn model_decrease(&self, step: &[f64; P]) -> f64 {
        -dot(&self.gradient, step) - 0.5 * dot(step, &times(&self.hessian, step))
    }
}

/// Descends from a start to the next local minimum inside the bounds.
pub(crate) fn descend<const P: usize, O: ObjectiveFunction<P>>(
    problem: &O,
    domain: &Domain<P>,
    start: &[f64; P],
) -> Descent<P, O::Status> {
    descend_to(problem, domain, start, RELATIVE, O::ITERATIONS)
}

/// A start near the data for one that may be far from them. With residuals far beyond δ a Huber
/// loss is all kinks, and descents stick to them; so δ begins at the size of the residuals and
/// falls by factors to its own value (a continuation).
pub(crate) fn continuation<const P: usize, O: ObjectiveFunction<P>>(
    problem: &O,
    domain: &Domain<P>,
    start: &[f64; P],
) -> [f64; P] {
    let mut theta = domain.clamp(start);
    if let Some(delta) = problem.huber_width() {
        let residuals = problem.residuals(&theta);
        let square = residuals.iter().map(|r| r * r).sum::<f64>() / residuals.len() as f64;
        let mut smooth = problem.clone();
        let mut wide = square.sqrt().min(1.0);
        while wide > 2.0 * delta {
            smooth.set_huber_width(wide);
            theta = descend_to(&smooth, domain, &theta, 1e-5, STEPS_PER_WIDTH).theta;
            wide *= WIDTH_FACTOR;
        }
    }
    theta
}

fn descend_to<const P: usize, O: ObjectiveFunction<P>>(
    problem: &O,
    domain: &Domain<P>,
    start: &[f64; P],
    relative: f64,
    iterations: usize,
) -> Descent<P, O::Status> {
    let mut theta = domain.clamp(start);
    let mut here = problem.expand(&theta);
    let mut damping = 1e-2;
    let done =
        |theta, value, outcome: Outcome| Descent { theta, value, status: O::Status::from(outcome) };
    for _ in 0..iterations {
        if !here.is_finite() {
            return done(theta, here.value, Outcome::NotFinite);
        }
        let negligible = relative * here.value + problem.rounding();
        if here.gain(domain.movable(&theta, &here)) <= negligible {
            return done(theta, here.value, Outcome::Converged);
        }
        let Some(next) = downhill(problem, domain, &theta, &here, &mut damping) else {
            // No step changes the objective any more: converged as far as rounding lets one see.
            let near = here.gain(domain.movable(&theta, &here)) <= STALLED * here.value;
            let outcome = if near { Outcome::Converged } else { Outcome::IterationLimit };
            return done(theta, here.value, outcome);
        };
        (theta, here) = next;
    }
    done(theta, here.value, Outcome::IterationLimit)
}

/// The next point, with damping raised until the objective falls as the model says.
fn downhill<const P: usize, O: ObjectiveFunction<P>>(
    problem: &O,
    domain: &Domain<P>,
    theta: &[f64; P],
    here: &Expansion<P>,
    damping: &mut f64,
) -> Option<([f64; P], Expansion<P>)> {
    while *damping < LARGEST_DAMPING {
        if let Some(step) = domain.step(theta, here, &here.damped(*damping), &O::LONGEST_STEP) {
            let next = domain.advance(theta, &step);
            let predicted = here.model_decrease(&step);
            // An expansion is large: it is made where it is returned from.
            match problem.quick_value(&next) {
                None => {
                    let there = problem.expand(&next);
                    if is_accepted(here.value - there.value, predicted, damping) {
                        return Some((next, there));
                    }
                }
                Some(value) if is_accepted(here.value - value, predicted, damping) => {
                    return Some((next, problem.expand(&next)));
                }
                Some(_) => {}
            }
        }
        *damping = (*damping * 6.0).max(1e-4);
    }
    *damping = 1e-2;
    None
}

/// Whether the objective falls as the model says; the damping then follows how well it does.
#[inline]
fn is_accepted(actual: f64, predicted: f64, damping: &mut f64) -> bool {
    let accepted = predicted > 0.0 && actual > 1e-3 * predicted;
    if accepted {
        let factor = match actual / predicted {
            quality if quality > 0.7 => 0.1,
            quality if quality > 0.3 => 0.5,
            _ => 3.0,
        };
        *damping = (*damping * factor).max(1e-12);
    }
    accepted
}

/// The first of the descents with the smallest value.
pub(crate) fn best_of<const P: usize, S: Copy>(
    descents: &[Descent<P, S>],
) -> Option<Descent<P, S>> {
    let finite = descents.iter().filter(|descent| descent.value.is_finite());
    finite.min_by(|a, b| a.value.total_cmp(&b.value)).copied()
}

/// The best ends that are no better than one another, without that of the smallest value.
pub(crate) fn other_ends<const P: usize, S>(
    descents: &[Descent<P, S>],
    best: f64,
    rounding: f64,
) -> Vec<[f64; P]> {
    let mut ends: Vec<&Descent<P, S>> =
        descents.iter().filter(|descent| descent.value.is_finite()).collect();
    ends.sort_by(|a, b| a.value.total_cmp(&b.value));
    ends.retain(|end| !is_same_minimum(end.value, best, rounding));
    ends.dedup_by(|b, a| is_same_minimum(b.value, a.value, rounding));
    ends.into_iter().take(OTHERS).map(|end| end.theta).collect()
}

/// Whether a value is the smallest one; objectives of 0 differ by rounding.
pub(crate) fn is_same_minimum(value: f64, best: f64, rounding: f64) -> bool {
    value <= best * (1.0 + SAME) + 1e8 * rounding
}
