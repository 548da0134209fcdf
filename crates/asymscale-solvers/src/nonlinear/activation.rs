//! Activations: what they are called, what they do to a number, and which part of them is linear.

use super::given::GivenActivation;
use super::{kernel, series};
use crate::SolverError;
use statrs::function::erf::erf;
use std::f64::consts::FRAC_1_SQRT_2;
use std::{fmt, str::FromStr};

/// The slope of the leaky `ReLU` below 0.
pub(super) const LEAK: f64 = 0.01;

/// The activation `s` of random features `φ_j(x) = s(f_j·x)/√N`, `f_j ~ N(0, I)`.
///
/// So `f·x ~ N(0, |x|²)`, of order 1 as `E|x|² = ζ(1+α)`. All but the identity, `ReLU` and leaky
/// `ReLU` are nearly linear for small inputs and something else for large ones: the scale of the
/// weights matters to them ([`Nonlinear`](crate::Nonlinear)).
///
/// ```
/// use asymscale_solvers::Activation;
/// let silu: Activation = "silu".parse()?;
/// assert!((silu.apply(2.0) - silu.apply(-2.0) - 2.0).abs() < 1e-15);
/// let half: Activation = "identity+0.5*erf".parse()?;
/// assert_eq!((half, half.to_string().as_str()), (Activation::IdentityErf(0.5), "identity+0.5*erf"));
/// # Ok::<(), asymscale_solvers::SolverError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Default)]
#[non_exhaustive]
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
    /// `u/(1 + e^{−u})` (Elfwing, Uchibe & Doya 2018, arXiv 1702.03118).
    Silu,
    /// `ln(1 + e^u)`.
    Softplus,
    /// `sin u`.
    Sin,
    /// `1/(1 + e^{−u})`.
    Sigmoid,
    /// `u + w erf(u)` with a finite weight `w`, in one unit; its odd part is not linear. For linear
    /// units beside those of erf see [`Nonlinear::path`](crate::Nonlinear::path).
    IdentityErf(f64),
    /// `u + w sin(u)`, likewise.
    IdentitySin(f64),
    /// One given by its user: [`Activation::given`].
    Given(GivenActivation),
}

impl Activation {
    /// All that have a name of their own, the weights of those with one at 1.
    pub const ALL: [Self; 12] = [
        Self::Identity,
        Self::Relu,
        Self::LeakyRelu,
        Self::Tanh,
        Self::Erf,
        Self::Gelu,
        Self::Silu,
        Self::Softplus,
        Self::Sin,
        Self::Sigmoid,
        Self::IdentityErf(1.0),
        Self::IdentitySin(1.0),
    ];

    /// An activation given as a function, under a name for tables and errors.
    ///
    /// The function is kept until the program ends, so that activations stay plain values: give one
    /// once, not in a loop. Two are equal if they are copies of one. Kernels of infinitely many
    /// features are found as those of tanh are ([`Activation::kernel`]), which takes a function
    /// that is analytic near the real line; of a function with a kink, such as a clipped one, only
    /// finitely many features can be had.
    ///
    /// ```
    /// use asymscale_solvers::Activation;
    /// let slope = 0.3;
    /// let bent = Activation::given("bent", move |u: f64| slope * u + u * u / (1.0 + u * u));
    /// assert_eq!((bent.name(), bent.apply(1.0)), ("bent", 0.8));
    /// // Its odd part is linear.
    /// assert!((bent.linear_part().unwrap() - 0.09).abs() < 1e-12);
    /// ```
    pub fn given(
        name: &'static str,
        function: impl Fn(f64) -> f64 + Send + Sync + 'static,
    ) -> Self {
        Self::Given(GivenActivation::new(name, function))
    }

    /// Its name on the command line; of those with a weight, that of weight 1.
    pub fn name(self) -> &'static str {
        match self {
            Self::Identity => "identity",
            Self::Relu => "relu",
            Self::LeakyRelu => "leaky-relu",
            Self::Tanh => "tanh",
            Self::Erf => "erf",
            Self::Gelu => "gelu",
            Self::Silu => "silu",
            Self::Softplus => "softplus",
            Self::Sin => "sin",
            Self::Sigmoid => "sigmoid",
            Self::IdentityErf(_) => "identity+erf",
            Self::IdentitySin(_) => "identity+sin",
            Self::Given(given) => given.name(),
        }
    }

    /// The weight of `x·x′` in the kernel, where the rest of it is even: `s(u) = s_1 u + even`, and
    /// this is `s_1²`. Exact; of a given activation to 1e-12, as found on 600 points up to
    /// `u = 30`.
    ///
    /// ```
    /// use asymscale_solvers::Activation;
    /// assert_eq!(Activation::Relu.linear_part(), Some(0.25));
    /// // x Φ(x) = x/2 + an even function.
    /// assert_eq!(Activation::Gelu.linear_part(), Some(0.25));
    /// assert_eq!(Activation::Tanh.linear_part(), None);
    /// ```
    pub fn linear_part(self) -> Option<f64> {
        match self {
            Self::Identity => Some(1.0),
            Self::Relu | Self::Gelu | Self::Silu | Self::Softplus => Some(0.25),
            Self::LeakyRelu => Some((0.5 * (1.0 + LEAK)).powi(2)),
            Self::IdentityErf(weight) | Self::IdentitySin(weight) => (weight == 0.0).then_some(1.0),
            Self::Tanh | Self::Erf | Self::Sin | Self::Sigmoid => None,
            Self::Given(given) => given.linear_part(),
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
            Self::Silu => 0.5 * u * (1.0 + (0.5 * u).tanh()),
            Self::Softplus => u.max(0.0) + (-u.abs()).exp().ln_1p(),
            Self::Sin => u.sin(),
            Self::Sigmoid => 0.5 * (1.0 + (0.5 * u).tanh()),
            Self::IdentityErf(weight) => u + weight * erf(u),
            Self::IdentitySin(weight) => u + weight * u.sin(),
            Self::Given(given) => given.apply(u),
        }
    }

    /// `(s(u), s(−u))`, to the bit, at the cost of one where both follow from one hyperbolic
    /// tangent.
    pub(super) fn both(self, u: f64) -> (f64, f64) {
        match self {
            Self::Tanh => {
                let tanh = u.tanh();
                (tanh, -tanh)
            }
            Self::Silu => {
                let tanh = (0.5 * u).tanh();
                (0.5 * u * (1.0 + tanh), 0.5 * -u * (1.0 - tanh))
            }
            Self::Sigmoid => {
                let tanh = (0.5 * u).tanh();
                (0.5 * (1.0 + tanh), 0.5 * (1.0 - tanh))
            }
            _ => (self.apply(u), self.apply(-u)),
        }
    }

    /// `k = E_f[s(f·x) s(f·x′)]` from `x·x′`, `|x|` and `|x′|`: equations (S29) and (S31) to (S33)
    /// of [`derivations`](crate::derivations).
    ///
    /// In closed form, to a few ulp of `|x||x′|`, for all but tanh, sigmoid, `SiLU`, softplus and
    /// given activations. Of those by their Hermite series, to 1e-6 of `√(k(x,x) k(x′,x′))` at
    /// worst and 1e-12 where both norms are below the limit; `None` where `|x|` is not (some 7 for
    /// tanh, 14 for the others that have a name). The series is that of `|x|`, so that the first
    /// norm should be the smaller one.
    ///
    /// ```
    /// use asymscale_solvers::Activation;
    /// // A feature is positive half of the time: k(x, x) = |x|²/2.
    /// assert!((Activation::Relu.kernel(4.0, 2.0, 2.0).unwrap() - 2.0).abs() < 1e-15);
    /// // Of small inputs all features are linear.
    /// assert!((Activation::Tanh.kernel(1e-8, 1e-4, 1e-4).unwrap() / 1e-8 - 1.0).abs() < 1e-7);
    /// assert_eq!(Activation::Tanh.kernel(1e4, 100.0, 100.0), None);
    /// ```
    pub fn kernel(self, dot: f64, norm: f64, other: f64) -> Option<f64> {
        let mut entry = [dot];
        if self.has_closed_kernel() {
            kernel::replace(self, &mut entry, &[norm], other);
        } else {
            let (own, others) = series::pair(self, norm, other).ok()?;
            own.replace(&mut entry, 0, &others, 0);
        }
        Some(entry[0])
    }

    /// `E_f[s′(f·x) s′(f·x′)]`, the derivative of the kernel along `x·x′`: what the features of a
    /// coordinate too small to change `|x|` see of the others, equation (S34). Accuracy
    /// and domain as for [`Activation::kernel`].
    ///
    /// ```
    /// use asymscale_solvers::Activation;
    /// let (step, [dot, norm, other]) = (1e-5, [0.3, 0.9, 1.2]);
    /// for activation in Activation::ALL {
    ///     let kernel = |dot| activation.kernel(dot, norm, other).unwrap();
    ///     let slope = (kernel(dot + step) - kernel(dot - step)) / (2.0 * step);
    ///     let exact = activation.derivative_kernel(dot, norm, other).unwrap();
    ///     // Of third derivatives some 1e-10, of rounding some 1e-11.
    ///     assert!((slope - exact).abs() < 1e-9, "{activation}: {slope} {exact}");
    /// }
    /// ```
    pub fn derivative_kernel(self, dot: f64, norm: f64, other: f64) -> Option<f64> {
        let mut entry = [dot];
        if self.has_closed_kernel() {
            kernel::replace_derivative(self, &mut entry, &[norm], other);
        } else {
            let (own, others) = series::pair(self, norm, other).ok()?;
            own.derivative().replace(&mut entry, 0, &others.derivative(), 0);
        }
        Some(entry[0])
    }

    /// Whether its kernel has a closed form. The series that others take costs up to 26 kB for each
    /// sample and test input, and some hundred operations for each pair.
    ///
    /// ```
    /// use asymscale_solvers::Activation;
    /// assert!(Activation::Gelu.has_closed_kernel() && !Activation::Silu.has_closed_kernel());
    /// ```
    pub fn has_closed_kernel(self) -> bool {
        !matches!(self, Self::Tanh | Self::Sigmoid | Self::Silu | Self::Softplus | Self::Given(_))
    }

    /// `s(c u) = c s(u)` for `c > 0`.
    pub(super) fn is_homogeneous(self) -> bool {
        matches!(self, Self::Identity | Self::Relu | Self::LeakyRelu)
    }

    /// The weight of those that have one.
    pub(super) fn weight(self) -> Option<f64> {
        match self {
            Self::IdentityErf(weight) | Self::IdentitySin(weight) => Some(weight),
            _ => None,
        }
    }
}

impl fmt::Display for Activation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.weight() {
            Some(weight) if weight != 1.0 => {
                f.pad(&self.name().replace('+', &format!("+{weight}*")))
            }
            _ => f.pad(self.name()),
        }
    }
}

impl FromStr for Activation {
    type Err = SolverError;

    fn from_str(word: &str) -> Result<Self, SolverError> {
        let named = Self::ALL.into_iter().find(|activation| activation.name() == word);
        let found = named.or_else(|| weighted(word));
        found.ok_or_else(|| SolverError::Activation(word.to_owned()))
    }
}

/// `identity+W*erf` and `identity+W*sin`.
fn weighted(word: &str) -> Option<Activation> {
    let (weight, function) = word.strip_prefix("identity+")?.split_once('*')?;
    let weight = weight.parse::<f64>().ok().filter(|weight| weight.is_finite())?;
    match function {
        "erf" => Some(Activation::IdentityErf(weight)),
        "sin" => Some(Activation::IdentitySin(weight)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_signs_are_each_sign_to_the_bit() {
        for activation in Activation::ALL {
            for k in 1..=400 {
                let u = 0.037 * f64::from(k) * f64::from(k % 7 + 1);
                let (plus, minus) = activation.both(u);
                let each = (activation.apply(u), activation.apply(-u));
                assert_eq!((plus.to_bits(), minus.to_bits()), (each.0.to_bits(), each.1.to_bits()));
            }
        }
    }
}
