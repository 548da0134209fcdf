//! Shapes of what the fitting library says in answers, for their schemas. A shape that is not that
//! of the library does not compile.

#![allow(dead_code, reason = "only their schemas are used")]

use crate::cli::answer::Column;
use crate::fitting::{self, diagnosis, repeated};
use schemars::JsonSchema;
use serde::Serialize;

/// A number with the ends of its interval under a name.
macro_rules! ends {
    ($($type:ident $name:literal $text:literal;)+) => {
        $(pub(crate) struct $type;

        impl JsonSchema for $type {
            fn inline_schema() -> bool {
                true
            }

            fn schema_name() -> std::borrow::Cow<'static, str> {
                stringify!($type).into()
            }

            fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
                let columns = [
                    Column::new($name, $text),
                    Column::new(concat!($name, "_lower"), "Lower end of its interval."),
                    Column::new(concat!($name, "_upper"), "Upper end of its interval."),
                ];
                super::made::of_columns(&columns, &[])
            }
        })+
    };
}

ends! {
    Features "features" "The best N.";
    Samples "samples" "The best D.";
    Ratio "ratio" "The best D/N.";
    Loss "loss" "The smallest loss.";
    Lost "lost" "By how much the loss is higher, relatively, with the D/N of the largest run.";
    EffectiveSamples "effective_samples" "What its samples are worth, in fresh ones.";
    EffectiveFeatures "effective_features" "What its N is worth.";
}

/// Parameters of a law, in the units of the data.
#[derive(Serialize, JsonSchema)]
#[serde(remote = "fitting::Parameters")]
pub(crate) struct Parameters {
    /// E, in units of the loss.
    e: f64,
    /// A: the loss from too few features at N = 1.
    a: f64,
    /// B: the loss from too few samples at D = 1.
    b: f64,
    /// The exponent in N.
    alpha: f64,
    /// The exponent in D.
    beta: f64,
}

/// A law of the loss in all parameters, in active ones, and in D.
#[derive(Serialize, JsonSchema)]
#[serde(remote = "fitting::ActiveParameters")]
pub(crate) struct ActiveParameters {
    /// E, in units of the loss.
    e: f64,
    /// A: the loss from too few parameters where both numbers of them are 1.
    a: f64,
    /// B: the loss from too few samples at D = 1.
    b: f64,
    /// The exponent in all parameters.
    alpha_total: f64,
    /// The exponent in active parameters.
    alpha_active: f64,
    /// The exponent in D.
    beta: f64,
}

/// How the descents of a fit ended.
#[derive(Serialize, JsonSchema)]
#[serde(remote = "fitting::StartCounts")]
pub(crate) struct StartCounts {
    /// The number of all descents.
    total: usize,
    /// At the best objective found, however they ended there.
    best: usize,
    /// At a worse local minimum inside all bounds.
    other_minimum: usize,
    /// At a worse minimum where a term is 0.
    term_vanished: usize,
    /// At a worse minimum where an exponent is at a bound.
    bound_hit: usize,
    /// Stopped before they converged.
    iteration_limit: usize,
    /// Without a finite objective.
    not_finite: usize,
}

/// How the descents of a fit of repeated data ended.
#[derive(Serialize, JsonSchema)]
#[serde(remote = "repeated::RepeatedCounts")]
pub(crate) struct RepeatedCounts {
    /// The number of all descents.
    total: usize,
    /// At the best objective found, however they ended there.
    best: usize,
    /// At a worse local minimum inside all bounds.
    other_minimum: usize,
    /// At a worse minimum where a parameter is at a bound.
    at_bound: usize,
    /// Stopped before they converged.
    iteration_limit: usize,
    /// Without a finite objective.
    not_finite: usize,
}

/// The evidence for a dependence of the loss on a size.
#[derive(Serialize, JsonSchema)]
#[serde(remote = "fitting::Evidence")]
pub(crate) struct Evidence {
    /// The p-value of no dependence.
    p_value: f64,
    /// Whether the loss rises with the size rather than falls.
    rises: bool,
}

/// Whether the loss depends on its sizes.
#[derive(Serialize, JsonSchema)]
#[serde(remote = "fitting::Signal")]
pub(crate) struct Signal {
    /// On N beside D.
    #[serde(with = "Evidence")]
    features: fitting::Evidence,
    /// On D beside N.
    #[serde(with = "Evidence")]
    samples: fitting::Evidence,
    /// On either.
    #[serde(with = "Evidence")]
    any: fitting::Evidence,
}

/// The kind of population that counts come from, as far as they show it.
#[derive(Serialize, JsonSchema)]
#[serde(remote = "diagnosis::Population", rename_all = "snake_case")]
pub(crate) enum Population {
    /// The number of all features is known and each was seen.
    Complete,
    /// Rare features seem to be missing from the table.
    #[serde(rename = "cut_off")]
    Truncated,
    /// Features never seen hold next to nothing, and twice the data bring few new ones.
    Saturated,
    /// Only laws of finitely many features fit.
    Ending,
    /// Only laws whose rare features never end fit.
    Growing,
    /// Laws of both kinds fit.
    Undecided,
    /// No law fits, or there are too few features to fit one.
    Open,
}

/// A way to look beyond the data.
#[derive(Serialize, JsonSchema)]
#[serde(remote = "diagnosis::Method", rename_all = "snake_case")]
pub(crate) enum Method {
    /// Good and Toulmin's series.
    GoodToulmin,
    /// The smoothed series.
    Smoothed,
    /// The fitted power law.
    PowerLaw,
    /// The fitted lognormal law.
    #[serde(rename = "bent_law")]
    LognormalLaw,
    /// The fitted law of finitely many features that fall as a power law.
    FiniteLaw,
    /// The fitted law of features with gamma distributed rates.
    GammaLaw,
}

/// Why a law of activity is not fitted to larger counts.
#[derive(Serialize, JsonSchema)]
#[serde(remote = "diagnosis::WindowEnd", rename_all = "snake_case")]
pub(crate) enum WindowEnd {
    /// All counts below the number of samples: one law holds throughout.
    AllCounts,
    /// A wider window is rejected.
    #[serde(rename = "bend")]
    Curved,
    /// Even the smallest window is rejected.
    #[serde(rename = "bent_throughout")]
    CurvedThroughout,
    /// The caller chose it.
    Given,
}

/// Where the spectral exponent comes from.
#[derive(Serialize, JsonSchema)]
#[serde(remote = "diagnosis::AlphaSource", rename_all = "snake_case")]
pub(crate) enum AlphaSource {
    /// The caller gave it.
    Given,
    /// Estimated from second moments.
    SecondMoments,
    /// Counts alone: every activation has energy 1.
    BinaryActivations,
}

/// What a reader must know before relying on a diagnosis.
#[derive(Serialize, JsonSchema)]
#[serde(remote = "diagnosis::Caveat", rename_all = "snake_case")]
pub(crate) enum Caveat {
    /// Few features were seen once.
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
    /// The likelihood is largest at the end of what was searched.
    ExponentAtBound {
        /// That end.
        beta: f64,
    },
    /// Too few rare features for any law.
    TooFewForLaws,
    /// No law of activity survives.
    NoLaw,
    /// Which features were active together is not known.
    TakenAsIndependent,
    /// The features of the second half of the units differ from those of the first half.
    Drifts {
        /// Rare features active in one half only, over what random halves lead to expect.
        ratio: f64,
    },
    /// Rare features are active together.
    #[serde(rename = "together")]
    CoOccurring {
        /// By how much the variance is larger.
        times: f64,
    },
    /// The counts end at the smallest one more sharply than counts of any features can.
    #[serde(rename = "cut_off")]
    Truncated {
        /// The count below which they are missing.
        smallest: u64,
        /// Features of the table with a smaller count.
        below: usize,
    },
    /// The counts vary less than counts of independent activations can.
    #[serde(rename = "is_underdispersed")]
    Underdispersed,
    /// Second moments may be of the other kind than was said.
    Moments {
        /// Whether they look like means over the active samples.
        look_active: bool,
    },
}
