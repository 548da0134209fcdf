//! `asymscale frontier`: the best split of a compute budget between features and samples, from theory.

use super::Failure;
use super::model_flags::ModelFlags;
use super::numbers::{self, Positives};
use super::output::{Format, number, write};
use asymscale::theory::{self, Budget, Ridge};
use clap::Args;
use serde_json::{Map, Value};

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
        _ => numbers::non_negative(text).map(Ridge::Fixed).map_err(|error| format!("{error}, or optimal")),
    }
}

pub(crate) fn answer(question: &Frontier) -> Result<String, Failure> {
    let model = question.model.model()?;
    let Frontier { factor, ridge, noise, .. } = *question;
    let budget = |compute: f64| Budget { compute, factor, ridge, noise };
    if let Some(small) = question.compute.values.iter().find(|compute| **compute < factor) {
        // Refused by the library without any work; asked first so that nothing is computed before it.
        return theory::frontier(&model, budget(*small)).map(|_| String::new()).map_err(Failure::input);
    }
    let law = theory::frontier_exponents(&model);
    let mut points = Vec::new();
    for compute in &question.compute.values {
        let frontier = theory::frontier(&model, budget(*compute)).map_err(Failure::input)?;
        let best = frontier.best();
        let exponent = |pick: fn(&theory::FrontierExponents) -> f64| {
            law.as_ref().map_or(Value::Null, |law| number(pick(law)))
        };
        let mut point = Map::new();
        point.insert("compute".into(), number(*compute));
        point.insert("features".into(), number(best.features));
        point.insert("samples".into(), number(best.samples));
        point.insert("loss".into(), number(best.loss));
        point.insert("branch".into(), Value::from(frontier.branch.to_string()));
        point.insert("ridge".into(), number(best.ridge));
        point.insert("features_exponent".into(), exponent(|law| law.features));
        point.insert("samples_exponent".into(), exponent(|law| law.samples));
        point.insert("loss_exponent".into(), exponent(|law| law.loss));
        points.push(point);
    }
    Ok(write(points, question.compute.many, question.format))
}
