//! How far a size lies beyond the runs of a fit.

use crate::cli::answer::answer;
use crate::cli::output::Number;
use crate::fitting::Extrapolation;

answer! {
    /// Sizes over the nearest of the runs: 1 within them, 4 for four times the largest, 0.5 for
    /// half the smallest.
    pub(crate) struct Beyond {
        /// N over the nearest of the runs of the fit: 1 within them, 4 for four times the largest.
        features_beyond: Number,
        /// D over the nearest of the runs, likewise.
        samples_beyond: Number,
        /// N·D over the nearest of the runs, likewise.
        compute_beyond: Number,
    }
}

impl From<Extrapolation> for Beyond {
    fn from(found: Extrapolation) -> Self {
        Self {
            features_beyond: Number(found.features),
            samples_beyond: Number(found.samples),
            compute_beyond: Number(found.compute),
        }
    }
}

impl Beyond {
    /// Whether any of them is outside the runs.
    pub(crate) fn is_outside(&self) -> bool {
        [self.features_beyond, self.samples_beyond, self.compute_beyond]
            .iter()
            .any(|times| times.0 != 1.0)
    }
}
