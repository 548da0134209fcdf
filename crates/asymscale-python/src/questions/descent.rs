//! The population loss along gradient descent.

use super::{Answer, Given};
use crate::model::{Model, count, counts, model_sizes, rates, sizes};
use crate::question::Parameter;
use asymscale::answers::{self, DescentPlan};
use pyo3::prelude::*;

/// Numbers of steps are the last axis of the answer, if they are an array.
#[pyfunction]
#[expect(clippy::too_many_arguments, reason = "those of the command")]
pub(crate) fn descent<'py>(
    py: Python<'py>,
    model: &Bound<'py, Model>,
    samples: Given<'_, 'py>,
    rate: Given<'_, 'py>,
    steps: Given<'_, 'py>,
    features: Given<'_, 'py>,
    repeats: f64,
    seed: u64,
    threads: Option<usize>,
) -> Answer<'py> {
    let (samples, rate) = (counts("samples", samples, 1)?, rates("rate", rate)?);
    let features = model_sizes("features", features)?;
    let steps = sizes("steps", steps)?;
    let repeats = count("repeats", repeats, 1)?;
    let parameters = vec![
        Parameter::counts("samples", &samples),
        Parameter::reals("rate", &rate),
        Parameter::words("features", &features),
    ];
    let (question, models) = model.get().question(parameters, None, threads)?;
    let question = if steps.shape().is_empty() {
        question
    } else {
        question.with_last_axis("steps", &steps)?
    };
    let prepare = |place: &[usize]| {
        let (model, at) = models.at(place)?;
        let plan = DescentPlan {
            samples: samples.values()[at[0]],
            rate: rate.values()[at[1]],
            steps: steps.values().to_vec(),
            features: features.values()[at[2]],
            repeats,
            seed,
        };
        Ok((model, plan))
    };
    question.answer(py, false, prepare, |(model, plan), _, stop| {
        stop.check()?;
        answers::descent(model, plan)
    })
}
