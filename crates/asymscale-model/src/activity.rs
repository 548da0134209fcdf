//! How often a coordinate is active: the laws of `p_i`.

use crate::ModelError;
use std::sync::Arc;

/// Largest activity exponent: beyond, activity is as good as a step.
const STEEPEST: f64 = 100.0;
/// Largest onset: coordinates past it must still be told apart as floats.
const MOST_ALWAYS_ON: f64 = 1e12;

/// The activity law: the probability `p_i` that coordinate `i` is active in a sample.
///
/// In all but [`Activity::OneHot`] coordinates are active independently of each other.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Activity {
    /// `p_i = min(1, (onset / i)^beta)`: always on up to `⌊onset⌋`, then ever rarer.
    /// `beta = 0` is dense.
    PowerLaw {
        /// Exponent `β` in `0..=100`.
        beta: f64,
        /// Onset `c` in `1..=1e12`.
        onset: f64,
    },
    /// `p_i = probability`, the same for all.
    Uniform {
        /// In `(0, 1]`.
        probability: f64,
    },
    /// Exactly one coordinate is active in a sample, coordinate `i` with probability
    /// `∝ i^{−beta}` (the "quanta" picture).
    OneHot {
        /// Exponent `β` in `0..=100`; above 1 where there are infinitely many coordinates.
        beta: f64,
    },
    /// `p_i` given one by one; there are as many coordinates as entries. An entry of 0 is a
    /// coordinate that no sample ever shows.
    Table(
        /// `p_1, p_2, …`, each in `[0, 1]`.
        Arc<[f64]>,
    ),
}

impl Activity {
    /// Power law with onset.
    ///
    /// # Errors
    /// [`ModelError::Beta`] or [`ModelError::Onset`] outside `0 ≤ β ≤ 100`, `1 ≤ c ≤ 1e12`.
    pub fn power_law(beta: f64, onset: f64) -> Result<Self, ModelError> {
        check_beta(beta)?;
        if (1.0..=MOST_ALWAYS_ON).contains(&onset) {
            Ok(Self::PowerLaw { beta, onset })
        } else {
            Err(ModelError::Onset(onset))
        }
    }

    /// The same probability for every coordinate.
    ///
    /// # Errors
    /// [`ModelError::Probability`] outside `(0, 1]`.
    pub fn uniform(probability: f64) -> Result<Self, ModelError> {
        if probability > 0.0 && probability <= 1.0 {
            Ok(Self::Uniform { probability })
        } else {
            Err(ModelError::Probability(probability))
        }
    }

    /// Exactly one active coordinate a sample, `∝ i^{−beta}`.
    ///
    /// # Errors
    /// [`ModelError::Beta`] outside `0 ≤ β ≤ 100`.
    pub fn one_hot(beta: f64) -> Result<Self, ModelError> {
        check_beta(beta)?;
        Ok(Self::OneHot { beta })
    }

    /// A table of probabilities, coordinate 1 first.
    ///
    /// # Errors
    /// [`ModelError::EmptyTable`], or [`ModelError::TableEntry`] for the first entry outside
    /// `[0, 1]`.
    pub fn table(probabilities: Vec<f64>) -> Result<Self, ModelError> {
        if probabilities.is_empty() {
            return Err(ModelError::EmptyTable);
        }
        match probabilities.iter().position(|p| !(0.0..=1.0).contains(p)) {
            Some(at) => Err(ModelError::TableEntry { index: at + 1, value: probabilities[at] }),
            None => Ok(Self::Table(probabilities.into())),
        }
    }
}

fn check_beta(beta: f64) -> Result<(), ModelError> {
    if (0.0..=STEEPEST).contains(&beta) { Ok(()) } else { Err(ModelError::Beta(beta)) }
}
