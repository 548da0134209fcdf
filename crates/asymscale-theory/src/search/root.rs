//! A safeguarded iteration for the zero of an increasing function with known slope.

/// One evaluation of the function.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Sample {
    pub(crate) v: f64,
    pub(crate) value: f64,
    pub(crate) slope: f64,
}

/// Finds the zero of an increasing function on `range`.
///
/// `evaluate(v)` returns value and slope; the value may be infinite. From two points on, the step is that of the inverse cubic
/// Hermite interpolant through the last two (order 2.7), before that Newton's; a step out of the
/// bracket is replaced by bisection, and one towards an unknown side is limited to a growing stride.
///
/// Stops once `accept(step, last)`, with `step` what remains to the zero and `last` the length of the
/// step before; returns that `step`. At an end of the range, or where rounding leaves no step, 0.
pub(crate) fn increasing_root(
    start: f64,
    range: (f64, f64),
    accept: impl Fn(f64, f64) -> bool,
    mut evaluate: impl FnMut(f64) -> (f64, f64),
) -> f64 {
    let (mut low, mut high) = (f64::NEG_INFINITY, f64::INFINITY);
    let (mut v, mut stride) = (start.clamp(range.0, range.1), 1.0);
    let mut before: Option<Sample> = None;
    for _ in 0..ITERATIONS {
        let (value, slope) = evaluate(v);
        let now = Sample { v, value, slope };
        if value < 0.0 {
            low = v;
        } else {
            high = v;
        }
        let step = before.and_then(|before| hermite_step(before, now)).unwrap_or(-value / slope);
        let last = before.map_or(f64::INFINITY, |before| (v - before.v).abs());
        if accept(step.abs(), last) {
            return step;
        }
        stride *= 2.0;
        let step = if step.is_finite() { step } else { -stride * value.signum() };
        let target = safeguard(v, step, stride, low, high).clamp(range.0, range.1);
        if target == v {
            return 0.0;
        }
        before = Some(now);
        v = target;
    }
    0.0
}

/// Enough to bisect any range of logarithms to rounding.
const ITERATIONS: usize = 200;

fn safeguard(v: f64, step: f64, stride: f64, low: f64, high: f64) -> f64 {
    let target = v + step;
    match (low.is_finite(), high.is_finite()) {
        (true, true) if target > low && target < high => target,
        (true, true) => 0.5 * (low + high),
        _ => v + step.clamp(-stride, stride),
    }
}

/// The step from `b` to where the cubic `v(value)` through `a` and `b`, with slopes, meets 0; `None`
/// where the two are too different for it to be monotone.
fn hermite_step(a: Sample, b: Sample) -> Option<f64> {
    let h = b.value - a.value;
    // Slopes of the inverse over the secant: both in (0, 3) makes the cubic monotone.
    let secant = (b.v - a.v) / h;
    let (da, db) = (1.0 / (a.slope * secant), 1.0 / (b.slope * secant));
    let monotone = |d: f64| d > 0.0 && d < 3.0;
    let s = -b.value / h;
    // Nor is it trusted far outside of the two points, which are at s = −1 and 0.
    if !(monotone(da) && monotone(db) && s > -1.5 && s < 0.5) {
        return None;
    }
    // With s = value/h counted from b: v − v_b = secant·h·(db s + (2db + da − 3) s² + (db + da − 2) s³).
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
                |v: f64| {
                    (count, last) = (count + 1, v);
                    ((v - 1.5).tanh() + 0.1 * (v - 1.5), 1.1 - (v - 1.5).tanh().powi(2))
                },
            );
            assert!((last + step - 1.5).abs() < 1e-12 && count <= most, "{start}: {last} after {count}");
        }
    }

    #[test]
    fn a_cubic_inverse_is_found_at_once() {
        let inverse = |r: f64| 2.0 + r + 0.1 * r * r + 0.05 * r * r * r;
        let point = |r: f64| Sample { v: inverse(r), value: r, slope: 1.0 / (1.0 + 0.2 * r + 0.15 * r * r) };
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
            |v: f64| {
                last = v;
                (v - 9.0, 1.0)
            },
        );
        assert_eq!(last, 5.0);
    }
}
