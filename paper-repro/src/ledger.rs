//! The ledger: every claim of the abstract with what was predicted, what was measured, and the
//! verdict that follows.

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

/// Under which conditions a claim holds, where it does not hold throughout: what the findings of
/// its chapters show together.
pub(crate) const CONDITIONS: [(&str, &str); 1] = [(
    "C10",
    "persists for activations whose odd part is linear, such as ReLU, and for any beside linear units or with small weights; \
     not for erf or tanh on Gaussian amplitudes with weights of scale one, nor for ReLU on steep spectra with many such coordinates always on",
)];

/// The words of a claim, and its condition if it has one and none of its findings fails.
pub(crate) fn words_of(claim: &str, words: &str, verdict: Option<Verdict>) -> String {
    let condition = CONDITIONS.iter().find(|(known, _)| *known == claim);
    match condition {
        Some((_, condition)) if verdict != Some(Verdict::Fails) => {
            format!("{words} (found: {condition})")
        }
        _ => words.to_owned(),
    }
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
         `figures/claims.json`.\n\n| claim | the abstract says | chapters | findings that hold | verdict |\n|---|---|---|---|---|\n",
    );
    for (claim, words) in CLAIMS {
        let (found, links) = (of_claim(reports, claim), links(reports, claim, chapters));
        let holding = found.iter().filter(|finding| finding.verdict == Verdict::Holds).count();
        let verdict = claim_verdict(&found);
        let words = words_of(claim, words, verdict);
        let verdict = verdict.map_or("not tested", Verdict::word);
        let _ = writeln!(
            page,
            "| {claim} | {words} | {links} | {holding} of {} | **{verdict}** |",
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
