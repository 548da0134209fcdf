//! The diagnosis in plain words, and what speaks against it.

use std::fmt::{self, Display, Formatter};

use serde::{Deserialize, Serialize};

use super::Diagnosis;
use super::estimate::Estimate;
use super::forecast::Method;

/// What limits a learner on such data as they grow.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Regime {
    /// `β > 1` beyond doubt and fewer features seen than samples: what was never seen limits, the loss falls as
    /// `D^{−α/β}`, and the threshold is the number of seen features.
    RareFeatures,
    /// More features seen than samples: samples limit, as with dense features; the threshold is `D`.
    Samples,
    /// Fewer than 30 features were active as rarely as the law of rare ones needs: hardly any are left to see.
    FewRareFeatures,
    /// The interval of `β` reaches 1, where the two meet.
    Undecided,
}

/// What a reader must know before relying on a diagnosis.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Caveat {
    /// Few features were seen once: intervals of the unseen are wide, and rest on a Poisson law.
    FewSingletons {
        /// How many.
        found: usize,
    },
    /// One power law over all counts is rejected at 5 %.
    LawBends {
        /// Its p-value.
        p_value: f64,
        /// The largest count the law of the rare features was fitted to.
        max_count: u64,
    },
    /// Even the rarest features reject a power law at 5 %.
    RareLawRejected {
        /// Its p-value.
        p_value: f64,
    },
    /// The likelihood is largest at the end of what was searched: no such law describes the counts.
    ExponentAtBound {
        /// That end.
        beta: f64,
    },
    /// Too few rare features for a law: no power-law forecast, no exponents.
    NoLaw,
}

/// The diagnosis in brief; its `Display` is one paragraph of plain words.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Verdict {
    /// Share of the energy (of activations, without second moments) in features never seen.
    pub unseen_share: Estimate,
    /// The same with twice the data.
    pub unseen_share_doubled: Estimate,
    /// Whether shares are of energy (second moments known) or of activations.
    pub of_energy: bool,
    /// New features that twice the data would bring.
    pub new_features_doubled: Estimate,
    /// What limits.
    pub regime: Regime,
}

impl Diagnosis {
    /// The diagnosis in brief.
    pub fn verdict(&self) -> Verdict {
        let doubled = self.doubled;
        let part = doubled.unseen_energy.unwrap_or(doubled.unseen_activity);
        let total = if self.total_energy > 0.0 { self.total_energy } else { self.total_activity };
        Verdict {
            unseen_share: self.unseen.energy_share,
            unseen_share_doubled: part.estimate.map(|value| (value / total).min(1.0)),
            of_energy: self.unseen.energy.is_some(),
            new_features_doubled: doubled.new_features.estimate,
            regime: self.regime,
        }
    }
}

impl Display for Verdict {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let what = if self.of_energy { "energy" } else { "activations" };
        let (now, later) = (Percent(self.unseen_share), Percent(self.unseen_share_doubled));
        let new = self.new_features_doubled;
        write!(
            f,
            "Features never seen hold {now} of the {what} now, {later} with twice the data, which would "
        )?;
        write!(
            f,
            "bring {:.0} new features ({:.0} to {:.0}). {}",
            new.value, new.lower, new.upper, self.regime
        )
    }
}

/// A share with its interval, to two digits.
struct Percent(Estimate);

impl Display for Percent {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let digits = |share: f64| {
            let percent = 100.0 * share;
            let decimals =
                if percent > 0.0 { (1.0 - percent.log10().floor()).clamp(0.0, 6.0) as usize } else { 0 };
            format!("{percent:.decimals$}")
        };
        write!(f, "{} % ({} to {} %)", digits(self.0.value), digits(self.0.lower), digits(self.0.upper))
    }
}

impl Display for Regime {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::RareFeatures => {
                "Rare features limit: the loss falls with data more slowly than with model size."
            }
            Self::Samples => "Samples limit, as with dense features: more features were seen than samples.",
            Self::FewRareFeatures => "Rare features do not limit: hardly any are left to see.",
            Self::Undecided => "Whether rare features limit is undecided: the exponent of activity may be 1.",
        })
    }
}

impl Display for Caveat {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::FewSingletons { found } => {
                write!(f, "only {found} features were seen once: intervals of the unseen are wide")
            }
            Self::LawBends { p_value, max_count } => write!(
                f,
                "a single power law of activity is rejected (p = {p_value:.3}): exponent and onset describe \
                 features active {max_count} times or less"
            ),
            Self::RareLawRejected { p_value } => write!(
                f,
                "even the rarest features do not follow a power law (p = {p_value:.3}): do not extrapolate far"
            ),
            Self::ExponentAtBound { beta } => {
                write!(f, "the exponent of activity ran into the end of its range, {beta:.4}")
            }
            Self::NoLaw => f.write_str("too few rare features to fit a law of activity: no exponents"),
        }
    }
}

impl Method {
    /// Its name in tables.
    pub fn name(self) -> &'static str {
        match self {
            Self::GoodToulmin => "good_toulmin",
            Self::Smoothed => "smoothed",
            Self::PowerLaw => "power_law",
            Self::BentLaw => "bent_law",
        }
    }
}
