//! Runs that are held out of a fit and predicted by it, and the fit as a file.

use crate::cli::fit::FitFlags;
use crate::cli::fit::answer::digits::{digits, percent};
use crate::cli::fit::answer::ends::{Ends, Named};
use crate::cli::fit::two_sizes::analysis::Analysis;
use crate::cli::fit::two_sizes::json;
use crate::cli::numbers::asked_percent;
use crate::cli::output::{Format, Number, table};
use crate::cli::{Failure, files};
use crate::fitting::{FittedLaw, RunForecast, Runs, Validation};
use asymscale_tables::{Lines, Source};
use clap::Args;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::path::{Path, PathBuf};

/// The version of a saved fit.
const VERSION: u32 = 1;

/// Flags of runs that are held out, and of the file.
#[derive(Debug, Args)]
pub(crate) struct HeldOutFlags {
    /// Leave out the largest runs by N·D (of equal ones those of larger N), so many, fit the
    /// others, and predict them
    #[arg(long, value_name = "RUNS", value_parser = crate::cli::numbers::count, allow_hyphen_values = true)]
    hold_out: Option<usize>,
    /// Leave out and predict the runs above a size: N=1e9, D=2e11 or C=1e21
    #[arg(long, value_name = "SIZE", value_parser = above, conflicts_with = "hold_out")]
    hold_out_above: Option<Above>,
    /// Save the fit to this file, for `asymscale predict`
    #[arg(long, value_name = "FILE")]
    save: Option<PathBuf>,
}

/// Runs above a size.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Above {
    letter: char,
    size: f64,
}

fn above(text: &str) -> Result<Above, String> {
    let (letter, size) = text.split_once('=').unwrap_or((text, ""));
    let size = size.parse().ok().filter(|size: &f64| size.is_finite() && *size > 0.0);
    match (letter, size) {
        ("N" | "D" | "C", Some(size)) => {
            Ok(Above { letter: letter.chars().next().unwrap_or('C'), size })
        }
        _ => Err("must be N=, D= or C= and a finite number > 0, such as C=1e21".to_owned()),
    }
}

/// The rows of a fit and those it must predict, ascending.
pub(super) struct Split {
    pub(super) kept: Vec<usize>,
    pub(super) left_out: Vec<usize>,
}

/// What became of the runs that were left out.
pub(super) struct HeldOut {
    runs: Runs,
    lines: Lines,
    found: Option<Validation>,
    /// Whether rows of one group stand on both sides.
    divided: bool,
    /// What was left out, in words.
    rule: String,
    level: f64,
}

impl HeldOutFlags {
    /// The flag that holds runs out or saves the fit, if there is one.
    pub(super) fn asked(&self) -> Option<&'static str> {
        match (self.hold_out, self.hold_out_above, &self.save) {
            (Some(_), ..) => Some("--hold-out"),
            (_, Some(_), _) => Some("--hold-out-above"),
            (.., Some(_)) => Some("--save"),
            _ => None,
        }
    }

    /// Refuses a file that the fit could not be saved to, before any work.
    pub(super) fn check(&self) -> Result<(), Failure> {
        self.save.as_deref().map_or(Ok(()), |path| files::check_writable("save", path))
    }

    /// Which runs are left out, where any are to be.
    pub(super) fn split(&self, flags: &FitFlags, runs: &Runs) -> Result<Option<Split>, Failure> {
        let size = |letter: char, row: usize| match letter {
            'N' => runs.features()[row],
            'D' => runs.samples()[row],
            _ => flags.factor * runs.features()[row] * runs.samples()[row],
        };
        let rows = || 0..runs.len();
        let (kept, left_out): (Vec<usize>, Vec<usize>) = match (self.hold_out, self.hold_out_above)
        {
            (None, None) => return Ok(None),
            (Some(count), _) => {
                let mut by_size: Vec<usize> = rows().collect();
                // Of equal N·D the run with more parameters is the larger one, whatever the order
                // of the rows.
                let key = |row: usize| [size('C', row), size('N', row), runs.losses()[row]];
                by_size.sort_by(|&a, &b| {
                    let pairs = key(a).into_iter().zip(key(b));
                    let mut orders = pairs.map(|(a, b)| a.total_cmp(&b));
                    orders.find(|order| order.is_ne()).unwrap_or(std::cmp::Ordering::Equal)
                });
                let mut left_out = by_size.split_off(by_size.len().saturating_sub(count));
                by_size.sort_unstable();
                left_out.sort_unstable();
                (by_size, left_out)
            }
            (None, Some(Above { letter, size: limit })) => {
                rows().partition(|&row| size(letter, row) <= limit)
            }
        };
        if let (true, Some(Above { letter, size: limit })) =
            (left_out.is_empty(), self.hold_out_above)
        {
            let most = rows().map(|row| size(letter, row)).fold(0.0, f64::max);
            let message = format!(
                "--hold-out-above {letter}={limit:e}: the largest {letter} is {most:e}; must be below that"
            );
            return Err(flags.refused(&message));
        }
        let needed = flags.options().minimum_rows;
        if kept.len() < needed {
            let (out, rest) = (left_out.len(), kept.len());
            let message = format!(
                "{} would leave {rest} of {} runs to be fitted: must leave {needed} at least",
                self.rule(out),
                runs.len()
            );
            return Err(flags.refused(&message));
        }
        Ok(Some(Split { kept, left_out }))
    }

    fn rule(&self, count: usize) -> String {
        match self.hold_out_above {
            Some(Above { letter, size }) => format!("--hold-out-above {letter}={size:e}"),
            None => format!("--hold-out {count}"),
        }
    }

    /// Predicts the runs that were left out.
    pub(super) fn predict(
        &self,
        analysis: &Analysis,
        (runs, lines): (Runs, Lines),
        divided: bool,
    ) -> Result<HeldOut, crate::fitting::FittingError> {
        let level = analysis.level;
        let rule = match self.hold_out_above {
            Some(Above { letter, size }) => format!("above {letter} = {}", digits(size)),
            None => "of largest N·D".to_owned(),
        };
        let found = if analysis.is_shown() {
            let law = FittedLaw::new(&analysis.fit, analysis.bootstrap.as_ref());
            Some(law.validate(&runs, level)?)
        } else {
            None
        };
        Ok(HeldOut { runs, lines, found, divided, rule, level })
    }

    /// Saves a fit; a sentence where there is none.
    pub(super) fn save(
        &self,
        flags: &FitFlags,
        analysis: &Analysis,
    ) -> Result<Option<String>, Failure> {
        let Some(path) = &self.save else { return Ok(None) };
        if !analysis.is_shown() {
            return Ok(Some(format!("{} is not written: there is no law to save", path.display())));
        }
        let saved = Saved {
            asymscale_fit: VERSION,
            factor: flags.factor,
            transform: analysis.measured.transform.to_owned(),
            level: flags.level,
            fitted: FittedLaw::new(&analysis.fit, analysis.bootstrap.as_ref()),
        };
        let text = serde_json::to_string(&saved).map_err(|error| Failure::Work(error.into()))?;
        files::save("save", path, (text + "\n").as_bytes())?;
        Ok(None)
    }
}

/// A fit as a file.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Saved {
    asymscale_fit: u32,
    pub(crate) factor: f64,
    /// What the loss is of its column, in a word.
    transform: String,
    pub(crate) level: f64,
    pub(crate) fitted: FittedLaw,
}

const MADE: &str = "is no fit that asymscale fit --save wrote";
/// The most bytes of a saved fit: some 200 for each of the most resamples.
const LARGEST: u64 = 1 << 28;

impl Saved {
    /// Reads a file that `--save` wrote.
    pub(crate) fn read(path: &Path) -> Result<Self, Failure> {
        let refuse =
            |what: &dyn std::fmt::Display| Failure::input(format!("{}: {what}", path.display()));
        let source = Source::path(path);
        let bytes =
            source.bytes_at_most(LARGEST).map_err(|error| Failure::input(error.to_string()))?;
        let text = String::from_utf8(bytes).map_err(|_| refuse(&MADE))?;
        Self::parse(&path.display(), &text)
    }

    /// Reads the text of such a file, which messages call by a name.
    pub(crate) fn parse(name: &dyn std::fmt::Display, text: &str) -> Result<Self, Failure> {
        let refuse = |what: &dyn std::fmt::Display| Failure::input(format!("{name}: {what}"));
        let value: Value = serde_json::from_str(text).map_err(|_| refuse(&MADE))?;
        match value.get("asymscale_fit").and_then(Value::as_u64) {
            Some(version) if version == u64::from(VERSION) => {}
            Some(version) => {
                return Err(refuse(&format!(
                    "is a fit of version {version}; this program reads version {VERSION}"
                )));
            }
            None => return Err(refuse(&MADE)),
        }
        let saved: Self = serde_json::from_value(value).map_err(|_| refuse(&MADE))?;
        if saved.fitted.is_valid() && saved.has_known_numbers() {
            Ok(saved)
        } else {
            Err(refuse(&"holds numbers that no fit has"))
        }
    }
}

impl Saved {
    /// Whether the factor and the level are such as a fit may have.
    fn has_known_numbers(&self) -> bool {
        crate::cli::numbers::SCALES.contains(&self.factor) && self.level > 0.0 && self.level < 1.0
    }

    /// What the loss is of its column, where it is not the column itself.
    pub(crate) fn transformed(&self) -> Option<&str> {
        Some(self.transform.as_str()).filter(|word| *word != "none")
    }
}

impl HeldOut {
    /// What is to be said above the fit.
    pub(super) fn head(&self, fitted: usize) -> String {
        let (count, places) =
            (self.runs.len(), self.lines.name(&(0..self.runs.len()).collect::<Vec<_>>()));
        let runs = if count == 1 { "run" } else { "runs" };
        format!(
            "{count} {runs} {} held out ({places}); the law is fitted to the other {fitted}.\n",
            self.rule
        )
    }

    /// How the law did.
    pub(super) fn words(&self, format: Format) -> String {
        let Some(found) = &self.found else {
            return "There is no law to predict the runs that were held out.\n".to_owned();
        };
        let mut text = "\nPredictions of the runs that were held out:\n".to_owned();
        // Always a row a run, also of one.
        text += &table(&self.rows(), format);
        text += &self.verdict(found);
        if self.divided {
            text += "Rows of one group are on both sides: the law has seen a part of what it predicts.\n";
        }
        text
    }

    fn verdict(&self, found: &Validation) -> String {
        let (count, shift) = (self.runs.len(), found.shift);
        let direction = if shift.estimate > 0.0 { "above" } else { "below" };
        let mean = percent(shift.estimate.exp_m1().abs());
        let errors = format!("The predictions are {} off (root mean square)", percent(found.rms));
        let Some(inside) = found.inside else {
            return format!(
                "{errors}, and the runs on average {mean} {direction} them; without resamples there are no intervals to hold that against.\n"
            );
        };
        let level = asked_percent(self.level);
        let (low, high) = (shift.lower.exp_m1(), shift.upper.exp_m1());
        let chance = format!("where chance would leave {} to {}", signed(low), signed(high));
        let holds = if shift.contains(shift.estimate) {
            "as far as these runs tell, the law holds there"
        } else {
            "the law does not hold there"
        };
        format!(
            "{inside} of {count} lie within their {level} interval. {errors}, and the runs on average {mean} {direction} them, {chance}: {holds}.\n"
        )
    }

    fn rows(&self) -> Vec<Row> {
        let Some(found) = &self.found else { return Vec::new() };
        let row = |(at, forecast): (usize, &RunForecast)| Row {
            place: Named::of([(self.lines.word(), self.lines.of(at))]),
            features: Number(forecast.features),
            samples: Number(forecast.samples),
            loss: Number(self.runs.losses()[at]),
            predicted: Number(forecast.loss),
            run_lower: forecast.run.map(|ends| Number(ends.lower)),
            run_upper: forecast.run.map(|ends| Number(ends.upper)),
            relative_error: Number(found.errors[at].exp_m1()),
        };
        found.forecasts.iter().enumerate().map(row).collect()
    }

    /// What the fit says of them.
    pub(super) fn answer(&self) -> MaybeAnswer {
        MaybeAnswer(self.found.as_ref().map(|found| Answer {
            rows: self.rows(),
            inside: found.inside,
            rms: Number(found.rms),
            mean_error: Number(found.shift.estimate),
            mean_error_by_chance: found.inside.map(|_| Ends::from(&found.shift)),
            groups_divided: self.divided,
        }))
    }
}

/// A fit with what it says of runs that were held out.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(in crate::cli::fit) struct WithHeldOut<'a> {
    #[serde(flatten)]
    pub(in crate::cli::fit) fit: json::Answer<'a>,
    /// Null where there is no law to predict them; left out where no runs are.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::cli::fit) held_out: Option<MaybeAnswer>,
}

/// What a fit says of the runs that were held out; null where there is no law to predict them.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct MaybeAnswer(Option<Answer>);

/// What a law says of the runs that were held out.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct Answer {
    /// A row per run.
    rows: Vec<Row>,
    /// Runs within their interval; null without resamples.
    inside: Option<usize>,
    /// Root mean square of ln loss less ln prediction.
    rms: Number,
    /// Mean of the same.
    mean_error: Number,
    /// The ends that chance would leave that mean; null without resamples.
    mean_error_by_chance: Option<Ends>,
    /// Whether rows of one group are among the runs that were held out and among the others.
    groups_divided: bool,
}

/// A run that was held out, with its prediction.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct Row {
    /// Its line or entry in the file, under that word.
    #[serde(flatten)]
    place: Named<u64>,
    /// Its N.
    features: Number,
    /// Its D.
    samples: Number,
    /// Its loss.
    loss: Number,
    /// The loss of the law.
    predicted: Number,
    /// Lower end of the interval of a single run; left out without resamples.
    #[serde(skip_serializing_if = "Option::is_none")]
    run_lower: Option<Number>,
    /// Upper end of that interval.
    #[serde(skip_serializing_if = "Option::is_none")]
    run_upper: Option<Number>,
    /// Loss over prediction, less 1.
    relative_error: Number,
}

/// `−0.4 %`, with a sign.
fn signed(share: f64) -> String {
    let text = percent(share.abs());
    if share < 0.0 { format!("-{text}") } else { format!("+{text}") }
}
