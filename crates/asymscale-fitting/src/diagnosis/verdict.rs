//! A diagnosis in words: what kind of population it is, and what to be careful about.

use std::fmt::{self, Display, Formatter};

use serde::{Deserialize, Serialize};

use super::activity::{self, ActivityFit};
use super::candidates::Model;
use super::counts::ActivationCounts;
use super::drift::Drift;
use super::forecast::Method;
use super::unseen::Unseen;
use super::{Coverage, Diagnosis, Estimate, FEW_SINGLETONS, Forecast};

/// Unseen share of activity below which, with its whole interval, a population counts as nearly all seen.
const SATURATED: f64 = 0.01;

/// What kind of population the counts come from, as far as they tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Population {
    /// The number of all features is known and each was seen.
    Complete,
    /// Features never seen hold less than one per cent of activity, beyond doubt.
    Saturated,
    /// Laws of finitely many features fit, and no other: the rest is about to be seen.
    Ending,
    /// Laws whose rare features never end fit, and no other: more data bring ever more features.
    Growing,
    /// Laws of both kinds fit.
    Undecided,
    /// No law fits, or there are too few features for one: only what needs no law is known.
    Open,
}

/// As told at [`Population`].
pub(super) fn population(counts: &ActivationCounts, unseen: &Unseen, models: &[Model<'_>]) -> Population {
    if counts.total().is_some() && counts.never_active() == 0 {
        return Population::Complete;
    }
    if counts.floor() == 1 && unseen.activity_share.upper < SATURATED {
        return Population::Saturated;
    }
    let survivors = || models.iter().map(|model| &model.candidate).filter(|candidate| candidate.survives);
    let ends = |method: Method| matches!(method, Method::FiniteLaw | Method::GammaLaw);
    match (survivors().any(|law| ends(law.method)), survivors().any(|law| !ends(law.method))) {
        (true, true) => Population::Undecided,
        (true, false) => Population::Ending,
        (false, true) => Population::Growing,
        (false, false) => Population::Open,
    }
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
    /// Too few rare features for any law: nothing beyond twice the data is known.
    TooFewForLaws,
    /// No law of activity survives: nothing beyond twice the data is known.
    NoLaw,
    /// Which features were active together is not known.
    TakenAsIndependent,
    /// Features of the second half of the units are others than those of the first.
    Drifts {
        /// Rare features active in one half only, over what random halves lead to expect.
        ratio: f64,
    },
    /// Rare features come together: sums over features vary more than were they independent.
    Together {
        /// By how much the variance is larger.
        times: f64,
    },
    /// No feature stands in the table with a count as low as its others lead to expect: they were left out.
    Filtered {
        /// The smallest count found.
        smallest: u64,
    },
    /// All counts stop short of what their number leads to expect: the table holds the most frequent features only.
    OnlyTheTop {
        /// The smallest count found.
        smallest: u64,
    },
}

pub(super) fn caveats(
    counts: &ActivationCounts,
    fit: Option<&ActivityFit>,
    models: &[Model<'_>],
    drift: Option<Drift>,
) -> Vec<Caveat> {
    let mut caveats = Vec::new();
    let found = counts.with_count(1);
    if counts.floor() == 1 && found < FEW_SINGLETONS {
        caveats.push(Caveat::FewSingletons { found });
    }
    if models.is_empty() {
        caveats.push(Caveat::TooFewForLaws);
    } else if !models.iter().any(|model| model.candidate.survives) {
        caveats.push(Caveat::NoLaw);
    }
    if let Some(fit) = fit {
        if fit.bends() {
            caveats.push(Caveat::LawBends { p_value: fit.single_law_p_value, max_count: fit.max_count });
        }
        if fit.p_value < 0.05 {
            caveats.push(Caveat::RareLawRejected { p_value: fit.p_value });
        }
        if activity::at_bound(fit) {
            caveats.push(Caveat::ExponentAtBound { beta: fit.beta.value });
        }
    }
    if !counts.knows_units() {
        caveats.push(Caveat::TakenAsIndependent);
    }
    if let Some(drift) = drift.filter(Drift::matters) {
        caveats.push(Caveat::Drifts { ratio: drift.in_one_half / drift.expected });
    }
    caveats
}

/// The diagnosis in brief; its `Display` is a few plain sentences.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Verdict {
    /// Share of the energy (of activations, without second moments) in features never seen.
    pub unseen_share: Estimate,
    /// Whether shares are of energy (second moments known) or of activations.
    pub of_energy: bool,
    /// With twice and with sixteen times the data: new features, and the share unseen then; `None` is not known.
    pub ahead: [(f64, Option<Estimate>, Option<Estimate>); 2],
    /// Samples that cover shares of activity.
    pub coverage: Vec<Coverage>,
    /// What kind of population it is.
    pub population: Population,
    /// All features, where their number is known.
    pub total: Option<usize>,
    /// What was drawn: groups of samples, or samples.
    pub grouped: bool,
}

impl Diagnosis {
    /// The diagnosis in brief.
    pub fn verdict(&self) -> Verdict {
        let total = if self.total_energy > 0.0 { self.total_energy } else { self.total_activity };
        let share = |ahead: &Forecast| {
            let part = ahead.unseen_energy.unwrap_or(ahead.unseen_activity).estimate?;
            Some(part.map(|value| (value / total).min(1.0)))
        };
        let ahead = |ahead: &Forecast| (ahead.factor, ahead.new_features.estimate, share(ahead));
        Verdict {
            unseen_share: self.unseen.energy_share,
            of_energy: self.unseen.energy.is_some(),
            ahead: [ahead(&self.doubled), ahead(&self.much)],
            coverage: self.coverage.clone(),
            population: self.population,
            total: self.total,
            grouped: self.units != self.samples,
        }
    }
}

impl Display for Verdict {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let what = if self.of_energy { "energy" } else { "activations" };
        let (units, more) = if self.grouped { ("groups", "groups") } else { ("samples", "samples") };
        if self.population == Population::Complete {
            return write!(
                f,
                "All {} features have been active: nothing is unseen, and more {more} bring no new feature.",
                self.total.unwrap_or_default()
            );
        }
        writeln!(f, "Features never active hold {} of the {what} now.", Percent(self.unseen_share))?;
        for (factor, new, share) in &self.ahead {
            let times = if *factor == 2.0 { "Twice".to_owned() } else { format!("{factor} times") };
            match (new, share) {
                (Some(new), Some(share)) => writeln!(
                    f,
                    "{times} the {units} would bring {} new features and leave {} unseen.",
                    Number(*new),
                    Percent(*share)
                )?,
                (Some(new), None) => writeln!(
                    f,
                    "{times} the {units} would bring {} new features; what would stay unseen is not known.",
                    Number(*new)
                )?,
                (None, Some(share)) => writeln!(
                    f,
                    "{times} the {units} would leave {} unseen; how many new features they would bring is not known.",
                    Percent(*share)
                )?,
                (None, None) => writeln!(
                    f,
                    "What {times} the {units} would bring is not known.",
                    times = times.to_lowercase()
                )?,
            }
        }
        for coverage in &self.coverage {
            let share = percent(coverage.share);
            match (coverage.reached, coverage.samples) {
                (true, Some(samples)) => writeln!(
                    f,
                    "The features seen cover {share} % of activations; about {} samples were enough for that.",
                    rounded(samples.value)
                )?,
                (true, None) => writeln!(f, "The features seen cover {share} % of activations.")?,
                (false, Some(samples)) if samples.upper.is_finite() => writeln!(
                    f,
                    "To cover {share} % of activations takes about {} samples ({} to {}).",
                    rounded(samples.value),
                    rounded(samples.lower),
                    rounded(samples.upper)
                )?,
                (false, Some(samples)) => writeln!(
                    f,
                    "To cover {share} % of activations takes about {} samples, at least {}; an upper end is not known.",
                    rounded(samples.value),
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
                "No law of activity describes these counts, so nothing is said of what lies beyond twice the data."
            }
        })
    }
}

/// Three digits, without an exponent.
fn rounded(value: f64) -> String {
    if value < 1000.0 {
        return format!("{value:.0}");
    }
    let unit = 10_f64.powf(value.log10().floor() - 2.0);
    let whole = format!("{:.0}", (value / unit).round() * unit);
    let groups: Vec<&str> =
        whole.as_bytes().rchunks(3).rev().filter_map(|digits| std::str::from_utf8(digits).ok()).collect();
    groups.join(" ")
}

/// A number of features with its interval.
struct Number(Estimate);

impl Display for Number {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Estimate { value, lower, upper } = self.0;
        if value < 0.5 {
            return write!(f, "at most {}", rounded(upper.ceil()));
        }
        write!(f, "{} ({} to {})", rounded(value), rounded(lower.floor()), rounded(upper.ceil()))
    }
}

/// A share with its interval, to two digits.
struct Percent(Estimate);

impl Display for Percent {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Estimate { value, lower, upper } = self.0;
        if value <= 0.0 {
            return write!(f, "at most {} %", percent(upper));
        }
        write!(f, "{} % ({} to {} %)", percent(value), percent(lower), percent(upper))
    }
}

fn percent(share: f64) -> String {
    let percent = 100.0 * share;
    // Two digits, three near all.
    let small = percent.min(100.0 - percent);
    let decimals = if small > 0.0 { (1.0 - small.log10().floor()).clamp(0.0, 6.0) as usize } else { 0 };
    let text = format!("{percent:.decimals$}");
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').to_owned() } else { text }
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
                "even the rarest features do not follow a power law (p = {p_value:.3}), so it is not used for forecasts"
            ),
            Self::ExponentAtBound { beta } => {
                write!(f, "the exponent of activity ran into the end of its range, {beta:.4}")
            }
            Self::TooFewForLaws => f.write_str(
                "too few features were active rarely for a law of activity: nothing beyond twice the data is known",
            ),
            Self::NoLaw => f.write_str(
                "every law of activity that was tried is rejected by the counts or by parts of the data: nothing beyond \
                 twice the data is known",
            ),
            Self::TakenAsIndependent => f.write_str(
                "intervals are as if features were active independently of each other; if samples come in documents or \
                 runs they are too narrow, and so are forecasts of new features too high (give events with \
                 --sample-column, --feature-column and --group-column)",
            ),
            Self::Drifts { ratio } => write!(
                f,
                "the second half of the data has other features than the first ({ratio:.2} times as many rare features \
                 are in one half only as in random halves): forecasts assume more data of the same kind"
            ),
            Self::Together { times } => write!(
                f,
                "rare features come together: the variance of the unseen mass is {times:.1} times that of independent \
                 features, and intervals hold that"
            ),
            Self::Filtered { smallest } => write!(
                f,
                "no feature has a count below {smallest}: rare features were left out of this table, so what is unseen is \
                 not known; say --seen-at-least {smallest} if all features from there up are in it"
            ),
            Self::OnlyTheTop { smallest } => write!(
                f,
                "the table ends at count {smallest} as one of the most frequent features does: what is unseen is not known"
            ),
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
            Self::FiniteLaw => "finite_law",
            Self::GammaLaw => "gamma_law",
        }
    }
}
