//! Do intervals cover, and does the test of symmetry keep its size? Both measured on data drawn from a known law.

use rand::{Rng, RngExt};
use rand_xoshiro::Xoshiro256PlusPlus;
use rand_xoshiro::rand_core::SeedableRng;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use statrs::distribution::{ContinuousCDF, Normal};

use super::bootstrap::{BootstrapInterval, FitBootstrapOptions};
use super::fit::{FitOptions, fit_law};
use super::law::{Parameter, Parameters};
use super::rows::Runs;
use super::symmetry::symmetry_test;
use crate::FittingError;

/// A known law at given sizes, with log-normal noise.
#[derive(Debug, Clone, PartialEq)]
pub struct SyntheticRuns {
    /// The law.
    pub truth: Parameters,
    /// N of every run.
    pub features: Vec<f64>,
    /// D of every run.
    pub samples: Vec<f64>,
    /// Standard deviation of `ln loss`.
    pub spread: f64,
}

impl SyntheticRuns {
    /// Losses `truth·e^{spread·z}`, `z` standard normal (by inversion, so that a draw is one number of the generator).
    ///
    /// # Errors
    /// As [`Runs::new`].
    pub fn draw<R: Rng + ?Sized>(&self, rng: &mut R) -> Result<Runs, FittingError> {
        let normal = Normal::standard();
        let mut loss = |(&n, &d): (&f64, &f64)| {
            // Strictly between 0 and 1.
            let uniform = (rng.random::<f64>() + 0.5 * f64::EPSILON).min(1.0 - f64::EPSILON);
            self.truth.loss(n, d) * (self.spread * normal.inverse_cdf(uniform)).exp()
        };
        let losses: Vec<f64> = self.features.iter().zip(&self.samples).map(&mut loss).collect();
        Runs::new(&self.features, &self.samples, &losses)
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
/// One number is drawn from `rng` per data set; the sets run on the current rayon pool, and the result does not depend
/// on its size.
///
/// # Errors
/// As [`fit_law`] and [`Fit::bootstrap`](super::Fit::bootstrap).
pub fn interval_coverage<R: Rng + ?Sized>(
    law: &SyntheticRuns,
    options: &CoverageOptions,
    rng: &mut R,
) -> Result<Vec<Coverage>, FittingError> {
    let seeds: Vec<u64> = (0..options.sets).map(|_| rng.random()).collect();
    let sets = seeds.par_iter().map(|&seed| one_set(law, options, seed)).collect::<Result<Vec<_>, _>>()?;
    let kinds = INTERVALS.iter().take(if options.bootstrap.is_some() { INTERVALS.len() } else { 1 });
    let cells = kinds.flat_map(|&interval| Parameter::ALL.map(|parameter| (interval, parameter)));
    let summarise = |(at, (interval, parameter)): (usize, (Option<BootstrapInterval>, Parameter))| {
        let mut widths: Vec<f64> = sets.iter().map(|set| set[at].1).collect();
        widths.sort_by(f64::total_cmp);
        let covered = sets.iter().filter(|set| set[at].0).count();
        let median_width = widths.get(widths.len() / 2).copied().unwrap_or(f64::NAN);
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
    let bootstrap = options.bootstrap.map(|bootstrap| fit.bootstrap(&bootstrap, &mut rng)).transpose()?;
    let mut found = Vec::new();
    for kind in INTERVALS {
        for parameter in Parameter::ALL {
            let interval = match (kind, &bootstrap) {
                (None, _) => fit.profile_interval(parameter, options.level)?,
                (Some(kind), Some(bootstrap)) => bootstrap.interval(parameter, options.level, kind)?,
                (Some(_), None) => continue,
            };
            found.push((interval.contains(law.truth.get(parameter)), interval.upper - interval.lower));
        }
    }
    Ok(found)
}

/// p-values of [`symmetry_test`] over data sets drawn from a known law: by F, and by `resamples` of the bootstrap
/// (`None` for 0). On a law with one exponent both are uniform if the test keeps its size.
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
