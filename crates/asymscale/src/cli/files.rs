//! Files that the command writes: refused before any work, written whole or not at all.

use super::Failure;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

/// Refuses the file of a flag that could not be written, before any work.
pub(crate) fn check_writable(flag: &str, path: &Path) -> Result<(), Failure> {
    writable(path).map_err(|error| Failure::input(unwritable(flag, path, &error)))
}

/// Writes the file of a flag; that it cannot be written after all is a failure of the work.
///
/// A regular file, or one that is new, is written beside its place and then moved there, so that
/// nobody reads half of it. Anything else, such as a pipe or a device, is written as it is.
pub(crate) fn save(flag: &str, path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    let place = place(path);
    let found = if is_replaced(&place) {
        replace(&place, bytes)
    } else {
        OpenOptions::new().write(true).open(&place).and_then(|mut file| file.write_all(bytes))
    };
    found.map_err(|error| Failure::work(unwritable(flag, path, &error)))
}

/// The file itself where the path is a link to one.
fn place(path: &Path) -> PathBuf {
    fs::canonicalize(path).unwrap_or_else(|_| path.to_owned())
}

/// Whether the file is put in place of what is there: of nothing, or of a regular file.
fn is_replaced(place: &Path) -> bool {
    fs::metadata(place).map_or(true, |found| found.is_file())
}

fn writable(path: &Path) -> io::Result<()> {
    let place = place(path);
    if place.is_dir() {
        return Err(io::ErrorKind::IsADirectory.into());
    }
    if !folder(&place).is_dir() {
        return Err(io::ErrorKind::NotFound.into());
    }
    if place.exists() {
        // Opening a pipe would wait for its reader.
        if is_replaced(&place) {
            OpenOptions::new().write(true).open(&place)?;
        } else {
            return Ok(());
        }
    }
    let beside = beside(&place);
    File::create_new(&beside)?;
    fs::remove_file(&beside)
}

fn replace(place: &Path, bytes: &[u8]) -> io::Result<()> {
    let beside = beside(place);
    let written = File::create_new(&beside).and_then(|mut file| {
        file.write_all(bytes)?;
        if let Ok(old) = fs::metadata(place) {
            file.set_permissions(old.permissions())?;
        }
        file.sync_all()?;
        fs::rename(&beside, place)
    });
    if written.is_err() {
        let _ = fs::remove_file(&beside);
    }
    written
}

fn folder(place: &Path) -> &Path {
    let folder = place.parent().filter(|folder| !folder.as_os_str().is_empty());
    folder.unwrap_or(Path::new("."))
}

/// A name in the same folder that no other process uses.
fn beside(place: &Path) -> PathBuf {
    let mut name = std::ffi::OsString::from(".");
    name.push(place.file_name().unwrap_or_default());
    name.push(format!(".{}.part", std::process::id()));
    folder(place).join(name)
}

fn unwritable(flag: &str, path: &Path, error: &io::Error) -> String {
    format!("--{flag} {}: cannot be written ({})", path.display(), error.kind())
}

/// Writes an answer to standard output. A reader that had enough (`head -1`) is no failure.
pub(crate) fn print(text: &str) -> Result<(), Failure> {
    print_by(|| io::stdout().write_all(text.as_bytes()))
}

/// The same, by a function that writes the answer.
pub(crate) fn print_by(write: impl FnOnce() -> io::Result<()>) -> Result<(), Failure> {
    match write().and_then(|()| io::stdout().flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            Err(Failure::work(format!("standard output cannot be written ({})", error.kind())))
        }
        _ => Ok(()),
    }
}
