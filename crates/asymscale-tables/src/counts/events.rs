//! Counts from events: a row says that a feature was active in a sample.

use crate::counts::incidence::{Grouped, Incidence, suspect};
use crate::counts::interned::InternedTexts;
use crate::counts::{CountRequest, CountTable};
use crate::table::filtered::read_with_filters;
use crate::table::lines::Lines;
use crate::table::roles::{FEATURE, GROUP, SAMPLE};
use crate::table::usable::{ColumnFaults, find_column, usable};
use crate::table::{ColumnRequest, Kind, Table};
use crate::{TableError, quote};

/// Counts in how many samples each feature occurs; an event that is repeated counts once.
pub(crate) fn read(
    table: &Table,
    request: &CountRequest<'_>,
    sample: &str,
    feature: &str,
) -> Result<CountTable, TableError> {
    let names = table.names();
    let asked = [(&SAMPLE, Some(sample)), (&FEATURE, Some(feature)), (&GROUP, request.group)];
    let columns = asked
        .into_iter()
        .filter(|(_, name)| name.is_some())
        .map(|(role, name)| find_column(&table.file, names, role, name, ""))
        .collect::<Result<Vec<usize>, TableError>>()?;
    if columns.get(2) == Some(&columns[1]) {
        let what =
            format!("--group-column: column {} is that of the features", quote::name(feature));
        return Err(TableError::Unclear { file: table.file.clone(), what });
    }
    let mut requests: Vec<ColumnRequest> =
        columns.iter().map(|&column| ColumnRequest { column, kind: Kind::Names }).collect();
    let mut reading = read_with_filters(table, &mut requests, None, request.filters)?;
    let mut found: Vec<InternedTexts> = (0..columns.len()).map(|at| reading.names_at(at)).collect();
    let column_faults: Vec<ColumnFaults<'_>> = found
        .iter_mut()
        .zip(&columns)
        .map(|(found, &column)| suspect(&names[column], found))
        .collect();
    let (kept, dropped) = usable(
        &table.file,
        &reading.lines,
        reading.picks.clone(),
        &column_faults,
        request.bad_rows,
    )?;
    for names in &mut found {
        names.keep(&kept);
    }
    let distinct = found[0].distinct();
    let given = request.samples.unwrap_or(distinct as f64);
    if given < distinct as f64 {
        let what = format!(
            "--samples {given}: must be >= {distinct}, the samples in column {}",
            quote::name(sample)
        );
        return Err(TableError::Unclear { file: table.file.clone(), what });
    }
    let grouped = found.get(2).map(|groups| Grouped {
        samples: (&names[columns[0]], &found[0]),
        groups: (&names[columns[2]], groups),
        kept: &kept,
        lines: &reading.lines,
    });
    let groups = grouped.map(|grouped| grouped.of_samples(&table.file)).transpose()?;
    let mut record = reading.record(table, &[]);
    record.rows = kept.len();
    let words = ["sample", "feature", "group"].iter().zip(&found).zip(&columns);
    record.taken = words
        .map(|((word, found), &column)| {
            format!(
                "{} from column {}",
                quote::many(found.distinct(), word),
                quote::name(&names[column])
            )
        })
        .collect();
    match request.samples {
        None => record.note(format!(
            "{distinct} different samples occur, taken to be all there are; --samples N if some had no active feature"
        )),
        Some(given) if given > distinct as f64 && groups.is_some() => record.note(format!(
            "which groups the {} samples without an active feature belong to is not known",
            given - distinct as f64
        )),
        Some(_) => {}
    }
    let group_count = found.get(2).map_or(0, InternedTexts::distinct);
    let named = if request.names { found[1].distinct() } else { 0 };
    let feature_names = (0..named).map(|id| found[1].text(id as u32).to_owned()).collect();
    let (counts, pairs) = counted(found);
    let repeated = kept.len() - pairs.len();
    if repeated > 0 {
        let (repeat, do_not) = if repeated == 1 { ("repeats", "does") } else { ("repeat", "do") };
        record.note(format!(
            "{repeated} of the rows {repeat} a feature of their sample and {do_not} not count again"
        ));
    }
    record.notes.extend(dropped);
    let lines = Lines::numbered(counts.len());
    let incidence = Some(Incidence { pairs, samples: given as usize, groups, group_count });
    let found = CountTable::unnamed(counts, given, incidence, lines, record);
    Ok(CountTable { names: feature_names, ..found })
}

/// Counts of features in order of appearance, and the different pairs of a feature and a sample.
fn counted(mut found: Vec<InternedTexts>) -> (Vec<f64>, Vec<(u32, u32)>) {
    let mut counts = vec![0.0; found[1].distinct()];
    // Texts are let go before pairs are collected, and their numbers before pairs are sorted.
    let mut ids = |at: usize| std::mem::take(&mut found[at]).ids.into_iter();
    let mut pairs: Vec<(u32, u32)> = ids(1).zip(ids(0)).collect();
    pairs.sort_unstable();
    pairs.dedup();
    for pair in &pairs {
        counts[pair.0 as usize] += 1.0;
    }
    (counts, pairs)
}
