//! `asymscale coverage`: what a number of samples has seen.

use super::Failure;
use super::model_flags::ModelFlags;
use super::numbers::Sizes;
use super::output::{Format, number, size, write};
use asymscale::theory::{self, SampleTheory};
use clap::Args;
use serde_json::Map;

#[derive(Debug, Args)]
pub(crate) struct Coverage {
    #[command(flatten)]
    model: ModelFlags,
    /// Number of training samples D: a number, a list or a range
    #[arg(long)]
    samples: Sizes,
    #[command(flatten)]
    format: Format,
}

pub(crate) fn answer(question: &Coverage) -> Result<String, Failure> {
    let model = question.model.model()?;
    let crossover = theory::crossover(&model).unwrap_or(f64::INFINITY);
    let mut points = Vec::new();
    for samples in &question.samples.values {
        let theory = SampleTheory::new(&model, *samples).map_err(Failure::input)?;
        let coverage = theory.coverage();
        let mut point = Map::new();
        point.insert("samples".into(), size(*samples));
        point.insert("seen".into(), number(coverage.seen));
        point.insert("unseen_mass".into(), number(coverage.unseen_mass));
        point.insert("threshold".into(), number(coverage.threshold));
        point.insert("rank".into(), number(theory.rank()));
        point.insert("crossover".into(), number(crossover));
        points.push(point);
    }
    Ok(write(points, question.samples.many, question.format))
}
