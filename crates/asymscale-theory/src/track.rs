//! The sums as functions of the resolution, interpolated between the points where they were evaluated.

use crate::resolvent::Sums;

/// Evaluated points, ascending in `ln G`. Between them the logarithms of the sums follow by Hermite
/// interpolation, from values and derivatives at the points nearest.
#[derive(Debug, Clone, Default)]
pub(crate) struct Track {
    points: Vec<Sums>,
}

/// Points of an interpolant are apart by more than this fraction of their distance from its middle.
const APART: f64 = 0.2;
/// Most points an interpolant uses: degree 15.
const WIDEST: usize = 8;

impl Track {
    pub(crate) fn points(&self) -> &[Sums] {
        &self.points
    }

    /// Adds an evaluated point, unless one is known there up to rounding.
    pub(crate) fn insert(&mut self, sums: Sums) {
        let v = sums.log_resolution;
        let at = self.points.partition_point(|point| point.log_resolution < v);
        let same = |point: &&Sums| (point.log_resolution - v).abs() <= 1e-13 * (1.0 + v.abs());
        let before = at.checked_sub(1).and_then(|k| self.points.get(k)).filter(same);
        if before.or(self.points.get(at).filter(same)).is_none() {
            self.points.insert(at, sums);
        }
    }

    /// The interpolant around `v = ln G` through the `width` points nearest to it, at most [`WIDEST`].
    pub(crate) fn interpolant(&self, v: f64, width: usize) -> Interpolant {
        Interpolant::new(&self.window(v, width))
    }

    /// The interpolant through as many points as there are, at most [`WIDEST`].
    pub(crate) fn widest(&self, v: f64) -> Interpolant {
        self.interpolant(v, WIDEST)
    }

    /// How much the sums at `v` depend on the number of points they are taken from, relative: an
    /// estimate of the error of the narrower interpolant, hence pessimistic for the wider.
    pub(crate) fn uncertainty(&self, v: f64) -> f64 {
        self.uncertainty_at(v, &[v])
    }

    /// The same over an interval, for the interpolant around its middle.
    pub(crate) fn uncertainty_over(&self, low: f64, high: f64) -> f64 {
        let at = |share: f64| low + share * (high - low);
        self.uncertainty_at(at(0.5), &[at(0.2), at(0.5), at(0.8)])
    }

    fn uncertainty_at(&self, middle: f64, at: &[f64]) -> f64 {
        let window = self.window(middle, WIDEST);
        let narrow = match window.len() {
            0 | 1 => return f64::INFINITY,
            2 | 3 => window.len() - 1,
            wide => wide - 2,
        };
        let interpolant = Interpolant::new(&window);
        at.iter().map(|v| interpolant.uncertainty(*v, narrow)).fold(0.0, f64::max)
    }

    /// The `width` points nearest to `v`, nearest first, without those that nearer ones on the same side make
    /// redundant: a cluster seen from afar spoils divided differences.
    fn window(&self, v: f64, width: usize) -> Vec<Sums> {
        let width = width.min(WIDEST);
        let after = self.points.partition_point(|point| point.log_resolution < v);
        let (below, above) = self.points.split_at(after);
        let mut below = below.iter().rev().peekable();
        let mut above = above.iter().peekable();
        let mut chosen: Vec<Sums> = Vec::with_capacity(width);
        let distance = |point: &Sums| (point.log_resolution - v).abs();
        while chosen.len() < width {
            let lower = match (below.peek(), above.peek()) {
                (Some(a), Some(b)) => distance(a) <= distance(b),
                (a, None) => a.is_some(),
                (None, Some(_)) => false,
            };
            let Some(next) = (if lower { below.next() } else { above.next() }) else { break };
            let apart =
                |point: &Sums| (point.log_resolution - next.log_resolution).abs() > APART * distance(next);
            if chosen.iter().all(apart) || distance(next) == 0.0 {
                chosen.push(*next);
            }
        }
        chosen
    }
}

/// The logarithms of the sums as polynomials of `ln G`.
#[derive(Debug, Clone)]
pub(crate) struct Interpolant {
    learned: Hermite,
    hidden: Hermite,
    learned_slope: Hermite,
    left: Hermite,
    left_slope: Hermite,
}

impl Interpolant {
    fn new(window: &[Sums]) -> Self {
        let channel = |value: fn(&Sums) -> f64, slope: fn(&Sums) -> f64| {
            Hermite::new(window.iter().map(|p| (p.log_resolution, value(p).ln(), slope(p) / value(p))))
        };
        Self {
            learned: channel(|p| p.learned, |p| p.learned_slope),
            hidden: channel(|p| p.hidden, |p| -p.learned_slope),
            learned_slope: channel(|p| p.learned_slope, |p| p.learned_bend),
            left: channel(|p| p.left, |p| -p.left_slope),
            left_slope: channel(|p| p.left_slope, |p| p.left_bend),
        }
    }

    /// The largest change of a sum at `v` from the first `narrow` points to all, relative.
    fn uncertainty(&self, v: f64, narrow: usize) -> f64 {
        let change = |polynomial: &Hermite| polynomial.change(v, narrow);
        let (left, left_slope) = (change(&self.left), change(&self.left_slope));
        // T + T' is what the loss is made of, and smaller than either.
        let ratio = (self.left_slope.at(v) - self.left.at(v)).exp();
        let rest = (left - ratio * left_slope).abs() / (1.0 - ratio);
        // NaN where infinitely many coordinates are seen, which max() passes over.
        let counts = change(&self.learned).abs().max(change(&self.hidden).abs());
        counts.max(change(&self.learned_slope).abs()).max(left.abs()).max(left_slope.abs()).max(rest)
    }

    pub(crate) fn at(&self, v: f64) -> Sums {
        let channel = |polynomial: &Hermite| polynomial.at(v).exp();
        Sums {
            log_resolution: v,
            learned: channel(&self.learned),
            learned_slope: channel(&self.learned_slope),
            left: channel(&self.left),
            left_slope: channel(&self.left_slope),
            hidden: channel(&self.hidden),
            ..Sums::default()
        }
    }

    /// Only `f`, `f'` and `S − f`: what conditions ask for.
    pub(crate) fn counts_at(&self, v: f64) -> Sums {
        Sums {
            log_resolution: v,
            learned: self.learned.at(v).exp(),
            learned_slope: self.learned_slope.at(v).exp(),
            hidden: self.hidden.at(v).exp(),
            ..Sums::default()
        }
    }
}

/// A polynomial through values and slopes, in Newton's form with every abscissa taken twice.
#[derive(Debug, Clone, Copy)]
struct Hermite {
    x: [f64; WIDEST],
    coefficients: [f64; 2 * WIDEST],
    count: usize,
}

impl Hermite {
    /// Through `(x, value, slope)`, at most [`WIDEST`] of them, by divided differences.
    fn new(points: impl Iterator<Item = (f64, f64, f64)>) -> Self {
        let (mut x, mut table, mut slopes) = ([0.0; WIDEST], [0.0; 2 * WIDEST], [0.0; WIDEST]);
        let mut count = 0;
        for (k, (at, value, slope)) in points.enumerate() {
            (x[k], table[2 * k], table[2 * k + 1], slopes[k]) = (at, value, value, slope);
            count = 2 * k + 2;
        }
        for order in 1..count {
            for k in (order..count).rev() {
                table[k] = if order == 1 && k % 2 == 1 {
                    slopes[k / 2]
                } else {
                    (table[k] - table[k - 1]) / (x[k / 2] - x[(k - order) / 2])
                };
            }
        }
        Self { x, coefficients: table, count }
    }

    /// What the polynomial through all points adds at `v` to that through the first `narrow`.
    fn change(&self, v: f64, narrow: usize) -> f64 {
        let rest = (2 * narrow..self.count)
            .rev()
            .fold(0.0, |sum, k| self.coefficients[k] + (v - self.x[k / 2]) * sum);
        self.x[..narrow].iter().fold(rest, |product, x| product * (v - x) * (v - x))
    }

    fn at(&self, v: f64) -> f64 {
        (0..self.count).rev().fold(0.0, |sum, k| self.coefficients[k] + (v - self.x[k / 2]) * sum)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hermite_reproduces_a_polynomial_of_its_degree() {
        let f = |x: f64| 1.0 + x * (2.0 + x * (-1.0 + x * (0.5 + x * (0.25 - 0.125 * x))));
        let df = |x: f64| 2.0 + x * (-2.0 + x * (1.5 + x * (1.0 - 0.625 * x)));
        let points = [-1.0, 0.3, 2.0].map(|x| (x, f(x), df(x)));
        assert!((Hermite::new(points.into_iter()).at(1.1) - f(1.1)).abs() < 1e-14);
    }

    #[test]
    fn the_window_is_made_of_the_nearest_points_without_clusters() {
        let mut track = Track::default();
        for v in [5.0, 0.0, 1.0, 9.0, 1.5] {
            track.insert(Sums { log_resolution: v, ..Sums::default() });
        }
        track.insert(Sums { log_resolution: 9.0, ..Sums::default() });
        let at = |v, width| track.window(v, width).iter().map(|p| p.log_resolution).collect::<Vec<_>>();
        assert_eq!(at(1.2, 2), [1.0, 1.5]);
        assert_eq!(at(100.0, 2), [9.0]);
        assert_eq!(at(-1.0, 9), [0.0, 1.0, 5.0, 9.0]);
    }
}
