//! The population loss from theory.

use super::{Answer, Given};
use crate::arguments::reals;
use crate::model::{Model, sizes};
use crate::question::Parameter;
use asymscale::answers;
use asymscale::model::Regression;
use pyo3::prelude::*;

#[pyfunction]
pub(crate) fn loss<'py>(
    py: Python<'py>,
    model: &Bound<'py, Model>,
    features: Given<'_, 'py>,
    samples: Given<'_, 'py>,
    ridge: Given<'_, 'py>,
    noise: Given<'_, 'py>,
    threads: Option<usize>,
) -> Answer<'py> {
    let (features, samples) = (sizes("features", features)?, sizes("samples", samples)?);
    let (ridge, noise) = (reals("ridge", ridge)?, reals("noise", noise)?);
    let parameters = vec![
        Parameter::reals("samples", &samples),
        Parameter::reals("ridge", &ridge),
        Parameter::reals("noise", &noise),
        Parameter::reals("features", &features),
    ];
    let (question, models) = model.get().question(parameters, Some("features"), threads)?;
    let prepare = |place: &[usize]| {
        let (model, at) = models.at(place)?;
        let regression = Regression::new(ridge.values()[at[1]], noise.values()[at[2]])?;
        Ok((model, samples.values()[at[0]], regression))
    };
    question.answer(py, true, prepare, move |(model, samples, regression), inner, stop| {
        stop.check()?;
        let sizes: Vec<f64> = inner.iter().map(|at| features.values()[*at]).collect();
        answers::loss(model, *samples, &sizes, *regression)
    })
}
