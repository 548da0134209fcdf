//! What `fit` and `diagnose` share about tables: flags, and how what was read is told.

use super::Failure;
use asymscale_tables::{
    BadRows, Filter, MOST_BYTES, ReadOptions, Record, Source, Table, TableError,
};
use clap::{Args, ValueEnum};
use serde_json::{Map, Value, json};
use std::path::Path;

/// Which rows of a table are used, and how much of it is read.
#[derive(Debug, Args)]
pub(crate) struct TableFlags {
    /// Use only rows that have --filter-value in this column; may be repeated, a value for each
    #[arg(long, value_name = "NAME", requires = "filter_value")]
    pub(crate) filter_column: Vec<String>,
    /// The value, as text, that --filter-column must have; several for one column: any of them
    #[arg(long, value_name = "VALUE", requires = "filter_column", allow_hyphen_values = true)]
    pub(crate) filter_value: Vec<String>,
    /// Rows with an empty cell, NaN, NA, "diverged" or a value out of range: refuse the table, or
    /// drop them and say which
    #[arg(long, value_enum, default_value = "refuse")]
    bad_rows: BadRowsName,
    /// The most bytes to read, after inflating: a whole number in 1..1e15
    #[arg(long, value_name = "BYTES", value_parser = bytes, allow_hyphen_values = true, default_value_t = MOST_BYTES)]
    max_bytes: u64,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum BadRowsName {
    Refuse,
    Drop,
}

impl TableFlags {
    pub(crate) fn bad_rows(&self) -> BadRows {
        match self.bad_rows {
            BadRowsName::Refuse => BadRows::Refuse,
            BadRowsName::Drop => BadRows::Drop,
        }
    }

    /// Filters by column: values of one column are alternatives.
    pub(crate) fn filters(&self) -> Result<Vec<Filter>, Failure> {
        let (columns, values) = (&self.filter_column, &self.filter_value);
        if columns.len() != 1 && columns.len() != values.len() {
            return Err(Failure::Input(format!(
                "--filter-value is given {} times and --filter-column {} times: must be as often, or one column for all values",
                values.len(),
                columns.len()
            )));
        }
        let mut filters: Vec<Filter> = Vec::new();
        for (at, value) in values.iter().enumerate() {
            let column = columns.get(at).unwrap_or(&columns[0]);
            match filters.iter_mut().find(|filter| filter.column == *column) {
                Some(filter) => filter.values.push(value.clone()),
                None => {
                    filters.push(Filter { column: column.clone(), values: vec![value.clone()] });
                }
            }
        }
        Ok(filters)
    }

    pub(crate) fn open(&self, file: &Path, hash_names: bool) -> Result<Table, Failure> {
        let options = ReadOptions { max_bytes: self.max_bytes, hash_names };
        Table::open(Source::path(file), options).map_err(refused)
    }
}

#[expect(clippy::needless_pass_by_value, reason = "the shape map_err wants")]
pub(crate) fn refused(error: TableError) -> Failure {
    Failure::Input(error.to_string())
}

/// What was read, for the head of an answer in words.
pub(crate) fn told(record: &Record) -> String {
    record.lines().join("\n") + "\n"
}

/// What was read, for JSON.
pub(crate) fn object(record: &Record) -> Map<String, Value> {
    let value = json!({
        "file": record.file, "form": record.form, "rows": record.rows, "taken": record.taken, "notes": record.notes,
    });
    match value {
        Value::Object(object) => object,
        _ => Map::new(),
    }
}

fn bytes(text: &str) -> Result<u64, String> {
    let inside = |bytes: &f64| (1.0..=1e15).contains(bytes) && bytes.fract() == 0.0;
    let number = text.parse().ok().filter(inside);
    number.map(|bytes| bytes as u64).ok_or_else(|| "must be a whole number in 1..1e15".to_owned())
}
