//! `asymscale coverage`: what a number of samples has seen.

use super::Failure;
use super::model_flags::ModelFlags;
use super::numbers::Sizes;
use super::output::{Format, Number, Size, write};
use asymscale::theory::{self, SampleTheory};
use clap::Args;
use serde::Serialize;

#[derive(Debug, Args)]
pub(crate) struct CoverageFlags {
    #[command(flatten)]
    model: ModelFlags,
    /// Number of training samples D: a number, a list or a range
    #[arg(long)]
    samples: Sizes,
    #[command(flatten)]
    format: Format,
}

/// What one number of samples has seen.
#[derive(Debug, Serialize)]
struct Point {
    /// Training samples D; "inf" of infinitely many.
    samples: Size,
    /// Expected number of coordinates that were active in some sample.
    seen: Number,
    /// Variance of the coordinates that were active in none.
    unseen_mass: Number,
    /// Model size N at the interpolation threshold.
    threshold: Number,
    /// Expected rank of the design.
    rank: Number,
    /// Samples from which unseen coordinates limit the loss; "inf" where they never do.
    crossover: Number,
}

pub(crate) fn run(flags: &CoverageFlags) -> Result<String, Failure> {
    let model = flags.model.model()?;
    let crossover = theory::crossover(&model).unwrap_or(f64::INFINITY);
    let mut points = Vec::new();
    for samples in &flags.samples.values {
        let theory = SampleTheory::new(&model, *samples)?;
        let coverage = theory.coverage();
        points.push(Point {
            samples: Size(*samples),
            seen: Number(coverage.seen),
            unseen_mass: Number(coverage.unseen_mass),
            threshold: Number(coverage.threshold),
            rank: Number(theory.rank()),
            crossover: Number(crossover),
        });
    }
    Ok(write(&points, flags.samples.many, flags.format))
}
