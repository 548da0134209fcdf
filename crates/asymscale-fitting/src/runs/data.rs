//! Training runs as they are given: sizes, losses, and groups of runs that are not independent.
//!
//! This room must not know any fit.
//!
//! | I want … | file |
//! |---|---|
//! | validated runs, parts of them, their groups and ranges | `rows.rs` |
//! | runs drawn from a known law, with random errors | `synthetic.rs` |
//! | fewer rows that stand for all of them | `subsample.rs` |
//!
//! `impl Runs` stands in `rows.rs` and, for `Runs::thinned`, in `subsample.rs`.

pub(super) mod rows;
mod subsample;
pub(super) mod synthetic;
