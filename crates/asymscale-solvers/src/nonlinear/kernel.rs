//! Kernels of infinitely many features, and kernels of the derivative of an activation, in closed
//! form.
//!
//! In the comments `A = |x|²`, `B = |x′|²` and `C = x·x′`: equations (S29) and (S31) to (S34) of
//! [`derivations`](crate::derivations).

use super::activation::{Activation, LEAK};
use super::{arc_cosine, arc_sine};
use std::f64::consts::{FRAC_2_SQRT_PI, PI, TAU};

/// `x·x′` for a column of `x` with their norms is replaced by `k`.
///
/// # Panics
/// If the kernel has no closed form.
pub(super) fn replace(activation: Activation, dots: &mut [f64], norms: &[f64], other: f64) {
    match activation {
        Activation::Identity => {}
        Activation::Relu => arc_cosine::replace(dots, norms, other, 0.0),
        Activation::LeakyRelu => arc_cosine::replace(dots, norms, other, LEAK),
        Activation::Erf => {
            // As wide as the processor's registers.
            pulp::Arch::new().dispatch(
                #[inline(always)]
                || each(dots, norms, other, sine),
            );
            arc_sine::replace(dots, 2.0 / PI);
        }
        Activation::Gelu => each(dots, norms, other, gelu),
        Activation::Sin => each(dots, norms, other, sin),
        Activation::IdentityErf(weight) => each(dots, norms, other, |dot, norm, other| {
            let cross = FRAC_2_SQRT_PI * (root(norm) + root(other));
            dot * (1.0 + weight * cross) + weight * weight * erf(dot, norm, other)
        }),
        Activation::IdentitySin(weight) => each(dots, norms, other, |dot, norm, other| {
            let cross = damping(norm) + damping(other);
            dot * (1.0 + weight * cross) + weight * weight * sin(dot, norm, other)
        }),
        _ => unreachable!("{activation} has no kernel in closed form"),
    }
}

/// The same for `E s′(f·x) s′(f·x′) = dk/dC`.
///
/// # Panics
/// If the kernel has no closed form.
pub(super) fn replace_derivative(
    activation: Activation,
    dots: &mut [f64],
    norms: &[f64],
    other: f64,
) {
    match activation {
        Activation::Identity => dots.fill(1.0),
        Activation::Relu => {
            each(dots, norms, other, |dot, norm, other| step(dot, norm, other, 0.0));
        }
        Activation::LeakyRelu => {
            each(dots, norms, other, |dot, norm, other| step(dot, norm, other, LEAK));
        }
        Activation::Erf => each(dots, norms, other, erf_derivative),
        Activation::Gelu => each(dots, norms, other, gelu_derivative),
        Activation::Sin => each(dots, norms, other, cos),
        Activation::IdentityErf(weight) => each(dots, norms, other, |dot, norm, other| {
            let cross = FRAC_2_SQRT_PI * (root(norm) + root(other));
            1.0 + weight * cross + weight * weight * erf_derivative(dot, norm, other)
        }),
        Activation::IdentitySin(weight) => each(dots, norms, other, |dot, norm, other| {
            1.0 + weight * (damping(norm) + damping(other))
                + weight * weight * cos(dot, norm, other)
        }),
        _ => unreachable!("{activation} has no kernel in closed form"),
    }
}

// Must become part of a caller that is compiled for the processor's registers.
#[allow(clippy::inline_always)]
#[inline(always)]
fn each(dots: &mut [f64], norms: &[f64], other: f64, kernel: impl Fn(f64, f64, f64) -> f64) {
    for (dot, norm) in dots.iter_mut().zip(norms) {
        *dot = kernel(*dot, *norm, other);
    }
}

/// `(2/π) arcsin(2C/√((1 + 2A)(1 + 2B)))`.
fn erf(dot: f64, norm: f64, other: f64) -> f64 {
    2.0 / PI * sine(dot, norm, other).asin()
}

/// `2C/√((1 + 2A)(1 + 2B))`.
#[allow(clippy::inline_always)]
#[inline(always)]
fn sine(dot: f64, norm: f64, other: f64) -> f64 {
    let scale = ((1.0 + 2.0 * norm * norm) * (1.0 + 2.0 * other * other)).sqrt();
    (2.0 * dot / scale).clamp(-1.0, 1.0)
}

/// `(4/π)/√(1 + 2A + 2B + 4(AB − C²))`.
fn erf_derivative(dot: f64, norm: f64, other: f64) -> f64 {
    let area = ((norm * other - dot) * (norm * other + dot)).max(0.0);
    4.0 / PI / (1.0 + 2.0 * (norm * norm + other * other) + 4.0 * area).sqrt()
}

/// `1/√(1 + 2A)`: `E erf′(f·x)` is `2/√π` times this.
fn root(norm: f64) -> f64 {
    (1.0 + 2.0 * norm * norm).sqrt().recip()
}

/// `e^{−A/2} = E cos f·x`.
fn damping(norm: f64) -> f64 {
    (-0.5 * norm * norm).exp()
}

/// `e^{−(A+B)/2} sinh C`.
fn sin(dot: f64, norm: f64, other: f64) -> f64 {
    let size = dot.abs();
    let near = (size - 0.5 * (norm * norm + other * other)).exp();
    (-0.5 * near * (-2.0 * size).exp_m1()).copysign(dot)
}

/// `e^{−(A+B)/2} cosh C`.
fn cos(dot: f64, norm: f64, other: f64) -> f64 {
    let size = dot.abs();
    let near = (size - 0.5 * (norm * norm + other * other)).exp();
    0.5 * near * (1.0 + (-2.0 * size).exp())
}

/// With slope `a` below 0 `((1 + a)/2)² + ((1 − a)/2)² (2/π) arcsin(C/√(AB))`.
fn step(dot: f64, norm: f64, other: f64, leak: f64) -> f64 {
    let both = norm * other;
    let cosine = if both > 0.0 { (dot / both).clamp(-1.0, 1.0) } else { 0.0 };
    let (even, odd) = (0.5 * (1.0 + leak), 0.5 * (1.0 - leak));
    even * even + odd * odd * (2.0 / PI) * cosine.asin()
}

/// What the kernels of GELU share: with `Q = (1 + A)(1 + B)`, `Δ = Q − C²` and `1 − AB`, the
/// probability that two normal numbers are positive, `¼ + arcsin(C/√Q)/2π`.
struct Quadrant {
    probability: f64,
    whole: f64,
    area: f64,
    rest: f64,
    squares: f64,
}

impl Quadrant {
    fn new(dot: f64, norm: f64, other: f64) -> Self {
        let (a, b) = (norm * norm, other * other);
        let whole = (1.0 + a) * (1.0 + b);
        let area = 1.0 + a + b + ((norm * other - dot) * (norm * other + dot)).max(0.0);
        let probability = 0.25 + (dot / whole.sqrt()).clamp(-1.0, 1.0).asin() / TAU;
        Self { probability, whole, area, rest: 1.0 - a * b, squares: a * b }
    }

    /// `AB + C²(1 − AB)/Q`.
    fn numerator(&self, dot: f64) -> f64 {
        self.squares + dot * dot * self.rest / self.whole
    }
}

/// `C (¼ + arcsin(C/√Q)/2π) + [AB + C²(1 − AB)/Q]/(2π√Δ)`.
fn gelu(dot: f64, norm: f64, other: f64) -> f64 {
    let quadrant = Quadrant::new(dot, norm, other);
    dot * quadrant.probability + quadrant.numerator(dot) / (TAU * quadrant.area.sqrt())
}

/// The derivative of [`gelu`] along `C`.
fn gelu_derivative(dot: f64, norm: f64, other: f64) -> f64 {
    let quadrant = Quadrant::new(dot, norm, other);
    let Quadrant { probability, whole, area, rest, .. } = quadrant;
    let first = 1.0 + 2.0 * rest / whole + quadrant.numerator(dot) / area;
    probability + dot * first / (TAU * area.sqrt())
}
