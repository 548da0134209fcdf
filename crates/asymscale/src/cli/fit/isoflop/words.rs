//! Curves in plain words, with their tables.

use super::{Beside, Curves, Value as Number};
use crate::cli::fit::answer::digits::digits;
use crate::cli::output::{Format, table};
use crate::fitting::ParameterInterval;
use crate::fitting::isoflop::{Curve, FrontierPoint, Minimum, Refusal};
use serde::Serialize;
use std::fmt::Write as _;

/// The curves, how their minima grow, what the law says, and what parabolas get wrong.
pub(super) fn summary(curves: &Curves, format: Format) -> String {
    let mut text = head(curves);
    let rows: Vec<Row> = curves.found.curves.iter().map(|curve| row(curves, curve)).collect();
    text += &table(&rows, format);
    text += &growth(curves);
    let law = match &curves.law {
        Ok(beside) => bias(curves, beside, format),
        Err(why) => {
            format!(
                "No law stands beside the curves, and the bias of their parabolas is not known: {why}\n"
            )
        }
    };
    text += &law;
    if !curves.points.is_empty() {
        text += "\nBest N and D by the power laws of the curves:\n";
        text += &table(&curves.points.iter().map(point).collect::<Vec<PointRow>>(), format);
    }
    for point in curves.points.iter().filter(|point| point.beyond != 1.0) {
        let _ = writeln!(
            text,
            "warning: C = {:e} is beyond the curves: {}",
            point.compute,
            beyond(point)
        );
    }
    for warning in &curves.warnings {
        let _ = writeln!(text, "warning: {warning}");
    }
    text
}

fn head(curves: &Curves) -> String {
    let (all, used) = (curves.found.curves.len(), curves.found.minima().count());
    let from = if curves.given {
        "from a column".to_owned()
    } else {
        format!("found as clusters of C = {}·N·D", curves.factor)
    };
    let noun = if all == 1 { "budget" } else { "budgets" };
    let scatter = if used > 0 {
        format!(
            "; losses scatter by {} % about their parabolas",
            digits(100.0 * curves.found.scatter)
        )
    } else {
        String::new()
    };
    format!(
        "isoFLOP curves: {all} {noun}, {from}, {used} with a minimum inside their sizes{scatter}.\n"
    )
}

/// The minimum of one curve, for reading.
#[derive(Debug, Serialize)]
struct Row {
    #[serde(rename = "C")]
    compute: String,
    runs: String,
    #[serde(rename = "N*")]
    features: String,
    #[serde(rename = "D*")]
    samples: String,
    #[serde(rename = "D*/N*")]
    ratio: String,
    loss: String,
    /// Why there is none; left out where every curve has one.
    #[serde(skip_serializing_if = "Option::is_none")]
    refused: Option<String>,
}

fn row(curves: &Curves, curve: &Curve) -> Row {
    let of = curve.minimum.as_ref().ok();
    let cell = |value: fn(&Minimum) -> &ParameterInterval| {
        of.map_or_else(|| "–".to_owned(), |of| told(value(of)))
    };
    let any_refused = curves.found.curves.iter().any(|curve| curve.minimum.is_err());
    let refused = || curve.minimum.as_ref().err().map_or_else(String::new, Refusal::reason);
    Row {
        compute: digits(curve.compute),
        runs: curve.rows.len().to_string(),
        features: cell(|of| &of.features),
        samples: cell(|of| &of.samples),
        ratio: cell(|of| &of.ratio),
        loss: cell(|of| &of.loss),
        refused: any_refused.then(refused),
    }
}

/// Exponents, beside those of the law.
fn growth(curves: &Curves) -> String {
    let Some(frontier) = &curves.found.frontier else {
        return "Two budgets with a minimum are needed to tell how the best N grows.\n".to_owned();
    };
    let law = curves.law.as_ref().ok().map(|beside| &beside.exponents);
    let beside =
        |k: usize| law.map_or_else(String::new, |law| format!("; by the law {}", value(&law[k])));
    let mut text = format!(
        "Of {} budgets: N* grows as C^{}{}.\n  D* as C^{}, D*/N* as C^{}{}.\n",
        frontier.budgets,
        told(&frontier.features_exponent),
        beside(0),
        told(&frontier.samples_exponent),
        told(&frontier.ratio_exponent),
        beside(1)
    );
    let exponent = told(&frontier.loss.exponent);
    let loss = match &frontier.loss.floor {
        Some(floor) => format!(
            "  The smallest loss falls as E + K·C^-gamma, gamma = {exponent}{}, E = {}{}.\n",
            beside(2),
            told(floor),
            beside(3)
        ),
        None => format!(
            "  The smallest loss falls as C^-{exponent} between them; {} budgets tell no floor.\n",
            frontier.budgets
        ),
    };
    text += &loss;
    text + &agreement(curves)
}

/// Whether law and curves say the same.
fn agreement(curves: &Curves) -> String {
    if curves.law.is_err() {
        return String::new();
    }
    match (curves.exponents_apart(), curves.disagreeing()) {
        (Some(false), Some(budgets)) if budgets.is_empty() => {
            "Curves and law agree within their intervals, the bias of the parabolas taken away.\n"
                .to_owned()
        }
        (Some(apart), Some(budgets)) => {
            let list: Vec<String> = budgets.iter().map(|compute| digits(*compute)).collect();
            let of = match (apart, list.is_empty()) {
                (true, true) => "the exponent of N*".to_owned(),
                (true, false) => format!("the exponent of N* and on N* at C = {}", list.join(", ")),
                (false, _) => format!("N* at C = {}", list.join(", ")),
            };
            format!(
                "Curves and law disagree on {of} by more than their intervals and the bias of the parabolas: one of the two is not true of \
                 these runs.\n"
            )
        }
        _ => {
            "Whether curves and law agree is not known: the law has no intervals here.\n".to_owned()
        }
    }
}

/// What parabolas get wrong on this grid, and minima freed of it.
fn bias(curves: &Curves, beside: &Beside, format: Format) -> String {
    let Some(bias) = &beside.bias else { return String::new() };
    let shares: Vec<f64> = bias.budgets.iter().map(|budget| budget.features).collect();
    let (low, high) =
        shares.iter().fold((f64::INFINITY, f64::NEG_INFINITY), |(l, h), x| (l.min(*x), h.max(*x)));
    let range = range(low, high);
    let exponent = match (bias.exponent, curves.corrected_exponent()) {
        (Some(by), Some(corrected)) => format!(
            ", and the exponent of N* is {} {}: freed of that it is {}",
            digits(by.abs()),
            if by < 0.0 { "too low" } else { "too high" },
            told(&corrected)
        ),
        _ => String::new(),
    };
    let mut text = format!(
        "\nA parabola is not the shape of the curves. On this grid the parabolas of the fitted law itself have their minima {range} in \
         N{exponent}.\nN* freed of that, and by the law:\n"
    );
    let row = |curve: &Curve| {
        let (bias, budget) = curves.beside(curve)?;
        let law = Number {
            estimate: budget.allocation.features,
            interval: budget.intervals.map(|ends| ends[0]),
        };
        Some(BiasRow {
            compute: digits(curve.compute),
            bias: off(bias.features),
            features: told(&bias.corrected.features),
            ratio: told(&bias.corrected.ratio),
            law_features: value(&law),
        })
    };
    let rows: Vec<BiasRow> = curves.found.curves.iter().filter_map(row).collect();
    text += &table(&rows, format);
    text
}

/// The minimum of one curve freed of the bias of parabolas, for reading.
#[derive(Debug, Serialize)]
struct BiasRow {
    #[serde(rename = "C")]
    compute: String,
    #[serde(rename = "parabola of the law")]
    bias: String,
    #[serde(rename = "N* freed of that")]
    features: String,
    #[serde(rename = "D*/N*")]
    ratio: String,
    #[serde(rename = "N* by the law")]
    law_features: String,
}

/// The best N and D of a budget by the power laws of the curves, for reading.
#[derive(Debug, Serialize)]
struct PointRow {
    #[serde(rename = "C")]
    compute: String,
    #[serde(rename = "N*")]
    features: String,
    #[serde(rename = "D*")]
    samples: String,
    #[serde(rename = "D*/N*")]
    ratio: String,
    loss: String,
}

fn point(point: &FrontierPoint) -> PointRow {
    PointRow {
        compute: digits(point.compute),
        features: told(&point.features),
        samples: told(&point.samples),
        ratio: told(&point.ratio),
        loss: told(&point.loss),
    }
}

fn beyond(point: &FrontierPoint) -> String {
    match point.beyond {
        more if more > 1.0 => {
            format!("C is {} times the largest budget that has a minimum", digits(more))
        }
        less => format!("C is {} times the smallest budget that has a minimum", digits(less)),
    }
}

/// `3.2 % too high`.
fn off(share: f64) -> String {
    let percent = 100.0 * share;
    match percent.abs() {
        size if size < 0.05 => "right to 0.1 %".to_owned(),
        size if percent < 0.0 => format!("{size:.1} % too low"),
        size => format!("{size:.1} % too high"),
    }
}

/// `0.3 % to 0.4 % too low`, or the two ends as they are.
fn range(low: f64, high: f64) -> String {
    let (lowest, highest) = (off(low), off(high));
    if lowest == highest {
        return lowest;
    }
    for word in [" too low", " too high"] {
        if let (Some(from), Some(to)) = (lowest.strip_suffix(word), highest.strip_suffix(word)) {
            let (from, to) = if high < 0.0 { (to, from) } else { (from, to) };
            return format!("{from} to {to}{word}");
        }
    }
    format!("{lowest} to {highest}")
}

fn told(of: &ParameterInterval) -> String {
    let known = of.lower.is_finite() && of.upper.is_finite();
    let ends = if known {
        format!("{} to {}", digits(of.lower), digits(of.upper))
    } else {
        "not known".to_owned()
    };
    format!("{} ({ends})", digits(of.estimate))
}

fn value(of: &Number) -> String {
    of.interval.as_ref().map_or_else(|| digits(of.estimate), told)
}
