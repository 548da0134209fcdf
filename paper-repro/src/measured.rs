//! A measured value with what is known of its error.

use crate::rounded;
use asymscale_montecarlo::Estimate;
use serde::ser::{Serialize, SerializeStruct, Serializer};

/// A measured value, by what is known of its sampling error.
///
/// It is serialised as two fields, `measured` and `interval`; the interval of an exact value is
/// that point, and that of a value without an interval is null.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Measured {
    /// A value that has no sampling error: theory, or arithmetic on data that were not sampled.
    Exact(f64),
    /// A sampled value with its 95 % interval.
    Estimated {
        /// The value.
        value: f64,
        /// The lower end.
        low: f64,
        /// The upper end.
        high: f64,
    },
    /// A sampled value of which no interval is known, such as the largest of many. Its verdict
    /// follows from the value alone.
    NoInterval(f64),
}

impl Measured {
    /// The value.
    pub fn value(self) -> f64 {
        let (Self::Exact(value) | Self::Estimated { value, .. } | Self::NoInterval(value)) = self;
        value
    }

    /// The 95 % interval: the point itself of an exact value, `None` where it is not known.
    pub fn interval(self) -> Option<(f64, f64)> {
        match self {
            Self::Exact(value) => Some((value, value)),
            Self::Estimated { low, high, .. } => Some((low, high)),
            Self::NoInterval(_) => None,
        }
    }

    /// The same measured in a unit that is so many times as large.
    #[must_use]
    pub fn over(self, unit: f64) -> Self {
        match self {
            Self::Exact(value) => Self::Exact(value / unit),
            Self::NoInterval(value) => Self::NoInterval(value / unit),
            Self::Estimated { value, low, high } => {
                Self::Estimated { value: value / unit, low: low / unit, high: high / unit }
            }
        }
    }

    /// The interval in words, rounded to a tenth of `scale`.
    pub(crate) fn interval_text(self, scale: f64) -> String {
        match self {
            Self::Exact(_) => "exact".to_owned(),
            Self::NoInterval(_) => "no interval".to_owned(),
            Self::Estimated { low, high, .. } => {
                format!("{} … {}", rounded(low, scale), rounded(high, scale))
            }
        }
    }
}

impl From<(f64, (f64, f64))> for Measured {
    /// A value with its 95 % interval.
    fn from((value, (low, high)): (f64, (f64, f64))) -> Self {
        Self::Estimated { value, low, high }
    }
}

impl From<Estimate> for Measured {
    /// A mean with its 95 % interval.
    fn from(estimate: Estimate) -> Self {
        Self::from((estimate.mean, estimate.interval(0.95)))
    }
}

impl Serialize for Measured {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut fields = serializer.serialize_struct("Measured", 2)?;
        fields.serialize_field("measured", &self.value())?;
        fields.serialize_field("interval", &self.interval())?;
        fields.end()
    }
}
