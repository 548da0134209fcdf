//! The methods of looking beyond the data: two series that need no law, and four laws.

use serde::{Deserialize, Serialize};

/// A way to look beyond the data.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Method {
    /// Good and Toulmin's series.
    GoodToulmin,
    /// The smoothed series.
    Smoothed,
    /// The fitted power law.
    PowerLaw,
    /// The fitted lognormal law. Files call it `bent_law`.
    #[serde(rename = "bent_law")]
    LognormalLaw,
    /// The fitted law of finitely many features that fall as a power law.
    FiniteLaw,
    /// The fitted law of features with gamma distributed rates.
    GammaLaw,
}

impl Method {
    /// Its name in tables.
    pub fn name(self) -> &'static str {
        match self {
            Self::GoodToulmin => "good_toulmin",
            Self::Smoothed => "smoothed",
            Self::PowerLaw => "power_law",
            Self::LognormalLaw => "bent_law",
            Self::FiniteLaw => "finite_law",
            Self::GammaLaw => "gamma_law",
        }
    }
}
