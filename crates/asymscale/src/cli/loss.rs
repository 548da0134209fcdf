//! `asymscale loss`: the population loss from theory.

use super::Failure;
use super::answer::{Answer, Column, answer};
use super::grid::{self, Grid, Place, Row};
use super::lists::{self, Many};
use super::model_flags::{ModelFlags, RegressionFlags, samples_axis};
use super::output::{Format, Number, Size, note, write};
use super::running::{Running, in_parallel};
use crate::answers::Rows;
use crate::model::{ModelSize, Regression, SparseModel};
use crate::theory::{Reliability, SampleTheory};
use clap::Args;

const EXAMPLES: &str = "\
Examples:
  asymscale loss --alpha 1 --beta 1.5 --features 100 --samples 10000
  asymscale loss --alpha 0.5..1.5:11lin --beta 1.5,2 --features 10..1e6:60log --samples 1e4 --csv
      a row for each α, β and N: 11 · 2 · 60 rows, with columns alpha and beta";

#[derive(Debug, Args)]
#[command(after_help = grid::help(EXAMPLES))]
pub(crate) struct LossFlags {
    #[command(flatten)]
    model: ModelFlags,
    /// Model size N: a number, a list or a range; inf allowed
    #[arg(long, value_parser = lists::model_sizes, allow_hyphen_values = true)]
    features: Many<ModelSize>,
    /// Number of training samples D: a number, a list or a range; inf allowed
    #[arg(long, value_parser = lists::sizes, allow_hyphen_values = true)]
    samples: Many<f64>,
    #[command(flatten)]
    regression: RegressionFlags,
    #[command(flatten)]
    pub(crate) running: Running,
    #[command(flatten)]
    pub(crate) format: Format,
}

/// Said where both sizes are infinite.
const LIMIT: &str =
    "infinitely many features and samples: the loss is the limit of both, 0 without a ridge";

answer! {
    /// The loss at one N and D.
    struct Point {
        /// Model size N, or infinite.
        features: Size,
        /// Training samples D, or infinite.
        samples: Size,
        /// Population loss, without the label noise. At infinitely many features and samples it is
        /// the limit of both, which a note on standard error tells.
        loss: Number,
        /// What limits the loss, in a word.
        regime: String,
        /// How far theory is to be trusted at this size: good, fair or poor.
        reliability: String,
        /// Estimate of the relative error of theory at this size.
        finite_size_error: Number,
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

pub(crate) fn run(flags: &LossFlags) -> Result<String, Failure> {
    let mut axes = flags.model.axes();
    axes.push(samples_axis(&flags.samples));
    let (data, learners) = (Grid::new(axes), Grid::new(flags.regression.axes()));
    let sizes: Vec<f64> = flags.features.values.iter().map(|size| size.as_f64()).collect();
    grid::bounded(&[&data, &learners], &[("features", sizes.len())])?;
    let models = flags.model.models(&data)?;
    let regressions = flags.regression.regressions(&learners)?;
    let rows = in_parallel(&models, |(at, model)| {
        let samples = *at.of("samples", &flags.samples);
        curves(model, samples, &sizes, *at, &regressions)
    })?;
    if sizes.contains(&f64::INFINITY) && flags.samples.values.contains(&f64::INFINITY) {
        note(LIMIT);
    }
    let many = data.many() || learners.many() || flags.features.many;
    Ok(write(&rows, many, flags.format))
}

/// The losses of one model at one number of samples: for every regression those of all sizes.
fn curves(
    model: &SparseModel,
    samples: f64,
    sizes: &[f64],
    at: Place,
    regressions: &[(Place, Regression)],
) -> Result<Vec<Row<Point>>, Failure> {
    let theory = SampleTheory::new(model, samples)?;
    let mut rows = Vec::with_capacity(sizes.len() * regressions.len());
    for (learner, regression) in regressions {
        let points = curve(&theory, samples, sizes, *regression)?;
        rows.extend(points.into_iter().map(|point| Row::new(&[at, *learner], point)));
    }
    Ok(rows)
}

fn curve(
    theory: &SampleTheory,
    samples: f64,
    sizes: &[f64],
    regression: Regression,
) -> Result<Vec<Point>, Failure> {
    let losses = theory.curve_with(sizes, regression)?;
    let regimes = theory.regimes_with(sizes, regression)?;
    let errors = theory.finite_size_errors_with(sizes, regression)?;
    let point = |(k, features): (usize, &f64)| Point {
        features: Size(*features),
        samples: Size(samples),
        loss: Number(losses[k]),
        regime: regimes[k].to_string(),
        reliability: Reliability::of_error(errors[k]).to_string(),
        finite_size_error: Number(errors[k]),
    };
    Ok(sizes.iter().enumerate().map(point).collect())
}

/// The rows of one model at one number of samples, for [`crate::answers`].
pub(crate) fn rows(
    model: &SparseModel,
    samples: f64,
    sizes: &[f64],
    regression: Regression,
) -> Result<Rows, Failure> {
    let theory = SampleTheory::new(model, samples)?;
    let is_limit = samples == f64::INFINITY && sizes.contains(&f64::INFINITY);
    let rows = Rows::of(&curve(&theory, samples, sizes, regression)?);
    Ok(if is_limit { rows.with_note(LIMIT) } else { rows })
}
