//! The compute-optimal frontier of stochastic gradient descent in small steps, also where unique
//! samples are limited: equations (127) to (130) of [`derivations`](crate::derivations).

use super::{Epochs, check_passes, epoch_time};
use crate::exponents::activity_exponent;
use crate::frontier::exponents::{FrontierExponents, moves};
use crate::sample_theory::flow::{self, LONGEST};
use crate::{Budget, Ridge, SampleTheory, TheoryError, exponents};
use asymscale_model::SparseModel;
use asymscale_numerics::{Bracket, Minimum, brent};
use serde::Serialize;
use std::fmt;

/// The distance in `ln(D K)` at which a scan looks for the best split.
const STRIDE: f64 = 1.0;
/// Most points of the scan to one side.
const LONGEST_SCAN: u32 = 80;
/// Epochs are capped where the loss of infinitely many features is within this share of its floor.
const CAP: f64 = 0.01;
/// A loss within this share of the floor of the unique samples is limited by these.
const NEAR_FLOOR: f64 = 0.1;
/// Half the step in `ln C` and `ln(D K)` of the differences.
const STEP: f64 = 0.1;
/// A split further than this in `ln(D K)` from where its loss is stationary is no minimum.
const STATIONARY: f64 = 0.05;

/// A budget `C = factor · N · D · K` of tokens times features, with at most `unique` different
/// samples, for descent in small steps of size `rate`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct EpochBudget {
    /// `C`, finite; at least `factor`.
    pub compute: f64,
    /// The cost of one feature on one sample in one pass, finite and > 0.
    pub factor: f64,
    /// `U ≥ 1`, the number of different samples there are; may be infinite: then there is one pass.
    pub unique: f64,
    /// `η > 0`, the step size on single samples.
    pub rate: f64,
}

/// What more of would lower the loss of a budget.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Scarce {
    /// Compute: unique samples are left.
    Compute,
    /// Compute, on samples that are repeated: all are used, and the loss is more than a tenth above
    /// the least that they allow.
    Epochs,
    /// Unique samples: the loss is within a tenth of the least that these allow.
    Samples,
}

impl fmt::Display for Scarce {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Compute => "compute",
            Self::Epochs => "epochs",
            Self::Samples => "samples",
        })
    }
}

/// The best split of a budget between features, samples and epochs.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct EpochSplit {
    /// `N ≥ 1`, a real number.
    pub features: f64,
    /// `D ≥ 1`, at most the unique samples, a real number.
    pub samples: f64,
    /// `K ≥ 1`, a real number.
    pub epochs: f64,
    /// The population loss there, in units of `λ_1`.
    pub loss: f64,
    /// The loss of the unique samples with features and epochs without end, which no budget
    /// undercuts; 0 of infinitely many samples.
    pub floor: f64,
    /// What more of would lower the loss.
    pub scarce: Scarce,
}

/// The best split of `C = factor · N · D · K` with `D ≤ unique`: the least loss of gradient flow at
/// the time `s = η D K`, [`Epochs::loss`], over real `N ≥ 1`, `D ≥ 1` and `K ≥ 1`.
///
/// At a given number of tokens `D K` fresh samples are better than repeated ones, so that there are
/// repeats only where all unique samples are used. With `unique = ∞` it is the frontier of one pass
/// in small steps. Epochs are capped where infinitely many features would be within 1 % of the
/// floor of their loss, and the rest of the budget is given to features. Steps must be small (`η a²
/// ≪ 1`), which limits what it says of one pass of stochastic gradient descent at a given `η`.
///
/// The loss to 1e-4; the split to 1e-2, as the loss is flat there. Cost: about a second.
///
/// # Errors
/// [`TheoryError::Compute`], [`TheoryError::Factor`], [`TheoryError::Budget`],
/// [`TheoryError::LargeBudget`] as for [`frontier`](crate::frontier); [`TheoryError::Unique`],
/// [`TheoryError::Rate`] outside of their domains; [`TheoryError::Time`] where the whole budget on
/// one feature is beyond the longest flow; [`TheoryError::IidTeacher`] for other teachers.
///
/// ```
/// use asymscale_model::SparseModel;
/// use asymscale_theory::{EpochBudget, Scarce, frontier_with_epochs};
/// let model = SparseModel::power_law(1.0, 1.5, 1.0)?;
/// let at = |unique: f64| {
///     let budget = EpochBudget { compute: 1e6, factor: 1.0, unique, rate: 0.05 };
///     frontier_with_epochs(&model, budget)
/// };
/// let (fresh, repeated) = (at(f64::INFINITY)?, at(1000.0)?);
/// assert!(fresh.epochs == 1.0 && fresh.scarce == Scarce::Compute);
/// assert!(repeated.samples == 1000.0 && repeated.epochs > 1.0);
/// assert!(repeated.loss > fresh.loss && repeated.loss < 1.2 * fresh.loss);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn frontier_with_epochs(
    model: &SparseModel,
    budget: EpochBudget,
) -> Result<EpochSplit, TheoryError> {
    let splits = Splits::new(model, budget)?;
    let best = splits.best()?;
    let (features, samples, epochs) = splits.at(best.at);
    let floor = if budget.unique == f64::INFINITY {
        0.0
    } else {
        SampleTheory::new(model, budget.unique)?.loss(f64::INFINITY)?
    };
    let scarce = if samples < budget.unique {
        Scarce::Compute
    } else if best.value > (1.0 + NEAR_FLOOR) * floor {
        Scarce::Epochs
    } else {
        Scarce::Samples
    };
    let split = EpochSplit { features, samples, epochs, loss: best.value, floor, scarce };
    if scarce == Scarce::Samples { splits.capped(split) } else { Ok(split) }
}

/// How the frontier of descent in small steps grows with `C`: `(1 + b)⁻¹` of `N*` and so on with
/// `b = max(β, 1 + α)` where samples are fresh, equation (128); with `repeated` samples, of which
/// there are enough to be limited by time and features alone, `b = 1 + α`, and `samples` is the
/// exponent of tokens `D K`. `None` of tables, and where teachers are not iid.
///
/// ```
/// use asymscale_model::SparseModel;
/// use asymscale_theory::epoch_frontier_exponents;
/// let model = SparseModel::power_law(1.0, 3.0, 1.0)?;
/// assert_eq!(epoch_frontier_exponents(&model, false).unwrap().features, 0.25);
/// assert_eq!(epoch_frontier_exponents(&model, true).unwrap().features, 1.0 / 3.0);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn epoch_frontier_exponents(model: &SparseModel, repeated: bool) -> Option<FrontierExponents> {
    if !model.has_iid_teacher() {
        return None;
    }
    let (alpha, beta) = (exponents(model)?.features, activity_exponent(model)?);
    let steepness = 1.0 + alpha;
    Some(FrontierExponents::new(alpha, if repeated { steepness } else { beta.max(steepness) }))
}

/// The slopes of `ln N*`, `ln(D* K*)` and `ln L*` along `ln C` at `split`, the best of this budget
/// by [`frontier_with_epochs`]: equation (45) along `ln(D K)`. To 1e-2. `None` where the split is
/// no smooth minimum inside of its budget: at its ends, where epochs are capped, and where unique
/// samples are just used up. Cost: nine losses.
///
/// # Errors
/// As [`frontier_with_epochs`].
///
/// ```
/// use asymscale_model::SparseModel;
/// use asymscale_theory::{EpochBudget, frontier_with_epochs, local_epoch_exponents};
/// // b = max(β, 1 + α) = 2: N* ∝ C^{1/3}, L* ∝ C^{−1/3}, whatever β below 2.
/// let model = SparseModel::power_law(1.0, 1.5, 1.0)?;
/// let budget = EpochBudget { compute: 1e9, factor: 1.0, unique: f64::INFINITY, rate: 0.05 };
/// let split = frontier_with_epochs(&model, budget)?;
/// let slopes = local_epoch_exponents(&model, budget, split)?.unwrap();
/// assert!((slopes.features - 1.0 / 3.0).abs() < 0.02 && (slopes.loss + 1.0 / 3.0).abs() < 0.02);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn local_epoch_exponents(
    model: &SparseModel,
    budget: EpochBudget,
    split: EpochSplit,
) -> Result<Option<FrontierExponents>, TheoryError> {
    Splits::new(model, budget)?;
    let tokens = (split.samples * split.epochs).ln();
    let kink = (tokens - budget.unique.ln()).abs();
    let mut log_losses = [[0.0; 3]; 3];
    for (row, dc) in log_losses.iter_mut().zip([-STEP, 0.0, STEP]) {
        let compute = budget.compute * dc.exp();
        let splits = Splits { model, budget, product: compute / budget.factor };
        for (value, dv) in row.iter_mut().zip([-STEP, 0.0, STEP]) {
            let v = tokens + dv;
            if kink < STEP || v < 0.0 || v > splits.product.ln() {
                return Ok(None);
            }
            *value = splits.loss(v)?.ln();
        }
    }
    Ok(moves(&log_losses, STEP, STATIONARY))
}

/// The splits of a budget, along `v = ln(D K)`.
struct Splits<'a> {
    model: &'a SparseModel,
    budget: EpochBudget,
    product: f64,
}

impl<'a> Splits<'a> {
    fn new(model: &'a SparseModel, budget: EpochBudget) -> Result<Self, TheoryError> {
        let EpochBudget { compute, factor, unique, rate } = budget;
        Budget { compute, factor, ridge: Ridge::Fixed(0.0), noise: 0.0 }.check(model)?;
        if unique < 1.0 || unique.is_nan() {
            return Err(TheoryError::Unique(unique));
        }
        check_passes(unique.min(1e30), rate)?;
        let splits = Self { model, budget, product: compute / factor };
        flow::check_time(epoch_time(rate, 1.0, splits.product, 1.0))?;
        SampleTheory::new(model, 1.0)?.loss_over_time(1.0, 0.0)?;
        Ok(splits)
    }

    /// `(N, D, K)`.
    fn at(&self, v: f64) -> (f64, f64, f64) {
        let tokens = v.exp().clamp(1.0, self.product);
        let samples = tokens.min(self.budget.unique);
        ((self.product / tokens).max(1.0), samples, tokens / samples)
    }

    fn loss(&self, v: f64) -> Result<f64, TheoryError> {
        let (features, samples, epochs) = self.at(v);
        let time = epoch_time(self.budget.rate, 1.0, samples, epochs);
        loss_at_once(self.model, samples, features, time)
    }

    /// The least loss: a scan from where features and time would limit alike, as far as it falls,
    /// and a refinement.
    fn best(&self) -> Result<Minimum, TheoryError> {
        let end = self.product.ln();
        let steepness = 1.0 + self.model.spectrum().alpha().unwrap_or(1.0);
        let balanced = (steepness * end - self.budget.rate.ln()) / (1.0 + steepness);
        let middle = balanced.clamp(0.0, end);
        let mut points = vec![(middle, self.loss(middle)?)];
        for side in [-1.0, 1.0] {
            self.scan(&mut points, middle, side)?;
        }
        points.sort_by(|a, b| a.0.total_cmp(&b.0));
        let least = (0..points.len()).min_by(|a, b| points[*a].1.total_cmp(&points[*b].1));
        let least = least.expect("a scan has points");
        let (low, high) = (least.saturating_sub(1), (least + 1).min(points.len() - 1));
        let start = Minimum { at: points[least].0, value: points[least].1 };
        if low == high {
            return Ok(start);
        }
        brent(Bracket::new(points[low].0, points[high].0), start, |v| self.loss(v))
    }

    /// Adds points to one side until the loss rises.
    fn scan(
        &self,
        points: &mut Vec<(f64, f64)>,
        middle: f64,
        side: f64,
    ) -> Result<(), TheoryError> {
        let mut last = points[0].1;
        for k in 1..=LONGEST_SCAN {
            let v = (middle + side * STRIDE * f64::from(k)).clamp(0.0, self.product.ln());
            let loss = self.loss(v)?;
            points.push((v, loss));
            let at_end = v == 0.0 || v == self.product.ln();
            if at_end || loss > last {
                break;
            }
            last = loss;
        }
        Ok(())
    }

    /// The same split without epochs beyond those that help infinitely many features.
    fn capped(&self, split: EpochSplit) -> Result<EpochSplit, TheoryError> {
        let EpochBudget { unique, rate, .. } = self.budget;
        let epochs = Epochs::new(self.model, unique, f64::INFINITY, rate)?;
        let most = match epochs.saturation(CAP) {
            Ok(most) => most.max(1.0),
            Err(TheoryError::Unsaturated { .. }) => f64::INFINITY,
            Err(error) => return Err(error),
        };
        if split.epochs <= most {
            return Ok(split);
        }
        let features = (self.product / (unique * most)).max(1.0);
        let loss = loss_at_once(self.model, unique, features, epochs.time(most))?;
        Ok(EpochSplit { features, epochs: most, loss, ..split })
    }
}

/// The loss of flow at a single time.
fn loss_at_once(
    model: &SparseModel,
    samples: f64,
    features: f64,
    time: f64,
) -> Result<f64, TheoryError> {
    let theory = SampleTheory::new(model, samples)?;
    theory.flow_at_once(features, time.min(LONGEST))
}
