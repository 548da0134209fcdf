//! Counts in a random subset of the samples, so that a forecast from them can be compared with what
//! the other samples show.

use rand::{Rng, RngExt};

use super::ActivationCounts;
use super::cells::Cells;
use crate::FittingError;
use crate::diagnosis::gamma_ratios::{ln_choose, ln_gamma_ratio};

/// Counts in `kept` of the `samples` samples, chosen at random without replacement: each count is
/// hypergeometric.
///
/// Features are thinned **independently** of each other: the counts of each feature are exactly
/// those of a random subset, but which features are active together is not known from counts, and
/// not kept. Rows stay in their place, with 0 where a feature is not seen. Thin the result again
/// for a subset of the subset: a forecast from the smaller can then be compared with the larger.
/// Thinning independently leaves means as they are; the variance of sums over features lacks what
/// features active together would add. Cost: one random number per activation.
///
/// # Errors
/// `kept` that is 0 or above `samples`; a count above `samples`, with its row.
///
/// ```
/// use asymscale_fitting::diagnosis::thin_counts;
/// use rand_xoshiro::{Xoshiro256PlusPlus, rand_core::SeedableRng};
/// let half = thin_counts(&[1000, 600, 1, 0], 1000, 500, &mut Xoshiro256PlusPlus::seed_from_u64(1))?;
/// assert_eq!((half[0], half[3]), (500, 0)); // active in every sample, active in none
/// assert!(half[2] <= 1);
/// # Ok::<(), asymscale_fitting::FittingError>(())
/// ```
pub fn thin_counts<R: Rng + ?Sized>(
    counts: &[u64],
    samples: u64,
    kept: u64,
    rng: &mut R,
) -> Result<Vec<u64>, FittingError> {
    if kept == 0 || kept > samples {
        return Err(FittingError::KeptSamples { kept, samples });
    }
    let thin = |(row, &count): (usize, &u64)| {
        if count > samples {
            return Err(FittingError::Count {
                value: count as f64,
                row: row + 1,
                samples: samples as f64,
            });
        }
        Ok(hypergeometric(count, samples, kept, rng))
    };
    counts.iter().enumerate().map(thin).collect()
}

impl ActivationCounts {
    /// Expected number of features seen in a random `kept` of the samples,
    /// `Σ_i 1 − C(D−k_i, kept)/C(D, kept)` (hypergeometric; the curve of rarefaction of ecology).
    /// Exact; cost: one term per distinct count.
    ///
    /// # Errors
    /// `kept` below 0 or above `D`.
    ///
    /// ```
    /// use asymscale_fitting::diagnosis::ActivationCounts;
    /// // Ten samples; one feature in all of them, one in a single one.
    /// let counts = ActivationCounts::new(&[10, 1], 10)?;
    /// assert!((counts.seen_in(4.0)? - 1.4).abs() < 1e-12);
    /// # Ok::<(), asymscale_fitting::FittingError>(())
    /// ```
    pub fn seen_in(&self, kept: f64) -> Result<f64, FittingError> {
        check_kept(kept, self.units())?;
        Ok(self
            .groups_to(u64::MAX)
            .map(|(k, group)| group.features * (1.0 - self.missed(k, kept)))
            .sum())
    }

    /// Expected activations, in one of the samples left out, of features that a random `kept` of
    /// the samples does not hold: `Σ_i k_i/(D−kept) · C(D−k_i, kept)/C(D, kept)`, unbiased for what
    /// `kept` samples leave unseen. At `kept = D − 1` it is Good and Turing's estimate.
    ///
    /// # Errors
    /// `kept` below 0 or above `D − 1`.
    ///
    /// ```
    /// use asymscale_fitting::diagnosis::ActivationCounts;
    /// let counts = ActivationCounts::new(&[10, 2, 1, 1], 10)?;
    /// assert!((counts.unseen_activity_after(9.0)? - 0.2).abs() < 1e-12); // two features seen once
    /// assert!((counts.unseen_activity_after(0.0)? - 1.4).abs() < 1e-12); // all activations
    /// # Ok::<(), asymscale_fitting::FittingError>(())
    /// ```
    pub fn unseen_activity_after(&self, kept: f64) -> Result<f64, FittingError> {
        check_kept(kept, self.units() - 1.0)?;
        let left = self.units() - kept;
        let part =
            |(k, group): (u64, super::CountGroup)| group.energy * self.missed(k, kept) / left;
        let per_unit: f64 = self.as_activity().groups_to(u64::MAX).map(part).sum();
        Ok(per_unit * self.units() / self.samples())
    }

    /// Expected number of features in each cell of counts in a random `kept` of the units
    /// (hypergeometric).
    pub(crate) fn expected_in(&self, kept: f64, cells: &Cells) -> Vec<f64> {
        let highest = cells.edges[cells.len()] as f64;
        let mut expected = vec![0.0; cells.len()];
        for (k, group) in self.groups_to(u64::MAX) {
            let mean = k as f64 * kept / self.units();
            if mean - 8.0 * mean.sqrt() > highest {
                break;
            }
            let lowest = (k as f64 + kept - self.units()).max(cells.edges[0] as f64 + 1.0) as u64;
            for count in lowest..=k.min(highest as u64).min(kept as u64) {
                if let Some(cell) = cells.of(count) {
                    expected[cell] += group.features * self.in_part(k as f64, kept, count as f64);
                }
            }
        }
        expected
    }

    /// Expected number of features active in at least [`floor`](Self::floor) of a random `kept` of
    /// the units, among those active as often in all.
    pub(crate) fn active_in(&self, kept: f64) -> f64 {
        let active = |(k, group): (u64, super::CountGroup)| {
            if k < self.floor() {
                return 0.0;
            }
            let first = (k as f64 + kept - self.units()).max(0.0) as u64;
            let fewer = (first..self.floor()).map(|count| match count {
                0 => self.missed(k, kept),
                count => self.in_part(k as f64, kept, count as f64),
            });
            group.features * (1.0 - fewer.sum::<f64>())
        };
        self.groups_to(u64::MAX).map(active).sum()
    }

    /// The probability that `kept` of the units hold `count` of the `k` in which a feature is
    /// active.
    fn in_part(&self, k: f64, kept: f64, count: f64) -> f64 {
        let all = self.units();
        // C(k, c) C(U − k, m − c) / C(U, m), with m! and the like left out where they cancel.
        (ln_choose(k, count)
            + ln_gamma_ratio(kept + 1.0, count)
            + ln_gamma_ratio(all - kept + 1.0, k - count)
            - ln_gamma_ratio(all + 1.0, k))
        .exp()
    }

    /// The probability that a random `kept` of the samples misses a feature with count `k`.
    fn missed(&self, k: u64, kept: f64) -> f64 {
        let (k, left) = (k as f64, self.units() - kept);
        if k > left {
            return 0.0;
        }
        (ln_gamma_ratio(left + 1.0, k) - ln_gamma_ratio(self.units() + 1.0, k)).exp()
    }
}

fn check_kept(kept: f64, most: f64) -> Result<(), FittingError> {
    if (0.0..=most).contains(&kept) {
        Ok(())
    } else {
        Err(FittingError::PartOfSamples { kept, most })
    }
}

/// How many of `marked` of `all` samples are among `kept` of them, drawn one after the other
/// (`rand_distr`'s sampler refuses large populations, for which a product of factorials
/// underflows).
fn hypergeometric<R: Rng + ?Sized>(marked: u64, all: u64, kept: u64, rng: &mut R) -> u64 {
    let mut left = kept;
    for drawn in 0..marked {
        if rng.random::<f64>() * ((all - drawn) as f64) < left as f64 {
            left -= 1;
        }
    }
    kept - left
}
