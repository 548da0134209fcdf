//! `asymscale descent`: the population loss along gradient descent, from theory and over simulated
//! designs.

use super::Failure;
use super::model_flags::ModelFlags;
use super::numbers::{self, ModelSizes, Sizes};
use super::output::{Format, Number, Size, finite, write};
use asymscale::dynamics::{ClosedForm, FeatureMap, Learner, step_loss};
use asymscale::model::ModelSize;
use asymscale::montecarlo::{Estimate, descent_fits, replicates_at_most};
use asymscale::sampling::{Design, Key, TeacherLaw, Teachers};
use asymscale::solvers::DesignSpectrum;
use asymscale::theory::SampleTheory;
use asymscale_numerics::mean;
use clap::Args;
use serde::Serialize;

/// Steps beyond this are no whole numbers of floats.
const MOST_STEPS: f64 = 9.0e15;
/// Longest time of flow that theory takes.
const LONGEST: f64 = 1e18;
/// Teachers per design; averaged over exactly where features are infinitely many.
const TEACHERS: usize = 8;

#[derive(Debug, Args)]
pub(crate) struct DescentFlags {
    #[command(flatten)]
    model: ModelFlags,
    /// Number of training samples D
    #[arg(long, value_parser = numbers::count, allow_hyphen_values = true)]
    samples: usize,
    /// Step size η > 0 of full-batch descent from zero on |Φθ − y|²/(2D)
    #[arg(long, value_parser = numbers::positive, allow_hyphen_values = true)]
    rate: f64,
    /// Number of steps t: a number, a list (answered in its order, repetitions too) or a range
    /// (rounded, each number once)
    #[arg(long, allow_hyphen_values = true)]
    steps: Sizes,
    /// Model size N: a whole number, or inf
    #[arg(long, default_value = "inf", allow_hyphen_values = true)]
    features: ModelSizes,
    /// Number of independent designs
    #[arg(long, value_parser = numbers::count, allow_hyphen_values = true, default_value = "16")]
    repeats: usize,
    /// Seed of all random streams
    #[arg(long, value_parser = numbers::seed, allow_hyphen_values = true, default_value = "1")]
    seed: u64,
    #[command(flatten)]
    format: Format,
}

pub(crate) fn run(flags: &DescentFlags) -> Result<String, Failure> {
    let model = flags.model.model()?;
    let features = single(&flags.features)?;
    let steps = &flags.steps.values;
    if let Some(step) = steps.iter().find(|t| **t > MOST_STEPS) {
        return Err(Failure::input(format!("--steps {step}: must be whole numbers in 1..9e15")));
    }
    let longest = steps.iter().fold(0.0, |longest: f64, t| longest.max(flags.rate * t));
    if longest > LONGEST {
        let rate = flags.rate;
        let message = format!(
            "--rate {rate:e}: times the number of steps must be at most 1e18, is {longest:e}"
        );
        return Err(Failure::input(message));
    }
    let together = descent_fits(&model, flags.samples, features, flags.repeats, steps.len())?;
    let theory = SampleTheory::new(&model, flags.samples as f64)?;
    let times: Vec<f64> = steps.iter().map(|t| flags.rate * t).collect();
    let flow = theory.flow_with_features(features.as_f64(), &times)?;
    let key = Key::new(flags.seed).label("descent");
    let curves = replicates_at_most(&key, (0, flags.repeats), together, |_, key| {
        let design = Design::sample(&model, flags.samples, &mut key.label("design").stream())?;
        losses(&design, features, flags.rate, steps, &key)
    })?;
    let at = |(k, step): (usize, &f64)| {
        let drawn: Vec<f64> = curves.iter().map(|losses| losses[k]).collect();
        point(flags, (features, *step), flow[k], Estimate::of(&drawn))
    };
    let points: Vec<Point> = steps.iter().enumerate().map(at).collect();
    Ok(write(&points, true, flags.format))
}

fn single(features: &ModelSizes) -> Result<ModelSize, Failure> {
    match features.values[..] {
        [n] if n.finite().is_none_or(|n| n <= 100_000) => Ok(n),
        [n, ..] => Err(Failure::input(format!(
            "--features {n}: must be one whole number in 1..1e5, or inf"
        ))),
        [] => {
            Err(Failure::input("--features: must be one whole number in 1..1e5, or inf".to_owned()))
        }
    }
}

/// The losses on one design: averaged over all teachers for `N = ∞`, else over some, for drawn
/// features.
fn losses(
    design: &Design,
    features: ModelSize,
    rate: f64,
    steps: &[f64],
    key: &Key,
) -> Result<Vec<f64>, Failure> {
    let Some(features) = features.finite() else {
        let spectrum = DesignSpectrum::new(design)?;
        return Ok(steps
            .iter()
            .map(|t| step_loss(&spectrum, rate, *t as u64))
            .collect::<Result<_, _>>()?);
    };
    let teachers = Teachers::draw(design, TEACHERS, TeacherLaw::Gaussian, &key.label("teachers"));
    let map = FeatureMap::draw(design, features, key)?;
    let closed = ClosedForm::new(design, &teachers, Learner::Features(&map))?;
    let of_teachers = |t: &f64| closed.losses(rate, *t as u64).map(|losses| mean(&losses));
    Ok(steps.iter().map(of_teachers).collect::<Result<_, _>>()?)
}

/// The loss after one number of steps.
#[derive(Debug, Serialize)]
struct Point {
    /// Number of steps t.
    step: Size,
    /// Step size η.
    rate: Number,
    /// Time of gradient flow, ηt.
    time: Number,
    /// Model size N; "inf" of infinitely many features.
    features: Size,
    /// Training samples D.
    samples: Size,
    /// Population loss of the flow by theory, from which steps differ by O(1/t).
    loss: Number,
    /// Mean over simulated designs of the loss of the steps; "inf" where they diverge.
    simulated: Number,
    /// Its standard error; null of a single design.
    standard_error: Option<Number>,
    /// Number of designs.
    repeats: usize,
}

fn point(
    flags: &DescentFlags,
    (features, step): (ModelSize, f64),
    loss: f64,
    simulated: Estimate,
) -> Point {
    Point {
        step: Size(step),
        rate: Number(flags.rate),
        time: Number(flags.rate * step),
        features: features.into(),
        samples: Size(flags.samples as f64),
        loss: Number(loss),
        simulated: Number(simulated.mean),
        standard_error: finite(simulated.standard_error),
        repeats: flags.repeats,
    }
}
