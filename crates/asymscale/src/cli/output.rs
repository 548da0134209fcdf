//! Answers as JSON, CSV or a table to read.

use asymscale::model::ModelSize;
use serde::{Serialize, Serializer};
use serde_json::{Map, Value};

/// How an answer is written.
#[derive(Debug, Clone, Copy, clap::Args)]
pub(crate) struct Format {
    /// Answer in JSON: an object, or an array where a list or range was given
    #[arg(long)]
    pub(crate) json: bool,
    /// Answer in CSV, a row per point
    #[arg(long, conflicts_with = "json")]
    pub(crate) csv: bool,
}

#[cfg(feature = "fit")]
impl Format {
    /// Whether JSON was asked for.
    pub(crate) fn is_json(self) -> bool {
        self.json
    }

    /// Whether CSV was asked for.
    pub(crate) fn is_csv(self) -> bool {
        self.csv
    }
}

/// A number in an answer: infinities are the words "inf" and "-inf", NaN is null.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Number(pub(crate) f64);

impl Serialize for Number {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            f64::INFINITY => serializer.serialize_str("inf"),
            f64::NEG_INFINITY => serializer.serialize_str("-inf"),
            value => serializer.serialize_f64(value),
        }
    }
}

/// A size in an answer: a whole number without a fraction, or "inf".
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Size(pub(crate) f64);

impl Serialize for Size {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if self.0.is_finite() && self.0.fract() == 0.0 {
            serializer.serialize_u64(self.0 as u64)
        } else {
            Number(self.0).serialize(serializer)
        }
    }
}

impl From<ModelSize> for Size {
    fn from(features: ModelSize) -> Self {
        Self(features.as_f64())
    }
}

/// A number that may not exist: null where it is infinite or NaN.
pub(crate) fn finite(value: f64) -> Option<Number> {
    value.is_finite().then_some(Number(value))
}

/// Writes an answer that is one object.
#[cfg(feature = "fit")]
pub(crate) fn write_one(answer: &impl Serialize, format: Format) -> String {
    write(&[answer], false, format)
}

/// Writes points, of one shape each; `array` says whether JSON is an array even for a single point.
pub(crate) fn write(points: &[impl Serialize], array: bool, format: Format) -> String {
    let points: Vec<Map<String, Value>> = points.iter().map(object).collect();
    if format.json {
        return json(points, array);
    }
    let names: Vec<&String> =
        points.first().map(|point| point.keys().collect()).unwrap_or_default();
    let header: Vec<String> = names.iter().map(|name| (*name).clone()).collect();
    let text = if format.csv { plain } else { rounded };
    let rows = points.iter().map(|point| names.iter().map(|name| text(&point[*name])).collect());
    let lines: Vec<Vec<String>> = std::iter::once(header).chain(rows).collect();
    match (format.csv, lines.len()) {
        (true, _) => lines.iter().map(|line| line.join(",") + "\n").collect(),
        (false, 2) => aligned(&transposed(&lines)),
        (false, _) => aligned(&lines),
    }
}

/// The fields of an answer in their order.
fn object(answer: &impl Serialize) -> Map<String, Value> {
    match serde_json::to_value(answer) {
        Ok(Value::Object(object)) => object,
        // Answers are structs with fields of plain values.
        other => unreachable!("an answer is an object: {other:?}"),
    }
}

fn json(mut points: Vec<Map<String, Value>>, array: bool) -> String {
    let value = match points.len() {
        1 if !array => Value::Object(points.remove(0)),
        _ => Value::Array(points.into_iter().map(Value::Object).collect()),
    };
    format!("{value:#}\n")
}

fn plain(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// For reading: six significant digits. JSON and CSV have them all.
fn rounded(value: &Value) -> String {
    match value.as_f64().filter(|_| value.is_f64()) {
        Some(x) if x != 0.0 && !(1e-4..1e7).contains(&x.abs()) => format!("{x:.5e}"),
        Some(x) => {
            let decimals = (5.0 - x.abs().max(1e-300).log10().floor()).clamp(0.0, 9.0) as usize;
            format!("{x:.decimals$}")
        }
        None => plain(value),
    }
}

fn transposed(lines: &[Vec<String>]) -> Vec<Vec<String>> {
    (0..lines[0].len())
        .map(|column| lines.iter().map(|line| line[column].clone()).collect())
        .collect()
}

fn aligned(lines: &[Vec<String>]) -> String {
    let columns = lines.first().map_or(0, Vec::len);
    let width = |column: usize| lines.iter().map(|line| line[column].len()).max().unwrap_or(0);
    let widths: Vec<usize> = (0..columns).map(width).collect();
    let row = |line: &Vec<String>| {
        let cells = line.iter().zip(&widths).map(|(cell, width)| format!("{cell:<width$}"));
        cells.collect::<Vec<_>>().join("  ").trim_end().to_owned() + "\n"
    };
    lines.iter().map(row).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reading_needs_six_digits() {
        assert_eq!(rounded(&Value::from(0.237798401448)), "0.237798");
        assert_eq!(rounded(&Value::from(517.933954)), "517.934");
        assert_eq!(rounded(&Value::from(3.00915e-9)), "3.00915e-9");
        assert_eq!(rounded(&Value::from(7_u64)), "7");
    }

    #[test]
    fn infinities_are_words_and_whole_sizes_have_no_fraction() {
        let text = |value: &dyn Fn() -> serde_json::Result<String>| value().unwrap();
        assert_eq!(text(&|| serde_json::to_string(&Number(f64::INFINITY))), "\"inf\"");
        assert_eq!(text(&|| serde_json::to_string(&Number(f64::NEG_INFINITY))), "\"-inf\"");
        assert_eq!(text(&|| serde_json::to_string(&Number(f64::NAN))), "null");
        assert_eq!(text(&|| serde_json::to_string(&Size(100.0))), "100");
        assert_eq!(text(&|| serde_json::to_string(&Size(f64::INFINITY))), "\"inf\"");
    }
}
