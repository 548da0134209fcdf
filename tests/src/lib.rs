//! What the suites share: chapters run in memory at the quick profile.

use paper_repro::{Chapter, Profile, Report, Rows, Variant};
use rayon::prelude::*;

/// Runs a chapter at the quick profile without a store.
///
/// # Panics
/// If a cell or the report fails.
pub fn quick(chapter: &Chapter, variant: Variant) -> Report {
    let cells = (chapter.plan)(Profile::Quick).unwrap_or_else(|error| panic!("{}: {error}", chapter.id));
    let part = |cell| (chapter.run)(cell, variant).unwrap_or_else(|error| panic!("{}: {error}", chapter.id));
    let parts: Vec<Rows> = cells.par_iter().map(part).collect();
    let mut rows = Rows::default();
    for part in parts {
        rows.append(part).unwrap_or_else(|error| panic!("{}: {error}", chapter.id));
    }
    (chapter.report)(&rows, Profile::Quick, variant).unwrap_or_else(|error| panic!("{}: {error}", chapter.id))
}

/// The README's examples are tested here.
#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
pub struct Readme;
