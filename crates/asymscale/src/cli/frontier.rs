//! `asymscale frontier`: the best split of a compute budget between features and samples, from
//! theory; over passes of stochastic gradient descent also the number of epochs.

pub(crate) mod passes;

use super::Failure;
use super::answer::{Answer, Column, answer};
use super::grid::{self, Axis, Grid, Place, Row};
use super::lists::{self, Many};
use super::model_flags::{self, ModelFlags};
use super::output::{Cell, Format, Given, Number, write};
use super::running::{Running, in_parallel};
use crate::answers::Rows;
use crate::model::SparseModel;
use crate::theory::{self, Budget, FrontierExponents, Ridge, TheoryError};
use clap::Args;

/// A law is in force where the slopes of the frontier are within this of its exponents, and within
/// this share of those above 1.
const IN_FORCE: f64 = 0.03;

const EXAMPLES: &str = "\
Examples:
  asymscale frontier --alpha 1 --beta 1.5 --compute 1e3..1e12:10log
  asymscale frontier --alpha 1 --beta 1.5..2.5:5lin --compute 1e6 --ridge optimal
  asymscale frontier --alpha 1 --beta 1.5 --compute 1e6 --unique 1e3,1e4,inf --rate 0.05";

#[derive(Debug, Args)]
#[command(after_help = grid::help(EXAMPLES))]
pub(crate) struct FrontierFlags {
    #[command(flatten)]
    model: ModelFlags,
    /// Budget C = factor · N · D: a number, a list or a range
    #[arg(long, value_parser = lists::positives, allow_hyphen_values = true)]
    compute: Many<f64>,
    /// Cost of one feature on one sample, or a list or range
    #[arg(long, value_parser = lists::each_positive, allow_hyphen_values = true, default_value = "1")]
    factor: Many<f64>,
    /// Ridge γ >= 0, or a list or range; or optimal: at every split the best one
    #[arg(long, value_parser = ridges, allow_hyphen_values = true, default_value = "0")]
    ridge: Many<Ridge>,
    /// Variance σ² >= 0 of the label noise (not part of the loss reported), or a list or range
    #[arg(long, value_parser = lists::non_negatives, allow_hyphen_values = true, default_value = "0")]
    noise: Many<f64>,
    /// Train in one pass over fresh samples in place of regression: sgd (small steps of --rate, by
    /// gradient flow) or adaptive (of which ridgeless regression is the lower envelope)
    #[arg(long, value_enum, conflicts_with_all = ["ridge", "noise"])]
    pass: Option<passes::Pass>,
    /// Different samples U there are, or a list or range, or inf: budgets C = factor · N · D · K of
    /// K passes of sgd over D <= U samples
    #[arg(long, value_parser = lists::sizes, allow_hyphen_values = true, requires = "rate",
        conflicts_with_all = ["ridge", "noise"])]
    unique: Option<Many<f64>>,
    /// Step size η > 0 on single samples of --pass sgd and --unique (η/B for batches of B), or a
    /// list or range
    #[arg(long, value_parser = lists::each_positive, allow_hyphen_values = true,
        conflicts_with_all = ["ridge", "noise"])]
    rate: Option<Many<f64>>,
    #[command(flatten)]
    pub(crate) running: Running,
    #[command(flatten)]
    pub(crate) format: Format,
}

/// The word optimal alone, or numbers.
fn ridges(text: &str) -> Result<Many<Ridge>, String> {
    if text == "optimal" {
        return Ok(Many { values: vec![Ridge::Optimal], many: false });
    }
    let Many { values, many } =
        lists::non_negatives(text).map_err(|error| format!("{error}, or optimal"))?;
    Ok(Many { values: values.into_iter().map(Ridge::Fixed).collect(), many })
}

/// What stands for a ridge in a grid; the answer has a column of its own for it.
fn cell(ridge: &Ridge) -> Cell {
    match ridge {
        Ridge::Fixed(ridge) => Cell::Given(*ridge),
        Ridge::Optimal => Cell::Word("optimal".to_owned()),
    }
}

const COMPUTE: Column = Column::new("compute", "The budget C = factor · N · D.");
const RIDGE: Column = Column::new("ridge", "The ridge.");

pub(crate) fn run(flags: &FrontierFlags) -> Result<String, Failure> {
    if flags.pass == Some(passes::Pass::Adaptive)
        && (flags.unique.is_some() || flags.rate.is_some())
    {
        return Err(Failure::input("--pass adaptive: has no --rate and no --unique"));
    }
    if flags.pass.is_some() || flags.unique.is_some() {
        return passes::run(flags);
    }
    if flags.rate.is_some() {
        return Err(Failure::input("--rate: needs --pass sgd or --unique"));
    }
    let data = Grid::new(flags.model.axes());
    let budgets = Grid::new(vec![
        Axis::new(RIDGE, &flags.ridge, cell),
        model_flags::noise_axis(&flags.noise),
        model_flags::factor_axis(&flags.factor),
        Axis::reals(COMPUTE, &flags.compute),
    ]);
    grid::bounded(&[&data, &budgets], &[])?;
    let models = flags.model.models(&data)?;
    let budgets_at: Vec<(Place, Budget)> =
        budgets.places().map(|at| (at, budget(flags, at))).collect();
    let small = budgets_at.iter().find(|(_, budget)| budget.compute < budget.factor);
    if let (Some((_, budget)), Some((_, model))) = (small, models.first()) {
        // Refused by the library without any work; asked first so that nothing is computed before
        // it.
        theory::frontier(model, *budget)?;
    }
    let pairs: Vec<_> = models
        .iter()
        .flat_map(|(data, model)| {
            budgets_at.iter().map(move |(at, budget)| (data, model, at, budget))
        })
        .collect();
    let rows = in_parallel(&pairs, |(data, model, at, budget)| {
        Ok(vec![Row::new(&[**data, **at], point(model, **budget)?)])
    })?;
    Ok(write(&rows, data.many() || budgets.many(), flags.format))
}

fn budget(flags: &FrontierFlags, at: Place) -> Budget {
    Budget {
        compute: *at.of(COMPUTE.name, &flags.compute),
        factor: *at.of("factor", &flags.factor),
        ridge: *at.of(RIDGE.name, &flags.ridge),
        noise: *at.of("noise", &flags.noise),
    }
}

answer! {
    /// The best split of one budget.
    struct Point {
        /// The budget C = factor · N · D, as it was given.
        compute: Given,
        /// The best N.
        features: Number,
        /// The best D.
        samples: Number,
        /// The population loss there.
        loss: Number,
        /// Estimate of the relative error of that loss at this size; by how much the best split
        /// would move is not known.
        finite_size_error: Number,
        /// Whether N or D is the larger one there: overparameterized or underparameterized.
        branch: String,
        /// The ridge there.
        ridge: Number,
        /// Exponent of C in N by the law in force; null where there is none.
        features_exponent: Option<Number>,
        /// Exponent of C in D by the same law.
        samples_exponent: Option<Number>,
        /// Exponent of C in the loss by the same law.
        loss_exponent: Option<Number>,
        /// Slope of ln N along ln C at this budget; null where it is not known.
        features_slope: Option<Number>,
        /// Slope of ln D along ln C at this budget.
        samples_slope: Option<Number>,
        /// Slope of the logarithm of the loss along ln C at this budget.
        loss_slope: Option<Number>,
    }
}

/// The columns of the answer.
pub(crate) fn columns() -> Vec<(&'static str, Vec<Column>)> {
    let mut columns = vec![("", Point::columns())];
    columns.extend(passes::columns());
    columns
}

/// The schemas of its answers.
#[cfg(test)]
pub(crate) fn schemas(of: &mut schemars::SchemaGenerator) -> Vec<schemars::Schema> {
    super::schema::made::schemas_of!(of; Point, passes::SgdPoint, passes::AdaptivePoint)
}

fn point(model: &SparseModel, budget: Budget) -> Result<Point, TheoryError> {
    let frontier = theory::frontier(model, budget)?;
    let best = frontier.best();
    let slopes = theory::local_exponents(model, budget, best)?;
    let law = law_in_force(model, budget, slopes.as_ref())?;
    Ok(Point {
        compute: Given(budget.compute),
        features: Number(best.features),
        samples: Number(best.samples),
        loss: Number(best.loss),
        finite_size_error: Number(best.finite_size_error(model, budget.noise)?),
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

/// The row of one model and budget, for [`crate::answers`].
pub(crate) fn rows(model: &SparseModel, budget: Budget) -> Result<Rows, Failure> {
    Ok(Rows::of(&[point(model, budget)?]))
}
