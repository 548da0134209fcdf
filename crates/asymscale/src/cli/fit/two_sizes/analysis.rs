//! A fit with everything that is asked of it.

use super::fitted::{ALL_STARTS, fitted};
use super::next::{Budget, Ends, Limits, Step, beyond, budget, limits, plan};
use super::residuals::Residuals;
use super::suspicions::{Patterns, suspicions};
use crate::cli::Failure;
use crate::cli::fit::flags::columns::Columns;
use crate::cli::fit::flags::measure::Measured;
use crate::cli::fit::kinds::mixed::{by_column, by_residuals};
use crate::cli::fit::repeats::ignored;
use crate::cli::fit::{FitFlags, IntervalName, ObjectiveName};
use crate::cli::progress::Progress;
use crate::fitting::{
    BootstrapInterval, Evidence, Fit, FitBootstrap, FitBootstrapOptions, FitOptions, FitQuality,
    FittingError, Parameter, ParameterInterval, Resampling, Runs, Signal, Starts, Status,
    SymmetryTest, signal_test, symmetry_test,
};
use crate::sampling::Key;
use asymscale_tables::Lines;

/// Everything an answer is made of.
pub(in crate::cli::fit) struct Analysis {
    pub(in crate::cli::fit) fit: Fit,
    /// Objective in a word, as on the command line.
    pub(in crate::cli::fit) objective: &'static str,
    /// One interval per parameter, in the order of [`Parameter::ALL`].
    pub(in crate::cli::fit) intervals: Vec<ParameterInterval>,
    /// The source of the intervals: bca, sandwich or profile.
    pub(in crate::cli::fit) interval: &'static str,
    pub(in crate::cli::fit) level: f64,
    pub(in crate::cli::fit) bootstrap: Option<FitBootstrap>,
    /// Whether that was drawn from the sandwich covariance rather than resampled.
    pub(in crate::cli::fit) drawn: bool,
    /// Whether the loss depends on N, on D, on either.
    pub(in crate::cli::fit) signal: Signal,
    /// Why no law is told of all runs, where they are of several kinds.
    pub(in crate::cli::fit) mixed: Option<String>,
    pub(in crate::cli::fit) quality: FitQuality,
    pub(in crate::cli::fit) residuals: Residuals,
    /// Why nobody knows how sure the answer is, where residuals have a pattern.
    pub(in crate::cli::fit) doubt: Option<&'static str>,
    pub(in crate::cli::fit) measured: Measured,
    /// One exponent against two; `None` where the runs cannot tell two.
    pub(in crate::cli::fit) symmetry: Option<SymmetryTest>,
    pub(in crate::cli::fit) limits: Limits,
    /// At the compute of the largest run, and at ten times that; none where the runs show no
    /// dependence, or the law has no optimum.
    pub(in crate::cli::fit) plan: Vec<Step>,
    pub(in crate::cli::fit) allocations: Vec<Budget>,
    pub(in crate::cli::fit) factor: f64,
    pub(in crate::cli::fit) warnings: Vec<String>,
    /// The lines of the rows in the file.
    pub(in crate::cli::fit) lines: Lines,
}

/// Fewer rows have no bootstrap: with six the intervals of an allocation hold the truth in half of
/// all tables.
pub(in crate::cli::fit) const RESAMPLED_ROWS: usize = 9;
/// Patterns of signs of the tests, fewer for many rows: so many rows in all.
pub(in crate::cli::fit) const SIGNED_ROWS: usize = 2_000_000;
/// Rows of all refits together that are made again from all starts.
const AUDITED_ROWS: f64 = 20_000.0;
/// Parameters of the laws that the tests of a dependence are made of.
const TESTED_PARAMETERS: usize = 5;
/// A p-value from here on is chance.
const CHANCE: f64 = 0.05;

/// The intervals of all parameters, of the kind that was asked for.
fn intervals(
    flags: &FitFlags,
    fit: &Fit,
    bootstrap: Option<&FitBootstrap>,
    is_told: bool,
) -> Result<Vec<ParameterInterval>, FittingError> {
    let interval = |parameter: Parameter| match bootstrap {
        Some(bootstrap) if flags.interval != IntervalName::Profile => {
            bootstrap.interval(parameter, flags.level, BootstrapInterval::Bca)
        }
        None if !is_told => Ok(unknown_interval(fit.parameters.get(parameter), flags.level)),
        _ => fit.profile_interval(parameter, flags.level),
    };
    Parameter::ALL.into_iter().map(interval).collect()
}

impl Analysis {
    pub(in crate::cli::fit) fn new(
        flags: &FitFlags,
        runs: &Runs,
        lines: &Lines,
        columns: &Columns,
        measured: Measured,
        progress: &Progress,
    ) -> Result<Self, Failure> {
        let refuse = |error: FittingError| flags.refuse(&error);
        let (options, fit) = fitted(flags, runs, progress).map_err(refuse)?;
        let key = Key::new(flags.seed).label("fit");
        let patterns = (SIGNED_ROWS / runs.len()).clamp(99, 999);
        progress.stage("asking whether the loss depends on N and on D");
        let residuals = Residuals::of(&fit);
        let signal =
            signal_test(&residuals.others(runs), patterns, &mut key.label("signal").stream());
        let shown = is_untested(runs) || is_shown(&signal);
        progress.stage("asking whether the runs are of one kind");
        let (mixed, differing) = by_column(flags, runs, columns);
        let mixed =
            mixed.or_else(|| shown.then(|| by_residuals(&residuals, columns, lines)).flatten());
        let shown = shown && mixed.is_none();
        progress.stage("resampling");
        let drawn = flags.has_many(runs.len());
        let bootstrap = match (shown, drawn) {
            (false, _) => None,
            (true, true) => fit.sandwich(draws(flags.level), &mut key.label("sandwich").stream()),
            (true, false) => resampled(flags, &fit, &key).map_err(refuse)?,
        };
        progress.stage("finding intervals");
        let ends = Ends { bootstrap: bootstrap.as_ref(), level: flags.level };
        // Profiles of many rows take minutes, and without a law nothing is told of them.
        let is_told = !((drawn && !shown) || mixed.is_some());
        let intervals = intervals(flags, &fit, bootstrap.as_ref(), is_told).map_err(refuse)?;
        progress.stage("testing one exponent against two");
        let from_fit =
            || FitOptions { starts: Starts::Given(vec![fit.parameters]), ..options.clone() };
        let options = if runs.len() > ALL_STARTS { from_fit() } else { options.clone() };
        let symmetry = shown
            .then(|| {
                symmetry_test(runs, &options, patterns, &mut key.label("symmetry").stream()).ok()
            })
            .flatten();
        progress.stage("finding allocations");
        let quality = fit.quality();
        let patterns = shown.then(|| Patterns::of(flags, &quality, runs.len()));
        let doubt = patterns.as_ref().and_then(Patterns::doubt);
        let mut limits = limits(&fit, shown, &ends).map_err(refuse)?;
        if doubt.is_some() {
            limits.doubted();
        }
        let plan = if shown {
            plan(&fit, &limits, flags.factor, &ends).map_err(refuse)?
        } else {
            Vec::new()
        };
        let budgets =
            flags.compute.as_ref().filter(|_| shown).map_or(&[][..], |compute| &compute.values);
        let budget = |compute: &f64| budget(&fit, *compute, flags.factor, &ends);
        let allocations =
            budgets.iter().map(budget).collect::<Result<Vec<_>, _>>().map_err(refuse)?;
        let mut warnings = if shown {
            warnings(&fit, &allocations, bootstrap.as_ref(), lines)
        } else {
            Vec::new()
        };
        let is_rising = rises(&signal.features) || rises(&signal.samples);
        warnings.extend(suspicions(
            flags,
            &fit,
            &quality,
            patterns.as_ref(),
            (is_rising, mixed.is_some()),
            lines,
        ));
        warnings.extend(ignored(flags, &fit, columns, shown));
        warnings.extend(differing);
        Ok(Self {
            objective: flags.objective.word(),
            intervals,
            interval: match &bootstrap {
                Some(_) if flags.interval != IntervalName::Profile => resampled_word(drawn),
                _ => "profile",
            },
            drawn: drawn && bootstrap.is_some(),
            level: flags.level,
            signal,
            mixed,
            quality,
            residuals,
            doubt,
            measured,
            symmetry,
            limits,
            plan,
            allocations,
            factor: flags.factor,
            warnings,
            lines: lines.clone(),
            bootstrap,
            fit,
        })
    }

    /// The interval of the least loss of the law at a compute, where there is one.
    pub(in crate::cli::fit) fn least_loss(&self, compute: f64) -> Option<ParameterInterval> {
        let ends = Ends { bootstrap: self.bootstrap.as_ref(), level: self.level };
        budget(&self.fit, compute, self.factor, &ends).ok()?.intervals.map(|[.., loss]| loss)
    }

    /// Whether a law is told: the runs are of one kind, and the loss falls with N and with D beyond
    /// its errors.
    pub(in crate::cli::fit) fn is_shown(&self) -> bool {
        self.mixed.is_none() && (is_untested(self.fit.runs()) || is_shown(&self.signal))
    }

    /// A parameter of the law, where the runs are of one kind.
    pub(in crate::cli::fit) fn estimate(&self, parameter: Parameter) -> Option<f64> {
        self.mixed.is_none().then(|| self.fit.parameters.get(parameter))
    }
}

/// The source of intervals that are not of the profile, in a word.
fn resampled_word(drawn: bool) -> &'static str {
    if drawn { "sandwich" } else { "bca" }
}

/// Whether the runs are so few that the tests of a dependence have no degree of freedom. A law of
/// few parameters can still be fitted to them.
pub(in crate::cli::fit) fn is_untested(runs: &Runs) -> bool {
    runs.len() <= TESTED_PARAMETERS
}

/// Whether something speaks for a fall.
pub(in crate::cli::fit) fn falls(evidence: &Evidence) -> bool {
    evidence.p_value < CHANCE && !evidence.rises
}

/// Whether something speaks for a rise.
pub(in crate::cli::fit) fn rises(evidence: &Evidence) -> bool {
    evidence.p_value < CHANCE && evidence.rises
}

pub(in crate::cli::fit) fn is_shown(signal: &Signal) -> bool {
    falls(&signal.features) && falls(&signal.samples)
}

/// An interval that is not known.
fn unknown_interval(estimate: f64, level: f64) -> ParameterInterval {
    ParameterInterval { estimate, lower: f64::NAN, upper: f64::NAN, level }
}

/// Draws from the sandwich covariance: so many that ends of intervals hold to some 2 % of their
/// width.
fn draws(level: f64) -> usize {
    ((500.0 / (1.0 - level)) as usize).clamp(10_000, 1_000_000)
}

impl ObjectiveName {
    pub(in crate::cli::fit) fn word(self) -> &'static str {
        match self {
            Self::Huber => "huber",
            Self::LogSquares => "log-squares",
            Self::Squares => "squares",
        }
    }
}

pub(in crate::cli::fit) fn resampled(
    flags: &FitFlags,
    fit: &Fit,
    key: &Key,
) -> Result<Option<FitBootstrap>, FittingError> {
    let resamples = flags.resamples(fit.runs().len());
    let grouped = flags.group_column.is_some();
    if resamples == 0 || !grouped && fit.runs().len() < RESAMPLED_ROWS {
        return Ok(None);
    }
    let resampling = if grouped { Resampling::Groups } else { Resampling::Rows };
    let few = AUDITED_ROWS / (resamples * fit.runs().len()) as f64;
    let options = FitBootstrapOptions {
        resampling,
        resamples,
        audit: few.min(FitBootstrapOptions::default().audit),
    };
    fit.bootstrap(&options, &mut key.label("bootstrap").stream()).map(Some)
}

/// Leverage from which a run is fitted whatever its loss.
const LEVERAGE: f64 = 0.9;

pub(in crate::cli::fit) fn warnings(
    fit: &Fit,
    budgets: &[Budget],
    bootstrap: Option<&FitBootstrap>,
    lines: &Lines,
) -> Vec<String> {
    let mut warnings = Vec::new();
    warnings.extend(ended(fit));
    warnings.extend(few_starts(fit.starts.best, fit.starts.total));
    let condition = fit.condition();
    if condition >= 1e4 {
        warnings.push(format!(
            "the runs can hardly tell two of the parameters apart (condition number {condition:.1e})"
        ));
    }
    let high =
        fit.leverages().into_iter().enumerate().filter(|(_, leverage)| *leverage >= LEVERAGE);
    let rows: Vec<String> =
        high.map(|(row, leverage)| format!("{} ({leverage:.2})", lines.name(&[row]))).collect();
    if !rows.is_empty() {
        let list = rows.join(", ");
        warnings
            .push(format!("the law follows single rows whatever their loss (leverage): {list}"));
    }
    let below = fit.rows_below_floor();
    if !below.is_empty() {
        let rows: Vec<usize> = below.iter().map(|row| row - 1).collect();
        let places = lines.name(&rows);
        let (loss, is) = if rows.len() == 1 { ("the loss", "is") } else { ("losses", "are") };
        warnings.push(format!("{loss} in {places} {is} not above E, below which the law has none"));
    }
    warnings.extend(budgets.iter().filter_map(extrapolated));
    warnings.extend(bootstrap.and_then(unsettled));
    warnings
}

/// Fewer than half of the starts that ended at the best.
fn few_starts(best: usize, total: usize) -> Option<String> {
    (2 * best < total).then(|| format!("only {best} of {total} starts reached the best objective"))
}

/// Resamples that did not end at their best.
fn unsettled(found: &FitBootstrap) -> Option<String> {
    let (failed, missed) = (found.failed, found.audit.checked - found.audit.agreed);
    let failed = (failed > 0)
        .then(|| format!("of {} resamples {failed} did not converge", found.refits.len()));
    let missed = (missed > 0).then(|| {
        let checked = found.audit.checked;
        format!("of {checked} resamples fitted again from all starts {missed} had missed the best objective")
    });
    let parts: Vec<String> = failed.into_iter().chain(missed).collect();
    (!parts.is_empty()).then(|| parts.join("; "))
}

/// How the best descent ended, where not inside all bounds.
fn ended(fit: &Fit) -> Option<String> {
    let together = fit.starts.best == fit.starts.total;
    match fit.status {
        Status::Converged => None,
        Status::IterationLimit if together => None,
        Status::TermVanished(Parameter::E) => {
            Some("E is 0 at the best fit: these runs show no loss that no size lowers".to_owned())
        }
        Status::TermVanished(parameter) => {
            Some(format!("the best fit has {} = 0: the law has one term less", parameter.name()))
        }
        Status::BoundHit(parameter) => Some(format!(
            "the best fit has {} at the end of its range, {}: a smaller law would do as well",
            parameter.name(),
            crate::cli::fit::answer::digits::digits(fit.parameters.get(parameter))
        )),
        Status::IterationLimit | Status::NotFinite => {
            Some(format!("the best descent ended as {}", fit.status.name()))
        }
    }
}

fn extrapolated(budget: &Budget) -> Option<String> {
    beyond(budget)
        .map(|parts| format!("C = {:e} is beyond the runs: {parts}", budget.allocation.compute))
}

#[cfg(test)]
mod tests {
    use super::few_starts;

    #[test]
    fn fewer_than_half_of_the_starts_are_warned_of() {
        let few = "only 4 of 9 starts reached the best objective";
        assert_eq!(few_starts(4, 9).as_deref(), Some(few));
        for (best, total) in [(5, 9), (4, 8), (1, 1), (0, 0)] {
            assert_eq!(few_starts(best, total), None, "{best} of {total}");
        }
    }
}
