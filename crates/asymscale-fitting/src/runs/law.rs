//! The laws of a loss in features N and samples D, and their parameters.

use serde::{Deserialize, Serialize};

/// A law of the loss of training runs. E, A, B and the exponents are >= 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Law {
    /// `E + A·N^−α + B·D^−β` (Hoffmann et al. 2022, arXiv 2203.15556, approach 3).
    #[default]
    Free,
    /// `E + A·N^−α + B·D^−α`: what dense features would give.
    Tied,
    /// `E + A·N^−α + B·D^−αs` with `0 <= s <= 1`: sparse features, where `1/s` is the exponent of
    /// their activity and `s = 1` the dense end.
    Sparse,
    /// `E + A·N^−α`: a law of one size, which stands for N whatever it is (see
    /// [`Runs::of_one_size`](crate::Runs::of_one_size)). D has no part in it, and B and β are 0.
    OneSize,
}

impl Law {
    /// The word that tables use for it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Free => "free",
            Self::Tied => "tied",
            Self::Sparse => "sparse",
            Self::OneSize => "one_size",
        }
    }
}

/// The loss that no size removes.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Floor {
    /// E is fitted, and is >= 0.
    #[default]
    Free,
    /// E is this, finite and >= 0; the loss of the solvable model, which leaves label noise out,
    /// has 0.
    Fixed(f64),
}

/// Parameters of a law, in the units of the data.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Parameters {
    /// E, in units of the loss.
    pub e: f64,
    /// A: the loss from too few features at N = 1.
    pub a: f64,
    /// B: the loss from too few samples at D = 1.
    pub b: f64,
    /// α, the exponent in N.
    pub alpha: f64,
    /// β, the exponent in D (`αs` in the sparse law).
    pub beta: f64,
}

impl Parameters {
    /// The loss at N, D > 0, either of which may be infinite.
    ///
    /// ```
    /// let law = asymscale_fitting::Parameters { e: 1.0, a: 2.0, b: 8.0, alpha: 0.5, beta: 0.75 };
    /// assert_eq!(law.loss(4.0, 16.0), 3.0);
    /// assert_eq!(law.loss(f64::INFINITY, 16.0), 2.0);
    /// ```
    pub fn loss(&self, features: f64, samples: f64) -> f64 {
        self.e + self.a * features.powf(-self.alpha) + self.b * samples.powf(-self.beta)
    }

    /// Whether all parameters are finite.
    pub(crate) fn is_finite(&self) -> bool {
        [self.e, self.a, self.b, self.alpha, self.beta].iter().all(|value| value.is_finite())
    }

    /// Whether all parameters are finite and >= 0, as those of every fit are.
    pub(crate) fn is_law(&self) -> bool {
        let all = [self.e, self.a, self.b, self.alpha, self.beta];
        all.iter().all(|value| value.is_finite() && *value >= 0.0)
    }

    /// `s = β/α`: 1 for symmetric exponents, `1/`(exponent of activity) for the solvable model.
    ///
    /// ```
    /// let law = asymscale_fitting::Parameters { e: 1.0, a: 2.0, b: 8.0, alpha: 0.5, beta: 0.25 };
    /// assert_eq!(law.ratio(), 0.5);
    /// ```
    pub fn ratio(&self) -> f64 {
        self.beta / self.alpha
    }

    /// The value of one of the parameters, or of the ratio of the exponents.
    ///
    /// ```
    /// use asymscale_fitting::{Parameter, Parameters};
    /// let law = Parameters { e: 1.0, a: 2.0, b: 8.0, alpha: 0.5, beta: 0.25 };
    /// assert_eq!((law.get(Parameter::B), law.get(Parameter::Ratio)), (8.0, 0.5));
    /// ```
    pub fn get(&self, parameter: Parameter) -> f64 {
        match parameter {
            Parameter::E => self.e,
            Parameter::A => self.a,
            Parameter::B => self.b,
            Parameter::Alpha => self.alpha,
            Parameter::Beta => self.beta,
            Parameter::Ratio => self.ratio(),
        }
    }
}

/// A parameter of a law, or the ratio of its exponents.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Parameter {
    /// The irreducible loss.
    E,
    /// The prefactor in N.
    A,
    /// The prefactor in D.
    B,
    /// The exponent in N.
    Alpha,
    /// The exponent in D.
    Beta,
    /// β/α.
    Ratio,
}

impl Parameter {
    /// All parameters, in the order of tables.
    pub const ALL: [Self; 6] = [Self::E, Self::A, Self::B, Self::Alpha, Self::Beta, Self::Ratio];

    /// The word that tables use for it.
    pub fn name(self) -> &'static str {
        match self {
            Self::E => "e",
            Self::A => "a",
            Self::B => "b",
            Self::Alpha => "alpha",
            Self::Beta => "beta",
            Self::Ratio => "ratio",
        }
    }
}

/// What a fit minimises over the parameters.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Objective {
    /// `Σ H(r)`, `r = ln fit − ln loss`, `H(r) = r²/2` for `|r| <= δ` and `δ(|r| − δ/2)` beyond
    /// (Huber, Ann. Math. Stat. 35 (1964) 73).
    HuberLog {
        /// δ > 0, in units of `ln loss`.
        delta: f64,
    },
    /// The same, where a run above the law (`r < 0`) has the weight `above`. It is meant for runs
    /// of which few are better than the law and many are worse, since they are badly tuned. With δ
    /// far below the residuals the law is that of the quantile `above/(1 + above)` (Koenker and
    /// Bassett, *Econometrica* 46 (1978) 33), with δ far beyond them that of an expectile (Newey
    /// and Powell, *Econometrica* 55 (1987) 819).
    AsymmetricHuberLog {
        /// δ > 0, in units of `ln loss`.
        delta: f64,
        /// The weight of runs above the law, in (0, 1]; 1 is the symmetric loss.
        above: f64,
    },
    /// `Σ r²/2`, `r = ln fit − ln loss`.
    SquaresLog,
    /// `Σ (fit − loss)²/2`.
    Squares,
}

impl Default for Objective {
    /// The Huber loss with δ = 1e-3, as in Hoffmann et al.
    fn default() -> Self {
        Self::HuberLog { delta: 1e-3 }
    }
}

impl Objective {
    /// The residual beyond which the cost grows linearly, where there is one.
    #[inline]
    pub(crate) fn delta(self) -> Option<f64> {
        match self {
            Self::HuberLog { delta } | Self::AsymmetricHuberLog { delta, .. } => Some(delta),
            Self::SquaresLog | Self::Squares => None,
        }
    }

    /// The same objective with another δ, where it has one.
    pub(crate) fn with_delta(self, delta: f64) -> Self {
        match self {
            Self::HuberLog { .. } => Self::HuberLog { delta },
            Self::AsymmetricHuberLog { above, .. } => Self::AsymmetricHuberLog { delta, above },
            Self::SquaresLog | Self::Squares => self,
        }
    }

    /// The weight of a residual, which depends on its sign in the asymmetric objective.
    #[inline]
    pub(crate) fn side(self, residual: f64) -> f64 {
        match self {
            Self::AsymmetricHuberLog { above, .. } if residual < 0.0 => above,
            _ => 1.0,
        }
    }
}
