//! Named columns, ordered rows.

use crate::{SweepError, Value};
use std::collections::HashSet;

/// Named columns and ordered rows.
///
/// The first row pushed fixes the columns; every later one has the same, in the same order. A table
/// without columns (the default) is what a cell without results returns, and disappears in a merge.
///
/// ```
/// use asymscale_sweep::{Table, row};
/// let mut table = Table::default();
/// let samples = 64;
/// table.push(row! { samples, loss: 0.25 })?;
/// table.push(row! { samples: 128, loss: f64::INFINITY })?;
/// assert_eq!(table.floats("loss")?, [0.25, f64::INFINITY]);
/// assert!(table.push(row! { loss: 0.25, samples: 64 }).is_err()); // another order
/// # Ok::<(), asymscale_sweep::SweepError>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Table {
    columns: Vec<String>,
    rows: Vec<Vec<Value>>,
}

/// A row for [`Table::push`]: `row! { beta, loss: 0.25 }` names column `beta` after the variable
/// and gives `loss` a value. Values are anything that converts into a [`Value`].
///
/// ```
/// let beta = 1.5;
/// let row = asymscale_sweep::row! { beta, method: "theory" };
/// assert_eq!(row[0], ("beta", asymscale_sweep::Value::Float(1.5)));
/// ```
#[macro_export]
macro_rules! row {
    (@value $name:ident) => { $crate::Value::from($name) };
    (@value $name:ident $value:expr) => { $crate::Value::from($value) };
    ($($name:ident $(: $value:expr)?),* $(,)?) => {
        [$((stringify!($name), $crate::row!(@value $name $($value)?))),*]
    };
}

impl Table {
    /// A table of these columns without rows. Names must be unique and not empty.
    pub fn with_columns<S: Into<String>>(
        columns: impl IntoIterator<Item = S>,
    ) -> Result<Self, SweepError> {
        let columns: Vec<String> = columns.into_iter().map(Into::into).collect();
        let mut seen = HashSet::new();
        if let Some(name) =
            columns.iter().find(|name| name.is_empty() || !seen.insert(name.as_str()))
        {
            return Err(SweepError::ColumnName(name.clone()));
        }
        Ok(Self { columns, rows: Vec::new() })
    }

    /// Adds a row of (column, value); see [`row!`](crate::row).
    pub fn push<S: Into<String>>(
        &mut self,
        row: impl IntoIterator<Item = (S, Value)>,
    ) -> Result<(), SweepError> {
        let (names, values): (Vec<String>, Vec<Value>) =
            row.into_iter().map(|(name, value)| (name.into(), value)).unzip();
        if self.columns.is_empty() {
            *self = Self::with_columns(names)?;
        } else if self.columns != names {
            return Err(self.misfit(names));
        }
        // A row without columns says nothing.
        if !values.is_empty() {
            self.rows.push(values);
        }
        Ok(())
    }

    /// Adds the rows of another table of the same columns. A table without columns fits every
    /// other.
    pub fn append(&mut self, other: Self) -> Result<(), SweepError> {
        if self.columns.is_empty() {
            *self = other;
        } else if !other.columns.is_empty() {
            if self.columns != other.columns {
                return Err(self.misfit(other.columns));
            }
            self.rows.extend(other.rows);
        }
        Ok(())
    }

    /// Names of the columns.
    pub fn columns(&self) -> &[String] {
        &self.columns
    }

    /// Number of rows.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether there is no row.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// Position of a column.
    pub fn position(&self, column: &str) -> Result<usize, SweepError> {
        self.columns.iter().position(|name| name == column).ok_or_else(|| SweepError::NoColumn {
            column: column.into(),
            available: self.columns.clone(),
        })
    }

    /// A column's values.
    pub fn values(&self, column: &str) -> Result<Vec<&Value>, SweepError> {
        let position = self.position(column)?;
        Ok(self.rows.iter().map(|row| &row[position]).collect())
    }

    /// A column of numbers; whole ones are converted. A null or a text is an error.
    pub fn floats(&self, column: &str) -> Result<Vec<f64>, SweepError> {
        self.typed(column, "a number", Value::as_float)
    }

    /// A column of whole numbers.
    pub fn ints(&self, column: &str) -> Result<Vec<i64>, SweepError> {
        self.typed(column, "a whole number", Value::as_int)
    }

    /// A column of texts.
    pub fn texts(&self, column: &str) -> Result<Vec<&str>, SweepError> {
        self.typed(column, "text", Value::as_text)
    }

    /// A column with each value read by `read`.
    fn typed<'a, T>(
        &'a self,
        column: &str,
        wanted: &'static str,
        read: impl Fn(&'a Value) -> Option<T>,
    ) -> Result<Vec<T>, SweepError> {
        let misread = |row, value: &Value| SweepError::Type {
            column: column.into(),
            row,
            value: value.clone(),
            wanted,
        };
        let values = self.values(column)?.into_iter().enumerate();
        values.map(|(row, value)| read(value).ok_or_else(|| misread(row, value))).collect()
    }

    fn misfit(&self, found: Vec<String>) -> SweepError {
        SweepError::Columns { expected: self.columns.clone(), found }
    }

    /// The rows as they are stored.
    pub(crate) fn raw_rows(&self) -> &[Vec<Value>] {
        &self.rows
    }

    /// A table of the same columns with other rows, each of the right length.
    pub(crate) fn with_rows(&self, rows: Vec<Vec<Value>>) -> Self {
        debug_assert!(rows.iter().all(|row| row.len() == self.columns.len()));
        Self { columns: self.columns.clone(), rows }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table() -> Table {
        let mut table = Table::default();
        table.push(row! { name: "a", size: 1, loss: 0.5 }).unwrap();
        table.push(row! { name: "b", size: 2, loss: None::<f64> }).unwrap();
        table
    }

    #[test]
    fn columns_are_read_by_type() {
        let table = table();
        assert_eq!(table.texts("name").unwrap(), ["a", "b"]);
        assert_eq!(table.ints("size").unwrap(), [1, 2]);
        assert_eq!(table.floats("size").unwrap(), [1.0, 2.0]);
        let message = |result: Result<Vec<f64>, SweepError>| result.unwrap_err().to_string();
        assert_eq!(message(table.floats("loss")), "column `loss`, row 1: Null is not a number");
        let expected = r#"column `lost`: not among ["name", "size", "loss"]"#;
        assert_eq!(message(table.floats("lost")), expected);
    }

    #[test]
    fn a_table_without_columns_is_neutral() {
        let mut sum = Table::default();
        sum.append(Table::default()).unwrap();
        sum.append(table()).unwrap();
        sum.append(Table::default()).unwrap();
        assert_eq!(sum, table());
    }

    #[test]
    fn other_columns_are_refused() {
        let mut one = table();
        let other = Table::with_columns(["name", "size"]).unwrap();
        let message = one.append(other).unwrap_err().to_string();
        assert_eq!(
            message,
            r#"columns ["name", "size"] do not fit the table's ["name", "size", "loss"]"#
        );
        assert!(
            matches!(Table::with_columns(["a", "a"]), Err(SweepError::ColumnName(name)) if name == "a")
        );
        assert!(Table::with_columns([""]).is_err());
    }
}
