//! What `fit` and `diagnose` share about tables: flags, and how what was read is told.

use super::Failure;
use super::input::Input;
use asymscale_tables::{BadRows, Filter, MOST_BYTES, ReadOptions, Record, Table, TableError};
use clap::{Args, ValueEnum};
use serde::Serialize;

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
            return Err(Failure::input(format!(
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

    pub(crate) fn open(&self, file: &Input, hash_names: bool) -> Result<Table, Failure> {
        let options = ReadOptions { max_bytes: self.max_bytes, hash_names };
        Table::open(file.source(), options).map_err(refused)
    }
}

#[expect(clippy::needless_pass_by_value, reason = "the shape map_err wants")]
pub(crate) fn refused(error: TableError) -> Failure {
    Failure::input(error.to_string())
}

/// What was read, for the head of an answer in words.
pub(crate) fn told(record: &Record) -> String {
    record.lines().join("\n") + "\n"
}

/// What was read, for JSON.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct TableRecord<'a> {
    /// Name of the file, or of standard input.
    file: &'a str,
    /// The format that was found.
    form: &'a str,
    /// Rows of the table.
    rows: usize,
    /// Columns that were used, and what for.
    taken: &'a [String],
    /// What was remarked on: rows left out, columns not used.
    notes: &'a [String],
}

/// An answer with what was read of its table after it.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct WithTable<'a, T> {
    #[serde(flatten)]
    answer: &'a T,
    /// What was read.
    table: TableRecord<'a>,
}

impl<'a, T: Serialize> WithTable<'a, T> {
    pub(crate) fn new(answer: &'a T, record: &'a Record) -> Self {
        let Record { file, form, rows, taken, notes } = record;
        Self { answer, table: TableRecord { file, form, rows: *rows, taken, notes } }
    }
}

fn bytes(text: &str) -> Result<u64, String> {
    let inside = |bytes: &f64| (1.0..=1e15).contains(bytes) && bytes.fract() == 0.0;
    let number = text.parse().ok().filter(inside);
    number.map(|bytes| bytes as u64).ok_or_else(|| "must be a whole number in 1..1e15".to_owned())
}
