//! The volatile facts of a run: when, where, on what, from which commit. They go into the JSON
//! beside a figure and nowhere else, so that figures and tables keep their bytes.

use serde::Serialize;
use std::path::Path;
use std::process::Command;

/// Facts that change from run to run.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Provenance {
    /// Commit the sources were at, "unknown" outside a checkout.
    pub(crate) commit: String,
    /// Whether tracked files other than generated ones differ from that commit.
    pub(crate) dirty: bool,
    /// Processor, as the operating system names it.
    pub(crate) cpu: String,
    /// Operating system and architecture.
    pub(crate) platform: String,
    /// Worker threads of the run.
    pub(crate) threads: usize,
    /// Seconds since 1970 at which the run ended.
    pub(crate) finished_unix: u64,
    /// The command that makes it again.
    pub(crate) command: String,
}

impl Provenance {
    /// Collects the facts.
    pub(crate) fn collect(top: &Path, threads: usize, command: String) -> Self {
        let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
        Self {
            commit: git(top, &["rev-parse", "HEAD"]).unwrap_or_else(|| "unknown".to_owned()),
            dirty: is_dirty(top),
            cpu: cpu(),
            platform: format!("{} {}", std::env::consts::OS, std::env::consts::ARCH),
            threads,
            finished_unix: since.map_or(0, |elapsed| elapsed.as_secs()),
            command,
        }
    }
}

/// Generated files are left out: they are what the run is about to change.
fn is_dirty(top: &Path) -> bool {
    let words = [
        "status",
        "--porcelain",
        "--",
        ".",
        ":!figures",
        ":!paper-repro/report",
        ":!paper-repro/README.md",
    ];
    git(top, &words).is_some_and(|changes| !changes.is_empty())
}

fn git(top: &Path, words: &[&str]) -> Option<String> {
    let output = Command::new("git").arg("-C").arg(top).args(words).output().ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

fn cpu() -> String {
    let info = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = info.lines().find_map(|line| line.strip_prefix("model name")?.split_once(':'));
    model.map_or_else(|| "unknown".to_owned(), |(_, name)| name.trim().to_owned())
}
