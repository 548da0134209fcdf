//! The source of a table and its bytes, read to the end and inflated, never more than allowed.

pub(crate) mod decode;
pub(crate) mod foreign;

use std::fs::File;
use std::io::{self, IsTerminal, Read};
use std::path::{Path, PathBuf};

use crate::TableError;

/// A file, bytes in memory, or standard input.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    name: String,
    origin: Origin,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Origin {
    Path(PathBuf),
    Bytes(Vec<u8>),
    Stdin,
}

/// The most bytes that are read by default, after inflating: 4 GiB.
pub const MOST_BYTES: u64 = 1 << 32;
/// Layers of compression that are undone.
const LAYERS: usize = 3;
/// The number of bytes from which the kind of a file is recognised.
const HEAD: u64 = 1 << 16;
/// Bytes of a path that messages show.
const PATH_SHOWN: usize = 200;

impl Source {
    /// The file at a path; `-` is standard input. Nothing is opened yet.
    ///
    /// ```
    /// use asymscale_tables::Source;
    /// assert_eq!(Source::path("runs.csv").name(), "runs.csv");
    /// assert_eq!(Source::path("-").name(), "standard input");
    /// ```
    pub fn path(path: impl AsRef<Path>) -> Self {
        let path = path.as_ref();
        if path == Path::new("-") {
            return Self { name: "standard input".to_owned(), origin: Origin::Stdin };
        }
        Self { name: printable(path), origin: Origin::Path(path.to_owned()) }
    }

    /// Bytes that stand in memory; messages call them `name`.
    ///
    /// ```
    /// use asymscale_tables::{ReadOptions, Source, Table};
    /// let table = Table::open(Source::bytes("memory", b"N,loss\n1,2\n".to_vec()), ReadOptions::default())?;
    /// assert_eq!(table.names(), ["N", "loss"]);
    /// # Ok::<(), asymscale_tables::TableError>(())
    /// ```
    pub fn bytes(name: &str, bytes: Vec<u8>) -> Self {
        Self { name: printable(Path::new(name)), origin: Origin::Bytes(bytes) }
    }

    /// Its name in messages.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// All bytes of a regular file, of memory or of standard input, inflated, for text that is no
    /// table.
    ///
    /// # Errors
    /// [`TableError`] if they cannot be read, are no text, or are more than `limit`.
    pub fn bytes_at_most(self, limit: u64) -> Result<Vec<u8>, TableError> {
        self.load(limit).map(|(bytes, _)| bytes)
    }

    /// All bytes, inflated, and what they were compressed with.
    pub(crate) fn load(self, limit: u64) -> Result<(Vec<u8>, Vec<&'static str>), TableError> {
        let name = self.name.clone();
        let mut bytes = match self.origin {
            Origin::Bytes(bytes) if bytes.len() as u64 > limit => {
                return Err(too_large(&name, limit, ""));
            }
            Origin::Bytes(bytes) => match foreign::kind(&bytes[..bytes.len().min(HEAD as usize)]) {
                Some(what) => return Err(foreign(&name, what)),
                None => bytes,
            },
            Origin::Stdin => {
                if io::stdin().is_terminal() {
                    return Err(unreadable(
                        &name,
                        "is a terminal; pipe a table into it, or name a file",
                    ));
                }
                read_all(&name, &mut io::stdin().lock(), limit, "")?
            }
            Origin::Path(path) => read_all(&name, &mut open(&name, &path)?, limit, "")?,
        };
        let mut layers = Vec::new();
        while let Some(kind) = compression(&bytes) {
            if layers.len() == LAYERS {
                return Err(foreign(&name, "is compressed more than 3 times"));
            }
            layers.push(kind);
            bytes = inflate(&name, kind, &bytes, limit)?;
        }
        Ok((bytes, layers))
    }
}

/// A path without control characters, its end where it is long.
fn printable(path: &Path) -> String {
    let text: String = path
        .display()
        .to_string()
        .chars()
        .map(|c| if c.is_control() { '\u{fffd}' } else { c })
        .collect();
    let skipped = text.char_indices().rev().nth(PATH_SHOWN - 1).map_or(0, |(at, _)| at);
    if skipped == 0 { text } else { format!("…{}", &text[skipped..]) }
}

/// Opens a regular file. A device or a pipe need not have an end.
fn open(name: &str, path: &Path) -> Result<File, TableError> {
    let reason = |error: &io::Error| match error.kind() {
        io::ErrorKind::NotFound => "there is no such file".to_owned(),
        io::ErrorKind::PermissionDenied => "must not be read (permission denied)".to_owned(),
        kind => format!("cannot be read ({kind})"),
    };
    let kind =
        std::fs::metadata(path).map_err(|error| unreadable(name, &reason(&error)))?.file_type();
    if kind.is_dir() {
        return Err(unreadable(name, "is a directory; must be a file"));
    }
    if !kind.is_file() {
        return Err(unreadable(name, "is a pipe or a device; must be a file, or pipe it into -"));
    }
    File::open(path).map_err(|error| unreadable(name, &reason(&error)))
}

/// Reads to the end, unless the head shows that no table can follow.
fn read_all(
    name: &str,
    reader: &mut dyn Read,
    limit: u64,
    inflated: &'static str,
) -> Result<Vec<u8>, TableError> {
    let fail = |error: io::Error| match inflated {
        "" => unreadable(name, &format!("cannot be read ({})", error.kind())),
        _ => TableError::Damaged {
            file: name.to_owned(),
            what: "cannot be inflated to its end".to_owned(),
        },
    };
    let mut bytes = Vec::new();
    reader.take(HEAD.min(limit + 1)).read_to_end(&mut bytes).map_err(fail)?;
    if let Some(what) = foreign::kind(&bytes) {
        return Err(foreign(name, what));
    }
    let left = (limit + 1).saturating_sub(bytes.len() as u64);
    reader.take(left).read_to_end(&mut bytes).map_err(fail)?;
    if bytes.len() as u64 > limit {
        return Err(too_large(name, limit, inflated));
    }
    Ok(bytes)
}

fn compression(bytes: &[u8]) -> Option<&'static str> {
    match bytes {
        [0x1f, 0x8b, ..] => Some("gzip"),
        // The second is a frame that decoders skip, as parallel compressors put first.
        [0x28, 0xb5, 0x2f, 0xfd, ..] | [0x50..=0x5f, 0x2a, 0x4d, 0x18, ..] => Some("zstd"),
        _ => None,
    }
}

fn inflate(
    name: &str,
    kind: &'static str,
    bytes: &[u8],
    limit: u64,
) -> Result<Vec<u8>, TableError> {
    if kind == "gzip" {
        return read_all(
            name,
            &mut flate2::read::MultiGzDecoder::new(bytes),
            limit,
            " when inflated",
        );
    }
    let broken = || TableError::Damaged { file: name.to_owned(), what: "is no zstd".to_owned() };
    let mut decoder = zstd::stream::read::Decoder::with_buffer(bytes).map_err(|_| broken())?;
    // A window of 128 MiB at most, the largest that compressors use without being asked.
    decoder.window_log_max(27).map_err(|_| broken())?;
    read_all(name, &mut decoder, limit, " when inflated")
}

pub(crate) fn foreign(file: &str, what: &str) -> TableError {
    TableError::Foreign { file: file.to_owned(), what: what.to_owned() }
}

fn unreadable(file: &str, reason: &str) -> TableError {
    TableError::Unreadable { file: file.to_owned(), reason: reason.to_owned() }
}

fn too_large(file: &str, limit: u64, inflated: &'static str) -> TableError {
    TableError::TooLarge { file: file.to_owned(), limit, inflated }
}
