//! The least value of a function of one variable that may have several minima.

/// Where a function is least, and its value there.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Minimum {
    pub(crate) at: f64,
    pub(crate) value: f64,
}

/// Points of the scan.
const SCAN: usize = 32;
/// Enough for Brent's method from any bracket of the scan; by golden section alone they shrink it by 1e-8.
const ROUNDS: usize = 40;
/// A minimum is located no better than the square root of the accuracy of the values.
const TOLERANCE: f64 = 2e-5;
/// The golden section, `(3 − √5)/2`.
const GOLDEN: f64 = 0.381_966_011_250_105;

/// The least value of `f` on the closed `range`, where values may be `+∞`.
///
/// A scan brackets every local minimum wider than a thirtieth of the range, and Brent's method refines those that are not
/// already beaten by more than the scan can hide. Minima at the ends of the range are found too.
///
/// # Errors
/// The first error of `f`.
pub(crate) fn least<E>(range: (f64, f64), f: impl Fn(f64) -> Result<f64, E>) -> Result<Minimum, E> {
    let (low, high) = range;
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
            let found = brent((point(before), point(k), point(after)), scan[k], &f)?;
            best = if found.value < best.value { found } else { best };
        }
    }
    Ok(best)
}

/// A local minimum of the scan that is higher than the least point by this factor is not refined.
const DEEP: f64 = 2.0;

/// Brent's minimisation (Algorithms for Minimization without Derivatives, 1973, chapter 5) from a bracket and the value
/// at its inner point.
fn brent<E>(
    (mut a, start, mut b): (f64, f64, f64),
    value: f64,
    f: &impl Fn(f64) -> Result<f64, E>,
) -> Result<Minimum, E> {
    let [mut x, mut second, mut third] = [Minimum { at: start, value }; 3];
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
        step = parabola.unwrap_or(GOLDEN * before);
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

/// The step from `x` to the vertex of the parabola through three points; `None` where there is none.
fn parabola(x: Minimum, w: Minimum, v: Minimum) -> Option<f64> {
    let r = (x.at - w.at) * (x.value - v.value);
    let q = (x.at - v.at) * (x.value - w.value);
    let step = ((x.at - w.at) * r - (x.at - v.at) * q) / (2.0 * (q - r));
    step.is_finite().then_some(step)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(range: (f64, f64), f: impl Fn(f64) -> f64) -> Minimum {
        least(range, |x| Ok::<f64, ()>(f(x))).unwrap()
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
        let pole =
            found(
                (0.0, 20.0),
                |v: f64| if v == 0.0 { f64::INFINITY } else { v.exp().powi(3) / (v.exp() - 1.0) },
            );
        assert!((pole.at - 1.5f64.ln()).abs() < 1e-4);
        assert_eq!(found((0.0, 1.0), |_| f64::INFINITY).value, f64::INFINITY);
    }
}
