//! The densities of activities besides a power law.

use serde::{Deserialize, Serialize};

/// How sharply a finite power law ends: the density falls from all to nothing within about
/// `2/SHARPNESS` of `ln λ`.
const SHARPNESS: f64 = 8.0;

/// A shape of the density of features over `x = ln λ`, `λ` their expected count: a power law
/// `e^{−a x}`, changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Shape {
    /// `exp(−a x − b x²/2)`, `b > 0`: a lognormal law, that is, a power law whose exponent
    /// `1/β = a + b x` changes with the rate (the Poisson-lognormal law of ecology). Files call it
    /// `bent`. Parameters `a`, `b`.
    #[serde(rename = "bent")]
    Lognormal,
    /// `exp(−a x)` down to the rate `e^{x₀}` of the rarest feature and none below: the law of Zipf
    /// and Mandelbrot for finitely many features. Parameters `a`, `x₀`.
    Finite,
    /// Rates that are gamma distributed, `exp(s(x−μ) − s e^{x−μ})`: finitely many features of
    /// similar activity, as the loads of experts; equal activities for large `s`. Parameters
    /// `ln s`, `μ`.
    Gamma,
}

impl Shape {
    pub(crate) const ALL: [Self; 3] = [Self::Lognormal, Self::Finite, Self::Gamma];

    /// Where the fit starts.
    pub(super) fn starts(self) -> &'static [[f64; 2]] {
        match self {
            Self::Lognormal => &[[0.5, 0.05]],
            Self::Finite => &[[0.5, -2.0], [0.5, 0.0]],
            Self::Gamma => &[[0.0, 0.5], [2.0, 1.5], [3.0, 3.0]],
        }
    }

    /// Bounds of the parameters.
    pub(crate) fn bounds(self) -> [(f64, f64); 2] {
        match self {
            Self::Lognormal => [(-4.0, 6.0), (0.0, 4.0)],
            Self::Finite => [(-2.0, 4.0), (-16.0, 5.0)],
            Self::Gamma => [(-5.0, 5.0), (-9.0, 7.5)],
        }
    }

    /// The longest step towards the maximum.
    pub(super) fn step(self) -> [f64; 2] {
        match self {
            Self::Lognormal => [0.2, 0.05],
            Self::Finite => [0.2, 1.0],
            Self::Gamma => [0.7, 0.7],
        }
    }

    /// The largest change of the parameters for which a first-order change is used.
    pub(crate) fn longest(self) -> [f64; 2] {
        self.step().map(|step| 5.0 * step)
    }

    /// Whether the parameters are at a bound where the law is a power law without end or no law at
    /// all: where the likelihood is largest there, the shape adds nothing.
    pub(super) fn degenerate(self, theta: [f64; 2]) -> bool {
        let [first, second] = self.bounds();
        let at = |value: f64, (low, high): (f64, f64)| {
            value <= low + 1e-6 * (high - low) || value >= high - 1e-6 * (high - low)
        };
        match self {
            Self::Lognormal => at(theta[0], first) || theta[1] <= 1e-6,
            Self::Finite => at(theta[0], first) || at(theta[1], second),
            // The largest `s` is a law in its own right: equal features.
            Self::Gamma => theta[0] <= first.0 + 1e-5 || at(theta[1], second),
        }
    }

    /// Whether the parameters are those of a power law of infinitely many features.
    pub(super) fn power_law(self, [a, second]: [f64; 2]) -> bool {
        let growing = a > 0.0 && a < 1.0;
        match self {
            Self::Lognormal => growing && second <= 1e-6,
            Self::Finite => growing && second <= self.bounds()[1].0 + 1e-3,
            Self::Gamma => false,
        }
    }

    /// Logarithm of the density at `x`, up to a constant.
    pub(super) fn log_density(self, [a, b]: [f64; 2], x: f64) -> f64 {
        match self {
            Self::Lognormal => -a * x - 0.5 * b * x * x,
            Self::Finite => -a * x - (-SHARPNESS * (x - b)).exp(),
            Self::Gamma => a.exp() * (x - b - (x - b).exp_m1()),
        }
    }

    /// Its derivatives by the parameters.
    pub(super) fn slopes(self, [a, b]: [f64; 2], x: f64) -> [f64; 2] {
        match self {
            Self::Lognormal => [-x, -0.5 * x * x],
            Self::Finite => [-x, -SHARPNESS * (-SHARPNESS * (x - b)).exp()],
            Self::Gamma => [a.exp() * (x - b - (x - b).exp_m1()), a.exp() * (x - b).exp_m1()],
        }
    }

    /// Whether the law has finitely many features.
    ///
    /// ```
    /// use asymscale_fitting::diagnosis::Shape;
    /// assert!(Shape::Gamma.is_finite() && !Shape::Lognormal.is_finite());
    /// ```
    pub fn is_finite(self) -> bool {
        // A lognormal law has finitely many features too, but most of them far rarer than data can
        // show.
        !matches!(self, Self::Lognormal)
    }
}

#[cfg(test)]
mod tests {
    use super::Shape;

    #[test]
    fn slopes_are_derivatives() {
        for shape in Shape::ALL {
            let theta = [0.7, 0.4];
            // Not far below the end of the finite law, where its logarithm has no digits left for
            // the other parameter.
            for x in [0.0, 0.4, 1.3] {
                let slopes = shape.slopes(theta, x);
                for k in 0..2 {
                    let moved = |by: f64| {
                        let mut theta = theta;
                        theta[k] += by;
                        shape.log_density(theta, x)
                    };
                    let numeric = (moved(1e-5) - moved(-1e-5)) / 2e-5;
                    let scale = 1.0 + slopes[k].abs();
                    assert!((numeric - slopes[k]).abs() < 1e-6 * scale, "{shape:?} {k} at {x}");
                }
            }
        }
    }
}
