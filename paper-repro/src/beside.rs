//! The JSON beside a figure: what made it, where, and what that cost. All of it is volatile, and
//! no part of any result.

use crate::provenance::Provenance;
use crate::{Fingerprint, Preset, whole};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::io::ErrorKind;
use std::path::Path;

/// What all rows of a chapter cost, those of its planted defect included.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Cost {
    /// Number of cells.
    pub(crate) cells: usize,
    /// Bytes of the parts.
    pub(crate) disk_bytes: u64,
    /// What was measured, by a run that computed every cell.
    #[serde(flatten)]
    pub(crate) measured: Measured,
}

/// What only a run knows that computes every cell of a chapter; none otherwise.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Measured {
    /// Seconds of the clock for the rows.
    pub(crate) rows_seconds: Option<f64>,
    /// Seconds of all cells, added up.
    pub(crate) core_seconds: Option<f64>,
    /// The most memory that was resident meanwhile; none too where the system does not tell.
    pub(crate) peak_memory_bytes: Option<u64>,
}

/// What a figure's JSON says beside it.
#[derive(Serialize)]
pub(crate) struct Beside<'a> {
    pub(crate) chapter: &'a str,
    pub(crate) preset: Preset,
    pub(crate) seed: u64,
    pub(crate) rows: &'a Fingerprint,
    pub(crate) figures: &'a Fingerprint,
    pub(crate) wall_seconds: f64,
    pub(crate) cost: Cost,
    #[serde(flatten)]
    pub(crate) provenance: &'a Provenance,
}

impl Beside<'_> {
    /// Writes the facts of a figure that has new bytes, and any that are missing, broken or of
    /// other code. A run that drew the same again says nothing new, and what rows cost that it did
    /// not compute stays.
    ///
    /// # Errors
    /// A file that cannot be written.
    pub(crate) fn write(mut self, path: &Path, has_new_bytes: bool) -> anyhow::Result<()> {
        let old = read(path).unwrap_or_else(|problem| {
            eprintln!("{problem}: written again");
            None
        });
        let old = old.unwrap_or_default();
        let before = cost(&old).measured;
        let is_new = self.cost.measured.core_seconds.is_some() && before.core_seconds.is_none();
        let has_same_rows = old["preset"] == self.preset.to_string().as_str()
            && old["rows"]["fingerprint"] == self.rows.value.as_str();
        if self.cost.measured.core_seconds.is_none() && has_same_rows {
            self.cost.measured = before;
        }
        let new = serde_json::to_value(&self)?;
        if has_new_bytes || is_new || !is_current(&old, &new) {
            whole::write(path, (serde_json::to_string_pretty(&new)? + "\n").as_bytes())?;
        }
        Ok(())
    }
}

/// Whether the facts that are there are of the same code and preset, and each of its kind.
fn is_current(old: &Value, new: &Value) -> bool {
    const SAME: [&str; 5] = ["chapter", "preset", "seed", "rows", "figures"];
    let is_like = |(key, new): (&String, &Value)| {
        let kind = std::mem::discriminant(new);
        old.get(key).is_some_and(|old| {
            old.is_null() || new.is_null() || std::mem::discriminant(old) == kind
        })
    };
    SAME.iter().all(|key| old[key] == new[key])
        && new.as_object().is_some_and(|facts| facts.iter().all(is_like))
}

/// What a chapter cost, as far as the JSON beside its figure says.
pub(crate) fn cost(facts: &Value) -> Cost {
    serde_json::from_value(facts["cost"].clone()).unwrap_or_default()
}

/// The facts beside a figure, none if there is no file.
///
/// # Errors
/// Names the file that cannot be read, or is no JSON object, as after a merge with conflicts.
pub(crate) fn read(path: &Path) -> Result<Option<Value>, String> {
    let broken = |error: &dyn std::fmt::Display| format!("{}: {error}", path.display());
    let text = match whole::read(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        text => text.map_err(|error| broken(&error))?,
    };
    let facts: Value = serde_json::from_str(&text).map_err(|error| broken(&error))?;
    if facts.is_object() { Ok(Some(facts)) } else { Err(broken(&"no JSON object")) }
}

/// Rounded to a tenth.
pub(crate) fn tenths(number: f64) -> f64 {
    (number * 10.0).round() / 10.0
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chapters;

    fn write(path: &Path, cost: Cost, has_new_bytes: bool) {
        let chapter = chapters()[3];
        let (rows, figures) = (Fingerprint::of_rows(&chapter), Fingerprint::of_figures(&chapter));
        let provenance = Provenance::collect(Path::new("."), 1, "again".to_owned());
        let beside = Beside {
            chapter: chapter.id,
            preset: Preset::Quick,
            seed: 1,
            rows: &rows,
            figures: &figures,
            wall_seconds: 1.0,
            cost,
            provenance: &provenance,
        };
        beside.write(path, has_new_bytes).unwrap();
    }

    #[test]
    fn facts_that_are_broken_stale_or_of_another_kind_are_written_again_and_others_stay() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.json");
        write(&path, Cost::default(), true);
        let whole = std::fs::read_to_string(&path).unwrap();
        // What makes facts unlike those of now: an empty file, a merge with conflicts, a run that
        // was killed between a figure and its facts, a text in place of a number.
        let killed = whole.replacen("\"fingerprint\": \"", "\"fingerprint\": \"0", 2);
        let text = whole.replacen("\"threads\": 1", "\"threads\": \"<b>1</b>\"", 1);
        let conflict = format!("<<<<<<< here\n{whole}");
        for broken in ["", &conflict, "[]", "null", &killed, &text, "{}"] {
            assert_ne!(broken, whole);
            std::fs::write(&path, broken).unwrap();
            write(&path, Cost::default(), false);
            let facts = read(&path).unwrap().unwrap();
            let number = facts["threads"].as_u64();
            assert!(number == Some(1) && facts["preset"] == "quick", "{broken}");
        }
        let stays = std::fs::read_to_string(&path).unwrap().replace("again", "as before");
        std::fs::write(&path, &stays).unwrap();
        write(&path, Cost::default(), false);
        assert_eq!(std::fs::read_to_string(&path).unwrap(), stays);
    }

    #[test]
    fn a_file_that_is_broken_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.json");
        assert_eq!(read(&path), Ok(None));
        for broken in ["", "<<<<<<< here", "[]"] {
            std::fs::write(&path, broken).unwrap();
            let problem = read(&path).unwrap_err();
            assert!(problem.starts_with(&path.display().to_string()), "{problem}");
        }
    }

    #[test]
    fn what_rows_cost_is_kept_while_they_are_the_same() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.json");
        let measured = |seconds| Measured { core_seconds: seconds, ..Measured::default() };
        let with = |seconds| Cost { cells: 2, measured: measured(seconds), ..Cost::default() };
        let kept = || cost(&read(&path).unwrap().unwrap()).measured.core_seconds;
        write(&path, with(None), true);
        assert_eq!(kept(), None);
        write(&path, with(Some(3.0)), false);
        assert_eq!(kept(), Some(3.0));
        write(&path, with(None), true);
        assert_eq!(kept(), Some(3.0));
        let key = "\"fingerprint\": \"";
        let text = std::fs::read_to_string(&path).unwrap();
        std::fs::write(&path, text.replace(key, &format!("{key}0"))).unwrap();
        write(&path, with(None), true);
        assert_eq!(kept(), None);
    }
}
