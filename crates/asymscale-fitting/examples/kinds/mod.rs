//! Populations of every kind with parameters at random: features with their activities, and what
//! samples show of them. Shared by the example `populations` and by the test of what always holds.

use rand::{Rng, RngExt};
use rand_distr::{Binomial, Distribution, Gamma, LogNormal, Poisson};

/// The kinds; the number of one is its place.
pub(crate) const KINDS: [&str; 8] = [
    "equal",
    "gamma loads",
    "lognormal",
    "finite power law",
    "power law",
    "broken power law",
    "two kinds",
    "some dead",
];

/// Ranks of a law without end that have an activity each. Beyond, those of a block share that in
/// its middle.
const SINGLE_RANKS: u64 = 10_000;

/// Blocks end this factor beyond where they begin.
const BLOCK: f64 = 1.02;

/// Blocks go on until a feature is expected so rarely in as many samples as will be looked at;
/// beyond, none is active twice.
const ONCE: f64 = 1e-3;

/// Counts below this expectation are drawn given that they are not 0.
const RARE: f64 = 30.0;

/// Features of one activity.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Alike {
    pub(crate) features: u64,
    pub(crate) activity: f64,
}

/// Features with their activities.
#[derive(Debug, Clone)]
pub(crate) struct Population {
    pub(crate) groups: Vec<Alike>,
    /// The sum of the activities of features so rare that none is active twice.
    pub(crate) beyond: f64,
    /// Features that are never active.
    pub(crate) dead: usize,
}

/// What samples of a population show.
#[derive(Debug, Clone)]
pub(crate) struct Shown {
    /// Counts of the features seen.
    pub(crate) counts: Vec<u64>,
    /// Features not seen yet.
    left: Vec<Alike>,
    beyond: f64,
}

impl Population {
    /// A population of a kind. Without an end it has activities for as many samples as `most`; else
    /// `size` features, a typical one of them active about `typical` times in `samples`.
    pub(crate) fn random(
        kind: usize,
        size: usize,
        typical: f64,
        (samples, most): (f64, f64),
        rng: &mut impl Rng,
    ) -> Self {
        let lognormal = |spread: f64| LogNormal::new(typical.ln(), spread).expect("positive");
        let rates: Vec<f64> = match kind {
            0 => vec![typical; size],
            1 => {
                let shape = 10_f64.powf(rng.random_range(-0.5..1.5));
                let gamma = Gamma::new(shape, typical / shape).expect("positive");
                (0..size).map(|_| gamma.sample(rng)).collect()
            }
            2 => {
                let law = lognormal(rng.random_range(0.3..3.0));
                (0..size).map(|_| law.sample(rng)).collect()
            }
            3 => {
                let (beta, onset) =
                    (rng.random_range(0.7..2.0), 10_f64.powf(rng.random_range(0.0..2.0)));
                (1..=size).map(|rank| samples * (onset / rank as f64).powf(beta)).collect()
            }
            4 => {
                let (beta, onset) =
                    (rng.random_range(1.2..2.5), 10_f64.powf(rng.random_range(0.0..1.5)));
                return Self::endless(|rank| (onset / rank).powf(beta).min(1.0), beta, most);
            }
            5 => {
                let (beta, tail) = (rng.random_range(0.5..1.2), rng.random_range(1.3..2.5));
                let bend = 10_f64.powf(rng.random_range(1.5..3.5));
                let top = rng.random_range(0.05..1.0);
                let steep =
                    |rank: f64| if rank < bend { 1.0 } else { (bend / rank).powf(tail - beta) };
                return Self::endless(
                    |rank| (top * rank.powf(-beta) * steep(rank)).min(1.0),
                    tail,
                    most,
                );
            }
            6 => {
                let rare = typical * 10_f64.powf(rng.random_range(-2.0..-0.5));
                (0..size).map(|k| if k % 3 == 0 { rare } else { typical }).collect()
            }
            _ => {
                let law = lognormal(1.0);
                (0..size).map(|k| if k % 10 == 0 { 0.0 } else { law.sample(rng) }).collect()
            }
        };
        let dead = rates.iter().filter(|rate| **rate == 0.0).count();
        let alive = rates.into_iter().filter(|rate| *rate > 0.0);
        let groups =
            alive.map(|rate| Alike { features: 1, activity: (rate / samples).min(1.0) }).collect();
        Self { groups, beyond: 0.0, dead }
    }

    /// Activities of all ranks, which end as `rank^−tail`.
    fn endless(activity: impl Fn(f64) -> f64, tail: f64, most: f64) -> Self {
        let single = |rank: u64| Alike { features: 1, activity: activity(rank as f64) };
        let mut groups: Vec<Alike> = (1..=SINGLE_RANKS).map(single).collect();
        let mut start = SINGLE_RANKS as f64 + 1.0;
        while most * activity(start) > ONCE {
            let end = (start * BLOCK).ceil();
            // Ranks stand for the unit about them.
            let middle = ((start - 0.5) * (end - 0.5)).sqrt();
            groups.push(Alike { features: (end - start) as u64, activity: activity(middle) });
            start = end;
        }
        let from = start - 0.5;
        Self { groups, beyond: activity(from) * from / (tail - 1.0), dead: 0 }
    }

    /// What so many samples show.
    pub(crate) fn shown(&self, samples: f64, rng: &mut impl Rng) -> Shown {
        let (mut counts, mut left) = (Vec::new(), Vec::new());
        for &Alike { features, activity } in &self.groups {
            if samples * activity > RARE {
                let law = Binomial::new(samples as u64, activity).expect("a probability");
                counts.extend((0..features).map(|_| law.sample(rng)));
                continue;
            }
            let seen = seen(features, activity, samples, rng);
            counts.extend((0..seen).map(|_| not_zero(samples, activity, rng)));
            if seen < features {
                left.push(Alike { features: features - seen, activity });
            }
        }
        counts.retain(|count| *count > 0);
        counts.extend(std::iter::repeat_n(1, once(self.beyond * samples, rng)));
        Shown { counts, left, beyond: self.beyond }
    }
}

impl Shown {
    /// Draws so many samples more: the number of features new in them.
    pub(crate) fn further(&mut self, samples: f64, rng: &mut impl Rng) -> f64 {
        let mut new = once(self.beyond * samples, rng) as u64;
        for group in &mut self.left {
            let seen = seen(group.features, group.activity, samples, rng);
            group.features -= seen;
            new += seen;
        }
        self.left.retain(|group| group.features > 0);
        new as f64
    }

    /// Features not seen, those beyond not counted.
    pub(crate) fn unseen_features(&self) -> usize {
        self.left.iter().map(|group| group.features as usize).sum()
    }

    /// The activities of features not seen, added up.
    pub(crate) fn unseen(&self) -> f64 {
        self.left.iter().map(|group| group.features as f64 * group.activity).sum::<f64>()
            + self.beyond
    }
}

/// How many of some features alike are active at all.
fn seen(features: u64, activity: f64, samples: f64, rng: &mut impl Rng) -> u64 {
    let probability = -(samples * (-activity).ln_1p()).exp_m1();
    Binomial::new(features, probability).expect("a probability").sample(rng)
}

/// A binomial count that is not 0, term by term.
fn not_zero(samples: f64, activity: f64, rng: &mut impl Rng) -> u64 {
    let odds = activity / (1.0 - activity);
    let mut term = (samples * (-activity).ln_1p()).exp();
    let mut left = (1.0 - term) * rng.random::<f64>();
    for count in 1..samples as u64 {
        term *= odds * (samples + 1.0 - count as f64) / count as f64;
        left -= term;
        if left < 0.0 {
            return count;
        }
    }
    samples as u64
}

/// How many features that are active once at most are.
fn once(mean: f64, rng: &mut impl Rng) -> usize {
    if mean > 0.0 { Poisson::new(mean).expect("positive").sample(rng) as usize } else { 0 }
}
