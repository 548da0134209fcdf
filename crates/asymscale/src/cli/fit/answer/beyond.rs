//! How far a size lies beyond the runs of a fit.

use crate::cli::output::Number;
use asymscale::fitting::Extrapolation;
use serde::Serialize;

/// Sizes over the nearest of the runs: 1 within them, 4 for four times the largest, 0.5 for half
/// the smallest.
#[derive(Debug, Clone, Copy, Serialize)]
pub(crate) struct Beyond {
    /// N over that of the runs.
    #[serde(rename = "features_beyond")]
    features: Number,
    /// D over that of the runs.
    #[serde(rename = "samples_beyond")]
    samples: Number,
    /// N·D over that of the runs.
    #[serde(rename = "compute_beyond")]
    compute: Number,
}

impl From<Extrapolation> for Beyond {
    fn from(found: Extrapolation) -> Self {
        Self {
            features: Number(found.features),
            samples: Number(found.samples),
            compute: Number(found.compute),
        }
    }
}

impl Beyond {
    /// Whether any of them is outside the runs.
    pub(crate) fn is_outside(self) -> bool {
        [self.features, self.samples, self.compute].iter().any(|times| times.0 != 1.0)
    }
}
