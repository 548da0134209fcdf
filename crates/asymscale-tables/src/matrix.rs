//! Counts from a matrix of features and samples: what is not 0 is active.

use crate::chosen::read_with_filters;
use crate::column::{Fault, Numbers};
use crate::counts::{CountRequest, CountTable};
use crate::events::numbered;
use crate::names::joined;
use crate::roles::NAME;
use crate::table::{Kind, Table, Want};
use crate::usable::{Suspect, out_of_range, usable};
use crate::{TableError, quote};

/// Counts the active cells of each row, or of each column.
pub(crate) fn read(
    table: &Table,
    request: &CountRequest<'_>,
    features_down: bool,
) -> Result<CountTable, TableError> {
    let names = table.names();
    // A first column of names or numbers of rows has such a title, or none.
    let label = |column: &usize| {
        let title = joined(&names[*column]);
        table.titled()
            && *column == 0
            && (title.is_empty()
                || title == "sample"
                || title == "index"
                || NAME.titles.contains(&title.as_str()))
    };
    let columns: Vec<usize> = (0..names.len()).filter(|column| !label(column)).collect();
    let number =
        |&column: &usize| Want { column, kind: Kind::Numbers { suffixes: false, shift: 0, words: true } };
    let mut wants: Vec<Want> = columns.iter().map(number).collect();
    let mut reading = read_with_filters(table, &mut wants, None, request.filters)?;
    let mut cells: Vec<(usize, Numbers)> =
        columns.iter().enumerate().map(|(at, &column)| (column, reading.numbers_at(at))).collect();
    let rows = reading.lines.len();
    let words = |numbers: &Numbers| {
        numbers.faults.len() == rows
            && numbers.faults.iter().all(|(_, fault)| matches!(fault, Fault::Word(_)))
    };
    let before = cells.len();
    cells.retain(|(_, numbers)| !words(numbers));
    let labels = names.len() - columns.len() + before - cells.len();
    if cells.is_empty() {
        let what = "--matrix: no column holds numbers".to_owned();
        return Err(TableError::Unclear { file: table.file.clone(), what });
    }
    let suspects: Vec<Suspect<'_>> = cells
        .iter()
        .filter_map(|(column, numbers)| {
            let faults = out_of_range(numbers, f64::is_finite);
            (!faults.is_empty()).then(|| Suspect { title: &names[*column], must: "a finite number", faults })
        })
        .collect();
    let (kept, dropped) =
        usable(&table.file, &reading.lines, reading.picks.clone(), &suspects, request.bad_rows)?;
    let active = |row: usize, numbers: &Numbers| f64::from(u8::from(numbers.values[row] != 0.0));
    let counts: Vec<f64> = if features_down {
        kept.iter().map(|row| cells.iter().map(|(_, numbers)| active(row, numbers)).sum()).collect()
    } else {
        cells.iter().map(|(_, numbers)| kept.iter().map(|row| active(row, numbers)).sum()).collect()
    };
    let found = if features_down { cells.len() } else { kept.len() };
    if request.samples.is_some_and(|given| given != found as f64) {
        let what = format!("--samples: must be {found}, the samples of the matrix, or be left out");
        return Err(TableError::Unclear { file: table.file.clone(), what });
    }
    let mut record = reading.record(table, &[]);
    record.rows = kept.len();
    record.taken = vec![format!(
        "a matrix with a {} a row and a {} in each of {} columns, {found} samples in all; what is not 0 is active",
        if features_down { "feature" } else { "sample" },
        if features_down { "sample" } else { "feature" },
        cells.len()
    )];
    if labels > 0 {
        let first = names.first().map(|name| quote::name(name)).unwrap_or_default();
        record.note(format!("{labels} columns hold names, the first of them {first}"));
    }
    record.notes.extend(dropped);
    let lines = if features_down { kept.places(reading.lines) } else { numbered(counts.len()) };
    Ok(CountTable { counts, moments: None, samples: found as f64, lines, record })
}
