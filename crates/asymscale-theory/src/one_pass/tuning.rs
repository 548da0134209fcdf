//! The best step size for a run, by the exact loss.

use super::{Descent, OnePass};
use crate::TheoryError;
use asymscale_model::Schedule;
use asymscale_numerics::{Bracket, global_minimum};
use serde::Serialize;

/// The search covers so many orders of magnitude below the largest step size that could be stable.
const DECADES: f64 = 16.0;

/// The best largest step size of a schedule, and the loss at its end.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct TunedRate {
    /// The largest step size `η`.
    pub rate: f64,
    /// The mean loss after the last step.
    pub loss: f64,
}

impl OnePass {
    /// The largest step size `η` with which the mean loss at the end of the schedule is least: its
    /// length, warm-up and decay stay what they are. Step sizes are looked for within sixteen
    /// orders of magnitude below `2(1 + μ)/λ_1`.
    ///
    /// Without label noise the best constant one is at a `‖K‖` somewhat below `a/(1 + a)`, `a =
    /// α/(1 + α)`, equation (113) of [`derivations`](crate::derivations); against noise it falls
    /// with the length of the run. For `β > 1 + α` it is the best of the mean, which rare spikes
    /// rule; [`horizon_rate`](crate::horizon_rate) is that of typical runs.
    ///
    /// **Accuracy.** 1e-4 in `ln η`; the loss is that of [`OnePass::losses`]. **Cost.** Some fifty
    /// losses: 0.1 s for constant step sizes of any length, 20 s for a million that change.
    ///
    /// # Errors
    /// As [`OnePass::losses`].
    ///
    /// ```
    /// use asymscale_model::{Schedule, SparseModel};
    /// use asymscale_theory::OnePass;
    /// let model = SparseModel::power_law(1.0, 0.5, 1.0)?;
    /// let run = OnePass::new(&model, Schedule::new(0.1, 100_000_000)?);
    /// let best = run.tuned()?;
    /// let run = OnePass::new(&model, Schedule::new(best.rate, 100_000_000)?);
    /// assert_eq!(run.losses(&[100_000_000])?[0], best.loss);
    /// assert!(run.kernel_norm() > 0.25 && run.kernel_norm() < 1.0 / 3.0); // a = 1/2
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn tuned(&self) -> Result<TunedRate, TheoryError> {
        let most = 2.0 * (1.0 + self.descent.momentum) / self.model.largest_eigenvalue();
        let high = most.ln();
        let bracket = Bracket::new(high - DECADES * std::f64::consts::LN_10, high);
        let found = global_minimum(bracket, |log_rate| {
            let run = self.with_rate(log_rate.exp());
            run.losses(&[run.schedule.steps()]).map(|losses| losses[0])
        })?;
        Ok(TunedRate { rate: found.at.exp(), loss: found.value })
    }

    /// The same with another largest step size.
    pub(super) fn with_rate(&self, rate: f64) -> Self {
        let old = &self.schedule;
        let schedule = Schedule::new(rate, old.steps())
            .and_then(|new| new.with_warmup(old.warmup()))
            .and_then(|new| new.with_decay(old.decay()))
            .expect("only the step size differs");
        let descent = Descent { rate, ..self.descent };
        Self { model: self.model.clone(), schedule, descent }
    }
}
