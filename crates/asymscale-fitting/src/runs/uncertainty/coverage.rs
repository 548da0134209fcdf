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
