//! How many coordinates there are: `M`, finite or infinite.

use crate::ModelError;
use std::{fmt, str::FromStr};

/// The number of coordinates `M`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Coordinates {
    /// Coordinates `1..=M`.
    Finite(u64),
    /// Infinitely many.
    #[default]
    Infinite,
}

impl Coordinates {
    /// The largest finite number: beyond it a whole number is no longer exact as a float.
    pub const MOST: u64 = 9_000_000_000_000_000;

    /// `M` as a float, `f64::INFINITY` for infinitely many.
    pub fn as_f64(self) -> f64 {
        match self {
            Self::Finite(m) => m as f64,
            Self::Infinite => f64::INFINITY,
        }
    }

    /// Whether `M = ∞`.
    pub fn is_infinite(self) -> bool {
        self == Self::Infinite
    }
}

impl fmt::Display for Coordinates {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Finite(m) => write!(f, "{m}"),
            Self::Infinite => f.write_str("inf"),
        }
    }
}

impl FromStr for Coordinates {
    type Err = ModelError;

    fn from_str(word: &str) -> Result<Self, ModelError> {
        match word {
            "inf" => Ok(Self::Infinite),
            number => match number.parse::<f64>() {
                Ok(m) if (1.0..=Self::MOST as f64).contains(&m) && m.fract() == 0.0 => {
                    Ok(Self::Finite(m as u64))
                }
                _ => Err(ModelError::Coordinates(number.to_owned())),
            },
        }
    }
}
