//! The inverse sine of many numbers at once, as wide as the processor's registers.
//!
//! `arcsin u = u Σ a_k u^{2k}` up to ½, and beyond `π/2 − 2 arcsin √((1 − u)/2)`, whose argument is
//! below ½ again: one series for both, without branches.

use pulp::NullaryFnOnce;
use std::f64::consts::FRAC_PI_2;

/// Terms of the series after the first: the next one is below 1e-18 at ½.
const TERMS: usize = 25;

/// `a_1`, `a_2`, …: `a_k = b_k/(2k + 1)` with `b_k = b_{k−1} (k − ½)/k`.
static SERIES: [f64; TERMS] = series();

const fn series() -> [f64; TERMS] {
    let mut series = [0.0; TERMS];
    let mut b = 1.0;
    let mut k = 1;
    while k <= TERMS {
        let n = k as f64;
        b *= (n - 0.5) / n;
        series[k - 1] = b / (2.0 * n + 1.0);
        k += 1;
    }
    series
}

/// Numbers at a time: several registers, so that no sum waits for itself.
const LANES: usize = 16;

/// Replaces numbers in `[−1, 1]` by `factor` times their inverse sines. Accuracy: 3e-16 of each.
pub(super) fn replace(numbers: &mut [f64], factor: f64) {
    pulp::Arch::new().dispatch(Replace { numbers, factor });
}

struct Replace<'a> {
    numbers: &'a mut [f64],
    factor: f64,
}

// Not a closure, as in `arc_cosine`.
impl NullaryFnOnce for Replace<'_> {
    type Output = ();

    #[allow(clippy::inline_always)]
    #[inline(always)]
    fn call(self) {
        let Self { numbers, factor } = self;
        let (blocks, rest) = numbers.as_chunks_mut::<LANES>();
        for block in blocks {
            *block = scaled(block, factor);
        }
        let mut last = [0.0; LANES];
        last[..rest.len()].copy_from_slice(rest);
        rest.copy_from_slice(&scaled(&last, factor)[..rest.len()]);
    }
}

#[allow(clippy::inline_always)]
#[inline(always)]
fn scaled(block: &[f64; LANES], factor: f64) -> [f64; LANES] {
    let mut squares = [0.0; LANES];
    let mut roots = [0.0; LANES];
    for (lane, u) in block.iter().enumerate() {
        let size = u.abs();
        let beyond = 0.5 * (1.0 - size);
        squares[lane] = if size <= 0.5 { size * size } else { beyond };
        roots[lane] = if size <= 0.5 { size } else { beyond.sqrt() };
    }
    let mut sum = [0.0; LANES];
    for coefficient in SERIES.iter().rev() {
        for (sum, square) in sum.iter_mut().zip(&squares) {
            *sum = *sum * square + coefficient;
        }
    }
    let mut values = [0.0; LANES];
    for (lane, u) in block.iter().enumerate() {
        let sine = roots[lane] + roots[lane] * squares[lane] * sum[lane];
        let value = if u.abs() <= 0.5 { sine } else { FRAC_PI_2 - 2.0 * sine };
        values[lane] = factor * value.copysign(*u);
    }
    values
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The standard library is right to half a unit in the last place.
    #[test]
    fn it_is_the_inverse_sine() {
        let mut numbers: Vec<f64> = (-1000..=1000).map(|k| f64::from(k) / 1000.0).collect();
        numbers.extend([1e-300, -1e-8, 0.5 + 1e-15, 0.5 - 1e-15, 1.0 - 1e-12, 1.0 - 1e-16, -0.0]);
        let mut values = numbers.clone();
        replace(&mut values, 1.0);
        for (value, u) in values.iter().zip(&numbers) {
            assert!((value - u.asin()).abs() <= 3e-16 * u.asin().abs(), "{u}: {value}");
        }
        assert_eq!((values[0], values[1000], values[2000]), (-FRAC_PI_2, 0.0, FRAC_PI_2));
        let mut few = [0.3, -0.7];
        replace(&mut few, 2.0);
        assert_eq!(few, [2.0 * values[1300], 2.0 * values[300]]);
    }
}
