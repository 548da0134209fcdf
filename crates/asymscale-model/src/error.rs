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
    /// An entry of a table of activities is not a probability.
    TableEntry {
        /// Coordinate of the entry, counted from 1.
        index: usize,
        /// The value found.
        value: f64,
    },
    /// A table of activities without entries.
    EmptyTable,
    /// The number of coordinates does not fit the table.
    TableLength {
        /// The number of coordinates asked for.
        coordinates: String,
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
                "the onset of sparsity must be a number in 1..1e12",
            ),
            Self::Probability(p) => {
                InvalidInput::of("activity probability", p, "must lie in (0, 1]")
            }
            Self::TableEntry { index, value } => InvalidInput::text(format!(
                "activity table entry {index} = {value}: must lie in [0, 1]"
            )),
            Self::EmptyTable => {
                InvalidInput::text("activity table has 0 entries: at least 1 is needed")
            }
            Self::TableLength { coordinates, table } => InvalidInput::of(
                "coordinates",
                coordinates,
                format!("an activity table of {table} entries needs exactly {table}"),
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
        })
    }
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
                "onset = NaN: the onset of sparsity must be a number in 1..1e12",
            ),
            (
                ModelError::Probability(2.0),
                Some("activity probability"),
                "activity probability = 2: must lie in (0, 1]",
            ),
            (
                ModelError::TableEntry { index: 3, value: 1.5 },
                None,
                "activity table entry 3 = 1.5: must lie in [0, 1]",
            ),
            (ModelError::EmptyTable, None, "activity table has 0 entries: at least 1 is needed"),
            (
                ModelError::TableLength { coordinates: "inf".into(), table: 4 },
                Some("coordinates"),
                "coordinates = inf: an activity table of 4 entries needs exactly 4",
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

    #[test]
    fn every_error_is_bad_input_and_names_its_parameter() {
        for (error, parameter, message) in all() {
            assert_eq!(error.to_string(), message);
            assert_eq!(error.invalid_input().map(|input| input.parameter()), Some(parameter));
        }
    }
}
