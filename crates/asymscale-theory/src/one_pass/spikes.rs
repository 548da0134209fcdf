//! Typical runs where single samples are large: the rate of spikes, how long a step size can be
//! kept, and the step size for a horizon; equations (107) to (109) of
//! [`derivations`](crate::derivations).

use super::{OnePass, check_batch};
use crate::TheoryError;
use crate::instability::exceedance::exceedance;
use crate::instability::sums::ExceedanceSum;
use crate::instability::{log_moment, rare_and_large};
use asymscale_model::SparseModel;
use serde::Serialize;

/// Coordinates up to this one are summed one by one, those beyond in blocks of this share.
const SINGLE: f64 = 4096.0;
const BLOCK: f64 = 1e-3;
/// A term this small against the sum ends it.
const NEGLIGIBLE: f64 = 1e-17;

/// What the rare coordinates do where their scales grow without bound: `β > 1 + α`, `M = ∞`.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct RareSteps {
    /// `i* = (2B c^β/η)^{1/(β−1−α)}`, the coordinate from which on a typical entry overshoots,
    /// `η a_i² = 2B`.
    pub index: f64,
    /// `c^β i*^{1−β} E|z|^q/(β − 1)`, `q = 2(β − 1)/(β − 1 − α)`: the asymptote of
    /// [`OnePass::spike_rate`] for small step sizes, per sample.
    pub spike_rate: f64,
    /// It goes as `η^rate_exponent`: `(β − 1)/(β − 1 − α)`.
    pub rate_exponent: f64,
    /// `1/p_{i*} = c^{−β} i*^β`: after so many samples coordinates that overshoot are hit again
    /// and again, and typical runs have diverged; a heuristic, right up to a factor of order one.
    pub lifetime: f64,
    /// It goes as `η^lifetime_exponent`: `−β/(β − 1 − α)`.
    pub lifetime_exponent: f64,
}

impl OnePass {
    /// The mean number of spikes a sample, `Σ p_i P(η a_i² z² > 2B)`, at the largest step size `η`
    /// of the schedule: equation (107) of [`derivations`](crate::derivations), with the coordinates
    /// that are always active.
    ///
    /// A spike is an entry so large that its step overshoots: it makes the error of its coordinate
    /// larger, not smaller. Relative accuracy 1e-7, and 1e-3 of what always active coordinates
    /// beyond the 4096th add. Cost: some ms.
    ///
    /// ```
    /// use asymscale_model::{Amplitude, Schedule, SparseModel, power_sum};
    /// use asymscale_theory::OnePass;
    /// let model = SparseModel::power_law(1.0, 3.0, 1.0)?.with_amplitude(Amplitude::Rademacher);
    /// let run = OnePass::new(&model, Schedule::new(0.04, 1000)?);
    /// // a_i² = i: all coordinates beyond 2/η = 50.
    /// assert!((run.spike_rate() / power_sum(3.0, 51.0, f64::INFINITY) - 1.0).abs() < 1e-12);
    /// # Ok::<(), asymscale_model::ModelError>(())
    /// ```
    pub fn spike_rate(&self) -> f64 {
        let (model, level) = (&self.model, 2.0 * self.descent.batch / self.descent.rate);
        let last = model.coordinates().as_f64();
        let listed = (model.listed() as f64).min(last);
        let one = |i: f64| match model.activity(i) {
            0.0 => 0.0,
            p => exceedance(model.amplitude(), 1.0, p, level / model.scale_squared(i)),
        };
        let always = model.rare_law().map_or(last, |law| law.first - 1.0);
        let of_listed: f64 = (1..=listed as u64).map(|i| one(i as f64)).sum();
        let rare = ExceedanceSum::of_entries(model, level).sum();
        of_listed + falling_sum(listed + 1.0, always, one) + rare
    }

    /// The probability of at least one spike among so many samples, `1 − e^{−samples · rate}`:
    /// they are Poisson as far as one is rare in a sample, up to a relative error of the rate.
    ///
    /// # Errors
    /// [`TheoryError::Samples`] unless `samples` is a number in `1..=1e30`.
    ///
    /// ```
    /// use asymscale_model::{Schedule, SparseModel};
    /// use asymscale_theory::OnePass;
    /// let run = OnePass::new(&SparseModel::power_law(1.0, 3.0, 1.0)?, Schedule::new(0.01, 1000)?);
    /// assert!((run.spike_probability(1.0)? / run.spike_rate() - 1.0).abs() < 1e-3);
    /// assert!(run.spike_probability(1e9)? > 0.99);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn spike_probability(&self, samples: f64) -> Result<f64, TheoryError> {
        if !(1.0..=1e30).contains(&samples) {
            return Err(TheoryError::Samples(samples));
        }
        Ok(-(-samples * self.spike_rate()).exp_m1())
    }

    /// What the rare coordinates do at the largest step size of the schedule, for `β > 1 + α`:
    /// equations (107) and (108) of [`derivations`](crate::derivations).
    ///
    /// # Errors
    /// [`TheoryError::RareNotLarge`] for other models, and for finitely many coordinates.
    ///
    /// ```
    /// use asymscale_model::{Schedule, SparseModel};
    /// use asymscale_theory::OnePass;
    /// let model = SparseModel::power_law(0.5, 2.5, 1.0)?;
    /// let run = |rate| Schedule::new(rate, 1).map(|schedule| OnePass::new(&model, schedule));
    /// let rare = run(0.1)?.rare_steps()?;
    /// // a_i² = i: the first coordinate that overshoots is 2/η = 20, first seen after 20^2.5.
    /// assert!((rare.index / 20.0 - 1.0).abs() < 1e-12);
    /// assert!((rare.lifetime / 20f64.powf(2.5) - 1.0).abs() < 1e-12);
    /// // Half the step size lives 2^(β/(β−1−α)) times as long.
    /// let longer = run(0.05)?.rare_steps()?.lifetime / rare.lifetime;
    /// assert!((longer / 2f64.powf(2.5) - 1.0).abs() < 1e-12);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn rare_steps(&self) -> Result<RareSteps, TheoryError> {
        let law = rare_and_large(&self.model)?;
        let (beta, needed) = (law.beta(), law.variance.exponent);
        if !self.model.coordinates().is_infinite() {
            return Err(TheoryError::RareNotLarge { beta, needed });
        }
        let drift = beta - needed;
        let front = law.activity.log_front - law.variance.log_front;
        let log_level = (2.0 * self.descent.batch / self.descent.rate).ln();
        let log_index = (log_level + front) / drift;
        let moment = log_moment(self.model.amplitude(), 2.0 * (beta - 1.0) / drift);
        let log_rate =
            law.activity.log_front - (beta - 1.0) * log_index + moment - (beta - 1.0).ln();
        Ok(RareSteps {
            index: log_index.exp(),
            spike_rate: log_rate.exp(),
            rate_exponent: (beta - 1.0) / drift,
            lifetime: (beta * log_index - law.activity.log_front).exp(),
            lifetime_exponent: -beta / drift,
        })
    }
}

/// The step size `η` whose lifetime is a pass of `samples = T` samples in batches of `batch = B`:
/// `η = 2B c^β (c^β T)^{−(β−1−α)/β}`, equation (109) of [`derivations`](crate::derivations). The
/// coordinates that are seen are then those that are learned, and the loss of typical runs goes as
/// `T^{−α/β}`. A heuristic: twice of it may live as well, or not.
///
/// For `β > 1 + α`; elsewhere the step size need not fall with `T`, and
/// [`largest_stable_rate`](crate::largest_stable_rate) is the limit. It is never above that of the
/// first coordinate, `2/λ_1`.
///
/// # Errors
/// [`TheoryError::Batch`], [`TheoryError::Samples`] outside `1..=1e30`,
/// [`TheoryError::RareNotLarge`] unless activities are a power law with `β > 1 + α`.
///
/// ```
/// use asymscale_model::{Schedule, SparseModel};
/// use asymscale_theory::{OnePass, horizon_rate};
/// let model = SparseModel::power_law(1.0, 3.0, 1.0)?;
/// let rate = horizon_rate(&model, 1, 1e6)?;
/// assert!((rate - 0.02).abs() < 1e-12); // 2 T^(−1/3)
/// let rare = OnePass::new(&model, Schedule::new(rate, 1_000_000)?).rare_steps()?;
/// assert!((rare.lifetime / 1e6 - 1.0).abs() < 1e-9);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn horizon_rate(model: &SparseModel, batch: u64, samples: f64) -> Result<f64, TheoryError> {
    let batch = check_batch(batch)?;
    if !(1.0..=1e30).contains(&samples) {
        return Err(TheoryError::Samples(samples));
    }
    let law = rare_and_large(model)?;
    let drift = law.beta() - law.variance.exponent;
    let front = law.activity.log_front - law.variance.log_front;
    let log_index = (samples.ln() + law.activity.log_front) / law.beta();
    let rate = 2.0 * batch * (front - drift * log_index).exp();
    Ok(rate.min(2.0 / model.largest_eigenvalue()))
}

/// `Σ f(i)` over `first ..= last` of a function that falls: one by one as far as [`SINGLE`], then
/// by blocks that grow with `i`, until nothing more counts.
fn falling_sum(first: f64, last: f64, f: impl Fn(f64) -> f64) -> f64 {
    let (mut from, mut sum) = (first, 0.0);
    while from <= last {
        let length = if from < SINGLE { 1.0 } else { (BLOCK * from).min(last - from + 1.0) };
        let add = length * f(from + 0.5 * (length - 1.0));
        sum += add;
        if add <= NEGLIGIBLE * sum {
            break;
        }
        from += length;
    }
    sum
}
