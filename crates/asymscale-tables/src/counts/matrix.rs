//! Counts from a matrix of features and samples: what is not 0 is active.

use crate::counts::incidence::{Incidence, refuse_single_group, suspect};
use crate::counts::{CountRequest, CountTable};
use crate::table::column::{Fault, Numbers};
use crate::table::filtered::read_with_filters;
use crate::table::lines::Lines;
use crate::table::names::joined;
use crate::table::roles::{GROUP, NAME};
use crate::table::usable::{ColumnFaults, Rows, find_column, out_of_range, usable};
use crate::table::{ColumnRequest, Kind, Table};
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
    let group = request
        .group
        .map(|name| find_column(&table.file, names, &GROUP, Some(name), ""))
        .transpose()?;
    let columns: Vec<usize> =
        (0..names.len()).filter(|column| !label(column) && group != Some(*column)).collect();
    let number = |&column: &usize| ColumnRequest {
        column,
        kind: Kind::Numbers { suffixes: false, shift: 0, words: true },
    };
    let mut requests: Vec<ColumnRequest> = columns.iter().map(number).collect();
    requests.extend(group.map(|column| ColumnRequest { column, kind: Kind::Names }));
    let mut reading = read_with_filters(table, &mut requests, None, request.filters)?;
    let mut cells: Vec<(usize, Numbers)> =
        columns.iter().enumerate().map(|(at, &column)| (column, reading.numbers_at(at))).collect();
    let mut groups = group.map(|column| (names[column].as_str(), reading.names_at(columns.len())));
    let rows = reading.lines.len();
    let words = |numbers: &Numbers| {
        numbers.faults.len() == rows
            && numbers.faults.iter().all(|(_, fault)| matches!(fault, Fault::Word(_)))
    };
    let before = cells.len();
    cells.retain(|(_, numbers)| !words(numbers));
    let labels = names.len() - columns.len() - usize::from(group.is_some()) + before - cells.len();
    if cells.is_empty() {
        let what = "--matrix: no column holds numbers".to_owned();
        return Err(TableError::Unclear { file: table.file.clone(), what });
    }
    let mut column_faults: Vec<ColumnFaults<'_>> = cells
        .iter()
        .filter_map(|(column, numbers)| {
            let faults = out_of_range(numbers, f64::is_finite);
            (!faults.is_empty()).then(|| ColumnFaults {
                title: &names[*column],
                must: "a finite number",
                faults,
            })
        })
        .collect();
    column_faults.extend(groups.as_mut().map(|(title, groups)| suspect(title, groups)));
    let (kept, dropped) = usable(
        &table.file,
        &reading.lines,
        reading.picks.clone(),
        &column_faults,
        request.bad_rows,
    )?;
    if let Some((title, groups)) = &mut groups {
        groups.keep(&kept);
        refuse_single_group(&table.file, title, groups)?;
    }
    let (counts, pairs) = active(&cells, &kept, features_down);
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
    record.taken.extend(groups.as_ref().map(|(title, groups)| {
        format!("{} from column {}", quote::many(groups.distinct(), "group"), quote::name(title))
    }));
    if labels > 0 {
        let first = names.first().map(|name| quote::name(name)).unwrap_or_default();
        record.note(if labels == 1 {
            format!("1 column holds names: {first}")
        } else {
            format!("{labels} columns hold names, the first of them {first}")
        });
    }
    record.notes.extend(dropped);
    let lines =
        if features_down { kept.places(reading.lines) } else { Lines::numbered(counts.len()) };
    let group_count = groups.as_ref().map_or(0, |groups| groups.1.distinct());
    let groups = groups.map(|groups| groups.1.ids);
    let incidence = Some(Incidence { pairs, samples: found, groups, group_count });
    Ok(CountTable::unnamed(counts, found as f64, incidence, lines, record))
}

/// Counts of features, and the pairs of a feature and a sample in which it was active, ascending.
fn active(
    cells: &[(usize, Numbers)],
    kept: &Rows,
    features_down: bool,
) -> (Vec<f64>, Vec<(u32, u32)>) {
    let (mut counts, mut pairs) = (Vec::new(), Vec::new());
    let mut feature = |samples: &mut dyn Iterator<Item = f64>| {
        let before = pairs.len();
        let active = samples.enumerate().filter(|(_, value)| *value != 0.0);
        pairs.extend(active.map(|(sample, _)| (counts.len() as u32, sample as u32)));
        counts.push((pairs.len() - before) as f64);
    };
    if features_down {
        for row in kept.iter() {
            feature(&mut cells.iter().map(|(_, numbers)| numbers.values[row]));
        }
    } else {
        for (_, numbers) in cells {
            feature(&mut kept.iter().map(|row| numbers.values[row]));
        }
    }
    (counts, pairs)
}
