//! `asymscale fit`: the law of the loss in a table of training runs, and what follows from it.

mod analysis;
mod figure;
mod json;
mod words;

use super::Failure;
use super::numbers::{self, Positives};
use super::output::{Format, write};
use analysis::Analysis;
use asymscale::fitting::frame::{RunColumns, read_csv, read_parquet, rows_where, runs};
use asymscale::fitting::{FitOptions, FittingError, Floor, Law, Objective, Runs};
use clap::{Args, ValueEnum};
use std::fs::File;
use std::path::{Path, PathBuf};

/// Reads a table with a row per training run, fits loss = E + A·N^-alpha + B·D^-beta, and says what limits the loss.
/// Rows are counted from 1 below the header. Intervals of parameters are profile intervals, with --group-column corrected bootstrap intervals.
#[derive(Debug, Args)]
pub(crate) struct Fit {
    /// Table of runs: a .csv with a header line, or a .parquet
    file: PathBuf,
    /// Column of N, the parameters of the model
    #[arg(long, value_name = "NAME", default_value = "N")]
    features_column: String,
    /// Column of D, the tokens or examples trained on
    #[arg(long, value_name = "NAME", default_value = "D")]
    samples_column: String,
    /// Column of the loss
    #[arg(long, value_name = "NAME", default_value = "loss")]
    loss_column: String,
    /// Column whose equal values mark rows that err together (checkpoints of one run): they are resampled together
    #[arg(long, value_name = "NAME")]
    group_column: Option<String>,
    /// Fit only rows that have --filter-value in this column
    #[arg(long, value_name = "NAME", requires = "filter_value")]
    filter_column: Option<String>,
    /// The value, as text, that --filter-column must have
    #[arg(long, value_name = "VALUE", requires = "filter_column", allow_hyphen_values = true)]
    filter_value: Option<String>,
    /// free: two exponents; tied: one; sparse: beta = s·alpha with s in [0, 1], as sparse features have it
    #[arg(long, value_enum, default_value = "free")]
    law: LawName,
    /// free: E is fitted; zero: the law has none
    #[arg(long, value_enum, default_value = "free")]
    floor: FloorName,
    /// Huber loss or squares of ln loss, or squares of the loss
    #[arg(long, value_enum, default_value = "huber")]
    objective: ObjectiveName,
    /// Residual of ln loss > 0 beyond which the Huber loss grows linearly
    #[arg(long, value_parser = numbers::positive, allow_hyphen_values = true, default_value = "1e-3")]
    delta: f64,
    /// Budgets C = factor · N · D to allocate: a number, a list or a range
    #[arg(long, allow_hyphen_values = true)]
    compute: Option<Positives>,
    /// Operations per parameter and token
    #[arg(long, value_parser = numbers::positive, allow_hyphen_values = true, default_value = "6")]
    factor: f64,
    /// Refits of resampled rows or groups, for intervals of all but the parameters (percentiles): 0 for none [default: 999, and 0 beyond 5000 rows]
    #[arg(long, value_parser = resamples, allow_hyphen_values = true)]
    bootstrap: Option<usize>,
    /// Nominal coverage of the intervals, in (0, 1)
    #[arg(long, value_parser = level, allow_hyphen_values = true, default_value = "0.95")]
    level: f64,
    /// Seed of the resamples
    #[arg(long, default_value = "1")]
    seed: u64,
    /// Draw the runs, the law and the residuals as SVG
    #[arg(long, value_name = "FILE")]
    plot: Option<PathBuf>,
    #[command(flatten)]
    format: Format,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum LawName {
    Free,
    Tied,
    Sparse,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum FloorName {
    Free,
    Zero,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum ObjectiveName {
    Huber,
    LogSquares,
    Squares,
}

/// Rows beyond which nothing is resampled unasked.
const MANY_ROWS: usize = 5000;

pub(crate) fn answer(question: &Fit) -> Result<String, Failure> {
    check(question)?;
    let runs = read(question).map_err(|error| question.refuse(&error))?;
    let analysis = Analysis::new(question, &runs)?;
    if let Some(path) = &question.plot {
        let svg = figure::figure(&analysis).to_svg().map_err(|error| Failure::Work(error.into()))?;
        std::fs::write(path, svg).map_err(|error| unusable(path, &error))?;
    }
    if question.format.is_json() {
        return Ok(write(vec![json::object(&analysis)], false, question.format));
    }
    if question.format.is_csv() {
        let budgets = json::allocations(&analysis);
        let points = if budgets.is_empty() { json::parameters(&analysis) } else { budgets };
        return Ok(write(points, true, question.format));
    }
    Ok(words::summary(&analysis, question.format))
}

/// Refuses flags that do not go together before anything is read.
fn check(question: &Fit) -> Result<(), Failure> {
    let needed = ((2.0 / (1.0 - question.level)).ceil() as usize).max(99);
    match question.bootstrap {
        Some(count) if (1..needed).contains(&count) => Err(Failure::Input(format!(
            "--bootstrap {count}: must be 0 or >= {needed} at --level {}",
            question.level
        ))),
        None if question.level > 0.998 => Err(Failure::Input(format!(
            "--level {}: above 0.998 --bootstrap must be given: 0 or >= {needed}",
            question.level
        ))),
        Some(0) if question.group_column.is_some() => {
            Err(Failure::Input("--bootstrap 0: --group-column needs resamples, at least 99".to_owned()))
        }
        _ => Ok(()),
    }
}

fn read(question: &Fit) -> Result<Runs, FittingError> {
    let path = &question.file;
    let io = |error: std::io::Error| FittingError::Frame(error.to_string());
    let extension = path.extension().and_then(|word| word.to_str()).unwrap_or_default().to_lowercase();
    let mut frame = match extension.as_str() {
        "csv" => read_csv(File::open(path).map_err(io)?)?,
        "parquet" | "pq" => quietly(File::open(path).map_err(io)?, read_parquet)?,
        _ => return Err(FittingError::Frame("the name must end in .csv or .parquet".to_owned())),
    };
    if let (Some(column), Some(value)) = (&question.filter_column, &question.filter_value) {
        frame = rows_where(&frame, column, value)?;
    }
    let columns = RunColumns {
        features: &question.features_column,
        samples: &question.samples_column,
        loss: &question.loss_column,
        unit: question.group_column.as_deref(),
        group: &[],
    };
    runs(&frame, &columns)
}

/// Without the reports of panics on other threads: a damaged file is one error.
fn quietly<T>(file: File, read: impl FnOnce(File) -> T) -> T {
    let hook = std::panic::take_hook();
    std::panic::set_hook(Box::new(|_| ()));
    let found = read(file);
    std::panic::set_hook(hook);
    found
}

impl Fit {
    fn options(&self) -> FitOptions {
        let law = match self.law {
            LawName::Free => Law::Free,
            LawName::Tied => Law::Tied,
            LawName::Sparse => Law::Sparse,
        };
        let floor = match self.floor {
            FloorName::Free => Floor::Free,
            FloorName::Zero => Floor::Fixed(0.0),
        };
        let objective = match self.objective {
            ObjectiveName::Huber => Objective::HuberLog { delta: self.delta },
            ObjectiveName::LogSquares => Objective::SquaresLog,
            ObjectiveName::Squares => Objective::Squares,
        };
        FitOptions { law, floor, objective, ..FitOptions::default() }
    }

    fn resamples(&self, rows: usize) -> usize {
        self.bootstrap.unwrap_or(if rows > MANY_ROWS { 0 } else { 999 })
    }

    /// The message of a library, with the file, the rows that were picked, and the flag in place of the word for it.
    fn refuse(&self, error: &FittingError) -> Failure {
        let file = self.file.display();
        let picked = match (&self.filter_column, &self.filter_value) {
            (Some(column), Some(value)) => format!(" (rows with {column} = {value})"),
            _ => String::new(),
        };
        let message = match error {
            FittingError::MissingColumn { name, available } => {
                format!("{file}: {} {name:?}: must be one of {available:?}", self.flag_of(name))
            }
            FittingError::NoSuchValue { name, value, available } => {
                format!(
                    "{file}: --filter-value {value:?}: must be a value of {name:?}, such as {available:?}"
                )
            }
            FittingError::Frame(reason) => format!("{file}: {reason}"),
            FittingError::EmptyFrame => format!("{file}: no rows below the header"),
            other => format!("{file}{picked}: {other}"),
        };
        Failure::Input(message)
    }

    /// The flag that named a column.
    fn flag_of(&self, name: &str) -> &'static str {
        let flags = [
            ("--filter-column", self.filter_column.as_deref()),
            ("--features-column", Some(self.features_column.as_str())),
            ("--samples-column", Some(self.samples_column.as_str())),
            ("--loss-column", Some(self.loss_column.as_str())),
        ];
        flags.iter().find(|(_, column)| *column == Some(name)).map_or("--group-column", |(flag, _)| flag)
    }
}

fn unusable(path: &Path, error: &std::io::Error) -> Failure {
    Failure::Input(format!("--plot {}: {error}", path.display()))
}

fn resamples(text: &str) -> Result<usize, String> {
    if text == "0" {
        Ok(0)
    } else {
        numbers::count(text).map_err(|_| "must be 0 or a whole number >= 99".to_owned())
    }
}

fn level(text: &str) -> Result<f64, String> {
    let inside = |level: &f64| *level > 0.0 && *level < 1.0;
    text.parse().ok().filter(inside).ok_or_else(|| "must be a number in (0, 1)".to_owned())
}
