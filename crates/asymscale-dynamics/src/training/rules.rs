//! What each rule does to a parameter in a step, and what it has done to it when many steps without
//! a gradient have gone by.
//!
//! A parameter is kept as `e`, by which it falls short: `e = w − θ` of a coordinate, `e = −θ` of a
//! feature. `p` is the mean over the batch of `x r`, minus the gradient, so that plain descent is
//! `e ← e − η p`.

use super::powers::Powers;
use super::step_sizes::AdamSizes;

/// What is still to come may be left out where it is below this share of a parameter.
const NEGLIGIBLE: f64 = 1e-17;
/// Whether it is is asked at steps whose number is a multiple of this: the same steps for every
/// parameter, wherever it is looked at in between.
const ASKED: u64 = 8;

/// A parameter of one teacher's learner.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Parameter<M> {
    /// By how much it falls short after `at` steps.
    pub(super) error: f64,
    /// The sum of its errors after each step of the average, up to step `at`.
    pub(super) sum: f64,
    /// How many steps have been done to it.
    pub(super) at: u64,
    /// What else the rule keeps of it.
    pub(super) memory: M,
}

impl<M> Parameter<M> {
    /// Stays where it is until `to` steps are done; steps after number `start` are averaged.
    #[inline]
    fn stay(&mut self, to: u64, start: u64) {
        if to > start {
            self.sum += (to - self.at.max(start)) as f64 * self.error;
        }
        self.at = to;
    }

    /// Counts the step that has just been done to it.
    #[inline]
    pub(super) fn count(&mut self, start: u64) {
        self.at += 1;
        if self.at > start {
            self.sum += self.error;
        }
    }
}

/// A rule by which pulls become steps.
pub(super) trait Optimiser {
    /// What it keeps of a parameter.
    type Memory: Copy + Default;

    /// Whether parameters go on moving without a gradient.
    const MOVES: bool;

    /// Does step `step` of size `rate` to a parameter that is at it, but for counting it.
    fn pull(&self, parameter: &mut Parameter<Self::Memory>, pull: f64, rate: f64, step: u64);

    /// Takes those of the steps up to `to` without gradient that must be taken one by one, so that
    /// it makes no difference at which steps it stops in between.
    #[inline]
    fn walk(&self, _parameter: &mut Parameter<Self::Memory>, _to: u64, _start: u64) {}

    /// Takes all other steps up to `to` without gradient at once.
    #[inline]
    fn rest(&self, parameter: &mut Parameter<Self::Memory>, to: u64, start: u64) {
        parameter.stay(to, start);
    }
}

/// `e ← e − η p`.
pub(super) struct Plain;

impl Optimiser for Plain {
    type Memory = ();
    const MOVES: bool = false;

    #[inline]
    fn pull(&self, parameter: &mut Parameter<()>, pull: f64, rate: f64, _step: u64) {
        parameter.error -= rate * pull;
    }
}

/// `u ← μ u + η p`, `e ← e − u`.
pub(super) struct HeavyBall {
    pub(super) momentum: f64,
    pub(super) powers: Powers,
}

impl Optimiser for HeavyBall {
    type Memory = f64;
    const MOVES: bool = true;

    #[inline]
    fn pull(&self, parameter: &mut Parameter<f64>, pull: f64, rate: f64, _step: u64) {
        parameter.memory = self.momentum * parameter.memory + rate * pull;
        parameter.error -= parameter.memory;
    }

    #[inline]
    fn rest(&self, parameter: &mut Parameter<f64>, to: u64, start: u64) {
        if parameter.at < start && start < to {
            self.rest(parameter, start, start);
        }
        let steps = to - parameter.at;
        if steps == 0 {
            return;
        }
        if parameter.memory == 0.0 {
            parameter.stay(to, start);
            return;
        }
        let (drift, velocity) = (self.powers.after(steps), parameter.memory);
        if to > start {
            parameter.sum += steps as f64 * parameter.error - drift.summed * velocity;
        }
        parameter.error -= drift.moved * velocity;
        parameter.memory *= drift.left;
        parameter.at = to;
    }
}

/// `s ← s + p²`, `e ← e − η p/(√s + ε)`.
pub(super) struct Adagrad {
    pub(super) epsilon: f64,
}

impl Optimiser for Adagrad {
    type Memory = f64;
    const MOVES: bool = false;

    #[inline]
    fn pull(&self, parameter: &mut Parameter<f64>, pull: f64, rate: f64, _step: u64) {
        parameter.memory += pull * pull;
        parameter.error -= rate * ratio(pull, parameter.memory.sqrt() + self.epsilon);
    }
}

/// A mean of squares that forgets, as it was after `at` steps.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Squares {
    value: f64,
    at: u64,
}

/// `v ← ρ v + (1 − ρ) p²`, `e ← e − η p/(√v + ε)`.
pub(super) struct RmsProp {
    pub(super) decay: f64,
    pub(super) powers: Powers,
    pub(super) epsilon: f64,
}

impl Optimiser for RmsProp {
    type Memory = Squares;
    const MOVES: bool = false;

    #[inline]
    fn pull(&self, parameter: &mut Parameter<Squares>, pull: f64, rate: f64, step: u64) {
        let squares = &mut parameter.memory;
        let left = self.powers.after(step + 1 - squares.at).left;
        squares.value = left * squares.value + (1.0 - self.decay) * pull * pull;
        squares.at = step + 1;
        parameter.error -= rate * ratio(pull, squares.value.sqrt() + self.epsilon);
    }
}

/// `m ← β₁ m + (1 − β₁) p`, `v ← β₂ v + (1 − β₂) p²`,
/// `e ← e − η m̂/(√v̂ + ε)` with `m̂ = m/(1 − β₁^{t+1})`, `v̂ = v/(1 − β₂^{t+1})`.
pub(super) struct Adam {
    pub(super) first: f64,
    pub(super) second: f64,
    pub(super) epsilon: f64,
    pub(super) powers: Powers,
    pub(super) sizes: AdamSizes,
}

/// `m`, 0 from where it moves nothing any more, and `√v` as it was after `at` steps.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Moments {
    mean: f64,
    root: f64,
    at: u64,
}

impl Adam {
    /// Whether all steps without a gradient that follow step `step` are too small to tell: their
    /// sizes have a bound, `√v` falls as `β₂^{k/2}` and `ε` does not.
    fn is_over(&self, moments: &Moments, step: u64, error: f64) -> bool {
        let size = self.sizes.largest_from(step) * moments.mean.abs();
        let by_epsilon = self.first / ((1.0 - self.first) * self.epsilon);
        let fall = self.second.sqrt();
        let by_squares = if self.first < fall {
            self.first / ((fall - self.first) * moments.root)
        } else {
            f64::INFINITY
        };
        let to_come = size * by_epsilon.min(by_squares);
        // Also where one of them is no number.
        to_come <= NEGLIGIBLE * error.abs() || to_come.is_nan() || error.is_nan()
    }
}

impl Optimiser for Adam {
    type Memory = Moments;
    const MOVES: bool = true;

    #[inline]
    fn pull(&self, parameter: &mut Parameter<Moments>, pull: f64, _rate: f64, step: u64) {
        let Moments { mean, root, at } = &mut parameter.memory;
        *mean = self.first * *mean + (1.0 - self.first) * pull;
        let left = self.powers.after(step + 1 - *at).left;
        *root = (left * *root * *root + (1.0 - self.second) * pull * pull).sqrt();
        *at = step + 1;
        let (size, scale) = self.sizes.at(step);
        parameter.error -= size * *mean / (*root * scale + self.epsilon);
    }

    #[inline]
    fn walk(&self, parameter: &mut Parameter<Moments>, to: u64, start: u64) {
        if parameter.memory.mean == 0.0 || parameter.at == to {
            return;
        }
        let Parameter { mut error, mut sum, at, memory: mut moments } = *parameter;
        let (mut step, fall) = (at, self.second.sqrt());
        while step < to {
            moments.mean *= self.first;
            moments.root *= fall;
            let (size, scale) = self.sizes.at(step);
            error -= size * moments.mean / (moments.root * scale + self.epsilon);
            step += 1;
            if step > start {
                sum += error;
            }
            if step.is_multiple_of(ASKED) && self.is_over(&moments, step, error) {
                moments.mean = 0.0;
                break;
            }
        }
        moments.at = step;
        *parameter = Parameter { error, sum, at: step, memory: moments };
    }
}

/// `e ← e − η sign p`.
pub(super) struct Sign;

impl Optimiser for Sign {
    type Memory = ();
    const MOVES: bool = false;

    #[inline]
    fn pull(&self, parameter: &mut Parameter<()>, pull: f64, rate: f64, _step: u64) {
        if pull != 0.0 {
            parameter.error -= rate * pull.signum();
        }
    }
}

/// A step of 0 where nothing has pulled yet.
#[inline]
fn ratio(pull: f64, size: f64) -> f64 {
    if size == 0.0 { 0.0 } else { pull / size }
}
