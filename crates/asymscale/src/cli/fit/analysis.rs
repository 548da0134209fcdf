//! A fit with everything that is asked of it.

use super::{Fit as Question, ObjectiveName};
use crate::cli::Failure;
use asymscale::fitting::{
    Allocation, BootstrapInterval, Fit, FitBootstrap, FitBootstrapOptions, FitOptions, FittingError,
    Parameter, ParameterInterval, Parameters, Resampling, Runs, Starts, Status, SymmetryTest, fit_law,
    symmetry_test,
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
    /// One exponent against two; `None` where the runs cannot tell two.
    pub(super) symmetry: Option<SymmetryTest>,
    pub(super) limits: Limits,
    pub(super) growth: Option<Growth>,
    pub(super) allocations: Vec<Budget>,
    pub(super) factor: f64,
    pub(super) warnings: Vec<String>,
    /// Where rows stand in the file.
    pub(super) lines: Lines,
}

/// What the law puts where at the largest run.
pub(super) struct Limits {
    /// The run of largest N·D, counted from 0.
    pub(super) row: usize,
    pub(super) features: f64,
    pub(super) samples: f64,
    /// Shares of the loss there: E, the term in N, the term in D.
    pub(super) shares: [f64; 3],
    /// Their intervals, with a bootstrap.
    pub(super) intervals: Option<[ParameterInterval; 3]>,
    /// Share of resamples in which the larger of the last two is the larger.
    pub(super) sure: Option<f64>,
}

/// Factors by which N and D grow along the compute-optimal line for ten times the compute.
pub(super) struct Growth {
    pub(super) features: f64,
    pub(super) samples: f64,
    /// Of the factor of N.
    pub(super) interval: Option<ParameterInterval>,
}

/// An allocation with its intervals: N, D, loss.
pub(super) struct Budget {
    pub(super) allocation: Allocation,
    pub(super) intervals: Option<[ParameterInterval; 3]>,
}

impl Analysis {
    pub(super) fn new(question: &Question, runs: &Runs, lines: &Lines) -> Result<Self, Failure> {
        let refuse = |error: FittingError| question.refuse(&error);
        let mut options = question.options();
        if let Some(starts) = thinned_starts(runs, &options) {
            options.starts = starts;
        }
        let fit = fit_law(runs, &options).map_err(refuse)?;
        let key = Key::new(question.seed).label("fit");
        let bootstrap = resampled(question, &fit, &key).map_err(refuse)?;
        let grouped = question.group_column.is_some();
        let interval = |parameter: Parameter| match &bootstrap {
            Some(bootstrap) if grouped => {
                bootstrap.interval(parameter, question.level, BootstrapInterval::Bca)
            }
            _ => fit.profile_interval(parameter, question.level),
        };
        let intervals = Parameter::ALL.into_iter().map(interval).collect::<Result<_, _>>().map_err(refuse)?;
        let symmetry = symmetry_test(runs, &options, 0, &mut key.label("symmetry").stream()).ok();
        let ends = Ends { bootstrap: bootstrap.as_ref(), level: question.level };
        let limits = limits(&fit, &ends).map_err(refuse)?;
        let growth = growth(&fit.parameters, &ends).map_err(refuse)?;
        let budgets = question.compute.as_ref().map_or(&[][..], |compute| &compute.values);
        let budget = |compute: &f64| budget(&fit, *compute, question.factor, &ends);
        let allocations = budgets.iter().map(budget).collect::<Result<Vec<_>, _>>().map_err(refuse)?;
        let warnings = warnings(&fit, &allocations, bootstrap.as_ref(), lines);
        Ok(Self {
            objective: question.objective.word(),
            intervals,
            interval: if grouped { "bca" } else { "profile" },
            level: question.level,
            symmetry,
            limits,
            growth,
            allocations,
            factor: question.factor,
            warnings,
            lines: lines.clone(),
            bootstrap,
            fit,
        })
    }
}

/// Rows of which every start can be tried in a second or two.
const ALL_STARTS: usize = 20_000;

/// For many rows, the best ends of all starts on every so many-th of them; `None` for few, or where those cannot be fitted.
fn thinned_starts(runs: &Runs, options: &FitOptions) -> Option<Starts> {
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
    fn word(self) -> &'static str {
        match self {
            Self::Huber => "huber",
            Self::LogSquares => "log-squares",
            Self::Squares => "squares",
        }
    }
}

fn resampled(question: &Question, fit: &Fit, key: &Key) -> Result<Option<FitBootstrap>, FittingError> {
    let resamples = question.resamples(fit.runs().len());
    if resamples == 0 {
        return Ok(None);
    }
    let resampling = if question.group_column.is_some() { Resampling::Groups } else { Resampling::Rows };
    let options = FitBootstrapOptions { resampling, resamples, ..FitBootstrapOptions::default() };
    fit.bootstrap(&options, &mut key.label("bootstrap").stream()).map(Some)
}

/// Intervals of whatever follows from the parameters: percentiles, since corrected ends of a few hundred resamples are
/// often the outermost of them.
struct Ends<'a> {
    bootstrap: Option<&'a FitBootstrap>,
    level: f64,
}

impl Ends<'_> {
    fn of(&self, quantity: impl Fn(&Parameters) -> f64) -> Result<Option<ParameterInterval>, FittingError> {
        let kind = BootstrapInterval::Percentile;
        let interval = |found: &FitBootstrap| found.interval_of(quantity, self.level, kind);
        self.bootstrap.map(interval).transpose()
    }

    fn three(
        &self,
        quantity: impl Fn(&Parameters) -> [f64; 3],
    ) -> Result<Option<[ParameterInterval; 3]>, FittingError> {
        let [one, two, three] = [0, 1, 2].map(|k| self.of(|parameters| quantity(parameters)[k]));
        Ok(match (one?, two?, three?) {
            (Some(one), Some(two), Some(three)) => Some([one, two, three]),
            _ => None,
        })
    }
}

fn limits(fit: &Fit, ends: &Ends<'_>) -> Result<Limits, FittingError> {
    let (n, d) = (fit.runs().features(), fit.runs().samples());
    let size = |row: &usize| n[*row].ln() + d[*row].ln();
    let row = (0..n.len()).max_by(|a, b| size(a).total_cmp(&size(b))).unwrap_or(0);
    let (features, samples) = (n[row], d[row]);
    let shares = |law: &Parameters| {
        let terms = [law.e, law.a * features.powf(-law.alpha), law.b * samples.powf(-law.beta)];
        terms.map(|term| term / law.loss(features, samples))
    };
    let found = shares(&fit.parameters);
    let same = |law: &Parameters| (shares(law)[2] >= shares(law)[1]) == (found[2] >= found[1]);
    let sure = |bootstrap: &FitBootstrap| {
        let agreeing = bootstrap.refits.iter().filter(|refit| same(&refit.parameters)).count();
        agreeing as f64 / bootstrap.refits.len() as f64
    };
    let (intervals, sure) = (ends.three(shares)?, ends.bootstrap.map(sure));
    Ok(Limits { row, features, samples, shares: found, intervals, sure })
}

fn growth(law: &Parameters, ends: &Ends<'_>) -> Result<Option<Growth>, FittingError> {
    if law.optimum(1.0, 1.0).is_none() {
        return Ok(None);
    }
    let factor = |law: &Parameters| 10f64.powf(law.beta / (law.alpha + law.beta));
    let features = factor(law);
    Ok(Some(Growth { features, samples: 10.0 / features, interval: ends.of(factor)? }))
}

fn budget(fit: &Fit, compute: f64, factor: f64, ends: &Ends<'_>) -> Result<Budget, FittingError> {
    let allocation = fit.allocate(compute, factor)?;
    let three = |law: &Parameters| match law.optimum(compute, factor) {
        Some((n, d)) => [n, d, law.loss(n, d)],
        None => [f64::NAN; 3],
    };
    Ok(Budget { allocation, intervals: ends.three(three)? })
}

/// Leverage from which a run is fitted whatever its loss.
const LEVERAGE: f64 = 0.9;

fn warnings(fit: &Fit, budgets: &[Budget], bootstrap: Option<&FitBootstrap>, lines: &Lines) -> Vec<String> {
    let mut warnings = Vec::new();
    let status = fit.status.name();
    if status != "converged" {
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
    let Allocation { compute, extrapolation, .. } = budget.allocation;
    let part = |name: &str, times: f64| match times {
        1.0 => None,
        more if more > 1.0 => Some(format!("{name} is {more:.3} times the largest of the runs")),
        less => Some(format!("{name} is {less:.3} times the smallest of the runs")),
    };
    let parts = [part("N", extrapolation.features), part("D", extrapolation.samples)];
    let parts: Vec<String> = parts.into_iter().flatten().collect();
    (!parts.is_empty()).then(|| format!("C = {compute:e} is beyond the runs: {}", parts.join(", ")))
}
