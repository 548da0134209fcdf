//! A fit as JSON objects and rows of CSV.

use super::analysis::{Analysis, Budget};
use crate::cli::output::number;
use asymscale::fitting::{Parameter, ParameterInterval, SymmetryTest};
use serde_json::{Map, Value, json};

/// Everything, in one object.
pub(super) fn object(analysis: &Analysis) -> Map<String, Value> {
    let fit = &analysis.fit;
    let options = fit.options();
    let mut object = Map::new();
    let mut put = |key: &str, value: Value| drop(object.insert(key.to_owned(), value));
    put("law", Value::from(options.law.name()));
    put("objective_name", Value::from(analysis.objective));
    put("objective", number(fit.objective));
    put("parameters", json!(fit.parameters));
    put("intervals", named(Parameter::ALL.iter().map(|p| p.name()).zip(&analysis.intervals)));
    put("interval", Value::from(analysis.interval));
    put("level", number(analysis.level));
    put("status", Value::from(fit.status.name()));
    put("starts", json!(fit.starts));
    put("rows", Value::from(fit.runs().len()));
    put("condition", number(fit.condition()));
    put("resamples", Value::from(analysis.bootstrap.as_ref().map_or(0, |found| found.refits.len())));
    put("symmetry", analysis.symmetry.as_ref().map_or(Value::Null, symmetry));
    put("limits", limits(analysis));
    put("allocation", Value::Array(allocations(analysis).into_iter().map(Value::Object).collect()));
    put("warnings", json!(analysis.warnings));
    object
}

/// A row per parameter.
pub(super) fn parameters(analysis: &Analysis) -> Vec<Map<String, Value>> {
    let row = |(parameter, interval): (&Parameter, &ParameterInterval)| {
        let mut row = Map::new();
        row.insert("parameter".into(), Value::from(parameter.name()));
        row.insert("estimate".into(), number(analysis.fit.parameters.get(*parameter)));
        row.insert("lower".into(), number(interval.lower));
        row.insert("upper".into(), number(interval.upper));
        row
    };
    Parameter::ALL.iter().zip(&analysis.intervals).map(row).collect()
}

/// A row per budget.
pub(super) fn allocations(analysis: &Analysis) -> Vec<Map<String, Value>> {
    analysis.allocations.iter().map(allocation).collect()
}

fn allocation(budget: &Budget) -> Map<String, Value> {
    let found = &budget.allocation;
    let mut row = Map::new();
    row.insert("compute".into(), number(found.compute));
    let values = [("features", found.features), ("samples", found.samples), ("loss", found.loss)];
    for (k, (name, value)) in values.into_iter().enumerate() {
        row.insert(name.into(), number(value));
        if let Some(intervals) = &budget.intervals {
            row.insert(format!("{name}_lower"), number(intervals[k].lower));
            row.insert(format!("{name}_upper"), number(intervals[k].upper));
        }
    }
    row.insert("features_beyond".into(), number(found.extrapolation.features));
    row.insert("samples_beyond".into(), number(found.extrapolation.samples));
    row
}

fn symmetry(test: &SymmetryTest) -> Value {
    json!({ "p_value": number(test.p_value), "statistic": number(test.statistic), "tied": test.tied.parameters, "free": test.free.parameters })
}

fn limits(analysis: &Analysis) -> Value {
    let limits = &analysis.limits;
    let names = ["e_share", "features_share", "samples_share"];
    let mut object = Map::new();
    object.insert("row".into(), Value::from(analysis.lines.of(limits.row)));
    object.insert("features".into(), number(limits.features));
    object.insert("samples".into(), number(limits.samples));
    for (name, share) in names.iter().zip(limits.shares) {
        object.insert((*name).into(), number(share));
    }
    let which = if limits.shares[2] > limits.shares[1] { "samples" } else { "features" };
    object.insert("limited_by".into(), Value::from(which));
    object.insert("agreeing_resamples".into(), limits.sure.map_or(Value::Null, number));
    if let Some(intervals) = &limits.intervals {
        object.insert("intervals".into(), named(names.into_iter().zip(intervals)));
    }
    Value::Object(object)
}

fn named<'a>(intervals: impl Iterator<Item = (&'a str, &'a ParameterInterval)>) -> Value {
    let ends = |interval: &ParameterInterval| json!({ "lower": number(interval.lower), "upper": number(interval.upper) });
    Value::Object(intervals.map(|(name, interval)| (name.to_owned(), ends(interval))).collect())
}
