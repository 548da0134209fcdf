//! The law of an active coordinate's value `z`, of mean 0 and variance 1.

use crate::ModelError;
use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};

/// Law of the amplitude `z` of an active coordinate: mean 0, variance 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Amplitude {
    /// `z ~ N(0, 1)`.
    #[default]
    Gaussian,
    /// `z = ±1` with probability ½ each.
    Rademacher,
}

impl Amplitude {
    /// `1 − E[exp(−s z²)]` for `s ≥ 0`, without cancellation for small `s`.
    ///
    /// Gaussian: `1 − (1 + 2s)^(−1/2)`; Rademacher: `1 − e^(−s)`. Relative accuracy: a few ulp.
    ///
    /// ```
    /// use asymscale_model::Amplitude;
    /// assert_eq!(Amplitude::Gaussian.laplace_deficit(1.5), 0.5);
    /// assert!((Amplitude::Rademacher.laplace_deficit(1e-20) / 1e-20 - 1.0).abs() < 1e-15);
    /// ```
    pub fn laplace_deficit(self, s: f64) -> f64 {
        match self {
            Self::Gaussian if s > 1e150 => 1.0 - (2.0 * s).sqrt().recip(),
            Self::Gaussian => {
                let root = (1.0 + 2.0 * s).sqrt();
                2.0 * s / (root * (1.0 + root))
            }
            Self::Rademacher => -(-s).exp_m1(),
        }
    }
}

impl fmt::Display for Amplitude {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Gaussian => "gaussian",
            Self::Rademacher => "rademacher",
        })
    }
}

impl FromStr for Amplitude {
    type Err = ModelError;

    fn from_str(word: &str) -> Result<Self, ModelError> {
        match word {
            "gaussian" => Ok(Self::Gaussian),
            "rademacher" => Ok(Self::Rademacher),
            other => Err(ModelError::Amplitude(other.to_owned())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn deficit_is_smooth_where_the_formula_changes() {
        let below = Amplitude::Gaussian.laplace_deficit(0.99e150);
        let above = Amplitude::Gaussian.laplace_deficit(1.01e150);
        assert!(below <= above && above <= 1.0);
        assert_eq!(Amplitude::Gaussian.laplace_deficit(f64::INFINITY), 1.0);
        assert_eq!(Amplitude::Rademacher.laplace_deficit(f64::INFINITY), 1.0);
    }

    #[test]
    fn words_round_trip_and_others_are_refused() {
        for law in [Amplitude::Gaussian, Amplitude::Rademacher] {
            assert_eq!(law.to_string().parse(), Ok(law));
        }
        let error = "uniform".parse::<Amplitude>().unwrap_err();
        assert_eq!(error.to_string(), "amplitude = \"uniform\": must be gaussian or rademacher");
    }
}
