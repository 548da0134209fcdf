//! How often a coordinate is active: the laws of `p_i`.

use crate::{ModelError, PowerLaw, Table};

/// Largest activity exponent: beyond, activity is as good as a step.
const STEEPEST: f64 = 100.0;
/// Smallest and largest onset: coordinates past the largest must still be told apart as floats.
const ONSETS: std::ops::RangeInclusive<f64> = 1e-12..=1e12;
/// The smallest probability that the first coordinate may have, `onset^beta` for an onset below 1:
/// with it `a_i² = λ_i/p_i` and sums of such squares are floats.
const RAREST_FIRST: f64 = 1e-100;
/// The probabilities that all coordinates may have: as small as the smallest onset.
const UNIFORM: std::ops::RangeInclusive<f64> = 1e-12..=1.0;

/// The activity law: the probability `p_i` that coordinate `i` is active in a sample.
///
/// In all but [`Activity::OneHot`] coordinates are active independently of each other.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Activity {
    /// `p_i = min(1, (onset / i)^beta)`: always on up to `⌊onset⌋`, then ever rarer.
    /// `beta = 0` is dense. With an onset below 1 no coordinate is always on, and samples may have
    /// no active coordinate at all.
    PowerLaw {
        /// Exponent `β` in `0..=100`.
        beta: f64,
        /// Onset `c` in `1e-12..=1e12`.
        onset: f64,
    },
    /// `p_i = probability`, the same for all.
    Uniform {
        /// In `1e-12..=1`.
        probability: f64,
    },
    /// Exactly one coordinate is active in a sample, coordinate `i` with probability
    /// `∝ i^{−beta}` (the "quanta" picture).
    OneHot {
        /// Exponent `β` in `0..=100`; above 1 where there are infinitely many coordinates.
        beta: f64,
    },
    /// `p_i` given one by one, in any order, each in `[0, 1]`, and possibly continued by a power
    /// law. An entry of 0 is a coordinate that no sample ever shows.
    Table(Table),
}

impl Activity {
    /// Power law with onset.
    ///
    /// # Errors
    /// [`ModelError::Beta`] or [`ModelError::Onset`] outside `0 ≤ β ≤ 100`, `1e-12 ≤ c ≤ 1e12` and
    /// `c^β ≥ 1e-100`.
    pub fn power_law(beta: f64, onset: f64) -> Result<Self, ModelError> {
        check_beta(beta)?;
        if ONSETS.contains(&onset) && onset.powf(beta) >= RAREST_FIRST {
            Ok(Self::PowerLaw { beta, onset })
        } else {
            Err(ModelError::Onset(onset))
        }
    }

    /// The same probability for every coordinate.
    ///
    /// # Errors
    /// [`ModelError::Probability`] outside `1e-12..=1`.
    pub fn uniform(probability: f64) -> Result<Self, ModelError> {
        if UNIFORM.contains(&probability) {
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

    /// A table of probabilities, coordinate 1 first, in any order.
    ///
    /// # Errors
    /// [`ModelError::TableSize`] for none or more than 10⁷, or [`ModelError::TableEntry`] for the
    /// first entry outside `[0, 1]`.
    pub fn table(probabilities: Vec<f64>) -> Result<Self, ModelError> {
        let allowed = ("must lie in [0, 1]", |p: f64| (0.0..=1.0).contains(&p));
        Table::new("activity", probabilities, allowed).map(Self::Table)
    }

    /// A table that goes on with `p_i = front · i^{−beta}` after its last entry; other laws stay
    /// what they are.
    ///
    /// # Errors
    /// [`ModelError::Beta`] outside `0 ≤ β ≤ 100`; [`ModelError::Front`] unless
    /// `1e-100 ≤ front ≤ 1e100` and the probability of the coordinate after the last entry is at
    /// most 1.
    ///
    /// ```
    /// use asymscale_model::Activity;
    /// let activity = Activity::table(vec![1.0, 0.6])?.continued(2.0, 2.0)?;
    /// assert!(Activity::table(vec![1.0]).unwrap().continued(8.0, 2.0).is_err()); // p_2 = 2
    /// assert!((activity.tail().unwrap().at(4.0) - 0.125).abs() < 1e-15);
    /// # Ok::<(), asymscale_model::ModelError>(())
    /// ```
    pub fn continued(self, front: f64, beta: f64) -> Result<Self, ModelError> {
        check_beta(beta)?;
        let Self::Table(table) = self else { return Ok(self) };
        let law = PowerLaw { log_front: front.ln(), exponent: beta };
        let next = table.values().len() as f64 + 1.0;
        if (1e-100..=1e100).contains(&front) && law.at(next) <= 1.0 {
            Ok(Self::Table(table.with_tail(law)))
        } else {
            Err(ModelError::Front { quantity: "activity", value: front })
        }
    }

    /// How many probabilities are given one by one.
    pub fn listed(&self) -> usize {
        match self {
            Self::Table(table) => table.values().len(),
            _ => 0,
        }
    }

    /// The power law that `p_i` follows after the listed and the always active coordinates: that of
    /// the rare ones. None for a table that does not go on, and for a one-hot law, whose front
    /// depends on the number of coordinates.
    pub fn tail(&self) -> Option<PowerLaw> {
        match self {
            Self::PowerLaw { beta, onset } => {
                Some(PowerLaw { log_front: beta * onset.ln(), exponent: *beta })
            }
            Self::Uniform { probability } => {
                Some(PowerLaw { log_front: probability.ln(), exponent: 0.0 })
            }
            Self::OneHot { .. } => None,
            Self::Table(table) => table.tail(),
        }
    }
}

fn check_beta(beta: f64) -> Result<(), ModelError> {
    if (0.0..=STEEPEST).contains(&beta) { Ok(()) } else { Err(ModelError::Beta(beta)) }
}
