//! The population loss along stochastic training.

use super::{Answer, Given};
use crate::arguments::reals;
use crate::model::{Model, count, counts, model_sizes, parsed, rates, sizes};
use crate::question::Parameter;
use crate::refused;
use asymscale::answers::{self, Refusal, TrainingPlan};
use asymscale::dynamics::Rule;
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use std::str::FromStr;

/// Updates are the last axis of the answer, unless a single one is asked for.
#[pyfunction]
#[expect(clippy::too_many_arguments, reason = "those of the command")]
pub(crate) fn train<'py>(
    py: Python<'py>,
    model: &Bound<'py, Model>,
    samples: Given<'_, 'py>,
    rate: Given<'_, 'py>,
    epochs: Given<'_, 'py>,
    batch: Given<'_, 'py>,
    rule: Given<'_, 'py>,
    order: Option<&str>,
    schedule: &str,
    warmup: f64,
    noise: Given<'_, 'py>,
    features: Given<'_, 'py>,
    average: &str,
    steps: Option<Given<'_, 'py>>,
    repeats: f64,
    seed: u64,
    threads: Option<usize>,
) -> Answer<'py> {
    let (samples, epochs) = (counts("samples", samples, 1)?, counts("epochs", epochs, 1)?);
    let (rate, batch) = (rates("rate", rate)?, counts("batch", batch, 1)?);
    let rule = parsed::<Rule>("rule", rule)?;
    let (noise, features) = (reals("noise", noise)?, model_sizes("features", features)?);
    let steps = steps.map(|steps| sizes("steps", steps)).transpose()?;
    let parameters = vec![
        Parameter::counts("samples", &samples),
        Parameter::reals("noise", &noise),
        Parameter::counts("epochs", &epochs),
        Parameter::counts("batch", &batch),
        Parameter::words("rule", &rule),
        Parameter::reals("rate", &rate),
        Parameter::words("features", &features),
    ];
    let (order, schedule) = (order.map(word).transpose()?, word(schedule)?);
    let average = word(average)?;
    let (warmup, repeats) = (count("warmup", warmup, 0)?, count("repeats", repeats, 0)?);
    let plan = |at: &[usize]| TrainingPlan {
        samples: samples.values()[at[0]],
        epochs: epochs.values()[at[2]],
        rate: rate.values()[at[5]],
        batch: batch.values()[at[3]],
        rule: rule.values()[at[4]],
        order,
        schedule,
        warmup,
        noise: noise.values()[at[1]],
        features: features.values()[at[6]],
        average,
        steps: steps.as_ref().map(|steps| steps.values().to_vec()),
        repeats,
        seed,
    };
    let (question, models) = model.get().question(parameters, None, threads)?;
    let question = match &steps {
        Some(steps) if steps.shape().is_empty() => question,
        Some(steps) => question.with_last_axis("steps", steps)?,
        // Runs of several lengths are told at several numbers of updates.
        None => {
            let lengths = question.each(|place| {
                let (_, at) = models.at(place)?;
                Ok(answers::training_steps(&plan(at))?.len())
            });
            let lengths = lengths.map_err(refused)?;
            if lengths.iter().any(|length| *length != lengths[0]) {
                return Err(PyValueError::new_err(
                    "steps: must be given where runs have different numbers of updates",
                ));
            }
            question.with_last(lengths.first().copied().unwrap_or(0))?
        }
    };
    let prepare = |place: &[usize]| {
        let (model, at) = models.at(place)?;
        Ok((model, plan(at)))
    };
    question.answer(py, false, prepare, |(model, plan), _, stop| {
        stop.check()?;
        answers::train(model, plan)
    })
}

fn word<T: FromStr<Err: Into<Refusal>>>(text: &str) -> PyResult<T> {
    text.parse().map_err(|error: T::Err| refused(error.into()))
}
