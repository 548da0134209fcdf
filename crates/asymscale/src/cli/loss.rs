//! `asymscale loss`: the population loss from theory.

use super::Failure;
use super::model_flags::{ModelFlags, RegressionFlags};
use super::numbers::{ModelSizes, Sizes};
use super::output::{Format, Number, Size, write};
use asymscale::theory::{Reliability, SampleTheory};
use clap::Args;
use serde::Serialize;

#[derive(Debug, Args)]
pub(crate) struct LossFlags {
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

/// The loss at one N and D.
#[derive(Debug, Serialize)]
struct Point {
    /// Model size N; "inf" of infinitely many features.
    features: Size,
    /// Training samples D; "inf" of infinitely many.
    samples: Size,
    /// Population loss, without the label noise.
    loss: Number,
    /// What limits the loss, in a word.
    regime: String,
    /// How far theory is to be trusted at this size: good, fair or poor.
    reliability: String,
    /// Estimate of the relative error of theory at this size.
    finite_size_error: Number,
}

pub(crate) fn run(flags: &LossFlags) -> Result<String, Failure> {
    let model = flags.model.model()?;
    let regression = flags.regression.regression()?;
    let sizes: Vec<f64> = flags.features.values.iter().map(|size| size.as_f64()).collect();
    let mut points = Vec::new();
    for samples in &flags.samples.values {
        let theory = SampleTheory::new(&model, *samples)?;
        let losses = theory.curve_with(&sizes, regression)?;
        for (features, loss) in sizes.iter().zip(losses) {
            let regime = theory.regime_with(*features, regression)?;
            let error = theory.finite_size_error_with(*features, regression)?;
            points.push(Point {
                features: Size(*features),
                samples: Size(*samples),
                loss: Number(loss),
                regime: regime.to_string(),
                reliability: Reliability::of_error(error).to_string(),
                finite_size_error: Number(error),
            });
        }
    }
    Ok(write(&points, flags.features.many || flags.samples.many, flags.format))
}
