//! Which resource limits the loss at a point.

use crate::{
    Regression, SampleTheory, TheoryError, coordinates::CoordinateRule, response::Responder,
};
use asymscale_model::SparseModel;
use serde::Serialize;
use std::{cell::LazyCell, fmt};

/// What limits the loss at `(N, D)`, by the side of the threshold `r = min(S, D)` the point is on,
/// or by how many directions ridge or label noise leave to be learned, if these are fewer than `N`
/// and `r`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Regime {
    /// `N < r`: underparameterized, limited by features.
    FeatureLimited,
    /// `N = r`: the interpolation peak.
    Interpolation,
    /// `N > r = D < S`: overparameterized, more coordinates seen than there are samples to learn
    /// them from.
    SampleLimited,
    /// `N > r = S ≤ D`: overparameterized, everything seen is learned and the unseen is not.
    CoverageLimited,
    /// `Σ λ_i/(λ_i + σ²/D)` is below `N` and `r`: more could be fitted than can be distinguished
    /// from label noise.
    NoiseLimited,
    /// `Σ λ_i/(λ_i + γ)` is below `N` and `r`, and `γ > σ²/D`: the ridge holds back what could be
    /// learned.
    RidgeLimited,
}

impl fmt::Display for Regime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::FeatureLimited => "feature-limited",
            Self::Interpolation => "interpolation",
            Self::SampleLimited => "sample-limited",
            Self::CoverageLimited => "coverage-limited",
            Self::NoiseLimited => "noise-limited",
            Self::RidgeLimited => "ridge-limited",
        })
    }
}

impl SampleTheory {
    /// What limits the loss at `features = N ≥ 1`, to leading order, with ridge and label noise;
    /// without them it is [`SampleTheory::regime`].
    ///
    /// Each resource leaves so many directions to be learned: `N` features, the threshold
    /// `r = min(S, D)` of the samples, noise `Σ λ_i/(λ_i + σ²/D)`, a ridge `Σ λ_i/(λ_i + γ)`. The
    /// fewest limit the loss, which to leading order is what the spectrum has beyond them. Cost:
    /// below a millisecond.
    ///
    /// # Errors
    /// [`TheoryError::Features`].
    ///
    /// ```
    /// use asymscale_model::SparseModel;
    /// use asymscale_theory::{Regime, Regression, SampleTheory};
    /// let theory = SampleTheory::new(&SparseModel::power_law(1.0, 1.5, 1.0)?, 10_000.0)?;
    /// // 1243 coordinates are seen; noise of 1 % leaves some 1570 directions, of 10 % some 500.
    /// let regime = |noise| theory.regime_with(5000.0, Regression::new(0.0, noise).unwrap());
    /// assert_eq!(regime(0.01)?, Regime::CoverageLimited);
    /// assert_eq!(regime(0.1)?, Regime::NoiseLimited);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn regime_with(
        &self,
        features: f64,
        regression: Regression,
    ) -> Result<Regime, TheoryError> {
        Ok(self.regimes_with(&[features], regression)?[0])
    }

    /// [`SampleTheory::regime_with`] at many numbers of features, in their order, at the cost of
    /// one.
    ///
    /// # Errors
    /// [`TheoryError::Features`], for the first `N` that is wrong.
    pub fn regimes_with(
        &self,
        features: &[f64],
        regression: Regression,
    ) -> Result<Vec<Regime>, TheoryError> {
        let (ridge, per_sample) = (regression.ridge(), regression.noise() / self.samples());
        let floor = per_sample.max(ridge);
        let directions = LazyCell::new(|| directions_above(self.model(), floor));
        let limited = if ridge > per_sample { Regime::RidgeLimited } else { Regime::NoiseLimited };
        let one = |n: &f64| {
            let plain = self.regime(*n)?;
            let peak = plain == Regime::Interpolation && ridge == 0.0;
            let fewest = n.min(self.threshold());
            let is_plain = floor == 0.0 || peak || *directions >= fewest;
            Ok(if is_plain { plain } else { limited })
        };
        features.iter().map(one).collect()
    }
}

/// `Σ λ_i/(λ_i + κ)`, `κ > 0`, as in equation (42): how many directions of the spectrum are above
/// `κ`.
pub(crate) fn directions_above(model: &SparseModel, kappa: f64) -> f64 {
    let (mut rule, stieltjes) = (CoordinateRule::new(model, f64::INFINITY), -kappa.ln());
    rule.extend_for(stieltjes);
    rule.sums(&Responder::new(model.amplitude(), f64::INFINITY), stieltjes).learned
}
