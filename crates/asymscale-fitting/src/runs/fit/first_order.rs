//! The spread of the residuals of a fit, and the standard errors of its parameters, to first order.

use crate::runs::law::Parameter;
use crate::runs::optimiser::coordinates::Centre;
use crate::runs::optimiser::index::B;
use crate::runs::optimiser::minimise::Domain;
use crate::runs::optimiser::newton::ObjectiveFunction as _;
use crate::runs::optimiser::problem::{ExponentLink, Problem};
use crate::runs::optimiser::symmetric::{
    Mask, Matrix, PARAMETERS, Vector, add_outer, dot, inverse, times,
};

/// The share of residuals, nearest to 0, from which their density at 0 is read for a Huber loss.
const NEAREST_SHARE: f64 = 0.4;

/// Spread of the residuals as an M-estimator sees it (Huber, Robust Statistics, 1981, §7.6), with
/// `ψ` the slope of the cost: `E ψ²` with the degrees of freedom taken off, and `E ψ'`.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Spread {
    square: f64,
    mean_curvature: f64,
    pub(crate) dof: f64,
}

impl Spread {
    /// `E ψ'` is the probability of `|r| <= δ`. With δ far below the spread hardly a row is there,
    /// so it is read from the 40 % of rows nearest to 0 (the density is taken as constant across
    /// them), less the rows that the fit goes through.
    pub(crate) fn of(problem: &Problem, theta: &Vector, parameters: usize) -> Self {
        let side = |r: f64| problem.objective.side(r);
        let mut rows: Vec<(f64, f64, f64)> = problem
            .residuals(theta)
            .into_iter()
            .zip(problem.weights())
            .map(|(r, weight)| (r.abs(), weight, side(r)))
            .collect();
        let total: f64 = rows.iter().map(|row| row.1).sum();
        let dof = (total - parameters as f64).max(1.0);
        let mean_square = |limit: f64| {
            rows.iter().map(|(r, w, side)| w * (side * r.min(limit)).powi(2)).sum::<f64>() / dof
        };
        match problem.objective.delta() {
            Some(delta) => {
                let square = mean_square(delta);
                rows.sort_by(|a, b| a.0.total_cmp(&b.0));
                Self {
                    square,
                    mean_curvature: mean_curvature_near_zero(&rows, delta, parameters as f64, dof),
                    dof,
                }
            }
            None => Self { square: mean_square(f64::INFINITY), mean_curvature: 1.0, dof },
        }
    }

    /// `E ψ²/E ψ'`: twice an increase of the objective, divided by this, follows Fisher's F with 1
    /// and `dof`.
    pub(crate) fn test_scale(&self) -> f64 {
        self.square / self.mean_curvature
    }

    /// The variance of parameters is this times `(JᵀJ)⁻¹`.
    fn variance(&self) -> f64 {
        self.square / (self.mean_curvature * self.mean_curvature)
    }
}

/// `E ψ'` from sizes of residuals, ascending, how often each counts, and the slope of `ψ` on its
/// side.
fn mean_curvature_near_zero(
    rows: &[(f64, f64, f64)],
    delta: f64,
    parameters: f64,
    dof: f64,
) -> f64 {
    let core = parameters + NEAREST_SHARE * dof;
    let mut below = 0.0;
    let mut width = delta;
    for (size, weight, _) in rows {
        below += weight;
        width = size.max(delta);
        if below >= core {
            break;
        }
    }
    let core = || rows.iter().filter(|row| row.0 <= width);
    let inside: f64 = core().map(|row| row.1).sum();
    let side = core().map(|row| row.1 * row.2).sum::<f64>() / inside;
    side * (inside - parameters).max(1.0) / dof * (delta / width)
}

/// Free parameters that are not at a bound.
pub(crate) fn interior(domain: &Domain, theta: &Vector) -> Mask {
    std::array::from_fn(|k| {
        domain.free[k] && theta[k] > domain.lower[k] && theta[k] < domain.upper[k]
    })
}

/// `JᵀJ`, each row as often as it counts.
pub(crate) fn gram(problem: &Problem, jacobian: &[Vector]) -> Matrix {
    let mut gram = [[0.0; PARAMETERS]; PARAMETERS];
    for (row, weight) in jacobian.iter().zip(problem.weights()) {
        add_outer(&mut gram, weight, row);
    }
    gram
}

/// Standard errors of `E, ln A, ln B, α, β, ln(β/α)` to first order, for independent rows of one
/// spread; NaN where a parameter is at a bound or the matrix is singular.
pub(crate) fn standard_errors(
    problem: &Problem,
    domain: &Domain,
    centre: &Centre,
    theta: &Vector,
) -> [f64; 6] {
    let mask = interior(domain, theta);
    let count = mask.iter().filter(|&&inside| inside).count();
    let Some(inverse) = inverse(&gram(problem, &problem.jacobian(theta)), mask) else {
        return [f64::NAN; 6];
    };
    let variance = Spread::of(problem, theta, count).variance();
    let error = |parameter: Parameter| {
        let slope = parameter_gradient(parameter, problem.link, centre, theta);
        (variance * dot(&slope, &times(&inverse, &slope))).sqrt()
    };
    Parameter::ALL.map(error)
}

/// Derivatives in the internal parameters of a parameter or, for amplitudes and the ratio, of its
/// logarithm.
pub(crate) fn parameter_gradient(
    parameter: Parameter,
    pair: ExponentLink,
    centre: &Centre,
    theta: &Vector,
) -> Vector {
    let [_, a, b, x, last] = *theta;
    let beta = match pair {
        ExponentLink::Free => [0.0, 0.0, 0.0, 0.0, 1.0],
        ExponentLink::Tied => [0.0, 0.0, 0.0, 1.0, 0.0],
        ExponentLink::Ratio => [0.0, 0.0, 0.0, last, x],
    };
    match parameter {
        Parameter::E => [centre.loss.exp(), 0.0, 0.0, 0.0, 0.0],
        Parameter::A => [0.0, 1.0 / a, 0.0, centre.features, 0.0],
        Parameter::B => {
            let mut slope = beta.map(|s| s * centre.samples);
            slope[B] = 1.0 / b;
            slope
        }
        Parameter::Alpha => [0.0, 0.0, 0.0, 1.0, 0.0],
        Parameter::Beta => beta,
        Parameter::Ratio => match pair {
            ExponentLink::Free => [0.0, 0.0, 0.0, -1.0 / x, 1.0 / last],
            ExponentLink::Tied => [0.0; PARAMETERS],
            ExponentLink::Ratio => [0.0, 0.0, 0.0, 0.0, 1.0 / last],
        },
    }
}
