//! A text read in random order, group by group: what the groups read so far hold, and what they
//! leave unseen.

use crate::ChapterError;
use crate::kit::Text;
use asymscale_fitting::FittingError;
use asymscale_fitting::diagnosis::{ActivationCounts, ActivityLaw, Incidence};
use rand::{Rng, RngExt};

/// A text whose groups, such as the chapters of a book, are in random order.
#[derive(Debug)]
pub struct ShuffledText<'a> {
    text: &'a Text,
    /// The place of each group in that order.
    place: Vec<usize>,
}

impl<'a> ShuffledText<'a> {
    /// Shuffles the groups; every order is equally likely.
    pub fn new<R: Rng + ?Sized>(text: &'a Text, rng: &mut R) -> Self {
        let mut place: Vec<usize> = (0..text.group_count()).collect();
        for last in (1..place.len()).rev() {
            place.swap(last, rng.random_range(0..=last));
        }
        Self { text, place }
    }

    /// Samples with the place of their group.
    fn samples(&self) -> impl Iterator<Item = (usize, &'a Vec<u32>)> {
        let place = |group: &u32| self.place[*group as usize];
        self.text.groups.iter().map(place).zip(&self.text.samples)
    }

    /// How many samples the first `groups` groups hold, and in how many of them each feature
    /// stands.
    pub fn counts(&self, groups: usize) -> (u64, Vec<u64>) {
        let (mut samples, mut counts) = (0, vec![0; self.text.features]);
        for (_, sample) in self.samples().filter(|(place, _)| *place < groups) {
            samples += 1;
            for feature in sample {
                counts[*feature as usize] += 1;
            }
        }
        (samples, counts)
    }

    /// The first `groups` groups as activations of the features they hold, group by group in the
    /// order read.
    ///
    /// # Errors
    /// As [`Incidence::with_groups`]; none from two groups on.
    pub fn incidence(&self, groups: usize) -> Result<Incidence, FittingError> {
        let mut read: Vec<(usize, &Vec<u32>)> =
            self.samples().filter(|(place, _)| *place < groups).collect();
        read.sort_by_key(|(place, _)| *place);
        // Features that were not read are not known to exist.
        let (mut numbers, mut features) = (vec![None; self.text.features], 0);
        let mut pairs = Vec::new();
        for (number, (_, sample)) in (0..).zip(&read) {
            for feature in *sample {
                let feature = *numbers[*feature as usize].get_or_insert_with(|| {
                    features += 1;
                    features - 1
                });
                pairs.push((feature, number));
            }
        }
        let of: Vec<u32> = read.iter().map(|(place, _)| *place as u32).collect();
        Incidence::new(&pairs, features as usize, read.len())?.with_groups(&of)
    }

    /// The mean number of activations per sample, over all groups after the first `groups`, of
    /// features that stand in none of the first: an estimate with an error of its own. `None` where
    /// less than a tenth of the groups are left to average over.
    pub fn still_unseen(&self, groups: usize, counts: &[u64]) -> Option<f64> {
        if 10 * groups > 9 * self.place.len() {
            return None;
        }
        let (mut samples, mut unseen) = (0_u64, 0);
        for (_, sample) in self.samples().filter(|(place, _)| *place >= groups) {
            samples += 1;
            unseen += sample.iter().filter(|feature| counts[**feature as usize] == 0).count();
        }
        Some(unseen as f64 / samples as f64)
    }
}

/// Counts of the features that were seen, without those that were not.
///
/// # Errors
/// As [`ActivationCounts::new`]; none for two samples with a feature.
pub fn bare_counts(samples: u64, counts: &[u64]) -> Result<ActivationCounts, ChapterError> {
    let seen: Vec<u64> = counts.iter().copied().filter(|count| *count > 0).collect();
    Ok(ActivationCounts::new(&seen, samples)?)
}

/// The straight line through the logarithms of count and rank, taken for a law of activity: this is
/// often done, and is the chapter's planted defect. A sample has finitely many activations only if
/// the exponent is above 1; a flatter line is replaced by that of exponent 1.01 through its middle.
pub fn line_through_ranks(counts: &[u64], samples: f64) -> ActivityLaw {
    let mut seen: Vec<f64> =
        counts.iter().filter(|count| **count > 0).map(|count| *count as f64).collect();
    seen.sort_by(|a, b| b.total_cmp(a));
    let n = seen.len() as f64;
    let points =
        || seen.iter().zip(1..).map(|(count, rank)| (f64::from(rank).ln(), (count / samples).ln()));
    let (x, y) = points().fold((0.0, 0.0), |(x, y), at| (x + at.0 / n, y + at.1 / n));
    let (xy, xx) = points()
        .fold((0.0, 0.0), |(xy, xx), at| (xy + (at.0 - x) * (at.1 - y), xx + (at.0 - x).powi(2)));
    let beta = (-xy / xx).max(1.01);
    ActivityLaw { beta, onset: (x + y / beta).exp() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use asymscale_sampling::Key;

    /// Ten groups of two samples each; feature 0 stands in all samples, feature `k` in the two of
    /// group `k`.
    fn ten_groups() -> Text {
        let samples = (0..20).map(|k| if k < 2 { vec![0] } else { vec![0, k / 2] }).collect();
        let groups = (0..20).map(|k| k / 2).collect();
        Text { samples, groups, features: 10, version: 0 }
    }

    #[test]
    fn groups_are_read_whole_and_each_once() {
        let text = ten_groups();
        let mut stream = Key::new(1).stream();
        let reading = ShuffledText::new(&text, &mut stream);
        for groups in 2..=10 {
            let (samples, counts) = reading.counts(groups);
            assert_eq!((samples, counts[0]), (2 * groups as u64, 2 * groups as u64));
            assert!(counts[1..].iter().all(|count| *count == 0 || *count == 2));
            let incidence = reading.incidence(groups).unwrap();
            assert_eq!((incidence.groups(), incidence.samples()), (Some(groups), 2 * groups));
            let seen = counts.iter().filter(|count| **count > 0).count();
            assert_eq!(incidence.features(), seen);
            assert_eq!(bare_counts(samples, &counts).unwrap().total(), None);
            // Each feature not seen stands in two of the samples that are left.
            let left = reading.still_unseen(groups, &counts);
            let expected = (groups < 10).then(|| 2.0 * (10 - seen) as f64 / (20 - samples) as f64);
            assert_eq!(left, expected);
        }
    }

    /// 500 orders, seed 2, α = 1e-3 over 10 groups (two-sided normal, Bonferroni: 4.1 standard
    /// errors of ½).
    #[test]
    fn every_group_is_as_likely_in_the_first_half() {
        let text = ten_groups();
        let mut stream = Key::new(2).stream();
        let mut first = [0; 10];
        for _ in 0..500 {
            let reading = ShuffledText::new(&text, &mut stream);
            for (group, place) in reading.place.iter().enumerate() {
                first[group] += usize::from(*place < 5);
            }
        }
        let reach = 4.1 * (500.0_f64 * 0.25).sqrt();
        assert!(first.iter().all(|count| (*count as f64 - 250.0).abs() < reach), "{first:?}");
    }
}
