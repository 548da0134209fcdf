//! What the columns of answers mean: written once, beside the fields that the answers are made of.

use crate::answers::Value;
use serde::Serialize;

/// A column of an answer with its explanation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Column {
    /// The head of the column in CSV, the key in JSON.
    pub(crate) name: &'static str,
    /// What it holds.
    pub(crate) text: &'static str,
}

impl Column {
    /// A column with its explanation, without blanks around it.
    pub(crate) const fn new(name: &'static str, text: &'static str) -> Self {
        Self { name, text: text.trim_ascii() }
    }
}

/// A row of an answer, all columns of which are explained.
pub(crate) trait Answer: Serialize {
    /// The columns in their order, those included that are left out where nothing is known.
    fn columns() -> Vec<Column>;
}

impl<T: Answer> Answer for &T {
    fn columns() -> Vec<Column> {
        T::columns()
    }
}

/// A row whose values are told to other programs.
pub(crate) trait Valued: Answer {
    /// What stands in each of its columns.
    fn values(&self) -> Vec<Value>;
}

/// Defines a row of an answer: a struct with named fields, of which each must have documentation.
/// That is its explanation, so that a column without one does not compile. A last field may be
/// marked `#[flatten]`: its own columns stand in its place.
macro_rules! answer {
    (
        $(#[doc = $of:literal])+
        $vis:vis struct $name:ident {
            $(
                $(#[doc = $text:literal])+
                $(#[serde($($serde:tt)+)])?
                $field:ident: $type:ty,
            )+
            $(#[flatten] $flat:ident: $flat_type:ty,)?
        }
    ) => {
        $(#[doc = $of])+
        #[derive(Debug, serde::Serialize)]
        #[cfg_attr(test, derive(schemars::JsonSchema))]
        #[allow(clippy::struct_field_names, reason = "named as the columns that people read")]
        $vis struct $name {
            $(
                $(#[doc = $text])+
                $(#[serde($($serde)+)])?
                $field: $type,
            )+
            $(#[serde(flatten)] $flat: $flat_type,)?
        }

        impl $crate::cli::answer::Answer for $name {
            fn columns() -> Vec<$crate::cli::answer::Column> {
                #[allow(unused_mut, reason = "only answers with a flattened part add to it")]
                let mut columns = vec![$(
                    $crate::cli::answer::Column::new(stringify!($field), concat!($($text),+)),
                )+];
                $(columns.extend(<$flat_type as $crate::cli::answer::Answer>::columns());)?
                columns
            }
        }

        impl $crate::cli::answer::Valued for $name {
            fn values(&self) -> Vec<$crate::answers::Value> {
                #[allow(unused_mut, reason = "only answers with a flattened part add to it")]
                let mut values = vec![$($crate::answers::AsValue::value(&self.$field),)+];
                $(values.extend($crate::cli::answer::Valued::values(&self.$flat));)?
                values
            }
        }
    };
}

pub(crate) use answer;

#[cfg(test)]
mod tests {
    use super::*;

    answer! {
        /// A row.
        struct Inner {
            /// What is
            /// inside.
            inside: usize,
        }
    }

    answer! {
        /// A row.
        struct Outer {
            /// First.
            first: usize,
            /// Second.
            #[serde(skip_serializing_if = "Option::is_none")]
            second: Option<usize>,
            #[flatten]
            inner: Inner,
        }
    }

    #[test]
    fn explanations_are_the_documentation_of_the_fields() {
        let row = Outer { first: 1, second: None, inner: Inner { inside: 2 } };
        assert_eq!(serde_json::to_string(&row).unwrap(), r#"{"first":1,"inside":2}"#);
        let values = [Value::Whole(1), Value::Real(f64::NAN), Value::Whole(2)];
        assert_eq!(format!("{:?}", row.values()), format!("{values:?}"));
        let expected = [("first", "First."), ("second", "Second."), ("inside", "What is inside.")];
        assert_eq!(Outer::columns(), expected.map(|(name, text)| Column::new(name, text)));
    }
}
