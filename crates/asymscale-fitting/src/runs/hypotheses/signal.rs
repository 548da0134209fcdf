//! Tests of whether the loss depends on N, on D, or on either at all, to be made before exponents
//! are interpreted.
//!
//! Without the term in N the law is `E + B·D^−β`. Its relative residuals should then have nothing
//! to do with `N^−x`, whatever `x`: the statistic is the largest share of their squares that one
//! such term explains, over a few `x`. What it is by chance follows from the same residuals with
//! random signs (C. F. J. Wu, *Ann. Stat.* 14 (1986) 1261, the wild bootstrap), which keep the size
//! of every error: one sign for a group of rows with correlated errors. Few groups have few signs,
//! so a second test is made within groups, on rows about a level of each group, and the smaller of
//! the two p-values is doubled.

use rand::{Rng, RngExt};
use serde::Serialize;
use statrs::distribution::{ContinuousCDF, FisherSnedecor};

use crate::runs::data::rows::Runs;
use crate::runs::optimiser::coordinates::centred_logs;

/// Exponents of a term that is looked for.
const EXPONENTS: [f64; 6] = [0.06, 0.12, 0.24, 0.48, 0.96, 1.92];
/// Exponents of a term that is there, finer.
const GRID: usize = 24;
/// The number of robust standard deviations at which residuals are winsorised, since a failed run
/// is no signal.
const WINSORISED_AT: f64 = 4.0;
/// The standard deviation of a normal distribution over its median absolute deviation.
pub(crate) const DEVIATION_OVER_MAD: f64 = 1.4826;
/// A term is collinear with others if these leave less than this share of its squares.
const COLLINEAR: f64 = 1e-6;
/// Below so many rows, of which the law takes three, there are too few patterns of signs: Fisher's
/// F. Groups of rows have a few patterns of their own.
const FISHER_BELOW: usize = 12;
const FISHER_BELOW_GROUPS: usize = 6;
/// With more groups than this no level is fitted to each, since there are patterns of signs enough.
const MOST_LEVELS: usize = 50;
/// With more rows than the first number a subsample of so many is tested first, and more rows only
/// where its p-values are larger than the last number.
const FIRST_ROWS: usize = 20_000;
const MOST_ROWS: usize = 200_000;
const CLEAR: f64 = 0.01;

/// The evidence for a dependence of the loss on a size.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Evidence {
    /// The p-value of no dependence.
    pub p_value: f64,
    /// Whether the loss rises with the size rather than falls.
    pub rises: bool,
}

impl Evidence {
    const NONE: Self = Self { p_value: 1.0, rises: false };
}

/// Whether the loss depends on its sizes.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Signal {
    /// On N beside D.
    pub features: Evidence,
    /// On D beside N.
    pub samples: Evidence,
    /// On either.
    pub any: Evidence,
}

/// Tests whether the loss depends on N beside a term in D, on D beside a term in N, and on either
/// at all.
///
/// `resamples` patterns of random signs, one sign a group where runs have groups (below twelve
/// runs, or six groups, Fisher's F with two degrees of freedom for the term); their number bounds
/// the p-value from below, `1/(1 + resamples)`. Measured size at a nominal 5 %: see the README.
/// `rng` is drawn from once a group (or run) and resample. Cost `O(resamples × runs)`, some twenty
/// operations each. Of more than 20 000 runs so many are asked first ([`Runs::thinned`]), and all,
/// or 200 000 of them, only where those do not show both at 1 %, which adds that much at most to
/// the size.
///
/// ```
/// use asymscale_fitting::{Runs, signal_test};
/// use rand_xoshiro::{Xoshiro256PlusPlus, rand_core::SeedableRng};
/// let n: Vec<f64> = (0..24).map(|k| 1e7 * 3f64.powi(k % 6)).collect();
/// let d: Vec<f64> = (0..24).map(|k| 1e9 * 4f64.powi(k / 6)).collect();
/// // Of D, but not of N.
/// let losses: Vec<f64> = (0..24).map(|k| 2.0 + 500.0 * d[k].powf(-0.3) + 0.01 * f64::from(k as u32 * 7 % 5)).collect();
/// let runs = Runs::new(&n, &d, &losses)?;
/// let signal = signal_test(&runs, 999, &mut Xoshiro256PlusPlus::seed_from_u64(1));
/// assert!(signal.samples.p_value < 0.01 && signal.features.p_value > 0.05);
/// # Ok::<(), asymscale_fitting::FittingError>(())
/// ```
pub fn signal_test<R: Rng + ?Sized>(runs: &Runs, resamples: usize, rng: &mut R) -> Signal {
    if runs.len() > FIRST_ROWS {
        let first = test(&runs.pick(&runs.thinned(FIRST_ROWS)), resamples, rng);
        if first.features.p_value <= CLEAR && first.samples.p_value <= CLEAR {
            return first;
        }
    }
    if runs.len() > MOST_ROWS {
        return test(&runs.pick(&runs.thinned(MOST_ROWS)), resamples, rng);
    }
    test(runs, resamples, rng)
}

fn test<R: Rng + ?Sized>(runs: &Runs, resamples: usize, rng: &mut R) -> Signal {
    let (n, d) = (centred_logs(runs.features()), centred_logs(runs.samples()));
    let groups = runs.rows_by_group().unwrap_or_else(|| every_row(runs.len()));
    let [in_features, in_samples] = [&n, &d].map(|size| EXPONENTS.map(|x| power(size, x)).to_vec());
    let mut tested = |kept: Option<&[f64]>, terms: &[Vec<f64>]| {
        let between = TermTest::new(runs, kept, terms, &[])
            .map_or(Evidence::NONE, |test| test.evidence(&groups, resamples, rng));
        if groups.len() == runs.len() || groups.len() > MOST_LEVELS {
            return between;
        }
        let within = TermTest::new(runs, kept, terms, &groups)
            .map_or(Evidence::NONE, |test| test.evidence(&every_row(runs.len()), resamples, rng));
        let better = if within.p_value < between.p_value { within } else { between };
        Evidence { p_value: (2.0 * better.p_value).min(1.0), ..better }
    };
    Signal {
        features: tested(Some(&d), &in_features),
        samples: tested(Some(&n), &in_samples),
        any: tested(None, &[in_features.clone(), in_samples.clone()].concat()),
    }
}

/// Blocks of one row each.
fn every_row(rows: usize) -> Vec<Vec<usize>> {
    (0..rows).map(|row| vec![row]).collect()
}

/// `e^{−x s}`.
fn power(size: &[f64], x: f64) -> Vec<f64> {
    size.iter().map(|s| (-x * s).exp()).collect()
}

fn scale(values: &mut [f64], factor: f64) {
    for value in values {
        *value *= factor;
    }
}

pub(crate) fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

/// An orthonormal basis, column by column; a column that depends on those before adds none.
#[derive(Debug, Default)]
pub(crate) struct Basis(Vec<Vec<f64>>);

impl Basis {
    pub(crate) fn of(columns: &[Vec<f64>]) -> Self {
        let mut basis = Self::default();
        for column in columns {
            let whole = dot(column, column);
            let mut rest = column.clone();
            // Projecting twice removes the rounding of the first projection.
            basis.project_out(&mut rest);
            basis.project_out(&mut rest);
            let square = dot(&rest, &rest);
            if square > COLLINEAR * whole {
                scale(&mut rest, square.sqrt().recip());
                basis.0.push(rest);
            }
        }
        basis
    }

    pub(crate) fn project_out(&self, values: &mut [f64]) {
        for column in &self.0 {
            let share = dot(column, values);
            values.iter_mut().zip(column).for_each(|(value, c)| *value -= share * c);
        }
    }

    /// The number of independent columns.
    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    /// The share of the squares of some values that lies in the span.
    pub(crate) fn explained_share(&self, values: &[f64]) -> f64 {
        self.0.iter().map(|column| dot(column, values).powi(2)).sum::<f64>() / dot(values, values)
    }

    /// The diagonal of the projection.
    pub(crate) fn leverages(&self, rows: usize) -> Vec<f64> {
        (0..rows).map(|row| self.0.iter().map(|column| column[row].powi(2)).sum()).collect()
    }
}

/// Residuals of the law without a term, and the term at several exponents.
struct TermTest {
    law: Basis,
    residuals: Vec<f64>,
    /// What the law leaves of each term, of length one.
    terms: Vec<Vec<f64>>,
}

impl TermTest {
    /// Of the law of a constant and, if any, a term in the size that is kept, with a level for each
    /// of some groups; `None` if it leaves no residuals or no term.
    fn new(
        runs: &Runs,
        kept: Option<&[f64]>,
        terms: &[Vec<f64>],
        levels: &[Vec<usize>],
    ) -> Option<Self> {
        // Columns are relative to the loss, so that errors have one size.
        let relative = |column: &[f64]| -> Vec<f64> {
            column.iter().zip(runs.losses()).map(|(c, loss)| c / loss).collect()
        };
        let constant = relative(&vec![1.0; runs.len()]);
        let mut columns = match kept {
            None => vec![constant],
            Some(size) => best_law(&constant, size, &relative),
        };
        columns.extend(levels.iter().map(|rows| {
            let mut level = vec![0.0; runs.len()];
            for &row in rows {
                level[row] = runs.losses()[row].recip();
            }
            level
        }));
        let law = Basis::of(&columns);
        let mut residuals = vec![1.0; runs.len()];
        law.project_out(&mut residuals);
        law.project_out(&mut residuals);
        // Residuals this small are rounding of the losses.
        if dot(&residuals, &residuals) < 1e-24 * runs.len() as f64 {
            return None;
        }
        winsorise(&mut residuals);
        law.project_out(&mut residuals);
        let left = |term: &Vec<f64>| {
            let whole = relative(term);
            let mut rest = whole.clone();
            law.project_out(&mut rest);
            law.project_out(&mut rest);
            let square = dot(&rest, &rest);
            scale(&mut rest, square.sqrt().recip());
            (square > COLLINEAR * dot(&whole, &whole)).then_some(rest)
        };
        let terms: Vec<Vec<f64>> = terms.iter().filter_map(left).collect();
        (!terms.is_empty()).then_some(Self { law, residuals, terms })
    }

    /// The largest share of the squares that a term explains, and whether its amplitude is
    /// negative.
    fn explained(&self, residuals: &[f64]) -> (f64, bool) {
        let square = dot(residuals, residuals);
        let shares = self.terms.iter().map(|term| dot(term, residuals));
        let most =
            shares.fold(0.0_f64, |most, share| if share.abs() > most.abs() { share } else { most });
        (most * most / square, most < 0.0)
    }

    fn evidence<R: Rng + ?Sized>(
        &self,
        groups: &[Vec<usize>],
        resamples: usize,
        rng: &mut R,
    ) -> Evidence {
        let rows = self.residuals.len();
        let (observed, rises) = self.explained(&self.residuals);
        let least = if groups.len() < rows { FISHER_BELOW_GROUPS } else { FISHER_BELOW };
        if groups.len() < least || resamples == 0 {
            return Evidence { p_value: self.fisher_p_value(groups.len(), observed), rises };
        }
        // Residuals are smaller than errors by the factor √(1 − h), h the leverage.
        let widened: Vec<f64> = self
            .residuals
            .iter()
            .zip(self.law.leverages(rows))
            .map(|(r, h)| r / (1.0 - h).max(1e-3).sqrt())
            .collect();
        let mut signed = vec![0.0; rows];
        let mut extreme = 0;
        for _ in 0..resamples {
            for group in groups {
                let sign = if rng.random::<bool>() { 1.0 } else { -1.0 };
                for &row in group {
                    signed[row] = sign * widened[row];
                }
            }
            self.law.project_out(&mut signed);
            extreme += usize::from(self.explained(&signed).0 >= observed);
        }
        Evidence { p_value: (1 + extreme) as f64 / (1 + resamples) as f64, rises }
    }

    /// The p-value by Fisher's F; a term has two parameters.
    fn fisher_p_value(&self, independent: usize, explained: f64) -> f64 {
        let dof = independent.saturating_sub(self.law.0.len() + 2);
        if dof == 0 {
            return 1.0;
        }
        let ratio = 0.5 * explained / ((1.0 - explained).max(1e-15) / dof as f64);
        FisherSnedecor::new(2.0, dof as f64).map_or(1.0, |law| law.sf(ratio))
    }
}

/// The law of a constant and a power of a size, with its slope in the exponent: that of the
/// smallest squares.
fn best_law(
    constant: &[f64],
    size: &[f64],
    relative: &dyn Fn(&[f64]) -> Vec<f64>,
) -> Vec<Vec<f64>> {
    let square = |x: f64| {
        let law = Basis::of(&[constant.to_vec(), relative(&power(size, x))]);
        let mut rest = vec![1.0; size.len()];
        law.project_out(&mut rest);
        dot(&rest, &rest)
    };
    let exponents = (0..GRID).map(|k| 0.02 * 150f64.powf(k as f64 / (GRID - 1) as f64));
    let best = exponents
        .map(|x| (square(x), x))
        .min_by(|a, b| a.0.total_cmp(&b.0))
        .map_or(0.3, |best| best.1);
    let term = power(size, best);
    let slope: Vec<f64> = term.iter().zip(size).map(|(u, s)| u * s).collect();
    vec![constant.to_vec(), relative(&term), relative(&slope)]
}

/// Winsorises residuals at four robust standard deviations.
pub(crate) fn winsorise(residuals: &mut [f64]) {
    winsorise_at(residuals, WINSORISED_AT);
}

/// Winsorises residuals at a number of robust standard deviations.
pub(crate) fn winsorise_at(residuals: &mut [f64], deviations: f64) {
    let mut sizes: Vec<f64> = residuals.iter().map(|r| r.abs()).collect();
    let middle = sizes.len() / 2;
    let limit =
        deviations * DEVIATION_OVER_MAD * *sizes.select_nth_unstable_by(middle, f64::total_cmp).1;
    if limit > 0.0 {
        for residual in residuals {
            *residual = residual.clamp(-limit, limit);
        }
    }
}
