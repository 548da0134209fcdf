//! The sweeps of chapters: which cells a chapter has, their rows, and the reports made of the rows.

use crate::beside::{Cost, Measured, tenths};
use crate::files::{self, Folders};
use crate::kit::SEED;
use crate::process;
use crate::progress::{Console, Done};
use crate::runner::{Context, Outcome, RunError};
use crate::{Chapter, ChapterError, Fingerprint, Preset, Report, Run, Variant, seconds};
use asymscale_sweep::{Options, Plan, Shard, Store, Table, Value, merge, run as sweep, survey};
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Instant;

/// The sweeps of one run, with the cells that they computed and left.
pub(crate) struct Sweeps<'a> {
    context: &'a Context,
    folders: &'a Folders,
    /// Only this part of the cells is computed.
    shard: Option<Shard>,
    done: Done,
}

/// The rows of a chapter and of its planted defect, with what they cost.
pub(crate) struct ChapterRows {
    pub(crate) sound: Table,
    pub(crate) planted: Table,
    pub(crate) cost: Cost,
}

impl<'a> Sweeps<'a> {
    /// The sweeps of a run, or of one shard of it, that have not begun.
    pub(crate) fn new(context: &'a Context, folders: &'a Folders, shard: Option<Shard>) -> Self {
        Self { context, folders, shard, done: Done::default() }
    }

    /// All rows of a chapter and of its planted defect, or `None` where the run was told to stop.
    pub(crate) fn of_chapter(
        &mut self,
        chapter: &Chapter,
    ) -> Result<Option<ChapterRows>, RunError> {
        let (begun, before) = (Instant::now(), self.done);
        process::forget_peak();
        let sound = self.rows(chapter, Variant::Sound)?;
        let planted = self.rows(chapter, Variant::Defect)?;
        let Some((sound, planted)) = sound.zip(planted) else { return Ok(None) };
        let parts = parts(chapter, self.context.preset, &self.folders.parts)?;
        let size = |part| fs::metadata(part).map_or(0, |part| part.len());
        let mut cost = Cost { cells: parts.len(), ..Cost::default() };
        cost.disk_bytes = parts.iter().map(size).sum();
        if self.done.computed - before.computed == cost.cells {
            let peak = process::peak();
            cost.measured = Measured {
                rows_seconds: Some(tenths(begun.elapsed().as_secs_f64())),
                core_seconds: Some(tenths(self.done.seconds - before.seconds)),
                peak_memory_bytes: (peak > 0.0).then_some(peak as u64),
            };
        }
        Ok(Some(ChapterRows { sound, planted, cost }))
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
        let store = store(chapter, &folders.parts);
        let options = Options { shard, threads: context.threads, stop: Some(&context.stop) };
        let notes = folders.notes.as_deref();
        let console = Console::new(plan.experiment(), notes, context.is_verbose);
        let outcome =
            sweep(&plan, &store, &options, &console, |cell| chapter.run.rows(cell, variant))?;
        let done = Done::from(&outcome);
        console.close(&done);
        seconds::record(&folders.seconds, plan.experiment(), plan.fingerprint(), &console.took());
        if !(variant.is_defect() && shares_cells(chapter, context.preset)) {
            self.done += done;
        }
        let is_partial = shard.is_some() || outcome.left > 0;
        Ok(if is_partial { None } else { Some(merge(&plan, &store)?) })
    }

    /// Prints what all sweeps did, in one line.
    pub(crate) fn close(&self) {
        eprintln!("{}", self.done);
    }

    /// How the run ended, if it was told to stop before all cells were computed.
    pub(crate) fn stopped(&self) -> Option<Outcome> {
        let Done { computed, left, .. } = self.done;
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
    let store = store(chapter, &files::parts(context));
    let sweep = |plan: Plan| {
        let cells = plan.cells().len();
        let missing = cells - survey(&plan, &store).fresh();
        SweepState { experiment: plan.experiment().to_owned(), missing, cells }
    };
    Ok(plans(chapter, context.preset)?.into_iter().map(sweep).collect())
}

/// Chapters in whose rows NaN says that a value is not known.
const WITH_UNKNOWN_VALUES: [&str; 5] =
    ["08-instability", "11-real-data", "12-practitioners", "14-one-pass", "15-epochs"];

/// The store of a chapter's parts, which takes no cell without rows for a result, nor one with a
/// value that is not known where the chapter has none, whatever the checksum of its part says.
fn store(chapter: &Chapter, folder: &Path) -> Store {
    let is_always_known = !WITH_UNKNOWN_VALUES.contains(&chapter.id);
    Store::new(folder).asking(if is_always_known { known_rows } else { some_rows })
}

fn some_rows(rows: &Table) -> Result<(), String> {
    if rows.is_empty() { Err("it has no rows".to_owned()) } else { Ok(()) }
}

fn known_rows(rows: &Table) -> Result<(), String> {
    some_rows(rows)?;
    for (number, row) in rows.rows().enumerate() {
        let is_nan = |value: &Value| value.as_float().is_some_and(f64::is_nan);
        if let Some(column) = row.values().iter().position(is_nan) {
            return Err(format!("column `{}`, row {number}: NaN", rows.columns()[column]));
        }
    }
    Ok(())
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

/// The files of all cells of a chapter and of its planted defect. A cell of both has one.
fn parts(chapter: &Chapter, preset: Preset, folder: &Path) -> Result<BTreeSet<PathBuf>, RunError> {
    let store = Store::new(folder);
    let of_plan = |plan: Plan| {
        let path = |cell| store.path(&plan, cell);
        plan.cells().iter().map(path).collect::<Vec<_>>()
    };
    Ok(plans(chapter, preset)?.into_iter().flat_map(of_plan).collect())
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chapters;
    use asymscale_sweep::row;

    #[test]
    fn a_cell_without_rows_or_with_a_value_that_is_not_known_is_no_result() {
        let mut rows = Table::default();
        rows.push(row! { samples: 8, loss: 0.5 }).unwrap();
        let folder = Path::new("parts");
        let (known, unknown) = (store(&chapters()[0], folder), store(&chapters()[14], folder));
        assert!(known.judge(&rows).is_ok() && unknown.judge(&rows).is_ok());
        rows.push(row! { samples: 16, loss: f64::NAN }).unwrap();
        assert_eq!(known.judge(&rows), Err("column `loss`, row 1: NaN".to_owned()));
        assert!(unknown.judge(&rows).is_ok());
        let none = Table::with_columns(["samples", "loss"]).unwrap();
        let refused = [known, unknown].map(|store| store.judge(&none).unwrap_err());
        assert_eq!(refused, ["it has no rows", "it has no rows"]);
    }

    #[test]
    fn a_cell_that_the_planted_defect_shares_is_counted_once() {
        let mut sharing = 0;
        for chapter in chapters().iter().filter(|chapter| is_common(chapter)) {
            let plans = plans(chapter, Preset::Default).unwrap();
            let cells: usize = plans.iter().map(|plan| plan.cells().len()).sum();
            let parts = parts(chapter, Preset::Default, Path::new("parts")).unwrap().len();
            assert!(parts >= plans[0].cells().len() && parts <= cells, "{}", chapter.id);
            sharing += usize::from(parts < cells);
        }
        assert!(sharing >= 3, "{sharing}");
    }

    #[test]
    fn chapters_with_unknown_values_are_chapters() {
        let is_one = |id: &&str| chapters().iter().any(|chapter| chapter.id == *id);
        assert!(WITH_UNKNOWN_VALUES.iter().all(is_one));
    }
}
