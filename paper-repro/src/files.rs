//! Where a run writes, and what.

use crate::beside::{self, Beside, Cost};
use crate::drawn::drawn_table;
use crate::kit::SEED;
use crate::provenance::Provenance;
use crate::runner::{Context, RunError};
use crate::{Chapter, FigureWithData, Finding, Fingerprint, Picture, Preset, Report, Section};
use crate::{hard, html_report, ledger, reproduce, weave, whole};
use anyhow::Context as _;
use asymscale_sweep::{Shard, Table, read_csv, write_csv};
use serde::Serialize;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// The folders of a run.
#[derive(Debug, Clone)]
pub(crate) struct Folders {
    /// SVG, tables and JSON of every figure, and the claims.
    pub(crate) figures: PathBuf,
    /// Woven chapters.
    pub(crate) report: PathBuf,
    /// The page with the ledger of claims.
    pub(crate) ledger: PathBuf,
    /// Parts of the sweeps.
    pub(crate) parts: PathBuf,
    /// How long their cells took.
    pub(crate) seconds: PathBuf,
    /// For a shard, the file in which it notes the cells that it finished.
    pub(crate) notes: Option<PathBuf>,
}

impl Folders {
    /// The folders of a run that writes figures: the tracked ones only for all chapters at the
    /// default preset.
    ///
    /// # Errors
    /// Bad input naming `--out` if a folder cannot be written.
    pub(crate) fn of_reproduction(context: &Context) -> Result<Self, RunError> {
        let folders = Self::untracked(context);
        let folders = if context.complete { folders.tracked(context) } else { folders };
        folders.make_outputs()?;
        writable(&folders.parts)?;
        whole::remove_abandoned(&base(context));
        Ok(folders)
    }

    /// The folders of a shard, never the tracked ones, with the file of its notes.
    ///
    /// # Errors
    /// Bad input naming `--out` if a folder cannot be written.
    pub(crate) fn of_shard(shard: Shard, context: &Context) -> Result<Self, RunError> {
        let notes = base(context).join("progress");
        let name = format!("{}-of-{}", shard.index(), shard.count());
        let folders = Self { notes: Some(notes.join(name)), ..Self::untracked(context) };
        folders.make_outputs()?;
        writable(&folders.parts)?;
        writable(&notes)?;
        Ok(folders)
    }

    /// The folders of a check: tables are compared with the tracked ones at the default preset,
    /// and parts go into a folder of its own, since a check trusts nothing computed before.
    ///
    /// # Errors
    /// Bad input naming `--out` if the folder of the parts cannot be written.
    pub(crate) fn of_check(context: &Context) -> Result<Self, RunError> {
        let base = base(context);
        whole::remove_abandoned(&base);
        let parts = whole::new_check_folder(&base).map_err(|error| unwritable(&base, &error))?;
        Ok(Self { parts, ..Self::untracked(context).tracked(context) })
    }

    fn untracked(context: &Context) -> Self {
        let base = base(context);
        Self {
            figures: base.join("figures"),
            report: base.join("report"),
            ledger: base.join("report/README.md"),
            parts: parts(context),
            seconds: seconds(context),
            notes: None,
        }
    }

    /// The same with the tracked output folders, if the preset is the default one and no other
    /// folder was asked for.
    fn tracked(self, context: &Context) -> Self {
        if context.preset != Preset::Default || context.out.is_some() {
            return self;
        }
        Self {
            figures: context.top.join("figures"),
            report: context.top.join("paper-repro/report"),
            ledger: context.top.join("paper-repro/README.md"),
            ..self
        }
    }

    fn make_outputs(&self) -> Result<(), RunError> {
        writable(&self.figures)?;
        writable(&self.report)?;
        let ledgers = self.ledger.parent().unwrap_or(&self.report);
        for folder in [&self.figures, &self.report, ledgers] {
            whole::remove_abandoned(folder);
        }
        Ok(())
    }

    /// From the ledger to the woven chapters.
    fn chapters_from_ledger(&self) -> &'static str {
        if self.ledger.parent() == Some(&self.report) { "" } else { "report/" }
    }

    /// Whether the report is the tracked one.
    fn is_tracked(&self) -> bool {
        self.report.ends_with("paper-repro/report")
    }

    /// From a woven chapter to the figures.
    fn figures_from_report(&self) -> &'static str {
        if self.is_tracked() { "../../figures" } else { "../figures" }
    }
}

/// Where the figures of a run lie: the tracked ones, or those of another preset or folder.
pub(crate) fn figures(context: &Context) -> PathBuf {
    match context.preset {
        Preset::Default if context.out.is_none() => context.top.join("figures"),
        _ => base(context).join("figures"),
    }
}

/// Where the parts of a run lie, except those of a check.
pub(crate) fn parts(context: &Context) -> PathBuf {
    base(context).join("parts")
}

/// Where everything is that is not tracked.
fn base(context: &Context) -> PathBuf {
    let scratch = || context.target.join("repro").join(context.preset.to_string());
    context.out.clone().unwrap_or_else(scratch)
}

fn writable(folder: &Path) -> Result<(), RunError> {
    whole::prove_writable(folder).map_err(|error| unwritable(folder, &error))
}

fn unwritable(folder: &Path, error: &std::io::Error) -> RunError {
    let folder = folder.display();
    RunError::Input(format!("--out {folder}: must be a folder that can be written ({error})"))
}

/// What a run made of a chapter.
pub(crate) struct Made<'a> {
    /// The sound report.
    pub(crate) report: &'a Report,
    /// The report with the planted defect.
    pub(crate) defect: &'a Report,
    /// How long it took.
    pub(crate) wall: Duration,
    /// What all its rows cost, as far as they were computed now.
    pub(crate) cost: Cost,
}

/// Writes a chapter: its figures with their data and volatile facts, and the woven text.
pub(crate) fn write_chapter(
    chapter: &Chapter,
    made: &Made,
    folders: &Folders,
    context: &Context,
    provenance: &Provenance,
) -> Result<(), RunError> {
    let preset = context.preset;
    let (rows, figures) = (Fingerprint::of_rows(chapter), Fingerprint::of_figures(chapter));
    for drawn in &made.report.figures {
        let changed = write_figure(chapter, drawn, &figures.value, context, folders)?;
        let json = folders.figures.join(format!("{}.json", drawn.name));
        let beside = Beside {
            chapter: chapter.id,
            preset,
            seed: SEED,
            rows: &rows,
            figures: &figures,
            wall_seconds: beside::tenths(made.wall.as_secs_f64()),
            cost: made.cost,
            provenance,
        };
        beside.write(&json, changed)?;
    }
    let page = weave(chapter, made.report, made.defect, folders.figures_from_report())
        .map_err(anyhow::Error::msg)?;
    whole::write_if_new(&folders.report.join(format!("{}.md", chapter.id)), &page)?;
    Ok(())
}

/// Writes the SVG, what else the figure is asked as, and the tables; true if the SVG or a table has
/// new bytes.
fn write_figure(
    chapter: &Chapter,
    drawn: &FigureWithData,
    fingerprint: &str,
    context: &Context,
    folders: &Folders,
) -> Result<bool, RunError> {
    let facts = asymscale_sweep::Provenance::default()
        .with("chapter", chapter.id)
        .with("preset", context.preset)
        .with("seed", SEED)
        .with("fingerprint", fingerprint);
    let mut figure = drawn.figure.clone();
    figure.description.clone_from(&drawn.caption);
    figure.metadata =
        facts.lines().map(|(key, value)| (key.to_owned(), value.to_owned())).collect();
    let (path, svg) = (folders.figures.join(format!("{}.svg", drawn.name)), figure.to_svg()?);
    let mut changed = whole::write_if_new(&path, &svg)?;
    context.formats.write(&path, &svg)?;
    for (name, table) in tables(drawn)? {
        let mut csv = Vec::new();
        write_csv(&mut csv, &facts, &table)?;
        let path = folders.figures.join(format!("{name}.csv"));
        changed |= whole::write_if_new(&path, &String::from_utf8(csv)?)?;
    }
    Ok(changed)
}

/// The tables beside a figure with their names: what was measured, and everything that is drawn.
fn tables(drawn: &FigureWithData) -> Result<[(String, Table); 2], RunError> {
    Ok([(drawn.name.clone(), drawn.data.clone()), (drawn_name(drawn), drawn_table(&drawn.figure)?)])
}

/// Name of the table of everything a figure draws.
pub(crate) fn drawn_name(drawn: &FigureWithData) -> String {
    format!("{}.drawn", drawn.name)
}

/// The data a figure was drawn from, as a run left it.
pub(crate) fn read_data(folders: &Folders, name: &str) -> Result<Table, RunError> {
    let path = folders.figures.join(format!("{name}.csv"));
    let text = whole::read(&path).map_err(|error| {
        RunError::Input(format!("--check: nothing to compare with: {}: {error}", path.display()))
    })?;
    Ok(read_csv(text.as_bytes()).with_context(|| path.display().to_string())?.1)
}

/// A finding with the chapter it comes from, as `claims.json` lists it.
#[derive(Serialize)]
struct Entry<'a> {
    chapter: &'a str,
    command: String,
    #[serde(flatten)]
    finding: &'a Finding,
}

/// Writes every finding of the run into `claims.json`, and the ledger of claims.
pub(crate) fn write_claims(
    reports: &[(Chapter, Report)],
    folders: &Folders,
) -> Result<(), RunError> {
    let entries: Vec<Entry> = reports
        .iter()
        .flat_map(|(chapter, report)| {
            report.findings.iter().map(|finding| Entry {
                chapter: chapter.id,
                command: ledger::command(chapter),
                finding,
            })
        })
        .collect();
    let text = serde_json::to_string_pretty(&entries)? + "\n";
    whole::write_if_new(&folders.figures.join("claims.json"), &text)?;
    whole::write_if_new(&folders.ledger, &ledger(reports, folders.chapters_from_ledger()))?;
    Ok(())
}

/// Writes the page that holds the whole report, and what is not about one chapter as pages of its
/// own.
pub(crate) fn write_page(
    reports: &[(Chapter, Report)],
    defects: Vec<Report>,
    folders: &Folders,
) -> Result<(), RunError> {
    let mut sections = Vec::new();
    for ((chapter, report), defect) in reports.iter().zip(defects) {
        let pictures = report.figures.iter().map(|drawn| picture(chapter, drawn, folders));
        let pictures = pictures.collect::<Result<_, RunError>>()?;
        sections.push(Section { chapter: *chapter, report: report.clone(), defect, pictures });
    }
    let explore = folders.is_tracked().then_some("explore");
    let page = html_report(&sections, folders.figures_from_report(), explore)
        .map_err(anyhow::Error::msg)?;
    whole::write_if_new(&folders.report.join("index.html"), &page)?;
    let hard = hard::what_was_hard(&sections).map_err(anyhow::Error::msg)?;
    whole::write_if_new(&folders.report.join("what-was-hard.md"), &hard)?;
    whole::write_if_new(&folders.report.join("reproduce.md"), &reproduce::page(&sections))?;
    Ok(())
}

/// A figure as it lies in its folder.
fn picture(
    chapter: &Chapter,
    drawn: &FigureWithData,
    folders: &Folders,
) -> Result<Picture, RunError> {
    let path = |ending: &str| folders.figures.join(format!("{}.{ending}", drawn.name));
    let facts = beside::read(&path("json")).map_err(anyhow::Error::msg)?.unwrap_or_default();
    let svg = whole::read(&path("svg")).with_context(|| path("svg").display().to_string())?;
    let fresh = facts["figures"]["fingerprint"] == Fingerprint::of_figures(chapter).value.as_str();
    Ok(Picture { name: drawn.name.clone(), caption: drawn.caption.clone(), svg, facts, fresh })
}

/// The folder of how long cells took, the same for all presets.
pub(crate) fn seconds(context: &Context) -> PathBuf {
    context.out.clone().unwrap_or_else(|| context.target.join("repro")).join("seconds")
}
