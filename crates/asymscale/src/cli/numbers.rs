//! Numbers, lists `20,40,80` and ranges `10..1e6:60log` on the command line.

use std::str::FromStr;

/// One number, or the numbers of a list or range (whose answer is an array).
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
        let mut values = Vec::new();
        for item in text.split(',') {
            match item.split_once("..") {
                Some((from, rest)) => values.extend(range(from, rest)?),
                None => values.push(size(item)?),
            }
        }
        values.dedup();
        Ok(Self { many: text.contains(',') || text.contains(".."), values })
    }
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

/// `a..b:k`, `a..b:klin` or `a..b:klog`: `k` numbers from `a` to `b`, rounded to whole ones.
fn range(from: &str, rest: &str) -> Result<Vec<f64>, String> {
    let wrong = || {
        format!(
            "range \"{from}..{rest}\" must read FROM..TO:COUNTlog or FROM..TO:COUNTlin, COUNT in 2..100000"
        )
    };
    let (to, step) = rest.split_once(':').ok_or_else(wrong)?;
    let (low, high) = (size(from)?, size(to)?);
    let (count, log) = match step.strip_suffix("log") {
        Some(count) => (count, true),
        None => (step.strip_suffix("lin").unwrap_or(step), false),
    };
    let count: usize = count.parse().ok().filter(|n| (2..=100_000).contains(n)).ok_or_else(wrong)?;
    if !(low < high && high.is_finite()) {
        return Err(format!(
            "range \"{from}..{rest}\": must rise from a finite number to a larger finite one"
        ));
    }
    let at = |k: usize| {
        let share = k as f64 / (count - 1) as f64;
        let value =
            if log { (low.ln() + share * (high / low).ln()).exp() } else { low + share * (high - low) };
        value.round().clamp(low, high)
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

/// A finite number `≥ 1`.
pub(crate) fn at_least_one(text: &str) -> Result<f64, String> {
    number(text, "a finite number >= 1", |x| x >= 1.0)
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
        assert_eq!(values("1..4:7log"), [1.0, 2.0, 3.0, 4.0]); // rounded, repeats dropped
        assert!(!"7".parse::<Sizes>().unwrap().many && "7,8".parse::<Sizes>().unwrap().many);
    }

    #[test]
    fn nonsense_is_refused_with_the_value() {
        for text in ["0", "-3", "2.5", "nan", "", "10..5:3", "1..9:1log", "1..inf:3log", "1..9", "1e16"] {
            let error = text.parse::<Sizes>().unwrap_err();
            assert!(error.contains("must"), "{text}: {error}");
        }
    }
}
