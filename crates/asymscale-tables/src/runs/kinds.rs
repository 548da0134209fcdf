//! Columns of text with few values that nobody asked for, which may distinguish kinds of runs.

use std::collections::BTreeSet;

use crate::table::usable::Rows;
use crate::table::{Column, ColumnRequest, Kind, Table};

/// Bytes of a table beyond which it is not read a second time for what nobody asked.
const MODERATE: usize = 4 << 20;
/// Values that kinds of runs have.
const KINDS: std::ops::RangeInclusive<usize> = 2..=12;
/// Columns that are looked at.
const MOST: usize = 40;

/// Titles and values of such columns in the rows that are used. Columns that cannot be read, or
/// hold numbers alone, are none.
pub(crate) fn label_columns(
    table: &Table,
    used: &[usize],
    rows: &Rows,
) -> Vec<(String, Vec<String>)> {
    if !table.titled() || table.bytes() > MODERATE {
        return Vec::new();
    }
    let others = (0..table.names().len()).filter(|column| !used.contains(column)).take(MOST);
    let requests: Vec<ColumnRequest> =
        others.map(|column| ColumnRequest { column, kind: Kind::Text }).collect();
    let read = |requests: &[ColumnRequest]| table.read(requests).map(|reading| reading.columns);
    // All columns are read at once, or one by one where a column of a typed file cannot be read as
    // text.
    let columns: Vec<(usize, Column)> = match read(&requests) {
        _ if requests.is_empty() => Vec::new(),
        Ok(columns) => requests.iter().map(|want| want.column).zip(columns).collect(),
        Err(_) => {
            let one = |want: &ColumnRequest| {
                read(&[*want]).ok()?.pop().map(|column| (want.column, column))
            };
            requests.iter().filter_map(one).collect()
        }
    };
    let titled = |(number, column): (usize, Column)| {
        labels(&column, rows).map(|labels| (table.names()[number].clone(), labels))
    };
    columns.into_iter().filter_map(titled).collect()
}

/// The values of a column that has few, some of them words.
fn labels(column: &Column, rows: &Rows) -> Option<Vec<String>> {
    let Column::Texts(texts) = column else { return None };
    let mut values: BTreeSet<&str> = BTreeSet::new();
    for row in rows.iter() {
        values.insert(texts.get(row));
        if values.len() > *KINDS.end() {
            return None;
        }
    }
    let words =
        values.iter().any(|value| !value.trim().is_empty() && value.trim().parse::<f64>().is_err());
    let labels = || rows.iter().map(|row| texts.get(row).to_owned()).collect();
    (words && KINDS.contains(&values.len())).then(labels)
}
