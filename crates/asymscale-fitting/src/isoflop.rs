//! `IsoFLOP` curves: at each of a few budgets of compute, where the loss is smallest as a function
//! of N, and how that grows with the budget (approach 2 of Hoffmann et al. 2022, arXiv 2203.15556).
//!
//! [`fit_isoflops`] takes the runs of each budget, fits a parabola in `ln N` to their **losses** by
//! least squares, and refuses a budget whose parabola has no minimum inside its sizes. Losses, not
//! their logarithms, as Hoffmann et al. do: under `E + A·N^−α + B·D^−β` the loss at a budget is
//! `E + K(C)·f(ln N − ln N*(C))` with one and the same `f` at every budget, so that whatever the
//! parabola gets wrong about the place of the minimum is the same wherever the sizes lie alike
//! around it, and exponents are right. The logarithm would mix E into it, and budgets would err
//! differently.
//!
//! What it gets wrong is its **bias**: `f` is no parabola. [`Isoflop::bias`] computes it from a
//! fitted law, by parabolas through the losses of that law at the very same (N, D).

mod bias;
mod clusters;
mod curve;
mod frontier;
mod interval;
mod loss;
mod parabola;

use rand::Rng;
use serde::Serialize;

pub use bias::{BudgetBias, GridBias};
pub use clusters::NoBudgets;
use clusters::{NEEDED_SIZES, clusters, sizes};
pub use curve::{Curve, Minimum, Refusal};
use curve::{Measured, measure};
pub use frontier::{Frontier, FrontierPoint};
pub use loss::LossCurve;

use parabola::Grid;

use crate::checks::{
    check_length, check_level, check_positive_option, check_positive_values, check_resamples,
};
use crate::runs::Runs;
use crate::{FittingError, ParameterInterval};

/// How [`fit_isoflops`] fits.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct IsoflopOptions {
    /// Operations per parameter and token, > 0. Default 6.
    pub factor: f64,
    /// Nominal coverage of intervals, in (0, 1). Default 0.95.
    pub level: f64,
    /// Resamples of the intervals of exponents, at least 99 and `2/(1 − level)`. Default 999.
    pub resamples: usize,
}

impl Default for IsoflopOptions {
    fn default() -> Self {
        Self { factor: 6.0, level: 0.95, resamples: 999 }
    }
}

/// `IsoFLOP` curves of some runs and what they say together.
#[derive(Debug, Clone)]
pub struct Isoflop {
    /// A curve for each budget, in ascending order of compute.
    pub curves: Vec<Curve>,
    /// How the minima grow with compute; `None` with fewer than two budgets that have one.
    pub frontier: Option<Frontier>,
    /// How far the losses scatter about their parabolas, relative to them, each run counted with
    /// what the parabolas leave it. NaN where no budget can be used.
    pub scatter: f64,
    runs: Runs,
    options: IsoflopOptions,
    measured: Vec<Measured>,
}

/// Fits a parabola in `ln N` to the losses of every budget, and power laws to their minima.
///
/// `budgets`, one entry a run, finite and > 0, say which runs belong together: equal entries. Where
/// too few are equal, or `None` are given, budgets are found as clusters of `ln C`, of the entries
/// or of `C = factor·N·D`: gaps between budgets must be at least `ln 1.25`, three times the widest
/// gap inside one and twice the width of the widest.
///
/// A budget needs four distinct N, runs of one compute (within a factor 1.5), a positive curvature,
/// and its minimum not within the outermost step of its sizes; others are [refused](Refusal) one by
/// one. Intervals of a minimum are Fieller's, with Student's t and one relative scatter for all
/// budgets, save those that scatter more than the others; those of exponents come from resampled
/// residuals of the runs within budgets (README of the crate: how often they hold the truth). Cost
/// `O(resamples × runs)`.
///
/// # Errors
/// Options out of range; budgets of another number than the runs, or not finite and > 0; no budget
/// with four distinct N.
///
/// ```
/// use asymscale_fitting::isoflop::{IsoflopOptions, fit_isoflops};
/// use asymscale_fitting::{Parameters, Runs};
/// use rand_xoshiro::{Xoshiro256PlusPlus, rand_core::SeedableRng};
/// let law = Parameters { e: 1.8, a: 480.0, b: 2000.0, alpha: 0.35, beta: 0.37 };
/// let (mut n, mut d) = (Vec::new(), Vec::new());
/// for compute in [1e18, 1e19, 1e20] {
///     let best = law.optimum(compute, 6.0).unwrap().0;
///     for k in -3..=3 {
///         n.push(best * 1.3f64.powi(k));
///         d.push(compute / 6.0 / n[n.len() - 1]);
///     }
/// }
/// let losses: Vec<f64> = n.iter().zip(&d).map(|(n, d)| law.loss(*n, *d)).collect();
/// let runs = Runs::new(&n, &d, &losses)?;
/// let mut rng = Xoshiro256PlusPlus::seed_from_u64(1);
/// let found = fit_isoflops(&runs, None, &IsoflopOptions::default(), &mut rng)?;
/// let exponent = found.frontier.as_ref().unwrap().features_exponent;
/// assert!((exponent.estimate - 0.37 / 0.72).abs() < 1e-9);
/// // The minimum of the parabola is 0.16 % too low on this grid.
/// assert!((found.bias(&law).unwrap().budgets[0].features + 0.0016).abs() < 1e-4);
/// # Ok::<(), asymscale_fitting::FittingError>(())
/// ```
pub fn fit_isoflops<R: Rng + ?Sized>(
    runs: &Runs,
    budgets: Option<&[f64]>,
    options: &IsoflopOptions,
    rng: &mut R,
) -> Result<Isoflop, FittingError> {
    check(runs, budgets, options)?;
    let computes = budgets.map_or_else(|| computes(runs, options.factor), <[f64]>::to_vec);
    let groups = groups(runs, &computes, budgets.is_some());
    if !groups.iter().any(|rows| sizes(runs, rows) >= NEEDED_SIZES) {
        return Err(NoBudgets::of(runs, &computes).into());
    }
    let (curves, measured, scatter) = measure(runs, &computes, groups, options);
    let frontier = Frontier::new(&measured, options, rng);
    Ok(Isoflop { curves, frontier, scatter, runs: runs.clone(), options: *options, measured })
}

impl Isoflop {
    /// The runs.
    pub fn runs(&self) -> &Runs {
        &self.runs
    }

    /// How they were fitted.
    pub fn options(&self) -> IsoflopOptions {
        self.options
    }

    /// The loss at N on the parabola of a curve; NaN of fewer than three distinct N.
    ///
    /// ```
    /// use asymscale_fitting::Runs;
    /// use asymscale_fitting::isoflop::{IsoflopOptions, fit_isoflops};
    /// use rand_xoshiro::{Xoshiro256PlusPlus, rand_core::SeedableRng};
    /// let n: Vec<f64> = (-2..=2).map(|k| 1e9 * 2f64.powi(k)).collect();
    /// let d: Vec<f64> = n.iter().map(|n| 1e20 / 6.0 / n).collect();
    /// let loss = |n: &f64| 2.0 + 0.1 * (n / 1e9).ln().powi(2);
    /// let runs = Runs::new(&n, &d, &n.iter().map(loss).collect::<Vec<f64>>())?;
    /// let mut rng = Xoshiro256PlusPlus::seed_from_u64(1);
    /// let found = fit_isoflops(&runs, Some(&[1e20; 5]), &IsoflopOptions::default(), &mut rng)?;
    /// assert!((found.along(&found.curves[0], 3e9) - loss(&3e9)).abs() < 1e-12);
    /// # Ok::<(), asymscale_fitting::FittingError>(())
    /// ```
    pub fn along(&self, curve: &Curve, features: f64) -> f64 {
        if curve.sizes < 3 {
            return f64::NAN;
        }
        let at = |values: &[f64]| curve.rows.iter().map(|&row| values[row]).collect::<Vec<f64>>();
        let logs: Vec<f64> = at(self.runs.features()).iter().map(|n| n.ln()).collect();
        let grid = Grid::new(&logs);
        grid.at(&grid.fit(&at(self.runs.losses())), features.ln())
    }

    /// Curves that have a minimum.
    pub fn minima(&self) -> impl Iterator<Item = (&Curve, &Minimum)> {
        self.curves
            .iter()
            .filter_map(|curve| curve.minimum.as_ref().ok().map(|minimum| (curve, minimum)))
    }
}

fn computes(runs: &Runs, factor: f64) -> Vec<f64> {
    runs.features().iter().zip(runs.samples()).map(|(n, d)| factor * n * d).collect()
}

/// Rows of equal compute where that makes curves, else clusters.
fn groups(runs: &Runs, computes: &[f64], given: bool) -> Vec<Vec<usize>> {
    let mut equal = std::collections::BTreeMap::<u64, Vec<usize>>::new();
    for (row, compute) in computes.iter().enumerate() {
        equal.entry(compute.to_bits()).or_default().push(row);
    }
    let equal: Vec<Vec<usize>> = equal.into_values().collect();
    if given && equal.iter().any(|rows| sizes(runs, rows) >= NEEDED_SIZES) {
        return equal;
    }
    clusters(runs, computes)
}

fn check(
    runs: &Runs,
    budgets: Option<&[f64]>,
    options: &IsoflopOptions,
) -> Result<(), FittingError> {
    check_positive_option("compute factor", options.factor)?;
    check_level(options.level)?;
    check_resamples(options.resamples, options.level)?;
    let Some(budgets) = budgets else { return Ok(()) };
    check_length("budgets", budgets.len(), runs.len(), "run")?;
    check_positive_values("budgets", budgets)
}

fn interval_of(estimate: f64, (lower, upper): (f64, f64), level: f64) -> ParameterInterval {
    ParameterInterval { estimate, lower, upper, level }
}
