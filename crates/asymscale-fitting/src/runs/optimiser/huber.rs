//! The cost of a residual: a square near 0 and, for a Huber loss, linear beyond a width.

/// `r²/2` for `|r|` up to `delta`, and `delta (|r| − delta/2)` beyond; a square without `delta`.
#[inline]
pub(crate) fn cost(r: f64, delta: Option<f64>) -> f64 {
    match delta {
        Some(delta) if r.abs() > delta => delta * (r.abs() - 0.5 * delta),
        _ => 0.5 * r * r,
    }
}

/// The slope of `weight` times the cost, its derivative, and the slope over the residual.
#[inline]
pub(crate) fn influence(r: f64, delta: Option<f64>, weight: f64) -> (f64, f64, f64) {
    match delta {
        Some(delta) if r.abs() > delta => {
            (weight * delta * r.signum(), 0.0, weight * delta / r.abs())
        }
        _ => (weight * r, weight, weight),
    }
}
