//! How much of an activation is linear, odd and even, for inputs of a given size.

use super::Activation;
use super::series::{point, points, weight};

/// Mean squares of the parts of `s(u)` for `u ~ N(0, q²)`; they add up to `E s(u)²`.
///
/// In the kernel of infinitely many features they are what `k(x, x)` has of each at `|x| = q`. A
/// linear teacher needs the first; the second must be unlearned and the third is noise until it is
/// resolved: section 13 of the derivations of asymscale-theory.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ActivationParts {
    /// `(E u s(u))²/q²`, of the linear function nearest to `s`.
    pub linear: f64,
    /// Of the rest of the odd part; 0 to rounding where [`Activation::linear_part`] is some.
    pub odd: f64,
    /// Of the even part, its mean included.
    pub even: f64,
}

impl Activation {
    /// The parts of the activation for inputs of norm `q > 0`, by the trapezoidal rule at a
    /// distance of `0.02 q`.
    ///
    /// Accuracy: 1e-13 of `E s²` for functions whose odd and even parts are analytic within `0.1 q`
    /// of the real line, as those of all activations with a name are for `q` up to 15; 1e-4 where
    /// they have a kink.
    ///
    /// ```
    /// use asymscale_solvers::Activation;
    /// let relu = Activation::Relu.parts(2.0);
    /// // max(u, 0) = u/2 + |u|/2.
    /// assert!((relu.linear - 1.0).abs() < 1e-12 && (relu.even - 1.0).abs() < 1e-12);
    /// assert!(relu.odd < 1e-25);
    /// // Erf is odd, and the farther from a straight line the larger its inputs.
    /// let [small, large] = [0.3, 3.0].map(|norm| Activation::Erf.parts(norm));
    /// assert!(small.odd < 0.01 * small.linear && large.odd > 0.1 * large.linear);
    /// assert!(large.even < 1e-25);
    /// ```
    pub fn parts(self, norm: f64) -> ActivationParts {
        let mean = |f: &dyn Fn(f64) -> f64| -> f64 {
            (0..points()).map(|k| weight(k) * f(norm * point(k))).sum()
        };
        let odd = |u: f64| 0.5 * (self.apply(u) - self.apply(-u));
        let slope = mean(&|u| u * odd(u)) / (norm * norm);
        ActivationParts {
            linear: (slope * norm).powi(2),
            odd: mean(&|u| (odd(u) - slope * u).powi(2)),
            even: mean(&|u| (0.5 * (self.apply(u) + self.apply(-u))).powi(2)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Together they are `k(x, x)`; the error function of statrs is good to 1e-11.
    #[test]
    fn parts_add_up_to_the_kernel() {
        for activation in Activation::ALL {
            for norm in [0.3, 1.0, 3.0] {
                let ActivationParts { linear, odd, even } = activation.parts(norm);
                let whole = activation.kernel(norm * norm, norm, norm).unwrap();
                let far = (linear + odd + even) / whole - 1.0;
                assert!(far.abs() < 1e-10, "{activation} {norm}: {far}");
                let is_linear = activation.linear_part().is_some();
                assert_eq!(odd < 1e-20 * whole, is_linear, "{activation} {norm}: {odd}");
            }
        }
    }
}
