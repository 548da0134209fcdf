//! `asymscale descent`: the population loss along gradient descent, from theory and over simulated
//! designs.

use super::Failure;
use super::answer::{Answer, Column, answer};
use super::grid::{self, Axis, Grid, Row};
use super::lists::{self, Many};
use super::model_flags::{ModelFlags, counts_axis, rate_axis};
use super::numbers;
use super::output::{Cell, Format, Number, Size, finite, note, write};
use super::progress::Progress;
use super::running::Running;
use crate::answers::{DescentPlan, Rows};
use crate::dynamics::{ClosedForm, FeatureMap, Learner, step_loss};
use crate::model::{ModelSize, SparseModel};
use crate::montecarlo::{Estimate, descent_fits, replicates_at_most};
use crate::sampling::{Design, DesignSize, Key, TeacherLaw, Teachers};
use crate::solvers::DesignSpectrum;
use crate::theory::SampleTheory;
use asymscale_numerics::mean;
use clap::Args;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Steps beyond this are no whole numbers of floats.
const MOST_STEPS: f64 = 9.0e15;
/// Longest time of flow that theory takes.
const LONGEST: f64 = 1e18;
/// Teachers per design; averaged over exactly where features are infinitely many.
const TEACHERS: usize = 8;
/// Below so many steps a note says that the flow of theory is something else.
const FEW_STEPS: f64 = 10.0;

const EXAMPLES: &str = "\
Examples:
  asymscale descent --alpha 1 --beta 1.5 --samples 512 --rate 0.5 --steps 1..1e6:13log
  asymscale descent --alpha 1 --beta 1.5 --samples 512 --rate 0.1,0.5 --steps 1e3 --features 64,inf";

#[derive(Debug, Args)]
#[command(after_help = grid::help(EXAMPLES))]
pub(crate) struct DescentFlags {
    #[command(flatten)]
    model: ModelFlags,
    /// Number of training samples D: a number, a list or a range
    #[arg(long, value_parser = lists::counts, allow_hyphen_values = true)]
    samples: Many<usize>,
    /// Step size η > 0 of full-batch descent from zero on |Φθ − y|²/(2D): a number, a list or a
    /// range
    #[arg(long, value_parser = lists::each_positive, allow_hyphen_values = true)]
    rate: Many<f64>,
    /// Number of steps t: a number, a list (answered in its order, repetitions too) or a range
    /// (rounded, each number once)
    #[arg(long, value_parser = lists::sizes, allow_hyphen_values = true)]
    steps: Many<f64>,
    /// Model size N: a whole number in 1..1e5, a list or a range, or inf
    #[arg(long, value_parser = lists::model_sizes, default_value = "inf", allow_hyphen_values = true)]
    features: Many<ModelSize>,
    /// Number of independent designs
    #[arg(long, value_parser = numbers::count, allow_hyphen_values = true, default_value = "16")]
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

pub(crate) fn run(flags: &DescentFlags) -> Result<String, Failure> {
    let mut axes = flags.model.axes();
    axes.extend([counts_axis(&flags.samples), rate_axis(&flags.rate)]);
    axes.push(Axis::new(FEATURES, &flags.features, |size| Cell::Size(size.as_f64())));
    let data = Grid::new(axes);
    grid::bounded(&[&data], &[("steps", flags.steps.values.len())])?;
    check_steps(&flags.features.values, &flags.rate.values, &flags.steps.values)?;
    let mut curves = Vec::new();
    for (at, model) in flags.model.models(&data)? {
        let plan = DescentPlan {
            samples: *at.of("samples", &flags.samples),
            rate: *at.of("rate", &flags.rate),
            steps: flags.steps.values.clone(),
            features: *at.of(FEATURES.name, &flags.features),
            repeats: flags.repeats,
            seed: flags.seed,
        };
        curves.push((at, Curve::new(model, plan)?));
    }
    let progress = Progress::start("drawing designs");
    let mut rows = Vec::new();
    for (number, (at, curve)) in curves.iter().enumerate() {
        let done = AtomicUsize::new(0);
        let step = || {
            let done = done.fetch_add(1, Ordering::Relaxed) + 1;
            let (curve, curves) = (number + 1, curves.len());
            progress
                .stage(format!("curve {curve} of {curves}: {done} of {} designs", flags.repeats));
        };
        let points = curve.points(&step)?;
        rows.extend(points.into_iter().map(|point| Row::new(&[*at], point)));
    }
    drop(progress);
    if flags.steps.values.iter().any(|t| *t < FEW_STEPS) {
        note(FEW);
    }
    Ok(write(&rows, true, flags.format))
}

/// Said where there are few steps.
const FEW: &str = "loss is that of gradient flow, from which t discrete steps differ by O(1/t): \
                   simulated is what few steps reach";

/// The rows of one curve, for [`crate::answers`].
pub(crate) fn rows(model: &SparseModel, plan: &DescentPlan) -> Result<Rows, Failure> {
    check_steps(&[plan.features], &[plan.rate], &plan.steps)?;
    let rows = Rows::of(&Curve::new(model.clone(), plan.clone())?.points(&|| ())?);
    let few = plan.steps.iter().any(|t| *t < FEW_STEPS);
    Ok(if few { rows.with_note(FEW) } else { rows })
}

/// Refuses numbers of steps, lengths of descent and model sizes that cannot be answered.
fn check_steps(features: &[ModelSize], rates: &[f64], steps: &[f64]) -> Result<(), Failure> {
    let too_large = |size: &&ModelSize| size.finite().is_some_and(|n| n > 100_000);
    if let Some(size) = features.iter().find(too_large) {
        return Err(Failure::input(format!(
            "--features {size}: must be whole numbers in 1..1e5, or inf"
        )));
    }
    if let Some(step) = steps.iter().find(|t| **t > MOST_STEPS) {
        return Err(Failure::input(format!("--steps {step}: must be whole numbers in 1..9e15")));
    }
    for rate in rates {
        let longest = steps.iter().fold(0.0, |longest: f64, t| longest.max(rate * t));
        if longest > LONGEST {
            return Err(Failure::input(format!(
                "--rate {rate:e}: times the number of steps must be at most 1e18, is {longest:e}"
            )));
        }
    }
    Ok(())
}

/// One curve of losses along descent.
struct Curve {
    model: SparseModel,
    plan: DescentPlan,
    /// Designs for which there is memory at a time.
    together: usize,
}

impl Curve {
    /// Refuses what does not fit into memory, or cannot be drawn.
    fn new(model: SparseModel, plan: DescentPlan) -> Result<Self, Failure> {
        DesignSize::checked(&model, plan.samples)?;
        let points = plan.steps.len();
        let together = descent_fits(&model, plan.samples, plan.features, plan.repeats, points)?;
        Ok(Self { model, plan, together })
    }

    /// A point for each number of steps; `done` is told of every design.
    fn points(&self, done: &(impl Fn() + Sync)) -> Result<Vec<Point>, Failure> {
        let model = &self.model;
        let DescentPlan { samples, rate, steps, features, repeats, seed } = &self.plan;
        let theory = SampleTheory::new(model, *samples as f64)?;
        let times: Vec<f64> = steps.iter().map(|t| rate * t).collect();
        let flow = theory.flow_with_features(features.as_f64(), &times)?;
        let key = Key::new(*seed).label("descent");
        let curves = replicates_at_most(&key, (0, *repeats), self.together, |_, key| {
            let design = Design::sample(model, *samples, &mut key.label("design").stream())?;
            let found = losses(model, &design, *features, (*rate, steps), &key);
            done();
            found
        })?;
        let at = |(k, step): (usize, &f64)| {
            let drawn: Vec<f64> = curves.iter().map(|losses| losses[k]).collect();
            self.point(*step, flow[k], Estimate::of(&drawn))
        };
        Ok(steps.iter().enumerate().map(at).collect())
    }

    fn point(&self, step: f64, loss: f64, simulated: Estimate) -> Point {
        let DescentPlan { samples, rate, features, repeats, .. } = self.plan;
        Point {
            step: Size(step),
            rate: Number(rate),
            time: Number(rate * step),
            features: features.into(),
            samples: Size(samples as f64),
            loss: Number(loss),
            simulated: Number(simulated.mean),
            standard_error: finite(simulated.standard_error),
            repeats,
        }
    }
}

/// The losses on one design: averaged over all teachers for `N = ∞` and iid teachers, else over
/// some that are drawn, as finitely many features are.
fn losses(
    model: &SparseModel,
    design: &Design,
    features: ModelSize,
    (rate, steps): (f64, &[f64]),
    key: &Key,
) -> Result<Vec<f64>, Failure> {
    if features == ModelSize::Infinite && model.has_iid_teacher() {
        let spectrum = DesignSpectrum::new(design)?;
        return Ok(steps
            .iter()
            .map(|t| step_loss(&spectrum, rate, *t as u64))
            .collect::<Result<_, _>>()?);
    }
    let (law, own) = (TeacherLaw::Gaussian, key.label("teachers"));
    let teachers = Teachers::draw_for(model, design, TEACHERS, law, &own);
    let map = features.finite().map(|n| FeatureMap::draw(design, n, key)).transpose()?;
    let learner = map.as_ref().map_or(Learner::Coordinates, Learner::Features);
    let closed = ClosedForm::new(design, &teachers, learner)?;
    let of_teachers = |t: &f64| closed.losses(rate, *t as u64).map(|losses| mean(&losses));
    Ok(steps.iter().map(of_teachers).collect::<Result<_, _>>()?)
}

answer! {
    /// The loss after one number of steps.
    struct Point {
        /// Number of steps t.
        step: Size,
        /// Step size η.
        rate: Number,
        /// Time of gradient flow, ηt.
        time: Number,
        /// Model size N, or infinite.
        features: Size,
        /// Training samples D.
        samples: Size,
        /// Population loss of gradient flow at that time by theory. Discrete steps differ from it
        /// by O(1/t): below 10 steps a note on standard error says so.
        loss: Number,
        /// Mean over simulated designs of the loss of the steps; infinite where they diverge.
        simulated: Number,
        /// Its standard error; null of a single design.
        standard_error: Option<Number>,
        /// Number of designs.
        repeats: usize,
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
