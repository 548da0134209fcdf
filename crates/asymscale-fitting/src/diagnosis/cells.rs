//! Counts in cells: single counts first, then ranges that grow by a quarter. A power law is fitted
//! to the shares of the cells, which for `k < D` depend on `a = 1/β` alone.

use asymscale_numerics::{Bracket, golden_section};

use super::counts::ActivationCounts;
use super::law::{ActivityLaw, falling};

/// Where `a = 1/β` is looked for: `β` from 1.0001 to 100.
pub(crate) const SMALLEST_INVERSE: f64 = 0.01;
pub(crate) const LARGEST_INVERSE: f64 = 0.9999;

/// In windows away from the rarest features, where `a` may exceed 1.
const LARGEST_LOCAL_INVERSE: f64 = 4.0;

/// Cells are merged until this many features are expected in each (Cochran's rule).
const LEAST_EXPECTED: f64 = 5.0;

/// Ranges `(edges[j], edges[j+1]]` of counts.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Cells {
    pub(crate) edges: Vec<u64>,
}

impl Cells {
    /// Cells of the counts `low < k ≤ high`.
    pub(crate) fn new(low: u64, high: u64) -> Self {
        let mut edges = vec![low];
        let mut edge = low;
        while edge < high {
            edge = (edge + 1).max(edge + edge / 4).min(high);
            edges.push(edge);
        }
        Self { edges }
    }

    pub(crate) fn len(&self) -> usize {
        self.edges.len() - 1
    }

    /// The first of these cells, those of counts up to `high`; two at least, where there are two.
    pub(crate) fn up_to(&self, high: f64) -> Self {
        let edges =
            self.edges.partition_point(|&edge| edge as f64 <= high).max(3).min(self.edges.len());
        Self { edges: self.edges[..edges].to_vec() }
    }

    /// The cell of a count.
    pub(crate) fn of(&self, count: u64) -> Option<usize> {
        let above = self.edges.partition_point(|&edge| edge < count);
        (above > 0 && above < self.edges.len()).then(|| above - 1)
    }

    /// Features in each cell.
    pub(crate) fn tally(&self, counts: &ActivationCounts) -> Vec<f64> {
        let mut tally = vec![0.0; self.len()];
        for (count, group) in counts.groups_to(self.edges[self.len()]) {
            if let Some(cell) = self.of(count) {
                tally[cell] += group.features;
            }
        }
        tally
    }

    /// Share of each cell among the features in all of them.
    pub(crate) fn shares(&self, inverse: f64) -> Vec<f64> {
        let at: Vec<f64> = self.edges.iter().map(|&edge| falling(edge as f64, inverse)).collect();
        let all = at[0] - at[self.len()];
        at.windows(2).map(|pair| (pair[0] - pair[1]) / all).collect()
    }

    /// The `a` at which the likelihood of the shares is largest; the law of counts above `low`
    /// exists for `a < low + 1`.
    pub(crate) fn fit(&self, tally: &[f64]) -> f64 {
        let upper = if self.edges[0] == 0 { LARGEST_INVERSE } else { LARGEST_LOCAL_INVERSE };
        minimum(|a| self.deviance(tally, a), SMALLEST_INVERSE, upper)
    }

    /// The same for a law of infinitely many features, which exists for `a < 1`.
    pub(crate) fn fit_growing(&self, tally: &[f64]) -> f64 {
        minimum(|a| self.deviance(tally, a), SMALLEST_INVERSE, LARGEST_INVERSE)
    }

    /// Standard error of `a` if features were drawn independently: from the curvature of the
    /// likelihood.
    pub(crate) fn standard_error(&self, tally: &[f64], inverse: f64) -> f64 {
        let step = 1e-3 * inverse;
        let at = |a: f64| self.deviance(tally, a);
        let curvature =
            (at(inverse + step) - 2.0 * at(inverse) + at(inverse - step)) / (step * step);
        curvature.max(0.0).sqrt().recip()
    }

    /// Minus the log likelihood, up to a constant.
    fn deviance(&self, tally: &[f64], inverse: f64) -> f64 {
        -tally.iter().zip(self.shares(inverse)).map(|(n, share)| n * share.ln()).sum::<f64>()
    }

    /// The law whose window holds as many features as were found.
    pub(crate) fn law(&self, tally: &[f64], inverse: f64, samples: f64) -> ActivityLaw {
        let unit = ActivityLaw { beta: inverse.recip(), onset: 1.0 };
        let (low, high) = (self.edges[0] as f64, self.edges[self.len()] as f64);
        let onset = tally.iter().sum::<f64>() / unit.features_between(samples, low, high);
        ActivityLaw { onset, ..unit }
    }

    /// Pearson's X² of the tally against the shares, and the degrees of freedom left by exponent
    /// and onset.
    pub(crate) fn pearson(&self, tally: &[f64], inverse: f64) -> (f64, f64) {
        let total: f64 = tally.iter().sum();
        let expected: Vec<f64> =
            self.shares(inverse).into_iter().map(|share| total * share).collect();
        Self::pearson_of(tally, &expected, 2.0)
    }

    /// Pearson's X² against expected numbers of the same sum, and the degrees of freedom
    /// `parameters` leave.
    pub(crate) fn pearson_of(tally: &[f64], expected: &[f64], parameters: f64) -> (f64, f64) {
        let (mut statistic, mut cells) = (0.0, 0.0);
        let (mut found, mut merged) = (0.0, 0.0);
        let mut left: f64 = expected.iter().sum();
        for (n, expected) in tally.iter().zip(expected) {
            found += n;
            merged += expected;
            // What would remain too small joins the last cell.
            if merged >= LEAST_EXPECTED && left - merged >= LEAST_EXPECTED {
                statistic += (found - merged).powi(2) / merged;
                cells += 1.0;
                left -= merged;
                (found, merged) = (0.0, 0.0);
            }
        }
        if merged > 0.0 {
            statistic += (found - merged).powi(2) / merged;
            cells += 1.0;
        }
        (statistic, cells - parameters)
    }
}

/// Sections of a search for the minimum, which leave 1e-7 of its range.
const SECTIONS: u32 = 34;

/// The minimum of a function that has one.
pub(crate) fn minimum(f: impl Fn(f64) -> f64, low: f64, high: f64) -> f64 {
    golden_section(Bracket::new(low, high), SECTIONS, f).middle()
}
