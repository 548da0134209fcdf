//! The command line of `cargo xtask repro`: reading words, choosing the exit code.

use crate::runner::{self, Context, Outcome, RunError, Task};
use crate::{Allocation, Preset, chapters, select, stop};
use clap::Parser;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

/// Exit code of a run that a signal ended early: the same command goes on from there (`EX_TEMPFAIL`
/// of sysexits).
pub const STOPPED: u8 = 75;

const MORE: &str = "\
On many machines: every cell of the work becomes a file in DIR/parts, so shards may run anywhere that sees one folder,
in any order, twice, or be killed; whatever is run again computes only what is missing, and the bytes in the end are
those of one run. On Slurm, `cargo xtask slurm` writes the scripts. Elsewhere, with this binary and 8 shards:

  for i in $(seq 8); do paper-repro --full --out DIR --shard $i/8; done        one after the other
  parallel -j 4 paper-repro --full --out DIR --threads 1 --shard {}/8 ::: $(seq 8)   GNU parallel
  paper-repro --full --out DIR --merge                                         figures and tables, once all are done

Ctrl-C, SIGTERM and SIGUSR1 end a run cleanly: no further cell is started, those running are finished and kept. A second
ctrl-C waits for nothing.

Exit codes: 0 done, 1 failure, drift or missing cells, 2 bad input, 75 ended early by a signal (run it again to go on).";

/// Regenerate every figure, table and verdict of the reproduction.
#[derive(Debug, Parser)]
#[command(name = "cargo xtask repro", bin_name = "cargo xtask repro", after_long_help = MORE)]
// Each is a flag of the command line.
#[allow(clippy::struct_excessive_bools)]
struct Arguments {
    /// Chapters by number or name; all of them if none is given
    chapters: Vec<String>,
    /// Fewer sizes and repeats: a minute. Never touches the tracked figures
    #[arg(long, conflicts_with = "full")]
    quick: bool,
    /// Paper grade, made for a cluster
    #[arg(long)]
    full: bool,
    /// Recompute and compare with the tables already in the output folder; exit 1 on drift
    #[arg(long, conflicts_with = "shard")]
    check: bool,
    /// Say of every chapter whether its rows and its figures are fresh, stale and why, or missing,
    /// and compute nothing
    #[arg(long, conflicts_with_all = ["check", "shard"])]
    status: bool,
    /// Compute share i of n of the cells into a shared folder; a later run with --merge, or without
    /// it, merges
    #[arg(long, value_name = "i/n")]
    shard: Option<String>,
    /// Make figures and tables from the cells there are; refuse, with a count, when some are
    /// missing
    #[arg(long, conflicts_with_all = ["check", "shard", "status"])]
    merge: bool,
    /// Measure a few small cells, say how many core-hours, how much memory and disk the preset
    /// takes, and keep nothing
    #[arg(long, conflicts_with_all = ["check", "shard", "status", "merge"])]
    estimate: bool,
    /// With --estimate: hours:minutes:seconds that everything may take, for the number of shards
    #[arg(long, value_name = "H:M:S", requires = "estimate", default_value = "01:00:00")]
    wall: String,
    /// With --estimate: cores of a shard, a whole number in 1..=1024
    #[arg(long, value_name = "n", requires = "estimate", default_value = "1")]
    cores: String,
    /// Formats of the figures, of svg, png (at twice the size) and pdf, such as svg,png,pdf: files
    /// beside the SVG, which is always written. Figures that --status calls fresh get them at once
    #[arg(long, value_name = "LIST", default_value = "svg", conflicts_with_all = ["check", "shard", "status", "estimate"])]
    formats: String,
    /// Say of every sweep what it computed, and why
    #[arg(long)]
    verbose: bool,
    /// Worker threads, a whole number >= 1 [default: all cores]
    #[arg(long)]
    threads: Option<String>,
    /// Folder to write into instead of the tracked ones
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
}

/// Reads the words of the command line, runs, and says how it went: 0 done, 1 failure, drift or
/// missing cells, 2 bad input, [`STOPPED`] ended early by a signal.
pub fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let answer = task(&arguments).and_then(|task| {
        let mut context = context(&arguments)?;
        // A task that computes no cell that is kept may be broken off as usual.
        if task.computes_cells() {
            context.stop = stop::on_signals()?;
        }
        runner::run(task, &context)
    });
    match answer {
        Ok(Outcome::Done) => ExitCode::SUCCESS,
        Ok(Outcome::Drift) => ExitCode::FAILURE,
        Ok(Outcome::Stopped { computed, left }) => {
            let next = if arguments.check {
                "nothing is kept"
            } else {
                "the same command goes on from here"
            };
            eprintln!("stopped by a signal: {computed} cells computed, {left} left; {next}");
            ExitCode::from(STOPPED)
        }
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

/// The task that the flags name; the command line lets at most one of them through.
fn task(arguments: &Arguments) -> Result<Task, RunError> {
    let shard = arguments.shard.as_deref().map(str::parse).transpose().map_err(|e| input(&e))?;
    Ok(match shard {
        Some(shard) => Task::Shard(shard),
        None if arguments.merge => Task::Merge,
        None if arguments.check => Task::Check,
        None if arguments.status => Task::Status,
        None if arguments.estimate => Task::Estimate(allocation(arguments)?),
        None => Task::Reproduce,
    })
}

fn context(arguments: &Arguments) -> Result<Context, RunError> {
    let preset = match (arguments.quick, arguments.full) {
        (true, _) => Preset::Quick,
        (_, true) => Preset::Full,
        _ => Preset::Default,
    };
    Ok(Context {
        chapters: select(&chapters(), &arguments.chapters).map_err(|e| input(&e))?,
        complete: arguments.chapters.is_empty(),
        preset,
        formats: arguments.formats.parse().map_err(RunError::Input)?,
        threads: threads(arguments)?,
        out: arguments.out.clone(),
        target: target(),
        top: top(),
        is_verbose: arguments.verbose,
        stop: Arc::new(AtomicBool::new(false)),
    })
}

fn input(error: &dyn std::fmt::Display) -> RunError {
    RunError::Input(error.to_string())
}

fn threads(arguments: &Arguments) -> Result<usize, RunError> {
    let Some(word) = &arguments.threads else {
        return Ok(std::thread::available_parallelism().map_or(1, usize::from));
    };
    word.parse().ok().filter(|n| (1..=4096).contains(n)).ok_or_else(|| {
        RunError::Input(format!("--threads {word}: must be a whole number in 1..=4096"))
    })
}

fn allocation(arguments: &Arguments) -> Result<Allocation, RunError> {
    let (wall, cores) = (&arguments.wall, &arguments.cores);
    let numbers: Option<Vec<u32>> = wall.split(':').map(|word| word.parse().ok()).collect();
    let seconds = match numbers.as_deref() {
        Some(&[h, m, s]) if h < 10_000 && m < 60 && s < 60 => h * 3600 + m * 60 + s,
        _ => 0,
    };
    if seconds == 0 {
        return Err(RunError::Input(format!(
            "--wall {wall}: must be hours:minutes:seconds above 0, such as 01:30:00"
        )));
    }
    let cores = cores.parse().ok().filter(|n: &u32| (1..=1024).contains(n)).ok_or_else(|| {
        RunError::Input(format!("--cores {cores}: must be a whole number in 1..=1024"))
    })?;
    Ok(Allocation { wall: f64::from(seconds), cores: f64::from(cores) })
}

/// The folder that cargo builds in: the one that its variables name, if any does.
fn target() -> PathBuf {
    let named =
        ["CARGO_TARGET_DIR", "CARGO_BUILD_TARGET_DIR"].into_iter().filter_map(std::env::var_os);
    let named = named.map(PathBuf::from).find(|folder| !folder.as_os_str().is_empty());
    named.unwrap_or_else(|| top().join("target"))
}

/// The repository we are in, looked for from the current folder upwards; where there is none, as
/// for a binary carried elsewhere, the current folder itself.
fn top() -> PathBuf {
    let here = std::env::current_dir().unwrap_or_default();
    here.ancestors()
        .find(|folder| folder.join("paper-repro/chapters").is_dir())
        .unwrap_or(&here)
        .to_path_buf()
}
