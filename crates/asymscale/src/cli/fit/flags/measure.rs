//! Measures other than a loss in nats: what a law of each means, and what to make of the column.

use crate::cli::fit::FitFlags;
use asymscale_tables::{Lines, Measure, RunTable};
use clap::{Args, ValueEnum};

/// What the loss is of its column.
#[derive(Debug, Args)]
pub(crate) struct MeasureFlags {
    /// What the loss is of the column x: x itself; ln x, of a perplexity; complement, 1 − x, of an
    /// accuracy; logit, the log-odds of an error and 10, of an error rate or, by its title, an
    /// accuracy; complement-logit, the same of 1 − x
    #[arg(long, value_enum, default_value = "none")]
    transform: Transform,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Transform {
    None,
    Ln,
    Complement,
    Logit,
    ComplementLogit,
}

/// What is added to log-odds, which are of either sign: errors in 1e4 have -9.2.
const SHIFT: f64 = 10.0;
/// Losses from here on are unlike cross-entropies in nats: a vocabulary of 1e6 at random has 13.8.
const LARGE: f64 = 14.0;
/// Rates of errors from which a law without an upper bound is no law of them.
const LARGE_RATE: f64 = 0.5;

impl MeasureFlags {
    /// What the column is transformed to; refused where that is no loss.
    pub(in crate::cli::fit) fn losses(&self, table: &RunTable) -> Result<Vec<f64>, String> {
        self.losses_of(table.measure, &table.losses, &table.lines)
    }

    /// What a column with its lines is transformed to; refused where that is no loss.
    pub(in crate::cli::fit) fn losses_of(
        &self,
        measure: Measure,
        column: &[f64],
        lines: &Lines,
    ) -> Result<Vec<f64>, String> {
        let share = "in (0, 1), a share, not per cent";
        let (must, of): (&str, fn(f64) -> f64) = match self.of(measure) {
            Transform::None => return Ok(column.to_vec()),
            Transform::Ln => ("> 1", f64::ln),
            Transform::Complement => (share, |x| 1.0 - x),
            Transform::Logit => (share, log_odds),
            Transform::ComplementLogit => (share, |x| log_odds(1.0 - x)),
        };
        let losses: Vec<f64> = column.iter().map(|value| of(*value)).collect();
        match losses.iter().position(|loss| !(loss.is_finite() && *loss > 0.0)) {
            Some(row) => Err(format!(
                "--transform {}: the loss is {} in {}; must be {must}",
                self.word(),
                column[row],
                lines.name(&[row])
            )),
            None => Ok(losses),
        }
    }

    /// The transform of a column: log-odds are of an error, whichever of the two it holds.
    fn of(&self, column: Measure) -> Transform {
        match (self.transform, column) {
            (Transform::Logit, Measure::Accuracy) => Transform::ComplementLogit,
            (transform, _) => transform,
        }
    }

    fn word(&self) -> &'static str {
        match self.transform {
            Transform::None => "none",
            Transform::Ln => "ln",
            Transform::Complement => "complement",
            Transform::Logit => "logit",
            Transform::ComplementLogit => "complement-logit",
        }
    }

    /// Whether losses have an arbitrary zero, so that shares of them mean nothing.
    fn is_shifted(&self) -> bool {
        matches!(self.transform, Transform::Logit | Transform::ComplementLogit)
    }

    /// What the losses of the fit are.
    pub(in crate::cli::fit) fn measure(&self, column: Measure) -> Measure {
        match (self.transform, column) {
            (Transform::None, _) => column,
            (Transform::Complement, _) => Measure::ErrorRate,
            (Transform::Ln | Transform::Logit | Transform::ComplementLogit, _) => Measure::Loss,
        }
    }

    /// What there is to say of them: `losses` are those of the fit.
    pub(in crate::cli::fit) fn notes(
        &self,
        column: Measure,
        losses: &[f64],
        lines: &Lines,
    ) -> Vec<String> {
        let none = self.transform == Transform::None;
        let least = losses.iter().copied().fold(f64::INFINITY, f64::min);
        let most = losses.iter().copied().fold(0.0, f64::max);
        let rates = || {
            losses.iter().enumerate().filter(|(_, rate)| **rate > LARGE_RATE).map(|(row, _)| row)
        };
        let note = match self.measure(column) {
            Measure::Perplexity => {
                "the loss is a perplexity, the exponential of a loss in nats: a law with a floor describes its logarithm; \
                 --transform ln fits that"
                    .to_owned()
            }
            Measure::Bits => {
                "the loss is in bits per byte, character or token, and so are E, A and B, which cannot be compared with those of a \
                 loss in nats per token; exponents, shares, best N and D can"
                    .to_owned()
            }
            Measure::Accuracy if most > 1.0 => {
                "an accuracy rises as models get better, and the law is of losses that fall; accuracies above 1 are per cents: divided \
                 by 100, --transform complement fits the error rate, --transform logit the log-odds of an error"
                    .to_owned()
            }
            Measure::ErrorRate if most > 1.0 => {
                "the title of the loss speaks of an error, and some are above 1: they are taken for losses, not for rates".to_owned()
            }
            Measure::Accuracy => {
                "an accuracy rises as models get better, and the law is of losses that fall: --transform complement fits the error \
                 rate, 1 − accuracy, --transform logit the log-odds of an error, which a loss often sets"
                    .to_owned()
            }
            Measure::ErrorRate => return vec![error_rates(&rates().collect::<Vec<_>>(), losses.len(), lines)],
            Measure::Loss if none && least > LARGE => format!(
                "all losses are above {LARGE}, which cross-entropies in nats are not: if they are perplexities, --transform ln"
            ),
            Measure::Loss if self.is_shifted() => format!(
                "the losses are ln(error/(1 − error)) + {SHIFT}: where accuracy is a logistic function of a loss that has a law, these \
                 have a law of the same exponents, best N and D; E and per cents of the loss depend on the {SHIFT}"
            ),
            Measure::Loss => return Vec::new(),
        };
        vec![note]
    }
}

/// `ln(x/(1 − x))`, of either sign, and what makes it positive.
fn log_odds(x: f64) -> f64 {
    (x / (1.0 - x)).ln() + SHIFT
}

/// A rate is at most 1, a law is not.
fn error_rates(large: &[usize], of: usize, lines: &Lines) -> String {
    let what = "the losses are error rates, at most 1: E is the rate that no size lowers, and a sum of powers, which has no upper \
                bound, describes small rates";
    let remedy = "--transform logit fits the log-odds of an error, which have no bounds";
    match large.len() {
        0 => what.to_owned(),
        count if count == of => {
            format!("{what}, and all of these are above {LARGE_RATE}: {remedy}")
        }
        count => format!(
            "{what}; {count} of {of} are above {LARGE_RATE} ({}): {remedy}",
            lines.name(large)
        ),
    }
}

/// What the answer says of the measure, in words and in JSON.
#[derive(Debug, Clone)]
pub(in crate::cli::fit) struct Measured {
    /// One word.
    pub(in crate::cli::fit) word: &'static str,
    pub(in crate::cli::fit) transform: &'static str,
    /// Whether losses have an arbitrary zero.
    pub(in crate::cli::fit) shifted: bool,
    pub(in crate::cli::fit) notes: Vec<String>,
}

impl Measured {
    pub(in crate::cli::fit) fn of(
        flags: &FitFlags,
        column: Measure,
        losses: &[f64],
        lines: &Lines,
    ) -> Self {
        let flags = &flags.measure;
        Self {
            word: column.word(),
            transform: flags.word(),
            shifted: flags.is_shifted(),
            notes: flags.notes(column, losses, lines),
        }
    }

    /// What to do with a measure that rises, unless it has been said.
    pub(in crate::cli::fit) fn is_accuracy(&self) -> bool {
        self.word == Measure::Accuracy.word() && self.transform == "none"
    }
}
