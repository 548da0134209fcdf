//! The fit of a law to runs from many starts, and what it says of itself.
//!
//! This room knows the optimiser and must not know resamples, tests of hypotheses or predictions.
//!
//! | I want … | file |
//! |---|---|
//! | the fit and its options | this file |
//! | what runs and options it refuses | `requirements.rs` |
//! | residuals, leverages, the condition number | `diagnostics.rs` |
//! | the spread of residuals, and standard errors to first order | `first_order.rs` |
//! | whether the law fits: lack of fit, patterns of residuals | `quality.rs` |
//!
//! Other methods of [`Fit`] stand with what they are for: `bootstrap`, `profile_interval` and
//! `sandwich` in `uncertainty/`, `predict`, `validate` and `allocate` in
//! `prediction/extrapolation.rs`.

pub(super) mod diagnostics;
pub(super) mod first_order;
pub(super) mod quality;
pub(super) mod requirements;

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::data::rows::Runs;
use super::law::{Floor, Law, Objective, Parameters};
use super::optimiser::coordinates::Centre;
use super::optimiser::index::{ALPHA, B, BETA, E};
use super::optimiser::minimise::{Descent, Domain, Status, minimise};
use super::optimiser::newton::ObjectiveFunction as _;
use super::optimiser::newton::{best_of, is_same_minimum, other_ends};
use super::optimiser::problem::{ExponentLink, Problem};
use super::optimiser::starts::Starts;
use super::optimiser::symmetric::{PARAMETERS, Vector};
use crate::FittingError;
use requirements::check;

/// How [`fit_law`] fits.
#[derive(Debug, Clone, PartialEq)]
pub struct FitOptions {
    /// Which of them; the default is free.
    pub law: Law,
    /// Which of them; the default is free.
    pub floor: Floor,
    /// Default Huber on log loss, δ = 1e-3.
    pub objective: Objective,
    /// Default a grid of 36.
    pub starts: Starts,
    /// The largest exponent allowed, > 0. Default 10.
    pub largest_exponent: f64,
    /// Runs below which a fit is refused; never below the number of free parameters. Default 6.
    pub minimum_rows: usize,
}

impl Default for FitOptions {
    fn default() -> Self {
        Self {
            law: Law::default(),
            floor: Floor::default(),
            objective: Objective::default(),
            starts: Starts::default(),
            largest_exponent: 10.0,
            minimum_rows: 6,
        }
    }
}

/// How the descents of a fit ended; the counts add up to `total`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct StartCounts {
    /// The number of all descents.
    pub total: usize,
    /// At the best objective found (to a relative 1e-6), however they ended there.
    pub best: usize,
    /// At a worse local minimum inside all bounds.
    pub other_minimum: usize,
    /// At a worse minimum where a term is 0.
    pub term_vanished: usize,
    /// At a worse minimum where an exponent is at a bound.
    pub bound_hit: usize,
    /// Stopped before they converged.
    pub iteration_limit: usize,
    /// Without a finite objective.
    pub not_finite: usize,
}

/// Where one descent ended.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Endpoint {
    /// The parameters at the end.
    pub parameters: Parameters,
    /// The objective at the end.
    pub objective: f64,
    /// How the descent ended.
    pub status: Status,
}

/// A fitted law.
#[derive(Debug, Clone)]
pub struct Fit {
    /// The best parameters found.
    pub parameters: Parameters,
    /// The objective at these parameters, summed over runs.
    pub objective: f64,
    /// How the best descent ended.
    pub status: Status,
    /// How all descents ended.
    pub starts: StartCounts,
    /// Every descent, in the order of the starts.
    pub endpoints: Vec<Endpoint>,
    pub(crate) runs: Runs,
    pub(crate) options: FitOptions,
    pub(crate) centre: Centre,
    pub(crate) theta: Vector,
    /// Other ends of the descents, the best first.
    pub(crate) others: Vec<Vector>,
}

/// Fits a law of the loss to training runs: the smallest objective found from many starts.
///
/// Logarithms of N and D are centred and losses divided by their geometric mean, so that E, A and B
/// become shares of order 1. Each start descends by Newton's method with the exact Hessian, damped
/// towards reweighted Gauss–Newton, within bounds (E, A, B >= 0, exponents in
/// `[0, largest_exponent]`, ratio <= 1 in the sparse law); a term that vanished on the way is
/// offered again at other exponents. Starts run on the current rayon pool; the result does not
/// depend on its size. The objective at a local minimum is right to about 1e-12, relatively. Cost
/// `O(starts × steps × runs)`, mostly 10 to 30 steps.
///
/// # Errors
/// Fewer runs than `minimum_rows` or than free parameters; too few distinct N, D or pairs; N and D
/// collinear in logarithms; a fixed E not below every loss; options out of range; no start with a
/// finite objective.
///
/// ```
/// use asymscale_fitting::{FitOptions, Objective, Parameters, Runs, fit_law};
/// let truth = Parameters { e: 1.7, a: 400.0, b: 1500.0, alpha: 0.34, beta: 0.37 };
/// let sizes: Vec<(f64, f64)> = (0..30).map(|k| (1e7 * 3f64.powi(k % 6), 1e9 * 4f64.powi(k / 6))).collect();
/// let (n, d): (Vec<f64>, Vec<f64>) = sizes.into_iter().unzip();
/// let losses: Vec<f64> = n.iter().zip(&d).map(|(&n, &d)| truth.loss(n, d)).collect();
/// let fit = fit_law(&Runs::new(&n, &d, &losses)?, &FitOptions::default())?;
/// assert!((fit.parameters.alpha - 0.34).abs() < 1e-6);
/// assert!(fit.starts.best > 0);
/// # Ok::<(), asymscale_fitting::FittingError>(())
/// ```
pub fn fit_law(runs: &Runs, options: &FitOptions) -> Result<Fit, FittingError> {
    check(runs, options)?;
    let centre = Centre::of(runs);
    let problem = Problem::new(runs, centre, options.objective, options.exponent_link(), None);
    let descents = multistart(&problem, options, &centre);
    let best = best_of(&descents).ok_or(FittingError::NoFiniteStart(descents.len()))?;
    let scale = options.scale(&centre);
    let endpoint = |descent: &Descent| Endpoint {
        parameters: options.to_data(&centre, &descent.theta),
        objective: scale * descent.value,
        status: descent.status,
    };
    Ok(Fit {
        parameters: options.to_data(&centre, &best.theta),
        objective: scale * best.value,
        status: best.status,
        starts: count(&descents, best.value, problem.rounding()),
        endpoints: descents.iter().map(endpoint).collect(),
        runs: runs.clone(),
        options: options.clone(),
        centre,
        theta: best.theta,
        others: other_ends(&descents, best.value, problem.rounding()),
    })
}

impl FitOptions {
    pub(crate) fn exponent_link(&self) -> ExponentLink {
        match self.law {
            Law::Free | Law::OneSize => ExponentLink::Free,
            Law::Tied => ExponentLink::Tied,
            Law::Sparse => ExponentLink::Ratio,
        }
    }

    /// The fewest runs that leave a degree of freedom beside the free parameters of the law.
    /// [`fit_law`] takes so few only where `minimum_rows` allows it.
    ///
    /// ```
    /// use asymscale_fitting::{FitOptions, Law};
    /// assert_eq!(FitOptions { law: Law::Tied, ..FitOptions::default() }.fewest_runs(), 5);
    /// ```
    pub fn fewest_runs(&self) -> usize {
        self.free_parameters() + 1
    }

    /// The number of parameters that are fitted.
    pub(crate) fn free_parameters(&self) -> usize {
        let mask = self.domain(&Centre { features: 0.0, samples: 0.0, loss: 0.0 }).free;
        mask.iter().filter(|&&free| free).count()
    }

    pub(crate) fn domain(&self, centre: &Centre) -> Domain {
        let mut lower = [0.0; PARAMETERS];
        let mut upper = [f64::INFINITY; PARAMETERS];
        let mut free = [true; PARAMETERS];
        if let Floor::Fixed(e) = self.floor {
            lower[E] = e * (-centre.loss).exp();
            upper[E] = lower[E];
            free[E] = false;
        }
        upper[ALPHA] = self.largest_exponent;
        upper[BETA] = if self.law == Law::Sparse { 1.0 } else { self.largest_exponent };
        free[BETA] = self.law != Law::Tied;
        if self.law == Law::OneSize {
            for k in [B, BETA] {
                (upper[k], free[k]) = (0.0, false);
            }
        }
        Domain { lower, upper, free }
    }

    /// The parameters in the units of the data; a fixed E comes back exactly as it was given.
    pub(crate) fn to_data(&self, centre: &Centre, theta: &Vector) -> Parameters {
        let found = centre.to_data(theta, self.exponent_link());
        match self.floor {
            Floor::Fixed(e) => Parameters { e, ..found },
            Floor::Free => found,
        }
    }

    /// The factor from the objective in units of the centre to the objective in units of the data.
    pub(crate) fn scale(&self, centre: &Centre) -> f64 {
        if self.objective == Objective::Squares { (2.0 * centre.loss).exp() } else { 1.0 }
    }
}

pub(crate) fn multistart(problem: &Problem, options: &FitOptions, centre: &Centre) -> Vec<Descent> {
    let domain = options.domain(centre);
    let starts = options.starts.points(problem, centre, &domain);
    starts.par_iter().map(|start| minimise(problem, &domain, start)).collect()
}

fn count(descents: &[Descent], best: f64, rounding: f64) -> StartCounts {
    let mut counts = StartCounts { total: descents.len(), ..StartCounts::default() };
    for descent in descents {
        let counter = match descent.status {
            Status::NotFinite => &mut counts.not_finite,
            _ if is_same_minimum(descent.value, best, rounding) => &mut counts.best,
            Status::Converged => &mut counts.other_minimum,
            Status::TermVanished(_) => &mut counts.term_vanished,
            Status::BoundHit(_) => &mut counts.bound_hit,
            Status::IterationLimit => &mut counts.iteration_limit,
        };
        *counter += 1;
    }
    counts
}
