//! What a number of samples has seen.

use super::{Answer, Given};
use crate::model::{Model, sizes};
use crate::question::Parameter;
use asymscale::answers;
use pyo3::prelude::*;

#[pyfunction]
pub(crate) fn coverage<'py>(
    py: Python<'py>,
    model: &Bound<'py, Model>,
    samples: Given<'_, 'py>,
    threads: Option<usize>,
) -> Answer<'py> {
    let samples = sizes("samples", samples)?;
    let (question, models) =
        model.get().question(vec![Parameter::reals("samples", &samples)], None, threads)?;
    let prepare = |place: &[usize]| {
        let (model, at) = models.at(place)?;
        Ok((model, samples.values()[at[0]]))
    };
    question.answer(py, true, prepare, |(model, samples), _, stop| {
        stop.check()?;
        answers::coverage(model, *samples)
    })
}
