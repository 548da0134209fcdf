//! `asymscale instability`: how likely fixed-step gradient descent is to diverge.

use super::Failure;
use super::model_flags::ModelFlags;
use super::numbers::{self, Sizes};
use super::output::{Format, model_size, number, size, write};
use asymscale::model::{ModelSize, SparseModel};
use asymscale::montecarlo::{
    self, InstabilityEstimate, InstabilitySettings, MonteCarloError, simulate_instability,
};
use asymscale::sampling::SamplingError;
use asymscale::theory::{
    InstabilityAsymptote, Reliability, TheoryError, instability_asymptote, instability_probability,
};
use clap::Args;
use serde_json::{Map, Value};

/// Without --simulate the diagonal law at infinitely many features, with its asymptote (to first
/// order in many samples) and how far to trust it: good, fair or poor as the law is within 10 %, 30
/// % or more of it; a poor one is not told. Exponents are those of the limit of many samples. With
/// --simulate plain designs where they would show at least 100 unstable ones, else designs with a
/// planted large entry.
#[derive(Debug, Args)]
pub(crate) struct Instability {
    #[command(flatten)]
    model: ModelFlags,
    /// Number of training samples D: a number, a list or a range
    #[arg(long, allow_hyphen_values = true)]
    samples: Sizes,
    /// Step size η > 0 of full-batch gradient descent on |Φθ − y|²/(2D)
    #[arg(long, value_parser = numbers::positive, allow_hyphen_values = true)]
    rate: f64,
    /// Simulate designs instead of asking the diagonal law
    #[arg(long)]
    simulate: bool,
    /// Number of random features N, with --simulate; infinitely many if not given
    #[arg(long, value_parser = numbers::drawn_size, allow_hyphen_values = true)]
    features: Option<ModelSize>,
    /// Number of independent designs
    #[arg(long, value_parser = numbers::count, allow_hyphen_values = true, default_value = "1000")]
    repeats: usize,
    /// Seed of all random streams
    #[arg(long, value_parser = numbers::seed, allow_hyphen_values = true, default_value = "1")]
    seed: u64,
    /// Importance sampling plants entries with squares above this share of 2D/η, in (0, 1]
    #[arg(long, value_parser = numbers::share, allow_hyphen_values = true, default_value = "0.5")]
    threshold_share: f64,
    #[command(flatten)]
    format: Format,
}

pub(crate) fn answer(question: &Instability) -> Result<String, Failure> {
    let model = question.model.model()?;
    for samples in &question.samples.values {
        check(question, &model, *samples)?;
    }
    let point = |samples: &f64| {
        if question.simulate {
            simulated(question, &model, *samples)
        } else {
            law(question, &model, *samples)
        }
    };
    let points = question.samples.values.iter().map(point).collect::<Result<Vec<_>, _>>()?;
    Ok(write(points, question.samples.many, question.format))
}

/// Refuses what cannot be answered before any work.
fn check(question: &Instability, model: &SparseModel, samples: f64) -> Result<(), Failure> {
    if let Some(features) = question.features.filter(|_| !question.simulate) {
        let message = format!(
            "--features {features}: needs --simulate (the law is that of infinitely many features)"
        );
        return Err(Failure::Input(message));
    }
    if question.simulate && samples > f64::from(u32::MAX) {
        return Err(Failure::Input(format!(
            "--samples {samples}: a simulation needs whole numbers in 1..4294967295"
        )));
    }
    if !samples.is_finite() {
        return Err(Failure::input(TheoryError::WholeSamples(samples)));
    }
    if model.is_one_hot() { Err(Failure::input(TheoryError::OneHot)) } else { Ok(()) }
}

fn law(
    question: &Instability,
    model: &SparseModel,
    samples: f64,
) -> Result<Map<String, Value>, Failure> {
    let asymptote = instability_asymptote(model, samples, question.rate).ok();
    let probability =
        instability_probability(model, samples, question.rate).map_err(Failure::input)?;
    let mut point = start(question, samples, probability, "diagonal law");
    let trust = asymptote.map(|law| Reliability::of_error(mismatch(&law)));
    let trusted = asymptote.filter(|_| trust != Some(Reliability::Poor));
    let maybe = |value: Option<f64>| value.map_or(Value::Null, number);
    point.insert("asymptote".into(), maybe(trusted.map(|law| law.probability)));
    point.insert(
        "asymptote_reliability".into(),
        trust.map_or(Value::Null, |word| word.to_string().into()),
    );
    point.insert("law_over_asymptote".into(), maybe(asymptote.map(|law| law.ratio)));
    point.insert("samples_exponent".into(), maybe(asymptote.map(|law| law.samples_exponent)));
    point.insert("rate_exponent".into(), maybe(asymptote.map(|law| law.rate_exponent)));
    Ok(point)
}

/// How far the asymptote is from the law, relatively; infinite where neither is a float above 0.
fn mismatch(law: &InstabilityAsymptote) -> f64 {
    let error = (law.ratio - 1.0).abs();
    if error.is_nan() { f64::INFINITY } else { error }
}

fn simulated(
    question: &Instability,
    model: &SparseModel,
    samples: f64,
) -> Result<Map<String, Value>, Failure> {
    let mut settings = InstabilitySettings {
        samples: samples as usize,
        rate: question.rate,
        features: question.features.unwrap_or(ModelSize::Infinite),
        repeats: question.repeats,
        threshold_share: question.threshold_share,
        seed: question.seed,
        ..InstabilitySettings::default()
    };
    settings.method = montecarlo::suggested_method(model, &settings).map_err(classify)?;
    let found = simulate_instability(model, &settings).map_err(classify)?;
    Ok(estimate(question, samples, &found))
}

fn estimate(
    question: &Instability,
    samples: f64,
    found: &InstabilityEstimate,
) -> Map<String, Value> {
    let mut point = start(question, samples, found.probability, &found.method.to_string());
    point.insert("standard_error".into(), Value::from(found.standard_error));
    point.insert("low".into(), number(found.interval.0));
    point.insert("high".into(), number(found.interval.1));
    point.insert("effective_samples".into(), number(found.effective_samples));
    point.insert("repeats".into(), Value::from(found.repeats));
    point.insert("features".into(), model_size(question.features.unwrap_or(ModelSize::Infinite)));
    point
}

fn start(
    question: &Instability,
    samples: f64,
    probability: f64,
    method: &str,
) -> Map<String, Value> {
    let mut point = Map::new();
    point.insert("samples".into(), size(samples));
    point.insert("rate".into(), number(question.rate));
    point.insert("probability".into(), number(probability));
    point.insert("method".into(), Value::from(method));
    point
}

/// A request that no simulation can meet is bad input; anything else is a failure of the work.
fn classify(error: MonteCarloError) -> Failure {
    match error {
        MonteCarloError::Sampling(
            SamplingError::Beta { .. } | SamplingError::Range { .. } | SamplingError::Size { .. },
        )
        | MonteCarloError::Theory(_)
        | MonteCarloError::Memory { .. }
        | MonteCarloError::Repeats(_)
        | MonteCarloError::Features(_)
        | MonteCarloError::ThresholdShare(_) => Failure::input(error),
        other => Failure::Work(other.into()),
    }
}
