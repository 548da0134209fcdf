//! Checks of input that several rooms share, each with the error that names what is wrong.

use crate::FittingError;

/// With fewer resamples the tails of an interval rest on a handful of them.
pub(crate) const MIN_RESAMPLES: usize = 99;

/// Sizes, losses and second moments that are taken: their squares, products and ratios are then
/// floats with all digits.
const SCALES: std::ops::RangeInclusive<f64> = 1e-100..=1e100;

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

/// Refuses sizes or losses that are not finite and > 0, or so small or large that their squares or
/// products are no floats, and names all their rows, counted from 1.
pub(crate) fn check_scales(what: &'static str, values: &[f64]) -> Result<(), FittingError> {
    check_positive_values(what, values)?;
    let bad = values.iter().enumerate().filter(|(_, value)| !is_scale(**value));
    let (rows, values): (Vec<usize>, Vec<f64>) = bad.map(|(row, &value)| (row + 1, value)).unzip();
    if rows.is_empty() { Ok(()) } else { Err(FittingError::RunValues { what, rows, values }) }
}

/// Refuses a size that is asked for and not among those that are taken.
pub(crate) fn check_scale(what: &'static str, value: f64) -> Result<(), FittingError> {
    if is_scale(value) { Ok(()) } else { Err(FittingError::FitOption { what, value }) }
}

/// Whether a size, a loss or a second moment is in 1e-100..1e100; it is false for NaN.
pub(crate) fn is_scale(value: f64) -> bool {
    SCALES.contains(&value)
}

/// What a value must be that was refused: one that is > 0 was too small or too large.
pub(crate) fn allowed(value: f64) -> &'static str {
    if is_positive(value) { "in 1e-100..1e100" } else { "a finite number > 0" }
}

/// The same of several values.
pub(crate) fn all_allowed(values: &[f64]) -> &'static str {
    let positive = values.iter().all(|&value| is_positive(value));
    if positive { "in 1e-100..1e100" } else { "finite numbers > 0" }
}

/// A number as messages show it: with an exponent where it would be long.
pub(crate) fn written(value: f64) -> String {
    let short = value == 0.0 || !value.is_finite() || (1e-5..1e16).contains(&value.abs());
    if short { value.to_string() } else { format!("{value:e}") }
}

/// Refuses an option that is not finite and > 0.
pub(crate) fn check_positive_option(what: &'static str, value: f64) -> Result<(), FittingError> {
    if is_positive(value) { Ok(()) } else { Err(FittingError::FitOption { what, value }) }
}

/// Whether a value is finite and > 0; it is false for NaN.
pub(crate) fn is_positive(value: f64) -> bool {
    value > 0.0 && value.is_finite()
}
