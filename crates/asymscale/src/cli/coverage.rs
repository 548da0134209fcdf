//! `asymscale coverage`: what a number of samples has seen.

use super::Failure;
use super::answer::{Answer, Column, answer};
use super::grid::{self, Grid, Row};
use super::lists::{self, Many};
use super::model_flags::{ModelFlags, samples_axis};
use super::output::{Format, Number, Size, write};
use super::running::{Running, in_parallel};
use crate::answers::Rows;
use crate::model::SparseModel;
use crate::theory::{self, SampleTheory};
use clap::Args;

const EXAMPLES: &str = "\
Examples:
  asymscale coverage --alpha 1 --beta 1.5 --samples 1e2..1e6:5log
  asymscale coverage --alpha 1 --beta 1.2..2:9lin --onset 1,10 --samples 1e4";

#[derive(Debug, Args)]
#[command(after_help = grid::help(EXAMPLES))]
pub(crate) struct CoverageFlags {
    #[command(flatten)]
    model: ModelFlags,
    /// Number of training samples D: a number, a list or a range
    #[arg(long, value_parser = lists::sizes, allow_hyphen_values = true)]
    samples: Many<f64>,
    #[command(flatten)]
    pub(crate) running: Running,
    #[command(flatten)]
    pub(crate) format: Format,
}

answer! {
    /// What one number of samples has seen.
    struct Point {
        /// Training samples D, or infinite.
        samples: Size,
        /// Expected number of coordinates that were active in some sample.
        seen: Number,
        /// Variance of the coordinates that were active in none.
        unseen_mass: Number,
        /// Model size N at the interpolation threshold.
        threshold: Number,
        /// Expected rank of the design.
        rank: Number,
        /// Samples from which unseen coordinates limit the loss; infinite where they never do.
        crossover: Number,
    }
}

/// The columns of the answer.
pub(crate) fn columns() -> Vec<(&'static str, Vec<Column>)> {
    vec![("", Point::columns())]
}

/// The schemas of its answers.
#[cfg(test)]
pub(crate) fn schemas(of: &mut schemars::SchemaGenerator) -> Vec<schemars::Schema> {
    super::schema::made::schemas_of!(of; Point)
}

pub(crate) fn run(flags: &CoverageFlags) -> Result<String, Failure> {
    let mut axes = flags.model.axes();
    axes.push(samples_axis(&flags.samples));
    let data = Grid::new(axes);
    grid::bounded(&[&data], &[])?;
    let models = flags.model.models(&data)?;
    let rows = in_parallel(&models, |(at, model)| {
        let samples = *at.of("samples", &flags.samples);
        Ok(vec![Row::new(&[*at], point(model, samples)?)])
    })?;
    Ok(write(&rows, data.many(), flags.format))
}

fn point(model: &SparseModel, samples: f64) -> Result<Point, Failure> {
    let theory = SampleTheory::new(model, samples)?;
    let coverage = theory.coverage();
    Ok(Point {
        samples: Size(samples),
        seen: Number(coverage.seen),
        unseen_mass: Number(coverage.unseen_mass),
        threshold: Number(coverage.threshold),
        rank: Number(theory.rank()),
        crossover: Number(theory::crossover(model).unwrap_or(f64::INFINITY)),
    })
}

/// The row of one model and number of samples, for [`crate::answers`].
pub(crate) fn rows(model: &SparseModel, samples: f64) -> Result<Rows, Failure> {
    Ok(Rows::of(&[point(model, samples)?]))
}
