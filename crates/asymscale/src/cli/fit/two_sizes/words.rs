//! A fit in plain words, with its tables.

use super::analysis::Analysis;
use super::json;
use super::next::{Budget, Next, Step, beyond};
use super::no_law::why_no_law;
use crate::cli::fit::answer::digits::{between, change, digits, p_value, percent, small_percent};
use crate::cli::numbers::asked_percent;
use crate::cli::output::{Format, write};
use crate::fitting::{Law, Parameter, SymmetryTest};
use asymscale_tables::many;
use std::fmt::Write as _;

/// What the next unit of compute should buy, how sure that is; then the numbers.
pub(in crate::cli::fit) fn summary(analysis: &Analysis, format: Format) -> String {
    let mut text = analysis
        .measured
        .notes
        .iter()
        .fold(String::new(), |text, note| text + "Note: " + note + ".\n");
    text += &if analysis.is_shown() {
        next(analysis) + &shares(analysis) + &exponents(analysis) + &plan(analysis)
    } else {
        why_no_law(analysis)
    };
    if analysis.is_shown() {
        text += &quality(analysis);
        text += &crate::cli::fit::flags::laws::few(&analysis.fit);
        text += "\n";
        text += &write(&json::parameters(analysis), true, format);
        text += &foot(analysis);
    }
    let budgets = json::allocations(analysis);
    if !budgets.is_empty() {
        let _ = writeln!(text, "\nBest N and D for C = {}·N·D:", analysis.factor);
        text += &write(&budgets, true, format);
    }
    for warning in &analysis.warnings {
        let _ = writeln!(text, "warning: {warning}");
    }
    text
}

/// What the next unit of compute should buy at the largest run.
pub(in crate::cli::fit) fn next(analysis: &Analysis) -> String {
    let limits = &analysis.limits;
    let at = format!(
        "at the largest run ({}: N = {}, D = {})",
        analysis.lines.name(&[limits.row]),
        digits(limits.features),
        digits(limits.samples)
    );
    let of = if analysis.drawn { "draws" } else { "resamples" };
    let agreeing = limits
        .agreeing
        .map_or_else(String::new, |share| format!(" (so say {} of the {of})", percent(share)));
    match limits.next {
        Next::Features => format!(
            "Too few parameters limit the loss {at}: more compute should first buy parameters{agreeing}.\n"
        ),
        Next::Samples => {
            format!(
                "Too little data limits the loss {at}: more compute should first buy data{agreeing}.\n"
            )
        }
        Next::NotTold => format!(
            "These runs cannot tell whether parameters or data limit the loss {at}: the best N for its compute may be larger or smaller than its N.\n"
        ),
        Next::NotKnown => {
            format!("The fitted law has no best N and D {at}: a term or an exponent is 0.\n")
        }
        Next::Unsure { features } => {
            let what = if features { "parameters" } else { "data" };
            let unknown = |why: &str| format!("how sure that is, is not known {why}");
            let sure = match (analysis.doubt, limits.agreeing) {
                (Some(doubt), _) => unknown(doubt),
                (None, Some(share)) => {
                    format!("that is not sure: only {} of the resamples say so", percent(share))
                }
                (None, None) if analysis.fit.runs().len() >= 9 => unknown("without resamples"),
                (None, None) => unknown("with fewer than 9 rows"),
            };
            format!("By the fitted law more compute should first buy {what} {at}; {sure}.\n")
        }
    }
}

/// The shares of the terms of the law in the loss of the largest run.
fn shares(analysis: &Analysis) -> String {
    if analysis.measured.shifted {
        return String::new();
    }
    let limits = &analysis.limits;
    let [floor, in_features, in_samples] = [0, 1, 2].map(|k| {
        let ends = limits.intervals.as_ref().map(|ends| ends[k]);
        percent(limits.shares[k]) + &ends.map_or_else(String::new, |ends| between(&ends, percent))
    });
    format!(
        "Of the loss there the law puts\n  {in_features} into A·N^-alpha, which more parameters lower,\n  {in_samples} into B·D^-beta, which more data lower,\n  {floor} into E, which no size lowers.\n"
    )
}

fn exponents(analysis: &Analysis) -> String {
    let at =
        |parameter: Parameter| Parameter::ALL.iter().position(|&p| p == parameter).unwrap_or(0);
    let most = analysis.fit.options().largest_exponent;
    let exponent = |parameter: Parameter| {
        let mut ends = analysis.intervals[at(parameter)];
        // An end at the largest exponent that a fit may have is none.
        if ends.upper >= 0.999 * most {
            ends.upper = f64::INFINITY;
        }
        digits(analysis.fit.parameters.get(parameter)) + &between(&ends, digits)
    };
    let (alpha, beta) = (exponent(Parameter::Alpha), exponent(Parameter::Beta));
    let apart = !analysis.intervals[at(Parameter::Ratio)].contains(1.0);
    if analysis.fit.options().law == Law::Tied {
        let verdict = verdict(analysis, true).to_lowercase();
        return format!(
            "The exponent, taken to be one in N and D, is {alpha}. Of two exponents: {verdict}\n"
        );
    }
    format!("The exponent in N is {alpha}, in D {beta}. {}\n", verdict(analysis, apart))
}

/// From this p-value on a difference needs the level beside it at which it is one.
const USUAL: f64 = 0.05;

/// Whether two exponents differ: the test and the interval of their ratio must say the same.
fn verdict(analysis: &Analysis, apart: bool) -> String {
    let Some(test) = &analysis.symmetry else {
        return "Whether they differ these runs cannot tell.".to_owned();
    };
    let Some(p) = test.bootstrap_p_value else {
        let groups = analysis.fit.runs().groups().unwrap_or(0);
        return format!(
            "Whether they differ is not told: with {groups} groups no test of it keeps its size; it takes {}.",
            SymmetryTest::FEWEST_GROUPS
        );
    };
    let text = p_value(p);
    let tied = analysis.fit.options().law == Law::Tied;
    // 1 − 0.95 is a little more than 0.05, which p-values of 499 patterns can be.
    match (p < (1.0 - analysis.level) * (1.0 - 1e-12), apart) {
        (true, true) if analysis.doubt.is_some() => {
            format!("Whether they differ is not known {}.", analysis.doubt.unwrap_or_default())
        }
        (true, true) if p >= USUAL => {
            format!("At {} they differ ({text} for one exponent).", asked_percent(analysis.level))
        }
        (true, true) => format!("They differ ({text} for one exponent)."),
        (false, false) => format!("One exponent would do as well ({text})."),
        (false, true) if tied => format!("One exponent would do as well ({text})."),
        (true, false) => format!(
            "Whether they differ is open: the test speaks against one exponent ({text}), the interval of their ratio holds 1."
        ),
        (false, true) => format!(
            "Whether they differ is open: the test has nothing against one exponent ({text}), the interval of their ratio does not hold 1."
        ),
    }
}

/// The best shape at the largest compute, and at ten times that.
fn plan(analysis: &Analysis) -> String {
    let mut text = String::new();
    let whiches = ["At the compute of the largest run", "At ten times that compute"];
    for (step, which) in analysis.plan.iter().zip(whiches) {
        let Step { budget: Budget { allocation, intervals }, ratio, lost, intervals: ends } = step;
        let three = |k: usize| {
            intervals.as_ref().map_or_else(String::new, |ends| between(&ends[k], digits))
        };
        let two = |k: usize, text: fn(f64) -> String| {
            ends.as_ref().map_or_else(String::new, |ends| between(&ends[k], text))
        };
        let _ = writeln!(
            text,
            "{which} (C = {}) the best are N = {}{}, D = {}{}, D/N = {}{}, with a loss of {}{};\n  with the D/N of the largest run \
             the loss there is {} higher{}.",
            digits(allocation.compute),
            digits(allocation.features),
            three(0),
            digits(allocation.samples),
            three(1),
            digits(*ratio),
            two(0, digits),
            digits(allocation.loss),
            three(2),
            percent(*lost),
            two(1, percent),
        );
    }
    let further = analysis.plan.iter().filter_map(|step| beyond(&step.budget)).next_back();
    if let Some(further) = further {
        let _ = writeln!(text, "  At ten times that compute {further}.");
    }
    if !analysis.plan.is_empty() && analysis.bootstrap.is_none() && analysis.fit.runs().len() < 9 {
        text += "  These have no intervals: of fewer than 9 rows they would hold the truth too rarely.\n";
    }
    text
}

/// How well the law fits.
fn quality(analysis: &Analysis) -> String {
    let residuals = &analysis.residuals;
    if residuals.is_exact() {
        return "The law goes through every run: losses without errors, so that intervals are of rounding alone.\n"
            .to_owned();
    }
    let off = |(row, residual): (usize, f64)| {
        format!("{} ({})", analysis.lines.name(&[row]), change(residual.exp_m1()))
    };
    let largest: Vec<String> = residuals.largest(3).into_iter().map(off).collect();
    let rms = small_percent(residuals.rms);
    if residuals.far.is_empty() {
        return format!(
            "Residuals are {rms} (root mean square); the largest: {}.\n",
            largest.join(", ")
        );
    }
    let far: Vec<String> =
        residuals.far.iter().take(MOST_FAR).map(|&row| off((row, residuals.at(row)))).collect();
    let more = match residuals.far.len().saturating_sub(MOST_FAR) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    let (is, it, failed) = if residuals.far.len() == 1 {
        ("is", "it", "that run")
    } else {
        ("are", "them", "those runs")
    };
    format!(
        "Far off the law {is} {}{more}: look whether {failed} failed. Residuals without {it} are {rms} (root mean square); the \
         largest: {}.\n",
        far.join(", "),
        largest.join(", ")
    )
}

/// Rows far off that are named.
const MOST_FAR: usize = 5;

fn foot(analysis: &Analysis) -> String {
    let fit = &analysis.fit;
    let starts = &fit.starts;
    let penalty = json::penalty(&fit.options().objective)
        .map_or_else(String::new, |above| format!(" (runs above the law count {above})"));
    let resamples =
        analysis.bootstrap.as_ref().filter(|_| !analysis.drawn).map_or_else(String::new, |found| {
            format!(", {}", many(found.refits.len(), "resample"))
        });
    format!(
        "{} rows, {} objective{penalty} {:.9e}, {}; {} of {} starts reached it; {} {} intervals{resamples}\n",
        fit.runs().len(),
        analysis.objective,
        fit.objective,
        fit.status.name(),
        starts.best,
        starts.total,
        asked_percent(analysis.level),
        analysis.interval,
    )
}
