//! The upper tail of a sum of squares of normal numbers, of any number of them.

use crate::instability::binomial::{deviance, stirling_error};
use crate::response::transform::log_curvature;
use asymscale_numerics::gauss_legendre;
use statrs::function::gamma::gamma_ur;
use std::f64::consts::PI;

/// Up to this many squares the series and the continued fraction of the incomplete gamma function
/// do.
const FEW: f64 = 1000.0;
/// Panels of the integral, in units of the scale of its integrand.
const PANEL: f64 = 1.5;
/// The integrand is nothing beyond this exponent.
const LAST: f64 = 45.0;

/// `P(z_1² + … + z_k² > x)`, `k ≥ 1` not necessarily whole; relative accuracy 1e-11.
pub(crate) fn tail(k: f64, x: f64) -> f64 {
    if x <= 0.0 {
        1.0
    } else if x == f64::INFINITY {
        0.0
    } else if k <= FEW {
        gamma_ur(0.5 * k, 0.5 * x)
    } else if x >= k - 2.0 {
        upper(0.5 * k, 0.5 * x)
    } else {
        1.0 - lower(0.5 * k, 0.5 * x)
    }
}

/// `Q(a, z) = z^a e^{−z}/Γ(a) ∫₀^∞ e^{−zs} (1 + s)^{a−1} ds` for `z ≥ a − 1`, where the integrand
/// falls from the start.
fn upper(a: f64, z: f64) -> f64 {
    let excess = z - a + 1.0;
    let exponent = |s: f64| excess * s + (a - 1.0) * growth(s);
    front(a, z) * integral(excess, a, f64::INFINITY, exponent)
}

/// `P(a, z)` in the same way, `∫₀^1 e^{zs} (1 − s)^{a−1} ds`, for `z ≤ a − 1`.
fn lower(a: f64, z: f64) -> f64 {
    let excess = a - 1.0 - z;
    let exponent = |s: f64| excess * s + (a - 1.0) * log_curvature(s);
    front(a, z) * integral(excess, a, 1.0, exponent)
}

/// `z^a e^{−z}/Γ(a)`.
fn front(a: f64, z: f64) -> f64 {
    // Γ(a) = Γ(a + 1)/a, and a ln(z/a) + a − z = −deviance(a, z).
    (a / (2.0 * PI)).sqrt() * (-deviance(a, z) - stirling_error(a)).exp()
}

/// `∫ e^{−exponent(s)} ds` from 0 to `end`, the exponent rising at least as `excess·s` and about as
/// `½ a s²`.
fn integral(excess: f64, a: f64, end: f64, exponent: impl Fn(f64) -> f64) -> f64 {
    let width = PANEL / (excess + a.sqrt());
    let (mut from, mut sum) = (0.0, 0.0);
    while from < end && exponent(from) < LAST {
        let half = 0.5 * width.min(end - from);
        sum += gauss_legendre()
            .map(|(x, w)| w * half * (-exponent(from + half * (1.0 + x))).exp())
            .sum::<f64>();
        from += width;
    }
    sum
}

/// `s − ln(1 + s)` for `s ≥ 0`, without cancellation.
fn growth(s: f64) -> f64 {
    if s > 0.1 {
        return s - s.ln_1p();
    }
    let series = (2..=16).rev().fold(0.0, |rest, n| f64::from(n).recip() - s * rest);
    s * s * series
}

#[cfg(test)]
mod tests {
    use super::*;

    /// mpmath 1.3, 60 digits, by the same integral.
    #[test]
    fn many_squares_keep_their_digits() {
        for (k, x, expected) in [
            (1001.0, 1200.0, 1.349_007_580_754_396e-5),
            (1001.0, 900.0, 0.989_910_382_684_465_7),
            (1001.0, 3000.0, 2.849_077_326_302_287e-198),
            (1e6, 1.003e6, 0.017_016_772_933_266_315),
            (1e6, 0.997e6, 0.983_121_978_873_160_3),
            (1e12, 1.000002e12, 0.078_649_672_709_598_63),
            (1e12, 1e12, 0.499_999_811_936_805_48),
            (9e15, 9.0000005e15, 9.697_083_918_184_588e-5),
            (4096.0, 8192.0, 1.045_048_171_105_124_7e-275),
        ] {
            let got = tail(k, x);
            assert!((got / expected - 1.0).abs() < 1e-11, "{k} {x}: {got} {expected}");
        }
    }

    #[test]
    fn the_two_ways_agree_where_they_meet() {
        for share in [0.8, 1.0, 1.3, 2.0] {
            let x = FEW * share;
            let direct = if x >= FEW - 2.0 {
                upper(0.5 * FEW, 0.5 * x)
            } else {
                1.0 - lower(0.5 * FEW, 0.5 * x)
            };
            assert!((tail(FEW, x) / direct - 1.0).abs() < 1e-11, "{share}");
        }
    }
}
