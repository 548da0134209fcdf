//! How long cells took: a file of lines beside the parts, from which `--estimate` extrapolates. It
//! is volatile, and no part of any result.

use crate::whole;
use asymscale_sweep::Cell;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// Adds cells of an experiment with the seconds each took, and the fingerprint of the code. Seconds
/// are those of the clock, on a pool that other cells may share, so only their sum is right. If the
/// folder cannot be written, only later estimates lack these records.
pub(crate) fn record(folder: &Path, experiment: &str, code: &str, cells: &[(Value, f64)]) {
    let line = |(parameters, seconds): &(Value, f64)| {
        format!("{}\n", json!({ "code": code, "parameters": parameters, "seconds": seconds }))
    };
    let lines: String = cells.iter().map(line).collect();
    if !lines.is_empty() && fs::create_dir_all(folder).is_ok() {
        // Lines of several processes hardly ever mix; torn ones are passed over.
        let _ = whole::append(&path(folder, experiment), &lines);
    }
}

/// The cells of an experiment on record for this code, each with the seconds it took last.
pub(crate) fn recorded(folder: &Path, experiment: &str, code: &str) -> Vec<(Cell, f64)> {
    let text = whole::read(&path(folder, experiment)).unwrap_or_default();
    let mut last = BTreeMap::new();
    for line in text.lines() {
        let Ok(entry) = serde_json::from_str::<Value>(line) else { continue };
        let seconds =
            entry["seconds"].as_f64().filter(|seconds| *seconds > 0.0 && entry["code"] == code);
        if let (Some(seconds), Ok(cell)) = (seconds, Cell::new("recorded", &entry["parameters"])) {
            last.insert(entry["parameters"].to_string(), (cell, seconds));
        }
    }
    last.into_values().collect()
}

fn path(folder: &Path, experiment: &str) -> PathBuf {
    folder.join(format!("{experiment}.jsonl"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_word_of_this_code_counts_and_torn_lines_do_not() {
        let folder = tempfile::tempdir().unwrap();
        let cell = |samples: u64| json!({ "samples": samples });
        record(folder.path(), "a", "now", &[(cell(8), 1.0), (cell(16), 2.0)]);
        record(folder.path(), "a", "then", &[(cell(16), 9.0)]);
        whole::append(&path(folder.path(), "a"), "{\"param\n").unwrap();
        record(folder.path(), "a", "now", &[(cell(8), 3.0)]);
        let found = recorded(folder.path(), "a", "now");
        let seconds: Vec<(Value, f64)> =
            found.iter().map(|(c, s)| (c.parameters().clone(), *s)).collect();
        assert_eq!(seconds, [(cell(16), 2.0), (cell(8), 3.0)]);
        assert!(recorded(folder.path(), "b", "now").is_empty());
    }
}
