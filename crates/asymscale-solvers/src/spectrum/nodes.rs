//! Points `γ` at which resolvents are needed, and how a function of time is read off them.
//!
//! Two families interleave, one for each factor of a product, so that no two points coincide and
//! differences can be divided by.

use asymscale_numerics::Hyperbola;
use num_complex::Complex64;
use std::f64::consts::PI;

/// `ln` of how far `u^t` may grow on a circle around the unit disc.
const GROWTH: f64 = 4.0;
/// `−ln` of what one node too few on it would leave.
const ALIAS: f64 = 30.0;

/// A node with its exponent and factor: `f(t) = Σ 2 Re[factor · sign^t · e^{exponent·t} F(γ)]`.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Point {
    pub(crate) gamma: Complex64,
    exponent: Complex64,
    sign: f64,
    factor: Complex64,
}

impl Point {
    /// What multiplies the transform at time `t`.
    pub(crate) fn weight(&self, time: f64) -> Complex64 {
        let sign = if self.sign < 0.0 && time % 2.0 == 1.0 { -1.0 } else { 1.0 };
        sign * self.factor * (self.exponent * time).exp()
    }
}

/// Points along curves that each begin near the real axis, one of every conjugate pair.
#[derive(Debug)]
pub(crate) struct Nodes(pub(crate) Vec<Vec<Point>>);

impl Nodes {
    /// On the hyperbola of a decade of time.
    pub(crate) fn flow(contour: Hyperbola) -> [Self; 2] {
        let point = |(z, factor): (Complex64, Complex64)| Point {
            gamma: z,
            exponent: z,
            sign: 1.0,
            factor,
        };
        both_rules(contour).map(|nodes| Self(vec![nodes.into_iter().map(point).collect()]))
    }

    /// `γ = (u − 1)/η` with `u = ±e^z`, `z` on that hyperbola: around `0 < u < 1` and `−1 < u < 0`,
    /// of which a decade of steps leaves nothing in between.
    pub(crate) fn steps(contour: Hyperbola, rate: f64) -> [Self; 2] {
        let arc = |nodes: &[(Complex64, Complex64)], sign: f64| {
            let point = |(z, factor): &(Complex64, Complex64)| {
                let u = sign * z.exp();
                Point { gamma: (u - 1.0) / rate, exponent: *z, sign, factor: factor * u / rate }
            };
            nodes.iter().map(point).collect()
        };
        both_rules(contour).map(|nodes| Self(vec![arc(&nodes, 1.0), arc(&nodes, -1.0)]))
    }

    /// `γ = (u − 1)/η` on a circle `|u| > 1`, for few steps.
    pub(crate) fn first_steps(step: u32, rate: f64) -> [Self; 2] {
        let radius = GROWTH / f64::from(step);
        let half = (0.5 * ALIAS / radius).ceil() as usize;
        let point = |k: f64| {
            let z = Complex64::new(radius, PI * k / half as f64);
            let u = z.exp();
            Point {
                gamma: (u - 1.0) / rate,
                exponent: z,
                sign: 1.0,
                factor: u / (2.0 * half as f64 * rate),
            }
        };
        let between = (0..half).map(|k| point(k as f64 + 0.5)).collect();
        let mut on: Vec<Point> = (0..=half).map(|k| point(k as f64)).collect();
        on[0].factor *= 0.5;
        on[half].factor *= 0.5;
        [Self(vec![between]), Self(vec![on])]
    }
}

/// Points and factors of the midpoint rule and of the trapezoidal one:
/// `f(t) = Σ 2 Re[factor · e^{zt} F(z)]`.
fn both_rules(contour: Hyperbola) -> [Vec<(Complex64, Complex64)>; 2] {
    // Im[w x] = 2 Re[−½i w x].
    let turned = |(z, w): (Complex64, Complex64)| (z, Complex64::new(0.5 * w.im, -0.5 * w.re));
    [
        contour.midpoint_rule().map(turned).collect(),
        contour.trapezoidal_rule().map(turned).collect(),
    ]
}
