//! What can be wrong with a model's parameters.

use thiserror::Error;

/// A parameter outside its domain. Every variant carries the offending value, and its message names
/// the parameter and the allowed range.
#[derive(Debug, Clone, PartialEq, Error)]
pub enum ModelError {
    /// The spectral exponent is outside its range, or NaN.
    #[error("alpha = {0}: the spectral exponent must be a number in 0.01..100")]
    Alpha(f64),
    /// The activity exponent is outside its range, or NaN.
    #[error("beta = {0}: the activity exponent must be a number in 0..100")]
    Beta(f64),
    /// The onset of sparsity is outside its range, or NaN.
    #[error("onset = {0}: the onset of sparsity must be a number in 1..1e12")]
    Onset(f64),
    /// A probability outside its interval.
    #[error("activity probability = {0}: must lie in (0, 1]")]
    Probability(f64),
    /// An entry of a table of activities is not a probability.
    #[error("activity table entry {index} = {value}: must lie in [0, 1]")]
    TableEntry {
        /// Coordinate of the entry, counted from 1.
        index: usize,
        /// The value found.
        value: f64,
    },
    /// A table of activities without entries.
    #[error("activity table has 0 entries: at least 1 is needed")]
    EmptyTable,
    /// The number of coordinates does not fit the table.
    #[error(
        "coordinates = {coordinates}: an activity table of {table} entries needs exactly {table}"
    )]
    TableLength {
        /// The number of coordinates asked for.
        coordinates: String,
        /// The entries of the table.
        table: usize,
    },
    /// A model without coordinates, or with more than floats can count.
    #[error("coordinates = {0}: must be a whole number in 1..9e15, or inf")]
    Coordinates(String),
    /// A model size that is no whole number, not above 0, or beyond what floats can count.
    #[error("features = {0}: must be a whole number in 1..9e15, or inf")]
    Features(String),
    /// A one-hot law over infinitely many coordinates that cannot be normalised.
    #[error("beta = {0}: a one-hot activity over infinitely many coordinates needs beta > 1")]
    OneHotNotNormalisable(f64),
    /// The ridge penalty is negative, outside its range or NaN.
    #[error("ridge = {0}: must be 0 or a number in 1e-100..1e30")]
    Ridge(f64),
    /// The label-noise variance is negative, too large or NaN.
    #[error("noise = {0}: the variance of the label noise must be a number in 0..1e30")]
    Noise(f64),
    /// A word that names no amplitude law.
    #[error("amplitude = {0:?}: must be gaussian or rademacher")]
    Amplitude(String),
}
