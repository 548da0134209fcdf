//! Asking a table: rows, filters, groups, order.

use crate::{SweepError, Table, Value};
use std::{cmp::Ordering, collections::HashMap};

/// One row of a [`Table`].
#[derive(Debug, Clone, Copy)]
pub struct Row<'a> {
    columns: &'a [String],
    values: &'a [Value],
}

impl<'a> Row<'a> {
    /// The value in a column, `None` if there is no such column.
    pub fn get(&self, column: &str) -> Option<&'a Value> {
        let position = self.columns.iter().position(|name| name == column)?;
        Some(&self.values[position])
    }

    /// The number in a column, `None` if there is none.
    pub fn float(&self, column: &str) -> Option<f64> {
        self.get(column)?.as_float()
    }

    /// The whole number in a column, `None` if there is none.
    pub fn int(&self, column: &str) -> Option<i64> {
        self.get(column)?.as_int()
    }

    /// The text in a column, `None` if there is none.
    pub fn text(&self, column: &str) -> Option<&'a str> {
        self.get(column)?.as_text()
    }

    /// All values in the order of the columns.
    pub fn values(&self) -> &'a [Value] {
        self.values
    }
}

impl Table {
    /// The rows in their order.
    pub fn rows(&self) -> impl ExactSizeIterator<Item = Row<'_>> {
        self.raw_rows().iter().map(|values| Row { columns: self.columns(), values })
    }

    /// The rows a predicate accepts.
    ///
    /// ```
    /// use asymscale_sweep::{Table, row};
    /// let mut table = Table::default();
    /// table.push(row! { samples: 64, loss: 0.5 })?;
    /// table.push(row! { samples: 128, loss: None::<f64> })?;
    /// let measured = table.filter(|row| row.float("loss").is_some());
    /// assert_eq!(measured.floats("samples")?, [64.0]);
    /// # Ok::<(), asymscale_sweep::SweepError>(())
    /// ```
    #[must_use]
    pub fn filter(&self, keep: impl Fn(Row) -> bool) -> Self {
        self.with_rows(
            self.rows().filter(|row| keep(*row)).map(|row| row.values.to_vec()).collect(),
        )
    }

    /// The rows whose column holds this value, numerically: 512 finds 512.0.
    pub fn matching(&self, column: &str, value: impl Into<Value>) -> Result<Self, SweepError> {
        let (position, value) = (self.position(column)?, value.into());
        Ok(self.filter(|row| row.values[position].same_as(&value)))
    }

    /// Tables of the rows that agree in the given columns, with these values, in order of first
    /// appearance.
    ///
    /// ```
    /// use asymscale_sweep::{Table, Value, row};
    /// let mut table = Table::default();
    /// for (beta, loss) in [(1.5, 0.3), (0.0, 0.1), (1.5, 0.2)] {
    ///     table.push(row! { beta, loss })?;
    /// }
    /// let groups = table.group_by(&["beta"])?;
    /// assert_eq!(groups[0].0, [Value::Float(1.5)]);
    /// assert_eq!(groups[0].1.floats("loss")?, [0.3, 0.2]);
    /// # Ok::<(), asymscale_sweep::SweepError>(())
    /// ```
    pub fn group_by(&self, columns: &[&str]) -> Result<Vec<(Vec<Value>, Self)>, SweepError> {
        let positions = self.positions(columns)?;
        let mut places: HashMap<Vec<Value>, usize> = HashMap::new();
        let mut groups: Vec<(Vec<Value>, Vec<Vec<Value>>)> = Vec::new();
        for row in self.raw_rows() {
            let key: Vec<Value> = positions.iter().map(|&position| row[position].clone()).collect();
            let place = *places.entry(key).or_insert_with_key(|key| {
                groups.push((key.clone(), Vec::new()));
                groups.len() - 1
            });
            groups[place].1.push(row.clone());
        }
        Ok(groups.into_iter().map(|(key, rows)| (key, self.with_rows(rows))).collect())
    }

    /// The rows in ascending order of the given columns, the first weighing most; equal rows keep
    /// their order. Nothing comes before numbers, numbers before texts; NaN is above infinity.
    pub fn sort_by(&self, columns: &[&str]) -> Result<Self, SweepError> {
        let positions = self.positions(columns)?;
        let mut rows = self.raw_rows().to_vec();
        rows.sort_by(|a, b| {
            positions
                .iter()
                .map(|&p| order(&a[p], &b[p]))
                .find(|o| o.is_ne())
                .unwrap_or(Ordering::Equal)
        });
        Ok(self.with_rows(rows))
    }

    /// The given columns alone, in the given order.
    pub fn select(&self, columns: &[&str]) -> Result<Self, SweepError> {
        let positions = self.positions(columns)?;
        let pick =
            |row: &Vec<Value>| positions.iter().map(|&position| row[position].clone()).collect();
        Ok(Self::with_columns(columns.iter().copied())?
            .with_rows(self.raw_rows().iter().map(pick).collect()))
    }

    fn positions(&self, columns: &[&str]) -> Result<Vec<usize>, SweepError> {
        columns.iter().map(|column| self.position(column)).collect()
    }
}

fn order(a: &Value, b: &Value) -> Ordering {
    let class = |value: &Value| match value {
        Value::Null => 0,
        Value::Int(_) | Value::Float(_) => 1,
        Value::Text(_) => 2,
    };
    match (a, b) {
        (Value::Int(a), Value::Int(b)) => a.cmp(b),
        (Value::Text(a), Value::Text(b)) => a.cmp(b),
        _ => match (a.as_float(), b.as_float()) {
            (Some(a), Some(b)) => a.total_cmp(&b),
            _ => class(a).cmp(&class(b)),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::row;

    fn table() -> Table {
        let mut table = Table::default();
        for (kind, size) in [("b", 2.0), ("a", f64::NAN), ("b", 1.0), ("a", f64::INFINITY)] {
            table.push(row! { kind, size }).unwrap();
        }
        table
    }

    #[test]
    fn rows_are_sorted_by_every_column() {
        let sorted = table().sort_by(&["kind", "size"]).unwrap();
        assert_eq!(sorted.texts("kind").unwrap(), ["a", "a", "b", "b"]);
        let sizes = sorted.floats("size").unwrap();
        assert_eq!((sizes[0], sizes[2], sizes[3]), (f64::INFINITY, 1.0, 2.0));
        assert!(sizes[1].is_nan());
    }

    #[test]
    fn a_row_has_the_values_of_its_kinds() {
        let mut table = Table::default();
        table.push(row! { kind: "b", size: 7_i64, loss: 0.5 }).unwrap();
        let row = table.rows().next().unwrap();
        assert_eq!((row.int("size"), row.int("kind"), row.int("none")), (Some(7), None, None));
        assert_eq!((row.float("loss"), row.text("kind")), (Some(0.5), Some("b")));
    }

    #[test]
    fn matching_is_numerical() {
        assert_eq!(table().matching("size", 2).unwrap().len(), 1);
        assert_eq!(table().matching("kind", "a").unwrap().len(), 2);
        assert!(table().matching("sort", "a").is_err());
    }

    #[test]
    fn columns_are_selected_in_order() {
        let selected = table().select(&["size", "kind"]).unwrap();
        assert_eq!(selected.columns(), ["size", "kind"]);
        assert_eq!(selected.texts("kind").unwrap(), ["b", "a", "b", "a"]);
        assert!(table().select(&["size", "size"]).is_err());
    }

    #[test]
    fn groups_may_have_nan_keys() {
        let mut twice = table();
        twice.append(table()).unwrap();
        let groups = twice.group_by(&["size"]).unwrap();
        assert_eq!(groups.iter().map(|(_, rows)| rows.len()).collect::<Vec<_>>(), [2, 2, 2, 2]);
    }
}
