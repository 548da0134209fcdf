//! The loss to first order in what a design shows of each coordinate, a control variate of known
//! mean: equations (63) to (65) of [`derivations`](crate::derivations).

use super::SampleTheory;
use crate::{Regression, TheoryError, response::sums::Sums};

/// Within this share of the threshold `min(S, D)` or of the expected rank, the first order is no
/// guide.
const NEAR: f64 = 0.2;

/// Within so many features of the rank there is no control variate either, because a mean or a
/// variance of the loss may not exist.
const FEW: f64 = 3.0;

/// A linear functional of the sums over coordinates, `T`, `dT/d ln G`, `f` and `df/d ln G`, at a
/// fixed resolution.
///
/// On a design they are equation (63) of [`derivations`](crate::derivations) and its derivatives,
/// with `q_i = Σ x_i²/D` over the samples. Their means over designs are those of the theory,
/// exactly and at any size.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LossControl {
    /// `G`; ∞ where all that is seen is learned.
    stieltjes: f64,
    left: f64,
    left_slope: f64,
    learned: f64,
    learned_slope: f64,
    /// The mean over designs.
    expected: f64,
}

impl LossControl {
    /// By how much the loss on a design should differ from the average, to first order: equations
    /// (64) and (65) of [`derivations`](crate::derivations). Its mean over designs is 0.
    ///
    /// `unseen_mass`: `Σ λ_i` over coordinates the design does not show; `seen`: `λ_i > 0` and
    /// `q_i = Σ x_i²/D > 0` of those it shows. Cost: a few operations each.
    pub fn deviation(&self, unseen_mass: f64, seen: impl IntoIterator<Item = (f64, f64)>) -> f64 {
        let one = |(eigenvalue, energy): (f64, f64)| {
            let left = 1.0 / (1.0 + energy * self.stieltjes);
            let learned = 1.0 - left;
            let turning = left * learned;
            let variance = eigenvalue * (self.left * left - self.left_slope * turning);
            variance + self.learned * learned + self.learned_slope * turning
        };
        self.left * unseen_mass + seen.into_iter().map(one).sum::<f64>() - self.expected
    }

    fn new(sums: &Sums, [left, left_slope, learned, learned_slope]: [f64; 4]) -> Self {
        let variance = left * sums.left - left_slope * sums.left_slope;
        let expected = variance + learned * sums.learned + learned_slope * sums.learned_slope;
        Self { stieltjes: sums.stieltjes(), left, left_slope, learned, learned_slope, expected }
    }
}

impl SampleTheory {
    /// Control variates for the ridgeless, noiseless loss at each of `features`, `1 ≤ N ≤ ∞`, on
    /// designs of this model and number of samples; none within 20 % of the threshold, nor within
    /// three features of the expected rank, nor for a teacher that is not iid.
    ///
    /// A design that shows more or less than the average has its own `T̂` and `f̂`. The deviation
    /// is the change of equations (27) to (29) of [`derivations`](crate::derivations) to first
    /// order in them, the shift of `G` included: equations (64) and (65). Its mean over designs is
    /// 0 whatever its coefficients are, so that the mean of losses minus deviations is unbiased.
    /// Deviations explain some 80 % of the variance where the loss is averaged over features.
    ///
    /// Accuracy of the mean: relative 1e-8 of the loss.
    ///
    /// # Errors
    /// As [`SampleTheory::loss`].
    ///
    /// ```
    /// use asymscale_model::SparseModel;
    /// use asymscale_theory::SampleTheory;
    /// let theory = SampleTheory::new(&SparseModel::power_law(1.0, 1.5, 1.0)?, 512.0)?;
    /// let control = theory.loss_controls(&[2000.0])?[0].unwrap();
    /// // Past the threshold a design that leaves more mass unseen has the larger loss.
    /// let unseen = theory.coverage().unseen_mass;
    /// assert!(control.deviation(1.1 * unseen, []) > control.deviation(unseen, []));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn loss_controls(&self, features: &[f64]) -> Result<Vec<Option<LossControl>>, TheoryError> {
        features.iter().try_for_each(|n| self.check_loss(*n, Regression::default()))?;
        if !self.model.has_iid_teacher() {
            return Ok(vec![None; features.len()]);
        }
        let (threshold, rank) = (self.threshold(), self.rank());
        let (low, high) = ((1.0 - NEAR) * rank.min(threshold), (1.0 + NEAR) * rank.max(threshold));
        let mut search = self.search();
        let mut at = |n: f64| {
            if n < low && n < rank - FEW {
                let sums = search.sums_where(self.hint(n), self.learns(n));
                Some(self.few_features(&sums, n))
            } else if n > high && n > rank + FEW {
                Some(self.many_features(n))
            } else {
                None
            }
        };
        Ok(features.iter().map(|n| at(*n)).collect())
    }

    /// Equation (64), `N < r`.
    fn few_features(&self, sums: &Sums, n: f64) -> LossControl {
        let spare = 1.0 / (self.equivalent(*sums).shared_samples - n);
        let (slope, left) = (sums.learned_slope, sums.left - sums.left_slope);
        let turned = -sums.left_slope - sums.left_curvature;
        let shift = n
            * (turned / slope
                - left / slope * (sums.learned_curvature / slope)
                - sums.left_slope * spare);
        let of_left = n * (1.0 / slope + spare);
        LossControl::new(sums, [of_left, n / slope, -shift / slope, -n * left / (slope * slope)])
    }

    /// Equation (65), `N > r`.
    fn many_features(&self, n: f64) -> LossControl {
        if self.seen <= self.samples {
            let degrees = n - self.rank() - 1.0;
            let of_left = if degrees.is_finite() { (n - 1.0) / degrees } else { 1.0 };
            let unseen = self.unseen_mass();
            let all = Sums {
                log_stieltjes: f64::INFINITY,
                learned: self.seen,
                left: unseen,
                ..Sums::default()
            };
            return LossControl::new(&all, [of_left, 0.0, of_left * unseen / degrees, 0.0]);
        }
        let sums = self.saturated_sums();
        let of_left = if n.is_finite() { n / (n - self.samples) } else { 1.0 };
        LossControl::new(&sums, [of_left, 0.0, of_left * sums.left_slope / sums.learned_slope, 0.0])
    }
}
