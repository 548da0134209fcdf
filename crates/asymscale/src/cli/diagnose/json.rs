//! A diagnosis as JSON, and its forecasts as rows.

use crate::cli::output::{number, size};
use asymscale::fitting::diagnosis::{
    ActivityFit, Diagnosis, Estimate, Forecast, LocalExponent, Prediction, Scaling,
};
use serde::Serialize;
use serde_json::{Map, Value, json};

/// Everything the diagnosis says.
pub(super) fn object(diagnosis: &Diagnosis, seed: u64) -> Map<String, Value> {
    let unseen = &diagnosis.unseen;
    let fields = [
        ("samples", size(diagnosis.samples)),
        ("seen", Value::from(diagnosis.seen)),
        ("singletons", Value::from(unseen.singletons)),
        ("threshold", size(diagnosis.threshold)),
        ("total_activity", number(diagnosis.total_activity)),
        ("regime", word(diagnosis.regime)),
        ("unseen_activity", estimate(unseen.activity)),
        ("unseen_activity_share", estimate(unseen.activity_share)),
        ("unseen_energy", maybe(unseen.energy)),
        ("unseen_energy_share", estimate(unseen.energy_share)),
        ("activity_law", diagnosis.activity.as_ref().map_or(Value::Null, law)),
        ("scaling", diagnosis.scaling.as_ref().map_or(Value::Null, scaling)),
        ("forecasts", diagnosis.forecasts.iter().map(|ahead| forecast(ahead, diagnosis.samples)).collect()),
        ("summary", Value::from(diagnosis.verdict().to_string())),
        ("caveats", diagnosis.caveats.iter().map(|caveat| Value::from(caveat.to_string())).collect()),
        ("seed", Value::from(seed)),
    ];
    fields.into_iter().map(|(key, value)| (key.to_owned(), value)).collect()
}

/// One row per factor and quantity; `every` says whether with the values of each method.
pub(super) fn forecast_rows(diagnosis: &Diagnosis, every: bool) -> Vec<Map<String, Value>> {
    let mut rows = Vec::new();
    for ahead in &diagnosis.forecasts {
        for (quantity, prediction) in quantities(ahead) {
            rows.push(row(ahead.factor, diagnosis.samples, quantity, prediction, every));
        }
    }
    rows
}

fn quantities(ahead: &Forecast) -> Vec<(&'static str, &Prediction)> {
    let mut all = vec![("new_features", &ahead.new_features), ("unseen_activity", &ahead.unseen_activity)];
    all.extend(ahead.unseen_energy.as_ref().map(|energy| ("unseen_energy", energy)));
    all
}

fn row(
    factor: f64,
    samples: f64,
    quantity: &str,
    prediction: &Prediction,
    every: bool,
) -> Map<String, Value> {
    let Estimate { value, lower, upper } = prediction.estimate;
    let mut row = Map::new();
    row.insert("factor".into(), number(factor));
    row.insert("samples".into(), size((factor * samples).round()));
    row.insert("quantity".into(), Value::from(quantity));
    row.insert("value".into(), number(value));
    row.insert("lower".into(), number(lower));
    row.insert("upper".into(), number(upper));
    row.insert("method".into(), Value::from(prediction.recommended.name()));
    if every {
        row.extend(methods(prediction, |estimate| number(estimate.value)));
    }
    row
}

fn methods(prediction: &Prediction, show: impl Fn(Estimate) -> Value) -> [(String, Value); 4] {
    let show = |estimate: Option<Estimate>| estimate.map_or(Value::Null, &show);
    [
        ("good_toulmin".into(), show(prediction.good_toulmin)),
        ("smoothed".into(), show(Some(prediction.smoothed))),
        ("power_law".into(), show(prediction.power_law)),
        ("bent_law".into(), show(prediction.bent_law)),
    ]
}

fn forecast(ahead: &Forecast, samples: f64) -> Value {
    let mut object = Map::new();
    object.insert("factor".into(), number(ahead.factor));
    object.insert("samples".into(), size((ahead.factor * samples).round()));
    for (quantity, prediction) in quantities(ahead) {
        let Value::Object(mut shown) = estimate(prediction.estimate) else { continue };
        shown.insert("method".into(), Value::from(prediction.recommended.name()));
        shown.extend(methods(prediction, estimate));
        object.insert(quantity.into(), Value::Object(shown));
    }
    Value::Object(object)
}

fn law(fit: &ActivityFit) -> Value {
    let bent = |bent: asymscale::fitting::diagnosis::BentLaw| {
        json!({
            "inverse_exponent": number(bent.inverse_exponent), "bend": number(bent.bend), "scale": number(bent.scale),
            "max_count": bent.max_count, "p_value": number(bent.p_value),
        })
    };
    json!({
        "beta": estimate(fit.beta), "onset": estimate(fit.onset), "max_count": fit.max_count, "window_end": word(fit.reason),
        "features": fit.features, "p_value": number(fit.p_value), "single_law_p_value": number(fit.single_law_p_value),
        "local": fit.local.iter().map(local).collect::<Vec<_>>(), "bent_law": fit.bent.map_or(Value::Null, bent),
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

fn estimate(estimate: Estimate) -> Value {
    json!({ "value": number(estimate.value), "lower": number(estimate.lower), "upper": number(estimate.upper) })
}

fn maybe(of: Option<Estimate>) -> Value {
    of.map_or(Value::Null, estimate)
}

/// A named case by its name.
fn word(case: impl Serialize) -> Value {
    serde_json::to_value(case).unwrap_or(Value::Null)
}
