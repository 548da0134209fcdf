//! Findings as tables of a page.

use super::markdown::escaped;
use crate::{Finding, Report, Verdict, rounded};
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

pub(super) fn findings_table(findings: &[Finding]) -> String {
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
        let unit = finding.tolerance.width;
        let _ = writeln!(
            table,
            "<tr><th scope=\"row\">{}</th><td>{}</td><td>{}</td><td class=\"number\">{}</td><td class=\"number\">{}</td>\
             <td class=\"number\">{}</td><td>{}: {}</td></tr>",
            escaped(&finding.statement),
            badge(Some(finding.verdict)),
            finding.claim.unwrap_or("–"),
            finding.predicted.text(unit),
            rounded(finding.measured.value(), unit),
            finding.measured.interval_text(unit),
            rounded(unit, unit),
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
            "predicted",
            "measured",
            "with the mistake",
            "off by, in tolerances",
            "verdict then",
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
            "<tr><th scope=\"row\">{}</th><td class=\"number\">{}</td><td class=\"number\">{sound}</td><td class=\"number\">{}</td>\
             <td class=\"number\">{}</td><td>{}</td></tr>",
            escaped(&finding.statement),
            finding.predicted.text(unit),
            rounded(finding.measured.value(), unit),
            if off.is_finite() { format!("{off:.1}") } else { "none allowed".to_owned() },
            badge(Some(finding.verdict)),
        );
    }
    let spared = defect.findings.iter().filter(|finding| finding.verdict != Verdict::Fails).count();
    format!("{table}{FOOT}<p>The other findings, {spared} in number, do not fail with it.</p>\n")
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
    use crate::{Measured, Prediction, Tolerance};

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
        for interval in ["0.90 … 1.10", "exact", "no interval"] {
            let cells = format!(
                "<td class=\"number\">{interval}</td><td>0.10: grid step: a &lt; b</td></tr>"
            );
            assert!(table.contains(&cells), "{cells}: {table}");
        }
    }
}
