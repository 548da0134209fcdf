//! The estimate of what is unseen from what was seen once (Good and Turing).

use asymscale_numerics::{mean, variance};
use serde::{Deserialize, Serialize};

use crate::diagnosis::counts::ActivationCounts;
use crate::diagnosis::estimate::{Estimate, jackknife, student_inflation};

/// What the features never active in the data hold, now.
///
/// Unseen activity and energy from features seen in one unit (Good 1953,
/// doi:10.1093/biomet/40.3-4.237). A unit is a sample, or a group of samples where groups are
/// known.
///
/// With `S_i` the energy of feature `i` (1 per activation for activity) and `E_k = Σ_{k_i=k} S_i`,
/// `E_1/D` is unbiased for what all `U` units but one leave unseen; times
/// `(U−1) E_1/((U−1) E_1 + E_2)`, it is the estimate for all of them (Chao & Jost 2012,
/// doi:10.1890/11-1952.1, equation 4a), which matters where units are few. Its distance to what is
/// unseen by the very same units has variance `(1/D²) Σ_i E[S_i²; k_i = 1] + λ_i² P(k_i = 0)`,
/// estimated by `(1/D²) [Σ_{k_i=1} S_i² + ½ Σ_{k_i=2} S_i²]`: `(f_1 + 2 f_2)/D²` for activity;
/// where the energy of an activation varies this errs on the safe side. Where it is known which
/// features were active together, the variance is that of the jackknife over blocks of units, for
/// independent features the same in the mean, and that of the unseen mass among as many further
/// samples: the interval then is for what these will show, since with documents that differs from
/// its mean as much as the estimate does. Interval: as a sum of equal rare parts with this
/// variance. Measured on 1 000 synthetic sets at 95 %: activity covered in 0.952, energy of
/// Gaussian activations in 0.980.
///
/// Where the number of all features is known and all were seen, nothing is unseen.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Unseen {
    /// Activations of unseen features expected in one further sample, about `f_1/D`, `f_1` =
    /// features seen once. Where units are samples it is also the number of new features that
    /// sample is expected to bring.
    pub activity: Estimate,
    /// Their share of all activations.
    pub activity_share: Estimate,
    /// `Û = (1/D) Σ_{k_i = 1} x_i²`, the energy of unseen features per sample; needs second
    /// moments.
    pub energy: Option<Estimate>,
    /// Their share of the energy; without second moments every activation has energy 1.
    pub energy_share: Estimate,
    /// Features seen in one unit only, on which all of these estimates rest.
    pub singletons: usize,
}

/// By how much sums over features vary more between units than they would if features were active
/// independently of each other.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Dispersion {
    /// The variance of the number of features that a block of units alone holds, over its mean.
    pub(crate) features: f64,
    /// The variance of the unseen mass as blocks are left out over that of independent features.
    pub(crate) mass: f64,
    /// The same of the estimate alone, without what further samples show about its mean.
    pub(crate) together: f64,
    /// The standard error of the unseen mass as blocks are left out, over its value.
    pub(crate) relative: f64,
}

impl Dispersion {
    pub(crate) fn of(counts: &ActivationCounts, level: f64) -> Self {
        let blocks = counts.left_out_blocks().len() as f64;
        if blocks < 2.0 {
            return Self { features: 1.0, mass: 1.0, together: 1.0, relative: 0.0 };
        }
        let own = |left: &crate::diagnosis::counts::incidence::LeftOutBlock| {
            left.changes
                .iter()
                .filter(|change| change.to == 0)
                .map(|change| change.features)
                .sum::<f64>()
        };
        let alone: Vec<f64> = counts.left_out_blocks().iter().map(own).collect();
        let (mean, variance) = (mean(&alone), variance(&alone));
        let few = student_inflation(counts.left_out_blocks().len(), level);
        let features = if mean > 0.0 { (few * variance / mean).max(1.0) } else { 1.0 };
        let (value, independent, [jackknife, next]) = mass_and_variances(&counts.as_activity());
        let over =
            |variance: f64| if independent > 0.0 { (variance / independent).max(1.0) } else { 1.0 };
        let all = few * (jackknife + next);
        let relative = if value > 0.0 { all.sqrt() / value } else { 0.0 };
        Self { features, mass: over(all), together: over(jackknife), relative }
    }
}

/// The estimates that [`Unseen`] describes.
pub(crate) fn unseen(counts: &ActivationCounts, level: f64) -> Unseen {
    let activity = good_turing(&counts.as_activity(), level);
    let activity_share = share(activity, counts.total_activity());
    let energy = counts.has_second_moments().then(|| good_turing(counts, level));
    let energy_share = energy.map_or(activity_share, |energy| share(energy, counts.total_energy()));
    Unseen { activity, activity_share, energy, energy_share, singletons: counts.with_count(1) }
}

/// `Û` and its variance.
pub(crate) fn singleton_mass(counts: &ActivationCounts, level: f64) -> (f64, f64) {
    let (value, independent, [jackknife, next]) = mass_and_variances(counts);
    (
        value,
        independent
            .max(student_inflation(counts.left_out_blocks().len(), level) * (jackknife + next)),
    )
}

/// `Û`, its variance for independent features, and those of the jackknife and of further samples (0
/// without blocks).
fn mass_and_variances(counts: &ActivationCounts) -> (f64, f64, [f64; 2]) {
    let (once, d) = (counts.group(1), counts.samples());
    let mass = |once: f64, twice: f64, units: f64, samples: f64| {
        // This is what all units but one leave unseen, corrected for the last one.
        let all_but_one = (units - 1.0) * once;
        if once > 0.0 { once / samples * all_but_one / (all_but_one + twice) } else { 0.0 }
    };
    let (twice, units) = (counts.group(2).energy, counts.units());
    let value = mass(once.energy, twice, units, d);
    let without = |left: &crate::diagnosis::counts::incidence::LeftOutBlock| {
        let moved = |count: u64| {
            let gained: f64 =
                left.changes.iter().filter(|c| c.to == count).map(|c| c.energy_without).sum();
            let lost: f64 = left.changes.iter().filter(|c| c.from == count).map(|c| c.energy).sum();
            counts.group(count).energy + gained - lost
        };
        mass(moved(1), moved(2), units - left.units, d - left.samples)
    };
    let together = if counts.left_out_blocks().len() < 2 {
        [0.0; 2]
    } else {
        [jackknife(counts.left_out_blocks().iter().map(without)), next_samples(counts)]
    };
    (value, once.square / (d * d) + unseen_variance(counts), together)
}

/// The variance of the unseen mass that as many further samples show about its mean: that of what
/// single blocks hold of it now.
fn next_samples(counts: &ActivationCounts) -> f64 {
    let (d, blocks) = (counts.samples(), counts.left_out_blocks().len() as f64);
    let per_sample = counts.group(1).energy / d;
    let residual = |left: &crate::diagnosis::counts::incidence::LeftOutBlock| {
        let own: f64 =
            left.changes.iter().filter(|change| change.to == 0).map(|change| change.energy).sum();
        // Features in several units of one block are no singletons, but they are as rare among
        // blocks.
        own - per_sample * left.samples
    };
    let residuals: Vec<f64> = counts.left_out_blocks().iter().map(residual).collect();
    let mean = mean(&residuals);
    residuals.iter().map(|of| (of - mean).powi(2)).sum::<f64>() / (d * d) * blocks / (blocks - 1.0)
}

/// Estimate of `Σ_i λ_i² P(k_i = 0)`.
pub(crate) fn unseen_variance(counts: &ActivationCounts) -> f64 {
    0.5 * counts.group(2).square / counts.samples().powi(2)
}

fn good_turing(counts: &ActivationCounts, level: f64) -> Estimate {
    if counts.total().is_some() && counts.never_active() == 0 {
        return Estimate { value: 0.0, lower: 0.0, upper: 0.0 };
    }
    let (value, variance) = singleton_mass(counts, level);
    // Where nothing was seen once, the unit is an activation of the rarest features.
    let rarest = counts.groups_to(u64::MAX).next();
    let unit = rarest.map_or(0.0, |(count, group)| group.energy / group.features / count as f64);
    let mass = Estimate::poisson_interval(value, variance, unit / counts.samples(), level);
    // Where Chao's bound leaves so few features, there may be none, and the lower end is 0.
    let (once, twice) = (counts.with_count(1) as f64, counts.with_count(2) as f64);
    let left = once * (once - 1.0).max(0.0) / (2.0 * (twice + 1.0));
    let lower = if (-left).exp() > 0.5 * (1.0 - level) { 0.0 } else { mass.lower };
    Estimate { lower, ..mass }
}

/// The share of a part in a total that holds it on average, at most 1.
fn share(part: Estimate, total: f64) -> Estimate {
    part.map(|value| (value / total).min(1.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// With activity 1 per activation, `λ = p`, and few of many samples, `λ² P(k = 0)` is
    /// `2 P(k = 2)/D²`: of three features that were active twice in ten samples, 0.06 in all.
    #[test]
    fn the_unseen_variance_is_twice_the_share_of_what_was_seen_twice() {
        let counts = ActivationCounts::new(&[1, 1, 2, 2, 2, 5], 10).unwrap();
        assert!((unseen_variance(&counts) - 2.0 * 3.0 / 100.0).abs() < 1e-15);
        let (_, variance) = singleton_mass(&counts, 0.95);
        assert!((variance - (2.0 + 2.0 * 3.0) / 100.0).abs() < 1e-15);
    }
}
