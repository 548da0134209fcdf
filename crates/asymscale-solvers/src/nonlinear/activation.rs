//! Activations, and their kernels at infinitely many features.

use super::arc_cosine;
use crate::SolverError;
use statrs::function::erf::erf;
use std::f64::consts::{FRAC_1_SQRT_2, PI};
use std::slice;
use std::{fmt, str::FromStr};

/// The slope of the leaky `ReLU` below 0.
const LEAK: f64 = 0.01;

/// The activation `s` of random features `φ_j(x) = s(f_j·x)/√N`, `f_j ~ N(0, I)`.
///
/// So `f·x ~ N(0, |x|²)`, of order 1 as `E|x|² = ζ(1+α)`. Tanh, erf and GELU saturate for large
/// inputs and are nearly linear for small ones: the scale of the weights matters to them
/// ([`Nonlinear`](crate::Nonlinear)).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Activation {
    /// `s(u) = u`: linear features.
    #[default]
    Identity,
    /// `max(u, 0)`.
    Relu,
    /// `max(u, 0.01 u)`.
    LeakyRelu,
    /// Hyperbolic tangent.
    Tanh,
    /// Error function.
    Erf,
    /// `u Φ(u)`, `Φ` the normal distribution (Hendrycks & Gimpel 2016, arXiv 1606.08415).
    Gelu,
}

impl Activation {
    /// All of them.
    pub const ALL: [Self; 6] =
        [Self::Identity, Self::Relu, Self::LeakyRelu, Self::Tanh, Self::Erf, Self::Gelu];

    /// Its name on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::Identity => "identity",
            Self::Relu => "relu",
            Self::LeakyRelu => "leaky-relu",
            Self::Tanh => "tanh",
            Self::Erf => "erf",
            Self::Gelu => "gelu",
        }
    }

    /// The weight of `x·x′` in the kernel, where the rest of it is even: `s(u) = s_1 u + even`, and
    /// this is `s_1²`.
    ///
    /// ```
    /// use asymscale_solvers::Activation;
    /// assert_eq!(Activation::Relu.linear_part(), Some(0.25));
    /// assert_eq!(Activation::Tanh.linear_part(), None);
    /// ```
    pub fn linear_part(self) -> Option<f64> {
        match self {
            Self::Identity => Some(1.0),
            Self::Relu => Some(0.25),
            Self::LeakyRelu => Some((0.5 * (1.0 + LEAK)).powi(2)),
            Self::Tanh | Self::Erf | Self::Gelu => None,
        }
    }

    /// `s(u)`.
    pub fn apply(self, u: f64) -> f64 {
        match self {
            Self::Identity => u,
            Self::Relu => u.max(0.0),
            Self::LeakyRelu => u.max(LEAK * u),
            Self::Tanh => u.tanh(),
            Self::Erf => erf(u),
            Self::Gelu => 0.5 * u * (1.0 + erf(u * FRAC_1_SQRT_2)),
        }
    }

    /// `k = E_f[s(f·x) s(f·x′)]` from `x·x′`, `|x|` and `|x′|`, where it is known in closed form.
    ///
    /// Identity: `x·x′`. `ReLU`: `|x||x′| κ(θ)`, `κ(θ) = (sin θ + (π − θ) cos θ)/2π`, the
    /// arc-cosine kernel of order 1 (Cho & Saul 2009); with slope `a` below 0,
    /// `(1 + a²) κ(θ) − 2a κ(π − θ)`. Erf: `(2/π) arcsin(2 x·x′/√((1 + 2|x|²)(1 + 2|x′|²)))`
    /// (Williams 1998, doi:10.1162/089976698300017412). Accuracy: a few ulp of `|x||x′|`.
    ///
    /// ```
    /// use asymscale_solvers::Activation;
    /// // A feature is positive half of the time: k(x, x) = |x|²/2.
    /// assert!((Activation::Relu.kernel(4.0, 2.0, 2.0).unwrap() - 2.0).abs() < 1e-15);
    /// assert_eq!(Activation::Gelu.kernel(4.0, 2.0, 2.0), None);
    /// ```
    pub fn kernel(self, dot: f64, norm: f64, other: f64) -> Option<f64> {
        let mut entry = dot;
        self.kernels(slice::from_mut(&mut entry), &[norm], other).then_some(entry)
    }

    /// `x·x′` for a column of `x` with their norms is replaced by `k`. Returns false and changes
    /// nothing where `k` is not known.
    pub(super) fn kernels(self, dots: &mut [f64], norms: &[f64], other: f64) -> bool {
        match self {
            Self::Identity => {}
            Self::Relu => arc_cosine::replace(dots, norms, other, 0.0),
            Self::LeakyRelu => arc_cosine::replace(dots, norms, other, LEAK),
            Self::Erf => {
                for (dot, norm) in dots.iter_mut().zip(norms) {
                    let scale = ((1.0 + 2.0 * norm * norm) * (1.0 + 2.0 * other * other)).sqrt();
                    *dot = 2.0 / PI * (2.0 * *dot / scale).clamp(-1.0, 1.0).asin();
                }
            }
            Self::Tanh | Self::Gelu => return false,
        }
        true
    }
}

impl fmt::Display for Activation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for Activation {
    type Err = SolverError;

    fn from_str(word: &str) -> Result<Self, SolverError> {
        let found = Self::ALL.into_iter().find(|activation| activation.name() == word);
        found.ok_or_else(|| SolverError::Activation(word.to_owned()))
    }
}
