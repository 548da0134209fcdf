//! Single numbers on the command line, each with its allowed range. Lists of them are in `lists`.

/// Largest size taken: beyond it a whole number is no longer exact as a float.
pub(crate) const LARGEST: f64 = 9.0e15;

/// A finite number `> 0`.
pub(crate) fn positive(text: &str) -> Result<f64, String> {
    number(text, "a finite number > 0", |x| x > 0.0)
}

/// What may multiply sizes.
#[cfg(feature = "fit")]
pub(crate) const SCALES: std::ops::RangeInclusive<f64> = 1e-100..=1e100;

/// A number that may multiply sizes.
#[cfg(feature = "fit")]
pub(crate) fn scale(text: &str) -> Result<f64, String> {
    number(text, "a number in 1e-100..1e100", |x| SCALES.contains(&x))
}

/// A residual that fits resolve.
#[cfg(feature = "fit")]
pub(crate) fn residual(text: &str) -> Result<f64, String> {
    number(text, "a number in 1e-12..1e100", |x| (1e-12..=1e100).contains(&x))
}

/// A finite number `≥ 0`.
pub(crate) fn non_negative(text: &str) -> Result<f64, String> {
    number(text, "a finite number >= 0", |x| x >= 0.0)
}

/// A number in `(0, 1]`.
pub(crate) fn share(text: &str) -> Result<f64, String> {
    number(text, "a number in (0, 1]", |x| x > 0.0 && x <= 1.0)
}

/// A whole number `≥ 2`.
#[cfg(feature = "fit")]
pub(crate) fn several(text: &str) -> Result<f64, String> {
    number(text, "a whole number in 2..9e15", |x| (2.0..=LARGEST).contains(&x) && x.fract() == 0.0)
}

/// A number in `(0, 1)`.
#[cfg(feature = "fit")]
pub(crate) fn open_share(text: &str) -> Result<f64, String> {
    number(text, "a number strictly between 0 and 1", |x| x > 0.0 && x < 1.0)
}

/// A share that was asked for, in per cent, with the digits that it was given.
#[cfg(feature = "fit")]
pub(crate) fn asked_percent(share: f64) -> String {
    let shifted = |text: &str| -> Option<f64> {
        let (digits, exponent) = text.split_once('e')?;
        format!("{digits}e{}", exponent.parse::<i32>().ok()? + 2).parse().ok()
    };
    let percent = shifted(&format!("{share:e}")).unwrap_or(100.0 * share);
    format!("{} %", super::output::as_given(percent))
}

/// A seed: a whole number of 64 bits.
pub(crate) fn seed(text: &str) -> Result<u64, String> {
    text.parse().map_err(|_| format!("must be a whole number in 0..{}", u64::MAX))
}

/// A number that a program hands over as a size: whole, from 1 on, or infinite.
pub(crate) fn is_size(value: f64) -> bool {
    value == f64::INFINITY || (1.0..=LARGEST).contains(&value) && value.fract() == 0.0
}

/// A whole number `≥ 1`; `2e3` is one too.
pub(crate) fn count(text: &str) -> Result<usize, String> {
    number(text, "a whole number in 1..1e9", |x| (1.0..=1e9).contains(&x) && x.fract() == 0.0)
        .map(|x| x as usize)
}

/// A whole number `≥ 0`; `2e3` is one too.
pub(crate) fn count_or_none(text: &str) -> Result<usize, String> {
    number(text, "a whole number in 0..1e9", |x| (0.0..=1e9).contains(&x) && x.fract() == 0.0)
        .map(|x| x as usize)
}

/// A number of resamples: all of them are kept.
#[cfg(feature = "fit")]
pub(crate) fn resamples(text: &str) -> Result<usize, String> {
    number(text, "a whole number in 1..1e6", |x| (1.0..=1e6).contains(&x) && x.fract() == 0.0)
        .map(|x| x as usize)
}

/// A number of threads.
pub(crate) fn threads(text: &str) -> Result<usize, String> {
    number(text, "a whole number in 1..1024", |x| (1.0..=1024.0).contains(&x) && x.fract() == 0.0)
        .map(|x| x as usize)
}

/// Refuses budgets of compute so small that N·D = C/factor is no float > 0 with all its digits.
#[cfg(feature = "fit")]
pub(crate) fn budgets(budgets: &[f64], factor: f64) -> Result<(), super::Failure> {
    match budgets.iter().find(|budget| **budget / factor < f64::MIN_POSITIVE) {
        Some(budget) => Err(super::Failure::input(format!(
            "--compute {budget:e}: must be at least {:e} at factor = {}",
            f64::MIN_POSITIVE * factor,
            super::output::as_given(factor)
        ))),
        None => Ok(()),
    }
}

fn number(text: &str, range: &str, allowed: impl Fn(f64) -> bool) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(value) if value.is_finite() && allowed(value) => Ok(value),
        _ => Err(format!("must be {range}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_out_of_range_is_told_by_the_range() {
        assert_eq!((count("1e9"), threads("8")), (Ok(1_000_000_000), Ok(8)));
        for text in ["0", "2.5", "1e10", "inf", "nan"] {
            assert!(threads(text).unwrap_err().contains("must be a whole number in 1..1024"));
            let error = count(text).unwrap_err();
            assert!(error.contains("must be a whole number in 1..1e9"), "{text}");
        }
        assert_eq!((count_or_none("0"), count_or_none("2e3")), (Ok(0), Ok(2000)));
        assert_eq!(count_or_none("-1").unwrap_err(), "must be a whole number in 0..1e9");
        assert_eq!((resamples("1e6"), resamples("1e9").is_err()), (Ok(1_000_000), true));
        assert_eq!(seed("18446744073709551615"), Ok(u64::MAX));
        let error = seed("-1").unwrap_err();
        assert!(error.contains("must be a whole number in 0..18446744073709551615"), "{error}");
    }

    #[cfg(feature = "fit")]
    #[test]
    fn percentages_have_the_digits_that_were_given() {
        let told = [0.95, 0.07, 0.999, 0.999_999_999_9, 1e-9, 1e-13, 0.5].map(asked_percent);
        let expected = ["95 %", "7 %", "99.9 %", "99.99999999 %", "1e-7 %", "1e-11 %", "50 %"];
        assert_eq!(told, expected);
    }
}
