//! The runner: plans, computes what is missing, reports, writes.
//!
//! Rows live in parts, one a cell, in a store that survives interruption; figures, tables and
//! verdicts are made from the merged rows every time, so an edited sentence or colour costs
//! nothing.

use crate::check::{self, Checks};
use crate::files::Folders;
use crate::kit::SEED;
use crate::progress::Console;
use crate::provenance::Provenance;
use crate::status::status;
use crate::{Chapter, Fingerprint, Preset, Report, Run, Variant, Wish, estimate, files, seconds};
use asymscale_sweep::{Options, Plan, Shard, Store, Table, merge, run as sweep, survey};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Instant;

/// What the user asked for, validated.
#[derive(Debug, Clone)]
// Each is a flag of the command line.
#[allow(clippy::struct_excessive_bools)]
pub struct Request {
    /// The chapters to run.
    pub chapters: Vec<Chapter>,
    /// Whether those are all chapters.
    pub complete: bool,
    /// How much is computed.
    pub preset: Preset,
    /// Recompute everything and compare instead of writing.
    pub check: bool,
    /// Only say what is fresh, stale or missing.
    pub status: bool,
    /// Only say what it would cost, and how many shards would end within a wall time.
    pub estimate: Option<Wish>,
    /// Compute only this share of the cells.
    pub shard: Option<Shard>,
    /// Compute nothing: make the report of what is there, or refuse.
    pub merge: bool,
    /// Once this is true no further cell is started.
    pub stop: Arc<AtomicBool>,
    /// Worker threads.
    pub threads: usize,
    /// Output folder other than the default.
    pub out: Option<PathBuf>,
    /// The repository's top folder.
    pub top: PathBuf,
}

/// How a run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// Everything asked for was done.
    Done,
    /// A check found drift.
    Drift,
    /// It was told to stop; what it computed is kept.
    Stopped {
        /// Cells this run computed.
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

/// Runs the reproduction.
///
/// # Errors
/// [`RunError::Input`] before any work; [`RunError::Work`] with everything computed so far kept.
pub fn run(request: &Request) -> Result<Outcome, RunError> {
    if request.status {
        return print_status(request);
    }
    if let Some(wish) = request.estimate {
        estimate::estimate(request, wish)?;
        return Ok(Outcome::Done);
    }
    let folders = Folders::of(request)?;
    let _scratch = request.check.then(|| check::Scratch::new(&folders.parts));
    if request.check {
        check::nothing_missing(&request.chapters, &folders)?;
    }
    if request.merge {
        nothing_to_compute(request, &folders)?;
    }
    let start = Instant::now();
    let (mut reports, mut defects) = (Vec::new(), Vec::new());
    let (mut checks, mut work) = (Checks::default(), Work::default());
    for chapter in &request.chapters {
        let begun = Instant::now();
        let sound = rows(chapter, request, &folders, Variant::Sound, &mut work)?;
        // A check trusts nothing computed before and judges no defect; a shard computes both.
        let planted = if request.check {
            None
        } else {
            rows(chapter, request, &folders, Variant::Defect, &mut work)?
        };
        let Some(sound) = sound else { continue };
        if request.check {
            let report = report(chapter, &sound, request.preset, Variant::Sound)?;
            checks.add(chapter, &report, &folders)?;
        }
        let Some(planted) = planted else { continue };
        let (report, defect) = reports_of(chapter, request, &sound, &planted)?;
        let provenance = Provenance::collect(&request.top, request.threads, command(request));
        files::write_chapter(
            chapter,
            &report,
            &defect,
            &folders,
            request,
            &provenance,
            begun.elapsed(),
        )?;
        defects.push(defect);
        reports.push((*chapter, report));
    }
    if work.left > 0 {
        return Ok(Outcome::Stopped { computed: work.computed, left: work.left });
    }
    if request.check {
        return Ok(checks.print());
    }
    if request.shard.is_none() {
        files::write_claims(&reports, &folders)?;
        files::write_page(&reports, defects, &folders)?;
        print_verdicts(&reports);
        println!("wrote {} in {:.1} s", folders.figures.display(), start.elapsed().as_secs_f64());
    }
    Ok(Outcome::Done)
}

/// Cells of all sweeps of a run.
#[derive(Debug, Default)]
struct Work {
    computed: usize,
    left: usize,
}

/// All rows of a chapter, or `None` when only a shard of them was asked for, or the run was told to
/// stop.
fn rows(
    chapter: &Chapter,
    request: &Request,
    folders: &Folders,
    variant: Variant,
    work: &mut Work,
) -> Result<Option<Table>, RunError> {
    let plan = plan(chapter, preset_of(variant, request.preset), variant)?;
    let store = Store::new(&folders.parts);
    let options =
        Options { shard: request.shard, threads: request.threads, stop: Some(&request.stop) };
    let console = Console::new(plan.experiment(), folders.notes.as_deref());
    let outcome = sweep(&plan, &store, &options, &console, |cell| chapter.run.rows(cell, variant))?;
    console.close(&outcome);
    seconds::record(&folders.seconds, plan.experiment(), plan.fingerprint(), &console.took());
    if !(variant.is_defect() && shares_cells(chapter, request.preset)) {
        work.computed += outcome.computed;
        work.left += outcome.left;
    }
    if request.shard.is_some() || outcome.left > 0 {
        Ok(None)
    } else {
        Ok(Some(merge(&plan, &store)?))
    }
}

/// The planted defect runs at the quick preset whatever the preset: it shows that findings can
/// fail.
pub(crate) fn preset_of(variant: Variant, preset: Preset) -> Preset {
    if variant.is_defect() { Preset::Quick } else { preset }
}

/// Refuses a merge while cells have no part, counting them for each sweep.
fn nothing_to_compute(request: &Request, folders: &Folders) -> Result<(), RunError> {
    let (mut missing, mut total, mut sweeps) = (0, 0, Vec::new());
    for chapter in &request.chapters {
        for (experiment, absent, cells) in kept(chapter, request, &folders.parts)? {
            (missing, total) = (missing + absent, total + cells);
            if absent > 0 {
                sweeps.push(format!("{experiment}: {absent}"));
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

/// The sweeps of a chapter, each with the number of its cells without a part of this code, and of
/// all its cells.
fn kept(
    chapter: &Chapter,
    request: &Request,
    parts: &Path,
) -> Result<Vec<(String, usize, usize)>, RunError> {
    let (store, mut sweeps) = (Store::new(parts), Vec::new());
    for variant in [Variant::Sound, Variant::Defect] {
        if variant.is_defect() && shares_cells(chapter, request.preset) {
            continue;
        }
        let plan = plan(chapter, preset_of(variant, request.preset), variant)?;
        let cells = plan.cells().len();
        sweeps.push((plan.experiment().to_owned(), cells - survey(&plan, &store).fresh(), cells));
    }
    Ok(sweeps)
}

/// Whether the planted defect shares its rows.
fn is_common(chapter: &Chapter) -> bool {
    matches!(chapter.run, Run::Common(_))
}

/// Whether the planted defect needs the very cells of the preset.
pub(crate) fn shares_cells(chapter: &Chapter, preset: Preset) -> bool {
    preset == Preset::Quick && is_common(chapter)
}

/// The sweep of a chapter: its cells, named by everything they depend on.
///
/// # Errors
/// Whatever the chapter's own code says.
pub fn plan(chapter: &Chapter, preset: Preset, variant: Variant) -> Result<Plan, RunError> {
    let cells = (chapter.plan)(preset).map_err(|error| in_chapter(chapter, &error))?;
    let suffix = if variant.is_defect() && !is_common(chapter) { ".defect" } else { "" };
    let experiment = format!("{}{suffix}", chapter.id);
    Ok(Plan::new(&experiment, SEED, Fingerprint::of_rows(chapter).value, cells)?)
}

/// A chapter's report from its rows.
///
/// # Errors
/// Whatever the chapter's own code says.
pub fn report(
    chapter: &Chapter,
    rows: &Table,
    preset: Preset,
    variant: Variant,
) -> Result<Report, RunError> {
    (chapter.report)(rows, preset, variant).map_err(|error| in_chapter(chapter, &error))
}

/// The sound report and that with the planted defect, each on a thread of its own if there are two.
fn reports_of(
    chapter: &Chapter,
    request: &Request,
    sound: &Table,
    planted: &Table,
) -> Result<(Report, Report), RunError> {
    let of_sound = || report(chapter, sound, request.preset, Variant::Sound);
    let of_planted = || report(chapter, planted, Preset::Quick, Variant::Defect);
    if request.threads == 1 {
        return Ok((of_sound()?, of_planted()?));
    }
    std::thread::scope(|scope| {
        let planted = scope.spawn(of_planted);
        let sound = of_sound();
        Ok((sound?, planted.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))?))
    })
}

pub(crate) fn in_chapter(chapter: &Chapter, error: &crate::ChapterError) -> RunError {
    RunError::Work(anyhow::anyhow!("{}: {error}", chapter.id))
}

fn command(request: &Request) -> String {
    let mut words = vec!["cargo xtask repro".to_owned()];
    if !request.complete {
        words.extend(request.chapters.iter().map(|chapter| chapter.number().to_owned()));
    }
    if request.preset != Preset::Default {
        words.push(format!("--{}", request.preset));
    }
    words.join(" ")
}

fn print_status(request: &Request) -> Result<Outcome, RunError> {
    let (figures, parts) = (files::figures(request), files::parts(request));
    for chapter in &request.chapters {
        let is_kept = kept(chapter, request, &parts)?.iter().all(|(_, absent, _)| *absent == 0);
        println!("{:<24} {}", chapter.id, status(chapter, request.preset, &figures, is_kept));
    }
    Ok(Outcome::Done)
}

fn print_verdicts(reports: &[(Chapter, Report)]) {
    for (chapter, report) in reports {
        for finding in &report.findings {
            println!(
                "{:<24} {:<4} {:<13} {}",
                chapter.id,
                finding.claim.unwrap_or("–"),
                finding.verdict.word(),
                finding.statement
            );
        }
    }
}
