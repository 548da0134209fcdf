//! `δ(s) = 1 − E e^{−s z²}` of equation (20) of [`derivations`](crate::derivations), and logarithms
//! of `1 − pδ`, all without cancellation.

use crate::coordinates::Node;
use asymscale_model::Amplitude;

/// `δ(s) = 1 − E e^{−s z²}`, `1 − δ`, and the first and second derivatives of `δ` by `ln s`.
pub(crate) struct LaplaceComplement {
    amplitude: Amplitude,
    s: f64,
    pub(crate) value: f64,
    kept: f64,
    slope: f64,
    curvature: f64,
}

impl LaplaceComplement {
    #[inline]
    pub(crate) fn at(amplitude: Amplitude, s: f64) -> Self {
        match amplitude {
            Amplitude::Gaussian => {
                let root = (1.0 + 2.0 * s).sqrt();
                let kept = root.recip();
                let cube = kept * kept * kept;
                let (value, slope) = (2.0 * s * kept / (1.0 + root), s * cube);
                // Written so that s → ∞ does not overflow: (1 − s)/(1 + 2s).
                let curvature = slope * (1.5 * kept * kept - 0.5);
                Self { amplitude, s, value, kept, slope, curvature }
            }
            Amplitude::Rademacher => {
                let (value, kept) = if s < 0.5 {
                    let value = -(-s).exp_m1();
                    (value, 1.0 - value)
                } else {
                    let kept = (-s).exp();
                    (1.0 - kept, kept)
                };
                let slope = s * kept;
                Self { amplitude, s, value, kept, slope, curvature: slope * (1.0 - s) }
            }
        }
    }

    /// `s − δ(s)`, without cancellation.
    pub(crate) fn linear_remainder(&self) -> f64 {
        let s = self.s;
        match self.amplitude {
            Amplitude::Gaussian => {
                let root = self.kept.recip();
                s * self.value * (root + 2.0) / (1.0 + root)
            }
            Amplitude::Rademacher if s < 0.5 => exponential_remainder(s),
            Amplitude::Rademacher => s - self.value,
        }
    }

    /// With `A = −d ln E/d ln y`, `E = (1 − pδ)^D` and `rest = 1 − pδ`: `A/(Dp)` and
    /// `(A' − A²)/(Dp)`.
    #[inline]
    pub(crate) fn log_slopes(&self, node: &Node, rest: f64) -> (f64, f64) {
        let inverse = rest.recip();
        let first = self.slope * inverse;
        (first, self.curvature * inverse - (node.count - node.activity) * first * first)
    }
}

/// `e^{−s} − 1 + s` for `0 ≤ s < ½`.
fn exponential_remainder(s: f64) -> f64 {
    let series = (3..=16).rev().fold(1.0, |tail, n| 1.0 - s / f64::from(n) * tail);
    0.5 * s * s * series
}

/// `−ln(1 − x) − x` for `0 ≤ x < 1`, without cancellation.
pub(crate) fn log_curvature(x: f64) -> f64 {
    let series =
        |terms: u32| x * x * (2..=terms).rev().fold(0.0, |tail, n| f64::from(n).recip() + x * tail);
    if x < 1e-3 {
        series(6)
    } else if x < 0.1 {
        series(16)
    } else {
        -(-x).ln_1p() - x
    }
}

/// `ln(1 − pδ)` and `1 − pδ`.
#[inline]
pub(crate) fn log_one_minus(p: f64, complement: &LaplaceComplement) -> (f64, f64) {
    let x = p * complement.value;
    if p < 1e-3 {
        (-x * (1.0 + x * (0.5 + x * (1.0 / 3.0 + x * (0.25 + x * 0.2)))), 1.0 - x)
    } else if x < 0.5 {
        // ln(1 − x) loses what 1 − x has lost of x: put back by their ratio, which is exact.
        let rest = 1.0 - x;
        (rest.ln() * (x / (1.0 - rest)), rest)
    } else {
        let rest = (1.0 - p) + p * complement.kept;
        (rest.ln(), rest)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn small_arguments_keep_their_digits() {
        // s − δ(s) = 3s²/2 − 5s³/2 (Gaussian), s²/2 − s³/6 (Rademacher); −ln(1 − x) − x = x²/2 +
        // x³/3.
        let s = 1e-6;
        let gaussian = LaplaceComplement::at(Amplitude::Gaussian, s).linear_remainder() / (s * s);
        let rademacher =
            LaplaceComplement::at(Amplitude::Rademacher, s).linear_remainder() / (s * s);
        assert!((gaussian - (1.5 - 2.5 * s)).abs() < 1e-11, "{gaussian}");
        assert!((rademacher - (0.5 - s / 6.0)).abs() < 1e-12, "{rademacher}");
        assert!((log_curvature(s) / (s * s) - (0.5 + s / 3.0)).abs() < 1e-12);
    }

    #[test]
    fn formulas_agree_where_they_meet() {
        for at in [1e-3, 0.1] {
            let (below, above) = (log_curvature(at * (1.0 - 1e-12)), log_curvature(at));
            assert!((below / above - 1.0).abs() < 1e-11, "{at}");
        }
        let remainder = |s| LaplaceComplement::at(Amplitude::Rademacher, s).linear_remainder();
        assert!((remainder(0.5 - 1e-13) / remainder(0.5) - 1.0).abs() < 1e-11);
    }

    #[test]
    fn slopes_are_the_derivatives() {
        for amplitude in [Amplitude::Gaussian, Amplitude::Rademacher] {
            for s in [1e-3, 0.3, 2.0, 40.0] {
                let h: f64 = 1e-5;
                let [low, mid, high] =
                    [-h, 0.0, h].map(|h| LaplaceComplement::at(amplitude, s * h.exp()));
                assert!(((high.value - low.value) / (2.0 * h) - mid.slope).abs() < 1e-9);
                assert!(((high.slope - low.slope) / (2.0 * h) - mid.curvature).abs() < 1e-9);
            }
        }
    }
}
