//! Training runs over replicated designs.

use crate::memory::{self, Flag, Sizes};
use crate::summary::right_skewness;
use crate::{Estimate, MonteCarloError, UnseenLaw, median_interval, replicates_at_most};
use asymscale_dynamics::{FeatureMap, Learner, Order, Training, train};
use asymscale_model::{ModelSize, SparseModel};
use asymscale_numerics::{mean, quantile, sorted};
use asymscale_sampling::{Design, Key, TeacherLaw, Teachers};
use serde::Serialize;

/// What to train, and how often: every field is a choice of the caller, none is hidden.
#[derive(Debug, Clone, PartialEq)]
pub struct TrainingSettings {
    /// Number of samples `D ≥ 1`: of the stream where samples are fresh, as many as the steps take;
    /// otherwise those that are used again and again.
    pub samples: usize,
    /// Rule, step sizes, batch, order, noise and average.
    pub training: Training,
    /// Model size `N`; infinite for a learner in the coordinates.
    pub features: ModelSize,
    /// Teachers per design, at least 1; their losses are averaged before anything else. One, if
    /// single runs are to be seen.
    pub teachers: usize,
    /// Number of independent runs, at least 1.
    pub repeats: usize,
    /// Seed of all streams.
    pub seed: u64,
    /// Number of the first run: `0..8` and `8..16` together are `0..16`.
    pub first: u64,
}

/// One run, at each of the steps asked for.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct TrainingReplicate {
    /// Loss, averaged over teachers; `+∞` from where the run of one of them has diverged.
    pub losses: Vec<f64>,
    /// `Σ λ_i` over coordinates that no sample used so far has shown.
    pub unseen_mass: Vec<f64>,
    /// Different samples used so far.
    pub samples_seen: Vec<u64>,
    /// Spikes so far, as in [`Trained`](asymscale_dynamics::Trained).
    pub spikes: Vec<u64>,
}

/// Runs on replicated designs.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct TrainingSimulation {
    /// The steps asked for.
    pub steps: Vec<u64>,
    /// One entry for each run, in replicate order.
    pub replicates: Vec<TrainingReplicate>,
    /// Least variance of the loss over designs at each step, from the law of the unseen mass, and
    /// its skewness; none for a single run, and before any sample.
    unseen: Vec<Option<UnseenLaw>>,
}

/// The loss over runs at one step.
///
/// Single steps may be so large that the loss of a run has no mean: plain ones where rare
/// coordinates are large (`β > 1 + α`), and those of Gauss and Newton without damping on Gaussian
/// amplitudes. The mean of the runs at hand is then that of no law; median and quartiles always
/// are.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct TrainingSummary {
    /// Steps done.
    pub step: u64,
    /// Mean over runs, `+∞` if one has diverged.
    pub mean: f64,
    /// Its standard error, from the spread of the losses, and at least from that of the unseen mass
    /// ([`UnseenLaw`]); infinite for a single run, and beside an infinite mean.
    pub standard_error: f64,
    /// 95 % interval of the mean ([`Estimate::skewed_interval`]).
    pub interval: (f64, f64),
    /// Median over runs.
    pub median: f64,
    /// Distribution-free 95 % interval of the median.
    pub median_interval: (f64, f64),
    /// Quartiles over runs.
    pub quartiles: (f64, f64),
    /// How many runs have diverged.
    pub diverged: usize,
    /// Mean of the unseen mass.
    pub unseen_mass: f64,
    /// Mean number of different samples used.
    pub samples_seen: f64,
    /// Mean number of spikes.
    pub spikes: f64,
    /// Number of runs.
    pub repeats: usize,
}

/// Trains on `repeats` independent designs, and gives the losses after each of `steps` steps, which
/// may be in any order.
///
/// Each run has its own design, teachers, features, noise and order of samples, from streams that
/// its number names. Cost: those of drawing a design and of [`train`]. Runs on the current rayon
/// pool; the result does not depend on its size.
///
/// # Errors
/// [`MonteCarloError`] naming the setting and its allowed range, before any design is drawn; or the
/// error of the first run that failed.
///
/// ```
/// use asymscale_dynamics::{Rule, Training};
/// use asymscale_model::{ModelSize, Schedule, SparseModel};
/// use asymscale_montecarlo::{TrainingSettings, simulate_training};
/// let settings = TrainingSettings {
///     samples: 1000,
///     training: Training::new(Rule::Sgd, Schedule::new(0.3, 1000)?, 1)?,
///     features: ModelSize::Infinite,
///     teachers: 1,
///     repeats: 8,
///     seed: 1,
///     first: 0,
/// };
/// let model = SparseModel::power_law(1.0, 1.5, 1.0)?;
/// let summaries = simulate_training(&model, &settings, &[10, 100, 1000])?.summaries();
/// assert!(summaries[2].median < summaries[0].median && summaries[2].mean > summaries[2].unseen_mass);
/// assert_eq!((summaries[1].step, summaries[1].samples_seen, summaries[1].diverged), (100, 100.0, 0));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn simulate_training(
    model: &SparseModel,
    settings: &TrainingSettings,
    steps: &[u64],
) -> Result<TrainingSimulation, MonteCarloError> {
    check(settings, steps)?;
    let together = check_memory(model, settings, steps)?;
    let key = Key::new(settings.seed).label("training");
    let range = (settings.first, settings.repeats);
    let replicates =
        replicates_at_most(&key, range, together, |_, key| one(model, settings, steps, &key))?;
    let unseen = unseen_laws(model, steps.len(), &replicates)?;
    Ok(TrainingSimulation { steps: steps.to_vec(), replicates, unseen })
}

/// What can be refused without a draw.
fn check(settings: &TrainingSettings, steps: &[u64]) -> Result<(), MonteCarloError> {
    if settings.repeats == 0 {
        return Err(MonteCarloError::Repeats(0));
    }
    if settings.teachers == 0 {
        return Err(MonteCarloError::Teachers(0));
    }
    if settings.features == ModelSize::Finite(0) {
        return Err(MonteCarloError::Features(0));
    }
    // A request without samples is the sampler's to refuse.
    if settings.samples > 0 {
        settings.training.check(settings.samples, steps)?;
    }
    Ok(())
}

fn one(
    model: &SparseModel,
    settings: &TrainingSettings,
    steps: &[u64],
    key: &Key,
) -> Result<TrainingReplicate, MonteCarloError> {
    let design = Design::sample(model, settings.samples, &mut key.label("design").stream())?;
    let (law, own) = (TeacherLaw::Gaussian, key.label("teachers"));
    let teachers = Teachers::draw_for(model, &design, settings.teachers, law, &own);
    let map = settings.features.finite().map(|features| FeatureMap::draw(&design, features, key));
    let map = map.transpose()?;
    let learner = map.as_ref().map_or(Learner::Coordinates, Learner::Features);
    let mut rng = key.label("run").stream();
    let run = train(&design, &teachers, learner, &settings.training, steps, &mut rng)?;
    Ok(TrainingReplicate {
        losses: run.losses.teacher_means(),
        unseen_mass: run.unseen_mass,
        samples_seen: run.samples_seen,
        spikes: run.spikes,
    })
}

/// The law of the unseen mass at each step.
fn unseen_laws(
    model: &SparseModel,
    steps: usize,
    replicates: &[TrainingReplicate],
) -> Result<Vec<Option<UnseenLaw>>, MonteCarloError> {
    if replicates.len() < 2 {
        return Ok(vec![None; steps]);
    }
    let law = |k: usize| {
        let seen = mean(replicates.iter().map(|run| run.samples_seen[k] as f64));
        Ok((seen >= 1.0).then(|| UnseenLaw::new(model, seen)).transpose()?)
    };
    (0..steps).map(law).collect()
}

/// Bytes of a result for each step, and those of a parameter, at most.
const RESULT: f64 = 40.0;
const PARAMETER: f64 = 96.0;

/// How many runs may go on side by side; an error if not even one.
fn check_memory(
    model: &SparseModel,
    settings: &TrainingSettings,
    steps: &[u64],
) -> Result<usize, MonteCarloError> {
    let flag = |name, value| Flag { name, value };
    let mut flags = vec![
        flag("repeats", settings.repeats as f64),
        flag("samples", settings.samples.max(1) as f64),
        flag("teachers", settings.teachers as f64),
        flag("features", settings.features.finite().unwrap_or(1) as f64),
    ];
    flags.extend(memory::onset(model).map(|onset| flag("onset", onset)));
    let is_again = settings.training.order() != Order::Fresh;
    let last = steps.iter().copied().max().unwrap_or(0) as f64;
    let tables = 24.0 * last.min(f64::from(1 << 24));
    let parts = |values: &[f64]| {
        let model =
            values.get(4).map_or_else(|| model.clone(), |onset| memory::with_onset(model, *onset));
        let (sizes, teachers, features) = (Sizes::of(&model, values[1]), values[2], values[3]);
        let entries = if is_again { 16.0 * sizes.entries + 16.0 * sizes.samples } else { 0.0 };
        let labels = 24.0 * sizes.samples * teachers;
        let learner = match settings.features {
            ModelSize::Infinite => (PARAMETER + 24.0) * sizes.seen * teachers,
            ModelSize::Finite(_) => {
                8.0 * features * (sizes.seen + sizes.samples)
                    + (PARAMETER * features + 24.0 * sizes.seen) * teachers
            }
        };
        let results = values[0] * (200.0 + RESULT * steps.len() as f64);
        (results, sizes.design() + 16.0 * sizes.seen + entries + labels + learner + tables)
    };
    memory::fits(&flags, parts)
}

impl TrainingSimulation {
    /// One [`TrainingSummary`] for each step.
    pub fn summaries(&self) -> Vec<TrainingSummary> {
        (0..self.steps.len()).map(|k| self.summary(k)).collect()
    }

    /// The losses of all runs at the `k`-th step, ascending, for quantiles of one's own.
    ///
    /// # Panics
    /// If there is no such step.
    pub fn sorted_losses(&self, k: usize) -> Vec<f64> {
        sorted(self.replicates.iter().map(|run| run.losses[k]))
    }

    fn summary(&self, k: usize) -> TrainingSummary {
        let losses: Vec<f64> = self.replicates.iter().map(|run| run.losses[k]).collect();
        let sorted = self.sorted_losses(k);
        let of = |value: fn(&TrainingReplicate, usize) -> f64| {
            mean(self.replicates.iter().map(|run| value(run, k)))
        };
        let estimate = estimate(&losses, self.unseen[k]);
        TrainingSummary {
            step: self.steps[k],
            mean: estimate.0.mean,
            standard_error: estimate.0.standard_error,
            interval: estimate.1,
            median: quantile(&sorted, 0.5),
            median_interval: median_interval(&sorted, 0.95),
            quartiles: (quantile(&sorted, 0.25), quantile(&sorted, 0.75)),
            diverged: losses.iter().filter(|loss| loss.is_infinite()).count(),
            unseen_mass: of(|run, k| run.unseen_mass[k]),
            samples_seen: of(|run, k| run.samples_seen[k] as f64),
            spikes: of(|run, k| run.spikes[k] as f64),
            repeats: losses.len(),
        }
    }
}

/// Mean and interval; all of the line for an infinite mean.
fn estimate(losses: &[f64], unseen: Option<UnseenLaw>) -> (Estimate, (f64, f64)) {
    let plain = Estimate::of(losses);
    let everything = (f64::NEG_INFINITY, f64::INFINITY);
    if losses.contains(&f64::INFINITY) {
        let count = losses.len();
        let infinite = Estimate { mean: f64::INFINITY, standard_error: f64::INFINITY, count };
        return (infinite, everything);
    }
    // Squares of large losses are beyond floats before the losses are.
    if !(plain.standard_error.is_finite() || losses.len() < 2) {
        return (Estimate { standard_error: f64::INFINITY, ..plain }, everything);
    }
    let (variance, skewness) = unseen.map_or((0.0, 0.0), |law| (law.variance, law.skewness));
    let estimate = plain.with_least_variance(variance);
    (estimate, estimate.skewed_interval(0.95, right_skewness(losses).max(skewness)))
}
