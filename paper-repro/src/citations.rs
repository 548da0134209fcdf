//! Numbers in prose are never typed: prose cites `{finding.field}`, and this module fills it in.
//!
//! A citation is `{id.field}` for a finding of the chapter (`{id.estimate}` is the measured value
//! with its interval), `{defect.id.field}` for the same
//! finding with the chapter's planted defect, or `{fact.name}` for a number the report states
//! without judging it. TeX braces hold no dotted name and are left alone.

use crate::{Finding, Measured, Report};

/// Fills in every citation of `prose`.
///
/// # Errors
/// Names the citation that refers to nothing.
pub fn resolve(prose: &str, report: &Report, defect: &Report) -> Result<String, String> {
    let mut out = String::with_capacity(prose.len());
    let mut rest = prose;
    while let Some(at) = rest.find('{') {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        let Some(name) =
            rest[1..].find('}').map(|end| &rest[1..=end]).filter(|name| is_citation(name))
        else {
            out.push('{');
            rest = &rest[1..];
            continue;
        };
        out.push_str(
            &cited(name, report, defect)
                .ok_or_else(|| format!("citation {{{name}}} refers to nothing"))?,
        );
        rest = &rest[name.len() + 2..];
    }
    out.push_str(rest);
    Ok(out)
}

/// Words of letters, digits, `-` and `_`, at least two, joined by dots, the first starting with a
/// letter.
fn is_citation(name: &str) -> bool {
    let word = |part: &str| {
        !part.is_empty() && part.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_')
    };
    name.contains('.')
        && name.split('.').all(word)
        && name.starts_with(|c: char| c.is_ascii_alphabetic())
}

fn cited(name: &str, report: &Report, defect: &Report) -> Option<String> {
    let (report, name) = match name.strip_prefix("defect.") {
        Some(rest) => (defect, rest),
        None => (report, name),
    };
    let (id, field) = name.rsplit_once('.')?;
    if id == "fact" {
        return report
            .facts
            .iter()
            .find(|(known, _)| known == field)
            .map(|(_, value)| value.clone());
    }
    let finding = report.findings.iter().find(|finding| finding.id == id)?;
    field_of(finding, field)
}

/// The size of what matters in the numbers of a finding, of which [`rounded`] shows a tenth: its
/// tolerance where it was not estimated. Where it was, half of its interval shows in one or two
/// digits.
pub(crate) fn scale(finding: &Finding) -> f64 {
    let half = estimated_interval(finding).map_or(0.0, |(low, high)| 0.5 * (high - low));
    if half > 0.0 { 10.0 * half } else { finding.tolerance.width }
}

fn field_of(finding: &Finding, field: &str) -> Option<String> {
    let unit = scale(finding);
    Some(match field {
        "estimate" => {
            let value = rounded(finding.measured.value(), unit);
            estimated_interval(finding).map_or(value.clone(), |(low, high)| {
                format!("{value} ({} to {})", rounded(low, unit), rounded(high, unit))
            })
        }
        "predicted" => rounded(finding.predicted.value(), unit),
        "measured" => rounded(finding.measured.value(), unit),
        "low" => rounded(estimated_interval(finding)?.0, unit),
        "high" => rounded(estimated_interval(finding)?.1, unit),
        "tolerance" => rounded(finding.tolerance.width, finding.tolerance.width),
        "verdict" => finding.verdict.word().to_owned(),
        _ => return None,
    })
}

/// The interval of a finding that was estimated; exact values, and those of which no interval is
/// known, have none to cite.
fn estimated_interval(finding: &Finding) -> Option<(f64, f64)> {
    finding.measured.interval().filter(|_| matches!(finding.measured, Measured::Estimated { .. }))
}

/// A number with as many decimals as `scale`, the size of what matters in it, can tell: a tenth of
/// it.
///
/// ```
/// use paper_repro::rounded;
/// assert_eq!(rounded(0.123456, 0.02), "0.123");
/// assert_eq!(rounded(1234.5678, 20.0), "1235");
/// assert_eq!(rounded(3.2e-7, 1e-8), "3.20e-7");
/// assert_eq!(rounded(-0.5, 0.1), "−0.50");
/// ```
pub fn rounded(value: f64, scale: f64) -> String {
    if value < 0.0 {
        // A true minus sign, and none before what is rounded to zero.
        let size = rounded(-value, scale);
        let zero = !size.bytes().any(|digit| (b'1'..=b'9').contains(&digit));
        return if zero { size } else { format!("−{size}") };
    }
    if value != 0.0 && value < 1e-4 {
        return format!("{value:.2e}");
    }
    let decimals = if scale > 0.0 && scale.is_finite() {
        (1.0 - scale.log10()).ceil().clamp(0.0, 8.0)
    } else {
        3.0
    };
    format!("{value:.*}", decimals as usize)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Prediction, Tolerance};

    fn report(measured: f64) -> Report {
        let finding = Finding::of("peak", "")
            .predicted(Prediction::Equals(1.0))
            .measured(Measured::Exact(measured))
            .within(Tolerance::grid_step(0.05, "a step"));
        Report {
            findings: vec![finding],
            facts: vec![("rank".into(), "158".into())],
            ..Report::default()
        }
    }

    #[test]
    fn citations_are_filled_in_and_tex_is_left_alone() {
        let prose = r"The peak sits at {peak.measured} $\operatorname{rank} X^{1.5}$, not {defect.peak.measured}; {fact.rank}.";
        let filled = resolve(prose, &report(0.99), &report(3.2)).unwrap();
        assert_eq!(
            filled,
            r"The peak sits at 0.990 $\operatorname{rank} X^{1.5}$, not 3.200; 158."
        );
    }

    #[test]
    fn an_unresolved_citation_is_an_error() {
        let error = resolve("see {dip.measured}", &report(1.0), &report(1.0)).unwrap_err();
        assert_eq!(error, "citation {dip.measured} refers to nothing");
        // An exact value has no interval to cite.
        for name in ["{peak.colour}", "{peak.low}"] {
            assert!(resolve(name, &report(1.0), &report(1.0)).is_err(), "{name}");
        }
    }
}
