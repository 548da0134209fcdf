//! A fit as JSON objects and rows of CSV.

use super::analysis::Analysis;
use super::next::{Budget, Next, Step};
use crate::cli::output::number;
use asymscale::fitting::{Objective, Parameter, ParameterInterval, SymmetryTest};
use serde_json::{Map, Value, json};

/// Everything, in one object.
pub(super) fn object(analysis: &Analysis) -> Map<String, Value> {
    let fit = &analysis.fit;
    let options = fit.options();
    let mut object = Map::new();
    let mut put = |key: &str, value: Value| drop(object.insert(key.to_owned(), value));
    put("law", Value::from(options.law.name()));
    put("objective_name", Value::from(analysis.objective));
    put("penalty", penalty(&options.objective).map_or(Value::Null, number));
    put("objective", number(fit.objective));
    // Rows of several kinds have no law together: what would be of it is null, and `mixed` says
    // why.
    let of_law = |value: Value| if analysis.mixed.is_none() { value } else { Value::Null };
    put("mixed", json!(analysis.mixed));
    put("parameters", of_law(json!(fit.parameters)));
    put(
        "intervals",
        of_law(named(Parameter::ALL.iter().map(|p| p.name()).zip(&analysis.intervals))),
    );
    put("interval", Value::from(analysis.interval));
    put("level", number(analysis.level));
    put("status", Value::from(fit.status.name()));
    put("starts", json!(fit.starts));
    put("rows", Value::from(fit.runs().len()));
    put("condition", number(fit.condition()));
    put(
        "resamples",
        Value::from(
            analysis
                .bootstrap
                .as_ref()
                .filter(|_| !analysis.drawn)
                .map_or(0, |found| found.refits.len()),
        ),
    );
    put("symmetry", analysis.symmetry.as_ref().map_or(Value::Null, symmetry));
    put("measure", Value::from(analysis.measured.word));
    put("transform", Value::from(analysis.measured.transform));
    put("notes", json!(analysis.measured.notes));
    put("doubt", analysis.doubt.map_or(Value::Null, Value::from));
    put("signal", json!(analysis.signal));
    put("shown", Value::from(analysis.is_shown()));
    put("quality", quality(analysis));
    put("limits", of_law(limits(analysis)));
    put("plan", of_law(Value::Array(analysis.plan.iter().map(step).collect())));
    put(
        "allocation",
        of_law(Value::Array(allocations(analysis).into_iter().map(Value::Object).collect())),
    );
    put(
        "warnings",
        json!(analysis.mixed.iter().chain(&analysis.warnings).collect::<Vec<&String>>()),
    );
    object
}

/// The weight of runs above the law, where it is not 1.
pub(super) fn penalty(objective: &Objective) -> Option<f64> {
    match objective {
        Objective::AsymmetricHuberLog { above, .. } => Some(*above),
        _ => None,
    }
}

/// A row per parameter.
pub(super) fn parameters(analysis: &Analysis) -> Vec<Map<String, Value>> {
    let row = |(parameter, interval): (&Parameter, &ParameterInterval)| {
        let mut row = Map::new();
        row.insert("parameter".into(), Value::from(parameter.name()));
        row.insert("estimate".into(), analysis.estimate(*parameter).map_or(Value::Null, number));
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

pub(super) fn allocation(budget: &Budget) -> Map<String, Value> {
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
    row.insert("compute_beyond".into(), number(found.extrapolation.compute));
    row
}

/// The best shape for a compute, and what the shape of the largest run costs there.
fn step(step: &Step) -> Value {
    let mut row = allocation(&step.budget);
    for (k, (name, value)) in [("ratio", step.ratio), ("lost", step.lost)].into_iter().enumerate() {
        row.insert(name.into(), number(value));
        if let Some(intervals) = &step.intervals {
            row.insert(format!("{name}_lower"), number(intervals[k].lower));
            row.insert(format!("{name}_upper"), number(intervals[k].upper));
        }
    }
    Value::Object(row)
}

/// Rows as places in the file.
fn quality(analysis: &Analysis) -> Value {
    let quality = &analysis.quality;
    let mut object = json!(quality);
    let worst = |(row, residual): &(usize, f64)| json!({ "row": analysis.lines.of(*row), "residual": number(*residual) });
    object["worst"] = quality.worst.iter().map(worst).collect();
    let far = |row: &usize| json!({ "row": analysis.lines.of(*row), "residual": number(analysis.residuals.at(*row)) });
    object["far_off"] = analysis.residuals.far.iter().map(far).collect();
    object["rms_of_others"] = number(analysis.residuals.rms);
    object["repeated"] = quality.repeated.iter().map(|row| analysis.lines.of(*row)).collect();
    object
}

fn symmetry(test: &SymmetryTest) -> Value {
    json!({ "p_value": test.bootstrap_p_value.map_or(Value::Null, number), "f_p_value": number(test.p_value), "statistic": number(test.statistic), "tied": test.tied.parameters, "free": test.free.parameters })
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
    let which = match limits.next {
        Next::Features | Next::Unsure { features: true } => Some("features"),
        Next::Samples | Next::Unsure { features: false } => Some("samples"),
        Next::NotTold | Next::NotKnown => None,
    };
    object.insert("limited_by".into(), which.map_or(Value::Null, Value::from));
    object
        .insert("sure".into(), Value::from(matches!(limits.next, Next::Features | Next::Samples)));
    object.insert("agreeing_resamples".into(), limits.agreeing.map_or(Value::Null, number));
    if let Some(intervals) = &limits.intervals {
        object.insert("intervals".into(), named(names.into_iter().zip(intervals)));
    }
    Value::Object(object)
}

fn named<'a>(intervals: impl Iterator<Item = (&'a str, &'a ParameterInterval)>) -> Value {
    let ends = |interval: &ParameterInterval| json!({ "lower": number(interval.lower), "upper": number(interval.upper) });
    Value::Object(intervals.map(|(name, interval)| (name.to_owned(), ends(interval))).collect())
}
