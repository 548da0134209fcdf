//! What repeated data are worth, as JSON and as rows of CSV.

use super::{Repeats, SHARES};
use crate::cli::fit::answer::ends::{Ends, Named, ParameterRow, WithEnds};
use crate::cli::output::Number;
use crate::fitting::Parameters;
use crate::fitting::repeated::{RepeatedCounts, RepeatedParameter};
use serde::Serialize;

/// A row per parameter.
pub(super) fn parameters(repeats: &Repeats) -> Vec<ParameterRow> {
    let rows = RepeatedParameter::ALL.iter();
    rows.map(|parameter| {
        let (value, interval) = repeats.parameter(*parameter);
        ParameterRow::new(parameter.name(), Some(value), interval.as_ref())
    })
    .collect()
}

/// Everything, in one object.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(in crate::cli::fit) struct Answer<'a> {
    /// `repeated`, or `repeated_tied` with one exponent.
    law: &'static str,
    /// What the fit minimises.
    objective_name: &'static str,
    /// The smallest value of the objective.
    objective: Number,
    /// The parameters of the law.
    parameters: Named<Number>,
    /// Their intervals, each null without resamples.
    intervals: Named<Option<Ends>>,
    /// The word "bca"; null without resamples.
    interval: Option<&'static str>,
    /// Nominal coverage of the intervals.
    level: Number,
    /// How the best descent ended.
    status: &'static str,
    /// Whether the parameters are those of a minimum; where they are not, what follows from them is
    /// null.
    settled: bool,
    /// How many descents ended in which way.
    #[cfg_attr(test, schemars(with = "crate::cli::schema::fitted::RepeatedCounts"))]
    starts: RepeatedCounts,
    /// Runs that were fitted.
    rows: usize,
    /// Runs that repeat data.
    repeating_rows: usize,
    /// The most epochs of a run.
    most_epochs: Number,
    /// Refits of resampled rows.
    resamples: usize,
    /// The law of the same runs if all of their data were fresh; null where that cannot be fitted.
    #[cfg_attr(test, schemars(with = "Option<crate::cli::schema::fitted::Parameters>"))]
    repeats_ignored: Option<Parameters>,
    /// Epochs beyond which repeats are worth less than shares of fresh data.
    epochs_worth: Vec<EpochsWorth>,
    /// The run of largest N·D.
    largest_run: LargestRun,
    /// What should make the owner of the table look again.
    warnings: &'a [String],
}

/// Beyond how many epochs more of the same data is worth less than a share of fresh data.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct EpochsWorth {
    /// The share.
    share: Number,
    /// The epochs.
    epochs: Number,
    /// The ends of their interval; left out without resamples.
    #[serde(flatten)]
    ends: Option<Ends>,
}

impl EpochsWorth {
    fn new(repeats: &Repeats, share: f64) -> Self {
        let (epochs, interval) = repeats.epochs_worth(share);
        Self {
            share: Number(share),
            epochs: Number(epochs),
            ends: interval.as_ref().map(Ends::from),
        }
    }
}

/// The run of largest N·D.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct LargestRun {
    /// Its line in the file.
    row: u64,
    /// Its N.
    features: Number,
    /// Its D.
    samples: Number,
    /// Those that differ from one another.
    unique_samples: Number,
    /// What its D is worth in fresh data.
    #[serde(flatten)]
    #[cfg_attr(test, schemars(with = "crate::cli::schema::fitted::EffectiveSamples"))]
    effective_samples: WithEnds,
    /// What its N is worth.
    #[serde(flatten)]
    #[cfg_attr(test, schemars(with = "crate::cli::schema::fitted::EffectiveFeatures"))]
    effective_features: WithEnds,
}

impl LargestRun {
    fn new(repeats: &Repeats) -> Self {
        let (n, d, unique) = repeats.largest_run();
        let [samples, features] = repeats.effective();
        Self {
            row: repeats.lines.of(repeats.largest),
            features: Number(n),
            samples: Number(d),
            unique_samples: Number(unique),
            effective_samples: WithEnds::new("effective_samples", samples.0, samples.1.as_ref()),
            effective_features: WithEnds::new(
                "effective_features",
                features.0,
                features.1.as_ref(),
            ),
        }
    }
}

impl<'a> Answer<'a> {
    pub(super) fn new(repeats: &'a Repeats) -> Self {
        let (fit, runs) = (&repeats.fit, repeats.fit.runs());
        let found = RepeatedParameter::ALL
            .map(|parameter| (parameter.name(), repeats.parameter(parameter)));
        let values = found.iter().map(|(name, (value, _))| (*name, Number(*value)));
        let intervals =
            found.iter().map(|(name, (_, interval))| (*name, interval.as_ref().map(Ends::from)));
        Self {
            law: if fit.options().tied { "repeated_tied" } else { "repeated" },
            objective_name: repeats.objective,
            objective: Number(fit.objective),
            parameters: Named::of(values),
            intervals: Named::of(intervals),
            interval: repeats.bootstrap.as_ref().map(|_| "bca"),
            level: Number(repeats.level),
            status: fit.status.name(),
            settled: repeats.is_settled(),
            starts: fit.starts,
            rows: runs.runs().len(),
            repeating_rows: runs.repeating(),
            most_epochs: Number(repeats.most_epochs()),
            resamples: repeats.bootstrap.as_ref().map_or(0, |found| found.refits.len()),
            repeats_ignored: repeats.ignored,
            epochs_worth: SHARES.map(|share| EpochsWorth::new(repeats, share)).into(),
            largest_run: LargestRun::new(repeats),
            warnings: &repeats.warnings,
        }
    }
}
