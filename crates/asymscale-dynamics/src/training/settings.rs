//! How a learner is trained: the rule of its steps, their sizes, and which samples they see.

use crate::DynamicsError;
use asymscale_model::Schedule;

/// Largest norm, damping or `ε`, and largest variance of the noise.
const LARGEST: f64 = 1e30;

/// How the samples of a batch become a step.
///
/// In the formulas `θ` is the parameter, `B` the batch, `η` the step size of the step, `x_s` the
/// features of sample `s`, `r_s = y_s − x_s·θ` its residual, and `p = Σ_s x_s r_s/B` minus the
/// gradient of the batch's mean of `(x·θ − y)²/2`. Squares, roots and quotients of vectors are
/// taken component by component, and a component that nothing has pulled yet stays where it is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Rule {
    /// Stochastic gradient descent, `θ ← θ + η p`.
    Sgd,
    /// The same, with the step of each example clipped by its norm:
    /// `θ ← θ + (η/B) Σ_s c_s x_s r_s`, `c_s = min(1, norm/(η|x_s|²))`. A step with
    /// `η|x_s|² > 2` would overshoot its own sample, `norm ≤ 2` rules that out for `B = 1`.
    Clipped {
        /// The largest `η|x_s|²`, above 0.
        norm: f64,
    },
    /// Steps that a sample's norm does not change, `θ ← θ + (η/B) Σ_s x_s r_s/|x_s|²` (Kaczmarz'
    /// method; normalised least mean squares): for `η = B = 1` the sample is fitted.
    Normalised,
    /// Polyak's heavy ball, `θ_{t+1} = θ_t + μ(θ_t − θ_{t−1}) + η p`, `θ_{−1} = θ_0`.
    HeavyBall {
        /// `μ` in `[0, 1)`.
        momentum: f64,
    },
    /// `S ← S + p²`, `θ ← θ + η p/(√S + ε)` (Duchi, Hazan & Singer 2011).
    Adagrad {
        /// `ε ≥ 0`.
        epsilon: f64,
    },
    /// `v ← ρ v + (1 − ρ) p²`, `θ ← θ + η p/(√v + ε)` (Tieleman & Hinton 2012).
    RmsProp {
        /// `ρ` in `[0, 1)`.
        decay: f64,
        /// `ε ≥ 0`.
        epsilon: f64,
    },
    /// `m ← β₁ m + (1 − β₁) p`, `v ← β₂ v + (1 − β₂) p²`, and at step `t = 0, 1, …`
    /// `θ ← θ + η m̂/(√v̂ + ε)` with `m̂ = m/(1 − β₁^{t+1})`, `v̂ = v/(1 − β₂^{t+1})` (Kingma & Ba
    /// 2015).
    Adam {
        /// `β₁` in `[0, 1)`.
        first: f64,
        /// `β₂` in `[0, 1)`.
        second: f64,
        /// `ε > 0`.
        epsilon: f64,
    },
    /// `θ ← θ + η sign p`, where `sign 0 = 0`.
    Sign,
    /// A diagonal Gauss–Newton step that fits the sample if `η = B = 1`:
    /// `θ ← θ + (η/B) Σ_s (x_s/h) r_s/(x_s·(x_s/h))`, `h_i = S_i + damping · q`. `S_i` is the sum
    /// of `x_i²` over all samples up to and with this batch, and `q` the mean of all those squares
    /// that are not 0; nothing is taken from the model.
    ///
    /// The residual of a sample goes to the parameters that are known least. Damping is the same
    /// for all of them, as in the method of Levenberg and Marquardt: with one of its own for each,
    /// from the mean of its own squares, a first sample that happens to be small would pull by
    /// `1/x_i`, and the mean loss would be infinite for Gaussian amplitudes.
    GaussNewton {
        /// How many typical samples every parameter counts for in advance, at least 0.
        damping: f64,
    },
}

/// Which samples the batches are made of: consecutive parts, `B` long, of a sequence of samples, so
/// that `t` steps see `tB` of it. Where a pass ends within a batch, the batch goes on with the next
/// pass; none is dropped or short.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Order {
    /// The samples of the design, each once: the design is a stream of fresh samples, of which as
    /// many must be there as are used.
    #[default]
    Fresh,
    /// Every sample of the sequence drawn from all of them, independently.
    WithReplacement,
    /// All samples, in a new random order in each pass.
    Reshuffled,
    /// All samples, in the order of the design in each pass.
    Cyclic,
}

/// Which parameters the loss is that of.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub enum Average {
    /// The last ones, `θ_t`.
    #[default]
    Last,
    /// The mean of those after the first share of the run (Polyak & Juditsky 1992): with
    /// `t_0 = ⌊from_share · T⌋`, `T` the length of the schedule, `Σ_{t_0 < s ≤ t} θ_s/(t − t_0)`;
    /// until `t_0` the last ones.
    Polyak {
        /// In `[0, 1)`.
        from_share: f64,
    },
}

/// A way to train, with everything about it that can be checked without a design.
///
/// ```
/// use asymscale_dynamics::{Average, Order, Rule, Training};
/// use asymscale_model::Schedule;
/// let training = Training::new(Rule::Adagrad { epsilon: 0.0 }, Schedule::new(0.5, 1000)?, 4)?
///     .with_order(Order::Reshuffled)
///     .with_noise(0.1)?
///     .with_average(Average::Polyak { from_share: 0.5 })?;
/// assert_eq!((training.batch(), training.order()), (4, Order::Reshuffled));
/// let wrong = Training::new(Rule::HeavyBall { momentum: 1.0 }, Schedule::new(0.5, 1000)?, 4);
/// assert_eq!(wrong.unwrap_err().to_string(), "momentum = 1: must be a number in [0, 1)");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Training {
    rule: Rule,
    schedule: Schedule,
    batch: usize,
    order: Order,
    noise: f64,
    average: Average,
}

impl Training {
    /// Batches of `batch ≥ 1` fresh samples without label noise; the loss of the last parameters.
    ///
    /// # Errors
    /// [`DynamicsError::Setting`] for a parameter of the rule outside its range, or a batch of
    /// none.
    pub fn new(rule: Rule, schedule: Schedule, batch: usize) -> Result<Self, DynamicsError> {
        rule.check()?;
        if batch == 0 {
            return Err(setting("batch", 0.0, "must be a whole number >= 1"));
        }
        let (order, average) = (Order::default(), Average::default());
        Ok(Self { rule, schedule, batch, order, noise: 0.0, average })
    }

    /// The same with samples in another order.
    #[must_use]
    pub fn with_order(self, order: Order) -> Self {
        Self { order, ..self }
    }

    /// The same with noise of variance `noise = σ²` in `0..=1e30` in the labels. It belongs to the
    /// sample: whenever that is used, its label is the same.
    ///
    /// # Errors
    /// [`DynamicsError::Setting`] outside this range.
    pub fn with_noise(self, noise: f64) -> Result<Self, DynamicsError> {
        if (0.0..=LARGEST).contains(&noise) {
            Ok(Self { noise, ..self })
        } else {
            Err(setting("noise", noise, "must be a number in 0..1e30"))
        }
    }

    /// The same with the loss of an average of the parameters.
    ///
    /// # Errors
    /// [`DynamicsError::Setting`] for a share outside `[0, 1)`.
    pub fn with_average(self, average: Average) -> Result<Self, DynamicsError> {
        average.check()?;
        Ok(Self { average, ..self })
    }

    /// The rule of its steps.
    pub fn rule(&self) -> Rule {
        self.rule
    }

    /// Their sizes.
    pub fn schedule(&self) -> Schedule {
        self.schedule
    }

    /// Samples a step, `B`.
    pub fn batch(&self) -> usize {
        self.batch
    }

    /// Which samples these are.
    pub fn order(&self) -> Order {
        self.order
    }

    /// The variance `σ²` of the label noise.
    pub fn noise(&self) -> f64 {
        self.noise
    }

    /// Which parameters the loss is that of.
    pub fn average(&self) -> Average {
        self.average
    }

    /// The step after which parameters are averaged; beyond every run if none are.
    pub(super) fn average_start(&self) -> u64 {
        match self.average {
            Average::Last => u64::MAX,
            Average::Polyak { from_share } => {
                (from_share * self.schedule.steps() as f64).floor() as u64
            }
        }
    }

    /// Whether a design of `samples` samples can be trained on until each of `steps`.
    ///
    /// # Errors
    /// Those of [`train`](crate::train).
    pub fn check(&self, samples: usize, steps: &[u64]) -> Result<(), DynamicsError> {
        if self.batch > samples {
            return Err(DynamicsError::Batch { batch: self.batch, samples });
        }
        let last = steps.iter().copied().max().unwrap_or(0);
        if last > self.schedule.steps() {
            return Err(DynamicsError::Step { step: last, steps: self.schedule.steps() });
        }
        let most = (samples / self.batch) as u64;
        if self.order == Order::Fresh && last > most {
            return Err(DynamicsError::Stream { step: last, samples, batch: self.batch, most });
        }
        Ok(())
    }
}

impl Average {
    pub(super) fn check(self) -> Result<(), DynamicsError> {
        match self {
            Self::Polyak { from_share } if !(0.0..1.0).contains(&from_share) => {
                Err(setting("from_share", from_share, "must be a number in [0, 1)"))
            }
            _ => Ok(()),
        }
    }
}

impl Rule {
    pub(super) fn check(self) -> Result<(), DynamicsError> {
        let share = |name, value: f64| {
            let inside = (0.0..1.0).contains(&value);
            check(inside, name, value, "must be a number in [0, 1)")
        };
        let positive = |name, value: f64| {
            let inside = value > 0.0 && value <= LARGEST;
            check(inside, name, value, "must be a number above 0 and up to 1e30")
        };
        let not_negative = |name, value: f64| {
            check((0.0..=LARGEST).contains(&value), name, value, "must be a number in 0..1e30")
        };
        match self {
            Self::Sgd | Self::Normalised | Self::Sign => Ok(()),
            Self::Clipped { norm } => positive("norm", norm),
            Self::HeavyBall { momentum } => share("momentum", momentum),
            Self::Adagrad { epsilon } => not_negative("epsilon", epsilon),
            Self::RmsProp { decay, epsilon } => {
                share("decay", decay).and_then(|()| not_negative("epsilon", epsilon))
            }
            Self::Adam { first, second, epsilon } => {
                share("first", first)?;
                share("second", second)?;
                positive("epsilon", epsilon)
            }
            Self::GaussNewton { damping } => not_negative("damping", damping),
        }
    }
}

fn check(
    inside: bool,
    name: &'static str,
    value: f64,
    allowed: &'static str,
) -> Result<(), DynamicsError> {
    if inside { Ok(()) } else { Err(setting(name, value, allowed)) }
}

fn setting(name: &'static str, value: f64, allowed: &'static str) -> DynamicsError {
    DynamicsError::Setting { name, value, allowed }
}

/// A word that is none of those of a setting.
pub(super) fn setting_word(name: &'static str, word: &str, allowed: &'static str) -> DynamicsError {
    DynamicsError::Word { name, word: word.to_owned(), allowed }
}
