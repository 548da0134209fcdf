//! Ratios of gamma functions and binomial coefficients, also where the arguments are huge.

use statrs::function::gamma::ln_gamma;

/// `Γ(l+1−a)/l!`: minus its differences are `a Γ(k−a)/k!`.
pub(crate) fn gamma_ratio(l: f64, a: f64) -> f64 {
    (-ln_gamma_ratio(l + 1.0, a)).exp()
}

/// `ln Γ(x) − ln Γ(x − a)` for `x − a > 0`, to 1e-13 also where both are huge.
pub(crate) fn ln_gamma_ratio(x: f64, a: f64) -> f64 {
    let y = x - a;
    if x.min(y) < 64.0 {
        return ln_gamma(x) - ln_gamma(y);
    }
    // Stirling's series, subtracted term by term; the first left out is 1/(1260 x⁵).
    let correction = |z: f64| (1.0 / 12.0 - 1.0 / (360.0 * z * z)) / z;
    -(x - 0.5) * (-a / x).ln_1p() + a * y.ln() - a + correction(x) - correction(y)
}

/// `ln C(n, k)`, also where `n` is huge.
pub(crate) fn ln_choose(n: f64, k: f64) -> f64 {
    ln_gamma_ratio(n + 1.0, k) - ln_gamma(k + 1.0)
}

#[cfg(test)]
mod tests {
    use super::{gamma_ratio, ln_gamma_ratio};
    use statrs::function::gamma::ln_gamma;

    #[test]
    fn the_ratio_is_that_of_gamma_functions() {
        // Γ(x)/Γ(x − 1) = x − 1, also where ln Γ has no digits left for it.
        for x in [3.0, 70.0, 1e6, 1e12] {
            assert!((ln_gamma_ratio(x, 1.0).exp() / (x - 1.0) - 1.0).abs() < 1e-12, "{x}");
        }
        for a in [-0.7, 0.3, 0.9] {
            // Each logarithm is near 270, where an ulp is 5.7e-14, and right to a few of them.
            let x = 80.0;
            assert!((ln_gamma_ratio(x, a) - ln_gamma(x) + ln_gamma(x - a)).abs() < 5e-13, "{a}");
        }
    }

    #[test]
    fn the_ratio_at_zero_is_a_gamma_function() {
        // Γ(1/2) = √π.
        assert!((gamma_ratio(0.0, 0.5) - std::f64::consts::PI.sqrt()).abs() < 1e-12);
    }
}
