//! A share of a sweep.

use crate::{Plan, SweepError, digest};
use std::{cmp::Reverse, collections::BinaryHeap, fmt, str::FromStr};

/// Share `index` of `count`, counted from 1, written `index/count`.
///
/// Which cells a shard computes depends on the plan alone, never on what is already stored: shards
/// started at different times agree on it. Costs are balanced greedily, the longest cell first to
/// the shard with the least work, so that the heaviest shard has at most 4/3 of the best possible
/// load (Graham 1969, doi:10.1137/0117039).
///
/// ```
/// use asymscale_sweep::Shard;
/// let shard: Shard = "2/3".parse()?;
/// assert_eq!((shard.index(), shard.count()), (2, 3));
/// let error = "4/3".parse::<Shard>().unwrap_err();
/// assert_eq!(error.to_string(), "shard = 4/3: index must lie in 1..=3");
/// # Ok::<(), asymscale_sweep::SweepError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shard {
    index: usize,
    count: usize,
}

impl Shard {
    /// Share `index` of `count`, `1 <= index <= count`.
    pub fn new(index: usize, count: usize) -> Result<Self, SweepError> {
        let refused = |reason| Err(SweepError::Shard { text: format!("{index}/{count}"), reason });
        if count == 0 {
            return refused("count must be a whole number >= 1".into());
        }
        if !(1..=count).contains(&index) {
            return refused(format!("index must lie in 1..={count}"));
        }
        Ok(Self { index, count })
    }

    /// Which share, from 1.
    pub fn index(&self) -> usize {
        self.index
    }

    /// How many shares.
    pub fn count(&self) -> usize {
        self.count
    }

    /// For each cell of the plan, whether it is this shard's. Costs `O(cells log cells)`.
    pub fn members(&self, plan: &Plan) -> Vec<bool> {
        assignment(plan, self.count).into_iter().map(|shard| shard == self.index).collect()
    }
}

impl fmt::Display for Shard {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "{}/{}", self.index, self.count)
    }
}

impl FromStr for Shard {
    type Err = SweepError;

    fn from_str(text: &str) -> Result<Self, SweepError> {
        let malformed = || SweepError::Shard {
            text: text.into(),
            reason: "must be index/count, such as 1/4".into(),
        };
        let (index, count) = text.split_once('/').ok_or_else(malformed)?;
        let number = |digits: &str| digits.trim().parse().map_err(|_| malformed());
        Self::new(number(index)?, number(count)?)
    }
}

/// Cells of a plan by position, the longest first, equal ones in the order of the plan.
pub(crate) fn longest_first(plan: &Plan) -> Vec<usize> {
    let mut order: Vec<usize> = (0..plan.cells().len()).collect();
    order.sort_by(|&a, &b| plan.cells()[b].cost().total_cmp(&plan.cells()[a].cost()));
    order
}

/// Index of the shard of each cell.
fn assignment(plan: &Plan, count: usize) -> Vec<usize> {
    let mut shards = vec![0; plan.cells().len()];
    let first = first(plan, count);
    // Costs are above 0, so that no place beyond the number of cells ever has the least load. A
    // finite float >= 0 has the order of its bits, which, unlike the float, a heap accepts.
    let mut loads: BinaryHeap<Reverse<(u64, usize)>> =
        (0..count.min(shards.len())).map(|place| Reverse((0, place))).collect();
    for cell in longest_first(plan) {
        let Some(mut least) = loads.peek_mut() else { break };
        let Reverse((load, place)) = *least;
        shards[cell] = (first + place) % count + 1;
        *least = Reverse(((f64::from_bits(load) + plan.cells()[cell].cost()).to_bits(), place));
    }
    shards
}

/// The shard, from 0, that gets the longest cell: the experiment's name decides. Were it always the
/// same one, it would get the longest of every plan that is split by the same count.
fn first(plan: &Plan, count: usize) -> usize {
    let digest = digest::of_bytes(plan.experiment().as_bytes());
    // Seven hexadecimal digits fit any `usize`.
    usize::from_str_radix(&digest[..7], 16).unwrap_or(0) % count
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Cell;

    fn plan(costs: &[f64]) -> Plan {
        let cell = |(i, cost): (usize, &f64)| {
            Cell::new(format!("c{i}"), &serde_json::json!({ "i": i })).unwrap().with_cost(*cost)
        };
        Plan::new("shards", 1, "code", costs.iter().enumerate().map(cell).collect()).unwrap()
    }

    #[test]
    fn malformed_shards_are_refused() {
        let message = |text: &str| text.parse::<Shard>().unwrap_err().to_string();
        assert_eq!(message("4/3"), "shard = 4/3: index must lie in 1..=3");
        assert_eq!(message("0/3"), "shard = 0/3: index must lie in 1..=3");
        assert_eq!(message("1/0"), "shard = 1/0: count must be a whole number >= 1");
        for text in ["", "2", "a/b", "-1/3", "1/2/3", "1.0/3"] {
            assert_eq!(message(text), format!("shard = {text}: must be index/count, such as 1/4"));
        }
        assert_eq!("3/8".parse::<Shard>().unwrap().to_string(), "3/8");
    }

    #[test]
    fn every_cell_has_exactly_one_shard() {
        let plan = plan(&[5.0, 1.0, 1.0, 3.0, 2.0, 8.0, 1e-300]);
        for count in [1, 2, 3, 10] {
            let members: Vec<_> =
                (1..=count).map(|i| Shard::new(i, count).unwrap().members(&plan)).collect();
            for cell in 0..plan.cells().len() {
                assert_eq!(
                    members.iter().filter(|shard| shard[cell]).count(),
                    1,
                    "cell {cell} of {count}"
                );
            }
        }
    }

    #[test]
    fn more_shards_than_cells_cost_nothing() {
        let plan = plan(&[2.0, 1.0, 3.0]);
        let all = assignment(&plan, usize::MAX);
        assert!(all[0] != all[1] && all[1] != all[2] && all[2] != all[0], "{all:?}");
        let members = Shard::new(all[2], usize::MAX).unwrap().members(&plan);
        assert_eq!(members, [false, false, true]);
    }

    #[test]
    fn the_longest_cells_of_many_plans_go_to_many_shards() {
        let shard_of_longest = |i: usize| {
            let cells = [1.0, 2.0].map(|cost| {
                Cell::new(format!("{cost}"), &serde_json::json!({ "x": cost }))
                    .unwrap()
                    .with_cost(cost)
            });
            assignment(&Plan::new(format!("{i:02}"), 1, "code", cells.to_vec()).unwrap(), 8)[1]
        };
        let chosen: std::collections::HashSet<usize> = (0..12).map(shard_of_longest).collect();
        assert!(
            chosen.len() > 4 && chosen.iter().all(|shard| (1..=8).contains(shard)),
            "{chosen:?}"
        );
    }

    #[test]
    fn costs_are_balanced() {
        let costs = [7.0, 6.0, 5.0, 4.0, 3.0, 2.0, 1.0, 8.0];
        let plan = plan(&costs);
        for index in 1..=2 {
            let members = Shard::new(index, 2).unwrap().members(&plan);
            let load: f64 =
                costs.iter().zip(members).filter(|(_, mine)| *mine).map(|(cost, _)| cost).sum();
            assert_eq!(load, 18.0); // half of 36
        }
    }
}
