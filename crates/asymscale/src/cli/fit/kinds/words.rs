//! Fits of several kinds of runs in words.

use super::{By, Part};
use crate::cli::fit::answer::digits::{between, digits, p_value, percent, small_percent};
use crate::cli::fit::answer::ends::Named;
use crate::cli::fit::two_sizes::analysis::Analysis;
use crate::cli::fit::two_sizes::no_law::why_no_law;
use crate::cli::fit::two_sizes::words::next;
use crate::cli::output::{self, Format};
use crate::fitting::{Kind, KindComparison, KindVerdict, Parameter};
use asymscale_tables::{many, quoted};
use serde::Serialize;
use std::fmt::Write as _;

/// That the runs hold several laws.
pub(super) fn several(explained: f64, kinds: usize, title: &str) -> String {
    let number = if kinds == 2 { "two".to_owned() } else { kinds.to_string() };
    format!(
        "These runs hold {number} laws, by column `{title}`, which explains {} of what one law leaves",
        percent(explained)
    )
}

/// What to type where they do.
pub(super) fn instead(title: &str, first: &str) -> String {
    format!(
        "Type --by {title} for a fit of each and a comparison, or --filter-column {title} --filter-value {first} for one of them"
    )
}

/// That the laws of kinds differ, by less than makes one law useless.
pub(super) fn differing(explained: f64, title: &str) -> String {
    format!(
        "the law differs between the values of column `{title}`, which explains {} of the squares of what one law leaves: --by {title} \
         compares them",
        percent(explained)
    )
}

pub(super) fn summary(by: &By) -> String {
    let fitted = by.parts.iter().filter(|part| part.analysis.is_ok()).count();
    let mut text = format!("Laws of {fitted} kinds of runs, by column `{}`:\n", by.column);
    if fitted > 0 {
        text += &output::table(&table(by), Format::TEXT);
    }
    for part in &by.parts {
        match &part.analysis {
            Ok(analysis) => {
                let said = if analysis.is_shown() { next(analysis) } else { why_no_law(analysis) };
                let _ = write!(text, "{}: {said}", quoted(&part.label));
            }
            Err(why) => {
                let _ = writeln!(
                    text,
                    "{}: {}, no law, left out of the test: {why}",
                    quoted(&part.label),
                    many(part.rows, "row")
                );
            }
        }
    }
    text += "\n";
    text += &verdict(by);
    for part in &by.parts {
        for warning in part.analysis.iter().flat_map(|analysis| &analysis.warnings) {
            let _ = writeln!(text, "warning: {}: {warning}", quoted(&part.label));
        }
    }
    text
}

/// What the tests say of the kinds.
pub(super) fn verdict(by: &By) -> String {
    let found = match &by.comparison {
        Ok(found) => found,
        Err(why) => return format!("Whether they differ is not known: {why}.\n"),
    };
    let (one, same) = (p_value(found.one_law), p_value(found.same_exponents));
    let [alpha, beta] =
        found.exponents.map(|interval| digits(interval.estimate) + &between(&interval, digits));
    match found.verdict() {
        KindVerdict::OneLaw => {
            format!(
                "One law for all does as well as a law for each ({one}); --filter-column and --by are not needed.\n"
            )
        }
        KindVerdict::SameExponents => format!(
            "One law for all does not do ({one}), the same exponents do ({same}): {alpha} in N and {beta} in D, with E, A and B for each:\n{}",
            output::table(&shared(found), Format::TEXT)
        ),
        KindVerdict::Different => {
            format!(
                "The laws differ ({one}), and not in E, A and B alone: their exponents differ ({same}).\n"
            )
        }
    }
}

/// A law of one kind, for reading.
#[derive(Debug, Serialize)]
struct Line<'a> {
    kind: &'a str,
    rows: usize,
    /// E, A, B and the exponents, with intervals but of A and B.
    #[serde(flatten)]
    parameters: Named<String>,
    /// Root mean square of the residuals.
    residuals: String,
}

/// A row per kind, for reading.
fn table(by: &By) -> Vec<Line<'_>> {
    let shown = by
        .parts
        .iter()
        .filter_map(|part| part.analysis.as_ref().ok().map(|analysis| (part, analysis)));
    shown.map(|(part, analysis)| line(part, analysis)).collect()
}

fn line<'a>(part: &'a Part, analysis: &Analysis) -> Line<'a> {
    let cell = |(at, parameter): (usize, Parameter)| {
        let estimate = digits(analysis.fit.parameters.get(parameter));
        let wide = matches!(parameter, Parameter::A | Parameter::B);
        let ends = if wide { String::new() } else { between(&analysis.intervals[at], digits) };
        let text = if analysis.is_shown() { estimate + &ends } else { "not told".to_owned() };
        (parameter.name(), text)
    };
    Line {
        kind: &part.label,
        rows: part.rows,
        parameters: Named::of(Parameter::ALL.into_iter().enumerate().take(5).map(cell)),
        residuals: small_percent(analysis.quality.rms),
    }
}

/// The law of one kind with shared exponents, for reading.
#[derive(Debug, Serialize)]
struct SharedLine<'a> {
    kind: &'a str,
    e: String,
    a: String,
    b: String,
}

/// A row per kind with shared exponents.
fn shared(found: &KindComparison) -> Vec<SharedLine<'_>> {
    let row = |kind: &'_ Kind| {
        let law = kind.shared.as_ref()?;
        Some((digits(law.e), digits(law.a), digits(law.b)))
    };
    let line = |(kind, (e, a, b))| SharedLine { kind, e, a, b };
    let rows = found.kinds.iter().filter_map(|kind| Some((kind.label.as_str(), row(kind)?)));
    rows.map(line).collect()
}
