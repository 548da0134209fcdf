//! What can be wrong with a table, in one line each.

use thiserror::Error;

/// A table, or a part of it, that cannot be used. Messages name the file, the place as a person's
/// editor shows it, what was found, what is allowed, and the option to type, spelled as on the
/// command line. None is longer than a few hundred characters: text of the file is cut, lists are
/// abbreviated.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum TableError {
    /// The source cannot be opened or read to its end.
    #[error("{file}: {reason}")]
    Unreadable {
        /// The file.
        file: String,
        /// Why.
        reason: String,
    },
    /// The contents are larger than allowed.
    #[error("{file}: holds more than {limit} bytes{inflated}; --max-bytes N allows N")]
    TooLarge {
        /// The file.
        file: String,
        /// Bytes allowed.
        limit: u64,
        /// Whether that is after inflating, in words.
        inflated: &'static str,
    },
    /// Bytes of a kind that holds no table this reader knows.
    #[error("{file}: {what}")]
    Foreign {
        /// The file.
        file: String,
        /// What it is, and what to do.
        what: String,
    },
    /// A file of a known format that breaks its rules.
    #[error("{file}: {what}: the file is damaged or cut short")]
    Damaged {
        /// The file.
        file: String,
        /// What is broken.
        what: String,
    },
    /// No rows.
    #[error("{file}: {found}; a table needs at least one row")]
    Empty {
        /// The file.
        file: String,
        /// What there is instead.
        found: &'static str,
    },
    /// No column for something that is needed.
    #[error("{file}: {asked}; the columns are {names}{hint}")]
    NoColumn {
        /// The file.
        file: String,
        /// What was looked for.
        asked: String,
        /// The columns there are.
        names: String,
        /// What to type.
        hint: String,
    },
    /// Several columns that could be the one.
    #[error("{file}: {what} could be any of the columns {names}; choose with {flag} NAME")]
    Ambiguous {
        /// The file.
        file: String,
        /// What was looked for.
        what: String,
        /// The candidates.
        names: String,
        /// The option that chooses.
        flag: &'static str,
    },
    /// Cells that cannot be used.
    #[error("{file}: {cells}; {remedy}")]
    Cells {
        /// The file.
        file: String,
        /// Columns with their rows and what stands there.
        cells: String,
        /// What to type.
        remedy: String,
    },
    /// A value to choose rows by that no row has.
    #[error(
        "{file}: --filter-value {value}: must be a value of the column {column}, such as {available}"
    )]
    NoSuchValue {
        /// The file.
        file: String,
        /// The column.
        column: String,
        /// The value asked for.
        value: String,
        /// Some values there are.
        available: String,
    },
    /// A table that could be read in two ways, or as none, with what to type.
    #[error("{file}: {what}")]
    Unclear {
        /// The file.
        file: String,
        /// What is not clear, and what to type.
        what: String,
    },
}
