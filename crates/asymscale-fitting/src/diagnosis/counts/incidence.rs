//! Which features were active in which samples. Counts alone do not show it, and intervals need it
//! where features are active together.

use std::collections::BTreeMap;

use super::CountsError;
use crate::FittingError;

/// Blocks of samples that are left out in turn, at most.
const MOST_BLOCKS: usize = 100;

/// Activations as pairs of a feature and a sample, and the group (document, book, run) of each
/// sample where known.
///
/// With groups, a group is what was drawn: features are counted by the groups they are active in,
/// forecasts are for more groups of the same kind, and intervals come from groups left out in turn.
/// Without, samples are what was drawn.
///
/// ```
/// use asymscale_fitting::diagnosis::{ActivationCounts, Incidence};
/// // Three features in four samples, the first two of which are one document, the others another.
/// let pairs = [(0, 0), (0, 1), (0, 2), (1, 1), (2, 3)];
/// let words = Incidence::new(&pairs, 3, 4)?;
/// assert_eq!(ActivationCounts::from_incidence(&words)?.with_count(1), 2);
/// let grouped = words.with_groups(&[0, 0, 1, 1])?;
/// // By documents, the second and the third feature were seen once, the first twice.
/// assert_eq!(ActivationCounts::from_incidence(&grouped)?.with_count(2), 1);
/// # Ok::<(), asymscale_fitting::FittingError>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Incidence {
    features: usize,
    samples: usize,
    /// By feature, then by sample, each pair once.
    pairs: Vec<(u32, u32)>,
    /// The group of each sample, and how many groups there are.
    groups: Option<(Vec<u32>, usize)>,
}

impl Incidence {
    /// Pairs of a feature `< features` and a sample `< samples`; a pair that stands twice counts
    /// once.
    ///
    /// # Errors
    /// Fewer than 2 samples; a pair beyond the numbers given, with its place.
    pub fn new(
        pairs: &[(u32, u32)],
        features: usize,
        samples: usize,
    ) -> Result<Self, FittingError> {
        if samples < 2 {
            return Err(FittingError::Samples(samples as f64));
        }
        let beyond = |&(feature, sample): &(u32, u32)| {
            feature as usize >= features || sample as usize >= samples
        };
        if let Some(row) = pairs.iter().position(beyond) {
            let (feature, sample) = pairs[row];
            return Err(
                CountsError::Pair { feature, sample, row: row + 1, features, samples }.into()
            );
        }
        let mut pairs = pairs.to_vec();
        pairs.sort_unstable();
        pairs.dedup();
        Ok(Self { features, samples, pairs, groups: None })
    }

    /// Declares which group each sample belongs to, by numbers that differ between groups.
    ///
    /// # Errors
    /// A list of another length than the samples; fewer than two groups.
    pub fn with_groups(mut self, groups: &[u32]) -> Result<Self, FittingError> {
        crate::checks::check_length("groups", groups.len(), self.samples, "sample")?;
        let mut numbers = BTreeMap::new();
        let numbered = groups.iter().map(|group| {
            let next = numbers.len() as u32;
            *numbers.entry(*group).or_insert(next)
        });
        let numbered: Vec<u32> = numbered.collect();
        if numbers.len() < 2 {
            return Err(CountsError::Groups { found: numbers.len() }.into());
        }
        self.groups = Some((numbered, numbers.len()));
        Ok(self)
    }

    /// Samples `D`.
    pub fn samples(&self) -> usize {
        self.samples
    }

    /// Features, active or not.
    pub fn features(&self) -> usize {
        self.features
    }

    /// Groups of samples, where they were given.
    pub fn groups(&self) -> Option<usize> {
        self.groups.as_ref().map(|groups| groups.1)
    }

    /// What was drawn: groups, or samples where there are none.
    pub(crate) fn units(&self) -> usize {
        self.groups().unwrap_or(self.samples)
    }

    /// The unit of a sample.
    fn unit(&self, sample: u32) -> u32 {
        self.groups.as_ref().map_or(sample, |groups| groups.0[sample as usize])
    }

    /// Samples in each unit.
    pub(crate) fn sizes(&self) -> Vec<f64> {
        let mut sizes = vec![0.0; self.units()];
        for sample in 0..self.samples as u32 {
            sizes[self.unit(sample) as usize] += 1.0;
        }
        sizes
    }

    /// For each feature, the units it is active in with its activations there, in the order of
    /// units.
    pub(crate) fn by_feature(&self) -> impl Iterator<Item = Vec<(u32, f64)>> {
        let mut from = 0;
        (0..self.features as u32).map(move |feature| {
            let length = self.pairs[from..].iter().take_while(|pair| pair.0 == feature).count();
            let mut units: Vec<u32> =
                self.pairs[from..from + length].iter().map(|pair| self.unit(pair.1)).collect();
            from += length;
            units.sort_unstable();
            units.chunk_by(|a, b| a == b).map(|same| (same[0], same.len() as f64)).collect()
        })
    }

    /// The block that a unit belongs to; blocks are runs of consecutive units.
    pub(crate) fn block_of(&self, unit: u32) -> usize {
        unit as usize * self.blocks() / self.units()
    }

    /// Blocks of consecutive units, as equal as can be.
    pub(crate) fn blocks(&self) -> usize {
        self.units().min(MOST_BLOCKS)
    }
}

/// What changes when one block of units is left out.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct LeftOutBlock {
    /// Units and samples in the block.
    pub(crate) units: f64,
    pub(crate) samples: f64,
    /// Features whose count changes when the block is left out, by count before and after.
    pub(crate) changes: Vec<Change>,
}

/// Features that have the same count before and the same count after.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(crate) struct Change {
    /// Count with the block, and without it.
    pub(crate) from: u64,
    pub(crate) to: u64,
    pub(crate) features: f64,
    /// Their energy with the block, and without it.
    pub(crate) energy: f64,
    pub(crate) energy_without: f64,
}

/// The change that each block of units makes when it is left out.
pub(crate) fn leave_out_blocks(incidence: &Incidence) -> Vec<LeftOutBlock> {
    let mut found: Vec<BTreeMap<(u64, u64), Change>> = vec![BTreeMap::new(); incidence.blocks()];
    for units in incidence.by_feature() {
        let (from, energy) = (units.len() as u64, units.iter().map(|unit| unit.1).sum::<f64>());
        for block in units.chunk_by(|a, b| incidence.block_of(a.0) == incidence.block_of(b.0)) {
            let to = from - block.len() as u64;
            let change = found[incidence.block_of(block[0].0)].entry((from, to)).or_default();
            change.from = from;
            change.to = to;
            change.features += 1.0;
            change.energy += energy;
            change.energy_without += energy - block.iter().map(|unit| unit.1).sum::<f64>();
        }
    }
    let mut left: Vec<LeftOutBlock> = found
        .into_iter()
        .map(|changes| LeftOutBlock {
            changes: changes.into_values().collect(),
            ..LeftOutBlock::default()
        })
        .collect();
    for (unit, size) in (0..).zip(incidence.sizes()) {
        let block = &mut left[incidence.block_of(unit)];
        block.units += 1.0;
        block.samples += size;
    }
    left
}
