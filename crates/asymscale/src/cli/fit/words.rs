//! A fit in plain words, with its tables.

use super::analysis::{Analysis, falls, rises};
use super::json;
use super::next::{Budget, Next, Step, beyond};
use crate::cli::output::{Format, write};
use asymscale::fitting::{Evidence, Law, Parameter, ParameterInterval};
use std::fmt::Write as _;

/// What the next unit of compute should buy, how sure that is; then the numbers.
pub(super) fn summary(analysis: &Analysis, format: Format) -> String {
    let mut text = if analysis.is_shown() {
        next(analysis) + &shares(analysis) + &exponents(analysis) + &plan(analysis)
    } else {
        no_signal(analysis)
    };
    if analysis.is_shown() {
        text += &quality(analysis);
        text += &super::laws::few(&analysis.fit);
        text += "\n";
        text += &write(json::parameters(analysis), true, format);
        text += &foot(analysis);
    }
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

/// The runs do not show what a law would be of.
pub(super) fn no_signal(analysis: &Analysis) -> String {
    let signal = &analysis.signal;
    let p = |evidence: &Evidence| p_value(evidence.p_value);
    let rising = [("N", &signal.features), ("D", &signal.samples)].into_iter().find(|(_, of)| rises(of));
    let runs = |size: &str, other: &str| {
        format!(
            "Runs that would tell: {size} over a factor of ten and more, at the same {other}, several times."
        )
    };
    if let Some((size, evidence)) = rising {
        return format!(
            "The loss rises with {size} ({}): a law of losses that fall is not fitted. If it is an accuracy, --transform complement; \
             if runs differ in something else, --filter-column.\n",
            p(evidence)
        );
    }
    match (falls(&signal.any), falls(&signal.features), falls(&signal.samples)) {
        (_, true, false) => format!(
            "Beside N the loss does not depend on D beyond its errors ({}): no exponent in D, no best N and D. {}\n",
            p(&signal.samples),
            runs("D", "N")
        ),
        (_, false, true) => format!(
            "Beside D the loss does not depend on N beyond its errors ({}): no exponent in N, no best N and D. {}\n",
            p(&signal.features),
            runs("N", "D")
        ),
        (true, ..) => format!(
            "The loss falls with N and D together, and these runs cannot tell what is due to which ({} beside D, {} beside N): no \
             exponents, no best N and D. {}\n",
            p(&signal.features),
            p(&signal.samples),
            runs("N", "D and the other way round")
        ),
        (false, ..) => format!(
            "The loss depends on neither N nor D beyond its errors ({}): no law is told. {}\n",
            p(&signal.any),
            runs("N", "D and the other way round")
        ),
    }
}

/// What the next unit of compute should buy at the largest run.
pub(super) fn next(analysis: &Analysis) -> String {
    let limits = &analysis.limits;
    let at = format!(
        "at the largest run ({}: N = {}, D = {})",
        analysis.lines.name(&[limits.row]),
        digits(limits.features),
        digits(limits.samples)
    );
    let agreeing =
        limits.agreeing.map_or_else(String::new, |share| format!(" ({} of resamples)", percent(share)));
    match limits.next {
        Next::Features => format!(
            "Too few parameters limit the loss {at}: more compute should first buy parameters{agreeing}.\n"
        ),
        Next::Samples => {
            format!("Too little data limits the loss {at}: more compute should first buy data{agreeing}.\n")
        }
        Next::NotTold => format!(
            "These runs cannot tell whether parameters or data limit the loss {at}: the best N for its compute may be more or less.\n"
        ),
        Next::NotKnown => format!("The fitted law has no best N and D {at}: a term or an exponent is 0.\n"),
        Next::Unsure { features } => {
            let what = if features { "parameters" } else { "data" };
            let why =
                if analysis.fit.runs().len() < 9 { "with fewer than 9 rows" } else { "without resamples" };
            format!(
                "By the fitted law more compute should first buy {what} {at}; how sure that is, is not known {why}.\n"
            )
        }
    }
}

/// Of what the loss there consists.
fn shares(analysis: &Analysis) -> String {
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
    let at = |parameter: Parameter| Parameter::ALL.iter().position(|&p| p == parameter).unwrap_or(0);
    let exponent = |parameter: Parameter| {
        digits(analysis.fit.parameters.get(parameter)) + &between(&analysis.intervals[at(parameter)], digits)
    };
    let (alpha, beta) = (exponent(Parameter::Alpha), exponent(Parameter::Beta));
    let apart = !analysis.intervals[at(Parameter::Ratio)].contains(1.0);
    let tied = analysis.fit.options().law == Law::Tied;
    let verdict = match &analysis.symmetry {
        None => "Whether they differ these runs cannot tell.".to_owned(),
        Some(test) => {
            let p = test.bootstrap_p_value.unwrap_or(test.p_value);
            let text = p_value(p);
            // The interval of the ratio and the test must say the same.
            match (p < 1.0 - analysis.level, apart || tied) {
                (true, true) => format!("They differ ({text} for one exponent)."),
                (false, false) => format!("One exponent would do as well ({text})."),
                (false, true) if tied => format!("One exponent would do as well ({text})."),
                _ => format!("Whether they differ is open ({text} for one exponent)."),
            }
        }
    };
    if tied {
        return format!(
            "The exponent, taken to be one in N and D, is {alpha}. Of two exponents: {}\n",
            verdict.to_lowercase()
        );
    }
    format!("The exponent in N is {alpha}, in D {beta}. {verdict}\n")
}

/// The best shape at the largest compute, and at ten times that.
fn plan(analysis: &Analysis) -> String {
    let mut text = String::new();
    for (step, which) in analysis.plan.iter().zip(["At the compute of that run", "At ten times that"]) {
        let Step { budget: Budget { allocation, intervals }, ratio, lost, intervals: ends } = step;
        let three = |k: usize| intervals.as_ref().map_or_else(String::new, |ends| between(&ends[k], digits));
        let two = |k: usize, text: fn(f64) -> String| {
            ends.as_ref().map_or_else(String::new, |ends| between(&ends[k], text))
        };
        let _ = writeln!(
            text,
            "{which} (C = {}) the best are N = {}{}, D = {}{}, D/N = {}{}, of loss {}{};\n  with the D/N of that run the loss is {} higher{}.",
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
        let _ = writeln!(text, "  Of ten times that compute, {further}.");
    }
    text
}

/// How well the law fits.
fn quality(analysis: &Analysis) -> String {
    let quality = &analysis.quality;
    let worst: Vec<String> = quality
        .worst
        .iter()
        .map(|(row, residual)| {
            format!("{} ({:+.2} %)", analysis.lines.name(&[*row]), 100.0 * residual.exp_m1())
        })
        .collect();
    format!(
        "Residuals are {} (root mean square); the largest: {}.\n",
        small_percent(quality.rms),
        worst.join(", ")
    )
}

/// With more digits for small ones.
pub(super) fn small_percent(share: f64) -> String {
    format!("{} %", digits(100.0 * share))
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

pub(super) fn between(ends: &ParameterInterval, text: fn(f64) -> String) -> String {
    format!(" ({} to {})", text(ends.lower), text(ends.upper))
}

pub(super) fn percent(share: f64) -> String {
    let percent = 100.0 * share;
    if percent.abs() < 9.95 { format!("{percent:.1} %") } else { format!("{percent:.0} %") }
}

pub(super) fn p_value(p: f64) -> String {
    if p < 1e-12 { "p < 1e-12".to_owned() } else { format!("p = {}", digits(p)) }
}

/// Three significant digits.
pub(super) fn digits(value: f64) -> String {
    match value {
        0.0 => "0".to_owned(),
        value if !value.is_finite() => value.to_string(),
        value if !(1e-3..1e4).contains(&value.abs()) => format!("{value:.2e}"),
        value => format!("{value:.*}", (2.0 - value.abs().log10().floor()).max(0.0) as usize),
    }
}
