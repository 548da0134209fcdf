//! Resumable, sharded, deterministic parameter sweeps: plan → cells → parts → one table.
//!
//! A [`Plan`] lists [`Cell`]s: parameters, a name a person can read, a relative cost. [`run`] turns
//! every cell into a part, one checksummed file in a [`Store`], and [`merge`] joins the parts into
//! one [`Table`] in the order of the plan. This crate knows nothing of what a cell computes.
//!
//! - **Deterministic.** A cell's rows may depend on the cell (and the plan's seed) only. Then the
//!   merged table has the same bytes for any number of threads, any split into shards, any
//!   interruption, any order of completion.
//! - **Resumable.** A part is written to a temporary file, flushed to the disk and renamed: a
//!   process killed at any moment loses at most the cells it was computing. A damaged part is
//!   noticed, reported, recomputed.
//! - **Honest.** The identity of a cell covers the experiment, its parameters, the seed and a
//!   fingerprint of the code. A part of other code is stale: [`survey`] says so for each cell,
//!   [`run`] replaces it.
//! - **Tolerant.** One cell's error or panic costs that cell only.
//!
//! Nothing here prints: [`Progress`] is told what happens.
//!
//! ```
//! use asymscale_sweep::{Cell, Options, Plan, Store, SweepError, Table, merge, row, run};
//! # let folder = tempfile::tempdir()?;
//! # let folder = folder.path();
//! #[derive(serde::Serialize, serde::Deserialize)]
//! struct Square { side: u32 }
//!
//! let cells = (1..=3).map(|side| Cell::new(format!("side {side}"), &Square { side }));
//! let plan = Plan::new("squares", 1, "fingerprint of the code", cells.collect::<Result<_, _>>()?)?;
//! let store = Store::new(folder);
//! let work = |cell: &Cell| -> Result<Table, SweepError> {
//!     let Square { side } = cell.read()?;
//!     let mut table = Table::default();
//!     table.push(row! { side, area: side * side })?;
//!     Ok(table)
//! };
//! let first = run(&plan, &store, &Options::default(), &(), work)?;
//! let again = run(&plan, &store, &Options::default(), &(), work)?;
//! assert_eq!((first.computed, again.computed, again.cached), (3, 0, 3));
//! assert_eq!(merge(&plan, &store)?.floats("area")?, [1.0, 4.0, 9.0]);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod cell;
mod compare;
mod csv;
mod digest;
mod error;
mod part;
mod plan;
mod progress;
mod provenance;
mod query;
pub mod real;
mod run;
mod shard;
mod store;
mod survey;
mod table;
mod value;

pub use cell::Cell;
pub use compare::{Comparison, Drift, Tolerance, Worst, compare};
pub use csv::{read_csv, write_csv};
pub use error::{Failure, SweepError};
pub use plan::Plan;
pub use progress::{Agenda, Progress, Step, StepResult, TimeLeft};
pub use provenance::Provenance;
pub use query::Row;
pub use run::{Options, Outcome, merge, run};
pub use shard::Shard;
pub use store::{Soundness, Store};
pub use survey::{State, Survey, survey};
pub use table::Table;
pub use value::Value;

/// The example of the README compiles.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
