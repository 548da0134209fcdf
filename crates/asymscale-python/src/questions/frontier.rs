//! The best split of a compute budget.

use super::{Answer, Given};
use crate::arguments::{Argument, reals};
use crate::model::{Model, positives, rates, sizes};
use crate::question::Parameter;
use asymscale::answers;
use asymscale::theory::{Budget, EpochBudget, Ridge};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::PyString;

/// The question of regression, or with a word in `training` (sgd or adaptive) that of passes.
#[pyfunction]
#[expect(clippy::too_many_arguments, reason = "those of the command")]
pub(crate) fn frontier<'py>(
    py: Python<'py>,
    model: &Bound<'py, Model>,
    compute: Given<'_, 'py>,
    factor: Given<'_, 'py>,
    ridge: Option<Given<'_, 'py>>,
    noise: Option<Given<'_, 'py>>,
    training: Option<&str>,
    unique: Option<Given<'_, 'py>>,
    rate: Option<Given<'_, 'py>>,
    threads: Option<usize>,
) -> Answer<'py> {
    let model = model.get();
    let refuse = |message: &str| Err(PyValueError::new_err(message.to_owned()));
    let (compute, factor) = (positives("compute", compute)?, positives("factor", factor)?);
    let passes = training.is_some() || unique.is_some();
    if passes && (ridge.is_some() || noise.is_some()) {
        return refuse("ridge and noise: cannot be used with training or unique");
    }
    match (training, unique, rate) {
        (None, None, None) => {
            let parameters =
                vec![Parameter::reals("factor", &factor), Parameter::reals("compute", &compute)];
            regression(py, model, parameters, (compute, factor), (ridge, noise), threads)
        }
        (None, None, Some(_)) => refuse("rate: needs training = 'sgd' or unique"),
        (Some("adaptive"), None, None) => {
            let parameters =
                vec![Parameter::reals("factor", &factor), Parameter::reals("compute", &compute)];
            let (question, models) = model.question(parameters, None, threads)?;
            let prepare = |place: &[usize]| {
                let (model, at) = models.at(place)?;
                Ok((model, compute.values()[at[1]], factor.values()[at[0]]))
            };
            question.answer(py, false, prepare, |(model, compute, factor), _, stop| {
                stop.check()?;
                answers::frontier_of_adaptive_steps(model, *compute, *factor)
            })
        }
        (Some("adaptive"), ..) => refuse("training = 'adaptive': has no rate and no unique"),
        (Some("sgd") | None, _, None) => {
            refuse("rate: is needed with training = 'sgd' and with unique")
        }
        (Some("sgd") | None, unique, Some(rate)) => {
            let unique =
                unique.map_or(Ok(Argument::One(f64::INFINITY)), |of| sizes("unique", of))?;
            let rate = rates("rate", rate)?;
            let parameters = vec![
                Parameter::reals("factor", &factor),
                Parameter::reals("rate", &rate),
                Parameter::reals("unique", &unique),
                Parameter::reals("compute", &compute),
            ];
            let (question, models) = model.question(parameters, None, threads)?;
            let prepare = |place: &[usize]| {
                let (model, at) = models.at(place)?;
                let budget = EpochBudget {
                    compute: compute.values()[at[3]],
                    factor: factor.values()[at[0]],
                    unique: unique.values()[at[2]],
                    rate: rate.values()[at[1]],
                };
                Ok((model, budget))
            };
            question.answer(py, false, prepare, |(model, budget), _, stop| {
                stop.check()?;
                answers::frontier_of_sgd(model, *budget)
            })
        }
        (Some(word), ..) => refuse(&format!("training = {word:?}: must be 'sgd' or 'adaptive'")),
    }
}

fn regression<'py>(
    py: Python<'py>,
    model: &Model,
    mut parameters: Vec<Parameter>,
    (compute, factor): (Argument<f64>, Argument<f64>),
    (ridge, noise): (Option<Given<'_, 'py>>, Option<Given<'_, 'py>>),
    threads: Option<usize>,
) -> Answer<'py> {
    let is_optimal =
        ridge.is_some_and(|ridge| ridge.cast::<PyString>().is_ok_and(|word| *word == "optimal"));
    let ridge = match ridge.filter(|_| !is_optimal) {
        Some(ridge) => reals("ridge", ridge)?,
        None => Argument::One(0.0),
    };
    let noise = noise.map_or(Ok(Argument::One(0.0)), |noise| reals("noise", noise))?;
    parameters.extend([Parameter::reals("ridge", &ridge), Parameter::reals("noise", &noise)]);
    let (question, models) = model.question(parameters, None, threads)?;
    let prepare = |place: &[usize]| {
        let (model, at) = models.at(place)?;
        let fixed = Ridge::Fixed(ridge.values()[at[2]]);
        let budget = Budget {
            compute: compute.values()[at[1]],
            factor: factor.values()[at[0]],
            ridge: if is_optimal { Ridge::Optimal } else { fixed },
            noise: noise.values()[at[3]],
        };
        Ok((model, budget))
    };
    question.answer(py, false, prepare, |(model, budget), _, stop| {
        stop.check()?;
        answers::frontier(model, *budget)
    })
}
