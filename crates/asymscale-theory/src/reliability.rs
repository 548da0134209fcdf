//! How far the asymptotics can be trusted at a point.

use crate::{SampleTheory, TheoryError};
use serde::Serialize;
use std::fmt;

/// How far the loss of a typical design may be from theory, in three words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reliability {
    /// Within about 10 %.
    Good,
    /// Within about 30 %.
    Fair,
    /// Not to be trusted: ask a simulation for medians.
    Poor,
}

impl Reliability {
    /// The word for an expected relative error.
    pub fn of_error(error: f64) -> Self {
        match error {
            e if e <= 0.1 => Self::Good,
            e if e <= 0.3 => Self::Fair,
            _ => Self::Poor,
        }
    }
}

impl fmt::Display for Reliability {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Good => "good",
            Self::Fair => "fair",
            Self::Poor => "poor",
        })
    }
}

impl SampleTheory {
    /// Expected relative error of the ridgeless loss at `features = N ≥ 1`, dimensionless, infinite at the expected rank.
    ///
    /// What theory misses are collisions of rare coordinates, which lower the rank from `min(S, D)` to `r̄`. With
    /// `δ = 1 − r̄/min(S, D)` and `x = |ln(N/r̄)|` the estimate is `δ (1/x + [N > r̄]) + 1/(r̄ x) + 3/D`: the pole moved by a
    /// share δ, the collided coordinates lost above the threshold, the granularity of the rank, the size of the
    /// sample. It is empirical: chapter 10 of the reproduction compares it with the measured error, which it is meant to bound
    /// for most points, not to equal.
    ///
    /// # Errors
    /// [`TheoryError::Features`] below 1 or NaN.
    ///
    /// ```
    /// use asymscale_model::SparseModel;
    /// use asymscale_theory::{Reliability, SampleTheory};
    /// let theory = SampleTheory::new(&SparseModel::power_law(1.0, 1.5, 1.0)?, 1e6)?;
    /// assert_eq!(theory.reliability(100.0)?, Reliability::Good);
    /// assert_eq!(theory.reliability(theory.rank())?, Reliability::Poor);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn finite_size_error(&self, features: f64) -> Result<f64, TheoryError> {
        if features.is_nan() || features < 1.0 {
            return Err(TheoryError::Features(features));
        }
        let coverage = self.coverage();
        let rank = self.rank();
        if rank == f64::INFINITY {
            return Ok(0.0);
        }
        let distance = (features / rank).ln().abs();
        let deficit = 1.0 - rank / coverage.threshold;
        let lost = if features > rank { deficit } else { 0.0 };
        Ok((deficit + 1.0 / rank) / distance + lost + 3.0 / coverage.samples)
    }

    /// The word for [`SampleTheory::finite_size_error`].
    ///
    /// # Errors
    /// As there.
    pub fn reliability(&self, features: f64) -> Result<Reliability, TheoryError> {
        self.finite_size_error(features).map(Reliability::of_error)
    }
}
