//! `asymscale frontier`: the best split of a compute budget between features and samples, from
//! theory.

use super::Failure;
use super::model_flags::ModelFlags;
use super::numbers::{self, Positives};
use super::output::{Format, number, write};
use asymscale::model::SparseModel;
use asymscale::theory::{self, Budget, FrontierExponents, Ridge, TheoryError};
use clap::Args;
use serde_json::{Map, Value};

/// A law is in force where the slopes of the frontier are within this of its exponents, and within
/// this share of those above 1.
const IN_FORCE: f64 = 0.03;

#[derive(Debug, Args)]
pub(crate) struct Frontier {
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

pub(crate) fn answer(question: &Frontier) -> Result<String, Failure> {
    let model = question.model.model()?;
    let Frontier { factor, ridge, noise, .. } = *question;
    let budget = |compute: f64| Budget { compute, factor, ridge, noise };
    if let Some(small) = question.compute.values.iter().find(|compute| **compute < factor) {
        // Refused by the library without any work; asked first so that nothing is computed before
        // it.
        return theory::frontier(&model, budget(*small))
            .map(|_| String::new())
            .map_err(Failure::input);
    }
    let mut points = Vec::new();
    for compute in &question.compute.values {
        points.push(point(&model, budget(*compute)).map_err(Failure::input)?);
    }
    Ok(write(points, question.compute.many, question.format))
}

fn point(model: &SparseModel, budget: Budget) -> Result<Map<String, Value>, TheoryError> {
    let frontier = theory::frontier(model, budget)?;
    let best = frontier.best();
    let slopes = theory::local_exponents(model, budget, best)?;
    let law = law_in_force(model, budget, slopes.as_ref())?;
    let mut point = Map::new();
    point.insert("compute".into(), number(budget.compute));
    point.insert("features".into(), number(best.features));
    point.insert("samples".into(), number(best.samples));
    point.insert("loss".into(), number(best.loss));
    point.insert("branch".into(), Value::from(frontier.branch.to_string()));
    point.insert("ridge".into(), number(best.ridge));
    for (kind, exponents) in [("exponent", law), ("slope", slopes)] {
        let mut insert = |name: &str, value: Option<f64>| {
            point.insert(format!("{name}_{kind}"), value.map_or(Value::Null, number));
        };
        insert("features", exponents.map(|law| law.features));
        insert("samples", exponents.map(|law| law.samples));
        insert("loss", exponents.map(|law| law.loss));
    }
    Ok(point)
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
