//! A fitted law of activities as a prior: what a count leaves open, and what is not in the table.

use super::spread::Spread;
use crate::diagnosis::counts::ActivationCounts;
use crate::diagnosis::laws::exceeds;
use crate::diagnosis::{ActivityLaw, Estimate, MixedLaw};

/// Counts from here on are taken as they are: under any law they would move by less than one part
/// in as many.
const LARGE: u64 = 4096;

/// Cells of a posterior.
const CELLS: usize = 1024;

/// Steps of `ln p` in which features that are not in the table are added up.
const STEP: f64 = 0.02;

/// The smallest rate, in activations in all units, of features that are listed one by one.
const LEAST_RATE: f64 = 1e-4;

/// The logarithm of the rate beyond which a law of finitely many features has none.
const LEAST_LOG_RATE: f64 = -36.0;

/// A fitted law.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Law {
    Power(ActivityLaw),
    Mixed(MixedLaw),
}

/// The law with what it takes to hold counts against it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Prior {
    pub(super) law: Law,
    /// Units, `U`.
    pub(super) units: f64,
    /// The smallest count that the table holds.
    pub(super) floor: u64,
}

/// Features that are not in the table.
pub(super) struct Unlisted {
    /// The most active of them.
    pub(super) spread: Spread,
    /// Whether these are all that the law has.
    pub(super) all: bool,
    /// Features per unit of `ln p` where the spread ends.
    pub(super) density_at_end: f64,
    /// The activity there.
    pub(super) least: f64,
}

impl Prior {
    pub(super) fn new(law: Law, counts: &ActivationCounts) -> Self {
        Self { law, units: counts.units(), floor: counts.floor() }
    }

    /// Features per unit of `y = ln p`.
    fn density(&self, y: f64) -> f64 {
        match self.law {
            Law::Power(law) => law.inverse() * law.onset * (-law.inverse() * y).exp(),
            Law::Mixed(law) => {
                // p = 1 − e^(−λ/U), so that d ln λ / d ln p = p/((1 − p) λ/U).
                let per_unit = rate_per_unit(y);
                let slope = y.exp() / ((-per_unit).exp() * per_unit);
                law.density((self.units * per_unit).ln()) * slope
            }
        }
    }

    /// Whether the law says anything of a feature with this count: a power law of rare features
    /// does up to large counts, where it changes nothing; the other laws do in their window.
    pub(super) fn shrinks(&self, count: u64) -> bool {
        count <= self.window() && (count as f64) < self.units
    }

    /// The largest count that the law is held against.
    pub(super) fn window(&self) -> u64 {
        match self.law {
            Law::Power(_) => LARGE,
            Law::Mixed(law) => law.max_count.min(LARGE),
        }
    }

    /// What a count leaves open: density times `p^k (1−p)^(U−k)`, as a weight of 1.
    pub(super) fn posterior(&self, count: u64) -> Spread {
        let k = count as f64;
        let center = (k / self.units).ln();
        // The binomial law is 1/√k wide in ln p. Below, the weight falls as p^(k − 1/β) only.
        let low = center - 8.0 / k.sqrt() - 36.0 / k;
        let high = (center + 6.0 / k.sqrt()).min(0.0);
        let step = (high - low) / CELLS as f64;
        let log_weight = |cell: usize| {
            let y = low + step * (cell as f64 + 0.5);
            self.density(y).ln() + k * y - (self.units - k) * rate_per_unit(y)
        };
        let logs: Vec<f64> = (0..CELLS).map(log_weight).collect();
        let largest = logs.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let weights: Vec<f64> = logs.iter().map(|log| (log - largest).exp()).collect();
        let total: f64 = weights.iter().sum();
        Spread::new(low, step, &weights.iter().map(|w| w / total).collect::<Vec<f64>>())
    }

    /// The most active features that the law expects and that are not in the table, about `most` of
    /// them.
    pub(super) fn unlisted(&self, most: f64) -> Unlisted {
        let floor = self.floor as f64;
        let top = (1.0 - (-(floor + 40.0 + 8.0 * floor.sqrt()) / self.units).exp()).ln();
        let finite = matches!(self.law, Law::Mixed(_));
        let smallest = if finite { LEAST_LOG_RATE.exp() } else { LEAST_RATE };
        let bottom = (smallest / self.units).ln();
        let cells = ((top - bottom) / STEP).ceil().max(1.0) as usize;
        let weights: Vec<f64> = (0..cells)
            .map(|cell| {
                let y = top - STEP * (cell as f64 + 0.5);
                let rate = self.units * rate_per_unit(y);
                let missed = if self.floor == 1 {
                    (-rate).exp()
                } else {
                    1.0 - exceeds(rate, floor - 1.0, self.units)
                };
                STEP * self.density(y) * missed
            })
            .collect();
        let all: f64 = weights.iter().sum();
        let mut sum = 0.0;
        let mut kept = 0;
        while kept < cells && sum < most && all - sum > 1e-6 {
            sum += weights[kept];
            kept += 1;
        }
        let end = top - STEP * kept as f64;
        let ascending: Vec<f64> = weights[..kept].iter().rev().copied().collect();
        Unlisted {
            spread: Spread::new(end, STEP, &ascending),
            all: finite && all - sum < 0.5,
            density_at_end: self.density(end),
            least: end.exp(),
        }
    }
}

/// `−ln(1 − p)` for `y = ln p`.
fn rate_per_unit(y: f64) -> f64 {
    -(-y.exp()).ln_1p()
}

/// The activity of a feature as counted, with the interval of Wilson (1927,
/// doi:10.1080/01621459.1927.10502953): `deviations` is the normal quantile of its level.
pub(super) fn as_counted(count: u64, units: f64, deviations: f64) -> Estimate {
    let (p, z) = (count as f64 / units, deviations * deviations / units);
    let half_width = (z * (p * (1.0 - p) + 0.25 * z)).sqrt();
    let center = p + 0.5 * z;
    Estimate {
        value: p,
        lower: ((center - half_width) / (1.0 + z)).min(p),
        upper: ((center + half_width) / (1.0 + z)).clamp(p, 1.0),
    }
}

#[cfg(test)]
mod tests {
    use super::{Law, Prior};
    use crate::diagnosis::{ActivityLaw, MixedLaw, Shape};

    /// Under a power law the posterior is Beta(k − a, U − k + 1), whose mean is known; a step of
    /// ln p of at most 0.05 leaves 1e-3 of it.
    #[test]
    fn posterior_means_of_a_power_law_are_closed_forms() {
        let law = ActivityLaw { beta: 1.5, onset: 3.0 };
        let prior = Prior { law: Law::Power(law), units: 5_000.0, floor: 1 };
        for count in [1, 2, 7, 60, 900] {
            let (k, a) = (count as f64, law.inverse());
            let mean = prior.posterior(count).mean() * (5_001.0 - a) / (k - a);
            assert!((mean - 1.0).abs() < 1e-3, "{count}: {mean}");
        }
    }

    #[test]
    fn unlisted_features_hold_what_the_law_leaves_unseen() {
        let law = ActivityLaw { beta: 2.0, onset: 30.0 };
        let prior = Prior { law: Law::Power(law), units: 2_000.0, floor: 1 };
        let unlisted = prior.unlisted(f64::INFINITY);
        let listed = unlisted.spread.mean() * unlisted.spread.total();
        // Beyond the end, ∫ p of the law itself.
        let beyond = unlisted.density_at_end * unlisted.least / (1.0 - law.inverse());
        let unseen = law.unseen_activity(2_000.0);
        assert!(((listed + beyond) / unseen - 1.0).abs() < 1e-3, "{listed} {beyond} {unseen}");
        assert!(!unlisted.all);
    }

    /// Equal features, 3 activations each in expectation: e^-3 of them are not seen.
    #[test]
    fn a_law_of_finitely_many_features_ends() {
        let law = MixedLaw {
            shape: Shape::Gamma,
            parameters: [5.0, 3_f64.ln()],
            scale: 1_000.0,
            max_count: 15,
            features: 1.0,
            p_value: 1.0,
        };
        let prior = Prior { law: Law::Mixed(law), units: 1e6, floor: 1 };
        let (unlisted, all) = (prior.unlisted(1e9), law.features_between(0, 999_999, 1e6));
        assert!(unlisted.all);
        let share = unlisted.spread.total() / (all + unlisted.spread.total());
        // The gamma law is 8 % wide.
        assert!((share / (-3_f64).exp() - 1.0).abs() < 0.05, "{share}");
        // A feature that was active once is one of them all the same.
        assert!((prior.posterior(1).mean() * 1e6 / 3.0 - 1.0).abs() < 0.05);
    }
}
