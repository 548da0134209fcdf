//! What the tests of the diagnosis share: synthetic designs and the words of a real text.

use asymscale_fitting::diagnosis::{
    ActivationCounts, Diagnosis, DiagnosisOptions, Estimate, Unseen, diagnose, thin_counts,
};
use asymscale_model::SparseModel;
use asymscale_sampling::{Key, seen_coordinates};
use rand_xoshiro::Xoshiro256PlusPlus;

/// A design to draw counts from.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Synthetic {
    pub(crate) alpha: f64,
    pub(crate) beta: f64,
    pub(crate) onset: f64,
    pub(crate) samples: u64,
}

impl Synthetic {
    /// Ranks and counts of the seen features of one draw.
    pub(crate) fn draw(&self, key: &Key) -> Vec<(f64, u64)> {
        let model = SparseModel::power_law(self.alpha, self.beta, self.onset).unwrap();
        let seen = seen_coordinates(&model, self.samples as usize, &mut key.stream()).unwrap();
        seen.into_iter().map(|feature| (feature.index, u64::from(feature.count))).collect()
    }

    pub(crate) fn counts(&self, key: &Key) -> ActivationCounts {
        let counts: Vec<u64> = self.draw(key).into_iter().map(|feature| feature.1).collect();
        ActivationCounts::new(&counts, self.samples).unwrap()
    }

    pub(crate) fn activity(&self, rank: f64) -> f64 {
        (self.onset / rank).powf(self.beta).min(1.0)
    }

    /// `Σ p_i` beyond rank `last`.
    pub(crate) fn activity_beyond(&self, last: f64) -> f64 {
        let from = last + 0.5;
        self.activity(from) * from / (self.beta - 1.0)
    }
}

pub(crate) fn diagnosis(counts: &ActivationCounts, rng: &mut Xoshiro256PlusPlus) -> Diagnosis {
    diagnose(counts, &DiagnosisOptions::default(), rng).unwrap()
}

/// How often a forecast was known, and how often it then held the truth.
#[derive(Debug, Default, Clone, Copy)]
pub(crate) struct Covered {
    pub(crate) known: u64,
    pub(crate) covered: u64,
}

impl Covered {
    pub(crate) fn add(&mut self, estimate: Option<Estimate>, truth: f64) {
        self.known += u64::from(estimate.is_some());
        self.covered += u64::from(estimate.is_some_and(|estimate| estimate.contains(truth)));
    }

    /// Asserts that it was known in at least the share `known` of `sets`, and then covered at 95 %,
    /// less chance (a normal quantile `z`) and what the method may cost.
    pub(crate) fn assert(&self, what: &str, sets: u64, known: f64, z: f64, systematic: f64) {
        let share = self.covered as f64 / self.known as f64;
        println!("{what}: known in {} of {sets}, covered {share:.3}", self.known);
        assert!(
            self.known as f64 >= known * sets as f64,
            "{what}: known in {} of {sets}",
            self.known
        );
        let floor = 0.95 - z * (0.95 * 0.05 / self.known as f64).sqrt() - systematic;
        assert!(share >= floor, "{what}: {share} of {} covered, at least {floor}", self.known);
    }
}

/// Verses of the King James Bible.
pub(crate) const VERSES: u64 = 31_102;

/// In how many verses each word stands.
pub(crate) fn words() -> Vec<u64> {
    let verses = |line: &str| line.split(',').nth(2).unwrap().parse().unwrap();
    include_str!("../data/kjv-verse-words.csv").lines().skip(1).map(verses).collect()
}

/// Counts in a random part of the verses, `1/part` of them, and in `factor` times as many.
pub(crate) fn nested(
    part: u64,
    factor: u64,
    rng: &mut Xoshiro256PlusPlus,
) -> (Vec<u64>, Vec<u64>, u64) {
    let small = VERSES / part;
    let large = small * factor;
    let more = thin_counts(&words(), VERSES, large, rng).unwrap();
    let less = thin_counts(&more, large, small, rng).unwrap();
    (less, more, small)
}

/// Counts of the features seen alone: how many there are in all is not said.
pub(crate) fn of_seen(counts: &[u64], samples: u64) -> ActivationCounts {
    let seen: Vec<u64> = counts.iter().copied().filter(|count| *count > 0).collect();
    ActivationCounts::new(&seen, samples).unwrap()
}

/// What is unseen now.
pub(crate) fn unseen_now(diagnosis: &Diagnosis) -> Unseen {
    diagnosis.unseen.expect("features seen once are in the table")
}

/// With fewer draws, for tests of many sets.
pub(crate) fn quick_diagnosis(
    counts: &ActivationCounts,
    factors: &[f64],
    rng: &mut Xoshiro256PlusPlus,
) -> Diagnosis {
    let options = DiagnosisOptions {
        factors: factors.to_vec(),
        resamples: 99,
        ..DiagnosisOptions::default()
    };
    diagnose(counts, &options, rng).unwrap()
}

/// Synthetic sets per design; `DIAGNOSIS_SETS` in the environment asks for more.
pub(crate) fn sets() -> u64 {
    std::env::var("DIAGNOSIS_SETS").ok().and_then(|sets| sets.parse().ok()).unwrap_or(300)
}
