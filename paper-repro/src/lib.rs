//! The reproduction: one literate chapter per claim, and the plumbing that runs, judges and weaves
//! them.
//!
//! A reader starts at `chapters/`. Here is the plumbing: presets and variants ([`Chapter`]),
//! findings that compute their verdicts ([`Finding`]), citations of numbers in prose, weaving,
//! fingerprints of code, and the [`runner`].

// Chapters are Markdown with TeX, whose names the lint takes for code.
#![allow(clippy::doc_markdown)]

mod beside;
mod chapter;
mod chapters;
mod check;
mod citations;
pub mod command;
mod draw;
mod drawn;
mod estimate;
mod files;
mod finding;
mod fingerprint;
mod formats;
mod hard;
mod html;
pub mod kit;
mod ledger;
mod measured;
mod process;
mod progress;
mod provenance;
mod reproduce;
pub mod runner;
mod seconds;
mod status;
mod stop;
mod sweeps;
mod tolerance;
mod weave;
mod whole;

pub use chapter::{
    Chapter, ChapterError, Defect, FigureWithData, Preset, Report, Run, UnknownChapter, Variant,
    select,
};
pub use chapters::chapters;
pub use citations::{resolve, rounded};
pub use estimate::Allocation;
pub use finding::{Finding, Predicted, Prediction, Statement, Unjudged, Verdict};
pub use fingerprint::Fingerprint;
pub use formats::Formats;
pub use html::{Picture, Section, html_report};
pub use ledger::{CLAIMS, claim_verdict, ledger};
pub use measured::Measured;
pub use tolerance::{Tolerance, ToleranceKind};
pub use weave::{findings_table, weave};

/// Rows of a chapter, as its cells return them.
pub type Rows = asymscale_sweep::Table;
