//! How a table was understood, to be printed beside the answer.

use crate::cells::number::Notation;
use crate::quote;

/// How a table was understood.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Record {
    /// The file.
    pub file: String,
    /// The format in words.
    pub form: String,
    /// Rows that are used.
    pub rows: usize,
    /// What is taken from where, such as "N from column `params`".
    pub taken: Vec<String>,
    /// Sentences about how numbers were understood, and what was left out.
    pub notes: Vec<String>,
}

impl Record {
    /// The record in lines of text, none longer than a few hundred characters.
    pub fn lines(&self) -> Vec<String> {
        let rows = if self.rows == 1 { "row" } else { "rows" };
        let taken = self.taken.join(", ");
        let first = format!("{} ({}), {} {rows}: {taken}.", self.file, self.form, self.rows);
        let note = |note: &String| format!("Note: {note}.");
        std::iter::once(first).chain(self.notes.iter().map(note)).collect()
    }

    pub(crate) fn note(&mut self, note: impl Into<String>) {
        self.notes.push(note.into());
    }

    /// Says how the numbers of a column were written, where that could be understood otherwise.
    pub(crate) fn describe_notation(&mut self, title: &str, seen: Notation, comma: bool) {
        let ways = [
            (seen.suffix, "k, M, B and T after a number mean 1e3, 1e6, 1e9 and 1e12"),
            (seen.power, "a^b is a power"),
            (comma, "the comma is the decimal mark"),
            (seen.groups, "digits are in groups"),
            (seen.uncertainty, "what follows ± is left out"),
            (seen.percent, "% is a hundredth"),
        ];
        let found: Vec<&str> = ways.into_iter().filter(|way| way.0).map(|way| way.1).collect();
        if !found.is_empty() {
            self.note(format!("in column {} {}", quote::name(title), found.join("; ")));
        }
    }
}
