//! Counts from events: a row says that a feature was active in a sample.

use std::collections::HashMap;

use crate::chosen::read_with_filters;
use crate::column::Texts;
use crate::counts::{CountRequest, CountTable};
use crate::lines::{Lines, Place};
use crate::roles::{FEATURE, SAMPLE};
use crate::table::{Kind, Table, Want};
use crate::usable::{Rows, Suspect, one, usable};
use crate::{TableError, quote};

/// Counts in how many samples each feature occurs; an event that is repeated counts once.
pub(crate) fn read(
    table: &Table,
    request: &CountRequest<'_>,
    sample: &str,
    feature: &str,
) -> Result<CountTable, TableError> {
    let names = table.names();
    let columns = [
        one(&table.file, names, &SAMPLE, Some(sample), "")?,
        one(&table.file, names, &FEATURE, Some(feature), "")?,
    ];
    let mut wants: Vec<Want> = columns.iter().map(|&column| Want { column, kind: Kind::Text }).collect();
    let mut reading = read_with_filters(table, &mut wants, None, request.filters)?;
    let [samples, features] = [reading.texts_at(0), reading.texts_at(1)];
    let suspect = |at: usize, texts: &Texts| Suspect {
        title: &names[columns[at]],
        must: "a name or a number",
        faults: texts.faults.clone(),
    };
    let suspects = [suspect(0, &samples), suspect(1, &features)];
    let (kept, dropped) =
        usable(&table.file, &reading.lines, reading.picks.clone(), &suspects, request.bad_rows)?;
    let (counts, distinct, repeated) = counted(&kept, &samples, &features);
    let given = request.samples.unwrap_or(distinct as f64);
    if given < distinct as f64 {
        let what = format!(
            "--samples {given}: must be >= {distinct}, the samples in column {}",
            quote::name(sample)
        );
        return Err(TableError::Unclear { file: table.file.clone(), what });
    }
    let mut record = reading.record(table, &[]);
    record.rows = kept.len();
    record.taken = vec![
        format!("samples from column {}", quote::name(&names[columns[0]])),
        format!("features from column {}", quote::name(&names[columns[1]])),
    ];
    if request.samples.is_none() {
        record.note(format!(
            "{distinct} different samples occur, taken to be all there are; --samples N if some had no active feature"
        ));
    }
    if repeated > 0 {
        record
            .note(format!("{repeated} of the rows repeat a feature of their sample and do not count again"));
    }
    record.notes.extend(dropped);
    let lines = numbered(counts.len());
    Ok(CountTable { counts, moments: None, samples: given, lines, record })
}

/// Counts of features in order of appearance, different samples, and events that repeat another.
fn counted(kept: &Rows, samples: &Texts, features: &Texts) -> (Vec<f64>, usize, usize) {
    let number = |texts: &Texts| {
        let mut known: HashMap<&str, u32> = HashMap::new();
        let numbers: Vec<u32> = kept
            .iter()
            .map(|row| {
                let next = known.len() as u32;
                *known.entry(texts.get(row)).or_insert(next)
            })
            .collect();
        (numbers, known.len())
    };
    let ((samples, distinct), (features, found)) = (number(samples), number(features));
    let mut events: Vec<(u32, u32)> = features.into_iter().zip(samples).collect();
    events.sort_unstable();
    events.dedup();
    let mut counts = vec![0.0; found];
    for event in &events {
        counts[event.0 as usize] += 1.0;
    }
    (counts, distinct, kept.len() - events.len())
}

/// Places of entries that are no rows: their numbers.
pub(crate) fn numbered(entries: usize) -> Lines {
    let mut lines = Lines::new(Place::Entry);
    for entry in 1..=entries as u64 {
        lines.push(entry);
    }
    lines
}
