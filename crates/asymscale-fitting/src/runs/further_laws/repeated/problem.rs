//! The objective of a fit of repeated data in centred coordinates, with its gradient and Hessian.
//!
//! Inside, the law is `e + exp(p − x m) + exp(q − y k)` with `m = ln N' − c_N`, `k = ln D' − c_D`
//! and losses in units of their geometric mean; `R` is `scale·v/(1 − v)` with `v` in [0, 1]. The
//! features that are balanced for U samples, `(ln x + p − ln y − q + y ln U)/x`, move with all of
//! `p, q, x, y`. Where they cross a run's N the objective has a continuous gradient, and its
//! Hessian jumps by `1/R_N`.

use super::RepeatedRuns;
use super::descent::RepeatedStatus;
use super::jets::{Jet, NOTHING, balance, effective_log_features};
use super::saturation::{logarithm, saturation};
use super::units::Units;
use crate::runs::law::Objective;
use crate::runs::optimiser::coordinates::Centre;
use crate::runs::optimiser::huber;
use crate::runs::optimiser::index::{A, ALPHA, B, BETA, E};
use crate::runs::optimiser::newton::{self, ObjectiveFunction as _};
use crate::runs::optimiser::symmetric::mirror;

/// Parameters of the law: `e, p, q, x, y, v_D, v_N`.
pub(super) const SIZE: usize = 7;
pub(super) type Vector = [f64; SIZE];
pub(super) type Matrix = [Vector; SIZE];

/// Places of the shares `v_D` and `v_N`; the others stand as in [`crate::runs::optimiser::index`].
pub(super) const V_D: usize = 5;
pub(super) const V_N: usize = 6;

/// One run: centred logarithms, loss in units of the centre, and how often it counts.
#[derive(Debug, Clone, Copy)]
struct Row {
    n: f64,
    d: f64,
    unique: f64,
    loss: f64,
    log_loss: f64,
    weight: f64,
}

/// Value, gradient and curvature of the objective at a point.
pub(super) type Expansion = newton::Expansion<SIZE>;

/// The furthest an exponent or a share moves in one step, and the logarithm of an amplitude.
const LONGEST_STEP: f64 = 0.3;
const LONGEST_AMPLITUDE_STEP: f64 = 2.0;

/// Runs, objective and units of one minimisation.
#[derive(Debug, Clone)]
pub(super) struct Problem {
    rows: Vec<Row>,
    pub(super) objective: Objective,
    /// One exponent for both.
    pub(super) tied: bool,
    pub(super) units: Units,
}

impl Problem {
    /// Runs of weight 0 are left out; without weights each counts once.
    pub(super) fn new(
        runs: &RepeatedRuns,
        units: Units,
        objective: Objective,
        tied: bool,
        weights: Option<&[f64]>,
    ) -> Self {
        let Centre { features, samples, loss } = units.centre;
        let plain = runs.runs();
        let row = |k: usize| {
            let log_loss = plain.losses()[k].ln() - loss;
            Row {
                n: plain.features()[k].ln() - features,
                d: plain.samples()[k].ln() - samples,
                unique: runs.unique()[k].ln() - samples,
                loss: log_loss.exp(),
                log_loss,
                weight: weights.map_or(1.0, |weights| weights[k]),
            }
        };
        let rows = (0..plain.len()).map(row).filter(|row| row.weight > 0.0).collect();
        Self { rows, objective, tied, units }
    }

    /// Whether any run repeats samples, and whether any has more features than are balanced.
    pub(super) fn identified(&self, theta: &Vector) -> [bool; 2] {
        let theta = &self.whole(theta);
        [
            self.rows.iter().any(|row| row.d > row.unique),
            self.rows.iter().any(|row| row.n > balanced(theta, row)),
        ]
    }

    /// The parameters with the second exponent filled in where both are one.
    fn whole(&self, theta: &Vector) -> Vector {
        let mut theta = *theta;
        if self.tied {
            theta[BETA] = theta[ALPHA];
        }
        theta
    }

    pub(super) fn value(&self, theta: &Vector) -> f64 {
        let theta = &self.whole(theta);
        self.rows
            .iter()
            .map(|row| {
                row.weight
                    * huber::cost(self.residual(row, self.fit(theta, row)), self.huber_width())
            })
            .sum()
    }

    fn fit(&self, theta: &Vector, row: &Row) -> f64 {
        let [e, p, q, x, y, v_d, v_n] = *theta;
        let balance = balanced(theta, row);
        let joined = |base: f64, all: f64, v: f64| {
            if all > base { base + logarithm(all - base, v, self.units.scale) } else { all }
        };
        let (m, k) = (joined(balance, row.n, v_n), joined(row.unique, row.d, v_d));
        e + (p - x * m).exp() + (q - y * k).exp()
    }

    fn residual(&self, row: &Row, fit: f64) -> f64 {
        if self.objective == Objective::Squares { fit - row.loss } else { fit.ln() - row.log_loss }
    }

    /// `m`; `None` where it is that of the run.
    fn features(&self, theta: &Vector, row: &Row) -> Option<Jet> {
        let t = row.n - balanced(theta, row);
        (t > 0.0).then(|| {
            effective_log_features(
                &balance(theta, row.unique, balanced(theta, row)),
                &saturation(t, theta[V_N], self.units.scale),
            )
        })
    }

    /// `k`; `None` where it is that of the run.
    fn samples(&self, theta: &Vector, row: &Row) -> Option<Jet> {
        if row.d <= row.unique {
            return None;
        }
        let found = saturation(row.d - row.unique, theta[V_D], self.units.scale);
        let mut jet = Jet { value: row.unique + found.value, ..NOTHING };
        jet.gradient[V_D] = found.v;
        jet.hessian[V_D][V_D] = found.vv;
        Some(jet)
    }

    fn add(&self, sum: &mut Expansion, row: &Row, fit: &Jet) {
        let residual = self.residual(row, fit.value);
        let (scale, logarithm) =
            if self.objective == Objective::Squares { (1.0, 0.0) } else { (1.0 / fit.value, 1.0) };
        let (pull, stiffness, outer) = huber::influence(residual, self.huber_width(), 1.0);
        let (pull, outer) = (row.weight * pull, row.weight * outer);
        // The second derivative of a logarithm is that of its argument less the square of its
        // gradient.
        let own = row.weight * stiffness - logarithm * pull;
        let slope = fit.gradient.map(|g| scale * g);
        sum.value += row.weight * huber::cost(residual, self.huber_width());
        for i in 0..SIZE {
            sum.gradient[i] += pull * slope[i];
            for j in i..SIZE {
                let product = slope[i] * slope[j];
                sum.hessian[i][j] += own * product + pull * scale * fit.hessian[i][j];
                sum.majorant[i][j] += outer * product;
            }
        }
    }

    /// The fit of a run; of its Hessian the upper triangle.
    fn jet(&self, theta: &Vector, row: &Row) -> Jet {
        let [e, p, q, x, y, ..] = *theta;
        let mut jet = Jet { value: e, ..NOTHING };
        jet.gradient[E] = 1.0;
        match self.features(theta, row) {
            Some(size) => jet.add((A, ALPHA), p, x, &size, &[A, B, ALPHA, BETA, V_N]),
            None => jet.add((A, ALPHA), p, x, &Jet { value: row.n, ..NOTHING }, &[A, ALPHA]),
        }
        match self.samples(theta, row) {
            Some(size) => jet.add((B, BETA), q, y, &size, &[B, BETA, V_D]),
            None => jet.add((B, BETA), q, y, &Jet { value: row.d, ..NOTHING }, &[B, BETA]),
        }
        jet
    }
}

impl newton::ObjectiveFunction<SIZE> for Problem {
    type Status = RepeatedStatus;

    const LONGEST_STEP: [f64; SIZE] = [
        f64::INFINITY,
        LONGEST_AMPLITUDE_STEP,
        LONGEST_AMPLITUDE_STEP,
        LONGEST_STEP,
        LONGEST_STEP,
        LONGEST_STEP,
        LONGEST_STEP,
    ];

    const ITERATIONS: usize = 400;

    /// Value, gradient, Hessian. `O(rows)`.
    fn expand(&self, theta: &Vector) -> Expansion {
        let theta = &self.whole(theta);
        let mut found = Expansion {
            value: 0.0,
            gradient: [0.0; SIZE],
            hessian: [[0.0; SIZE]; SIZE],
            majorant: [[0.0; SIZE]; SIZE],
        };
        for row in &self.rows {
            self.add(&mut found, row, &self.jet(theta, row));
        }
        found.hessian = mirror(&found.hessian);
        found.majorant = mirror(&found.majorant);
        if self.tied {
            tie_exponents(&mut found);
        }
        found
    }

    fn quick_value(&self, theta: &Vector) -> Option<f64> {
        Some(self.value(theta))
    }

    /// What rounding leaves of an objective whose minimum is 0.
    fn rounding(&self) -> f64 {
        4e-32 * self.rows.iter().map(|row| row.weight * row.loss.max(1.0).powi(2)).sum::<f64>()
    }

    /// Residuals as the objective defines them.
    fn residuals(&self, theta: &Vector) -> Vec<f64> {
        let theta = &self.whole(theta);
        self.rows.iter().map(|row| self.residual(row, self.fit(theta, row))).collect()
    }

    fn huber_width(&self) -> Option<f64> {
        match self.objective {
            Objective::HuberLog { delta } => Some(delta),
            _ => None,
        }
    }

    fn set_huber_width(&mut self, delta: f64) {
        self.objective = Objective::HuberLog { delta };
    }
}

/// `ln U_N − c_N` where it is below `ln N`.
fn balanced(theta: &Vector, row: &Row) -> f64 {
    let [_, p, q, x, y, ..] = *theta;
    ((x / y).ln() + p - q + y * row.unique) / x
}

/// Derivatives with `y = x`.
fn tie_exponents(found: &mut Expansion) {
    found.gradient[ALPHA] += found.gradient[BETA];
    found.gradient[BETA] = 0.0;
    for matrix in [&mut found.hessian, &mut found.majorant] {
        for row in matrix.iter_mut() {
            row[ALPHA] += row[BETA];
            row[BETA] = 0.0;
        }
        let second = std::mem::take(&mut matrix[BETA]);
        for (entry, other) in matrix[ALPHA].iter_mut().zip(second) {
            *entry += other;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Runs;

    fn problem(objective: Objective, tied: bool) -> Problem {
        let n: Vec<f64> = (0..18).map(|k| 1e7 * 5f64.powi(k % 6)).collect();
        let d: Vec<f64> = (0..18).map(|k| 2e8 * 6f64.powi(k / 6)).collect();
        let unique: Vec<f64> = (0..18).map(|k| [1e8, 4e8, 5e9][k % 3]).collect();
        let losses: Vec<f64> =
            (0..18).map(|k| 4.0 - 0.1 * f64::from(k) + 0.2 * f64::from(k * k % 7)).collect();
        let runs = RepeatedRuns::new(Runs::new(&n, &d, &losses).expect("positive"), &unique)
            .expect("positive");
        let weights: Vec<f64> = (0..18).map(|k| f64::from(k % 4)).collect();
        Problem::new(&runs, Units::of(&runs), objective, tied, Some(&weights))
    }

    const THETA: Vector = [0.4, -1.1, -1.3, 0.4, 0.5, 0.6, 0.3];

    /// Central differences with step h are off by h² times a third derivative of order 10³ and by
    /// rounding over h. No residual lies within h of a kink of the Huber loss, and no run within h
    /// of the balance.
    #[test]
    fn derivatives_are_those_of_the_value() {
        let h = 1e-6;
        let objectives =
            [Objective::HuberLog { delta: 0.05 }, Objective::SquaresLog, Objective::Squares];
        for (tied, objective) in
            [false, true].into_iter().flat_map(|tied| objectives.map(|o| (tied, o)))
        {
            let problem = problem(objective, tied);
            assert_eq!(problem.identified(&THETA), [true, true]);
            let here = problem.expand(&THETA);
            assert!((here.value - problem.value(&THETA)).abs() < 1e-14);
            for k in 0..SIZE {
                let at =
                    |step: f64| std::array::from_fn(|j| THETA[j] + if j == k { step } else { 0.0 });
                let slope = (problem.value(&at(h)) - problem.value(&at(-h))) / (2.0 * h);
                assert!(
                    (here.gradient[k] - slope).abs() < 1e-7,
                    "{tied} {objective:?}: gradient {k}"
                );
                let (up, down) =
                    (problem.expand(&at(h)).gradient, problem.expand(&at(-h)).gradient);
                for j in 0..SIZE {
                    let (bend, found) = ((up[j] - down[j]) / (2.0 * h), here.hessian[k][j]);
                    assert!(
                        (found - bend).abs() < 1e-6,
                        "{tied} {objective:?}: {k} {j}: {found} for {bend}"
                    );
                }
            }
        }
    }

    /// A step across the balance of a run changes the gradient as little as a step elsewhere.
    #[test]
    fn the_gradient_is_continuous_at_the_balance() {
        let problem = problem(Objective::SquaresLog, false);
        let row = problem.rows[4];
        let mut theta = THETA;
        theta[A] += (row.n - balanced(&theta, &row)) * theta[ALPHA];
        let at = |step: f64| {
            let mut moved = theta;
            moved[A] += step;
            problem.expand(&moved)
        };
        let (below, above) = (at(-1e-9), at(1e-9));
        for k in 0..SIZE {
            assert!((below.gradient[k] - above.gradient[k]).abs() < 1e-6, "gradient {k}");
        }
    }
}
