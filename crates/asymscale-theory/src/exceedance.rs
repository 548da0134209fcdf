//! How likely one coordinate is to exceed a level: `P(χ_k > x)`, `k ~ Binomial(D, p)`, `χ_k` a sum of `k` terms `z²`.
//!
//! Computed as a sum over counts around the one that contributes most, never as 1 minus a probability, so that
//! it is as accurate at 1e-300 as at 1e-3.

use asymscale_model::Amplitude;
use statrs::function::{factorial::ln_binomial, gamma::gamma_ur};

/// A term this small against the sum ends it.
const NEGLIGIBLE: f64 = 1e-17;
/// Equality `a² k = level` counts as stable, also where rounding hides it.
const EQUAL: f64 = 1.0 + 1e-12;
/// Up to this count the binomial coefficient is a product.
const FEW: f64 = 64.0;

/// `P(χ > x)` for `samples` samples that are active with probability `p`, `x ≥ 0`.
pub(crate) fn exceedance(amplitude: Amplitude, samples: f64, p: f64, x: f64) -> f64 {
    if p <= 0.0 {
        return 0.0;
    }
    match amplitude {
        Amplitude::Gaussian if p >= 1.0 => tail(samples, x),
        Amplitude::Gaussian => {
            let start = likeliest_count(samples, p, x).round().clamp(1.0, samples);
            sum_from(start, 1.0, samples, |k| binomial(samples, p, k) * tail(k, x))
        }
        Amplitude::Rademacher => {
            let least = needed(x);
            if least > samples {
                0.0
            } else if p >= 1.0 {
                1.0
            } else if least == 1.0 {
                -(samples * (-p).ln_1p()).exp_m1()
            } else {
                let start = (samples * p).floor().clamp(least, samples);
                sum_from(start, least, samples, |k| binomial(samples, p, k))
            }
        }
    }
    .min(1.0)
}

/// A bound on `ln P(χ > x)`, by Chernoff and by the chance of being seen at all.
pub(crate) fn log_bound(amplitude: Amplitude, samples: f64, p: f64, x: f64) -> f64 {
    if p <= 0.0 {
        return f64::NEG_INFINITY;
    }
    let seen = (samples * p).ln().min(0.0);
    let chernoff = match amplitude {
        Amplitude::Gaussian => {
            let m = tilt(samples, p, x);
            samples * (p * (m - 1.0)).ln_1p() - 0.5 * x * (1.0 - 1.0 / (m * m))
        }
        Amplitude::Rademacher => {
            let share = needed(x) / samples;
            if share > 1.0 {
                f64::NEG_INFINITY
            } else if share <= p {
                0.0
            } else {
                let rest = if share < 1.0 { (1.0 - share) * ((1.0 - p) / (1.0 - share)).ln() } else { 0.0 };
                samples * (share * (p / share).ln() + rest)
            }
        }
    };
    seen.min(chernoff)
}

/// The least number of terms ±1 whose squares exceed `x`.
pub(crate) fn needed(x: f64) -> f64 {
    (x * EQUAL).floor() + 1.0
}

/// `P(z_1² + … + z_k² > x)`.
pub(crate) fn tail(k: f64, x: f64) -> f64 {
    if x <= 0.0 {
        1.0
    } else if x == f64::INFINITY {
        0.0
    } else {
        gamma_ur(0.5 * k, 0.5 * x)
    }
}

/// `P(Binomial(n, p) = k)` for `0 < p < 1`, `k ≥ 1`.
fn binomial(n: f64, p: f64, k: f64) -> f64 {
    let ways = if k <= FEW {
        (0..k as u32).map(|j| ((n - f64::from(j)) / (f64::from(j) + 1.0)).ln()).sum()
    } else {
        ln_binomial(n as u64, k as u64)
    };
    (ways + k * p.ln() + (n - k) * (-p).ln_1p()).exp()
}

/// The sum of a unimodal sequence over `low..=high`, from near its mode outwards.
fn sum_from(start: f64, low: f64, high: f64, term: impl Fn(f64) -> f64) -> f64 {
    let middle = term(start);
    let mut sum = middle;
    for (step, end) in [(1.0, high), (-1.0, low)] {
        let (mut k, mut before) = (start, middle);
        while k != end {
            k += step;
            let now = term(k);
            sum += now;
            if now <= before && now <= NEGLIGIBLE * sum {
                break;
            }
            before = now;
        }
    }
    sum
}

/// `m = E[e^{sz²}]` at the `s` of Chernoff's bound: `D p m³/(1 + p(m − 1)) = x`, or 1 where the mean exceeds `x`.
fn tilt(samples: f64, p: f64, x: f64) -> f64 {
    let excess = |m: f64| samples * p * m * m * m / (1.0 + p * (m - 1.0)) - x;
    if excess(1.0) >= 0.0 {
        return 1.0;
    }
    // One of the two terms of the denominator is at most half of it.
    let (mut low, mut high) = (1.0, 1.0 + (2.0 * x / samples).sqrt() + (2.0 * x / (samples * p)).cbrt());
    while high - low > 1e-9 * low {
        let middle = 0.5 * (low + high);
        if excess(middle) < 0.0 {
            low = middle;
        } else {
            high = middle;
        }
    }
    low
}

/// The count at which most of the exceedance happens.
fn likeliest_count(samples: f64, p: f64, x: f64) -> f64 {
    let m = tilt(samples, p, x);
    samples * p * m / (1.0 + p * (m - 1.0))
}
