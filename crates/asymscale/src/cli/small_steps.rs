//! Whether steps of stochastic gradient descent are small enough for gradient flow to tell of them.

use super::Failure;
use crate::model::{Schedule, SparseModel};
use crate::theory::OnePass;

/// The largest `η (λ₁ + tr Σ/B)`: gradient noise then adds about a tenth to the loss.
const SMALL: f64 = 0.2;
/// The most large entries, `η x² > B/2`, that the samples may be expected to have: each is a step
/// that is far from that of the flow.
const FEW: f64 = 0.05;

/// Whether steps of the size `rate` on batches of `batch` out of `samples` samples are small: for
/// the largest variance and the gradient noise of all, and, if samples are given, for every entry
/// that they are likely to have.
pub(crate) fn are_small(
    model: &SparseModel,
    (rate, batch): (f64, u64),
    samples: Option<f64>,
) -> Result<bool, Failure> {
    let of_batch = model.largest_eigenvalue() + model.total_variance() / batch as f64;
    if rate * of_batch > SMALL {
        return Ok(false);
    }
    let Some(samples) = samples else { return Ok(true) };
    // An entry with `4η x² > 2B` is one with `η x² > B/2`.
    let large = OnePass::new(model, Schedule::new(4.0 * rate, 1)?).with_batch(batch)?;
    Ok(samples * large.spike_rate() <= FEW)
}
