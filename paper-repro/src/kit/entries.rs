//! Rows in long form, for chapters whose cells measure different things: what was measured, on
//! which data, a value with its interval, and how many it was taken over.

use crate::ChapterError;
use asymscale_sweep::{Table, row};

/// One row in long form.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    /// What was measured.
    pub kind: String,
    /// The data it was measured on.
    pub of: String,
    /// The name of one among several values of this kind.
    pub quantity: String,
    /// The value, or a count of events.
    pub value: f64,
    /// Its interval; a point where it has none.
    pub interval: (f64, f64),
    /// How many data sets, runs or trials it was taken over.
    pub count: usize,
}

impl Entry {
    /// A value without an interval.
    pub fn new(kind: &str, of: &str, quantity: &str, value: f64, count: usize) -> Self {
        let (kind, of, quantity) = (kind.to_owned(), of.to_owned(), quantity.to_owned());
        Self { kind, of, quantity, value, interval: (value, value), count }
    }

    /// The same with an interval.
    #[must_use]
    pub fn within(self, interval: (f64, f64)) -> Self {
        Self { interval, ..self }
    }
}

/// Entries as rows.
///
/// # Errors
/// None but those of the table, which these rows cannot cause.
pub fn entry_rows(entries: &[Entry]) -> Result<Table, ChapterError> {
    let mut table = Table::default();
    for Entry { kind, of, quantity, value, interval, count } in entries {
        table.push(row! {
            kind: kind.as_str(), of: of.as_str(), quantity: quantity.as_str(), value: *value,
            low: interval.0, high: interval.1, count: *count as i64
        })?;
    }
    Ok(table)
}

/// The entries of some rows.
///
/// # Errors
/// Rows of other columns.
pub fn entries(rows: &Table) -> Result<Vec<Entry>, ChapterError> {
    let (kind, of, quantity) = (rows.texts("kind")?, rows.texts("of")?, rows.texts("quantity")?);
    let (value, low, high) = (rows.floats("value")?, rows.floats("low")?, rows.floats("high")?);
    let count = rows.ints("count")?;
    let entry = |k: usize| {
        Entry::new(kind[k], of[k], quantity[k], value[k], count[k] as usize)
            .within((low[k], high[k]))
    };
    Ok((0..rows.len()).map(entry).collect())
}

/// Adds up the values, ends and counts of entries that have one name: the blocks of one count.
pub fn merged(entries: Vec<Entry>) -> Vec<Entry> {
    let mut merged: Vec<Entry> = Vec::new();
    for entry in entries {
        let same = |known: &&mut Entry| {
            (&known.kind, &known.of, &known.quantity) == (&entry.kind, &entry.of, &entry.quantity)
        };
        match merged.iter_mut().find(same) {
            Some(known) => {
                known.value += entry.value;
                known.interval.0 += entry.interval.0;
                known.interval.1 += entry.interval.1;
                known.count += entry.count;
            }
            None => merged.push(entry),
        }
    }
    merged
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_come_back_and_blocks_add_up() {
        let blocks = [
            Entry::new("covered", "grid", "alpha", 40.0, 50),
            Entry::new("covered", "grid", "alpha", 50.0, 50),
        ];
        let read = entries(&entry_rows(&blocks).unwrap()).unwrap();
        assert_eq!(read, blocks);
        assert_eq!(merged(read), [Entry::new("covered", "grid", "alpha", 90.0, 100)]);
    }
}
