//! Training runs: any rule of steps, on fresh samples or on the same ones again and again.

mod examples;
mod ledger;
mod powers;
mod rows;
mod rules;
mod run;
mod settings;
mod step_sizes;
mod visits;
mod words;

use crate::{DynamicsError, Learner};
use asymscale_sampling::{Design, Teachers};
use asymscale_solvers::Curve;
use powers::Powers;
use rand::Rng;
use rules::{Adagrad, Adam, HeavyBall, Plain, RmsProp, Sign};
use run::Run;
use step_sizes::AdamSizes;

pub use settings::{Average, Order, Rule, Training};

/// What a training run has come to at each of the steps asked for, in their order.
#[derive(Debug, Clone, PartialEq)]
pub struct Trained {
    /// Population losses: a row for each step, a number for each teacher.
    pub losses: Curve,
    /// `Σ λ_i` over the coordinates that no sample used so far has shown.
    pub unseen_mass: Vec<f64>,
    /// How many different samples have been used so far.
    pub samples_seen: Vec<u64>,
    /// How many entries `x_i` of the samples used so far had `η_t x_i² > 2B` at the step `t` that
    /// used them: a plain step of such a batch overshoots the coordinate, and its error grows.
    /// Coordinates that are always active are counted too.
    pub spikes: Vec<u64>,
}

/// Trains a learner of each teacher from `θ_0 = 0`, and records its population loss after each of
/// `steps` steps.
///
/// All teachers see the same samples in the same order; what a rule remembers, and the noise of the
/// labels, is each teacher's own. Labels are `y = x·w`, with noise of the variance
/// [`Training::noise`] that belongs to the sample; the loss is against the noiseless teacher,
/// `Σ λ_i (w_i − ŵ_i)²`, exact, and unseen coordinates enter in expectation, as in
/// [`crate::descend`]. A stream of fresh samples ([`Order::Fresh`]) is a design that is read once,
/// in its order; coordinates that show up late are part of the loss from the start.
///
/// Parameters whose features are 0 in a batch have a gradient of 0, and move on, under momentum and
/// Adam, as they do where every parameter is visited in every step. In the coordinates that is made
/// up for when they are next active or recorded: in closed form, and for Adam step by step until
/// all that is to come is below 1e-17 of the parameter. At which steps a run is recorded makes no
/// difference to it, to the last bit.
///
/// `steps` may be in any order. A run that diverges, so that losses or the square of a residual
/// overflow, has losses of `+∞` from there on, never NaN.
///
/// Cost: in the coordinates, the entries of the batch in each step and `min(seen, 64 · changed)`
/// for each recorded one, times teachers; for Adam also up to `40/(1 − β₁)` steps of a parameter
/// after it was active. With `N` features, `B N` a step and `seen · N` a recorded one. Memory: 32
/// to 64 bytes for each parameter of each teacher; a block of a stream's samples, 16 bytes an entry
/// of all samples for other orders.
///
/// # Errors
/// Before any step: [`DynamicsError::Batch`] for a batch of more than all samples,
/// [`DynamicsError::Step`] for a step beyond the schedule, [`DynamicsError::Stream`] for one that
/// needs more fresh samples than there are.
///
/// # Panics
/// If `teachers` were drawn for a design with fewer seen coordinates.
///
/// ```
/// use asymscale_dynamics::{Learner, Order, Rule, Training, train};
/// use asymscale_model::{Schedule, SparseModel};
/// use asymscale_sampling::{Design, Key, TeacherLaw, Teachers};
/// let model = SparseModel::power_law(1.0, 1.5, 1.0)?;
/// let key = Key::new(1);
/// let design = Design::sample(&model, 1000, &mut key.label("design").stream())?;
/// let teachers = Teachers::draw(&design, 4, TeacherLaw::Gaussian, &key.label("teachers"));
/// let run = |rule, rate| {
///     let training = Training::new(rule, Schedule::new(rate, 1000)?, 1)?.with_order(Order::Fresh);
///     let mut rng = key.label("training").stream();
///     let all = Learner::Coordinates;
///     Ok::<_, Box<dyn std::error::Error>>(train(&design, &teachers, all, &training, &[0, 1000], &mut rng)?)
/// };
/// let plain = run(Rule::Sgd, 0.3)?;
/// let adaptive = run(Rule::Adagrad { epsilon: 0.0 }, 0.5)?;
/// // One pass of plain steps does not get to what the samples could tell; adaptive steps do better.
/// assert!(adaptive.losses.teacher_means()[1] < plain.losses.teacher_means()[1]);
/// assert!(adaptive.losses.teacher_means()[1] > plain.unseen_mass[1]);
/// assert_eq!(plain.samples_seen, [0, 1000]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn train<R: Rng + ?Sized>(
    design: &Design,
    teachers: &Teachers,
    learner: Learner<'_>,
    training: &Training,
    steps: &[u64],
    rng: &mut R,
) -> Result<Trained, DynamicsError> {
    training.check(design.samples(), steps)?;
    let last = steps.iter().copied().max().unwrap_or(0);
    macro_rules! run {
        ($optimiser:expr) => {
            Run::new(design, teachers, learner, training, last, $optimiser, rng).record(steps, rng)
        };
    }
    Ok(match training.rule() {
        Rule::Sgd | Rule::Clipped { .. } | Rule::Normalised | Rule::GaussNewton { .. } => {
            run!(Plain)
        }
        Rule::HeavyBall { momentum } => {
            run!(HeavyBall { momentum, powers: Powers::of(momentum) })
        }
        Rule::Adagrad { epsilon } => run!(Adagrad { epsilon }),
        Rule::RmsProp { decay, epsilon } => {
            run!(RmsProp { decay, epsilon, powers: Powers::of(decay) })
        }
        Rule::Adam { first, second, epsilon } => run!(Adam {
            first,
            second,
            epsilon,
            powers: Powers::of(second),
            sizes: AdamSizes::new(training.schedule(), (first, second), last),
        }),
        Rule::Sign => run!(Sign),
    })
}
