//! A fit with everything that is asked of it.

use super::columns::Columns;
use super::next::{Budget, Ends, Limits, Step, beyond, budget, limits, plan};
use super::suspicions::suspicions;
use super::{Fit as Question, IntervalName, ObjectiveName};
use crate::cli::Failure;
use asymscale::fitting::{
    BootstrapInterval, Evidence, Fit, FitBootstrap, FitBootstrapOptions, FitOptions, FitQuality,
    FittingError, Parameter, ParameterInterval, Resampling, Runs, Signal, Starts, Status, SymmetryTest,
    fit_law, signal_test, symmetry_test,
};
use asymscale::sampling::Key;
use asymscale_tables::Lines;

/// Everything an answer is made of.
pub(super) struct Analysis {
    pub(super) fit: Fit,
    /// Objective in a word, as on the command line.
    pub(super) objective: &'static str,
    /// One interval per parameter, in the order of [`Parameter::ALL`].
    pub(super) intervals: Vec<ParameterInterval>,
    /// Where they come from.
    pub(super) interval: &'static str,
    pub(super) level: f64,
    pub(super) bootstrap: Option<FitBootstrap>,
    /// Whether the loss depends on N, on D, on either.
    pub(super) signal: Signal,
    pub(super) quality: FitQuality,
    /// One exponent against two; `None` where the runs cannot tell two.
    pub(super) symmetry: Option<SymmetryTest>,
    pub(super) limits: Limits,
    /// At the compute of the largest run, and at ten times that; none where the runs show no dependence, or the law has no optimum.
    pub(super) plan: Vec<Step>,
    pub(super) allocations: Vec<Budget>,
    pub(super) factor: f64,
    pub(super) warnings: Vec<String>,
    /// Where rows stand in the file.
    pub(super) lines: Lines,
    /// What stands in further columns.
    pub(super) columns: Columns,
}

/// Fewer rows have no bootstrap: with six the intervals of an allocation hold the truth in half of all tables.
pub(super) const RESAMPLED_ROWS: usize = 9;
/// Patterns of signs of the tests, fewer for many rows: so many rows in all.
pub(super) const SIGNED_ROWS: usize = 2_000_000;
/// The same for the test of one exponent, which refits.
const REFITTED_ROWS: usize = 400_000;
/// Rows of all refits together that are made again from all starts.
const AUDITED_ROWS: f64 = 20_000.0;
/// Parameters of the laws that the tests of a dependence are made of.
const TESTED_PARAMETERS: usize = 5;
/// A p-value from here on is chance.
const CHANCE: f64 = 0.05;

impl Analysis {
    pub(super) fn new(
        question: &Question,
        runs: &Runs,
        lines: &Lines,
        columns: &Columns,
    ) -> Result<Self, Failure> {
        let refuse = |error: FittingError| question.refuse(&error);
        let mut options = question.options();
        if let Some(starts) = thinned_starts(runs, &options) {
            options.starts = starts;
        }
        let fit = fit_law(runs, &options).map_err(refuse)?;
        check_groups(&fit).map_err(refuse)?;
        let key = Key::new(question.seed).label("fit");
        let patterns = (SIGNED_ROWS / runs.len()).clamp(99, 999);
        let signal = signal_test(runs, patterns, &mut key.label("signal").stream());
        let shown = is_untested(runs) || is_shown(&signal);
        let bootstrap = if shown { resampled(question, &fit, &key).map_err(refuse)? } else { None };
        let ends = Ends { bootstrap: bootstrap.as_ref(), level: question.level };
        let interval = |parameter: Parameter| match &bootstrap {
            Some(bootstrap) if question.interval != IntervalName::Profile => {
                bootstrap.interval(parameter, question.level, BootstrapInterval::Bca)
            }
            _ => fit.profile_interval(parameter, question.level),
        };
        let intervals = Parameter::ALL.into_iter().map(interval).collect::<Result<_, _>>().map_err(refuse)?;
        let refits = (REFITTED_ROWS / runs.len()).min(499);
        let refits = if refits < 99 { 0 } else { refits };
        let symmetry = shown
            .then(|| symmetry_test(runs, &options, refits, &mut key.label("symmetry").stream()).ok())
            .flatten();
        let limits = limits(&fit, shown, &ends).map_err(refuse)?;
        let plan =
            if shown { plan(&fit, &limits, question.factor, &ends).map_err(refuse)? } else { Vec::new() };
        let budgets = question.compute.as_ref().filter(|_| shown).map_or(&[][..], |compute| &compute.values);
        let budget = |compute: &f64| budget(&fit, *compute, question.factor, &ends);
        let allocations = budgets.iter().map(budget).collect::<Result<Vec<_>, _>>().map_err(refuse)?;
        let quality = fit.quality();
        let mut warnings =
            if shown { warnings(&fit, &allocations, bootstrap.as_ref(), lines) } else { Vec::new() };
        warnings.extend(suspicions(question, &fit, &quality, lines));
        Ok(Self {
            objective: question.objective.word(),
            intervals,
            interval: if bootstrap.is_some() && question.interval != IntervalName::Profile {
                "bca"
            } else {
                "profile"
            },
            level: question.level,
            signal,
            quality,
            symmetry,
            limits,
            plan,
            allocations,
            factor: question.factor,
            warnings,
            lines: lines.clone(),
            columns: columns.clone(),
            bootstrap,
            fit,
        })
    }

    /// Whether the loss falls with N and with D beyond its errors.
    pub(super) fn is_shown(&self) -> bool {
        is_untested(self.fit.runs()) || is_shown(&self.signal)
    }
}

/// So few runs leave the tests of a dependence no degree of freedom; a law of few parameters that is asked for can be fitted.
pub(super) fn is_untested(runs: &Runs) -> bool {
    runs.len() <= TESTED_PARAMETERS
}

/// Fewer groups than this have no resamples.
fn check_groups(fit: &Fit) -> Result<(), FittingError> {
    let needed = fit.free_parameters() + 1;
    match fit.runs().groups() {
        Some(found) if found < needed => Err(FittingError::TooFewGroups { found, needed }),
        _ => Ok(()),
    }
}

/// Whether something speaks for a fall.
pub(super) fn falls(evidence: &Evidence) -> bool {
    evidence.p_value < CHANCE && !evidence.rises
}

/// Whether something speaks for a rise.
pub(super) fn rises(evidence: &Evidence) -> bool {
    evidence.p_value < CHANCE && evidence.rises
}

pub(super) fn is_shown(signal: &Signal) -> bool {
    falls(&signal.features) && falls(&signal.samples)
}

/// Rows of which every start can be tried in a second or two.
const ALL_STARTS: usize = 20_000;

/// For many rows, the best ends of all starts on every so many-th of them; `None` for few, or where those cannot be fitted.
pub(super) fn thinned_starts(runs: &Runs, options: &FitOptions) -> Option<Starts> {
    let every = runs.len().div_ceil(ALL_STARTS);
    if every < 2 {
        return None;
    }
    let thin = |values: &[f64]| values.iter().copied().step_by(every).collect::<Vec<f64>>();
    let few = Runs::new(&thin(runs.features()), &thin(runs.samples()), &thin(runs.losses())).ok()?;
    let mut ends = fit_law(&few, options).ok()?.endpoints;
    ends.retain(|end| end.objective.is_finite());
    ends.sort_by(|a, b| a.objective.total_cmp(&b.objective));
    ends.dedup_by(|b, a| b.objective < a.objective * (1.0 + 1e-6));
    Some(Starts::Given(ends.into_iter().take(3).map(|end| end.parameters).collect()))
}

impl ObjectiveName {
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Huber => "huber",
            Self::LogSquares => "log-squares",
            Self::Squares => "squares",
        }
    }
}

pub(super) fn resampled(
    question: &Question,
    fit: &Fit,
    key: &Key,
) -> Result<Option<FitBootstrap>, FittingError> {
    let resamples = question.resamples(fit.runs().len());
    let grouped = question.group_column.is_some();
    if resamples == 0 || !grouped && fit.runs().len() < RESAMPLED_ROWS {
        return Ok(None);
    }
    let resampling = if grouped { Resampling::Groups } else { Resampling::Rows };
    let few = AUDITED_ROWS / (resamples * fit.runs().len()) as f64;
    let options =
        FitBootstrapOptions { resampling, resamples, audit: few.min(FitBootstrapOptions::default().audit) };
    fit.bootstrap(&options, &mut key.label("bootstrap").stream()).map(Some)
}

/// Leverage from which a run is fitted whatever its loss.
const LEVERAGE: f64 = 0.9;

pub(super) fn warnings(
    fit: &Fit,
    budgets: &[Budget],
    bootstrap: Option<&FitBootstrap>,
    lines: &Lines,
) -> Vec<String> {
    let mut warnings = Vec::new();
    let status = fit.status.name();
    let together = fit.starts.best == fit.starts.total && fit.status == Status::IterationLimit;
    if status != "converged" && !together {
        let where_to = match fit.status {
            Status::TermVanished(parameter) | Status::BoundHit(parameter) => {
                format!(" at {}", parameter.name())
            }
            _ => String::new(),
        };
        warnings.push(format!("the best descent ended as {status}{where_to}"));
    }
    if 2 * fit.starts.best < fit.starts.total {
        let (best, total) = (fit.starts.best, fit.starts.total);
        warnings.push(format!("only {best} of {total} starts reached the best objective"));
    }
    let condition = fit.condition();
    if condition >= 1e4 {
        warnings.push(format!("two parameters can hardly be told apart (condition number {condition:.1e})"));
    }
    let high = fit.leverages().into_iter().enumerate().filter(|(_, leverage)| *leverage >= LEVERAGE);
    let rows: Vec<String> =
        high.map(|(row, leverage)| format!("{} ({leverage:.2})", lines.name(&[row]))).collect();
    if !rows.is_empty() {
        let list = rows.join(", ");
        warnings.push(format!("the law follows single rows whatever their loss (leverage): {list}"));
    }
    let below = fit.rows_below_floor();
    if !below.is_empty() {
        let rows: Vec<usize> = below.iter().map(|row| row - 1).collect();
        let places = lines.name(&rows);
        warnings.push(format!("the law says losses cannot be as low as in {places}: not above E"));
    }
    warnings.extend(budgets.iter().filter_map(extrapolated));
    if let Some(found) =
        bootstrap.filter(|found| found.failed > 0 || found.audit.agreed < found.audit.checked)
    {
        let (failed, missed) = (found.failed, found.audit.checked - found.audit.agreed);
        let checked = found.audit.checked;
        warnings.push(format!(
            "resamples: {failed} did not converge, {missed} of {checked} checked missed the best objective"
        ));
    }
    warnings
}

fn extrapolated(budget: &Budget) -> Option<String> {
    beyond(budget).map(|parts| format!("C = {:e} is beyond the runs: {parts}", budget.allocation.compute))
}
