//! The command line of `cargo xtask repro`: reading words, choosing the exit code.

use crate::runner::{self, Outcome, Request, RunError};
use crate::{Profile, chapters, select};
use clap::Parser;
use std::path::PathBuf;
use std::process::ExitCode;

/// Regenerate every figure, table and verdict of the reproduction.
#[derive(Debug, Parser)]
#[command(name = "cargo xtask repro")]
// Each is a flag of the command line.
#[allow(clippy::struct_excessive_bools)]
struct Arguments {
    /// Chapters by number or name; all of them if none is given
    chapters: Vec<String>,
    /// Fewer sizes and repeats: about a minute. Never touches the tracked figures
    #[arg(long, conflicts_with = "full")]
    quick: bool,
    /// Paper grade, made for a cluster
    #[arg(long)]
    full: bool,
    /// Recompute and compare with the tables already in the output folder; exit 1 on drift
    #[arg(long, conflicts_with = "shard")]
    check: bool,
    /// Say of every chapter whether its figure is fresh, stale and why, or missing, and compute nothing
    #[arg(long, conflicts_with_all = ["check", "shard"])]
    status: bool,
    /// Compute share i of n of the cells into a shared folder; a later run without it merges
    #[arg(long, value_name = "i/n")]
    shard: Option<String>,
    /// Worker threads, a whole number >= 1 [default: all cores]
    #[arg(long)]
    threads: Option<String>,
    /// Folder to write into instead of the tracked ones
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
}

/// Reads the words of the command line, runs, and says how it went: 0 done, 1 failure or drift, 2 bad input.
pub fn main() -> ExitCode {
    match request(&Arguments::parse()).and_then(|request| runner::run(&request)) {
        Ok(Outcome::Done) => ExitCode::SUCCESS,
        Ok(Outcome::Drift) => ExitCode::FAILURE,
        Err(RunError::Input(message)) => {
            eprintln!("error: {message}");
            ExitCode::from(2)
        }
        Err(RunError::Work(error)) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn request(arguments: &Arguments) -> Result<Request, RunError> {
    let input = |error: &dyn std::fmt::Display| RunError::Input(error.to_string());
    let profile = match (arguments.quick, arguments.full) {
        (true, _) => Profile::Quick,
        (_, true) => Profile::Full,
        _ => Profile::Default,
    };
    let threads = match &arguments.threads {
        None => std::thread::available_parallelism().map_or(1, usize::from),
        Some(word) => word.parse().ok().filter(|n| (1..=4096).contains(n)).ok_or_else(|| {
            RunError::Input(format!("--threads {word}: must be a whole number in 1..=4096"))
        })?,
    };
    let shard = arguments.shard.as_deref().map(str::parse).transpose().map_err(|e| input(&e))?;
    Ok(Request {
        chapters: select(&chapters(), &arguments.chapters).map_err(|e| input(&e))?,
        complete: arguments.chapters.is_empty(),
        profile,
        check: arguments.check,
        status: arguments.status,
        shard,
        threads,
        out: arguments.out.clone(),
        top: top(),
    })
}

/// The repository we are in, looked for from the current folder upwards; where there is none, as for a binary carried elsewhere,
/// the current folder itself.
fn top() -> PathBuf {
    let here = std::env::current_dir().unwrap_or_default();
    here.ancestors()
        .find(|folder| folder.join("paper-repro/chapters").is_dir())
        .unwrap_or(&here)
        .to_path_buf()
}
