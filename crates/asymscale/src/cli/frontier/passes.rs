//! The frontier of one pass, and of several passes over limited unique samples.

use super::super::Failure;
use super::super::answer::{Answer, Column, answer};
use super::super::grid::{Axis, Grid, Place, Row};
use super::super::lists::Many;
use super::super::model_flags::UNIQUE;
use super::super::output::{Cell, Given, Number, Size, as_given, note, write};
use super::super::running::in_parallel;
use super::super::{grid, model_flags, small_steps};
use super::{COMPUTE, FrontierFlags, IN_FORCE, point};
use crate::answers::Rows;
use crate::model::SparseModel;
use crate::theory::{
    self, Budget, EpochBudget, EpochSplit, FrontierExponents, Ridge, Scarce, TheoryError,
};
use clap::ValueEnum;

/// A loss below this share of the variance of the labels has no digits.
const LEAST: f64 = 1e-6;

/// How samples are passed over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Pass {
    /// Stochastic gradient descent in small steps.
    Sgd,
    /// Adaptive steps, of which the regression loss is the lower envelope.
    Adaptive,
}

answer! {
    /// The best split of one budget over passes of stochastic gradient descent.
    pub(super) struct SgdPoint {
        /// The budget C = factor · N · D · K, as it was given.
        compute: Given,
        /// Different samples there are, U; infinite without --unique.
        unique: Size,
        /// Step size η on single samples.
        rate: Number,
        /// The best N.
        features: Number,
        /// The best D, at most U.
        samples: Number,
        /// The best number of epochs K; fresh samples come before repeats.
        epochs: Number,
        /// The population loss there: that of gradient flow at the time η D K, the limit of small
        /// steps. Below 1e-6 of the variance of the labels it is not resolved.
        loss: Number,
        /// The loss of U samples with features and epochs without end, which no budget undercuts; 0
        /// of infinitely many.
        floor: Number,
        /// What more of would lower the loss: compute (fresh samples are left), epochs (all are
        /// repeated), samples (the loss is within a tenth of the floor).
        scarce: String,
        /// Exponent of C in N by the law of small steps, b = max(β, 1 + α) of fresh samples and 1 +
        /// α of repeated ones, where the slopes are within 0.03 of it; null elsewhere.
        features_exponent: Option<Number>,
        /// Exponent of C in D K by the same law.
        tokens_exponent: Option<Number>,
        /// Exponent of C in the loss by the same law.
        loss_exponent: Option<Number>,
        /// Slope of ln N along ln C at this budget; null where it is not known.
        features_slope: Option<Number>,
        /// Slope of ln(D K) along ln C at this budget.
        tokens_slope: Option<Number>,
        /// Slope of the logarithm of the loss along ln C at this budget.
        loss_slope: Option<Number>,
    }
}

answer! {
    /// The best split of one budget over one pass of adaptive steps.
    pub(super) struct AdaptivePoint {
        /// The budget C = factor · N · D, as it was given.
        compute: Given,
        /// The best N.
        features: Number,
        /// The best D, each sample passed once.
        samples: Number,
        /// The loss of ridgeless regression there, the lower envelope of what one pass of adaptive
        /// steps reaches: chapter 14 tests how near they come.
        loss: Number,
        /// Exponent of C in N by the law of regression, with b = max(1, β); null where there is
        /// none.
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

/// The columns of the answers.
pub(super) fn columns() -> Vec<(&'static str, Vec<Column>)> {
    vec![
        ("--pass sgd, --unique", SgdPoint::columns()),
        ("--pass adaptive", AdaptivePoint::columns()),
    ]
}

/// The answer with `--pass` or `--unique`.
pub(super) fn run(flags: &FrontierFlags) -> Result<String, Failure> {
    let adaptive = flags.pass == Some(Pass::Adaptive);
    if adaptive {
        return by_adaptive_steps(flags);
    }
    let Some(rates) = &flags.rate else {
        return Err(Failure::input("--rate: is needed with --pass sgd and with --unique"));
    };
    let endless = Many { values: vec![f64::INFINITY], many: false };
    let unique = flags.unique.as_ref().unwrap_or(&endless);
    let data = Grid::new(flags.model.axes());
    let budgets = Grid::new(vec![
        model_flags::factor_axis(&flags.factor),
        model_flags::rate_axis(rates),
        Axis::new(UNIQUE, unique, |unique| Cell::Size(*unique)),
        Axis::reals(COMPUTE, &flags.compute),
    ]);
    warn(flags, &data, rates)?;
    let rows = over(flags, &data, &budgets, |model, at| {
        let budget = EpochBudget {
            compute: *at.of(COMPUTE.name, &flags.compute),
            factor: *at.of("factor", &flags.factor),
            unique: *at.of(UNIQUE.name, unique),
            rate: *at.of("rate", rates),
        };
        sgd_point(model, budget)
    })?;
    Ok(write(&rows, data.many() || budgets.many(), flags.format))
}

/// Says once that a step size is not small.
fn warn(flags: &FrontierFlags, data: &Grid, rates: &Many<f64>) -> Result<(), Failure> {
    grid::bounded(&[data], &[("rate", rates.values.len())])?;
    for (_, model) in flags.model.models(data)? {
        for rate in &rates.values {
            if let Some(warning) = warning(&model, *rate)? {
                note(&warning);
                return Ok(());
            }
        }
    }
    Ok(())
}

/// What is to be said of a step size that is not small.
fn warning(model: &SparseModel, rate: f64) -> Result<Option<String>, Failure> {
    let is_small = small_steps::are_small(model, (rate, 1), None)?;
    Ok((!is_small).then(|| {
        format!(
            "rate = {}: is not small, η (λ₁ + tr Σ) is above 0.2; the loss is that of gradient \
             flow, which steps on single samples do not reach, or diverge from",
            as_given(rate)
        )
    }))
}

fn by_adaptive_steps(flags: &FrontierFlags) -> Result<String, Failure> {
    let data = Grid::new(flags.model.axes());
    let budgets = Grid::new(vec![
        model_flags::factor_axis(&flags.factor),
        Axis::reals(COMPUTE, &flags.compute),
    ]);
    let rows = over(flags, &data, &budgets, |model, at| {
        let compute = *at.of(COMPUTE.name, &flags.compute);
        adaptive_point(model, compute, *at.of("factor", &flags.factor))
    })?;
    Ok(write(&rows, data.many() || budgets.many(), flags.format))
}

fn adaptive_point(
    model: &SparseModel,
    compute: f64,
    factor: f64,
) -> Result<AdaptivePoint, TheoryError> {
    let budget = Budget { compute, factor, ridge: Ridge::Fixed(0.0), noise: 0.0 };
    let found = point(model, budget)?;
    Ok(AdaptivePoint {
        compute: found.compute,
        features: found.features,
        samples: found.samples,
        loss: found.loss,
        features_exponent: found.features_exponent,
        samples_exponent: found.samples_exponent,
        loss_exponent: found.loss_exponent,
        features_slope: found.features_slope,
        samples_slope: found.samples_slope,
        loss_slope: found.loss_slope,
    })
}

/// The row of one model and budget of passes, for [`crate::answers`].
pub(crate) fn sgd_rows(model: &SparseModel, budget: EpochBudget) -> Result<Rows, Failure> {
    let rows = Rows::of(&[sgd_point(model, budget)?]);
    Ok(match warning(model, budget.rate)? {
        Some(warning) => rows.with_note(warning),
        None => rows,
    })
}

/// The row of one model and budget of one pass of adaptive steps, for [`crate::answers`].
pub(crate) fn adaptive_rows(
    model: &SparseModel,
    compute: f64,
    factor: f64,
) -> Result<Rows, Failure> {
    Ok(Rows::of(&[adaptive_point(model, compute, factor)?]))
}

/// A row for each model and budget.
fn over<'a, T: Answer + Send>(
    flags: &FrontierFlags,
    data: &'a Grid,
    budgets: &'a Grid,
    row: impl Fn(&SparseModel, Place<'a>) -> Result<T, TheoryError> + Sync,
) -> Result<Vec<Row<T>>, Failure> {
    grid::bounded(&[data, budgets], &[])?;
    let models = flags.model.models(data)?;
    let places: Vec<Place> = budgets.places().collect();
    let pairs: Vec<_> = models
        .iter()
        .flat_map(|(at, model)| places.iter().map(move |budget| (*at, model, *budget)))
        .collect();
    in_parallel(&pairs, |(at, model, budget)| {
        Ok(vec![Row::new(&[*at, *budget], row(model, *budget)?)])
    })
}

fn sgd_point(model: &SparseModel, budget: EpochBudget) -> Result<SgdPoint, TheoryError> {
    let mut best = theory::frontier_with_epochs(model, budget)?;
    // Where hardly anything is left to learn, N, D and K are any that leave so little.
    let is_resolved = best.loss > LEAST * model.label_variance();
    best.loss = best.loss.max(0.0);
    let slopes = theory::local_epoch_exponents(model, budget, best)?.filter(|_| is_resolved);
    let law = law_in_force(model, best, slopes.as_ref());
    Ok(SgdPoint {
        compute: Given(budget.compute),
        unique: Size(budget.unique),
        rate: Number(budget.rate),
        features: Number(best.features),
        samples: Number(best.samples),
        epochs: Number(best.epochs),
        loss: Number(best.loss),
        floor: Number(best.floor),
        scarce: best.scarce.to_string(),
        features_exponent: law.map(|law| Number(law.features)),
        tokens_exponent: law.map(|law| Number(law.samples)),
        loss_exponent: law.map(|law| Number(law.loss)),
        features_slope: slopes.map(|slopes| Number(slopes.features)),
        tokens_slope: slopes.map(|slopes| Number(slopes.samples)),
        loss_slope: slopes.map(|slopes| Number(slopes.loss)),
    })
}

/// The law of small steps where the frontier follows it, so that no exponent stands beside a slope
/// that it contradicts.
fn law_in_force(
    model: &SparseModel,
    best: EpochSplit,
    slopes: Option<&FrontierExponents>,
) -> Option<FrontierExponents> {
    let law = match best.scarce {
        Scarce::Compute => theory::epoch_frontier_exponents(model, false),
        Scarce::Epochs => theory::epoch_frontier_exponents(model, true),
        Scarce::Samples => None,
    };
    law.filter(|law| slopes.is_some_and(|slopes| slopes.is_near(law, IN_FORCE)))
}
