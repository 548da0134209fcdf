//! `asymscale loss`: the population loss from theory.

use super::Failure;
use super::model_flags::{ModelFlags, RegressionFlags};
use super::numbers::{ModelSizes, Sizes};
use super::output::{Format, model_size, number, size, write};
use asymscale::theory::{Reliability, SampleTheory};
use clap::Args;
use serde_json::{Map, Value};

#[derive(Debug, Args)]
pub(crate) struct Loss {
    #[command(flatten)]
    model: ModelFlags,
    /// Model size N: a number, a list or a range; inf allowed
    #[arg(long)]
    features: ModelSizes,
    /// Number of training samples D: a number, a list or a range; inf allowed
    #[arg(long)]
    samples: Sizes,
    #[command(flatten)]
    regression: RegressionFlags,
    #[command(flatten)]
    format: Format,
}

pub(crate) fn answer(question: &Loss) -> Result<String, Failure> {
    let model = question.model.model()?;
    let regression = question.regression.regression()?;
    let sizes: Vec<f64> = question.features.values.iter().map(|size| size.as_f64()).collect();
    let mut points = Vec::new();
    for samples in &question.samples.values {
        let theory = SampleTheory::new(&model, *samples).map_err(Failure::input)?;
        let losses = theory.curve_with(&sizes, regression).map_err(Failure::input)?;
        for (features, loss) in question.features.values.iter().zip(losses) {
            let real = features.as_f64();
            let regime = theory.regime_with(real, regression).map_err(Failure::input)?;
            let error = theory.finite_size_error_with(real, regression).map_err(Failure::input)?;
            let mut point = Map::new();
            point.insert("features".into(), model_size(*features));
            point.insert("samples".into(), size(*samples));
            point.insert("loss".into(), number(loss));
            point.insert("regime".into(), Value::from(regime.to_string()));
            point.insert(
                "reliability".into(),
                Value::from(Reliability::of_error(error).to_string()),
            );
            point.insert("finite_size_error".into(), number(error));
            points.push(point);
        }
    }
    Ok(write(points, question.features.many || question.samples.many, question.format))
}
