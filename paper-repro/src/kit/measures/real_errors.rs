//! Errors like those of real runs, and how often intervals cover the truth under them.

use super::public_runs::{public_models, runs_of};
use crate::ChapterError;
use crate::kit::Entry;
use asymscale_fitting::{
    BootstrapInterval, Fit, FitBootstrap, FitBootstrapOptions, FitOptions, Parameter, Parameters,
    Resampling, RunErrors, SyntheticRuns, fit_law,
};
use asymscale_sampling::Key;
use serde::{Deserialize, Serialize};

/// The law of the drawn runs. Runs with the residuals of public runs have the law of those.
const LAW: Parameters = Parameters { e: 1.8, a: 480.0, b: 2000.0, alpha: 0.35, beta: 0.37 };
/// The quantities that intervals are asked of: the parameters, their ratio, the best N at ten times
/// the largest compute, and the loss at ten times the largest N and D.
pub const QUANTITIES: [&str; 8] = ["e", "a", "b", "alpha", "beta", "ratio", "best N", "loss"];

/// Errors of drawn runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RealErrors {
    /// The residuals of public runs, with random signs.
    Signs,
    /// Larger far from 20 tokens a parameter.
    BySize,
    /// Student's t of three degrees of freedom.
    HeavyTails,
    /// Shared by the checkpoints of a run.
    Shared,
}

impl RealErrors {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Signs, Self::BySize, Self::HeavyTails, Self::Shared];

    /// The name in entries.
    pub fn name(self) -> &'static str {
        match self {
            Self::Signs => "signs",
            Self::BySize => "by-size",
            Self::HeavyTails => "heavy-tails",
            Self::Shared => "shared",
        }
    }

    /// The name in a legend.
    pub fn short(self) -> &'static str {
        match self {
            Self::Signs => "public residuals",
            Self::BySize => "by D/N",
            Self::HeavyTails => "heavy tails",
            Self::Shared => "shared by run",
        }
    }

    /// A description in words.
    pub fn said(self) -> &'static str {
        match self {
            Self::Signs => "residuals of 35 public runs with random signs",
            Self::BySize => "errors larger far from 20 tokens a parameter, 36 runs",
            Self::HeavyTails => "errors of heavy tails, 36 runs",
            Self::Shared => "errors shared by the checkpoints of 16 runs",
        }
    }

    /// Runs with these errors.
    ///
    /// # Errors
    /// As [`fit_law`] for the public runs.
    pub fn runs(self) -> Result<SyntheticRuns, ChapterError> {
        let of =
            |(features, samples), errors| SyntheticRuns { truth: LAW, features, samples, errors };
        Ok(match self {
            Self::Signs => return signs(),
            Self::BySize => {
                let (n, d) = grid();
                let far = |(n, d): (&f64, &f64)| 0.004 * (1.0 + 2.0 * (d / n / 20.0).log10().abs());
                let spreads = n.iter().zip(&d).map(far).collect();
                of((n, d), RunErrors::NormalByRun(spreads))
            }
            Self::HeavyTails => of(grid(), RunErrors::StudentT { dof: 3.0, scale: 0.006 }),
            Self::Shared => {
                let groups = (0..160).map(|k| k / 10).collect();
                of(checkpoints(), RunErrors::Shared { groups, between: 0.01, within: 0.001 })
            }
        })
    }
}

/// Six sizes over a factor of 243, each with six amounts of data over a factor of 1024.
fn grid() -> (Vec<f64>, Vec<f64>) {
    (0..36).map(|k: i32| (2e7 * 3f64.powi(k % 6), 4e8 * 4f64.powi(k / 6))).unzip()
}

/// Sixteen runs of ten checkpoints each.
fn checkpoints() -> (Vec<f64>, Vec<f64>) {
    let size = |k: i32| {
        (2e7 * 2f64.powi(k / 10 % 8), 2e9 * 8f64.powi(k / 80) * f64::from(k % 10 + 1) / 10.0)
    };
    (0..160).map(size).unzip()
}

/// The law of the public runs on one training set, and their residuals, widened for the fitted
/// parameters.
fn signs() -> Result<SyntheticRuns, ChapterError> {
    let runs = runs_of(&public_models("rpj", "c4_val")?)?;
    let fit = fit_law(&runs, &FitOptions::default())?;
    let widened = (runs.len() as f64 / (runs.len() - fit.free_parameters()) as f64).sqrt();
    let errors =
        RunErrors::Signs(fit.residuals().iter().map(|residual| widened * residual).collect());
    let (features, samples) = (runs.features().to_vec(), runs.samples().to_vec());
    Ok(SyntheticRuns { truth: fit.parameters, features, samples, errors })
}

/// Among `sets` tables, how many have the truth in their corrected bootstrap intervals: a row for
/// each quantity.
///
/// # Errors
/// As [`fit_law`] and [`Fit::bootstrap`].
pub fn real_error_entries(
    errors: RealErrors,
    (sets, resamples): (usize, usize),
    options: &FitOptions,
    key: &Key,
) -> Result<Vec<Entry>, ChapterError> {
    let law = errors.runs()?;
    let resampling =
        if errors == RealErrors::Shared { Resampling::Groups } else { Resampling::Rows };
    let refits = FitBootstrapOptions { resampling, resamples, audit: 0.0 };
    let mut covered = [0.0; QUANTITIES.len()];
    for set in 0..sets {
        let mut stream = key.index(set as u64).stream();
        let fit = fit_law(&law.draw(&mut stream)?, options)?;
        let found = held(&law, &fit, &fit.bootstrap(&refits, &mut stream)?)?;
        covered.iter_mut().zip(found).for_each(|(count, held)| *count += f64::from(held));
    }
    let entry =
        |(name, count): (&str, f64)| Entry::new("real errors", errors.name(), name, count, sets);
    Ok(QUANTITIES.into_iter().zip(covered).map(entry).collect())
}

/// Whether the interval of each quantity holds its true value.
fn held(
    law: &SyntheticRuns,
    fit: &Fit,
    refits: &FitBootstrap,
) -> Result<[bool; QUANTITIES.len()], ChapterError> {
    let truth = law.truth;
    let mut held = [false; QUANTITIES.len()];
    // The interval of a fixed parameter is a point and does not count as coverage.
    let fixed = fit.parameters.e == 0.0;
    for (found, parameter) in held.iter_mut().zip(Parameter::ALL) {
        let interval = refits.interval(parameter, 0.95, BootstrapInterval::Bca)?;
        *found = interval.contains(truth.get(parameter)) && !(fixed && parameter == Parameter::E);
    }
    let most = |values: &[f64]| values.iter().copied().fold(0.0, f64::max);
    let (n, d) = (10.0 * most(&law.features), 10.0 * most(&law.samples));
    let compute =
        law.features.iter().zip(&law.samples).map(|(n, d)| 10.0 * n * d).fold(0.0, f64::max);
    let best = |law: &Parameters| law.optimum(compute, 1.0).map_or(f64::NAN, |best| best.0.ln());
    let loss = |law: &Parameters| law.loss(n, d);
    held[6] = refits.interval_of(best, 0.95, BootstrapInterval::Bca)?.contains(best(&truth));
    held[7] = refits.interval_of(loss, 0.95, BootstrapInterval::Bca)?.contains(loss(&truth));
    Ok(held)
}
