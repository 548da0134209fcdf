//! `--model FILE`: a model from a table of coordinates.

use super::Failure;
use super::output::note;
use super::table::refused;
use crate::model::{Activity, Amplitude, Coordinates, SparseModel, Spectrum, Teacher};
use asymscale_tables::{
    CoordinateTable, CoordinateTail, ReadOptions, Source, Table, read_coordinates,
};
use std::path::Path;

/// Reads the model of a file; what was remarked on goes to standard error.
pub(super) fn read(path: &Path) -> Result<SparseModel, Failure> {
    let (model, remarks) = of_table(Source::path(path))?;
    for remark in &remarks {
        note(remark);
    }
    Ok(model)
}

/// The model of a table, and what was remarked on.
pub(crate) fn of_table(source: Source) -> Result<(SparseModel, Vec<String>), Failure> {
    let table = Table::open(source, ReadOptions::default()).map_err(refused)?;
    let read = read_coordinates(&table).map_err(refused)?;
    let file = read.record.file.clone();
    let remarks = read.record.notes.iter().map(|remark| format!("{file}: {remark}")).collect();
    let goes_on = read.tail.is_some_and(|tail| tail.target.is_some());
    if read.tail.is_some() && goes_on != read.target_energies.is_some() {
        return Err(Failure::input(format!(
            "{file}: a tail must have `target_energy FRONT EXPONENT` if the table has a column \
             target_energy, and only then"
        )));
    }
    let CoordinateTable { variances, activities, target_energies, tail, .. } = read;
    let model = listed(variances, activities, target_energies, tail);
    model.map(|model| (model, remarks)).map_err(|error| match error {
        Failure::Input(_) => Failure::input(format!("{file}: {}", error.text())),
        Failure::Work(_) => error,
    })
}

/// The model of coordinates, an entry each, which power laws may continue.
pub(crate) fn listed(
    variances: Vec<f64>,
    activities: Vec<f64>,
    energies: Option<Vec<f64>>,
    tail: Option<CoordinateTail>,
) -> Result<SparseModel, Failure> {
    let entries = variances.len() as u64;
    let mut spectrum = Spectrum::table(variances)?;
    let mut activity = Activity::table(activities)?;
    let mut teacher = match energies {
        Some(energies) => Teacher::table(energies)?,
        None => Teacher::Iid,
    };
    let mut coordinates = Coordinates::Finite(entries);
    if let Some(tail) = tail {
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
