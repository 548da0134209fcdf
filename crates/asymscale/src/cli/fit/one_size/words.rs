//! A law of one size in words.

use super::json::parameters;
use super::{OneSize, Predicted};
use crate::cli::fit::answer::digits::{between, digits, p_value, percent, small_percent};
use crate::cli::fit::flags::laws::few;
use crate::cli::numbers::asked_percent;
use crate::cli::output::{Format, write};
use crate::fitting::ParameterInterval;
use asymscale_tables::{Size, many};
use std::fmt::Write as _;

/// The law as on the command line.
pub(super) fn name(of: Size) -> &'static str {
    match of {
        Size::Features => "features",
        Size::Samples => "samples",
        Size::Compute => "compute",
    }
}

/// E, the amplitude and the exponent.
pub(super) fn names(of: Size) -> [&'static str; 3] {
    match of {
        Size::Features => ["e", "a", "alpha"],
        Size::Samples => ["e", "b", "beta"],
        Size::Compute => ["e", "g", "gamma"],
    }
}

/// What grows.
fn what(of: Size) -> &'static str {
    match of {
        Size::Features => "parameters",
        Size::Samples => "data",
        Size::Compute => "compute",
    }
}

pub(super) fn summary(analysis: &OneSize, format: Format) -> String {
    let mut text = if analysis.is_shown() { law(analysis) } else { no_signal(analysis) };
    if analysis.is_shown() {
        text += "\n";
        text += &write(&parameters(analysis), true, format);
        text += &foot(analysis);
    }
    for warning in &analysis.warnings {
        let _ = writeln!(text, "warning: {warning}");
    }
    text
}

fn law(analysis: &OneSize) -> String {
    let of = analysis.of;
    let (letter, [_, amplitude, exponent]) = (of.letter(), names(of));
    let law = analysis.fit.parameters;
    let mut text = format!(
        "With {letter} the loss falls as E + {}·{letter}^-{exponent}: {exponent} is {}{}, E {}{}.\n",
        amplitude.to_uppercase(),
        digits(law.alpha),
        between(&analysis.intervals[2], digits),
        digits(law.e),
        if analysis.fit.options().floor == crate::fitting::Floor::Free {
            between(&analysis.intervals[0], digits)
        } else {
            " as given".to_owned()
        }
    );
    let ends = |interval: Option<&ParameterInterval>, text: fn(f64) -> String| {
        interval.map_or_else(String::new, |interval| between(interval, text))
    };
    let (share, interval) = &analysis.floor_share;
    let _ = writeln!(
        text,
        "Of the loss at the largest {letter}, {}{} is E, which more {} do not lower.",
        percent(*share),
        ends(interval.as_ref(), percent),
        what(of)
    );
    for (k, Predicted { size, loss, interval }) in analysis.predicted.iter().enumerate() {
        let which =
            if k == 0 { format!("ten times the largest {letter}, ") } else { String::new() };
        let _ = writeln!(
            text,
            "At {which}{letter} = {}, the law says a loss of {}{}.",
            digits(*size),
            four(*loss),
            ends(interval.as_ref(), four)
        );
    }
    if let Some(design) = &analysis.design {
        let _ = writeln!(text, "{design}");
    }
    text += &few(&analysis.fit);
    let worst = analysis.quality.worst.iter();
    let worst: Vec<String> = worst
        .map(|(row, residual)| {
            format!("{} ({:+.2} %)", analysis.lines.name(&[*row]), 100.0 * residual.exp_m1())
        })
        .collect();
    let _ = writeln!(
        text,
        "Residuals are {} (root mean square); the largest: {}.",
        small_percent(analysis.quality.rms),
        worst.join(", ")
    );
    text
}

/// Losses differ in their third digit.
fn four(loss: f64) -> String {
    format!("{loss:.4}")
}

fn no_signal(analysis: &OneSize) -> String {
    let letter = analysis.of.letter();
    let p = p_value(analysis.evidence.p_value);
    if analysis.is_rising() {
        return format!(
            "The loss rises with {letter} ({p}): a law of losses that fall is not fitted. If it is an accuracy, --transform complement; \
             if runs differ in something else, --filter-column.\n"
        );
    }
    format!(
        "The loss does not depend on {letter} beyond its errors ({p}): no exponent is told. Runs that would tell: {letter} over a \
         factor of ten and more, several times.\n"
    )
}

fn foot(analysis: &OneSize) -> String {
    let fit = &analysis.fit;
    let resamples = if analysis.resamples > 0 {
        format!(", {}", many(analysis.resamples, "resample"))
    } else {
        String::new()
    };
    format!(
        "{} rows, {} objective {:.9e}, {}; {} of {} starts reached it; {} {} intervals{resamples}\n",
        fit.runs().len(),
        analysis.objective,
        fit.objective,
        fit.status.name(),
        fit.starts.best,
        fit.starts.total,
        asked_percent(analysis.level),
        analysis.interval,
    )
}
