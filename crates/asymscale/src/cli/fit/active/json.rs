//! A law of all and of active parameters as JSON, and as rows of CSV.

use super::{Active, Next, PARAMETERS, Step};
use crate::cli::answer::{Answer as Explained, Column};
use crate::cli::fit::answer::ends::{Ends, Named, ParameterRow, WithEnds, with_ends};
use crate::cli::output::{Given, Number};
use crate::fitting::{ActiveParameters, ParameterInterval, Signal, StartCounts};
use serde::Serialize;

/// A row per parameter.
pub(super) fn parameters(analysis: &Active) -> Vec<ParameterRow> {
    let rows = PARAMETERS.iter().enumerate();
    rows.map(|(k, (name, of))| {
        let interval = analysis.intervals.as_ref().map(|all| &all[k]);
        ParameterRow::new(name, Some(of(&analysis.fit.parameters)), interval)
    })
    .collect()
}

/// A row per budget; none where no law is told.
pub(super) fn allocations(analysis: &Active) -> Vec<StepRow> {
    rows(analysis, &analysis.allocations)
}

fn rows(analysis: &Active, steps: &[Step]) -> Vec<StepRow> {
    let shown = if analysis.is_shown() { steps } else { &[] };
    shown.iter().map(|step| StepRow::new(step, analysis.largest.ratio())).collect()
}

/// The best active parameters and D for a compute, with intervals where there are resamples.
#[derive(Debug, Serialize)]
pub(super) struct StepRow {
    /// The compute.
    compute: Given,
    /// All parameters, as many to an active one as in the largest run.
    total: Number,
    /// The best number of active ones.
    #[serde(flatten)]
    active: WithEnds,
    /// The best D.
    #[serde(flatten)]
    samples: WithEnds,
    /// The loss there.
    #[serde(flatten)]
    loss: WithEnds,
}

impl Explained for StepRow {
    fn columns() -> Vec<Column> {
        let sizes = [
            Column::new("compute", "The budget C = factor · N_active · D."),
            Column::new("total", "All parameters, as many to an active one as in the largest run."),
        ];
        let rest = [
            with_ends!("active", "The best number of active parameters."),
            with_ends!("samples", "The best D."),
            with_ends!("loss", "The loss of the law there."),
        ];
        [&sizes[..], rest.as_flattened()].concat()
    }
}

#[cfg(test)]
crate::cli::schema::made::explained!(StepRow);

impl StepRow {
    fn new(step: &Step, ratio: f64) -> Self {
        let interval = |k: usize| step.intervals.as_ref().map(|intervals| &intervals[k]);
        Self {
            compute: Given(step.compute),
            total: Number(step.active * ratio),
            active: WithEnds::new("active", step.active, interval(0)),
            samples: WithEnds::new("samples", step.samples, interval(1)),
            loss: WithEnds::new("loss", step.loss, interval(2)),
        }
    }
}

/// Everything, in one object.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(in crate::cli::fit) struct Answer<'a> {
    /// The word "active".
    law: &'static str,
    /// What the fit minimises.
    objective_name: &'static str,
    /// The smallest value of the objective.
    objective: Number,
    /// E, A, B and the exponents.
    #[cfg_attr(test, schemars(with = "crate::cli::schema::fitted::ActiveParameters"))]
    parameters: ActiveParameters,
    /// Their intervals; null without resamples.
    intervals: Option<Named<Ends>>,
    /// Where intervals come from: bca or none.
    interval: &'static str,
    /// Nominal coverage of the intervals.
    level: Number,
    /// Refits of resampled rows or groups.
    resamples: usize,
    /// The share of active parameters in the sum of both exponents.
    active_share: Share,
    /// How the best descent ended.
    status: &'static str,
    /// How many descents ended in which way.
    #[cfg_attr(test, schemars(with = "crate::cli::schema::fitted::StartCounts"))]
    starts: StartCounts,
    /// Runs that were fitted.
    rows: usize,
    /// Whether the loss depends on parameters, on D, on either.
    #[cfg_attr(test, schemars(with = "crate::cli::schema::fitted::Signal"))]
    signal: Signal,
    /// Whether a law is told.
    shown: bool,
    /// Root mean square of the residuals.
    rms: Number,
    /// The run of the largest compute.
    largest: LargestRun,
    /// What more compute should first buy, active or samples; null where that is not told.
    limited_by: Option<&'static str>,
    /// Whether the interval of the best number of active parameters says so.
    sure: bool,
    /// By how much twice the parameters, as many of them active, would lower the loss of that run.
    doubled_total: Share,
    /// The best sizes at the compute of that run, and at ten times that.
    plan: Vec<StepRow>,
    /// The best sizes of each budget that was asked for.
    allocation: Vec<StepRow>,
    /// What should make the owner of the table look again.
    warnings: &'a [String],
}

/// A share with its interval.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct Share {
    value: Number,
    /// Null without resamples.
    interval: Option<Ends>,
}

impl Share {
    fn new((value, interval): &(f64, Option<ParameterInterval>)) -> Self {
        Self { value: Number(*value), interval: interval.as_ref().map(Ends::from) }
    }
}

/// The run of the largest compute.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct LargestRun {
    /// Its line in the file.
    row: u64,
    /// All its parameters.
    total: f64,
    /// Its active ones.
    active: f64,
    /// Its D.
    samples: f64,
}

impl<'a> Answer<'a> {
    pub(super) fn new(analysis: &'a Active) -> Self {
        let (fit, shown) = (&analysis.fit.fit, analysis.is_shown());
        let next = match analysis.next {
            Next::Features | Next::Unsure { features: true } => Some("active"),
            Next::Samples | Next::Unsure { features: false } => Some("samples"),
            Next::NotTold | Next::NotKnown => None,
        };
        let sure = matches!(analysis.next, Next::Features | Next::Samples);
        let names = PARAMETERS.iter().map(|(name, _)| *name);
        let largest = &analysis.largest;
        Self {
            law: "active",
            objective_name: analysis.objective,
            objective: Number(fit.objective),
            parameters: analysis.fit.parameters,
            intervals: analysis
                .intervals
                .as_ref()
                .map(|all| Named::of(names.zip(all.iter().map(Ends::from)))),
            interval: if analysis.resamples > 0 { "bca" } else { "none" },
            level: Number(analysis.level),
            resamples: analysis.resamples,
            active_share: Share::new(&analysis.share),
            status: fit.status.name(),
            starts: fit.starts,
            rows: fit.runs().len(),
            signal: analysis.signal,
            shown,
            rms: Number(analysis.quality.rms),
            largest: LargestRun {
                row: analysis.lines.of(largest.row),
                total: largest.total,
                active: largest.active,
                samples: largest.samples,
            },
            limited_by: next.filter(|_| shown),
            sure: sure && shown,
            doubled_total: Share::new(&analysis.doubled),
            plan: rows(analysis, &analysis.plan),
            allocation: allocations(analysis),
            warnings: &analysis.warnings,
        }
    }
}
