//! `asymscale fit`: the law of the loss in a table of training runs, and what follows from it.

mod active;
pub(super) mod answer;
mod explained;
mod flags;
pub(super) mod held_out;
mod isoflop;
mod kinds;
mod one_size;
mod repeats;
pub(super) mod rows;
mod two_sizes;

use super::input::Input;
use super::lists::{self, Many};
use super::numbers;
use super::output::{Format, say, write, write_one};
use super::progress::Progress;
use super::running::Running;
use super::table::{TableFlags, WithTable, told};
use super::{Failure, drawing};
use crate::fitting::{FitOptions, FittingError, Floor, Runs};
use asymscale_tables::{Extra, Filter, RunRequest, RunTable, multiple, quoted, read_runs};
use clap::{Args, ValueEnum};
pub(crate) use explained::columns;
#[cfg(test)]
pub(crate) use explained::schemas;
use flags::columns::ColumnFlags;
use flags::laws::{self, LawName};
use flags::measure::MeasureFlags;
use flags::penalty::PenaltyFlags;
use held_out::{HeldOut, HeldOutFlags};
use isoflop::panel::IsoFlopCurve;
use isoflop::{Curves, IsoflopFlags};
use rows::{Found, Rows};
use std::path::PathBuf;
use two_sizes::analysis::Analysis;
use two_sizes::{figure, json, words};

const EXAMPLES: &str = "\
Examples:
  asymscale fit runs.csv --compute 1e21,1e23 --plot fit.svg
      N, D and the loss are found by their names; budgets are a list (a number, or a range 1e20..1e24:5log)
  zcat sweep.jsonl.gz | asymscale fit - --loss-column eval/loss --bad-rows drop --filter-column data --filter-value web
      JSON lines from standard input; runs that diverged are left out, and said
  asymscale fit isoflop.parquet --features-column params --compute-column flops --factor 6
      D follows from the compute, D = C/(6N)

Formats: CSV (comma, semicolon, tab, blanks), Markdown, JSON, JSON lines, Parquet; plain, gzip or zstd; UTF-8, UTF-16,
Latin-1. They are told by the contents, not by the name. Only the columns that are asked for are read. Numbers may be
written 7e9, 7B, 350M, 10^6, 1_000_000, \"1,000,000\" or 3.21±0.01, and a title may name the unit: params (M).
All of N, D and the loss must be in 1e-100..1e100.";

/// Reads a table with a row per training run, fits loss = E + A·N^-alpha + B·D^-beta, and says what
/// the next unit of compute should buy. Rows are named by their line in the file. Intervals are
/// corrected bootstrap intervals (`BCa`) of resampled rows, or groups with --group-column; of fewer
/// than 9 rows profile intervals, of parameters alone; of more than 5000 rows those of the sandwich
/// covariance of rows or groups. Work of more than two seconds shows its progress on a terminal.
#[derive(Debug, Args)]
#[command(after_help = format!("{EXAMPLES}\n\n{}", lists::WRITTEN))]
pub(crate) struct FitFlags {
    /// Table of runs in any common format, a row a run; - for standard input
    #[arg(value_parser = Input::parser())]
    pub(crate) file: Input,
    /// Column of N, the parameters of the model [default: N, or a name such as params,
    /// `model_size`]
    #[arg(long, value_name = "NAME")]
    features_column: Option<String>,
    /// Column of D, the tokens or examples trained on [default: D, or a name such as tokens,
    /// samples]
    #[arg(long, value_name = "NAME")]
    samples_column: Option<String>,
    /// Column of the loss [default: loss, or a name such as `val_loss`, `eval/loss`]
    #[arg(long, value_name = "NAME")]
    loss_column: Option<String>,
    /// Column of C = factor·N·D: it stands for the one of N and D that is missing, or is held
    /// against both
    #[arg(long, value_name = "NAME")]
    compute_column: Option<String>,
    /// Unit of N: k, M, B, T or a power of ten such as 1e6 [default: that in the title, or 1]
    #[arg(long, value_name = "UNIT", value_parser = unit)]
    features_unit: Option<i32>,
    /// Unit of D, likewise
    #[arg(long, value_name = "UNIT", value_parser = unit)]
    samples_unit: Option<i32>,
    /// Column whose equal values mark rows that err together (checkpoints of one run): they are
    /// resampled together
    #[arg(long, value_name = "NAME")]
    group_column: Option<String>,
    #[command(flatten)]
    columns: ColumnFlags,
    #[command(flatten)]
    held_out: HeldOutFlags,
    #[command(flatten)]
    isoflop: IsoflopFlags,
    #[command(flatten)]
    repeats: repeats::RepeatsFlags,
    #[command(flatten)]
    table: TableFlags,
    /// What the loss is fitted as, beside E
    #[arg(long, value_enum, default_value = "free")]
    law: LawName,
    /// E: free, it is fitted; zero, the law has none; or what it is known to be, a number >= 0 such
    /// as 1.69
    #[arg(long, value_name = "E", value_parser = laws::floor, allow_hyphen_values = true, default_value = "free")]
    floor: Floor,
    /// Huber loss or squares of ln loss, or squares of the loss
    #[arg(long, value_enum, default_value = "huber")]
    objective: ObjectiveName,
    /// Residual of ln loss, in 1e-12..1e100, beyond which the Huber loss grows linearly
    #[arg(long, value_parser = numbers::residual, allow_hyphen_values = true, default_value = "1e-3")]
    delta: f64,
    /// Budgets C = factor · N · D to allocate: a number, a list or a range
    #[arg(long, value_parser = lists::positives, allow_hyphen_values = true)]
    compute: Option<Many<f64>>,
    /// Operations per parameter and token
    #[arg(long, value_parser = numbers::scale, allow_hyphen_values = true, default_value = "6")]
    factor: f64,
    /// Refits of resampled rows or groups: 0 for none [default: 999, and beyond 5000 rows the
    /// sandwich covariance in their place]
    #[arg(long, value_parser = resamples, allow_hyphen_values = true)]
    bootstrap: Option<usize>,
    /// Intervals of parameters: from resamples where there are any, or from the profile of the
    /// likelihood
    #[arg(long, value_enum, default_value = "bootstrap")]
    interval: IntervalName,
    /// Of several runs at one size (N, D): all, or the one of the smallest loss
    #[arg(long, value_enum, default_value = "all")]
    best: Best,
    #[command(flatten)]
    measure: MeasureFlags,
    #[command(flatten)]
    penalty: PenaltyFlags,
    /// Nominal coverage of the intervals, in (0, 1)
    #[arg(long, value_parser = level, allow_hyphen_values = true, default_value = "0.95")]
    level: f64,
    /// Seed of the resamples
    #[arg(long, value_parser = numbers::seed, allow_hyphen_values = true, default_value = "1")]
    seed: u64,
    /// Draw the runs, the law along the best N and D, and the residuals: a file that ends in .svg,
    /// .png or .pdf
    #[arg(long, value_name = "FILE")]
    plot: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) running: Running,
    #[command(flatten)]
    pub(crate) format: Format,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum ObjectiveName {
    Huber,
    LogSquares,
    Squares,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum IntervalName {
    Bootstrap,
    Profile,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Best {
    All,
    LowerEnvelope,
}

/// Rows beyond which the sandwich covariance stands for resamples unless these are asked for.
const MANY_ROWS: usize = 5000;

pub(crate) fn run(flags: &FitFlags) -> Result<String, Failure> {
    check(flags)?;
    repeats::check(flags)?;
    if let Some(size) = flags.law.size() {
        return one_size::run(flags, size);
    }
    kinds::check(flags)?;
    let progress = Progress::start("reading the table");
    let table = read(flags)?;
    let rows = Rows::of(flags, &table)?;
    if flags.repeats.asked() {
        return repeats::run(flags, &table, &rows.runs, &rows.columns);
    }
    if flags.isoflop.isoflop {
        let analysis = rows.analysed(flags, &progress);
        if let Some(analysis) = analysis.as_ref().ok().filter(|analysis| analysis.mixed.is_some()) {
            return isoflop::run_mixed(flags, &table.record, analysis);
        }
        let curves = Curves::new(flags, &rows.runs, &rows.columns, analysis.as_ref())?;
        return isoflop::run(flags, &table.record, analysis.ok().as_ref(), &curves);
    }
    if let Some(by) = flags.columns.by() {
        return kinds::run(flags, by, &table.record, (&rows, &progress));
    }
    let (rows, alike) = match rows.columns.active.as_ref().filter(|_| flags.is_active()) {
        None => (rows, None),
        Some(active) => {
            match active::run(flags, &table.record, (&rows.runs, active, &rows.lines))? {
                active::Answer::Told(text) => return Ok(text),
                active::Answer::Alike(runs, note) => (Rows { runs, ..rows }, note),
            }
        }
    };
    let mut found = rows.predicting(flags, &progress)?;
    found.analysis.warnings.extend(alike);
    let Found { analysis, held_out } = &found;
    draw(flags, Some(analysis), &[])?;
    let unsaved = flags.held_out.save(flags, analysis)?;
    if flags.format.is_json() {
        let held_out = held_out.as_ref().map(HeldOut::answer);
        let answer = held_out::WithHeldOut { fit: json::Answer::new(analysis), held_out };
        return Ok(write_one(&WithTable::new(&answer, &table.record)));
    }
    if flags.format.is_csv() {
        say(&format!(
            "{}{}",
            told(&table.record),
            analysis.mixed.as_ref().map_or_else(String::new, |why| format!("{why}\n"))
        ));
        let budgets = json::allocations(analysis);
        return Ok(if budgets.is_empty() {
            write(&json::parameters(analysis), true, flags.format)
        } else {
            write(&budgets, true, flags.format)
        });
    }
    let (mut head, mut foot) = (told(&table.record), String::new());
    if let Some(held_out) = held_out {
        head += &held_out.head(analysis.fit.runs().len());
        foot += &held_out.words(flags.format);
    }
    foot.extend(unsaved.map(|sentence| format!("warning: {sentence}\n")));
    Ok(head + &words::summary(analysis, flags.format) + &foot)
}

/// The figure; without a law, of the curves alone.
fn draw(
    flags: &FitFlags,
    analysis: Option<&Analysis>,
    curves: &[IsoFlopCurve],
) -> Result<(), Failure> {
    let Some(path) = &flags.plot else { return Ok(()) };
    let figure = match analysis {
        Some(analysis) => figure::figure(analysis, curves),
        None => figure::of_curves(curves),
    };
    drawing::write(path, &figure)
}

/// Refuses flags that do not go together before anything is read.
fn check(flags: &FitFlags) -> Result<(), Failure> {
    flags.penalty.check(flags.objective)?;
    drawing::check(flags.plot.as_deref())?;
    flags.held_out.check()?;
    if let Some(budgets) = &flags.compute {
        numbers::budgets(&budgets.values, flags.factor)?;
    }
    let needed = ((2.0 / (1.0 - flags.level)).ceil() as usize).max(99);
    match flags.bootstrap {
        Some(count) if (1..needed).contains(&count) => Err(Failure::input(format!(
            "--bootstrap {count}: must be 0 or >= {needed} at --level {}",
            flags.level
        ))),
        None if flags.level > 0.998 => Err(Failure::input(format!(
            "--level {}: above 0.998 --bootstrap must be given: 0 or >= {needed}",
            flags.level
        ))),
        Some(0) if flags.group_column.is_some() => Err(Failure::input(
            "--bootstrap 0: --group-column needs resamples, at least 99".to_owned(),
        )),
        _ => Ok(()),
    }
}

fn read(flags: &FitFlags) -> Result<RunTable, Failure> {
    let table = flags.table.open(&flags.file, false)?;
    let filters = flags.table.filters()?;
    let needed = [flags.isoflop.needed(), flags.repeats.needs()].concat();
    let extras = flags.columns.extras(&needed);
    let request = request(flags, &extras, &filters);
    read_runs(&table, &request).map_err(|error| laws::refused(&table, &request, &error))
}

/// What is asked of a table.
fn request<'a>(
    flags: &'a FitFlags,
    extras: &'a [Extra<'a>],
    filters: &'a [Filter],
) -> RunRequest<'a> {
    RunRequest {
        features: flags.features_column.as_deref(),
        samples: flags.samples_column.as_deref(),
        loss: flags.loss_column.as_deref(),
        compute: flags.compute_column.as_deref(),
        factor: flags.factor,
        features_unit: flags.features_unit,
        samples_unit: flags.samples_unit,
        group: flags.group_column.as_deref(),
        extras,
        find_labels: flags.columns.by().is_none(),
        filters,
        bad_rows: flags.table.bad_rows(),
    }
}

fn runs(flags: &FitFlags, table: &RunTable) -> Result<Runs, Failure> {
    let losses = flags.measure.losses(table).map_err(|message| flags.refused(&message))?;
    let runs = Runs::new(&table.features, &table.samples, &losses);
    let runs = match &table.groups {
        Some(labels) => runs.and_then(|runs| runs.with_groups(labels)),
        None => runs,
    };
    runs.map_err(|error| flags.refuse(&error))
}

impl FitFlags {
    fn options(&self) -> FitOptions {
        let objective = self.penalty.objective(self.objective, self.delta);
        laws::least(FitOptions {
            law: self.law.of(),
            floor: self.floor,
            objective,
            ..FitOptions::default()
        })
    }

    /// Whether a column of active parameters is used: one that was named, or one beside N that was
    /// found by its name.
    fn is_active(&self) -> bool {
        self.columns.is_active_named()
            || self.features_column.is_none() && self.held_out.asked().is_none()
    }

    fn resamples(&self, rows: usize) -> usize {
        self.bootstrap.unwrap_or(if rows > MANY_ROWS { 0 } else { 999 })
    }

    /// Whether nothing is resampled because of the number of rows.
    fn has_many(&self, rows: usize) -> bool {
        self.bootstrap.is_none() && rows > MANY_ROWS
    }

    /// The message of a library, with the file and the rows that were picked, and what may be typed
    /// instead.
    fn refuse(&self, error: &FittingError) -> Failure {
        let message = format!("{error}{}", laws::instead(self, error));
        Failure::of_fit(error, self.named(&message))
    }

    /// Bad input, with the file and the rows that were picked.
    fn refused(&self, message: &str) -> Failure {
        Failure::input(self.named(message))
    }

    /// A message with the file and the rows that were picked before it.
    fn named(&self, message: &str) -> String {
        let (columns, values) = (&self.table.filter_column, &self.table.filter_value);
        let picked = if columns.is_empty() {
            String::new()
        } else {
            let shown = |texts: &[String]| {
                texts.iter().map(|text| quoted(text)).collect::<Vec<_>>().join(", ")
            };
            format!(" (rows with {} = {})", shown(columns), shown(values))
        };
        format!("{}{picked}: {message}", self.file.source().name())
    }
}

/// The power of ten of a unit: `M`, `billions`, `1e6`, `1`.
fn unit(text: &str) -> Result<i32, String> {
    if text.trim() == "1" {
        return Ok(0);
    }
    multiple(text).ok_or_else(|| "must be 1, k, M, B, T or a power of ten such as 1e6".to_owned())
}

fn resamples(text: &str) -> Result<usize, String> {
    if text == "0" {
        Ok(0)
    } else {
        numbers::resamples(text).map_err(|_| "must be 0 or a whole number in 99..1e6".to_owned())
    }
}

fn level(text: &str) -> Result<f64, String> {
    let inside = |level: &f64| *level > 0.0 && *level < 1.0;
    text.parse().ok().filter(inside).ok_or_else(|| "must be a number in (0, 1)".to_owned())
}
