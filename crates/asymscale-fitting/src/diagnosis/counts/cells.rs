//! Counts in cells: single counts first, then ranges that grow by a quarter; and Pearson's X² over
//! them.
//!
//! What a power law makes of cells is `impl Cells` in `laws/power_law_cells.rs`.

use super::ActivationCounts;

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

    /// Pearson's X² against expected numbers of the same sum, and the degrees of freedom
    /// `parameters` leave.
    pub(crate) fn pearson_of(tally: &[f64], expected: &[f64], parameters: f64) -> (f64, f64) {
        let (mut statistic, mut cells) = (0.0, 0.0);
        let (mut found, mut merged) = (0.0, 0.0);
        let mut left: f64 = expected.iter().sum();
        for (n, expected) in tally.iter().zip(expected) {
            found += n;
            merged += expected;
            // What would remain below that number is merged into the last cell.
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
