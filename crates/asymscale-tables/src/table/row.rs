//! A row as a scan meets it: its place in the file, and its cells.

use std::borrow::Cow;

/// What stands in one cell.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Cell<'a> {
    /// Text, or a number as it is written.
    Text(Cow<'a, [u8]>),
    /// Nothing, or a null.
    Missing,
    /// A list or an object.
    Nested,
    /// The row has this many fields, more than there are columns: which belongs to which is not
    /// known.
    Ragged(usize),
}

/// A row of the file; `line` counts from 1 as the format counts (lines, entries or rows).
pub(crate) struct Row<'a> {
    pub(crate) line: u64,
    pub(crate) cells: Cells<'a>,
}

pub(crate) enum Cells<'a> {
    /// The fields of a line of a table of so many columns.
    Fields(&'a [&'a [u8]], usize),
    /// The cells of the wanted columns, in their order.
    Wanted(&'a [Cell<'a>]),
}

impl Row<'_> {
    /// The cell of a column, which is the wanted one of this number.
    pub(crate) fn cell(&self, number: usize, column: usize) -> Cell<'_> {
        match self.cells {
            Cells::Wanted(cells) => cells[number].clone(),
            Cells::Fields(fields, width) if fields.len() > width => {
                let further = fields[width..].iter().any(|field| !field.trim_ascii().is_empty());
                if further { Cell::Ragged(fields.len()) } else { text(fields[column]) }
            }
            Cells::Fields(fields, _) => {
                fields.get(column).map_or(Cell::Missing, |field| text(field))
            }
        }
    }
}

fn text(field: &[u8]) -> Cell<'_> {
    let field = field.trim_ascii();
    if field.is_empty() { Cell::Missing } else { Cell::Text(Cow::Borrowed(field)) }
}
