//! What can go wrong in a sweep.

use crate::Value;
use std::{fmt, io, path::PathBuf};
use thiserror::Error;

/// A cell whose work returned an error or panicked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// Name of the cell.
    pub cell: String,
    /// The error with its causes, or the panic's message.
    pub message: String,
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "`{}`: {}", self.cell, self.message)
    }
}

/// Everything a sweep refuses or fails at. Messages are whole: what the operating system said is
/// part of them, not a [`source`](std::error::Error::source) to be printed again.
#[derive(Debug, Error)]
pub enum SweepError {
    /// The experiment's name cannot be a folder's.
    #[error("experiment = `{0}`: must be letters, digits, `.`, `_` or `-`, not led by a dot")]
    Experiment(String),
    /// A cell without a name.
    #[error("name of cell {index} is empty: at least 1 character is needed")]
    EmptyName {
        /// Position in the plan, from 0.
        index: usize,
    },
    /// Two cells of one name.
    #[error("cell name `{name}`: used by cells {first} and {second}, must be unique")]
    DuplicateName {
        /// The name.
        name: String,
        /// Position of one, from 0.
        first: usize,
        /// Position of the other, from 0.
        second: usize,
    },
    /// Two cells of one identity.
    #[error("cells `{first}` and `{second}` have the same parameters: they must differ")]
    DuplicateParameters {
        /// Name of one.
        first: String,
        /// Name of the other.
        second: String,
    },
    /// A cost that cannot be weighed.
    #[error("cost = {cost} of cell `{cell}`: must be a finite number > 0")]
    Cost {
        /// Name of the cell.
        cell: String,
        /// The cost.
        cost: f64,
    },
    /// Parameters that are no JSON object, hold a `null`, or do not have the type asked for.
    #[error("parameters of cell `{cell}`: {reason}")]
    Parameters {
        /// Name of the cell.
        cell: String,
        /// What is wrong.
        reason: String,
    },
    /// Not a share of a sweep.
    #[error("shard = {text}: {reason}")]
    Shard {
        /// As given.
        text: String,
        /// What is wrong.
        reason: String,
    },
    /// No thread to work with.
    #[error("threads = {0}: must be a whole number >= 1")]
    Threads(usize),
    /// The operating system refused the threads.
    #[error("threads = {threads}: cannot be started: {reason}")]
    ThreadPool {
        /// How many were asked for.
        threads: usize,
        /// What the operating system said.
        reason: String,
    },
    /// A file or folder of the store cannot be written, read or removed.
    #[error("{}: cannot {action}: {reason}", path.display())]
    Io {
        /// What was tried: "write", "read", "remove".
        action: &'static str,
        /// On what.
        path: PathBuf,
        /// What the operating system said.
        reason: io::Error,
    },
    /// Some cells failed. All others are computed and stored.
    #[error("{} of {pending} cells failed, the others are stored: {}", failures.len(), list(failures))]
    Failed {
        /// Which and why, in the order of the plan.
        failures: Vec<Failure>,
        /// How many cells were to be computed.
        pending: usize,
    },
    /// Some cells have no part to merge.
    #[error("{} of {total} parts are missing: {}", missing.len(), list(missing))]
    Missing {
        /// Which and why, in the order of the plan.
        missing: Vec<Failure>,
        /// Cells in the plan.
        total: usize,
    },
    /// Rows of different shape in one table.
    #[error("columns {found:?} do not fit the table's {expected:?}")]
    Columns {
        /// Columns of the table.
        expected: Vec<String>,
        /// Columns offered.
        found: Vec<String>,
    },
    /// A column's name is empty or used twice.
    #[error("column `{0}`: names must be unique and not empty")]
    ColumnName(String),
    /// A column that is not there.
    #[error("column `{column}`: not among {available:?}")]
    NoColumn {
        /// The column asked for.
        column: String,
        /// Those there are.
        available: Vec<String>,
    },
    /// A value of another type than asked for.
    #[error("column `{column}`, row {row}: {value:?} is not {wanted}")]
    Type {
        /// The column.
        column: String,
        /// Row, from 0.
        row: usize,
        /// The value there.
        value: Value,
        /// "a number", "a whole number", "text".
        wanted: &'static str,
    },
    /// Text that is not CSV as this crate writes it.
    #[error("CSV line {line}: {reason}")]
    Csv {
        /// Line, from 1.
        line: usize,
        /// What is wrong.
        reason: String,
    },
    /// A stream handed over by the caller failed.
    #[error("CSV stream: {0}")]
    Stream(io::Error),
}

impl From<io::Error> for SweepError {
    fn from(error: io::Error) -> Self {
        Self::Stream(error)
    }
}

/// How many offenders a message names.
const NAMED: usize = 5;

fn list(failures: &[Failure]) -> String {
    let mut names: Vec<String> = failures.iter().take(NAMED).map(ToString::to_string).collect();
    if failures.len() > NAMED {
        names.push(format!("and {} more", failures.len() - NAMED));
    }
    names.join("; ")
}
