//! How the exponent in D is parametrised: free, equal to that in N, or a ratio to it.

use super::index::{ALPHA, BETA};
use super::symmetric::{Matrix, Vector};

/// How the exponent in D is parametrised: what the last internal parameter means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ExponentLink {
    /// `y` itself.
    Free,
    /// Nothing: `y = x`.
    Tied,
    /// `s`, with `y = x s`.
    Ratio,
}

impl ExponentLink {
    /// The exponent in D.
    #[inline]
    pub(crate) fn second_exponent(self, theta: &Vector) -> f64 {
        match self {
            Self::Free => theta[BETA],
            Self::Tied => theta[ALPHA],
            Self::Ratio => theta[ALPHA] * theta[BETA],
        }
    }

    /// From derivatives in `(e, a, b, x, y)` to those in the internal parameters.
    #[inline]
    pub(super) fn pull_back(self, theta: &Vector, gradient: &Vector) -> Vector {
        let [e, a, b, x, y] = *gradient;
        match self {
            Self::Free => *gradient,
            Self::Tied => [e, a, b, x + y, 0.0],
            Self::Ratio => [e, a, b, x + theta[BETA] * y, theta[ALPHA] * y],
        }
    }

    /// The same for second derivatives: `Jᵀ H J`, and `∂²y/∂x∂s = 1` times the slope in `y`.
    #[inline]
    pub(super) fn pull_back_twice(self, theta: &Vector, slope: f64, hessian: &Matrix) -> Matrix {
        let half: Matrix = hessian.map(|row| self.pull_back(theta, &row));
        let column = |j: usize| self.pull_back(theta, &std::array::from_fn(|i| half[i][j]));
        let mut whole: Matrix = std::array::from_fn(column);
        if self == Self::Ratio {
            whole[ALPHA][BETA] += slope;
            whole[BETA][ALPHA] += slope;
        }
        whole
    }
}
