//! `asymscale descent`: the population loss along gradient descent, from theory and over simulated
//! designs.

use super::Failure;
use super::model_flags::ModelFlags;
use super::numbers::{self, ModelSizes, Sizes};
use super::output::{Format, model_size, number, size, write};
use super::simulate::{classify, sampling_failure};
use asymscale::dynamics::{ClosedForm, FeatureMap, Learner, step_loss};
use asymscale::model::ModelSize;
use asymscale::montecarlo::{Estimate, descent_fits, replicates_at_most};
use asymscale::sampling::{Design, Key, TeacherLaw, Teachers};
use asymscale::solvers::DesignSpectrum;
use asymscale::theory::SampleTheory;
use asymscale_numerics::mean;
use clap::Args;
use serde_json::{Map, Value};

/// Steps beyond this are no whole numbers of floats.
const MOST_STEPS: f64 = 9.0e15;
/// Longest time of flow that theory takes.
const LONGEST: f64 = 1e18;
/// Teachers per design; averaged over exactly where features are infinitely many.
const TEACHERS: usize = 8;

#[derive(Debug, Args)]
pub(crate) struct Descent {
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

pub(crate) fn answer(question: &Descent) -> Result<String, Failure> {
    let model = question.model.model()?;
    let features = single(&question.features)?;
    let steps = &question.steps.values;
    if let Some(step) = steps.iter().find(|t| **t > MOST_STEPS) {
        return Err(Failure::Input(format!("--steps {step}: must be whole numbers in 1..9e15")));
    }
    let longest = steps.iter().fold(0.0, |longest: f64, t| longest.max(question.rate * t));
    if longest > LONGEST {
        let rate = question.rate;
        let message = format!(
            "--rate {rate:e}: times the number of steps must be at most 1e18, is {longest:e}"
        );
        return Err(Failure::Input(message));
    }
    let together = descent_fits(&model, question.samples, features, question.repeats, steps.len())
        .map_err(classify)?;
    let theory = SampleTheory::new(&model, question.samples as f64).map_err(Failure::input)?;
    let times: Vec<f64> = steps.iter().map(|t| question.rate * t).collect();
    let flow = theory.flow_with_features(features.as_f64(), &times).map_err(Failure::input)?;
    let key = Key::new(question.seed).label("descent");
    let curves = replicates_at_most(&key, (0, question.repeats), together, |_, key| {
        let design = Design::sample(&model, question.samples, &mut key.label("design").stream())
            .map_err(sampling_failure)?;
        losses(&design, features, question.rate, steps, &key).map_err(Failure::Work)
    })?;
    let at = |(k, step): (usize, &f64)| {
        let drawn: Vec<f64> = curves.iter().map(|losses| losses[k]).collect();
        point(question, (features, *step), flow[k], Estimate::of(&drawn))
    };
    Ok(write(steps.iter().enumerate().map(at).collect(), true, question.format))
}

fn single(features: &ModelSizes) -> Result<ModelSize, Failure> {
    match features.values[..] {
        [n] if n.finite().is_none_or(|n| n <= 100_000) => Ok(n),
        [n, ..] => Err(Failure::Input(format!(
            "--features {n}: must be one whole number in 1..1e5, or inf"
        ))),
        [] => {
            Err(Failure::Input("--features: must be one whole number in 1..1e5, or inf".to_owned()))
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
) -> Result<Vec<f64>, anyhow::Error> {
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

fn point(
    question: &Descent,
    (features, step): (ModelSize, f64),
    loss: f64,
    simulated: Estimate,
) -> Map<String, Value> {
    let error = simulated.standard_error;
    let mut point = Map::new();
    point.insert("step".into(), size(step));
    point.insert("rate".into(), number(question.rate));
    point.insert("time".into(), number(question.rate * step));
    point.insert("features".into(), model_size(features));
    point.insert("samples".into(), size(question.samples as f64));
    // Of the flow, from which steps differ by O(1/t).
    point.insert("loss".into(), number(loss));
    point.insert("simulated".into(), number(simulated.mean));
    point.insert(
        "standard_error".into(),
        if error.is_finite() { number(error) } else { Value::Null },
    );
    point.insert("repeats".into(), Value::from(question.repeats));
    point
}
