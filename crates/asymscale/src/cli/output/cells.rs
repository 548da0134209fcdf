//! Numbers and words of an answer, and how JSON, CSV and a reader get them.
//!
//! JSON has no infinite numbers. Until an answer is written, an infinity and a number that is told
//! as it was given are strings that begin with a character that no text of an answer has.

use crate::answers::{AsValue, Value};
use crate::model::ModelSize;
use serde::{Serialize, Serializer};
use serde_json::{Map, Value as Json};
use std::collections::BTreeSet;

const INFINITE: &str = "\u{0}inf";
const MINUS_INFINITE: &str = "\u{0}-inf";
const GIVEN: &str = "\u{0}given ";

/// A number in an answer: infinities are marked, NaN is null.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Number(pub(crate) f64);

impl Serialize for Number {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            f64::INFINITY => serializer.serialize_str(INFINITE),
            f64::NEG_INFINITY => serializer.serialize_str(MINUS_INFINITE),
            value => serializer.serialize_f64(value),
        }
    }
}

/// 2⁶⁴.
const MOST_WHOLE: f64 = 18_446_744_073_709_551_616.0;

/// A size in an answer: a whole number without a fraction, or infinity.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Size(pub(crate) f64);

impl Serialize for Size {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        // Larger whole numbers are told as they are: no integer of 64 bits holds them.
        if self.0.is_finite() && self.0.fract() == 0.0 && self.0 < MOST_WHOLE {
            serializer.serialize_u64(self.0 as u64)
        } else {
            Number(self.0).serialize(serializer)
        }
    }
}

impl From<ModelSize> for Size {
    fn from(features: ModelSize) -> Self {
        Self(features.as_f64())
    }
}

/// A finite number of the command line, told with as many digits as it was given.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Given(pub(crate) f64);

impl Serialize for Given {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&format!("{GIVEN}{:e}", self.0))
    }
}

/// What stands in the column of a parameter.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Cell {
    /// A real number.
    Given(f64),
    /// A whole number or infinity.
    Size(f64),
    /// A word.
    Word(String),
}

impl Serialize for Cell {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Given(value) => Given(*value).serialize(serializer),
            Self::Size(value) => Size(*value).serialize(serializer),
            Self::Word(word) => serializer.serialize_str(word),
        }
    }
}

impl AsValue for Number {
    fn value(&self) -> Value {
        Value::Real(self.0)
    }
}

impl AsValue for Size {
    fn value(&self) -> Value {
        Value::Real(self.0)
    }
}

impl AsValue for Given {
    fn value(&self) -> Value {
        Value::Real(self.0)
    }
}

/// A number that may not exist: null where it is infinite or NaN.
pub(crate) fn finite(value: f64) -> Option<Number> {
    value.is_finite().then_some(Number(value))
}

/// The number of a mark.
fn given(text: &str) -> Option<f64> {
    text.strip_prefix(GIVEN)?.parse().ok()
}

fn is_infinite(value: &Json) -> bool {
    matches!(value.as_str(), Some(INFINITE | MINUS_INFINITE))
}

/// Adds the keys of an object that are infinite.
pub(super) fn infinite(object: &Map<String, Json>, keys: &mut BTreeSet<String>) {
    let infinite = object.iter().filter(|(_, value)| is_infinite(value));
    keys.extend(infinite.map(|(key, _)| key.clone()));
}

/// JSON as it is written: what is infinite is null, and `KEY_infinite` after it is true
/// (`KEY_minus_infinite` of minus infinity); of the `marked` keys it says so at every point.
pub(super) fn written(value: Json, marked: &BTreeSet<String>) -> Json {
    match value {
        Json::Object(object) => {
            let mut told = Map::new();
            for (key, value) in object {
                let (plus, minus) =
                    (value.as_str() == Some(INFINITE), value.as_str() == Some(MINUS_INFINITE));
                told.insert(key.clone(), written(value, &BTreeSet::new()));
                if minus {
                    told.insert(format!("{key}_minus_infinite"), true.into());
                } else if plus || marked.contains(&key) {
                    told.insert(format!("{key}_infinite"), plus.into());
                }
            }
            Json::Object(told)
        }
        Json::Array(values) => {
            let mut marked = BTreeSet::new();
            for object in values.iter().filter_map(Json::as_object) {
                infinite(object, &mut marked);
            }
            values.into_iter().map(|value| written(value, &marked)).collect()
        }
        Json::String(text) if text == INFINITE || text == MINUS_INFINITE => Json::Null,
        Json::String(text) => given(&text).map_or(Json::String(text), Json::from),
        other => other,
    }
}

/// A cell of CSV: all digits, infinities as words that parse as floats.
pub(super) fn plain(value: &Json) -> String {
    match value {
        Json::Null => String::new(),
        Json::String(text) => match given(text) {
            Some(number) => as_given(number),
            None => text.trim_start_matches('\u{0}').to_owned(),
        },
        // 1e20, and not 1e+20.
        Json::Number(number) => number.to_string().replace("e+", "e"),
        other => other.to_string(),
    }
}

/// The shortest text of a number, with an exponent where it is shorter.
pub(crate) fn as_given(number: f64) -> String {
    let (full, short) = (number.to_string(), format!("{number:e}"));
    if full.len() <= short.len() + 2 { full } else { short }
}

/// For reading: six significant digits. JSON and CSV have them all.
pub(super) fn rounded(value: &Json) -> String {
    match value.as_f64().filter(|_| value.is_f64()) {
        Some(x) if x != 0.0 && !(1e-4..1e7).contains(&x.abs()) => format!("{x:.5e}"),
        Some(x) => {
            let decimals = (5.0 - x.abs().max(1e-300).log10().floor()).clamp(0.0, 9.0) as usize;
            format!("{x:.decimals$}")
        }
        None => plain(value),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reading_needs_six_digits() {
        assert_eq!(rounded(&Json::from(0.237798401448)), "0.237798");
        assert_eq!(rounded(&Json::from(517.933954)), "517.934");
        assert_eq!(rounded(&Json::from(3.00915e-9)), "3.00915e-9");
        assert_eq!(rounded(&Json::from(7_u64)), "7");
    }

    #[test]
    fn what_was_given_is_told_as_given() {
        for (number, text) in [(1e20, "1e20"), (1000.0, "1000"), (0.5, "0.5"), (5e-324, "5e-324")] {
            let cell = serde_json::to_value(Given(number)).unwrap();
            assert_eq!((plain(&cell).as_str(), rounded(&cell).as_str()), (text, text));
            assert_eq!(written(cell, &BTreeSet::new()), Json::from(number));
        }
        assert_eq!(plain(&Json::from(1e20)), "1e20");
    }

    #[test]
    fn infinities_are_null_and_marked_wherever_they_stand() {
        let value = |number: f64| serde_json::to_value(Number(number)).unwrap();
        let mut rows = [Map::new(), Map::new()];
        rows[0].insert("x".to_owned(), value(f64::INFINITY));
        rows[1].insert("x".to_owned(), value(f64::NEG_INFINITY));
        let array = Json::from(rows.map(Json::Object).to_vec());
        let told = written(array, &BTreeSet::new()).to_string();
        assert_eq!(told, r#"[{"x":null,"x_infinite":true},{"x":null,"x_minus_infinite":true}]"#);
        assert_eq!(plain(&value(f64::INFINITY)), "inf");
        assert_eq!(plain(&value(f64::NEG_INFINITY)), "-inf");
        assert_eq!(value(f64::NAN), Json::Null);
        assert_eq!(serde_json::to_string(&Size(100.0)).unwrap(), "100");
    }
}
