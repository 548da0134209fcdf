//! `--check`: what was recomputed against what the output folder holds, column by column.

use crate::drawn::{self, KEYS, drawn_table};
use crate::files::{self, Folders};
use crate::provenance::{Provenance, differences};
use crate::runner::{Outcome, RunError};
use crate::{Chapter, Report, beside};
use asymscale_sweep::{Comparison, compare};
use std::fs;
use std::path::{Path, PathBuf};

/// The folder of a check's own parts, which is removed when the check ends, however it ends.
pub(crate) struct Scratch(PathBuf);

impl Scratch {
    /// Takes charge of a folder.
    pub(crate) fn new(folder: &Path) -> Self {
        Self(folder.to_path_buf())
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // A folder that cannot be removed is no reason to fail: the next check takes another.
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// Refuses, before any work, to check chapters of which the output folder holds no table.
pub(crate) fn nothing_missing(chapters: &[Chapter], folders: &Folders) -> Result<(), RunError> {
    chapters.iter().try_for_each(|chapter| files::read_data(folders, chapter.id).map(|_| ()))
}

/// What differs between here and where the figures of some chapters were made, in lines: compiler,
/// operating system, processor and so on, as far as the JSON beside the figures says.
pub(crate) fn elsewhere(chapters: &[Chapter], folders: &Folders, here: &Provenance) -> Vec<String> {
    let (mut made, mut lines) = (Vec::new(), Vec::new());
    for chapter in chapters {
        match beside::read(&folders.figures.join(format!("{}.json", chapter.id))) {
            Ok(facts) => made.push((chapter.number(), facts.unwrap_or_default())),
            Err(problem) => lines.push(format!("not known where it was made: {problem}")),
        }
    }
    lines.extend(differences(here, &made));
    lines
}

/// Comparisons made so far, each with the table's name.
#[derive(Debug, Default)]
pub(crate) struct Checks(Vec<(String, Comparison)>);

impl Checks {
    /// Compares every table a chapter makes, and everything it draws, with those in the output
    /// folder.
    pub(crate) fn add(&mut self, report: &Report, folders: &Folders) -> Result<(), RunError> {
        for drawn in &report.figures {
            let expected = files::read_data(folders, &drawn.name)?;
            self.0.push((
                drawn.name.clone(),
                compare(&expected, &drawn.data, drawn.keys, drawn.drift),
            ));
            let name = files::drawn_name(drawn);
            let (expected, found) =
                (files::read_data(folders, &name)?, drawn_table(&drawn.figure)?);
            self.0.push((name, compare(&expected, &found, KEYS, &drawn::drift(drawn))));
        }
        Ok(())
    }

    /// Says what drifted, if anything, after what differs between here and where it was made.
    pub(crate) fn print(&self, elsewhere: &[String]) -> Outcome {
        for line in elsewhere {
            println!("{line}");
        }
        for (name, comparison) in self.0.iter().filter(|(_, comparison)| !comparison.is_clean()) {
            println!("drift in {name}.csv:\n{comparison}");
        }
        let drifting = self.0.iter().filter(|(_, comparison)| !comparison.is_clean()).count();
        println!("check: {} tables compared, {drifting} with drift", self.0.len());
        if drifting == 0 { Outcome::Done } else { Outcome::Drift }
    }
}
