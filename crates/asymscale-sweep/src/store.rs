//! A folder of parts, one file a cell, written atomically.

use crate::{Cell, Plan, State, SweepError, Table, part};
use std::{
    collections::HashSet,
    fs::{self, File, OpenOptions},
    io::{self, ErrorKind, Write},
    path::{Path, PathBuf},
    process,
    sync::atomic::{AtomicU64, Ordering},
    time::Duration,
};

/// A temporary file exists for the moment a part is written. One of this age belongs to no living
/// process.
const ABANDONED: Duration = Duration::from_hours(1);

/// Tells apart the temporary files of this process.
static COUNTER: AtomicU64 = AtomicU64::new(0);

/// A folder of parts: `<folder>/<experiment>/<key>.part`.
///
/// Any number of processes, on any number of machines, may use one folder at once. A part appears
/// whole or not at all: it is written to a temporary file beside it, flushed to the disk, then
/// renamed. Two processes that compute the same cell write the same bytes.
#[derive(Debug, Clone)]
pub struct Store {
    folder: PathBuf,
    soundness: Soundness,
}

/// What a caller asks of the rows of a cell, or why they cannot be a result.
pub type Soundness = fn(&Table) -> Result<(), String>;

impl Store {
    /// A store in this folder, which is made when the first part is written.
    pub fn new(folder: impl Into<PathBuf>) -> Self {
        Self { folder: folder.into(), soundness: |_| Ok(()) }
    }

    /// The same store, which takes no rows for a result that fail this test: a cell that returns
    /// such rows fails, and a part that holds them is damaged, whatever its checksum says.
    ///
    /// ```
    /// use asymscale_sweep::{Store, Table};
    /// let not_empty = |rows: &Table| if rows.is_empty() { Err("no rows".into()) } else { Ok(()) };
    /// let store = Store::new("parts").asking(not_empty);
    /// assert_eq!(store.judge(&Table::default()), Err("no rows".into()));
    /// ```
    #[must_use]
    pub fn asking(self, soundness: Soundness) -> Self {
        Self { soundness, ..self }
    }

    /// Whether rows can be a result in this store, or why not.
    pub fn judge(&self, table: &Table) -> Result<(), String> {
        (self.soundness)(table)
    }

    /// The folder.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Where a cell's part lies or would lie.
    pub fn path(&self, plan: &Plan, cell: &Cell) -> PathBuf {
        self.experiment(plan).join(format!("{}.part", plan.key(cell)))
    }

    /// A cell's rows, or why there are none that may be served.
    pub fn read(&self, plan: &Plan, cell: &Cell) -> Result<Table, State> {
        match read_file(&self.path(plan, cell)) {
            Ok(bytes) => {
                let table = part::decode(plan, cell, &bytes)?;
                self.judge(&table).map_err(|reason| State::Damaged { reason })?;
                Ok(table)
            }
            Err(error) if error.kind() == ErrorKind::NotFound => Err(State::Absent),
            Err(error) => Err(State::Damaged { reason: format!("cannot be read: {error}") }),
        }
    }

    /// Stores a cell's rows, in place of whatever part the cell had.
    pub fn write(&self, plan: &Plan, cell: &Cell, table: &Table) -> Result<(), SweepError> {
        let bytes = part::encode(plan, cell, table)?;
        let path = self.path(plan, cell);
        self.replace(plan, &path, &bytes).map_err(|reason| SweepError::Io {
            action: "write",
            path,
            reason,
        })
    }

    /// Removes the parts of the plans' experiments that belong to no cell of these plans, and
    /// temporary files that a killed process left over an hour ago. Returns how many files went.
    pub fn prune(&self, plans: &[&Plan]) -> Result<usize, SweepError> {
        let kept: HashSet<PathBuf> = plans
            .iter()
            .flat_map(|plan| {
                plan.keys().iter().map(|key| self.experiment(plan).join(format!("{key}.part")))
            })
            .collect();
        let folders: HashSet<PathBuf> = plans.iter().map(|plan| self.experiment(plan)).collect();
        let mut removed = 0;
        for folder in folders {
            let is_orphan = |path: &Path| has_extension(path, "part") && !kept.contains(path);
            removed += remove_files(&folder, |path| is_orphan(path) || is_abandoned(path))
                .map_err(|reason| SweepError::Io { action: "remove", path: folder, reason })?;
        }
        Ok(removed)
    }

    /// Makes the experiment's folder and proves that a file can be written there, before any work
    /// is spent.
    pub(crate) fn prepare(&self, plan: &Plan) -> Result<(), SweepError> {
        let path = self.experiment(plan);
        self.probe(plan, &path).map_err(|reason| SweepError::Io { action: "write", path, reason })
    }

    fn probe(&self, plan: &Plan, folder: &Path) -> io::Result<()> {
        fs::create_dir_all(folder)?;
        let (path, mut file) = self.temporary(plan)?;
        let written = file.write_all(b"probe");
        fs::remove_file(path)?;
        written?;
        remove_files(folder, is_abandoned).map(|_| ())
    }

    fn replace(&self, plan: &Plan, path: &Path, bytes: &[u8]) -> io::Result<()> {
        let folder = self.experiment(plan);
        fs::create_dir_all(&folder)?;
        let (temporary, mut file) = self.temporary(plan)?;
        let done = file
            .write_all(bytes)
            .and_then(|()| file.sync_all())
            .and_then(|()| fs::rename(&temporary, path))
            .and_then(|()| sync_folder(&folder));
        if done.is_err() {
            // The error that matters is the first one; after a rename there is nothing to remove.
            let _ = fs::remove_file(&temporary);
        }
        done
    }

    /// A new file no other process has. Processes on two machines may have one number, so a name
    /// that exists is left alone and the next one tried.
    fn temporary(&self, plan: &Plan) -> io::Result<(PathBuf, File)> {
        loop {
            let number = COUNTER.fetch_add(1, Ordering::Relaxed);
            let path = self.experiment(plan).join(format!("{}-{number}.tmp", process::id()));
            match OpenOptions::new().write(true).create_new(true).open(&path) {
                Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
                opened => return opened.map(|file| (path, file)),
            }
        }
    }

    fn experiment(&self, plan: &Plan) -> PathBuf {
        self.folder.join(plan.experiment())
    }
}

/// The bytes of a regular file. Anything else, such as a pipe that nobody writes to, would be
/// waited for, or never end.
fn read_file(path: &Path) -> io::Result<Vec<u8>> {
    if fs::metadata(path)?.is_file() { fs::read(path) } else { Err(io::Error::other("no file")) }
}

/// Makes a rename durable. Only on Unix is a folder a file that can be flushed.
fn sync_folder(folder: &Path) -> io::Result<()> {
    if cfg!(unix) { File::open(folder)?.sync_all() } else { Ok(()) }
}

fn has_extension(path: &Path, extension: &str) -> bool {
    path.extension().is_some_and(|found| found == extension)
}

/// A temporary file nobody writes any more. One whose age cannot be told is left alone.
fn is_abandoned(path: &Path) -> bool {
    let age = || path.metadata().ok()?.modified().ok()?.elapsed().ok();
    has_extension(path, "tmp") && age().is_some_and(|age| age > ABANDONED)
}

/// Removes the chosen files of a folder that may not exist. Another process may be faster: then
/// nothing is to be done.
fn remove_files(folder: &Path, chosen: impl Fn(&Path) -> bool) -> io::Result<usize> {
    let entries = match fs::read_dir(folder) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(0),
        entries => entries?,
    };
    let mut removed = 0;
    for entry in entries {
        let path = entry?.path();
        if chosen(&path) {
            match fs::remove_file(&path) {
                Err(error) if error.kind() == ErrorKind::NotFound => {}
                done => done.map(|()| removed += 1)?,
            }
        }
    }
    Ok(removed)
}
