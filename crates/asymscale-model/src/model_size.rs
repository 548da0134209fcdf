//! The size of a model: the number of random features `N`, finite or infinite.

use crate::{Coordinates, ModelError};
use serde::{Deserialize, Serialize, Serializer};
use std::{fmt, str::FromStr};

/// The number of random features `N` of a learner.
///
/// Sizes are ordered, and infinity is the largest. What is written is the number, or `inf`, also by
/// serde. Text and numbers are read as whole numbers in `1..=9e15`, or infinity; a
/// `ModelSize::Finite(0)` is for the function it is given to to refuse. Theory, and averages over
/// features, are defined for any real `N ≥ 1` and take it as a float: [`ModelSize::as_f64`].
///
/// ```
/// use asymscale_model::ModelSize;
/// let mut sizes = [ModelSize::Infinite, ModelSize::Finite(300), "20".parse()?];
/// sizes.sort();
/// assert_eq!(sizes.map(|size| size.to_string()), ["20", "300", "inf"]);
/// assert_eq!(sizes.map(ModelSize::as_f64), [20.0, 300.0, f64::INFINITY]);
/// assert_eq!(sizes.map(ModelSize::finite), [Some(20), Some(300), None]);
/// assert!("2.5".parse::<ModelSize>().is_err());
/// # Ok::<(), asymscale_model::ModelError>(())
/// ```
// The order of the variants is that of sizes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(try_from = "Written")]
pub enum ModelSize {
    /// So many features.
    Finite(usize),
    /// Infinitely many: what features of one kind tend to.
    Infinite,
}

impl ModelSize {
    /// `N` as a float, `f64::INFINITY` for infinitely many.
    pub fn as_f64(self) -> f64 {
        match self {
            Self::Finite(features) => features as f64,
            Self::Infinite => f64::INFINITY,
        }
    }

    /// `N` where it is finite.
    pub fn finite(self) -> Option<usize> {
        match self {
            Self::Finite(features) => Some(features),
            Self::Infinite => None,
        }
    }

    /// Whether `N = ∞`.
    pub fn is_infinite(self) -> bool {
        self == Self::Infinite
    }
}

impl From<usize> for ModelSize {
    fn from(features: usize) -> Self {
        Self::Finite(features)
    }
}

impl TryFrom<f64> for ModelSize {
    type Error = ModelError;

    /// A whole number in `1..=9e15`, or infinity.
    fn try_from(features: f64) -> Result<Self, ModelError> {
        of_number(features).ok_or_else(|| ModelError::Features(features.to_string()))
    }
}

fn of_number(features: f64) -> Option<ModelSize> {
    if features == f64::INFINITY {
        return Some(ModelSize::Infinite);
    }
    let valid = (1.0..=Coordinates::MOST as f64).contains(&features) && features.fract() == 0.0;
    usize::try_from(features as u64).ok().filter(|_| valid).map(ModelSize::Finite)
}

impl fmt::Display for ModelSize {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Finite(features) => features.fmt(f),
            Self::Infinite => f.pad("inf"),
        }
    }
}

impl FromStr for ModelSize {
    type Err = ModelError;

    /// A whole number, in any notation of floats, or `inf` or `infinity`; the case of letters and
    /// space around do not matter.
    fn from_str(word: &str) -> Result<Self, ModelError> {
        let size = word.trim().parse().ok().and_then(of_number);
        size.ok_or_else(|| ModelError::Features(word.to_owned()))
    }
}

impl Serialize for ModelSize {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Finite(features) => features.serialize(serializer),
            Self::Infinite => serializer.collect_str(self),
        }
    }
}

/// What a size is deserialized from.
#[derive(Deserialize)]
#[serde(untagged)]
enum Written {
    Number(f64),
    Word(String),
}

impl TryFrom<Written> for ModelSize {
    type Error = ModelError;

    fn try_from(written: Written) -> Result<Self, ModelError> {
        match written {
            Written::Number(number) => number.try_into(),
            Written::Word(word) => word.parse(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_and_json_round_trip() {
        for (size, word, json) in [
            (ModelSize::Finite(1), "1", "1"),
            (ModelSize::Finite(9_000_000_000_000_000), "9000000000000000", "9000000000000000"),
            (ModelSize::Infinite, "inf", "\"inf\""),
        ] {
            assert_eq!((size.to_string(), word.parse()), (word.to_owned(), Ok(size)));
            assert_eq!(serde_json::to_string(&size).unwrap(), json);
            assert_eq!(serde_json::from_str::<ModelSize>(json).unwrap(), size);
            assert_eq!(ModelSize::try_from(size.as_f64()), Ok(size));
        }
        assert_eq!(serde_json::from_str::<ModelSize>("64.0").unwrap(), ModelSize::Finite(64));
    }

    #[test]
    fn other_spellings_are_read() {
        for word in ["inf", "Infinity", " INF ", "+inf"] {
            assert_eq!(word.parse(), Ok(ModelSize::Infinite), "{word}");
        }
        assert_eq!(" 1e3".parse(), Ok(ModelSize::Finite(1000)));
    }

    #[test]
    fn what_is_no_size_is_refused_with_its_value_and_the_range() {
        for word in ["0", "-3", "2.5", "nan", "-inf", "", "many", "1e16"] {
            let error = word.parse::<ModelSize>().unwrap_err().to_string();
            assert_eq!(
                error,
                format!("features = {word}: must be a whole number in 1..9e15, or inf")
            );
        }
        for number in [0.0, -0.0, -3.0, 2.5, f64::NAN, f64::NEG_INFINITY, 1e16] {
            assert_eq!(ModelSize::try_from(number), Err(ModelError::Features(number.to_string())));
        }
        let error = serde_json::from_str::<ModelSize>("0").unwrap_err().to_string();
        assert!(error.contains("features = 0: must be a whole number"), "{error}");
    }

    #[test]
    fn infinity_is_the_largest() {
        assert!(ModelSize::Finite(usize::MAX) < ModelSize::Infinite);
        assert!(ModelSize::Finite(2) < ModelSize::Finite(10));
        assert_eq!(
            format!("{:>5}|{:<5}", ModelSize::Finite(64), ModelSize::Infinite),
            "   64|inf  "
        );
    }
}
