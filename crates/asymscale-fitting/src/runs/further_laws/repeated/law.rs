//! The law of a loss where samples were used more than once, and what follows from it.

use serde::{Deserialize, Serialize};

use crate::runs::law::Parameters;

/// The law of repeated data (Muennighoff et al. 2023, arXiv 2305.16264, §3):
/// `E + A·N'^−α + B·D'^−β`.
///
/// Of D samples trained on U are distinct, so that `D/U` is the number of epochs. Repeats are worth
/// less and less, `D' = U + U·R_D·(1 − e^{−(D/U − 1)/R_D})`, and so is what a model has beyond
/// `U_N`, the N at which the law without repeats is balanced for U samples (`αA·N^−α = βB·U^−β`):
/// `N' = U_N + U_N·R_N·(1 − e^{−(N/U_N − 1)/R_N})`, and `N' = N` up to `U_N`.
///
/// `R_D`, `R_N` >= 0: 0 means that repeats (parameters beyond `U_N`) are worth nothing, infinity
/// that they are worth as much as fresh ones, and NaN that the runs leave it open.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct RepeatedLaw {
    /// E, in units of the loss.
    pub e: f64,
    /// A: the loss from too few features at N' = 1.
    pub a: f64,
    /// B: the loss from too few samples at D' = 1.
    pub b: f64,
    /// α, the exponent in N'.
    pub alpha: f64,
    /// β, the exponent in D'.
    pub beta: f64,
    /// `R_D`: after `1 + R_D` epochs one more sample is worth 1/e of a fresh one; D' never exceeds
    /// `(1 + R_D)·U`.
    pub r_d: f64,
    /// `R_N`, the same for features: N' never exceeds `(1 + R_N)·U_N`.
    pub r_n: f64,
}

/// A parameter of [`RepeatedLaw`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RepeatedParameter {
    /// The irreducible loss.
    E,
    /// The prefactor in N'.
    A,
    /// The prefactor in D'.
    B,
    /// The exponent in N'.
    Alpha,
    /// The exponent in D'.
    Beta,
    /// `R_D`.
    RD,
    /// `R_N`.
    RN,
}

impl RepeatedParameter {
    /// All parameters, in the order of tables.
    pub const ALL: [Self; 7] =
        [Self::E, Self::A, Self::B, Self::Alpha, Self::Beta, Self::RD, Self::RN];

    /// The word that tables use for it.
    pub fn name(self) -> &'static str {
        match self {
            Self::E => "e",
            Self::A => "a",
            Self::B => "b",
            Self::Alpha => "alpha",
            Self::Beta => "beta",
            Self::RD => "r_d",
            Self::RN => "r_n",
        }
    }
}

impl RepeatedLaw {
    /// A law of fresh samples, with how much repeats of samples, and features beyond the balance,
    /// are worth.
    pub fn new(fresh: &Parameters, r_d: f64, r_n: f64) -> Self {
        let Parameters { e, a, b, alpha, beta } = *fresh;
        Self { e, a, b, alpha, beta, r_d, r_n }
    }

    /// The law of fresh samples, `E + A·N^−α + B·D^−β`.
    pub fn fresh(&self) -> Parameters {
        Parameters { e: self.e, a: self.a, b: self.b, alpha: self.alpha, beta: self.beta }
    }

    /// The loss at N features, D samples, U of them distinct; N, D and U > 0, and a U above D
    /// counts as D.
    ///
    /// ```
    /// use asymscale_fitting::repeated::RepeatedLaw;
    /// let law = RepeatedLaw { e: 1.9, a: 520.0, b: 1490.0, alpha: 0.35, beta: 0.35, r_d: 15.0, r_n: 5.0 };
    /// let (once, four, forty) = (law.loss(1e8, 1e10, 1e10), law.loss(1e8, 4e10, 1e10), law.loss(1e8, 4e11, 1e10));
    /// assert_eq!(once, law.fresh().loss(1e8, 1e10));
    /// // Four epochs are nearly as good as fresh data, forty are not.
    /// assert!(four - law.fresh().loss(1e8, 4e10) < 0.01 && forty - law.fresh().loss(1e8, 4e11) > 0.05);
    /// ```
    pub fn loss(&self, features: f64, samples: f64, unique: f64) -> f64 {
        let unique = unique.min(samples);
        let features = self.effective_features(features, unique);
        self.fresh().loss(features, self.effective_samples(samples, unique))
    }

    /// D', the number of fresh samples that D samples, U of them distinct, are worth.
    ///
    /// ```
    /// let law = asymscale_fitting::repeated::RepeatedLaw {
    ///     e: 1.9, a: 520.0, b: 1490.0, alpha: 0.35, beta: 0.35, r_d: 15.0, r_n: 5.0,
    /// };
    /// assert_eq!(law.effective_samples(1e10, 1e10), 1e10);
    /// assert!(law.effective_samples(1e13, 1e10) <= 16.0 * 1e10); // never more than (1 + R_D) U
    /// ```
    pub fn effective_samples(&self, samples: f64, unique: f64) -> f64 {
        worth(unique.min(samples), samples, self.r_d)
    }

    /// N', the number of features that N are worth with U distinct samples.
    ///
    /// ```
    /// let law = asymscale_fitting::repeated::RepeatedLaw {
    ///     e: 1.9, a: 520.0, b: 1490.0, alpha: 0.35, beta: 0.35, r_d: 15.0, r_n: 5.0,
    /// };
    /// assert_eq!(law.effective_features(1e6, 1e10), 1e6); // fewer than are balanced
    /// assert!(law.effective_features(1e14, 1e10) < 1e14);
    /// ```
    pub fn effective_features(&self, features: f64, unique: f64) -> f64 {
        worth(self.balanced_features(unique).min(features), features, self.r_n)
    }

    /// The N at which the law of fresh samples is balanced for so many: no other N and D of the
    /// same product have a lower loss.
    ///
    /// ```
    /// let law = asymscale_fitting::repeated::RepeatedLaw {
    ///     e: 1.9, a: 520.0, b: 1490.0, alpha: 0.35, beta: 0.35, r_d: 15.0, r_n: 5.0,
    /// };
    /// let n = law.balanced_features(1e10);
    /// let of = |factor: f64| law.fresh().loss(n * factor, 1e10 / factor);
    /// assert!(of(1.0) < of(1.1) && of(1.0) < of(0.9));
    /// ```
    pub fn balanced_features(&self, unique: f64) -> f64 {
        let logarithm = (self.alpha * self.a / (self.beta * self.b)).ln() + self.beta * unique.ln();
        (logarithm / self.alpha).exp()
    }

    /// What one more sample is worth after so many epochs (>= 1), of a fresh one:
    /// `dD'/dD = e^{−(epochs − 1)/R_D}`.
    ///
    /// ```
    /// use asymscale_fitting::repeated::RepeatedLaw;
    /// let law = RepeatedLaw { e: 1.9, a: 520.0, b: 1490.0, alpha: 0.35, beta: 0.35, r_d: 15.0, r_n: 5.0 };
    /// assert_eq!(law.worth_at(1.0), 1.0);
    /// assert!((law.worth_at(law.epochs_worth(0.5)) - 0.5).abs() < 1e-15);
    /// ```
    pub fn worth_at(&self, epochs: f64) -> f64 {
        if epochs <= 1.0 { 1.0 } else { (-(epochs - 1.0) / self.r_d).exp() }
    }

    /// The number of epochs beyond which one more sample is worth less than this share (in (0, 1])
    /// of a fresh one: `1 + R_D·ln(1/share)`.
    ///
    /// ```
    /// let law = asymscale_fitting::repeated::RepeatedLaw {
    ///     e: 1.9, a: 520.0, b: 1490.0, alpha: 0.35, beta: 0.35, r_d: 15.0, r_n: 5.0,
    /// };
    /// assert!((law.epochs_worth(0.5) - (1.0 + 15.0 * 2f64.ln())).abs() < 1e-12);
    /// ```
    pub fn epochs_worth(&self, share: f64) -> f64 {
        if share >= 1.0 { 1.0 } else { 1.0 - self.r_d * share.ln() }
    }

    /// One of the parameters.
    pub fn get(&self, parameter: RepeatedParameter) -> f64 {
        match parameter {
            RepeatedParameter::E => self.e,
            RepeatedParameter::A => self.a,
            RepeatedParameter::B => self.b,
            RepeatedParameter::Alpha => self.alpha,
            RepeatedParameter::Beta => self.beta,
            RepeatedParameter::RD => self.r_d,
            RepeatedParameter::RN => self.r_n,
        }
    }
}

/// What `all` are worth if the first `base` count in full.
fn worth(base: f64, all: f64, repeats: f64) -> f64 {
    let more = all / base - 1.0;
    if more <= 0.0 {
        all
    } else if repeats == 0.0 {
        base
    } else if repeats.is_infinite() {
        all
    } else {
        base * (1.0 - repeats * (-more / repeats).exp_m1())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LAW: RepeatedLaw =
        RepeatedLaw { e: 1.9, a: 520.0, b: 1490.0, alpha: 0.35, beta: 0.4, r_d: 15.0, r_n: 5.0 };

    #[test]
    fn limits_are_fresh_data_and_worthless_repeats() {
        let fresh = RepeatedLaw { r_d: f64::INFINITY, r_n: f64::INFINITY, ..LAW };
        assert_eq!(fresh.loss(1e9, 1e11, 1e9), LAW.fresh().loss(1e9, 1e11));
        let worthless = RepeatedLaw { r_d: 0.0, r_n: 0.0, ..LAW };
        assert_eq!(worthless.effective_samples(1e11, 1e9), 1e9);
        assert_eq!(worthless.worth_at(1.0), 1.0);
        assert_eq!(worthless.worth_at(1.5), 0.0);
        assert_eq!(fresh.epochs_worth(0.5), f64::INFINITY);
        // R is NaN, but few features and one epoch do not need it.
        let open = RepeatedLaw { r_d: f64::NAN, r_n: f64::NAN, ..LAW };
        assert_eq!(open.loss(1e6, 1e9, 1e9), LAW.fresh().loss(1e6, 1e9));
        assert!(open.loss(1e6, 2e9, 1e9).is_nan());
    }

    /// A difference quotient with a step of 1e-4 epochs is off by 1e-8 of the second derivative,
    /// and by rounding.
    #[test]
    fn the_worth_is_a_derivative() {
        let unique = 1e9;
        for epochs in [1.5, 4.0, 30.0] {
            let at = |step: f64| LAW.effective_samples((epochs + step) * unique, unique) / unique;
            let slope = (at(1e-4) - at(-1e-4)) / 2e-4;
            assert!((slope - LAW.worth_at(epochs)).abs() < 1e-8, "{slope} at {epochs}");
        }
    }

    #[test]
    fn the_balance_is_best() {
        let unique = 3e9;
        let n = LAW.balanced_features(unique);
        let at = |factor: f64| LAW.fresh().loss(n * factor, unique / factor);
        assert!(at(1.0) < at(1.01) && at(1.0) < at(0.99));
    }
}
