//! `asymscale diagnose`: what a table of activation counts says of features seen and unseen.

mod candidates;
mod forecasts;
mod json;
mod picture;
mod reached;
mod saved_model;
mod words;

use super::answer::{Answer, Column};
use super::input::Input;
use super::lists::{self, Many};
use super::numbers;
use super::output::{Format, as_given, say, write, write_one};
use super::running::Running;
use super::table::{TableFlags, WithTable, refused as unreadable, told};
use super::{Failure, drawing};
use crate::fitting::FittingError;
use crate::fitting::diagnosis::{
    ActivationCounts, CountsError, DiagnosisOptions, Incidence, diagnose,
};
use crate::sampling::Key;
use asymscale_tables::{CountRequest, CountTable, Layout, Lines, Record, Scale, read_counts};
use clap::{Args, ValueEnum};
use saved_model::{FeatureNames, SaveModelFlags};
use std::path::PathBuf;

const EXAMPLES: &str = "\
Examples:
  asymscale diagnose counts.csv --samples 31102 --count-column verses --plot seen.svg
      a row a feature, a column with the number of samples it was active in
  zcat words.csv.gz | asymscale diagnose - --sample-column verse --feature-column word --group-column chapter
      a row an activation; intervals come from chapters left out in turn, forecasts are for more chapters
  asymscale diagnose loads.csv --samples 50 --of 1024 --until 0.9,1 --times 10
      1024 experts, seen or not: after how many samples have 90 % of them, or all, been active 10 times?
  asymscale diagnose sae.parquet --samples 1e6 --count-column density --scale density
      shares of the samples (or their logarithms, --scale log10) in place of counts
  asymscale diagnose top.csv --samples 20000 --seen-at-least 5
      a table that holds all features active 5 times or more, and rarer ones not
  asymscale diagnose counts.csv --samples 31102 --moment-column square --moments active --rate 0.01
      squares averaged over active samples: what that means for a loss, and how many epochs are useful
  asymscale diagnose counts.csv --samples 31102 --save-model features.csv --model-resamples 39
      variance and activity of every feature, seen or expected: ask asymscale loss --model features.csv, and the 39
      draws features.1.csv … for an interval

Also a row a count with the number of features that have it (--features-column), and a matrix of features and samples
(--matrix). Counts are whole numbers from 0 to --samples, which is in 2..9e15; densities are in [0, 1]. Rows of
features that were never active say how many features there are, as --of does.
Formats: CSV (comma, semicolon, tab, blanks), Markdown, JSON, JSON lines, Parquet; plain, gzip or zstd; UTF-8, UTF-16,
Latin-1. They are told by the contents, not by the name. Only the columns that are asked for are read.";

/// A row of the table is a feature (a word, an expert, a dictionary feature); a column says in how
/// many of D samples it was active. The answer says what features never seen hold now and with more
/// data, as far as that is known. Features that were never active may be left out; where they are
/// given, or --of says how many there are, forecasts end there.
#[derive(Debug, Args)]
#[command(after_help = format!("{EXAMPLES}\n\n{}", lists::WRITTEN))]
pub(crate) struct DiagnoseFlags {
    /// Table of counts in any common format; - for standard input
    #[arg(value_name = "COUNTS", value_parser = Input::parser())]
    pub(crate) file: Input,
    /// Number of samples D the counts come from; events and matrices tell it themselves
    #[arg(long, value_parser = numbers::several, allow_hyphen_values = true)]
    samples: Option<f64>,
    /// Column that says in how many samples the feature was active [default: count, or a name such
    /// as n, freq]
    #[arg(long, value_name = "NAME")]
    count_column: Option<String>,
    /// Column with the mean of the feature's square (see --moments); without it every activation
    /// has energy 1
    #[arg(long, value_name = "NAME", conflicts_with_all = ["features_column", "sample_column", "matrix"])]
    moment_column: Option<String>,
    /// Over which samples --moment-column is a mean: all of them, or those in which the feature is
    /// active
    #[arg(long, value_enum, default_value = "all", requires = "moment_column")]
    moments: Moments,
    /// A row is a count, and this column says how many features have it
    #[arg(long, value_name = "NAME", conflicts_with_all = ["sample_column", "matrix", "scale"])]
    features_column: Option<String>,
    /// A row is an activation, and this column says in which sample
    #[arg(long, value_name = "NAME", requires = "feature_column", conflicts_with_all = ["count_column", "matrix", "scale"])]
    sample_column: Option<String>,
    /// The column that says of which feature
    #[arg(long, value_name = "NAME", requires = "sample_column")]
    feature_column: Option<String>,
    /// The column that says to which group (document, book, run) a sample belongs; of events, or of
    /// samples by features
    #[arg(long, value_name = "NAME")]
    group_column: Option<String>,
    /// The table is a matrix whose cells are not 0 where a feature is active in a sample
    #[arg(long, value_enum, conflicts_with_all = ["count_column", "scale"])]
    matrix: Option<MatrixName>,
    /// What the count column holds: counts, shares of the samples, or decimal logarithms of shares
    #[arg(long, value_enum, default_value = "count")]
    scale: ScaleName,
    #[command(flatten)]
    table: TableFlags,
    /// Number of all features, seen or not, where it is known
    #[arg(long, value_name = "M", value_parser = numbers::count, allow_hyphen_values = true)]
    of: Option<usize>,
    /// The table holds all features active at least K times, and rarer ones not or not all
    #[arg(long, value_name = "K", value_parser = numbers::count, allow_hyphen_values = true, conflicts_with = "of")]
    seen_at_least: Option<usize>,
    /// Spectral exponent α > 0, and what it means for a loss; estimated if second moments are given
    #[arg(long, value_parser = numbers::positive, allow_hyphen_values = true)]
    alpha: Option<f64>,
    /// Factors > 1 of the data to look ahead to: a number, a list or a range
    #[arg(long, value_parser = lists::positives, default_value = "2,4,16", allow_hyphen_values = true)]
    factors: Many<f64>,
    /// Shares of all activations, in (0, 1): how many samples until the features seen cover them?
    #[arg(long, value_name = "SHARES", value_parser = lists::positives, default_value = "0.9,0.99", allow_hyphen_values = true)]
    cover: Many<f64>,
    /// Shares of all features, in (0, 1]: how many samples until so many of them have been active
    /// --times times?
    #[arg(long, value_name = "SHARES", value_parser = lists::positives, allow_hyphen_values = true)]
    until: Option<Many<f64>>,
    /// Activations that --until waits for: a whole number >= 1, or a list
    #[arg(
        long,
        value_name = "K",
        value_parser = lists::positives,
        default_value = "1",
        requires = "until",
        allow_hyphen_values = true
    )]
    times: Many<f64>,
    /// Step η > 0 of gradient descent: for how many epochs are features active once an epoch still
    /// learned from?
    #[arg(long, value_name = "ETA", value_parser = numbers::positive, allow_hyphen_values = true)]
    rate: Option<f64>,
    /// Level of all intervals, in (0, 1)
    #[arg(long, value_parser = numbers::open_share, allow_hyphen_values = true, default_value = "0.95")]
    level: f64,
    /// Draws under the fitted law, for its intervals and p-values, in 1..1e6
    #[arg(long, value_parser = numbers::resamples, allow_hyphen_values = true, default_value = "199")]
    resamples: usize,
    /// Seed of all random streams
    #[arg(long, value_parser = numbers::seed, allow_hyphen_values = true, default_value = "1")]
    seed: u64,
    /// Draw features and activity against samples, and the histogram of counts: a file that ends in
    /// .svg, .png or .pdf
    #[arg(long, value_name = "FILE")]
    plot: Option<PathBuf>,
    #[command(flatten)]
    save: SaveModelFlags,
    #[command(flatten)]
    pub(crate) running: Running,
    #[command(flatten)]
    pub(crate) format: Format,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Moments {
    All,
    Active,
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

/// The columns of the answer in CSV.
pub(crate) fn columns() -> Vec<(&'static str, Vec<Column>)> {
    vec![("--csv", forecasts::ForecastRow::columns())]
}

/// The schemas of its answers.
#[cfg(test)]
pub(crate) fn schemas(of: &mut schemars::SchemaGenerator) -> Vec<schemars::Schema> {
    super::schema::made::schemas_of!(of; WithTable<'_, json::Answer<'_>>)
}

pub(crate) fn run(flags: &DiagnoseFlags) -> Result<String, Failure> {
    check(flags)?;
    let (counts, names, record, lines) = counts(flags)?;
    let asked = flags.factors.values.len();
    let mut factors = flags.factors.values.clone();
    if flags.plot.is_some() {
        factors.extend(picture::factors(&flags.factors.values));
    }
    let times = &flags.times.values;
    let shares = flags.until.iter().flat_map(|until| &until.values);
    let options = DiagnosisOptions {
        alpha: flags.alpha,
        factors,
        shares: flags.cover.values.clone(),
        until: shares.flat_map(|&share| times.iter().map(move |&k| (share, k as u64))).collect(),
        rate: flags.rate,
        level: flags.level,
        resamples: flags.resamples,
        ..DiagnosisOptions::default()
    };
    let mut stream = Key::new(flags.seed).label("diagnose").stream();
    let mut diagnosis =
        diagnose(&counts, &options, &mut stream).map_err(|error| refused(flags, &error, &lines))?;
    let ahead = diagnosis.forecasts.split_off(asked);
    if let Some(path) = &flags.plot {
        drawing::write(path, &picture::figure(&counts, &diagnosis, &ahead))?;
    }
    let named = FeatureNames { names: &names, lines: &lines };
    let saved = flags.save.save(&counts, &diagnosis, &named, (flags.level, flags.seed))?;
    let saved = saved.unwrap_or_default();
    let told_of =
        Asked { level: flags.level, seed: flags.seed, alpha: flags.alpha, rate: flags.rate };
    let rows = forecasts::forecast_rows(&diagnosis, flags.format.csv);
    Ok(match (flags.format.json, flags.format.csv) {
        (true, _) => {
            say(&saved);
            let answer = json::Answer::new(&counts, &diagnosis, &told_of);
            write_one(&WithTable::new(&answer, &record))
        }
        (_, true) => {
            say(&(told(&record) + &saved));
            write(&rows, true, flags.format)
        }
        _ => format!(
            "{}{}{saved}\n{}",
            told(&record),
            words::summary(&counts, &diagnosis, &told_of),
            write(&rows, true, flags.format)
        ),
    })
}

/// The counts of a table, which are not yet diagnosed.
#[cfg(feature = "explore")]
pub(super) fn read_counts_of(flags: &DiagnoseFlags) -> Result<ActivationCounts, Failure> {
    check(flags)?;
    Ok(counts(flags)?.0)
}

/// The flags that the answer repeats or depends on.
struct Asked {
    level: f64,
    seed: u64,
    alpha: Option<f64>,
    rate: Option<f64>,
}

/// Refuses what no table could answer, before reading it.
fn check(flags: &DiagnoseFlags) -> Result<(), Failure> {
    let each = |flag: &str, values: &[f64], must: &str, allowed: fn(f64) -> bool| match values
        .iter()
        .find(|value| !allowed(**value))
    {
        Some(value) => {
            Err(Failure::input(format!("--{flag} {}: must be {must}", as_given(*value))))
        }
        None => Ok(()),
    };
    let ahead = |factor: f64| factor > 1.0 && factor <= 1e100;
    each("factors", &flags.factors.values, "numbers > 1 and at most 1e100", ahead)?;
    each("cover", &flags.cover.values, "shares of activations, in (0, 1)", |share| share < 1.0)?;
    if let Some(until) = &flags.until {
        each("until", &until.values, "shares of the features, in (0, 1]", |share| share <= 1.0)?;
    }
    let whole = |times: f64| (1.0..=9e15).contains(&times) && times.fract() == 0.0;
    each("times", &flags.times.values, "whole numbers in 1..9e15", whole)?;
    flags.save.check(flags.file.path())?;
    drawing::check(flags.plot.as_deref())
}

type Found = (ActivationCounts, Vec<String>, Record, Lines);

fn counts(flags: &DiagnoseFlags) -> Result<Found, Failure> {
    let filters = flags.table.filters()?;
    let request = CountRequest {
        layout: flags.layout(),
        count: flags.count_column.as_deref(),
        moment: flags.moment_column.as_deref(),
        samples: flags.samples,
        group: flags.group_column.as_deref(),
        scale: match flags.scale {
            ScaleName::Count => Scale::Count,
            ScaleName::Density => Scale::Density,
            ScaleName::Log10 => Scale::Log10,
        },
        filters: &filters,
        bad_rows: flags.table.bad_rows(),
        names: flags.save.asked(),
    };
    // The text of the file is let go before its numbers are copied.
    let table = read_counts(&flags.table.open(&flags.file, true)?, &request).map_err(unreadable)?;
    let CountTable { counts, moments, samples, incidence, names, lines, record } = table;
    let found = match incidence.filter(|incidence| incidence.samples <= MOST_UNITS) {
        Some(incidence) => by_units(flags, incidence, counts.len())?,
        None => ActivationCounts::from_numbers(&counts, samples),
    };
    drop(counts);
    let found = match (moments, flags.moments) {
        (Some(moments), Moments::All) => {
            found.and_then(|counts| counts.with_second_moments(&moments))
        }
        (Some(moments), Moments::Active) => {
            found.and_then(|counts| counts.with_second_moments_of_active(&moments))
        }
        (None, _) => found,
    };
    let found = found.and_then(|counts| match flags.of {
        Some(total) => counts.of(total),
        None => Ok(counts),
    });
    let found = found.and_then(|counts| match flags.seen_at_least {
        Some(floor) => counts.seen_at_least(floor as u64),
        None => Ok(counts),
    });
    Ok((found.map_err(|error| refused(flags, &error, &lines))?, names, record, lines))
}

/// Samples beyond which it is not looked at which features were active together: most of them hold
/// none.
const MOST_UNITS: usize = 1 << 27;

/// Counts by the groups of samples where they are known, else by samples.
fn by_units(
    flags: &DiagnoseFlags,
    incidence: asymscale_tables::Incidence,
    features: usize,
) -> Result<Result<ActivationCounts, FittingError>, Failure> {
    let asymscale_tables::Incidence { pairs, samples, groups, .. } = incidence;
    let known = groups.as_ref().map_or(samples, Vec::len);
    if known < samples {
        let file = flags.file.source();
        return Err(Failure::input(format!(
            "{}: --samples {samples}: must be {known}, the samples that occur, or be left out: which groups the others belong \
             to is not known (--group-column)",
            file.name()
        )));
    }
    let found = Incidence::new(&pairs, features, samples).and_then(|incidence| match &groups {
        Some(groups) => incidence.with_groups(groups),
        None => Ok(incidence),
    });
    drop(pairs);
    Ok(found.and_then(|incidence| ActivationCounts::from_incidence(&incidence)))
}

impl DiagnoseFlags {
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
fn refused(flags: &DiagnoseFlags, error: &FittingError, lines: &Lines) -> Failure {
    let source = flags.file.source();
    let file = source.name();
    let place = |row: usize| lines.name(&[row - 1]);
    let message = match error {
        FittingError::Count { value, row, samples } => {
            format!(
                "{file}, {}: count {value} must be a whole number from 0 to {samples}",
                place(*row)
            )
        }
        FittingError::SecondMoment { value, row } => format!(
            "{file}, {}: second moment {} must be in 1e-100..1e100 where the count is > 0, and 0 where it is 0",
            place(*row),
            as_given(*value)
        ),
        FittingError::Samples(samples) => {
            format!("{file}: samples = {samples}: must be a whole number in 2..9e15")
        }
        FittingError::Resamples { found, needed, level } => {
            format!("--resamples {found}: must be >= {needed} at --level {level}")
        }
        FittingError::Counts(CountsError::Total { total, features }) => format!(
            "{file}: --of {total}: must be a whole number in {features}..1e9, the table has {features} features"
        ),
        FittingError::Counts(CountsError::Floor { floor, largest }) => {
            format!(
                "{file}: --seen-at-least {floor}: must be in 1..{largest}, the largest count of the table"
            )
        }
        error => format!("{file}: {error}"),
    };
    Failure::of_fit(error, message)
}
