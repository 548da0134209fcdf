//! Weighted least squares of `ln loss` on `1, ℓ, ℓ²` (`ℓ = ln size`) through orthogonal
//! polynomials.

use super::estimate::LogCurve;
use crate::student::Uncertainty;

/// A weighted fit of one degree. Its leading coefficient is a linear functional of the log losses,
/// which is what errors are propagated through.
pub(crate) struct Polynomial {
    /// Coefficient of `ℓ^degree`.
    pub(crate) leading: f64,
    /// Weighted means of `ℓ` and of the log loss: every line goes through them.
    pub(crate) center: (f64, f64),
    /// Log loss minus fit, per size.
    pub(crate) residuals: Vec<f64>,
    functional: Vec<f64>,
    degree: usize,
}

impl Polynomial {
    pub(crate) fn line(curve: &LogCurve, weights: &[f64]) -> Self {
        let total: f64 = weights.iter().sum();
        let center =
            (dot(weights, &curve.log_sizes) / total, dot(weights, &curve.log_losses) / total);
        let offsets: Vec<f64> = curve.log_sizes.iter().map(|l| l - center.0).collect();
        let deviations: Vec<f64> = curve.log_losses.iter().map(|y| y - center.1).collect();
        Self::extend(1, center, weights, &offsets, &deviations)
    }

    pub(crate) fn parabola(curve: &LogCurve, weights: &[f64]) -> Self {
        let line = Self::line(curve, weights);
        let offsets: Vec<f64> = curve.log_sizes.iter().map(|l| l - line.center.0).collect();
        let squares: Vec<f64> = offsets.iter().map(|o| o * o).collect();
        // The square made orthogonal to the constant and to the line; what it still explains of the
        // line's residuals is the quadratic term.
        let mean = dot(weights, &squares) / weights.iter().sum::<f64>();
        let tilt = weighted(weights, &offsets, &squares) / weighted(weights, &offsets, &offsets);
        let square: Vec<f64> =
            squares.iter().zip(&offsets).map(|(s, o)| s - mean - tilt * o).collect();
        Self::extend(2, line.center, weights, &square, &line.residuals)
    }

    /// Regresses what lower degrees left over on the next orthogonal polynomial.
    fn extend(
        degree: usize,
        center: (f64, f64),
        weights: &[f64],
        next: &[f64],
        left: &[f64],
    ) -> Self {
        let norm = weighted(weights, next, next);
        let functional: Vec<f64> = weights.iter().zip(next).map(|(w, p)| w * p / norm).collect();
        let leading = dot(&functional, left);
        let residuals = left.iter().zip(next).map(|(y, p)| y - leading * p).collect();
        Self { leading, center, residuals, functional, degree }
    }

    /// Error of the leading coefficient: from the points where their errors are known, else from
    /// the scatter about the fit (weights are then all equal). `None` when the fit leaves no
    /// scatter to judge by.
    pub(crate) fn uncertainty(&self, curve: &LogCurve) -> Option<Uncertainty> {
        curve.uncertainty(&self.functional).or_else(|| self.scatter())
    }

    fn scatter(&self) -> Option<Uncertainty> {
        let free =
            self.residuals.len().checked_sub(self.degree + 1).filter(|&free| free > 0)? as f64;
        let variance = dot(&self.residuals, &self.residuals) / free;
        let standard_error = (variance * dot(&self.functional, &self.functional)).sqrt();
        Some(Uncertainty { standard_error, degrees_of_freedom: free })
    }
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

fn weighted(weights: &[f64], a: &[f64], b: &[f64]) -> f64 {
    weights.iter().zip(a).zip(b).map(|((w, a), b)| w * a * b).sum()
}
