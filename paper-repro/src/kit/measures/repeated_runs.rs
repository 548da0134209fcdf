//! Public runs that used data more than once.

use crate::ChapterError;
use crate::kit::{Entry, median_of, seed_of};
use asymscale_fitting::repeated::{
    RepeatedBootstrapOptions, RepeatedOptions, RepeatedParameter, RepeatedRuns, fit_repeated,
};
use asymscale_fitting::{FitOptions, Law, Parameter, Runs, fit_law};
use asymscale_sampling::Key;

/// The runs of Muennighoff et al. 2023 (arXiv 2305.16264), Apache-2.0; source in the folder it
/// stands in.
const DATA: &str = include_str!("../../../../tests/data/datablations-296-runs.csv");
/// The number of epochs up to which data count as fresh.
const FRESH: f64 = 2.5;

/// A number that changes with the file.
pub fn repeated_runs_version() -> u64 {
    seed_of(DATA)
}

/// N, D, distinct D and loss of every run.
///
/// # Errors
/// A cell that is not a number above 0.
pub(in crate::kit) fn repeated_runs() -> Result<RepeatedRuns, ChapterError> {
    let number = |cell: &str| cell.parse::<f64>().map_err(|_| format!("no number: {cell}"));
    let rows = DATA.lines().skip(1).map(|line| line.split(',').map(number).collect());
    let rows: Vec<Vec<f64>> = rows.collect::<Result<_, _>>()?;
    let column = |k: usize| rows.iter().map(|row| row[k]).collect::<Vec<f64>>();
    Ok(RepeatedRuns::new(Runs::new(&column(0), &column(1), &column(3))?, &column(2))?)
}

/// Three fits: the law with one exponent of the runs of few epochs; both exponents of all runs,
/// with repeats ignored; and the law of repeated data of all runs, with intervals unless
/// `resamples` is 0, and with the epochs beyond which a token is worth half of a fresh one, and a
/// tenth.
///
/// # Errors
/// As [`fit_law`] and [`fit_repeated`].
pub fn repeated_entries(
    options: &FitOptions,
    resamples: usize,
    key: &Key,
) -> Result<Vec<Entry>, ChapterError> {
    let runs = repeated_runs()?;
    let epochs: Vec<f64> = runs.epochs().collect();
    let few: Vec<usize> = (0..epochs.len()).filter(|&row| epochs[row] <= FRESH).collect();
    let tied = FitOptions { law: Law::Tied, ..options.clone() };
    let fresh = fit_law(&runs.runs().pick(&few), &tied)?.parameters;
    let ignored = fit_law(runs.runs(), options)?.parameters;
    let entry = |of: &str, name: &str, value: f64, runs: usize| {
        Entry::new("repeats", of, name, value, runs)
    };
    let all = epochs.len();
    let mut rows: Vec<Entry> = Parameter::ALL[..4]
        .iter()
        .map(|parameter| entry("few epochs", parameter.name(), fresh.get(*parameter), few.len()))
        .collect();
    for parameter in [Parameter::Alpha, Parameter::Beta] {
        rows.push(entry("ignored", parameter.name(), ignored.get(parameter), all));
    }
    rows.push(entry("epochs", "median", median_of(&epochs), all));
    let asked = RepeatedOptions {
        floor: options.floor,
        objective: options.objective,
        ..RepeatedOptions::default()
    };
    let fit = fit_repeated(&runs, &asked)?;
    let worth = [("half", 0.5), ("tenth", 0.1)];
    if resamples == 0 {
        let values =
            RepeatedParameter::ALL.map(|parameter| (parameter.name(), fit.law.get(parameter)));
        let epochs = worth.map(|(name, share)| (name, fit.law.epochs_worth(share)));
        rows.extend(
            values.into_iter().chain(epochs).map(|(name, value)| entry("law", name, value, all)),
        );
        return Ok(rows);
    }
    let options = RepeatedBootstrapOptions { resamples, audited: 0 };
    let refits = fit.bootstrap(&options, &mut key.label("repeats").stream())?;
    for parameter in RepeatedParameter::ALL {
        let found = refits.interval(parameter, 0.95)?;
        rows.push(
            entry("law", parameter.name(), found.estimate, all).within((found.lower, found.upper)),
        );
    }
    for (name, share) in worth {
        let found = refits.interval_of(|law| law.epochs_worth(share), 0.95)?;
        rows.push(entry("law", name, found.estimate, all).within((found.lower, found.upper)));
    }
    Ok(rows)
}
