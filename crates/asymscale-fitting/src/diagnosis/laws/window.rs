//! The window of counts that a law is fitted to: the widest in which it is not rejected.

use super::kernel::Kernel;
use super::mixed_fit::{Fitted, fit_shape};
use super::shapes::Shape;
use crate::diagnosis::counts::cells::Cells;

/// The smallest window ends at the first edge from here on, the others are twice as wide each.
const FIRST_WINDOW: u64 = 15;

/// The largest count that is fitted, since more frequent features say nothing of the rare ones.
const LAST_WINDOW: u64 = 1024;

/// Features a window must hold, and cells besides those that parameters use up.
pub(crate) const LEAST_FEATURES: f64 = 30.0;
const LEAST_CELLS: usize = 4;

/// Level of the tests on the way to the widest window.
const SIGNIFICANCE: f64 = 0.05;

/// Cells of the counts from `floor` up, and the probability of each at each rate.
#[derive(Debug, Clone)]
pub(crate) struct Tables {
    /// The widest window first narrowed to as many cells as each window has.
    windows: Vec<(Cells, Kernel)>,
}

impl Tables {
    /// Tables for counts `floor ≤ k < units` of so many units (samples, or groups of samples).
    pub(crate) fn new(floor: u64, units: f64) -> Self {
        let last = LAST_WINDOW.min(units as u64 - 1).max(floor);
        let all = Cells::new(floor - 1, last);
        let whole = Kernel::new(&all, units);
        let mut windows = Vec::new();
        let mut next = FIRST_WINDOW;
        for count in 1..=all.len() {
            let edge = all.edges[count];
            if edge >= next || count == all.len() {
                let cells = Cells { edges: all.edges[..=count].to_vec() };
                let kernel = Kernel { cells: whole.cells[..count].to_vec(), ..whole.clone() };
                windows.push((cells, kernel));
                next = 2 * edge;
            }
        }
        Self { windows }
    }

    /// The tables of a part of the data: the same where a count is a Poisson number in both.
    pub(crate) fn scaled(&self, units: f64, kept: f64) -> Self {
        let cells = self.cells();
        let last = cells.edges[cells.len()];
        if super::kernel::poisson(last, kept) && super::kernel::poisson(last, units) {
            return self.clone();
        }
        Self::new(cells.edges[0] + 1, kept)
    }

    /// The cells of the widest window; those of the others are the first of them.
    pub(crate) fn cells(&self) -> &Cells {
        &self.windows.last().expect("a window").0
    }
}

/// The law in the widest window in which Pearson's X² rejects (5 %) neither it nor a narrower one.
/// Where even the narrowest window with enough features rejects it, the result is the fit there,
/// with its p-value. The fit may be the power law that is the limit of a shape. `None` where no
/// window holds enough features, or the fit is degenerate.
pub(crate) fn fit_widest<'a>(
    shape: Shape,
    tables: &'a Tables,
    tally: &'a [f64],
) -> Option<Fitted<'a>> {
    let mut best: Option<Fitted<'a>> = None;
    for (cells, kernel) in &tables.windows {
        let tally = &tally[..cells.len()];
        if tally.iter().sum::<f64>() < LEAST_FEATURES || cells.len() < LEAST_CELLS {
            continue;
        }
        let Some(found) = fit_shape(shape, cells, kernel, tally) else { break };
        if !found.is_limit() && shape.degenerate(found.law.parameters) {
            break;
        }
        if found.law.p_value < SIGNIFICANCE {
            return best.or(Some(found));
        }
        best = Some(found);
    }
    best
}

/// The law, or its limit, in the narrowest window that holds enough features and reaches
/// `max_count`.
pub(crate) fn fit_to_window<'a>(
    shape: Shape,
    tables: &'a Tables,
    tally: &'a [f64],
    max_count: f64,
) -> Option<Fitted<'a>> {
    let enough = |cells: &Cells| {
        cells.len() >= LEAST_CELLS && tally[..cells.len()].iter().sum::<f64>() >= LEAST_FEATURES
    };
    let reaches = |cells: &Cells| cells.edges[cells.len()] as f64 >= max_count;
    let usable = || tables.windows.iter().filter(|(cells, _)| enough(cells));
    let (cells, kernel) =
        usable().find(|(cells, _)| reaches(cells)).or_else(|| usable().next_back())?;
    fit_shape(shape, cells, kernel, &tally[..cells.len()])
}
