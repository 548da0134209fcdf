//! The runner: it plans, computes what is missing, reports and writes.
//!
//! Rows live in parts, one per cell, in a store that survives interruption. Figures, tables and
//! verdicts are made from the merged rows every time, so an edited sentence or colour costs
//! nothing.

use crate::check::{self, Checks};
use crate::files::{self, Folders};
use crate::ledger::summary;
use crate::provenance::Provenance;
use crate::status::status;
use crate::sweeps::{ChapterRows, Sweeps, missing_cells, report, reports_of};
use crate::{Allocation, Chapter, Formats, Preset, Report, Variant, estimate, formats};
use asymscale_sweep::Shard;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::thread::ScopedJoinHandle;
use std::time::{Duration, Instant};

/// What a run is asked to do.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Task {
    /// Compute the cells that are missing, then write figures, tables and verdicts.
    Reproduce,
    /// Compute one shard of the cells into a shared folder, and report nothing.
    Shard(Shard),
    /// Report what all shards computed; refuse while cells are missing.
    Merge,
    /// Compute everything again and compare it with the tables in the output folder.
    Check,
    /// Say which rows and figures are fresh, stale or missing.
    Status,
    /// Say what the run would cost, and how many shards would end within an allocation.
    Estimate(Allocation),
}

impl Task {
    /// Whether the task computes cells that are kept or compared, so that a signal should let the
    /// running ones finish.
    pub(crate) fn computes_cells(self) -> bool {
        matches!(self, Self::Reproduce | Self::Shard(_) | Self::Check)
    }
}

/// What a task applies to, and where it works.
#[derive(Debug, Clone)]
pub struct Context {
    /// The chapters to run.
    pub chapters: Vec<Chapter>,
    /// Whether those are all chapters.
    pub complete: bool,
    /// How much is computed.
    pub preset: Preset,
    /// What figures are written as.
    pub formats: Formats,
    /// Number of worker threads.
    pub threads: usize,
    /// Output folder other than the default.
    pub out: Option<PathBuf>,
    /// The repository's top folder.
    pub top: PathBuf,
    /// Where cargo builds, below which everything lies that is not tracked.
    pub target: PathBuf,
    /// Whether every sweep says what it did.
    pub is_verbose: bool,
    /// Once this is true no further cell is started.
    pub stop: Arc<AtomicBool>,
}

/// How a run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// Everything asked for was done.
    Done,
    /// A check found drift.
    Drift,
    /// The run was told to stop; what it computed is kept.
    Stopped {
        /// Cells that this run computed.
        computed: usize,
        /// Cells of this run that are still to be computed.
        left: usize,
    },
}

/// Why a run did not end well.
#[derive(Debug)]
pub enum RunError {
    /// Bad input, found before any work.
    Input(String),
    /// The work failed; what had been computed is kept.
    Work(anyhow::Error),
}

impl<E: Into<anyhow::Error>> From<E> for RunError {
    fn from(error: E) -> Self {
        Self::Work(error.into())
    }
}

/// Runs a task of the reproduction.
///
/// # Errors
/// [`RunError::Input`] before any work; [`RunError::Work`] with everything computed so far kept.
pub fn run(task: Task, context: &Context) -> Result<Outcome, RunError> {
    match task {
        Task::Reproduce => reproduce(context),
        Task::Shard(shard) => compute_shard(shard, context),
        Task::Merge => merge(context),
        Task::Check => check(context),
        Task::Status => print_status(context),
        Task::Estimate(allocation) => estimate::print(allocation, context),
    }
}

fn reproduce(context: &Context) -> Result<Outcome, RunError> {
    if let Some(outcome) = formats::of_fresh(context)? {
        return Ok(outcome);
    }
    computed_and_written(context, &Folders::of_reproduction(context)?)
}

fn merge(context: &Context) -> Result<Outcome, RunError> {
    let folders = Folders::of_reproduction(context)?;
    refuse_missing_cells(context)?;
    computed_and_written(context, &folders)
}

/// Computes what is missing and writes each chapter as soon as its rows are complete; then the
/// claims and the page. With two threads or more a chapter is reported while the rows of the next
/// one are computed.
fn computed_and_written(context: &Context, folders: &Folders) -> Result<Outcome, RunError> {
    let start = Instant::now();
    let mut sweeps = Sweeps::new(context, folders, None);
    let (mut reports, mut defects) = (Vec::new(), Vec::new());
    let mut add = |(chapter, report, defect): Reported| {
        defects.push(defect);
        reports.push((chapter, report));
    };
    std::thread::scope(|scope| -> Result<(), RunError> {
        let mut pending: Option<ScopedJoinHandle<'_, Result<Reported, RunError>>> = None;
        for chapter in &context.chapters {
            let begun = Instant::now();
            let Some(rows) = sweeps.of_chapter(chapter)? else { continue };
            let took = begun.elapsed();
            if let Some(before) = pending.take() {
                add(joined(before)?);
            }
            if context.threads == 1 {
                add(reported(chapter, &rows, took, context, folders)?);
            } else {
                pending =
                    Some(scope.spawn(move || reported(chapter, &rows, took, context, folders)));
            }
        }
        pending.map(joined).transpose()?.into_iter().for_each(add);
        Ok(())
    })?;
    sweeps.close();
    if let Some(stopped) = sweeps.stopped() {
        return Ok(stopped);
    }
    files::write_claims(&reports, folders)?;
    files::write_page(&reports, defects, folders)?;
    print!("{}", summary(&reports));
    println!("wrote {} in {:.1} s", folders.figures.display(), start.elapsed().as_secs_f64());
    println!("read {}", folders.report.join("index.html").display());
    Ok(Outcome::Done)
}

/// A chapter with its report and that of its planted defect.
type Reported = (Chapter, Report, Report);

/// Reports and writes a chapter whose rows took so long.
fn reported(
    chapter: &Chapter,
    rows: &ChapterRows,
    took: Duration,
    context: &Context,
    folders: &Folders,
) -> Result<Reported, RunError> {
    let begun = Instant::now();
    let (report, defect) = reports_of(chapter, context, &rows.sound, &rows.planted)?;
    let provenance = Provenance::collect(&context.top, context.threads, command(context));
    let wall = took + begun.elapsed();
    let made = files::Made { report: &report, defect: &defect, wall, cost: rows.cost };
    files::write_chapter(chapter, &made, folders, context, &provenance)?;
    Ok((*chapter, report, defect))
}

fn joined<T>(thread: ScopedJoinHandle<'_, T>) -> T {
    thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
}

/// A shard computes the planted defects too, so that the merge computes nothing.
fn compute_shard(shard: Shard, context: &Context) -> Result<Outcome, RunError> {
    let folders = Folders::of_shard(shard, context)?;
    let mut sweeps = Sweeps::new(context, &folders, Some(shard));
    for chapter in &context.chapters {
        for variant in [Variant::Sound, Variant::Defect] {
            sweeps.rows(chapter, variant)?;
        }
    }
    sweeps.close();
    Ok(sweeps.stopped().unwrap_or(Outcome::Done))
}

/// A check trusts nothing computed before, and judges no planted defect.
fn check(context: &Context) -> Result<Outcome, RunError> {
    let folders = Folders::of_check(context)?;
    let _scratch = check::Scratch::new(&folders.parts);
    check::nothing_missing(&context.chapters, &folders)?;
    let mut sweeps = Sweeps::new(context, &folders, None);
    let mut checks = Checks::default();
    for chapter in &context.chapters {
        let Some(rows) = sweeps.rows(chapter, Variant::Sound)? else { continue };
        let report = report(chapter, &rows, context.preset, Variant::Sound)?;
        checks.add(&report, &folders)?;
    }
    let here = Provenance::collect(&context.top, context.threads, command(context));
    let words = check::elsewhere(&context.chapters, &folders, &here);
    Ok(sweeps.stopped().unwrap_or_else(|| checks.print(&words)))
}

/// Refuses a merge while cells have no part, with the number of missing cells of each sweep.
fn refuse_missing_cells(context: &Context) -> Result<(), RunError> {
    let (mut missing, mut total, mut sweeps) = (0, 0, Vec::new());
    for chapter in &context.chapters {
        for sweep in missing_cells(chapter, context)? {
            (missing, total) = (missing + sweep.missing, total + sweep.cells);
            if sweep.missing > 0 {
                sweeps.push(format!("{}: {}", sweep.experiment, sweep.missing));
            }
        }
    }
    if missing == 0 {
        return Ok(());
    }
    Err(RunError::Work(anyhow::anyhow!(
        "--merge: {missing} of {total} cells are missing ({}): run their shards again, which computes only these, or run without \
         --merge to compute them here",
        sweeps.join(", ")
    )))
}

/// The command that makes the figures of a run again.
fn command(context: &Context) -> String {
    let mut words = vec!["cargo xtask repro".to_owned()];
    if !context.complete {
        words.extend(context.chapters.iter().map(|chapter| chapter.number().to_owned()));
    }
    if context.preset != Preset::Default {
        words.push(format!("--{}", context.preset));
    }
    words.join(" ")
}

fn print_status(context: &Context) -> Result<Outcome, RunError> {
    let figures = files::figures(context);
    for chapter in &context.chapters {
        let is_kept = missing_cells(chapter, context)?.iter().all(|sweep| sweep.missing == 0);
        println!("{:<24} {}", chapter.id, status(chapter, context.preset, &figures, is_kept));
    }
    Ok(Outcome::Done)
}
