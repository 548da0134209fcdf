//! From rows to their places in the file.

use crate::quote;

/// What a place in the file is called.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    /// A line of text, counted from 1 as editors do.
    Line,
    /// A value of a JSON array, counted from 1.
    Entry,
    /// A row of a typed file, counted from 1.
    Row,
}

/// The place of every row in the file: a line as an editor shows it, an entry of a JSON array, or a
/// row of Parquet; all counted from 1.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lines {
    place: Place,
    /// Rows from which on the place is as many further: (row, place there).
    starts: Vec<(usize, u64)>,
    rows: usize,
}

impl Lines {
    pub(crate) fn new(place: Place) -> Self {
        Self { place, starts: Vec::new(), rows: 0 }
    }

    /// Places of entries that are no rows: their numbers.
    pub(crate) fn numbered(entries: usize) -> Self {
        Self { place: Place::Entry, starts: vec![(0, 1)], rows: entries }
    }

    pub(crate) fn push(&mut self, line: u64) {
        let expected = self.starts.last().map(|&(row, start)| start + (self.rows - row) as u64);
        if expected != Some(line) {
            self.starts.push((self.rows, line));
        }
        self.rows += 1;
    }

    /// Rows.
    pub fn len(&self) -> usize {
        self.rows
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.rows == 0
    }

    /// The place of a row, which is counted from 0 among those that were kept; that of the last for
    /// a row beyond.
    pub fn of(&self, row: usize) -> u64 {
        let after = self.starts.partition_point(|start| start.0 <= row);
        let (first, line) = after.checked_sub(1).map_or((0, 1), |at| self.starts[at]);
        line + (row - first) as u64
    }

    /// `line`, `entry` or `row`.
    pub fn word(&self) -> &'static str {
        match self.place {
            Place::Line => "line",
            Place::Entry => "entry",
            Place::Row => "row",
        }
    }

    /// `line 7`, `lines 7, 9 to 11 and 4 more`, of rows counted from 0.
    ///
    /// ```
    /// use asymscale_tables::{ReadOptions, RunRequest, Source, Table, read_runs};
    /// let text = b"N,D,loss\n1e7,1e9,3.5\n# a comment\n2e7,1e9,3.1\n".to_vec();
    /// let table = Table::open(Source::bytes("runs", text), ReadOptions::default())?;
    /// let runs = read_runs(&table, &RunRequest::default())?;
    /// assert_eq!(runs.lines.name(&[0, 1]), "lines 2, 4");
    /// # Ok::<(), asymscale_tables::TableError>(())
    /// ```
    pub fn name(&self, rows: &[usize]) -> String {
        let places: Vec<u64> = rows.iter().map(|&row| self.of(row)).collect();
        self.list(&places)
    }

    pub(crate) fn list(&self, places: &[u64]) -> String {
        let many = match (self.place, places.len()) {
            (_, 1) => self.word(),
            (Place::Entry, _) => "entries",
            (Place::Line, _) => "lines",
            (Place::Row, _) => "rows",
        };
        format!("{many} {}", quote::ranges(places))
    }

    /// Only some rows, ascending.
    #[must_use]
    pub fn pick(&self, rows: impl Iterator<Item = usize>) -> Self {
        let mut picked = Self::new(self.place);
        rows.for_each(|row| picked.push(self.of(row)));
        picked
    }
}
