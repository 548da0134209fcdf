//! Elementary functions of several complex numbers side by side, accurate also for small arguments,
//! where they are series: these are what the time of gradient flow is spent on.

use num_complex::Complex64;
use std::array::from_fn;

/// Numbers side by side.
pub(super) const LANES: usize = 4;

/// Below this square of the modulus `e^z − 1` is a series.
const SMALL: f64 = 2.5e-3;
/// Coefficients of `(e^z − 1)/z`, from the last; the next term is below `SMALL^{9/2}/10!` = 5e-19.
const EXPONENTIAL: [f64; 9] = [
    1.0 / 362880.0,
    1.0 / 40320.0,
    1.0 / 5040.0,
    1.0 / 720.0,
    1.0 / 120.0,
    1.0 / 24.0,
    1.0 / 6.0,
    0.5,
    1.0,
];
/// Below this square of the modulus the last five of them are enough, and a logarithm is a series.
const TINY: f64 = 1e-6;
const FEW: usize = 5;
/// Coefficients of `ln(1 + z)/z`, from the last; the next term is below `TINY³/7` = 1e-19.
const LOGARITHM: [f64; 6] = [-1.0 / 6.0, 0.2, -0.25, 1.0 / 3.0, -0.5, 1.0];

/// Complex numbers side by side.
#[derive(Debug, Clone, Copy)]
pub(super) struct Block {
    re: [f64; LANES],
    im: [f64; LANES],
}

impl Block {
    pub(super) const ZERO: Self = Self { re: [0.0; LANES], im: [0.0; LANES] };

    /// `z r` for each real `r`.
    #[inline]
    pub(super) fn along(z: Complex64, radii: &[f64; LANES]) -> Self {
        Self { re: radii.map(|r| z.re * r), im: radii.map(|r| z.im * r) }
    }

    #[inline]
    pub(super) fn times(&self, other: &Self) -> Self {
        Self {
            re: from_fn(|l| self.re[l] * other.re[l] - self.im[l] * other.im[l]),
            im: from_fn(|l| self.re[l] * other.im[l] + self.im[l] * other.re[l]),
        }
    }

    #[inline]
    pub(super) fn plus(&self, other: &Self) -> Self {
        Self {
            re: from_fn(|l| self.re[l] + other.re[l]),
            im: from_fn(|l| self.im[l] + other.im[l]),
        }
    }

    #[inline]
    pub(super) fn plus_one(&self) -> Self {
        Self { re: self.re.map(|re| re + 1.0), im: self.im }
    }

    #[inline]
    pub(super) fn scaled(&self, factor: f64) -> Self {
        Self { re: self.re.map(|re| re * factor), im: self.im.map(|im| im * factor) }
    }

    #[inline]
    pub(super) fn conjugate(&self) -> Self {
        Self { re: self.re, im: self.im.map(|im| -im) }
    }

    /// With the first number times `factor`.
    pub(super) fn with_first(mut self, factor: f64) -> Self {
        self.re[0] *= factor;
        self.im[0] *= factor;
        self
    }

    #[inline]
    pub(super) fn inverse(&self) -> Self {
        let squares = self.square_norms();
        Self { re: from_fn(|l| self.re[l] / squares[l]), im: from_fn(|l| -self.im[l] / squares[l]) }
    }

    /// The square root, for `Re z > 0`.
    #[inline]
    pub(super) fn sqrt(&self) -> Self {
        let squares = self.square_norms();
        let re = from_fn(|l| (0.5 * (self.re[l] + squares[l].sqrt())).sqrt());
        Self { re, im: from_fn(|l| 0.5 * self.im[l] / re[l]) }
    }

    /// `ln(1 + z)`.
    #[inline]
    pub(super) fn ln_1p(&self) -> Self {
        if self.is_within(TINY) {
            return self.times(&self.polynomial(&LOGARITHM));
        }
        self.each(|re, im| (0.5 * (re * (2.0 + re) + im * im).ln_1p(), im.atan2(1.0 + re)))
    }

    /// `e^z − 1`.
    #[inline]
    pub(super) fn exp_m1(&self) -> Self {
        if self.is_within(TINY) {
            return self.times(&self.polynomial(&EXPONENTIAL[EXPONENTIAL.len() - FEW..]));
        }
        if self.is_within(SMALL) {
            return self.times(&self.polynomial(&EXPONENTIAL));
        }
        self.each(|re, im| {
            let (sin, cos) = (0.5 * im).sin_cos();
            let (growth, turned) = (re.exp_m1(), 2.0 * sin * sin);
            (growth * (1.0 - turned) - turned, (1.0 + growth) * (2.0 * sin * cos))
        })
    }

    /// `e^z`.
    #[inline]
    pub(super) fn exp(&self) -> Self {
        if self.is_within(SMALL) {
            return self.exp_m1().plus_one();
        }
        self.each(|re, im| {
            let (sin, cos) = im.sin_cos();
            let size = re.exp();
            (size * cos, size * sin)
        })
    }

    pub(super) fn sum(&self) -> Complex64 {
        Complex64::new(self.re.iter().sum(), self.im.iter().sum())
    }

    #[inline]
    fn square_norms(&self) -> [f64; LANES] {
        from_fn(|l| self.re[l] * self.re[l] + self.im[l] * self.im[l])
    }

    #[inline]
    fn is_within(&self, square: f64) -> bool {
        self.square_norms().into_iter().all(|norm| norm < square)
    }

    #[inline]
    fn each(&self, function: impl Fn(f64, f64) -> (f64, f64)) -> Self {
        let mut values = Self::ZERO;
        for l in 0..LANES {
            (values.re[l], values.im[l]) = function(self.re[l], self.im[l]);
        }
        values
    }

    /// By Horner's rule, the last coefficient first.
    #[inline]
    fn polynomial(&self, coefficients: &[f64]) -> Self {
        let mut sum = Self::ZERO;
        for c in coefficients {
            sum = sum.times(self);
            sum.re = sum.re.map(|re| re + c);
        }
        sum
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn block(z: Complex64) -> Block {
        Block::along(z, &[1.0; LANES])
    }

    fn first(block: &Block) -> Complex64 {
        Complex64::new(block.re[0], block.im[0])
    }

    /// Against functions that do not care for small arguments.
    #[test]
    fn functions_are_those_of_the_library() {
        for modulus in [1e-4, 1e-2, 0.0499, 0.0501, 0.7, 30.0] {
            for angle in [-1.5, -0.3, 0.0, 0.9, 1.57] {
                let z = Complex64::from_polar(modulus, angle);
                let close = |a: Block, b: Complex64, size: f64| {
                    assert!((first(&a) - b).norm() < 4.0 * f64::EPSILON * size, "{z} {a:?} {b}");
                };
                let growth = z.re.exp().max(1.0) * (1.0 + modulus);
                close(block(z).exp_m1(), z.exp() - 1.0, growth);
                close(block(z).exp(), z.exp(), growth);
                close(block(z).ln_1p(), (1.0 + z).ln(), 1.0 + modulus.ln().abs());
                close(block(1.0 + z).sqrt(), (1.0 + z).sqrt(), (1.0 + modulus).sqrt());
                close(block(z).inverse(), z.inv(), modulus.recip());
            }
        }
    }

    #[test]
    fn small_arguments_keep_their_digits() {
        for size in [1e-12, 1e-6] {
            let z = Complex64::new(size, -2.0 * size);
            let (second, third) = (z * z / 2.0, z * z * z / 6.0);
            let close = |a: Block, b: Complex64| (first(&a) / b - 1.0).norm() < 1e-15;
            assert!(close(block(z).exp_m1(), z + second + third));
            assert!(close(block(z).ln_1p(), z - second + 2.0 * third));
        }
    }

    /// On both sides of where series begin.
    #[test]
    fn formulas_agree_where_they_meet() {
        type Function = fn(&Block) -> Block;
        let exp_m1: Function = Block::exp_m1;
        for (square, function) in [(SMALL, exp_m1), (TINY, exp_m1), (TINY, Block::ln_1p)] {
            for angle in [0.0, 0.8, 2.0] {
                let at = |share: f64| {
                    let z = Complex64::from_polar(square.sqrt() * share, angle);
                    first(&function(&block(z))) / z
                };
                // What they change by themselves is below 1e-14.
                let (below, above) = (at(1.0 - 1e-14), at(1.0 + 1e-14));
                assert!((below / above - 1.0).norm() < 2e-15, "{square} {angle}");
            }
        }
    }

    #[test]
    fn lanes_do_not_mix() {
        let radii = [0.01, 0.3, 2.0, 5.0];
        let z = Complex64::new(0.6, 0.8);
        let all = Block::along(z, &radii);
        let function = |block: &Block| block.exp_m1().plus(&block.ln_1p()).times(&block.sqrt());
        let together = function(&all);
        for (l, radius) in radii.into_iter().enumerate() {
            let alone = first(&function(&block(z * radius)));
            let here = Complex64::new(together.re[l], together.im[l]);
            assert!((here / alone - 1.0).norm() < 4.0 * f64::EPSILON, "{l}");
        }
        let sum = together.sum();
        let parts: f64 = together.re.iter().sum();
        assert_eq!(sum.re, parts);
    }
}
