//! What the suites share: chapters run in memory at the quick profile, tables as a person reads them.

use asymscale_sweep::{Row, Table, Tolerance, Value};
use paper_repro::{Chapter, Profile, Report, Rows, Variant};
use rayon::prelude::*;

/// Runs a chapter at the quick profile without a store.
///
/// # Panics
/// If a cell or the report fails.
pub fn quick(chapter: &Chapter, variant: Variant) -> Report {
    let cells = (chapter.plan)(Profile::Quick).unwrap_or_else(|error| panic!("{}: {error}", chapter.id));
    let part =
        |cell| chapter.run.rows(cell, variant).unwrap_or_else(|error| panic!("{}: {error}", chapter.id));
    let parts: Vec<Rows> = cells.par_iter().map(part).collect();
    let mut rows = Rows::default();
    for part in parts {
        rows.append(part).unwrap_or_else(|error| panic!("{}: {error}", chapter.id));
    }
    (chapter.report)(&rows, Profile::Quick, variant).unwrap_or_else(|error| panic!("{}: {error}", chapter.id))
}

/// What the last bits of a grid may differ by across machines.
const BITS: Tolerance = Tolerance { absolute: 0.0, relative: 1e-12 };

/// A table as comma-separated text, each float rounded to a power of ten that is at least ten times what its column may drift by.
///
/// Another machine moves a number by a small part of what it may drift by, so next to none crosses a boundary.
pub fn rounded(table: &Table, drift: &[(&str, Tolerance)]) -> String {
    let tolerance = |column: &String| drift.iter().find(|(name, _)| name == column).map_or(BITS, |(_, t)| *t);
    let tolerances: Vec<Tolerance> = table.columns().iter().map(tolerance).collect();
    let entry = |(value, tolerance): (&Value, &Tolerance)| match value {
        Value::Float(number) => round(*number, tolerance.absolute + tolerance.relative * number.abs()),
        _ => value.to_string(),
    };
    let line = |row: Row| row.values().iter().zip(&tolerances).map(entry).collect::<Vec<_>>().join(",");
    std::iter::once(table.columns().join(",")).chain(table.rows().map(line)).collect::<Vec<_>>().join("\n")
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
