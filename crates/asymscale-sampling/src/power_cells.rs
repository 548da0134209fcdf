//! Integrals of `x^{−β}`, and how well a cell of width 1 around a whole number stands for the
//! number itself.
//!
//! `x^{−β}` is convex, so its mean over `(l − ½, l + ½)` is at least `l^{−β}`: a continuous law on
//! the half-line dominates the discrete one on the whole numbers, and loses little
//! (rejection-inversion, Hörmann & Derflinger 1996, doi:10.1145/235025.235029).

/// `∫ x^{−β}` from `from` to `to` (`∞` allowed), divided by `from^{1−β}`: a number without under-
/// or overflow. Infinite for `to = ∞` and `β ≤ 1`.
pub(crate) fn span(beta: f64, from: f64, to: f64) -> f64 {
    let (power, log_ratio) = (1.0 - beta, (to / from).ln());
    if power == 0.0 { log_ratio } else { (power * log_ratio).exp_m1() / power }
}

/// Inverse of [`span`]: the `to` at which it is `span`; infinite where no `to` is far enough.
pub(crate) fn reach(beta: f64, from: f64, span: f64) -> f64 {
    let power = 1.0 - beta;
    let log_ratio = if power == 0.0 {
        span
    } else if power * span <= -1.0 {
        return f64::INFINITY;
    } else {
        (power * span).ln_1p() / power
    };
    from * log_ratio.exp()
}

/// `l^{−β} / ∫ x^{−β}` over `(l − ½, l + ½)`, in `(0, 1]`, for whole `l ≥ 1`.
pub(crate) fn filling(beta: f64, l: f64) -> f64 {
    // Far out the first terms of the expansion of the mean suffice: the next one is below
    // (β/l)⁴/1920 < 1e-17.
    let steepness = beta / l;
    if steepness < 3e-4 && l > 1e4 {
        return 1.0 - steepness * (steepness + 1.0 / l) / 24.0;
    }
    let half = 0.5 / l;
    let edge = ((1.0 - beta) * (-half).ln_1p()).exp();
    let width = (1.0 / (l - 0.5)).ln_1p();
    let power = 1.0 - beta;
    let integral = if power == 0.0 { width } else { (power * width).exp_m1() / power };
    1.0 / (l * edge * integral)
}

#[cfg(test)]
mod tests {
    use super::{filling, reach, span};

    /// Rounding only: a handful of elementary functions, each within an ulp, amplified by `|1 − β|
    /// ln(to/from)`.
    const ROUNDING: f64 = 1e-13;

    #[test]
    fn reach_undoes_span() {
        for beta in [0.0, 0.5, 1.0, 1.0 + 1e-9, 1.05, 2.0, 8.0] {
            for (from, to) in [(1.0_f64, 1.5_f64), (7.5, 8.5), (1.5, 1e3), (1e20, 3e20)] {
                // For a steep law the end of a long range hangs on the last digits of its span.
                let lost = (to / from).powf(f64::max(beta - 1.0, 0.0));
                let got = reach(beta, from, span(beta, from, to));
                assert!(
                    lost > 1e6 || (got / to - 1.0).abs() < ROUNDING * lost,
                    "beta {beta} from {from}: {got} {to}"
                );
            }
        }
        assert_eq!(reach(2.0, 1.0, 1.0), f64::INFINITY);
        assert_eq!(span(2.0, 4.0, f64::INFINITY), 1.0);
    }

    #[test]
    fn filling_is_the_ratio_of_value_and_mean() {
        for beta in [0.0, 0.5, 1.0, 1.5, 3.0, 8.0] {
            for l in [1.0, 2.0, 3.0, 100.0, 1e6] {
                let mean = (l - 0.5_f64).powf(1.0 - beta) * span(beta, l - 0.5, l + 0.5);
                let expected = l.powf(-beta) / mean;
                // The span of a short range is had from a quotient near 1, which costs l ulp.
                assert!(
                    (filling(beta, l) / expected - 1.0).abs() < ROUNDING * l,
                    "beta {beta}, l {l}"
                );
                assert!(filling(beta, l) <= 1.0 + 1e-15);
            }
            // The two branches agree where they meet (a step of 1 changes the value by less than
            // 1e-13).
            let meet = f64::max(1e4, beta / 3e-4).floor();
            assert!((filling(beta, meet) - filling(beta, meet + 1.0)).abs() < 1e-11, "beta {beta}");
        }
    }
}
