//! `asymscale instability`: how likely fixed-step gradient descent is to diverge, and how often
//! single steps of one pass overshoot.

mod pass;

use super::Failure;
use super::answer::{Answer, Column, answer};
use super::grid::{self, Axis, Grid, Place, Row};
use super::lists::{self, Many};
use super::model_flags::{ModelFlags, rate_axis, samples_axis};
use super::numbers;
use super::output::{Cell, Format, Number, Size, finite, write};
use super::progress::Progress;
use super::running::{Running, design_bytes, in_parallel, largest_first};
use crate::answers::Rows;
use crate::model::{ModelSize, SparseModel};
use crate::montecarlo::{self, InstabilityEstimate, InstabilitySettings, simulate_instability};
use crate::theory::{
    InstabilityAsymptote, Reliability, TheoryError, instability_asymptote, instability_probability,
};
use clap::Args;

const EXAMPLES: &str = "\
Examples:
  asymscale instability --alpha 1 --beta 2.5 --samples 256 --rate 0.1..1:10log
  asymscale instability --alpha 0.9 --beta 2.6 --samples 4000 --rate 0.3 --simulate --repeats 4000
  asymscale instability --alpha 1 --beta 3 --samples 1e6 --rate 0.001..0.1:9log --pass";

/// Without --simulate the diagonal law at infinitely many features, with its asymptote (to first
/// order in many samples) and how far to trust it: good, fair or poor as the law is within 10 %, 30
/// % or more of it; a poor one is not told. Exponents are those of the limit of many samples. With
/// --simulate plain designs where they would show at least 100 unstable ones, else designs with a
/// planted large entry. With --pass one pass of stochastic gradient descent over fresh samples at
/// infinitely many features: spikes, whether the mean loss stays bounded, and for how long typical
/// runs live.
#[derive(Debug, Args)]
#[command(after_help = grid::help(EXAMPLES))]
pub(crate) struct InstabilityFlags {
    #[command(flatten)]
    model: ModelFlags,
    /// Number of training samples D: a number, a list or a range
    #[arg(long, value_parser = lists::sizes, allow_hyphen_values = true)]
    samples: Many<f64>,
    /// Step size η > 0 of full-batch gradient descent on |Φθ − y|²/(2D): a number, a list or a
    /// range
    #[arg(long, value_parser = lists::each_positive, allow_hyphen_values = true)]
    rate: Many<f64>,
    /// Simulate designs instead of asking the diagonal law
    #[arg(long)]
    simulate: bool,
    /// Spikes and stability of one pass of stochastic gradient descent, in place of full-batch
    /// descent
    #[arg(long, conflicts_with = "simulate")]
    pass: bool,
    /// Samples a step of the pass
    #[arg(long, value_parser = numbers::count, allow_hyphen_values = true, default_value = "1",
        requires = "pass")]
    batch: usize,
    /// Number of random features N, with --simulate: a number or a list; infinitely many if not
    /// given
    #[arg(long, value_parser = lists::drawn_sizes, allow_hyphen_values = true)]
    features: Option<Many<ModelSize>>,
    /// Number of independent designs
    #[arg(long, value_parser = numbers::count, allow_hyphen_values = true, default_value = "1000",
        requires = "simulate", conflicts_with = "pass")]
    repeats: usize,
    /// Seed of all random streams
    #[arg(long, value_parser = numbers::seed, allow_hyphen_values = true, default_value = "1",
        requires = "simulate", conflicts_with = "pass")]
    seed: u64,
    /// Importance sampling plants entries with squares above this share of 2D/η, in (0, 1]
    #[arg(long, value_parser = numbers::share, allow_hyphen_values = true, default_value = "0.5",
        requires = "simulate", conflicts_with = "pass")]
    threshold_share: f64,
    #[command(flatten)]
    pub(crate) running: Running,
    #[command(flatten)]
    pub(crate) format: Format,
}

pub(crate) fn run(flags: &InstabilityFlags) -> Result<String, Failure> {
    let infinite = Many { values: vec![ModelSize::Infinite], many: false };
    let features = flags.features.as_ref().unwrap_or(&infinite);
    let mut axes = flags.model.axes();
    axes.extend([samples_axis(&flags.samples), rate_axis(&flags.rate)]);
    axes.push(Axis::new(FEATURES, features, |size| Cell::Size(size.as_f64())));
    let data = Grid::new(axes);
    grid::bounded(&[&data], &[])?;
    let models = flags.model.models(&data)?;
    for (at, model) in &models {
        check(flags, model, *at.of("samples", &flags.samples))?;
    }
    if flags.simulate {
        let rows = simulations(flags, &models, features)?;
        return Ok(write(&rows, data.many(), flags.format));
    }
    if flags.pass {
        let rows = in_parallel(&models, |(at, model)| {
            let (samples, rate) = (*at.of("samples", &flags.samples), *at.of("rate", &flags.rate));
            let point = pass::point(model, samples, rate, flags.batch as u64)?;
            Ok(vec![Row::new(&[*at], point)])
        })?;
        return Ok(write(&rows, data.many(), flags.format));
    }
    let rows = in_parallel(&models, |(at, model)| {
        let samples = *at.of("samples", &flags.samples);
        Ok(vec![Row::new(&[*at], law(model, samples, *at.of("rate", &flags.rate))?)])
    })?;
    Ok(write(&rows, data.many(), flags.format))
}

const FEATURES: Column = Column::new("features", "Model size N.");

/// Simulations of all points, the largest first, so that one too large for memory is refused before
/// the others are drawn.
fn simulations(
    flags: &InstabilityFlags,
    models: &[(Place, SparseModel)],
    features: &Many<ModelSize>,
) -> Result<Vec<Row<SimulatedPoint>>, Failure> {
    let progress = Progress::start("drawing designs");
    let samples = |at: &Place| *at.of("samples", &flags.samples);
    let size = |(at, model): &(Place, SparseModel)| design_bytes(model, samples(at));
    largest_first(models, size, |number, (at, model)| {
        progress.stage(format!("drawing designs, point {number} of {}", models.len()));
        let features = *at.of(FEATURES.name, features);
        let settings = InstabilitySettings {
            samples: samples(at) as usize,
            rate: *at.of("rate", &flags.rate),
            features,
            repeats: flags.repeats,
            threshold_share: flags.threshold_share,
            seed: flags.seed,
            ..InstabilitySettings::default()
        };
        Ok(Row::new(&[*at], simulated(model, settings)?))
    })
}

/// Refuses what cannot be answered before any work.
fn check(flags: &InstabilityFlags, model: &SparseModel, samples: f64) -> Result<(), Failure> {
    let features = flags.features.as_ref().and_then(|features| features.values.first());
    if let Some(features) = features.filter(|_| !flags.simulate) {
        let message = format!(
            "--features {features}: needs --simulate (the laws are those of infinitely many features)"
        );
        return Err(Failure::input(message));
    }
    check_samples(model, samples, flags.simulate, flags.pass)
}

fn check_samples(
    model: &SparseModel,
    samples: f64,
    simulate: bool,
    pass: bool,
) -> Result<(), Failure> {
    if simulate && samples > f64::from(u32::MAX) {
        return Err(Failure::input(format!(
            "--samples {samples}: a simulation needs whole numbers in 1..4294967295"
        )));
    }
    if !samples.is_finite() {
        return Err(TheoryError::WholeSamples(samples).into());
    }
    if model.is_one_hot() && !pass {
        return Err(TheoryError::OneHot.into());
    }
    Ok(())
}

/// The row of the diagonal law, for [`crate::answers`].
pub(crate) fn rows(model: &SparseModel, samples: f64, rate: f64) -> Result<Rows, Failure> {
    check_samples(model, samples, false, false)?;
    Ok(Rows::of(&[law(model, samples, rate)?]))
}

/// The row of one pass, for [`crate::answers`].
pub(crate) fn pass_rows(
    model: &SparseModel,
    samples: f64,
    rate: f64,
    batch: usize,
) -> Result<Rows, Failure> {
    check_samples(model, samples, false, true)?;
    Ok(Rows::of(&[pass::point(model, samples, rate, batch as u64)?]))
}

/// The row of a simulation, for [`crate::answers`]; the method of the settings is chosen.
pub(crate) fn simulated_rows(
    model: &SparseModel,
    settings: InstabilitySettings,
) -> Result<Rows, Failure> {
    check_samples(model, settings.samples as f64, true, false)?;
    Ok(Rows::of(&[simulated(model, settings)?]))
}

answer! {
/// The probability by the diagonal law, with its asymptote.
struct LawPoint {
    /// Training samples D.
    samples: Size,
    /// Step size η.
    rate: Number,
    /// Probability that gradient descent diverges.
    probability: Number,
    /// The words "diagonal law".
    method: &'static str,
    /// The asymptote of the probability, to first order in many samples; null where there is none,
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
}

answer! {
/// The probability by simulation.
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
    /// Model size N, or infinite.
    features: Size,
}
}

/// The columns of the two answers.
pub(crate) fn columns() -> Vec<(&'static str, Vec<Column>)> {
    vec![
        ("", LawPoint::columns()),
        ("--simulate", SimulatedPoint::columns()),
        ("--pass", pass::PassPoint::columns()),
    ]
}

/// The schemas of its answers.
#[cfg(test)]
pub(crate) fn schemas(of: &mut schemars::SchemaGenerator) -> Vec<schemars::Schema> {
    super::schema::made::schemas_of!(of; LawPoint, SimulatedPoint, pass::PassPoint)
}

fn law(model: &SparseModel, samples: f64, rate: f64) -> Result<LawPoint, Failure> {
    let asymptote = instability_asymptote(model, samples, rate).ok();
    let probability = instability_probability(model, samples, rate)?;
    let trust = asymptote.map(|law| Reliability::of_error(mismatch(&law)));
    let trusted = asymptote.filter(|_| trust != Some(Reliability::Poor));
    Ok(LawPoint {
        samples: Size(samples),
        rate: Number(rate),
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
    model: &SparseModel,
    mut settings: InstabilitySettings,
) -> Result<SimulatedPoint, Failure> {
    settings.method = montecarlo::suggested_method(model, &settings)?;
    let found = simulate_instability(model, &settings)?;
    Ok(estimate(&settings, &found))
}

fn estimate(settings: &InstabilitySettings, found: &InstabilityEstimate) -> SimulatedPoint {
    SimulatedPoint {
        samples: Size(settings.samples as f64),
        rate: Number(settings.rate),
        probability: Number(found.probability),
        method: found.method.to_string(),
        standard_error: finite(found.standard_error),
        low: Number(found.interval.0),
        high: Number(found.interval.1),
        effective_samples: Number(found.effective_samples),
        repeats: found.repeats,
        features: settings.features.into(),
    }
}
