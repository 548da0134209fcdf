//! `asymscale predict`: the loss of runs that were not made, and the best N and D for a budget, by
//! a saved fit.

use super::Failure;
use super::answer::{Answer, Column, answer};
use super::fit::answer::beyond::Beyond;
use super::fit::held_out::Saved;
use super::grid::bounded;
use super::lists::{self, Many};
use super::numbers;
use super::output::{Format, Given, Number, write};
use super::running::ToFile;
use crate::answers::Rows;
use crate::fitting::{FittingError, RunForecast};
use asymscale_tables::many;
use clap::Args;
use std::fmt;
use std::path::PathBuf;

const EXAMPLES: &str = "\
Examples:
  asymscale fit runs.csv --save fit.json
  asymscale predict fit.json --features 1e9,7e9 --samples 2e11
      every N with every D; sizes are in 1e-100..1e100
  asymscale predict fit.json --compute 1e22..1e24:3log --json
      the best N and D for each budget C = factor·N·D, with the factor of the fit

law_lower and law_upper hold the law (at --level), run_lower and run_upper the loss of a single run, which has an error like those
of the runs that were fitted. A size beyond these is told by features_beyond, samples_beyond, compute_beyond: 1 within, 4 for four
times the largest, 0.5 for half the smallest. Intervals know nothing of a law that changes there.";

/// Reads a fit that `asymscale fit --save` wrote, and predicts.
#[derive(Debug, Args)]
#[command(after_help = format!("{EXAMPLES}\n\n{}", lists::WRITTEN))]
pub(crate) struct PredictFlags {
    /// File that `asymscale fit --save` wrote
    file: PathBuf,
    /// N, the parameters of the model: a number, a list or a range
    #[arg(long, value_parser = lists::positives, requires = "samples", allow_hyphen_values = true)]
    features: Option<Many<f64>>,
    /// D, the tokens or examples trained on: a number, a list or a range
    #[arg(long, value_parser = lists::positives, requires = "features", allow_hyphen_values = true)]
    samples: Option<Many<f64>>,
    /// Budgets C to allocate: a number, a list or a range
    #[arg(
        long,
        value_parser = lists::positives,
        conflicts_with = "features",
        required_unless_present = "features",
        allow_hyphen_values = true
    )]
    compute: Option<Many<f64>>,
    /// Nominal coverage of the intervals, in (0, 1) [default: that of the fit]
    #[arg(long, value_parser = numbers::open_share, allow_hyphen_values = true)]
    level: Option<f64>,
    #[command(flatten)]
    pub(crate) file_of_answer: ToFile,
    #[command(flatten)]
    pub(crate) format: Format,
}

/// The columns of the two answers.
pub(crate) fn columns() -> Vec<(&'static str, Vec<Column>)> {
    vec![
        ("--features … --samples …", Forecast::columns()),
        ("--compute …", BudgetForecast::columns()),
    ]
}

/// The schemas of its answers.
#[cfg(test)]
pub(crate) fn schemas(of: &mut schemars::SchemaGenerator) -> Vec<schemars::Schema> {
    super::schema::made::schemas_of!(of; Forecast, BudgetForecast)
}

pub(crate) fn run(flags: &PredictFlags) -> Result<String, Failure> {
    let saved = Saved::read(&flags.file)?;
    let level = flags.level.unwrap_or(saved.level);
    let refuse = |error| refused(error, &flags.file.display(), flags.level);
    if let (Some(features), Some(samples)) = (&flags.features, &flags.samples) {
        let (n, d) = (features.values.len(), samples.values.len());
        bounded(&[], &[("features", n), ("samples", d)])?;
        let pairs =
            features.values.iter().flat_map(|n| samples.values.iter().map(move |d| (*n, *d)));
        let one = |(n, d): (f64, f64)| saved.fitted.forecast(n, d, level);
        let found = pairs.map(one).collect::<Result<Vec<_>, _>>().map_err(refuse)?;
        let points: Vec<Forecast> = found.iter().map(forecast).collect();
        let beyond = points.iter().filter(|point| point.beyond.is_outside()).count();
        return Ok(answer(flags, &saved, (&points, features.many || samples.many), beyond));
    }
    let (budgets, many) =
        flags.compute.as_ref().map_or((&[][..], false), |found| (&found.values, found.many));
    numbers::budgets(budgets, saved.factor)?;
    let one = |compute: &f64| allocation(&saved, *compute, level);
    let points = budgets.iter().map(one).collect::<Result<Vec<_>, _>>().map_err(refuse)?;
    let beyond = points.iter().filter(|point| point.beyond.is_outside()).count();
    Ok(answer(flags, &saved, (&points, many), beyond))
}

/// Why a saved fit does not predict; `level` is what was asked for.
fn refused(error: FittingError, file: &dyn fmt::Display, level: Option<f64>) -> Failure {
    match (error, level) {
        (FittingError::Resamples { found, .. }, Some(level)) => Failure::input(format!(
            "--level {level}: the {found} resamples of {file} are too few for it"
        )),
        (error, _) => Failure::of_fit(&error, format!("{file}: {error}")),
    }
}

/// A saved fit that predicts, for [`crate::answers`].
#[derive(Debug)]
pub(crate) struct Predictor {
    name: String,
    saved: Saved,
}

impl Predictor {
    /// Reads the text of a file that `--save` wrote; messages call it by a name.
    pub(crate) fn new(name: &str, text: &str) -> Result<Self, Failure> {
        Ok(Self { name: name.to_owned(), saved: Saved::parse(&name, text)? })
    }

    /// The row of one N and D.
    pub(crate) fn rows(
        &self,
        features: f64,
        samples: f64,
        level: Option<f64>,
    ) -> Result<Rows, Failure> {
        let own = level.unwrap_or(self.saved.level);
        let found = self.saved.fitted.forecast(features, samples, own);
        let found = found.map_err(|error| refused(error, &self.name, level))?;
        Ok(Rows::of(&[forecast(&found)]))
    }

    /// The row of one budget.
    pub(crate) fn budget_rows(&self, compute: f64, level: Option<f64>) -> Result<Rows, Failure> {
        numbers::budgets(&[compute], self.saved.factor)?;
        let own = level.unwrap_or(self.saved.level);
        let found = allocation(&self.saved, compute, own);
        Ok(Rows::of(&[found.map_err(|error| refused(error, &self.name, level))?]))
    }
}

/// The points as a table, in words with a sentence before and after it; `beyond` of them lie
/// outside the runs of the fit.
fn answer(
    flags: &PredictFlags,
    saved: &Saved,
    (points, many): (&[impl Answer], bool),
    beyond: usize,
) -> String {
    let table = write(points, many, flags.format);
    if flags.format.is_json() || flags.format.is_csv() {
        return table;
    }
    head(saved, flags.level.unwrap_or(saved.level)) + &table + &foot(beyond, points.len())
}

fn head(saved: &Saved, level: f64) -> String {
    let fitted = &saved.fitted;
    let intervals = match fitted.resamples() {
        0 => "without intervals, since the fit has no resamples".to_owned(),
        count => {
            format!("{} intervals from {}", numbers::asked_percent(level), many(count, "resample"))
        }
    };
    let of = match saved.transformed() {
        None => String::new(),
        Some(word) => format!("; losses are the column of the table transformed by {word}"),
    };
    format!("The {} law of {}; {intervals}{of}.\n", fitted.law.name(), many(fitted.rows, "run"))
}

fn foot(beyond: usize, total: usize) -> String {
    match beyond {
        0 => String::new(),
        1 if total == 1 => {
            "This lies beyond the runs of the fit: the interval is right only if the same law holds there.\n"
                .to_owned()
        }
        _ => format!(
            "{beyond} of these lie beyond the runs of the fit: their intervals are right only if the same law holds there.\n"
        ),
    }
}

answer! {
    /// The loss of one run that was not made.
    struct Forecast {
        /// N, the parameters of the model.
        features: Number,
        /// D, the tokens or examples trained on.
        samples: Number,
        /// The loss of the law.
        loss: Number,
        /// Lower end of the interval of the law; left out where the fit has no resamples.
        #[serde(skip_serializing_if = "Option::is_none")]
        law_lower: Option<Number>,
        /// Upper end of that interval.
        #[serde(skip_serializing_if = "Option::is_none")]
        law_upper: Option<Number>,
        /// Lower end of the interval of a single run; left out likewise.
        #[serde(skip_serializing_if = "Option::is_none")]
        run_lower: Option<Number>,
        /// Upper end of that interval.
        #[serde(skip_serializing_if = "Option::is_none")]
        run_upper: Option<Number>,
        #[flatten]
        beyond: Beyond,
    }
}

answer! {
    /// The best N and D for one budget.
    struct BudgetForecast {
        /// The budget C = factor · N · D, as it was given.
        compute: Given,
        /// The best N.
        features: Number,
        /// Lower end of the interval of N; left out where the fit has no resamples.
        #[serde(skip_serializing_if = "Option::is_none")]
        features_lower: Option<Number>,
        /// Upper end of that interval.
        #[serde(skip_serializing_if = "Option::is_none")]
        features_upper: Option<Number>,
        /// The best D.
        samples: Number,
        /// Lower end of the interval of D, which follows from that of N.
        #[serde(skip_serializing_if = "Option::is_none")]
        samples_lower: Option<Number>,
        /// Upper end of that interval.
        #[serde(skip_serializing_if = "Option::is_none")]
        samples_upper: Option<Number>,
        /// The best D/N.
        ratio: Number,
        /// The loss of the law there.
        loss: Number,
        /// Lower end of the interval of that loss.
        #[serde(skip_serializing_if = "Option::is_none")]
        law_lower: Option<Number>,
        /// Upper end of that interval.
        #[serde(skip_serializing_if = "Option::is_none")]
        law_upper: Option<Number>,
        #[flatten]
        beyond: Beyond,
    }
}

fn forecast(found: &RunForecast) -> Forecast {
    Forecast {
        features: Number(found.features),
        samples: Number(found.samples),
        loss: Number(found.loss),
        law_lower: found.law.map(|ends| Number(ends.lower)),
        law_upper: found.law.map(|ends| Number(ends.upper)),
        run_lower: found.run.map(|ends| Number(ends.lower)),
        run_upper: found.run.map(|ends| Number(ends.upper)),
        beyond: found.extrapolation.into(),
    }
}

/// The best N and D, with the ends of N; those of D follow from them.
fn allocation(saved: &Saved, compute: f64, level: f64) -> Result<BudgetForecast, FittingError> {
    let (fitted, factor) = (&saved.fitted, saved.factor);
    let parameters = fitted.parameters;
    let (features, samples) =
        parameters.optimum(compute, factor).ok_or(FittingError::NoOptimum {
            a: parameters.a,
            b: parameters.b,
            alpha: parameters.alpha,
            beta: parameters.beta,
        })?;
    let log = fitted.interval_of(
        |law| law.optimum(compute, factor).map_or(f64::NAN, |(best, _)| best.ln()),
        level,
    )?;
    let loss = |law: &crate::fitting::Parameters| {
        law.optimum(compute, factor).map_or(f64::NAN, |(n, d)| law.loss(n, d))
    };
    let law = fitted.interval_of(loss, level)?;
    Ok(BudgetForecast {
        compute: Given(compute),
        features: Number(features),
        features_lower: log.map(|ends| Number(ends.lower.exp())),
        features_upper: log.map(|ends| Number(ends.upper.exp())),
        samples: Number(samples),
        samples_lower: log.map(|ends| Number(compute / factor / ends.upper.exp())),
        samples_upper: log.map(|ends| Number(compute / factor / ends.lower.exp())),
        ratio: Number(samples / features),
        loss: Number(parameters.loss(features, samples)),
        law_lower: law.map(|ends| Number(ends.lower)),
        law_upper: law.map(|ends| Number(ends.upper)),
        beyond: fitted.extrapolation(features, samples).into(),
    })
}
