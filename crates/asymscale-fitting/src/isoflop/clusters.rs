//! Which runs belong to one budget, found from the gaps between neighbouring values of `ln C`.
//!
//! Sorted values are cut at every gap that is at least as wide as some gap `g`. A cut is accepted
//! where it is clear: `g` is at least a quarter of a factor (`ln 1.25`), three times the widest gap
//! that is left inside, and twice the width of the widest budget. Of several such cuts the one that
//! leaves most runs in budgets of at least four sizes is taken, of equals the finest.

use std::collections::BTreeMap;

use thiserror::Error;

use crate::runs::Runs;

/// Distinct N that a parabola needs to leave a residual.
pub(crate) const NEEDED_SIZES: usize = 4;

/// Gaps of `ln C` below this are within one budget, whatever the others are.
const LEAST_GAP: f64 = 0.223;
/// A gap between budgets over the widest inside one.
const LEAST_OVER_INNER_GAP: f64 = 3.0;
/// A gap between budgets over the width of the widest.
const LEAST_OVER_WIDTH: f64 = 2.0;

/// Runs that make no curve, with what was found instead.
#[derive(Debug, Clone, Copy, PartialEq, Error)]
#[error(
    "budgets = 0: no budget of compute is plainly apart from the others and has {needed} distinct N; the {runs} runs have C from \
     {least:.3e} to {largest:.3e}, and at most {most} distinct N within a tenth of one C"
)]
pub struct NoBudgets {
    /// Runs.
    pub runs: usize,
    /// Smallest compute.
    pub least: f64,
    /// Largest compute.
    pub largest: f64,
    /// The most distinct N of runs of nearly one compute.
    pub most: usize,
    /// Distinct N needed.
    pub needed: usize,
}

impl NoBudgets {
    pub(crate) fn of(runs: &Runs, computes: &[f64]) -> Self {
        let mut order: Vec<usize> = (0..runs.len()).collect();
        order.sort_by(|&a, &b| computes[a].total_cmp(&computes[b]));
        let (mut inside, mut first, mut most) = (BTreeMap::<u64, usize>::new(), 0, 0);
        for &row in &order {
            *inside.entry(runs.features()[row].to_bits()).or_default() += 1;
            while computes[row] > 1.1 * computes[order[first]] {
                let size = runs.features()[order[first]].to_bits();
                match inside.get_mut(&size) {
                    Some(count) if *count > 1 => *count -= 1,
                    _ => drop(inside.remove(&size)),
                }
                first += 1;
            }
            most = most.max(inside.len());
        }
        let least = computes.iter().copied().fold(f64::INFINITY, f64::min);
        let largest = computes.iter().copied().fold(0.0, f64::max);
        Self { runs: runs.len(), least, largest, most, needed: NEEDED_SIZES }
    }
}

/// Rows of each budget in ascending order of compute, those of one budget in the order of the runs.
/// `computes` are finite and > 0. Empty where there is no plain cut and more than one value.
pub(crate) fn clusters(runs: &Runs, computes: &[f64]) -> Vec<Vec<usize>> {
    let mut order: Vec<usize> = (0..runs.len()).collect();
    order.sort_by(|&a, &b| computes[a].total_cmp(&computes[b]).then(a.cmp(&b)));
    let logs: Vec<f64> = order.iter().map(|&row| computes[row].ln()).collect();
    let mut gaps: Vec<f64> = logs.windows(2).map(|pair| pair[1] - pair[0]).collect();
    gaps.retain(|gap| *gap >= LEAST_GAP);
    gaps.sort_by(f64::total_cmp);
    gaps.dedup();
    // Without any cut all runs are one budget.
    gaps.push(f64::INFINITY);
    let mut best: (usize, Vec<Vec<usize>>) = (0, Vec::new());
    for cut in gaps {
        let pieces = pieces(&logs, cut);
        if !is_clear_cut(&logs, &pieces, cut) {
            continue;
        }
        let rows: Vec<Vec<usize>> =
            pieces.into_iter().map(|range| sorted(order[range].to_vec())).collect();
        let useful =
            rows.iter().filter(|rows| sizes(runs, rows) >= NEEDED_SIZES).map(Vec::len).sum();
        if useful > best.0 {
            best = (useful, rows);
        }
    }
    best.1
}

/// Distinct N of some rows.
pub(crate) fn sizes(runs: &Runs, rows: &[usize]) -> usize {
    distinct(runs, rows).len()
}

/// Distinct N of some rows, ascending.
pub(crate) fn distinct(runs: &Runs, rows: &[usize]) -> Vec<f64> {
    let mut sizes: Vec<f64> = rows.iter().map(|&row| runs.features()[row]).collect();
    sizes.sort_by(f64::total_cmp);
    sizes.dedup();
    sizes
}

fn sorted(mut rows: Vec<usize>) -> Vec<usize> {
    rows.sort_unstable();
    rows
}

fn pieces(logs: &[f64], cut: f64) -> Vec<std::ops::Range<usize>> {
    let mut ends: Vec<usize> = (1..logs.len()).filter(|&k| logs[k] - logs[k - 1] >= cut).collect();
    ends.push(logs.len());
    let starts = std::iter::once(0).chain(ends.iter().copied()).collect::<Vec<usize>>();
    starts.into_iter().zip(ends).map(|(start, end)| start..end).collect()
}

/// Whether the pieces and the gaps inside them are small beside the gaps between them.
fn is_clear_cut(logs: &[f64], pieces: &[std::ops::Range<usize>], cut: f64) -> bool {
    let inside = |range: &std::ops::Range<usize>| {
        let piece = &logs[range.clone()];
        let widest = piece.windows(2).map(|pair| pair[1] - pair[0]).fold(0.0, f64::max);
        (piece[piece.len() - 1] - piece[0], widest)
    };
    let (width, gap) =
        pieces.iter().map(inside).fold((0.0_f64, 0.0_f64), |(w, g), (x, y)| (w.max(x), g.max(y)));
    // A single budget has no neighbours to be compared with.
    let between = if cut.is_finite() { cut } else { 2.0 * LEAST_GAP };
    LEAST_OVER_INNER_GAP * gap <= between && LEAST_OVER_WIDTH * width <= between
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(computes: &[f64]) -> Vec<usize> {
        let sizes: Vec<f64> =
            (0..computes.len()).map(|k| 1e6 * 2f64.powi((k % 5) as i32)).collect();
        let runs = Runs::new(&sizes, &sizes, &vec![2.0; sizes.len()]).expect("positive");
        clusters(&runs, computes).iter().map(Vec::len).collect()
    }

    #[test]
    fn budgets_are_cut_where_gaps_are_plain() {
        let jitter = |k: usize| 1.0 + 0.04 * (7.0 * k as f64).sin();
        let near = |budgets: &[f64]| -> Vec<f64> {
            (0..5 * budgets.len()).map(|k| budgets[k / 5] * jitter(k)).collect()
        };
        assert_eq!(found(&near(&[6e18, 1e19, 3e19])), [5, 5, 5]);
        assert_eq!(found(&near(&[1e18])), [5]);
        // A stray run is a budget of its own.
        let mut stray = near(&[1e18, 1e19]);
        stray.push(4e19);
        assert_eq!(found(&stray), [5, 5, 1]);
        // Values that rise evenly are no budgets, whether close or far.
        for step in [1.05, 1.3, 4.0] {
            let even: Vec<f64> = (0..20).map(|k| 1e18 * f64::powi(step, k)).collect();
            assert!(found(&even).is_empty(), "{step}");
        }
    }
}
