//! What can be wrong with a model's parameters.

use crate::{InvalidInput, LibraryError};
use thiserror::Error;

/// A parameter outside its domain. Every variant carries the offending value, and its message names
/// the parameter and the allowed range.
#[derive(Debug, Clone, PartialEq, Error)]
#[error("{}", self.input_text())]
pub enum ModelError {
    /// The spectral exponent is outside its range, or NaN.
    Alpha(f64),
    /// The activity exponent is outside its range, or NaN.
    Beta(f64),
    /// The onset of sparsity is outside its range, or NaN.
    Onset(f64),
    /// A probability outside its interval.
    Probability(f64),
    /// An entry of a table is outside its domain.
    TableEntry {
        /// What the table lists.
        quantity: &'static str,
        /// Coordinate of the entry, counted from 1.
        index: usize,
        /// The value found.
        value: f64,
        /// The domain, in words.
        allowed: &'static str,
    },
    /// A table without entries, or with too many.
    TableSize {
        /// What the table lists.
        quantity: &'static str,
        /// How many entries it has.
        entries: usize,
    },
    /// The power law that continues a table has a front outside its domain.
    Front {
        /// What the table lists.
        quantity: &'static str,
        /// The value of the law at coordinate 1.
        value: f64,
    },
    /// The exponent of the target energies is outside its range, or NaN.
    TargetExponent(f64),
    /// Target energies by a power law beside a spectrum that is none.
    TargetExponentOfTable(f64),
    /// The number of coordinates does not fit the table.
    TableLength {
        /// The number of coordinates asked for.
        coordinates: String,
        /// What the table lists.
        quantity: &'static str,
        /// The entries of the table.
        table: usize,
    },
    /// A model without coordinates, or with more than floats can count.
    Coordinates(String),
    /// A model size that is no whole number, not above 0, or beyond what floats can count.
    Features(String),
    /// A one-hot law over infinitely many coordinates that cannot be normalised.
    OneHotNotNormalisable(f64),
    /// The ridge penalty is negative, outside its range or NaN.
    Ridge(f64),
    /// The label-noise variance is negative, too large or NaN.
    Noise(f64),
    /// A word that names no amplitude law.
    Amplitude(String),
    /// The step size of a schedule is outside its range, or NaN.
    Rate(f64),
    /// A run without steps, or with more than floats can count.
    Steps(u64),
    /// A warm-up that is as long as the run.
    Warmup {
        /// Its length.
        warmup: u64,
        /// The steps of the run.
        steps: u64,
    },
    /// A decay of step sizes that is not known, or whose number is outside its range.
    Decay(String),
}

impl LibraryError for ModelError {
    fn invalid_input(&self) -> Option<InvalidInput> {
        Some(match self {
            Self::Alpha(alpha) => InvalidInput::of(
                "alpha",
                alpha,
                "the spectral exponent must be a number in 0.01..100",
            ),
            Self::Beta(beta) => {
                InvalidInput::of("beta", beta, "the activity exponent must be a number in 0..100")
            }
            Self::Onset(onset) => InvalidInput::of(
                "onset",
                onset,
                "the onset of sparsity must be a number in 1e-12..1e12, and onset^beta at least 1e-100",
            ),
            Self::Probability(p) => InvalidInput::of(
                "probability",
                p,
                "the probability to be active must be a number in 1e-12..1",
            ),
            Self::TableEntry { quantity, index, value, allowed } => {
                InvalidInput::text(format!("{quantity} table entry {index} = {value}: {allowed}"))
            }
            Self::TableSize { quantity, entries } => InvalidInput::text(format!(
                "{quantity} table has {entries} entries: 1 to 1e7 are allowed"
            )),
            Self::Front { quantity, value } => InvalidInput::text(format!(
                "front of the {quantity} power law = {value}: must lie in 1e-100..1e100, and no \
                 probability after the table may be above 1"
            )),
            Self::TargetExponent(exponent) => InvalidInput::of(
                "target-exponent",
                exponent,
                "must be a number in 1.01..101 (1 + alpha is the iid teacher)",
            ),
            Self::TargetExponentOfTable(exponent) => InvalidInput::of(
                "target-exponent",
                exponent,
                "needs a power-law spectrum: a table of variances has target energies of its own",
            ),
            Self::TableLength { coordinates, quantity, table } => InvalidInput::of(
                "coordinates",
                coordinates,
                format!("the {quantity} table of {table} entries allows for {}", allowed(*table)),
            ),
            Self::Coordinates(number) => {
                InvalidInput::of("coordinates", number, "must be a whole number in 1..9e15, or inf")
            }
            Self::Features(size) => {
                InvalidInput::of("features", size, "must be a whole number in 1..9e15, or inf")
            }
            Self::OneHotNotNormalisable(beta) => InvalidInput::of(
                "beta",
                beta,
                "a one-hot activity over infinitely many coordinates needs beta > 1",
            ),
            Self::Ridge(ridge) => {
                InvalidInput::of("ridge", ridge, "must be 0 or a number in 1e-100..1e30")
            }
            Self::Noise(noise) => InvalidInput::of(
                "noise",
                noise,
                "the variance of the label noise must be a number in 0..1e30",
            ),
            Self::Amplitude(word) => InvalidInput::of(
                "amplitude",
                format_args!("{word:?}"),
                "must be gaussian or rademacher",
            ),
            Self::Rate(rate) => {
                InvalidInput::of("rate", rate, "the step size must be a number in 1e-100..1e30")
            }
            Self::Steps(steps) => InvalidInput::of(
                "steps",
                steps,
                "the length of a run must be a whole number in 1..9e15",
            ),
            Self::Warmup { warmup, steps } => InvalidInput::of(
                "warmup",
                warmup,
                format!("must be below the {steps} steps of the run"),
            ),
            Self::Decay(word) => InvalidInput::of(
                "schedule",
                word,
                "must be constant, linear, cosine, power:EXPONENT with an exponent in 0..4, or \
                 cooldown:SHARE with a share above 0 and up to 1",
            ),
        })
    }
}

/// How many coordinates a table of so many entries that does not go on allows for.
fn allowed(table: usize) -> String {
    format!("exactly {table}, unless a power law continues it")
}

#[cfg(test)]
mod tests {
    use super::ModelError;
    use crate::LibraryError;

    /// One of each variant with its message, and the parameter that it is about.
    fn all() -> Vec<(ModelError, Option<&'static str>, &'static str)> {
        vec![
            (
                ModelError::Alpha(0.0),
                Some("alpha"),
                "alpha = 0: the spectral exponent must be a number in 0.01..100",
            ),
            (
                ModelError::Beta(-1.5),
                Some("beta"),
                "beta = -1.5: the activity exponent must be a number in 0..100",
            ),
            (
                ModelError::Onset(f64::NAN),
                Some("onset"),
                "onset = NaN: the onset of sparsity must be a number in 1e-12..1e12, and onset^beta \
                 at least 1e-100",
            ),
            (
                ModelError::Probability(2.0),
                Some("probability"),
                "probability = 2: the probability to be active must be a number in 1e-12..1",
            ),
            (
                ModelError::TableEntry {
                    quantity: "activity",
                    index: 3,
                    value: 1.5,
                    allowed: "must lie in [0, 1]",
                },
                None,
                "activity table entry 3 = 1.5: must lie in [0, 1]",
            ),
            (
                ModelError::TableSize { quantity: "activity", entries: 0 },
                None,
                "activity table has 0 entries: 1 to 1e7 are allowed",
            ),
            (
                ModelError::Front { quantity: "activity", value: 0.0 },
                None,
                "front of the activity power law = 0: must lie in 1e-100..1e100, and no \
                 probability after the table may be above 1",
            ),
            (
                ModelError::TargetExponent(1.0),
                Some("target-exponent"),
                "target-exponent = 1: must be a number in 1.01..101 (1 + alpha is the iid teacher)",
            ),
            (
                ModelError::TargetExponentOfTable(2.0),
                Some("target-exponent"),
                "target-exponent = 2: needs a power-law spectrum: a table of variances has target \
                 energies of its own",
            ),
            (
                ModelError::TableLength {
                    coordinates: "inf".into(),
                    quantity: "activity",
                    table: 4,
                },
                Some("coordinates"),
                "coordinates = inf: the activity table of 4 entries allows for exactly 4, unless a \
                 power law continues it",
            ),
            (
                ModelError::Coordinates("0".into()),
                Some("coordinates"),
                "coordinates = 0: must be a whole number in 1..9e15, or inf",
            ),
            (
                ModelError::Features("0".into()),
                Some("features"),
                "features = 0: must be a whole number in 1..9e15, or inf",
            ),
            (
                ModelError::OneHotNotNormalisable(1.0),
                Some("beta"),
                "beta = 1: a one-hot activity over infinitely many coordinates needs beta > 1",
            ),
            (
                ModelError::Ridge(-1.0),
                Some("ridge"),
                "ridge = -1: must be 0 or a number in 1e-100..1e30",
            ),
            (
                ModelError::Noise(-1.0),
                Some("noise"),
                "noise = -1: the variance of the label noise must be a number in 0..1e30",
            ),
            (
                ModelError::Amplitude("flat".into()),
                Some("amplitude"),
                "amplitude = \"flat\": must be gaussian or rademacher",
            ),
        ]
    }

    /// Those of schedules.
    fn of_schedules() -> Vec<(ModelError, Option<&'static str>, &'static str)> {
        vec![
            (
                ModelError::Rate(0.0),
                Some("rate"),
                "rate = 0: the step size must be a number in 1e-100..1e30",
            ),
            (
                ModelError::Steps(0),
                Some("steps"),
                "steps = 0: the length of a run must be a whole number in 1..9e15",
            ),
            (
                ModelError::Warmup { warmup: 5, steps: 5 },
                Some("warmup"),
                "warmup = 5: must be below the 5 steps of the run",
            ),
            (
                ModelError::Decay("step".into()),
                Some("schedule"),
                "schedule = step: must be constant, linear, cosine, power:EXPONENT with an exponent \
                 in 0..4, or cooldown:SHARE with a share above 0 and up to 1",
            ),
        ]
    }

    #[test]
    fn every_error_is_bad_input_and_names_its_parameter() {
        for (error, parameter, message) in all().into_iter().chain(of_schedules()) {
            assert_eq!(error.to_string(), message);
            assert_eq!(error.invalid_input().map(|input| input.parameter()), Some(parameter));
        }
    }
}
