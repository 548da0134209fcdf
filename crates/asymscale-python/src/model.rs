//! The model of the data: its parameters, which may be arrays, and the models at their values.

use crate::arguments::{Argument, reals, words};
use crate::question::{Parameter, Question};
use crate::refused;
use asymscale::answers::{self, Refusal};
use asymscale::model::{
    Activity, Amplitude, Coordinates, ModelSize, SparseModel, Spectrum, Teacher,
};
use asymscale::tables::CoordinateTail;
use pyo3::prelude::*;
use std::sync::Arc;

/// Laws of the coordinates: numbers or arrays of them, or a table.
#[derive(Debug, Clone)]
enum Laws {
    Powers(Box<Powers>),
    Table(Arc<SparseModel>),
}

/// Power laws of the coordinates.
#[derive(Debug, Clone)]
struct Powers {
    alpha: Argument<f64>,
    /// The exponent, or the probability of all.
    activity: (ActivityKind, Argument<f64>),
    onset: Argument<f64>,
    target: Option<Argument<f64>>,
    /// Whole numbers or infinite.
    coordinates: Argument<f64>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum ActivityKind {
    PowerLaw,
    Uniform,
    OneHot,
}

/// The model of the data; parameters may be arrays.
#[pyclass(frozen, module = "asymscale._native")]
#[derive(Debug, Clone)]
pub(crate) struct Model {
    laws: Laws,
    amplitude: Argument<Amplitude>,
}

/// What builds the model at a place of a question, whose first parameters are those of the model.
#[derive(Debug)]
pub(crate) struct Models {
    model: Model,
    count: usize,
}

impl Models {
    /// The model at a place, and the rest of the place.
    pub(crate) fn at<'a>(&self, place: &'a [usize]) -> Result<(SparseModel, &'a [usize]), Refusal> {
        let (own, rest) = place.split_at(self.count);
        Ok((self.model.at(own)?, rest))
    }
}

impl Model {
    /// The question of the model's parameters and of `further` ones, and what builds the models.
    /// Points that differ in `inner` alone are answered together.
    pub(crate) fn question(
        &self,
        further: Vec<Parameter>,
        inner: Option<&str>,
        threads: Option<usize>,
    ) -> PyResult<(Question, Models)> {
        let mut parameters = self.parameters();
        let count = parameters.len();
        parameters.extend(further);
        let question = Question::new(parameters, inner)?.on_threads(threads);
        Ok((question, Models { model: self.clone(), count }))
    }

    fn parameters(&self) -> Vec<Parameter> {
        let amplitude = Parameter::words("amplitude", &self.amplitude);
        let Laws::Powers(powers) = &self.laws else { return vec![amplitude] };
        let Powers { alpha, activity, onset, target, coordinates } = powers.as_ref();
        let name = if activity.0 == ActivityKind::Uniform { "probability" } else { "beta" };
        let mut parameters = vec![
            Parameter::reals("alpha", alpha),
            Parameter::reals(name, &activity.1),
            Parameter::reals("onset", onset),
            amplitude,
            Parameter::reals("coordinates", coordinates),
        ];
        parameters.extend(target.as_ref().map(|of| Parameter::reals("target_exponent", of)));
        parameters
    }

    fn at(&self, place: &[usize]) -> Result<SparseModel, Refusal> {
        let powers = match &self.laws {
            Laws::Table(model) => {
                let amplitude = self.amplitude.values()[place[0]];
                return Ok(model.as_ref().clone().with_amplitude(amplitude));
            }
            Laws::Powers(powers) => powers,
        };
        let Powers { alpha, activity, onset, target, coordinates } = powers.as_ref();
        let spectrum = Spectrum::power_law(alpha.values()[place[0]])?;
        let (kind, values) = activity;
        let exponent = values.values()[place[1]];
        let activity = match kind {
            ActivityKind::PowerLaw => Activity::power_law(exponent, onset.values()[place[2]])?,
            ActivityKind::Uniform => Activity::uniform(exponent)?,
            ActivityKind::OneHot => Activity::one_hot(exponent)?,
        };
        let amplitude = self.amplitude.values()[place[3]];
        let coordinates = match coordinates.values()[place[4]] {
            f64::INFINITY => Coordinates::Infinite,
            count => Coordinates::Finite(count as u64),
        };
        let model = SparseModel::new(spectrum, activity, amplitude, coordinates)?;
        Ok(match target {
            Some(of) => model.with_teacher(Teacher::power_law(of.values()[place[5]])?)?,
            None => model,
        })
    }
}

#[pymethods]
impl Model {
    #[new]
    #[pyo3(signature = (alpha, beta, onset, probability, one_hot, target_exponent, amplitude, coordinates))]
    #[expect(clippy::too_many_arguments, reason = "the parameters of the model")]
    fn new(
        alpha: &Bound<'_, PyAny>,
        beta: Option<&Bound<'_, PyAny>>,
        onset: Option<&Bound<'_, PyAny>>,
        probability: Option<&Bound<'_, PyAny>>,
        one_hot: bool,
        target_exponent: Option<&Bound<'_, PyAny>>,
        amplitude: &Bound<'_, PyAny>,
        coordinates: &Bound<'_, PyAny>,
    ) -> PyResult<Self> {
        let together = |what: &str| pyo3::exceptions::PyValueError::new_err(what.to_owned());
        let activity = match (beta, probability) {
            (Some(_), Some(_)) => return Err(together("probability: cannot be used with beta")),
            (None, None) => return Err(together("beta: must be given, or probability")),
            (None, Some(_)) if one_hot => {
                return Err(together("probability: cannot be used with one_hot"));
            }
            (None, Some(of)) => (ActivityKind::Uniform, reals("probability", of)?),
            (Some(of), None) if one_hot => (ActivityKind::OneHot, reals("beta", of)?),
            (Some(of), None) => (ActivityKind::PowerLaw, reals("beta", of)?),
        };
        if onset.is_some() && activity.0 != ActivityKind::PowerLaw {
            return Err(together("onset: cannot be used with probability or one_hot"));
        }
        let powers = Powers {
            alpha: reals("alpha", alpha)?,
            activity,
            onset: onset.map_or(Ok(Argument::One(1.0)), |of| reals("onset", of))?,
            target: target_exponent.map(|of| reals("target_exponent", of)).transpose()?,
            coordinates: sizes("coordinates", coordinates)?,
        };
        let laws = Laws::Powers(Box::new(powers));
        let model = Self { laws, amplitude: amplitudes(amplitude)? };
        // Bad parameters are refused where they are written.
        let (question, models) = model.question(Vec::new(), None, None)?;
        question.each(|place| models.at(place).map(drop)).map_err(refused)?;
        Ok(model)
    }

    /// A model of listed coordinates; `tails` continue variance, activity and target energy.
    #[staticmethod]
    fn from_arrays(
        variance: &Bound<'_, PyAny>,
        activity: &Bound<'_, PyAny>,
        target_energy: Option<&Bound<'_, PyAny>>,
        tails: Option<Tails>,
        amplitude: &Bound<'_, PyAny>,
    ) -> PyResult<Self> {
        let list = |name: &'static str, given: &Bound<'_, PyAny>| match reals(name, given)? {
            Argument::Many { shape, values } if shape.len() == 1 => Ok(values),
            _ => Err(pyo3::exceptions::PyValueError::new_err(format!(
                "{name}: must be an array of one axis, an entry for each coordinate"
            ))),
        };
        let energies = target_energy.map(|given| list("target_energy", given)).transpose()?;
        let (variances, activities) = (list("variance", variance)?, list("activity", activity)?);
        if tails.is_some_and(|(.., target)| target.is_some() != energies.is_some()) {
            return Err(pyo3::exceptions::PyValueError::new_err(
                "target_tail: must be given if target_energy and the other tails are, and only then",
            ));
        }
        let tail =
            tails.map(|(variance, activity, target)| CoordinateTail { variance, activity, target });
        let model =
            answers::listed_model(variances, activities, energies, tail).map_err(refused)?;
        Ok(Self { laws: Laws::Table(Arc::new(model)), amplitude: amplitudes(amplitude)? })
    }

    /// A model of a table in a file or in memory, and what was remarked on it.
    #[staticmethod]
    fn from_table(
        table: crate::tables::Input,
        amplitude: &Bound<'_, PyAny>,
    ) -> PyResult<(Self, Vec<String>)> {
        let (model, notes) = answers::model_of_table(table.into_source()).map_err(refused)?;
        let laws = Laws::Table(Arc::new(model));
        Ok((Self { laws, amplitude: amplitudes(amplitude)? }, notes))
    }
}

/// Front and exponent of the power laws that continue variance, activity and, where it is listed,
/// target energy.
pub(crate) type Tails = ((f64, f64), (f64, f64), Option<(f64, f64)>);

/// Counts: whole numbers from `least` on.
pub(crate) fn counts(
    name: &'static str,
    given: &Bound<'_, PyAny>,
    least: u8,
) -> PyResult<Argument<usize>> {
    reals(name, given)?.map(|value| answers::count(name, value, least).map_err(refused))
}

/// A single count.
pub(crate) fn count(name: &'static str, value: f64, least: u8) -> PyResult<usize> {
    answers::count(name, value, least).map_err(refused)
}

/// Finite numbers above 0.
pub(crate) fn positives(name: &'static str, given: &Bound<'_, PyAny>) -> PyResult<Argument<f64>> {
    reals(name, given)?.map(|value| answers::positive(name, value).map_err(refused))
}

/// Step sizes.
pub(crate) fn rates(name: &'static str, given: &Bound<'_, PyAny>) -> PyResult<Argument<f64>> {
    reals(name, given)?.map(|value| answers::rate(name, value).map_err(refused))
}

/// Sizes: whole numbers from 1 on, or infinite.
pub(crate) fn sizes(name: &'static str, given: &Bound<'_, PyAny>) -> PyResult<Argument<f64>> {
    reals(name, given)?.map(|value| answers::size(name, value).map_err(refused))
}

/// Sizes of models.
pub(crate) fn model_sizes(
    name: &'static str,
    given: &Bound<'_, PyAny>,
) -> PyResult<Argument<ModelSize>> {
    sizes(name, given)?
        .map(|value| ModelSize::try_from(value).map_err(|error| refused(error.into())))
}

fn amplitudes(given: &Bound<'_, PyAny>) -> PyResult<Argument<Amplitude>> {
    parsed("amplitude", given)
}

/// Words that a library reads.
pub(crate) fn parsed<T: std::str::FromStr<Err: Into<Refusal>>>(
    name: &'static str,
    given: &Bound<'_, PyAny>,
) -> PyResult<Argument<T>> {
    words(name, given)?.map(|word| word.parse().map_err(|error: T::Err| refused(error.into())))
}
