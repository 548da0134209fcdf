//! How often intervals cover the truth, measured on data drawn from a known law.

use asymscale_numerics::{sorted, upper_median};
use rand::{Rng, RngExt};
use rand_xoshiro::Xoshiro256PlusPlus;
use rand_xoshiro::rand_core::SeedableRng;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::bootstrap::{BootstrapInterval, FitBootstrapOptions};
use crate::FittingError;
use crate::runs::data::synthetic::SyntheticRuns;
use crate::runs::fit::{FitOptions, fit_law};
use crate::runs::law::Parameter;

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
/// As [`fit_law`] and [`Fit::bootstrap`](crate::runs::Fit::bootstrap).
///
/// ```
/// # use rand_xoshiro::{Xoshiro256PlusPlus, rand_core::SeedableRng};
/// use asymscale_fitting::{
///     CoverageOptions, FitOptions, Objective, Parameters, RunErrors, SyntheticRuns, interval_coverage,
/// };
/// let law = SyntheticRuns {
///     truth: Parameters { e: 1.7, a: 400.0, b: 1500.0, alpha: 0.34, beta: 0.37 },
///     features: (0..30).map(|k| 1e7 * 3f64.powi(k % 6)).collect(),
///     samples: (0..30).map(|k| 1e9 * 4f64.powi(k / 6)).collect(),
///     errors: RunErrors::Normal(0.01),
/// };
/// let fit = FitOptions { objective: Objective::SquaresLog, ..FitOptions::default() };
/// let options = CoverageOptions { fit, bootstrap: None, level: 0.95, sets: 4 };
/// let found = interval_coverage(&law, &options, &mut Xoshiro256PlusPlus::seed_from_u64(1))?;
/// assert!(found.iter().all(|of| of.covered <= 4 && of.sets == 4)); // profile intervals of six parameters
/// assert_eq!(found.len(), 6);
/// # Ok::<(), asymscale_fitting::FittingError>(())
/// ```
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
