//! Epochs, the third resource beside features and samples: the loss after `K` passes over the same
//! `D` samples in the limit of small steps, and from how many passes on there is nothing left to
//! gain. Section 17 of [`derivations`](crate::derivations).
//!
//! | to find | file |
//! |---|---|
//! | the loss after `K` epochs, its floor, what a further epoch gains, `K_sat` | this file |
//! | the searches along time that `K_sat` needs | `epochs/search.rs` |
//! | the best split of a budget with few unique samples | `epochs/frontier.rs` |
//! | exact descent on one-hot samples, at any step | `epochs/one_hot.rs` |
//! | the same from laws of inputs | `epochs/inputs.rs` |
//! | the curve that all of these collapse on, and the prefactor of `K_sat` | `epochs/collapse.rs` |

mod collapse;
mod frontier;
mod inputs;
mod one_hot;
mod search;

use crate::sample_theory::{flow, is_size};
use crate::{SampleTheory, TheoryError};
use asymscale_model::{SparseModel, is_rate};
pub use collapse::EpochCollapse;
pub use frontier::{
    EpochBudget, EpochSplit, Scarce, epoch_frontier_exponents, frontier_with_epochs,
    local_epoch_exponents,
};
pub use inputs::InputLaws;
pub use one_hot::one_hot_descent_loss;
use search::TimeSearch;
use serde::Serialize;
use std::sync::OnceLock;

/// Half of a step in `ln K` of the differences that give a slope: their error is below 1e-5 of the
/// loss.
const STEP: f64 = 0.1;
/// Shares of the floor that the loss may be asked to come within.
const EXCESSES: std::ops::RangeInclusive<f64> = 1e-3..=1e3;

/// The time of gradient flow after `epochs = K` passes over `samples = D` samples in batches of
/// `batch = B` with steps of size `rate = η`: `s = η K D/B`, equation (120) of
/// [`derivations`](crate::derivations).
///
/// Each of the `K D/B` steps follows the gradient of `|Φθ − y|²/(2B)` over its batch, the mean of
/// which over batches is that of the flow. The one place where steps become time.
///
/// ```
/// // Three passes over 512 samples: as much time one by one as in batches of 8 of eightfold steps.
/// let single = asymscale_theory::epoch_time(0.01, 1.0, 512.0, 3.0);
/// assert_eq!((single, asymscale_theory::epoch_time(0.08, 8.0, 512.0, 3.0)), (15.36, 15.36));
/// ```
pub fn epoch_time(rate: f64, batch: f64, samples: f64, epochs: f64) -> f64 {
    rate / batch * samples * epochs
}

/// The epochs of least loss.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct BestEpochs {
    /// `K`; infinite where every further epoch gains.
    pub epochs: f64,
    /// The loss there, in units of `λ_1`.
    pub loss: f64,
}

/// The loss after `K` passes over `D` samples in the limit of small steps, at one model, `D`, `N`
/// and step size.
///
/// It is the loss of gradient flow, [`SampleTheory::flow_with_features`], at the time
/// [`epoch_time`]. Passes in a fixed or a new order and draws with replacement have this limit. In
/// a first pass the noise of steps adds `η tr Σ/2` of the loss, so that `η tr Σ ≤ 0.04` is small
/// enough for 2 %; that `η a²` is small for every coordinate is not. Any model that theory knows:
/// tables, finite `N` for iid teachers, other teachers at `N = ∞`.
///
/// ```
/// use asymscale_model::SparseModel;
/// use asymscale_theory::Epochs;
/// let model = SparseModel::power_law(1.0, 1.5, 1.0)?;
/// let epochs = Epochs::new(&model, 512.0, f64::INFINITY, 0.05)?;
/// let (once, twice) = (epochs.loss(1.0)?, epochs.loss(2.0)?);
/// assert!(once > twice && twice > epochs.floor());
/// // The loss comes within 30 % of what no number of epochs undercuts:
/// let enough = epochs.saturation(0.3)?;
/// assert!((epochs.loss(enough)? / epochs.floor() - 1.3).abs() < 1e-6);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct Epochs {
    theory: SampleTheory,
    features: f64,
    rate: f64,
    floor: f64,
    best: OnceLock<BestEpochs>,
}

impl Epochs {
    /// Prepares passes over `samples = D` in `1..=1e30` with `features = N ≥ 1` (∞ allowed) and
    /// steps of `rate = η > 0` on single samples; for batches of `B` samples give `η/B`.
    ///
    /// # Errors
    /// [`TheoryError::EpochSamples`] if `D` is infinite or outside of its range,
    /// [`TheoryError::Features`], [`TheoryError::Rate`] likewise; [`TheoryError::IidTeacher`] for
    /// finitely many features and a teacher that is not iid; [`TheoryError::Depth`] as for
    /// [`SampleTheory::loss`].
    pub fn new(
        model: &SparseModel,
        samples: f64,
        features: f64,
        rate: f64,
    ) -> Result<Self, TheoryError> {
        check_passes(samples, rate)?;
        let theory = SampleTheory::new(model, samples)?;
        theory.loss_over_time(features, 0.0)?;
        let floor = theory.loss(features)?;
        Ok(Self { theory, features, rate, floor, best: OnceLock::new() })
    }

    /// The time `s = η D K` of flow after so many epochs, [`epoch_time`].
    pub fn time(&self, epochs: f64) -> f64 {
        epoch_time(self.rate, 1.0, self.theory.samples(), epochs)
    }

    /// The epochs after which flow has lasted so long.
    fn epochs_at(&self, time: f64) -> f64 {
        time / (self.rate * self.theory.samples())
    }

    /// The loss after `epochs = K ≥ 0` passes, which need not be a whole number; at `K = ∞` the
    /// [floor](Epochs::floor). In units of `λ_1`. Accuracy and cost as of [`SampleTheory::flow`].
    ///
    /// # Errors
    /// [`TheoryError::Epochs`] below 0 or NaN; [`TheoryError::Time`] where `η D K`, finite, is
    /// beyond 1e18.
    pub fn loss(&self, epochs: f64) -> Result<f64, TheoryError> {
        Ok(self.losses(&[epochs])?[0])
    }

    /// The losses after each of these numbers of passes, in their order, which share their
    /// evaluations.
    ///
    /// # Errors
    /// As [`Epochs::loss`], for the first that is wrong.
    pub fn losses(&self, epochs: &[f64]) -> Result<Vec<f64>, TheoryError> {
        let times = epochs.iter().map(|epochs| self.checked_time(*epochs));
        let times = times.collect::<Result<Vec<f64>, TheoryError>>()?;
        let finite = times.iter().filter(|time| time.is_finite());
        let last = finite.fold(0.0, |last: f64, time| last.max(*time));
        let mut curve = self.theory.loss_over_time(self.features, last)?;
        let at = |time: &f64| if time.is_finite() { curve.at(*time) } else { self.floor };
        Ok(times.iter().map(at).collect())
    }

    fn checked_time(&self, epochs: f64) -> Result<f64, TheoryError> {
        if epochs < 0.0 || epochs.is_nan() {
            return Err(TheoryError::Epochs(epochs));
        }
        let time = self.time(epochs);
        if epochs.is_finite() {
            flow::check_time(time)?;
        }
        Ok(time)
    }

    /// The loss after infinitely many epochs: [`SampleTheory::loss`]. Infinite at `N = min(S, D)`.
    ///
    /// For `N = ∞` no number of epochs has a lower one; with few features stopping early may, see
    /// [`Epochs::best`].
    pub fn floor(&self) -> f64 {
        self.floor
    }

    /// What epochs gain, `−dL/d ln K` after `epochs = K` passes, to 1e-5 of the loss: so much lower
    /// is the loss after a percent more epochs, times 100. Negative where more epochs harm.
    ///
    /// # Errors
    /// As [`Epochs::loss`], at `1.3 K`.
    ///
    /// ```
    /// use asymscale_model::SparseModel;
    /// use asymscale_theory::Epochs;
    /// let model = SparseModel::power_law(1.0, 1.5, 1.0)?;
    /// let epochs = Epochs::new(&model, 1e8, f64::INFINITY, 0.01)?;
    /// // While optimisation limits, the loss falls as K^{−α/(1+α)}.
    /// let share = epochs.gain(1.0)? / epochs.loss(1.0)?;
    /// assert!((share - 0.5).abs() < 0.01);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn gain(&self, epochs: f64) -> Result<f64, TheoryError> {
        if epochs == 0.0 || epochs == f64::INFINITY {
            return Ok(0.0);
        }
        let around = [-2.0, -1.0, 1.0, 2.0].map(|k: f64| epochs * (k * STEP).exp());
        let losses = self.losses(&around)?;
        Ok((8.0 * (losses[1] - losses[2]) - (losses[0] - losses[3])) / (12.0 * STEP))
    }

    /// What one more epoch gains, `L(K) − L(K + 1)` after `epochs = K` passes, to 1e-6 of the loss.
    ///
    /// # Errors
    /// As [`Epochs::loss`], at `K + 1`.
    pub fn next_gain(&self, epochs: f64) -> Result<f64, TheoryError> {
        let losses = self.losses(&[epochs, epochs + 1.0])?;
        Ok(losses[0] - losses[1])
    }

    /// The least loss that any number of epochs has, and that number: infinitely many for `N = ∞`;
    /// fewer where finitely many features are better stopped early. Found on a grid of times, a
    /// factor of 1.8 apart, and refined: the loss to 1e-6.
    ///
    /// Cost: for finite `N` up to half a second, once.
    pub fn best(&self) -> BestEpochs {
        *self.best.get_or_init(|| {
            if self.features == f64::INFINITY {
                return BestEpochs { epochs: f64::INFINITY, loss: self.floor };
            }
            let least = self.search().least();
            if least.loss < self.floor {
                BestEpochs { epochs: self.epochs_at(least.time), loss: least.loss }
            } else {
                BestEpochs { epochs: f64::INFINITY, loss: self.floor }
            }
        })
    }

    /// `K_sat`: from so many epochs on the loss is at most `1 + x` times the [least](Epochs::best),
    /// `x = excess` in `1e-3..=1e3`. Not a whole number; below 1 the first pass already is enough,
    /// and it is 0 where learning nothing is. Infinite where the loss falls to 0, which it never
    /// reaches. Relative accuracy 1e-5/x.
    ///
    /// For `N = ∞` the loss only falls. For finite `N` it is the first such number: past the least
    /// loss it may rise again. Cost: some 0.1 s.
    ///
    /// # Errors
    /// [`TheoryError::Excess`] outside of its range, [`TheoryError::Unsaturated`] where the loss
    /// comes so near only past the longest time of flow, 1e18.
    ///
    /// ```
    /// use asymscale_model::SparseModel;
    /// use asymscale_theory::{EpochCollapse, Epochs};
    /// // Four times the samples take 4^{(1+α)/β − 1} times the epochs.
    /// let model = SparseModel::power_law(1.0, 1.8, 1.0)?;
    /// let enough = |samples: f64| Epochs::new(&model, samples, f64::INFINITY, 0.1)?.saturation(0.5);
    /// let growth = enough(4e8)? / enough(1e8)?;
    /// assert!((growth / 4f64.powf(2.0 / 1.8 - 1.0) - 1.0).abs() < 0.01);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn saturation(&self, excess: f64) -> Result<f64, TheoryError> {
        check_excess(excess)?;
        let least = self.best().loss;
        if least <= 0.0 {
            return Ok(f64::INFINITY);
        }
        let target = (1.0 + excess) * least;
        if self.theory.model().label_variance() <= target {
            return Ok(0.0);
        }
        let guess = self.guess(excess);
        let time = self.search().first_below(target, guess);
        let time = time.ok_or(TheoryError::Unsaturated { excess })?;
        Ok(self.epochs_at(time))
    }

    /// About the time of [`Epochs::saturation`].
    fn guess(&self, excess: f64) -> f64 {
        let (samples, rate) = (self.theory.samples(), self.rate);
        let limit = EpochCollapse::of(self.theory.model())
            .and_then(|collapse| collapse.saturation(samples, rate, excess).ok());
        self.time(limit.unwrap_or(1.0))
    }

    fn search(&self) -> TimeSearch<'_> {
        let curve = self.theory.loss_over_time(self.features, flow::LONGEST);
        let curve = curve.expect("the constructor asked for it");
        TimeSearch::new(curve, self.theory.model(), self.features, self.floor)
    }
}

/// Refuses NaN as well.
fn check_excess(excess: f64) -> Result<(), TheoryError> {
    if EXCESSES.contains(&excess) { Ok(()) } else { Err(TheoryError::Excess(excess)) }
}

/// Refuses NaN as well.
fn check_passes(samples: f64, rate: f64) -> Result<(), TheoryError> {
    if !(samples.is_finite() && is_size(samples)) {
        Err(TheoryError::EpochSamples(samples))
    } else if is_rate(rate) {
        Ok(())
    } else {
        Err(TheoryError::Rate(rate))
    }
}
