//! `--model FILE`: a model from a table of coordinates.

use super::Failure;
use super::output::note;
use super::table::refused;
use asymscale::model::{Activity, Amplitude, Coordinates, SparseModel, Spectrum, Teacher};
use asymscale_tables::{CoordinateTable, ReadOptions, Source, Table, read_coordinates};
use std::path::Path;

/// Reads the model of a file; what was remarked on goes to standard error.
pub(super) fn read(path: &Path) -> Result<SparseModel, Failure> {
    let table = Table::open(Source::path(path), ReadOptions::default()).map_err(refused)?;
    let read = read_coordinates(&table).map_err(refused)?;
    let file = read.record.file.clone();
    for remark in &read.record.notes {
        note(&format!("{file}: {remark}"));
    }
    let goes_on = read.tail.is_some_and(|tail| tail.target.is_some());
    if read.tail.is_some() && goes_on != read.target_energies.is_some() {
        return Err(Failure::input(format!(
            "{file}: a tail must have `target_energy FRONT EXPONENT` if the table has a column \
             target_energy, and only then"
        )));
    }
    build(read).map_err(|error| match error {
        Failure::Input(_) => Failure::input(format!("{file}: {}", error.text())),
        Failure::Work(_) => error,
    })
}

fn build(read: CoordinateTable) -> Result<SparseModel, Failure> {
    let entries = read.variances.len() as u64;
    let mut spectrum = Spectrum::table(read.variances)?;
    let mut activity = Activity::table(read.activities)?;
    let mut teacher = match read.target_energies {
        Some(energies) => Teacher::table(energies)?,
        None => Teacher::Iid,
    };
    let mut coordinates = Coordinates::Finite(entries);
    if let Some(tail) = read.tail {
        // λ ∝ i^{−(1+α)}.
        spectrum = spectrum.continued(tail.variance.0, tail.variance.1 - 1.0)?;
        activity = activity.continued(tail.activity.0, tail.activity.1)?;
        if let Some((front, exponent)) = tail.target {
            teacher = teacher.continued(front, exponent)?;
        }
        coordinates = Coordinates::Infinite;
    }
    let model = SparseModel::new(spectrum, activity, Amplitude::default(), coordinates)?;
    Ok(model.with_teacher(teacher)?)
}
