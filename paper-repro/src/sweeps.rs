//! The sweeps of chapters: which cells a chapter has, their rows, and the reports made of the rows.

use crate::files::{self, Folders};
use crate::kit::SEED;
use crate::progress::Console;
use crate::runner::{Context, Outcome, RunError};
use crate::{Chapter, ChapterError, Fingerprint, Preset, Report, Run, Variant, seconds};
use asymscale_sweep::{Options, Plan, Shard, Store, Table, merge, run as sweep, survey};

/// The sweeps of one run, with the cells that they computed and left.
pub(crate) struct Sweeps<'a> {
    context: &'a Context,
    folders: &'a Folders,
    /// Only this part of the cells is computed.
    shard: Option<Shard>,
    computed: usize,
    left: usize,
}

impl<'a> Sweeps<'a> {
    /// The sweeps of a run, or of one shard of it, that have not begun.
    pub(crate) fn new(context: &'a Context, folders: &'a Folders, shard: Option<Shard>) -> Self {
        Self { context, folders, shard, computed: 0, left: 0 }
    }

    /// All rows of a chapter, or `None` where only a shard of them was asked for or the run was
    /// told to stop.
    pub(crate) fn rows(
        &mut self,
        chapter: &Chapter,
        variant: Variant,
    ) -> Result<Option<Table>, RunError> {
        let Self { context, folders, shard, .. } = *self;
        let plan = plan(chapter, preset_of(variant, context.preset), variant)?;
        let store = Store::new(&folders.parts);
        let options = Options { shard, threads: context.threads, stop: Some(&context.stop) };
        let console = Console::new(plan.experiment(), folders.notes.as_deref());
        let outcome =
            sweep(&plan, &store, &options, &console, |cell| chapter.run.rows(cell, variant))?;
        console.close(&outcome);
        seconds::record(&folders.seconds, plan.experiment(), plan.fingerprint(), &console.took());
        if !(variant.is_defect() && shares_cells(chapter, context.preset)) {
            self.computed += outcome.computed;
            self.left += outcome.left;
        }
        let is_partial = shard.is_some() || outcome.left > 0;
        Ok(if is_partial { None } else { Some(merge(&plan, &store)?) })
    }

    /// How the run ended, if it was told to stop before all cells were computed.
    pub(crate) fn stopped(&self) -> Option<Outcome> {
        let Self { computed, left, .. } = *self;
        (left > 0).then_some(Outcome::Stopped { computed, left })
    }
}

/// How much of a sweep is there.
pub(crate) struct SweepState {
    /// The name of the sweep.
    pub(crate) experiment: String,
    /// Cells without a part that this code made.
    pub(crate) missing: usize,
    /// All cells.
    pub(crate) cells: usize,
}

/// The missing cells of each sweep of a chapter.
pub(crate) fn missing_cells(
    chapter: &Chapter,
    context: &Context,
) -> Result<Vec<SweepState>, RunError> {
    let store = Store::new(files::parts(context));
    let sweep = |plan: Plan| {
        let cells = plan.cells().len();
        let missing = cells - survey(&plan, &store).fresh();
        SweepState { experiment: plan.experiment().to_owned(), missing, cells }
    };
    Ok(plans(chapter, context.preset)?.into_iter().map(sweep).collect())
}

/// The sweeps of a chapter: the sound one, and that of the planted defect where it has cells of
/// its own.
pub(crate) fn plans(chapter: &Chapter, preset: Preset) -> Result<Vec<Plan>, RunError> {
    let mut plans = vec![plan(chapter, preset, Variant::Sound)?];
    if !shares_cells(chapter, preset) {
        plans.push(plan(chapter, preset_of(Variant::Defect, preset), Variant::Defect)?);
    }
    Ok(plans)
}

/// The sweep of a chapter: its cells, named by everything they depend on.
///
/// # Errors
/// Whatever the chapter's own code says.
pub(crate) fn plan(chapter: &Chapter, preset: Preset, variant: Variant) -> Result<Plan, RunError> {
    let cells = (chapter.plan)(preset).map_err(|error| in_chapter(chapter, &error))?;
    let suffix = if variant.is_defect() && !is_common(chapter) { ".defect" } else { "" };
    let experiment = format!("{}{suffix}", chapter.id);
    Ok(Plan::new(&experiment, SEED, Fingerprint::of_rows(chapter).value, cells)?)
}

/// The preset of a variant. The planted defect always runs at the quick preset: it only has to
/// show that findings can fail.
fn preset_of(variant: Variant, preset: Preset) -> Preset {
    if variant.is_defect() { Preset::Quick } else { preset }
}

/// Whether the planted defect shares its rows.
fn is_common(chapter: &Chapter) -> bool {
    matches!(chapter.run, Run::Common(_))
}

/// Whether the planted defect needs the very cells of the preset.
fn shares_cells(chapter: &Chapter, preset: Preset) -> bool {
    preset == Preset::Quick && is_common(chapter)
}

/// A chapter's report from its rows.
///
/// # Errors
/// Whatever the chapter's own code says.
pub(crate) fn report(
    chapter: &Chapter,
    rows: &Table,
    preset: Preset,
    variant: Variant,
) -> Result<Report, RunError> {
    (chapter.report)(rows, preset, variant).map_err(|error| in_chapter(chapter, &error))
}

/// The sound report and that with the planted defect, each on a thread of its own if there are two.
pub(crate) fn reports_of(
    chapter: &Chapter,
    context: &Context,
    sound: &Table,
    planted: &Table,
) -> Result<(Report, Report), RunError> {
    let of_sound = || report(chapter, sound, context.preset, Variant::Sound);
    let of_planted = || report(chapter, planted, Preset::Quick, Variant::Defect);
    if context.threads == 1 {
        return Ok((of_sound()?, of_planted()?));
    }
    std::thread::scope(|scope| {
        let planted = scope.spawn(of_planted);
        let sound = of_sound();
        Ok((sound?, planted.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))?))
    })
}

/// A chapter's own error, with the name of the chapter.
pub(crate) fn in_chapter(chapter: &Chapter, error: &ChapterError) -> RunError {
    RunError::Work(anyhow::anyhow!("{}: {error}", chapter.id))
}
