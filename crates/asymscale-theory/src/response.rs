//! The response of one coordinate: what is learned of it at a given companion Stieltjes transform
//! `G` of the design.
//!
//! A coordinate is left unlearned by `t = E[1/(1 + yχ)]`, `y = a²G/D`: equation (19) of
//! [`derivations`](crate::derivations), with the integral that evaluates it. Since `y·Dp = λG`,
//! everything can be expressed by `λG` and `y`. No result is computed as 1 minus a number near 1.

pub(crate) mod complex;
pub(crate) mod once;
pub(crate) mod saturation;
pub(crate) mod sums;
pub(crate) mod teacher;
pub(crate) mod transform;
pub(crate) mod trapezoid;

use crate::{
    coordinates::Node,
    response::saturation::Saturation,
    response::transform::{LaplaceComplement, log_curvature},
    response::trapezoid::{Grid, Table},
};
use asymscale_model::Amplitude;
use asymscale_numerics::gauss_laguerre;

/// From this expected count on, a few cumulants of χ are accurate enough.
const FREQUENT: f64 = 1e4;
/// From this expected count on, a Gauss–Laguerre rule is accurate enough.
const MODERATE: f64 = 96.0;
/// Above this `y` a coordinate that is seen is learned, up to a power of `y` that is extrapolated.
const SATURATED: f64 = 1e60;
/// Below this value of `y(Dp + 3)` three moments of χ are accurate enough.
const FAINT: f64 = 1e-4;

/// Up to so many responses are computed one by one.
const FEW: usize = 8;

/// The response of one coordinate: `t` of equation (19) and its derivatives along `ln G`.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Response {
    /// `(1 − t)/(λG)`.
    pub(crate) learned: f64,
    /// `t`.
    pub(crate) left: f64,
    /// `(−dt/d ln G)/(λG)`.
    pub(crate) slope: f64,
    /// `(−d²t/d (ln G)²)/(λG)`.
    pub(crate) curvature: f64,
    /// `(t − (1 − p)^D)/(λG)`: the part that is seen and yet not learned.
    pub(crate) hidden: f64,
}

/// Computes the responses of all coordinates of one model at one number of samples.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Responder {
    pub(crate) amplitude: Amplitude,
    pub(crate) samples: f64,
    /// `E z⁴`, `E z⁶`, `E z⁸`.
    moments: [f64; 3],
}

impl Responder {
    pub(crate) fn new(amplitude: Amplitude, samples: f64) -> Self {
        let moments = match amplitude {
            Amplitude::Gaussian => [3.0, 15.0, 105.0],
            Amplitude::Rademacher => [1.0; 3],
        };
        Self { amplitude, samples, moments }
    }

    /// `E z⁴`.
    pub(crate) fn kurtosis(&self) -> f64 {
        self.moments[0]
    }

    /// The response at `stieltjes = G ≥ 0`.
    pub(crate) fn response(&self, node: &Node, stieltjes: f64) -> Response {
        let (gain, y) = (node.eigenvalue * stieltjes, node.scale * stieltjes);
        if node.count == 0.0 {
            Response { learned: 0.0, left: 1.0, slope: 0.0, curvature: 0.0, hidden: 0.0 }
        } else if self.amplitude == Amplitude::Rademacher && node.activity == 1.0 {
            let left = (1.0 + gain).recip();
            let slope = left * left;
            Response {
                learned: left,
                left,
                slope,
                curvature: slope * (1.0 - 2.0 * gain * left),
                hidden: left / gain,
            }
        } else if node.count >= FREQUENT {
            self.concentrated(node, gain)
        } else if y * (node.count + 3.0) < FAINT {
            self.faint(node, y)
        } else if node.count >= MODERATE {
            self.laguerre(node, gain, y)
        } else if y <= SATURATED {
            self.by_trapezoid(node, y)
        } else {
            self.saturated(node, gain, y)
        }
    }

    /// `E[1/(1 + yχ)²]`, which is `t + dt/d ln G`, also where that sum would cancel.
    ///
    /// Kept apart from [`Responder::response`], which is called far more often.
    #[cold]
    pub(crate) fn square(&self, node: &Node, stieltjes: f64) -> f64 {
        let (gain, y) = (node.eigenvalue * stieltjes, node.scale * stieltjes);
        let a = (1.0 + gain).recip();
        if node.count == 0.0 {
            1.0
        } else if self.amplitude == Amplitude::Rademacher && node.activity == 1.0 {
            a * a
        } else if node.count >= FREQUENT {
            // d(a eⁿ)/d ln G = a eⁿ (n − (n+1) e), and 1 − e = a.
            let e = gain * a;
            let terms = self.central_moments(node).into_iter().enumerate();
            let excess: f64 = terms.map(|(k, c)| (k + 3) as f64 * c * e.powi(k as i32 + 2)).sum();
            a * a * (1.0 + excess)
        } else if y * (node.count + 3.0) < FAINT {
            let faint = self.faint(node, y);
            faint.left - gain * faint.slope
        } else if node.count >= MODERATE {
            // ∫ v e^{−v} dv = 1; with probability `miss` no sample activates the coordinate.
            let mean = |(v, weight): &(f64, f64)| weight * v * self.growth(node, v * a * y).1;
            a * a * (1.0 + gauss_laguerre().iter().map(mean).sum::<f64>()) + node.miss
        } else {
            self.square_by_trapezoid(node, y.min(SATURATED))
        }
    }

    /// Responses at the points of a grid from `start` on: `each(k, response)` for its point `k`.
    ///
    /// Since the grid is a sublattice of the points of the trapezoid, integrands are shared by all
    /// its points, and many responses cost little more than one.
    pub(crate) fn responses(
        &self,
        node: &Node,
        grid: &Grid,
        start: usize,
        table: &mut Table,
        mut each: impl FnMut(usize, Response),
    ) {
        let all = start..grid.stieltjes_values().len();
        let sure = self.amplitude == Amplitude::Rademacher && node.activity == 1.0;
        let saturation = node.scale
            * grid.stieltjes_values()[grid.stieltjes_values().len() - 1]
            * (node.count + 3.0);
        if sure || (node.count >= MODERATE && all.len() > FEW && saturation >= FAINT) {
            let polynomial = Saturation::new(self, node);
            let stieltjes_values = &grid.stieltjes_values()[all.clone()];
            return polynomial.responses(node.eigenvalue, stieltjes_values, |k, response| {
                each(start + k, response);
            });
        }
        let seldom = node.count > 0.0 && node.count < MODERATE && !sure;
        let (least, most) = (FAINT / (node.count + 3.0), SATURATED);
        let by_trapezoid = |k: &usize| {
            seldom && (least..=most).contains(&(node.scale * grid.stieltjes_values()[*k]))
        };
        let low = all.clone().find(by_trapezoid).unwrap_or(all.end);
        let high = (low..all.end).find(|k| !by_trapezoid(k)).unwrap_or(all.end);
        (start..low)
            .chain(high..all.end)
            .for_each(|k| each(k, self.response(node, grid.stieltjes_values()[k])));
        if low < high {
            self.trapezoids(node, grid, low..high, table, each);
        }
    }

    /// `E[1/χ; k ≥ 1]` of equation (30), where it is finite: the limit of `y E[yχ/(1 + yχ)²]` as
    /// `y → ∞`.
    pub(crate) fn inverse_count(&self, node: &Node) -> f64 {
        // The correction is of the order of 1/y.
        const LARGE: f64 = 1e14;
        if node.count == 0.0 {
            return 0.0;
        }
        // In units in which a²/D = 1: the scale may be beyond floats.
        let unit = Node { eigenvalue: node.count, scale: 1.0, ..*node };
        self.response(&unit, LARGE).slope * node.count * LARGE * LARGE
    }

    /// Beyond [`SATURATED`], where `t − (1 − p)^D` is a pure power of `y`.
    fn saturated(&self, node: &Node, gain: f64, y: f64) -> Response {
        if y == f64::INFINITY {
            let learned = if gain > 0.0 { node.hit / gain } else { 0.0 };
            return Response { learned, left: node.miss, slope: 0.0, curvature: 0.0, hidden: 0.0 };
        }
        let edge = self.edge(node);
        let ratio = SATURATED / y;
        let shrink = if edge.hidden > 0.0 { ratio.powf(edge.slope / edge.hidden) } else { 0.0 };
        let hidden = edge.hidden * shrink * ratio;
        let all = node.hit / (node.count * y);
        let left = node.miss + node.count * y * hidden;
        let slope = edge.slope * shrink * ratio;
        let curvature = if hidden > 0.0 { -slope * slope / hidden } else { 0.0 };
        Response { learned: (all - hidden).max(0.0), left, slope, curvature, hidden }
    }

    /// By the central moments of χ over powers of its mean `m`, to the order 1/m³; error O(1/m⁴).
    fn concentrated(&self, node: &Node, gain: f64) -> Response {
        let a = (1.0 + gain).recip();
        let e = gain * a;
        // t = a Σ (−1)ⁿ Mₙ eⁿ with Mₙ the n-th central moment of χ/m.
        let c = self.central_moments(node);
        // d(a eⁿ)/d ln G = a eⁿ (n − (n+1) e); sums of cₙ eⁿ⁻² times this and so on, n = 2…6.
        let (mut value, mut slope, mut curvature, mut power) = (0.0, 0.0, 0.0, 1.0);
        for (k, c) in c.into_iter().enumerate() {
            let n = (k + 2) as f64;
            value += c * power;
            let factor = n - (n + 1.0) * e;
            slope += c * power * factor;
            curvature += c * power * (factor * factor - (n + 1.0) * e * a);
            power *= e;
        }
        // e²/gain = e a.
        let (left, small) = (a + a * e * e * value, a * e * a);
        Response {
            learned: a - small * value,
            left,
            slope: a * a - small * slope,
            curvature: a * a * (1.0 - 2.0 * e) - small * curvature,
            hidden: left / gain,
        }
    }

    /// `(−1)ⁿ Mₙ`, n = 2…6, of χ/m.
    #[expect(clippy::inline_always, reason = "a call costs a tenth of a point of theory")]
    #[inline(always)]
    fn central_moments(&self, node: &Node) -> [f64; 5] {
        let [m4, m6, m8] = self.moments;
        let (p, rate) = (node.activity, node.count.recip());
        // Cumulants of b z², a Bernoulli variable times z², divided by p.
        let k2 = m4 - p;
        let k3 = m6 - 3.0 * p * m4 + 2.0 * p * p;
        let k4 = m8 - 4.0 * p * m6 - 3.0 * p * m4 * m4 + 12.0 * p * p * m4 - 6.0 * p * p * p;
        let (r2, r3) = (rate * rate, rate * rate * rate);
        [
            k2 * rate,
            -k3 * r2,
            3.0 * k2 * k2 * r2 + k4 * r3,
            -10.0 * k2 * k3 * r3,
            15.0 * k2 * k2 * k2 * r3,
        ]
    }

    /// By three moments of χ: `1 − t = E[yχ] − E[y²χ²] + E[y³χ³]`.
    #[expect(clippy::inline_always, reason = "a call costs a tenth of a point of theory")]
    #[inline(always)]
    fn faint(&self, node: &Node, y: f64) -> Response {
        let [m4, m6, ..] = self.moments;
        let (m, p) = (node.count, node.activity);
        let second = m4 + m - p;
        let third = m6 + 3.0 * (m - p) * m4 + (m - p) * (m - 2.0 * p);
        let learned = 1.0 - y * (second - y * third);
        let slope = 1.0 - y * (2.0 * second - 3.0 * y * third);
        let gain = y * m;
        let curvature = 1.0 - y * (4.0 * second - 9.0 * y * third);
        // Where the gain is below floats, so is the eigenvalue that this is a quotient by.
        let hidden = if gain > 0.0 { (node.hit / gain - learned).max(0.0) } else { 0.0 };
        Response { learned, left: 1.0 - gain * learned, slope, curvature, hidden }
    }

    /// By a Gauss–Laguerre rule: with `v = (1 + λG)u` the integrand is `e^{−v}` times a factor near
    /// 1.
    fn laguerre(&self, node: &Node, gain: f64, y: f64) -> Response {
        let a = (1.0 + gain).recip();
        let (mut excess, mut slope, mut curvature) = (0.0, 0.0, 0.0);
        for &(v, weight) in gauss_laguerre() {
            let (complement, growth) = self.growth(node, v * a * y);
            excess += weight * growth;
            let (first, second) =
                complement.log_slopes(node, 1.0 - node.activity * complement.value);
            slope += weight * (1.0 + growth) * first;
            curvature += weight * (1.0 + growth) * second;
        }
        // excess is of the order of (y a)² m, so the quotient by λG = y m is harmless.
        let left = a + a * excess;
        let per = a / y;
        Response {
            learned: a - a * excess / gain,
            left,
            slope: per * slope,
            curvature: per * curvature,
            hidden: left / gain,
        }
    }

    /// `t/a − 1` at the saturation `e = λG/(1 + λG)`, as in [`Responder::laguerre`].
    pub(crate) fn excess(&self, node: &Node, e: f64) -> f64 {
        let unit = e / node.count;
        gauss_laguerre().iter().map(|(v, weight)| weight * self.growth(node, v * unit).1).sum()
    }

    /// `δ(s)`, and `e^{ms} (1 − pδ(s))^D − 1`.
    #[expect(clippy::inline_always, reason = "a call costs a tenth of a point of theory")]
    #[inline(always)]
    fn growth(&self, node: &Node, s: f64) -> (LaplaceComplement, f64) {
        let complement = LaplaceComplement::at(self.amplitude, s);
        let log = node.count * complement.linear_remainder()
            - self.samples * log_curvature(node.activity * complement.value);
        (complement, log.exp_m1())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn node(count: f64, samples: f64) -> Node {
        Node::new(1.0, 1.0, count / samples, 1.0 / count, samples)
    }

    /// A coordinate that is active k times in D samples with probability C(D,k) p^k (1−p)^{D−k}.
    #[test]
    fn rademacher_responses_are_binomial_means() {
        for (samples, count) in
            [(7.0, 0.02), (7.0, 3.0), (40.0, 39.0), (300.0, 100.0), (3000.0, 5.0)]
        {
            let (node, responder) =
                (node(count, samples), Responder::new(Amplitude::Rademacher, samples));
            let p = count / samples;
            for y in [1e-6, 1e-3, 0.3, 20.0, 1e5, 1e12] {
                let (mut weight, mut left, mut slope) = ((samples * (-p).ln_1p()).exp(), 0.0, 0.0);
                let mut square = 0.0;
                for k in 0..=samples as u32 {
                    let k = f64::from(k);
                    left += weight / (1.0 + y * k);
                    slope += weight * y * k / (1.0 + y * k).powi(2);
                    square += weight / (1.0 + y * k).powi(2);
                    weight *= (samples - k) / (k + 1.0) * p / (1.0 - p);
                }
                let got = responder.response(&node, y / node.scale);
                let gain = y * count;
                assert!((got.left / left - 1.0).abs() < 1e-10, "D={samples} m={count} y={y}");
                assert!(
                    (got.slope * gain / slope - 1.0).abs() < 1e-10,
                    "D={samples} m={count} y={y}"
                );
                let got = responder.square(&node, y / node.scale);
                assert!(
                    (got / square - 1.0).abs() < 1e-10,
                    "D={samples} m={count} y={y}: {got} {square}"
                );
            }
        }
    }

    /// With p = 1 and D = 2 the Gaussian χ is exponential of mean 2: E[1/(1+yχ)] = x e^x E₁(x), x =
    /// 1/(2y). E₁(1/2) and E₁(2) from Abramowitz & Stegun, table 5.1.
    #[test]
    fn gaussian_responses_are_exponential_integrals() {
        let (node, responder) = (node(2.0, 2.0), Responder::new(Amplitude::Gaussian, 2.0));
        for (x, e1) in [(0.5f64, 0.559_773_594_776_160), (2.0, 0.048_900_510_708_061_1)] {
            let got = responder.response(&node, 0.5 / x / node.scale);
            assert!((got.left / (x * x.exp() * e1) - 1.0).abs() < 1e-10, "{x}");
        }
    }

    #[test]
    fn methods_agree_where_they_meet() {
        for (amplitude, samples) in [Amplitude::Gaussian, Amplitude::Rademacher].map(|a| (a, 1e5)) {
            let responder = Responder::new(amplitude, samples);
            let [faint, seldom, often] = [2.0, 96.0, 1e4].map(|count| node(count, samples));
            for y in [3e-4, 0.02, 1.0, 50.0] {
                agree(
                    responder.by_trapezoid(&seldom, y),
                    responder.laguerre(&seldom, 96.0 * y, y),
                    2e-10,
                );
                agree(
                    responder.laguerre(&often, 1e4 * y, y),
                    responder.concentrated(&often, 1e4 * y),
                    1e-10,
                );
                agree(responder.faint(&faint, 1e-5), responder.by_trapezoid(&faint, 1e-5), 1e-10);
            }
        }
    }

    fn agree(a: Response, b: Response, tolerance: f64) {
        assert!((a.learned / b.learned - 1.0).abs() < tolerance, "{a:?} {b:?}");
        assert!((a.left / b.left - 1.0).abs() < tolerance, "{a:?} {b:?}");
        assert!((a.slope / b.slope - 1.0).abs() < 3.0 * tolerance, "{a:?} {b:?}");
        // Only guides interpolation.
        assert!((a.curvature - b.curvature).abs() < 30.0 * tolerance * a.slope, "{a:?} {b:?}");
    }

    #[test]
    fn the_mean_inverse_count_of_a_sure_coordinate_is_one_over_samples() {
        let responder = Responder::new(Amplitude::Rademacher, 50.0);
        assert!((responder.inverse_count(&node(50.0, 50.0)) * 50.0 - 1.0).abs() < 1e-12);
        // One or no sample: E[1/k; k ≥ 1] = P(k = 1) up to P(k = 2)/2.
        let rare = responder.inverse_count(&node(1e-8, 50.0));
        assert!((rare / 1e-8 - 1.0).abs() < 1e-7);
    }
}
