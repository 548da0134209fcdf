//! A fit as JSON objects and rows of CSV.

use super::analysis::Analysis;
use super::next::{Budget, Limits, Next, Step};
use crate::cli::answer::{Answer as Explained, Column};
use crate::cli::fit::answer::beyond::Beyond;
use crate::cli::fit::answer::ends::{Ends, Named, ParameterRow, RowResidual, WithEnds, with_ends};
use crate::cli::output::{Given, Number};
use crate::fitting::{Objective, Parameter, Parameters, Signal, StartCounts, SymmetryTest};
use serde::Serialize;

/// Everything a fit says. Of rows of several kinds there is no law: what would be of it is null,
/// and `mixed` says why.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(in crate::cli::fit) struct Answer<'a> {
    /// The law that was fitted.
    law: &'static str,
    /// What the fit minimises.
    objective_name: &'static str,
    /// Weight of runs above the law; null where it is not less than that of others.
    penalty: Option<Number>,
    /// The smallest value of the objective.
    objective: Number,
    /// Why no law is told of all runs; null where one is.
    mixed: Option<&'a str>,
    /// E, A, B and the exponents.
    #[cfg_attr(test, schemars(with = "Option<crate::cli::schema::fitted::Parameters>"))]
    parameters: Option<Parameters>,
    /// Their intervals, and that of the ratio of the exponents.
    intervals: Option<Named<Ends>>,
    /// Where intervals come from: bca, sandwich or profile.
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
    /// One exponent against two; null where the runs cannot tell two.
    symmetry: Option<Symmetry>,
    /// What the column of the loss holds.
    measure: &'static str,
    /// What the loss is of its column.
    transform: &'static str,
    /// What there is to say of the measure.
    notes: &'a [String],
    /// Why nobody knows how sure the answer is; null where residuals have no pattern.
    doubt: Option<&'static str>,
    /// Whether the loss depends on N, on D, on either.
    #[cfg_attr(test, schemars(with = "crate::cli::schema::fitted::Signal"))]
    signal: Signal,
    /// Whether a law is told.
    shown: bool,
    /// How well the law fits.
    quality: Quality<'a>,
    /// What limits the loss at the largest run.
    limits: Option<LimitsAnswer>,
    /// The best N and D at the compute of the largest run, and at ten times that.
    plan: Option<Vec<StepRow>>,
    /// The best N and D of each budget that was asked for.
    allocation: Option<Vec<BudgetRow>>,
    /// What should make the owner of the table look again.
    warnings: Vec<&'a str>,
}

impl<'a> Answer<'a> {
    pub(in crate::cli::fit) fn new(analysis: &'a Analysis) -> Self {
        let (fit, one_law) = (&analysis.fit, analysis.mixed.is_none());
        let options = fit.options();
        let resampled = analysis.bootstrap.as_ref().filter(|_| !analysis.drawn);
        let names = Parameter::ALL.iter().map(|parameter| parameter.name());
        let measured = &analysis.measured;
        Self {
            law: options.law.name(),
            objective_name: analysis.objective,
            penalty: penalty(&options.objective).map(Number),
            objective: Number(fit.objective),
            mixed: analysis.mixed.as_deref(),
            parameters: one_law.then_some(fit.parameters),
            intervals: one_law
                .then(|| Named::of(names.zip(analysis.intervals.iter().map(Ends::from)))),
            interval: analysis.interval,
            level: Number(analysis.level),
            status: fit.status.name(),
            starts: fit.starts,
            rows: fit.runs().len(),
            condition: Number(fit.condition()),
            resamples: resampled.map_or(0, |found| found.refits.len()),
            symmetry: analysis.symmetry.as_ref().map(Symmetry::new),
            measure: measured.word,
            transform: measured.transform,
            notes: &measured.notes,
            doubt: analysis.doubt,
            signal: analysis.signal,
            shown: analysis.is_shown(),
            quality: Quality::new(analysis),
            limits: one_law.then(|| LimitsAnswer::new(analysis)),
            plan: one_law.then(|| analysis.plan.iter().map(StepRow::new).collect()),
            allocation: one_law.then(|| allocations(analysis)),
            warnings: analysis.mixed.iter().chain(&analysis.warnings).map(String::as_str).collect(),
        }
    }
}

/// The weight of runs above the law, where it is not 1.
pub(in crate::cli::fit) fn penalty(objective: &Objective) -> Option<f64> {
    match objective {
        Objective::AsymmetricHuberLog { above, .. } => Some(*above),
        _ => None,
    }
}

/// A row per parameter.
pub(in crate::cli::fit) fn parameters(analysis: &Analysis) -> Vec<ParameterRow> {
    let rows = Parameter::ALL.iter().zip(&analysis.intervals);
    rows.map(|(parameter, interval)| {
        ParameterRow::new(parameter.name(), analysis.estimate(*parameter), Some(interval))
    })
    .collect()
}

/// A row per budget.
pub(in crate::cli::fit) fn allocations(analysis: &Analysis) -> Vec<BudgetRow> {
    analysis.allocations.iter().map(BudgetRow::new).collect()
}

/// The best N and D for a budget, with intervals where the fit has resamples.
#[derive(Debug, Serialize)]
pub(in crate::cli::fit) struct BudgetRow {
    /// The budget C.
    compute: Given,
    /// The best N.
    #[serde(flatten)]
    features: WithEnds,
    /// The best D.
    #[serde(flatten)]
    samples: WithEnds,
    /// The loss there.
    #[serde(flatten)]
    loss: WithEnds,
    #[serde(flatten)]
    beyond: Beyond,
}

impl Explained for BudgetRow {
    fn columns() -> Vec<Column> {
        let compute = [Column::new("compute", "The budget C = factor · N · D.")];
        let rest = [
            with_ends!("features", "The best N."),
            with_ends!("samples", "The best D."),
            with_ends!("loss", "The loss of the law there."),
        ];
        [&compute[..], rest.as_flattened(), &Beyond::columns()].concat()
    }
}

#[cfg(test)]
crate::cli::schema::made::explained!(BudgetRow);

impl BudgetRow {
    pub(in crate::cli::fit) fn new(budget: &Budget) -> Self {
        let found = &budget.allocation;
        let interval = |k: usize| budget.intervals.as_ref().map(|intervals| &intervals[k]);
        Self {
            compute: Given(found.compute),
            features: WithEnds::new("features", found.features, interval(0)),
            samples: WithEnds::new("samples", found.samples, interval(1)),
            loss: WithEnds::new("loss", found.loss, interval(2)),
            beyond: found.extrapolation.into(),
        }
    }
}

/// The best N and D for a compute, and what the D/N of the largest run costs there.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct StepRow {
    #[serde(flatten)]
    budget: BudgetRow,
    /// The best D/N.
    #[serde(flatten)]
    #[cfg_attr(test, schemars(with = "crate::cli::schema::fitted::Ratio"))]
    ratio: WithEnds,
    /// By how much the loss is higher, relatively, with the D/N of the largest run.
    #[serde(flatten)]
    #[cfg_attr(test, schemars(with = "crate::cli::schema::fitted::Lost"))]
    lost: WithEnds,
}

impl StepRow {
    fn new(step: &Step) -> Self {
        let interval = |k: usize| step.intervals.as_ref().map(|intervals| &intervals[k]);
        Self {
            budget: BudgetRow::new(&step.budget),
            ratio: WithEnds::new("ratio", step.ratio, interval(0)),
            lost: WithEnds::new("lost", step.lost, interval(1)),
        }
    }
}

/// How well the law fits; rows are told by their lines in the file.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct Quality<'a> {
    /// Root mean square of the residuals.
    rms: f64,
    /// The rows of the largest residuals.
    worst: Vec<RowResidual>,
    /// Rows that repeat an earlier one.
    repeated: Vec<u64>,
    /// Sizes (N, D) of several runs, and runs of such sizes.
    replicated: (usize, usize),
    /// p-value of the test of lack of fit; null without several runs of one size.
    lack_of_fit: Option<f64>,
    /// p-values of runs of residuals of one sign along N, D and C.
    sign_runs: &'a [f64; 3],
    /// Correlation of neighbours in D at one N, and the number of such pairs.
    neighbours: Option<(f64, usize)>,
    /// Rows so far off that they are no errors like the others.
    far_off: Vec<RowResidual>,
    /// Root mean square of the residuals of the others.
    rms_of_others: Number,
}

impl<'a> Quality<'a> {
    fn new(analysis: &'a Analysis) -> Self {
        let (quality, residuals) = (&analysis.quality, &analysis.residuals);
        let row = |row: usize, residual: f64| RowResidual {
            row: analysis.lines.of(row),
            residual: Number(residual),
        };
        Self {
            rms: quality.rms,
            worst: quality.worst.iter().map(|(at, residual)| row(*at, *residual)).collect(),
            repeated: quality.repeated.iter().map(|row| analysis.lines.of(*row)).collect(),
            replicated: quality.replicated,
            lack_of_fit: quality.lack_of_fit,
            sign_runs: &quality.sign_runs,
            neighbours: quality.neighbours,
            far_off: residuals.far.iter().map(|at| row(*at, residuals.at(*at))).collect(),
            rms_of_others: Number(residuals.rms),
        }
    }
}

/// The test of one exponent against two.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct Symmetry {
    /// By patterns of signs; null with too few groups for it.
    p_value: Option<Number>,
    /// By the F distribution.
    f_p_value: Number,
    /// The F statistic.
    statistic: Number,
    /// The law of one exponent.
    #[cfg_attr(test, schemars(with = "crate::cli::schema::fitted::Parameters"))]
    tied: Parameters,
    /// The law of two.
    #[cfg_attr(test, schemars(with = "crate::cli::schema::fitted::Parameters"))]
    free: Parameters,
}

impl Symmetry {
    fn new(test: &SymmetryTest) -> Self {
        Self {
            p_value: test.bootstrap_p_value.map(Number),
            f_p_value: Number(test.p_value),
            statistic: Number(test.statistic),
            tied: test.tied.parameters,
            free: test.free.parameters,
        }
    }
}

/// What limits the loss at the largest run.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct LimitsAnswer {
    /// Its line in the file.
    row: u64,
    /// Its N.
    features: Number,
    /// Its D.
    samples: Number,
    /// Share of E in its loss.
    e_share: Number,
    /// Share of the term in N.
    features_share: Number,
    /// Share of the term in D.
    samples_share: Number,
    /// What more compute should first buy, features or samples; null where that is not told.
    limited_by: Option<&'static str>,
    /// Whether the interval of the best N says so.
    sure: bool,
    /// Share of resamples that say the same; null without resamples.
    agreeing_resamples: Option<Number>,
    /// Intervals of the shares; left out without resamples.
    #[serde(skip_serializing_if = "Option::is_none")]
    intervals: Option<Named<Ends>>,
}

impl LimitsAnswer {
    fn new(analysis: &Analysis) -> Self {
        let Limits { row, features, samples, shares, intervals, next, agreeing } = &analysis.limits;
        let [e_share, features_share, samples_share] = shares.map(Number);
        let names = ["e_share", "features_share", "samples_share"];
        let limited_by = match next {
            Next::Features | Next::Unsure { features: true } => Some("features"),
            Next::Samples | Next::Unsure { features: false } => Some("samples"),
            Next::NotTold | Next::NotKnown => None,
        };
        Self {
            row: analysis.lines.of(*row),
            features: Number(*features),
            samples: Number(*samples),
            e_share,
            features_share,
            samples_share,
            limited_by,
            sure: matches!(next, Next::Features | Next::Samples),
            agreeing_resamples: agreeing.map(Number),
            intervals: intervals
                .as_ref()
                .map(|all| Named::of(names.into_iter().zip(all.iter().map(Ends::from)))),
        }
    }
}
