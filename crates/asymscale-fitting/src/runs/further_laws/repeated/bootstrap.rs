//! Refits of resampled runs with repeats, and intervals from them.

use asymscale_numerics::{block_counts, blocks_left_out};
use rand::{Rng, RngExt};
use rand_xoshiro::Xoshiro256PlusPlus;
use rand_xoshiro::rand_core::SeedableRng;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::descent::{Descent, RepeatedStatus, descend, descend_from_afar};
use super::fit::{RepeatedFit, law_of, multistart};
use super::problem::Problem;
use super::{RepeatedLaw, RepeatedParameter};
use crate::FittingError;
use crate::checks::MIN_RESAMPLES;
use crate::runs::optimiser::newton::{ObjectiveFunction as _, best_of, is_same_minimum};
use crate::runs::uncertainty::bootstrap::Audit;
use crate::runs::uncertainty::intervals::{self, ParameterInterval};

/// The most data sets of the jackknife.
const LEFT_OUT: usize = 100;

/// How [`RepeatedFit::bootstrap`] resamples.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct RepeatedBootstrapOptions {
    /// Refits, at least 99. Default 999.
    pub resamples: usize,
    /// Refits that are made again from all starts. Default 10.
    pub audited: usize,
}

impl Default for RepeatedBootstrapOptions {
    fn default() -> Self {
        Self { resamples: 999, audited: 10 }
    }
}

/// Refits of resampled runs.
#[derive(Debug, Clone)]
pub struct RepeatedBootstrap {
    /// The refits, in the order of the resamples.
    pub refits: Vec<RepeatedLaw>,
    /// The result of the audit.
    pub audit: Audit,
    /// Refits that did not converge. They are kept among `refits`.
    pub failed: usize,
    original: RepeatedLaw,
    /// With each block left out.
    jackknife: Vec<RepeatedLaw>,
    /// The number of rows or groups that were resampled.
    blocks: usize,
}

impl RepeatedFit {
    /// Refits rows (or groups, where the runs have them) drawn with replacement, each from the best
    /// parameters of this fit and, where that ends at a bound, from the other ends of its starts.
    ///
    /// One number is drawn from `rng` per resample; refits run on the current rayon pool, and the
    /// result does not depend on its size. Cost `O(resamples × steps × runs)`: 400 of 296 runs take
    /// five seconds of a core.
    ///
    /// # Errors
    /// Fewer than 99 resamples; no more groups than parameters.
    pub fn bootstrap<R: Rng + ?Sized>(
        &self,
        options: &RepeatedBootstrapOptions,
        rng: &mut R,
    ) -> Result<RepeatedBootstrap, FittingError> {
        let (found, needed) = (options.resamples, MIN_RESAMPLES);
        if found < needed {
            return Err(FittingError::FewResamples { found, needed });
        }
        let blocks = self.blocks()?;
        let seeds: Vec<u64> = (0..options.resamples).map(|_| rng.random()).collect();
        let one = |(k, &seed): (usize, &u64)| {
            let weights = self.drawn(&blocks, &mut Xoshiro256PlusPlus::seed_from_u64(seed));
            self.refit(&weights, k < options.audited)
        };
        let refits: Vec<(RepeatedLaw, bool, Option<bool>)> =
            seeds.par_iter().enumerate().map(one).collect();
        let left = blocks_left_out(&blocks, self.runs.runs().len(), LEFT_OUT);
        let jackknife = left.par_iter().map(|weights| self.refit(weights, false).0).collect();
        Ok(RepeatedBootstrap {
            failed: refits.iter().filter(|refit| !refit.1).count(),
            audit: Audit {
                checked: refits.iter().filter(|refit| refit.2.is_some()).count(),
                agreed: refits.iter().filter(|refit| refit.2 == Some(true)).count(),
            },
            refits: refits.into_iter().map(|refit| refit.0).collect(),
            original: self.law,
            jackknife,
            blocks: blocks.len(),
        })
    }

    fn blocks(&self) -> Result<Vec<Vec<usize>>, FittingError> {
        let rows = self.runs.runs().len();
        let blocks = self
            .runs
            .runs()
            .rows_by_group()
            .unwrap_or_else(|| (0..rows).map(|row| vec![row]).collect());
        let needed = self.free_parameters() + 1;
        if blocks.len() < needed {
            return Err(FittingError::TooFewGroups { found: blocks.len(), needed });
        }
        Ok(blocks)
    }

    /// How often each row counts.
    fn drawn<R: Rng + ?Sized>(&self, blocks: &[Vec<usize>], rng: &mut R) -> Vec<f64> {
        let drawn = (0..blocks.len()).map(|_| rng.random_range(0..blocks.len()));
        block_counts(blocks, self.runs.runs().len(), drawn)
    }

    /// The refit, whether it converged, and whether all starts agree with it if that was asked.
    fn refit(&self, weights: &[f64], audit: bool) -> (RepeatedLaw, bool, Option<bool>) {
        let (options, units) = (&self.options, self.units);
        let problem =
            Problem::new(&self.runs, units, options.objective, options.tied_pair(), Some(weights));
        let warm = self.warm(&problem);
        let full = audit.then(|| best_of(&multistart(&problem, &self.runs, options))).flatten();
        let agreement =
            full.map(|full| is_same_minimum(warm.value, full.value, problem.rounding()));
        let best = full.filter(|full| full.value < warm.value).unwrap_or(warm);
        let done = matches!(best.status, RepeatedStatus::Converged | RepeatedStatus::AtBound(_));
        (law_of(&problem, &best.theta, options), done, agreement)
    }

    /// From the best parameters directly and by way of wider δ, and where that ends at a bound from
    /// the other ends of the fit too.
    fn warm(&self, problem: &Problem) -> Descent {
        let domain = self.options.domain(&self.units);
        let mut ends = vec![
            descend(problem, &domain, &self.theta),
            descend_from_afar(problem, &domain, &self.theta),
        ];
        if ends.iter().any(|end| end.status != RepeatedStatus::Converged) {
            ends.extend(self.others.iter().map(|start| descend_from_afar(problem, &domain, start)));
        }
        best_of(&ends).unwrap_or(ends[0])
    }
}

impl RepeatedBootstrap {
    /// The corrected interval (`BCa`) of a parameter, of nominal coverage `level` in (0, 1).
    ///
    /// An end of `r_d` or `r_n` may be 0 or infinite: the runs set no limit there. Resamples that
    /// leave them open count at both ends.
    ///
    /// # Errors
    /// A level out of range, or too close to 1 for the number of resamples.
    pub fn interval(
        &self,
        parameter: RepeatedParameter,
        level: f64,
    ) -> Result<ParameterInterval, FittingError> {
        let mut interval = self.interval_of(|law| law.get(parameter), level)?;
        // All parameters are >= 0.
        interval.lower = interval.lower.max(0.0);
        Ok(interval)
    }

    /// The corrected interval of any number computed from the law; one that is NaN where the law
    /// leaves it open. What is open in a resample may be anything: it counts as −∞ for the lower
    /// end and as ∞ for the upper.
    ///
    /// # Errors
    /// As [`RepeatedBootstrap::interval`].
    pub fn interval_of(
        &self,
        quantity: impl Fn(&RepeatedLaw) -> f64,
        level: f64,
    ) -> Result<ParameterInterval, FittingError> {
        intervals::check(level, self.refits.len())?;
        let estimate = quantity(&self.original);
        let open =
            ParameterInterval { estimate, lower: f64::NEG_INFINITY, upper: f64::INFINITY, level };
        if estimate.is_nan() {
            return Ok(open);
        }
        let left_out: Vec<f64> = self.jackknife.iter().map(&quantity).collect();
        let left_out = bounded(&left_out, estimate);
        let values: Vec<f64> = self.refits.iter().map(quantity).collect();
        let ends = |instead: f64| {
            let filled = values.iter().map(|value| if value.is_nan() { instead } else { *value });
            intervals::bias_corrected(
                &intervals::sorted_without_nan(filled),
                estimate,
                &left_out,
                (level, self.blocks),
            )
        };
        Ok(ParameterInterval { lower: ends(open.lower).0, upper: ends(open.upper).1, ..open })
    }
}

/// Values of which some are infinite on a scale on which none is, with the same order.
fn bounded(values: &[f64], estimate: f64) -> Vec<f64> {
    if values.iter().all(|value| !value.is_infinite()) {
        return values.to_vec();
    }
    let unit = if estimate.is_finite() && estimate != 0.0 { estimate.abs() } else { 1.0 };
    let squash = |value: &f64| {
        if value.is_infinite() { value.signum() } else { value / (unit + value.abs()) }
    };
    values.iter().map(squash).collect()
}
