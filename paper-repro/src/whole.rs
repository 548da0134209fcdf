//! Files as the runner reads and writes them: whole or not at all, regular files only, and nothing
//! left behind by runs that were killed.

use anyhow::Context as _;
use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// What stands in the name of a file that is still being written, before the number of the process.
const HALF: &str = "tmp-";
/// What the folder of a check's own parts is called, before the number of the process.
const CHECK: &str = "check-";
/// A file exists under its temporary name for a moment. One of this age belongs to no living
/// process.
const ABANDONED: Duration = Duration::from_hours(1);
/// The folder of a check changes with every cell. One that has not changed for so long belongs to
/// no living process.
const ABANDONED_CHECK: Duration = Duration::from_hours(7 * 24);

/// Tells apart the temporary files and folders of this process.
static COUNTER: AtomicU64 = AtomicU64::new(0);

/// The text of a regular file. Anything else, such as a pipe that nobody writes to, would be waited
/// for, or never end.
pub(crate) fn read(path: &Path) -> io::Result<String> {
    regular(path)?;
    fs::read_to_string(path)
}

fn regular(path: &Path) -> io::Result<()> {
    if fs::metadata(path)?.is_file() { Ok(()) } else { Err(io::Error::other("no file")) }
}

/// Writes a file whole or not at all; true if its bytes are new.
pub(crate) fn write_if_new(path: &Path, text: &str) -> anyhow::Result<bool> {
    if read(path).is_ok_and(|old| old == text) {
        return Ok(false);
    }
    write(path, text.as_bytes())?;
    Ok(true)
}

/// Writes a file whole or not at all.
pub(crate) fn write(path: &Path, bytes: &[u8]) -> anyhow::Result<()> {
    let written = temporary(path).and_then(|(half, mut file)| {
        let done = file.write_all(bytes).and_then(|()| fs::rename(&half, path));
        if done.is_err() {
            // The error that matters is the first one.
            let _ = fs::remove_file(&half);
        }
        done
    });
    written.with_context(|| path.display().to_string())
}

/// A new file beside the one that it will become. Processes on two machines, or in two containers,
/// may have one number, so a name that exists is left alone and the next one tried.
fn temporary(path: &Path) -> io::Result<(PathBuf, File)> {
    loop {
        let half = path.with_extension(format!("{HALF}{}", unique()));
        match OpenOptions::new().write(true).create_new(true).open(&half) {
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
            opened => return opened.map(|file| (half, file)),
        }
    }
}

/// A new, empty folder for the parts of a check, which nobody has used before.
pub(crate) fn new_check_folder(base: &Path) -> io::Result<PathBuf> {
    fs::create_dir_all(base)?;
    loop {
        let folder = base.join(format!("{CHECK}{}", unique()));
        match fs::create_dir(&folder) {
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
            made => return made.map(|()| folder),
        }
    }
}

/// The number of this process, and one that it uses once.
fn unique() -> String {
    format!("{}-{}", std::process::id(), COUNTER.fetch_add(1, Ordering::Relaxed))
}

/// Adds text to the end of a file in one write, so that lines of several processes hardly ever mix.
pub(crate) fn append(path: &Path, text: &str) -> io::Result<()> {
    if path.exists() {
        regular(path)?;
    }
    OpenOptions::new().append(true).create(true).open(path)?.write_all(text.as_bytes())
}

/// Proves that a file can be written in a folder, which is made if need be.
pub(crate) fn prove_writable(folder: &Path) -> io::Result<()> {
    fs::create_dir_all(folder)?;
    let (probe, _) = temporary(&folder.join("probe"))?;
    fs::remove_file(probe)
}

/// Removes what killed runs left in a folder, once it is old: temporary files and folders of
/// checks. Whatever cannot be removed stays; another process may be faster.
pub(crate) fn remove_abandoned(folder: &Path) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            let is_check = entry.file_name().to_string_lossy().starts_with(CHECK);
            if is_check && last_change(&path).is_some_and(|age| age > ABANDONED_CHECK) {
                let _ = fs::remove_dir_all(path);
            }
        } else {
            let ending = path.extension().unwrap_or_default().to_string_lossy();
            if ending.starts_with(HALF) && age(&path).is_some_and(|age| age > ABANDONED) {
                let _ = fs::remove_file(path);
            }
        }
    }
}

/// How long ago a folder, or one in it, got or lost a file; `None` where that cannot be told.
fn last_change(folder: &Path) -> Option<Duration> {
    let inner = fs::read_dir(folder).ok()?.map(|entry| age(&entry.ok()?.path()));
    inner.chain([age(folder)]).collect::<Option<Vec<_>>>()?.into_iter().min()
}

fn age(path: &Path) -> Option<Duration> {
    path.metadata().ok()?.modified().ok()?.elapsed().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::SystemTime;

    fn make_old(path: &Path, age: Duration) {
        File::open(path).unwrap().set_modified(SystemTime::now() - age).unwrap();
    }

    #[test]
    fn a_file_is_written_past_what_a_killed_process_of_the_same_number_left() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.json");
        // The names that this very process would take next.
        let next = COUNTER.load(Ordering::Relaxed);
        let left: Vec<PathBuf> = (next..next + 20)
            .map(|number| path.with_extension(format!("{HALF}{}-{number}", std::process::id())))
            .collect();
        assert!(left.iter().all(|path| fs::write(path, "half").is_ok()));
        assert!(write_if_new(&path, "whole").unwrap() && !write_if_new(&path, "whole").unwrap());
        assert_eq!(read(&path).unwrap(), "whole");
        assert!(left.iter().all(|path| read(path).unwrap() == "half"));
    }

    #[test]
    fn a_check_gets_a_folder_that_nobody_used() {
        let base = tempfile::tempdir().unwrap();
        let next = COUNTER.load(Ordering::Relaxed);
        let left: Vec<PathBuf> = (next..next + 20)
            .map(|number| base.path().join(format!("{CHECK}{}-{number}", std::process::id())))
            .collect();
        assert!(left.iter().all(|folder| fs::create_dir(folder).is_ok()));
        let folder = new_check_folder(base.path()).unwrap();
        assert!(!left.contains(&folder) && fs::read_dir(folder).unwrap().next().is_none());
    }

    #[test]
    fn what_is_old_goes_and_what_may_be_in_use_stays() {
        let folder = tempfile::tempdir().unwrap();
        let names = ["a.tmp-1-0", "b.tmp-2-0", "c.json"];
        let [old, young, other] = names.map(|name| folder.path().join(name));
        let [old_check, young_check] = ["check-1-0", "check-2-0"].map(|n| folder.path().join(n));
        assert!([&old, &young, &other].iter().all(|path| fs::write(path, "").is_ok()));
        assert!([&old_check, &young_check].iter().all(|path| fs::create_dir(path).is_ok()));
        make_old(&old, Duration::from_hours(2));
        make_old(&other, Duration::from_hours(2));
        make_old(&old_check, Duration::from_hours(8 * 24));
        make_old(&young_check, Duration::from_hours(2));
        remove_abandoned(folder.path());
        let there = [old, young, other, old_check, young_check].map(|path| path.exists());
        assert_eq!(there, [false, true, true, false, true]);
    }

    #[cfg(unix)]
    #[test]
    fn a_pipe_is_no_file() {
        let folder = tempfile::tempdir().unwrap();
        let pipe = folder.path().join("pipe");
        assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
        assert!(read(&pipe).is_err() && append(&pipe, "line\n").is_err());
        write(&pipe, b"in its place").unwrap();
        assert_eq!(read(&pipe).unwrap(), "in its place");
    }
}
