//! Losses over epochs, as a report reads them, beside theory.

use crate::ChapterError;
use crate::kit::{EPOCH_EXCESS, Entry};
use asymscale_model::SparseModel;
use asymscale_theory::EpochCollapse;

/// A value, and the ends of its 95 % interval.
pub(super) type WithInterval = (f64, (f64, f64));

/// Excesses over the floor, in units of it, between which curves are compared with the collapse.
const EXCESSES: std::ops::Range<f64> = 0.2..3.0;
/// Coordinates that sums over one-hot activities are written out for.
const LAST: u32 = 100_000;

/// What was measured with one number of samples.
#[derive(Debug, Clone)]
pub struct EpochSeries {
    /// `D`.
    pub samples: f64,
    /// Numbers of passes.
    pub passes: Vec<f64>,
    /// Losses after each.
    pub losses: Vec<Entry>,
    /// Excesses over the floor, in units of it, after each.
    pub excesses: Vec<Entry>,
    /// The mean logarithm of the losses.
    pub level: Entry,
    /// The loss over that of the flow on the same designs.
    pub over_flow: Entry,
    /// The passes after which the excess is [`EPOCH_EXCESS`].
    pub saturation: Entry,
    /// Losses in theory after each number of passes.
    pub theory: Vec<f64>,
    /// The same where a pass is taken for a step.
    pub theory_of_steps: Vec<f64>,
    /// Excesses over the floor in rank-corrected theory, at the largest number of samples only.
    pub by_rank: Vec<f64>,
    /// The loss in theory after infinitely many.
    pub floor: f64,
}

/// The series of one kind of data, in the order of samples.
///
/// # Errors
/// Entries that are missing, or not named by numbers.
pub fn epoch_series(all: &[Entry], name: &str) -> Result<Vec<EpochSeries>, ChapterError> {
    let levels = all.iter().filter(|e| e.kind == "level");
    let own = levels.filter(|e| e.of.strip_prefix(name).is_some_and(|rest| rest.starts_with(' ')));
    let mut series = Vec::new();
    for level in own {
        let of = |kind: &str| {
            let here = all.iter().filter(|e| e.kind == kind && e.of == level.of);
            here.cloned().collect::<Vec<_>>()
        };
        let one = |kind: &str| of(kind).pop().ok_or(format!("no {kind} of {}", level.of));
        let losses = of("loss");
        let passes: Vec<f64> =
            losses.iter().map(|e| e.quantity.parse()).collect::<Result<_, _>>()?;
        let values = |kind: &str| of(kind).iter().map(|e| e.value).collect();
        series.push(EpochSeries {
            samples: level.of[name.len() + 1..].parse()?,
            theory: values("theory"),
            theory_of_steps: values("theory of steps"),
            by_rank: values("excess by rank"),
            floor: one("floor")?.value,
            passes,
            losses,
            excesses: of("excess"),
            level: level.clone(),
            over_flow: one("over flow")?,
            saturation: one("saturation")?,
        });
    }
    Ok(series)
}

impl EpochSeries {
    /// The passes that are enough in theory, between those at hand.
    pub fn enough(&self) -> f64 {
        let excess = |k: usize| (self.theory[k] / self.floor - 1.0).ln();
        let level = EPOCH_EXCESS.ln();
        let below = (1..self.passes.len()).find(|k| excess(*k) <= level && excess(k - 1) > level);
        below.map_or(f64::NAN, |k| {
            let share = (excess(k - 1) - level) / (excess(k - 1) - excess(k));
            (self.passes[k - 1].ln() * (1.0 - share) + self.passes[k].ln() * share).exp()
        })
    }

    /// Excesses with their intervals over passes in units of `enough`.
    pub fn collapsed(&self, enough: f64) -> Vec<(f64, &Entry)> {
        self.passes.iter().map(|pass| pass / enough).zip(&self.excesses).collect()
    }
}

/// The excess on the common curve at passes in units of the enough ones.
pub(super) fn common_excess(collapse: &EpochCollapse, passes: f64) -> Result<f64, ChapterError> {
    Ok(collapse.excess(collapse.units(EPOCH_EXCESS)? * passes))
}

/// The excess over that of the common curve, geometric mean over the passes at which the latter is
/// between 0.2 and 3.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Collapsed {
    /// As measured, with its interval. Errors are taken to be the same at all passes, which is the
    /// worst case.
    pub(super) measured: WithInterval,
    /// By theory at this number of samples.
    pub(super) theory: f64,
    /// By the rank-corrected theory.
    pub(super) by_rank: f64,
}

impl Collapsed {
    /// Of one size, with the curve at passes in units of the enough ones of theory times `factor`.
    ///
    /// # Errors
    /// Models without a common curve, and those of theory.
    pub(super) fn of(
        one: &EpochSeries,
        model: &SparseModel,
        factor: f64,
    ) -> Result<Self, ChapterError> {
        let collapse = EpochCollapse::of(model).ok_or("no common curve of this model")?;
        let enough = one.enough();
        let [mut sum, mut theory, mut by_rank, mut error, mut count] = [0.0; 5];
        for (k, excess) in one.excesses.iter().enumerate() {
            let limit = common_excess(&collapse, one.passes[k] / enough)?;
            if EXCESSES.contains(&limit) {
                let taken = common_excess(&collapse, one.passes[k] / (enough * factor))?;
                sum += (excess.value / taken).ln();
                theory += ((one.theory[k] / one.floor - 1.0) / limit).ln();
                by_rank += (one.by_rank[k] / limit).ln();
                error += 0.5 * (excess.interval.1 - excess.interval.0) / excess.value;
                count += 1.0;
            }
        }
        let (middle, reach) = (sum / count, error / count);
        let measured = (middle.exp(), ((middle - reach).exp(), (middle + reach).exp()));
        Ok(Self { measured, theory: (theory / count).exp(), by_rank: (by_rank / count).exp() })
    }
}

/// The mean loss after so many passes of draws with replacement from one-hot samples with signs for
/// amplitudes, in the limit of many draws. A sample is drawn a Poisson number of times, and each
/// draw leaves `(1 − ηa²)²` of its coordinate.
pub fn replacement_loss(model: &SparseModel, samples: f64, epochs: f64, rate: f64) -> f64 {
    let mut loss = 0.0;
    for i in (1..=LAST).map(f64::from) {
        let (p, lambda) = (model.activity(i), model.eigenvalue(i));
        let kept = (1.0 - rate * lambda / p).powi(2);
        let gone = -(-epochs * (1.0 - kept)).exp_m1();
        loss += lambda * (samples * (-p * gone).ln_1p()).exp();
    }
    // Of those beyond, hardly any is in a sample: λ = i^{−2} adds up to the inverse of the last.
    loss + 1.0 / f64::from(LAST)
}
