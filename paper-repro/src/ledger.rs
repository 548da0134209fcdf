//! The ledger: every claim of the abstract with what was predicted, what was measured, and the
//! verdict that follows.

use crate::citations::{rounded, scale};
use crate::{Chapter, Finding, Report, Verdict, findings_table};
use std::fmt::Write as _;

/// The abstract's claims, in our words.
pub const CLAIMS: [(&str, &str); 10] = [
    ("C1", "a model of scaling laws under sparse activations"),
    ("C2", "the test loss is often dominated by rare coordinates never observed in training"),
    ("C3", "dense models have no such bottleneck"),
    ("C4", "the loss in the under- and the overparameterized regime"),
    ("C5", "a double-descent peak near the interpolation threshold"),
    ("C6", "two distinct exponents, the gap between them set by the degree of sparsity"),
    ("C7", "a compute-optimal frontier that favours data over model size"),
    ("C8", "the dynamics of gradient descent"),
    (
        "C9",
        "a scaling law for the probability that gradient descent of fixed step becomes unstable",
    ),
    ("C10", "the effect persists under nonlinear activations"),
];

/// The words of a claim with what a chapter measured of its condition, its fact `condition-C…`, if
/// it has one.
pub(crate) fn words_of<'a>(
    claim: &str,
    words: &str,
    facts: impl Iterator<Item = &'a (String, String)>,
) -> String {
    let with = |condition| format!("{words} (measured: {condition})");
    condition_of(claim, facts).map_or(words.to_owned(), with)
}

/// What a chapter measured of the condition of a claim, if it has one.
pub(crate) fn condition_of<'a>(
    claim: &str,
    mut facts: impl Iterator<Item = &'a (String, String)>,
) -> Option<&'a str> {
    let name = format!("condition-{claim}");
    facts.find(|(known, _)| *known == name).map(|(_, condition)| condition.as_str())
}

/// What follows for a claim from its findings: it fails with any of them, and holds only with all;
/// `None` without findings.
///
/// ```
/// use paper_repro::{Finding, Measured, Prediction, Tolerance, Verdict, claim_verdict};
/// let measured = |value| {
///     Finding::of("x", "a statement")
///         .predicted(Prediction::Equals(1.0))
///         .measured(Measured::Exact(value))
///         .within(Tolerance::grid_step(0.1, "a step"))
/// };
/// let (near, far) = (measured(1.0), measured(2.0));
/// assert_eq!(claim_verdict(&[&near, &near]), Some(Verdict::Holds));
/// assert_eq!(claim_verdict(&[&near, &far]), Some(Verdict::Fails));
/// assert_eq!(claim_verdict(&[]), None);
/// ```
pub fn claim_verdict(findings: &[&Finding]) -> Option<Verdict> {
    let any = |verdict| findings.iter().any(|finding| finding.verdict == verdict);
    if findings.is_empty() {
        None
    } else if any(Verdict::Fails) {
        Some(Verdict::Fails)
    } else if any(Verdict::Inconclusive) {
        Some(Verdict::Inconclusive)
    } else {
        Some(Verdict::Holds)
    }
}

/// The ledger as Markdown; `chapters` is the path from it to the woven chapters, with a closing
/// slash or empty.
pub fn ledger(reports: &[(Chapter, Report)], chapters: &str) -> String {
    let mut page = String::from(
        "# The ledger\n\nEvery claim of the abstract, what we predicted, what we measured, and what follows. A claim holds if all its findings \
         hold, and fails if one does. Written by `cargo xtask repro`; the text behind a row is in its chapter, all numbers are in \
         `figures/claims.json`.\n\n| claim | verdict | the abstract says | chapters | findings that hold |\n|---|---|---|---|---|\n",
    );
    for (claim, words) in CLAIMS {
        let (found, links) = (of_claim(reports, claim), links(reports, claim, chapters));
        let holding = found.iter().filter(|finding| finding.verdict == Verdict::Holds).count();
        let verdict = claim_verdict(&found).map_or("not tested", Verdict::word);
        let words = words_of(claim, words, reports.iter().flat_map(|(_, report)| &report.facts));
        let _ = writeln!(
            page,
            "| {claim} | **{verdict}** | {words} | {links} | {holding} of {} |",
            found.len()
        );
    }
    for (claim, words) in CLAIMS {
        for (chapter, report) in reports {
            let found: Vec<Finding> =
                report.findings.iter().filter(|f| f.claim == Some(claim)).cloned().collect();
            if !found.is_empty() {
                let command = command(chapter);
                let _ = writeln!(
                    page,
                    "\n## {claim} in chapter {}: {words}\n\n`{command}`\n",
                    chapter.id
                );
                page += &findings_table(&found);
            }
        }
    }
    page
}

/// What a run says at its end: a line per claim with its verdict and the finding that is nearest to
/// failing, and one per finding without a claim that does not hold.
pub(crate) fn summary(reports: &[(Chapter, Report)]) -> String {
    let mut text =
        String::from("claim verdict       findings  that hold; the one nearest to failing\n");
    for (claim, _) in CLAIMS {
        let found = of_claim(reports, claim);
        if let (Some(verdict), Some(worst)) = (claim_verdict(&found), worst(&found)) {
            let holding = found.iter().filter(|f| f.verdict == Verdict::Holds).count();
            let count = format!("{holding} of {}", found.len());
            let (word, worst) = (verdict.word(), described(worst));
            let _ = writeln!(text, "{claim:<5} {word:<13} {count:<9} {worst}");
        }
    }
    let others = reports.iter().flat_map(|(_, report)| &report.findings);
    for finding in others.filter(|f| f.claim.is_none() && f.verdict != Verdict::Holds) {
        let (word, told) = (finding.verdict.word(), described(finding));
        let _ = writeln!(text, "{:<5} {word:<13} {:<9} {told}", "–", "");
    }
    text
}

/// The finding that fails or, if none does, is inconclusive; among equals the one that is farthest
/// from its prediction in tolerances.
pub(crate) fn worst<'a>(found: &[&'a Finding]) -> Option<&'a Finding> {
    let rank = |finding: &Finding| match finding.verdict {
        Verdict::Fails => 2,
        Verdict::Inconclusive => 1,
        Verdict::Holds => 0,
    };
    let off = |finding: &Finding| {
        let distance = finding.predicted.distance(finding.measured.value());
        if distance > 0.0 { distance / finding.tolerance.width } else { 0.0 }
    };
    found
        .iter()
        .copied()
        .max_by(|a, b| rank(a).cmp(&rank(b)).then_with(|| off(a).total_cmp(&off(b))))
}

fn described(finding: &Finding) -> String {
    let (unit, width) = (scale(finding), finding.tolerance.width);
    format!(
        "{}: {} (predicted {}, tolerance {})",
        finding.statement,
        rounded(finding.measured.value(), unit),
        finding.predicted.text(unit, width),
        rounded(width, width)
    )
}

/// The command that runs a chapter alone.
pub(crate) fn command(chapter: &Chapter) -> String {
    format!("cargo xtask repro {}", chapter.number())
}

fn of_claim<'a>(reports: &'a [(Chapter, Report)], claim: &str) -> Vec<&'a Finding> {
    reports
        .iter()
        .flat_map(|(_, report)| &report.findings)
        .filter(|f| f.claim == Some(claim))
        .collect()
}

fn links(reports: &[(Chapter, Report)], claim: &str, chapters: &str) -> String {
    let bears =
        |report: &Report| report.findings.iter().any(|finding| finding.claim == Some(claim));
    let bearing = reports.iter().filter(|(_, report)| bears(report));
    let links: Vec<String> = bearing
        .map(|(chapter, _)| format!("[{}]({chapters}{}.md)", chapter.id, chapter.id))
        .collect();
    if links.is_empty() { "–".to_owned() } else { links.join(", ") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Measured, Prediction, Tolerance};

    fn finding(statement: &str, value: f64, interval: f64) -> Finding {
        Finding::of(statement, statement)
            .claim("C1")
            .predicted(Prediction::Equals(1.0))
            .measured(Measured::from((value, (value - interval, value + interval))))
            .within(Tolerance::statistical(0.1, "designs"))
    }

    #[test]
    fn the_worst_finding_fails_or_is_inconclusive_or_is_the_farthest() {
        let (near, far) = (finding("near", 1.01, 0.02), finding("far", 1.05, 0.02));
        let (open, red) = (finding("open", 1.0, 0.9), finding("red", 1.5, 0.02));
        let worst = |found: &[&Finding]| worst(found).unwrap().statement.clone();
        assert_eq!(worst(&[&near, &far]), "far");
        assert_eq!(worst(&[&near, &open, &far]), "open");
        assert_eq!(worst(&[&red, &open]), "red");
        assert_eq!(described(&far), "far: 1.05 (predicted 1.00, tolerance 0.10)");
    }

    #[test]
    fn a_condition_is_what_a_chapter_measured() {
        let facts = [("condition-C10".to_owned(), "persists for relu".to_owned())];
        assert_eq!(words_of("C10", "a", facts.iter()), "a (measured: persists for relu)");
        assert_eq!(words_of("C1", "a model", facts.iter()), "a model");
    }
}
