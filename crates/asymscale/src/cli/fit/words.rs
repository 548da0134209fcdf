//! A fit in plain words, with its tables.

use super::analysis::{Analysis, Growth};
use super::json;
use crate::cli::output::{Format, write};
use asymscale::fitting::{Law, Parameter, ParameterInterval};
use std::fmt::Write as _;

/// What limits the loss, by how much, how sure; then the numbers.
pub(super) fn summary(analysis: &Analysis, format: Format) -> String {
    let mut text = limits(analysis) + &exponents(analysis) + &next(analysis) + "\n";
    text += &write(json::parameters(analysis), true, format);
    text += &foot(analysis);
    let budgets = json::allocations(analysis);
    if !budgets.is_empty() {
        let _ = writeln!(text, "\nBest N and D for C = {}·N·D:", analysis.factor);
        text += &write(budgets, true, format);
    }
    for warning in &analysis.warnings {
        let _ = writeln!(text, "warning: {warning}");
    }
    text
}

fn limits(analysis: &Analysis) -> String {
    let limits = &analysis.limits;
    let [floor, in_features, in_samples] = [0, 1, 2].map(|k| {
        let ends = limits.intervals.as_ref().map(|ends| ends[k]);
        percent(limits.shares[k]) + &ends.map_or_else(String::new, |ends| between(&ends, percent))
    });
    let data = limits.shares[2] > limits.shares[1];
    let (what, other) = if data { ("Data", "parameters") } else { ("Parameters", "data") };
    let sure = match limits.sure {
        Some(share) if share >= 0.9 => format!("{what} limit the loss more than {other}"),
        Some(_) => format!("{what} seem to limit the loss more than {other}, but this is not sure"),
        None => format!("{what} limit the loss more than {other} (how sure is not known without resamples)"),
    };
    let resamples =
        limits.sure.map_or_else(String::new, |share| format!(" (so in {} of resamples)", percent(share)));
    format!(
        "{sure}{resamples}.\nOf the loss at the largest run ({}: N = {}, D = {}) the law gives\n  {in_features} to too few parameters (A·N^-alpha),\n  {in_samples} to too little data (B·D^-beta),\n  {floor} to neither (E): no size removes it.\n",
        analysis.lines.name(&[limits.row]),
        digits(limits.features),
        digits(limits.samples),
    )
}

fn exponents(analysis: &Analysis) -> String {
    let exponent = |parameter: Parameter| {
        let at = Parameter::ALL.iter().position(|&p| p == parameter).unwrap_or(0);
        digits(analysis.fit.parameters.get(parameter)) + &between(&analysis.intervals[at], digits)
    };
    let (alpha, beta) = (exponent(Parameter::Alpha), exponent(Parameter::Beta));
    let verdict = match &analysis.symmetry {
        Some(test) if test.p_value < 1.0 - analysis.level => {
            format!("They differ ({} for one exponent).", p_value(test.p_value))
        }
        Some(test) => format!("One exponent would do as well ({}).", p_value(test.p_value)),
        None => "Whether they differ these runs cannot tell.".to_owned(),
    };
    match analysis.fit.options().law {
        Law::Tied => format!(
            "The exponent, taken to be one in N and D, is {alpha}. Of two exponents: {}\n",
            verdict.to_lowercase()
        ),
        _ => format!("The exponent in N is {alpha}, in D {beta}. {verdict}\n"),
    }
}

fn next(analysis: &Analysis) -> String {
    let Some(Growth { features, samples, interval }) = &analysis.growth else {
        return "A term or an exponent of the law is 0: it has no best split of compute.\n".to_owned();
    };
    let ends = interval.as_ref().map_or_else(String::new, |ends| between(ends, digits));
    let lean = match interval {
        Some(ends) if ends.lower > 10f64.sqrt() => "more into parameters than into data",
        Some(ends) if ends.upper < 10f64.sqrt() => "more into data than into parameters",
        Some(_) => "into both about alike",
        None => "how sure is not known without resamples",
    };
    format!(
        "With ten times the compute, grow N {}-fold{ends} and D {}-fold: {lean}.\n",
        digits(*features),
        digits(*samples)
    )
}

fn foot(analysis: &Analysis) -> String {
    let fit = &analysis.fit;
    let starts = &fit.starts;
    let resamples = analysis
        .bootstrap
        .as_ref()
        .map_or_else(String::new, |found| format!(", {} resamples", found.refits.len()));
    format!(
        "{} rows, {} objective {:.9e}, {}; {} of {} starts reached it; {} {} intervals{resamples}\n",
        fit.runs().len(),
        analysis.objective,
        fit.objective,
        fit.status.name(),
        starts.best,
        starts.total,
        percent(analysis.level),
        analysis.interval,
    )
}

fn between(ends: &ParameterInterval, text: fn(f64) -> String) -> String {
    format!(" ({} to {})", text(ends.lower), text(ends.upper))
}

fn percent(share: f64) -> String {
    let percent = 100.0 * share;
    if percent.abs() < 9.95 { format!("{percent:.1} %") } else { format!("{percent:.0} %") }
}

fn p_value(p: f64) -> String {
    if p < 1e-12 { "p < 1e-12".to_owned() } else { format!("p = {}", digits(p)) }
}

/// Three significant digits.
fn digits(value: f64) -> String {
    match value {
        0.0 => "0".to_owned(),
        value if !value.is_finite() => value.to_string(),
        value if !(1e-3..1e4).contains(&value.abs()) => format!("{value:.2e}"),
        value => format!("{value:.*}", (2.0 - value.abs().log10().floor()).max(0.0) as usize),
    }
}
