//! Findings as tables of a page.

use super::markdown::escaped;
use crate::{Finding, Measured, Report, Verdict, citations, rounded};
use std::fmt::Write as _;

/// A verdict in a sign, a word and a colour.
pub(super) fn badge(verdict: Option<Verdict>) -> String {
    let (class, text) = match verdict {
        Some(Verdict::Holds) => ("holds", "✓ holds"),
        Some(Verdict::Fails) => ("fails", "✗ fails"),
        Some(Verdict::Inconclusive) => ("inconclusive", "? inconclusive"),
        None => ("untested", "not tested"),
    };
    format!("<span class=\"verdict {class}\">{text}</span>")
}

/// Findings as a table; those without sampling error that hold are folded under one line, if there
/// are several.
pub(super) fn findings_table(findings: &[Finding]) -> String {
    let is_plain = |finding: &&Finding| {
        matches!(finding.measured, Measured::Exact(_)) && finding.verdict == Verdict::Holds
    };
    let (plain, telling): (Vec<&Finding>, Vec<&Finding>) = findings.iter().partition(is_plain);
    if plain.len() < FEW || telling.is_empty() {
        return table(findings.iter());
    }
    let farthest = plain
        .iter()
        .map(|finding| {
            finding.predicted.distance(finding.measured.value()) / finding.tolerance.width
        })
        .fold(0.0, f64::max);
    format!(
        "{}<details>\n<summary>{} findings without sampling error hold, the farthest at {:.0} % of its tolerance</summary>\n{}</details>\n",
        table(telling.iter().copied()),
        plain.len(),
        100.0 * farthest,
        table(plain.iter().copied()),
    )
}

/// So few findings are not folded.
const FEW: usize = 3;

fn table<'a>(findings: impl Iterator<Item = &'a Finding>) -> String {
    let mut table = head(
        "Prediction, measurement, and what disagreement is allowed",
        &[
            "finding",
            "verdict",
            "claim",
            "predicted",
            "measured",
            "95 % interval",
            "tolerance, and its source",
        ],
    );
    for finding in findings {
        let (unit, width) = (citations::scale(finding), finding.tolerance.width);
        let _ = writeln!(
            table,
            "<tr><th scope=\"row\">{}</th><td>{}</td><td>{}</td><td class=\"number\">{}</td><td class=\"number\">{}</td>\
             <td class=\"number\">{}</td><td>{}: {}</td></tr>",
            escaped(&finding.statement),
            badge(Some(finding.verdict)),
            finding.claim.unwrap_or("–"),
            finding.predicted.text(unit, width),
            rounded(finding.measured.value(), unit),
            finding.measured.interval_text(unit),
            rounded(width, width),
            escaped(&finding.tolerance.to_string()),
        );
    }
    table + FOOT
}

/// What the planted defect makes of the findings it must turn red, and whether it spares the
/// others.
pub(super) fn control(report: &Report, defect: &Report, turns_red: &[&str]) -> String {
    let mut table = head(
        "With the planted mistake, in the quick preset",
        &[
            "finding",
            "verdict then",
            "predicted",
            "measured",
            "with the mistake",
            "off by, in tolerances",
        ],
    );
    for finding in defect.findings.iter().filter(|finding| turns_red.contains(&finding.id.as_str()))
    {
        let unit = finding.tolerance.width;
        let sound = report.findings.iter().find(|sound| sound.id == finding.id);
        let sound = sound.map_or("–".to_owned(), |sound| {
            rounded(sound.measured.value(), sound.tolerance.width)
        });
        let off = (finding.measured.value() - finding.predicted.value()).abs() / unit;
        let _ = writeln!(
            table,
            "<tr><th scope=\"row\">{}</th><td>{}</td><td class=\"number\">{}</td><td class=\"number\">{sound}</td><td class=\"number\">{}</td>\
             <td class=\"number\">{}</td></tr>",
            escaped(&finding.statement),
            badge(Some(finding.verdict)),
            finding.predicted.text(unit, unit),
            rounded(finding.measured.value(), unit),
            if off.is_finite() { format!("{off:.1}") } else { "none allowed".to_owned() },
        );
    }
    let spared = defect.findings.iter().filter(|finding| finding.verdict != Verdict::Fails).count();
    format!("{table}{FOOT}<p>The other {spared} findings do not fail with it.</p>\n")
}

fn head(caption: &str, columns: &[&str]) -> String {
    let columns = columns.join("</th><th scope=\"col\">");
    format!(
        "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"{caption}\">\n<table>\n<caption>{caption}</caption>\n<thead><tr><th scope=\"col\">{columns}</th></tr></thead>\n<tbody>\n"
    )
}

const FOOT: &str = "</tbody>\n</table>\n</div>\n";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Prediction, Tolerance};

    #[test]
    fn cells_stand_under_their_headings() {
        let finding = |measured: Measured| {
            Finding::of("a", "a <slope>")
                .claim("C4")
                .predicted(Prediction::Equals(1.0))
                .measured(measured)
                .within(Tolerance::grid_step(0.1, "a < b"))
        };
        let measured =
            [(1.02, (0.9, 1.1)).into(), Measured::Exact(1.02), Measured::NoInterval(1.02)];
        let table = findings_table(&measured.map(finding));
        let cells = |tag: &str| -> Vec<String> {
            let rest = table.split(tag).skip(1);
            rest.map(|cell| cell.split("</").next().unwrap_or_default().to_owned()).collect()
        };
        assert_eq!(cells("scope=\"col\">").len(), 7);
        assert_eq!(cells("scope=\"col\">")[1..3], ["verdict", "claim"]);
        assert!(
            table.contains(
                "a &lt;slope&gt;</th><td><span class=\"verdict holds\">✓ holds</span></td><td>C4</td>"
            ),
            "{table}"
        );
        for interval in ["0.9 … 1.1", "exact", "no interval"] {
            let cells = format!(
                "<td class=\"number\">{interval}</td><td>0.10: grid step: a &lt; b</td></tr>"
            );
            assert!(table.contains(&cells), "{cells}: {table}");
        }
    }

    #[test]
    fn plain_findings_are_folded_under_how_far_the_farthest_is() {
        let finding = |value: f64| {
            Finding::of("a", "a limit")
                .predicted(Prediction::AtMost(0.0))
                .measured(Measured::Exact(value))
                .within(Tolerance::finite_size(0.01, "a power"))
        };
        let sampled = Finding::of("b", "a mean")
            .predicted(Prediction::Equals(1.0))
            .measured((1.0, (0.9, 1.1)))
            .within(Tolerance::statistical(0.2, "designs"));
        let few = [finding(0.001), finding(0.002), sampled.clone()];
        assert!(!findings_table(&few).contains("<details>"));
        let page = findings_table(&[finding(0.001), finding(0.002), finding(0.005), sampled]);
        let folded = page.split("<details>").nth(1).unwrap();
        assert!(folded.contains("3 findings without sampling error hold, the farthest at 50 %"));
        assert_eq!(folded.matches("a limit").count(), 3);
        assert!(!folded.contains("a mean") && folded.contains("≤ 0.010"), "{folded}");
    }
}
