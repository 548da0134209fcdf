//! `asymscale simulate`: the population loss over simulated designs.

use super::Failure;
use super::model_flags::{ModelFlags, RegressionFlags};
use super::numbers::{self, ModelSizes};
use super::output::{Format, Number, Size, finite, write};
use asymscale::model::ModelSize;
use asymscale::montecarlo::{
    self, Method, NonlinearEstimate, NonlinearSettings, Settings, Simulation, Summary,
};
use asymscale::solvers::{Activation, Nonlinear};
use clap::Args;
use serde::Serialize;

/// Teachers per design unless said otherwise.
const TEACHERS: usize = 8;

/// Test inputs per design unless said otherwise.
const INPUTS: usize = 1000;

#[derive(Debug, Args)]
pub(crate) struct SimulateFlags {
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

pub(crate) fn run(flags: &SimulateFlags) -> Result<String, Failure> {
    if let Some(activation) = flags.activation {
        return nonlinear(flags, activation);
    }
    refuse_unused(flags)?;
    let model = flags.model.model()?;
    let features = sizes(flags)?;
    let settings = Settings {
        samples: flags.samples,
        features,
        repeats: flags.repeats,
        teachers: flags.teachers.unwrap_or(TEACHERS),
        probes: flags.probes.unwrap_or(Settings::default().probes),
        method: flags.method,
        regression: flags.regression.regression()?,
        seed: flags.seed,
        ..Settings::default()
    };
    let simulation = montecarlo::simulate(&model, &settings)?;
    let points: Vec<Point> = simulation
        .summaries()
        .iter()
        .enumerate()
        .map(|(n, found)| point(&simulation, n, found))
        .collect();
    Ok(write(&points, true, flags.format))
}

/// A number that would change nothing is a mistake.
fn refuse_unused(flags: &SimulateFlags) -> Result<(), Failure> {
    let averages = flags.method.averages();
    let unused = [
        ("inputs", flags.inputs.map(|n| n as f64), "--activation"),
        ("scale", flags.scale, "--activation"),
        (
            "teachers",
            flags.teachers.filter(|_| averages).map(|n| n as f64),
            "--method explicit or conditional",
        ),
        (
            "probes",
            flags.probes.filter(|_| !averages).map(|n| n as f64),
            "--method iterative or averaged",
        ),
    ];
    match unused.iter().find_map(|(name, value, with)| Some((name, (*value)?, with))) {
        Some((name, value, with)) => {
            Err(Failure::input(format!("--{name} {value}: only with {with}")))
        }
        None => Ok(()),
    }
}

fn nonlinear(flags: &SimulateFlags, activation: Activation) -> Result<String, Failure> {
    let settings = NonlinearSettings {
        samples: flags.samples,
        features: sizes(flags)?,
        learner: Nonlinear {
            activation,
            scale: flags.scale.unwrap_or(1.0),
            ridge: flags.regression.regression()?.ridge(),
            path: 0.0,
        },
        inputs: flags.inputs.unwrap_or(INPUTS),
        repeats: flags.repeats,
        seed: flags.seed,
    };
    let found = montecarlo::simulate_nonlinear(&flags.model.model()?, &settings)?;
    let points: Vec<NonlinearPoint> =
        found.iter().map(|estimate| nonlinear_point(flags, activation, estimate)).collect();
    Ok(write(&points, true, flags.format))
}

/// The model sizes, none of which may be finite and large.
fn sizes(flags: &SimulateFlags) -> Result<Vec<ModelSize>, Failure> {
    let sizes = &flags.features.values;
    match sizes.iter().find(|size| size.finite().is_some_and(|n| n > 1_000_000)) {
        Some(n) => Err(Failure::input(format!(
            "--features {n}: a simulation needs whole numbers in 1..1e6"
        ))),
        None => Ok(sizes.clone()),
    }
}

/// The loss of one model size over simulated designs.
#[derive(Debug, Serialize)]
struct Point {
    /// Model size N; "inf" of infinitely many features.
    features: Size,
    /// Training samples D.
    samples: Size,
    /// The method that was used: iterative where averaged went over to it.
    method: String,
    /// Mean loss; null where it does not exist, at the interpolation threshold.
    mean: Option<Number>,
    /// Its standard error; null where the mean is, and of a single design.
    standard_error: Option<Number>,
    /// Lower end of the 95 % interval of the mean; null likewise.
    low: Option<Number>,
    /// Upper end of that interval.
    high: Option<Number>,
    /// By how much the mean may be off since the method stops at an order.
    truncation: Number,
    /// Standard error of the random probes, 0 of other methods.
    probe_error: Number,
    /// Median loss over designs; "inf" where most have none.
    median: Number,
    /// Lower end of the interval of the median.
    median_low: Number,
    /// Upper end of the interval of the median.
    median_high: Number,
    /// Lower quartile of the loss over designs.
    lower_quartile: Number,
    /// Upper quartile of the loss over designs.
    upper_quartile: Number,
    /// Number of designs.
    repeats: usize,
    /// Mean rank of the designs.
    rank_mean: Number,
    /// Mean number of seen coordinates.
    seen_mean: Number,
    /// Mean variance of the coordinates that no sample activated.
    unseen_mass_mean: Number,
}

fn point(simulation: &Simulation, n: usize, summary: &Summary) -> Point {
    Point {
        features: summary.features.into(),
        samples: Size(simulation.samples as f64),
        method: simulation.method.to_string(),
        mean: summary.mean.map(Number),
        standard_error: summary.standard_error.map(Number),
        low: summary.interval.map(|interval| Number(interval.0)),
        high: summary.interval.map(|interval| Number(interval.1)),
        truncation: Number(summary.truncation),
        probe_error: Number(simulation.probe_error(n)),
        median: Number(summary.median),
        median_low: Number(summary.median_interval.0),
        median_high: Number(summary.median_interval.1),
        lower_quartile: Number(summary.quartiles.0),
        upper_quartile: Number(summary.quartiles.1),
        repeats: summary.repeats,
        rank_mean: Number(simulation.rank_mean()),
        seen_mean: Number(simulation.seen_mean()),
        unseen_mass_mean: Number(simulation.unseen_mass_mean()),
    }
}

/// The loss of one model size of nonlinear features; errors are null where one design tells none.
#[derive(Debug, Serialize)]
struct NonlinearPoint {
    /// Model size N; "inf" of infinitely many features.
    features: Size,
    /// Training samples D.
    samples: Size,
    /// The activation.
    activation: String,
    /// Mean loss.
    mean: Number,
    /// Its standard error.
    standard_error: Option<Number>,
    /// Lower end of the 95 % interval of the mean.
    low: Option<Number>,
    /// Upper end of that interval.
    high: Option<Number>,
    /// The part of the standard error that is due to test inputs.
    input_error: Option<Number>,
    /// Median loss over designs.
    median: Number,
    /// Mean loss of linear features on the same designs.
    linear: Number,
    /// Its standard error.
    linear_standard_error: Option<Number>,
    /// Number of designs.
    repeats: usize,
}

fn nonlinear_point(
    flags: &SimulateFlags,
    activation: Activation,
    estimate: &NonlinearEstimate,
) -> NonlinearPoint {
    NonlinearPoint {
        features: estimate.features.into(),
        samples: Size(flags.samples as f64),
        activation: activation.to_string(),
        mean: Number(estimate.loss.mean),
        standard_error: finite(estimate.loss.standard_error),
        low: finite(estimate.interval.0),
        high: finite(estimate.interval.1),
        input_error: finite(estimate.input_error),
        median: Number(estimate.median),
        linear: Number(estimate.linear.mean),
        linear_standard_error: finite(estimate.linear.standard_error),
        repeats: estimate.loss.count,
    }
}
