//! A diagnosis in words: what kind of population it is, and what to be careful about.

use std::fmt::{self, Display, Formatter};

use serde::{Deserialize, Serialize};

use crate::diagnosis::counts::ActivationCounts;
use crate::diagnosis::counts::truncation::Selection;
use crate::diagnosis::estimators::unseen::Unseen;
use crate::diagnosis::laws::candidates::Candidate;
use crate::diagnosis::laws::model::Model;
use crate::diagnosis::method::Method;
use crate::diagnosis::{Coverage, Diagnosis, Estimate, Forecast};

/// Unseen share of activity below which, with its whole interval, a population counts as nearly all
/// seen.
const SATURATED: f64 = 0.01;

/// The logarithm of the rate of the rarest features below which a law of finitely many features
/// counts as one without an end.
const SMALLEST_LOG_RATE: f64 = -5.0;

/// New features with twice the data, as a share of those seen, from which on a population does not
/// count as nearly all seen.
const FEW_NEW: f64 = 0.1;

/// The kind of population that the counts come from, as far as they show it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Population {
    /// The number of all features is known and each was seen.
    Complete,
    /// Rare features seem to be missing from the table: nothing is known of those that were never
    /// active.
    #[serde(rename = "cut_off")]
    Truncated,
    /// Features never seen hold less than one per cent of activity, beyond doubt, and twice the
    /// data bring few new ones (a tenth of those seen).
    Saturated,
    /// Only laws of finitely many features fit: the rest is about to be seen.
    Ending,
    /// Only laws whose rare features never end fit: more data bring ever more features.
    Growing,
    /// Laws of both kinds fit.
    Undecided,
    /// No law fits, or there are too few features to fit one: only estimates that need no law are
    /// known.
    Open,
}

/// The kind of population, as [`Population`] describes it.
pub(crate) fn population(
    counts: &ActivationCounts,
    selection: Selection,
    unseen: Option<&Unseen>,
    doubled: &Forecast,
    models: &[Model<'_>],
) -> Population {
    if counts.total().is_some() && counts.never_active() == 0 {
        return Population::Complete;
    }
    if matches!(selection, Selection::Truncated(_)) {
        return Population::Truncated;
    }
    let many = FEW_NEW * counts.seen() as f64;
    let few_new = doubled.new_features.estimate.is_none_or(|new| new.value < many);
    if few_new && unseen.is_some_and(|unseen| unseen.activity_share.upper < SATURATED) {
        return Population::Saturated;
    }
    if !models.iter().any(|model| model.candidate.survives) {
        return Population::Open;
    }
    let survivors =
        || models.iter().map(|model| &model.candidate).filter(|candidate| candidate.plausible);
    // A law that ends far beyond sixteen times the data counts as one without an end here.
    let ends = |law: &Candidate| match (law.method, law.law) {
        (Method::GammaLaw, _) => true,
        (Method::FiniteLaw, Some(finite)) => finite.parameters[1] > SMALLEST_LOG_RATE,
        _ => false,
    };
    match (survivors().any(ends), survivors().any(|law| !ends(law))) {
        (true, true) => Population::Undecided,
        (true, false) => Population::Ending,
        (false, true) => Population::Growing,
        (false, false) => Population::Open,
    }
}

/// The diagnosis in brief; its `Display` is a few plain sentences.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Verdict {
    /// Share of the energy (of activations, without second moments) in features never seen.
    pub unseen_share: Option<Estimate>,
    /// Whether shares are of energy (second moments known) or of activations.
    pub of_energy: bool,
    /// With twice and with sixteen times the data.
    pub ahead: [Outlook; 2],
    /// Samples that cover shares of activity.
    pub coverage: Vec<Coverage>,
    /// What kind of population it is.
    pub population: Population,
    /// Features seen.
    pub seen: usize,
    /// All features, where their number is known.
    pub total: Option<usize>,
    /// What was drawn: groups of samples, or samples.
    pub grouped: bool,
}

/// What more data bring, in brief.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Outlook {
    /// How many times the data.
    pub factor: f64,
    /// New features; `None` is not known.
    pub new_features: Option<Estimate>,
    /// The most new features there can be whatever the law.
    pub at_most: Option<f64>,
    /// The share unseen then; `None` is not known.
    pub unseen_share: Option<Estimate>,
    /// The largest share that can be unseen then whatever the law.
    pub unseen_at_most: Option<f64>,
}

impl Diagnosis {
    /// The diagnosis in brief.
    ///
    /// ```
    /// # use rand_xoshiro::{Xoshiro256PlusPlus, rand_core::SeedableRng};
    /// use asymscale_fitting::diagnosis::{ActivationCounts, DiagnosisOptions, diagnose};
    /// let counts = ActivationCounts::new(&[90, 70, 41, 12, 7, 3, 2, 1, 1, 1], 100)?;
    /// let mut rng = Xoshiro256PlusPlus::seed_from_u64(1);
    /// let verdict = diagnose(&counts, &DiagnosisOptions::default(), &mut rng)?.verdict();
    /// assert!(verdict.to_string().starts_with("Features never active hold "));
    /// # Ok::<(), asymscale_fitting::FittingError>(())
    /// ```
    pub fn verdict(&self) -> Verdict {
        let total = if self.total_energy > 0.0 { self.total_energy } else { self.total_activity };
        let share = |ahead: &Forecast| {
            let part = ahead.unseen_energy.unwrap_or(ahead.unseen_activity).estimate?;
            Some(part.map(|value| (value / total).min(1.0)))
        };
        let ahead = |ahead: &Forecast| Outlook {
            factor: ahead.factor,
            new_features: ahead.new_features.estimate,
            at_most: ahead.new_features.at_most,
            unseen_share: share(ahead),
            unseen_at_most: ahead
                .unseen_energy
                .unwrap_or(ahead.unseen_activity)
                .at_most
                .map(|most| (most / total).min(1.0)),
        };
        Verdict {
            unseen_share: self.unseen.map(|unseen| unseen.energy_share),
            of_energy: self.unseen.is_some_and(|unseen| unseen.energy.is_some()),
            ahead: [ahead(&self.doubled), ahead(&self.much)],
            coverage: self.coverage.clone(),
            population: self.population,
            seen: self.seen,
            total: self.total,
            grouped: self.units != self.samples,
        }
    }
}

impl Display for Verdict {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let what = if self.of_energy { "energy" } else { "activations" };
        let units = if self.grouped { "groups" } else { "samples" };
        if self.population == Population::Complete {
            return write!(
                f,
                "All {} features have been active: nothing is unseen, and more {units} bring no new feature.",
                grouped(self.total.unwrap_or_default() as f64)
            );
        }
        if self.population == Population::Truncated {
            return write!(
                f,
                "What features never active hold, now or with more data, is not known. {}",
                self.population
            );
        }
        if let Some(total) = self.total {
            let (seen, left) = (self.seen, total - self.seen);
            let [seen, total, left] = [seen, total, left].map(|number| grouped(number as f64));
            writeln!(
                f,
                "{seen} of {total} features have been active, so at most {left} can be new."
            )?;
        }
        match self.unseen_share {
            Some(share) => {
                writeln!(f, "Features never active hold {} of the {what} now.", Percent(share))?;
            }
            None => writeln!(f, "How much of the {what} features never active hold is not known.")?,
        }
        for ahead in &self.ahead {
            let times = if ahead.factor == 2.0 {
                "Twice".to_owned()
            } else {
                format!("{} times", ahead.factor)
            };
            write!(f, "{times} the {units}: ")?;
            match (ahead.new_features, ahead.at_most) {
                (Some(new), _) => write!(f, "{}, ", Number(new))?,
                (None, Some(most)) if most.is_finite() => {
                    write!(
                        f,
                        "how many new features is not known (at most {}), ",
                        rounded(most.ceil())
                    )?;
                }
                _ => write!(f, "how many new features is not known, ")?,
            }
            match ahead.unseen_share {
                Some(share) => writeln!(f, "{} of the {what} still unseen.", Percent(share))?,
                None => match ahead.unseen_at_most.filter(|most| *most < 0.1) {
                    Some(most) => {
                        writeln!(f, "at most {} % of the {what} still unseen.", percent(most))?;
                    }
                    None => writeln!(f, "and what is still unseen is not known.")?,
                },
            }
        }
        for coverage in &self.coverage {
            let share = percent(coverage.share);
            match (coverage.reached, coverage.samples) {
                (true, Some(samples)) if samples.value == 1.0 => {
                    writeln!(
                        f,
                        "The features seen cover {share} % of activations; one sample was enough for that."
                    )?;
                }
                (true, Some(samples)) => writeln!(
                    f,
                    "The features seen cover {share} % of activations; about {} samples were enough for that.",
                    rounded(samples.value)
                )?,
                (true, None) => writeln!(f, "The features seen cover {share} % of activations.")?,
                (false, Some(samples)) if samples.upper.is_finite() => writeln!(
                    f,
                    "To cover {share} % of activations takes about {} ({} to {}).",
                    counted(samples.value),
                    rounded(samples.lower),
                    rounded(samples.upper)
                )?,
                (false, Some(samples)) => writeln!(
                    f,
                    "To cover {share} % of activations takes about {}, at least {}; an upper end is not known.",
                    counted(samples.value),
                    rounded(samples.lower)
                )?,
                (false, None) => {
                    writeln!(f, "How many samples cover {share} % of activations is not known.")?;
                }
            }
        }
        write!(f, "{}", self.population)
    }
}

impl Display for Population {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Complete => "All features have been active.",
            Self::Truncated => "Rare features seem to be missing from this table.",
            Self::Saturated => {
                "Nearly all activity is in features that were seen: rare features do not limit here."
            }
            Self::Ending => {
                "The counts look like those of finitely many features, of which the rest is about to be seen."
            }
            Self::Growing => {
                "The counts look like those of ever rarer features without end: more data bring ever more of them."
            }
            Self::Undecided => {
                "Whether the features come to an end cannot be told from these counts: laws of both kinds fit."
            }
            Self::Open => {
                "Whether the features come to an end cannot be told: no law of activity describes these counts."
            }
        })
    }
}

/// A number of samples with three digits.
fn counted(samples: f64) -> String {
    let text = rounded(samples);
    format!("{text} sample{}", if text == "1" { "" } else { "s" })
}

/// Three digits, without an exponent.
fn rounded(value: f64) -> String {
    if value < 1000.0 {
        return format!("{value:.0}");
    }
    let unit = 10_f64.powf(value.log10().floor() - 2.0);
    grouped((value / unit).round() * unit)
}

/// A whole number, its digits in groups of three.
fn grouped(value: f64) -> String {
    let whole = format!("{value:.0}");
    let groups: Vec<&str> = whole
        .as_bytes()
        .rchunks(3)
        .rev()
        .filter_map(|digits| std::str::from_utf8(digits).ok())
        .collect();
    groups.join(" ")
}

/// A number of features with its interval.
struct Number(Estimate);

impl Display for Number {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Estimate { value, lower, upper } = self.0;
        let features = |number: f64| if number == 1.0 { "new feature" } else { "new features" };
        if upper == 0.0 {
            return f.write_str("no new feature");
        }
        if value < 0.5 {
            return write!(f, "at most {} {}", rounded(upper.ceil()), features(upper.ceil()));
        }
        let (low, high) = (rounded(lower.floor()), rounded(upper.ceil()));
        write!(f, "{} {} ({low} to {high})", rounded(value), features(value.round()))
    }
}

/// A share with its interval, to two digits.
struct Percent(Estimate);

impl Display for Percent {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Estimate { value, lower, upper } = self.0;
        if lower < 0.05 && upper > 0.95 {
            return f.write_str("an unknown share");
        }
        if upper == 0.0 {
            return f.write_str("nothing");
        }
        // A value that is negligible beside its upper end is shown by the upper end alone.
        if value <= 0.01 * upper {
            return write!(f, "at most {} %", percent(upper));
        }
        write!(f, "{} % ({} to {} %)", percent(value), percent(lower), percent(upper))
    }
}

fn percent(share: f64) -> String {
    let percent = 100.0 * share;
    // Two digits, three near all.
    let small = percent.min(100.0 - percent);
    let decimals =
        if small > 0.0 { (1.0 - small.log10().floor()).clamp(0.0, 6.0) as usize } else { 0 };
    let text = format!("{percent:.decimals$}");
    if text.contains('.') {
        text.trim_end_matches('0').trim_end_matches('.').to_owned()
    } else {
        text
    }
}
