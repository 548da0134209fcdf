//! The cost of a cell, extrapolated from the cost of others: seconds per repeat grow as a power of
//! the samples.

use asymscale_sweep::Cell;
use serde_json::Value;

/// Parameters that count repeats: seconds are proportional to their product.
const REPEATS: [&str; 7] =
    ["designs", "repeats", "subsets", "sets", "resamples", "refits", "teachers"];
/// The most tasks of an array under Slurm's default settings.
const MOST_SHARDS: f64 = 1000.0;
/// Powers of the samples between which dense linear algebra lies, assumed where no two sizes were
/// measured. Nothing here grows faster than the upper one for a given number of repeats.
const ASSUMED: (f64, f64) = (2.0, 3.0);
/// Seconds below which a cell says nothing about the power, because starting, warming up and
/// allocating take as long.
const SHORT: f64 = 0.01;

/// Standard error of a power fitted to two sizes, which leave no residual to estimate it from. The
/// assumed powers lie two of these on either side of their middle.
const UNJUDGED: f64 = 0.25;

/// The parameters that a cell's cost depends on.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Size {
    /// Cells of one kind have the same parameters by name, and the same case: text, lists of text,
    /// and `case`. Cases differ in the power, too: sparse designs have fewer directions than
    /// samples.
    pub(super) kind: String,
    /// Samples of a design; 1 where there are none.
    pub(super) samples: f64,
    /// Number of repeats.
    pub(super) repeats: f64,
}

impl Size {
    /// Read from the cell's parameters.
    pub(super) fn of(cell: &Cell) -> Self {
        let mut size = Self { kind: String::new(), samples: 1.0, repeats: 1.0 };
        size.read(cell.parameters());
        size
    }

    fn read(&mut self, value: &Value) {
        for (name, value) in value.as_object().into_iter().flatten() {
            self.kind = format!("{} {name}", self.kind);
            let number = value.as_f64().filter(|number| *number >= 1.0);
            match number {
                Some(number) if name == "samples" => self.samples = number,
                Some(number) if REPEATS.contains(&name.as_str()) => self.repeats *= number,
                // A list of numbers counts as so many repeats.
                _ if value.as_array().is_some_and(|list| list.iter().all(Value::is_number)) => {
                    self.repeats *= value.as_array().map_or(1, |list| list.len().max(1)) as f64;
                }
                _ if name == "case" || value.is_string() || value.is_array() => {
                    self.kind = format!("{} {value}", self.kind);
                }
                _ => self.read(value),
            }
        }
    }
}

/// A cell with the seconds it took on one thread.
#[derive(Debug, Clone)]
pub(super) struct Timed {
    pub(super) size: Size,
    pub(super) seconds: f64,
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

/// Seconds per repeat as `pace · (samples / centre)^power`, for cells of one kind.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Law {
    /// Mean seconds per repeat at the centre.
    pace: f64,
    centre: f64,
    pub(super) power: Power,
}

/// The power of the samples.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Power {
    /// Its value with two standard errors on either side.
    pub(super) range: Range,
    /// Whether it was measured rather than assumed.
    pub(super) is_measured: bool,
}

impl Law {
    /// Fits the law to cells of one kind: the power by least squares in logarithms, the pace so
    /// that the sum of the fitted seconds is that of the measured ones. `None` without a cell.
    pub(super) fn fit(cells: &[&Timed]) -> Option<Self> {
        // The centre is among the largest cells, which weigh most in a prediction.
        let centre = cells.iter().map(|cell| cell.size.samples).reduce(f64::max)?;
        let slope = slope(cells, centre);
        let (low, high) = ASSUMED;
        let range = slope.unwrap_or(Range { low, middle: f64::midpoint(low, high), high });
        let unit =
            |cell: &&Timed| cell.size.repeats * (cell.size.samples / centre).powf(range.middle);
        let pace = cells.iter().map(|cell| cell.seconds).sum::<f64>()
            / cells.iter().map(unit).sum::<f64>();
        Some(Self { pace, centre, power: Power { range, is_measured: slope.is_some() } })
    }

    /// The seconds that a cell of this size will take.
    pub(super) fn seconds(&self, size: &Size) -> Range {
        let ratio = size.samples / self.centre;
        let at = |power: f64| self.pace * size.repeats * ratio.powf(power);
        let Range { low, middle, high } = self.power.range;
        let (a, b) = (at(low), at(high));
        Range { low: a.min(b), middle: at(middle), high: a.max(b) }
    }
}

/// Power of the samples with two standard errors either way, between 0 and the most there is, from
/// cells of at least an eighth of the largest that took long enough, since overheads hide the power
/// elsewhere. `None` for a single size.
fn slope(cells: &[&Timed], largest: f64) -> Option<Range> {
    let large =
        cells.iter().filter(|cell| cell.size.samples * 8.0 >= largest && cell.seconds >= SHORT);
    let point = |cell: &&Timed| (cell.size.samples.ln(), (cell.seconds / cell.size.repeats).ln());
    let points: Vec<(f64, f64)> = large.map(point).collect();
    let n = points.len() as f64;
    let (x, y) =
        points.iter().fold((0.0, 0.0), |sum, point| (sum.0 + point.0 / n, sum.1 + point.1 / n));
    let points: Vec<(f64, f64)> = points.iter().map(|point| (point.0 - x, point.1 - y)).collect();
    let spread: f64 = points.iter().map(|(x, _)| x * x).sum();
    if spread < 1e-9 {
        return None;
    }
    let middle = points.iter().map(|(x, y)| x * y).sum::<f64>() / spread;
    let rest: f64 = points.iter().map(|(x, y)| (y - middle * x).powi(2)).sum();
    let error = if n < 3.0 { UNJUDGED } else { (rest / (n - 2.0) / spread).sqrt() };
    let bounded = |power: f64| power.clamp(0.0, ASSUMED.1);
    Some(Range {
        low: bounded(middle - 2.0 * error),
        middle: bounded(middle),
        high: bounded(middle + 2.0 * error),
    })
}

/// Fewest shards of so many cores that end within the wall time, given all core-seconds and the sum
/// over sweeps of their longest cell: with `m` cores a sweep takes at most
/// `total / m + longest (1 - 1/m)` if cells are taken up as cores fall free (Graham 1966,
/// doi:10.1002/j.1538-7305.1966.tb01709.x). Shards are split beforehand, by declared costs: it
/// holds as far as these are proportional to seconds. `None` when no number up to the most of an
/// array does.
pub(super) fn shards(total: f64, longest: f64, wall: f64, cores: f64) -> Option<f64> {
    if total <= longest {
        return (longest <= wall).then_some(1.0);
    }
    let count = ((total - longest) / (wall - longest) / cores).ceil().max(1.0);
    (longest < wall && count <= MOST_SHARDS).then_some(count)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn timed(samples: f64, repeats: f64, seconds: f64) -> Timed {
        let size = Size { kind: String::new(), samples, repeats };
        Timed { size, seconds }
    }

    #[test]
    fn size_is_read_from_parameters_by_name() {
        let cell = Cell::new(
            "a",
            &json!({ "fit": { "samples": 64, "designs": 8, "sets": 3, "first": 9 } }),
        )
        .unwrap();
        let size = Size::of(&cell);
        assert_eq!((size.samples, size.repeats), (64.0, 24.0));
        let list =
            |numbers: &[f64]| Size::of(&Cell::new("l", &json!({ "decades": numbers })).unwrap());
        assert_eq!(
            (list(&[1.0, 2.0, 3.0]).repeats, list(&[1.0]).kind),
            (3.0, list(&[2.0, 3.0]).kind)
        );
        let other = Cell::new(
            "b",
            &json!({ "fit": { "samples": 1, "designs": 1, "sets": 1, "first": 0 } }),
        )
        .unwrap();
        assert_eq!(size.kind, Size::of(&other).kind);
        assert_ne!(
            size.kind,
            Size::of(&Cell::new("c", &json!({ "own": { "samples": 1 } })).unwrap()).kind
        );
    }

    #[test]
    fn a_power_law_is_found_and_extrapolated() {
        let cells: Vec<Timed> = [(16.0, 8.0), (32.0, 4.0), (64.0, 2.0), (128.0, 1.0)]
            .map(|(n, r)| timed(n, r, 1e-3 * r * n * n))
            .into();
        let law = Law::fit(&cells.iter().collect::<Vec<_>>()).unwrap();
        let range = law.seconds(&Size { kind: String::new(), samples: 1024.0, repeats: 10.0 });
        let exact = 1e-3 * 10.0 * 1024.0 * 1024.0;
        // Exact but for rounding.
        assert!(law.power.is_measured && (law.power.range.middle - 2.0).abs() < 1e-9);
        assert!(
            (range.middle / exact - 1.0).abs() < 1e-6
                && (range.high / range.low - 1.0).abs() < 1e-6
        );
    }

    #[test]
    fn scatter_widens_the_range_and_one_size_leaves_the_power_to_an_assumption() {
        let cells = [
            timed(16.0, 1.0, 1.0),
            timed(16.0, 1.0, 2.0),
            timed(64.0, 1.0, 20.0),
            timed(64.0, 1.0, 30.0),
        ];
        let law = Law::fit(&cells.iter().collect::<Vec<_>>()).unwrap();
        let at = law.seconds(&Size { kind: String::new(), samples: 256.0, repeats: 1.0 });
        assert!(
            at.low < at.middle && at.middle < at.high && law.power.range.low < law.power.range.high
        );
        let law = Law::fit(&cells[..2].iter().collect::<Vec<_>>()).unwrap();
        let at = law.seconds(&Size { kind: String::new(), samples: 32.0, repeats: 2.0 });
        assert!(!law.power.is_measured);
        assert_eq!((at.low, at.high), (1.5 * 2.0 * 4.0, 1.5 * 2.0 * 8.0)); // mean of 1 and 2 s, doubled samples
    }

    #[test]
    fn noise_leaves_the_power_within_reason() {
        let power = |cells: &[Timed]| Law::fit(&cells.iter().collect::<Vec<_>>()).unwrap().power;
        // Too short to tell.
        assert!(!power(&[timed(16.0, 1.0, 1e-6), timed(32.0, 1.0, 1e-3)]).is_measured);
        let steep = power(&[timed(16.0, 1.0, 0.01), timed(32.0, 1.0, 1.0), timed(64.0, 1.0, 1.0)]);
        assert!(
            steep.is_measured && (steep.range.low, steep.range.high) == (0.0, 3.0),
            "{steep:?}"
        );
        let empty = Size::of(&Cell::new("e", &json!({ "sizes": [], "designs": 4 })).unwrap());
        assert_eq!(empty.repeats, 4.0);
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
