//! The objective of a fit in centred coordinates, with its gradient and Hessian.
//!
//! Inside, a law is `e + a·exp(−x n) + b·exp(−y d)` with `n = ln N − c_N`, `d = ln D − c_D` for
//! centres `c` (the mean logarithms) and losses in units of their geometric mean: `e`, `a`, `b` are
//! then shares of the loss at the centre, of order 1 whatever the units, and nearly uncorrelated
//! with the exponents.

use asymscale_numerics::{sorted, upper_median};

use super::coordinates::Centre;
pub(crate) use super::exponent_link::ExponentLink;
use super::huber;
use super::index::{A, ALPHA, B, BETA, E};
use super::minimise::Status;
use super::newton;
use super::symmetric::{PARAMETERS, Vector, mirror};
use crate::runs::data::rows::Runs;
use crate::runs::law::Objective;

/// One run: centred logarithms, their places among the distinct ones, loss in units of the centre,
/// and how often it counts.
#[derive(Debug, Clone, Copy)]
struct Row {
    n: f64,
    d: f64,
    n_at: usize,
    d_at: usize,
    loss: f64,
    log_loss: f64,
    weight: f64,
}

/// The furthest an exponent moves in one step.
const LONGEST_EXPONENT_STEP: f64 = 0.3;

/// Value, gradient and curvature of the objective at a point.
pub(crate) type Expansion = newton::Expansion<PARAMETERS>;

/// The residual of one run with its derivatives in `(e, a, b, x, y)`.
struct Term {
    value: f64,
    /// Derivative of the cost in the residual.
    slope: f64,
    /// Second derivative of the cost, and its weight in the majorant.
    curvature: f64,
    majorant_weight: f64,
    gradient: Vector,
    /// Second derivatives of the residual but for `−g gᵀ` of a logarithm: `(a, x)`, `(x, x)`,
    /// `(b, y)`, `(y, y)`.
    second: [f64; 4],
}

/// Runs, objective and parametrisation of one minimisation.
#[derive(Debug, Clone)]
pub(crate) struct Problem {
    rows: Vec<Row>,
    /// The distinct values of `n` and of `d`, ascending: runs are often made on a grid, and each
    /// value costs an exponential.
    distinct: [Vec<f64>; 2],
    pub(crate) objective: Objective,
    pub(crate) link: ExponentLink,
}

impl Problem {
    /// Runs of weight 0 are left out; without weights each counts once.
    pub(crate) fn new(
        runs: &Runs,
        centre: Centre,
        objective: Objective,
        link: ExponentLink,
        weights: Option<&[f64]>,
    ) -> Self {
        let row = |k: usize| {
            let log_loss = runs.losses()[k].ln() - centre.loss;
            Row {
                n: runs.features()[k].ln() - centre.features,
                d: runs.samples()[k].ln() - centre.samples,
                n_at: 0,
                d_at: 0,
                loss: log_loss.exp(),
                log_loss,
                weight: weights.map_or(1.0, |weights| weights[k]),
            }
        };
        let mut rows: Vec<Row> = (0..runs.len()).map(row).filter(|row| row.weight > 0.0).collect();
        let distinct = [distinct(rows.iter().map(|r| r.n)), distinct(rows.iter().map(|r| r.d))];
        for row in &mut rows {
            let place = |values: &[f64], x: f64| values.partition_point(|value| *value < x);
            (row.n_at, row.d_at) = (place(&distinct[0], row.n), place(&distinct[1], row.d));
        }
        Self { rows, distinct, objective, link }
    }

    /// How often each row counts.
    pub(crate) fn weights(&self) -> Vec<f64> {
        self.rows.iter().map(|row| row.weight).collect()
    }

    pub(crate) fn len(&self) -> usize {
        self.rows.len()
    }

    /// Centred `ln N` of the rows.
    pub(crate) fn log_features(&self) -> Vec<f64> {
        self.rows.iter().map(|row| row.n).collect()
    }

    /// Centred `ln D` of the rows.
    pub(crate) fn log_samples(&self) -> Vec<f64> {
        self.rows.iter().map(|row| row.d).collect()
    }

    /// `exp(−x n)` and `exp(−y d)` of the distinct values.
    fn powers(&self, theta: &Vector) -> [Vec<f64>; 2] {
        let [n, d] = &self.distinct;
        let powers = |values: &[f64], exponent: f64| {
            values.iter().map(|value| (-exponent * value).exp()).collect()
        };
        [powers(n, theta[ALPHA]), powers(d, self.link.second_exponent(theta))]
    }

    /// `exp(−x n)`, `exp(−y d)`, residual, fit.
    fn residual(&self, theta: &Vector, powers: &[Vec<f64>; 2], row: &Row) -> (f64, f64, f64, f64) {
        let (u, v) = (powers[0][row.n_at], powers[1][row.d_at]);
        let fit = theta[E] + theta[A] * u + theta[B] * v;
        let residual = match self.objective {
            Objective::Squares => fit - row.loss,
            _ => fit.ln() - row.log_loss,
        };
        (u, v, residual, fit)
    }

    /// The objective.
    pub(crate) fn value(&self, theta: &Vector) -> f64 {
        let powers = self.powers(theta);
        let one = |row: &Row| row.weight * self.cost(self.residual(theta, &powers, row).2);
        self.rows.iter().map(one).sum()
    }

    fn cost(&self, r: f64) -> f64 {
        self.objective.side(r) * huber::cost(r, self.objective.delta())
    }

    /// Slope of the cost, its derivative, and slope over residual.
    fn influence(&self, r: f64) -> (f64, f64, f64) {
        huber::influence(r, self.objective.delta(), self.objective.side(r))
    }

    fn term(&self, theta: &Vector, powers: &[Vec<f64>; 2], row: &Row) -> Term {
        let (u, v, residual, fit) = self.residual(theta, powers, row);
        let [_, a, b, ..] = *theta;
        let scale = if self.objective == Objective::Squares { 1.0 } else { 1.0 / fit };
        let (u, v) = (u * scale, v * scale);
        let (slope, curvature, majorant_weight) = self.influence(residual);
        Term {
            value: self.cost(residual),
            slope,
            curvature,
            majorant_weight,
            gradient: [scale, u, v, -a * row.n * u, -b * row.d * v],
            second: [-row.n * u, a * row.n * row.n * u, -row.d * v, b * row.d * row.d * v],
        }
    }

    /// Gradients of the residuals, one row per run.
    pub(crate) fn jacobian(&self, theta: &Vector) -> Vec<Vector> {
        let powers = self.powers(theta);
        let row = |row: &Row| self.link.pull_back(theta, &self.term(theta, &powers, row).gradient);
        self.rows.iter().map(row).collect()
    }

    /// Derivative of the objective in an amplitude (`a` or `b`) if its exponent were `exponent`.
    pub(crate) fn slope_of_new_term(
        &self,
        theta: &Vector,
        in_features: bool,
        exponent: f64,
    ) -> f64 {
        let powers = self.powers(theta);
        let one = |row: &Row| {
            let (_, _, residual, fit) = self.residual(theta, &powers, row);
            let scale = if self.objective == Objective::Squares { 1.0 } else { 1.0 / fit };
            let size = if in_features { row.n } else { row.d };
            row.weight * self.influence(residual).0 * scale * (-exponent * size).exp()
        };
        self.rows.iter().map(one).sum()
    }

    /// Normal equations of `fit/loss = 1` (or `fit = loss`) in the amplitudes at fixed exponents:
    /// matrix and right side.
    pub(crate) fn amplitude_equations(&self, x: f64, y: f64) -> ([[f64; 3]; 3], [f64; 3]) {
        let (mut matrix, mut right) = ([[0.0; 3]; 3], [0.0; 3]);
        for row in &self.rows {
            let (scale, target) = match self.objective {
                Objective::Squares => (1.0, row.loss),
                _ => (1.0 / row.loss, 1.0),
            };
            let basis = [scale, scale * (-x * row.n).exp(), scale * (-y * row.d).exp()];
            for i in 0..3 {
                right[i] += row.weight * basis[i] * target;
                for j in 0..3 {
                    matrix[i][j] += row.weight * basis[i] * basis[j];
                }
            }
        }
        (matrix, right)
    }

    /// The scale of the slope of one row's cost: where slopes count as 0.
    pub(crate) fn largest_slope(&self) -> f64 {
        self.objective.delta().unwrap_or(1e-3)
    }

    /// The factor for all amplitudes after which half of the runs lie above the law: the median
    /// ratio of loss and law.
    pub(crate) fn median_ratio(&self, theta: &Vector) -> f64 {
        let powers = self.powers(theta);
        let gap = |row: &Row| row.log_loss - self.residual(theta, &powers, row).3.ln();
        upper_median(&sorted(self.rows.iter().map(gap))).exp()
    }
}

/// Distinct values, ascending.
fn distinct(values: impl Iterator<Item = f64>) -> Vec<f64> {
    let mut values = sorted(values);
    values.dedup();
    values
}

impl newton::ObjectiveFunction<PARAMETERS> for Problem {
    type Status = Status;

    const LONGEST_STEP: [f64; PARAMETERS] =
        [f64::INFINITY, f64::INFINITY, f64::INFINITY, LONGEST_EXPONENT_STEP, LONGEST_EXPONENT_STEP];

    const ITERATIONS: usize = 300;

    /// Value, gradient, Hessian. `O(rows)`, a logarithm each and an exponential for each distinct
    /// size.
    fn expand(&self, theta: &Vector) -> Expansion {
        let powers = self.powers(theta);
        let mut value = 0.0;
        let mut gradient = [0.0; PARAMETERS];
        let mut hessian = [[0.0; PARAMETERS]; PARAMETERS];
        let mut majorant = hessian;
        // The second derivative of a logarithm is that of its argument less the square of its
        // gradient.
        let logarithm = if self.objective == Objective::Squares { 0.0 } else { 1.0 };
        for row in &self.rows {
            let term = self.term(theta, &powers, row);
            let (w, slope) = (row.weight, row.weight * term.slope);
            value += w * term.value;
            for (sum, g) in gradient.iter_mut().zip(&term.gradient) {
                *sum += slope * g;
            }
            let (own, majorant_weight) =
                (w * term.curvature - logarithm * slope, w * term.majorant_weight);
            for i in 0..PARAMETERS {
                for j in i..PARAMETERS {
                    let product = term.gradient[i] * term.gradient[j];
                    hessian[i][j] += own * product;
                    majorant[i][j] += majorant_weight * product;
                }
            }
            for ((i, j), second) in
                [(A, ALPHA), (ALPHA, ALPHA), (B, BETA), (BETA, BETA)].into_iter().zip(term.second)
            {
                hessian[i][j] += slope * second;
            }
        }
        (hessian, majorant) = (mirror(&hessian), mirror(&majorant));
        Expansion {
            value,
            gradient: self.link.pull_back(theta, &gradient),
            hessian: self.link.pull_back_twice(theta, gradient[BETA], &hessian),
            majorant: self.link.pull_back_twice(theta, 0.0, &majorant),
        }
    }

    fn quick_value(&self, _theta: &Vector) -> Option<f64> {
        None
    }

    /// Residuals as the objective has them: of logarithms, or of losses in units of the centre.
    fn residuals(&self, theta: &Vector) -> Vec<f64> {
        let powers = self.powers(theta);
        self.rows.iter().map(|row| self.residual(theta, &powers, row).2).collect()
    }

    /// What rounding of the residuals leaves of an objective whose minimum is 0: a few units in the
    /// last place of a loss or a logarithm, squared.
    fn rounding(&self) -> f64 {
        let unit = |row: &Row| if self.objective == Objective::Squares { row.loss } else { 1.0 };
        4e-32 * self.rows.iter().map(|row| row.weight * unit(row).powi(2)).sum::<f64>()
    }

    fn huber_width(&self) -> Option<f64> {
        self.objective.delta()
    }

    fn set_huber_width(&mut self, width: f64) {
        self.objective = self.objective.with_delta(width);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use newton::ObjectiveFunction as _;

    const PAIRS: [ExponentLink; 3] = [ExponentLink::Free, ExponentLink::Tied, ExponentLink::Ratio];
    const OBJECTIVES: [Objective; 5] = [
        Objective::HuberLog { delta: 0.05 },
        Objective::AsymmetricHuberLog { delta: 0.05, above: 0.1 },
        Objective::AsymmetricHuberLog { delta: 1.0, above: 0.3 },
        Objective::SquaresLog,
        Objective::Squares,
    ];

    fn problem(objective: Objective, pair: ExponentLink) -> Problem {
        let n: Vec<f64> = (0..12).map(|k| 1e6 * 3f64.powi(k % 4)).collect();
        let d: Vec<f64> = (0..12).map(|k| 1e8 * 5f64.powi(k / 4)).collect();
        let losses: Vec<f64> =
            (0..12).map(|k| 3.0 - 0.1 * f64::from(k) + 0.2 * f64::from(k * k % 7)).collect();
        let runs = Runs::new(&n, &d, &losses).expect("positive");
        let weights: Vec<f64> = (0..12).map(|k| f64::from(k % 3)).collect();
        Problem::new(&runs, Centre::of(&runs), objective, pair, Some(&weights))
    }

    /// Central differences with step h are off by h² times a third derivative of order 10 (the
    /// rows' logarithms reach 2.4) and by rounding over h: 1e-8 at h = 1e-5. No residual lies
    /// within h of a kink of the Huber loss.
    #[test]
    fn derivatives_are_those_of_the_value() {
        let theta = [0.5, 0.3, 0.25, 0.4, 0.7];
        let h = 1e-5;
        for (pair, objective) in PAIRS.into_iter().flat_map(|pair| OBJECTIVES.map(|o| (pair, o))) {
            let problem = problem(objective, pair);
            let here = problem.expand(&theta);
            assert_eq!(here.value, problem.value(&theta));
            for k in 0..PARAMETERS {
                let at =
                    |step: f64| std::array::from_fn(|j| theta[j] + if j == k { step } else { 0.0 });
                let slope = (problem.value(&at(h)) - problem.value(&at(-h))) / (2.0 * h);
                assert!(
                    (here.gradient[k] - slope).abs() < 1e-8,
                    "{pair:?} {objective:?}: gradient {k}"
                );
                let (up, down) =
                    (problem.expand(&at(h)).gradient, problem.expand(&at(-h)).gradient);
                for j in 0..PARAMETERS {
                    let second = (up[j] - down[j]) / (2.0 * h);
                    let found = here.hessian[k][j];
                    assert!(
                        (found - second).abs() < 1e-7,
                        "{pair:?} {objective:?}: {k} {j}: {found} for {second}"
                    );
                }
            }
        }
    }

    /// One that counts runs above the law as others do is the symmetric one.
    #[test]
    fn an_asymmetric_objective_of_weight_one_is_symmetric() {
        let theta = [0.5, 0.3, 0.25, 0.4, 0.7];
        let value = |objective| problem(objective, ExponentLink::Free).value(&theta);
        let one = value(Objective::AsymmetricHuberLog { delta: 0.05, above: 1.0 });
        assert_eq!(one, value(Objective::HuberLog { delta: 0.05 }));
        // Linear in the weight, but for rounding.
        let [none, half] =
            [1e-300, 0.5].map(|above| value(Objective::AsymmetricHuberLog { delta: 0.05, above }));
        assert!(
            none < half && half < one && (one + none - 2.0 * half).abs() < 1e-14,
            "{none} {half} {one}"
        );
    }

    #[test]
    fn weights_count_rows() {
        let theta = [0.5, 0.3, 0.25, 0.4, 0.7];
        let weighted = problem(Objective::SquaresLog, ExponentLink::Free);
        assert_eq!(weighted.len(), 8);
        let total: f64 = weighted
            .residuals(&theta)
            .iter()
            .zip(weighted.weights())
            .map(|(r, w)| 0.5 * w * r * r)
            .sum();
        // The same sum in the same order, but for one multiplication.
        assert!((weighted.value(&theta) - total).abs() < 1e-15);
    }
}
