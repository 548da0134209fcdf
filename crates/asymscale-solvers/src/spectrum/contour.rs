//! Inverse Laplace transforms on a hyperbola, shared by all times of a decade.
//!
//! `asymscale-theory` has the same hyperbola: the theory and the exact solvers must not depend on each other, so that they can
//! check each other.

use num_complex::Complex64;
use std::f64::consts::PI;

/// Nodes on the upper half of the hyperbola.
const NODES: usize = 16;
/// Ratio of the latest to the earliest time that share a hyperbola.
const RATIO: f64 = 10.0;
/// Its opening. With [`RATIO`] the error falls as `e^{−1.017 NODES}`, 1e-7 of what is transformed.
const OPENING: f64 = 1.04;

/// The hyperbola `z = μ(1 + sin(iu − α))`, `u > 0`, for times `first ..= 10·first` (Weideman & Trefethen, *Math. Comp.*
/// 76 (2007) 1341, doi:10.1090/S0025-5718-07-01945-X): singularities are on the negative real axis.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Contour {
    step: f64,
    scale: f64,
}

impl Contour {
    pub(crate) fn from(first: f64) -> Self {
        let gap = 4.0 * OPENING - PI;
        let reach = (((PI - 2.0 * OPENING) * RATIO + gap) / (gap * OPENING.sin())).acosh();
        Self { step: reach / NODES as f64, scale: PI * gap / reach * NODES as f64 / (RATIO * first) }
    }

    /// One of every conjugate pair of nodes, from the vertex on: half-way between multiples of the step, and on them.
    pub(crate) fn both(self) -> [Vec<Node>; 2] {
        let between = (0..NODES).map(|k| self.node(k as f64 + 0.5)).collect();
        let mut on: Vec<Node> = (0..=NODES).map(|k| self.node(k as f64)).collect();
        on[0].factor *= 0.5;
        [between, on]
    }

    fn node(self, k: f64) -> Node {
        let u = k * self.step;
        let (sin, cos) = OPENING.sin_cos();
        let z = self.scale * Complex64::new(1.0 - sin * u.cosh(), cos * u.sinh());
        let slope = self.scale * Complex64::new(-sin * u.sinh(), cos * u.cosh());
        Node { z, factor: slope * Complex64::new(0.0, -0.5 * self.step / PI) }
    }
}

/// A point `z` and its factor: `f(t) = Σ 2 Re[factor · e^{zt} F(z)]`.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Node {
    pub(crate) z: Complex64,
    pub(crate) factor: Complex64,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_transforms_are_inverted_over_a_decade() {
        for time in [2.0, 4.0, 20.0] {
            for nodes in Contour::from(2.0).both() {
                let invert = |f: &dyn Fn(Complex64) -> Complex64| -> f64 {
                    nodes.iter().map(|node| 2.0 * (node.factor * (node.z * time).exp() * f(node.z)).re).sum()
                };
                // A constant, a decay and a branch cut: 1, e^{−t}, 1/√(πt). Error of the rule: 1e-7.
                assert!((invert(&|z| z.inv()) - 1.0).abs() < 1e-6);
                assert!((invert(&|z| (z + 1.0).inv()) - (-time).exp()).abs() < 1e-6);
                assert!((invert(&|z| z.sqrt().inv()) - (PI * time).sqrt().recip()).abs() < 1e-6);
            }
        }
    }
}
