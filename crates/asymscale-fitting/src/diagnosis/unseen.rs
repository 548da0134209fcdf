//! What is not seen yet, from what was seen once: Good and Turing.

use serde::{Deserialize, Serialize};

use super::counts::ActivationCounts;
use super::estimate::Estimate;

/// What the features never active in the data hold, now.
///
/// Unseen activity and energy from features seen once (Good 1953, doi:10.1093/biomet/40.3-4.237).
///
/// With `S_i` the energy of feature `i` (1 per activation for activity), `(1/D) Σ_{k_i=1} S_i` is unbiased for
/// what `D − 1` samples leave unseen. Its distance to what is unseen by the very same samples has variance
/// `(1/D²) Σ_i E[S_i²; k_i = 1] + λ_i² P(k_i = 0)`, estimated by `(1/D²) [Σ_{k_i=1} S_i² + ½ Σ_{k_i=2} S_i²]`:
/// `(f_1 + 2 f_2)/D²` for activity; where the energy of an activation varies this errs on the safe side. Interval: as a
/// sum of equal rare parts with this variance. Measured on 1 000 synthetic sets at 95 %: activity covered in 0.952,
/// energy of Gaussian activations in 0.980.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Unseen {
    /// Activations of unseen features expected in one further sample, `f_1/D`, `f_1` = features seen once. It
    /// is also the number of new features that sample is expected to bring.
    pub activity: Estimate,
    /// Their share of all activations.
    pub activity_share: Estimate,
    /// `Û = (1/D) Σ_{k_i = 1} x_i²`, the energy of unseen features per sample; needs second moments.
    pub energy: Option<Estimate>,
    /// Their share of the energy; without second moments every activation has energy 1.
    pub energy_share: Estimate,
    /// Features seen once: what all of this rests on.
    pub singletons: usize,
}

/// As told at [`Unseen`].
pub(crate) fn unseen(counts: &ActivationCounts, level: f64) -> Unseen {
    let activity = good_turing(&counts.as_activity(), level);
    let activity_share = share(activity, counts.total_activity());
    let energy = counts.has_second_moments().then(|| good_turing(counts, level));
    let energy_share = energy.map_or(activity_share, |energy| share(energy, counts.total_energy()));
    Unseen { activity, activity_share, energy, energy_share, singletons: counts.with_count(1) }
}

/// `Û` and its variance.
pub(crate) fn singleton_mass(counts: &ActivationCounts) -> (f64, f64) {
    let (once, d) = (counts.group(1), counts.samples());
    (once.energy / d, once.square / (d * d) + unseen_variance(counts))
}

/// Estimate of `Σ_i λ_i² P(k_i = 0)`.
pub(crate) fn unseen_variance(counts: &ActivationCounts) -> f64 {
    0.5 * counts.group(2).square / counts.samples().powi(2)
}

fn good_turing(counts: &ActivationCounts, level: f64) -> Estimate {
    let (value, variance) = singleton_mass(counts);
    // Where nothing was seen once: an activation of the rarest features.
    let rarest = counts.groups_to(u64::MAX).next();
    let unit = rarest.map_or(0.0, |(count, group)| group.energy / group.features / count as f64);
    Estimate::of_rare_parts(value, variance, unit / counts.samples(), level)
}

/// The share of a part in a total that holds it on average, at most 1.
fn share(part: Estimate, total: f64) -> Estimate {
    part.map(|value| (value / total).min(1.0))
}
