//! Rows of answers as the page shows them: each number with its text and its explanation.

use crate::answers::{Rows, Value};
use crate::cli::answer::Column;
use crate::cli::output::read_aloud;
use serde_json::{Value as Json, json};

/// The columns of some subcommands' answers.
pub(crate) type Explained = Vec<(&'static str, Vec<Column>)>;

/// A row as a list of numbers: name, value, text and what it is. What is not known is null, and its
/// text says so.
pub(crate) fn numbers(rows: &Rows, row: usize, explained: &Explained) -> Vec<Json> {
    let Some(values) = rows.rows.get(row) else { return Vec::new() };
    let one = |(name, value): (&&'static str, &Value)| {
        json!({
            "name": name,
            "value": plain(value),
            "text": text(value),
            "about": about(name, explained),
        })
    };
    rows.columns.iter().zip(values).map(one).collect()
}

/// Rows as a table: heads and cells with all digits, as CSV has them.
pub(crate) fn table(rows: &Rows) -> Json {
    let cells = |row: &Vec<Value>| row.iter().map(plain).collect::<Vec<_>>();
    json!({ "columns": rows.columns, "rows": rows.rows.iter().map(cells).collect::<Vec<_>>() })
}

fn about(name: &str, explained: &Explained) -> &'static str {
    let all = explained.iter().flat_map(|(_, columns)| columns);
    all.filter(|column| column.name == name).map(|column| column.text).next().unwrap_or_default()
}

/// A value in JSON; infinities are words, as in CSV.
fn plain(value: &Value) -> Json {
    match value {
        Value::Real(number) if number.is_infinite() => json!(number.to_string()),
        Value::Real(number) if number.is_nan() => Json::Null,
        // A size is told without a fraction, as the command tells it.
        Value::Real(number) if number.fract() == 0.0 && number.abs() < 9e15 => {
            json!(*number as i64)
        }
        Value::Real(number) => json!(number),
        Value::Whole(count) => json!(count),
        Value::Flag(flag) => json!(flag),
        Value::Word(word) => json!(word),
        Value::Unknown => Json::Null,
    }
}

/// A value for a reader.
pub(crate) fn text(value: &Value) -> String {
    match value {
        Value::Real(number) if number.is_nan() => "not known".to_owned(),
        Value::Real(number) => short(*number),
        Value::Whole(count) => count.to_string(),
        Value::Flag(flag) => if *flag { "yes" } else { "no" }.to_owned(),
        Value::Word(word) => word.clone(),
        Value::Unknown => "not known".to_owned(),
    }
}

/// Six significant digits, less zeros at their end.
pub(crate) fn short(number: f64) -> String {
    if number.is_infinite() {
        return if number > 0.0 { "infinite" } else { "minus infinite" }.to_owned();
    }
    let text = read_aloud(number);
    let (digits, exponent) = text.split_once('e').map_or((text.as_str(), ""), |(d, e)| (d, e));
    let is_fraction = digits.contains('.');
    let short = || digits.trim_end_matches('0').trim_end_matches('.');
    let digits = if is_fraction { short() } else { digits };
    if exponent.is_empty() { digits.to_owned() } else { format!("{digits}e{exponent}") }
}

/// The number in a column of a row; NaN where it is not known or no number.
pub(crate) fn real(rows: &Rows, row: usize, name: &str) -> f64 {
    let at = rows.columns.iter().position(|column| *column == name);
    match at.and_then(|at| rows.rows.get(row)?.get(at)) {
        Some(Value::Real(number)) => *number,
        Some(Value::Whole(count)) => *count as f64,
        _ => f64::NAN,
    }
}

/// The word in a column of a row, if there is one.
pub(crate) fn word<'a>(rows: &'a Rows, row: usize, name: &str) -> Option<&'a str> {
    let at = rows.columns.iter().position(|column| *column == name)?;
    match rows.rows.get(row)?.get(at)? {
        Value::Word(word) => Some(word),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_known_is_said_and_infinities_are_words() {
        let columns = vec!["loss", "samples", "probability"];
        let values = vec![Value::Real(f64::NAN), Value::Real(f64::INFINITY), Value::Real(0.25)];
        let rows = Rows { columns, rows: vec![values], notes: Vec::new() };
        let explained = vec![("", vec![Column::new("loss", " Population loss. ")])];
        let found = numbers(&rows, 0, &explained);
        assert_eq!((&found[0]["value"], &found[0]["text"]), (&Json::Null, &json!("not known")));
        assert_eq!(found[0]["about"], "Population loss.");
        assert_eq!((&found[1]["value"], &found[1]["text"]), (&json!("inf"), &json!("infinite")));
        assert_eq!((real(&rows, 0, "probability"), word(&rows, 0, "loss")), (0.25, None));
        assert_eq!([short(0.1), short(1000.0), short(2.5e-9)], ["0.1", "1000", "2.5e-9"]);
    }
}
