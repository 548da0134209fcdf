//! A fit for each kind of runs in one table, whether their laws differ, and kinds that nobody asked
//! for.

pub(super) mod json;
pub(super) mod mixed;
mod words;

use crate::cli::Failure;
use crate::cli::answer::{Answer as _, Column};
use crate::cli::fit::flags::columns::Columns;
use crate::cli::fit::rows::Rows;
use crate::cli::fit::two_sizes::analysis::{Analysis, SIGNED_ROWS};
use crate::cli::fit::two_sizes::fitted::thinned_starts;
use crate::cli::fit::{FitFlags, MANY_ROWS};
use crate::cli::output::{say, write, write_one};
use crate::cli::progress::Progress;
use crate::cli::table::{WithTable, told};
use crate::fitting::{FittingError, KindComparison, Runs, compare_kinds};
use crate::sampling::Key;
use asymscale_tables::{Record, quoted};

/// Kinds of a table.
const MOST_KINDS: usize = 50;
/// Kinds that are told unasked differ beyond chance; several laws explain at least this share of
/// the squares of the common law's residuals.
const LEAST_EXPLAINED: f64 = 0.5;
const CHANCE: f64 = 0.002;
/// The least share of the rows that such kinds have between them.
const LEAST_ROWS: f64 = 0.8;

/// One kind with all that is asked of it, or why it has no law.
struct Part {
    label: String,
    rows: usize,
    analysis: Result<Box<Analysis>, String>,
}

/// Everything an answer is made of.
pub(super) struct By {
    column: String,
    parts: Vec<Part>,
    comparison: Result<KindComparison, String>,
    level: f64,
}

/// Refuses flags that a comparison of kinds has no answer to, before anything is read.
pub(super) fn check(flags: &FitFlags) -> Result<(), Failure> {
    if flags.columns.by().is_none() {
        return Ok(());
    }
    if flags.plot.is_some() || flags.compute.is_some() {
        let flag = if flags.plot.is_some() { "--plot" } else { "--compute" };
        return Err(Failure::input(format!(
            "{flag} with --by: is of one law; --filter-column picks one kind"
        )));
    }
    if flags.columns.is_active_named() {
        let why = "kinds are compared by laws of one N and D; --filter-column picks one kind";
        return Err(Failure::input(format!("--active-column with --by: {why}")));
    }
    Ok(())
}

/// The columns of the answer in CSV.
pub(super) fn columns() -> Vec<Column> {
    json::Row::columns()
}

pub(super) fn run(
    flags: &FitFlags,
    column: &str,
    record: &Record,
    rows: (&Rows, &Progress),
) -> Result<String, Failure> {
    let by = By::new(flags, column, rows)?;
    if flags.format.is_json() {
        let answer = json::Answer::new(&by);
        return Ok(write_one(&WithTable::new(&answer, record)));
    }
    if flags.format.is_csv() {
        say(&format!("{}{}", told(record), words::verdict(&by)));
        return Ok(write(&json::rows(&by), true, flags.format));
    }
    Ok(told(record) + &words::summary(&by))
}

impl By {
    fn new(
        flags: &FitFlags,
        column: &str,
        (all, progress): (&Rows, &Progress),
    ) -> Result<Self, Failure> {
        let runs = &all.runs;
        let labels = all.columns.kinds.as_deref().unwrap_or_default();
        let mut names: Vec<&String> = labels.iter().collect();
        names.sort();
        names.dedup();
        if names.len() > MOST_KINDS {
            return Err(flags.refused(&format!(
                "--by {}: has {} values; must have at most {MOST_KINDS}",
                quoted(column),
                names.len()
            )));
        }
        let part = |label: &&String| {
            let rows: Vec<usize> = (0..runs.len()).filter(|&row| labels[row] == **label).collect();
            let analysis = all.pick(&rows).analysed(flags, progress);
            let analysis = analysis.map(Box::new).map_err(|failure| {
                let text = failure.text();
                // The name of the file is left out.
                text.split_once(": ").map_or(text.clone(), |(_, why)| why.to_owned())
            });
            Part { label: (*label).clone(), rows: rows.len(), analysis }
        };
        let parts = names.iter().map(part).collect();
        let comparison = compared(flags, runs, labels).map_err(|error| error.to_string());
        Ok(Self { column: column.to_owned(), parts, comparison, level: flags.level })
    }
}

fn compared(
    flags: &FitFlags,
    runs: &Runs,
    labels: &[String],
) -> Result<KindComparison, FittingError> {
    let mut options = flags.options();
    if let Some(starts) = thinned_starts(runs, &options) {
        options.starts = starts;
    }
    let patterns = (SIGNED_ROWS / runs.len()).clamp(99, 999);
    let key = Key::new(flags.seed).label("fit").label("kinds");
    compare_kinds(runs, labels, &options, patterns, &mut key.stream())
}

/// What is said where a column of text that nobody asked for tells laws apart: the column that
/// explains most.
pub(super) enum Noticed {
    /// Several laws, so that one law for all says nothing; and what to type instead.
    Several { found: String, instead: String },
    /// Laws that differ by less than runs differ otherwise.
    Differing(String),
}

pub(super) fn noticed(flags: &FitFlags, runs: &Runs, columns: &Columns) -> Option<Noticed> {
    if runs.len() > MANY_ROWS {
        return None;
    }
    let of = |(title, labels): &(String, Vec<String>)| {
        let found = compared(flags, runs, labels).ok()?;
        let fitted: Vec<_> = found.kinds.iter().filter(|kind| kind.fit.is_ok()).collect();
        let rows: usize = fitted.iter().map(|kind| kind.rows.len()).sum();
        let told = found.one_law <= CHANCE && rows as f64 >= LEAST_ROWS * runs.len() as f64;
        told.then(|| (title.clone(), fitted[0].label.clone(), fitted.len(), found.explained))
    };
    let best = columns.labels.iter().filter_map(of).max_by(|a, b| a.3.total_cmp(&b.3));
    best.map(|(title, first, kinds, explained)| {
        if explained >= LEAST_EXPLAINED {
            Noticed::Several {
                found: words::several(explained, kinds, &title),
                instead: words::instead(&title, &first),
            }
        } else {
            Noticed::Differing(words::differing(explained, &title))
        }
    })
}
