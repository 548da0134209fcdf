//! What a reader must know before relying on a diagnosis.

use std::fmt::{self, Display, Formatter};

use serde::{Deserialize, Serialize};

use crate::diagnosis::FEW_SINGLETONS;
use crate::diagnosis::counts::ActivationCounts;
use crate::diagnosis::counts::drift::Drift;
use crate::diagnosis::counts::truncation::Selection;
use crate::diagnosis::laws::activity_fit::{self, ActivityFit};
use crate::diagnosis::laws::energy::{energy_power, falls_with_count};
use crate::diagnosis::laws::model::Model;

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
    #[serde(rename = "law_bends")]
    PowerLawRejected {
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
    /// The features of the second half of the units differ from those of the first half.
    Drifts {
        /// Rare features active in one half only, over what random halves lead to expect.
        ratio: f64,
    },
    /// Rare features are active together: sums over features vary more than those of independent
    /// ones.
    #[serde(rename = "together")]
    CoOccurring {
        /// By how much the variance is larger.
        times: f64,
    },
    /// The counts end at the smallest one more sharply than counts of any features can, so rarer
    /// features were left out.
    #[serde(rename = "cut_off")]
    Truncated {
        /// The count below which they are missing.
        smallest: u64,
        /// Features of the table with a smaller count.
        below: usize,
    },
    /// The counts are underdispersed: they vary less than counts of independent activations can, so
    /// that nothing here holds for them.
    #[serde(rename = "is_underdispersed")]
    Underdispersed,
    /// Second moments said to be over all samples do not fall with activity, or those said to be
    /// over active samples do: they may be of the other kind.
    Moments {
        /// Whether they look like means over the active samples.
        look_active: bool,
    },
}

/// What caveats depend on besides counts and laws.
pub(crate) struct Context {
    pub(crate) selection: Selection,
    pub(crate) drift: Option<Drift>,
    /// By how much the variance of the unseen mass exceeds that of independent features.
    pub(crate) dispersion: f64,
    /// Whether exponents of the loss are reported.
    pub(crate) exponents: bool,
}

/// The ratio of variances from which on features are reported as active together.
const CO_OCCURRENCE: f64 = 2.0;

pub(crate) fn caveats(
    counts: &ActivationCounts,
    fit: Option<&ActivityFit>,
    models: &[Model<'_>],
    context: &Context,
) -> Vec<Caveat> {
    match context.selection {
        Selection::Truncated(cut) => {
            return vec![Caveat::Truncated { smallest: cut.smallest, below: cut.below as usize }];
        }
        Selection::Underdispersed => return vec![Caveat::Underdispersed],
        Selection::None => {}
    }
    let mut caveats = Vec::new();
    // Where all of a known number of features were seen, nothing can be unseen.
    let complete = counts.total().is_some() && counts.never_active() == 0;
    let found = counts.with_count(1);
    if !complete && counts.floor() == 1 && found < FEW_SINGLETONS {
        caveats.push(Caveat::FewSingletons { found });
    }
    if !complete && !models.iter().any(|model| model.candidate.survives) {
        caveats.push(if models.is_empty() { Caveat::TooFewForLaws } else { Caveat::NoLaw });
    }
    // These caveats are about exponents, and matter where exponents are reported.
    if let Some(fit) = fit.filter(|_| context.exponents) {
        if fit.power_law_is_rejected() {
            caveats.push(Caveat::PowerLawRejected {
                p_value: fit.single_law_p_value,
                max_count: fit.max_count,
            });
        }
        if fit.p_value < 0.05 {
            caveats.push(Caveat::RareLawRejected { p_value: fit.p_value });
        }
        if activity_fit::at_bound(fit) {
            caveats.push(Caveat::ExponentAtBound { beta: fit.beta.value });
        }
    }
    if !complete && !counts.has_incidence() {
        caveats.push(Caveat::TakenAsIndependent);
    }
    if counts.has_second_moments() {
        let (power, error) = energy_power(counts);
        // The energy of an activation is about constant as a rule; energies that fall as 1/k or
        // rise as k are a mistake of the input.
        if !counts.moments_of_active() && falls_with_count(counts) {
            caveats.push(Caveat::Moments { look_active: true });
        } else if counts.moments_of_active() && power > 0.75 && power > 4.0 * error {
            caveats.push(Caveat::Moments { look_active: false });
        }
    }
    if !complete && counts.has_incidence() && context.dispersion > CO_OCCURRENCE {
        caveats.push(Caveat::CoOccurring { times: context.dispersion });
    }
    if let Some(drift) = context.drift.filter(Drift::matters) {
        caveats.push(Caveat::Drifts { ratio: drift.in_one_half / drift.expected });
    }
    caveats
}

impl Display for Caveat {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::FewSingletons { found } => {
                let features = match found {
                    0 => "no feature was".to_owned(),
                    1 => "only one feature was".to_owned(),
                    found => format!("only {found} features were"),
                };
                write!(f, "{features} seen once: what is unseen is known roughly")
            }
            Self::PowerLawRejected { p_value, max_count } => write!(
                f,
                "a single power law of activity is rejected (p = {p_value:.3}): exponent and onset describe \
                 features active {max_count} times or less"
            ),
            Self::RareLawRejected { p_value } => write!(
                f,
                "even the rarest features do not follow a power law (p = {p_value:.3}): its exponents are those of the best line through a bend"
            ),
            Self::ExponentAtBound { beta } => {
                write!(f, "the exponent of activity ran into the end of its range, {beta:.4}")
            }
            Self::TooFewForLaws => f.write_str(
                "too few features were active rarely for a law of activity, so there are no estimates beyond twice the data, \
                 only bounds",
            ),
            Self::NoLaw => f.write_str(
                "every law of activity that was tried is rejected by the counts or by parts of the data, so there are no \
                 estimates beyond twice the data, only bounds",
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
            Self::CoOccurring { times } => write!(
                f,
                "rare features come together: the variance of the unseen mass is {times:.1} times that of independent \
                 features, and intervals hold that"
            ),
            Self::Truncated { smallest, below: 0 } => write!(
                f,
                "no feature has a count below {smallest}, more sharply than any counts can end: rare features were left out \
                 of this table. If all features from some count k up are in it, say --seen-at-least k ({smallest}, or one \
                 more where the table was cut at a number of rows)"
            ),
            Self::Truncated { smallest, below } => write!(
                f,
                "only {below} features have a count below {smallest}, fewer than any rates of activity leave: rare features \
                 were left out of this table, or activations come in pairs and more. If all features from some count k up \
                 are in it, say --seen-at-least k; if activations come together, give events with --sample-column, \
                 --feature-column and --group-column"
            ),
            Self::Underdispersed => f.write_str(
                "counts are more alike than activations at random can make them, whatever the features: what was never \
                 active cannot be told from them",
            ),
            Self::Moments { look_active: true } => f.write_str(
                "second moments do not fall with activity, as means over all samples do: if they are means over the samples \
                 in which a feature is active, say --moments active",
            ),
            Self::Moments { look_active: false } => f.write_str(
                "second moments fall in proportion to activity, as means over all samples do: if they are, say \
                 --moments all",
            ),
        }
    }
}
