//! The points that descents start from.

use super::coordinates::Centre;
use super::index::{A, ALPHA, AMPLITUDES, B, BETA, E};
use super::minimise::Domain;
use super::problem::{ExponentLink, Problem};
use super::symmetric::Vector;
use crate::runs::law::Parameters;

/// The least share of the loss at the centre that a term starts with: a negligible term does not
/// influence the descent, and its exponent has no slope. Also the least exponent where a ratio of
/// them is fitted.
const LEAST_SHARE: f64 = 0.01;

/// Where the descents of a fit start.
#[derive(Debug, Clone, PartialEq)]
pub enum Starts {
    /// Every pair of exponents; E, A and B are the best non-negative ones for it by linear least
    /// squares of relative residuals. The tied law uses `alpha` alone; in the sparse law `beta`
    /// above `alpha` is cut.
    Grid {
        /// Exponents in N.
        alpha: Vec<f64>,
        /// Exponents in D.
        beta: Vec<f64>,
    },
    /// Parameters in the units of the data. E, A and B are first multiplied by one factor, so that
    /// the law passes through the middle of the data; a share of the loss at the centre below 1 %
    /// is raised to it.
    Given(Vec<Parameters>),
}

impl Default for Starts {
    /// Six exponents from 0.06 to 1.92, each twice the last, in N and in D: 36 starts.
    fn default() -> Self {
        let exponents: Vec<f64> = (0..6).map(|k| 0.06 * 2f64.powi(k)).collect();
        Self::Grid { alpha: exponents.clone(), beta: exponents }
    }
}

impl Starts {
    /// The grid of Hoffmann et al. 2022 (arXiv 2203.15556, D.3), 4 500 starts: α and β in
    /// {0, 0.5, 1, 1.5, 2}, ln E in {−1, −0.5, 0, 0.5, 1}, ln A and ln B in {0, 5, …, 25}.
    ///
    /// ```
    /// use asymscale_fitting::Starts;
    /// assert!(matches!(Starts::hoffmann(), Starts::Given(starts) if starts.len() == 4500));
    /// ```
    pub fn hoffmann() -> Self {
        let exponents = [0.0_f64, 0.5, 1.0, 1.5, 2.0];
        let floors = [-1.0_f64, -0.5, 0.0, 0.5, 1.0];
        let amplitudes = [0.0_f64, 5.0, 10.0, 15.0, 20.0, 25.0];
        let mut starts = Vec::with_capacity(4500);
        for (alpha, beta) in exponents.into_iter().flat_map(|a| exponents.map(|b| (a, b))) {
            for (e, a) in floors.into_iter().flat_map(|e| amplitudes.map(|a| (e, a))) {
                let start = |b: f64| Parameters { e: e.exp(), a: a.exp(), b: b.exp(), alpha, beta };
                starts.extend(amplitudes.map(start));
            }
        }
        Self::Given(starts)
    }

    /// Starts in the parameters of the problem.
    pub(crate) fn points(
        &self,
        problem: &Problem,
        centre: &Centre,
        domain: &Domain,
    ) -> Vec<Vector> {
        match self {
            Self::Grid { alpha, beta } => grid(problem, domain, alpha, beta),
            Self::Given(starts) => {
                starts.iter().map(|start| levelled(problem, centre, domain, start)).collect()
            }
        }
    }
}

fn grid(problem: &Problem, domain: &Domain, alpha: &[f64], beta: &[f64]) -> Vec<Vector> {
    let point = |x: f64, y: f64| match problem.link {
        ExponentLink::Free => best_amplitudes(problem, domain, x, y),
        ExponentLink::Tied => best_amplitudes(problem, domain, x, x),
        ExponentLink::Ratio => best_amplitudes(problem, domain, x, y / x),
    };
    if !domain.free[BETA] {
        return alpha.iter().map(|&x| point(x, x)).collect();
    }
    alpha.iter().flat_map(|&x| beta.iter().map(move |&y| point(x, y))).collect()
}

fn levelled(problem: &Problem, centre: &Centre, domain: &Domain, start: &Parameters) -> Vector {
    let mut start = *start;
    if problem.link == ExponentLink::Ratio {
        // A ratio of exponents of 0 does not exist.
        (start.alpha, start.beta) = (start.alpha.max(LEAST_SHARE), start.beta.max(LEAST_SHARE));
    }
    let mut theta = domain.clamp(&centre.to_internal(&start, problem.link));
    let factor = problem.median_ratio(&theta);
    for k in AMPLITUDES.into_iter().filter(|&k| domain.free[k]) {
        theta[k] = (theta[k] * factor).max(LEAST_SHARE);
    }
    theta
}

/// The best amplitudes for given exponents, by non-negative linear least squares: of three numbers,
/// so every choice of those that are 0 is tried.
pub(crate) fn best_amplitudes(problem: &Problem, domain: &Domain, x: f64, last: f64) -> Vector {
    let theta = domain.clamp(&[domain.lower[E], 0.0, 0.0, x, last]);
    let (matrix, right) =
        problem.amplitude_equations(theta[ALPHA], problem.link.second_exponent(&theta));
    let known = |k: usize| if domain.free[k] { 0.0 } else { theta[k] };
    let known = AMPLITUDES.map(known);
    let mut best = (f64::INFINITY, [1e-3, 0.5, 0.5]);
    for subset in 1..8_u8 {
        let used = AMPLITUDES.map(|k| domain.free[k] && subset & (1 << k) != 0);
        if let Some(amplitudes) = least_squares(&matrix, &right, used, known) {
            let cost = quadratic(&matrix, &right, &amplitudes);
            if amplitudes.iter().all(|&amplitude| amplitude >= 0.0) && cost < best.0 {
                best = (cost, amplitudes);
            }
        }
    }
    let [e, a, b] = best.1;
    let at_least =
        |k: usize, value: f64| if domain.free[k] { value.max(LEAST_SHARE) } else { theta[k] };
    domain.clamp(&[at_least(E, e), at_least(A, a), at_least(B, b), theta[ALPHA], theta[BETA]])
}

fn quadratic(matrix: &[[f64; 3]; 3], right: &[f64; 3], x: &[f64; 3]) -> f64 {
    (0..3).map(|i| x[i] * (0.5 * (0..3).map(|j| matrix[i][j] * x[j]).sum::<f64>() - right[i])).sum()
}

/// Gaussian elimination on the used rows; the others keep their known values.
fn least_squares(
    matrix: &[[f64; 3]; 3],
    right: &[f64; 3],
    used: [bool; 3],
    known: [f64; 3],
) -> Option<[f64; 3]> {
    let (mut m, mut r) = (*matrix, *right);
    for i in 0..3 {
        if used[i] {
            r[i] -= (0..3).filter(|&j| !used[j]).map(|j| m[i][j] * known[j]).sum::<f64>();
        }
    }
    let rows: Vec<usize> = (0..3).filter(|&k| used[k]).collect();
    for (at, &p) in rows.iter().enumerate() {
        if m[p][p] <= 1e-12 * matrix[p][p] {
            return None;
        }
        for &i in &rows[at + 1..] {
            let factor = m[i][p] / m[p][p];
            for &j in &rows {
                m[i][j] -= factor * m[p][j];
            }
            r[i] -= factor * r[p];
        }
    }
    let mut x = known;
    for (at, &p) in rows.iter().enumerate().rev() {
        x[p] = (r[p] - rows[at + 1..].iter().map(|&j| m[p][j] * x[j]).sum::<f64>()) / m[p][p];
    }
    Some(x)
}
