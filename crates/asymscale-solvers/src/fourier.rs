//! Coefficients of a power series from its values on a circle.

use num_complex::Complex64;
use std::f64::consts::TAU;

/// `Σ_l values_l e^{−2πi l m/n}` for `m = 0…n−1`, `n` a power of two: the radix-2 transform of Cooley & Tukey.
pub(crate) fn transform(values: &mut [Complex64]) {
    let n: usize = values.len();
    debug_assert!(n.is_power_of_two());
    let shift = usize::BITS - n.trailing_zeros().max(1);
    for k in 0..n {
        let swapped = if n == 1 { 0 } else { usize::reverse_bits(k) >> shift };
        if swapped > k {
            values.swap(k, swapped);
        }
    }
    let mut length = 2;
    while length <= n {
        let half = length / 2;
        let turns: Vec<Complex64> =
            (0..half).map(|k| Complex64::cis(-TAU * k as f64 / length as f64)).collect();
        for block in values.chunks_exact_mut(length) {
            let (even, odd) = block.split_at_mut(half);
            for ((even, odd), turn) in even.iter_mut().zip(odd).zip(&turns) {
                let turned = *odd * turn;
                (*even, *odd) = (*even + turned, *even - turned);
            }
        }
        length *= 2;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_the_sum_it_says() {
        for n in [1_usize, 2, 8, 64] {
            let values: Vec<Complex64> =
                (0..n).map(|k| Complex64::new((k as f64).sin(), (2.0 * k as f64).cos())).collect();
            let mut fast = values.clone();
            transform(&mut fast);
            for (m, fast) in fast.iter().enumerate() {
                let turn = |l: usize| Complex64::cis(-TAU * (l * m) as f64 / n as f64);
                let slow: Complex64 = values.iter().enumerate().map(|(l, v)| v * turn(l)).sum();
                assert!((fast - slow).norm() < 1e-13 * n as f64); // rounding
            }
        }
    }
}
