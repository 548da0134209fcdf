//! The sums as functions of `ln G`, interpolated between the points where they were evaluated.

use crate::response::sums::Sums;

/// Evaluated points, ascending in `ln G`. Between them the logarithms of the sums follow by Hermite
/// interpolation, from values and derivatives at the points nearest.
#[derive(Debug, Clone, Default)]
pub(crate) struct Evaluations {
    points: Vec<Sums>,
    /// The logarithms that are interpolated, point by point.
    logarithms: Vec<Logarithms>,
}

/// Points of an interpolant are further apart than this fraction of their distance from its middle.
const APART: f64 = 0.2;
/// Most points an interpolant uses: degree 23. The sums are singular at `Im ln G = ±π`, where
/// `1 + λG = 0`; from points 0.64 apart, a pole there leaves an error of `Π δ²/(δ² + π²) = 2e-10`
/// of its residue, `δ` the distances.
const WIDEST: usize = 12;

/// `ln f`, `ln(S − f)`, `ln f'`, `ln T`, `ln(−T')`.
type Channels = [f64; 5];
const LEARNED: usize = 0;
const HIDDEN: usize = 1;
const LEARNED_SLOPE: usize = 2;
const LEFT: usize = 3;
const LEFT_SLOPE: usize = 4;

/// The channels and their derivatives at one point.
#[derive(Debug, Clone, Copy)]
struct Logarithms {
    values: Channels,
    slopes: Channels,
}

impl From<&Sums> for Logarithms {
    fn from(p: &Sums) -> Self {
        let sums = [p.learned, p.hidden, p.learned_slope, p.left, p.left_slope];
        let slopes = [
            p.learned_slope,
            -p.learned_slope,
            p.learned_curvature,
            -p.left_slope,
            p.left_curvature,
        ];
        Self { values: sums.map(f64::ln), slopes: std::array::from_fn(|k| slopes[k] / sums[k]) }
    }
}

impl Evaluations {
    pub(crate) fn points(&self) -> &[Sums] {
        &self.points
    }

    /// Adds an evaluated point, unless one is known there up to rounding.
    pub(crate) fn insert(&mut self, sums: Sums) {
        let v = sums.log_stieltjes;
        let at = self.points.partition_point(|point| point.log_stieltjes < v);
        let same = |point: &&Sums| (point.log_stieltjes - v).abs() <= 1e-13 * (1.0 + v.abs());
        let before = at.checked_sub(1).and_then(|k| self.points.get(k)).filter(same);
        if before.or(self.points.get(at).filter(same)).is_none() {
            self.points.insert(at, sums);
            self.logarithms.insert(at, Logarithms::from(&sums));
        }
    }

    /// The interpolant around `v = ln G` through the `width` points nearest to it, at most
    /// [`WIDEST`].
    pub(crate) fn interpolant(&self, v: f64, width: usize) -> Interpolant {
        let mut interpolant = Interpolant::empty();
        for k in self.window(v, width) {
            interpolant.take(self.points[k].log_stieltjes, &self.logarithms[k]);
        }
        interpolant
    }

    /// The interpolant through as many points as there are, at most [`WIDEST`].
    pub(crate) fn widest(&self, v: f64) -> Interpolant {
        self.interpolant(v, WIDEST)
    }

    /// The `width` points nearest to `v`, nearest first. A point is left out if a nearer one is so
    /// close to it that divided differences would lose digits.
    fn window(&self, v: f64, width: usize) -> Vec<usize> {
        let width = width.min(WIDEST);
        let mut above = self.points.partition_point(|point| point.log_stieltjes < v);
        let mut below = above;
        let distance = |k: usize| (self.points[k].log_stieltjes - v).abs();
        let mut chosen: Vec<usize> = Vec::with_capacity(width);
        while chosen.len() < width {
            let lower = match (below > 0, above < self.points.len()) {
                (true, true) => distance(below - 1) <= distance(above),
                (false, false) => break,
                (lower, _) => lower,
            };
            let next = if lower { below - 1 } else { above };
            (below, above) = if lower { (next, above) } else { (below, next + 1) };
            let apart = |k: &usize| {
                (self.points[*k].log_stieltjes - self.points[next].log_stieltjes).abs()
                    > APART * distance(next)
            };
            if chosen.iter().all(apart) || distance(next) == 0.0 {
                chosen.push(next);
            }
        }
        chosen
    }
}

/// The logarithms of the sums as polynomials of `ln G`, through values and slopes: in Newton's form
/// with every abscissa taken twice.
#[derive(Debug, Clone)]
pub(crate) struct Interpolant {
    x: [f64; WIDEST],
    /// Divided differences from the first point on: the coefficients.
    coefficients: [Channels; 2 * WIDEST],
    /// Divided differences up to the last point, by order: what the next point needs.
    diagonal: [Channels; 2 * WIDEST],
    points: usize,
}

impl Interpolant {
    fn empty() -> Self {
        let zero = [[0.0; 5]; 2 * WIDEST];
        Self { x: [0.0; WIDEST], coefficients: zero, diagonal: zero, points: 0 }
    }

    /// Adds a point.
    fn take(&mut self, x: f64, logarithms: &Logarithms) {
        let known = 2 * self.points;
        self.x[self.points] = x;
        self.points += 1;
        for row in [known, known + 1] {
            let mut difference = logarithms.values;
            for order in 1..=row {
                let from = row - order;
                let next = if order == 1 && row % 2 == 1 {
                    logarithms.slopes
                } else {
                    let inverse = (x - self.x[from / 2]).recip();
                    std::array::from_fn(|c| (difference[c] - self.diagonal[order - 1][c]) * inverse)
                };
                self.diagonal[order - 1] = difference;
                difference = next;
            }
            self.diagonal[row] = difference;
            self.coefficients[row] = difference;
        }
    }

    /// How much the sums at `v` depend on the last two points, relative: an estimate of the error
    /// without them, hence pessimistic with them. Infinite for a single point.
    pub(crate) fn uncertainty(&self, v: f64) -> f64 {
        let narrow = match self.points {
            0 | 1 => return f64::INFINITY,
            2 | 3 => self.points - 1,
            wide => wide - 2,
        };
        let change = self.change(v, narrow);
        // T + T' is what the loss is made of, and smaller than either.
        let logarithms = self.logarithms(v);
        let ratio = (logarithms[LEFT_SLOPE] - logarithms[LEFT]).exp();
        let rest = (change[LEFT] - ratio * change[LEFT_SLOPE]).abs() / (1.0 - ratio);
        // NaN where infinitely many coordinates are seen, which max() passes over.
        change.iter().fold(rest, |most, change| change.abs().max(most))
    }

    /// The same over an interval.
    pub(crate) fn uncertainty_over(&self, low: f64, high: f64) -> f64 {
        [0.2, 0.5, 0.8]
            .iter()
            .map(|share| self.uncertainty(low + share * (high - low)))
            .fold(0.0, f64::max)
    }

    pub(crate) fn at(&self, v: f64) -> Sums {
        let sums = self.logarithms(v).map(f64::exp);
        Sums { left: sums[LEFT], left_slope: sums[LEFT_SLOPE], ..counts(v, &sums) }
    }

    /// Only `f`, `f'` and `S − f`, which conditions need.
    pub(crate) fn counts_at(&self, v: f64) -> Sums {
        let mut sums = self.logarithms(v);
        sums[..LEFT].iter_mut().for_each(|sum| *sum = sum.exp());
        counts(v, &sums)
    }

    fn logarithms(&self, v: f64) -> Channels {
        self.newton(v, 0)
    }

    /// What the polynomial through all points adds at `v` to that through the first `narrow`.
    fn change(&self, v: f64, narrow: usize) -> Channels {
        let factor = self.x[..narrow].iter().fold(1.0, |product, x| product * (v - x) * (v - x));
        self.newton(v, 2 * narrow).map(|sum| factor * sum)
    }

    /// `Σ_{k ≥ first} c_k Π_{first ≤ j < k} (v − x_j)`.
    fn newton(&self, v: f64, first: usize) -> Channels {
        let mut sum = [0.0; 5];
        for k in (first..2 * self.points).rev() {
            let step = v - self.x[k / 2];
            for (sum, coefficient) in sum.iter_mut().zip(&self.coefficients[k]) {
                *sum = coefficient + step * *sum;
            }
        }
        sum
    }
}

fn counts(v: f64, sums: &Channels) -> Sums {
    Sums {
        log_stieltjes: v,
        learned: sums[LEARNED],
        learned_slope: sums[LEARNED_SLOPE],
        hidden: sums[HIDDEN],
        ..Sums::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hermite_reproduces_a_polynomial_of_its_degree() {
        let f = |x: f64| 1.0 + x * (2.0 + x * (-1.0 + x * (0.5 + x * (0.25 - 0.125 * x))));
        let df = |x: f64| 2.0 + x * (-2.0 + x * (1.5 + x * (1.0 - 0.625 * x)));
        let mut interpolant = Interpolant::empty();
        for x in [-1.0, 0.3, 2.0] {
            interpolant.take(x, &Logarithms { values: [f(x); 5], slopes: [df(x); 5] });
        }
        assert!((interpolant.logarithms(1.1)[LEFT] - f(1.1)).abs() < 1e-14);
        // The polynomial has degree 5, so that the last point is needed.
        let change = interpolant.change(1.1, 2)[LEFT];
        let by_hand = interpolant.newton(1.1, 0)[LEFT] - {
            let [a, b, c, d] = [0, 1, 2, 3].map(|k| interpolant.coefficients[k][LEFT]);
            a + (1.1 + 1.0) * (b + (1.1 + 1.0) * (c + (1.1 - 0.3) * d))
        };
        assert!(change != 0.0 && (change - by_hand).abs() < 1e-14);
    }

    #[test]
    fn the_window_is_made_of_the_nearest_points_without_clusters() {
        let mut evaluations = Evaluations::default();
        for v in [5.0, 0.0, 1.0, 9.0, 1.5] {
            evaluations.insert(Sums { log_stieltjes: v, ..Sums::default() });
        }
        evaluations.insert(Sums { log_stieltjes: 9.0, ..Sums::default() });
        let at = |v, width| {
            evaluations
                .window(v, width)
                .iter()
                .map(|k| evaluations.points[*k].log_stieltjes)
                .collect::<Vec<_>>()
        };
        assert_eq!(at(1.2, 2), [1.0, 1.5]);
        assert_eq!(at(100.0, 2), [9.0]);
        assert_eq!(at(-1.0, 9), [0.0, 1.0, 5.0, 9.0]);
    }
}
