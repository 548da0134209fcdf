//! How likely one coordinate is to exceed a level: `P(χ_k > x)`, `k ~ Binomial(D, p)`, `χ_k` a sum
//! of `k` terms `z²`.
//!
//! Computed as a sum over counts around the one that contributes most, never as 1 minus a
//! probability, so that it is as accurate at 1e-300 as at 1e-3.

use crate::instability::binomial::binomial;
use crate::instability::chi_square::tail;
use asymscale_model::Amplitude;
use asymscale_numerics::{GAUSS_ORDER, gauss_gram};

/// A term this small against the sum ends it.
const NEGLIGIBLE: f64 = 1e-17;
/// Equality `a² k = level` counts as stable, also where rounding hides it.
const EQUAL: f64 = 1.0 + 1e-12;
/// Counts are taken in blocks of this share of their standard deviation, where that is many.
const BLOCK: f64 = 0.5;
/// Newton's method for the tilt ends at this step of its logarithm.
const CLOSE: f64 = 1e-9;

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

/// A bound on `ln P(χ > x)`, by Chernoff and by the chance of being seen at all; `log_p = ln p`,
/// since `p` may be below floats.
pub(crate) fn log_bound(amplitude: Amplitude, samples: f64, log_p: f64, x: f64) -> f64 {
    match amplitude {
        Amplitude::Gaussian => log_envelope(amplitude, samples, log_p, x),
        Amplitude::Rademacher if x == f64::INFINITY => f64::NEG_INFINITY,
        Amplitude::Rademacher => log_envelope(amplitude, samples, log_p, needed(x)),
    }
}

/// The same as a smooth function of `x`: with Rademacher amplitudes, as if counts were no whole
/// numbers.
pub(crate) fn log_envelope(amplitude: Amplitude, samples: f64, log_p: f64, x: f64) -> f64 {
    if log_p == f64::NEG_INFINITY || x == f64::INFINITY {
        return f64::NEG_INFINITY;
    }
    let seen = (samples.ln() + log_p).min(0.0);
    let chernoff = match amplitude {
        Amplitude::Gaussian => {
            let log = log_tilt(samples, log_p, x);
            let raised = if log < 1.0 {
                log_p.exp() * log.exp_m1()
            } else {
                (log_p + log).exp() - log_p.exp()
            };
            samples * raised.ln_1p() + 0.5 * x * (-2.0 * log).exp_m1()
        }
        Amplitude::Rademacher => log_binomial_bound(samples, log_p, x.max(1.0)),
    };
    seen.min(chernoff)
}

/// Chernoff's bound on `P(Binomial(samples, p) ≥ least)`.
fn log_binomial_bound(samples: f64, log_p: f64, least: f64) -> f64 {
    let (share, p) = (least / samples, log_p.exp());
    if share > 1.0 {
        f64::NEG_INFINITY
    } else if share <= p {
        0.0
    } else {
        let rest = if share < 1.0 { (1.0 - share) * ((1.0 - p) / (1.0 - share)).ln() } else { 0.0 };
        samples * (share * (log_p - share.ln()) + rest)
    }
}

/// The least number of Rademacher terms whose squares exceed `x`.
pub(crate) fn needed(x: f64) -> f64 {
    (x * EQUAL).floor() + 1.0
}

/// The sum of a unimodal sequence over `low..=high`, from near its mode outwards: term by term
/// where it is narrow, else in blocks by the Gauss rule of whole numbers.
fn sum_from(start: f64, low: f64, high: f64, term: impl Fn(f64) -> f64) -> f64 {
    let block = (BLOCK * (start * (1.0 - start / high)).sqrt()).floor();
    if block < 3.0 * GAUSS_ORDER as f64 {
        return one_by_one(start, low, high, term);
    }
    let mut sum = 0.0;
    let mut before = f64::INFINITY;
    let mut from = start;
    while from <= high {
        let now = whole(from, block.min(high - from + 1.0), &term);
        sum += now;
        from += block;
        if now <= before && now <= NEGLIGIBLE * sum {
            break;
        }
        before = now;
    }
    (before, from) = (f64::INFINITY, start);
    while from > low {
        let length = block.min(from - low);
        from -= length;
        let now = whole(from, length, &term);
        sum += now;
        if now <= before && now <= NEGLIGIBLE * sum {
            break;
        }
        before = now;
    }
    sum
}

/// The sum over `length` whole numbers from `from` on.
fn whole(from: f64, length: f64, term: impl Fn(f64) -> f64) -> f64 {
    if length < 2.0 * GAUSS_ORDER as f64 {
        (0..length as u32).map(|k| term(from + f64::from(k))).sum()
    } else {
        gauss_gram(length).map(|(k, weight)| weight * term(from + k)).sum()
    }
}

fn one_by_one(start: f64, low: f64, high: f64, term: impl Fn(f64) -> f64) -> f64 {
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

/// `ln m`, `m = E[e^{sz²}]` at the `s` of Chernoff's bound: `D p m³/(1 + p(m − 1)) = x`, or 0 where
/// the mean exceeds `x`.
///
/// Newton's method from above: the logarithm of the left side has a slope that falls from 3 to 2.
fn log_tilt(samples: f64, log_p: f64, x: f64) -> f64 {
    let excess = x.ln() - samples.ln() - log_p;
    if excess <= 0.0 {
        return 0.0;
    }
    let (p, mut log) = (log_p.exp(), 0.5 * excess);
    loop {
        let active = (log_p + log).exp();
        let spread = (1.0 - p) + active;
        let step = (3.0 * log - spread.ln() - excess) / (3.0 - active / spread);
        log -= step;
        if step.abs() <= CLOSE * (1.0 + log) {
            return log.max(0.0);
        }
    }
}

/// The count at which most of the exceedance happens.
fn likeliest_count(samples: f64, p: f64, x: f64) -> f64 {
    let m = log_tilt(samples, p.ln(), x).exp();
    samples * p * m / (1.0 + p * (m - 1.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Of so many counts that they are taken in blocks, against the normal law: 1e12 samples, half
    /// of them active.
    #[test]
    fn many_counts_become_the_normal_law() {
        let (samples, p) = (1e12f64, 0.5f64);
        for (amplitude, variance) in [(Amplitude::Gaussian, 2.5f64), (Amplitude::Rademacher, 0.5)] {
            let deviation = (samples * p * variance).sqrt();
            // Skewness moves the first digits by 1e-6, and half a count by as much.
            let at =
                |sigmas: f64| exceedance(amplitude, samples, p, samples * p + sigmas * deviation);
            for (sigmas, expected) in
                [(0.0, 0.5), (1.0, 0.158_655_253_931_457), (5.0, 2.866_515_718_791_94e-7)]
            {
                let got = at(sigmas);
                assert!(
                    (got / expected - 1.0).abs() < 1e-4,
                    "{amplitude:?} {sigmas}: {got} {expected}"
                );
            }
        }
    }

    #[test]
    fn the_tilt_solves_its_equation() {
        for (samples, p, x) in
            [(1.0, 0.3, 5.0), (1e12, 1e-9, 1e5), (40.0, 1.0 - 1e-9, 41.0), (3.0, 1e-200, 1e300)]
        {
            let m = log_tilt(samples, f64::ln(p), x).exp();
            let found = samples * p * m * m * m / (1.0 + p * (m - 1.0));
            assert!((found / x - 1.0).abs() < 1e-8, "{samples} {p} {x}: {m}");
        }
        assert_eq!(log_tilt(10.0, 0.5f64.ln(), 4.0), 0.0);
    }
}
