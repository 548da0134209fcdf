//! `asymscale train`: the population loss along stochastic training, over simulated runs and, where
//! there is one, from theory.

mod theory;

use super::Failure;
use super::answer::{Answer, Column, answer};
use super::grid::{self, Axis, Grid, Place, Row};
use super::lists::{self, Many};
use super::model_flags::{BATCH, EPOCHS, ModelFlags, RULE, counts_axis, noise_axis, rate_axis};
use super::numbers;
use super::output::{Cell, Format, Number, Size, as_given, finite, note, write};
use super::progress::Progress;
use super::running::{Running, design_bytes, largest_first};
use crate::answers::{Rows, TrainingPlan};
use crate::dynamics::{Average, Order, Rule, Training};
use crate::model::{Decay, InvalidInput, LibraryError, ModelSize, Schedule, SparseModel};
use crate::montecarlo::{TrainingSettings, TrainingSummary, simulate_training};
use crate::theory::{SampleTheory, largest_stable_rate};
use clap::Args;
use std::str::FromStr;
use theory::{Method, Told};

/// Steps told where none are asked for: so many, equally spaced in the logarithm.
const TOLD: u32 = 13;

const EXAMPLES: &str = "\
Examples:
  asymscale train --alpha 1 --beta 1.5 --samples 1e5 --rate 0.3
  asymscale train --alpha 1 --beta 1.5 --samples 1e5 --rate 0.5 --rule sgd,adagrad --repeats 10
  asymscale train --alpha 1 --beta 1.5 --samples 1000 --epochs 100 --rate 0.1 --steps 1e3..1e5:9log
  asymscale train --alpha 1 --beta 1.5 --samples 1e9 --rate 0.3 --repeats 0";

/// Training from zero on the mean over a batch of (x·θ − y)²/2. In one pass over fresh samples the
/// mean loss of SGD and of momentum is exact at infinitely many features; other runs of SGD with
/// small steps and without label noise are told by gradient flow; all others are simulated only.
#[derive(Debug, Args)]
#[command(after_help = grid::help(EXAMPLES))]
pub(crate) struct TrainFlags {
    #[command(flatten)]
    model: ModelFlags,
    /// Number of different training samples D: a number, a list or a range
    #[arg(long, value_parser = lists::counts, allow_hyphen_values = true)]
    samples: Many<usize>,
    /// Number of passes over them, or a list
    #[arg(long, value_parser = lists::counts, allow_hyphen_values = true, default_value = "1")]
    epochs: Many<usize>,
    /// Step size η > 0, the largest of its schedule: a number, a list or a range
    #[arg(long, value_parser = lists::each_positive, allow_hyphen_values = true)]
    rate: Many<f64>,
    /// Samples a step, B: a number, a list or a range
    #[arg(long, value_parser = lists::counts, allow_hyphen_values = true, default_value = "1")]
    batch: Many<usize>,
    /// Rule of the steps, or a list, each with numbers or without: sgd; clipped:NORM (the step of
    /// an example is clipped where η|x|² is larger); normalised (by |x|²); momentum:SHARE;
    /// adagrad:EPSILON; rmsprop:DECAY:EPSILON; adam:FIRST:SECOND:EPSILON; sign;
    /// gauss-newton:DAMPING (diagonal)
    #[arg(long, value_parser = lists::words::<Word<Rule>>, default_value = "sgd")]
    rule: Many<Word<Rule>>,
    /// Order of the samples: fresh (each once), reshuffled in each pass, cyclic, or
    /// with-replacement [default: fresh for one pass, else reshuffled]
    #[arg(long)]
    order: Option<Word<Order>>,
    /// How step sizes fall: constant, linear or cosine (to 0 at the end), power:EXPONENT, or
    /// cooldown:SHARE (constant, then linear to 0 over the last share)
    #[arg(long, default_value = "constant")]
    schedule: Word<Decay>,
    /// Steps over which step sizes rise to η in a straight line
    #[arg(long, value_parser = numbers::count_or_none, allow_hyphen_values = true, default_value = "0")]
    warmup: usize,
    /// Variance σ² >= 0 of the label noise (not part of the loss reported), or a list or range
    #[arg(long, value_parser = lists::non_negatives, allow_hyphen_values = true, default_value = "0")]
    noise: Many<f64>,
    /// Model size N: a whole number in 1..1e5, a list or a range, or inf
    #[arg(long, value_parser = lists::model_sizes, default_value = "inf", allow_hyphen_values = true)]
    features: Many<ModelSize>,
    /// Parameters whose loss is told: last, polyak (the mean over the second half of the run) or
    /// polyak:SHARE (over all but the first share)
    #[arg(long, default_value = "last")]
    average: Word<Average>,
    /// Updates after which to tell the loss: a list or range [default: 13 of them, equally spaced
    /// in the logarithm, with the last]
    #[arg(long, value_parser = lists::sizes, allow_hyphen_values = true)]
    steps: Option<Many<f64>>,
    /// Number of independent runs; 0 for theory alone
    #[arg(long, value_parser = numbers::count_or_none, allow_hyphen_values = true, default_value = "16")]
    repeats: usize,
    /// Seed of all random streams
    #[arg(long, value_parser = numbers::seed, allow_hyphen_values = true, default_value = "1")]
    seed: u64,
    #[command(flatten)]
    pub(crate) running: Running,
    #[command(flatten)]
    pub(crate) format: Format,
}

const FEATURES: Column = Column::new("features", "Model size N.");

/// A word of a library, whose refusal is told without the name of the parameter, which the flag
/// says.
#[derive(Debug, Clone, Copy)]
struct Word<T>(T);

impl<T: FromStr<Err: LibraryError>> FromStr for Word<T> {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        text.parse().map(Self).map_err(|error: T::Err| match error.invalid_input() {
            Some(InvalidInput::Parameter { value, allowed, .. }) => format!("{value}: {allowed}"),
            _ => error.to_string(),
        })
    }
}

/// One training run, to be repeated.
struct Run {
    model: SparseModel,
    samples: usize,
    features: ModelSize,
    training: Training,
    steps: Vec<u64>,
    repeats: usize,
    seed: u64,
}

pub(crate) fn run(flags: &TrainFlags) -> Result<String, Failure> {
    let mut axes = flags.model.axes();
    axes.push(counts_axis(&flags.samples));
    axes.push(noise_axis(&flags.noise));
    let count = |count: &usize| Cell::Size(*count as f64);
    axes.push(Axis::new(EPOCHS, &flags.epochs, count));
    axes.push(Axis::new(BATCH, &flags.batch, count));
    axes.push(Axis::new(RULE, &flags.rule, |rule| Cell::Word(rule.0.to_string())));
    axes.push(rate_axis(&flags.rate));
    axes.push(Axis::new(FEATURES, &flags.features, |size| Cell::Size(size.as_f64())));
    let data = Grid::new(axes);
    let told = flags.steps.as_ref().map_or(TOLD as usize, |steps| steps.values.len());
    grid::bounded(&[&data], &[("steps", told)])?;
    let runs: Vec<(Place, Run)> = flags
        .model
        .models(&data)?
        .into_iter()
        .map(|(at, model)| Ok((at, Run::new(model, &plan(flags, at))?)))
        .collect::<Result<_, Failure>>()?;
    for (_, run) in &runs {
        if let Some(warning) = warning(run)? {
            note(&warning);
            break;
        }
    }
    let progress = Progress::start("training");
    let size = |(_, run): &(Place, Run)| design_bytes(&run.model, run.samples as f64);
    let rows = largest_first(&runs, size, |number, (at, run)| {
        progress.stage(format!("training, run {number} of {}", runs.len()));
        Ok(run.points()?.into_iter().map(|point| Row::new(&[*at], point)).collect::<Vec<_>>())
    })?;
    drop(progress);
    Ok(write(&rows.into_iter().flatten().collect::<Vec<_>>(), true, flags.format))
}

/// The run at one place of the grid.
fn plan(flags: &TrainFlags, at: Place) -> TrainingPlan {
    TrainingPlan {
        samples: *at.of("samples", &flags.samples),
        epochs: *at.of(EPOCHS.name, &flags.epochs),
        rate: *at.of("rate", &flags.rate),
        batch: *at.of(BATCH.name, &flags.batch),
        rule: at.of(RULE.name, &flags.rule).0,
        order: flags.order.map(|order| order.0),
        schedule: flags.schedule.0,
        warmup: flags.warmup,
        noise: *at.of("noise", &flags.noise),
        features: *at.of(FEATURES.name, &flags.features),
        average: flags.average.0,
        steps: flags.steps.as_ref().map(|steps| steps.values.clone()),
        repeats: flags.repeats,
        seed: flags.seed,
    }
}

/// The updates after which a run is told, for [`crate::answers`].
pub(crate) fn told_steps(plan: &TrainingPlan) -> Result<Vec<u64>, Failure> {
    steps(plan.steps.as_deref(), updates(plan)?)
}

/// The rows of one run, for [`crate::answers`].
pub(crate) fn rows(model: &SparseModel, plan: &TrainingPlan) -> Result<Rows, Failure> {
    let run = Run::new(model.clone(), plan)?;
    let rows = Rows::of(&run.points()?);
    Ok(match warning(&run)? {
        Some(warning) => rows.with_note(warning),
        None => rows,
    })
}

/// The updates of a run.
fn updates(plan: &TrainingPlan) -> Result<u64, Failure> {
    let TrainingPlan { samples, epochs, batch, .. } = *plan;
    match (samples as u64 * epochs as u64).checked_div(batch as u64) {
        Some(all) if all > 0 => Ok(all),
        _ => Err(Failure::input(format!(
            "--batch {batch}: must be at most the {samples} samples of a pass"
        ))),
    }
}

impl Run {
    /// Refuses everything that cannot be answered.
    fn new(model: SparseModel, plan: &TrainingPlan) -> Result<Self, Failure> {
        let TrainingPlan { samples, epochs, batch, features, .. } = *plan;
        if let Some(n) = features.finite().filter(|n| *n > 100_000) {
            let message = format!("--features {n}: must be whole numbers in 1..1e5, or inf");
            return Err(Failure::input(message));
        }
        let order = order(plan.order, epochs)?;
        let all = updates(plan)?;
        let schedule = Schedule::new(plan.rate, all)?
            .with_warmup(plan.warmup as u64)?
            .with_decay(plan.schedule)?;
        let training = Training::new(plan.rule, schedule, batch)?
            .with_order(order)
            .with_noise(plan.noise)?
            .with_average(plan.average)?;
        let steps = steps(plan.steps.as_deref(), all)?;
        training.check(samples, &steps)?;
        let TrainingPlan { repeats, seed, .. } = *plan;
        Ok(Self { model, samples, features, training, steps, repeats, seed })
    }

    fn points(&self) -> Result<Vec<Point>, Failure> {
        let theory = theory::losses(self)?;
        let simulated = match self.repeats {
            0 => None,
            repeats => Some(simulate_training(
                &self.model,
                &TrainingSettings {
                    samples: self.samples,
                    training: self.training,
                    features: self.features,
                    teachers: 1,
                    repeats,
                    seed: self.seed,
                    first: 0,
                },
                &self.steps,
            )?),
        };
        let summaries = simulated.map(|simulation| simulation.summaries());
        let point = |k: usize| {
            let summary = summaries.as_ref().map(|summaries| &summaries[k]);
            self.point(k, theory[k], summary)
        };
        (0..self.steps.len()).map(point).collect()
    }

    fn point(
        &self,
        k: usize,
        theory: Told,
        summary: Option<&TrainingSummary>,
    ) -> Result<Point, Failure> {
        let used = self.samples_used(k);
        let unseen_mass = match summary {
            Some(summary) => summary.unseen_mass,
            None => SampleTheory::new(&self.model, used)?.coverage().unseen_mass,
        };
        Ok(Point {
            step: Size(self.steps[k] as f64),
            samples: Size(self.samples as f64),
            samples_seen: Size(summary.map_or(used, |summary| summary.samples_seen)),
            rate: Number(self.training.schedule().rate()),
            features: self.features.into(),
            theory: theory.map(|(loss, _)| Number(loss)),
            theory_method: theory.map(|(_, method)| Method::word(method)),
            mean: summary.map(|summary| Number(summary.mean)),
            standard_error: summary.and_then(|summary| finite(summary.standard_error)),
            median: summary.map(|summary| Number(summary.median)),
            diverged: summary.map(|summary| summary.diverged),
            repeats: summary.map_or(0, |summary| summary.repeats),
            unseen_mass: Number(unseen_mass),
        })
    }
}

/// The order of the samples: what was asked for, or what the number of passes asks for.
fn order(asked: Option<Order>, epochs: usize) -> Result<Order, Failure> {
    match (asked, epochs) {
        (Some(Order::Fresh), 2..) => Err(Failure::input(format!(
            "--epochs {epochs}: fresh samples are used once; more passes need --order reshuffled, \
             cyclic or with-replacement"
        ))),
        (Some(order), _) => Ok(order),
        (None, 1) => Ok(Order::Fresh),
        (None, _) => Ok(Order::Reshuffled),
    }
}

/// The updates to tell of, of a run of so many.
fn steps(asked: Option<&[f64]>, all: u64) -> Result<Vec<u64>, Failure> {
    let Some(asked) = asked else {
        let at = |k: u32| (all as f64).powf(f64::from(k) / f64::from(TOLD - 1)).round() as u64;
        let mut steps: Vec<u64> = (0..TOLD).map(at).map(|step| step.clamp(1, all)).collect();
        steps.dedup();
        return Ok(steps);
    };
    if let Some(step) = asked.iter().find(|step| **step > all as f64) {
        return Err(Failure::input(format!(
            "--steps {step}: must be at most {all}, the updates of the run (samples × epochs / batch)"
        )));
    }
    Ok(asked.iter().map(|step| *step as u64).collect())
}

/// What is to be said of a run whose step size does not keep the mean loss bounded.
fn warning(run: &Run) -> Result<Option<String>, Failure> {
    let one_pass = theory::one_pass(run)?.filter(|one_pass| !one_pass.is_mean_square_stable());
    if one_pass.is_none() {
        return Ok(None);
    }
    let stable = largest_stable_rate(&run.model, run.training.batch() as u64)?;
    let about = if stable > 0.0 {
        format!("without momentum it is bounded below rate = {stable:.4}")
    } else {
        "no step size bounds it, as rare coordinates are large; the median tells of single runs"
            .to_owned()
    };
    let rate = as_given(run.training.schedule().rate());
    Ok(Some(format!("rate = {rate}: if it is kept, the mean loss grows without bound; {about}")))
}

answer! {
    /// The loss after one update.
    struct Point {
        /// Updates so far.
        step: Size,
        /// Different training samples D.
        samples: Size,
        /// Different samples used so far; their expected number without runs.
        samples_seen: Size,
        /// Largest step size η of the schedule.
        rate: Number,
        /// Model size N, or infinite.
        features: Size,
        /// Mean population loss by theory; null where there is none for these runs.
        theory: Option<Number>,
        /// Which theory: one pass (exact) or gradient flow (the limit of small steps, told from 30
        /// samples and 8 features on where η (λ₁ + tr Σ/B) is at most 0.2 and the D samples are
        /// expected to have at most 0.05 entries with η x² > B/2); null where there is none.
        theory_method: Option<&'static str>,
        /// Mean loss over simulated runs; infinite where one of them is beyond floats, null without
        /// runs.
        mean: Option<Number>,
        /// Its standard error; null of a single run, of none, and where it is beyond floats.
        standard_error: Option<Number>,
        /// Median loss over runs; null without runs.
        median: Option<Number>,
        /// How many of the runs are beyond floats; null without runs.
        diverged: Option<usize>,
        /// Number of runs.
        repeats: usize,
        /// Variance of what the samples used so far do not show, in the mean over runs; its
        /// expected value without runs.
        unseen_mass: Number,
    }
}

/// The columns of the answer.
pub(crate) fn columns() -> Vec<(&'static str, Vec<Column>)> {
    vec![("", Point::columns())]
}

/// The schemas of its answers.
#[cfg(test)]
pub(crate) fn schemas(of: &mut schemars::SchemaGenerator) -> Vec<schemars::Schema> {
    super::schema::made::schemas_of!(of; Point)
}
