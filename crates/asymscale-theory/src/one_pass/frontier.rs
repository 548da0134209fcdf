//! The compute-optimal frontier of one pass: how many coordinates to learn from how many samples,
//! by the exact loss; equation (112) of [`derivations`](crate::derivations).

use super::{OnePass, check_batch, check_noise};
use crate::{FrontierExponents, TheoryError};
use asymscale_model::{Coordinates, Schedule, SparseModel};
use asymscale_numerics::{Bracket, global_minimum};
use serde::Serialize;

/// The most coordinates and the most steps.
const MOST: f64 = 9e15;
/// Half the distance of the budgets that local exponents are taken between, as a factor.
const APART: f64 = 2.0;
/// The walk to the best number of coordinates begins with steps of this share of it.
const WALK: u64 = 16;

/// The constant step size along a frontier of one pass.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum OnePassRate {
    /// The same `η` at every split.
    Fixed(f64),
    /// At every split the one of least loss, [`OnePass::tuned`].
    Tuned,
}

/// A budget `C = factor · N · B T` of one pass.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct OnePassBudget {
    /// `C`, at most `9e15 factor B`; at least `factor B`, so that it holds one coordinate and one
    /// step.
    pub compute: f64,
    /// The cost of one coordinate on one sample, finite and > 0.
    pub factor: f64,
    /// `B`, the samples of a step.
    pub batch: u64,
    /// `σ² ≥ 0`, the variance of the label noise.
    pub noise: f64,
    /// The step size.
    pub rate: OnePassRate,
}

/// The best split of a budget of one pass.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct OnePassSplit {
    /// `N`, the number of coordinates that are learned: the first.
    pub coordinates: u64,
    /// `T`, the number of steps, of `B` samples each.
    pub steps: u64,
    /// The step size `η`.
    pub rate: f64,
    /// The mean population loss over all coordinates, those that are not learned included.
    pub loss: f64,
}

/// The split of a budget between coordinates and samples that has the least mean loss: a learner
/// sees the first `N` coordinates of every sample and takes `T = C/(factor · N B)` steps, rounded
/// down, of a constant size.
///
/// Nothing is asymptotic: to that learner the other coordinates are label noise of the variance
/// `Σ_{i>N} g_i`, which is independent of what it sees. For random features in the place of
/// coordinates no exact recursion is known; section 16 of [`derivations`](crate::derivations) says
/// why.
///
/// **Accuracy.** The loss is that of [`OnePass::losses`]; `N` is the best of its neighbours, and
/// within 1e-3 where the minimum is so flat that digits do not tell. **Cost.** 0.1 s at a fixed
/// step size, some seconds at tuned ones.
///
/// # Errors
/// [`TheoryError::Compute`], [`TheoryError::Factor`], [`TheoryError::Batch`],
/// [`TheoryError::Noise`] or [`TheoryError::Rate`] outside their domains; [`TheoryError::Budget`]
/// for a budget that does not hold one step on one coordinate, or on all that a table lists;
/// [`TheoryError::LargeBudget`] for one above `9e15 factor B`; [`TheoryError::OneHot`].
///
/// ```
/// use asymscale_model::SparseModel;
/// use asymscale_theory::{OnePassBudget, OnePassRate, one_pass_frontier};
/// let model = SparseModel::power_law(1.0, 1.5, 1.0)?;
/// let rate = OnePassRate::Fixed(0.2);
/// let budget = OnePassBudget { compute: 1e6, factor: 1.0, batch: 1, noise: 0.0, rate };
/// let best = one_pass_frontier(&model, budget)?;
/// assert_eq!(best.steps, 1_000_000 / best.coordinates);
/// // More samples than coordinates, also by the exponent 1/(2 + α).
/// assert!(best.coordinates > 40 && best.coordinates < 120);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn one_pass_frontier(
    model: &SparseModel,
    budget: OnePassBudget,
) -> Result<OnePassSplit, TheoryError> {
    let (low, high) = budget.range(model)?;
    let loss = |log: f64| {
        let coordinates = (log.exp().round() as u64).clamp(low, high);
        budget.at(model, coordinates).map(|split| split.loss)
    };
    let found = global_minimum(Bracket::new((low as f64).ln(), (high as f64).ln()), loss)?;
    let mut best = budget.at(model, (found.at.exp().round() as u64).clamp(low, high))?;
    // Whole numbers make a staircase of the loss: its steps are told apart by walking them.
    let mut stride = (best.coordinates / WALK).max(1);
    while stride > 0 {
        let here = best.coordinates;
        for next in [here.saturating_sub(stride).max(low), here.saturating_add(stride).min(high)] {
            let split = budget.at(model, next)?;
            best = if split.loss < best.loss { split } else { best };
        }
        stride = if best.coordinates == here { stride / 2 } else { stride };
    }
    Ok(best)
}

/// The exponents that the frontier of one pass has at one budget: `d ln N*/d ln C`, `d ln T*/d ln
/// C` and `d ln L*/d ln C`, from the best splits of half and twice the budget. `None` where one of
/// them is an end of its budget.
///
/// **Accuracy.** About `1/N*`, since coordinates are whole. **Cost.** Two frontiers.
///
/// # Errors
/// As [`one_pass_frontier`], for half and twice the budget.
///
/// ```
/// use asymscale_model::SparseModel;
/// use asymscale_theory::{OnePassBudget, OnePassRate, one_pass_exponents, one_pass_local_exponents};
/// let model = SparseModel::power_law(1.0, 1.5, 1.0)?;
/// let rate = OnePassRate::Fixed(0.2);
/// let budget = OnePassBudget { compute: 1e10, factor: 1.0, batch: 1, noise: 0.0, rate };
/// let here = one_pass_local_exponents(&model, budget)?.unwrap();
/// let law = one_pass_exponents(&model).unwrap().frontier; // 1/3, 2/3, −1/3
/// assert!(here.is_near(&law, 0.01));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn one_pass_local_exponents(
    model: &SparseModel,
    budget: OnePassBudget,
) -> Result<Option<FrontierExponents>, TheoryError> {
    let at = |factor: f64| {
        let other = OnePassBudget { compute: factor * budget.compute, ..budget };
        let (low, high) = other.range(model)?;
        let best = one_pass_frontier(model, other)?;
        Ok((best, low < best.coordinates && best.coordinates < high))
    };
    let ((less, less_inside), (more, more_inside)) = (at(1.0 / APART)?, at(APART)?);
    let slope = |less: f64, more: f64| (more / less).ln() / (2.0 * APART.ln());
    let features = slope(less.coordinates as f64, more.coordinates as f64);
    let exponents =
        FrontierExponents { features, samples: 1.0 - features, loss: slope(less.loss, more.loss) };
    Ok((less_inside && more_inside).then_some(exponents))
}

impl OnePassBudget {
    /// Fewest and most coordinates, once the budget is checked.
    fn range(&self, model: &SparseModel) -> Result<(u64, u64), TheoryError> {
        let Self { compute, factor, batch, noise, rate } = *self;
        let finite = |x: f64| x > 0.0 && x.is_finite();
        let step = factor * check_batch(batch)?;
        check_noise(noise)?;
        let limit = MOST * step;
        let least = model.listed().max(1) as u64;
        match rate {
            _ if !finite(compute) => return Err(TheoryError::Compute(compute)),
            _ if !finite(factor) => return Err(TheoryError::Factor(factor)),
            OnePassRate::Fixed(rate) if Schedule::new(rate, 1).is_err() => {
                return Err(TheoryError::Rate(rate));
            }
            _ if model.is_one_hot() => return Err(TheoryError::OneHot),
            _ if compute > limit => {
                return Err(TheoryError::LargeBudget { compute, factor, alpha: f64::NAN, limit });
            }
            _ if compute < step * least as f64 => {
                return Err(TheoryError::Budget { compute, factor });
            }
            _ => {}
        }
        let most = (compute / step).min(model.coordinates().as_f64());
        Ok((least, most as u64))
    }

    /// The split with so many coordinates.
    fn at(&self, model: &SparseModel, coordinates: u64) -> Result<OnePassSplit, TheoryError> {
        let cost = self.factor * self.batch as f64 * coordinates as f64;
        let steps = (self.compute / cost).max(1.0) as u64;
        let end = model.coordinates().as_f64() + 1.0;
        let rest = model.target_mass(coordinates as f64 + 1.0, end);
        let first = model.clone().with_coordinates(Coordinates::Finite(coordinates));
        let first = first.expect("at least as many coordinates as are listed, and not more than M");
        let rate = match self.rate {
            OnePassRate::Fixed(rate) => rate,
            OnePassRate::Tuned => 1.0,
        };
        let schedule = Schedule::new(rate, steps).map_err(|_| TheoryError::Rate(rate))?;
        let run = OnePass::new(&first, schedule).with_batch(self.batch)?;
        let run = run.with_noise(self.noise + rest)?;
        let (rate, loss) = match self.rate {
            OnePassRate::Fixed(rate) => (rate, run.losses(&[steps])?[0]),
            OnePassRate::Tuned => run.tuned().map(|tuned| (tuned.rate, tuned.loss))?,
        };
        Ok(OnePassSplit { coordinates, steps, rate, loss: loss + rest })
    }
}
