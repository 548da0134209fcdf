//! `asymscale simulate`: the population loss over simulated designs.

use super::Failure;
use super::model_flags::{ModelFlags, RegressionFlags};
use super::numbers::{self, Sizes};
use super::output::{Format, number, size, write};
use asymscale::montecarlo::{self, Method, MonteCarloError, Settings, Simulation, Summary};
use asymscale::sampling::SamplingError;
use asymscale::solvers::Regression;
use clap::Args;
use serde_json::{Map, Value};

#[derive(Debug, Args)]
pub(crate) struct Simulate {
    #[command(flatten)]
    model: ModelFlags,
    /// Model size N: a number, a list or a range
    #[arg(long)]
    features: Sizes,
    /// Number of training samples D
    #[arg(long, value_parser = numbers::count, allow_hyphen_values = true)]
    samples: usize,
    /// Number of independent designs
    #[arg(long, value_parser = numbers::count, allow_hyphen_values = true, default_value = "16")]
    repeats: usize,
    /// Teachers per design, averaged before designs are compared
    #[arg(long, value_parser = numbers::count, allow_hyphen_values = true, default_value = "8")]
    teachers: usize,
    /// Seed of all random streams
    #[arg(long, default_value = "1")]
    seed: u64,
    /// explicit (features drawn on every seen coordinate), conditional (on the row space only) or averaged
    #[arg(long, default_value = "conditional")]
    method: Method,
    #[command(flatten)]
    regression: RegressionFlags,
    #[command(flatten)]
    format: Format,
}

pub(crate) fn answer(question: &Simulate) -> Result<String, Failure> {
    let model = question.model.model()?;
    let features = whole(&question.features.values)?;
    let settings = Settings {
        samples: question.samples,
        features,
        repeats: question.repeats,
        teachers: question.teachers,
        method: question.method,
        regression: Regression { ridge: question.regression.ridge, noise: question.regression.noise },
        seed: question.seed,
        first: 0,
    };
    let simulation = montecarlo::simulate(&model, &settings).map_err(classify)?;
    let points = simulation.summaries().iter().map(|summary| point(&simulation, summary)).collect();
    Ok(write(points, true, question.format))
}

fn whole(values: &[f64]) -> Result<Vec<usize>, Failure> {
    let finite = |n: &f64| {
        if *n <= 1e6 {
            Ok(*n as usize)
        } else {
            Err(Failure::Input(format!("--features {n}: a simulation needs whole numbers in 1..1e6")))
        }
    };
    values.iter().map(finite).collect()
}

/// A request that no simulation can meet is bad input; anything else is a failure of the work.
fn classify(error: MonteCarloError) -> Failure {
    match error {
        MonteCarloError::Sampling(error) => sampling_failure(error),
        MonteCarloError::Repeats(_) | MonteCarloError::Teachers(_) | MonteCarloError::Features(_) => {
            Failure::input(error)
        }
        other => Failure::Work(other.into()),
    }
}

/// A design that cannot be drawn is bad input.
pub(crate) fn sampling_failure(error: SamplingError) -> Failure {
    match error {
        SamplingError::Beta { .. }
        | SamplingError::Samples(_)
        | SamplingError::Range { .. }
        | SamplingError::Size { .. } => Failure::input(error),
        other => Failure::Work(other.into()),
    }
}

fn point(simulation: &Simulation, summary: &Summary) -> Map<String, Value> {
    let maybe = |value: Option<f64>| value.map_or(Value::Null, number);
    let mut point = Map::new();
    point.insert("features".into(), size(summary.features as f64));
    point.insert("samples".into(), size(simulation.samples as f64));
    point.insert("mean".into(), maybe(summary.mean));
    point.insert("standard_error".into(), maybe(summary.standard_error));
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
