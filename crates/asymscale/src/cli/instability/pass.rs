//! `asymscale instability --pass`: spikes and stability of one pass of stochastic gradient descent.

use super::super::Failure;
use super::super::answer::answer;
use super::super::output::{Number, Size, finite};
use crate::model::{Coordinates, Schedule, SparseModel};
use crate::theory::{OnePass, TheoryError, horizon_rate, largest_stable_rate};

answer! {
/// What single steps of one pass do.
pub(super) struct PassPoint {
    /// Samples of the pass.
    samples: Size,
    /// Step size η.
    rate: Number,
    /// Samples a step, B.
    batch: Size,
    /// Mean number of spikes a sample: entries with η x² > 2B, whose step makes the error of their
    /// coordinate larger.
    spike_rate: Number,
    /// Mean number of spikes in the pass.
    spikes: Number,
    /// Probability of at least one spike in the pass.
    probability: Number,
    /// Exponent of η in the rate of spikes for small step sizes; null where spikes end at some step
    /// size.
    rate_exponent: Option<Number>,
    /// Gain of gradient noise ‖K‖ at this step size: the mean loss is bounded where it is below 1.
    kernel_norm: Number,
    /// Whether the mean loss stays bounded if the step size is kept.
    mean_square_stable: bool,
    /// Largest step size at which it does; 0 where there is none.
    largest_stable_rate: Number,
    /// Samples after which rare coordinates have made typical runs diverge, up to a factor of order
    /// one; null where scales of coordinates are bounded, and at step sizes at which frequent
    /// coordinates are not stable.
    lifetime: Option<Number>,
    /// The step size whose lifetime is the pass, up to a factor of order one; null where scales of
    /// coordinates are bounded.
    horizon_rate: Option<Number>,
}
}

pub(super) fn point(
    model: &SparseModel,
    samples: f64,
    rate: f64,
    batch: u64,
) -> Result<PassPoint, Failure> {
    let schedule = Schedule::new(rate, 1)?;
    let run = OnePass::new(model, schedule).with_batch(batch)?;
    let rare = where_scales_grow(run.rare_steps())?;
    let frequent_are_stable = match rare {
        Some(rare) => has_stable_head(model, rare.index, schedule, batch)?,
        None => false,
    };
    let spike_rate = run.spike_rate();
    Ok(PassPoint {
        samples: Size(samples),
        rate: Number(rate),
        batch: Size(batch as f64),
        spike_rate: Number(spike_rate),
        spikes: Number(samples * spike_rate),
        probability: Number(run.spike_probability(samples)?),
        rate_exponent: rare.map(|rare| Number(rare.rate_exponent)),
        kernel_norm: Number(run.kernel_norm()),
        mean_square_stable: run.is_mean_square_stable(),
        largest_stable_rate: Number(largest_stable_rate(model, batch)?),
        lifetime: rare.and_then(|rare| finite(rare.lifetime)).filter(|_| frequent_are_stable),
        horizon_rate: match rare {
            Some(_) => where_scales_grow(horizon_rate(model, batch, samples))?.map(Number),
            None => None,
        },
    })
}

/// Whether the mean over frequent coordinates is stable: those up to where `η a²` is a sixth of
/// what overshoots, so that their own fourth moments are no matter.
fn has_stable_head(
    model: &SparseModel,
    index: f64,
    schedule: Schedule,
    batch: u64,
) -> Result<bool, Failure> {
    let drift = model.rare_law().map_or(0.0, |law| law.activity.exponent - law.variance.exponent);
    let last = (index * 6f64.powf(-drift.recip())).floor().min(9e15);
    if !(drift > 0.0 && last >= 1.0) {
        return Ok(false);
    }
    let last = Coordinates::Finite((last as u64).max(model.listed() as u64));
    let head = OnePass::new(&model.clone().with_coordinates(last)?, schedule).with_batch(batch)?;
    Ok(head.is_mean_square_stable())
}

/// None where scales of coordinates are bounded.
fn where_scales_grow<T>(found: Result<T, TheoryError>) -> Result<Option<T>, Failure> {
    match found {
        Ok(found) => Ok(Some(found)),
        Err(TheoryError::RareNotLarge { .. }) => Ok(None),
        Err(error) => Err(error.into()),
    }
}
