//! What was observed: in how many samples each feature was active, and with which energy.
//!
//! This room holds the validated counts, the samples that features were active in, what a random
//! part of the data would have shown, and two checks of whether the counts can be taken as a random
//! sample of the features. It must not know which law is fitted to them or what is forecast.
//!
//! | I want … | file |
//! |---|---|
//! | the counts of features, and how often each count occurs | this file, `groups.rs` |
//! | which features were active together, and blocks of samples left out in turn | `incidence.rs` |
//! | counts put into cells, and Pearson's X² over these | `cells.rs` |
//! | what a random part of the samples shows | `subsampling.rs` |
//! | whether rare features were cut off the table | `truncation.rs` |
//! | whether features change along the order of the samples | `drift.rs` |
//!
//! `impl ActivationCounts` stands here and, for random parts of the samples, in `subsampling.rs`.

pub(crate) mod cells;
pub(crate) mod drift;
pub(crate) mod error;
pub(crate) mod groups;
pub(crate) mod incidence;
pub(crate) mod subsampling;
pub(crate) mod truncation;

use std::borrow::Cow;
use std::collections::BTreeMap;

use crate::FittingError;
pub use error::CountsError;
pub(crate) use groups::CountGroup;
use groups::{binary_group, binary_groups, groups};
pub use incidence::Incidence;
use incidence::{LeftOutBlock, leave_out_blocks};
pub use subsampling::thin_counts;

/// The largest number of samples: whole numbers up to here are exact as floats.
const MOST_SAMPLES: f64 = 9_007_199_254_740_992.0;

/// Activation counts `k_i` of features in `D` samples, with the energy `Σ x_i²` of each where it is
/// known.
///
/// Features that were never active may be given or left out. Where they are given, the number of
/// all features is known ([`ActivationCounts::total`]), and no forecast goes beyond it. The order
/// of rows does not matter.
///
/// What was drawn are **units**: samples, or groups of samples where an [`Incidence`] says so.
/// Counts, laws and factors of the data are in units; shares and unseen activity are per sample.
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
    units: f64,
    counts: Vec<u64>,
    never_active: usize,
    total: Option<usize>,
    floor: u64,
    has_energies: bool,
    moments_of_active: bool,
    /// Second moments of rows where they were given, else empty.
    moments: Vec<f64>,
    groups: BTreeMap<u64, CountGroup>,
    left_out: Vec<LeftOutBlock>,
    rare_units: Vec<Vec<u32>>,
}

impl ActivationCounts {
    /// Counts in `samples` samples, one per feature.
    ///
    /// # Errors
    /// `samples` below 2 or above 2⁵³; a count above it, with its row; no count above 0.
    pub fn new(counts: &[u64], samples: u64) -> Result<Self, FittingError> {
        let numbers: Vec<f64> = counts.iter().map(|&count| count as f64).collect();
        Self::from_numbers(&numbers, samples as f64)
    }

    /// The same from floats, as tables hold them.
    ///
    /// # Errors
    /// As [`ActivationCounts::new`]; a count that is negative, no whole number or NaN, with its
    /// row.
    ///
    /// ```
    /// use asymscale_fitting::diagnosis::ActivationCounts;
    /// assert_eq!(ActivationCounts::from_numbers(&[90.0, 1.0], 100.0)?.seen(), 2);
    /// assert!(ActivationCounts::from_numbers(&[90.0, 0.5], 100.0).is_err());
    /// # Ok::<(), asymscale_fitting::FittingError>(())
    /// ```
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
        let never_active = counts.len() - features;
        let total = (never_active > 0).then_some(counts.len());
        Ok(Self {
            samples,
            units: samples,
            counts,
            never_active,
            total,
            floor: 1,
            has_energies: false,
            moments_of_active: false,
            moments: Vec::new(),
            groups,
            left_out: Vec::new(),
            rare_units: Vec::new(),
        })
    }

    /// Counts of features by the units of an incidence: its groups, or its samples where there are
    /// none. The energy of a feature is the number of its activations. Cost: a sort of the pairs.
    ///
    /// # Errors
    /// No activation at all.
    pub fn from_incidence(incidence: &Incidence) -> Result<Self, FittingError> {
        let (mut counts, mut energies, mut rare) = (Vec::new(), Vec::new(), Vec::new());
        for units in incidence.by_feature() {
            counts.push(units.len() as u64);
            energies.push(units.iter().map(|unit| unit.1).sum::<f64>());
            if drift::COUNTS.contains(&units.len()) {
                rare.push(units.iter().map(|unit| unit.0).collect());
            }
        }
        let mut found = Self::new(&counts, incidence.units() as u64)?;
        found.groups = groups(&counts, |row| energies[row]);
        found.samples = incidence.samples() as f64;
        found.left_out = leave_out_blocks(incidence);
        // Every so many-th feature is taken, since the first features of a file are those of its
        // first units.
        let step = rare.len().div_ceil(drift::MOST_FEATURES).max(1);
        found.rare_units = rare.into_iter().step_by(step).collect();
        Ok(found)
    }

    /// Declares how many features there are in all, seen or not.
    ///
    /// # Errors
    /// A number below that of the features given.
    ///
    /// ```
    /// use asymscale_fitting::diagnosis::ActivationCounts;
    /// let counts = ActivationCounts::new(&[90, 12, 3, 1, 1, 0], 100)?;
    /// assert_eq!(counts.of(9)?.never_active(), 4);
    /// # Ok::<(), asymscale_fitting::FittingError>(())
    /// ```
    pub fn of(mut self, total: usize) -> Result<Self, FittingError> {
        if total < self.counts.len() {
            return Err(CountsError::Total { total, features: self.counts.len() }.into());
        }
        self.never_active = total - self.seen();
        self.total = Some(total);
        Ok(self)
    }

    /// Declares that the table holds all features active at least `floor` times and not all of the
    /// rarer ones. Laws are then fitted by the likelihood of the counts from `floor` up, and what
    /// depends on rarer features is estimated by a law or not at all.
    ///
    /// # Errors
    /// A floor below 1 or above the largest count.
    ///
    /// ```
    /// use asymscale_fitting::diagnosis::ActivationCounts;
    /// let counts = ActivationCounts::new(&[90, 12, 3, 1, 1, 0], 100)?;
    /// assert_eq!(counts.seen_at_least(3)?.floor(), 3);
    /// # Ok::<(), asymscale_fitting::FittingError>(())
    /// ```
    pub fn seen_at_least(mut self, floor: u64) -> Result<Self, FittingError> {
        let largest = self.groups.keys().next_back().copied().unwrap_or(0);
        if floor < 1 || floor > largest {
            return Err(CountsError::Floor { floor, largest }.into());
        }
        self.floor = floor;
        Ok(self)
    }

    /// Adds second moments: the mean of `x_i²` over **all** samples, one per feature and in its
    /// order.
    ///
    /// # Errors
    /// A list of another length; a value out of 1e-100..1e100 where the count is > 0, or not 0
    /// where it is 0, with its row.
    ///
    /// ```
    /// use asymscale_fitting::diagnosis::ActivationCounts;
    /// let counts = ActivationCounts::new(&[90, 12, 3, 1, 1, 0], 100)?;
    /// let counts = counts.with_second_moments(&[0.8, 0.1, 0.03, 0.01, 0.01, 0.0])?;
    /// assert!(counts.has_second_moments());
    /// # Ok::<(), asymscale_fitting::FittingError>(())
    /// ```
    pub fn with_second_moments(self, moments: &[f64]) -> Result<Self, FittingError> {
        self.check_moments(moments)?;
        Ok(self.keep_moments(moments.to_vec()))
    }

    /// The same counts with checked means over all samples.
    fn keep_moments(self, moments: Vec<f64>) -> Self {
        let groups = groups(&self.counts, |row| moments[row] * self.samples);
        Self { groups, moments, has_energies: true, ..self }
    }

    /// Refuses moments whose squares or sums of squares are no floats.
    fn check_moments(&self, moments: &[f64]) -> Result<(), FittingError> {
        crate::checks::check_length("second moments", moments.len(), self.counts.len(), "feature")?;
        let valid = |row: usize| match self.counts[row] {
            0 => moments[row] == 0.0,
            _ => crate::checks::is_scale(moments[row]),
        };
        match (0..moments.len()).find(|&row| !valid(row)) {
            Some(row) => Err(FittingError::SecondMoment { value: moments[row], row: row + 1 }),
            None => Ok(()),
        }
    }

    /// The same from means of `x_i²` over the samples in which the feature **is active**.
    ///
    /// # Errors
    /// As [`ActivationCounts::with_second_moments`].
    ///
    /// ```
    /// use asymscale_fitting::diagnosis::ActivationCounts;
    /// let counts = ActivationCounts::new(&[90, 12, 3, 1, 1, 0], 100)?;
    /// let counts = counts.with_second_moments_of_active(&[0.9, 0.8, 1.0, 1.1, 1.0, 0.0])?;
    /// assert!(counts.has_second_moments());
    /// # Ok::<(), asymscale_fitting::FittingError>(())
    /// ```
    pub fn with_second_moments_of_active(self, moments: &[f64]) -> Result<Self, FittingError> {
        // A feature that was never active has no such mean, and what stands there is not read.
        let never = |row: usize| self.counts.get(row) == Some(&0);
        let known = |(row, moment): (usize, &f64)| if never(row) { 0.0 } else { *moment };
        let known: Vec<f64> = moments.iter().enumerate().map(known).collect();
        self.check_moments(&known)?;
        let of_all = |(moment, &count): (&f64, &u64)| moment * count as f64 / self.samples;
        let of_all: Vec<f64> = known.iter().zip(&self.counts).map(of_all).collect();
        Ok(Self { moments_of_active: true, ..self.keep_moments(of_all) })
    }

    /// Whether second moments were given as means over the samples in which a feature is active.
    pub(crate) fn moments_of_active(&self) -> bool {
        self.moments_of_active
    }

    /// Samples `D`.
    pub fn samples(&self) -> f64 {
        self.samples
    }

    /// What was drawn: groups of samples where they are known, else samples.
    pub fn units(&self) -> f64 {
        self.units
    }

    /// Whether units are groups of samples.
    pub fn grouped(&self) -> bool {
        self.units != self.samples
    }

    /// Whether it is known which features were active together.
    pub fn has_incidence(&self) -> bool {
        !self.left_out.is_empty()
    }

    /// All features, seen or not, where their number is known.
    pub fn total(&self) -> Option<usize> {
        self.total
    }

    /// The smallest count that the table can hold.
    pub fn floor(&self) -> u64 {
        self.floor
    }

    /// The changes made by blocks of units left out in turn; empty where it is not known which
    /// features were active together.
    pub(crate) fn left_out_blocks(&self) -> &[LeftOutBlock] {
        &self.left_out
    }

    /// The units of features that are active in a few of them.
    pub(super) fn rare_units(&self) -> &[Vec<u32>] {
        &self.rare_units
    }

    /// The count of each row.
    pub(crate) fn of_rows(&self) -> &[u64] {
        &self.counts
    }

    /// The energy `Σ x²` of the feature of a row; `None` without second moments.
    pub(crate) fn energy_of(&self, row: usize) -> Option<f64> {
        self.moments.get(row).map(|moment| moment * self.samples)
    }

    /// Features with a count > 0.
    pub fn seen(&self) -> usize {
        self.groups.values().map(|group| group.features as usize).sum()
    }

    /// Features that were never active, as far as their number is known.
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

    /// Features with at least this count, which is above 0.
    ///
    /// ```
    /// use asymscale_fitting::diagnosis::ActivationCounts;
    /// let counts = ActivationCounts::new(&[90, 12, 3, 1, 1, 0], 100)?;
    /// assert_eq!(counts.active_at_least(3), 3);
    /// # Ok::<(), asymscale_fitting::FittingError>(())
    /// ```
    pub fn active_at_least(&self, count: u64) -> usize {
        self.groups.range(count.max(1)..).map(|(_, group)| group.features as usize).sum()
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
    ///
    /// ```
    /// use asymscale_fitting::diagnosis::ActivationCounts;
    /// let counts = ActivationCounts::new(&[90, 12, 3, 1, 1, 0], 100)?;
    /// assert!((counts.total_activity() - 1.07).abs() < 1e-12); // 107 activations in 100 samples
    /// # Ok::<(), asymscale_fitting::FittingError>(())
    /// ```
    pub fn total_activity(&self) -> f64 {
        self.as_activity().total_energy()
    }

    /// The same counts with activations as energies, whatever the second moments.
    pub(crate) fn as_activity(&self) -> Cow<'_, Self> {
        if !self.has_energies {
            return Cow::Borrowed(self);
        }
        let groups =
            self.groups.iter().map(|(&count, group)| (count, binary_group(count, group.features)));
        Cow::Owned(Self {
            groups: groups.collect(),
            has_energies: false,
            moments: Vec::new(),
            ..self.clone()
        })
    }
}
