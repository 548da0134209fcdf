//! Laws of training runs from frames.

use asymscale_tables::polars::prelude::{AnyValue, Column, DataFrame};

use super::FrameError;
use super::groups::{filtered, in_group, keys, labels, name, numbers as number_column, partition};
use super::{assemble, counts, numbers, words};
use crate::{Fit, FitOptions, FittingError, Parameter, ParameterInterval, Runs, fit_law};

/// Which columns of a frame of training runs hold what. A row is a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RunColumns<'a> {
    /// N: parameters of the model.
    pub features: &'a str,
    /// D: tokens or examples.
    pub samples: &'a str,
    /// The loss.
    pub loss: &'a str,
    /// Rows with equal values here (checkpoints of one run, say) are resampled together.
    pub unit: Option<&'a str>,
    /// Rows with equal values here make one fit; empty for one fit of all rows.
    pub group: &'a [&'a str],
}

/// The runs of a frame, all groups together.
///
/// # Errors
/// A column that is missing, not numeric or has a null; values that are not finite and > 0, with
/// their rows.
///
/// ```
/// use asymscale_fitting::frame::{RunColumns, runs};
/// use asymscale_tables::polars::prelude::df;
/// let frame = df!("N" => [1e6, 1e7], "D" => [1e8, 1e9], "loss" => [3.0, 2.5]).expect("of one length");
/// let columns = RunColumns { features: "N", samples: "D", loss: "loss", unit: None, group: &[] };
/// assert_eq!(runs(&frame, &columns)?.losses(), [3.0, 2.5]);
/// # Ok::<(), asymscale_fitting::FittingError>(())
/// ```
pub fn runs(frame: &DataFrame, columns: &RunColumns<'_>) -> Result<Runs, FittingError> {
    if frame.height() == 0 {
        return Err(FrameError::Empty.into());
    }
    let read = |name: &str| number_column(frame, name);
    let runs = Runs::new(&read(columns.features)?, &read(columns.samples)?, &read(columns.loss)?)?;
    match columns.unit {
        Some(unit) => runs.with_groups(&labels(frame, unit)?),
        None => Ok(runs),
    }
}

/// The rows of a frame whose value in a column, written as text, is `value`: one training set of
/// several, say.
///
/// # Errors
/// A column that is missing; a value that no row has.
///
/// ```
/// use asymscale_fitting::frame::rows_where;
/// use asymscale_tables::polars::prelude::df;
/// let frame = df!("set" => ["web", "books", "web"], "loss" => [3.0, 2.5, 2.9]).expect("of one length");
/// assert_eq!(rows_where(&frame, "set", "web")?.height(), 2);
/// assert!(rows_where(&frame, "set", "code").is_err());
/// # Ok::<(), asymscale_fitting::FittingError>(())
/// ```
pub fn rows_where(frame: &DataFrame, column: &str, value: &str) -> Result<DataFrame, FittingError> {
    filtered(frame, column, value)
}

/// Fits a law to every group of a frame: one row per group, in order of first appearance.
///
/// Columns: those of the group; `law`, `rows`, `objective`, `status`; `e`, `a`, `b`, `alpha`,
/// `beta`, `ratio`, each with `…_lower` and `…_upper`, the profile interval of nominal coverage
/// `level` (NaN for a group with no more rows than parameters); `starts`, `starts_best`,
/// `condition`.
///
/// # Errors
/// As [`runs`]; what [`fit_law`] refuses, with the group; a level outside (0, 1).
///
/// ```
/// use asymscale_fitting::frame::{RunColumns, fit_runs};
/// use asymscale_fitting::{FitOptions, Parameters};
/// use asymscale_tables::polars::prelude::df;
/// let truth = Parameters { e: 1.7, a: 400.0, b: 1500.0, alpha: 0.34, beta: 0.37 };
/// let n: Vec<f64> = (0..30).map(|k| 1e7 * 3f64.powi(k % 6)).collect();
/// let d: Vec<f64> = (0..30).map(|k| 1e9 * 4f64.powi(k / 6)).collect();
/// let loss: Vec<f64> = n.iter().zip(&d).map(|(&n, &d)| truth.loss(n, d)).collect();
/// let frame = df!("N" => n, "D" => d, "loss" => loss).expect("columns have one length");
/// let columns = RunColumns { features: "N", samples: "D", loss: "loss", unit: None, group: &[] };
/// let fits = fit_runs(&frame, &columns, &FitOptions::default(), 0.95)?;
/// let alpha = fits.column("alpha").expect("always there").f64().expect("a number").get(0).unwrap();
/// assert!((alpha - 0.34).abs() < 1e-6);
/// # Ok::<(), asymscale_fitting::FittingError>(())
/// ```
pub fn fit_runs(
    frame: &DataFrame,
    columns: &RunColumns<'_>,
    options: &FitOptions,
    level: f64,
) -> Result<DataFrame, FittingError> {
    let all = runs(frame, columns)?;
    let keys = keys(frame, columns.group)?;
    let groups = partition(&keys);
    let fit = |rows: &Vec<usize>| {
        fit_group(&all.pick(rows), options, level, columns.group, &keys[rows[0]])
    };
    let fits = groups.iter().map(fit).collect::<Result<Vec<_>, _>>()?;
    let first: Vec<usize> = groups.iter().map(|rows| rows[0]).collect();
    assemble(frame, columns.group, &first, fit_columns(&fits))
}

/// A fit, and the profile interval of each parameter.
type FitRow = (Fit, Vec<ParameterInterval>);

fn fit_group(
    runs: &Runs,
    options: &FitOptions,
    level: f64,
    group: &[&str],
    key: &[AnyValue<'_>],
) -> Result<FitRow, FittingError> {
    let named = |source| in_group(&name(group, key), source);
    let fit = fit_law(runs, options).map_err(named)?;
    let interval = |parameter: Parameter| match fit.profile_interval(parameter, level) {
        // An exact fit has parameters but no errors.
        Err(FittingError::TooFewRuns { .. }) => {
            let estimate = fit.parameters.get(parameter);
            Ok(ParameterInterval { estimate, lower: f64::NAN, upper: f64::NAN, level })
        }
        other => other.map_err(named),
    };
    let intervals = Parameter::ALL.into_iter().map(interval).collect::<Result<Vec<_>, _>>()?;
    Ok((fit, intervals))
}

fn fit_columns(fits: &[FitRow]) -> Vec<Column> {
    let mut columns = vec![
        words("law", fits.iter().map(|(fit, _)| fit.options().law.name())),
        counts("rows", fits.iter().map(|(fit, _)| fit.runs().len())),
        numbers("objective", fits.iter().map(|(fit, _)| fit.objective)),
        words("status", fits.iter().map(|(fit, _)| fit.status.name())),
    ];
    for (at, parameter) in Parameter::ALL.into_iter().enumerate() {
        let mut push = |suffix: &str, end: fn(&ParameterInterval) -> f64| {
            let title = format!("{}{suffix}", parameter.name());
            columns.push(numbers(&title, fits.iter().map(|(_, intervals)| end(&intervals[at]))));
        };
        push("", |interval| interval.estimate);
        push("_lower", |interval| interval.lower);
        push("_upper", |interval| interval.upper);
    }
    columns.extend([
        counts("starts", fits.iter().map(|(fit, _)| fit.starts.total)),
        counts("starts_best", fits.iter().map(|(fit, _)| fit.starts.best)),
        numbers("condition", fits.iter().map(|(fit, _)| fit.condition())),
    ]);
    columns
}
