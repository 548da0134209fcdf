//! The fit of the law of repeated data from many starts.

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::descent::{Descent, Domain, RepeatedStatus, descend, descend_from_afar};
use super::problem::{Problem, SIZE, V_D, V_N, Vector};
use super::units::Units;
use super::{RepeatedLaw, RepeatedRuns, RepeatedStarts};
use crate::FittingError;
use crate::checks::check_positive_option;
use crate::runs::fit::FitOptions;
use crate::runs::fit::requirements::check;
use crate::runs::law::{Floor, Law, Objective, Parameters};
use crate::runs::optimiser::index::{A, ALPHA, B, BETA, E};
use crate::runs::optimiser::newton::{
    ObjectiveFunction as _, best_of, is_same_minimum, other_ends,
};

/// The least exponent: below it a term is a constant over any range of sizes there is.
const LEAST_EXPONENT: f64 = 0.005;
/// Logarithms of the least and the largest share that a term may have of the loss at the centre.
const AMPLITUDES: (f64, f64) = (-23.0, 23.0);
/// Shares of R at which the best end is started from again, and how often if that finds a better
/// one.
const RESTART_SHARES: [f64; 6] = [0.05, 0.25, 0.5, 0.75, 0.9, 0.97];
const ROUNDS: usize = 3;

/// How [`fit_repeated`] fits.
#[derive(Debug, Clone, PartialEq)]
pub struct RepeatedOptions {
    /// One exponent for N' and D'. Default false.
    pub tied: bool,
    /// Which of them; the default is free.
    pub floor: Floor,
    /// Default Huber on log loss, δ = 1e-3; not the asymmetric one.
    pub objective: Objective,
    /// The law of fresh samples where it is known: `R_D` and `R_N` alone are fitted. Default none.
    pub held: Option<Parameters>,
    /// Default a grid of 64, or 16 with one exponent.
    pub starts: RepeatedStarts,
    /// The largest exponent allowed, > 0. Default 10.
    pub largest_exponent: f64,
}

impl Default for RepeatedOptions {
    fn default() -> Self {
        Self {
            tied: false,
            floor: Floor::Free,
            objective: Objective::default(),
            held: None,
            starts: RepeatedStarts::default(),
            largest_exponent: 10.0,
        }
    }
}

/// How the descents of a fit ended; the counts add up to `total`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct RepeatedCounts {
    /// All: from the starts, and from the best end again with 36 other pairs of R, up to three
    /// times while that finds a better one.
    pub total: usize,
    /// At the best objective found (to a relative 1e-6), however they ended there.
    pub best: usize,
    /// At a worse local minimum inside all bounds.
    pub other_minimum: usize,
    /// At a worse minimum where a parameter is at a bound.
    pub at_bound: usize,
    /// Stopped before they converged.
    pub iteration_limit: usize,
    /// Without a finite objective.
    pub not_finite: usize,
}

/// Where one descent ended.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct RepeatedEndpoint {
    /// The parameters at the end.
    pub law: RepeatedLaw,
    /// The objective at the end.
    pub objective: f64,
    /// How the descent ended.
    pub status: RepeatedStatus,
}

/// A fitted law of repeated data.
#[derive(Debug, Clone)]
pub struct RepeatedFit {
    /// The best parameters found. `r_n` is NaN where no run has more features than are balanced for
    /// its distinct samples: such runs say nothing of it.
    pub law: RepeatedLaw,
    /// The objective at these parameters, summed over runs.
    pub objective: f64,
    /// How the best descent ended.
    pub status: RepeatedStatus,
    /// How all descents ended.
    pub starts: RepeatedCounts,
    /// Every descent: in the order of the starts, then those from the best end.
    pub endpoints: Vec<RepeatedEndpoint>,
    pub(super) runs: RepeatedRuns,
    pub(super) options: RepeatedOptions,
    pub(super) units: Units,
    pub(super) theta: Vector,
    /// Other ends of the descents, the best first.
    pub(super) others: Vec<Vector>,
}

/// Fits the law of repeated data to training runs: the smallest objective found from many starts.
///
/// All seven parameters, or with one exponent six, or with the law of fresh samples held two. Each
/// start descends by Newton's method with the exact Hessian, `U_N` moving with the parameters; `R`
/// may end at 0 and at infinity, since `R/(R + scale)` is what is fitted. The best end is started
/// from again with other R. Starts run on the current rayon pool; the result does not depend on its
/// size. Cost `O(starts × steps × runs)`: 296 runs take half a second of a core.
///
/// # Errors
/// Fewer runs than parameters and one more; too few distinct N, D or pairs, or N and D collinear in
/// logarithms, unless the law of fresh samples is held; no run that repeats samples; a fixed E not
/// below every loss; options out of range; no start with a finite objective.
///
/// ```
/// use asymscale_fitting::{Runs, repeated::{RepeatedLaw, RepeatedOptions, RepeatedRuns, fit_repeated}};
/// let truth = RepeatedLaw { e: 1.7, a: 400.0, b: 1500.0, alpha: 0.34, beta: 0.37, r_d: 12.0, r_n: 6.0 };
/// let (mut n, mut d, mut u, mut losses) = (vec![], vec![], vec![], vec![]);
/// for k in 0..80 {
///     n.push(1e7 * 6f64.powi(k % 5));
///     u.push(1e8 * 5f64.powi(k / 5 % 4));
///     d.push(u[k as usize] * 6f64.powi(k / 20));
///     losses.push(truth.loss(n[k as usize], d[k as usize], u[k as usize]));
/// }
/// let runs = RepeatedRuns::new(Runs::new(&n, &d, &losses)?, &u)?;
/// let fit = fit_repeated(&runs, &RepeatedOptions::default())?;
/// assert!((fit.law.r_d - 12.0).abs() < 1e-4 && (fit.law.r_n - 6.0).abs() < 1e-4);
/// // More of the same is worth less than half of fresh data beyond so many epochs.
/// assert!((fit.law.epochs_worth(0.5) - 9.318).abs() < 1e-3);
/// # Ok::<(), asymscale_fitting::FittingError>(())
/// ```
pub fn fit_repeated(
    runs: &RepeatedRuns,
    options: &RepeatedOptions,
) -> Result<RepeatedFit, FittingError> {
    check_repeated(runs, options)?;
    let units = Units::of(runs);
    let problem = Problem::new(runs, units, options.objective, options.tied_pair(), None);
    let descents = multistart(&problem, runs, options);
    let best = best_of(&descents).ok_or(FittingError::NoFiniteStart(descents.len()))?;
    let endpoint = |descent: &Descent| RepeatedEndpoint {
        law: law_of(&problem, &descent.theta, options),
        objective: options.scale(&units) * descent.value,
        status: descent.status,
    };
    let end = endpoint(&best);
    Ok(RepeatedFit {
        law: end.law,
        objective: end.objective,
        status: end.status,
        starts: count(&descents, best.value, problem.rounding()),
        endpoints: descents.iter().map(endpoint).collect(),
        runs: runs.clone(),
        options: options.clone(),
        units,
        theta: best.theta,
        others: other_ends(&descents, best.value, problem.rounding()),
    })
}

impl RepeatedFit {
    /// The runs that were fitted.
    pub fn runs(&self) -> &RepeatedRuns {
        &self.runs
    }

    /// The options of the fit.
    pub fn options(&self) -> &RepeatedOptions {
        &self.options
    }

    /// The fitted loss of every run.
    pub fn fitted(&self) -> Vec<f64> {
        let runs = self.runs.runs();
        let sizes = runs.features().iter().zip(runs.samples()).zip(self.runs.unique());
        sizes.map(|((n, d), u)| self.law.loss(*n, *d, *u)).collect()
    }

    /// `ln loss − ln fit` of every run.
    pub fn residuals(&self) -> Vec<f64> {
        self.fitted()
            .iter()
            .zip(self.runs.runs().losses())
            .map(|(fit, loss)| (loss / fit).ln())
            .collect()
    }

    /// The number of parameters that were fitted.
    pub fn free_parameters(&self) -> usize {
        self.options.free_parameters()
    }
}

impl RepeatedOptions {
    pub(super) fn free_parameters(&self) -> usize {
        let floor = usize::from(self.floor == Floor::Free);
        if self.held.is_some() { 2 } else { 6 + floor - usize::from(self.tied) }
    }

    /// Whether both exponents are one; exponents that are held are not.
    pub(super) fn tied_pair(&self) -> bool {
        self.tied && self.held.is_none()
    }

    pub(super) fn domain(&self, units: &Units) -> Domain {
        let (low, high) = AMPLITUDES;
        let mut lower = [0.0, low, low, LEAST_EXPONENT, LEAST_EXPONENT, 0.0, 0.0];
        let most = self.largest_exponent;
        let mut upper = [f64::INFINITY, high, high, most, most, 1.0, 1.0];
        let mut free = [true; SIZE];
        free[BETA] = !self.tied;
        if let Some(fresh) = &self.held {
            let theta = units.to_internal(&RepeatedLaw::new(fresh, 1.0, 1.0));
            for k in [E, A, B, ALPHA, BETA] {
                (lower[k], upper[k], free[k]) = (theta[k], theta[k], false);
            }
        } else if let Floor::Fixed(e) = self.floor {
            (lower[E], free[E]) = (e * (-units.centre.loss).exp(), false);
            upper[E] = lower[E];
        }
        Domain { lower, upper, free }
    }

    /// The factor from the objective in units of the centre to the objective in units of the data.
    pub(super) fn scale(&self, units: &Units) -> f64 {
        if self.objective == Objective::Squares { (2.0 * units.centre.loss).exp() } else { 1.0 }
    }

    /// The same options for a fit of fresh samples.
    fn plain(&self) -> FitOptions {
        FitOptions {
            law: if self.tied { Law::Tied } else { Law::Free },
            floor: self.floor,
            objective: self.objective,
            largest_exponent: self.largest_exponent,
            ..FitOptions::default()
        }
    }
}

/// The parameters at a point, in the units of the data; an R that changes no run is NaN.
pub(super) fn law_of(problem: &Problem, theta: &Vector, options: &RepeatedOptions) -> RepeatedLaw {
    let mut theta = *theta;
    if options.tied_pair() {
        theta[BETA] = theta[ALPHA];
    }
    let mut law = problem.units.to_data(&theta, problem.identified(&theta));
    if let Some(fresh) = &options.held {
        law = RepeatedLaw::new(fresh, law.r_d, law.r_n);
    }
    law
}

pub(super) fn multistart(
    problem: &Problem,
    runs: &RepeatedRuns,
    options: &RepeatedOptions,
) -> Vec<Descent> {
    let domain = options.domain(&problem.units);
    let starts = options.starts.points(runs, options, &problem.units);
    let mut ends: Vec<Descent> =
        starts.par_iter().map(|start| descend_from_afar(problem, &domain, start)).collect();
    for _ in 0..ROUNDS {
        let Some(best) = best_of(&ends) else { break };
        let again = restarts(&best.theta);
        ends.par_extend(again.par_iter().map(|start| descend(problem, &domain, start)));
        if best_of(&ends)
            .is_none_or(|end| is_same_minimum(best.value, end.value, problem.rounding()))
        {
            break;
        }
    }
    ends
}

/// Points with other R, to descend from again. With a small δ every run that the law passes makes a
/// kink, and along the long valley in which R are traded for amplitudes many kinks are local
/// minima.
fn restarts(theta: &Vector) -> Vec<Vector> {
    let at = |v_d: f64, v_n: f64| {
        let mut theta = *theta;
        (theta[V_D], theta[V_N]) = (v_d, v_n);
        theta
    };
    RESTART_SHARES.iter().flat_map(|&v_d| RESTART_SHARES.map(|v_n| at(v_d, v_n))).collect()
}

fn count(descents: &[Descent], best: f64, rounding: f64) -> RepeatedCounts {
    let mut counts = RepeatedCounts { total: descents.len(), ..RepeatedCounts::default() };
    for descent in descents {
        let counter = match descent.status {
            RepeatedStatus::NotFinite => &mut counts.not_finite,
            _ if is_same_minimum(descent.value, best, rounding) => &mut counts.best,
            RepeatedStatus::Converged => &mut counts.other_minimum,
            RepeatedStatus::AtBound(_) => &mut counts.at_bound,
            RepeatedStatus::IterationLimit => &mut counts.iteration_limit,
        };
        *counter += 1;
    }
    counts
}

fn check_repeated(runs: &RepeatedRuns, options: &RepeatedOptions) -> Result<(), FittingError> {
    if let Objective::AsymmetricHuberLog { above, .. } = options.objective {
        return Err(FittingError::SymmetricOnly(above));
    }
    let parameters = options.free_parameters();
    if runs.runs().len() <= parameters {
        let (found, needed) = (runs.runs().len(), parameters + 1);
        return Err(FittingError::TooFewRuns { found, needed, parameters });
    }
    if options.held.is_none() {
        check(runs.runs(), &options.plain())?;
    }
    if runs.repeating() == 0 {
        let what = "numbers of epochs beyond 1";
        return Err(FittingError::TooFewDistinct { what, found: 0, needed: 1 });
    }
    let starts = options.starts.len(options) as f64;
    check_positive_option("number of starts", starts)?;
    if let Some(Parameters { e, a, b, alpha, beta }) = options.held {
        if !(e.is_finite() && e >= 0.0) {
            return Err(FittingError::Floor(e));
        }
        let names = ["held a", "held b", "held alpha", "held beta"];
        names
            .into_iter()
            .zip([a, b, alpha, beta])
            .try_for_each(|(what, value)| check_positive_option(what, value))?;
    }
    if let RepeatedStarts::Grid { exponents, .. } = &options.starts {
        exponents
            .iter()
            .try_for_each(|&exponent| check_positive_option("start exponent", exponent))?;
    }
    Ok(())
}
