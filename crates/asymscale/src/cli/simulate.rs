//! `asymscale simulate`: the population loss over simulated designs.

use super::Failure;
use super::model_flags::{ModelFlags, RegressionFlags};
use super::numbers::{self, ModelSizes};
use super::output::{Format, model_size, number, size, write};
use asymscale::model::ModelSize;
use asymscale::montecarlo::{
    self, Method, MonteCarloError, NonlinearEstimate, NonlinearSettings, Settings, Simulation,
    Summary,
};
use asymscale::sampling::SamplingError;
use asymscale::solvers::{Activation, Nonlinear, SolverError};
use clap::Args;
use serde_json::{Map, Value};

/// Teachers per design unless said otherwise.
const TEACHERS: usize = 8;

/// Test inputs per design unless said otherwise.
const INPUTS: usize = 1000;

#[derive(Debug, Args)]
pub(crate) struct Simulate {
    #[command(flatten)]
    model: ModelFlags,
    /// Model size N: a number, a list (answered in its order, repetitions too) or a range (rounded,
    /// each number once); inf too with --method averaged or iterative, or --activation
    #[arg(long, allow_hyphen_values = true)]
    features: ModelSizes,
    /// Number of training samples D
    #[arg(long, value_parser = numbers::count, allow_hyphen_values = true)]
    samples: usize,
    /// Number of independent designs
    #[arg(long, value_parser = numbers::count, allow_hyphen_values = true, default_value = "16")]
    repeats: usize,
    /// Teachers per design, averaged before designs are compared, with --method explicit or
    /// conditional [default: 8]
    #[arg(long, value_parser = numbers::count, allow_hyphen_values = true)]
    teachers: Option<usize>,
    /// Random probes per design, at least 2, where the method is iterative, or averaged and goes
    /// over to it [default: 32]
    #[arg(long, value_parser = numbers::count, allow_hyphen_values = true)]
    probes: Option<usize>,
    /// Seed of all random streams
    #[arg(long, value_parser = numbers::seed, allow_hyphen_values = true, default_value = "1")]
    seed: u64,
    /// explicit (features drawn on every seen coordinate), conditional (on the row space only),
    /// averaged (over features and teachers, in closed form: medians and quartiles are over designs
    /// alone) or iterative (averaged, by random probes: for more coordinates than can be
    /// decomposed; averaged goes over to it by itself where more than 2048 coordinates are expected
    /// to be seen, by more than twice as many samples: the answer's method says which one it was)
    #[arg(long, default_value = "averaged")]
    method: Method,
    /// Nonlinear features: identity, relu, leaky-relu, tanh, erf, gelu, silu, softplus, sin,
    /// sigmoid, identity+erf, identity+sin, identity+W*erf or identity+W*sin with a weight W.
    /// Averaged over teachers; estimated with test inputs
    #[arg(long, conflicts_with_all = ["method", "teachers", "probes", "noise"])]
    activation: Option<Activation>,
    /// Test inputs per design, at least 4, with --activation [default: 1000]
    #[arg(long, value_parser = numbers::count, allow_hyphen_values = true)]
    inputs: Option<usize>,
    /// Scale > 0 of the features' weights inside the activation, with --activation [default: 1]
    #[arg(long, value_parser = numbers::positive, allow_hyphen_values = true)]
    scale: Option<f64>,
    #[command(flatten)]
    regression: RegressionFlags,
    #[command(flatten)]
    format: Format,
}

pub(crate) fn answer(question: &Simulate) -> Result<String, Failure> {
    if let Some(activation) = question.activation {
        return nonlinear(question, activation);
    }
    refuse_unused(question)?;
    let model = question.model.model()?;
    let features = sizes(question)?;
    let settings = Settings {
        samples: question.samples,
        features,
        repeats: question.repeats,
        teachers: question.teachers.unwrap_or(TEACHERS),
        probes: question.probes.unwrap_or(Settings::default().probes),
        method: question.method,
        regression: question.regression.regression()?,
        seed: question.seed,
        ..Settings::default()
    };
    let simulation = montecarlo::simulate(&model, &settings).map_err(classify)?;
    let points = simulation
        .summaries()
        .iter()
        .enumerate()
        .map(|(n, found)| point(&simulation, n, found))
        .collect();
    Ok(write(points, true, question.format))
}

/// A number that would change nothing is a mistake.
fn refuse_unused(question: &Simulate) -> Result<(), Failure> {
    let averages = question.method.averages();
    let unused = [
        ("inputs", question.inputs.map(|n| n as f64), "--activation"),
        ("scale", question.scale, "--activation"),
        (
            "teachers",
            question.teachers.filter(|_| averages).map(|n| n as f64),
            "--method explicit or conditional",
        ),
        (
            "probes",
            question.probes.filter(|_| !averages).map(|n| n as f64),
            "--method iterative or averaged",
        ),
    ];
    match unused.iter().find_map(|(name, value, with)| Some((name, (*value)?, with))) {
        Some((name, value, with)) => {
            Err(Failure::Input(format!("--{name} {value}: only with {with}")))
        }
        None => Ok(()),
    }
}

fn nonlinear(question: &Simulate, activation: Activation) -> Result<String, Failure> {
    let settings = NonlinearSettings {
        samples: question.samples,
        features: sizes(question)?,
        learner: Nonlinear {
            activation,
            scale: question.scale.unwrap_or(1.0),
            ridge: question.regression.regression()?.ridge(),
            path: 0.0,
        },
        inputs: question.inputs.unwrap_or(INPUTS),
        repeats: question.repeats,
        seed: question.seed,
    };
    let found =
        montecarlo::simulate_nonlinear(&question.model.model()?, &settings).map_err(classify)?;
    let points =
        found.iter().map(|estimate| nonlinear_point(question, activation, estimate)).collect();
    Ok(write(points, true, question.format))
}

/// The model sizes, none of which may be finite and large.
fn sizes(question: &Simulate) -> Result<Vec<ModelSize>, Failure> {
    let sizes = &question.features.values;
    match sizes.iter().find(|size| size.finite().is_some_and(|n| n > 1_000_000)) {
        Some(n) => Err(Failure::Input(format!(
            "--features {n}: a simulation needs whole numbers in 1..1e6"
        ))),
        None => Ok(sizes.clone()),
    }
}

/// A request that no simulation can meet is bad input; anything else is a failure of the work.
pub(super) fn classify(error: MonteCarloError) -> Failure {
    match error {
        MonteCarloError::Sampling(error) => sampling_failure(error),
        MonteCarloError::Repeats(_)
        | MonteCarloError::Memory { .. }
        | MonteCarloError::Theory(_)
        | MonteCarloError::Teachers(_)
        | MonteCarloError::Features(_)
        | MonteCarloError::Infinite(_)
        | MonteCarloError::Solver(
            SolverError::Inputs(_)
            | SolverError::Series { .. }
            | SolverError::Probes(_)
            | SolverError::Memory { .. },
        ) => Failure::input(error),
        other => Failure::Work(other.into()),
    }
}

/// A design that cannot be drawn is bad input.
pub(super) fn sampling_failure(error: SamplingError) -> Failure {
    match error {
        SamplingError::Beta { .. }
        | SamplingError::Samples(_)
        | SamplingError::Range { .. }
        | SamplingError::Size { .. } => Failure::input(error),
        other => Failure::Work(other.into()),
    }
}

fn point(simulation: &Simulation, n: usize, summary: &Summary) -> Map<String, Value> {
    let maybe = |value: Option<f64>| value.map_or(Value::Null, number);
    let mut point = Map::new();
    point.insert("features".into(), model_size(summary.features));
    point.insert("samples".into(), size(simulation.samples as f64));
    point.insert("method".into(), Value::from(simulation.method.to_string()));
    point.insert("mean".into(), maybe(summary.mean));
    point.insert("standard_error".into(), maybe(summary.standard_error));
    point.insert("low".into(), maybe(summary.interval.map(|interval| interval.0)));
    point.insert("high".into(), maybe(summary.interval.map(|interval| interval.1)));
    point.insert("truncation".into(), number(summary.truncation));
    point.insert("probe_error".into(), number(simulation.probe_error(n)));
    point.insert("median".into(), number(summary.median));
    point.insert("median_low".into(), number(summary.median_interval.0));
    point.insert("median_high".into(), number(summary.median_interval.1));
    point.insert("lower_quartile".into(), number(summary.quartiles.0));
    point.insert("upper_quartile".into(), number(summary.quartiles.1));
    point.insert("repeats".into(), Value::from(summary.repeats));
    point.insert("rank_mean".into(), number(simulation.rank_mean()));
    point.insert("seen_mean".into(), number(simulation.seen_mean()));
    point.insert("unseen_mass_mean".into(), number(simulation.unseen_mass_mean()));
    point
}

fn nonlinear_point(
    question: &Simulate,
    activation: Activation,
    estimate: &NonlinearEstimate,
) -> Map<String, Value> {
    let error = |error: f64| if error.is_finite() { number(error) } else { Value::Null };
    let mut point = Map::new();
    point.insert("features".into(), model_size(estimate.features));
    point.insert("samples".into(), size(question.samples as f64));
    point.insert("activation".into(), Value::from(activation.to_string()));
    point.insert("mean".into(), number(estimate.loss.mean));
    point.insert("standard_error".into(), error(estimate.loss.standard_error));
    point.insert("low".into(), error(estimate.interval.0));
    point.insert("high".into(), error(estimate.interval.1));
    point.insert("input_error".into(), error(estimate.input_error));
    point.insert("median".into(), number(estimate.median));
    point.insert("linear".into(), number(estimate.linear.mean));
    point.insert("linear_standard_error".into(), error(estimate.linear.standard_error));
    point.insert("repeats".into(), Value::from(estimate.loss.count));
    point
}
