//! What is regressed: ridge penalty and label noise.

use crate::ModelError;
use serde::Serialize;

/// Least ridge above 0, and largest ridge and variance of the noise.
const LEAST: f64 = 1e-100;
const MOST: f64 = 1e30;

/// Ridge `γ` and label noise `σ²` of the regression `θ = argmin |Φθ − y|²/D + γ|θ|²` over
/// `θ ∈ R^N`.
///
/// Labels are `y = Σ w_i x_i + ε` with `Var ε = σ²` and teacher weights `w_i` of mean 0 and
/// variance 1; features are `Φ = XFᵀ` with `F_{ji} ~ N(0, 1/N)`. Both numbers are in units of the
/// loss (the ridge per unit of `|θ|²`). `γ = 0` is ridgeless: the minimum-norm least-squares
/// solution. The noise is in the labels only: the loss is measured against the noiseless teacher.
/// The default is 0 and 0.
///
/// ```
/// use asymscale_model::Regression;
/// let regression = Regression::new(0.1, 0.5)?;
/// assert_eq!((regression.ridge(), regression.noise()), (0.1, 0.5));
/// assert_eq!(Regression::default(), Regression::new(0.0, 0.0)?);
/// assert!(Regression::new(-1.0, 0.0).is_err());
/// # Ok::<(), asymscale_model::ModelError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize)]
pub struct Regression {
    ridge: f64,
    noise: f64,
}

impl Regression {
    /// With the ridge `γ`, 0 or in `1e-100..=1e30`, and noise of the variance `σ²` in `0..=1e30`.
    ///
    /// # Errors
    /// [`ModelError::Ridge`] or [`ModelError::Noise`] outside these ranges.
    pub fn new(ridge: f64, noise: f64) -> Result<Self, ModelError> {
        if !(ridge == 0.0 || (LEAST..=MOST).contains(&ridge)) {
            Err(ModelError::Ridge(ridge))
        } else if !(0.0..=MOST).contains(&noise) {
            Err(ModelError::Noise(noise))
        } else {
            Ok(Self { ridge, noise })
        }
    }

    /// The ridge `γ`.
    pub fn ridge(self) -> f64 {
        self.ridge
    }

    /// The variance `σ²` of the label noise.
    pub fn noise(self) -> f64 {
        self.noise
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ends_of_the_ranges_are_inside() {
        for (ridge, noise) in [(0.0, 0.0), (1e-100, 0.0), (1e30, 1e30), (0.0, 5e-324), (-0.0, -0.0)]
        {
            let regression = Regression::new(ridge, noise).unwrap();
            assert_eq!((regression.ridge(), regression.noise()), (ridge, noise));
        }
    }

    #[test]
    fn what_is_outside_is_refused_with_name_value_and_range() {
        let message = |ridge, noise| Regression::new(ridge, noise).unwrap_err().to_string();
        assert_eq!(message(-1.0, 0.0), "ridge = -1: must be 0 or a number in 1e-100..1e30");
        for ridge in [1e-101, 1.1e30, f64::INFINITY, f64::NAN] {
            assert!(message(ridge, 0.0).starts_with("ridge = "), "{ridge}");
        }
        assert_eq!(
            message(0.0, f64::INFINITY),
            "noise = inf: the variance of the label noise must be a number in 0..1e30"
        );
        for noise in [-1e-300, 1.1e30, f64::NAN] {
            assert!(message(0.0, noise).starts_with("noise = "), "{noise}");
        }
    }
}
