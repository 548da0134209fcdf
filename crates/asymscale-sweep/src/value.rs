//! One field of a table.

use std::{
    fmt,
    hash::{Hash, Hasher},
};

/// One field of a table: a number, a whole number, a text, or nothing.
///
/// Equality is that of the written form: NaN equals NaN, `0.0` and `-0.0` differ, `Int(1)` and
/// `Float(1.0)` differ. For the numerical question see [`Value::same_as`]. [`fmt::Display`] gives
/// the field as in a CSV, unquoted: the shortest text that reads back to the same bits, always
/// recognisable as a `Float` (`1.0`, `1e16`, `inf`, `NaN`).
///
/// ```
/// use asymscale_sweep::Value;
/// assert_eq!(Value::from(0.1 + 0.2).to_string(), "0.30000000000000004");
/// assert_eq!(Value::from(1.0).to_string(), "1.0");
/// assert_eq!(Value::from(f64::INFINITY).to_string(), "inf");
/// assert_eq!(Value::from(None::<f64>), Value::Null);
/// ```
#[derive(Debug, Clone)]
pub enum Value {
    /// A number, possibly infinite or NaN.
    Float(f64),
    /// A whole number.
    Int(i64),
    /// A text.
    Text(String),
    /// Nothing: not measured, not defined.
    Null,
}

impl Value {
    /// The number, if it is one. Whole numbers beyond 2^53 are rounded.
    pub fn as_float(&self) -> Option<f64> {
        match self {
            Self::Float(value) => Some(*value),
            Self::Int(value) => Some(*value as f64),
            Self::Text(_) | Self::Null => None,
        }
    }

    /// The whole number, if it is one.
    pub fn as_int(&self) -> Option<i64> {
        if let Self::Int(value) = self { Some(*value) } else { None }
    }

    /// The text, if it is one.
    pub fn as_text(&self) -> Option<&str> {
        if let Self::Text(value) = self { Some(value) } else { None }
    }

    /// Whether there is nothing.
    pub fn is_null(&self) -> bool {
        matches!(self, Self::Null)
    }

    /// Equal, or numerically equal: `Int(512)` is the same as `Float(512.0)`.
    pub fn same_as(&self, other: &Self) -> bool {
        match (self, other) {
            // Two whole numbers are compared as such, beyond 2^53 too.
            (Self::Int(a), Self::Int(b)) => a == b,
            _ => self == other || self.as_float().is_some_and(|a| Some(a) == other.as_float()),
        }
    }

    /// The value an unquoted CSV field stands for.
    pub(crate) fn of_field(field: &str) -> Self {
        if field.is_empty() {
            return Self::Null;
        }
        if let Ok(value) = field.parse() {
            return Self::Int(value);
        }
        field.parse().map_or_else(|_| Self::Text(field.into()), Self::Float)
    }

    /// The float's bits with all NaN alike.
    fn bits(value: f64) -> u64 {
        if value.is_nan() { f64::NAN.to_bits() } else { value.to_bits() }
    }
}

impl PartialEq for Value {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Float(a), Self::Float(b)) => Self::bits(*a) == Self::bits(*b),
            (Self::Int(a), Self::Int(b)) => a == b,
            (Self::Text(a), Self::Text(b)) => a == b,
            (Self::Null, Self::Null) => true,
            _ => false,
        }
    }
}

impl Eq for Value {}

impl Hash for Value {
    fn hash<H: Hasher>(&self, state: &mut H) {
        std::mem::discriminant(self).hash(state);
        match self {
            Self::Float(value) => Self::bits(*value).hash(state),
            Self::Int(value) => value.hash(state),
            Self::Text(value) => value.hash(state),
            Self::Null => {}
        }
    }
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        match self {
            // `{:?}` keeps the decimal point of whole floats, by which a reader tells them from
            // `Int`.
            Self::Float(value) => write!(f, "{value:?}"),
            Self::Int(value) => write!(f, "{value}"),
            Self::Text(value) => f.write_str(value),
            Self::Null => Ok(()),
        }
    }
}

impl From<f64> for Value {
    fn from(value: f64) -> Self {
        Self::Float(value)
    }
}

impl From<bool> for Value {
    /// 1 for true, 0 for false, so that a mean is a share.
    fn from(value: bool) -> Self {
        Self::Int(value.into())
    }
}

impl From<&str> for Value {
    fn from(value: &str) -> Self {
        Self::Text(value.into())
    }
}

impl From<String> for Value {
    fn from(value: String) -> Self {
        Self::Text(value)
    }
}

impl<T: Into<Value>> From<Option<T>> for Value {
    /// `None` is [`Value::Null`].
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}

macro_rules! from_whole {
    ($($small:ty),*; $($large:ty),*) => {
        $(impl From<$small> for Value {
            fn from(value: $small) -> Self {
                Self::Int(value.into())
            }
        })*
        $(impl From<$large> for Value {
            /// Beyond 2^63 − 1, the nearest float.
            fn from(value: $large) -> Self {
                i64::try_from(value).map_or(Self::Float(value as f64), Self::Int)
            }
        })*
    };
}
from_whole!(i64, i32, u32, u16, u8; usize, u64);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equality_is_that_of_the_written_form() {
        assert_eq!(Value::Float(f64::NAN), Value::Float(-f64::NAN));
        assert_ne!(Value::Float(0.0), Value::Float(-0.0));
        assert_ne!(Value::Int(1), Value::Float(1.0));
    }

    #[test]
    fn sameness_is_numerical() {
        assert!(Value::Int(512).same_as(&Value::Float(512.0)));
        assert!(Value::Float(f64::NAN).same_as(&Value::Float(f64::NAN)));
        assert!(!Value::Int(1).same_as(&Value::Text("1".into())));
        assert!(!Value::Null.same_as(&Value::Float(0.0)));
        // These two differ by 1 and round to the same float.
        assert!(!Value::Int((1 << 53) + 1).same_as(&Value::Int(1 << 53)));
    }

    #[test]
    fn whole_numbers_too_large_become_floats() {
        assert_eq!(Value::from(u64::MAX), Value::Float(18446744073709551615.0));
        assert_eq!(Value::from(7_usize), Value::Int(7));
    }
}
