//! The summary of forecasts as tables for prose.

use super::forecasts::{FORECASTS, in_general};
use super::names::text_in_words;
use crate::ChapterError;
use asymscale_sweep::Table;
use std::fmt::Write as _;

/// What a row of a table tells: a column of the summary and the method it is of, and how it is
/// called.
type Told<'a> = (&'a str, &'a str, String);

/// A Markdown table in per cent: a column for each part of a text and each factor, rows as told.
fn table(
    data: &Table,
    quantity: &str,
    texts: &[&str],
    told: &[Told],
) -> Result<String, ChapterError> {
    let data = data.matching("quantity", quantity)?;
    let mut table = String::new();
    for text in texts {
        let rows = data.matching("text", *text)?;
        let own = rows.matching("method", "recommended")?;
        let columns: Vec<(i64, i64)> =
            own.ints("part")?.into_iter().zip(own.ints("factor")?).collect();
        if table.is_empty() {
            table.push_str("| |");
            for (k, (part, factor)) in columns.iter().enumerate() {
                let new = k == 0 || columns[k - 1].0 != *part;
                let of = if new { format!("1/{part}: ") } else { String::new() };
                let _ = write!(table, " {of}× {factor} |");
            }
            let _ = write!(table, "\n|---|{}", "---|".repeat(columns.len()));
        }
        for (column, method, name) in told {
            let of = text_in_words(text);
            let name = if texts.len() > 1 { format!("{of}: {name}") } else { name.clone() };
            let _ = write!(table, "\n| {name} |");
            let rows = rows.matching("method", *method)?;
            let of = |part: i64, factor: i64| -> Result<f64, ChapterError> {
                let row = rows.matching("part", part)?.matching("factor", factor)?;
                let over = if *column == "known" { row.ints("sets")? } else { vec![1] };
                let value = row
                    .floats(column)?
                    .first()
                    .zip(over.first())
                    .map(|(value, n)| value / *n as f64);
                Ok(value.unwrap_or(f64::NAN))
            };
            for (part, factor) in &columns {
                // Adding nothing turns −0 into 0.
                let percent = (100.0 * of(*part, *factor)?).round() + 0.0;
                let _ = if percent.is_nan() {
                    write!(table, " – |")
                } else {
                    write!(table, " {} |", format!("{percent:.0}").replace('-', "−"))
                };
            }
        }
    }
    Ok(table)
}

/// Facts `mass-table` and `words-table` of the text told in full, and `others-table` of the others:
/// root mean square relative errors of each method, how often it says something, how often its
/// intervals hold the truth.
///
/// # Errors
/// A table that is no summary.
pub fn forecast_tables(
    data: &Table,
    main: &str,
    others: &[&str],
) -> Result<Vec<(String, String)>, ChapterError> {
    let errors = |methods: usize| {
        FORECASTS[..methods].iter().map(|(method, name)| ("rms", *method, (*name).to_owned()))
    };
    let told =
        |column, method: &'static str, name: &str| -> Told { (column, method, name.to_owned()) };
    let (held, known) =
        ("intervals that contain the true value", "parts with a recommended forecast");
    let mass = [
        told("bias", "recommended", "mean error, by chapters"),
        told("bias", "bare", "mean error, by verses"),
        told("covered", "recommended", &format!("{held}, by chapters")),
        told("covered", "bare", &format!("{held}, by verses")),
    ];
    let mut words: Vec<Told> = errors(FORECASTS.len()).collect();
    words.extend([
        told("known", "recommended", known),
        told("covered", "recommended", held),
        told("covered", "bare", &format!("{held}, by verses")),
    ]);
    let mut rest: Vec<Told> =
        errors(3).map(|(column, method, name)| (column, method, in_general(&name))).collect();
    rest.extend([told("known", "recommended", known), told("covered", "recommended", held)]);
    Ok(vec![
        ("mass-table".into(), table(data, "mass", &[main], &mass)?),
        ("words-table".into(), table(data, "words", &[main], &words)?),
        ("others-table".into(), table(data, "words", others, &rest)?),
    ])
}

#[cfg(test)]
mod tests {
    use super::*;
    use asymscale_sweep::row;

    #[test]
    fn cells_stand_under_their_part_and_factor() {
        let mut data = Table::default();
        for (part, factor, rms) in [(16, 2, 0.104), (16, 4, f64::NAN), (4, 2, -0.001)] {
            for text in ["a", "b"] {
                data.push(row! {
                    text, quantity: "words", part: i64::from(part), factor: i64::from(factor), method: "recommended", rms, sets: 8_i64, known: 6_i64
                })
                .unwrap();
            }
        }
        let told = [
            ("rms", "recommended", "error".to_owned()),
            ("known", "recommended", "known".to_owned()),
        ];
        assert_eq!(
            table(&data, "words", &["a"], &told).unwrap(),
            "| | 1/16: × 2 | × 4 | 1/4: × 2 |\n|---|---|---|---|\n| error | 10 | – | 0 |\n| known | 75 | 75 | 75 |"
        );
        assert!(table(&data, "words", &["a", "b"], &told).unwrap().contains("\n| b: known | 75 |"));
    }
}
