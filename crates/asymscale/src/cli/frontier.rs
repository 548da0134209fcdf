//! `asymscale frontier`: the best split of a compute budget between features and samples, from
//! theory.

use super::Failure;
use super::model_flags::ModelFlags;
use super::numbers::{self, Positives};
use super::output::{Format, Number, write};
use asymscale::model::SparseModel;
use asymscale::theory::{self, Budget, FrontierExponents, Ridge, TheoryError};
use clap::Args;
use serde::Serialize;

/// A law is in force where the slopes of the frontier are within this of its exponents, and within
/// this share of those above 1.
const IN_FORCE: f64 = 0.03;

#[derive(Debug, Args)]
pub(crate) struct FrontierFlags {
    #[command(flatten)]
    model: ModelFlags,
    /// Budget C = factor · N · D: a number, a list or a range
    #[arg(long, allow_hyphen_values = true)]
    compute: Positives,
    /// Cost of one feature on one sample
    #[arg(long, value_parser = numbers::positive, allow_hyphen_values = true, default_value = "1")]
    factor: f64,
    /// Ridge γ >= 0, or optimal: at every split the best one
    #[arg(long, value_parser = ridge, allow_hyphen_values = true, default_value = "0")]
    ridge: Ridge,
    /// Variance σ² >= 0 of the label noise (not part of the loss reported)
    #[arg(long, value_parser = numbers::non_negative, allow_hyphen_values = true, default_value = "0")]
    noise: f64,
    #[command(flatten)]
    format: Format,
}

fn ridge(text: &str) -> Result<Ridge, String> {
    match text {
        "optimal" => Ok(Ridge::Optimal),
        _ => numbers::non_negative(text)
            .map(Ridge::Fixed)
            .map_err(|error| format!("{error}, or optimal")),
    }
}

pub(crate) fn run(flags: &FrontierFlags) -> Result<String, Failure> {
    let model = flags.model.model()?;
    let FrontierFlags { factor, ridge, noise, .. } = *flags;
    let budget = |compute: f64| Budget { compute, factor, ridge, noise };
    if let Some(small) = flags.compute.values.iter().find(|compute| **compute < factor) {
        // Refused by the library without any work; asked first so that nothing is computed before
        // it.
        theory::frontier(&model, budget(*small))?;
    }
    let mut points = Vec::new();
    for compute in &flags.compute.values {
        points.push(point(&model, budget(*compute))?);
    }
    Ok(write(&points, flags.compute.many, flags.format))
}

/// The best split of one budget.
#[derive(Debug, Serialize)]
struct Point {
    /// The budget C = factor · N · D.
    compute: Number,
    /// The best N.
    features: Number,
    /// The best D.
    samples: Number,
    /// The population loss there.
    loss: Number,
    /// Whether N or D is the larger one there.
    branch: String,
    /// The ridge there.
    ridge: Number,
    /// Exponent of C in N by the law in force; null where there is none.
    features_exponent: Option<Number>,
    /// The same of D.
    samples_exponent: Option<Number>,
    /// The same of the loss.
    loss_exponent: Option<Number>,
    /// Slope of ln N along ln C at this budget; null where it is not known.
    features_slope: Option<Number>,
    /// The same of D.
    samples_slope: Option<Number>,
    /// The same of the loss.
    loss_slope: Option<Number>,
}

fn point(model: &SparseModel, budget: Budget) -> Result<Point, TheoryError> {
    let frontier = theory::frontier(model, budget)?;
    let best = frontier.best();
    let slopes = theory::local_exponents(model, budget, best)?;
    let law = law_in_force(model, budget, slopes.as_ref())?;
    Ok(Point {
        compute: Number(budget.compute),
        features: Number(best.features),
        samples: Number(best.samples),
        loss: Number(best.loss),
        branch: frontier.branch.to_string(),
        ridge: Number(best.ridge),
        features_exponent: law.map(|law| Number(law.features)),
        samples_exponent: law.map(|law| Number(law.samples)),
        loss_exponent: law.map(|law| Number(law.loss)),
        features_slope: slopes.map(|slopes| Number(slopes.features)),
        samples_slope: slopes.map(|slopes| Number(slopes.samples)),
        loss_slope: slopes.map(|slopes| Number(slopes.loss)),
    })
}

/// The limit law of the frontier. With label noise it may be far: then the one without noise if
/// that is still in force, none if neither is.
fn law_in_force(
    model: &SparseModel,
    budget: Budget,
    slopes: Option<&FrontierExponents>,
) -> Result<Option<FrontierExponents>, TheoryError> {
    let law = |noise: f64| theory::frontier_exponents_with(model, budget.ridge, noise);
    if budget.noise == 0.0 {
        return law(0.0);
    }
    let laws = [law(budget.noise)?, law(0.0)?];
    let in_force =
        |law: &FrontierExponents| slopes.is_some_and(|slopes| slopes.is_near(law, IN_FORCE));
    Ok(laws.into_iter().flatten().find(in_force))
}
