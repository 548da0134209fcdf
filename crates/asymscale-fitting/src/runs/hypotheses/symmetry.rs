//! Whether one exponent does for N and D: the test of tied against free exponents, and its size
//! measured on synthetic runs.

use rand::{Rng, RngExt};
use rand_xoshiro::Xoshiro256PlusPlus;
use rand_xoshiro::rand_core::SeedableRng;
use rayon::prelude::*;

use super::score::Score;
use crate::FittingError;
use crate::runs::data::rows::Runs;
use crate::runs::data::synthetic::SyntheticRuns;
use crate::runs::fit::first_order::{Spread, interior};
use crate::runs::fit::{Fit, FitOptions, fit_law};
use crate::runs::law::{Law, Objective};
use crate::runs::optimiser::index::{A, ALPHA, B, BETA, E};
use crate::runs::optimiser::minimise::descend;
use crate::runs::optimiser::newton::ObjectiveFunction as _;
use crate::runs::optimiser::problem::{ExponentLink, Problem};
use crate::runs::optimiser::symmetric::Vector;
use crate::runs::uncertainty::resampling::{Resampler, Resampling};
use crate::student::Uncertainty;

/// The law with one exponent against the law with two.
#[derive(Debug, Clone)]
pub struct SymmetryTest {
    /// The fit with `α = β`.
    pub tied: Fit,
    /// The fit with both free.
    pub free: Fit,
    /// `2(Q_tied − Q_free)/τ`: how much worse one exponent does, in units of the spread of the
    /// residuals.
    pub statistic: f64,
    /// Its p-value by Fisher's F with 1 and n − p degrees of freedom.
    pub p_value: f64,
    /// The p-value of the score of a second exponent by random signs of the residuals of the tied
    /// law, one sign a group where there are groups; `None` without resamples, and with fewer than
    /// [`Self::FEWEST_GROUPS`] groups.
    pub bootstrap_p_value: Option<f64>,
}

impl SymmetryTest {
    /// Fewer groups have no p-value by signs: at a nominal 5 % it would reject what is true 0.108
    /// times with 8 groups of checkpoints and 0.077 times with 12 (1 000 and 4 000 data sets), and
    /// bounded by Student's t it would hardly ever reject what is false.
    pub const FEWEST_GROUPS: usize = 14;
}

/// Tests `α = β` by fitting both laws.
///
/// `τ` is that of [`Fit::profile_interval`]. The second p-value is that of the studentised score:
/// how much the residuals of the tied law have of the direction in which the exponents part, over
/// the error of that from the scatter of rows or groups, against `resamples` patterns of random
/// signs (Cameron, Gelbach and Miller 2008) or, from 20 000 rows or groups on, Student's t; below
/// twelve rows it is not below the p-value of Student's t, and with fewer than
/// [`SymmetryTest::FEWEST_GROUPS`] groups there is none. Nothing is refitted:
/// `O(runs + resamples × groups)` beside the two fits. Residuals count up to two robust standard
/// deviations, or four with groups. `options.law` does not matter. Measured size and power: see the
/// README.
///
/// # Errors
/// As [`fit_law`]; no more runs than parameters.
///
/// ```
/// # use rand_xoshiro::{Xoshiro256PlusPlus, rand_core::SeedableRng};
/// # use asymscale_fitting::{FitOptions, Parameters, Runs, symmetry_test};
/// # let law = Parameters { e: 1.7, a: 400.0, b: 1e5, alpha: 0.34, beta: 0.6 };
/// # let n: Vec<f64> = (0..30).map(|k| 1e7 * 3f64.powi(k % 6)).collect();
/// # let d: Vec<f64> = (0..30).map(|k| 1e9 * 4f64.powi(k / 6)).collect();
/// # let error = |k: usize| 1.0 + 0.002 * ((7 * k % 5) as f64 - 2.0);
/// # let losses: Vec<f64> = (0..30).map(|k| law.loss(n[k], d[k]) * error(k)).collect();
/// let runs = Runs::new(&n, &d, &losses)?; // thirty runs of a known law
/// // The exponents are 0.34 and 0.6.
/// let mut rng = Xoshiro256PlusPlus::seed_from_u64(1);
/// let test = symmetry_test(&runs, &FitOptions::default(), 199, &mut rng)?;
/// assert!(test.p_value < 0.01);
/// # Ok::<(), asymscale_fitting::FittingError>(())
/// ```
pub fn symmetry_test<R: Rng + ?Sized>(
    runs: &Runs,
    options: &FitOptions,
    resamples: usize,
    rng: &mut R,
) -> Result<SymmetryTest, FittingError> {
    let with = |law: Law| fit_law(runs, &FitOptions { law, ..options.clone() });
    let (tied, mut free) = (with(Law::Tied)?, with(Law::Free)?);
    adopt_tied(&mut free, &tied);
    Resampler::new(&tied, Resampling::Signs)?;
    if free.runs.len() <= free.options.free_parameters() {
        let parameters = free.options.free_parameters();
        return Err(FittingError::TooFewRuns {
            found: free.runs.len(),
            needed: parameters + 1,
            parameters,
        });
    }
    let enough = runs.groups().is_none_or(|groups| groups >= SymmetryTest::FEWEST_GROUPS);
    let (problem, _) = free.problem();
    let spread = Spread::of(&problem, &free.theta, free.interior_parameters());
    let rise = (tied.objective - free.objective) / free.options.scale(&free.centre);
    let statistic = (2.0 * rise / spread.test_scale()).max(0.0);
    let student = Uncertainty { standard_error: 1.0, degrees_of_freedom: spread.dof };
    Ok(SymmetryTest {
        statistic,
        p_value: student.p_value(statistic.sqrt()),
        bootstrap_p_value: (resamples > 0 && enough).then(|| by_score(&tied, resamples, rng)),
        tied,
        free,
    })
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

/// By the score of the second exponent beside the tied law, of residuals of logarithms whatever the
/// objective.
fn by_score<R: Rng + ?Sized>(tied: &Fit, resamples: usize, rng: &mut R) -> f64 {
    let theta = widened(&tied.theta);
    let problem =
        Problem::new(&tied.runs, tied.centre, Objective::SquaresLog, ExponentLink::Free, None);
    let mut gradients = problem.jacobian(&theta);
    let direction: Vec<f64> = gradients.iter().map(|g| g[BETA]).collect();
    for gradient in &mut gradients {
        gradient[ALPHA] += gradient[BETA];
        gradient[BETA] = 0.0;
    }
    let mask = interior(&tied.options.domain(&tied.centre), &tied.theta);
    let blocks = tied
        .runs
        .rows_by_group()
        .unwrap_or_else(|| (0..tied.runs.len()).map(|row| vec![row]).collect());
    let score = Score::new(&gradients, &direction, &problem.residuals(&theta), (mask, &blocks));
    score.map_or(1.0, |score| score.p_value(resamples, rng))
}

/// The tied law is a free law: where no start of the latter did better, the former is its fit.
fn adopt_tied(free: &mut Fit, tied: &Fit) {
    let (problem, domain) = free.problem();
    let end = descend(&problem, &domain, &widened(&tied.theta));
    let value = free.options.scale(&free.centre) * end.value;
    if value < free.objective {
        free.objective = value;
        free.theta = end.theta;
        free.parameters = free.centre.to_data(&end.theta, ExponentLink::Free);
        free.status = end.status;
    }
}

fn widened(tied: &Vector) -> Vector {
    [tied[E], tied[A], tied[B], tied[ALPHA], tied[ALPHA]]
}
