//! A law of all and of active parameters in words.

use super::json::{allocations, parameters};
use super::{Active, Next, PARAMETERS, Step};
use crate::cli::fit::answer::digits::{between, digits, p_value, percent, small_percent};
use crate::cli::numbers::asked_percent;
use crate::cli::output::{Format, write};
use crate::fitting::ParameterInterval;
use asymscale_tables::many;
use std::fmt::Write as _;

/// An exponent, or a share, that is none.
const NONE: f64 = 1e-6;

pub(super) fn summary(analysis: &Active, format: Format) -> String {
    let mut text = if analysis.is_shown() {
        next(analysis)
            + &exponents(analysis)
            + &doubled(analysis)
            + &plan(analysis)
            + &quality(analysis)
    } else {
        no_signal(analysis)
    };
    if analysis.is_shown() {
        text += "\n";
        text += &write(&parameters(analysis), true, format);
        text += &foot(analysis);
    }
    let budgets = allocations(analysis);
    if analysis.is_shown() && !budgets.is_empty() {
        let ratio = digits(analysis.largest.ratio());
        let _ = writeln!(
            text,
            "\nBest N_active and D for C = {}·N_active·D, with {ratio} parameters to an active one:",
            analysis.factor
        );
        text += &write(&budgets, true, format);
    }
    for warning in &analysis.warnings {
        let _ = writeln!(text, "warning: {warning}");
    }
    text
}

fn no_signal(analysis: &Active) -> String {
    format!(
        "The loss does not fall with parameters ({} beside D) and with D ({} beside parameters) beyond its errors: no exponents, no best \
         sizes.\n",
        p_value(analysis.signal.features.p_value),
        p_value(analysis.signal.samples.p_value)
    )
}

/// What the next unit of compute, `6·N_active·D`, should buy.
fn next(analysis: &Active) -> String {
    let largest = &analysis.largest;
    let at = format!(
        "at the largest run ({}: N_total = {}, N_active = {}, D = {})",
        analysis.lines.name(&[largest.row]),
        digits(largest.total),
        digits(largest.active),
        digits(largest.samples)
    );
    let ratio = digits(largest.ratio());
    match analysis.next {
        Next::Features => format!(
            "Too few active parameters limit the loss {at}: with {ratio} parameters to an active one, more compute should first buy active parameters.\n"
        ),
        Next::Samples => format!(
            "Too little data limits the loss {at}: with {ratio} parameters to an active one, more compute should first buy data.\n"
        ),
        Next::NotTold => {
            format!(
                "These runs cannot tell whether active parameters or data limit the loss {at}.\n"
            )
        }
        Next::NotKnown => {
            format!("The fitted law has no best N_active and D {at}: a term or an exponent is 0.\n")
        }
        Next::Unsure { features } => {
            let what = if features { "active parameters" } else { "data" };
            format!(
                "By the fitted law more compute should first buy {what} {at}; how sure that is, is not known without resamples.\n"
            )
        }
    }
}

fn ends(interval: Option<&ParameterInterval>, text: fn(f64) -> String) -> String {
    interval.map_or_else(String::new, |interval| between(interval, text))
}

fn exponents(analysis: &Active) -> String {
    let of = |k: usize| {
        let value = digits((PARAMETERS[k].1)(&analysis.fit.parameters));
        value + &ends(analysis.intervals.as_ref().map(|all| &all[k]), digits)
    };
    format!(
        "The exponent in all parameters is {}, in active ones {}, in D {}.\n{}\n",
        of(3),
        of(4),
        of(5),
        told_apart(analysis)
    )
}

/// Whether the runs tell all parameters from active ones.
fn told_apart(analysis: &Active) -> String {
    let share = percent(analysis.share.0);
    let Some(interval) = &analysis.share.1 else {
        return format!(
            "By the fitted law {share} of their sum is due to active parameters; how sure that is, is not known."
        );
    };
    let between = between(interval, percent);
    match (interval.lower <= NONE, interval.upper >= 1.0 - NONE) {
        (true, true) => {
            "These runs cannot tell what is due to all parameters from what is due to active ones: vary both at the same D.".to_owned()
        }
        (true, false) => format!(
            "All parameters count; whether active ones do beside them, these runs cannot tell: {share}{between} of the sum of both exponents."
        ),
        (false, true) => format!(
            "Active parameters count; whether those that are not active do, these runs cannot tell: active ones have {share}{between} of the sum of both exponents."
        ),
        (false, false) => {
            format!("Both count: {share}{between} of the sum of both exponents is due to active parameters.")
        }
    }
}

fn doubled(analysis: &Active) -> String {
    let (gain, interval) = &analysis.doubled;
    format!(
        "Twice as many parameters, as many of them active, would lower the loss of that run by {}{}.\n",
        percent(*gain),
        ends(interval.as_ref(), percent)
    )
}

fn plan(analysis: &Active) -> String {
    let mut text = String::new();
    let ratio = analysis.largest.ratio();
    for (step, which) in
        analysis.plan.iter().zip(["At the compute of that run", "At ten times that"])
    {
        let Step { compute, active, samples, loss, intervals } = step;
        let of = |k: usize| ends(intervals.as_ref().map(|all| &all[k]), digits);
        let _ = writeln!(
            text,
            "{which} (C = {}·N_active·D = {}) and its {} parameters to an active one the best are N_active = {}{}, N_total = {}, D = {}{}, \
             of loss {}{}.",
            analysis.factor,
            digits(*compute),
            digits(ratio),
            digits(*active),
            of(0),
            digits(active * ratio),
            digits(*samples),
            of(1),
            digits(*loss),
            of(2)
        );
    }
    text
}

fn quality(analysis: &Active) -> String {
    let quality = &analysis.quality;
    let row = |(row, residual): &(usize, f64)| {
        format!("{} ({:+.2} %)", analysis.lines.name(&[*row]), 100.0 * residual.exp_m1())
    };
    let worst: Vec<String> = quality.worst.iter().map(row).collect();
    format!(
        "Residuals are {} (root mean square); the largest: {}.\n",
        small_percent(quality.rms),
        worst.join(", ")
    )
}

fn foot(analysis: &Active) -> String {
    let fit = &analysis.fit.fit;
    let intervals = if analysis.resamples > 0 {
        format!(
            "{} bca intervals, {}",
            asked_percent(analysis.level),
            many(analysis.resamples, "resample")
        )
    } else {
        "no intervals without resamples, and none of fewer than 9 rows".to_owned()
    };
    format!(
        "{} rows, {} objective {:.9e}, {}; {} of {} starts reached it; {intervals}\n",
        fit.runs().len(),
        analysis.objective,
        fit.objective,
        fit.status.name(),
        fit.starts.best,
        fit.starts.total,
    )
}
