//! A diagnosis as JSON, and its forecasts as rows. What is not known, and what is infinite, is null
//! (in CSV: empty).

use super::Asked;
use super::reached::{Reached, reached};
use crate::cli::output::size;
use asymscale::fitting::diagnosis::{
    ActivationCounts, ActivityFit, Candidate, Coverage, DeadFeatures, Diagnosis, Drift, Estimate,
    Forecast, LocalExponent, Method, Prediction, Richness, SamplesUntil, Scaling, Shape,
};
use serde::Serialize;
use serde_json::{Map, Value, json};

/// Every way to look ahead, in the order of its keys.
const METHODS: [Method; 6] = [
    Method::GoodToulmin,
    Method::Smoothed,
    Method::PowerLaw,
    Method::LognormalLaw,
    Method::FiniteLaw,
    Method::GammaLaw,
];

/// Everything the diagnosis says; what the keys mean stands in the README.
pub(super) fn object(
    counts: &ActivationCounts,
    diagnosis: &Diagnosis,
    asked: &Asked,
) -> Map<String, Value> {
    let unseen = diagnosis.unseen.as_ref();
    let fields = [
        ("samples", size(diagnosis.samples)),
        ("units", size(diagnosis.units)),
        ("grouped", Value::from(counts.grouped())),
        ("seen", Value::from(diagnosis.seen)),
        ("total", diagnosis.total.map_or(Value::Null, Value::from)),
        (
            "never_active",
            diagnosis.total.map_or(Value::Null, |_| Value::from(counts.never_active())),
        ),
        ("seen_at_least", Value::from(counts.floor())),
        ("singletons", Value::from(counts.with_count(1))),
        ("threshold", size(diagnosis.threshold)),
        ("total_activity", number(diagnosis.total_activity)),
        ("total_energy", positive(diagnosis.total_energy)),
        ("population", word(diagnosis.population)),
        ("unseen_activity", unseen.map_or(Value::Null, |unseen| estimate(unseen.activity))),
        (
            "unseen_activity_share",
            unseen.map_or(Value::Null, |unseen| estimate(unseen.activity_share)),
        ),
        ("unseen_energy", maybe(unseen.and_then(|unseen| unseen.energy))),
        ("unseen_energy_share", unseen.map_or(Value::Null, |unseen| estimate(unseen.energy_share))),
        ("richness", diagnosis.richness.as_ref().map_or(Value::Null, richness)),
        ("activity_law", diagnosis.activity.as_ref().map_or(Value::Null, law)),
        (
            "candidates",
            diagnosis.candidates.iter().map(|found| candidate(found, diagnosis)).collect(),
        ),
        ("scaling", diagnosis.scaling.as_ref().map_or(Value::Null, scaling)),
        (
            "forecasts",
            diagnosis.forecasts.iter().map(|ahead| forecast(ahead, diagnosis.samples)).collect(),
        ),
        ("coverage", diagnosis.coverage.iter().map(coverage).collect()),
        ("until", diagnosis.until.iter().map(|of| until(counts, of)).collect()),
        ("dead", diagnosis.dead.as_ref().map_or(Value::Null, dead)),
        ("rate", asked.rate.map_or(Value::Null, number)),
        ("useful_epochs", maybe(diagnosis.useful_epochs)),
        ("drift", diagnosis.drift.as_ref().map_or(Value::Null, drift)),
        ("summary", Value::from(diagnosis.verdict().to_string())),
        (
            "caveats",
            diagnosis.caveats.iter().map(|caveat| Value::from(caveat.to_string())).collect(),
        ),
        ("caveat_values", diagnosis.caveats.iter().map(word).collect()),
        ("level", number(asked.level)),
        ("seed", Value::from(asked.seed)),
    ];
    fields.into_iter().map(|(key, value)| (key.to_owned(), value)).collect()
}

/// One row per factor and quantity; `every` says whether with the values of each method.
pub(super) fn forecast_rows(diagnosis: &Diagnosis, every: bool) -> Vec<Map<String, Value>> {
    let mut rows = Vec::new();
    for ahead in &diagnosis.forecasts {
        for (quantity, prediction) in quantities(ahead) {
            let mut row = Map::new();
            row.insert("factor".into(), number(ahead.factor));
            row.insert("samples".into(), size((ahead.factor * diagnosis.samples).round()));
            row.insert("quantity".into(), Value::from(quantity));
            row.extend(ends(prediction.estimate));
            row.insert("at_most".into(), prediction.at_most.map_or(Value::Null, number));
            row.insert("method".into(), Value::from(method_name(prediction)));
            if every {
                row.extend(methods(prediction, |estimate| number(estimate.value)));
            }
            rows.push(row);
        }
    }
    rows
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

fn methods(prediction: &Prediction, show: impl Fn(Estimate) -> Value) -> [(String, Value); 6] {
    METHODS.map(|method| (method.name().into(), by(prediction, method).map_or(Value::Null, &show)))
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

fn forecast(ahead: &Forecast, samples: f64) -> Value {
    let mut object = Map::new();
    object.insert("factor".into(), number(ahead.factor));
    object.insert("samples".into(), size((ahead.factor * samples).round()));
    for (quantity, prediction) in quantities(ahead) {
        let mut shown = Map::new();
        shown.insert("estimate".into(), maybe(prediction.estimate));
        shown.insert("at_most".into(), prediction.at_most.map_or(Value::Null, number));
        shown.insert("method".into(), prediction.recommended.map_or(Value::Null, word));
        shown.extend(methods(prediction, estimate));
        object.insert(quantity.into(), Value::Object(shown));
    }
    Value::Object(object)
}

fn richness(richness: &Richness) -> Value {
    json!({ "at_least": estimate(richness.at_least) })
}

/// A law that was tried, its parameters by their names.
fn candidate(candidate: &Candidate, diagnosis: &Diagnosis) -> Value {
    let parameters = match (&candidate.law, &diagnosis.activity) {
        (Some(law), _) => {
            let [first, second] = law.parameters;
            match law.shape {
                Shape::Lognormal => {
                    json!({ "inverse_exponent": number(first), "bend": number(second) })
                }
                Shape::Finite => {
                    json!({ "inverse_exponent": number(first), "log_lowest_rate": number(second) })
                }
                Shape::Gamma => {
                    json!({ "shape": number(first.exp()), "log_mean_rate": number(second) })
                }
            }
        }
        (None, Some(fit)) => {
            json!({ "beta": number(fit.beta.value), "onset": number(fit.onset.value) })
        }
        (None, None) => Value::Null,
    };
    let max_count = candidate
        .law
        .map(|law| law.max_count)
        .or(diagnosis.activity.as_ref().map(|fit| fit.max_count));
    let trial = |trial: &asymscale::fitting::diagnosis::Backtest| {
        json!({
            "factor": number(trial.factor), "log_error": number(trial.error), "standard_error": number(trial.chance),
        })
    };
    json!({
        "method": word(candidate.method),
        "parameters": parameters,
        "max_count": max_count,
        "p_value": number(candidate.p_value),
        "trials": candidate.trials.iter().map(trial).collect::<Vec<_>>(),
        "survives": candidate.survives,
        "plausible": candidate.plausible,
    })
}

fn coverage(coverage: &Coverage) -> Value {
    json!({ "share": number(coverage.share), "reached": coverage.reached, "samples": maybe(coverage.samples),
        "features": coverage.features.map_or(Value::Null, number) })
}

fn until(counts: &ActivationCounts, until: &SamplesUntil) -> Value {
    let (is, samples) = match reached(counts, until) {
        Reached::Already(samples) => ("reached", samples),
        Reached::After(samples) => ("ahead", Some(samples)),
        Reached::Never => ("never", None),
        Reached::NotKnown => ("not_known", None),
    };
    json!({
        "share": number(until.share),
        "times": until.times,
        "of": until.of.map_or(Value::Null, number),
        "answer": is,
        "samples": maybe(samples),
    })
}

fn dead(dead: &DeadFeatures) -> Value {
    json!({ "features": maybe(dead.features), "at_most": dead.at_most })
}

fn drift(drift: &Drift) -> Value {
    json!({
        "in_one_half": number(drift.in_one_half),
        "expected": number(drift.expected),
        "p_value": number(drift.p_value),
        "matters": drift.matters(),
    })
}

fn law(fit: &ActivityFit) -> Value {
    json!({
        "beta": estimate(fit.beta), "onset": estimate(fit.onset), "max_count": fit.max_count, "window_end": word(fit.reason),
        "features": fit.features, "p_value": number(fit.p_value), "single_law_p_value": number(fit.single_law_p_value),
        "local": fit.local.iter().map(local).collect::<Vec<_>>(),
    })
}

fn local(local: &LocalExponent) -> Value {
    json!({ "low": local.low, "high": local.high, "features": local.features, "beta": estimate(local.beta) })
}

fn scaling(scaling: &Scaling) -> Value {
    json!({
        "features_exponent": estimate(scaling.features_exponent),
        "samples_exponent": estimate(scaling.samples_exponent),
        "source": word(scaling.source),
    })
}

/// Value and ends, null where there is none.
fn ends(estimate: Option<Estimate>) -> [(String, Value); 3] {
    let of = |end: fn(&Estimate) -> f64| {
        estimate.as_ref().map_or(Value::Null, |estimate| number(end(estimate)))
    };
    [
        ("value".into(), of(|estimate| estimate.value)),
        ("lower".into(), of(|estimate| estimate.lower)),
        ("upper".into(), of(|estimate| estimate.upper)),
    ]
}

fn estimate(estimate: Estimate) -> Value {
    Value::Object(ends(Some(estimate)).into_iter().collect())
}

fn maybe(of: Option<Estimate>) -> Value {
    of.map_or(Value::Null, estimate)
}

/// A number; infinities and NaN are null, and there is no −0.
fn number(value: f64) -> Value {
    if value.is_finite() { Value::from(value + 0.0) } else { Value::Null }
}

fn positive(value: f64) -> Value {
    if value > 0.0 { number(value) } else { Value::Null }
}

/// A named case by its name.
fn word(case: impl Serialize) -> Value {
    serde_json::to_value(case).unwrap_or(Value::Null)
}
