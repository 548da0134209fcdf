//! Validated input: in how many samples each feature was active, and with which energy.

use std::borrow::Cow;
use std::collections::BTreeMap;

use crate::FittingError;

/// The largest number of samples: whole numbers up to here are exact as floats.
const MOST_SAMPLES: f64 = 9_007_199_254_740_992.0;

/// Activation counts `k_i` of features in `D` samples, with the energy `Σ x_i²` of each where it is known.
///
/// Features that were never active may be given or left out: they tell nothing of the law and are only
/// counted. The order of rows does not matter.
///
/// ```
/// use asymscale_fitting::diagnosis::ActivationCounts;
/// let counts = ActivationCounts::new(&[90, 12, 3, 1, 1, 0], 100)?;
/// assert_eq!((counts.seen(), counts.never_active(), counts.with_count(1)), (5, 1, 2));
/// # Ok::<(), asymscale_fitting::FittingError>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct ActivationCounts {
    samples: f64,
    counts: Vec<u64>,
    never_active: usize,
    has_energies: bool,
    groups: BTreeMap<u64, CountGroup>,
}

/// Features of one count `k`: what every estimate here is made of.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(crate) struct CountGroup {
    /// How many.
    pub(crate) features: f64,
    /// `Σ S_i`, where `S_i` is the energy of feature `i` summed over its activations (`k` where unknown).
    pub(crate) energy: f64,
    /// `Σ S_i²`.
    pub(crate) square: f64,
}

impl ActivationCounts {
    /// Counts in `samples` samples, one per feature.
    ///
    /// # Errors
    /// `samples` below 2 or above 2⁵³; a count above it, with its row; no count above 0; every count equal to
    /// `samples`.
    pub fn new(counts: &[u64], samples: u64) -> Result<Self, FittingError> {
        let numbers: Vec<f64> = counts.iter().map(|&count| count as f64).collect();
        Self::from_numbers(&numbers, samples as f64)
    }

    /// The same from floats, as tables hold them.
    ///
    /// # Errors
    /// As [`ActivationCounts::new`]; a count that is negative, no whole number or NaN, with its row.
    pub fn from_numbers(counts: &[f64], samples: f64) -> Result<Self, FittingError> {
        if !((2.0..=MOST_SAMPLES).contains(&samples) && samples.fract() == 0.0) {
            return Err(FittingError::Samples(samples));
        }
        let valid = |value: f64| (0.0..=samples).contains(&value) && value.fract() == 0.0;
        if let Some(row) = counts.iter().position(|&value| !valid(value)) {
            return Err(FittingError::Count { value: counts[row], row: row + 1, samples });
        }
        let counts: Vec<u64> = counts.iter().map(|&value| value as u64).collect();
        let groups = binary_groups(&counts);
        let features: usize = groups.values().map(|group| group.features as usize).sum();
        if features == 0 {
            return Err(FittingError::NoActiveFeature { rows: counts.len() });
        }
        if groups.len() == 1 && groups.contains_key(&(samples as u64)) {
            return Err(FittingError::AlwaysActive { features, samples });
        }
        let never_active = counts.len() - features;
        Ok(Self { samples, counts, never_active, has_energies: false, groups })
    }

    /// Adds second moments: the mean of `x_i²` over **all** samples, one per feature and in its order.
    ///
    /// # Errors
    /// A list of another length; a value that is not finite and > 0 where the count is > 0, or not 0 where it
    /// is 0, with its row.
    pub fn with_second_moments(mut self, moments: &[f64]) -> Result<Self, FittingError> {
        crate::series::check_length("second moments", moments.len(), self.counts.len(), "feature")?;
        let valid = |row: usize| {
            let moment = moments[row];
            if self.counts[row] == 0 { moment == 0.0 } else { moment > 0.0 && moment.is_finite() }
        };
        if let Some(row) = (0..moments.len()).find(|&row| !valid(row)) {
            return Err(FittingError::SecondMoment { value: moments[row], row: row + 1 });
        }
        self.groups = groups(&self.counts, |row| moments[row] * self.samples);
        self.has_energies = true;
        Ok(self)
    }

    /// Samples `D`.
    pub fn samples(&self) -> f64 {
        self.samples
    }

    /// Features with a count > 0.
    pub fn seen(&self) -> usize {
        self.counts.len() - self.never_active
    }

    /// Features given with a count of 0.
    pub fn never_active(&self) -> usize {
        self.never_active
    }

    /// Whether second moments were given.
    pub fn has_second_moments(&self) -> bool {
        self.has_energies
    }

    /// Features with exactly this count.
    pub fn with_count(&self, count: u64) -> usize {
        self.group(count).features as usize
    }

    pub(crate) fn group(&self, count: u64) -> CountGroup {
        self.groups.get(&count).copied().unwrap_or_default()
    }

    /// Groups of counts up to `last`, ascending.
    pub(crate) fn groups_to(&self, last: u64) -> impl Iterator<Item = (u64, CountGroup)> {
        self.groups.range(1..=last).map(|(&count, &group)| (count, group))
    }

    /// `Σ S_i / D`: energy per sample, unbiased for that of seen and unseen features together.
    pub(crate) fn total_energy(&self) -> f64 {
        self.groups.values().map(|group| group.energy).sum::<f64>() / self.samples
    }

    /// Activations per sample, `Σ k_i / D`.
    pub fn total_activity(&self) -> f64 {
        self.groups.iter().map(|(&count, group)| count as f64 * group.features).sum::<f64>() / self.samples
    }

    /// The same counts with activations as energies, whatever the second moments.
    pub(crate) fn as_activity(&self) -> Cow<'_, Self> {
        if !self.has_energies {
            return Cow::Borrowed(self);
        }
        let groups = self.groups.iter().map(|(&count, group)| (count, binary_group(count, group.features)));
        Cow::Owned(Self { groups: groups.collect(), has_energies: false, ..self.clone() })
    }
}

/// Counts below this are tallied; the others, of which there are few, are sorted.
const TALLIED: u64 = 1 << 16;

/// Groups whose activations have energy 1: what [`groups`] gives, without a number beside each count.
fn binary_groups(counts: &[u64]) -> BTreeMap<u64, CountGroup> {
    let mut tally = vec![0_u64; TALLIED as usize];
    let mut large = Vec::new();
    for &count in counts {
        if count < TALLIED { tally[count as usize] += 1 } else { large.push(count) }
    }
    large.sort_unstable();
    let small =
        (1..).zip(&tally[1..]).filter(|(_, features)| **features > 0).map(|(count, &many)| (count, many));
    let large = large.chunk_by(|a, b| a == b).map(|rows| (rows[0], rows.len() as u64));
    small.chain(large).map(|(count, features)| (count, binary_group(count, features as f64))).collect()
}

/// So many features of one count, each activation with energy 1.
fn binary_group(count: u64, features: f64) -> CountGroup {
    let count = count as f64;
    CountGroup { features, energy: features * count, square: features * count * count }
}

fn groups(counts: &[u64], energy: impl Fn(usize) -> f64) -> BTreeMap<u64, CountGroup> {
    let mut rows: Vec<(u64, f64)> = counts
        .iter()
        .enumerate()
        .filter(|(_, count)| **count > 0)
        .map(|(row, &count)| (count, energy(row)))
        .collect();
    // Sums must not depend on the order of rows.
    rows.sort_by(|a, b| a.0.cmp(&b.0).then(a.1.total_cmp(&b.1)));
    let group = |rows: &[(u64, f64)]| CountGroup {
        features: rows.len() as f64,
        energy: rows.iter().map(|row| row.1).sum(),
        square: rows.iter().map(|row| row.1 * row.1).sum(),
    };
    rows.chunk_by(|a, b| a.0 == b.0).map(|rows| (rows[0].0, group(rows))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_are_grouped_alike_with_and_without_energies() {
        let around = TALLIED - 2..TALLIED + 2;
        let rows: Vec<u64> = around.clone().chain([1, 0, 3, 1 << 40]).chain(around).chain([3, 1]).collect();
        let counts = ActivationCounts::new(&rows, 1 << 41).expect("valid counts");
        assert_eq!(counts.groups, groups(&rows, |row| rows[row] as f64));
        let moments: Vec<f64> = rows.iter().map(|&count| 2.5 * count as f64).collect();
        let weighted = counts.clone().with_second_moments(&moments).expect("valid moments");
        assert_ne!(weighted.groups, counts.groups);
        assert_eq!(weighted.as_activity().into_owned(), counts);
    }
}
