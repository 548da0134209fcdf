//! `asymscale predict`: the loss of runs that were not made, and the best N and D for a budget, by
//! a saved fit.

use super::Failure;
use super::fit::held_out::{Saved, put_ends};
use super::numbers::{self, Positives};
use super::output::{Format, number, write};
use asymscale::fitting::{Extrapolation, FittingError, RunForecast};
use clap::Args;
use serde_json::{Map, Value};
use std::path::PathBuf;

const EXAMPLES: &str = "\
Examples:
  asymscale fit runs.csv --save fit.json
  asymscale predict fit.json --features 1e9,7e9 --samples 2e11
      every N with every D; sizes are finite numbers > 0
  asymscale predict fit.json --compute 1e22..1e24:3log --json
      the best N and D for each budget C = factor·N·D, with the factor of the fit

law_lower and law_upper hold the law (at --level), run_lower and run_upper the loss of a single run, which has an error like those
of the runs that were fitted. A size beyond these is told by features_beyond, samples_beyond, compute_beyond: 1 within, 4 for four
times the largest, 0.5 for half the smallest. Intervals know nothing of a law that changes there.";

/// Reads a fit that `asymscale fit --save` wrote, and predicts.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Predict {
    /// File that `asymscale fit --save` wrote
    file: PathBuf,
    /// N, the parameters of the model: a number, a list or a range
    #[arg(long, requires = "samples", allow_hyphen_values = true)]
    features: Option<Positives>,
    /// D, the tokens or examples trained on: a number, a list or a range
    #[arg(long, requires = "features", allow_hyphen_values = true)]
    samples: Option<Positives>,
    /// Budgets C to allocate: a number, a list or a range
    #[arg(
        long,
        conflicts_with = "features",
        required_unless_present = "features",
        allow_hyphen_values = true
    )]
    compute: Option<Positives>,
    /// Nominal coverage of the intervals, in (0, 1) [default: that of the fit]
    #[arg(long, value_parser = numbers::open_share, allow_hyphen_values = true)]
    level: Option<f64>,
    #[command(flatten)]
    format: Format,
}

pub(crate) fn answer(question: &Predict) -> Result<String, Failure> {
    let saved = Saved::read(&question.file)?;
    let level = question.level.unwrap_or(saved.level);
    let refuse = |error: FittingError| match error {
        FittingError::Resamples { found, .. } if question.level.is_some() => {
            Failure::Input(format!(
                "--level {level}: the {found} resamples of {} are too few for it",
                question.file.display()
            ))
        }
        error => Failure::Input(format!("{}: {error}", question.file.display())),
    };
    let (points, many) = match (&question.features, &question.samples, &question.compute) {
        (Some(features), Some(samples), _) => {
            let pairs =
                features.values.iter().flat_map(|n| samples.values.iter().map(move |d| (*n, *d)));
            let one = |(n, d): (f64, f64)| {
                saved.fitted.forecast(n, d, level).map(|found| forecast(&found))
            };
            (
                pairs.map(one).collect::<Result<Vec<_>, _>>().map_err(refuse)?,
                features.many || samples.many,
            )
        }
        (_, _, Some(compute)) => {
            let one = |compute: &f64| allocation(&saved, *compute, level);
            (
                compute.values.iter().map(one).collect::<Result<Vec<_>, _>>().map_err(refuse)?,
                compute.many,
            )
        }
        _ => (Vec::new(), false),
    };
    let beyond = points.iter().filter(|point| is_beyond(point)).count();
    let total = points.len();
    let table = write(points, many, question.format);
    if question.format.is_json() || question.format.is_csv() {
        return Ok(table);
    }
    Ok(head(&saved, level) + &table + &foot(beyond, total))
}

fn head(saved: &Saved, level: f64) -> String {
    let (fitted, percent) = (&saved.fitted, 100.0 * level);
    let intervals = match fitted.resamples() {
        0 => "without intervals, since the fit has no resamples".to_owned(),
        count => format!("{percent} % intervals from {count} resamples"),
    };
    let of = match saved.transformed() {
        None => String::new(),
        Some(word) => format!("; losses are the column of the table transformed by {word}"),
    };
    format!("The {} law of {} runs; {intervals}{of}.\n", fitted.law.name(), fitted.rows)
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

fn forecast(found: &RunForecast) -> Map<String, Value> {
    let mut row = Map::new();
    row.insert("features".into(), number(found.features));
    row.insert("samples".into(), number(found.samples));
    row.insert("loss".into(), number(found.loss));
    put_ends(&mut row, "law", found.law.as_ref());
    put_ends(&mut row, "run", found.run.as_ref());
    put_beyond(&mut row, found.extrapolation);
    row
}

/// The best N and D, with the ends of N; those of D follow from them.
fn allocation(saved: &Saved, compute: f64, level: f64) -> Result<Map<String, Value>, FittingError> {
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
    let loss = |law: &asymscale::fitting::Parameters| {
        law.optimum(compute, factor).map_or(f64::NAN, |(n, d)| law.loss(n, d))
    };
    let mut row = Map::new();
    let mut put = |name: &str, value: f64| drop(row.insert(name.to_owned(), number(value)));
    put("compute", compute);
    put("features", features);
    if let Some(ends) = &log {
        put("features_lower", ends.lower.exp());
        put("features_upper", ends.upper.exp());
    }
    put("samples", samples);
    if let Some(ends) = &log {
        put("samples_lower", compute / factor / ends.upper.exp());
        put("samples_upper", compute / factor / ends.lower.exp());
    }
    put("ratio", samples / features);
    put("loss", parameters.loss(features, samples));
    put_ends(&mut row, "law", fitted.interval_of(loss, level)?.as_ref());
    put_beyond(&mut row, fitted.extrapolation(features, samples));
    Ok(row)
}

fn put_beyond(row: &mut Map<String, Value>, extrapolation: Extrapolation) {
    row.insert("features_beyond".into(), number(extrapolation.features));
    row.insert("samples_beyond".into(), number(extrapolation.samples));
    row.insert("compute_beyond".into(), number(extrapolation.compute));
}

fn is_beyond(row: &Map<String, Value>) -> bool {
    ["features_beyond", "samples_beyond", "compute_beyond"]
        .iter()
        .any(|name| row[*name].as_f64() != Some(1.0))
}
