//! Fits of several kinds of runs in words, as JSON and as rows of CSV.

use super::super::analysis::Analysis;
use super::super::digits::{between, digits, p_value, percent, small_percent};
use super::super::json;
use super::super::untold::untold;
use super::super::words::next;
use super::{By, Part};
use crate::cli::output::{Format, number, write};
use asymscale::fitting::{KindComparison, KindVerdict, Parameter, Parameters};
use asymscale_tables::quoted;
use serde_json::{Map, Value, json};
use std::fmt::Write as _;

/// That the runs hold several laws.
pub(super) fn several(explained: f64, kinds: usize, title: &str) -> String {
    let number = if kinds == 2 { "two".to_owned() } else { kinds.to_string() };
    format!(
        "These runs hold {number} laws, by column `{title}`, which explains {} of what one law leaves",
        percent(explained)
    )
}

/// What to type where they do.
pub(super) fn instead(title: &str, first: &str) -> String {
    format!(
        "Type --by {title} for a fit of each and a comparison, or --filter-column {title} --filter-value {first} for one of them"
    )
}

/// That the laws of kinds differ, by less than makes one law useless.
pub(super) fn differing(explained: f64, title: &str) -> String {
    format!(
        "the law differs between the values of column `{title}`, which explains {} of the squares of what one law leaves: --by {title} \
         compares them",
        percent(explained)
    )
}

pub(super) fn summary(by: &By, format: Format) -> String {
    let fitted = by.parts.iter().filter(|part| part.analysis.is_ok()).count();
    let mut text = format!("Laws of {fitted} kinds of runs, by column `{}`:\n", by.column);
    if fitted > 0 {
        text += &write(table(by), true, Format { json: false, csv: false });
    }
    let _ = format;
    for part in &by.parts {
        match &part.analysis {
            Ok(analysis) => {
                let said = if analysis.is_shown() { next(analysis) } else { untold(analysis) };
                let _ = write!(text, "{}: {said}", quoted(&part.label));
            }
            Err(why) => {
                let _ = writeln!(
                    text,
                    "{}: {} rows, no law, left out of the test: {why}",
                    quoted(&part.label),
                    part.rows
                );
            }
        }
    }
    text += "\n";
    text += &verdict(by);
    for part in &by.parts {
        for warning in part.analysis.iter().flat_map(|analysis| &analysis.warnings) {
            let _ = writeln!(text, "warning: {}: {warning}", quoted(&part.label));
        }
    }
    text
}

/// What the tests say of the kinds.
pub(super) fn verdict(by: &By) -> String {
    let found = match &by.comparison {
        Ok(found) => found,
        Err(why) => return format!("Whether they differ is not known: {why}.\n"),
    };
    let (one, same) = (p_value(found.one_law), p_value(found.same_exponents));
    let [alpha, beta] =
        found.exponents.map(|interval| digits(interval.estimate) + &between(&interval, digits));
    match found.verdict() {
        KindVerdict::OneLaw => {
            format!(
                "One law for all does as well as a law for each ({one}); --filter-column and --by are not needed.\n"
            )
        }
        KindVerdict::SameExponents => format!(
            "One law for all does not do ({one}), the same exponents do ({same}): {alpha} in N and {beta} in D, with E, A and B for each:\n{}",
            write(shared(found), true, Format { json: false, csv: false })
        ),
        KindVerdict::Different => {
            format!(
                "The laws differ ({one}), and not in E, A and B alone: their exponents differ ({same}).\n"
            )
        }
    }
}

/// A row per kind, for reading.
fn table(by: &By) -> Vec<Map<String, Value>> {
    let shown = by
        .parts
        .iter()
        .filter_map(|part| part.analysis.as_ref().ok().map(|analysis| (part, analysis)));
    shown.map(|(part, analysis)| line(part, analysis)).collect()
}

fn line(part: &Part, analysis: &Analysis) -> Map<String, Value> {
    let mut row = Map::new();
    row.insert("kind".into(), Value::from(part.label.clone()));
    row.insert("rows".into(), Value::from(part.rows));
    for (at, parameter) in Parameter::ALL.into_iter().enumerate().take(5) {
        let estimate = digits(analysis.fit.parameters.get(parameter));
        let wide = matches!(parameter, Parameter::A | Parameter::B);
        let ends = if wide { String::new() } else { between(&analysis.intervals[at], digits) };
        let text = if analysis.is_shown() { estimate + &ends } else { "not told".to_owned() };
        row.insert(parameter.name().into(), Value::from(text));
    }
    row.insert("residuals".into(), Value::from(small_percent(analysis.quality.rms)));
    row
}

/// A row per kind with shared exponents.
fn shared(found: &KindComparison) -> Vec<Map<String, Value>> {
    let row = |(label, law): (&String, &Parameters)| {
        let mut row = Map::new();
        row.insert("kind".into(), Value::from(label.clone()));
        for (name, value) in [("e", law.e), ("a", law.a), ("b", law.b)] {
            row.insert(name.into(), Value::from(digits(value)));
        }
        row
    };
    found
        .kinds
        .iter()
        .filter_map(|kind| kind.shared.as_ref().map(|law| row((&kind.label, law))))
        .collect()
}

/// A row per kind, all numbers; empty where a kind has no law.
pub(super) fn rows(by: &By) -> Vec<Map<String, Value>> {
    let row = |part: &Part| {
        let mut row = Map::new();
        row.insert("kind".into(), Value::from(part.label.clone()));
        row.insert("rows".into(), Value::from(part.rows));
        let analysis = part.analysis.as_ref().ok();
        for (at, parameter) in Parameter::ALL.into_iter().enumerate() {
            let name = parameter.name();
            let mut put = |name: String, value: Option<f64>| {
                drop(row.insert(name, value.map_or(Value::Null, number)));
            };
            put(name.to_owned(), analysis.and_then(|analysis| analysis.estimate(parameter)));
            put(format!("{name}_lower"), analysis.map(|analysis| analysis.intervals[at].lower));
            put(format!("{name}_upper"), analysis.map(|analysis| analysis.intervals[at].upper));
        }
        row.insert(
            "rms".into(),
            analysis.map_or(Value::Null, |analysis| number(analysis.quality.rms)),
        );
        row.insert(
            "shown".into(),
            analysis.map_or(Value::Null, |analysis| Value::from(analysis.is_shown())),
        );
        row
    };
    by.parts.iter().map(row).collect()
}

/// Everything, in one object.
pub(super) fn object(by: &By) -> Map<String, Value> {
    let part = |part: &Part| match &part.analysis {
        Ok(analysis) => {
            json!({ "kind": part.label, "rows": part.rows, "fit": json::object(analysis), "left_out": null })
        }
        Err(why) => json!({ "kind": part.label, "rows": part.rows, "fit": null, "left_out": why }),
    };
    let mut object = Map::new();
    object.insert("by".into(), Value::from(by.column.clone()));
    object.insert("level".into(), number(by.level));
    object.insert("kinds".into(), by.parts.iter().map(part).collect());
    object.insert("comparison".into(), by.comparison.as_ref().map_or(Value::Null, comparison));
    object
}

fn comparison(found: &KindComparison) -> Value {
    let [alpha, beta] = found.exponents.map(|interval| {
        json!({ "estimate": number(interval.estimate), "lower": number(interval.lower), "upper": number(interval.upper) })
    });
    let shared: Map<String, Value> = found
        .kinds
        .iter()
        .filter_map(|kind| kind.shared.as_ref().map(|law| (kind.label.clone(), json!(law))))
        .collect();
    json!({
        "verdict": found.verdict().name(),
        "one_law_p_value": number(found.one_law),
        "same_exponents_p_value": number(found.same_exponents),
        "explained": number(found.explained),
        "one": found.one,
        "shared_exponents": { "alpha": alpha, "beta": beta },
        "shared": shared,
    })
}
