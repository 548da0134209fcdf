//! The power-law spectrum `λ_i = i^{−(1+α)}` and its partial sums.

use crate::{ModelError, power_sum};

/// The covariance spectrum `λ_i = i^{−(1+α)}`, `α > 0`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Spectrum {
    alpha: f64,
}

impl Spectrum {
    /// A spectrum of exponent `alpha` (dimensionless, in `0.01..=100`).
    ///
    /// Below, the variance of all coordinates, `1/α`, comes from ever farther ones; above, that of
    /// the second coordinate is less than the rounding of the first.
    ///
    /// # Errors
    /// [`ModelError::Alpha`] outside that domain, NaN included.
    pub fn new(alpha: f64) -> Result<Self, ModelError> {
        if (0.01..=100.0).contains(&alpha) {
            Ok(Self { alpha })
        } else {
            Err(ModelError::Alpha(alpha))
        }
    }

    /// The exponent `α`.
    pub fn alpha(&self) -> f64 {
        self.alpha
    }

    /// `λ_i` at coordinate `i ≥ 1`; real arguments are accepted for quadrature over coordinates.
    pub fn eigenvalue(&self, i: f64) -> f64 {
        i.powf(-(1.0 + self.alpha))
    }

    /// `Σ_{from ≤ i < to} λ_i` for integers `1 ≤ from ≤ to`, `to = ∞` allowed.
    ///
    /// Relative accuracy 1e-13, also where the two ends are close: nothing is had by subtraction.
    /// Cost: constant.
    ///
    /// ```
    /// use asymscale_model::Spectrum;
    /// let spectrum = Spectrum::new(1.0)?;
    /// let zeta2 = std::f64::consts::PI.powi(2) / 6.0;
    /// assert!((spectrum.mass(1.0, f64::INFINITY) - zeta2).abs() < 1e-14);
    /// # Ok::<(), asymscale_model::ModelError>(())
    /// ```
    pub fn mass(&self, from: f64, to: f64) -> f64 {
        power_sum(1.0 + self.alpha, from, to)
    }
}
