//! A law of one size as JSON, and as rows of CSV.

use super::words::{name, names};
use super::{OneSize, PARAMETERS};
use crate::cli::fit::answer::ends::{Ends, Named, ParameterRow, RowResidual};
use crate::cli::output::Number;
use crate::fitting::{Evidence, StartCounts};
use serde::Serialize;

/// A row per parameter.
pub(super) fn parameters(analysis: &OneSize) -> Vec<ParameterRow> {
    let rows = names(analysis.of).into_iter().zip(PARAMETERS).zip(&analysis.intervals);
    rows.map(|((name, parameter), interval)| {
        ParameterRow::new(name, Some(analysis.fit.parameters.get(parameter)), Some(interval))
    })
    .collect()
}

/// Everything, in one object.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(in crate::cli::fit) struct Answer<'a> {
    /// The size that the law is of: features, samples or compute.
    law: &'static str,
    /// What the fit minimises.
    objective_name: &'static str,
    /// The smallest value of the objective.
    objective: Number,
    /// E, the amplitude and the exponent.
    parameters: Named<Number>,
    /// Their intervals.
    intervals: Named<Ends>,
    /// Where intervals come from: bca or profile.
    interval: &'static str,
    /// Nominal coverage of the intervals.
    level: Number,
    /// How the best descent ended.
    status: &'static str,
    /// How many descents ended in which way.
    #[cfg_attr(test, schemars(with = "crate::cli::schema::fitted::StartCounts"))]
    starts: StartCounts,
    /// Runs that were fitted.
    rows: usize,
    /// Condition number of the parameters.
    condition: Number,
    /// Refits of resampled rows or groups.
    resamples: usize,
    /// Whether the loss depends on the size.
    #[cfg_attr(test, schemars(with = "crate::cli::schema::fitted::Evidence"))]
    signal: Evidence,
    /// Whether a law is told.
    shown: bool,
    /// The share of E in the loss at the largest size.
    floor_share: Number,
    /// Its interval; null without resamples.
    floor_share_interval: Option<Ends>,
    /// Losses at ten times the largest size, and at the budgets that were asked for.
    predicted: Vec<PredictedAnswer>,
    /// What these runs are, beside their size; null where nothing is known of that.
    design: Option<&'a str>,
    /// Root mean square of the residuals.
    rms: Number,
    /// The rows of the largest residuals.
    worst: Vec<RowResidual>,
    /// What should make the owner of the table look again.
    warnings: &'a [String],
}

/// A loss that the law says.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct PredictedAnswer {
    size: Number,
    loss: Number,
    /// Null without resamples.
    interval: Option<Ends>,
}

impl<'a> Answer<'a> {
    pub(super) fn new(analysis: &'a OneSize) -> Self {
        let fit = &analysis.fit;
        let names = names(analysis.of);
        let values = PARAMETERS.map(|parameter| Number(fit.parameters.get(parameter)));
        let predicted = analysis.predicted.iter().map(|found| PredictedAnswer {
            size: Number(found.size),
            loss: Number(found.loss),
            interval: found.interval.as_ref().map(Ends::from),
        });
        let worst = analysis.quality.worst.iter().map(|(row, residual)| RowResidual {
            row: analysis.lines.of(*row),
            residual: Number(*residual),
        });
        Self {
            law: name(analysis.of),
            objective_name: analysis.objective,
            objective: Number(fit.objective),
            parameters: Named::of(names.into_iter().zip(values)),
            intervals: Named::of(names.into_iter().zip(analysis.intervals.iter().map(Ends::from))),
            interval: analysis.interval,
            level: Number(analysis.level),
            status: fit.status.name(),
            starts: fit.starts,
            rows: fit.runs().len(),
            condition: Number(fit.condition()),
            resamples: analysis.resamples,
            signal: analysis.evidence,
            shown: analysis.is_shown(),
            floor_share: Number(analysis.floor_share.0),
            floor_share_interval: analysis.floor_share.1.as_ref().map(Ends::from),
            predicted: predicted.collect(),
            design: analysis.design.as_deref(),
            rms: Number(analysis.quality.rms),
            worst: worst.collect(),
            warnings: &analysis.warnings,
        }
    }
}
