//! The response of a rarely seen coordinate: the integral over `u` by a trapezoid in `ln u`, which
//! converges exponentially.
//!
//! Values of `G` a whole number of steps apart share their integrands, so that a grid is cheap.

use crate::{
    coordinates::Node,
    response::transform::{LANES, Lanes, LaplaceComplements},
    response::{Responder, Response},
};
use std::{ops::Range, sync::LazyLock};

/// Below this expected count a power series takes the place of an exponential.
const SELDOM: f64 = 0.1;
/// Step of the trapezoid in `ln u`. Its relative error is `2|Γ(2 + 2πi/STEP)|` = 2e-11 or less.
pub(crate) const STEP: f64 = 0.32;
/// The trapezoid starts at this fraction of the scale of its integrand; a power series gives what
/// is below.
const START: f64 = 3e-3;
/// ln u of the last point: u² e^{−u} is far below the error of the trapezoid there.
const LAST: f64 = 3.55;
/// Points of the trapezoid kept: from u = e^{LAST − 0.32·519} ≈ 1e−71.
const POINTS: usize = 520;
/// Exponents `n` and `Σ_{j ≥ 1} e^{−jn·STEP} = 1/(e^{n·STEP} − 1)`.
const GEOMETRIC: [(i32, f64); 3] =
    [(1, 2.651621266232653), (2, 1.1154727591907012), (3, 0.6204642229414811)];

/// Values of `G` on a lattice, `ln G = anchor + k·STEP`, `k` in multiples of `stride`.
#[derive(Debug, Clone)]
pub(crate) struct Grid {
    stride: usize,
    log_stieltjes_values: Vec<f64>,
    stieltjes_values: Vec<f64>,
}

impl Grid {
    /// Over an interval and `margin` points beyond its ends, on the lattice of `anchor`.
    pub(crate) fn over(anchor: f64, low: f64, high: f64, stride: usize, margin: f64) -> Self {
        let width = stride as f64 * STEP;
        let first = ((low - anchor) / width).floor() - margin;
        let last = ((high - anchor) / width).ceil() + margin;
        let at = |k: usize| anchor + (first + k as f64) * width;
        let log_stieltjes_values: Vec<f64> = (0..=(last - first) as usize).map(at).collect();
        let stieltjes_values = log_stieltjes_values.iter().map(|v| v.exp()).collect();
        Self { stride, log_stieltjes_values, stieltjes_values }
    }

    pub(crate) fn log_stieltjes_values(&self) -> &[f64] {
        &self.log_stieltjes_values
    }

    pub(crate) fn stieltjes_values(&self) -> &[f64] {
        &self.stieltjes_values
    }
}

/// A progression by factors `e^STEP`, with an exponential every [`Geometric::RUN`] terms.
#[derive(Debug)]
struct Geometric {
    log: f64,
    base: f64,
    at: usize,
}

impl Geometric {
    const RUN: usize = 16;

    fn new(log: f64) -> Self {
        Self { log, base: log.exp(), at: 0 }
    }

    fn next(&mut self) -> f64 {
        if self.at == Self::RUN {
            self.log += STEP * Self::RUN as f64;
            (self.base, self.at) = (self.log.exp(), 0);
        }
        self.at += 1;
        self.base * TRAPEZOID.powers[self.at - 1]
    }
}

/// A buffer for the integrands of one coordinate at all points of a grid.
#[derive(Debug, Default)]
pub(crate) struct Table {
    first: Vec<usize>,
    learned: Vec<f64>,
    stay: Vec<f64>,
    slope: Vec<f64>,
    curvature: Vec<f64>,
}

impl Table {
    /// The integrands at so many points.
    fn fill(&mut self, count: usize, mut next: impl FnMut() -> Integrands) {
        let Self { learned, stay, slope, curvature, .. } = self;
        let columns = [learned, stay, slope, curvature];
        let integrands = (0..count.div_ceil(LANES)).map(|_| next());
        let mut rows = columns.map(|column| {
            column.clear();
            column
        });
        for Integrands { learned, stay, slope, curvature } in integrands {
            for (column, lanes) in rows.iter_mut().zip([learned, stay, slope, curvature]) {
                column.extend_from_slice(&lanes);
            }
        }
    }

    fn dot(&self, start: usize, weights: &[f64]) -> PointSums {
        let dot = |column: &[f64]| dot(&column[start..start + weights.len()], weights);
        PointSums {
            learned: dot(&self.learned),
            stay: dot(&self.stay),
            slope: dot(&self.slope),
            curvature: dot(&self.curvature),
        }
    }
}

/// `Σ a b`, in four interleaved sums that need not wait for each other.
fn dot(a: &[f64], b: &[f64]) -> f64 {
    let (quads_a, rest_a) = a.as_chunks::<4>();
    let (quads_b, rest_b) = b.as_chunks::<4>();
    let mut lanes = [0.0; 4];
    for (a, b) in quads_a.iter().zip(quads_b) {
        for lane in 0..4 {
            lanes[lane] += a[lane] * b[lane];
        }
    }
    let rest: f64 = rest_a.iter().zip(rest_b).map(|(a, b)| a * b).sum();
    (lanes[0] + lanes[1]) + (lanes[2] + lanes[3]) + rest
}

/// The points of the trapezoid, the same for all models.
static TRAPEZOID: LazyLock<Trapezoid> = LazyLock::new(Trapezoid::new);

#[derive(Debug)]
struct Trapezoid {
    /// `u`, ascending by a factor `e^STEP`.
    points: Vec<f64>,
    /// `STEP·u·e^{−u}`.
    weights: Vec<f64>,
    /// Sums of all weights from a point on.
    weights_from: Vec<f64>,
    /// `e^{k·STEP}`.
    powers: [f64; Geometric::RUN],
}

impl Trapezoid {
    fn new() -> Self {
        let point = |j: usize| (LAST - STEP * (POINTS - 1 - j) as f64).exp();
        let points: Vec<f64> = (0..POINTS).map(point).collect();
        let weights: Vec<f64> = points.iter().map(|u| STEP * u * (-u).exp()).collect();
        let mut weights_from = weights.clone();
        for k in (1..POINTS).rev() {
            weights_from[k - 1] += weights_from[k];
        }
        let powers = std::array::from_fn(|k| (STEP * k as f64).exp());
        Self { points, weights, weights_from, powers }
    }
}

impl Responder {
    /// [`Responder::by_trapezoid`] at many values of `G`.
    pub(crate) fn trapezoids(
        &self,
        node: &Node,
        grid: &Grid,
        range: Range<usize>,
        table: &mut Table,
        mut each: impl FnMut(usize, Response),
    ) {
        // The integrand at point j of the trapezoid and k of the grid depends on j + stride·k only.
        let y = |k: usize| node.scale * grid.stieltjes_values()[k];
        let shift = |k: usize| grid.stride * (k - range.start);
        table.first.clear();
        table.first.extend(range.clone().map(|k| first_point(node.count, y(k))));
        let start =
            range.clone().zip(&table.first).map(|(k, first)| first + shift(k)).min().unwrap_or(0);
        let last = POINTS - 1 + shift(range.end - 1);
        let log_y = y(range.start).ln() + LAST - STEP * (POINTS - 1) as f64;
        let mut arguments = Geometric::new(log_y + STEP * start as f64);
        table.fill(last + 1 - start, || {
            self.integrands(node, std::array::from_fn(|_| arguments.next()))
        });
        for k in range.clone() {
            let first = table.first[k - range.start];
            let sums = table.dot(first + shift(k) - start, &TRAPEZOID.weights[first..]);
            each(k, self.finish(node, y(k), first, sums));
        }
    }

    /// Any count below some 100, `y` up to 1e60; relative error 1e-10 or less.
    pub(crate) fn by_trapezoid(&self, node: &Node, y: f64) -> Response {
        let first = first_point(node.count, y);
        let mut sums = PointSums::default();
        self.along(node, y, first, |_, weight, integrand| sums.add(weight, integrand));
        self.finish(node, y, first, sums)
    }

    /// `E[1/(1 + yχ)²] = ∫₀^∞ u e^{−u} (1 − pδ(yu))^D du`, as [`Responder::by_trapezoid`].
    #[cold]
    pub(crate) fn square_by_trapezoid(&self, node: &Node, y: f64) -> f64 {
        let first = first_point(node.count, y);
        let mut sum = 0.0;
        self.along(node, y, first, |u, weight, integrand| sum += weight * u * integrand.stay);
        let u = TRAPEZOID.points[first];
        let [_, g2, g3] = GEOMETRIC.map(|(power, sum)| STEP * u.powi(power) * sum);
        sum + g2 - g3 * (1.0 + node.count * y)
    }

    /// The points of the trapezoid from the `first` on: `u`, its weight, and the integrand there.
    #[expect(clippy::inline_always, reason = "a call costs a tenth of a point of theory")]
    #[inline(always)]
    fn along(&self, node: &Node, y: f64, first: usize, mut each: impl FnMut(f64, f64, Integrand)) {
        let (points, weights) = (&TRAPEZOID.points[first..], &TRAPEZOID.weights[first..]);
        for (points, weights) in points.chunks(LANES).zip(weights.chunks(LANES)) {
            // A last block that is not full has the last point in the place of what is missing.
            let mut s = [y * points[points.len() - 1]; LANES];
            for (s, u) in s.iter_mut().zip(points) {
                *s = y * u;
            }
            let integrands = self.integrands(node, s);
            for (l, (u, weight)) in points.iter().zip(weights).enumerate() {
                each(*u, *weight, integrands.at(l));
            }
        }
    }

    /// The summands of the trapezoid at `s = y u`, without the weight.
    #[expect(clippy::inline_always, reason = "a call costs a tenth of a point of theory")]
    #[inline(always)]
    fn integrands(&self, node: &Node, s: Lanes) -> Integrands {
        let complements = LaplaceComplements::at(self.amplitude, s);
        let (log, rest) = complements.log_one_minus(node.activity);
        let z = log.map(|log| -self.samples * log);
        let (learned, stay) = if node.count < SELDOM {
            // Without an exponential, and with the digits that 1 − e^{−z} would lose.
            let learned = z.map(|z| z * one_minus_exp_over(z));
            (learned, learned.map(|learned| 1.0 - learned))
        } else {
            let stay = z.map(|z| (-z).exp());
            (stay.map(|stay| 1.0 - stay), stay)
        };
        let (slope, curvature) = complements.log_slopes(node, &rest);
        Integrands {
            learned,
            stay,
            slope: std::array::from_fn(|l| stay[l] * slope[l]),
            curvature: std::array::from_fn(|l| stay[l] * curvature[l]),
        }
    }

    /// The response from the sums over all points from the `first` on.
    fn finish(&self, node: &Node, y: f64, first: usize, sums: PointSums) -> Response {
        let (m, p, u) = (node.count, node.activity, TRAPEZOID.points[first]);
        // All points below the first, a geometric progression in u, by the series of the integrand
        // e^{−u}(1 − my u + ½E[χ²]y²u² − …).
        let [g1, g2, g3] = GEOMETRIC.map(|(power, sum)| STEP * u.powi(power) * sum);
        let second = 0.5 * y * (self.kurtosis() + m - p);
        let all = TRAPEZOID.weights_from[first] + g1 - g2 + 0.5 * g3;
        let learned = sums.learned / (m * y) + g2 - g3 * (1.0 + second);
        let slope = sums.slope / y + g2 - g3 * (1.0 + 2.0 * second);
        let curvature = sums.curvature / y + g2 - g3 * (1.0 + 4.0 * second);
        // `all` is 1 up to the error of the trapezoid; with it instead of 1 that error cancels
        // here.
        let hidden = if m < SELDOM {
            node.hit / (m * y) * all - learned
        } else {
            (sums.stay + g1 - g2 * (1.0 + m * y) + g3 * (0.5 + m * y * (1.0 + second))
                - node.miss * all)
                / (m * y)
        };
        let hidden = hidden.max(0.0);
        Response { learned, left: node.miss + m * y * hidden, slope, curvature, hidden }
    }
}

/// The index of the first point of the trapezoid at `y`.
fn first_point(count: f64, y: f64) -> usize {
    let scale = START / (1.0 + y * (count + 3.0));
    let skipped = ((LAST - scale.ln()) / STEP).ceil() as usize;
    POINTS.saturating_sub(skipped + 1)
}

/// The integrands of the trapezoid, `E = (1 − pδ)^D`: `1 − E`, `E`, and the first and second
/// derivatives of `−E/(Dp)` by `ln y`.
#[derive(Debug, Clone, Copy, Default)]
struct Integrand {
    learned: f64,
    stay: f64,
    slope: f64,
    curvature: f64,
}

/// Integrands side by side.
struct Integrands {
    learned: Lanes,
    stay: Lanes,
    slope: Lanes,
    curvature: Lanes,
}

impl Integrands {
    #[expect(clippy::inline_always, reason = "a call costs a tenth of a point of theory")]
    #[inline(always)]
    fn at(&self, l: usize) -> Integrand {
        Integrand {
            learned: self.learned[l],
            stay: self.stay[l],
            slope: self.slope[l],
            curvature: self.curvature[l],
        }
    }
}

/// Weighted sums of the integrands.
type PointSums = Integrand;

impl PointSums {
    #[inline]
    fn add(&mut self, weight: f64, integrand: Integrand) {
        self.learned += weight * integrand.learned;
        self.stay += weight * integrand.stay;
        self.slope += weight * integrand.slope;
        self.curvature += weight * integrand.curvature;
    }
}

/// `(1 − e^{−z})/z` for `0 ≤ z < 0.11`.
#[inline]
fn one_minus_exp_over(z: f64) -> f64 {
    const C: [f64; 6] = [1.0 / 5040.0, 1.0 / 720.0, 1.0 / 120.0, 1.0 / 24.0, 1.0 / 6.0, 0.5];
    1.0 - z * C.iter().fold(1.0 / 40320.0, |tail, c| c - z * tail)
}
