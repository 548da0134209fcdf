//! What can be wrong with a request about training runs and epochs.

use super::TheoryError;
use asymscale_model::InvalidInput;

impl TheoryError {
    /// What is wrong with a training run.
    pub(super) fn input_of_run(&self) -> Option<InvalidInput> {
        Some(match *self {
            Self::Batch(batch) => {
                InvalidInput::of("batch", batch, "must be a whole number in 1..9e15")
            }
            Self::Momentum(momentum) => {
                InvalidInput::of("momentum", momentum, "must be a number in 0..0.9999")
            }
            Self::Step { step, steps } => InvalidInput::of(
                "step",
                step,
                format!("must be at most {steps}, the length of the schedule"),
            ),
            Self::LongSchedule { steps, limit } => InvalidInput::of(
                "step",
                steps,
                format!(
                    "must be at most {limit} unless step sizes are constant and far from \
                         the edge of stability"
                ),
            ),
            _ => return None,
        })
    }

    /// What is wrong with a request about epochs.
    pub(super) fn of_epochs(&self) -> Option<InvalidInput> {
        Some(match *self {
            Self::EpochSamples(samples) => {
                InvalidInput::of("samples", samples, "must be a number in 1..1e30")
            }
            Self::NotOneHot => InvalidInput::of(
                "activity",
                "independent",
                "must be one-hot: exactly one coordinate active in a sample",
            ),
            Self::Unique(unique) => {
                InvalidInput::of("unique", unique, "must be a number >= 1, or inf")
            }
            Self::Epochs(epochs) => {
                InvalidInput::of("epochs", epochs, "must be a number >= 0, or inf")
            }
            Self::Excess(excess) => {
                InvalidInput::of("excess", excess, "must be a number in 1e-3..1e3")
            }
            Self::Unsaturated { excess } => InvalidInput::of(
                "excess",
                excess,
                "the loss must come so near to its floor within a time of 1e18",
            ),
            Self::Collapse { share, scale, power } => InvalidInput::of(
                "(share, scale, power)",
                format_args!("({share}, {scale}, {power})"),
                "must be finite numbers > 0, > 0 and > -1",
            ),
            _ => return None,
        })
    }
}
