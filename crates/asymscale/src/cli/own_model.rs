//! `--model FILE`: a model from a table of coordinates.

use super::Failure;
use super::output::note;
use super::table::refused;
use asymscale::model::{Activity, Amplitude, Coordinates, SparseModel, Spectrum, Teacher};
use asymscale_tables::{
    CoordinateRequest, CoordinateTable, CoordinateTail, ReadOptions, Source, Table,
    read_coordinates,
};
use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;

/// The longest first line that can say how a table goes on.
const LONGEST: u64 = 4096;

/// Reads the model of a file; what was remarked on goes to standard error.
pub(super) fn read(path: &Path) -> Result<SparseModel, Failure> {
    let table = Table::open(Source::path(path), ReadOptions::default()).map_err(refused)?;
    let read = read_coordinates(&table, CoordinateRequest::default()).map_err(refused)?;
    let tail = tail(path)?;
    if let (Some(tail), Some(_)) = (&tail, &read.target_energies)
        && tail.target.is_none()
    {
        return Err(Failure::input(format!(
            "{}: a table with target energies needs `target_energy FRONT EXPONENT` in its tail",
            read.record.file
        )));
    }
    for remark in &read.record.notes {
        note(&format!("{}: {remark}", read.record.file));
    }
    let file = read.record.file.clone();
    build(read, tail).map_err(|error| match error {
        Failure::Input(_) => Failure::input(format!("{file}: {}", error.text())),
        Failure::Work(_) => error,
    })
}

/// How the table of a file goes on, from its first line.
fn tail(path: &Path) -> Result<Option<CoordinateTail>, Failure> {
    // Standard input was read with the table; of what cannot be opened the table told.
    let Ok(file) = File::open(path) else { return Ok(None) };
    let mut line = Vec::new();
    let mut start = BufReader::new(file.take(LONGEST));
    if start.read_until(b'\n', &mut line).is_err() {
        return Ok(None);
    }
    CoordinateTail::parse(&String::from_utf8_lossy(&line))
        .map_err(|told| Failure::input(format!("{}: {told}", path.display())))
}

fn build(read: CoordinateTable, tail: Option<CoordinateTail>) -> Result<SparseModel, Failure> {
    let entries = read.variances.len() as u64;
    let mut spectrum = Spectrum::table(read.variances)?;
    let mut activity = Activity::table(read.activities)?;
    let mut teacher = match read.target_energies {
        Some(energies) => Teacher::table(energies)?,
        None => Teacher::Iid,
    };
    if let Some(tail) = tail {
        // λ ∝ i^{−(1+α)}.
        spectrum = spectrum.continued(tail.variance.0, tail.variance.1 - 1.0)?;
        activity = activity.continued(tail.activity.0, tail.activity.1)?;
        if let Some((front, exponent)) = tail.target {
            teacher = teacher.continued(front, exponent)?;
        }
    }
    let coordinates =
        if tail.is_some() { Coordinates::Infinite } else { Coordinates::Finite(entries) };
    let model = SparseModel::new(spectrum, activity, Amplitude::default(), coordinates)?;
    Ok(model.with_teacher(teacher)?)
}
