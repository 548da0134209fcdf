//! Inverse Laplace transforms on a hyperbola, shared by all times of a decade or sharper for one.

use num_complex::Complex64;
use std::f64::consts::PI;

/// Nodes on the upper half of the hyperbola.
const NODES: usize = 16;
/// Ratio of the latest to the earliest time that share a hyperbola.
const RATIO: f64 = 10.0;
/// Its opening. With [`RATIO`] the error falls as `e^{−1.017 NODES}`, 1e-7 of what is transformed.
const OPENING: f64 = 1.04;
/// The opening that is best for one time: the error falls as `10.1^{−nodes}`.
const ONE_OPENING: f64 = 1.172_1;

/// The hyperbola `z = μ(1 + sin(iu − α))`, `u > 0`, on which transforms are inverted at all times
/// of a decade, `first ..= 10·first`.
///
/// With the points `z` and factors `w` of [`Hyperbola::midpoint_rule`] or
/// [`Hyperbola::trapezoidal_rule`], `f(t) = Σ Im[w e^{zt} F(z)]` where `F(z) = ∫₀^∞ e^{−zt} f(t)
/// dt`. Two rules that share no point can be told apart where differences of points are divided
/// by.
///
/// **Domain.** Singularities of `F` are on the negative real axis (0 included), `F` is real on the
/// positive one, and it does not grow towards infinity on the hyperbola.
///
/// **Accuracy.** 1e-7 of the size of `f`, absolutely: a decay that has fallen far below that has
/// no digits. Outside of the decade it is worse by orders of magnitude.
///
/// **Cost.** 16 or 17 values of `F` a decade.
///
/// Source: J. A. C. Weideman & L. N. Trefethen, *Parabolic and hyperbolic contours for computing
/// the Bromwich integral*, Math. Comp. 76 (2007) 1341, doi:10.1090/S0025-5718-07-01945-X.
///
/// ```
/// use asymscale_numerics::Hyperbola;
/// // 1/(z + 1) is the transform of e^{−t}.
/// let invert = |t: f64| -> f64 {
///     Hyperbola::new(1.0).midpoint_rule().map(|(z, w)| (w * (z * t).exp() / (z + 1.0)).im).sum()
/// };
/// assert!((invert(3.0) - (-3.0_f64).exp()).abs() < 1e-7);
/// ```
#[derive(Debug, Clone, Copy)]
pub struct Hyperbola {
    step: f64,
    scale: f64,
    opening: f64,
    nodes: usize,
}

impl Hyperbola {
    /// The hyperbola of the times from `first` to ten times that.
    ///
    /// # Panics
    /// Unless `first` is positive and finite.
    pub fn new(first: f64) -> Self {
        assert!(first > 0.0 && first < f64::INFINITY, "first = {first:e}: must be finite and > 0");
        Self::of(first, RATIO, OPENING, NODES)
    }

    /// The hyperbola of one time, with as many points as `nodes`, at least 1.
    ///
    /// **Accuracy.** `10.1^{−nodes}` of the size of `f`, and 1e-14 at best: 1e-7 with 7 nodes, half
    /// as many as for a decade. Singularities off the negative real axis are allowed where `Re z` is
    /// below `−32/time`: they are left out, and `f` has decayed there.
    ///
    /// # Panics
    /// Unless `time` is positive and finite, and `nodes` at least 1.
    ///
    /// ```
    /// use asymscale_numerics::Hyperbola;
    /// // 1/√z is the transform of 1/√(πt).
    /// let error = |nodes| {
    ///     let rule = Hyperbola::of_one_time(1e9, nodes).midpoint_rule();
    ///     let value: f64 = rule.map(|(z, w)| (w * (z * 1e9).exp() / z.sqrt()).im).sum();
    ///     (value * (std::f64::consts::PI * 1e9).sqrt() - 1.0).abs()
    /// };
    /// assert!(error(14) < 1e-12 && error(7) < 1e-6 && error(7) > error(14));
    /// ```
    pub fn of_one_time(time: f64, nodes: usize) -> Self {
        assert!(time > 0.0 && time < f64::INFINITY, "time = {time:e}: must be finite and > 0");
        assert!(nodes > 0, "nodes = {nodes}: must be at least 1");
        Self::of(time, 1.0, ONE_OPENING, nodes)
    }

    /// Of the times from `first` to `ratio` times that.
    fn of(first: f64, ratio: f64, opening: f64, nodes: usize) -> Self {
        let gap = 4.0 * opening - PI;
        let reach = (((PI - 2.0 * opening) * ratio + gap) / (gap * opening.sin())).acosh();
        Self {
            step: reach / nodes as f64,
            scale: PI * gap / reach * nodes as f64 / (ratio * first),
            opening,
            nodes,
        }
    }

    /// Where it crosses the real axis, to the right of 0.
    pub fn vertex(self) -> f64 {
        self.scale * (1.0 - self.opening.sin())
    }

    /// As many points as nodes, and factors `(z, w)`, half-way between multiples of the step, from
    /// the vertex on.
    pub fn midpoint_rule(self) -> impl Iterator<Item = (Complex64, Complex64)> {
        (0..self.nodes).map(move |k| self.node(k as f64 + 0.5))
    }

    /// One point more, and factors `(z, w)`, on multiples of the step; the first is the vertex and
    /// counts half.
    pub fn trapezoidal_rule(self) -> impl Iterator<Item = (Complex64, Complex64)> {
        let share = |k: usize| if k == 0 { 0.5 } else { 1.0 };
        (0..=self.nodes).map(move |k| {
            let (z, factor) = self.node(k as f64);
            (z, factor * share(k))
        })
    }

    fn node(self, k: f64) -> (Complex64, Complex64) {
        let u = k * self.step;
        let (sin, cos) = self.opening.sin_cos();
        let z = self.scale * Complex64::new(1.0 - sin * u.cosh(), cos * u.sinh());
        let slope = self.scale * Complex64::new(-sin * u.sinh(), cos * u.cosh());
        (z, slope * (self.step / PI))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_transforms_are_inverted_over_a_decade() {
        let hyperbola = Hyperbola::new(2.0);
        let rules = [hyperbola.midpoint_rule().collect(), hyperbola.trapezoidal_rule().collect()];
        for time in [2.0, 4.0, 20.0] {
            for rule in &rules {
                let rule: &Vec<(Complex64, Complex64)> = rule;
                let invert = |f: &dyn Fn(Complex64) -> Complex64| -> f64 {
                    rule.iter().map(|(z, w)| (w * (z * time).exp() * f(*z)).im).sum()
                };
                // A constant, a decay and a branch cut: 1, e^{−t}, 1/√(πt). Error of the rule:
                // 1e-7.
                assert!((invert(&|z| z.inv()) - 1.0).abs() < 1e-6);
                assert!((invert(&|z| (z + 1.0).inv()) - (-time).exp()).abs() < 1e-6);
                assert!((invert(&|z| z.sqrt().inv()) - (PI * time).sqrt().recip()).abs() < 1e-6);
            }
        }
    }

    #[test]
    fn the_first_point_on_the_step_is_the_vertex() {
        let hyperbola = Hyperbola::new(0.3);
        let (z, factor) = hyperbola.trapezoidal_rule().next().unwrap();
        assert_eq!((z.re, z.im, factor.re.abs()), (hyperbola.vertex(), 0.0, 0.0));
    }

    #[test]
    #[should_panic(expected = "first = 0e0: must be finite and > 0")]
    fn a_decade_from_zero_on_is_refused() {
        Hyperbola::new(0.0);
    }
}
