//! Designs along a ladder of samples, and the best splits of budgets read off them.

use super::statistics::bootstrap_interval;
use crate::ChapterError;
use crate::kit::SEED;
use asymscale_fitting::{Series, SlopeOptions, power_law_slope};
use asymscale_model::SparseModel;
use asymscale_sampling::Key;
use asymscale_sweep::{SweepError, Table, Tolerance as Drift, row};
use asymscale_theory::SampleTheory;

/// The best split of a budget: its model size and its loss.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Split {
    /// Model size `N`.
    pub features: f64,
    /// Loss.
    pub loss: f64,
}

/// What is asked of a split.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SplitQuantity {
    /// The model size.
    Features,
    /// The loss.
    Loss,
}

impl SplitQuantity {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Features, Self::Loss];

    /// As in columns of rows, findings and statements.
    pub fn name(self) -> &'static str {
        match self {
            Self::Features => "features",
            Self::Loss => "loss",
        }
    }

    /// Its value in a split.
    pub fn of(self, split: Split) -> f64 {
        match self {
            Self::Features => split.features,
            Self::Loss => split.loss,
        }
    }
}

/// Rank and residual of designs at several numbers of samples: all that the exact loss above the
/// threshold depends on.
#[derive(Debug, Clone)]
pub struct Rungs {
    /// Numbers of samples, evenly spaced in their logarithm.
    pub samples: Vec<f64>,
    /// The spacing.
    pub spacing: f64,
    /// Rank `r` and residual `tr Σ(I − P)` of each design, the same number at every rung.
    pub designs: Vec<Vec<(f64, f64)>>,
}

impl Rungs {
    /// Reads a row per design: its `samples`, and the named columns of rank and residual.
    ///
    /// # Errors
    /// If one of them is missing.
    pub fn read(
        rows: &Table,
        (rank, residual): (&str, &str),
        spacing: f64,
    ) -> Result<Self, ChapterError> {
        let mut rungs = Self { samples: Vec::new(), spacing, designs: Vec::new() };
        for (_, rows) in rows.group_by(&["samples"])? {
            rungs.samples.push(rows.floats("samples")?[0]);
            rungs
                .designs
                .push(rows.floats(rank)?.into_iter().zip(rows.floats(residual)?).collect());
        }
        Ok(rungs)
    }

    /// Mean over the picked designs of a rung of the exact loss at `features = compute/samples`,
    /// averaged over features and teachers; `+∞` if it does not exist for one of them, that is
    /// below its threshold.
    pub fn mean(
        &self,
        rung: usize,
        compute: f64,
        picked: impl ExactSizeIterator<Item = usize>,
    ) -> f64 {
        let (features, count) = (compute / self.samples[rung], picked.len() as f64);
        let loss = |(rank, residual): (f64, f64)| {
            residual * (features - 1.0) / (features - rank - 1.0).max(0.0)
        };
        picked.map(|k| loss(self.designs[rung][k])).sum::<f64>() / count
    }

    /// The largest rank of a design at a rung.
    pub fn largest_rank(&self, rung: usize) -> f64 {
        self.designs[rung].iter().map(|design| design.0).fold(0.0, f64::max)
    }

    /// Best model size and its loss: the size by designs `k` of the first half, the loss by designs
    /// `k` of the second.
    pub fn best(&self, compute: f64, picked: &[&usize]) -> Split {
        let half = self.designs[0].len() / 2;
        let of = |add: usize| {
            move |rung: usize| self.mean(rung, compute, picked.iter().map(|k| *k + add))
        };
        self.vertex(compute, of(0), of(half))
    }

    /// Best model size by the vertex of the least-squares parabola of `ln place` through five rungs
    /// around the least, at most a rung from it, and the loss there by that of `ln level` through
    /// the same rungs.
    pub fn vertex(
        &self,
        compute: f64,
        place: impl Fn(usize) -> f64,
        level: impl Fn(usize) -> f64,
    ) -> Split {
        // All five must have a loss: the threshold may be near.
        let whole = |rung: &usize| place(rung + 2).is_finite() && level(rung + 2).is_finite();
        let inner = (2..self.samples.len() - 2).filter(whole);
        let lowest = inner.min_by(|a, b| place(*a).total_cmp(&place(*b))).unwrap_or(2);
        let (_, slope, bend) = parabola(|k| place(lowest.wrapping_add_signed(k)).ln());
        let at = (-0.5 * slope / bend).clamp(-1.0, 1.0);
        let (height, slope, bend) = parabola(|k| level(lowest.wrapping_add_signed(k)).ln());
        let samples = self.samples[lowest] * (at * self.spacing).exp();
        let loss = (height + slope * at + bend * at * at).exp();
        Split { features: compute / samples, loss }
    }

    /// The best split by theory, given at each rung, through the same rungs as the simulation.
    pub fn expected(&self, theories: &[SampleTheory], compute: f64) -> Split {
        let loss = |rung: usize| {
            let features = compute / self.samples[rung];
            let over = features > theories[rung].coverage().threshold;
            if over { theories[rung].loss(features).unwrap_or(f64::NAN) } else { f64::INFINITY }
        };
        self.vertex(compute, loss, loss)
    }

    /// Theory at each rung, for as many samples as the rung is `worth`.
    ///
    /// # Errors
    /// As [`SampleTheory::new`].
    pub fn theories(
        &self,
        model: &SparseModel,
        worth: impl Fn(&SampleTheory) -> f64,
    ) -> Result<Vec<SampleTheory>, ChapterError> {
        let at = |d: &f64| SampleTheory::new(model, worth(&SampleTheory::new(model, *d)?));
        Ok(self.samples.iter().map(at).collect::<Result<_, _>>()?)
    }

    /// Numbers of the designs that [`Rungs::best`] picks from.
    pub fn numbers(&self) -> Vec<usize> {
        (0..self.designs[0].len() / 2).collect()
    }
}

/// The exponent of a power law through points, by least squares in logarithms.
///
/// # Errors
/// As [`power_law_slope`].
pub fn exponent(x: &[f64], y: &[f64]) -> Result<f64, ChapterError> {
    let mut stream = Key::new(SEED).label("exponent").stream();
    let series = Series::from_values(x, y)?;
    Ok(power_law_slope(&series, &SlopeOptions::default(), &mut stream)?.exponent)
}

/// The exponent of the budget in the model size or the loss of its best split; NaN where a split
/// has none.
pub fn growth_exponent(
    quantity: SplitQuantity,
    budgets: &[f64],
    best: impl Fn(f64) -> Split,
) -> f64 {
    let values: Vec<f64> = budgets.iter().map(|compute| quantity.of(best(*compute))).collect();
    exponent(budgets, &values).unwrap_or(f64::NAN)
}

/// The best split of a budget, simulated with intervals and by theory.
#[derive(Debug, Clone, Copy, PartialEq)]
struct BestSplit {
    compute: f64,
    found: Split,
    expected: Split,
    features_interval: (f64, f64),
    loss_interval: (f64, f64),
}

/// Abscissas with values, or the ends of intervals.
type Pairs = Vec<(f64, f64)>;

/// The best splits of several budgets.
#[derive(Debug, Clone, PartialEq)]
pub struct BestSplits(Vec<BestSplit>);

const LAST_DIGITS: Drift = Drift { absolute: 1e-9, relative: 1e-3 };

/// How far the columns of [`BestSplits::write`] may drift.
pub const SPLIT_DRIFT: &[(&str, Drift)] = &[
    ("features", LAST_DIGITS),
    ("features_low", LAST_DIGITS),
    ("features_high", LAST_DIGITS),
    ("features_theory", LAST_DIGITS),
    ("loss", LAST_DIGITS),
    ("loss_low", LAST_DIGITS),
    ("loss_high", LAST_DIGITS),
    ("loss_theory", LAST_DIGITS),
];

impl BestSplits {
    /// The best splits read off a ladder, with bootstrap intervals over designs, beside those that
    /// theory expects.
    pub fn read(rungs: &Rungs, budgets: &[f64], expected: impl Fn(f64) -> Split) -> Self {
        let numbers = rungs.numbers();
        let all: Vec<&usize> = numbers.iter().collect();
        let split = |compute: f64| {
            let interval = |quantity: SplitQuantity| {
                bootstrap_interval(&numbers, SEED, |picked| {
                    quantity.of(rungs.best(compute, picked))
                })
            };
            BestSplit {
                compute,
                found: rungs.best(compute, &all),
                expected: expected(compute),
                features_interval: interval(SplitQuantity::Features),
                loss_interval: interval(SplitQuantity::Loss),
            }
        };
        Self(budgets.iter().map(|compute| split(*compute)).collect())
    }

    /// A row per budget: what was read off the designs, and what theory expects there.
    ///
    /// # Errors
    /// None but those of the table, which these rows cannot cause.
    pub fn write(&self, case: &str, data: &mut Table) -> Result<(), SweepError> {
        for split in &self.0 {
            let BestSplit { found, expected, features_interval, loss_interval, .. } = split;
            data.push(row! {
                case, compute: split.compute, features: found.features,
                features_low: features_interval.0, features_high: features_interval.1,
                features_theory: expected.features, loss: found.loss,
                loss_low: loss_interval.0, loss_high: loss_interval.1, loss_theory: expected.loss
            })?;
        }
        Ok(())
    }

    /// Simulated values against the budget, and their intervals.
    #[must_use]
    pub fn simulated(&self, quantity: SplitQuantity) -> (Pairs, Pairs) {
        let one = |split: &BestSplit| {
            let interval = match quantity {
                SplitQuantity::Features => split.features_interval,
                SplitQuantity::Loss => split.loss_interval,
            };
            ((split.compute, quantity.of(split.found)), interval)
        };
        self.0.iter().map(one).unzip()
    }
}

/// Least squares of `height + slope k + bend k²` at `k = −2 … 2`.
fn parabola(value: impl Fn(isize) -> f64) -> (f64, f64, f64) {
    let (mut height, mut slope, mut bend) = (0.0, 0.0, 0.0);
    for step in -2..=2 {
        let (y, k) = (value(step), step as f64);
        height += y * (17.0 - 5.0 * k * k) / 35.0;
        slope += y * k / 10.0;
        bend += y * (k * k - 2.0) / 14.0;
    }
    (height, slope, bend)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_parabola_is_found_exactly() {
        let (height, slope, bend) = parabola(|k| 3.0 - 0.5 * k as f64 + 0.25 * (k * k) as f64);
        assert!((height - 3.0).abs() + (slope + 0.5).abs() + (bend - 0.25).abs() < 1e-13);
    }

    #[test]
    fn a_place_between_rungs_and_a_level_of_its_own() {
        // Place: ln = (ln D − ln 10)², level: 7 at every rung.
        let samples: Vec<f64> = (0..9).map(|k| 5.0 * (0.2 * f64::from(k)).exp()).collect();
        let rungs = Rungs { spacing: 0.2, designs: vec![], samples: samples.clone() };
        let found = rungs.vertex(100.0, |k| (samples[k] / 10.0).ln().powi(2).exp(), |_| 7.0);
        assert!((found.features - 10.0).abs() < 1e-10 && (found.loss - 7.0).abs() < 1e-10);
    }

    #[test]
    fn below_the_threshold_there_is_no_mean() {
        let rungs = Rungs {
            samples: vec![10.0],
            spacing: 1.0,
            designs: vec![vec![(5.0, 0.5), (8.0, 0.5)]],
        };
        assert_eq!(rungs.mean(0, 110.0, [0].into_iter()), 0.5 * 10.0 / 5.0);
        assert_eq!(rungs.mean(0, 90.0, [0, 1].into_iter()), f64::INFINITY);
    }
}
