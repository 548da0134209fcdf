//! The ridge that minimises the averaged loss: equation (31) of the derivations of
//! `asymscale-theory`.

use crate::{DesignSpectrum, Regression, SolverError};
use asymscale_numerics::{Bracket, bisect_geometric};

/// Ridges tried in each decade before the best is refined.
const PER_DECADE: usize = 4;

/// Decades of ridge searched, downwards from a ridge so large that nothing is learned.
const DECADES: usize = 24;

/// Bisections of an interval of a quarter decade: to 1e-13 of the ridge.
const BISECTIONS: u32 = 40;

impl DesignSpectrum {
    /// The ridge `γ* ≥ 0` that minimises [`DesignSpectrum::averaged_loss`] at `N = features` and
    /// label noise of variance `noise`.
    ///
    /// With `h(γ) = tr Σ(Σ̂+κ)⁻¹` the averaged loss is, by equations (13) and (31) of the
    /// derivations of `asymscale-theory`, `L = −κ²h′ + (σ²/D)(γh)′`, so that `γ*` solves
    /// `(κ² − γσ²/D) h″ + 2(κκ′ − σ²/D) h′ = 0`, `κ′ = 1/(1 − df₂/N)`. At `N = ∞` that is
    /// `γ* = σ²/D`. At finite `N > r` it is positive even without noise.
    ///
    /// All sign changes of that derivative over 24 decades are tried, and the ridge 0. The one of
    /// least loss is returned, to a relative accuracy of 1e-10. Cost: a few hundred evaluations of
    /// `O(r)`.
    ///
    /// # Errors
    /// [`SolverError::Features`] below 1 or NaN, [`SolverError::Regression`].
    ///
    /// ```
    /// use asymscale_sampling::{Column, Design};
    /// use asymscale_solvers::DesignSpectrum;
    /// let column = |index, row| Column { index, eigenvalue: 1.0, entries: vec![(row, 1.5)] };
    /// let design = Design::from_columns(2, vec![column(1.0, 0), column(2.0, 1)], 0.25)?;
    /// let spectrum = DesignSpectrum::new(&design)?;
    /// assert_eq!(spectrum.optimal_ridge(f64::INFINITY, 0.3)?, 0.3 / 2.0);
    /// assert!(spectrum.optimal_ridge(4.0, 0.0)? > 0.0);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn optimal_ridge(&self, features: f64, noise: f64) -> Result<f64, SolverError> {
        let ridgeless = self.averaged_loss(features, Regression::new(0.0, noise)?)?;
        let per_sample = noise / self.samples();
        if features == f64::INFINITY || self.rank() == 0 {
            return Ok(per_sample);
        }
        let total = self.eigenvalues().iter().sum::<f64>();
        let top = 100.0 * (total + per_sample) * (1.0 + self.rank() as f64 / features);
        let step = 10_f64.powf(1.0 / PER_DECADE as f64);
        let mut best = (ridgeless, 0.0);
        let mut above = top;
        for _ in 0..DECADES * PER_DECADE {
            let below = above / step;
            if self.slope(below, features, per_sample) < 0.0
                && self.slope(above, features, per_sample) >= 0.0
            {
                let falls = |ridge: f64| self.slope(ridge, features, per_sample) < 0.0;
                let ridge = bisect_geometric(Bracket::new(below, above), BISECTIONS, falls)
                    .geometric_mean();
                let loss = self.mean_loss(features, (ridge, noise))?;
                best = if loss < best.0 { (loss, ridge) } else { best };
            }
            above = below;
        }
        Ok(best.1)
    }

    /// `dL/dγ` at `γ = ridge > 0`.
    fn slope(&self, ridge: f64, features: f64, per_sample: f64) -> f64 {
        let kappa = self.kappa(features, ridge);
        // Derivatives of γ and h along κ, of h with the sign that makes all terms positive.
        let (mut gap, mut product_curvature) = (0.0, 0.0);
        let (mut first, mut second) =
            (self.residual_mass() / kappa.powi(2), 2.0 * self.residual_mass() / kappa.powi(3));
        for (s, b) in self.eigenvalues().iter().zip(self.weights()) {
            let shifted = s + kappa;
            gap += s * kappa / shifted.powi(2);
            product_curvature += 2.0 * s * s / shifted.powi(3);
            first += b / shifted.powi(2);
            second += 2.0 * b / shifted.powi(3);
        }
        let rate = ridge / kappa + gap / features;
        let along = 1.0 / rate;
        let curvature = -(product_curvature / features) * along.powi(3);
        let h1 = -first * along;
        let h2 = second * along * along - first * curvature;
        -(kappa * kappa - ridge * per_sample) * h2 - 2.0 * (kappa * along - per_sample) * h1
    }
}
