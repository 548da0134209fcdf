//! The activity law `p_i = min(1, (c/i)^β)` and what it makes of counts, in closed form.

use serde::{Deserialize, Serialize};
use statrs::function::gamma::gamma;

use crate::diagnosis::gamma_ratios::{gamma_ratio, ln_gamma_ratio};

/// A power law of activity, `p_i = min(1, (c/i)^β)`, `β > 1`, for infinitely many features.
///
/// Everything is an integral over the density of activities `a c p^{−1−a}`, `a = 1/β`, that
/// replaces the sum over ranks: the sum from rank 1 is the integral from ½, so a total is off by
/// `O(1/D)` features besides the −½ that [`ActivityLaw::seen`] carries. With it, features active in
/// exactly `k < D` of `D` samples number `a c D!/Γ(D+1−a) · Γ(k−a)/k!`: of `D` only the scale
/// depends on it.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct ActivityLaw {
    /// Exponent `β > 1`.
    pub beta: f64,
    /// Onset `c > 0`: features up to this rank are always active.
    pub onset: f64,
}

impl ActivityLaw {
    /// Activity of the feature of rank `i ≥ 1`.
    ///
    /// ```
    /// use asymscale_fitting::diagnosis::ActivityLaw;
    /// let law = ActivityLaw { beta: 2.0, onset: 10.0 };
    /// assert_eq!((law.activity(5.0), law.activity(20.0)), (1.0, 0.25));
    /// ```
    pub fn activity(&self, rank: f64) -> f64 {
        (self.onset / rank).powf(self.beta).min(1.0)
    }

    /// Expected number of features active in `low < k ≤ high` of `samples` samples,
    /// `high < samples`: `c D!/Γ(D+1−a) · [Γ(low+1−a)/low! − Γ(high+1−a)/high!]`.
    ///
    /// ```
    /// use asymscale_fitting::diagnosis::ActivityLaw;
    /// let law = ActivityLaw { beta: 2.0, onset: 10.0 };
    /// // Half of the features seen in many samples are active once (β = 2).
    /// let once = law.features_between(1e6, 0.0, 1.0);
    /// assert!((once / law.seen(1e6) - 0.5).abs() < 1e-3);
    /// ```
    pub fn features_between(&self, samples: f64, low: f64, high: f64) -> f64 {
        let a = self.inverse();
        self.scale(samples) * (gamma_ratio(low, a) - gamma_ratio(high, a))
    }

    /// Expected number of features seen in `samples` samples, `Γ(1−a) c D!/Γ(D+1−a) − ½`.
    ///
    /// ```
    /// use asymscale_fitting::diagnosis::ActivityLaw;
    /// let law = ActivityLaw { beta: 2.0, onset: 1.0 };
    /// // Σ_i 1 − (1 − p_i)^100, added up over the first 10⁶ ranks and 100·Σ p_i beyond.
    /// let summed: f64 = (1..=1_000_000).map(|i| 1.0 - (1.0 - law.activity(f64::from(i))).powi(100)).sum();
    /// assert!((law.seen(100.0) / (summed + 100.0 * 1e-6) - 1.0).abs() < 1e-3);
    /// ```
    pub fn seen(&self, samples: f64) -> f64 {
        gamma(1.0 - self.inverse()) * self.scale(samples) - 0.5
    }

    /// Expected number of features seen in `later` samples and not in the first `samples` of them.
    ///
    /// ```
    /// use asymscale_fitting::diagnosis::ActivityLaw;
    /// let law = ActivityLaw { beta: 2.0, onset: 10.0 };
    /// // The number of features seen grows as D^(1/β).
    /// assert!((law.new_features(1e6, 4e6) / law.seen(1e6) - 1.0).abs() < 1e-3);
    /// ```
    pub fn new_features(&self, samples: f64, later: f64) -> f64 {
        self.seen(later) - self.seen(samples)
    }

    /// Expected number of features active in more than `low` of `samples` samples, up to a number
    /// that does not depend on `samples`: differences are what counts.
    pub(crate) fn more_active(&self, samples: f64, low: f64) -> f64 {
        gamma_ratio(low, self.inverse()) * self.scale(samples)
    }

    /// Expected activity of features not seen in `samples` samples,
    /// `Σ p (1−p)^D = a c B(1−a, D+1)`.
    ///
    /// ```
    /// use asymscale_fitting::diagnosis::ActivityLaw;
    /// let law = ActivityLaw { beta: 2.0, onset: 10.0 };
    /// // The next sample is expected to bring so many new features.
    /// let next = law.new_features(1e4, 1e4 + 1.0);
    /// assert!((law.unseen_activity(1e4) / next - 1.0).abs() < 1e-6);
    /// ```
    pub fn unseen_activity(&self, samples: f64) -> f64 {
        let a = self.inverse();
        a * self.onset * gamma(1.0 - a) * ln_gamma_ratio(samples + 2.0, a).exp() / (samples + 1.0)
    }

    pub(crate) fn inverse(&self) -> f64 {
        self.beta.recip()
    }

    /// `c D!/Γ(D+1−a)`, about `c D^a`.
    fn scale(&self, samples: f64) -> f64 {
        self.onset * ln_gamma_ratio(samples + 1.0, self.inverse()).exp()
    }
}

#[cfg(test)]
mod tests {
    use super::ActivityLaw;
    use statrs::function::gamma::ln_gamma;

    #[test]
    fn expected_counts_equal_the_sum_over_ranks() {
        let (law, d) = (ActivityLaw { beta: 1.6, onset: 30.0 }, 200.0);
        for k in [1, 2, 5, 40] {
            let ln_choose =
                ln_gamma(d + 1.0) - ln_gamma(f64::from(k) + 1.0) - ln_gamma(d - f64::from(k) + 1.0);
            let of_rank = |i: i32| {
                let p = law.activity(f64::from(i));
                if p == 1.0 {
                    0.0
                } else {
                    (ln_choose + f64::from(k) * p.ln() + (d - f64::from(k)) * (-p).ln_1p()).exp()
                }
            };
            let head: f64 = (1..=200_000).map(of_rank).sum();
            // Beyond, one activation at most: ∫ D p.
            let tail = if k == 1 { d * law.activity(200_000.5) * 200_000.5 / 0.6 } else { 0.0 };
            let closed = law.features_between(d, f64::from(k) - 1.0, f64::from(k));
            // Midpoint sums of smooth terms: second order in 1/rank.
            assert!((closed / (head + tail) - 1.0).abs() < 1e-4, "k {k}: {closed} {}", head + tail);
        }
    }

    #[test]
    fn unseen_activity_is_what_the_next_sample_adds() {
        let law = ActivityLaw { beta: 1.5, onset: 2.0 };
        for d in [10.0, 1000.0] {
            let step = law.new_features(d, d + 1.0);
            assert!((step / law.unseen_activity(d) - 1.0).abs() < 1e-9, "{d}");
        }
    }
}
