//! Bad input as all crates of the workspace report it: which parameter, its value, what is allowed.

use std::error::Error;
use std::fmt;

/// Why a request cannot be met whatever is computed: a value outside its domain.
///
/// ```
/// use asymscale_model::{InvalidInput, LibraryError, SparseModel};
/// let error = SparseModel::power_law(1.0, -1.0, 1.0).unwrap_err();
/// let input = error.invalid_input().unwrap();
/// assert_eq!(input.parameter(), Some("beta"));
/// assert_eq!(input.to_string(), error.to_string());
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum InvalidInput {
    /// One parameter. The text is `beta = -1: must be …`.
    Parameter {
        /// The parameter by its name in the library, such as `threshold_share`.
        parameter: &'static str,
        /// Its value.
        value: String,
        /// What it must be.
        allowed: String,
    },
    /// Data, or several parameters that do not go together: the text names them.
    Text(String),
}

impl InvalidInput {
    /// One parameter with its value, and what it must be.
    pub fn of(
        parameter: &'static str,
        value: impl fmt::Display,
        allowed: impl Into<String>,
    ) -> Self {
        Self::Parameter { parameter, value: value.to_string(), allowed: allowed.into() }
    }

    /// Data or several parameters, with a text that names them.
    pub fn text(text: impl Into<String>) -> Self {
        Self::Text(text.into())
    }

    /// What is known of iid teachers only was asked of another one: of a source exponent, or of a
    /// table with target energies.
    ///
    /// ```
    /// let input = asymscale_model::InvalidInput::iid_teacher_only("the loss from lifts");
    /// assert!(input.to_string().starts_with("target_exponent, or target energies of a table: "));
    /// ```
    pub fn iid_teacher_only(quantity: &str) -> Self {
        Self::text(format!(
            "target_exponent, or target energies of a table: {quantity} is known of iid teachers \
             only, whose target energies are the variances"
        ))
    }

    /// The one parameter it is about, if it is about one.
    #[must_use]
    pub fn parameter(&self) -> Option<&'static str> {
        match self {
            Self::Parameter { parameter, .. } => Some(parameter),
            Self::Text(_) => None,
        }
    }
}

impl fmt::Display for InvalidInput {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Parameter { parameter, value, allowed } => {
                write!(f, "{parameter} = {value}: {allowed}")
            }
            Self::Text(text) => f.write_str(text),
        }
    }
}

/// An error of a library, which knows whether it is about bad input or about a computation that
/// failed.
pub trait LibraryError: Error {
    /// What is wrong with the input; `None` where a computation failed on input that is allowed.
    fn invalid_input(&self) -> Option<InvalidInput>;

    /// The text of bad input, which is the message of the error; empty where a computation failed,
    /// which has a message of its own.
    fn input_text(&self) -> String {
        self.invalid_input().map_or_else(String::new, |input| input.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_parameter_stands_before_its_value_and_a_text_as_it_is() {
        let one = InvalidInput::of("beta", -1.0, "must be >= 0");
        assert_eq!(
            (one.to_string().as_str(), one.parameter()),
            ("beta = -1: must be >= 0", Some("beta"))
        );
        let several = InvalidInput::text("features and samples: too many");
        assert_eq!(
            (several.to_string().as_str(), several.parameter()),
            ("features and samples: too many", None)
        );
    }
}
