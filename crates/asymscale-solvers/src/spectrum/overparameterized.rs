//! The exact mean loss above the interpolation threshold: equations (S8) and (S9) of
//! [`derivations`](crate::derivations).

use crate::spectrum::averaged::check_size;
use crate::{DesignSpectrum, Regression, SolverError};

impl DesignSpectrum {
    /// The ridgeless loss averaged over features, teachers and label noise of variance `noise` at
    /// `N = features > r + 1`, exact for any design of any size:
    ///
    /// `tr Σ(I−P) · (N−1)/(N−r−1) + σ² {tr Σ(XᵀX)⁺ + tr Σ(I−P) · tr(XᵀX)⁺/(N−r−1)}`,
    ///
    /// equation (S9) of [`derivations`](crate::derivations).
    ///
    /// The mean does not exist for `N ≤ r + 1`: the result is `+∞`, also below the threshold, where
    /// this function does not apply (a design that shows nothing, `r = 0`, has no threshold). Its
    /// variance exists for `N > r + 3`. `N = ∞` is allowed.
    ///
    /// # Errors
    /// [`SolverError::Features`] below 1 or NaN, [`SolverError::Regression`].
    ///
    /// ```
    /// use asymscale_sampling::{Column, Design};
    /// use asymscale_solvers::DesignSpectrum;
    /// let column = Column { index: 1.0, eigenvalue: 1.0, entries: vec![(0, 2.0)] };
    /// let spectrum = DesignSpectrum::new(&Design::from_columns(1, vec![column], 0.5)?)?;
    /// assert_eq!(spectrum.exact_overparameterized(6.0, 0.0)?, 0.5 * 5.0 / 4.0);
    /// assert_eq!(spectrum.exact_overparameterized(2.0, 0.0)?, f64::INFINITY);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn exact_overparameterized(&self, features: f64, noise: f64) -> Result<f64, SolverError> {
        Regression::new(0.0, noise)?;
        check_size(features)?;
        self.check_noise(noise)?;
        let residual = self.residual_mass();
        if self.rank() == 0 {
            return Ok(residual);
        }
        let degrees = features - self.rank() as f64 - 1.0;
        if degrees <= 0.0 {
            return Ok(f64::INFINITY);
        }
        // (N−1)/(N−r−1) = 1 + r/(N−r−1), which holds for N = ∞ too.
        let interpolated = residual * (1.0 + self.rank() as f64 / degrees);
        if noise == 0.0 {
            return Ok(interpolated);
        }
        let inverses = self.eigenvalues().iter().map(|s| 1.0 / (s * self.samples()));
        let (mut on, mut off) = (0.0, 0.0);
        for (inverse, b) in inverses.zip(self.weights()) {
            on += b * inverse;
            off += inverse;
        }
        Ok(interpolated + noise * (on + residual * off / degrees))
    }
}
