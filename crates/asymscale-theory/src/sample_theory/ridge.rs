//! The loss with a ridge.

use super::SampleTheory;
use crate::{
    response::sums::Sums,
    sample_theory::loss::{Equivalent, Room},
    search::Search,
};

/// A ridge this small against the resolution at which all samples or features are used up leaves no digits of what they
/// lack: it is had from the ridge.
const SLIGHT: f64 = 1e-6;

impl SampleTheory {
    /// `κ(1 − f/N) = γ` with `κ = (1 − f/D)/G`.
    pub(super) fn ridge_equivalent(&self, search: &mut Search, features: f64, ridge: f64) -> Equivalent {
        let shared_samples = self.equivalent(Sums::default()).shared_samples;
        let log_ridge = ridge.ln();
        let most = features.min(shared_samples);
        // κ ≥ γ, so that G ≤ 1/γ.
        let hint = self.hint(most).min(-log_ridge);
        if most < self.seen && log_ridge + hint < SLIGHT.ln() {
            return self.slightly_ridged(search, (features, shared_samples), ridge);
        }
        let share = |total: f64, sums: &Sums| {
            if total == f64::INFINITY { 1.0 } else { self.room(total, sums) / total }
        };
        let sums = search.sums_where(hint, |sums| {
            let (free, spare) = (share(features, sums), share(shared_samples, sums));
            if free <= 0.0 || spare <= 0.0 {
                return (f64::INFINITY, f64::NAN);
            }
            let slope = 1.0 + sums.learned_slope * (1.0 / (features * free) + 1.0 / (shared_samples * spare));
            (log_ridge + sums.log_resolution - free.ln() - spare.ln(), slope)
        });
        // The larger share has its digits; the condition gives the smaller one from it, whatever rounding left.
        let (mut free, mut spare) = (share(features, &sums), share(shared_samples, &sums));
        let product = ridge * sums.resolution();
        if free < spare {
            free = product / spare;
        } else if spare < free {
            spare = product / free;
        }
        let room = Room { features: features * free, samples: spare };
        Equivalent { room: Some(room), ..self.equivalent(sums) }
    }

    /// What is left of `total` when all directions at `sums` are learned, without the digits that `total − f` loses.
    pub(super) fn room(&self, total: f64, sums: &Sums) -> f64 {
        // Where rare coordinates are beyond reach, the sums do not have all that are hidden.
        let complete = (sums.learned + sums.hidden - self.seen).abs() < 1e-6 * self.seen;
        if complete && sums.hidden < 0.5 * self.seen {
            (total - self.seen) + sums.hidden
        } else {
            total - sums.learned
        }
    }

    /// The same where nearly all features or samples are used up: the condition is solved for `f`, and asks that many
    /// directions to be learned.
    fn slightly_ridged(
        &self,
        search: &mut Search,
        (features, shared_samples): (f64, f64),
        ridge: f64,
    ) -> Equivalent {
        let most = features.min(shared_samples);
        let ratio = most / features.max(shared_samples);
        // With δ = 1 − f/most: δ (1 − ratio + ratio δ) = γG; the share δ left, and its derivative by ln G.
        let left = |log_resolution: f64| {
            let product = ridge * log_resolution.exp();
            let root = ((1.0 - ratio).powi(2) + 4.0 * ratio * product).sqrt();
            (2.0 * product / (1.0 - ratio + root), product / root)
        };
        let sums = search.sums_where(self.hint(most), |sums| {
            let (share, slope) = left(sums.log_resolution);
            if share >= 1.0 {
                return (f64::INFINITY, f64::NAN);
            }
            let rise = sums.learned_slope / sums.learned + slope / (1.0 - share);
            ((sums.learned / most).ln() - (-share).ln_1p(), rise)
        });
        let share = left(sums.log_resolution).0;
        let other = (1.0 - ratio) + ratio * share;
        let (free, spare) = if features <= shared_samples { (share, other) } else { (other, share) };
        let room = Some(Room { features: features * free, samples: spare });
        Equivalent { room, ..self.equivalent(sums) }
    }
}
