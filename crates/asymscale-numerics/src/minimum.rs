//! The least value of a function of one variable.

use crate::Bracket;

/// Where a function is least, and its value there.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Minimum {
    /// The argument.
    pub at: f64,
    /// The value, as the function returned it.
    pub value: f64,
}

/// Points of the scan.
const SCAN: usize = 32;
/// Enough for Brent's method from any bracket of the scan; by golden section alone they shrink it
/// by 1e-8.
const ROUNDS: usize = 40;
/// A minimum is located no better than the square root of the accuracy of the values.
const TOLERANCE: f64 = 2e-5;
/// The golden section, `(3 − √5)/2`.
const GOLDEN: f64 = 0.381_966_011_250_105;
/// A local minimum of the scan that is higher than the least point by this factor is not refined.
const DEEP: f64 = 2.0;

/// Shrinks a bracket around the minimum of a function by sections in the golden ratio.
///
/// **Bracket.** The function should fall to one minimum in the bracket and rise after it. Of
/// several one is found; a minimum at an end is approached from inside. A value that is NaN counts
/// as larger than what stands to its left and smaller than what stands to its right: the search
/// goes up.
///
/// **Accuracy.** The result has the width of the bracket times `0.618^sections`: 1e-7 of it after
/// 34. But values near a smooth minimum are told apart only beyond the square root of their
/// accuracy, 1e-8 of the scale on which they change at best.
///
/// **Cost.** `sections + 2` evaluations.
///
/// Source: J. Kiefer, *Sequential minimax search for a maximum*, Proc. Am. Math. Soc. 4 (1953) 502,
/// doi:10.1090/S0002-9939-1953-0055639-3.
///
/// ```
/// use asymscale_numerics::{Bracket, golden_section};
/// let found = golden_section(Bracket::new(0.0, 3.0), 34, |x| x - x.ln());
/// assert!((found.middle() - 1.0).abs() < 1e-7 * 3.0);
/// ```
#[inline]
pub fn golden_section(bracket: Bracket, sections: u32, mut f: impl FnMut(f64) -> f64) -> Bracket {
    let ratio = 0.5 * (5f64.sqrt() - 1.0);
    let (mut low, mut high) = (bracket.low(), bracket.high());
    let (mut left, mut right) = (high - ratio * (high - low), low + ratio * (high - low));
    let (mut at_left, mut at_right) = (f(left), f(right));
    for _ in 0..sections {
        if at_left < at_right {
            (high, right, at_right) = (right, left, at_left);
            left = high - ratio * (high - low);
            at_left = f(left);
        } else {
            (low, left, at_left) = (left, right, at_right);
            right = low + ratio * (high - low);
            at_right = f(right);
        }
    }
    // Points a rounding apart may have changed places.
    Bracket::new(low.min(high), low.max(high))
}

/// The least value of `f` on a closed bracket, where there may be several minima and values may be
/// `+∞`.
///
/// A scan of 32 points finds the minima, and [`brent`] refines those that are not more than twice
/// as high as the least point.
///
/// **Fails** to see a minimum narrower than a thirtieth of the bracket, and one that the scan shows
/// to be twice as high as another: values should be positive, of which the factor makes sense.
/// Minima at the ends of the bracket are found too. Of a bracket that is one point, its value.
///
/// **Accuracy.** 2e-5 in the argument, and the square of it in the value; see [`brent`].
///
/// **Cost.** 32 evaluations, and some 10 for each minimum that is refined.
///
/// # Errors
/// The first error of `f`.
///
/// ```
/// use asymscale_numerics::{Bracket, global_minimum};
/// let valleys = |x: f64| (x - 2.0).powi(2).min((x - 9.0).powi(2) + 1e-3) + 1.0;
/// let found = global_minimum(Bracket::new(0.0, 12.0), |x| Ok::<f64, ()>(valleys(x)))?;
/// assert!((found.at - 2.0).abs() < 1e-4 && (found.value - 1.0).abs() < 1e-8);
/// # Ok::<(), ()>(())
/// ```
pub fn global_minimum<E>(
    bracket: Bracket,
    f: impl Fn(f64) -> Result<f64, E>,
) -> Result<Minimum, E> {
    let (low, high) = (bracket.low(), bracket.high());
    let point = |k: usize| low + (high - low) * k as f64 / (SCAN - 1) as f64;
    let scan = (0..SCAN).map(|k| f(point(k))).collect::<Result<Vec<f64>, E>>()?;
    let first = (0..SCAN).min_by(|a, b| scan[*a].total_cmp(&scan[*b])).unwrap_or(0);
    let mut best = Minimum { at: point(first), value: scan[first] };
    if high <= low {
        return Ok(best);
    }
    for k in 0..SCAN {
        let (before, after) = (k.saturating_sub(1), (k + 1).min(SCAN - 1));
        let lowest = scan[k] <= scan[before] && scan[k] <= scan[after] && scan[k].is_finite();
        if lowest && scan[k] < DEEP * best.value {
            let around = Bracket::new(point(before), point(after));
            let found = brent(around, Minimum { at: point(k), value: scan[k] }, &f)?;
            best = if found.value < best.value { found } else { best };
        }
    }
    Ok(best)
}

/// Brent's minimisation in a bracket, from a point of it and the value there: parabolas through the
/// best three points, golden sections where these do not converge.
///
/// **Bracket.** The value at `start` should not be above those at the ends, which are not
/// evaluated; `start` may be an end.
///
/// **Accuracy.** Ends when the minimum is known to `2 · 2e−5` in the argument; a smooth minimum is
/// then right to the square of that in the value. No better is asked for: values of relative
/// accuracy `δ` tell a minimum to `√δ` at best.
///
/// **Cost.** One evaluation a round, 40 at most; some 10 for a smooth function, as the order near
/// its minimum is 1.32.
///
/// # Panics
/// If `start.at` is not in the bracket.
///
/// # Errors
/// The first error of `f`.
///
/// Source: R. P. Brent, *Algorithms for Minimization without Derivatives* (1973), chapter 5.
///
/// ```
/// use asymscale_numerics::{Bracket, Minimum, brent};
/// let start = Minimum { at: 1.0, value: 1f64.cosh() };
/// let found = brent(Bracket::new(-2.0, 3.0), start, |x| Ok::<f64, ()>(x.cosh()))?;
/// assert!(found.at.abs() < 4e-5 && found.value - 1.0 < 1e-9);
/// # Ok::<(), ()>(())
/// ```
pub fn brent<E>(
    bracket: Bracket,
    start: Minimum,
    f: impl Fn(f64) -> Result<f64, E>,
) -> Result<Minimum, E> {
    let (mut a, mut b) = (bracket.low(), bracket.high());
    assert!(a <= start.at && start.at <= b, "start.at = {:e}: must be in [{a:e}, {b:e}]", start.at);
    let [mut x, mut second, mut third] = [start; 3];
    let (mut step, mut before) = (0.0f64, 0.0f64);
    for _ in 0..ROUNDS {
        let middle = 0.5 * (a + b);
        if (x.at - middle).abs() <= 2.0 * TOLERANCE - 0.5 * (b - a) {
            break;
        }
        let parabola = parabola(x, second, third)
            .filter(|s| s.abs() < 0.5 * before.abs() && x.at + s > a && x.at + s < b);
        before = if parabola.is_some() {
            step
        } else if x.at < middle {
            b - x.at
        } else {
            a - x.at
        };
        // Close to an end of the bracket a vertex is no news; a short step towards the middle may
        // close the bracket from the other side.
        step = match parabola {
            Some(s) if (x.at + s - a).min(b - x.at - s) < 2.0 * TOLERANCE => {
                TOLERANCE.copysign(middle - x.at)
            }
            Some(s) => s,
            None => GOLDEN * before,
        };
        let at = x.at + if step.abs() < TOLERANCE { TOLERANCE.copysign(step) } else { step };
        let now = Minimum { at, value: f(at)? };
        if now.value <= x.value {
            if at < x.at {
                b = x.at;
            } else {
                a = x.at;
            }
            (third, second, x) = (second, x, now);
        } else {
            if at < x.at {
                a = at;
            } else {
                b = at;
            }
            if now.value <= second.value || second.at == x.at {
                (third, second) = (second, now);
            } else if now.value <= third.value || third.at == x.at || third.at == second.at {
                third = now;
            }
        }
    }
    Ok(x)
}

/// The step from `x` to the vertex of the parabola through three points; `None` where there is
/// none.
fn parabola(x: Minimum, w: Minimum, v: Minimum) -> Option<f64> {
    let r = (x.at - w.at) * (x.value - v.value);
    let q = (x.at - v.at) * (x.value - w.value);
    let step = ((x.at - w.at) * r - (x.at - v.at) * q) / (2.0 * (q - r));
    step.is_finite().then_some(step)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::Cell;

    fn found(range: (f64, f64), f: impl Fn(f64) -> f64) -> Minimum {
        global_minimum(Bracket::new(range.0, range.1), |x| Ok::<f64, ()>(f(x))).unwrap()
    }

    #[test]
    fn minima_inside_and_at_the_ends() {
        // 1e-4: five times the tolerance.
        let quartic = found((-3.0, 10.0), |x| (x - 1.234).powi(2) * (1.0 + 0.1 * x * x) + 2.0);
        assert!((quartic.at - 1.234).abs() < 1e-4 && (quartic.value - 2.0).abs() < 1e-8);
        assert!((found((0.0, 5.0), f64::exp).at).abs() < 1e-4);
        assert!((found((0.0, 5.0), |x| -x).at - 5.0).abs() < 1e-4);
        assert_eq!(found((2.0, 2.0), |x| x), Minimum { at: 2.0, value: 2.0 });
    }

    #[test]
    fn the_lower_of_two_valleys_and_a_pole_at_the_end() {
        let valleys = |x: f64| (x - 2.0).powi(2).min((x - 9.0).powi(2) + 1e-3) + 1.0;
        assert!((found((0.0, 12.0), valleys).at - 2.0).abs() < 1e-4);
        // ln of x^a/(x − 1): stationary at a/(a − 1).
        let pole = found((0.0, 20.0), |v: f64| {
            if v == 0.0 { f64::INFINITY } else { v.exp().powi(3) / (v.exp() - 1.0) }
        });
        assert!((pole.at - 1.5f64.ln()).abs() < 1e-4);
        assert_eq!(found((0.0, 1.0), |_| f64::INFINITY).value, f64::INFINITY);
    }

    #[test]
    fn errors_of_the_function_are_returned() {
        let fails = |x: f64| if x > 0.5 { Err(x) } else { Ok(x) };
        assert_eq!(global_minimum(Bracket::new(0.0, 1.0), fails), Err(16.0 / 31.0));
    }

    /// Each section leaves 0.618 of the bracket, for one evaluation.
    #[test]
    fn a_golden_section_shrinks_at_the_golden_ratio() {
        let ratio = 0.5 * (5f64.sqrt() - 1.0);
        for sections in [0, 1, 5, 20] {
            let calls = Cell::new(0);
            let left = golden_section(Bracket::new(-1.0, 4.0), sections, |x| {
                calls.set(calls.get() + 1);
                (x - 0.7).powi(2)
            });
            assert_eq!(calls.get(), sections + 2);
            let expected = 5.0 * ratio.powi(sections as i32);
            // Points are carried over from section to section, and their rounding with them.
            assert!((left.width() / expected - 1.0).abs() < 1e-9, "{sections}");
            assert!(left.low() <= 0.7 && 0.7 <= left.high());
        }
    }

    #[test]
    #[should_panic(expected = "start.at = 3e0: must be in [0e0, 1e0]")]
    fn a_start_outside_of_the_bracket_is_refused() {
        let _ = brent(Bracket::new(0.0, 1.0), Minimum { at: 3.0, value: 0.0 }, Ok::<f64, ()>);
    }

    fn quadratic(at: f64) -> Minimum {
        Minimum { at, value: 3.0 * (at - 2.0).powi(2) + 1.0 }
    }

    #[test]
    fn a_parabola_ends_at_its_vertex() {
        let step = parabola(quadratic(3.0), quadratic(-1.0), quadratic(7.5)).unwrap();
        assert!((step + 1.0).abs() < 1e-14, "{step}");
        assert_eq!(parabola(quadratic(3.0), quadratic(3.0), quadratic(3.0)), None);
    }

    /// From inside of the bracket and from its ends, within the documented number of evaluations.
    #[test]
    fn a_smooth_minimum_is_found_before_the_rounds_end() {
        let valley = |x: f64| (x + 0.2).cosh();
        for (low, high, start) in [(-2.0, 3.0, 1.0), (-0.5, 4.0, 3.9), (-3.0, 0.1, -3.0)] {
            let calls = Cell::new(0);
            let first = Minimum { at: start, value: valley(start) };
            let evaluate = |x: f64| {
                calls.set(calls.get() + 1);
                Ok::<f64, ()>(valley(x))
            };
            let found = brent(Bracket::new(low, high), first, evaluate).unwrap();
            assert!((found.at + 0.2).abs() < 4e-5, "{found:?}");
            assert_eq!(found.value, valley(found.at));
            assert!(calls.get() <= 12, "from {start}: {} evaluations", calls.get());
        }
    }
}
