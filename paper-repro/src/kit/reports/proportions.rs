//! Proportions of data sets in which something happened, such as that an interval held the truth.

use super::statistics::z_bound;
use crate::kit::Entry;
use crate::{Finding, Prediction, Statement, Tolerance};
use asymscale_montecarlo::wilson_interval;

/// A proportion of data sets.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Proportion {
    /// Its value; NaN of none.
    pub value: f64,
    /// Its 95 % Wilson interval.
    pub interval: (f64, f64),
    /// Number of data sets.
    pub sets: f64,
}

/// The events of entries of one name, added up over blocks.
pub fn proportion(entries: &[Entry], kind: &str, of: &str, quantity: &str) -> Proportion {
    let here = |entry: &&Entry| entry.kind == kind && entry.of == of && entry.quantity == quantity;
    let (mut events, mut sets) = (0.0, 0.0);
    for block in entries.iter().filter(here) {
        events += block.value;
        sets += block.count as f64;
    }
    Proportion { value: events / sets, interval: wilson_interval(events, sets, 0.95), sets }
}

/// The smallest of some proportions; one of nothing if there are none.
pub fn least(all: impl Iterator<Item = Proportion>) -> Proportion {
    all.reduce(|a, b| if b.value < a.value { b } else { a }).unwrap_or(proportion(&[], "", "", ""))
}

/// A finding about a proportion of data sets, the worst of `of` proportions: it may miss its bound
/// by what chance allows for so many.
pub fn proportion_finding(
    statement: Statement,
    bound: Prediction,
    found: Proportion,
    of: usize,
) -> Finding {
    let error = (bound.value() * (1.0 - bound.value()) / found.sets).sqrt();
    statement
        .predicted(bound)
        .measured((found.value, found.interval))
        .within(Tolerance::statistical(z_bound(of) * error, "binomial, 1 % in all"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_of_one_name_add_up() {
        let block = |events| Entry::new("covered", "grid", "alpha", events, 50);
        let found = proportion(&[block(40.0), block(50.0)], "covered", "grid", "alpha");
        assert!((found.value - 0.9).abs() < 1e-15 && found.sets == 100.0 && found.interval.0 < 0.9);
    }
}
