//! How far the asymptotics can be trusted at a point: a word, the effective samples of equation
//! (58) and the variance (60) of [`derivations`](crate::derivations).

use crate::{Regression, SampleTheory, TheoryError};
use asymscale_numerics::increasing_root;
use serde::Serialize;
use std::fmt;

/// A rank this close to the threshold, relatively, is the threshold.
const ROUNDING: f64 = 1e-9;
/// Step in `ln D` of a slope that only guides a root search.
const STEP: f64 = 1e-4;

/// How far the loss of a typical design may be from theory, in three words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reliability {
    /// Within about 10 %.
    Good,
    /// Within about 30 %.
    Fair,
    /// Not to be trusted, or unknown. Simulate instead, and use medians.
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
    /// The number of samples, at most `D`, that have the expected rank `r̄` of this design for
    /// their threshold `min(S, D)`, equation (58) of [`derivations`](crate::derivations). It is `D`
    /// itself where nothing collides.
    ///
    /// The theory at so many samples, the *rank-corrected* theory, is the leading finite-size
    /// correction: it moves the pole to `r̄` and leaves unlearned what collisions hide. Chapter 10
    /// of the reproduction measures how much of the error it removes. Cost: under a millisecond.
    /// Relative accuracy 1e-7.
    ///
    /// ```
    /// use asymscale_model::SparseModel;
    /// use asymscale_theory::SampleTheory;
    /// let model = SparseModel::power_law(1.0, 1.5, 1.0)?;
    /// let theory = SampleTheory::new(&model, 512.0)?;
    /// let effective = theory.effective_samples();
    /// let corrected = SampleTheory::new(&model, effective)?;
    /// assert!(effective < 0.9 * 512.0);
    /// assert!((corrected.coverage().threshold / theory.rank() - 1.0).abs() < 1e-6);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn effective_samples(&self) -> f64 {
        let (samples, rank) = (self.samples(), self.rank());
        if samples == f64::INFINITY || self.threshold() - rank <= ROUNDING * rank {
            return samples;
        }
        let threshold = |log_samples: f64| {
            let theory = Self::new(self.model(), log_samples.exp().max(1.0));
            theory.map_or(f64::NAN, |theory| theory.threshold())
        };
        let excess = |v: f64| {
            let (here, above) = (threshold(v).ln(), threshold(v + STEP).ln());
            (here - rank.ln(), (above - here) / STEP)
        };
        let mut last = samples.ln();
        let step = increasing_root(
            last,
            (0.0, last),
            |step, _| step < 1e-8,
            |v| {
                last = v;
                excess(v)
            },
        );
        (last + step).exp().clamp(1.0, samples)
    }

    /// Estimate of the standard deviation of the rank over designs.
    ///
    /// It is the square root of `V` in equation (60) of [`derivations`](crate::derivations). The
    /// number of seen coordinates has the variance `Σ q (1 − q) = S(2D) − S(D)`, which counts where
    /// they are fewer than the samples. Collisions are rare and so nearly Poissonian, and add their
    /// mean number `min(S, D) − r̄`. The two are taken as independent, which makes the result some
    /// 30 % too large (10.6 where 8.2 is seen at `α = 1`, `β = 1.5`, `c = 1`, `D = 512`). It is 0
    /// where neither happens, and for infinitely many samples.
    pub fn rank_spread(&self) -> f64 {
        self.kept_rank_spread(|| {
            let rank = self.rank();
            if rank == f64::INFINITY {
                return 0.0;
            }
            let twice =
                Self::new(self.model(), 2.0 * self.samples()).map_or(0.0, |twice| twice.seen);
            let seen = if self.seen < self.samples() { twice - self.seen } else { 0.0 };
            (seen + self.threshold() - rank).max(0.0).sqrt()
        })
    }

    /// The word for [`SampleTheory::finite_size_error`].
    ///
    /// # Errors
    /// As there.
    pub fn reliability(&self, features: f64) -> Result<Reliability, TheoryError> {
        self.finite_size_error(features).map(Reliability::of_error)
    }

    /// The word for [`SampleTheory::finite_size_error_with`].
    ///
    /// # Errors
    /// As there.
    pub fn reliability_with(
        &self,
        features: f64,
        regression: Regression,
    ) -> Result<Reliability, TheoryError> {
        self.finite_size_error_with(features, regression).map(Reliability::of_error)
    }
}

#[cfg(test)]
mod tests {
    use super::Reliability::{self, Fair, Good, Poor};

    #[test]
    fn words_change_at_their_bounds() {
        let words = [
            (0.0, Good),
            (0.1, Good),
            (0.1f64.next_up(), Fair),
            (0.3, Fair),
            (0.3f64.next_up(), Poor),
            (f64::INFINITY, Poor),
            (f64::NAN, Poor),
        ];
        for (error, word) in words {
            assert_eq!(Reliability::of_error(error), word, "{error}");
        }
        assert_eq!([Good, Fair, Poor].map(|word| word.to_string()), ["good", "fair", "poor"]);
    }
}
