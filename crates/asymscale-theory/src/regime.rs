//! Which resource limits the loss at a point.

use serde::Serialize;
use std::fmt;

/// What limits the loss at `(N, D)`, by the side of the threshold `r = min(S, D)` the point is on.
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
}

impl fmt::Display for Regime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::FeatureLimited => "feature-limited",
            Self::Interpolation => "interpolation",
            Self::SampleLimited => "sample-limited",
            Self::CoverageLimited => "coverage-limited",
        })
    }
}
