//! Checks of input that several rooms share, each with the error that names what is wrong.

use crate::FittingError;

/// With fewer resamples the tails of an interval rest on a handful of them.
pub(crate) const MIN_RESAMPLES: usize = 99;

/// Refuses a level outside (0, 1).
pub(crate) fn check_level(level: f64) -> Result<(), FittingError> {
    if level > 0.0 && level < 1.0 { Ok(()) } else { Err(FittingError::Level(level)) }
}

/// Refuses fewer resamples than [`MIN_RESAMPLES`], and so few that a tail of an interval of this
/// level holds none.
pub(crate) fn check_resamples(found: usize, level: f64) -> Result<(), FittingError> {
    let needed = ((2.0 / (1.0 - level)).ceil() as usize).max(MIN_RESAMPLES);
    if found < needed { Err(FittingError::Resamples { found, needed, level }) } else { Ok(()) }
}

/// Refuses a list of another length than it should have.
pub(crate) fn check_length(
    what: &str,
    found: usize,
    expected: usize,
    per: &'static str,
) -> Result<(), FittingError> {
    if found == expected {
        return Ok(());
    }
    Err(FittingError::Length { what: what.to_owned(), found, expected, per })
}

/// Refuses values that are not finite and > 0, and names all their rows, counted from 1.
pub(crate) fn check_positive_values(
    what: &'static str,
    values: &[f64],
) -> Result<(), FittingError> {
    let bad = values.iter().enumerate().filter(|(_, value)| !is_positive(**value));
    let (rows, values): (Vec<usize>, Vec<f64>) = bad.map(|(row, &value)| (row + 1, value)).unzip();
    if rows.is_empty() { Ok(()) } else { Err(FittingError::RunValues { what, rows, values }) }
}

/// Refuses an option that is not finite and > 0.
pub(crate) fn check_positive_option(what: &'static str, value: f64) -> Result<(), FittingError> {
    if is_positive(value) { Ok(()) } else { Err(FittingError::FitOption { what, value }) }
}

/// Whether a value is finite and > 0; it is false for NaN.
pub(crate) fn is_positive(value: f64) -> bool {
    value > 0.0 && value.is_finite()
}
