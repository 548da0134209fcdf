//! Several kinds of runs: tests of whether they follow one law, laws with the same exponents, or
//! laws of their own.
//!
//! Each test is a score test. The smaller law is fitted; its residuals should then have nothing to
//! do with the slopes of the larger law in its additional parameters. The statistic is the share of
//! their squares that these slopes explain, and what it is by chance follows from the same
//! residuals with random signs, one a run, or one a group of runs whose errors are correlated (C.
//! F. J. Wu, *Ann. Stat.* 14 (1986) 1261). No law is fitted again. With few degrees of freedom,
//! where there are few patterns of signs, Fisher's F.

use asymscale_numerics::{mean, sorted, upper_median};
use rand::Rng;
use std::collections::BTreeMap;

use super::shared_exponents::SharedExponentFit;
use crate::FittingError;
use crate::checks::check_length;
use crate::runs::data::rows::Runs;
use crate::runs::fit::{Fit, FitOptions, fit_law};
use crate::runs::hypotheses::nested_laws::{NestedLawTest, column};
use crate::runs::hypotheses::signal::DEVIATION_OVER_MAD;
use crate::runs::law::{Objective, Parameters};
use crate::runs::optimiser::index::{AMPLITUDES, EXPONENTS};
use crate::runs::optimiser::newton::ObjectiveFunction as _;
use crate::runs::optimiser::problem::Problem;
use crate::runs::optimiser::symmetric::{PARAMETERS, Vector};
use crate::runs::uncertainty::intervals::ParameterInterval;
use crate::student::Uncertainty;

/// The width of the Huber loss of the comparison, in robust standard deviations of the residuals of
/// the kinds' own laws: 95 % as efficient as squares for normal errors.
const HUBER_WIDTH: f64 = 1.345;
/// The interval that is reported where the law of shared exponents cannot be fitted.
const NOT_KNOWN: ParameterInterval =
    ParameterInterval { estimate: f64::NAN, lower: f64::NAN, upper: f64::NAN, level: 0.95 };
/// The p-value below which laws are reported as different.
const SIGNIFICANCE: f64 = 0.05;

/// One kind of runs and its own law.
#[derive(Debug, Clone)]
pub struct Kind {
    /// Its label.
    pub label: String,
    /// Its rows, counted from 0.
    pub rows: Vec<usize>,
    /// Its own law, or why it has none; those without are left out of the comparison.
    pub fit: Result<Fit, FittingError>,
    /// Its law with exponents that all kinds share.
    pub shared: Option<Parameters>,
}

/// The comparison of several kinds of runs.
#[derive(Debug, Clone)]
pub struct KindComparison {
    /// Every kind, in the order of their labels.
    pub kinds: Vec<Kind>,
    /// One law for all that are compared.
    pub one: Parameters,
    /// p-value of one law against a law for each.
    pub one_law: f64,
    /// p-value of the same exponents, with E, A and B for each, against a law for each.
    pub same_exponents: f64,
    /// The share of the squares of the common law's residuals that differences between kinds
    /// explain.
    pub explained: f64,
    /// Shared α and β, with intervals of 95 %; NaN where they are not identified.
    pub exponents: [ParameterInterval; 2],
}

/// The verdict of the tests at 5 %.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KindVerdict {
    /// One law does as well as a law for each.
    OneLaw,
    /// The laws differ, and their exponents need not.
    SameExponents,
    /// Exponents differ.
    Different,
}

impl KindVerdict {
    /// The word that tables use for it.
    pub fn name(self) -> &'static str {
        match self {
            Self::OneLaw => "one_law",
            Self::SameExponents => "same_exponents",
            Self::Different => "different",
        }
    }
}

impl KindComparison {
    /// The verdict of the tests at 5 %.
    pub fn verdict(&self) -> KindVerdict {
        match (self.one_law < SIGNIFICANCE, self.same_exponents < SIGNIFICANCE) {
            (false, _) => KindVerdict::OneLaw,
            (true, false) => KindVerdict::SameExponents,
            (true, true) => KindVerdict::Different,
        }
    }
}

/// Fits a law to every kind of runs, distinguished by `labels`, and tests whether they need laws of
/// their own.
///
/// Kinds too small for a law (fewer than `minimum_rows`, or of too few sizes) are named with the
/// reason and left out. The laws of the kinds are those of [`fit_law`]; the comparison itself takes
/// a Huber loss of log losses as wide as their residuals. `resamples` patterns of signs bound
/// p-values from below, `1/(1 + resamples)`; `rng` is drawn from once a run (or group) and
/// resample, twice. Measured size at a nominal 5 %: see the README. Cost: a fit for each kind and
/// one for all, and `O(resamples × runs × parameters)`.
///
/// # Errors
/// Labels of another number than the runs; fewer than two kinds that can be fitted; the common law
/// cannot be fitted.
///
/// ```
/// use asymscale_fitting::{FitOptions, KindVerdict, Parameters, Runs, compare_kinds};
/// use rand_xoshiro::{Xoshiro256PlusPlus, rand_core::SeedableRng};
/// let law = Parameters { e: 1.8, a: 480.0, b: 2000.0, alpha: 0.35, beta: 0.37 };
/// let (mut n, mut d, mut losses, mut labels) = (vec![], vec![], vec![], vec![]);
/// for k in 0..50 {
///     let web = k < 25;
///     let (size, samples) = (2e7 * 3f64.powi(k % 5), 4e8 * 4f64.powi(k / 5 % 5));
///     let error = 1.0 + 0.004 * f64::from(k * 7 % 11 - 5) / 5.0;
///     let of = Parameters { e: if web { 1.8 } else { 1.2 }, ..law };
///     n.push(size);
///     d.push(samples);
///     losses.push(of.loss(size, samples) * error);
///     labels.push(if web { "web" } else { "code" });
/// }
/// let runs = Runs::new(&n, &d, &losses)?;
/// let mut rng = Xoshiro256PlusPlus::seed_from_u64(1);
/// let found = compare_kinds(&runs, &labels, &FitOptions::default(), 999, &mut rng)?;
/// assert_eq!(found.verdict(), KindVerdict::SameExponents);
/// # Ok::<(), asymscale_fitting::FittingError>(())
/// ```
pub fn compare_kinds<L: AsRef<str>, R: Rng + ?Sized>(
    runs: &Runs,
    labels: &[L],
    options: &FitOptions,
    resamples: usize,
    rng: &mut R,
) -> Result<KindComparison, FittingError> {
    check_length("labels", labels.len(), runs.len(), "run")?;
    let mut kinds = kinds(runs, labels, options);
    let fitted: Vec<usize> = (0..kinds.len()).filter(|&k| kinds[k].fit.is_ok()).collect();
    if fitted.len() < 2 {
        return Err(FittingError::TooFewKinds(fitted.len()));
    }
    let pooled = PooledRuns::new(runs, &kinds, options)?;
    let (one_law, explained) = pooled.one_law().test(&pooled.groups, resamples, rng);
    let shared = pooled.shared();
    let (same_exponents, exponents) = match &shared {
        Some(shared) => {
            let test = pooled.same_exponents(shared);
            let p_value = test.test(&pooled.groups, resamples, rng).0;
            (p_value, pooled.exponents(shared, &test))
        }
        None => (f64::NAN, [NOT_KNOWN; 2]),
    };
    let one = pooled.one.parameters;
    let laws = shared.iter().flat_map(|shared| &shared.thetas);
    let laws: Vec<Parameters> =
        laws.map(|theta| options.to_data(&pooled.one.centre, theta)).collect();
    for (k, law) in fitted.into_iter().zip(laws) {
        kinds[k].shared = Some(law);
    }
    Ok(KindComparison { kinds, one, one_law, same_exponents, explained, exponents })
}

/// Kinds in the order of their labels, with their own laws.
fn kinds<L: AsRef<str>>(runs: &Runs, labels: &[L], options: &FitOptions) -> Vec<Kind> {
    let mut rows: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (row, label) in labels.iter().enumerate() {
        rows.entry(label.as_ref()).or_default().push(row);
    }
    let kind = |(label, rows): (&str, Vec<usize>)| {
        let fit = fit_law(&runs.pick(&rows), options);
        Kind { label: label.to_owned(), rows, fit, shared: None }
    };
    rows.into_iter().map(kind).collect()
}

/// The runs that are compared, and their common law.
struct PooledRuns {
    /// Means of the exponents of the kinds' own laws, as they are inside.
    mean_exponents: [f64; 2],
    /// Rows of each kind among the compared runs.
    rows: Vec<Vec<usize>>,
    /// Rows whose errors are correlated.
    groups: Vec<Vec<usize>>,
    one: Fit,
}

impl PooledRuns {
    fn new(runs: &Runs, kinds: &[Kind], options: &FitOptions) -> Result<Self, FittingError> {
        let fitted =
            || kinds.iter().filter_map(|kind| kind.fit.as_ref().ok().map(|fit| (kind, fit)));
        let picked =
            runs.pick(&fitted().flat_map(|(kind, _)| kind.rows.clone()).collect::<Vec<_>>());
        let mut next = 0;
        let mut renumbered = |count: usize| -> Vec<usize> {
            next += count;
            (next - count..next).collect()
        };
        let rows: Vec<Vec<usize>> = fitted().map(|(kind, _)| renumbered(kind.rows.len())).collect();
        let sizes = sorted(fitted().flat_map(|(_, fit)| log_residuals(fit)).map(f64::abs));
        let delta = (HUBER_WIDTH * DEVIATION_OVER_MAD * upper_median(&sizes)).max(1e-9);
        let options = FitOptions { objective: Objective::HuberLog { delta }, ..options.clone() };
        let one = fit_law(&picked, &options)?;
        let single = || (0..picked.len()).map(|row| vec![row]).collect();
        let mut groups = picked.rows_by_group().unwrap_or_else(single);
        groups.retain(|group| !group.is_empty());
        let mean = |k: usize| mean(fitted().map(|(_, fit)| fit.theta[k]));
        Ok(Self { mean_exponents: [mean(3), mean(4)], rows, groups, one })
    }

    fn columns(&self) -> Vec<usize> {
        let free = self.one.options.domain(&self.one.centre).free;
        (0..PARAMETERS).filter(|&k| free[k]).collect()
    }

    /// Slopes of the common law, and those of each kind.
    fn one_law(&self) -> NestedLawTest {
        let (problem, _) = self.one.problem();
        let slopes = problem.jacobian(&self.one.theta);
        let residuals = problem.residuals(&self.one.theta);
        let columns = self.columns();
        let all: Vec<usize> = (0..slopes.len()).collect();
        let law = columns.iter().map(|&k| column(&slopes, k, &all)).collect();
        let more =
            self.rows.iter().flat_map(|rows| columns.iter().map(|&k| column(&slopes, k, rows)));
        NestedLawTest::new(law, more.collect(), residuals)
    }

    fn shared(&self) -> Option<SharedExponentFit> {
        let (options, centre) = (&self.one.options, self.one.centre);
        let runs = |rows: &Vec<usize>| self.one.runs.pick(rows);
        let problem = |rows: &Vec<usize>| {
            Problem::new(&runs(rows), centre, options.objective, options.exponent_link(), None)
        };
        let problems: Vec<Problem> = self.rows.iter().map(problem).collect();
        let mean_exponents: Vector =
            [0.5, 0.5, 0.5, self.mean_exponents[0], self.mean_exponents[1]];
        SharedExponentFit::fit(&problems, &[mean_exponents, self.one.theta], options, &centre)
    }

    /// Slopes of the law of shared exponents, and those of the exponents of each kind.
    fn same_exponents(&self, shared: &SharedExponentFit) -> NestedLawTest {
        let mut slopes = vec![Vector::default(); self.one.runs.len()];
        let mut residuals = vec![0.0; slopes.len()];
        for ((rows, problem), theta) in self.rows.iter().zip(&shared.problems).zip(&shared.thetas) {
            for ((&row, slope), residual) in
                rows.iter().zip(problem.jacobian(theta)).zip(problem.residuals(theta))
            {
                (slopes[row], residuals[row]) = (slope, residual);
            }
        }
        let columns = self.columns();
        let (amplitudes, exponents): (Vec<usize>, Vec<usize>) =
            columns.into_iter().partition(|k| AMPLITUDES.contains(k));
        let each = |of: &[usize]| -> Vec<Vec<f64>> {
            self.rows.iter().flat_map(|rows| of.iter().map(|&k| column(&slopes, k, rows))).collect()
        };
        let all: Vec<usize> = (0..slopes.len()).collect();
        let mut law = each(&amplitudes);
        law.extend(exponents.iter().map(|&k| column(&slopes, k, &all)));
        NestedLawTest::new(law, each(&exponents), residuals)
    }

    /// Shared exponents with intervals from the squares of their scores, summed by group and
    /// widened by leverage (HC3: J. G. `MacKinnon`, H. White, *J. Econometrics* 29 (1985) 305).
    fn exponents(
        &self,
        shared: &SharedExponentFit,
        test: &NestedLawTest,
    ) -> [ParameterInterval; 2] {
        let law = self.one.options.to_data(&self.one.centre, &shared.thetas[0]);
        let errors = test.standard_errors_of_last(
            self.columns().iter().filter(|k| EXPONENTS.contains(k)).count(),
            &self.groups,
        );
        let dof = (self.groups.len().saturating_sub(test.law.len())).max(1) as f64;
        let interval = |estimate: f64, error: Option<f64>| {
            let uncertainty =
                Uncertainty { standard_error: error.unwrap_or(f64::NAN), degrees_of_freedom: dof };
            let half = uncertainty.half_width(0.95);
            ParameterInterval {
                estimate,
                lower: (estimate - half).max(0.0),
                upper: estimate + half,
                level: 0.95,
            }
        };
        let alpha = interval(law.alpha, errors.first().copied());
        match self.one.options.law {
            crate::runs::law::Law::Tied => [alpha, alpha],
            crate::runs::law::Law::Free => [alpha, interval(law.beta, errors.get(1).copied())],
            // The last parameter is a ratio, or there is none.
            _ => [alpha, interval(law.beta, None)],
        }
    }
}

fn log_residuals(fit: &Fit) -> Vec<f64> {
    let pairs = fit.runs.losses().iter().zip(fit.fitted());
    pairs.map(|(loss, fitted)| loss.ln() - fitted.ln()).collect()
}
