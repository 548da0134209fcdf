//! A chapter: one literate source file with its plan, its run, its report and its planted defect.

use crate::Finding;
use asymscale_plots::Figure;
use asymscale_sweep::{Cell, Table, Tolerance as Drift};
use serde::Serialize;
use std::{fmt, str::FromStr};

/// How much is computed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Preset {
    /// Fewer sizes and repeats, wider tolerances: seconds a chapter.
    Quick,
    /// What the tracked figures show: minutes in all.
    Default,
    /// Paper grade, made for a cluster.
    Full,
}

impl Preset {
    /// Picks the value of the preset.
    pub fn pick<T>(self, quick: T, default: T, full: T) -> T {
        match self {
            Self::Quick => quick,
            Self::Default => default,
            Self::Full => full,
        }
    }
}

impl fmt::Display for Preset {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.pick("quick", "default", "full"))
    }
}

/// The right computation, or the chapter's planted defect.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Variant {
    /// As the chapter argues.
    Sound,
    /// With the defect named in [`Chapter::defect`].
    Defect,
}

impl Variant {
    /// Whether the defect is in.
    pub fn is_defect(self) -> bool {
        self == Self::Defect
    }
}

/// A deliberate mistake that goes through the same code, to show that the findings can fail.
#[derive(Debug, Clone, Copy)]
pub struct Defect {
    /// What is wrong, in a few words.
    pub name: &'static str,
    /// What the mistake is and why somebody might make it.
    pub description: &'static str,
    /// The findings it must turn red; all others must keep their verdict.
    pub turns_red: &'static [&'static str],
}

/// What can go wrong inside a chapter.
pub type ChapterError = Box<dyn std::error::Error + Send + Sync>;

/// How a cell becomes rows.
#[derive(Debug, Clone, Copy)]
pub enum Run {
    /// The planted defect is in what the report makes of the rows: they are computed once for both.
    Common(fn(&Cell) -> Result<Table, ChapterError>),
    /// The planted defect is in the rows themselves.
    ByVariant(fn(&Cell, Variant) -> Result<Table, ChapterError>),
}

impl Run {
    /// The rows of a cell.
    ///
    /// # Errors
    /// Whatever the chapter's own code says.
    pub fn rows(self, cell: &Cell, variant: Variant) -> Result<Table, ChapterError> {
        match self {
            Self::Common(run) => run(cell),
            Self::ByVariant(run) => run(cell, variant),
        }
    }
}

/// A chapter of the reproduction.
#[derive(Debug, Clone, Copy)]
pub struct Chapter {
    /// Number and name: `02-double-descent`; also the name of its source file.
    pub id: &'static str,
    /// The claims of the abstract it bears on.
    pub claims: &'static [&'static str],
    /// What is taken for granted: Markdown that follows the word "Assumed".
    pub assumes: &'static str,
    /// The crates its results depend on (what they depend on is added).
    pub crates: &'static [&'static str],
    /// Its source, to be woven.
    pub source: &'static str,
    /// Its planted defect.
    pub defect: Defect,
    /// What to compute.
    pub plan: fn(Preset) -> Result<Vec<Cell>, ChapterError>,
    /// One cell's rows.
    pub run: Run,
    /// Figures and findings from all rows.
    pub report: fn(&Table, Preset, Variant) -> Result<Report, ChapterError>,
}

impl Chapter {
    /// The chapter's number: `02`.
    pub fn number(&self) -> &'static str {
        self.id.split('-').next().unwrap_or(self.id)
    }
}

/// A figure with the table of what was measured for it.
#[derive(Debug, Clone)]
pub struct FigureWithData {
    /// File name without ending: the chapter's id, with a suffix if there are several.
    pub name: String,
    /// What it shows, in a sentence or two.
    pub caption: String,
    /// The figure.
    pub figure: Figure,
    /// What is drawn.
    pub data: Table,
    /// Columns that name a row.
    pub keys: &'static [&'static str],
    /// How far a recomputed column may drift before `--check` complains; columns not named must be
    /// equal.
    pub drift: &'static [(&'static str, Drift)],
}

/// What a chapter makes of its rows.
#[derive(Debug, Clone, Default)]
pub struct Report {
    /// Figures with their data.
    pub figures: Vec<FigureWithData>,
    /// Findings with verdicts.
    pub findings: Vec<Finding>,
    /// Numbers the prose may cite without judging them, already rounded.
    pub facts: Vec<(String, String)>,
}

/// A word that names no chapter.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("chapter = {0:?}: must be a number or name among {1}")]
pub struct UnknownChapter(String, String);

/// Finds chapters by number (`2`, `02`), name (`double-descent`) or id; all of them for no words.
///
/// # Errors
/// [`UnknownChapter`] for the first word that names none.
pub fn select(chapters: &[Chapter], words: &[String]) -> Result<Vec<Chapter>, UnknownChapter> {
    if words.is_empty() {
        return Ok(chapters.to_vec());
    }
    for word in words {
        if !chapters.iter().any(|chapter| names(chapter, word)) {
            let known = chapters.iter().map(|chapter| chapter.id).collect::<Vec<_>>().join(", ");
            return Err(UnknownChapter(word.clone(), known));
        }
    }
    Ok(chapters
        .iter()
        .filter(|chapter| words.iter().any(|word| names(chapter, word)))
        .copied()
        .collect())
}

fn names(chapter: &Chapter, word: &str) -> bool {
    let same_number =
        matches!((u32::from_str(word), u32::from_str(chapter.number())), (Ok(a), Ok(b)) if a == b);
    chapter.id == word
        || same_number
        || chapter.id.split_once('-').is_some_and(|(_, name)| name == word)
}
