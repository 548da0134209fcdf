//! Curves as JSON, and as rows of CSV.

use super::{Beside, Curves, Value as Number};
use crate::cli::fit::json::allocation;
use crate::cli::output::number;
use asymscale::fitting::ParameterInterval;
use asymscale::fitting::isoflop::{Curve, FrontierPoint, Minimum};
use serde_json::{Map, Value, json};

/// Everything, in one object.
pub(super) fn object(curves: &Curves) -> Value {
    let found = &curves.found;
    let law = match &curves.law {
        Ok(beside) => law(beside),
        Err(why) => json!({ "refused": why }),
    };
    json!({
        "source": if curves.given { "column" } else { "clusters" },
        "budgets": found.curves.iter().map(|curve| Value::Object(row(curves, curve))).collect::<Vec<Value>>(),
        "scatter": number(found.scatter),
        "exponents": exponents(curves),
        "law": law,
        "apart": { "exponent": curves.exponents_apart(), "budgets": curves.disagreeing() },
        "allocation": curves.points.iter().map(|point| Value::Object(self::point(point))).collect::<Vec<Value>>(),
        "warnings": curves.warnings,
    })
}

/// A row a budget, all of one shape.
pub(super) fn rows(curves: &Curves) -> Vec<Map<String, Value>> {
    curves.found.curves.iter().map(|curve| row(curves, curve)).collect()
}

fn exponents(curves: &Curves) -> Value {
    let Some(frontier) = &curves.found.frontier else { return Value::Null };
    json!({
        "features": ends(&frontier.features_exponent),
        "samples": ends(&frontier.samples_exponent),
        "ratio": ends(&frontier.ratio_exponent),
        "loss": ends(&frontier.loss.exponent),
        "floor": frontier.loss.floor.as_ref().map(ends),
        "features_corrected": curves.corrected_exponent().as_ref().map(ends),
        "excess": frontier.excess.map(number),
    })
}

fn law(beside: &Beside) -> Value {
    let value = |value: &Number| match &value.interval {
        Some(interval) => ends(interval),
        None => json!({ "estimate": number(value.estimate) }),
    };
    let [features, ratio, loss, floor] = &beside.exponents;
    json!({
        "exponents": { "features": value(features), "ratio": value(ratio), "loss": value(loss), "floor": value(floor) },
        "budgets": beside.budgets.iter().map(|budget| Value::Object(allocation(budget))).collect::<Vec<Value>>(),
        "exponent_bias": beside.bias.as_ref().and_then(|bias| bias.exponent).map(number),
    })
}

fn row(curves: &Curves, curve: &Curve) -> Map<String, Value> {
    let mut row = Map::new();
    row.insert("compute".into(), number(curve.compute));
    row.insert("runs".into(), Value::from(curve.rows.len()));
    row.insert("sizes".into(), Value::from(curve.sizes));
    minimum(&mut row, "", curve.minimum.as_ref().ok());
    let beside = curves.beside(curve);
    row.insert(
        "features_bias".into(),
        beside.map_or(Value::Null, |(bias, _)| number(bias.features)),
    );
    row.insert("loss_bias".into(), beside.map_or(Value::Null, |(bias, _)| number(bias.loss)));
    minimum(&mut row, "corrected_", beside.map(|(bias, _)| &bias.corrected));
    let of_law = beside.map(|(_, budget)| budget.allocation.features);
    row.insert("law_features".into(), of_law.map_or(Value::Null, number));
    let refused = curve.minimum.as_ref().err();
    row.insert(
        "refused".into(),
        refused.map_or(Value::Null, |refusal| Value::from(refusal.name())),
    );
    row
}

fn minimum(row: &mut Map<String, Value>, prefix: &str, of: Option<&Minimum>) {
    let values = [
        ("features", of.map(|of| of.features)),
        ("samples", of.map(|of| of.samples)),
        ("ratio", of.map(|of| of.ratio)),
        ("loss", of.map(|of| of.loss)),
    ];
    for (name, value) in values {
        put(row, &format!("{prefix}{name}"), value.as_ref());
    }
}

fn put(row: &mut Map<String, Value>, name: &str, of: Option<&ParameterInterval>) {
    let end = |value: Option<f64>| value.map_or(Value::Null, number);
    row.insert(name.into(), end(of.map(|of| of.estimate)));
    row.insert(format!("{name}_lower"), end(of.map(|of| of.lower)));
    row.insert(format!("{name}_upper"), end(of.map(|of| of.upper)));
}

pub(super) fn point(point: &FrontierPoint) -> Map<String, Value> {
    let mut row = Map::new();
    row.insert("compute".into(), number(point.compute));
    for (name, value) in [
        ("features", &point.features),
        ("samples", &point.samples),
        ("ratio", &point.ratio),
        ("loss", &point.loss),
    ] {
        put(&mut row, name, Some(value));
    }
    row.insert("compute_beyond".into(), number(point.beyond));
    row
}

fn ends(of: &ParameterInterval) -> Value {
    json!({ "estimate": number(of.estimate), "lower": number(of.lower), "upper": number(of.upper) })
}
