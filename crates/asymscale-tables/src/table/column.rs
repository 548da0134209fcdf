//! Columns as they are read: numbers or text, and the cells that are neither.

use crate::cells::number::{self, CellValue, Notation, NumberFormat};
use crate::table::row::Cell;

/// Why a cell cannot be used.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Fault {
    /// The cell is empty or null.
    Empty,
    /// The cell says in words that the value is missing: `NA`, `diverged`.
    Missing(Box<str>),
    /// The cell is text that is no number.
    Word(Box<str>),
    /// The cell is a list or an object.
    Nested,
    /// Its row has this many fields, more than the table has columns.
    Ragged(usize),
    /// The cell is a number out of range.
    Range(f64),
}

/// Rows counted from 0, and why a cell there cannot be used.
pub(crate) type Faults = Vec<(usize, Fault)>;

/// Numbers, NaN where a fault is noted.
#[derive(Debug, Default)]
pub(crate) struct Numbers {
    pub(crate) values: Vec<f64>,
    pub(crate) faults: Faults,
    pub(crate) seen: Notation,
    /// Whether it was read with decimal commas.
    pub(crate) commas: bool,
}

/// The number of faults whose text is kept; of further ones only the kind is.
const TEXTS: usize = 64;

impl Numbers {
    pub(crate) fn push(&mut self, cell: &Cell<'_>, format: NumberFormat) {
        let fault = match cell {
            Cell::Missing => Fault::Empty,
            Cell::Nested => Fault::Nested,
            Cell::Ragged(fields) => Fault::Ragged(*fields),
            Cell::Text(text) => match number::read(text, format, &mut self.seen) {
                CellValue::Number(value) => return self.values.push(value),
                CellValue::Missing => Fault::Missing(self.kept(text)),
                CellValue::Word => Fault::Word(self.kept(text)),
            },
        };
        self.fault(fault);
    }

    /// A number that a typed file holds, in the unit of the title.
    pub(crate) fn push_value(&mut self, value: f64, shift: i32) {
        if value.is_nan() {
            return self.fault(Fault::Missing("NaN".into()));
        }
        self.values.push(if shift == 0 { value } else { value * 10_f64.powi(shift) });
    }

    pub(crate) fn fault(&mut self, fault: Fault) {
        self.faults.push((self.values.len(), fault));
        self.values.push(f64::NAN);
    }

    /// Whether a comma was taken to be the decimal mark.
    pub(crate) fn comma(&self) -> bool {
        self.commas && (self.seen.comma || self.seen.either_comma)
    }

    fn kept(&self, text: &[u8]) -> Box<str> {
        if self.faults.len() > TEXTS {
            return Box::default();
        }
        // A message shows no more than this.
        String::from_utf8_lossy(&text[..text.len().min(200)]).into()
    }
}

/// Texts, one after the other in one string.
#[derive(Debug, Default)]
pub(crate) struct Texts {
    text: String,
    ends: Vec<usize>,
    pub(crate) faults: Faults,
}

impl Texts {
    pub(crate) fn push(&mut self, cell: &Cell<'_>) {
        match cell {
            Cell::Text(text) => self.text += &String::from_utf8_lossy(text),
            Cell::Missing => self.faults.push((self.ends.len(), Fault::Empty)),
            Cell::Nested => self.faults.push((self.ends.len(), Fault::Nested)),
            Cell::Ragged(fields) => self.faults.push((self.ends.len(), Fault::Ragged(*fields))),
        }
        self.ends.push(self.text.len());
    }

    /// Adds a text as it is.
    pub(crate) fn add(&mut self, text: &str) {
        self.text += text;
        self.ends.push(self.text.len());
    }

    pub(crate) fn len(&self) -> usize {
        self.ends.len()
    }

    /// The text of a row; empty where there is none.
    pub(crate) fn get(&self, row: usize) -> &str {
        let start = if row == 0 { 0 } else { self.ends[row - 1] };
        &self.text[start..self.ends[row]]
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &str> {
        (0..self.len()).map(|row| self.get(row))
    }
}
