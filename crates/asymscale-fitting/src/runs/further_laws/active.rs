//! Models of which only a part is active for each token (mixture of experts): a law in all
//! parameters and in active ones.
//!
//! `E + A·N_total^−a·N_active^−a' + B·D^−β` is the simplest law with an exponent for each. It is
//! the power of the expansion in Clark et al. 2022 (arXiv 2202.01169) without their bilinear term,
//! that of Ludziejewski et al. 2025 (arXiv 2502.05172) without interactions, and that of Frantar et
//! al. 2023 (arXiv 2309.08520) with `c_S = 0`. With `w = a'/(a + a')` it is the usual law in
//! `N = N_total^(1−w)·N_active^w`, so that a fit is a search for `w` around fits of that.

use asymscale_numerics::percentile_interval;
use rand::{Rng, RngExt};
use rand_xoshiro::Xoshiro256PlusPlus;
use rand_xoshiro::rand_core::SeedableRng;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use crate::FittingError;
use crate::checks::MIN_RESAMPLES;
use crate::runs::data::rows::Runs;
use crate::runs::fit::{Fit, FitOptions, fit_law};
use crate::runs::law::Parameters;
use crate::runs::optimiser::coordinates::{Centre, centred_logs};
use crate::runs::optimiser::minimise::descend;
use crate::runs::optimiser::problem::Problem;
use crate::runs::optimiser::symmetric::Vector;
use crate::runs::uncertainty::bootstrap::BootstrapInterval;
use crate::runs::uncertainty::intervals::{self, ParameterInterval};
use crate::runs::uncertainty::resampling::{Resampled, Resampler, Resampling};

/// The least spread of the points `(ln N_total, ln N_active)` across their line, as a share of that
/// along it.
const COLLINEAR: f64 = 1e-4;
/// Shares `w` at which all starts are tried.
const NODES: usize = 5;
/// Where the search for `w` stops.
const TOLERANCE: f64 = 1e-7;
/// The golden section.
const GOLDEN: f64 = 0.618_033_988_749_895;

/// A law of the loss in all parameters, in active ones, and in D; all numbers are >= 0.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct ActiveParameters {
    /// E, in units of the loss.
    pub e: f64,
    /// A: the loss from too few parameters where both numbers of them are 1.
    pub a: f64,
    /// B: the loss from too few samples at D = 1.
    pub b: f64,
    /// The exponent in all parameters.
    pub alpha_total: f64,
    /// The exponent in active parameters.
    pub alpha_active: f64,
    /// The exponent in D.
    pub beta: f64,
}

impl ActiveParameters {
    /// The law in active parameters and D of models with `ratio` times as many parameters in all.
    ///
    /// ```
    /// let law = asymscale_fitting::ActiveParameters { e: 1.0, a: 8.0, b: 2.0, alpha_total: 0.5, alpha_active: 0.25, beta: 1.0 };
    /// let of_sixteen = law.at_ratio(16.0);
    /// assert_eq!((of_sixteen.a, of_sixteen.alpha), (2.0, 0.75));
    /// assert_eq!(of_sixteen.loss(1.0, 2.0), 4.0);
    /// ```
    #[must_use]
    pub fn at_ratio(&self, ratio: f64) -> Parameters {
        Parameters {
            e: self.e,
            a: self.a * ratio.powf(-self.alpha_total),
            b: self.b,
            alpha: self.alpha_total + self.alpha_active,
            beta: self.beta,
        }
    }

    /// `w`, the part of the exponent that is due to active parameters: 0 where only the number in
    /// all counts, 1 where only that of active ones does.
    pub fn active_share(&self) -> f64 {
        self.alpha_active / (self.alpha_total + self.alpha_active)
    }

    fn new(law: &Parameters, share: f64) -> Self {
        let Parameters { e, a, b, alpha, beta } = *law;
        Self { e, a, b, alpha_total: alpha * (1.0 - share), alpha_active: alpha * share, beta }
    }
}

/// A fitted law in all and in active parameters.
#[derive(Debug, Clone)]
pub struct ActiveFit {
    /// The best parameters found.
    pub parameters: ActiveParameters,
    /// The fit in `N = N_total^(1−w)·N_active^w` at the best `w`: its runs, residuals, starts and
    /// quality.
    pub fit: Fit,
    totals: Runs,
    active: Vec<f64>,
}

/// Refits of resampled runs.
#[derive(Debug, Clone)]
pub struct ActiveBootstrap {
    /// The refits, in the order of the resamples.
    pub refits: Vec<ActiveParameters>,
    estimate: ActiveParameters,
    jackknife: Vec<ActiveParameters>,
    blocks: usize,
}

/// Fits `E + A·N_total^−a·N_active^−a' + B·D^−β`, both exponents >= 0, to runs whose `features` are
/// parameters in all.
///
/// All starts are tried at five values of `w`; around the best a golden section follows the minimum
/// in the other parameters, to 1e-7 in `w`. Cost: five [`fit_law`] and some 40 descents.
///
/// # Errors
/// As [`fit_law`]; a list of another length; active parameters that are not finite and > 0, or that
/// follow from those in all.
///
/// ```
/// use asymscale_fitting::{ActiveParameters, FitOptions, Objective, Runs, fit_active_law};
/// let law = ActiveParameters { e: 1.7, a: 400.0, b: 1500.0, alpha_total: 0.1, alpha_active: 0.24, beta: 0.37 };
/// let (mut n, mut active, mut d, mut losses) = (vec![], vec![], vec![], vec![]);
/// for k in 0..27 {
///     active.push(1e7 * 4f64.powi(k % 3));
///     n.push(active[k as usize] * 4f64.powi(k / 3 % 3));
///     d.push(1e9 * 5f64.powi(k / 9));
///     let at = k as usize;
///     losses.push(law.at_ratio(n[at] / active[at]).loss(active[at], d[at]));
/// }
/// let options = FitOptions { objective: Objective::SquaresLog, ..FitOptions::default() };
/// let fit = fit_active_law(&Runs::new(&n, &d, &losses)?, &active, &options)?;
/// assert!((fit.parameters.alpha_total - 0.1).abs() < 1e-5 && (fit.parameters.alpha_active - 0.24).abs() < 1e-5);
/// # Ok::<(), asymscale_fitting::FittingError>(())
/// ```
pub fn fit_active_law(
    totals: &Runs,
    active: &[f64],
    options: &FitOptions,
) -> Result<ActiveFit, FittingError> {
    check(totals, active)?;
    let needed = options.fewest_runs() + 1;
    if totals.len() < needed {
        return Err(FittingError::TooFewRuns {
            found: totals.len(),
            needed,
            parameters: needed - 1,
        });
    }
    let node = |k: usize| k as f64 / (NODES - 1) as f64;
    let at = |share: f64| fit_law(&effective(totals, active, share), options);
    let fits: Vec<Fit> = (0..NODES).map(|k| at(node(k))).collect::<Result<_, _>>()?;
    let best =
        (0..NODES).min_by(|&i, &j| fits[i].objective.total_cmp(&fits[j].objective)).unwrap_or(0);
    let bracket = (node(best.saturating_sub(1)), node((best + 1).min(NODES - 1)));
    let search = Search { totals, active, options, weights: None };
    let (share, theta) = search.minimum(bracket, node(best), &fits[best].theta);
    // The same runs from the end of the search alone, so that the number of starts that reached it
    // means something.
    let mut fit = at(share)?;
    let (problem, domain) = fit.problem();
    let end = descend(&problem, &domain, &theta);
    let value = options.scale(&fit.centre) * end.value;
    if value < fit.objective {
        (fit.objective, fit.theta, fit.status) = (value, end.theta, end.status);
        fit.parameters = options.to_data(&fit.centre, &end.theta);
    }
    let parameters = ActiveParameters::new(&fit.parameters, share);
    Ok(ActiveFit { parameters, fit, totals: totals.clone(), active: active.to_vec() })
}

/// Whether all parameters and active ones vary apart in a list of runs: the spread of their
/// logarithms across their line is at least 1e-4 of that along it, in squares.
///
/// ```
/// use asymscale_fitting::are_distinguishable;
/// assert!(are_distinguishable(&[1e7, 4e7, 4e7], &[1e7, 1e7, 2e7]));
/// assert!(!are_distinguishable(&[1e7, 4e7, 8e7], &[1e6, 4e6, 8e6])); // always a tenth
/// ```
pub fn are_distinguishable(totals: &[f64], active: &[f64]) -> bool {
    spread_across(totals, active) >= COLLINEAR
}

fn check(totals: &Runs, active: &[f64]) -> Result<(), FittingError> {
    // The same checks as for any size.
    Runs::new(active, totals.samples(), totals.losses())?;
    let unexplained = spread_across(totals.features(), active);
    if unexplained < COLLINEAR {
        return Err(FittingError::ActiveAlike(unexplained));
    }
    Ok(())
}

/// The smaller over the larger of the principal spreads of two logarithms.
fn spread_across(x: &[f64], y: &[f64]) -> f64 {
    let (x, y) = (centred_logs(x), centred_logs(y));
    let product = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
    let (xx, xy, yy) = (product(&x, &x), product(&x, &y), product(&y, &y));
    let root = (0.5 * (xx - yy)).hypot(xy);
    let (low, high) = (0.5 * (xx + yy) - root, 0.5 * (xx + yy) + root);
    if high > 0.0 { (low / high).max(0.0) } else { 0.0 }
}

/// Runs in `N_total^(1−w)·N_active^w`.
fn effective(totals: &Runs, active: &[f64], share: f64) -> Runs {
    let one = |(n, a): (&f64, &f64)| ((1.0 - share) * n.ln() + share * a.ln()).exp();
    totals.with_features(totals.features().iter().zip(active).map(one).collect())
}

/// The search for the best `w`, rows counted as often as their weights say.
struct Search<'a> {
    totals: &'a Runs,
    active: &'a [f64],
    options: &'a FitOptions,
    weights: Option<&'a [f64]>,
}

impl Search<'_> {
    /// The minimum in all else at a `w`, from nearby, and where.
    fn at(&self, share: f64, near: &Vector) -> (f64, Vector) {
        let runs = effective(self.totals, self.active, share);
        let centre = Centre::of(&runs);
        let problem = Problem::new(
            &runs,
            centre,
            self.options.objective,
            self.options.exponent_link(),
            self.weights,
        );
        let end = descend(&problem, &self.options.domain(&centre), near);
        (if end.value.is_finite() { end.value } else { f64::INFINITY }, end.theta)
    }

    /// A golden section; its ends, where they are 0 or 1, are tried as well.
    fn minimum(&self, (mut low, mut high): (f64, f64), first: f64, near: &Vector) -> (f64, Vector) {
        let ends = [low, high];
        let point = |share: f64, near: &Vector| {
            let (value, theta) = self.at(share, near);
            (value, share, theta)
        };
        let mut best = point(first, near);
        let mut left = point(high - GOLDEN * (high - low), near);
        let mut right = point(low + GOLDEN * (high - low), near);
        while high - low > TOLERANCE {
            if left.0 <= right.0 {
                (high, right) = (right.1, left);
                left = point(high - GOLDEN * (high - low), &right.2);
            } else {
                (low, left) = (left.1, right);
                right = point(low + GOLDEN * (high - low), &left.2);
            }
        }
        let edges = ends.into_iter().filter(|end| *end == 0.0 || *end == 1.0);
        for other in
            edges.map(|end| point(end, near)).collect::<Vec<_>>().into_iter().chain([left, right])
        {
            if other.0 < best.0 {
                best = other;
            }
        }
        (best.1, best.2)
    }
}

impl ActiveFit {
    /// Refits resampled runs (or groups of them), each from the best parameters of this fit.
    ///
    /// One number is drawn from `rng` per resample; the result does not depend on the number of
    /// threads. Cost: some 45 descents a resample.
    ///
    /// # Errors
    /// Fewer than 99 resamples; no more rows (or groups) than free parameters; groups asked of runs
    /// that have none.
    pub fn bootstrap<R: Rng + ?Sized>(
        &self,
        grouped: bool,
        resamples: usize,
        rng: &mut R,
    ) -> Result<ActiveBootstrap, FittingError> {
        let needed = MIN_RESAMPLES;
        if resamples < needed {
            return Err(FittingError::FewResamples { found: resamples, needed });
        }
        let kind = if grouped { Resampling::Groups } else { Resampling::Rows };
        let resampler = Resampler::new(&self.fit, kind)?;
        let seeds: Vec<u64> = (0..resamples).map(|_| rng.random()).collect();
        let one =
            |&seed: &u64| self.refit(&resampler.draw(&mut Xoshiro256PlusPlus::seed_from_u64(seed)));
        Ok(ActiveBootstrap {
            refits: seeds.par_iter().map(one).collect(),
            estimate: self.parameters,
            jackknife: resampler.jackknife().par_iter().map(|left| self.refit(left)).collect(),
            blocks: resampler.blocks(),
        })
    }

    fn refit(&self, drawn: &Resampled) -> ActiveParameters {
        let options = &self.fit.options;
        let search = Search {
            totals: &self.totals,
            active: &self.active,
            options,
            weights: drawn.weights.as_deref(),
        };
        let first = self.parameters.active_share();
        let first = if first.is_nan() { 0.5 } else { first };
        let (share, theta) = search.minimum((0.0, 1.0), first, &self.fit.theta);
        let centre = Centre::of(&effective(&self.totals, &self.active, share));
        ActiveParameters::new(&options.to_data(&centre, &theta), share)
    }

    /// Parameters in all of every run.
    pub fn totals(&self) -> &[f64] {
        self.totals.features()
    }

    /// Active parameters of every run.
    pub fn active(&self) -> &[f64] {
        &self.active
    }
}

impl ActiveBootstrap {
    /// The interval of any number computed from the parameters, of nominal coverage `level` in (0,
    /// 1); studentised intervals are replaced by corrected ones.
    ///
    /// # Errors
    /// A level out of range, or too close to 1 for the number of resamples.
    pub fn interval_of(
        &self,
        quantity: impl Fn(&ActiveParameters) -> f64,
        level: f64,
        kind: BootstrapInterval,
    ) -> Result<ParameterInterval, FittingError> {
        intervals::check(level, self.refits.len())?;
        let values = intervals::sorted_without_nan(self.refits.iter().map(&quantity));
        let estimate = quantity(&self.estimate);
        let (lower, upper) = if kind == BootstrapInterval::Percentile {
            percentile_interval(&values, level)
        } else {
            let left_out: Vec<f64> = self.jackknife.iter().map(&quantity).collect();
            intervals::bias_corrected(&values, estimate, &left_out, (level, self.blocks))
        };
        Ok(ParameterInterval { estimate, lower, upper, level })
    }
}
