//! The loss with a ridge: the root of equation (24) of [`derivations`](crate::derivations).

use super::SampleTheory;
use crate::{
    response::sums::Sums,
    sample_theory::loss::{Equivalent, Unused},
    search::Search,
};

/// Below this value of `γG`, at the `G` where all samples or features are used up, their unused
/// share is computed from the ridge, because `1 − f/N` or `1 − f/D` would cancel.
const SLIGHT: f64 = 1e-6;

impl SampleTheory {
    /// `D`, or ∞ where each sample has only one coordinate: these do not compete for samples.
    pub(crate) fn shared_samples(&self) -> f64 {
        if self.model.is_one_hot() { f64::INFINITY } else { self.samples }
    }

    /// Equation (24): `κ(1 − f/N) = γ` with `κ = (1 − f/D)/G`.
    pub(super) fn ridge_equivalent(
        &self,
        search: &mut Search,
        features: f64,
        ridge: f64,
    ) -> Equivalent {
        let shared_samples = self.shared_samples();
        let log_ridge = ridge.ln();
        let most = features.min(shared_samples);
        // κ ≥ γ, so that G ≤ 1/γ.
        let hint = self.hint(most).min(-log_ridge);
        if most < self.seen && log_ridge + hint < SLIGHT.ln() {
            return self.slightly_ridged(search, (features, shared_samples), ridge);
        }
        let share = |total: f64, sums: &Sums| {
            if total == f64::INFINITY { 1.0 } else { self.unused_of(total, sums) / total }
        };
        let sums = search.sums_where(hint, |sums| {
            let (free, spare) = (share(features, sums), share(shared_samples, sums));
            if free <= 0.0 || spare <= 0.0 {
                return (f64::INFINITY, f64::NAN);
            }
            let slope = 1.0
                + sums.learned_slope * (1.0 / (features * free) + 1.0 / (shared_samples * spare));
            (log_ridge + sums.log_stieltjes - free.ln() - spare.ln(), slope)
        });
        // The larger share is accurate, and the condition gives the smaller one from it.
        let (mut free, mut spare) = (share(features, &sums), share(shared_samples, &sums));
        let product = ridge * sums.stieltjes();
        if free < spare {
            free = product / spare;
        } else if spare < free {
            spare = product / free;
        }
        let unused = Unused { features: features * free, samples: spare };
        Equivalent { unused: Some(unused), ..self.equivalent(sums) }
    }

    /// `total − f` at `sums`, without cancellation.
    pub(super) fn unused_of(&self, total: f64, sums: &Sums) -> f64 {
        // Where the rule does not cover all rare coordinates, `hidden` is incomplete.
        let complete = (sums.learned + sums.hidden - self.seen).abs() < 1e-6 * self.seen;
        if complete && sums.hidden < 0.5 * self.seen {
            (total - self.seen) + sums.hidden
        } else {
            total - sums.learned
        }
    }

    /// The same where nearly all features or samples are used up: the condition is solved for `f`,
    /// and `G` is sought where so many directions are learned.
    fn slightly_ridged(
        &self,
        search: &mut Search,
        (features, shared_samples): (f64, f64),
        ridge: f64,
    ) -> Equivalent {
        let most = features.min(shared_samples);
        let ratio = most / features.max(shared_samples);
        // With δ = 1 − f/most: δ (1 − ratio + ratio δ) = γG; the share δ left, and its derivative
        // by ln G.
        let left = |log_stieltjes: f64| {
            let product = ridge * log_stieltjes.exp();
            let root = ((1.0 - ratio).powi(2) + 4.0 * ratio * product).sqrt();
            (2.0 * product / (1.0 - ratio + root), product / root)
        };
        let sums = search.sums_where(self.hint(most), |sums| {
            let (share, slope) = left(sums.log_stieltjes);
            if share >= 1.0 {
                return (f64::INFINITY, f64::NAN);
            }
            let rise = sums.learned_slope / sums.learned + slope / (1.0 - share);
            ((sums.learned / most).ln() - (-share).ln_1p(), rise)
        });
        let share = left(sums.log_stieltjes).0;
        let other = (1.0 - ratio) + ratio * share;
        let (free, spare) =
            if features <= shared_samples { (share, other) } else { (other, share) };
        let unused = Some(Unused { features: features * free, samples: spare });
        Equivalent { unused, ..self.equivalent(sums) }
    }
}
