//! Forecasts of a diagnosis as JSON, and as rows of CSV. What is not known, and what is infinite,
//! is null (in CSV: empty).

use super::json::{Ends, number};
use crate::cli::answer::{Answer, Column};
use crate::cli::output::{Number, Size};
use crate::fitting::diagnosis::{Diagnosis, Estimate, Forecast, Method, Prediction};
use serde::Serialize;

/// What a factor of the data would bring.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct ForecastAnswer {
    /// The factor.
    factor: Option<Number>,
    /// Samples then.
    samples: Size,
    /// Features that were not seen before.
    new_features: PredictionAnswer,
    /// Activations per sample of features still not seen.
    unseen_activity: PredictionAnswer,
    /// Their energy; left out without second moments.
    #[serde(skip_serializing_if = "Option::is_none")]
    unseen_energy: Option<PredictionAnswer>,
}

impl ForecastAnswer {
    pub(super) fn new(ahead: &Forecast, samples: f64) -> Self {
        Self {
            factor: number(ahead.factor),
            samples: samples_at(ahead, samples),
            new_features: PredictionAnswer::new(&ahead.new_features),
            unseen_activity: PredictionAnswer::new(&ahead.unseen_activity),
            unseen_energy: ahead.unseen_energy.as_ref().map(PredictionAnswer::new),
        }
    }
}

/// One quantity ahead, by the recommended method and by each.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct PredictionAnswer {
    /// By the recommended method; null where it is not known.
    estimate: Option<Ends>,
    /// The most it can be, where that is known.
    at_most: Option<Number>,
    /// The recommended method; null where none is needed, or none does.
    #[cfg_attr(test, schemars(with = "Option<crate::cli::schema::fitted::Method>"))]
    method: Option<Method>,
    #[serde(flatten)]
    by: ByMethod<Ends>,
}

impl PredictionAnswer {
    fn new(prediction: &Prediction) -> Self {
        Self {
            estimate: prediction.estimate.map(Ends::from),
            at_most: prediction.at_most.and_then(number),
            method: prediction.recommended,
            by: ByMethod::new(prediction, |estimate| Some(estimate.into())),
        }
    }
}

/// What each method forecasts; null where it does not apply.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct ByMethod<T> {
    good_toulmin: Option<T>,
    smoothed: Option<T>,
    power_law: Option<T>,
    bent_law: Option<T>,
    finite_law: Option<T>,
    gamma_law: Option<T>,
}

impl<T> ByMethod<T> {
    fn new(prediction: &Prediction, show: impl Fn(Estimate) -> Option<T>) -> Self {
        Self {
            good_toulmin: prediction.good_toulmin.and_then(&show),
            smoothed: prediction.smoothed.and_then(&show),
            power_law: prediction.power_law.and_then(&show),
            bent_law: prediction.lognormal_law.and_then(&show),
            finite_law: prediction.finite_law.and_then(&show),
            gamma_law: prediction.gamma_law.and_then(&show),
        }
    }
}

/// One quantity at one factor of the data, as a row.
#[derive(Debug, Serialize)]
pub(super) struct ForecastRow {
    /// The factor.
    factor: Option<Number>,
    /// Samples then.
    samples: Size,
    /// What is forecast: `new_features`, `unseen_activity` or `unseen_energy`.
    quantity: &'static str,
    #[serde(flatten)]
    ends: Ends,
    /// The most it can be, where that is known.
    at_most: Option<Number>,
    /// The recommended method, `complete` where none is needed, `not_known` where none does.
    method: &'static str,
    /// The values of each method, in CSV only.
    #[serde(flatten)]
    by: Option<ByMethod<Number>>,
}

impl Answer for ForecastRow {
    fn columns() -> Vec<Column> {
        let column = Column::new;
        vec![
            column("factor", "Factor of the data."),
            column("samples", "Samples then."),
            column(
                "quantity",
                "What is forecast: new_features, features not seen before; unseen_activity, \
                 activations per sample of features still not seen; unseen_energy, their energy.",
            ),
            column("value", "The forecast by the recommended method; empty where it is not known."),
            column("lower", "Lower end of its interval."),
            column("upper", "Upper end of its interval; empty also where it is infinite."),
            column("at_most", "The most it can be whatever the law; empty where not known."),
            column(
                "method",
                "The recommended method, complete where none is needed, not_known where none does.",
            ),
            column("good_toulmin", "By the series of Good and Toulmin."),
            column("smoothed", "By the smoothed series."),
            column("power_law", "By a power law of activity."),
            column("bent_law", "By a law that bends away from a power law."),
            column("finite_law", "By a power law of finitely many features."),
            column("gamma_law", "By a gamma law of finitely many features."),
        ]
    }
}

/// One row per factor and quantity; `every` says whether with the values of each method.
pub(super) fn forecast_rows(diagnosis: &Diagnosis, every: bool) -> Vec<ForecastRow> {
    let mut rows = Vec::new();
    for ahead in &diagnosis.forecasts {
        for (quantity, prediction) in quantities(ahead) {
            rows.push(ForecastRow {
                factor: number(ahead.factor),
                samples: samples_at(ahead, diagnosis.samples),
                quantity,
                ends: prediction.estimate.map_or(Ends::NONE, Ends::from),
                at_most: prediction.at_most.and_then(number),
                method: method_name(prediction),
                by: every.then(|| ByMethod::new(prediction, |found| number(found.value))),
            });
        }
    }
    rows
}

fn samples_at(ahead: &Forecast, samples: f64) -> Size {
    Size((ahead.factor * samples).round())
}

/// The method that is recommended; none is needed where all features were seen.
fn method_name(prediction: &Prediction) -> &'static str {
    let without = if prediction.estimate.is_some() { "complete" } else { "not_known" };
    prediction.recommended.map_or(without, Method::name)
}

fn quantities(ahead: &Forecast) -> Vec<(&'static str, &Prediction)> {
    let mut all =
        vec![("new_features", &ahead.new_features), ("unseen_activity", &ahead.unseen_activity)];
    all.extend(ahead.unseen_energy.as_ref().map(|energy| ("unseen_energy", energy)));
    all
}

/// What one method forecasts.
pub(super) fn by(prediction: &Prediction, method: Method) -> Option<Estimate> {
    match method {
        Method::GoodToulmin => prediction.good_toulmin,
        Method::Smoothed => prediction.smoothed,
        Method::PowerLaw => prediction.power_law,
        Method::LognormalLaw => prediction.lognormal_law,
        Method::FiniteLaw => prediction.finite_law,
        Method::GammaLaw => prediction.gamma_law,
    }
}
