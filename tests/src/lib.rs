//! What the suites share: chapters run in memory at the quick preset, tables as a person reads
//! them, what a run of the real binary left.

use asymscale_sweep::{Row, Table, Tolerance, Value};
use paper_repro::{Chapter, Preset, Report, Rows, Run, Variant};
use rayon::prelude::*;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

/// The report of a chapter at the quick preset, without a store, and that with its planted defect;
/// rows that they share are computed once.
///
/// # Panics
/// If a cell or a report fails.
pub fn quick_both(chapter: &Chapter) -> (Report, Report) {
    let sound = rows(chapter, Variant::Sound);
    let of_sound = reported(chapter, &sound, Variant::Sound);
    let planted = match chapter.run {
        Run::Common(_) => sound,
        Run::ByVariant(_) => rows(chapter, Variant::Defect),
    };
    (of_sound, reported(chapter, &planted, Variant::Defect))
}

fn rows(chapter: &Chapter, variant: Variant) -> Rows {
    let cells =
        (chapter.plan)(Preset::Quick).unwrap_or_else(|error| panic!("{}: {error}", chapter.id));
    let part = |cell| {
        chapter.run.rows(cell, variant).unwrap_or_else(|error| panic!("{}: {error}", chapter.id))
    };
    let parts: Vec<Rows> = cells.par_iter().map(part).collect();
    let mut rows = Rows::default();
    for part in parts {
        rows.append(part).unwrap_or_else(|error| panic!("{}: {error}", chapter.id));
    }
    rows
}

fn reported(chapter: &Chapter, rows: &Rows, variant: Variant) -> Report {
    (chapter.report)(rows, Preset::Quick, variant)
        .unwrap_or_else(|error| panic!("{}: {error}", chapter.id))
}

/// What the last bits of a grid may differ by across machines.
const BITS: Tolerance = Tolerance { absolute: 0.0, relative: 1e-12 };

/// A table as comma-separated text, each float rounded to a power of ten that is at least ten times
/// what its column may drift by.
///
/// Another machine moves a number by a small part of what it may drift by, so next to none crosses
/// a boundary.
pub fn rounded(table: &Table, drift: &[(&str, Tolerance)]) -> String {
    let tolerance =
        |column: &String| drift.iter().find(|(name, _)| name == column).map_or(BITS, |(_, t)| *t);
    let tolerances: Vec<Tolerance> = table.columns().iter().map(tolerance).collect();
    let entry = |(value, tolerance): (&Value, &Tolerance)| match value {
        Value::Float(number) => {
            round(*number, tolerance.absolute + tolerance.relative * number.abs())
        }
        _ => value.to_string(),
    };
    let line =
        |row: Row| row.values().iter().zip(&tolerances).map(entry).collect::<Vec<_>>().join(",");
    std::iter::once(table.columns().join(","))
        .chain(table.rows().map(line))
        .collect::<Vec<_>>()
        .join("\n")
}

fn round(number: f64, tolerance: f64) -> String {
    if !number.is_finite() || tolerance == 0.0 {
        return number.to_string();
    }
    let step = tolerance.log10().ceil() + 1.0;
    let rounded = (number / 10.0_f64.powf(step)).round() * 10.0_f64.powf(step);
    if rounded == 0.0 {
        return "0".to_owned();
    }
    let digits = (rounded.abs().log10().floor() - step).max(0.0) as usize;
    let shortest = format!("{rounded:.digits$e}").parse::<f64>().unwrap_or(rounded);
    format!("{shortest:e}")
}

/// Tables, figures and text of a run with `--out`, by name; not the JSON of volatile facts, nor the
/// pages, which show them.
///
/// # Panics
/// If they cannot be read.
pub fn products(out: &Path) -> Vec<(String, Vec<u8>)> {
    let mut files = Vec::new();
    for folder in ["figures", "report"] {
        for entry in fs::read_dir(out.join(folder)).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            let volatile = ["index.html", "reproduce.md"].contains(&name.as_str())
                || path.extension().is_some_and(|e| e == "json") && name != "claims.json";
            if !volatile {
                files.push((name, fs::read(&path).unwrap()));
            }
        }
    }
    files.sort();
    files
}

/// The parts of a run with `--out`, one a cell.
///
/// # Panics
/// If a folder among them cannot be read.
pub fn parts(out: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    let mut folders = vec![out.join("parts")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).into_iter().flatten() {
            let path = entry.unwrap().path();
            if path.is_dir() { folders.push(path) } else { files.push(path) }
        }
    }
    files.retain(|path| path.extension().is_some_and(|e| e == "part"));
    files.sort();
    files
}

/// Says that a test did not test anything, and why, past the harness, which shows nothing of tests
/// that pass.
///
/// # Panics
/// If there is no standard error.
pub fn skipped(why: &str) {
    std::io::stderr().write_all(format!("SKIPPED: {why}\n").as_bytes()).unwrap();
}

/// The README's examples are tested here.
#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
pub struct Readme;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_keep_what_their_tolerance_leaves() {
        assert_eq!(round(0.123_456, 1e-4), "1.23e-1");
        assert_eq!(round(-7.891, 0.2), "-1e1");
        assert_eq!(round(-4.891, 0.2), "0");
        assert_eq!(round(1234.5, 0.2), "1.23e3");
        assert_eq!(round(9.5, 0.0), "9.5");
        assert_eq!(round(f64::INFINITY, 0.1), "inf");
    }
}
