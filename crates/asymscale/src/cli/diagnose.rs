//! `asymscale diagnose`: what a table of activation counts says of features seen and unseen.

mod json;
mod picture;
mod words;

use super::numbers::{self, Positives};
use super::output::{Format, write};
use super::table::{TableFlags, object, refused as unreadable, told};
use super::{Failure, drawing};
use asymscale::fitting::FittingError;
use asymscale::fitting::diagnosis::{ActivationCounts, Diagnosis, DiagnosisOptions, diagnose};
use asymscale::sampling::Key;
use asymscale_tables::{CountRequest, CountTable, Layout, Lines, Record, Scale, Source, read_counts};
use clap::{Args, ValueEnum};
use std::path::PathBuf;

const EXAMPLES: &str = "\
Examples:
  asymscale diagnose counts.csv --samples 31102 --count-column verses --plot seen.svg
      a row a feature, a column with the number of samples it was active in
  asymscale diagnose sae.parquet --samples 1e6 --count-column density --scale density
      shares of the samples (or their logarithms, --scale log10) in place of counts
  zcat activations.csv.gz | asymscale diagnose - --sample-column text --feature-column feature
      a row an activation; the samples that occur are counted

Also a row a count with the number of features that have it (--features-column), and a matrix of features and samples
(--matrix). Counts are whole numbers from 0 to --samples, which is in 2..9e15; densities are in [0, 1].
Formats: CSV (comma, semicolon, tab, blanks), Markdown, JSON, JSON lines, Parquet; plain, gzip or zstd; UTF-8, UTF-16,
Latin-1. They are told by the contents, not by the name. Only the columns that are asked for are read.";

/// A row of the table is a feature (a word, an expert, a dictionary feature); a column says in how many of D samples it was
/// active, another may hold the mean of its square over all samples. Features that were never active may be left out.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Diagnose {
    /// Table of counts in any common format; - for standard input
    #[arg(value_name = "COUNTS")]
    file: PathBuf,
    /// Number of samples D the counts come from; events and matrices tell it themselves
    #[arg(long, value_parser = numbers::several, allow_hyphen_values = true)]
    samples: Option<f64>,
    /// Column that says in how many samples the feature was active [default: count, or a name such as n, freq]
    #[arg(long, value_name = "NAME")]
    count_column: Option<String>,
    /// Column with the mean of the feature's square over all samples; without it every activation has energy 1
    #[arg(long, value_name = "NAME", conflicts_with_all = ["features_column", "sample_column", "matrix"])]
    moment_column: Option<String>,
    /// A row is a count, and this column says how many features have it
    #[arg(long, value_name = "NAME", conflicts_with_all = ["sample_column", "matrix", "scale"])]
    features_column: Option<String>,
    /// A row is an activation, and this column says in which sample
    #[arg(long, value_name = "NAME", requires = "feature_column", conflicts_with_all = ["count_column", "matrix", "scale"])]
    sample_column: Option<String>,
    /// The column that says of which feature
    #[arg(long, value_name = "NAME", requires = "sample_column")]
    feature_column: Option<String>,
    /// The table is a matrix whose cells are not 0 where a feature is active in a sample
    #[arg(long, value_enum, conflicts_with_all = ["count_column", "scale"])]
    matrix: Option<MatrixName>,
    /// What the count column holds: counts, shares of the samples, or decimal logarithms of shares
    #[arg(long, value_enum, default_value = "count")]
    scale: ScaleName,
    #[command(flatten)]
    table: TableFlags,
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
    /// Draw the law and the forecasts: a file that ends in .svg, .png or .pdf
    #[arg(long, value_name = "FILE")]
    plot: Option<PathBuf>,
    #[command(flatten)]
    format: Format,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum MatrixName {
    /// A row is a feature, a column a sample
    FeaturesBySamples,
    /// A row is a sample, a column a feature
    SamplesByFeatures,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum ScaleName {
    Count,
    Density,
    Log10,
}

pub(crate) fn answer(question: &Diagnose) -> Result<String, Failure> {
    check(question)?;
    let (counts, record, lines) = counts(question)?;
    let options = DiagnosisOptions {
        alpha: question.alpha,
        factors: question.factors.values.clone(),
        level: question.level,
        resamples: question.resamples,
        ..DiagnosisOptions::default()
    };
    let diagnosis = diagnosed(question, &counts, &options, &lines)?;
    if let Some(path) = &question.plot {
        let ahead = DiagnosisOptions { factors: picture::factors(&options.factors), ..options };
        let ahead = diagnosed(question, &counts, &ahead, &lines)?.forecasts;
        drawing::write(path, &picture::figure(&counts, &diagnosis, &ahead))?;
    }
    let table = json::forecast_rows(&diagnosis, question.format.csv);
    Ok(match (question.format.json, question.format.csv) {
        (true, _) => {
            let mut answer = json::object(&diagnosis, question.seed);
            answer.insert("table".into(), object(&record).into());
            write(vec![answer], false, question.format)
        }
        (_, true) => {
            eprint!("{}", told(&record));
            write(table, true, question.format)
        }
        _ => format!(
            "{}{}\n{}",
            told(&record),
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
    drawing::check(question.plot.as_deref())
}

fn counts(question: &Diagnose) -> Result<(ActivationCounts, Record, Lines), Failure> {
    let filters = question.table.filters()?;
    let request = CountRequest {
        layout: question.layout(),
        count: question.count_column.as_deref(),
        moment: question.moment_column.as_deref(),
        samples: question.samples,
        group: None,
        scale: match question.scale {
            ScaleName::Count => Scale::Count,
            ScaleName::Density => Scale::Density,
            ScaleName::Log10 => Scale::Log10,
        },
        filters: &filters,
        bad_rows: question.table.bad_rows(),
    };
    // The text of the file is let go before its numbers are copied.
    let table = read_counts(&question.table.open(&question.file, true)?, &request).map_err(unreadable)?;
    let CountTable { counts, moments, samples, lines, record, .. } = table;
    let found = ActivationCounts::from_numbers(&counts, samples);
    drop(counts);
    let found = match moments {
        Some(moments) => found.and_then(|counts| counts.with_second_moments(&moments)),
        None => found,
    };
    Ok((found.map_err(|error| refused(question, error, &lines))?, record, lines))
}

impl Diagnose {
    fn layout(&self) -> Layout<'_> {
        match (&self.features_column, &self.sample_column, &self.feature_column, self.matrix) {
            (Some(features), ..) => Layout::Frequencies { features },
            (None, Some(sample), Some(feature), _) => Layout::Events { sample, feature },
            (.., Some(MatrixName::FeaturesBySamples)) => Layout::FeaturesBySamples,
            (.., Some(MatrixName::SamplesByFeatures)) => Layout::SamplesByFeatures,
            _ => Layout::Auto,
        }
    }
}

/// What is wrong, with the flag or the file it is wrong in.
fn refused(question: &Diagnose, error: FittingError, lines: &Lines) -> Failure {
    let source = Source::path(&question.file);
    let file = source.name();
    let place = |row: usize| lines.name(&[row - 1]);
    Failure::Input(match error {
        FittingError::Count { value, row, samples } => {
            format!("{file}, {}: count {value} must be a whole number from 0 to {samples}", place(row))
        }
        FittingError::SecondMoment { value, row } => format!(
            "{file}, {}: second moment {value} must be finite and > 0 where the count is > 0, and 0 where it is 0",
            place(row)
        ),
        FittingError::Samples(samples) => {
            format!("{file}: samples = {samples}: must be a whole number in 2..9e15")
        }
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
    lines: &Lines,
) -> Result<Diagnosis, Failure> {
    let mut stream = Key::new(question.seed).label("diagnose").stream();
    diagnose(counts, options, &mut stream).map_err(|error| refused(question, error, lines))
}
