//! Models of which a part is active for each token: a law in all parameters, active ones and D, and
//! what compute should buy.

pub(super) mod json;
mod words;

use crate::cli::Failure;
use crate::cli::answer::{Answer as _, Column};
use crate::cli::fit::two_sizes::analysis::{RESAMPLED_ROWS, SIGNED_ROWS, falls, warnings};
use crate::cli::fit::two_sizes::fitted::thinned_starts;
use crate::cli::fit::two_sizes::next::{Next, log_best, turned};
use crate::cli::fit::two_sizes::suspicions::repeats;
use crate::cli::fit::{FitFlags, MANY_ROWS};
use crate::cli::output::{say, write, write_one};
use crate::cli::table::{WithTable, told};
use crate::fitting::{
    ActiveBootstrap, ActiveFit, ActiveParameters, BootstrapInterval, FitQuality, FittingError,
    ParameterInterval, Runs, Signal, are_distinguishable, fit_active_law, signal_test,
};
use crate::sampling::Key;
use asymscale_tables::{Lines, Record};

/// Times the compute of the largest run.
const STEPS: [f64; 2] = [1.0, 10.0];

/// A parameter: its name and its value.
type Named = (&'static str, fn(&ActiveParameters) -> f64);

/// The parameters with their names.
const PARAMETERS: [Named; 6] = [
    ("e", |law| law.e),
    ("a", |law| law.a),
    ("b", |law| law.b),
    ("alpha_total", |law| law.alpha_total),
    ("alpha_active", |law| law.alpha_active),
    ("beta", |law| law.beta),
];

/// The best active parameters and D for a compute, of models with as many parameters to an active
/// one as the largest run.
struct Step {
    compute: f64,
    active: f64,
    samples: f64,
    loss: f64,
    /// The intervals of the number of active parameters, of D and of the loss.
    intervals: Option<[ParameterInterval; 3]>,
}

/// The run of the largest compute.
struct Largest {
    row: usize,
    total: f64,
    active: f64,
    samples: f64,
}

impl Largest {
    fn ratio(&self) -> f64 {
        self.total / self.active
    }
}

/// Everything an answer is made of.
pub(super) struct Active {
    fit: ActiveFit,
    objective: &'static str,
    level: f64,
    resamples: usize,
    /// One interval per parameter, with a bootstrap.
    intervals: Option<Vec<ParameterInterval>>,
    /// What of the exponent is due to active parameters, with its interval.
    share: (f64, Option<ParameterInterval>),
    signal: Signal,
    quality: FitQuality,
    largest: Largest,
    next: Next,
    /// By how much the loss of the largest run falls with twice the parameters, as many of them
    /// active; relatively.
    doubled: (f64, Option<ParameterInterval>),
    plan: Vec<Step>,
    allocations: Vec<Step>,
    factor: f64,
    warnings: Vec<String>,
    lines: Lines,
}

/// An answer, or why there is no law of both numbers of parameters.
pub(super) enum Answer {
    Told(String),
    /// Active parameters follow from those in all: runs in the one that varies, and what is to be
    /// said of it.
    Alike(Runs, Option<String>),
}

/// The columns of the answer in CSV.
pub(super) fn columns() -> Vec<Column> {
    json::StepRow::columns()
}

pub(super) fn run(
    flags: &FitFlags,
    record: &Record,
    (runs, active, lines): (&Runs, &[f64], &Lines),
) -> Result<Answer, Failure> {
    if !flags.columns.is_active_named() && !are_distinguishable(runs.features(), active) {
        return alike(flags, runs, active);
    }
    told_of(flags, record, (runs, active, lines)).map(Answer::Told)
}

/// The runs in active parameters, which compute goes into; where those are the same in all runs, in
/// all parameters.
fn alike(flags: &FitFlags, runs: &Runs, active: &[f64]) -> Result<Answer, Failure> {
    if runs.features() == active {
        return Ok(Answer::Alike(runs.clone(), None));
    }
    let why = "active parameters follow from those in all, so that what is due to either cannot be told apart";
    if active.iter().all(|number| *number == active[0]) {
        return Err(flags.refused(
            "every run has as many active parameters, so that nothing tells what they do, and compute does not grow with N: \
             --features-column NAME of all parameters fits the law in these alone",
        ));
    }
    let with = runs.clone().with_sizes(active).map_err(|error| flags.refuse(&error))?;
    Ok(Answer::Alike(
        with,
        Some(format!("{why}: N is the number of active ones, which compute goes into")),
    ))
}

fn told_of(
    flags: &FitFlags,
    record: &Record,
    (runs, active, lines): (&Runs, &[f64], &Lines),
) -> Result<String, Failure> {
    if flags.plot.is_some() {
        let why = "the figure is of a law of N and D; --features-column names the one N to draw";
        return Err(Failure::input(format!("--plot with active parameters: {why}")));
    }
    let analysis = Active::new(flags, runs, active, lines)?;
    if flags.format.is_json() {
        let answer = json::Answer::new(&analysis);
        return Ok(write_one(&WithTable::new(&answer, record)));
    }
    if flags.format.is_csv() {
        say(&told(record));
        let budgets = json::allocations(&analysis);
        return Ok(if budgets.is_empty() {
            write(&json::parameters(&analysis), true, flags.format)
        } else {
            write(&budgets, true, flags.format)
        });
    }
    Ok(told(record) + &words::summary(&analysis, flags.format))
}

/// Intervals of whatever follows from the parameters.
struct Ends<'a> {
    bootstrap: Option<&'a ActiveBootstrap>,
    level: f64,
}

impl Ends<'_> {
    fn of(
        &self,
        quantity: impl Fn(&ActiveParameters) -> f64,
    ) -> Result<Option<ParameterInterval>, FittingError> {
        let interval = |found: &ActiveBootstrap| {
            found.interval_of(quantity, self.level, BootstrapInterval::Bca)
        };
        self.bootstrap.map(interval).transpose()
    }
}

impl Active {
    fn new(flags: &FitFlags, runs: &Runs, active: &[f64], lines: &Lines) -> Result<Self, Failure> {
        let refuse = |error: FittingError| flags.refuse(&error);
        let mut options = flags.options();
        if let Some(starts) = thinned_starts(runs, &options) {
            options.starts = starts;
        }
        let fit = fit_active_law(runs, active, &options).map_err(refuse)?;
        let key = Key::new(flags.seed).label("fit");
        let patterns = (SIGNED_ROWS / runs.len()).clamp(99, 999);
        let signal = signal_test(fit.fit.runs(), patterns, &mut key.label("signal").stream());
        let bootstrap = resampled(flags, &fit, &key).map_err(refuse)?;
        let ends = Ends { bootstrap: bootstrap.as_ref(), level: flags.level };
        let each = |of: &(&str, fn(&ActiveParameters) -> f64)| ends.of(of.1);
        let intervals: Option<Vec<ParameterInterval>> =
            PARAMETERS.iter().map(each).collect::<Result<_, _>>().map_err(refuse)?;
        let share = (
            fit.parameters.active_share(),
            ends.of(ActiveParameters::active_share).map_err(refuse)?,
        );
        let largest = largest(runs, active);
        let doubled = |law: &ActiveParameters| {
            let at = |ratio: f64| law.at_ratio(ratio).loss(largest.active, largest.samples);
            1.0 - at(2.0 * largest.ratio()) / at(largest.ratio())
        };
        let doubled = (doubled(&fit.parameters), ends.of(doubled).map_err(refuse)?);
        let step = |compute: f64| step(&fit.parameters, &largest, (compute, flags.factor), &ends);
        let own = flags.factor * largest.active * largest.samples;
        let plan = STEPS.iter().filter_map(|times| step(times * own).transpose());
        let plan = plan.collect::<Result<_, _>>().map_err(refuse)?;
        let budgets = flags.compute.as_ref().map_or(&[][..], |compute| &compute.values);
        let allocations = budgets.iter().filter_map(|compute| step(*compute).transpose());
        let allocations = allocations.collect::<Result<_, _>>().map_err(refuse)?;
        let quality = fit.fit.quality();
        let mut said = warnings(&fit.fit, &[], None, lines);
        said.extend(repeats(&quality, lines, "N, D"));
        Ok(Self {
            objective: flags.objective.word(),
            level: flags.level,
            resamples: bootstrap.as_ref().map_or(0, |found| found.refits.len()),
            intervals,
            share,
            signal,
            quality,
            next: next(&fit.parameters, &largest, &ends).map_err(refuse)?,
            largest,
            doubled,
            plan,
            allocations,
            factor: flags.factor,
            warnings: said,
            lines: lines.clone(),
            fit,
        })
    }

    /// Whether the loss falls with parameters and with D beyond its errors.
    fn is_shown(&self) -> bool {
        falls(&self.signal.features) && falls(&self.signal.samples)
    }
}

fn resampled(
    flags: &FitFlags,
    fit: &ActiveFit,
    key: &Key,
) -> Result<Option<ActiveBootstrap>, FittingError> {
    let rows = fit.active().len();
    let count = flags.bootstrap.unwrap_or(if rows > MANY_ROWS { 0 } else { 999 });
    let grouped = flags.group_column.is_some();
    if count == 0 || !grouped && rows < RESAMPLED_ROWS {
        return Ok(None);
    }
    fit.bootstrap(grouped, count, &mut key.label("bootstrap").stream()).map(Some)
}

fn largest(runs: &Runs, active: &[f64]) -> Largest {
    let samples = runs.samples();
    let size = |row: &usize| active[*row].ln() + samples[*row].ln();
    let row = (0..active.len()).max_by(|a, b| size(a).total_cmp(&size(b))).unwrap_or(0);
    Largest { row, total: runs.features()[row], active: active[row], samples: samples[row] }
}

/// Whether the best number of active parameters at the compute of the largest run is above its own.
fn next(law: &ActiveParameters, largest: &Largest, ends: &Ends<'_>) -> Result<Next, FittingError> {
    let lean = |law: &ActiveParameters| {
        log_best(&law.at_ratio(largest.ratio()), largest.active * largest.samples)
            - largest.active.ln()
    };
    let found = lean(law);
    Ok(match ends.of(lean)? {
        _ if !found.is_finite() => Next::NotKnown,
        Some(ends) if ends.lower > 0.0 => Next::Features,
        Some(ends) if ends.upper < 0.0 => Next::Samples,
        Some(_) => Next::NotTold,
        None => Next::Unsure { features: found > 0.0 },
    })
}

/// The best for a compute; ends of D follow from those of active parameters.
fn step(
    law: &ActiveParameters,
    largest: &Largest,
    (compute, factor): (f64, f64),
    ends: &Ends<'_>,
) -> Result<Option<Step>, FittingError> {
    let (ratio, product) = (largest.ratio(), compute / factor);
    let Some((active, samples)) = law.at_ratio(ratio).optimum(compute, factor) else {
        return Ok(None);
    };
    let best_loss = |law: &ActiveParameters| {
        let law = law.at_ratio(ratio);
        law.optimum(compute, factor).map_or(f64::NAN, |(n, d)| law.loss(n, d))
    };
    let log = ends.of(|law| log_best(&law.at_ratio(ratio), product))?;
    let intervals = log.zip(ends.of(best_loss)?).map(|(log, loss)| {
        let ParameterInterval { lower, upper, level, .. } = log;
        let of_active =
            ParameterInterval { estimate: active, lower: lower.exp(), upper: upper.exp(), level };
        [of_active, turned(&of_active, |n| product / n), loss]
    });
    Ok(Some(Step { compute, active, samples, loss: best_loss(law), intervals }))
}
