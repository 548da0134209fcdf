//! Further questions to counts: how many samples until features have been active so often, how many are dead, and for how
//! many epochs features seen once are still learned from.

use serde::{Deserialize, Serialize};

use super::counts::ActivationCounts;
use super::energy::energy_of_rarest;
use super::estimate::{Estimate, normal_quantile};
use super::model::Model;

/// The largest factor of the data that is looked at.
const FARTHEST: f64 = 1e4;

/// Samples until a share of all features has been active so often.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Until {
    /// The share of features, in (0, 1]; 1 asks for all of them.
    pub share: f64,
    /// Activations of each.
    pub times: u64,
    /// The number of all features the share is of: as given, or by the law.
    pub of: Option<f64>,
    /// The samples, with the spread of the laws that fit; infinite where so many features are dead that the share is never
    /// reached. `None`: not known, since no law with an end fits.
    pub samples: Option<Estimate>,
}

/// Features that will never be active: among those never seen, what a law with an end does not account for.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Dead {
    /// By the best law with an end; `None` where there is none.
    pub features: Option<Estimate>,
    /// No more than this: all that were never active.
    pub at_most: usize,
}

/// As told at [`Until`].
pub(super) fn until(counts: &ActivationCounts, models: &[Model<'_>], share: f64, times: u64) -> Until {
    let known = counts.total().map(|total| total as f64);
    let now = counts.groups_to(u64::MAX).filter(|(k, _)| *k >= times).map(|(_, group)| group.features);
    let reached = known.is_some_and(|total| now.sum::<f64>() >= share * total);
    let ending = || models.iter().filter(|model| model.ends() && model.candidate.plausible);
    let best = ending().find(|model| model.candidate.survives);
    let Some(best) = best else {
        let samples = reached.then(|| {
            let all = counts.samples();
            Estimate { value: all, lower: 0.0, upper: all }
        });
        return Until { share, times, of: known, samples };
    };
    let seen = counts.seen() as f64;
    let never = |model: &Model<'_>| model.fewer_than(1, 1.0);
    let of = known.or_else(|| never(best).map(|(unseen, _)| seen + unseen));
    // For each law, the least factor at which few enough features are below.
    let factor = |model: &Model<'_>, which: Option<usize>| -> Option<f64> {
        let pick = |(value, others): (f64, Vec<f64>)| which.map_or(Some(value), |k| others.get(k).copied());
        let unseen = pick(never(model)?)?;
        let total = known.unwrap_or(seen + unseen);
        // What a law does not account for is dead.
        let dead = (total - seen - unseen).max(0.0);
        let allowed = if share < 1.0 { (1.0 - share) * total } else { 0.5 } - dead;
        if allowed <= 0.0 {
            return Some(f64::INFINITY);
        }
        let below = |factor: f64| model.fewer_than(times, factor).and_then(pick).unwrap_or(f64::INFINITY);
        if below(FARTHEST) > allowed {
            return Some(f64::INFINITY);
        }
        let (mut low, mut high) = (1e-4_f64.ln(), FARTHEST.ln());
        for _ in 0..40 {
            let middle = f64::midpoint(low, high);
            if below(middle.exp()) > allowed { low = middle } else { high = middle }
        }
        Some(high.exp())
    };
    let value = factor(best, None);
    let mut all: Vec<f64> = Vec::new();
    for model in ending() {
        all.extend(factor(model, None));
        all.extend((0..).map_while(|k| factor(model, Some(k))));
    }
    let samples = value.map(|value| {
        let of_samples = |factor: f64| (factor * counts.samples()).ceil();
        let lower = all.iter().copied().fold(value, f64::min);
        let upper = all.iter().copied().fold(value, f64::max);
        Estimate { value: of_samples(value), lower: of_samples(lower), upper: of_samples(upper) }
    });
    Until { share, times, of, samples }
}

/// None where the number of all features is not known.
pub(super) fn dead(counts: &ActivationCounts, models: &[Model<'_>]) -> Option<Dead> {
    counts.total()?;
    let never_active = counts.never_active() as f64;
    let ending = || models.iter().filter(|model| model.ends() && model.candidate.plausible);
    let best = ending().find(|model| model.candidate.survives);
    let features = best.and_then(|best| {
        let (value, _) = best.fewer_than(1, 1.0)?;
        let mut alive = vec![value];
        for model in ending() {
            let (value, others) = model.fewer_than(1, 1.0)?;
            alive.push(value);
            alive.extend(others);
        }
        let least = alive.iter().copied().fold(f64::INFINITY, f64::min);
        let most = alive.iter().copied().fold(0.0, f64::max);
        // The chance of a Poisson number about its mean.
        let chance = 2.0 * most.sqrt() + 1.0;
        let left = |alive: f64| (never_active - alive).clamp(0.0, never_active);
        Some(Estimate {
            value: left(value).round(),
            lower: left(most + chance).floor(),
            upper: left(least - chance).ceil(),
        })
    });
    Some(Dead { features, at_most: counts.never_active() })
}

/// For how many epochs of one-pass steps of `rate` a feature that is active once an epoch is still learned from: `1/(η a²)`, `a²`
/// the mean square of an active feature of activity `1/D` (a line through the logarithms over features active 1 to 16 times;
/// exactly 1 without second moments). Epochs beyond bring nothing that features seen more often do not bring before.
///
/// None without features seen once or twice.
pub(super) fn useful_epochs(counts: &ActivationCounts, rate: f64, level: f64) -> Option<Estimate> {
    let (square, error) = energy_of_rarest(counts)?;
    let reach = (normal_quantile(level) * error).exp();
    let value = (rate * square).recip();
    Some(Estimate { value, lower: value / reach, upper: value * reach })
}
