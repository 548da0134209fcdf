//! The smallest loss against compute: a power law with a floor, or a slope where there are too few
//! budgets for one.

use asymscale_numerics::mean;
use serde::Serialize;

use crate::ParameterInterval;

/// Budgets from which a floor is fitted.
pub(crate) const BUDGETS_FOR_FLOOR: usize = 4;
/// The range of exponents that are tried.
const EXPONENTS: (f64, f64) = (0.005, 2.0);
/// Exponents tried, evenly in logarithms, before the best is refined.
const GRID: usize = 24;
const GOLDEN_SECTIONS: usize = 36;

/// `L*(C) = E + K·C^−γ`.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct LossCurve {
    /// E, from four budgets on; with fewer there is none, and the exponent is the slope of `ln L*`
    /// in between, down.
    pub floor: Option<ParameterInterval>,
    /// γ, with an interval from 0 to ∞ where the budgets do not identify it.
    pub exponent: ParameterInterval,
}

/// `E + K·x^−γ` with `x` the compute over the middle one.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct PowerLawWithFloor {
    pub(crate) floor: f64,
    pub(crate) prefactor: f64,
    pub(crate) exponent: f64,
}

impl PowerLawWithFloor {
    pub(crate) fn loss(&self, log: f64) -> f64 {
        self.floor + self.prefactor * (-self.exponent * log).exp()
    }

    /// The law through losses at logarithms of compute, by least squares of relative errors;
    /// without a floor a straight line of logarithms.
    pub(crate) fn fit(logs: &[f64], losses: &[f64], floored: bool) -> Self {
        if !floored || logs.len() < 3 {
            return Self::straight(logs, losses);
        }
        let (low, high) = (EXPONENTS.0.ln(), EXPONENTS.1.ln());
        let step = (high - low) / (GRID - 1) as f64;
        let at = |log_exponent: f64| linear(logs, losses, log_exponent.exp());
        let tried = (0..GRID).map(|k| low + step * k as f64).map(|x| (x, at(x).1));
        let (best, _) = tried.min_by(|a, b| a.1.total_cmp(&b.1)).unwrap_or((low, f64::NAN));
        at(golden((best - step).max(low), (best + step).min(high), |x| at(x).1)).0
    }

    fn straight(logs: &[f64], losses: &[f64]) -> Self {
        let logarithms: Vec<f64> = losses.iter().map(|loss| loss.ln()).collect();
        let (level, slope) = line(logs, &logarithms);
        Self { floor: 0.0, prefactor: level.exp(), exponent: -slope }
    }

    /// The exponent; ∞ where the search for it ended at its upper bound.
    pub(crate) fn reported_exponent(&self) -> f64 {
        match self.exponent {
            found if found > 0.99 * EXPONENTS.1 => f64::INFINITY,
            found => found,
        }
    }
}

/// The place of the smallest value between two ends, by sections that keep their ratio.
fn golden(mut left: f64, mut right: f64, value: impl Fn(f64) -> f64) -> f64 {
    let ratio = 0.5 * (5f64.sqrt() - 1.0);
    let at = |left: f64, right: f64, share: f64| {
        let x = left + share * (right - left);
        (x, value(x))
    };
    let (mut low, mut high) = (at(left, right, 1.0 - ratio), at(left, right, ratio));
    for _ in 0..GOLDEN_SECTIONS {
        if low.1 < high.1 {
            (right, high) = (high.0, low);
            low = at(left, right, 1.0 - ratio);
        } else {
            (left, low) = (low.0, high);
            high = at(left, right, ratio);
        }
    }
    0.5 * (left + right)
}

/// The value at 0 and the slope of a line through values by least squares.
pub(crate) fn line(logs: &[f64], values: &[f64]) -> (f64, f64) {
    let (x, y) = (mean(logs), mean(values));
    let squares: f64 = logs.iter().map(|log| (log - x).powi(2)).sum();
    let slope =
        logs.iter().zip(values).map(|(log, value)| (log - x) * (value - y)).sum::<f64>() / squares;
    (y - slope * x, slope)
}

/// E >= 0 and K at an exponent, and the squares left.
fn linear(logs: &[f64], losses: &[f64], exponent: f64) -> (PowerLawWithFloor, f64) {
    let [mut ss, mut sp, mut pp, mut s, mut p] = [0.0; 5];
    for (log, loss) in logs.iter().zip(losses) {
        let (one, power) = (1.0 / loss, (-exponent * log).exp() / loss);
        ss += one * one;
        sp += one * power;
        pp += power * power;
        s += one;
        p += power;
    }
    let determinant = ss * pp - sp * sp;
    let floor = ((s * pp - p * sp) / determinant).max(0.0);
    let prefactor = (p - floor * sp) / pp;
    let found = PowerLawWithFloor { floor, prefactor, exponent };
    let left =
        logs.iter().zip(losses).map(|(log, loss)| (found.loss(*log) / loss - 1.0).powi(2)).sum();
    (found, left)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_law_with_a_floor_is_found() {
        let logs = [-4.0, -1.5, -0.5, 1.0, 5.0];
        let losses = logs.map(|x: f64| 1.7 + 0.9 * (-0.18 * x).exp());
        let found = PowerLawWithFloor::fit(&logs, &losses, true);
        assert!(
            (found.exponent - 0.18).abs() < 1e-5 && (found.floor - 1.7).abs() < 1e-4,
            "{found:?}"
        );
    }

    #[test]
    fn three_budgets_have_a_slope() {
        let logs = [-2.0, 0.0, 2.0];
        let losses = logs.map(|x: f64| 3.0 * (-0.07 * x).exp());
        let found = PowerLawWithFloor::fit(&logs, &losses, false);
        assert!((found.exponent - 0.07).abs() < 1e-12 && found.floor == 0.0);
    }
}
