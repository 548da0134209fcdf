//! Do intervals cover, and does the test of symmetry keep its size? Both measured on data drawn
//! from a known law.

use asymscale_numerics::{sorted, upper_median};
use rand::{Rng, RngExt};
use rand_xoshiro::Xoshiro256PlusPlus;
use rand_xoshiro::rand_core::SeedableRng;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use statrs::distribution::{ContinuousCDF, Normal, StudentsT};
use std::collections::BTreeMap;

use super::bootstrap::{BootstrapInterval, FitBootstrapOptions};
use super::fit::{FitOptions, fit_law};
use super::law::{Parameter, Parameters};
use super::rows::Runs;
use super::symmetry::symmetry_test;
use crate::FittingError;

/// Errors of `ln loss` of drawn runs.
#[derive(Debug, Clone, PartialEq)]
pub enum RunErrors {
    /// Normal, of one standard deviation.
    Normal(f64),
    /// Normal, with a standard deviation for each run.
    NormalByRun(Vec<f64>),
    /// Student's t of so many degrees of freedom, times a scale.
    StudentT {
        /// Degrees of freedom, > 0.
        freedom: f64,
        /// The scale.
        scale: f64,
    },
    /// These, each with a random sign.
    Signs(Vec<f64>),
    /// Normal and the same for all runs of a group, plus normal ones of each run.
    Shared {
        /// A label for each run.
        groups: Vec<usize>,
        /// Standard deviation of what is shared.
        between: f64,
        /// Standard deviation of the rest.
        within: f64,
    },
}

impl RunErrors {
    /// Errors of so many runs; normal and t by inversion, so that a draw is one number of the
    /// generator.
    fn draw<R: Rng + ?Sized>(&self, runs: usize, rng: &mut R) -> Vec<f64> {
        let normal = Normal::standard();
        match self {
            Self::Normal(spread) => {
                (0..runs).map(|_| spread * normal.inverse_cdf(uniform(rng))).collect()
            }
            Self::NormalByRun(spreads) => {
                spreads.iter().map(|spread| spread * normal.inverse_cdf(uniform(rng))).collect()
            }
            Self::StudentT { freedom, scale } => {
                let law = StudentsT::new(0.0, *scale, *freedom);
                (0..runs)
                    .map(|_| law.as_ref().map_or(f64::NAN, |law| law.inverse_cdf(uniform(rng))))
                    .collect()
            }
            Self::Signs(errors) => errors
                .iter()
                .map(|error| if rng.random::<bool>() { *error } else { -error })
                .collect(),
            Self::Shared { groups, between, within } => {
                let mut shared = BTreeMap::new();
                let mut one = |group: &usize| {
                    let common =
                        *shared.entry(*group).or_insert_with(|| normal.inverse_cdf(uniform(rng)));
                    between * common + within * normal.inverse_cdf(uniform(rng))
                };
                groups.iter().map(&mut one).collect()
            }
        }
    }
}

/// Strictly between 0 and 1.
fn uniform<R: Rng + ?Sized>(rng: &mut R) -> f64 {
    (rng.random::<f64>() + 0.5 * f64::EPSILON).min(1.0 - f64::EPSILON)
}

/// A known law at given sizes, with errors of the logarithm of the loss.
#[derive(Debug, Clone, PartialEq)]
pub struct SyntheticRuns {
    /// The law.
    pub truth: Parameters,
    /// N of every run.
    pub features: Vec<f64>,
    /// D of every run.
    pub samples: Vec<f64>,
    /// Errors of `ln loss`.
    pub errors: RunErrors,
}

impl SyntheticRuns {
    /// Losses `truth·e^error`; with groups where errors are shared.
    ///
    /// # Errors
    /// As [`Runs::new`]; errors or groups of another number than the runs.
    pub fn draw<R: Rng + ?Sized>(&self, rng: &mut R) -> Result<Runs, FittingError> {
        let errors = self.errors.draw(self.features.len(), rng);
        crate::series::check_length("errors", errors.len(), self.features.len(), "run")?;
        let sizes = self.features.iter().zip(&self.samples).zip(&errors);
        let losses: Vec<f64> =
            sizes.map(|((&n, &d), error)| self.truth.loss(n, d) * error.exp()).collect();
        let runs = Runs::new(&self.features, &self.samples, &losses)?;
        match &self.errors {
            RunErrors::Shared { groups, .. } => runs.with_groups(groups),
            _ => Ok(runs),
        }
    }
}

/// What [`interval_coverage`] measures.
#[derive(Debug, Clone, PartialEq)]
pub struct CoverageOptions {
    /// How each data set is fitted.
    pub fit: FitOptions,
    /// How it is resampled; `None` for profile intervals alone.
    pub bootstrap: Option<FitBootstrapOptions>,
    /// Nominal coverage.
    pub level: f64,
    /// Data sets.
    pub sets: usize,
}

/// How often an interval covered the truth.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Coverage {
    /// The parameter.
    pub parameter: Parameter,
    /// Which interval; `None` for the profile.
    pub interval: Option<BootstrapInterval>,
    /// Data sets whose interval holds the truth.
    pub covered: usize,
    /// All data sets.
    pub sets: usize,
    /// The median width of the intervals.
    pub median_width: f64,
}

/// The intervals that are compared.
const INTERVALS: [Option<BootstrapInterval>; 4] = [
    None,
    Some(BootstrapInterval::Percentile),
    Some(BootstrapInterval::Bca),
    Some(BootstrapInterval::Studentised),
];

/// Coverage of every interval of every parameter over data sets drawn from a known law.
///
/// One number is drawn from `rng` per data set; the sets run on the current rayon pool, and the
/// result does not depend on its size.
///
/// # Errors
/// As [`fit_law`] and [`Fit::bootstrap`](super::Fit::bootstrap).
pub fn interval_coverage<R: Rng + ?Sized>(
    law: &SyntheticRuns,
    options: &CoverageOptions,
    rng: &mut R,
) -> Result<Vec<Coverage>, FittingError> {
    let seeds: Vec<u64> = (0..options.sets).map(|_| rng.random()).collect();
    let sets =
        seeds.par_iter().map(|&seed| one_set(law, options, seed)).collect::<Result<Vec<_>, _>>()?;
    let kinds =
        INTERVALS.iter().take(if options.bootstrap.is_some() { INTERVALS.len() } else { 1 });
    let cells = kinds.flat_map(|&interval| Parameter::ALL.map(|parameter| (interval, parameter)));
    let summarise =
        |(at, (interval, parameter)): (usize, (Option<BootstrapInterval>, Parameter))| {
            let widths = sorted(sets.iter().map(|set| set[at].1));
            let covered = sets.iter().filter(|set| set[at].0).count();
            let median_width = upper_median(&widths);
            Coverage { parameter, interval, covered, sets: sets.len(), median_width }
        };
    Ok(cells.enumerate().map(summarise).collect())
}

/// Whether each interval covers, and its width.
fn one_set(
    law: &SyntheticRuns,
    options: &CoverageOptions,
    seed: u64,
) -> Result<Vec<(bool, f64)>, FittingError> {
    let mut rng = Xoshiro256PlusPlus::seed_from_u64(seed);
    let fit = fit_law(&law.draw(&mut rng)?, &options.fit)?;
    let bootstrap =
        options.bootstrap.map(|bootstrap| fit.bootstrap(&bootstrap, &mut rng)).transpose()?;
    let mut found = Vec::new();
    for kind in INTERVALS {
        for parameter in Parameter::ALL {
            let interval = match (kind, &bootstrap) {
                (None, _) => fit.profile_interval(parameter, options.level)?,
                (Some(kind), Some(bootstrap)) => {
                    bootstrap.interval(parameter, options.level, kind)?
                }
                (Some(_), None) => continue,
            };
            found.push((
                interval.contains(law.truth.get(parameter)),
                interval.upper - interval.lower,
            ));
        }
    }
    Ok(found)
}

/// p-values of [`symmetry_test`] over data sets drawn from a known law: by F, and by `resamples` of
/// the bootstrap (`None` for 0). On a law with one exponent both are uniform if the test keeps its
/// size.
///
/// # Errors
/// As [`symmetry_test`].
pub fn symmetry_test_size<R: Rng + ?Sized>(
    law: &SyntheticRuns,
    options: &FitOptions,
    resamples: usize,
    sets: usize,
    rng: &mut R,
) -> Result<Vec<(f64, Option<f64>)>, FittingError> {
    let seeds: Vec<u64> = (0..sets).map(|_| rng.random()).collect();
    let one = |&seed: &u64| {
        let mut rng = Xoshiro256PlusPlus::seed_from_u64(seed);
        let test = symmetry_test(&law.draw(&mut rng)?, options, resamples, &mut rng)?;
        Ok((test.p_value, test.bootstrap_p_value))
    };
    seeds.par_iter().map(one).collect()
}
