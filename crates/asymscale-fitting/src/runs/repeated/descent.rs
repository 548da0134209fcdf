//! Damped Newton steps within bounds, as for the law of fresh samples, in seven parameters.

use serde::{Deserialize, Serialize};

use super::RepeatedParameter;
use super::problem::{Expansion, Mask, Matrix, Problem, SIZE, Vector};
use crate::runs::law::Objective;
use crate::runs::symmetric::{cholesky, dot, solve, times};

/// Newton steps of one descent.
const ITERATIONS: usize = 400;
/// Newton steps at each width of a Huber loss on the way to its own, and the factor between widths.
const STAGE: usize = 40;
const NARROWER: f64 = 0.2;
/// The furthest an exponent or a share moves in one step, and the logarithm of an amplitude.
const STRIDE: f64 = 0.3;
const LONG_STRIDE: f64 = 2.0;
/// A relative decrease of the objective below which nothing is left to gain.
const RELATIVE: f64 = 1e-14;
/// The same where steps no longer change the objective.
const STALLED: f64 = 1e-8;
/// The least diagonal of the damping, as a share of the largest.
const FLOOR: f64 = 1e-2;
/// Damping beyond which a step is too short to change the objective.
const STIFFEST: f64 = 1e16;

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
    /// One word, as in tables.
    pub fn name(self) -> &'static str {
        match self {
            Self::Converged => "converged",
            Self::AtBound(_) => "at_bound",
            Self::IterationLimit => "iteration_limit",
            Self::NotFinite => "not_finite",
        }
    }
}

/// The part of parameter space a fit may use.
#[derive(Debug, Clone, Copy)]
pub(super) struct Domain {
    pub(super) lower: Vector,
    pub(super) upper: Vector,
    /// Parameters that are not held.
    pub(super) free: Mask,
}

/// Where a descent ended.
#[derive(Debug, Clone, Copy)]
pub(super) struct Descent {
    pub(super) theta: Vector,
    pub(super) value: f64,
    pub(super) status: RepeatedStatus,
}

impl Domain {
    pub(super) fn clamp(&self, theta: &Vector) -> Vector {
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

    fn reach(&self, theta: &Vector) -> [(f64, f64); SIZE] {
        std::array::from_fn(|k| {
            let stride = match k {
                0 => f64::INFINITY,
                1 | 2 => LONG_STRIDE,
                _ => STRIDE,
            };
            ((self.lower[k] - theta[k]).max(-stride), (self.upper[k] - theta[k]).min(stride))
        })
    }

    /// The step to the minimum of a damped quadratic model within reach; `None` for a model that is
    /// not convex.
    fn step(&self, theta: &Vector, here: &Expansion, model: &Matrix) -> Option<Vector> {
        let mut mask = self.movable(theta, here);
        let reach = self.reach(theta);
        let mut held = [0.0; SIZE];
        loop {
            let factor = cholesky(model, mask)?;
            let pull = times(model, &held);
            let right: Vector = std::array::from_fn(|k| -here.gradient[k] - pull[k]);
            let free = solve(&factor, mask, &right);
            let excess = |k: usize| (free[k] - reach[k].1).max(reach[k].0 - free[k]);
            let worst = (0..SIZE).filter(|&k| mask[k] && excess(k) > 0.0);
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

    /// Which parameter is at a bound.
    fn bound(&self, theta: &Vector) -> Option<RepeatedParameter> {
        let at = |k: &usize| {
            self.free[*k] && (theta[*k] <= self.lower[*k] || theta[*k] >= self.upper[*k])
        };
        (0..SIZE).find(at).map(|k| RepeatedParameter::ALL[k])
    }
}

impl Expansion {
    fn damped(&self, damping: f64) -> Matrix {
        let mut model = self.hessian;
        let floor = FLOOR * (0..SIZE).map(|k| self.majorant[k][k]).fold(0.0, f64::max);
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

/// Descends from a start that may be far from the data: the δ of a Huber loss begins at the size of
/// the residuals and falls by factors to its own value.
pub(super) fn approach(problem: &Problem, domain: &Domain, start: &Vector) -> Descent {
    let mut theta = domain.clamp(start);
    if let Objective::HuberLog { delta } = problem.objective {
        let residuals = problem.residuals(&theta);
        let square = residuals.iter().map(|r| r * r).sum::<f64>() / residuals.len() as f64;
        let mut smooth = problem.clone();
        let mut wide = square.sqrt().min(1.0);
        while wide > 2.0 * delta {
            smooth.objective = Objective::HuberLog { delta: wide };
            theta = descend_to(&smooth, domain, &theta, 1e-5, STAGE).theta;
            wide *= NARROWER;
        }
    }
    descend(problem, domain, &theta)
}

/// Descends to the next local minimum inside the bounds.
pub(super) fn descend(problem: &Problem, domain: &Domain, start: &Vector) -> Descent {
    let mut end = descend_to(problem, domain, start, RELATIVE, ITERATIONS);
    if end.status == RepeatedStatus::Converged {
        end.status = domain.bound(&end.theta).map_or(end.status, RepeatedStatus::AtBound);
    }
    end
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
            return done(theta, here.value, RepeatedStatus::NotFinite);
        }
        let negligible = relative * here.value + problem.rounding();
        if here.gain(domain.movable(&theta, &here)) <= negligible {
            return done(theta, here.value, RepeatedStatus::Converged);
        }
        let Some(next) = downhill(problem, domain, &theta, &here, &mut damping) else {
            let close = here.gain(domain.movable(&theta, &here)) <= STALLED * here.value;
            let status =
                if close { RepeatedStatus::Converged } else { RepeatedStatus::IterationLimit };
            return done(theta, here.value, status);
        };
        (theta, here) = next;
    }
    done(theta, here.value, RepeatedStatus::IterationLimit)
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
            let (actual, hoped) = (here.value - problem.value(&next), here.model_decrease(&step));
            if hoped > 0.0 && actual > 1e-3 * hoped {
                let factor = match actual / hoped {
                    quality if quality > 0.7 => 0.1,
                    quality if quality > 0.3 => 0.5,
                    _ => 3.0,
                };
                *damping = (*damping * factor).max(1e-12);
                return Some((next, problem.expand(&next)));
            }
        }
        *damping = (*damping * 6.0).max(1e-4);
    }
    *damping = 1e-2;
    None
}
