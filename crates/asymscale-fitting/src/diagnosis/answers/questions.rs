//! Further questions to counts: how many samples until features have been active so often, how many
//! are dead, and for how many epochs features seen once are still learned from.

use asymscale_numerics::{Bracket, bisect};
use serde::{Deserialize, Serialize};

use crate::diagnosis::counts::ActivationCounts;
use crate::diagnosis::estimate::{Estimate, normal_quantile, poisson_half_widths};
use crate::diagnosis::laws::energy::energy_of_rarest;
use crate::diagnosis::laws::model::Model;

/// The largest factor of the data that is looked at.
const LARGEST_FACTOR: f64 = 1e4;

/// The number of samples until a share of all features has been active a given number of times.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct SamplesUntil {
    /// The share of features, in (0, 1]; 1 asks for all of them.
    pub share: f64,
    /// Activations of each.
    pub times: u64,
    /// The number of all features the share is of: as given, or by the law.
    pub of: Option<f64>,
    /// The number of samples, with an interval that holds those of all plausible laws; infinite
    /// where so many features are dead that the share is never reached. `None` where no law of
    /// finitely many features fits, so that it is not known.
    pub samples: Option<Estimate>,
}

/// Features that will never be active: the features never seen that a law of finitely many features
/// does not account for.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct DeadFeatures {
    /// Their number by the best law of finitely many features; `None` where there is no such law.
    pub features: Option<Estimate>,
    /// An upper bound: the number of features that were never active.
    pub at_most: usize,
}

/// The answer that [`SamplesUntil`] describes; `models` are the fitted laws, the best first.
pub(crate) fn until(
    counts: &ActivationCounts,
    models: &[Model<'_>],
    share: f64,
    times: u64,
) -> SamplesUntil {
    let known = counts.total().map(|total| total as f64);
    let now =
        counts.groups_to(u64::MAX).filter(|(k, _)| *k >= times).map(|(_, group)| group.features);
    let reached = known.is_some_and(|total| now.sum::<f64>() >= share * total);
    let ending =
        || models.iter().filter(|model| model.is_finite_population() && model.candidate.plausible);
    let best = ending().find(|model| model.candidate.survives);
    let Some(best) = best else {
        let samples = reached.then(|| {
            let all = counts.samples();
            Estimate { value: all, lower: 0.0, upper: all }
        });
        return SamplesUntil { share, times, of: known, samples };
    };
    let seen = counts.seen() as f64;
    let never = |model: &Model<'_>, density: &[f64]| model.fewer_than(density, 1, 1.0);
    let of = known.unwrap_or_else(|| seen + never(best, best.densities()[0]));
    // By one law, this is the least factor of the data at which few enough features have been
    // active less often.
    let factor = |model: &Model<'_>, density: &[f64]| -> f64 {
        let unseen = never(model, density);
        let total = known.unwrap_or(seen + unseen);
        // Features that the law does not account for are dead.
        let dead = (total - seen - unseen).max(0.0);
        let allowed = if share < 1.0 { (1.0 - share) * total } else { 0.5 } - dead;
        let below = |factor: f64| model.fewer_than(density, times, factor);
        if allowed <= 0.0 || below(LARGEST_FACTOR) > allowed {
            return f64::INFINITY;
        }
        let range = Bracket::new(1e-4_f64.ln(), LARGEST_FACTOR.ln());
        bisect(range, 40, |log| below(log.exp()) > allowed).high().exp()
    };
    let value = factor(best, best.densities()[0]);
    let all = ending()
        .flat_map(|model| model.densities().into_iter().map(move |density| (model, density)));
    let all: Vec<f64> = all.map(|(model, density)| factor(model, density)).collect();
    let of_samples = |factor: f64| (factor * counts.samples()).ceil();
    let samples = Estimate {
        value: of_samples(value),
        lower: of_samples(all.iter().copied().fold(value, f64::min)),
        upper: of_samples(all.iter().copied().fold(value, f64::max)),
    };
    SamplesUntil { share, times, of: Some(of), samples: Some(samples) }
}

/// Features that will never be active; `None` where the number of all features is not known.
pub(crate) fn dead(
    counts: &ActivationCounts,
    models: &[Model<'_>],
    level: f64,
) -> Option<DeadFeatures> {
    counts.total()?;
    let never_active = counts.never_active() as f64;
    let ending =
        || models.iter().filter(|model| model.is_finite_population() && model.candidate.plausible);
    let never = |model: &Model<'_>, density: &[f64]| model.fewer_than(density, 1, 1.0);
    let features = ending().find(|model| model.candidate.survives).map(|best| {
        let value = never(best, best.densities()[0]);
        let alive: Vec<f64> = ending()
            .flat_map(|model| {
                model.densities().into_iter().map(move |density| never(model, density))
            })
            .collect();
        let least = alive.iter().copied().fold(value, f64::min);
        let most = alive.iter().copied().fold(value, f64::max);
        // The number of features that are alive and were missed is Poisson distributed.
        let (fewest, largest) = (
            least - poisson_half_widths(least, 1.0, level).0,
            most + poisson_half_widths(most, 1.0, level).1,
        );
        let left = |alive: f64| (never_active - alive).clamp(0.0, never_active);
        let value = left(value).round();
        Estimate {
            value,
            lower: left(largest).floor().min(value),
            upper: left(fewest).ceil().max(value),
        }
    });
    Some(DeadFeatures { features, at_most: counts.never_active() })
}

/// For how many epochs of one-pass steps of `rate` a feature that is active once an epoch is still
/// learned from: `1/(η a²)`, `a²` the mean square of an active feature of activity `1/D` (a line
/// through the logarithms over features active 1 to 16 times; exactly 1 without second moments).
/// Further epochs are learned from only through features seen more often, which earlier epochs
/// already cover.
///
/// `None` without enough features seen once or a few times.
pub(crate) fn useful_epochs(counts: &ActivationCounts, rate: f64, level: f64) -> Option<Estimate> {
    let (square, error) = energy_of_rarest(counts)?;
    let reach = (normal_quantile(level) * error).exp();
    let value = (rate * square).recip();
    Some(Estimate { value, lower: value / reach, upper: value * reach })
}
