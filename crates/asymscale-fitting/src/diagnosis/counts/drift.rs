//! Whether the features change along the order of the units; forecasts assume that they do not.

use rand::{Rng, RngExt};
use serde::{Deserialize, Serialize};

use super::ActivationCounts;

/// Random halves that the first and the second half are compared with.
const SPLITS: usize = 199;

/// Counts of the features that are compared: these occur often enough to be in both halves and
/// rarely enough to be in one only.
pub(crate) const COUNTS: std::ops::RangeInclusive<usize> = 2..=8;

/// The most features that are compared.
pub(crate) const MOST_FEATURES: usize = 20_000;

/// With fewer units than this halves are not compared.
const LEAST_UNITS: f64 = 8.0;

/// How many of the features with two to eight units are active in one half of the units only, the
/// halves taken in order.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Drift {
    /// Features active in the first half only or in the second half only.
    pub in_one_half: f64,
    /// Their mean over random halves.
    pub expected: f64,
    /// The share of random halves with as many or more.
    pub p_value: f64,
}

impl Drift {
    /// Whether the halves differ beyond chance (1 %) and by so much that it matters (a tenth more
    /// in one half).
    ///
    /// ```
    /// use asymscale_fitting::diagnosis::Drift;
    /// assert!(Drift { in_one_half: 120.0, expected: 100.0, p_value: 0.005 }.matters());
    /// assert!(!Drift { in_one_half: 105.0, expected: 100.0, p_value: 0.005 }.matters()); // too little
    /// ```
    pub fn matters(&self) -> bool {
        self.p_value < 0.01 && self.in_one_half > 1.1 * self.expected
    }
}

/// The comparison of the two halves; `None` where the units of features are not known, or too few.
pub(crate) fn drift<R: Rng + ?Sized>(counts: &ActivationCounts, rng: &mut R) -> Option<Drift> {
    let rare = counts.rare_units();
    let units = counts.units() as usize;
    if rare.is_empty() || counts.units() < LEAST_UNITS {
        return None;
    }
    let in_one_half = |first: &dyn Fn(u32) -> bool| {
        let alone = |units: &&Vec<u32>| {
            let firsts = units.iter().filter(|unit| first(**unit)).count();
            firsts == 0 || firsts == units.len()
        };
        rare.iter().filter(alone).count() as f64
    };
    let found = in_one_half(&|unit| (unit as usize) < units / 2);
    let (mut sum, mut as_many) = (0.0, 0);
    let mut order: Vec<u32> = (0..units as u32).collect();
    let mut first = vec![false; units];
    for _ in 0..SPLITS {
        first.fill(false);
        for k in 0..units / 2 {
            let other = rng.random_range(k..units);
            order.swap(k, other);
            first[order[k] as usize] = true;
        }
        let random = in_one_half(&|unit| first[unit as usize]);
        sum += random;
        as_many += usize::from(random >= found);
    }
    let expected = sum / SPLITS as f64;
    Some(Drift {
        in_one_half: found,
        expected,
        p_value: (as_many as f64 + 1.0) / (SPLITS as f64 + 1.0),
    })
}
