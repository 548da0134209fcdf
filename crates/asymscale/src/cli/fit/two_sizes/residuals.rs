//! Runs far off the law: what the others say without them.

use crate::fitting::{Fit, Runs};
use asymscale_numerics::{mean, sorted};

/// Fewer rows have no robust spread: the law goes through most of them.
const FEWEST: usize = 12;
/// The standard deviation of a normal distribution over its median distance from the middle.
const MEDIAN: f64 = 1.4826;
/// Residuals beyond so many robust standard deviations are no errors like the others.
const FAR: f64 = 8.0;
/// Residuals below this are of rounding.
const ROUNDING: f64 = 1e-9;

/// One row in so many may be wrong.
const FEW_FAR: usize = 5;
/// A residual beyond so many times the limit would hide a signal. The test of the signal clips
/// smaller ones by itself.
const HIDES: f64 = 2.5;
/// Rows from which two kinds are told, the share that the fewer must have, and of the squares what
/// the two leave: a normal distribution cut in two leaves 0.36, a uniform one 0.25.
const SPLIT_ROWS: usize = 20;
const MINORITY: usize = 5;
const WITHIN: f64 = 0.1;
/// Closer kinds are errors of one law: seeds and rounded losses differ by a per cent, and the law
/// goes through many of a few rows.
const LEAST_SPLIT: f64 = 0.02;

/// Residuals `ln loss − ln fit` and those that are not like the others.
#[derive(Debug, Clone)]
pub(in crate::cli::fit) struct Residuals {
    values: Vec<f64>,
    limit: f64,
    /// Rows beyond the limit, ascending.
    pub(in crate::cli::fit) far: Vec<usize>,
    /// Root mean square of the others.
    pub(in crate::cli::fit) rms: f64,
}

/// Rows of two kinds, ascending.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::cli::fit) struct Split {
    pub(in crate::cli::fit) few: Vec<usize>,
    pub(in crate::cli::fit) many: Vec<usize>,
    /// Means of their residuals, in this order.
    pub(in crate::cli::fit) off: [f64; 2],
}

impl Residuals {
    pub(in crate::cli::fit) fn of(fit: &Fit) -> Self {
        let pairs = fit.runs().losses().iter().zip(fit.fitted());
        let values: Vec<f64> = pairs.map(|(loss, fit)| (loss / fit).ln()).collect();
        let limit = limit(&values, fit.free_parameters());
        let far: Vec<usize> = (0..values.len()).filter(|&row| values[row].abs() > limit).collect();
        let others: Vec<f64> = values.iter().copied().filter(|r| r.abs() <= limit).collect();
        let rms = (others.iter().map(|r| r * r).sum::<f64>() / others.len() as f64).sqrt();
        Self { values, limit, far, rms }
    }

    pub(in crate::cli::fit) fn at(&self, row: usize) -> f64 {
        self.values[row]
    }

    /// Whether the law goes through every run, but for rounding.
    pub(in crate::cli::fit) fn is_exact(&self) -> bool {
        self.values.iter().all(|r| r.abs() < ROUNDING)
    }

    /// Residuals of two sizes with nothing between them, as two laws in one table leave.
    /// `O(rows · log rows)`.
    pub(in crate::cli::fit) fn split(&self) -> Option<Split> {
        let rows = self.values.len();
        if rows < SPLIT_ROWS {
            return None;
        }
        let whole = mean(&self.values);
        let mut order: Vec<usize> = (0..rows).collect();
        order.sort_by(|&a, &b| self.values[a].total_cmp(&self.values[b]));
        let values: Vec<f64> = order.iter().map(|&row| self.values[row] - whole).collect();
        // About their mean the squares of both parts are those of all less what lies between the
        // parts.
        let square = values.iter().map(|v| v * v).sum::<f64>();
        let mut sum = 0.0;
        let between = values.iter().take(rows - 1).enumerate().map(|(row, value)| {
            sum += value;
            (row + 1, sum * sum * (1.0 / (row + 1) as f64 + 1.0 / (rows - row - 1) as f64))
        });
        let (at, between) = between.max_by(|a, b| a.1.total_cmp(&b.1))?;
        let middle = |values: &[f64]| whole + mean(values);
        let (below, above) = (middle(&values[..at]), middle(&values[at..]));
        let apart = square - between < WITHIN * square && above - below > LEAST_SPLIT;
        if !apart || at.min(rows - at) * MINORITY <= rows {
            return None;
        }
        let mut high = order.split_off(at);
        let mut low = order;
        low.sort_unstable();
        high.sort_unstable();
        Some(if low.len() < high.len() {
            Split { few: low, many: high, off: [below, above] }
        } else {
            Split { few: high, many: low, off: [above, below] }
        })
    }

    /// The largest of those that are not far off: row and residual.
    pub(in crate::cli::fit) fn largest(&self, count: usize) -> Vec<(usize, f64)> {
        let mut rows: Vec<(usize, f64)> = self.values.iter().copied().enumerate().collect();
        rows.retain(|(_, r)| r.abs() <= self.limit);
        rows.sort_by(|a, b| b.1.abs().total_cmp(&a.1.abs()).then(a.0.cmp(&b.0)));
        rows.truncate(count);
        rows
    }

    /// The runs without those so far off that they would hide a signal, unless these are many.
    pub(in crate::cli::fit) fn others(&self, runs: &Runs) -> Runs {
        let near = |row: &usize| self.values[*row].abs() <= HIDES * self.limit;
        let rows: Vec<usize> = (0..self.values.len()).filter(near).collect();
        if (self.values.len() - rows.len()) * FEW_FAR > self.values.len() {
            return runs.clone();
        }
        runs.pick(&rows)
    }
}

fn limit(residuals: &[f64], parameters: usize) -> f64 {
    let rows = residuals.len();
    if rows < FEWEST {
        return f64::INFINITY;
    }
    let sizes = sorted(residuals.iter().map(|r| r.abs()));
    // A Huber loss of a small delta goes through as many rows as it has parameters.
    let middle = (parameters + (rows - parameters) / 2).min(rows - 1);
    let limit = FAR * MEDIAN * sizes[middle];
    if limit > ROUNDING { limit } else { f64::INFINITY }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn residuals(values: &[f64]) -> Residuals {
        Residuals { values: values.to_vec(), limit: f64::INFINITY, far: Vec::new(), rms: 0.0 }
    }

    /// The test takes many rows too, for which a search of every pair of parts would not end.
    #[test]
    fn two_kinds_are_told_and_one_is_not() {
        let noise = |row: usize| 0.004 * ((row as f64 * 0.618_033_988).fract() - 0.5);
        let kinds = |rows: usize, apart: f64| {
            let value = |row: usize| noise(row) + if row.is_multiple_of(3) { apart } else { 0.0 };
            residuals(&(0..rows).map(value).collect::<Vec<f64>>()).split()
        };
        for rows in [30, 300_000] {
            let Split { few, many, off } = kinds(rows, 0.1).expect("two kinds");
            assert_eq!(few, (0..rows).step_by(3).collect::<Vec<usize>>());
            assert_eq!(many.len(), rows - few.len());
            assert!((off[0] - 0.1).abs() < 0.001 && off[1].abs() < 0.001, "{off:?}");
            assert_eq!(kinds(rows, 0.0), None, "one kind");
        }
        assert_eq!(kinds(18, 0.1), None, "too few rows");
    }
}
