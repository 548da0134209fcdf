//! `asymscale instability`: how likely fixed-step gradient descent is to diverge.

use super::Failure;
use super::model_flags::ModelFlags;
use super::numbers::{self, Sizes};
use super::output::{Format, Number, Size, finite, write};
use asymscale::model::{ModelSize, SparseModel};
use asymscale::montecarlo::{self, InstabilityEstimate, InstabilitySettings, simulate_instability};
use asymscale::theory::{
    InstabilityAsymptote, Reliability, TheoryError, instability_asymptote, instability_probability,
};
use clap::Args;
use serde::Serialize;

/// Without --simulate the diagonal law at infinitely many features, with its asymptote (to first
/// order in many samples) and how far to trust it: good, fair or poor as the law is within 10 %, 30
/// % or more of it; a poor one is not told. Exponents are those of the limit of many samples. With
/// --simulate plain designs where they would show at least 100 unstable ones, else designs with a
/// planted large entry.
#[derive(Debug, Args)]
pub(crate) struct InstabilityFlags {
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

pub(crate) fn run(flags: &InstabilityFlags) -> Result<String, Failure> {
    let model = flags.model.model()?;
    for samples in &flags.samples.values {
        check(flags, &model, *samples)?;
    }
    let (samples, many) = (&flags.samples.values, flags.samples.many);
    if flags.simulate {
        let points = samples.iter().map(|samples| simulated(flags, &model, *samples));
        return Ok(write(&points.collect::<Result<Vec<_>, _>>()?, many, flags.format));
    }
    let points = samples.iter().map(|samples| law(flags, &model, *samples));
    Ok(write(&points.collect::<Result<Vec<_>, _>>()?, many, flags.format))
}

/// Refuses what cannot be answered before any work.
fn check(flags: &InstabilityFlags, model: &SparseModel, samples: f64) -> Result<(), Failure> {
    if let Some(features) = flags.features.filter(|_| !flags.simulate) {
        let message = format!(
            "--features {features}: needs --simulate (the law is that of infinitely many features)"
        );
        return Err(Failure::input(message));
    }
    if flags.simulate && samples > f64::from(u32::MAX) {
        return Err(Failure::input(format!(
            "--samples {samples}: a simulation needs whole numbers in 1..4294967295"
        )));
    }
    if !samples.is_finite() {
        return Err(TheoryError::WholeSamples(samples).into());
    }
    if model.is_one_hot() { Err(TheoryError::OneHot.into()) } else { Ok(()) }
}

/// The probability by the diagonal law, with its asymptote.
#[derive(Debug, Serialize)]
struct LawPoint {
    /// Training samples D.
    samples: Size,
    /// Step size η.
    rate: Number,
    /// Probability that gradient descent diverges.
    probability: Number,
    /// The words "diagonal law".
    method: &'static str,
    /// The asymptote of the probability to first order in many samples; null where there is none,
    /// or it is not to be trusted.
    asymptote: Option<Number>,
    /// How far to trust the asymptote: good, fair or poor; null where there is none.
    asymptote_reliability: Option<String>,
    /// The probability over its asymptote; null where there is none.
    law_over_asymptote: Option<Number>,
    /// Exponent of D in the limit of many samples; null where there is none.
    samples_exponent: Option<Number>,
    /// Exponent of η in that limit; null where there is none.
    rate_exponent: Option<Number>,
}

/// The probability by simulation.
#[derive(Debug, Serialize)]
struct SimulatedPoint {
    /// Training samples D.
    samples: Size,
    /// Step size η.
    rate: Number,
    /// Probability that gradient descent diverges.
    probability: Number,
    /// "monte carlo" or "importance sampling".
    method: String,
    /// Standard error of the probability; null of a single design.
    standard_error: Option<Number>,
    /// Lower end of the 95 % interval.
    low: Number,
    /// Upper end of that interval.
    high: Number,
    /// Designs that would tell as much without weights.
    effective_samples: Number,
    /// Number of designs.
    repeats: usize,
    /// Model size N; "inf" of infinitely many features.
    features: Size,
}

fn law(flags: &InstabilityFlags, model: &SparseModel, samples: f64) -> Result<LawPoint, Failure> {
    let asymptote = instability_asymptote(model, samples, flags.rate).ok();
    let probability = instability_probability(model, samples, flags.rate)?;
    let trust = asymptote.map(|law| Reliability::of_error(mismatch(&law)));
    let trusted = asymptote.filter(|_| trust != Some(Reliability::Poor));
    Ok(LawPoint {
        samples: Size(samples),
        rate: Number(flags.rate),
        probability: Number(probability),
        method: "diagonal law",
        asymptote: trusted.map(|law| Number(law.probability)),
        asymptote_reliability: trust.map(|word| word.to_string()),
        law_over_asymptote: asymptote.map(|law| Number(law.ratio)),
        samples_exponent: asymptote.map(|law| Number(law.samples_exponent)),
        rate_exponent: asymptote.map(|law| Number(law.rate_exponent)),
    })
}

/// How far the asymptote is from the law, relatively; infinite where neither is a float above 0.
fn mismatch(law: &InstabilityAsymptote) -> f64 {
    let error = (law.ratio - 1.0).abs();
    if error.is_nan() { f64::INFINITY } else { error }
}

fn simulated(
    flags: &InstabilityFlags,
    model: &SparseModel,
    samples: f64,
) -> Result<SimulatedPoint, Failure> {
    let mut settings = InstabilitySettings {
        samples: samples as usize,
        rate: flags.rate,
        features: flags.features.unwrap_or(ModelSize::Infinite),
        repeats: flags.repeats,
        threshold_share: flags.threshold_share,
        seed: flags.seed,
        ..InstabilitySettings::default()
    };
    settings.method = montecarlo::suggested_method(model, &settings)?;
    let found = simulate_instability(model, &settings)?;
    Ok(estimate(flags, samples, &found))
}

fn estimate(flags: &InstabilityFlags, samples: f64, found: &InstabilityEstimate) -> SimulatedPoint {
    SimulatedPoint {
        samples: Size(samples),
        rate: Number(flags.rate),
        probability: Number(found.probability),
        method: found.method.to_string(),
        standard_error: finite(found.standard_error),
        low: Number(found.interval.0),
        high: Number(found.interval.1),
        effective_samples: Number(found.effective_samples),
        repeats: found.repeats,
        features: flags.features.unwrap_or(ModelSize::Infinite).into(),
    }
}
