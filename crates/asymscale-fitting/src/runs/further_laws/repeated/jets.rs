//! Numbers with their first and second derivatives in the parameters of the law of repeated data.

use super::problem::{Matrix, SIZE, V_N, Vector};
use super::saturation::Saturation;
use crate::runs::optimiser::index::{A, ALPHA, B, BETA};

/// A number with its derivatives.
pub(super) struct Jet {
    pub(super) value: f64,
    pub(super) gradient: Vector,
    pub(super) hessian: Matrix,
}

pub(super) const NOTHING: Jet =
    Jet { value: 0.0, gradient: [0.0; SIZE], hessian: [[0.0; SIZE]; SIZE] };

impl Jet {
    /// Adds `exp(amplitude − exponent·size)`, given the places of the two, and all (ascending) that
    /// it depends on.
    pub(super) fn add(
        &mut self,
        (p, x): (usize, usize),
        amplitude: f64,
        exponent: f64,
        size: &Self,
        on: &[usize],
    ) {
        let term = (amplitude - exponent * size.value).exp();
        // Derivatives of the logarithm of the term.
        let mut slope = size.gradient.map(|g| -exponent * g);
        slope[p] += 1.0;
        slope[x] -= size.value;
        self.value += term;
        for (at, &i) in on.iter().enumerate() {
            self.gradient[i] += term * slope[i];
            for &j in &on[at..] {
                self.hessian[i][j] += term * (slope[i] * slope[j] - exponent * size.hessian[i][j]);
            }
            let twice = if i == x { 2.0 } else { 1.0 };
            self.hessian[i.min(x)][i.max(x)] -= term * twice * size.gradient[i];
        }
    }
}

/// `ln U_N − c_N`, given as `value` for the centred logarithm `unique` of U, with its derivatives.
pub(super) fn balance(theta: &Vector, unique: f64, value: f64) -> Jet {
    let [_, _, _, x, y, ..] = *theta;
    let in_y = (unique - 1.0 / y) / x;
    let gradient = [0.0, 1.0 / x, -1.0 / x, (1.0 / x - value) / x, in_y, 0.0, 0.0];
    let mut hessian = [[0.0; SIZE]; SIZE];
    hessian[A][ALPHA] = -1.0 / (x * x);
    hessian[B][ALPHA] = 1.0 / (x * x);
    hessian[ALPHA][ALPHA] = (2.0 * value - 3.0 / x) / (x * x);
    hessian[ALPHA][BETA] = -in_y / x;
    hessian[BETA][BETA] = 1.0 / (x * y * y);
    Jet { value, gradient, hessian }
}

/// `balance + ln g(n − balance, v_N)`.
pub(super) fn effective_log_features(balance: &Jet, found: &Saturation) -> Jet {
    let moved = 1.0 - found.t;
    let mut gradient = balance.gradient.map(|g| moved * g);
    gradient[V_N] = found.v;
    let g = &balance.gradient;
    let mut hessian: Matrix = std::array::from_fn(|i| {
        std::array::from_fn(|j| moved * balance.hessian[i][j] + found.tt * g[i] * g[j])
    });
    for (row, slope) in hessian.iter_mut().zip(g) {
        row[V_N] = -found.tv * slope;
    }
    hessian[V_N][V_N] = found.vv;
    Jet { value: balance.value + found.value, gradient, hessian }
}
