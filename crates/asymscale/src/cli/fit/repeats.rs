//! `--repeats`: what repeated data are worth, in words and numbers; and what a fit that ignores
//! them should be told.

pub(super) mod json;
mod words;

use crate::cli::Failure;
use crate::cli::fit::FitFlags;
use crate::cli::fit::answer::digits::digits;
use crate::cli::fit::flags::columns::Columns;
use crate::cli::output::{say, write, write_one};
use crate::cli::table::{WithTable, told};
use crate::fitting::repeated::{
    RepeatedBootstrap, RepeatedBootstrapOptions, RepeatedFit, RepeatedLaw, RepeatedOptions,
    RepeatedParameter, RepeatedRuns, RepeatedStatus, fit_repeated,
};
use crate::fitting::{Fit, FittingError, Law, ParameterInterval, Parameters, Runs, fit_law};
use crate::sampling::Key;
use asymscale_tables::{Lines, Quantity, RunTable};
use clap::Args;

/// The flag that asks for the law of repeated data.
#[derive(Debug, Args)]
pub(crate) struct RepeatsFlags {
    /// Fit what repeated data are worth (`E + A·N'^-alpha + B·D'^-beta`, effective N' and D');
    /// needs a column of unique tokens or of epochs
    #[arg(long, conflicts_with_all = ["compute", "plot", "interval", "best", "isoflop", "hold_out", "hold_out_above", "save", "penalty"])]
    repeats: bool,
}

impl RepeatsFlags {
    pub(super) fn asked(&self) -> bool {
        self.repeats
    }

    /// Columns that matter also where they are not named.
    pub(super) fn needs(&self) -> &'static [Quantity] {
        if self.repeats { &[Quantity::UniqueSamples, Quantity::Epochs] } else { &[] }
    }
}

/// Shares of fresh data of which it is told when repeats are worth less.
pub(super) const SHARES: [f64; 2] = [0.5, 0.1];
/// Rows of all refits together.
const REFITTED_ROWS: usize = 120_000;
/// Rows beyond which nothing is resampled unasked, and which the comparison of a fit that ignores
/// repeats is spared.
const MANY_ROWS: usize = 5000;
const COMPARED_ROWS: usize = 1000;
/// The share of rows that repeat data from which ignoring it is remarked on.
const NOTICEABLE: f64 = 0.1;
/// A rise of the loss that is no noise, relatively, and how many make a pattern.
const RISE: f64 = 0.01;
const RISES: usize = 3;
/// Epochs that differ from D over the unique ones by more than this are others.
const SAME_EPOCHS: f64 = 0.02;

/// A number that follows from the law, with its interval where there are resamples.
pub(super) type Found = (f64, Option<ParameterInterval>);

/// Everything an answer is made of.
pub(super) struct Repeats {
    pub(super) fit: RepeatedFit,
    pub(super) bootstrap: Option<RepeatedBootstrap>,
    /// The law of the same runs if all of their data were fresh.
    pub(super) ignored: Option<Parameters>,
    pub(super) level: f64,
    pub(super) objective: &'static str,
    /// The run of largest N·D.
    pub(super) largest: usize,
    pub(super) lines: Lines,
    pub(super) warnings: Vec<String>,
}

/// The answer to `--repeats`.
pub(super) fn run(
    flags: &FitFlags,
    table: &RunTable,
    runs: &Runs,
    columns: &Columns,
) -> Result<String, Failure> {
    let refuse = |error: FittingError| flags.refuse(&error);
    let missing = || {
        flags.refused(
            "--repeats: no column of unique tokens or of epochs; --unique-column or --epochs-column names it",
        )
    };
    let repeated = repeated(runs, columns).ok_or_else(missing)?.map_err(refuse)?;
    let repeats = Repeats::new(flags, &repeated, table, columns).map_err(refuse)?;
    let format = flags.format;
    if format.is_json() {
        let answer = json::Answer::new(&repeats);
        return Ok(write_one(&WithTable::new(&answer, &table.record)));
    }
    if format.is_csv() {
        say(&told(&table.record));
        return Ok(write(&json::parameters(&repeats), true, format));
    }
    Ok(told(&table.record) + &words::summary(&repeats, format))
}

/// Runs with what they repeat, where a column says it; that of unique ones before that of epochs.
fn repeated(runs: &Runs, columns: &Columns) -> Option<Result<RepeatedRuns, FittingError>> {
    match (&columns.unique, &columns.epochs) {
        (Some(unique), _) => Some(RepeatedRuns::new(runs.clone(), unique)),
        (None, Some(epochs)) => Some(RepeatedRuns::from_epochs(runs.clone(), epochs)),
        (None, None) => None,
    }
}

fn options(flags: &FitFlags) -> Result<RepeatedOptions, String> {
    let plain = flags.options();
    if plain.law == Law::Sparse {
        return Err("--law sparse: --repeats has the laws free and tied".to_owned());
    }
    Ok(RepeatedOptions {
        tied: plain.law == Law::Tied,
        floor: plain.floor,
        objective: plain.objective,
        ..RepeatedOptions::default()
    })
}

/// Refuses what does not go with `--repeats` before anything is read.
pub(super) fn check(flags: &FitFlags) -> Result<(), Failure> {
    if flags.repeats.asked() { options(flags).map(drop).map_err(Failure::input) } else { Ok(()) }
}

impl Repeats {
    fn new(
        flags: &FitFlags,
        runs: &RepeatedRuns,
        table: &RunTable,
        columns: &Columns,
    ) -> Result<Self, FittingError> {
        let options = options(flags).unwrap_or_default();
        let fit = fit_repeated(runs, &options)?;
        let resamples = resamples(flags, runs.runs().len());
        let mut stream = Key::new(flags.seed).label("repeats").stream();
        let asked = RepeatedBootstrapOptions { resamples, audited: 0 };
        // Resamples of a point that is no minimum say nothing of its errors.
        let is_worth = resamples > 0 && is_settled(&fit);
        let bootstrap = is_worth.then(|| fit.bootstrap(&asked, &mut stream)).transpose()?;
        let product = |row: &usize| runs.runs().features()[*row] * runs.runs().samples()[*row];
        let largest =
            (0..runs.runs().len()).max_by(|a, b| product(a).total_cmp(&product(b))).unwrap_or(0);
        let mut warnings = columns_warnings(runs.runs(), columns, &table.lines);
        warnings.extend(fit_warnings(&fit, bootstrap.as_ref()));
        Ok(Self {
            ignored: fit_law(runs.runs(), &flags.options()).ok().map(|fit| fit.parameters),
            level: flags.level,
            objective: flags.objective.word(),
            largest,
            lines: table.lines.clone(),
            warnings,
            bootstrap,
            fit,
        })
    }

    /// A number that follows from the law with its interval, kept to where it can lie; NaN where
    /// the parameters are not those of a minimum.
    fn follows(&self, quantity: impl Fn(&RepeatedLaw) -> f64, range: (f64, f64)) -> Found {
        if self.is_settled() { self.number(quantity, range) } else { (f64::NAN, None) }
    }

    /// The same of a parameter: where the best descent ended.
    fn number(&self, quantity: impl Fn(&RepeatedLaw) -> f64, (least, most): (f64, f64)) -> Found {
        let interval =
            self.bootstrap.as_ref().and_then(|found| found.interval_of(&quantity, self.level).ok());
        let kept = interval.map(|found| ParameterInterval {
            lower: found.lower.max(least),
            upper: found.upper.min(most),
            ..found
        });
        (quantity(&self.fit.law), kept)
    }

    pub(super) fn parameter(&self, parameter: RepeatedParameter) -> Found {
        self.number(|law| law.get(parameter), (0.0, f64::INFINITY))
    }

    /// N, D and the unique ones of the largest run.
    pub(super) fn largest_run(&self) -> (f64, f64, f64) {
        let runs = self.fit.runs();
        let row = self.largest;
        (runs.runs().features()[row], runs.runs().samples()[row], runs.unique()[row])
    }

    /// Epochs beyond which more of the same data is worth less than a share of fresh data.
    pub(super) fn epochs_worth(&self, share: f64) -> Found {
        self.follows(|law| law.epochs_worth(share), (1.0, f64::INFINITY))
    }

    /// Effective D and N of the largest run, between what is certain and all of it.
    pub(super) fn effective(&self) -> [Found; 2] {
        let (n, d, unique) = self.largest_run();
        [
            self.follows(|law| law.effective_samples(d, unique), (unique, d)),
            self.follows(|law| law.effective_features(n, unique), (0.0, n)),
        ]
    }

    /// Whether the parameters are those of a minimum. Elsewhere nothing that follows from them is
    /// told: they depend on where the descents were stopped.
    pub(super) fn is_settled(&self) -> bool {
        is_settled(&self.fit)
    }

    /// The most epochs of a run.
    pub(super) fn most_epochs(&self) -> f64 {
        self.fit.runs().epochs().fold(1.0, f64::max)
    }
}

/// The best descent converged, and at most half of all were stopped before they did.
fn is_settled(fit: &RepeatedFit) -> bool {
    matches!(fit.status, RepeatedStatus::Converged | RepeatedStatus::AtBound(_))
        && 2 * fit.starts.iteration_limit <= fit.starts.total
}

fn resamples(flags: &FitFlags, rows: usize) -> usize {
    let needed = (2.0 / (1.0 - flags.level)).ceil() as usize;
    let default =
        if rows > MANY_ROWS { 0 } else { (REFITTED_ROWS / rows).clamp(199, 999).max(needed) };
    flags.bootstrap.unwrap_or(default)
}

fn columns_warnings(runs: &Runs, columns: &Columns, lines: &Lines) -> Vec<String> {
    let mut warnings = Vec::new();
    let Some(unique) = &columns.unique else { return warnings };
    let rows = |odd: &dyn Fn(usize) -> bool| {
        (0..runs.len()).filter(|row| odd(*row)).collect::<Vec<usize>>()
    };
    let more = rows(&|row| unique[row] > runs.samples()[row] * (1.0 + SAME_EPOCHS));
    if !more.is_empty() {
        warnings.push(format!(
            "more unique samples than samples in {}: taken as all unique",
            lines.name(&more)
        ));
    }
    let epochs = |row: usize| (runs.samples()[row] / unique[row]).max(1.0);
    let others = columns.epochs.as_ref().map_or_else(Vec::new, |column| {
        rows(&|row| (column[row].max(1.0) / epochs(row) - 1.0).abs() > SAME_EPOCHS)
    });
    if !others.is_empty() {
        warnings.push(format!(
            "the column of epochs says otherwise than D over the unique ones in {}: the latter are used",
            lines.name(&others)
        ));
    }
    warnings
}

fn fit_warnings(fit: &RepeatedFit, bootstrap: Option<&RepeatedBootstrap>) -> Vec<String> {
    let mut warnings = Vec::new();
    let starts = &fit.starts;
    if 2 * starts.best < starts.total {
        warnings.push(format!(
            "only {} of {} descents reached the best objective",
            starts.best, starts.total
        ));
    }
    // An R may be at a bound, and what is not settled is said in place of the results.
    if let RepeatedStatus::AtBound(parameter) = fit.status
        && !matches!(parameter, RepeatedParameter::RD | RepeatedParameter::RN)
    {
        warnings.push(format!("the best descent ended at a bound of {}", parameter.name()));
    }
    warnings.extend(rising(fit.runs()));
    if let Some(failed) = bootstrap.map(|found| found.failed).filter(|failed| *failed > 0) {
        warnings.push(format!("resamples: {failed} did not converge"));
    }
    warnings
}

/// More epochs that raise the loss, which no law does in which repeats are worth something or
/// nothing.
fn rising(runs: &RepeatedRuns) -> Option<String> {
    let (n, d, losses) = (runs.runs().features(), runs.runs().samples(), runs.runs().losses());
    let mut rows: Vec<usize> = (0..n.len()).collect();
    let key = |row: usize| (n[row].to_bits(), runs.unique()[row].to_bits());
    rows.sort_by(|&a, &b| key(a).cmp(&key(b)).then(d[a].total_cmp(&d[b])));
    let steps =
        rows.windows(2).filter(|pair| key(pair[0]) == key(pair[1]) && d[pair[0]] < d[pair[1]]);
    let (up, all) = steps.fold((0, 0), |(up, all), pair| {
        (up + usize::from(losses[pair[1]] > (1.0 + RISE) * losses[pair[0]]), all + 1)
    });
    (up >= RISES).then(|| {
        format!(
            "in {up} of {all} steps to more epochs of the same unique data, at the same N, the loss rises by more than 1 %: \
             overfitting, which this law does not have"
        )
    })
}

/// What a fit that takes repeats for fresh data should be told: that there are some, and what they
/// change.
pub(super) fn ignored(
    flags: &FitFlags,
    fit: &Fit,
    columns: &Columns,
    shown: bool,
) -> Option<String> {
    let runs = repeated(fit.runs(), columns)?.ok()?;
    let (found, rows) = (runs.repeating(), fit.runs().len());
    if (found as f64) < NOTICEABLE * rows as f64 {
        return None;
    }
    let what =
        format!("{found} of {rows} rows repeat data, and this fit takes repeats for fresh data");
    let law = (shown && rows <= COMPARED_ROWS)
        .then(|| fit_repeated(&runs, &options(flags).unwrap_or_default()).ok())
        .flatten()
        .filter(is_settled)
        .map(|fit| fit.law);
    let compared = law.map_or_else(String::new, |law| {
        let plain = &fit.parameters;
        let pair = |alpha, beta| format!("{} in N and {} in D", digits(alpha), digits(beta));
        format!(
            ": exponents of {}, where a law of repeated data has {}",
            pair(plain.alpha, plain.beta),
            pair(law.alpha, law.beta)
        )
    });
    Some(format!("{what}{compared}; --repeats fits that law and says what repeats are worth"))
}
