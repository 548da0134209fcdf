//! Answers as JSON, CSV or a table to read.

mod cells;

use super::answer::Answer;
pub(crate) use cells::{Cell, Given, Number, Size, as_given, finite};
use serde::Serialize;
use serde_json::{Map, Value};
use std::cell::RefCell;
use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::io::Write as _;

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

impl Format {
    /// A table to read.
    #[cfg(any(feature = "fit", test))]
    pub(crate) const TEXT: Self = Self { json: false, csv: false };

    /// Whether JSON was asked for.
    #[cfg(feature = "fit")]
    pub(crate) fn is_json(self) -> bool {
        self.json
    }

    /// Whether CSV was asked for.
    #[cfg(feature = "fit")]
    pub(crate) fn is_csv(self) -> bool {
        self.csv
    }
}

/// A number for reading: six significant digits.
#[cfg(feature = "explore")]
pub(crate) fn read_aloud(number: f64) -> String {
    cells::rounded(&Value::from(number))
}

/// Something to say beside the answer, on standard error. Nobody hears it where that is closed.
pub(crate) fn note(text: &str) {
    say(&format!("note: {text}\n"));
}

thread_local! {
    /// What is said on this thread while somebody listens.
    static HEARD: RefCell<Option<String>> = const { RefCell::new(None) };
}

/// Lines for standard error as they are, less control characters, or for who listens.
pub(crate) fn say(text: &str) {
    let told = visible(text);
    let is_heard = HEARD.with_borrow_mut(|heard| match heard {
        Some(heard) => {
            heard.push_str(&told);
            true
        }
        None => false,
    });
    if !is_heard {
        let _ = std::io::stderr().write_all(told.as_bytes());
    }
}

/// What work returns, and what it said on this thread in place of standard error.
#[cfg(feature = "fit")]
pub(crate) fn heard<T>(work: impl FnOnce() -> T) -> (T, String) {
    HEARD.set(Some(String::new()));
    let found = work();
    (found, HEARD.take().unwrap_or_default())
}

/// Text in which control characters but the ends of lines are written as escapes: names in a file
/// do not move the cursor of the reader's terminal.
pub(crate) fn visible(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for letter in text.chars() {
        if letter.is_control() && letter != '\n' {
            shown.extend(letter.escape_default());
        } else {
            shown.push(letter);
        }
    }
    shown
}

/// Writes an answer that is one object, in JSON.
#[cfg(feature = "fit")]
pub(crate) fn write_one(answer: &impl Serialize) -> String {
    format!("{:#}\n", value(answer))
}

/// An answer that is one object, as it is written in JSON.
#[cfg(feature = "fit")]
pub(crate) fn value(answer: &impl Serialize) -> Value {
    cells::written(Value::Object(object(answer)), &BTreeSet::new())
}

/// Writes points, of one shape each; `array` says whether JSON is an array even for a single point.
pub(crate) fn write<T: Answer>(points: &[T], array: bool, format: Format) -> String {
    debug_assert!(points.iter().take(1).all(is_explained), "a column has no explanation");
    if format.json { json(points, array) } else { table(points, format) }
}

/// Whether the columns of an answer are those that are explained.
fn is_explained<T: Answer>(point: &T) -> bool {
    let known = [T::columns(), super::model_flags::columns()].concat();
    object(point).keys().all(|key| known.iter().any(|column| column.name == *key))
}

/// A table for a reader, or in CSV, whose heads are words to read.
pub(crate) fn table(points: &[impl Serialize], format: Format) -> String {
    let names: Vec<String> =
        points.first().map(|point| object(point).keys().cloned().collect()).unwrap_or_default();
    let cell = if format.csv { cells::plain } else { cells::rounded };
    let row = |point| -> Vec<String> {
        let point = object(point);
        names.iter().map(|name| cell(&point[name])).collect()
    };
    if format.csv {
        let line = |cells: &[String]| {
            cells.iter().map(|cell| quoted(cell)).collect::<Vec<_>>().join(",") + "\n"
        };
        return std::iter::once(line(&names)).chain(points.iter().map(|p| line(&row(p)))).collect();
    }
    match points {
        [point] => {
            let lines: Vec<Vec<String>> = names
                .iter()
                .cloned()
                .zip(row(point))
                .map(|(name, cell)| vec![name, cell])
                .collect();
            aligned(2, || lines.iter().cloned())
        }
        _ => aligned(names.len(), || std::iter::once(names.clone()).chain(points.iter().map(row))),
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

/// A key that is infinite at any point has its mark at every point.
fn json(points: &[impl Serialize], array: bool) -> String {
    let mut marked = BTreeSet::new();
    for point in points {
        cells::infinite(&object(point), &mut marked);
    }
    let one = |point| format!("{:#}", cells::written(Value::Object(object(point)), &marked));
    match points {
        [point] if !array => one(point) + "\n",
        [] => "[]\n".to_owned(),
        _ => {
            let mut text = String::new();
            for (k, point) in points.iter().enumerate() {
                text += if k == 0 { "[\n" } else { ",\n" };
                let lines = one(point);
                for (n, line) in lines.lines().enumerate() {
                    let _ = write!(text, "{}  {line}", if n == 0 { "" } else { "\n" });
                }
            }
            text + "\n]\n"
        }
    }
}

/// A cell of CSV, in quotes where it must be.
fn quoted(cell: &str) -> String {
    if cell.contains([',', '"', '\n', '\r']) {
        format!("\"{}\"", cell.replace('"', "\"\""))
    } else {
        cell.to_owned()
    }
}

/// Rows made twice, once for the widths of the columns, so that they need not be kept.
fn aligned<I: Iterator<Item = Vec<String>>>(columns: usize, rows: impl Fn() -> I) -> String {
    let mut widths = vec![0; columns];
    for row in rows() {
        for (width, cell) in widths.iter_mut().zip(&row) {
            *width = (*width).max(cell.len());
        }
    }
    let line = |row: Vec<String>| {
        let cells = row.iter().zip(&widths).map(|(cell, width)| format!("{cell:<width$}"));
        cells.collect::<Vec<_>>().join("  ").trim_end().to_owned() + "\n"
    };
    rows().map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::answer::answer;

    answer! {
        /// A point.
        struct Point {
            /// A size.
            features: Size,
            /// A name.
            name: &'static str,
        }
    }

    fn points() -> [Point; 2] {
        [
            Point { features: Size(f64::INFINITY), name: "a,b" },
            Point { features: Size(20.0), name: "say \"c\"" },
        ]
    }

    /// What is infinite is null with a mark, the same keys at every point; in CSV it is a word that
    /// parses as a float.
    #[test]
    fn infinities_are_marked_in_json_and_words_in_csv() {
        let text = write(&points(), true, Format { json: true, csv: false });
        let value: Value = serde_json::from_str(&text).unwrap();
        assert_eq!(value[0]["features"], Value::Null);
        assert_eq!(
            (&value[0]["features_infinite"], &value[1]["features"]),
            (&true.into(), &20.into())
        );
        assert_eq!(value[1]["features_infinite"], false);
        let expected = format!("{value:#}\n");
        assert_eq!(text, expected, "the layout is that of serde_json");
        let csv = write(&points(), true, Format { json: false, csv: true });
        assert_eq!(csv, "features,name\ninf,\"a,b\"\n20,\"say \"\"c\"\"\"\n");
        let read = write(&points(), true, Format::TEXT);
        assert_eq!(read, "features  name\ninf       a,b\n20        say \"c\"\n");
        let none: [Point; 0] = [];
        assert_eq!(write(&none, true, Format { json: true, csv: false }), "[]\n");
    }

    #[test]
    fn control_characters_are_escaped_and_lines_stay() {
        assert_eq!(visible("a\u{1b}[31mb\nc\u{7f}\t"), "a\\u{1b}[31mb\nc\\u{7f}\\t");
    }
}
