//! The energy of an activation: measured, and shrunk towards its relation to activity where it was
//! measured a few times only.

use rand::Rng;
use rand_distr::{Distribution, StandardNormal};

use super::prior::Prior;
use super::spread::Spread;
use crate::diagnosis::counts::ActivationCounts;
use crate::diagnosis::laws::activity_fit::ActivityFit;
use crate::diagnosis::laws::energy;

/// The energy of an activation, `e = C p^g` on average.
///
/// A feature with count `k` and energy `S` has measured `S/k`; `r` is that over `C E(p^g | k)`. The
/// variance of `r` is that of `p^g` given the count, plus `τ²` (features of equal activity differ),
/// plus `v/k` (activations of a feature differ).
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct EnergyRelation {
    /// `g` and its standard error.
    power: f64,
    error: f64,
    /// `C`.
    front: f64,
    /// `τ²`.
    between: f64,
    /// `v`.
    within: f64,
    /// Counts that the relation holds for.
    pub(super) window: u64,
}

impl EnergyRelation {
    /// The relation over the features with counts up to the end of the window that the activity law
    /// was fitted to.
    pub(super) fn of(
        counts: &ActivationCounts,
        fit: Option<&ActivityFit>,
        prior: &Prior,
    ) -> Option<Self> {
        let (window, (power, variance)) = match fit {
            Some(fit) => (fit.max_count, energy::power(counts, fit)),
            None => (prior.window(), (0.0, 0.0)),
        };
        let relation = Self {
            power,
            error: variance.sqrt(),
            front: 1.0,
            between: 0.0,
            within: 0.0,
            window: window.min(prior.window()),
        };
        relation.fitted(counts, prior)
    }

    /// The same with `g` drawn from its error, and the rest fitted to it.
    pub(super) fn drawn<R: Rng + ?Sized>(
        &self,
        counts: &ActivationCounts,
        prior: &Prior,
        rng: &mut R,
    ) -> Self {
        let normal: f64 = StandardNormal.sample(rng);
        let moved = Self { power: self.power + self.error * normal, ..*self };
        moved.fitted(counts, prior).unwrap_or(*self)
    }

    /// `C` from the mean of `r`, `τ²` and `v` from a line of its scatter over `1/k`, neither below
    /// 0. `None` where no feature is in the window.
    fn fitted(self, counts: &ActivationCounts, prior: &Prior) -> Option<Self> {
        // Features, Σ S/(k m), Σ (S/(k m))², the scatter of p^g, by count.
        let groups: Vec<[f64; 5]> = counts
            .groups_to(self.window)
            .filter(|(count, _)| *count >= prior.floor && prior.shrinks(*count))
            .map(|(count, group)| {
                let (k, spread) = (count as f64, prior.posterior(count));
                let m = spread.moment(self.power);
                let scatter = spread.moment(2.0 * self.power) / (m * m) - 1.0;
                [k, group.features, group.energy / (k * m), group.square / (k * m).powi(2), scatter]
            })
            .collect();
        let features: f64 = groups.iter().map(|group| group[1]).sum();
        if features == 0.0 {
            return None;
        }
        let front = groups.iter().map(|group| group[2]).sum::<f64>() / features;
        let (mut n, mut x, mut xx, mut y, mut xy) = (0.0, 0.0, 0.0, 0.0, 0.0);
        for [k, features, ratios, squares, scatter] in groups {
            let excess = squares / (front * front) - 2.0 * ratios / front + features;
            let excess = excess - features * scatter;
            n += features;
            x += features / k;
            xx += features / (k * k);
            y += excess;
            xy += excess / k;
        }
        let determinant = n * xx - x * x;
        let line = if determinant > 1e-9 * n * xx {
            [(y * xx - xy * x) / determinant, (n * xy - x * y) / determinant]
        } else {
            [0.0, xy / xx]
        };
        let [between, within] = match line {
            [between, within] if between < 0.0 && within < 0.0 => [0.0, 0.0],
            [between, _] if between < 0.0 => [0.0, (xy / xx).max(0.0)],
            [_, within] if within < 0.0 => [(y / n).max(0.0), 0.0],
            both => both,
        };
        Some(Self { front, between, within, ..self })
    }

    /// The energy of an activation of a feature of this activity.
    pub(super) fn at(&self, activity: f64) -> f64 {
        self.front * activity.powf(self.power)
    }

    /// `λ` over `p` as powers of the activity: front and exponent.
    pub(super) fn law(&self) -> (f64, f64) {
        (self.front, self.power)
    }

    /// What a measured energy is worth beside the relation, `τ²/(τ² + v/k)`: the best linear
    /// estimate is the relation times `1 + weight (r − 1)`.
    fn weight(&self, count: f64) -> f64 {
        let all = self.between + self.within / count;
        if all > 0.0 { self.between / all } else { 1.0 }
    }
}

/// What is known of the energies of features of one count.
pub(super) struct Energies<'a> {
    counts: &'a ActivationCounts,
    count: u64,
    /// The relation with `E(p^g | k)`, where it holds.
    relation: Option<(EnergyRelation, f64)>,
}

impl<'a> Energies<'a> {
    pub(super) fn new(
        counts: &'a ActivationCounts,
        relation: Option<EnergyRelation>,
        open: Option<&Spread>,
        count: u64,
    ) -> Self {
        let holds = relation.filter(|relation| count <= relation.window).zip(open);
        let relation = holds.map(|(relation, open)| (relation, open.moment(relation.power)));
        Self { counts, count, relation }
    }

    /// The energy of an activation of the feature of a row, whose activity is taken to be this, and
    /// the relative variance that is left.
    pub(super) fn of(&self, row: usize, activity: f64) -> (f64, f64) {
        let k = self.count as f64;
        let Some(measured) = self.counts.energy_of(row) else { return (1.0, 0.0) };
        let Some((relation, mean)) = self.relation else { return (measured / k, 0.0) };
        let weight = relation.weight(k);
        let ratio = measured / (k * relation.front * mean);
        let left = (1.0 - weight) * relation.between;
        (relation.at(activity) * (1.0 + weight * (ratio - 1.0)), left)
    }
}
