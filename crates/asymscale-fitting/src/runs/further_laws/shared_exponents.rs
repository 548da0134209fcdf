//! One pair of exponents for several kinds of runs, each with its own E, A and B.
//!
//! At given exponents every kind is a minimisation of its own; over the exponents the sum of these
//! minima has the slope that the objective has at fixed amplitudes, and the curvature of a Schur
//! complement, so two numbers are left to descend in.

use crate::runs::fit::FitOptions;
use crate::runs::optimiser::coordinates::Centre;
use crate::runs::optimiser::index::{A, ALPHA, AMPLITUDES, B, BETA, E, EXPONENTS};
use crate::runs::optimiser::minimise::{Domain, descend};
use crate::runs::optimiser::newton::ObjectiveFunction as _;
use crate::runs::optimiser::problem::Problem;
use crate::runs::optimiser::symmetric::{Mask, Matrix, Vector, cholesky, dot, solve};

/// Steps in the exponents.
const STEPS: usize = 200;
/// A relative decrease below which nothing is left to gain.
const RELATIVE: f64 = 1e-12;
/// Damping beyond which a step is too short to change the objective.
const LARGEST_DAMPING: f64 = 1e12;

/// Kinds of runs, centred alike, with the parameters of each.
#[derive(Debug, Clone)]
pub(crate) struct SharedExponentFit {
    pub(crate) problems: Vec<Problem>,
    pub(crate) thetas: Vec<Vector>,
    pub(crate) value: f64,
    domain: Domain,
}

impl SharedExponentFit {
    /// Descends from exponents of each of some starts to the best end.
    pub(crate) fn fit(
        problems: &[Problem],
        starts: &[Vector],
        options: &FitOptions,
        centre: &Centre,
    ) -> Option<Self> {
        let domain = options.domain(centre);
        let ends = starts.iter().map(|start| {
            let thetas = vec![*start; problems.len()];
            let mut end =
                Self { problems: problems.to_vec(), thetas, value: f64::INFINITY, domain };
            end.set_exponents(start[ALPHA], start[BETA]);
            end.descend();
            end
        });
        ends.filter(|end| end.value.is_finite()).min_by(|a, b| a.value.total_cmp(&b.value))
    }

    /// The best amplitudes of every kind at some exponents.
    fn set_exponents(&mut self, x: f64, last: f64) {
        let mut pinned = self.domain;
        for (k, value) in [(ALPHA, x), (BETA, last)] {
            (pinned.lower[k], pinned.upper[k], pinned.free[k]) = (value, value, false);
        }
        self.value = 0.0;
        for (problem, theta) in self.problems.iter().zip(&mut self.thetas) {
            let start = [theta[E].max(0.1), theta[A].max(0.1), theta[B].max(0.1), x, last];
            let end = descend(problem, &pinned, &start);
            *theta = end.theta;
            self.value += end.value;
        }
    }

    fn descend(&mut self) {
        let mut damping = 1e-3;
        for _ in 0..STEPS {
            let (slope, curvature) = self.slopes();
            let Some(next) = self.downhill(slope, curvature, &mut damping) else { return };
            let gain = self.value - next.value;
            *self = next;
            if gain <= RELATIVE * self.value {
                return;
            }
        }
    }

    /// The next point with a smaller value; `None` where no step leads to one.
    fn downhill(
        &self,
        slope: [f64; 2],
        curvature: [[f64; 2]; 2],
        damping: &mut f64,
    ) -> Option<Self> {
        let at = [self.thetas[0][ALPHA], self.thetas[0][BETA]];
        while *damping < LARGEST_DAMPING {
            let step = self.step(slope, curvature, *damping);
            let inside = |k: usize| {
                (at[k] + step[k])
                    .clamp(self.domain.lower[EXPONENTS[k]], self.domain.upper[EXPONENTS[k]])
            };
            let mut next = self.clone();
            next.set_exponents(inside(0), inside(1));
            if next.value < self.value {
                *damping = (*damping * 0.2).max(1e-12);
                return Some(next);
            }
            *damping *= 8.0;
        }
        None
    }

    /// A damped step in the free exponents.
    fn step(&self, slope: [f64; 2], curvature: [[f64; 2]; 2], damping: f64) -> [f64; 2] {
        let mut matrix: Matrix = Matrix::default();
        let mut right = Vector::default();
        let largest = curvature[0][0].max(curvature[1][1]);
        for i in 0..2 {
            right[i] = -slope[i];
            for j in 0..2 {
                matrix[i][j] = curvature[i][j];
            }
            matrix[i][i] += damping * (curvature[i][i] + 1e-2 * largest) + f64::MIN_POSITIVE;
        }
        let mask: Mask = [self.domain.free[ALPHA], self.domain.free[BETA], false, false, false];
        let step = cholesky(&matrix, mask).map_or([0.0; 5], |factor| solve(&factor, mask, &right));
        [step[0].clamp(-0.3, 0.3), step[1].clamp(-0.3, 0.3)]
    }

    /// Slope and reweighted Gauss–Newton curvature in the exponents.
    fn slopes(&self) -> ([f64; 2], [[f64; 2]; 2]) {
        let (mut slope, mut curvature) = ([0.0; 2], [[0.0; 2]; 2]);
        for (problem, theta) in self.problems.iter().zip(&self.thetas) {
            let here = problem.expand(theta);
            let moving = |k: usize| {
                AMPLITUDES.contains(&k) && self.domain.free[k] && theta[k] > self.domain.lower[k]
            };
            let mask: Mask = std::array::from_fn(moving);
            let factor = cholesky(&here.majorant, mask);
            for i in 0..2 {
                slope[i] += here.gradient[EXPONENTS[i]];
                let projected =
                    factor.as_ref().map(|factor| solve(factor, mask, &here.majorant[EXPONENTS[i]]));
                for (j, entry) in curvature[i].iter_mut().enumerate() {
                    let along = projected
                        .as_ref()
                        .map_or(0.0, |projected| dot(projected, &here.majorant[EXPONENTS[j]]));
                    *entry += here.majorant[EXPONENTS[i]][EXPONENTS[j]] - along;
                }
            }
        }
        (slope, curvature)
    }
}
