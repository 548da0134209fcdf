//! Weights of Good and Toulmin's series, plain and smoothed.

use statrs::distribution::{Binomial, DiscreteCDF};

/// `(−s)^{k−1}`: the k-th weight for unseen mass; times `s`, for new features.
pub(crate) fn signed_power(s: f64, k: u64) -> f64 {
    let magnitude = s.powf(k as f64 - 1.0);
    if k.is_multiple_of(2) { -magnitude } else { magnitude }
}

/// `P(L ≥ k)`; 1 without smoothing.
pub(crate) enum Smoothing {
    /// The plain series.
    Plain,
    /// `L` binomial: `P(L ≥ k)` for `k = 1, 2, …`.
    Tail(Vec<f64>),
}

impl Smoothing {
    /// For a factor `1 + s` of `samples` samples: `L ~ Binomial(⌊½ log₃(D s²/(s−1))⌋, 2/(2+s))`,
    /// the choice for which Orlitsky, Suresh & Wu prove the smallest error, `D^{−log₃(1+2/s)}` in
    /// mean square, for `s > 1`. Down from there `s − 1` is read as `1/D`.
    pub(crate) fn binomial(s: f64, samples: f64) -> Self {
        let beyond = (s - 1.0).max(samples.recip());
        let trials =
            (0.5 * (samples * s * s / beyond).ln() / 3f64.ln()).floor().clamp(1.0, 1e3) as u64;
        let law = Binomial::new(2.0 / (2.0 + s), trials).expect("a probability");
        Self::Tail((0..trials).map(|k| law.sf(k)).collect())
    }

    /// The last count that enters.
    pub(crate) fn last(&self) -> u64 {
        match self {
            Self::Plain => u64::MAX,
            Self::Tail(tail) => tail.len() as u64,
        }
    }

    /// `P(L ≥ k)`.
    pub(crate) fn weight(&self, k: u64) -> f64 {
        match self {
            Self::Plain => 1.0,
            Self::Tail(tail) => tail.get(k as usize - 1).copied().unwrap_or(0.0),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Smoothing, signed_power};

    #[test]
    fn weights_are_those_of_the_article() {
        // s = 3, D = 1000: ⌊½ log₃(4500)⌋ = ⌊3.83⌋ = 3 trials at 2/5.
        let smoothing = Smoothing::binomial(3.0, 1000.0);
        let expected = [1.0 - 0.6_f64.powi(3), 3.0 * 0.16 * 0.6 + 0.064, 0.064, 0.0];
        for (k, expected) in (1..).zip(expected) {
            assert!((smoothing.weight(k) - expected).abs() < 1e-14, "k {k}");
        }
        assert_eq!(
            [signed_power(3.0, 1), signed_power(3.0, 2), signed_power(3.0, 3)],
            [1.0, -3.0, 9.0]
        );
        assert_eq!(Smoothing::Plain.weight(700), 1.0);
    }
}
