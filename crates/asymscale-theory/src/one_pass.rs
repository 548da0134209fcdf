//! One-pass stochastic gradient descent on the coordinates themselves, `N = ∞`: the mean loss
//! after any number of steps, exactly; when it is stable, and how runs behave where it is not;
//! section 16 of [`derivations`](crate::derivations).

pub(crate) mod exponents;
pub(crate) mod frontier;
mod nodes;
mod recursion;
pub(crate) mod spikes;
pub(crate) mod stability;
mod transform;
mod transient;
pub(crate) mod tuning;

use crate::TheoryError;
use asymscale_model::{Decay, Regression, Schedule, SparseModel};
use nodes::{Moves, Nodes};
use recursion::Recursion;
use transform::Transform;

/// The most steps that are followed one by one.
const FOLLOWED: u64 = 100_000_000;
/// The largest momentum: oscillations must end long before [`FOLLOWED`].
const MOST_MOMENTUM: f64 = 0.9999;

/// One pass of stochastic gradient descent over fresh samples, from zero and on the coordinates
/// themselves (`N = ∞`): its mean loss, exactly.
///
/// A step sees `B` new samples, `θ_{t+1} = θ_t + μ(θ_t − θ_{t−1}) + (η_t/B) Σ_s x_s (y_s −
/// x_s·θ_t)`, with `θ_0 = θ_{−1} = 0`, batch `B = 1`, no noise and no momentum unless they are
/// set. The means are over samples, teachers and noise. Signs of coordinates are symmetric, so
/// that second moments `v_i = E e_i²` of the error `e = w − θ` close, equation (98) of
/// [`derivations`](crate::derivations): without momentum
///
/// ```text
/// v_i ← (1 − ηλ_i)² v_i + (η²/B) [λ_i (L + σ²) + (E x_i⁴ − 2λ_i²) v_i],     L = Σ λ_i v_i
/// ```
///
/// Nothing is asymptotic: sparsity enters through `E x_i⁴ = λ_i² E z⁴/p_i` alone. Inputs with one
/// active coordinate have equations of their own, in which coordinates do not feel each other.
///
/// ```
/// use asymscale_model::{Schedule, SparseModel};
/// use asymscale_theory::OnePass;
/// let model = SparseModel::power_law(1.0, 1.5, 1.0)?;
/// let run = OnePass::new(&model, Schedule::new(0.3, 1_000_000)?).with_batch(4)?;
/// let losses = run.losses(&[0, 1, 1000, 1_000_000])?;
/// assert_eq!(losses[0], model.total_variance());
/// // By hand: v_i(1) = (1 − ηλ_i)² + (η²/4)(λ_i L(0) + 3λ_i²/p_i − 2λ_i²).
/// let by_hand: f64 = (1..2_000_000)
///     .map(|i| {
///         let (i, eta) = (f64::from(i), 0.3);
///         let lambda = model.eigenvalue(i);
///         let noise = losses[0] + 3.0 * model.scale_squared(i) - 2.0 * lambda;
///         lambda * ((1.0 - eta * lambda).powi(2) + 0.25 * eta * eta * lambda * noise)
///     })
///     .sum();
/// assert!((losses[1] / by_hand - 1.0).abs() < 1e-6);
/// // A thousand times the steps are worth √1000: the exponent is α/(1 + α), whatever β.
/// assert!((losses[2] / losses[3] / 1000f64.sqrt() - 1.0).abs() < 0.05);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct OnePass {
    model: SparseModel,
    schedule: Schedule,
    descent: Descent,
}

/// The numbers of a run; its rate is the largest.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Descent {
    pub(crate) rate: f64,
    pub(crate) batch: f64,
    pub(crate) momentum: f64,
    pub(crate) noise: f64,
}

impl Descent {
    /// How far so many steps can move anything.
    fn moves(&self, steps: f64) -> Moves {
        let rate = self.rate / (1.0 - self.momentum);
        Moves { drift: 2.0 * rate * steps, growth: rate * rate * steps / self.batch }
    }
}

impl Nodes {
    /// What acts as label noise on the nodes: noise, and the target energy of active coordinates
    /// that learn nothing.
    fn noise(&self, descent: &Descent) -> f64 {
        descent.noise + if self.coupled { self.still } else { 0.0 }
    }
}

impl OnePass {
    /// Batches of one sample, no label noise, no momentum.
    pub fn new(model: &SparseModel, schedule: Schedule) -> Self {
        let descent = Descent { rate: schedule.rate(), batch: 1.0, momentum: 0.0, noise: 0.0 };
        Self { model: model.clone(), schedule, descent }
    }

    /// The same with `batch = B` samples a step, in `1..=9e15`. The gradient is their mean.
    ///
    /// # Errors
    /// [`TheoryError::Batch`] outside of that range.
    pub fn with_batch(mut self, batch: u64) -> Result<Self, TheoryError> {
        self.descent.batch = check_batch(batch)?;
        Ok(self)
    }

    /// The same with label noise of the variance `σ² = noise`, in `0..=1e30` as in [`Regression`].
    ///
    /// # Errors
    /// [`TheoryError::Noise`] outside of that range.
    pub fn with_noise(mut self, noise: f64) -> Result<Self, TheoryError> {
        self.descent.noise = check_noise(noise)?;
        Ok(self)
    }

    /// The same with the momentum `μ` in `0..=0.9999` (heavy ball): at small steps it is like a
    /// rate larger by `1/(1 − μ)`.
    ///
    /// # Errors
    /// [`TheoryError::Momentum`] outside of that range.
    pub fn with_momentum(mut self, momentum: f64) -> Result<Self, TheoryError> {
        if !(0.0..=MOST_MOMENTUM).contains(&momentum) {
            return Err(TheoryError::Momentum(momentum));
        }
        self.descent.momentum = momentum;
        Ok(self)
    }

    /// The model.
    pub fn model(&self) -> &SparseModel {
        &self.model
    }

    /// The step sizes.
    pub fn schedule(&self) -> &Schedule {
        &self.schedule
    }

    /// The mean population loss after each of `steps` steps, in any order; 0 is before training.
    /// Label noise is left out of it, as everywhere.
    ///
    /// It is `+∞` where the mean is infinite or beyond floats. For infinitely many coordinates
    /// with `β > 2(1 + α)` that is a theorem, not overflow: rare coordinates add `Σ i^{−b +
    /// t(β−2−2α)}`, so that the mean exists for `t < (b − 1)/(β − 2 − 2α)` steps only (and, where
    /// noise moves faster, for `t < 1 + (1 + 2α)/(β − 2 − 2α)`), equation (102) of
    /// [`derivations`](crate::derivations). For `1 + α < β ≤ 2(1 + α)` it is finite at any time
    /// and grows in the end: it is then the mean of rare large spikes, which typical runs do not
    /// see.
    ///
    /// **Accuracy.** 1e-8 of the loss (1e-6 for a table of more than 1000 coordinates), and 1e-13
    /// of that at the start; less where the mean has grown by many orders of magnitude.
    ///
    /// **Cost.** For steps that change, some 0.3 µs each; constant ones (also after a warm-up) are
    /// followed for some thousands of steps, and then any later number costs the same, some 0.1
    /// ms.
    ///
    /// # Errors
    /// [`TheoryError::Step`] beyond the end of the schedule, [`TheoryError::LongSchedule`] for
    /// more than 1e8 steps that have to be followed one by one.
    ///
    /// ```
    /// use asymscale_model::{Decay, Schedule, SparseModel};
    /// use asymscale_theory::OnePass;
    /// let model = SparseModel::power_law(1.0, 1.5, 1.0)?;
    /// let constant = Schedule::new(0.3, 100_000)?;
    /// let losses = |schedule| OnePass::new(&model, schedule).with_noise(0.1)?.losses(&[100_000]);
    /// // Against noise, step sizes should end small.
    /// assert!(losses(constant.with_decay(Decay::Linear)?)?[0] < 0.2 * losses(constant)?[0]);
    /// assert!(OnePass::new(&model, constant).losses(&[100_001]).is_err());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn losses(&self, steps: &[u64]) -> Result<Vec<f64>, TheoryError> {
        let end = self.schedule.steps();
        if let Some(step) = steps.iter().copied().find(|step| *step > end) {
            return Err(TheoryError::Step { step, steps: end });
        }
        let mut order: Vec<u64> = steps.iter().copied().filter(|step| *step > 0).collect();
        order.sort_unstable();
        order.dedup();
        let curve = self.curve(&order)?;
        let start = self.model.label_variance();
        let loss = |step: &u64| order.binary_search(step).map_or(start, |at| curve[at]);
        Ok(steps.iter().map(loss).collect())
    }

    /// At ascending numbers of steps above 0.
    fn curve(&self, steps: &[u64]) -> Result<Vec<f64>, TheoryError> {
        let Some(last) = steps.last().copied() else { return Ok(Vec::new()) };
        let Some(diverges) = transient::divergence(self, last) else {
            return self.followed(steps, last);
        };
        let finite = steps.iter().copied().filter(|step| (*step as f64) < diverges).max();
        let losses = transient::losses(self, finite.unwrap_or(0));
        let at = |step: &u64| losses.get(*step as usize - 1).copied().unwrap_or(f64::INFINITY);
        Ok(steps.iter().map(at).collect())
    }

    fn followed(&self, steps: &[u64], last: u64) -> Result<Vec<f64>, TheoryError> {
        let nodes = Nodes::of_run(&self.model, &self.descent, last as f64);
        let mut recursion = Recursion::new(&nodes, &self.descent);
        let mut losses = Vec::with_capacity(steps.len());
        let mut late: Option<(u64, Transform)> = None;
        let (constant, mut follow) = (self.constant_from(), last);
        let mut done = 0;
        loop {
            if Some(done) == constant && last > done {
                let left = (last - done) as f64;
                let transform = Transform::new(&nodes, &self.descent, &recursion.state, left);
                follow = follow.min((done as f64 + transform.valid_from()).min(9e15) as u64);
                late = Some((done, transform));
            }
            if follow > FOLLOWED && constant.is_none_or(|from| done >= from || from > FOLLOWED) {
                return Err(TheoryError::LongSchedule { steps: last, limit: FOLLOWED });
            }
            if steps.get(losses.len()) == Some(&done) {
                losses.push(recursion.loss);
            }
            if done >= follow || losses.len() == steps.len() {
                break;
            }
            recursion.step(self.schedule.rate_at(done));
            done += 1;
        }
        if let Some((from, transform)) = late {
            let rest = steps[losses.len()..].iter();
            losses.extend(rest.map(|step| transform.loss((step - from) as f64)));
        }
        let unlearned = nodes.still + nodes.never;
        Ok(losses.into_iter().map(|loss| loss.max(0.0) + unlearned).collect())
    }

    /// The step from which on all step sizes are alike.
    fn constant_from(&self) -> Option<u64> {
        let constant = matches!(self.schedule.decay(), Decay::Constant | Decay::Power(0.0));
        constant.then(|| self.schedule.warmup())
    }
}

fn check_batch(batch: u64) -> Result<f64, TheoryError> {
    let most = 9_000_000_000_000_000;
    if (1..=most).contains(&batch) { Ok(batch as f64) } else { Err(TheoryError::Batch(batch)) }
}

fn check_noise(noise: f64) -> Result<f64, TheoryError> {
    match Regression::new(0.0, noise) {
        Ok(regression) => Ok(regression.noise()),
        Err(_) => Err(TheoryError::Noise(noise)),
    }
}
