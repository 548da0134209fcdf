//! The least time a count of work can take, and the share of it in the time that was taken.

use super::divan::{Case, Rates};
use std::fmt::Write;

/// A case with the rates that limit it.
pub(super) struct Limited<'a> {
    case: &'a Case,
    rates: Rates,
}

impl<'a> Limited<'a> {
    /// `rates`: what the machine does per second of each kind; of items, the benchmark that prices
    /// them.
    pub(super) fn new(case: &'a Case, rates: Rates) -> Self {
        Self { case, rates }
    }

    /// Each kind of work: its name, how much there is of it, and the least seconds it takes.
    fn parts(&self) -> Vec<(&'static str, f64, f64)> {
        let (done, can) = (self.case.rates, self.rates);
        let part = |name, done: f64, can: f64| {
            (name, done * self.case.shortest, done * self.case.shortest / can)
        };
        let parts = [
            part("flop", done.flops, can.flops),
            part("B", done.bytes, can.bytes),
            part("items", done.items, can.items),
        ];
        parts.into_iter().filter(|(_, count, least)| *count > 0.0 && least.is_finite()).collect()
    }

    /// All of the work one after the other, in seconds; nothing if none is counted.
    pub(super) fn least(&self) -> Option<f64> {
        let parts = self.parts();
        (!parts.is_empty()).then(|| parts.iter().map(|(_, _, least)| least).sum())
    }

    /// The work in words: `1.2 Gflop (80 %) + 7 Mitems (20 %)`, shares those of the limit.
    pub(super) fn work(&self) -> String {
        let (parts, least) = (self.parts(), self.least().unwrap_or(1.0));
        let mut text = String::new();
        for (name, count, part) in &parts {
            let plus = if text.is_empty() { "" } else { " + " };
            let _ = write!(text, "{plus}{}{name}", scaled(*count));
            if parts.len() > 1 {
                let _ = write!(text, " ({:.0} %)", 100.0 * part / least);
            }
        }
        text
    }
}

/// Three digits and a prefix: `71.5 M`.
pub(super) fn scaled(count: f64) -> String {
    let prefixes = [(1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k")];
    let (unit, prefix) = prefixes.into_iter().find(|(unit, _)| count >= *unit).unwrap_or((1.0, ""));
    let value = count / unit;
    let digits = usize::from(value < 100.0 && unit > 1.0) + usize::from(value < 10.0 && unit > 1.0);
    format!("{value:.digits$} {prefix}")
}

/// Three digits and a unit of time.
pub(super) fn time(seconds: f64) -> String {
    let units = [(1.0, "s"), (1e-3, "ms"), (1e-6, "µs"), (1e-9, "ns")];
    let (unit, name) = units.into_iter().find(|(unit, _)| seconds >= *unit).unwrap_or((1e-9, "ns"));
    let value = seconds / unit;
    let digits = usize::from(value < 100.0) + usize::from(value < 10.0);
    format!("{value:.digits$} {name}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_of_a_limit_add_up() {
        let done = Rates { flops: 2e9, bytes: 0.0, items: 5e6 };
        let case = Case { argument: String::new(), seconds: 0.6, shortest: 0.5, rates: done };
        // 1 Gflop at 10 GHz is 0.1 s, 2.5 M items at 25 M/s are 0.1 s.
        let limited = Limited::new(&case, Rates { flops: 1e10, bytes: 1e9, items: 2.5e7 });
        assert!((limited.least().unwrap() - 0.2).abs() < 1e-12);
        assert_eq!(limited.work(), "1.00 Gflop (50 %) + 2.50 Mitems (50 %)");
        assert_eq!(time(0.0742), "74.2 ms");
        assert!(Limited::new(&Case::default(), Rates::default()).least().is_none());
    }
}
