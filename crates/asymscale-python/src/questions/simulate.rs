//! The population loss over simulated designs.

use super::{Answer, Given};
use crate::arguments::{Argument, reals};
use crate::model::{Model, count, counts, model_sizes, parsed};
use crate::question::Parameter;
use crate::refused;
use asymscale::answers;
use asymscale::model::Regression;
use asymscale::montecarlo::{Method, NonlinearSettings, Settings};
use asymscale::solvers::{Activation, Nonlinear};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;

/// How designs are drawn and solved.
#[derive(FromPyObject)]
#[pyo3(from_item_all)]
pub(crate) struct How {
    repeats: f64,
    seed: u64,
    method: Option<String>,
    teachers: Option<f64>,
    probes: Option<f64>,
    inputs: Option<f64>,
    per_design: bool,
}

#[pyfunction]
#[expect(clippy::too_many_arguments, reason = "those of the command")]
#[expect(clippy::needless_pass_by_value, reason = "what Python hands over is read into it")]
pub(crate) fn simulate<'py>(
    py: Python<'py>,
    model: &Bound<'py, Model>,
    features: Given<'_, 'py>,
    samples: Given<'_, 'py>,
    ridge: Given<'_, 'py>,
    noise: Given<'_, 'py>,
    activation: Option<Given<'_, 'py>>,
    scale: Option<Given<'_, 'py>>,
    how: How,
    threads: Option<usize>,
) -> Answer<'py> {
    let (features, samples) = (model_sizes("features", features)?, counts("samples", samples, 1)?);
    let (ridge, noise) = (reals("ridge", ridge)?, reals("noise", noise)?);
    let mut parameters = vec![
        Parameter::counts("samples", &samples),
        Parameter::reals("ridge", &ridge),
        Parameter::reals("noise", &noise),
        Parameter::words("features", &features),
    ];
    how.check(activation.is_some(), scale.is_some())?;
    let repeats = count("repeats", how.repeats, 1)?;
    let seed = how.seed;
    if let Some(activation) = activation {
        if noise.values().iter().any(|noise| *noise != 0.0) {
            return Err(PyValueError::new_err("noise: only with linear features"));
        }
        let activation = parsed::<Activation>("activation", activation)?;
        let scale = scale.map_or(Ok(Argument::One(1.0)), |scale| reals("scale", scale))?;
        parameters.extend([
            Parameter::words("activation", &activation),
            Parameter::reals("scale", &scale),
        ]);
        let inputs = how.inputs.map_or(Ok(answers::INPUTS), |n| count("inputs", n, 1))?;
        let (question, models) = model.get().question(parameters, Some("features"), threads)?;
        let prepare = |place: &[usize]| {
            let (model, at) = models.at(place)?;
            let ridge = Regression::new(ridge.values()[at[1]], noise.values()[at[2]])?.ridge();
            let (activation, scale) = (activation.values()[at[4]], scale.values()[at[5]]);
            let settings = NonlinearSettings {
                samples: samples.values()[at[0]],
                features: Vec::new(),
                learner: Nonlinear { activation, scale, ridge, path: 0.0 },
                inputs,
                repeats,
                seed,
            };
            Ok((model, settings))
        };
        return question.answer(py, false, prepare, move |(model, settings), inner, stop| {
            stop.check()?;
            let features = inner.iter().map(|at| features.values()[*at]).collect();
            answers::simulate_nonlinear(model, &NonlinearSettings { features, ..settings.clone() })
        });
    }
    let defaults = Settings::default();
    let method = match &how.method {
        Some(word) => word.parse::<Method>().map_err(|error| refused(error.into()))?,
        None => defaults.method,
    };
    let teachers = how.teachers.map_or(Ok(answers::TEACHERS), |n| count("teachers", n, 1))?;
    let probes = how.probes.map_or(Ok(defaults.probes), |n| count("probes", n, 1))?;
    let (question, models) = model.get().question(parameters, Some("features"), threads)?;
    let question = if how.per_design { question.with_last(repeats)? } else { question };
    let prepare = |place: &[usize]| {
        let (model, at) = models.at(place)?;
        let regression = Regression::new(ridge.values()[at[1]], noise.values()[at[2]])?;
        let samples = samples.values()[at[0]];
        let settings = Settings {
            samples,
            repeats,
            teachers,
            probes,
            method,
            regression,
            seed,
            ..Settings::default()
        };
        Ok((model, settings))
    };
    let per_design = how.per_design;
    question.answer(py, false, prepare, move |(model, settings), inner, stop| {
        stop.check()?;
        let features = inner.iter().map(|at| features.values()[*at]).collect();
        let settings = Settings { features, ..settings.clone() };
        if per_design {
            answers::simulate_designs(model, &settings)
        } else {
            answers::simulate(model, &settings)
        }
    })
}

impl How {
    /// A number that would change nothing is a mistake.
    fn check(&self, nonlinear: bool, scaled: bool) -> PyResult<()> {
        let averages = !matches!(self.method.as_deref(), Some("explicit" | "conditional"));
        let unused = if nonlinear {
            [
                (self.method.is_some(), "method", "linear features"),
                (self.teachers.is_some(), "teachers", "linear features"),
                (self.probes.is_some(), "probes", "linear features"),
                (self.per_design, "per_design", "linear features"),
            ]
        } else {
            [
                (self.inputs.is_some(), "inputs", "activation"),
                (scaled, "scale", "activation"),
                (self.teachers.is_some() && averages, "teachers", "method explicit or conditional"),
                (self.probes.is_some() && !averages, "probes", "method iterative or averaged"),
            ]
        };
        match unused.iter().find(|(given, ..)| *given) {
            Some((_, name, with)) => {
                Err(PyValueError::new_err(format!("{name}: only with {with}")))
            }
            None => Ok(()),
        }
    }
}
