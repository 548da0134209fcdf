//! `asymscale diagnose`: what a table of activation counts says of features seen and unseen.

mod json;
mod picture;
mod words;

use super::Failure;
use super::numbers::{self, Positives};
use super::output::{Format, write};
use asymscale::fitting::FittingError;
use asymscale::fitting::diagnosis::{ActivationCounts, Diagnosis, DiagnosisOptions, diagnose};
use asymscale::fitting::frame::{CountColumns, counts_from_frame, read_csv, read_parquet};
use asymscale::sampling::Key;
use clap::Args;
use std::fs::File;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

/// A row of the table is a feature (a word, an expert, a dictionary feature); a column says in how many of D samples it was
/// active, another may hold the mean of its square over all samples. Features that were never active may be left out.
#[derive(Debug, Args)]
pub(crate) struct Diagnose {
    /// Table of counts: a .csv file with a header line, or a .parquet file
    #[arg(value_name = "COUNTS")]
    file: PathBuf,
    /// Number of samples D the counts come from
    #[arg(long, value_parser = numbers::several, allow_hyphen_values = true)]
    samples: f64,
    /// Column that says in how many samples the feature was active
    #[arg(long, value_name = "NAME", default_value = "count")]
    count_column: String,
    /// Column with the mean of the feature's square over all samples; without it every activation has energy 1
    #[arg(long, value_name = "NAME")]
    moment_column: Option<String>,
    /// Spectral exponent α > 0; estimated if not given
    #[arg(long, value_parser = numbers::positive, allow_hyphen_values = true)]
    alpha: Option<f64>,
    /// Factors > 1 of the data to look ahead to: a number, a list or a range
    #[arg(long, default_value = "2,4,16", allow_hyphen_values = true)]
    factors: Positives,
    /// Level of all intervals, in (0, 1)
    #[arg(long, value_parser = numbers::open_share, allow_hyphen_values = true, default_value = "0.95")]
    level: f64,
    /// Draws under the fitted law, for its intervals and p-values
    #[arg(long, value_parser = numbers::count, allow_hyphen_values = true, default_value = "199")]
    resamples: usize,
    /// Seed of all random streams
    #[arg(long, default_value = "1")]
    seed: u64,
    /// Draw the law and the forecasts into this .svg file
    #[arg(long, value_name = "SVG")]
    plot: Option<PathBuf>,
    #[command(flatten)]
    format: Format,
}

pub(crate) fn answer(question: &Diagnose) -> Result<String, Failure> {
    check(question)?;
    let counts = counts(question)?;
    let options = DiagnosisOptions {
        alpha: question.alpha,
        factors: question.factors.values.clone(),
        level: question.level,
        resamples: question.resamples,
        ..DiagnosisOptions::default()
    };
    let diagnosis = diagnosed(question, &counts, &options)?;
    if let Some(path) = &question.plot {
        let ahead = DiagnosisOptions { factors: picture::factors(&options.factors), ..options };
        let ahead = diagnosed(question, &counts, &ahead)?.forecasts;
        let unwritable = |error: &dyn std::fmt::Display| {
            Failure::Input(format!("--plot {}: cannot be written ({error})", path.display()))
        };
        let svg =
            picture::figure(&counts, &diagnosis, &ahead).to_svg().map_err(|error| unwritable(&error))?;
        std::fs::write(path, svg).map_err(|error| unwritable(&error.kind()))?;
    }
    let table = json::forecast_rows(&diagnosis, question.format.csv);
    Ok(match (question.format.json, question.format.csv) {
        (true, _) => write(vec![json::object(&diagnosis, question.seed)], false, question.format),
        (_, true) => write(table, true, question.format),
        _ => format!(
            "{}\n{}",
            words::summary(&counts, &diagnosis, &options_of(question)),
            write(table, true, question.format)
        ),
    })
}

/// What the summary must say of the options.
fn options_of(question: &Diagnose) -> words::Asked {
    words::Asked { level: question.level, seed: question.seed }
}

/// Refuses what no table could answer, before reading it.
fn check(question: &Diagnose) -> Result<(), Failure> {
    let input = |message: String| Err(Failure::Input(message));
    if let Some(factor) = question.factors.values.iter().find(|factor| **factor <= 1.0) {
        return input(format!("--factors {factor}: must be finite numbers > 1"));
    }
    let svg =
        |path: &PathBuf| path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("svg"));
    match &question.plot {
        Some(path) if !svg(path) => input(format!("--plot {}: must end in .svg", path.display())),
        _ => Ok(()),
    }
}

fn counts(question: &Diagnose) -> Result<ActivationCounts, Failure> {
    let path = question.file.as_path();
    let frame = match kind(path)? {
        Kind::Csv => read_csv(open(path)?),
        Kind::Parquet => read_parquet(open(path)?),
    };
    let columns =
        CountColumns { count: &question.count_column, second_moment: question.moment_column.as_deref() };
    frame
        .and_then(|frame| counts_from_frame(&frame, columns, question.samples))
        .map_err(|error| refused(question, error))
}

enum Kind {
    Csv,
    Parquet,
}

fn kind(path: &Path) -> Result<Kind, Failure> {
    let extension = path.extension().unwrap_or_default().to_string_lossy().to_ascii_lowercase();
    match extension.as_str() {
        "csv" => Ok(Kind::Csv),
        "parquet" => Ok(Kind::Parquet),
        _ => Err(Failure::Input(format!("{}: must end in .csv or .parquet", path.display()))),
    }
}

fn open(path: &Path) -> Result<File, Failure> {
    let unreadable = |error: std::io::Error| match error.kind() {
        ErrorKind::NotFound => Failure::Input(format!("{}: there is no such file", path.display())),
        kind => Failure::Input(format!("{}: cannot be read ({kind})", path.display())),
    };
    File::open(path).map_err(unreadable)
}

/// What is wrong, with the flag or the file it is wrong in.
fn refused(question: &Diagnose, error: FittingError) -> Failure {
    let file = question.file.display();
    Failure::Input(match error {
        FittingError::MissingColumn { name, available } => {
            let flag = if name == question.count_column { "count" } else { "moment" };
            format!("--{flag}-column {name}: must be a column of {file}: {}", available.join(", "))
        }
        FittingError::EmptyFrame => format!("{file}: has no rows; must have one per feature"),
        FittingError::Count { value, row, samples } => {
            format!("{file}, row {row}: count {value} must be a whole number from 0 to --samples {samples}")
        }
        FittingError::NotANumber { name, found, row } => {
            format!("{file}, row {row}: {name} {found:?} must be a number")
        }
        FittingError::Null { name, row } => format!("{file}, row {row}: {name} must not be empty"),
        FittingError::SecondMoment { value, row } => format!(
            "{file}, row {row}: second moment {value} must be finite and > 0 where the count is > 0, and 0 where it is 0"
        ),
        FittingError::Frame(message) => format!("{file}: cannot be read as a table ({message})"),
        FittingError::Resamples { found, needed, level } => {
            format!("--resamples {found}: must be >= {needed} at --level {level}")
        }
        error => format!("{file}: {error}"),
    })
}

fn diagnosed(
    question: &Diagnose,
    counts: &ActivationCounts,
    options: &DiagnosisOptions,
) -> Result<Diagnosis, Failure> {
    let mut stream = Key::new(question.seed).label("diagnose").stream();
    diagnose(counts, options, &mut stream).map_err(|error| refused(question, error))
}
