//! Lists `20,40,80` and ranges `10..1e6:60log` on the command line.
//!
//! A list is answered as it stands, in its order and with its repetitions. A range of whole numbers
//! is rounded and has each of them once: where that makes them fewer than its count, a note on
//! standard error says so.

use super::grid::MOST_POINTS;
use super::numbers;
use super::output::note;
use crate::model::ModelSize;
use std::str::FromStr;

/// How lists and ranges are written, for the help of every subcommand that takes them.
pub(crate) const WRITTEN: &str = "\
Lists and ranges:
  20,40,80          a list, answered as it stands, in its order and with its repetitions
  10..1e6:60log     60 numbers from 10 to 1e6, both included, equally spaced in the logarithm
  0.5..1.5:11lin    11 numbers from 0.5 to 1.5, equally spaced; 0.5..1.5:11 is the same
  1,2,10..1e3:5log  a list may hold ranges
Counts are rounded to whole numbers, each of which a range has once; a note on standard error tells
where that makes them fewer. Amplitudes, activations and coordinates take lists only.";

/// One value of a flag, or those of a list or range.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Many<T> {
    /// The values, at least one.
    pub(crate) values: Vec<T>,
    /// Whether a list or range was written.
    pub(crate) many: bool,
}

impl<T> Many<T> {
    fn map<U>(self, of: impl FnMut(T) -> Result<U, String>) -> Result<Many<U>, String> {
        let values = self.values.into_iter().map(of).collect::<Result<_, _>>()?;
        Ok(Many { values, many: self.many })
    }
}

/// Model sizes: whole numbers from 1 on, or infinity.
pub(crate) fn model_sizes(text: &str) -> Result<Many<ModelSize>, String> {
    sizes(text)?.map(|size| ModelSize::try_from(size).map_err(|error| error.to_string()))
}

/// Numbers of samples or steps: whole numbers from 1 on, or infinity.
pub(crate) fn sizes(text: &str) -> Result<Many<f64>, String> {
    listed(text, size, whole)
}

/// Whole numbers in `1..=1e9`.
pub(crate) fn counts(text: &str) -> Result<Many<usize>, String> {
    let one = |text: &str| numbers::count(text.trim()).map(|count| count as f64);
    listed(text, alone(text, one), whole)?.map(|count| Ok(count as usize))
}

/// Sizes of models whose features are drawn: whole numbers in `1..=1e9`.
pub(crate) fn drawn_sizes(text: &str) -> Result<Many<ModelSize>, String> {
    counts(text)?.map(|count| Ok(ModelSize::Finite(count)))
}

/// Finite numbers > 0.
pub(crate) fn positives(text: &str) -> Result<Many<f64>, String> {
    listed(text, positive_item, real)
}

/// Finite numbers > 0; the message for a single one leaves lists unsaid.
pub(crate) fn each_positive(text: &str) -> Result<Many<f64>, String> {
    listed(text, alone(text, numbers::positive), real)
}

/// Finite numbers `≥ 0`.
pub(crate) fn non_negatives(text: &str) -> Result<Many<f64>, String> {
    listed(text, alone(text, numbers::non_negative), real)
}

/// Words, or numbers that are read as words: lists only.
pub(crate) fn words<T: FromStr<Err: ToString>>(text: &str) -> Result<Many<T>, String> {
    let words: Vec<&str> = text.split(',').collect();
    bounded(words.len())?;
    let one = |word: &&str| word.trim().parse().map_err(|error: T::Err| error.to_string());
    let values = words.iter().map(one).collect::<Result<_, _>>()?;
    Ok(Many { values, many: text.contains(',') })
}

/// In a list the value that is wrong stands before what it must be.
fn alone<'a>(
    text: &'a str,
    item: impl Fn(&str) -> Result<f64, String> + 'a,
) -> impl Fn(&str) -> Result<f64, String> + 'a {
    move |word| {
        item(word.trim())
            .map_err(|error| if word == text { error } else { format!("{word:?} {error}") })
    }
}

/// The values of a number, list or range; `settle` takes the ends of a range and a value in it.
fn listed(
    text: &str,
    item: impl Fn(&str) -> Result<f64, String>,
    settle: fn(f64, f64, f64) -> f64,
) -> Result<Many<f64>, String> {
    let (values, notes) = parsed(text, item, settle)?;
    for told in notes {
        note(&told);
    }
    Ok(Many { values, many: text.contains(',') || text.contains("..") })
}

/// Values, and what to say about ranges.
fn parsed(
    text: &str,
    item: impl Fn(&str) -> Result<f64, String>,
    settle: fn(f64, f64, f64) -> f64,
) -> Result<(Vec<f64>, Vec<String>), String> {
    let (mut values, mut notes) = (Vec::new(), Vec::new());
    for word in text.split(',') {
        match word.split_once("..") {
            Some((from, rest)) => {
                let all = range(from, rest, &item, settle)?;
                let before = values.len();
                let distinct = all.iter().enumerate().filter(|(k, x)| *k == 0 || **x != all[k - 1]);
                values.extend(distinct.map(|(_, x)| *x));
                notes.extend(fewer(word, values.len() - before, all.len()));
            }
            None => values.push(item(word)?),
        }
        bounded(values.len())?;
    }
    Ok((values, notes))
}

/// Refuses a list before it takes the memory of more points than are ever answered.
fn bounded(count: usize) -> Result<(), String> {
    if count <= MOST_POINTS {
        return Ok(());
    }
    Err(format!("the list must hold at most {MOST_POINTS} values, holds {count} or more"))
}

fn fewer(range: &str, kept: usize, count: usize) -> Option<String> {
    let text =
        || format!("range \"{range}\" holds {kept} whole numbers, not {count}: each is taken once");
    (kept < count).then(text)
}

fn positive_item(text: &str) -> Result<f64, String> {
    numbers::positive(text.trim()).map_err(|_| {
        format!("{text:?} must be a finite number > 0, a list 1e3,1e4 or a range 1e3..1e6:7log")
    })
}

/// A whole number from 1 to 9e15, or `inf`.
fn size(text: &str) -> Result<f64, String> {
    match text.trim().parse::<f64>() {
        Ok(value) if numbers::is_size(value) => Ok(value),
        _ => Err(format!(
            "{text:?} must be a whole number in 1..9e15, inf, a list 20,40,80 or a range 10..1e6:60log"
        )),
    }
}

fn whole(low: f64, high: f64, value: f64) -> f64 {
    value.round().clamp(low, high)
}

/// A real number to 13 digits, so that steps of a decimal, and decades, are the numbers that one
/// would write: logarithms of 1e20 have an error of 1e-14.
fn real(low: f64, high: f64, value: f64) -> f64 {
    format!("{value:.12e}").parse().unwrap_or(value).clamp(low, high)
}

/// `a..b:k`, `a..b:klin` or `a..b:klog`: `k` numbers from `a` to `b`, settled.
fn range(
    from: &str,
    rest: &str,
    item: impl Fn(&str) -> Result<f64, String>,
    settle: fn(f64, f64, f64) -> f64,
) -> Result<Vec<f64>, String> {
    let wrong = || {
        format!(
            "range \"{from}..{rest}\" must read FROM..TO:COUNTlog or FROM..TO:COUNTlin, COUNT in 2..100000"
        )
    };
    let (to, step) = rest.split_once(':').ok_or_else(wrong)?;
    let (low, high) = (item(from)?, item(to)?);
    let (count, log) = match step.strip_suffix("log") {
        Some(count) => (count, true),
        None => (step.strip_suffix("lin").unwrap_or(step), false),
    };
    let count: usize =
        count.parse().ok().filter(|n| (2..=100_000).contains(n)).ok_or_else(wrong)?;
    if !(low < high && high.is_finite()) {
        return Err(format!(
            "range \"{from}..{rest}\": must rise from a finite number to a larger finite one"
        ));
    }
    if log && low <= 0.0 {
        return Err(format!("range \"{from}..{rest}\": with log must start above 0"));
    }
    // The quotient overflows only where the ends are further apart than floats reach.
    let ratio = if (high / low).is_finite() { (high / low).ln() } else { high.ln() - low.ln() };
    let at = |k: usize| {
        let share = k as f64 / (count - 1) as f64;
        let value = if log { (low.ln() + share * ratio).exp() } else { low + share * (high - low) };
        settle(low, high, value)
    };
    let mut values: Vec<f64> = (0..count).map(at).collect();
    (values[0], values[count - 1]) = (low, high);
    Ok(values)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values(text: &str) -> Vec<f64> {
        sizes(text).unwrap().values
    }

    #[test]
    fn numbers_lists_and_ranges() {
        assert_eq!(values("1e3"), [1000.0]);
        assert_eq!(values("inf"), [f64::INFINITY]);
        assert_eq!(values("20,40,inf"), [20.0, 40.0, f64::INFINITY]);
        assert_eq!(values("10..1000:3log"), [10.0, 100.0, 1000.0]);
        assert_eq!(values("10..30:3lin,99"), [10.0, 20.0, 30.0, 99.0]);
        assert_eq!(values("1..4:7log"), [1.0, 2.0, 3.0, 4.0]); // rounded, each once
        assert!(!sizes("7").unwrap().many && sizes("7,8").unwrap().many);
    }

    #[test]
    fn model_sizes_are_whole_or_infinite() {
        let found = model_sizes("20,inf").unwrap();
        assert_eq!((found.values, found.many), (vec![20.into(), ModelSize::Infinite], true));
        assert_eq!(drawn_sizes("7,1e9").unwrap().values, [7.into(), 1_000_000_000.into()]);
        assert!(drawn_sizes("inf").unwrap_err().contains("must be a whole number in 1..1e9"));
        let error = model_sizes("2.5").unwrap_err();
        assert!(error.contains("must be a whole number in 1..9e15, inf"), "{error}");
    }

    #[test]
    fn lists_keep_their_order_and_repetitions_and_ranges_say_what_they_lack() {
        assert_eq!(values("8,8,16,8"), [8.0, 8.0, 16.0, 8.0]);
        assert_eq!(values("2,1..3:3lin,3"), [2.0, 1.0, 2.0, 3.0, 3.0]);
        let notes = |text: &str| parsed(text, size, whole).unwrap().1;
        assert_eq!(
            notes("7,1..2:100lin"),
            ["range \"1..2:100lin\" holds 2 whole numbers, not 100: each is taken once"]
        );
        assert!(notes("8,8,16,8").is_empty() && notes("1..100:100lin").is_empty());
    }

    #[test]
    fn real_numbers_are_decimals_and_no_whole_ones() {
        let found = |text: &str| positives(text).map(|found| found.values);
        assert_eq!(found("2.5,1e3").unwrap(), [2.5, 1000.0]);
        assert_eq!(found("0.5..1:6lin").unwrap(), [0.5, 0.6, 0.7, 0.8, 0.9, 1.0]);
        assert_eq!(found("1e3..1e6:4log").unwrap(), [1e3, 1e4, 1e5, 1e6]);
        // The quotient of these ends is no float.
        assert_eq!(found("1e-200..1e200:3log").unwrap(), [1e-200, 1.0, 1e200]);
        assert_eq!(non_negatives("0..1:3").unwrap().values, [0.0, 0.5, 1.0]);
        for text in ["0", "-1", "inf", "nan", "3..1:4", "", ",", "1,,2"] {
            assert!(found(text).unwrap_err().contains("must"), "{text}");
        }
    }

    #[test]
    fn nonsense_is_refused_with_the_value() {
        for text in
            ["0", "-3", "2.5", "nan", "", "10..5:3", "1..9:1log", "1..inf:3log", "1..9", "1e16"]
        {
            let error = sizes(text).unwrap_err();
            assert!(error.contains("must"), "{text}: {error}");
        }
        let error = non_negatives("0..1:3log").unwrap_err();
        assert!(error.contains("with log must start above 0"), "{error}");
        assert_eq!(each_positive("0").unwrap_err(), "must be a finite number > 0");
        assert_eq!(each_positive("1,0").unwrap_err(), "\"0\" must be a finite number > 0");
        assert!(words::<crate::model::Amplitude>("gaussian,flat").is_err());
    }

    /// Lists of ranges end where more points would be asked for than are ever answered.
    #[test]
    fn a_list_of_many_ranges_takes_no_memory() {
        let text = vec!["1..9:100000lin"; 9000].join(",");
        assert!(positives(&text).unwrap_err().contains("at most 1000000 values"));
    }
}
