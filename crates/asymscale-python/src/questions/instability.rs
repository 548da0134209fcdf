//! The probability that gradient descent with a fixed step diverges.

use super::{Answer, Given};
use crate::model::{Model, count, model_sizes, rates, sizes};
use crate::question::Parameter;
use asymscale::answers;
use asymscale::montecarlo::InstabilitySettings;
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;

/// The diagonal law; simulations with `repeats`; one pass with `batch`.
#[pyfunction]
#[expect(clippy::too_many_arguments, reason = "those of the command")]
pub(crate) fn instability<'py>(
    py: Python<'py>,
    model: &Bound<'py, Model>,
    samples: Given<'_, 'py>,
    rate: Given<'_, 'py>,
    features: Given<'_, 'py>,
    repeats: Option<f64>,
    batch: Option<f64>,
    seed: u64,
    threshold_share: f64,
    threads: Option<usize>,
) -> Answer<'py> {
    let (samples, rate) = (sizes("samples", samples)?, rates("rate", rate)?);
    let features = model_sizes("features", features)?;
    let mut parameters =
        vec![Parameter::reals("samples", &samples), Parameter::reals("rate", &rate)];
    let at_infinity = features.values().iter().all(|size| size.is_infinite());
    if !at_infinity && repeats.is_none() {
        let message = "features: needs simulate (the laws are those of infinitely many features)";
        return Err(PyValueError::new_err(message));
    }
    if repeats.is_some() {
        parameters.push(Parameter::words("features", &features));
    }
    let (question, models) = model.get().question(parameters, None, threads)?;
    let (samples_at, rate_at) = (samples.values(), rate.values());
    if let Some(repeats) = repeats {
        let repeats = count("repeats", repeats, 1)?;
        let prepare = |place: &[usize]| {
            let (model, at) = models.at(place)?;
            let settings = InstabilitySettings {
                samples: answers::count("samples", samples_at[at[0]], 1)?,
                rate: rate_at[at[1]],
                features: features.values()[at[2]],
                repeats,
                threshold_share,
                seed,
                ..InstabilitySettings::default()
            };
            Ok((model, settings))
        };
        return question.answer(py, false, prepare, |(model, settings), _, stop| {
            stop.check()?;
            answers::instability_simulated(model, settings.clone())
        });
    }
    let prepare = |place: &[usize]| {
        let (model, at) = models.at(place)?;
        Ok((model, samples_at[at[0]], rate_at[at[1]]))
    };
    if let Some(batch) = batch {
        let batch = count("batch", batch, 1)?;
        return question.answer(py, true, prepare, move |(model, samples, rate), _, stop| {
            stop.check()?;
            answers::instability_of_pass(model, *samples, *rate, batch)
        });
    }
    question.answer(py, true, prepare, |(model, samples, rate), _, stop| {
        stop.check()?;
        answers::instability(model, *samples, *rate)
    })
}
