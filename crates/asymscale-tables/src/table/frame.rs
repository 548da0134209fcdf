//! Tables as polars frames.

use polars::prelude::{Column as Series, DataFrame};

use crate::TableError;
use crate::table::column::{Fault, Numbers};
use crate::table::names::unit;
use crate::table::{Column, ColumnRequest, Kind, Table};

/// All columns of a table as a frame: numbers (null where there is none) or, where a cell is a
/// word, text.
///
/// # Errors
/// A table that breaks the rules of its format; titles that repeat.
///
/// ```
/// use asymscale_tables::{ReadOptions, Source, Table, read_frame};
/// let table = Table::open(Source::bytes("t", b"set;loss\nweb;3,5\nbooks;NA\n".to_vec()), ReadOptions::default())?;
/// let frame = read_frame(&table)?;
/// assert_eq!(frame.column("loss").expect("a title").null_count(), 1);
/// assert_eq!(frame.column("loss").expect("a title").f64().expect("numbers").get(0), Some(3.5));
/// # Ok::<(), asymscale_tables::TableError>(())
/// ```
pub fn read_frame(table: &Table) -> Result<DataFrame, TableError> {
    let names = table.names();
    let number = |column: usize| {
        let kind =
            Kind::Numbers { suffixes: false, shift: unit(&names[column]).exponent, words: false };
        ColumnRequest { column, kind }
    };
    let requests: Vec<ColumnRequest> = (0..names.len()).map(number).collect();
    let numbers = table.read(&requests)?;
    let words = |column: &Column| matches!(column, Column::Numbers(numbers) if has_words(numbers));
    let texts: Vec<ColumnRequest> = (0..names.len())
        .filter(|&column| words(&numbers.columns[column]))
        .map(|column| ColumnRequest { column, kind: Kind::Text })
        .collect();
    let mut columns: Vec<Series> =
        numbers.columns.iter().zip(names).map(|(column, name)| series(column, name)).collect();
    if !texts.is_empty() {
        let read = table.read(&texts)?;
        for (want, column) in texts.iter().zip(&read.columns) {
            columns[want.column] = series(column, &names[want.column]);
        }
    }
    DataFrame::new(numbers.lines.len(), columns).map_err(|_| TableError::Unclear {
        file: table.file.clone(),
        what: "titles repeat: a frame needs different ones".to_owned(),
    })
}

fn has_words(numbers: &Numbers) -> bool {
    numbers.faults.iter().any(|(_, fault)| !matches!(fault, Fault::Empty | Fault::Missing(_)))
}

fn series(column: &Column, name: &str) -> Series {
    match column {
        Column::Numbers(numbers) => {
            let value = |value: &f64| (!value.is_nan()).then_some(*value);
            Series::new(name.into(), numbers.values.iter().map(value).collect::<Vec<Option<f64>>>())
        }
        Column::Texts(texts) => {
            let text = |text| Some(text).filter(|text: &&str| !text.is_empty());
            Series::new(name.into(), texts.iter().map(text).collect::<Vec<Option<&str>>>())
        }
        Column::Names(names) => {
            let text = |&id: &u32| ((id as usize) < names.distinct()).then(|| names.text(id));
            Series::new(name.into(), names.ids.iter().map(text).collect::<Vec<Option<&str>>>())
        }
    }
}
