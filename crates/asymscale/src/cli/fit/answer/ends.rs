//! Numbers of a fit with the ends of their intervals, as fields of an answer.

use crate::cli::answer::{Answer, Column};
use crate::cli::output::Number;
use crate::fitting::ParameterInterval;
use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};

/// The ends of an interval.
#[derive(Debug, Clone, Copy, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct Ends {
    lower: Number,
    upper: Number,
}

impl From<&ParameterInterval> for Ends {
    fn from(interval: &ParameterInterval) -> Self {
        Self { lower: Number(interval.lower), upper: Number(interval.upper) }
    }
}

/// An estimate with the ends of its interval.
#[derive(Debug, Clone, Copy, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct Estimate {
    estimate: Number,
    /// Left out where there is no interval.
    #[serde(flatten)]
    ends: Option<Ends>,
}

impl Estimate {
    pub(in crate::cli::fit) fn new(estimate: f64, interval: Option<&ParameterInterval>) -> Self {
        Self { estimate: Number(estimate), ends: interval.map(Ends::from) }
    }
}

impl From<&ParameterInterval> for Estimate {
    fn from(interval: &ParameterInterval) -> Self {
        Self::new(interval.estimate, Some(interval))
    }
}

/// A row of a table of parameters.
#[derive(Debug, Clone, Copy, Serialize)]
pub(crate) struct ParameterRow {
    /// Its name.
    parameter: &'static str,
    /// Null where no law is told.
    estimate: Option<Number>,
    /// Left out where there is no interval.
    #[serde(flatten)]
    ends: Option<Ends>,
}

impl ParameterRow {
    pub(in crate::cli::fit) fn new(
        parameter: &'static str,
        estimate: Option<f64>,
        interval: Option<&ParameterInterval>,
    ) -> Self {
        Self { parameter, estimate: estimate.map(Number), ends: interval.map(Ends::from) }
    }
}

impl Answer for ParameterRow {
    fn columns() -> Vec<Column> {
        let column = Column::new;
        vec![
            column("parameter", "Name of a parameter of the law."),
            column("estimate", "Its value; null where no law is told."),
            column("lower", "Lower end of its interval; left out where there is none."),
            column("upper", "Upper end of its interval."),
        ]
    }
}

/// The columns of [`WithEnds`] under a name: the value and the ends of its interval.
macro_rules! with_ends {
    ($name:literal, $text:literal) => {
        [
            $crate::cli::answer::Column::new($name, $text),
            $crate::cli::answer::Column::new(
                concat!($name, "_lower"),
                "Lower end of its interval; left out without resamples.",
            ),
            $crate::cli::answer::Column::new(
                concat!($name, "_upper"),
                "Upper end of its interval.",
            ),
        ]
    };
}

pub(in crate::cli::fit) use with_ends;

/// A number under a name, with the ends of its interval under `name_lower` and `name_upper`.
#[derive(Debug, Clone, Copy)]
pub(crate) struct WithEnds {
    name: &'static str,
    value: Option<Number>,
    /// None are left out; ends that are not known are null.
    ends: Option<[Option<Number>; 2]>,
}

impl WithEnds {
    /// Ends are left out where there is no interval.
    pub(crate) fn new(
        name: &'static str,
        value: f64,
        interval: Option<&ParameterInterval>,
    ) -> Self {
        let ends = |of: &ParameterInterval| [of.lower, of.upper].map(|end| Some(Number(end)));
        Self { name, value: Some(Number(value)), ends: interval.map(ends) }
    }

    /// The value and both ends are null where they are not known.
    pub(crate) fn known(name: &'static str, interval: Option<&ParameterInterval>) -> Self {
        let end = |of: fn(&ParameterInterval) -> f64| interval.map(|interval| Number(of(interval)));
        Self {
            name,
            value: end(|of| of.estimate),
            ends: Some([end(|of| of.lower), end(|of| of.upper)]),
        }
    }

    /// A value that may be null apart from its ends.
    pub(in crate::cli::fit) fn of(
        name: &'static str,
        value: Option<f64>,
        interval: Option<&ParameterInterval>,
    ) -> Self {
        Self { value: value.map(Number), ..Self::known(name, interval) }
    }
}

impl Serialize for WithEnds {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry(self.name, &self.value)?;
        if let Some([lower, upper]) = &self.ends {
            map.serialize_entry(&format!("{}_lower", self.name), lower)?;
            map.serialize_entry(&format!("{}_upper", self.name), upper)?;
        }
        map.end()
    }
}

/// Values under names that depend on the law, in their order.
#[derive(Debug, Clone)]
pub(crate) struct Named<T>(pub(crate) Vec<(String, T)>);

impl<T> Named<T> {
    pub(in crate::cli::fit) fn of<'a>(fields: impl IntoIterator<Item = (&'a str, T)>) -> Self {
        Self(fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())
    }
}

impl<T: Serialize> Serialize for Named<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(name, value)| (name, value)))
    }
}

/// A row of the table with its residual.
#[derive(Debug, Clone, Copy, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct RowResidual {
    /// Its line in the file.
    pub(in crate::cli::fit) row: u64,
    /// ln loss less ln fit.
    pub(in crate::cli::fit) residual: Number,
}
