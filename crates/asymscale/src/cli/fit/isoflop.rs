//! `asymscale fit --isoflop`: the best N of each budget of compute, without a law, and what a law
//! says of the same.

pub(super) mod json;
pub(super) mod panel;
mod words;

use crate::cli::Failure;
use crate::cli::answer::{Answer as _, Column};
use crate::cli::fit::FitFlags;
use crate::cli::fit::flags::columns::Columns;
use crate::cli::fit::two_sizes::analysis::Analysis;
use crate::cli::fit::two_sizes::next::{Budget, Ends, budget};
use crate::cli::output::{say, write, write_one};
use crate::cli::table::{WithTable, told};
use crate::fitting::isoflop::{
    BudgetBias, Curve, FrontierPoint, GridBias, Isoflop, IsoflopOptions, fit_isoflops,
};
use crate::fitting::{BootstrapInterval, Fit, FittingError, ParameterInterval, Parameters, Runs};
use crate::sampling::Key;
use asymscale_tables::{Quantity, Record};
use clap::Args;
use panel::IsoFlopCurve;

/// Flags of the curves.
#[derive(Debug, Args)]
pub(crate) struct IsoflopFlags {
    /// The best N of each budget of compute by a parabola in ln N, and how it grows, beside what
    /// the law says. Budgets are those of --budget-column, or of a column such as budget, or
    /// clusters of C = factor·N·D
    #[arg(long, conflicts_with_all = ["hold_out", "hold_out_above", "save"])]
    pub(super) isoflop: bool,
}

impl IsoflopFlags {
    /// Further columns that matter, if they are there.
    pub(super) fn needed(&self) -> &'static [Quantity] {
        if self.isoflop { &[Quantity::Budget] } else { &[] }
    }
}

/// The columns of the answer in CSV.
pub(super) fn columns() -> Vec<Column> {
    json::BudgetAnswer::columns()
}

/// The answer with curves in it; without a law it is of them alone.
pub(super) fn run(
    flags: &FitFlags,
    record: &Record,
    analysis: Option<&Analysis>,
    curves: &Curves,
) -> Result<String, Failure> {
    crate::cli::fit::draw(flags, analysis, &curves.drawn())?;
    let format = flags.format;
    if format.is_json() {
        let law = analysis.map(crate::cli::fit::two_sizes::json::Answer::new);
        let answer = json::Answer { law, isoflop: Some(json::CurvesAnswer::new(curves)) };
        return Ok(write_one(&WithTable::new(&answer, record)));
    }
    if format.is_csv() {
        say(&told(record));
        return Ok(write(&json::rows(curves), true, format));
    }
    let law = analysis.map_or_else(String::new, |analysis| {
        crate::cli::fit::two_sizes::words::summary(analysis, format) + "\n"
    });
    Ok(told(record) + &law + &words::summary(curves, format))
}

/// The answer for runs of several kinds: curves would mix them, so that it says why there are none.
pub(super) fn run_mixed(
    flags: &FitFlags,
    record: &Record,
    analysis: &Analysis,
) -> Result<String, Failure> {
    crate::cli::fit::draw(flags, Some(analysis), &[])?;
    let format = flags.format;
    if format.is_json() {
        let law = Some(crate::cli::fit::two_sizes::json::Answer::new(analysis));
        let answer = json::Answer { law, isoflop: None };
        return Ok(write_one(&WithTable::new(&answer, record)));
    }
    let why = analysis.mixed.as_deref().unwrap_or_default();
    if format.is_csv() {
        say(&format!("{}{why}\n", told(record)));
        return Ok(String::new());
    }
    let law = crate::cli::fit::two_sizes::words::summary(analysis, format);
    Ok(told(record) + &law + "Nor are isoFLOP curves, which would mix them too.\n")
}

/// Curves, and the law beside them.
pub(super) struct Curves {
    pub(super) found: Isoflop,
    /// Whether budgets come from a column.
    pub(super) given: bool,
    /// The law of the same runs, or why there is none.
    pub(super) law: Result<Beside, String>,
    /// The best N and D at the budgets that were asked for, by the power laws of the curves.
    pub(super) points: Vec<FrontierPoint>,
    pub(super) factor: f64,
    /// What should make their owner look again.
    pub(super) warnings: Vec<String>,
}

/// What the fitted law says of the curves.
pub(super) struct Beside {
    /// What parabolas get wrong if the law is true; none where no budget has a minimum.
    pub(super) bias: Option<GridBias>,
    /// The best N of each budget that has a minimum.
    pub(super) budgets: Vec<Budget>,
    /// Exponents of N\* and D\*/N\*, and of the loss, and E.
    pub(super) exponents: [Value; 4],
}

/// A number of the law, with its interval if it has one.
#[derive(Clone, Copy)]
pub(super) struct Value {
    pub(super) estimate: f64,
    pub(super) interval: Option<ParameterInterval>,
}

/// Points along a parabola.
const NODES: usize = 40;
/// Rows of all resamples together.
const RESAMPLED_ROWS: usize = 20_000_000;
/// C over factor·N·D beyond which they are not the same.
const SAME_COMPUTE: f64 = 1.1;

impl Curves {
    /// Curves as they are drawn.
    fn drawn(&self) -> Vec<IsoFlopCurve> {
        let runs = self.found.runs();
        let one = |curve: &Curve| {
            let points: Vec<(f64, f64)> =
                curve.rows.iter().map(|&row| (runs.features()[row], runs.losses()[row])).collect();
            let ends = points.iter().fold((f64::INFINITY, 0.0_f64), |(low, high), point| {
                (low.min(point.0), high.max(point.0))
            });
            let at = |k: usize| ends.0 * (ends.1 / ends.0).powf(k as f64 / (NODES - 1) as f64);
            let along = |n: f64| (n, self.found.along(curve, n));
            let parabola =
                (0..NODES).map(|k| along(at(k))).filter(|point| point.1.is_finite()).collect();
            let minimum = curve.minimum.as_ref().ok();
            let minimum = minimum.map(|minimum| (minimum.features.estimate, minimum.loss.estimate));
            IsoFlopCurve { compute: curve.compute, runs: points, parabola, minimum }
        };
        self.found.curves.iter().map(one).collect()
    }

    pub(super) fn new(
        flags: &FitFlags,
        runs: &Runs,
        columns: &Columns,
        analysis: Result<&Analysis, &Failure>,
    ) -> Result<Self, Failure> {
        let refuse = |error: FittingError| flags.refuse(&error);
        let (found, given) = curves(flags, runs, columns.budgets.as_deref()).map_err(|error| {
            let hint = match error {
                FittingError::NoBudgets(_) => "; --budget-column names a column of them",
                _ => "",
            };
            flags.refused(&format!("--isoflop: {error}{hint}"))
        })?;
        let law = match analysis {
            Ok(analysis) if analysis.is_shown() => {
                Ok(Beside::new(&found, analysis).map_err(refuse)?)
            }
            Ok(_) => Err("the runs do not show that the loss falls with N and with D".to_owned()),
            Err(failure) => Err(failure.text()),
        };
        let asked = flags.compute.as_ref().map_or(&[][..], |compute| &compute.values);
        let points = found.frontier.as_ref().map_or(Ok(Vec::new()), |frontier| {
            asked.iter().map(|compute| frontier.at(*compute)).collect::<Result<Vec<_>, _>>()
        });
        let warnings = warnings(&found, flags);
        Ok(Self {
            given,
            law,
            points: points.map_err(refuse)?,
            factor: flags.factor,
            warnings,
            found,
        })
    }

    /// What the law says of the parabola of a curve.
    pub(super) fn beside(&self, curve: &Curve) -> Option<(&BudgetBias, &Budget)> {
        let beside = self.law.as_ref().ok()?;
        let at = self.found.minima().position(|(other, _)| other.rows == curve.rows)?;
        Some((beside.bias.as_ref()?.budgets.get(at)?, beside.budgets.get(at)?))
    }

    /// The exponent of N\* freed of the bias that the law has on this grid.
    pub(super) fn corrected_exponent(&self) -> Option<ParameterInterval> {
        let by = self.law.as_ref().ok()?.bias.as_ref()?.exponent?;
        let ParameterInterval { estimate, lower, upper, level } =
            self.found.frontier.as_ref()?.features_exponent;
        Some(ParameterInterval {
            estimate: estimate - by,
            lower: lower - by,
            upper: upper - by,
            level,
        })
    }

    /// Budgets where the intervals of the law and of the parabola, freed of its bias, have nothing
    /// in common; `None` without intervals of the law.
    pub(super) fn disagreeing(&self) -> Option<Vec<f64>> {
        let beside = self.law.as_ref().ok()?;
        let pairs = beside.bias.as_ref()?.budgets.iter().zip(&beside.budgets);
        let apart = |(bias, law): (&BudgetBias, &Budget)| {
            let [of_law, ..] = law.intervals.as_ref()?;
            Some(are_apart(&bias.corrected.features, of_law).then_some(bias.compute))
        };
        let found: Option<Vec<Option<f64>>> = pairs.map(apart).collect();
        Some(found?.into_iter().flatten().collect())
    }

    /// Whether the intervals of the exponent of N\* have nothing in common.
    pub(super) fn exponents_apart(&self) -> Option<bool> {
        let of_law = self.law.as_ref().ok()?.exponents[0].interval?;
        Some(are_apart(&self.corrected_exponent()?, &of_law))
    }
}

fn are_apart(a: &ParameterInterval, b: &ParameterInterval) -> bool {
    a.upper < b.lower || b.upper < a.lower
}

/// Curves of budgets of a column, or of clusters of N·D where there is no such column, or none that
/// was named and makes curves.
fn curves(
    flags: &FitFlags,
    runs: &Runs,
    budgets: Option<&[f64]>,
) -> Result<(Isoflop, bool), FittingError> {
    let least = (2.0 / (1.0 - flags.level)).ceil() as usize;
    let asked = flags.bootstrap.filter(|asked| *asked > 0).unwrap_or(999);
    let resamples = asked.min((RESAMPLED_ROWS / runs.len()).max(99)).max(least);
    let options = IsoflopOptions { factor: flags.factor, level: flags.level, resamples };
    let fit = |budgets: Option<&[f64]>| {
        let mut rng = Key::new(flags.seed).label("isoflop").stream();
        fit_isoflops(runs, budgets, &options, &mut rng)
    };
    match fit(budgets) {
        Err(FittingError::NoBudgets(_)) if budgets.is_some() && !flags.columns.names_budgets() => {
            fit(None).map(|found| (found, false))
        }
        found => found.map(|found| (found, budgets.is_some())),
    }
}

impl Beside {
    fn new(found: &Isoflop, analysis: &Analysis) -> Result<Self, FittingError> {
        let fit = &analysis.fit;
        let ends = Ends { bootstrap: analysis.bootstrap.as_ref(), level: analysis.level };
        let at = |curve: &Curve| budget(fit, curve.spent, analysis.factor, &ends);
        let bias = found.bias(&fit.parameters);
        let budgets = match &bias {
            Some(_) => found.minima().map(|(curve, _)| at(curve)).collect::<Result<_, _>>()?,
            None => Vec::new(),
        };
        let share = |law: &Parameters| law.beta / (law.alpha + law.beta);
        let quantities: [&dyn Fn(&Parameters) -> f64; 4] =
            [&share, &|law| 1.0 - 2.0 * share(law), &|law| law.alpha * share(law), &|law| law.e];
        let mut exponents = Vec::with_capacity(4);
        for quantity in quantities {
            exponents.push(value(fit, analysis, quantity)?);
        }
        let exponents: [Value; 4] = std::array::from_fn(|k| exponents[k]);
        Ok(Self { bias, budgets, exponents })
    }
}

fn value(
    fit: &Fit,
    analysis: &Analysis,
    quantity: &dyn Fn(&Parameters) -> f64,
) -> Result<Value, FittingError> {
    let interval = analysis
        .bootstrap
        .as_ref()
        .map(|found| found.interval_of(quantity, analysis.level, BootstrapInterval::Bca));
    Ok(Value { estimate: quantity(&fit.parameters), interval: interval.transpose()? })
}

fn warnings(found: &Isoflop, flags: &FitFlags) -> Vec<String> {
    let mut warnings = Vec::new();
    let times: Vec<f64> = found.curves.iter().map(|curve| curve.compute / curve.spent).collect();
    let (low, high) =
        times.iter().fold((f64::INFINITY, 0.0_f64), |(low, high), x| (low.min(*x), high.max(*x)));
    if low < 1.0 / SAME_COMPUTE || high > SAME_COMPUTE {
        warnings.push(format!(
            "C of the budgets is {} to {} times {}·N·D of their runs: D* is what those runs leave for N*",
            crate::cli::fit::answer::digits::digits(low),
            crate::cli::fit::answer::digits::digits(high),
            flags.factor
        ));
    }
    if let Some(excess) =
        found.frontier.as_ref().and_then(|frontier| frontier.excess).filter(|x| *x > 1.5)
    {
        warnings.push(format!(
            "the minima scatter about their power law {excess:.1} times as much as the errors of the runs make them: the interval of the \
             exponent is wider by that"
        ));
    }
    if found.runs().groups().is_some() {
        warnings.push(
            "intervals of isoFLOP curves take the runs of a group for independent".to_owned(),
        );
    }
    warnings
}
