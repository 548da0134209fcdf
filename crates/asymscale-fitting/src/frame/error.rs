//! What can be wrong with a frame.

use thiserror::Error;

/// A frame that is not what is asked for. Messages name the column, the value and what it must be;
/// rows are counted from 1.
#[derive(Debug, Clone, PartialEq, Error)]
#[non_exhaustive]
pub enum FrameError {
    /// A column the frame does not have.
    #[error("column = {name:?}: must be one of {available:?}")]
    MissingColumn {
        /// The column asked for.
        name: String,
        /// The columns there are.
        available: Vec<String>,
    },
    /// A column whose values are not numbers.
    #[error("column = {name:?} has type {found}: must be numeric")]
    ColumnType {
        /// The column.
        name: String,
        /// Its type.
        found: String,
    },
    /// Text where a number should be.
    #[error("column = {name:?} is {found:?} in row {row}: must be a number in every row")]
    NotANumber {
        /// The column.
        name: String,
        /// The text.
        found: String,
        /// The row, counted from 1.
        row: usize,
    },
    /// A value to pick rows by that no row has.
    #[error(
        "column = {name:?} holds {value:?} in no row: must be a value it has, such as {available:?}"
    )]
    NoSuchValue {
        /// The column.
        name: String,
        /// The value asked for.
        value: String,
        /// Values there are, the first few.
        available: Vec<String>,
    },
    /// A value that is not there.
    #[error("column = {name:?} is null in row {row}: must have a value in every row")]
    Null {
        /// The column.
        name: String,
        /// The row, counted from 1.
        row: usize,
    },
    /// A frame without rows.
    #[error("rows = 0: must be >= 1")]
    Empty,
    /// A frame that polars could not build.
    #[error("frame: {0}")]
    Polars(String),
}
