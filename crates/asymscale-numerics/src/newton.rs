//! Newton's method kept inside a bracket, and a faster method for roots on the whole line.

use crate::Bracket;

/// More steps than bisection needs from any bracket.
const ITERATIONS: usize = 200;

/// The root of an increasing function in a bracket, by Newton's method with bisection where a step
/// would leave the bracket.
///
/// `evaluate(x)` returns the value and the slope.
///
/// **Bracket.** The value should be negative at the lower end and positive at the upper one; the
/// ends are not evaluated. Without a root the result is near one of them. A decreasing function is
/// to be given with its sign turned.
///
/// **Accuracy.** Ends with a step of at most `4 ε max(1, |x|)`, `ε = 2.2e−16`, to which the
/// accuracy of the value over the slope has to be added. Where the value is NaN or the slope 0 or
/// NaN the bracket is halved.
///
/// **Cost.** Converges quadratically near a simple root: a handful of evaluations, from one at a
/// bracket that is a single point to 200 at most.
///
/// Source: W. H. Press et al., *Numerical Recipes*, 3rd edition (2007), §9.4 (`rtsafe`).
///
/// ```
/// use asymscale_numerics::{Bracket, newton_in_bracket};
/// let root = newton_in_bracket(Bracket::new(-3.0, 5.0), |x| (x.exp() - 2.0, x.exp()));
/// assert!((root - std::f64::consts::LN_2).abs() < 1e-15);
/// ```
#[inline]
pub fn newton_in_bracket(mut bracket: Bracket, mut evaluate: impl FnMut(f64) -> (f64, f64)) -> f64 {
    let mut x = bracket.middle();
    for _ in 0..ITERATIONS {
        let (value, slope) = evaluate(x);
        let is_beyond = value > 0.0;
        bracket.cut(x, !is_beyond);
        let newton = x - value / slope;
        let is_inside = newton > bracket.low() && newton < bracket.high();
        let next = if is_inside { newton } else { bracket.middle() };
        let done = (next - x).abs() <= 4.0 * f64::EPSILON * x.abs().max(1.0);
        x = next;
        if done {
            break;
        }
    }
    x
}

/// One evaluation of the function.
#[derive(Debug, Clone, Copy)]
struct Sample {
    x: f64,
    value: f64,
    slope: f64,
}

/// Searches the root of an increasing function on a range, from a first guess and without a
/// bracket.
///
/// `evaluate(x)` returns value and slope; the value may be infinite. From two points on, the step
/// is that of the inverse cubic Hermite interpolant through the last two (order `1 + √3 = 2.73`),
/// before that Newton's; a step out of what is known to bracket the root is replaced by bisection,
/// and one towards a side where nothing is known yet is limited to a growing stride.
///
/// Ends once `accept(step, last)`, with `step` the length of what remains to the root and `last`
/// the length of the step before (`∞` at first), and returns the step that remains **from the last
/// point evaluated**, so that nothing is evaluated once more. At an end of the range, or where
/// rounding leaves no step, it returns 0.
///
/// **Accuracy.** As `accept` asks, and as value over slope allows.
///
/// **Fails** where there are several roots, of which one is found, and where the function does not
/// increase: then it ends somewhere, after 200 evaluations at most.
///
/// # Panics
/// If an end of the range is NaN, or the first is above the second.
///
/// Source: J. F. Traub, *Iterative Methods for the Solution of Equations* (1964), on inverse
/// Hermite interpolation through the last points.
///
/// ```
/// use asymscale_numerics::increasing_root;
/// let mut last = 0.0;
/// let step = increasing_root(
///     0.0,
///     (-100.0, 100.0),
///     |step, _| step < 1e-12,
///     |x| {
///         last = x;
///         (x.exp() - 2.0, x.exp())
///     },
/// );
/// assert!((last + step - std::f64::consts::LN_2).abs() < 1e-15);
/// ```
#[inline]
pub fn increasing_root(
    start: f64,
    range: (f64, f64),
    accept: impl Fn(f64, f64) -> bool,
    mut evaluate: impl FnMut(f64) -> (f64, f64),
) -> f64 {
    let (mut low, mut high) = (f64::NEG_INFINITY, f64::INFINITY);
    let (mut x, mut stride) = (start.clamp(range.0, range.1), 1.0);
    let mut before: Option<Sample> = None;
    for _ in 0..ITERATIONS {
        let (value, slope) = evaluate(x);
        let now = Sample { x, value, slope };
        if value < 0.0 {
            low = x;
        } else {
            high = x;
        }
        let step = before.and_then(|before| hermite_step(before, now)).unwrap_or(-value / slope);
        let last = before.map_or(f64::INFINITY, |before| (x - before.x).abs());
        if accept(step.abs(), last) {
            return step;
        }
        stride *= 2.0;
        let step = if step.is_finite() { step } else { -stride * value.signum() };
        let target = safeguard(x, step, stride, low, high).clamp(range.0, range.1);
        if target == x {
            return 0.0;
        }
        before = Some(now);
        x = target;
    }
    0.0
}

#[inline]
fn safeguard(x: f64, step: f64, stride: f64, low: f64, high: f64) -> f64 {
    let target = x + step;
    match (low.is_finite(), high.is_finite()) {
        (true, true) if target > low && target < high => target,
        (true, true) => 0.5 * (low + high),
        _ => x + step.clamp(-stride, stride),
    }
}

/// The step from `b` to where the cubic `x(value)` through `a` and `b`, with slopes, meets 0;
/// `None` where the two are too different for it to be monotone.
#[inline]
fn hermite_step(a: Sample, b: Sample) -> Option<f64> {
    let h = b.value - a.value;
    // Slopes of the inverse over the secant: both in (0, 3) makes the cubic monotone.
    let secant = (b.x - a.x) / h;
    let (da, db) = (1.0 / (a.slope * secant), 1.0 / (b.slope * secant));
    let monotone = |d: f64| d > 0.0 && d < 3.0;
    let s = -b.value / h;
    // Nor is it trusted far outside of the two points, which are at s = −1 and 0.
    if !(monotone(da) && monotone(db) && s > -1.5 && s < 0.5) {
        return None;
    }
    // With s = value/h counted from b: x − x_b = secant·h·(db s + (2db + da − 3) s² + (db + da − 2)
    // s³).
    Some(secant * h * s * (db + s * ((2.0 * db + da - 3.0) + s * (da + db - 2.0))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn smooth_and_flat_functions_are_solved_to_rounding_in_few_steps() {
        for (start, most) in [(-20.0, 14), (0.0, 8), (30.0, 14)] {
            let (mut count, mut last) = (0, 0.0);
            let step = increasing_root(
                start,
                (-600.0, 600.0),
                |step, _| step < 1e-12,
                |x: f64| {
                    (count, last) = (count + 1, x);
                    ((x - 1.5).tanh() + 0.1 * (x - 1.5), 1.1 - (x - 1.5).tanh().powi(2))
                },
            );
            assert!(
                (last + step - 1.5).abs() < 1e-12 && count <= most,
                "{start}: {last} after {count}"
            );
        }
    }

    #[test]
    fn a_cubic_inverse_is_found_at_once() {
        let inverse = |r: f64| 2.0 + r + 0.1 * r * r + 0.05 * r * r * r;
        let point = |r: f64| Sample {
            x: inverse(r),
            value: r,
            slope: 1.0 / (1.0 + 0.2 * r + 0.15 * r * r),
        };
        let step = hermite_step(point(-0.5), point(0.7)).unwrap();
        assert!((inverse(0.7) + step - 2.0).abs() < 1e-14);
    }

    #[test]
    fn a_zero_outside_the_range_ends_at_its_end() {
        let mut last = 0.0;
        increasing_root(
            0.0,
            (-5.0, 5.0),
            |step, _| step < 1e-12,
            |x: f64| {
                last = x;
                (x - 9.0, 1.0)
            },
        );
        assert_eq!(last, 5.0);
    }

    #[test]
    fn a_root_beyond_the_bracket_ends_at_its_end() {
        for (root, end) in [(9.0, 5.0), (-9.0, -5.0)] {
            let found = newton_in_bracket(Bracket::new(-5.0, 5.0), |x| (x - root, 1.0));
            assert!((found - end).abs() < 1e-14, "{root}: {found}");
        }
    }

    /// Where the slope says nothing the bracket is halved.
    #[test]
    fn a_step_function_is_bisected() {
        let found =
            newton_in_bracket(Bracket::new(0.0, 1.0), |x| (if x > 0.3 { 1.0 } else { -1.0 }, 0.0));
        assert!((found - 0.3).abs() < 1e-15, "{found}");
    }

    /// The last point of a search from `start`, which ends when a step is below 1e-13 or rounds are
    /// used up.
    fn last(start: f64, function: impl Fn(f64) -> (f64, f64)) -> f64 {
        let mut last = f64::NAN;
        let search = |x: f64| {
            last = x;
            function(x)
        };
        increasing_root(start, (-100.0, 100.0), |step, _| step < 1e-13, search);
        last
    }

    /// Without a slope the search goes by the sign of the value, on either side.
    #[test]
    fn without_a_slope_the_sign_leads() {
        for start in [-30.0, 0.0, 60.0] {
            let found = last(start, |x| (x - 5.0, 0.0));
            assert!((found - 5.0).abs() < 1e-12, "{start}: {found}");
        }
    }

    /// Newton's steps go twice as far beyond the root of a cube root as they came from.
    #[test]
    fn steps_beyond_the_bracket_are_not_taken() {
        for start in [-7.0, 1.5, 40.0] {
            let found = last(start, |x: f64| {
                let root = (x - 1.0).cbrt();
                (root, 1.0 / (3.0 * root * root))
            });
            assert!((found - 1.0).abs() < 1e-9, "{start}: {found}");
        }
    }
}
