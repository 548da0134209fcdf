//! What is learned of the coordinates at a complex `G`, `|arg G| < π`, which gradient flow needs.
//!
//! Equation (19) of [`derivations`](crate::derivations) is integrated along
//! `u = r e^{−i arg(G)/2}`, where both factors of the integrand decay. The trapezoid in `ln r`
//! converges exponentially, the slower the closer `arg G` is to π. What all coordinates share of
//! the ray is computed once, and elementary functions of small arguments are series.

mod block;

use crate::{
    coordinates::{CoordinateRule, LINEAR, Node},
    response::Responder,
    response::complex::block::{Block, LANES},
};
use asymscale_model::Amplitude;
use num_complex::Complex64;
use std::f64::consts::PI;

/// From this expected count on, two cumulants of χ are accurate enough.
const FREQUENT: f64 = 1e4;
/// Nearer to the pole `λG = −1` than this they are not.
const POLE: f64 = 0.3;
/// Below this value of `|y|(Dp + 3)` three moments of χ are accurate enough.
const FAINT: f64 = 1e-4;
/// Above this `|y|` a coordinate that is seen counts as learned; one Gaussian activation leaves
/// `|y|^{−1/2}` of it.
const SATURATED: f64 = 1e20;
/// Step in `ln r` for real `G`: relative error `2|Γ(2 + 2πi/STEP)|` = 1e-7 or less.
const STEP: f64 = 0.45;
/// The trapezoid starts at this fraction of the scale of its integrand.
const START: f64 = 1e-4;
/// `|e^{−u}|` is negligible beyond `Re u = END`.
const END: f64 = 22.0;

/// A complex `G`, and the ray along which the integrals of all coordinates are taken there.
pub(super) struct Ray {
    stieltjes: Complex64,
    modulus: f64,
    /// `e^{−i arg(G)/2}`.
    turn: Complex64,
    /// In `ln r`.
    step: f64,
    /// The last `ln r`.
    end: f64,
    /// The factor of the first point, for all below it, where both integrands are as `r²`.
    first: f64,
    /// Points `u`, and `u e^{−u}` there: the last ones in the first block, `r` ascending in each.
    points: Vec<(Block, Block)>,
}

impl Ray {
    pub(super) fn new(stieltjes: Complex64) -> Self {
        let angle = stieltjes.arg();
        let step = STEP * (1.0 - angle.abs() / PI).max(0.1);
        Self {
            stieltjes,
            modulus: stieltjes.norm(),
            turn: Complex64::cis(-0.5 * angle),
            step,
            end: (END / (0.5 * angle).cos()).ln(),
            first: 1.0 + (2.0 * step).exp_m1().recip(),
            points: Vec::new(),
        }
    }

    /// The points of a coordinate; those that are new are made.
    fn points_of(&mut self, node: &Node) -> &[(Block, Block)] {
        let count = self.blocks(self.fastest(node));
        for number in self.points.len()..count {
            let place = |l: usize| (LANES * (number + 1) - 1 - l) as f64;
            let radii = std::array::from_fn(|l| (self.end - self.step * place(l)).exp());
            let u = Block::along(self.turn, &radii);
            self.points.push((u, u.times(&u.scaled(-1.0).exp())));
        }
        &self.points[..count]
    }

    /// The size of a coordinate's integrand is as `1/(1 + fastest)` in `r`.
    fn fastest(&self, node: &Node) -> f64 {
        node.eigenvalue * self.modulus + (node.scale * self.modulus).min(SATURATED)
    }

    /// The blocks of points that reach far enough below that size.
    fn blocks(&self, fastest: f64) -> usize {
        let width = self.end - (START / (1.0 + fastest)).ln();
        (width / (self.step * LANES as f64)).ceil() as usize
    }
}

/// Sums over all coordinates: `f`, `df/d ln G`, `T`, `dT/d ln G`.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct ComplexSums {
    pub(crate) learned: Complex64,
    pub(crate) slope: Complex64,
    pub(crate) left: Complex64,
    pub(crate) left_slope: Complex64,
}

impl ComplexSums {
    /// `f` and `T` a small `step` in `ln G` farther, to its square.
    pub(crate) fn after(self, step: Complex64) -> Self {
        Self {
            learned: self.learned + step * self.slope,
            left: self.left + step * self.left_slope,
            ..self
        }
    }
}

impl CoordinateRule {
    /// The sums at `stieltjes`; the rule must cover its modulus.
    pub(crate) fn complex_sums(&self, responder: &Responder, stieltjes: Complex64) -> ComplexSums {
        let modulus = stieltjes.norm();
        let cut =
            self.cuts.iter().find(|cut| cut.nonlinearity * modulus <= LINEAR).or(self.cuts.last());
        let end = cut.map_or(self.nodes.len(), |cut| cut.first);
        let mut ray = Ray::new(stieltjes);
        let mut sums = ComplexSums::default();
        for node in self.nodes[..end].iter().filter(|node| node.eigenvalue > 0.0) {
            let (learned, slope) = responder.complex_response(node, &mut ray);
            sums.learned += node.weight * learned;
            sums.slope += node.weight * slope;
            sums.left += node.mass * (1.0 - learned);
            sums.left_slope -= node.mass * slope;
        }
        if let Some(cut) = cut {
            sums.left += self.powers.mass_beyond(cut.x);
            if cut.nonlinearity * modulus <= LINEAR {
                self.add_complex_tail(responder, cut.x, stieltjes, &mut sums);
            }
        }
        sums
    }

    /// `1 − t = λG − λ²G²(1 − 1/D + E z⁴/(Dp))` beyond `ln i = x`.
    fn add_complex_tail(
        &self,
        responder: &Responder,
        x: f64,
        g: Complex64,
        sums: &mut ComplexSums,
    ) {
        let powers = &self.powers;
        let faint = 1.0 + 2.0 * powers.alpha;
        let front = g.norm().ln() + powers.log_variance;
        let square = |rate: f64, log: f64| (2.0 * front - rate * x + log).exp() / rate;
        let turn = (g / g.norm()).powi(2);
        let squares = square(faint, 0.0);
        // With infinitely many samples counts do not fluctuate.
        let sampled = powers.samples.is_finite();
        let rare = if sampled {
            square(faint - powers.beta, -powers.log_front) / powers.samples
        } else {
            0.0
        };
        let first = g * powers.mass_beyond(x);
        let second =
            turn * (squares * (1.0 - powers.samples.recip()) + responder.kurtosis() * rare);
        sums.learned += first - second;
        sums.slope += first - 2.0 * second;
        let lost = g * ((2.0 * powers.log_variance - faint * x).exp() / faint);
        sums.left -= lost;
        sums.left_slope -= lost;
    }
}

impl Responder {
    /// `1 − t` and `−dt/d ln G`.
    pub(super) fn complex_response(&self, node: &Node, ray: &mut Ray) -> (Complex64, Complex64) {
        let (gain, y) = (node.eigenvalue * ray.stieltjes, node.scale * ray.stieltjes);
        let size = node.scale * ray.modulus;
        let sure = self.amplitude == Amplitude::Rademacher && node.activity == 1.0;
        let pole = 1.0 + gain;
        if node.count == 0.0 {
            (Complex64::ZERO, Complex64::ZERO)
        } else if sure || node.count == f64::INFINITY {
            (gain / pole, gain / (pole * pole))
        } else if size * (node.count + 3.0) < FAINT {
            self.complex_faint(node, gain, y)
        } else if node.count >= FREQUENT && pole.norm() > POLE {
            let (a, e) = (pole.inv(), gain / pole);
            let spread = (self.kurtosis() - node.activity) / node.count;
            (e - a * e * e * spread, a * e - a * e * e * (2.0 - 3.0 * e) * spread)
        } else if size > SATURATED {
            (node.hit.into(), Complex64::ZERO)
        } else {
            self.rotated(node, ray)
        }
    }

    fn complex_faint(&self, node: &Node, gain: Complex64, y: Complex64) -> (Complex64, Complex64) {
        let (m, p, m4) = (node.count, node.activity, self.kurtosis());
        let m6 = if self.amplitude == Amplitude::Gaussian { 15.0 } else { 1.0 };
        let second = m4 + m - p;
        let third = m6 + 3.0 * (m - p) * m4 + (m - p) * (m - 2.0 * p);
        (
            gain * (1.0 - y * (second - y * third)),
            gain * (1.0 - y * (2.0 * second - 3.0 * y * third)),
        )
    }

    /// The integral along the ray.
    fn rotated(&self, node: &Node, ray: &mut Ray) -> (Complex64, Complex64) {
        // y u = a²/D |G| r e^{i arg(G)/2}.
        let (size, below, step) = (node.scale * ray.modulus, ray.first, ray.step);
        let points = ray.points_of(node);
        let (mut learned, mut slope) = (Block::ZERO, Block::ZERO);
        for (number, (u, faded)) in points.iter().enumerate().rev() {
            let (complement, rise) = self.complex_complement(&u.conjugate().scaled(size));
            let kept = complement.scaled(-node.activity);
            let gone = kept.ln_1p().scaled(self.samples).exp_m1();
            let faded = if number + 1 == points.len() { faded.with_first(below) } else { *faded };
            learned = learned.plus(&faded.times(&gone));
            let risen = rise.times(&kept.plus_one().inverse());
            slope = slope.plus(&faded.times(&gone.plus_one()).times(&risen));
        }
        (-learned.sum() * step, slope.sum() * (node.count * step))
    }

    /// `δ(s)` and `s δ'(s)`, for `Re s ≥ 0`.
    #[inline]
    fn complex_complement(&self, s: &Block) -> (Block, Block) {
        match self.amplitude {
            Amplitude::Gaussian => {
                let (double, square) = (s.scaled(2.0), s.scaled(2.0).plus_one());
                let root = square.sqrt();
                let kept = root.inverse();
                let value = double.times(&root.plus(&square).inverse());
                (value, s.times(&kept).times(&kept.times(&kept)))
            }
            Amplitude::Rademacher => {
                let opposite = s.scaled(-1.0);
                (opposite.exp_m1().scaled(-1.0), s.times(&opposite.exp()))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use asymscale_model::SparseModel;

    #[test]
    fn on_the_real_axis_it_is_the_real_response() {
        for amplitude in [Amplitude::Gaussian, Amplitude::Rademacher] {
            for (beta, onset) in [(0.0, 1.0), (0.7, 1.0), (1.5, 20.0), (2.5, 1.0)] {
                let model =
                    SparseModel::power_law(1.0, beta, onset).unwrap().with_amplitude(amplitude);
                let (mut rule, responder) =
                    (CoordinateRule::new(&model, 300.0), Responder::new(amplitude, 300.0));
                for v in [-2.0, 1.0, 6.0, 14.0f64] {
                    rule.extend_for(v);
                    let real = rule.sums(&responder, v);
                    let complex = rule.complex_sums(&responder, Complex64::from(v.exp()));
                    // The error of the trapezoid of this file.
                    let close = |a: f64, b: f64| {
                        assert!((a / b - 1.0).abs() < 1e-6, "β={beta} {v}: {a} {b}");
                    };
                    close(complex.learned.re, real.learned);
                    close(complex.slope.re, real.learned_slope);
                    // `left` is 1 minus what is learned.
                    assert!((complex.left.re - real.left).abs() < 1e-7, "β={beta} {v}");
                }
            }
        }
    }

    #[test]
    fn off_the_real_axis_it_is_analytic() {
        // Cauchy–Riemann: the derivative along ln|G| is the slope, that along arg G is i times it.
        let model = SparseModel::power_law(1.0, 1.5, 1.0).unwrap();
        let (mut rule, responder) =
            (CoordinateRule::new(&model, 300.0), Responder::new(Amplitude::Gaussian, 300.0));
        rule.extend_for(9.0);
        for angle in [0.5, 1.5, 2.4] {
            let at =
                |v: f64, a: f64| rule.complex_sums(&responder, Complex64::from_polar(v.exp(), a));
            let (h, v) = (1e-3, 4.0);
            let slope = at(v, angle).slope;
            let along = (at(v + h, angle).learned - at(v - h, angle).learned) / (2.0 * h);
            let around = (at(v, angle + h).learned - at(v, angle - h).learned)
                / Complex64::new(0.0, 2.0 * h);
            // Central differences of step 1e-3 of a trapezoid good to 1e-7 or so.
            assert!(
                (along / slope - 1.0).norm() < 1e-4 && (around / slope - 1.0).norm() < 1e-4,
                "{angle}"
            );
            let left = (at(v + h, angle).left - at(v - h, angle).left) / (2.0 * h);
            let left_slope = at(v, angle).left_slope;
            assert!((left / left_slope - 1.0).norm() < 1e-4, "{angle}: {left} {left_slope}");
        }
    }
}
