//! The arc-cosine kernel of order 1 for many entries at once, as wide as the processor's registers.
//!
//! `κ(θ) = (sin θ + (π − θ) cos θ)/2π` in `u = cos θ`, with `v = 1 − |u|`, is
//!
//! `κ = (√(2v) q(v) + π max(u, 0))/2π`, `q(v) = √(1 − v/2) − (1 − v) arccos(1 − v)/√(2v)`,
//!
//! and `q` is analytic for `|v| < 2`: a power series in place of an inverse cosine, without
//! branches.

use pulp::NullaryFnOnce;
use std::f64::consts::{PI, TAU};

/// Terms of the series: the next one is below 1e-17 at `v = 1`.
const TERMS: usize = 44;

/// Coefficients of `q(v)/v` in powers of `v`.
static SERIES: [f64; TERMS] = series();

/// `√(1 − x) = Σ r_k x^k` and `arccos(1 − v)/√(2v) = Σ a_k x^k` at `x = v/2`, with
/// `r_k = r_{k−1} (k − 3/2)/k`, `a_k = b_k/(2k+1)` and `b_k = b_{k−1} (k − 1/2)/k`; here with the
/// `2^k` of `x^k` divided out.
const fn series() -> [f64; TERMS] {
    let mut series = [0.0; TERMS];
    let (mut root, mut b, mut before) = (1.0, 1.0, 1.0);
    let mut k = 1;
    while k <= TERMS {
        let n = k as f64;
        root *= 0.5 * (n - 1.5) / n;
        b *= 0.5 * (n - 0.5) / n;
        let angle = b / (2.0 * n + 1.0);
        series[k - 1] = root - angle + before;
        before = angle;
        k += 1;
    }
    series
}

/// Entries at a time: several registers, so that no sum waits for itself.
const LANES: usize = 16;

/// `κ` of cosines in `[−1, 1]`. Accuracy: 1e-16, near −1 relative to the value.
// Must become part of the caller, compiled for the processor's registers.
#[allow(clippy::inline_always)]
#[inline(always)]
fn of_cosines(cosines: &[f64; LANES]) -> [f64; LANES] {
    let v = cosines.map(|u| 1.0 - u.abs());
    let mut sum = [0.0; LANES];
    for coefficient in SERIES.iter().rev() {
        for (sum, v) in sum.iter_mut().zip(&v) {
            *sum = *sum * v + coefficient;
        }
    }
    let mut kappa = [0.0; LANES];
    for (lane, kappa) in kappa.iter_mut().enumerate() {
        *kappa = ((2.0 * v[lane]).sqrt() * v[lane] * sum[lane] + PI * cosines[lane].max(0.0)) / TAU;
    }
    kappa
}

/// Replaces `x·x′` for a column of `x` by `|x||x′| κ`; with slope `leak` below 0,
/// `|x||x′| {(1 + leak²) κ(u) − 2 leak κ(−u)}`. 0 where a norm is.
pub(super) fn replace(dots: &mut [f64], norms: &[f64], other: f64, leak: f64) {
    pulp::Arch::new().dispatch(Replace { dots, norms, other, leak });
}

struct Replace<'a> {
    dots: &'a mut [f64],
    norms: &'a [f64],
    other: f64,
    leak: f64,
}

// Not a closure: the compiler leaves one of this size out of line, compiled for the least of
// processors.
impl NullaryFnOnce for Replace<'_> {
    type Output = ();

    #[allow(clippy::inline_always)]
    #[inline(always)]
    fn call(self) {
        let Self { dots, norms, other, leak } = self;
        let (blocks, rest) = dots.as_chunks_mut::<LANES>();
        let (norm_blocks, norm_rest) = norms.as_chunks::<LANES>();
        for (dots, norms) in blocks.iter_mut().zip(norm_blocks) {
            *dots = block(dots, norms, other, leak);
        }
        let (mut last, mut last_norms) = ([0.0; LANES], [0.0; LANES]);
        last[..rest.len()].copy_from_slice(rest);
        last_norms[..rest.len()].copy_from_slice(norm_rest);
        rest.copy_from_slice(&block(&last, &last_norms, other, leak)[..rest.len()]);
    }
}

/// A block of a column.
#[allow(clippy::inline_always)]
#[inline(always)]
fn block(dots: &[f64; LANES], norms: &[f64; LANES], other: f64, leak: f64) -> [f64; LANES] {
    let (own, opposite) = (1.0 + leak * leak, 2.0 * leak);
    let both = norms.map(|norm| norm * other);
    let mut cosines = [0.0; LANES];
    for (lane, cosine) in cosines.iter_mut().enumerate() {
        *cosine = if both[lane] > 0.0 { (dots[lane] / both[lane]).clamp(-1.0, 1.0) } else { 0.0 };
    }
    let kappa = of_cosines(&cosines);
    let mut values = [0.0; LANES];
    for (lane, value) in values.iter_mut().enumerate() {
        // κ(u) − κ(−u) = u/2.
        *value = both[lane] * (own * kappa[lane] - opposite * (kappa[lane] - 0.5 * cosines[lane]));
    }
    values
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of_cosine(u: f64) -> f64 {
        of_cosines(&[u; LANES])[0]
    }

    /// As it is written, in terms of the angle.
    fn plain(u: f64) -> f64 {
        (((1.0 - u) * (1.0 + u)).sqrt() + (PI - u.acos()) * u) / TAU
    }

    #[test]
    fn the_series_is_the_kernel() {
        for k in -1000..=1000 {
            let u = f64::from(k) / 1000.0;
            // A few times the spacing of numbers at ½, its largest value.
            assert!((of_cosine(u) - plain(u)).abs() < 3e-16, "{u}: {} {}", of_cosine(u), plain(u));
        }
        assert_eq!((of_cosine(1.0), of_cosine(-1.0)), (0.5, 0.0));
    }

    /// Near opposite directions `κ → (√2/3π) v^{3/2}`, far below the rounding of the plain form.
    #[test]
    fn nearly_opposite_directions_keep_their_digits() {
        for v in [1e-4, 1e-8, 1e-12_f64] {
            // θ = π − ε: κ = (sin ε − ε cos ε)/2π, ε = arccos(1 − v), by its series in ε.
            let v = 1.0 - (1.0 - v);
            let angle = 2.0 * (0.5 * v).sqrt().asin();
            let cube = angle.powi(3);
            let exact = cube * (1.0 / 3.0 - angle.powi(2) / 30.0 + angle.powi(4) / 840.0) / TAU;
            assert!((of_cosine(v - 1.0) / exact - 1.0).abs() < 1e-13, "{v}");
        }
    }

    #[test]
    fn columns_are_replaced_entry_by_entry() {
        let (norms, other) = ([1.5, 0.0, 2.0, 0.7, 3.0, 1e-3, 4.0, 5.0, 0.1], 2.0);
        let cosines = [0.3, 0.0, -1.0, 1.0, -0.2, 0.99, 0.0, -0.7, 1.5];
        for leak in [0.0, 0.01] {
            let mut dots: Vec<f64> =
                norms.iter().zip(cosines).map(|(norm, u)| norm * other * u).collect();
            replace(&mut dots, &norms, other, leak);
            for ((value, norm), u) in dots.iter().zip(norms).zip(cosines) {
                let u = u.min(1.0);
                let exact =
                    norm * other * ((1.0 + leak * leak) * plain(u) - 2.0 * leak * plain(-u));
                assert!(
                    (value - exact).abs() <= 1e-15 * norm * other,
                    "{leak}, {u}: {value} {exact}"
                );
            }
        }
    }
}
