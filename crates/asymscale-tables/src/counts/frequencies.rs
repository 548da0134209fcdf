//! Frequencies of frequencies: a row is a count and the number of features that have it.

use crate::counts::{CountRequest, CountTable, Scale, allowed_values, samples, upper_limit};
use crate::table::column::Numbers;
use crate::table::filtered::read_with_filters;
use crate::table::lines::Lines;
use crate::table::names::{candidates, joined};
use crate::table::roles::{NUMBER, TIMES};
use crate::table::usable::{ColumnFaults, find_column, out_of_range, refuse_several_above, usable};
use crate::table::{Column, ColumnRequest, Kind, Table};
use crate::{TableError, quote};

/// Features that a table of frequencies may stand for: each takes some 50 bytes later on.
const MOST_FEATURES: f64 = 33_554_432.0;

/// The table whose column of numbers of features was named.
pub(crate) fn named(
    table: &Table,
    request: &CountRequest<'_>,
    features: &str,
) -> Result<CountTable, TableError> {
    let column = find_column(&table.file, table.names(), &NUMBER, Some(features), "")?;
    frequencies(table, request, times(table, request, column)?, column)
}

/// The column of counts beside one of numbers of features.
fn times(table: &Table, request: &CountRequest<'_>, features: usize) -> Result<usize, TableError> {
    let mut found = candidates(table.names(), &TIMES, request.count);
    found.retain(|column| *column != features);
    match found[..] {
        [] => Err(TIMES.missing(&table.file, table.names(), request.count, "")),
        [column] => Ok(column),
        _ => Err(TIMES.ambiguous(&table.file, table.names(), &found)),
    }
}

/// Whether two columns are counts and numbers of features: by their titles, or without titles by
/// their numbers.
pub(crate) fn pair(
    table: &Table,
    request: &CountRequest<'_>,
) -> Result<Option<(usize, usize)>, TableError> {
    let names = table.names();
    if names.len() != 2
        || request.count.is_some()
        || request.moment.is_some()
        || request.scale != Scale::Count
    {
        return Ok(None);
    }
    let [first, second] = [joined(&names[0]), joined(&names[1])];
    let titled = TIMES.titles.contains(&first.as_str()) && NUMBER.titles.contains(&second.as_str());
    if table.titled() && !titled {
        return Ok(None);
    }
    let number = Kind::Numbers { suffixes: true, shift: 0, words: false };
    let requests = [0, 1].map(|column| ColumnRequest { column, kind: number });
    let reading = table.read(&requests)?;
    let [Column::Numbers(times), Column::Numbers(features)] = &reading.columns[..] else {
        return Ok(None);
    };
    let whole = |numbers: &Numbers| {
        numbers.values.iter().all(|value| *value >= 0.0 && value.fract() == 0.0)
    };
    let rises = times.values.windows(2).all(|pair| pair[0] < pair[1]);
    let gaps = times.values.windows(2).any(|pair| pair[1] - pair[0] > 1.0);
    let shaped = whole(times) && whole(features) && rises;
    match (table.titled(), shaped, second.as_str()) {
        (true, true, "frequency") if !gaps => {
            let what = format!(
                "the columns {} may be features and their counts (type --count-column {}) or counts and the numbers of \
                 features that have them (type --count-column {} --features-column {})",
                quote::names(names),
                names[1],
                names[0],
                names[1]
            );
            Err(TableError::Unclear { file: table.file.clone(), what })
        }
        (true, ..) => Ok(shaped.then_some((0, 1))),
        // Numbered features begin with 0 or are in no order; a count that features were seen with
        // begins with 1.
        (false, true, _) if times.values[0] >= 1.0 => Ok(Some((0, 1))),
        (false, ..) => Ok(None),
    }
}

/// Reads a table in which a row is a count and the number of features that have it.
pub(crate) fn frequencies(
    table: &Table,
    request: &CountRequest<'_>,
    times: usize,
    features: usize,
) -> Result<CountTable, TableError> {
    let names = table.names();
    let number = |column| ColumnRequest {
        column,
        kind: Kind::Numbers { suffixes: true, shift: 0, words: false },
    };
    let mut requests = vec![number(times), number(features)];
    let mut reading = read_with_filters(table, &mut requests, None, request.filters)?;
    let (counts, found) = (reading.numbers(), reading.numbers_at(1));
    let samples = samples(table, request)?;
    let (most, remedy) = upper_limit(Scale::Count, samples);
    let cells = (names[times].as_str(), &counts);
    refuse_several_above(&table.file, &reading.lines, &reading.picks, cells, (most, &remedy))?;
    let whole = |high: f64| move |value: f64| (0.0..=high).contains(&value) && value.fract() == 0.0;
    let must = [
        allowed_values(Scale::Count, samples),
        format!("a whole number from 0 to {MOST_FEATURES}"),
    ];
    let column_faults = [
        ColumnFaults {
            title: &names[times],
            must: &must[0],
            faults: out_of_range(&counts, whole(samples)),
        },
        ColumnFaults {
            title: &names[features],
            must: &must[1],
            faults: out_of_range(&found, whole(MOST_FEATURES)),
        },
    ];
    let (kept, dropped) = usable(
        &table.file,
        &reading.lines,
        reading.picks.clone(),
        &column_faults,
        request.bad_rows,
    )?;
    let total: f64 = kept.iter().map(|row| found.values[row]).sum();
    if total > MOST_FEATURES {
        let what = format!(
            "column {} adds up to {total} features: at most {MOST_FEATURES}",
            quote::name(&names[features])
        );
        return Err(TableError::Unclear { file: table.file.clone(), what });
    }
    let mut record = reading.record(table, &[(&names[times], &counts), (&names[features], &found)]);
    record.rows = kept.len();
    record.taken.push(format!(
        "each a count (column {}) and the number of features that have it (column {})",
        quote::name(&names[times]),
        quote::name(&names[features])
    ));
    if !table.titled() {
        record.note("if the first column only numbers the features, type --count-column 2");
    }
    record.notes.extend(dropped);
    let repeat = |row: usize| std::iter::repeat_n(counts.values[row], found.values[row] as usize);
    let expanded: Vec<f64> = kept.iter().flat_map(repeat).collect();
    let lines = Lines::numbered(expanded.len());
    Ok(CountTable::unnamed(expanded, samples, None, lines, record))
}
