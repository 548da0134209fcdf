//! What a subcommand reads: a file, standard input, or what a program hands over.

use asymscale_tables::Source;
use clap::builder::{PathBufValueParser, TypedValueParser, ValueParser};
use std::fmt;
use std::path::{Path, PathBuf};

/// A file, `-` for standard input, or bytes in memory.
#[derive(Debug, Clone)]
pub(crate) enum Input {
    /// A path; `-` is standard input.
    Path(PathBuf),
    /// Bytes that messages call by a name.
    Memory(Source),
}

impl Input {
    /// Reads the path of a flag.
    pub(crate) fn parser() -> ValueParser {
        PathBufValueParser::new().map(Self::Path).into()
    }

    /// What is to be read, named as messages name it.
    pub(crate) fn source(&self) -> Source {
        match self {
            Self::Path(path) => Source::path(path),
            Self::Memory(source) => source.clone(),
        }
    }

    /// The path, if there is one.
    pub(crate) fn path(&self) -> Option<&Path> {
        match self {
            Self::Path(path) => Some(path),
            Self::Memory(_) => None,
        }
    }
}

impl fmt::Display for Input {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Path(path) => path.display().fmt(f),
            Self::Memory(source) => f.write_str(source.name()),
        }
    }
}
