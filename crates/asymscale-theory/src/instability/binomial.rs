//! Binomial probabilities of any numbers of samples, without the digits that logarithms of
//! factorials lose.

use statrs::function::gamma::ln_gamma;
use std::f64::consts::PI;

/// Up to this count the binomial coefficient is a product.
const FEW: f64 = 64.0;
/// From here on Stirling's series has all digits.
const LARGE: f64 = 16.0;

/// `P(Binomial(n, p) = k)` for `0 < p < 1`, `1 ≤ k ≤ n`; `k` need not be whole.
///
/// For many counts by Loader's expansion (*Fast and accurate computation of binomial
/// probabilities*, 2000), whose terms are as small as the logarithm of the result.
pub(crate) fn binomial(n: f64, p: f64, k: f64) -> f64 {
    if k == n {
        return (n * p.ln()).exp();
    }
    if k <= FEW && k.fract() == 0.0 {
        let ways: f64 =
            (0..k as u32).map(|j| ((n - f64::from(j)) / (f64::from(j) + 1.0)).ln()).sum();
        return (ways + k * p.ln() + (n - k) * (-p).ln_1p()).exp();
    }
    let rest = n - k;
    let log = stirling_error(n)
        - stirling_error(k)
        - stirling_error(rest)
        - deviance(k, n * p)
        - deviance(rest, n * (1.0 - p));
    (log + 0.5 * (n / (2.0 * PI * k * rest)).ln()).exp()
}

/// `ln Γ(n + 1) − n ln n + n − ½ ln(2πn)`.
pub(crate) fn stirling_error(n: f64) -> f64 {
    if n < LARGE {
        return ln_gamma(n + 1.0) - n * n.ln() + n - 0.5 * (2.0 * PI * n).ln();
    }
    let square = (n * n).recip();
    (1.0 / 12.0
        - square
            * (1.0 / 360.0 - square * (1.0 / 1260.0 - square * (1.0 / 1680.0 - square / 1188.0))))
        / n
}

/// `x ln(x/mean) + mean − x`, without cancellation where the two are close.
pub(crate) fn deviance(x: f64, mean: f64) -> f64 {
    let (difference, sum) = (x - mean, x + mean);
    if difference.abs() > 0.1 * sum {
        return x * (x / mean).ln() + mean - x;
    }
    // With v = (x − mean)/(x + mean): ln(x/mean) = 2 (v + v³/3 + v⁵/5 + …).
    let v = difference / sum;
    let (mut power, mut series, mut order) = (2.0 * x * v, difference * v, 3.0);
    loop {
        power *= v * v;
        let next = series + power / order;
        if next == series {
            return next;
        }
        (series, order) = (next, order + 2.0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_ways_of_counting_agree_and_add_to_one() {
        for (n, p) in [(100.0, 0.3), (70.0, 0.999), (1e9, 4e-8)] {
            let total: f64 = (1..=100)
                .map(|k| binomial(n, p, f64::from(k).min(n)))
                .take(n.min(100.0) as usize)
                .sum();
            let none = (n * (-p).ln_1p()).exp();
            assert!((total + none - 1.0).abs() < 1e-12, "{n} {p}: {total}");
        }
        let near = |k: f64| binomial(1e6, 6e-5, k);
        // Neighbours differ by (n − k + 1) p/(k (1 − p)).
        let ratio = (1e6 - 64.0) * 6e-5 / (65.0 * (1.0 - 6e-5));
        assert!((near(65.0) / near(64.0) / ratio - 1.0).abs() < 1e-12);
    }

    /// mpmath 1.3, 40 digits.
    #[test]
    fn huge_numbers_of_samples_keep_their_digits() {
        for (n, p, k, expected) in GOLDEN {
            let got = binomial(n, p, k);
            assert!((got / expected - 1.0).abs() < 1e-10, "{n} {p} {k}: {got} {expected}");
        }
    }

    const GOLDEN: [(f64, f64, f64, f64); 5] = [
        (1e12, 0.5, 5.00001e11, 1.079_819_330_264_211e-7),
        (1e12, 1e-9, 1200.0, 7.992_642_693_786_4e-11),
        (9e15, 1e-13, 1500.5, 5.074_252_822_024_571e-75),
        (1e6, 0.9999, 999_950.0, 1.221_644_605_232_509e-8),
        (200.0, 0.3, 100.0, 1.509_422_446_287_41e-9),
    ];
}
