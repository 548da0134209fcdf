//! Numbers, lists `20,40,80` and ranges `10..1e6:60log` on the command line.
//!
//! A list is answered as it stands, in its order and with its repetitions. A range of whole numbers
//! is rounded and has each of them once: where that makes them fewer than its count, a note on
//! standard error says so.

use asymscale::model::ModelSize;
use std::str::FromStr;

/// One model size, or those of a list or range (whose answer is an array).
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct ModelSizes {
    /// The sizes.
    pub(crate) values: Vec<ModelSize>,
    /// Whether a list or range was written.
    pub(crate) many: bool,
}

impl FromStr for ModelSizes {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let Sizes { values, many } = text.parse()?;
        let values = values.into_iter().map(ModelSize::try_from).collect::<Result<_, _>>();
        Ok(Self { values: values.map_err(|error| error.to_string())?, many })
    }
}

/// One number of samples or steps, or those of a list or range (whose answer is an array).
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Sizes {
    /// The values: whole numbers from 1 on, or infinity.
    pub(crate) values: Vec<f64>,
    /// Whether a list or range was written.
    pub(crate) many: bool,
}

/// Largest size taken: beyond it a whole number is no longer exact as a float.
const LARGEST: f64 = 9.0e15;

impl FromStr for Sizes {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let whole = |low: f64, high: f64, value: f64| value.round().clamp(low, high);
        let (values, many, notes) = listed(text, size, whole)?;
        for note in notes {
            eprintln!("note: {note}");
        }
        Ok(Self { values, many })
    }
}

/// Real numbers > 0: one, or those of a list or range (whose answer is an array).
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Positives {
    /// The values, finite.
    pub(crate) values: Vec<f64>,
    /// Whether a list or range was written.
    pub(crate) many: bool,
}

impl FromStr for Positives {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let inside = |low: f64, high: f64, value: f64| value.clamp(low, high);
        listed(text, positive_item, inside).map(|(values, many, _)| Self { values, many })
    }
}

type Item = fn(&str) -> Result<f64, String>;

/// Values, whether a list or range was written, and what to say about ranges.
type Listed = (Vec<f64>, bool, Vec<String>);

/// The values of a number, list or range; `settle` takes the ends of a range and a value in it.
fn listed(text: &str, item: Item, settle: fn(f64, f64, f64) -> f64) -> Result<Listed, String> {
    let (mut values, mut notes) = (Vec::new(), Vec::new());
    for word in text.split(',') {
        match word.split_once("..") {
            Some((from, rest)) => {
                let all = range(from, rest, item, settle)?;
                let before = values.len();
                values.extend(
                    all.iter()
                        .enumerate()
                        .filter(|(k, x)| *k == 0 || **x != all[k - 1])
                        .map(|(_, x)| *x),
                );
                notes.extend(fewer(word, values.len() - before, all.len()));
            }
            None => values.push(item(word)?),
        }
    }
    Ok((values, text.contains(',') || text.contains(".."), notes))
}

fn fewer(range: &str, kept: usize, count: usize) -> Option<String> {
    let text =
        || format!("range \"{range}\" holds {kept} whole numbers, not {count}: each is taken once");
    (kept < count).then(text)
}

fn positive_item(text: &str) -> Result<f64, String> {
    positive(text.trim()).map_err(|_| {
        format!("{text:?} must be a finite number > 0, a list 1e3,1e4 or a range 1e3..1e6:7log")
    })
}

/// A whole number from 1 to 9e15, or `inf`.
fn size(text: &str) -> Result<f64, String> {
    match text.trim().parse::<f64>() {
        Ok(f64::INFINITY) => Ok(f64::INFINITY),
        Ok(value) if (1.0..=LARGEST).contains(&value) && value.fract() == 0.0 => Ok(value),
        _ => Err(format!(
            "{text:?} must be a whole number in 1..9e15, inf, a list 20,40,80 or a range 10..1e6:60log"
        )),
    }
}

/// `a..b:k`, `a..b:klin` or `a..b:klog`: `k` numbers from `a` to `b`, settled.
fn range(
    from: &str,
    rest: &str,
    item: Item,
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
    let at = |k: usize| {
        let share = k as f64 / (count - 1) as f64;
        let value = if log {
            (low.ln() + share * (high / low).ln()).exp()
        } else {
            low + share * (high - low)
        };
        settle(low, high, value)
    };
    Ok((0..count).map(at).collect())
}

/// A number in a closed or half-open range, for flags that take a single one.
pub(crate) fn positive(text: &str) -> Result<f64, String> {
    number(text, "a finite number > 0", |x| x > 0.0)
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

/// A finite number `≥ 1`.
pub(crate) fn at_least_one(text: &str) -> Result<f64, String> {
    number(text, "a finite number >= 1", |x| x >= 1.0)
}

/// A seed: a whole number of 64 bits.
pub(crate) fn seed(text: &str) -> Result<u64, String> {
    text.parse().map_err(|_| format!("must be a whole number in 0..{}", u64::MAX))
}

/// A size of a model whose features are drawn.
pub(crate) fn drawn_size(text: &str) -> Result<ModelSize, String> {
    count(text).map(ModelSize::Finite)
}

/// A whole number `≥ 1`; `2e3` is one too.
pub(crate) fn count(text: &str) -> Result<usize, String> {
    number(text, "a whole number in 1..1e9", |x| (1.0..=1e9).contains(&x) && x.fract() == 0.0)
        .map(|x| x as usize)
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

    fn values(text: &str) -> Vec<f64> {
        text.parse::<Sizes>().unwrap().values
    }

    #[test]
    fn numbers_lists_and_ranges() {
        assert_eq!(values("1e3"), [1000.0]);
        assert_eq!(values("inf"), [f64::INFINITY]);
        assert_eq!(values("20,40,inf"), [20.0, 40.0, f64::INFINITY]);
        assert_eq!(values("10..1000:3log"), [10.0, 100.0, 1000.0]);
        assert_eq!(values("10..30:3lin,99"), [10.0, 20.0, 30.0, 99.0]);
        assert_eq!(values("1..4:7log"), [1.0, 2.0, 3.0, 4.0]); // rounded, each once
        assert!(!"7".parse::<Sizes>().unwrap().many && "7,8".parse::<Sizes>().unwrap().many);
    }

    #[test]
    fn model_sizes_are_whole_or_infinite() {
        let sizes: ModelSizes = "20,inf".parse().unwrap();
        assert_eq!((sizes.values, sizes.many), (vec![20.into(), ModelSize::Infinite], true));
        assert!(
            "2.5"
                .parse::<ModelSizes>()
                .unwrap_err()
                .contains("must be a whole number in 1..9e15, inf")
        );
        assert_eq!(drawn_size("1e9"), Ok(1_000_000_000.into()));
        for text in ["0", "2.5", "1e10", "inf", "nan"] {
            assert!(
                drawn_size(text).unwrap_err().contains("must be a whole number in 1..1e9"),
                "{text}"
            );
        }
    }

    #[test]
    fn lists_keep_their_order_and_repetitions_and_ranges_say_what_they_lack() {
        assert_eq!(values("8,8,16,8"), [8.0, 8.0, 16.0, 8.0]);
        assert_eq!(values("2,1..3:3lin,3"), [2.0, 1.0, 2.0, 3.0, 3.0]);
        let notes =
            |text: &str| listed(text, size, |low, high, x| x.round().clamp(low, high)).unwrap().2;
        assert_eq!(
            notes("7,1..2:100lin"),
            ["range \"1..2:100lin\" holds 2 whole numbers, not 100: each is taken once"]
        );
        assert!(notes("8,8,16,8").is_empty() && notes("1..100:100lin").is_empty());
        assert_eq!(seed("18446744073709551615"), Ok(u64::MAX));
        assert!(
            seed("-1").unwrap_err().contains("must be a whole number in 0..18446744073709551615")
        );
    }

    #[test]
    fn real_numbers_are_not_rounded() {
        let positives = |text: &str| text.parse::<Positives>().map(|found| found.values);
        assert_eq!(positives("2.5,1e3").unwrap(), [2.5, 1000.0]);
        assert_eq!(positives("0.5..1.5:3lin").unwrap(), [0.5, 1.0, 1.5]);
        for text in ["0", "-1", "inf", "nan", "3..1:4", ""] {
            assert!(positives(text).unwrap_err().contains("must"), "{text}");
        }
    }

    #[test]
    fn nonsense_is_refused_with_the_value() {
        for text in
            ["0", "-3", "2.5", "nan", "", "10..5:3", "1..9:1log", "1..inf:3log", "1..9", "1e16"]
        {
            let error = text.parse::<Sizes>().unwrap_err();
            assert!(error.contains("must"), "{text}: {error}");
        }
    }
}
