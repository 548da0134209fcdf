//! Where tolerances come from: one rule for all chapters, fixed before anything is drawn.
//!
//! A measured ratio of losses may differ from its prediction by what a finite size is expected to
//! do, for which the theory has an estimate, and by what the preset is made to resolve, the same
//! for all findings. How many designs are drawn follows from that, not the other way round: too few
//! of them make a finding inconclusive.

use crate::Preset;
use asymscale_theory::{SampleTheory, TheoryError};

/// The source of a tolerance that is [`finite_size`] and [`resolution`] together.
pub const FINITE_SIZE: &str = "as estimated by theory, and resolution of the preset";

/// The relative difference between two losses, or two ranks, that a preset is made to resolve.
pub fn resolution(preset: Preset) -> f64 {
    preset.pick(0.05, 0.02, 0.01)
}

/// The estimated relative error of theory at a finite number of samples, averaged over model sizes.
///
/// # Errors
/// As [`SampleTheory::pole_error`].
pub fn finite_size(theory: &SampleTheory, features: &[f64]) -> Result<f64, TheoryError> {
    let errors = features.iter().map(|n| theory.pole_error(*n));
    Ok(errors.sum::<Result<f64, _>>()? / features.len() as f64)
}
