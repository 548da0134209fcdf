//! What a cell will take, from what others took: seconds a repeat grow as a power of the samples.

use asymscale_sweep::Cell;
use serde_json::Value;
use std::collections::BTreeMap;

/// Parameters that say how often the same is done: seconds are proportional to their product.
const REPEATS: [&str; 7] = ["designs", "repeats", "subsets", "sets", "resamples", "refits", "teachers"];
/// Powers of the samples between which dense linear algebra lies, assumed where no two sizes were measured.
const ASSUMED: (f64, f64) = (2.0, 3.0);

/// Standard error of a power where nothing is left to judge it by: cells of two sizes.
const UNJUDGED: f64 = 0.25;

/// What decides a cell's cost.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Size {
    /// Cells of one kind have the same parameters by name, whatever their numbers, and the same case.
    pub(super) kind: String,
    /// Which case of its kind: its parameters that are text or lists, and `case`.
    pub(super) case: String,
    /// Samples of a design; 1 where there are none.
    pub(super) samples: f64,
    /// How often the same is done.
    pub(super) repeats: f64,
}

impl Size {
    /// Read from the cell's parameters.
    pub(super) fn of(cell: &Cell) -> Self {
        let mut size = Self { kind: String::new(), case: String::new(), samples: 1.0, repeats: 1.0 };
        size.read(cell.parameters());
        // Cases differ in the power, too: sparse designs have fewer directions than samples.
        size.kind += &size.case;
        size
    }

    fn read(&mut self, value: &Value) {
        for (name, value) in value.as_object().into_iter().flatten() {
            self.kind = format!("{} {name}", self.kind);
            let number = value.as_f64().filter(|number| *number >= 1.0);
            match number {
                Some(number) if name == "samples" => self.samples = number,
                Some(number) if REPEATS.contains(&name.as_str()) => self.repeats *= number,
                _ if name == "case" || value.is_string() || value.is_array() => {
                    self.case = format!("{} {value}", self.case);
                }
                _ => self.read(value),
            }
        }
    }
}

/// A cell that was run.
#[derive(Debug, Clone)]
pub(super) struct Measured {
    pub(super) size: Size,
    pub(super) seconds: f64,
    /// Peak of the process's resident memory while it ran, in bytes; 0 where the system does not say.
    pub(super) memory: f64,
    /// Its rows, in bytes.
    pub(super) disk: f64,
}

/// A value with the range in which it lies if the power law holds.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct Range {
    pub(super) low: f64,
    pub(super) middle: f64,
    pub(super) high: f64,
}

impl std::ops::AddAssign for Range {
    fn add_assign(&mut self, other: Self) {
        self.low += other.low;
        self.middle += other.middle;
        self.high += other.high;
    }
}

/// Seconds a repeat as `pace · (samples / centre)^power`: one power for all cases of a kind, a pace for each.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Law {
    /// Mean seconds a repeat at the centre, for every case measured.
    paces: BTreeMap<String, f64>,
    /// That of all cases together.
    pace: f64,
    centre: f64,
    /// The power of the samples, with two standard errors either way.
    pub(super) power: Range,
    /// Whether the power was measured, not assumed.
    pub(super) is_measured: bool,
}

impl Law {
    /// Fits the law to cells of one kind: the power by least squares in logarithms, the paces so that the sum of the fitted seconds is
    /// that of the measured ones. `None` without a cell.
    pub(super) fn fit(cells: &[&Measured]) -> Option<Self> {
        // The largest cells weigh most in a prediction: the law is hung up at them.
        let centre = cells.iter().map(|cell| cell.size.samples).reduce(f64::max)?;
        let slope = slope(cells, centre);
        let (low, high) = ASSUMED;
        let power = slope.unwrap_or(Range { low, middle: f64::midpoint(low, high), high });
        let unit = |cell: &Measured| cell.size.repeats * (cell.size.samples / centre).powf(power.middle);
        let mut sums: BTreeMap<String, (f64, f64)> = BTreeMap::new();
        for cell in cells {
            let sum = sums.entry(cell.size.case.clone()).or_default();
            *sum = (sum.0 + cell.seconds, sum.1 + unit(cell));
        }
        let all = sums.values().fold((0.0, 0.0), |all, sum| (all.0 + sum.0, all.1 + sum.1));
        let paces = sums.into_iter().map(|(case, (seconds, units))| (case, seconds / units)).collect();
        Some(Self { paces, pace: all.0 / all.1, centre, power, is_measured: slope.is_some() })
    }

    /// What a cell of this size will take.
    pub(super) fn seconds(&self, size: &Size) -> Range {
        let ratio = size.samples / self.centre;
        let pace = self.paces.get(&size.case).copied().unwrap_or(self.pace);
        let at = |power: f64| pace * size.repeats * ratio.powf(power);
        let (a, b) = (at(self.power.low), at(self.power.high));
        Range { low: a.min(b), middle: at(self.power.middle), high: a.max(b) }
    }
}

/// Power of the samples within cases, with two standard errors either way, never below 0, from cells of at least an eighth of the
/// largest, since overheads hide the power below. `None` where no case has two sizes.
fn slope(cells: &[&Measured], largest: f64) -> Option<Range> {
    let mut cases: BTreeMap<&str, Vec<(f64, f64)>> = BTreeMap::new();
    for cell in cells.iter().filter(|cell| cell.size.samples * 8.0 >= largest) {
        let seconds = cell.seconds.max(1e-6) / cell.size.repeats;
        cases.entry(&cell.size.case).or_default().push((cell.size.samples.ln(), seconds.ln()));
    }
    let free = cases.values().map(Vec::len).sum::<usize>() as f64 - cases.len() as f64 - 1.0;
    let points: Vec<(f64, f64)> = cases.into_values().flat_map(centred).collect();
    let spread: f64 = points.iter().map(|(x, _)| x * x).sum();
    if spread < 1e-9 {
        return None;
    }
    let middle = points.iter().map(|(x, y)| x * y).sum::<f64>() / spread;
    let rest: f64 = points.iter().map(|(x, y)| (y - middle * x).powi(2)).sum();
    let error = if free < 1.0 { UNJUDGED } else { (rest / free / spread).sqrt() };
    let middle = middle.max(0.0);
    Some(Range { low: (middle - 2.0 * error).max(0.0), middle, high: middle + 2.0 * error })
}

/// The points less their mean.
fn centred(points: Vec<(f64, f64)>) -> Vec<(f64, f64)> {
    let n = points.len() as f64;
    let (x, y) = points.iter().fold((0.0, 0.0), |sum, point| (sum.0 + point.0 / n, sum.1 + point.1 / n));
    points.into_iter().map(|point| (point.0 - x, point.1 - y)).collect()
}

/// Fewest shards of so many cores that surely end within the wall time, given all core-seconds and the sum over sweeps of
/// their longest cell: with `m` cores a sweep takes at most `total / m + longest (1 - 1/m)` (Graham 1966,
/// doi:10.1002/j.1538-7305.1966.tb01709.x), whatever the order. `None` when no number does.
pub(super) fn shards(total: f64, longest: f64, wall: f64, cores: f64) -> Option<f64> {
    if total <= wall * cores && longest <= wall {
        let one = total / cores + longest * (1.0 - 1.0 / cores);
        if one <= wall {
            return Some(1.0);
        }
    }
    (longest < wall).then(|| ((total - longest) / (wall - longest) / cores).ceil().max(1.0))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn measured(samples: f64, repeats: f64, seconds: f64) -> Measured {
        let size = Size { kind: String::new(), case: String::new(), samples, repeats };
        Measured { size, seconds, memory: 0.0, disk: 0.0 }
    }

    #[test]
    fn size_is_read_from_parameters_by_name() {
        let cell = Cell::new("a", &json!({ "fit": { "samples": 64, "designs": 8, "sets": 3, "first": 9 } }))
            .unwrap();
        let size = Size::of(&cell);
        assert_eq!((size.samples, size.repeats), (64.0, 24.0));
        let other =
            Cell::new("b", &json!({ "fit": { "samples": 1, "designs": 1, "sets": 1, "first": 0 } })).unwrap();
        assert_eq!(size.kind, Size::of(&other).kind);
        assert_ne!(size.kind, Size::of(&Cell::new("c", &json!({ "own": { "samples": 1 } })).unwrap()).kind);
    }

    #[test]
    fn a_power_law_is_found_and_extrapolated() {
        let cells: Vec<Measured> = [(16.0, 8.0), (32.0, 4.0), (64.0, 2.0), (128.0, 1.0)]
            .map(|(n, r)| measured(n, r, 1e-6 * r * n * n))
            .into();
        let law = Law::fit(&cells.iter().collect::<Vec<_>>()).unwrap();
        let range =
            law.seconds(&Size { kind: String::new(), case: String::new(), samples: 1024.0, repeats: 10.0 });
        let exact = 1e-6 * 10.0 * 1024.0 * 1024.0;
        // Exact but for rounding.
        assert!(law.is_measured && (law.power.middle - 2.0).abs() < 1e-9);
        assert!((range.middle / exact - 1.0).abs() < 1e-6 && (range.high / range.low - 1.0).abs() < 1e-6);
    }

    #[test]
    fn scatter_widens_the_range_and_one_size_leaves_the_power_to_an_assumption() {
        let cells = [
            measured(16.0, 1.0, 1.0),
            measured(16.0, 1.0, 2.0),
            measured(64.0, 1.0, 20.0),
            measured(64.0, 1.0, 30.0),
        ];
        let law = Law::fit(&cells.iter().collect::<Vec<_>>()).unwrap();
        let at =
            law.seconds(&Size { kind: String::new(), case: String::new(), samples: 256.0, repeats: 1.0 });
        assert!(at.low < at.middle && at.middle < at.high && law.power.low < law.power.high);
        let law = Law::fit(&cells[..2].iter().collect::<Vec<_>>()).unwrap();
        let at = law.seconds(&Size { kind: String::new(), case: String::new(), samples: 32.0, repeats: 2.0 });
        assert!(!law.is_measured);
        assert_eq!((at.low, at.high), (1.5 * 2.0 * 4.0, 1.5 * 2.0 * 8.0)); // mean of 1 and 2 s, doubled samples
    }

    #[test]
    fn shards_hold_the_wall_time() {
        assert_eq!(shards(100.0, 1.0, 100.0, 1.0), Some(1.0));
        assert_eq!(shards(1000.0, 10.0, 110.0, 1.0), Some(10.0)); // 990 / 100
        assert_eq!(shards(1000.0, 10.0, 110.0, 4.0), Some(3.0));
        assert_eq!(shards(1000.0, 200.0, 100.0, 1.0), None);
        let n = shards(12_345.0, 60.0, 600.0, 2.0).unwrap() * 2.0;
        assert!(12_345.0 / n + 60.0 * (1.0 - 1.0 / n) <= 600.0);
    }
}
