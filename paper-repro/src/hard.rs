//! The page "What was hard", for those who reproduce the article themselves: what its abstract
//! leaves open, what we chose, which choices matter as far as chapters measured it, and what would
//! change a verdict. Numbers are cited from the chapters, never typed.

use crate::ledger::worst;
use crate::{CLAIMS, Finding, Section, citations, claim_verdict, rounded};
use std::fmt::Write as _;

/// The title of the page.
pub(crate) const TITLE: &str = "What was hard";

/// What is written by hand. `{NN:finding.field}` cites a finding of chapter NN.
const TEXT: &str = include_str!("hard.md");

/// The page as Markdown. A number of a chapter that was not run is told as such.
///
/// # Errors
/// Names a citation that refers to nothing in a chapter that was run.
pub(crate) fn what_was_hard(sections: &[Section]) -> Result<String, String> {
    let text = resolved(TEXT, sections)?;
    Ok(format!("# {TITLE}\n\n{text}\n{}", nearest(sections)))
}

/// Fills in every citation of a text; braces that hold no colon are those of TeX.
fn resolved(text: &str, sections: &[Section]) -> Result<String, String> {
    let mut pieces = text.split('{');
    let mut out = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        match piece.split_once('}').filter(|(name, _)| name.contains(':')) {
            Some((citation, rest)) => out += &(cited(citation, sections)? + rest),
            None => out.extend(["{", piece]),
        }
    }
    Ok(out)
}

fn cited(citation: &str, sections: &[Section]) -> Result<String, String> {
    let (number, name) = citation.split_once(':').unwrap_or_default();
    match sections.iter().find(|section| section.chapter.number() == number) {
        Some(Section { report, defect, .. }) => {
            citations::resolve(&format!("{{{name}}}"), report, defect)
                .map_err(|error| format!("chapter {number}: {error}"))
        }
        None => Ok("(not run)".to_owned()),
    }
}

/// For every claim the finding that is nearest to failing.
fn nearest(sections: &[Section]) -> String {
    let mut table = String::from(
        "The finding of each claim that is nearest to failing, and how far it is from its prediction:\n\n\
         | claim | verdict | finding | chapter | distance in tolerances |\n|---|---|---|---|---|\n",
    );
    for (claim, _) in CLAIMS {
        let all = sections.iter().flat_map(|section| &section.report.findings);
        let found: Vec<&Finding> = all.filter(|finding| finding.claim == Some(claim)).collect();
        let (Some(worst), Some(verdict)) = (worst(&found), claim_verdict(&found)) else { continue };
        let is_its = |section: &&Section| {
            section.report.findings.iter().any(|finding| std::ptr::eq(finding, worst))
        };
        let chapter = sections.iter().find(is_its).map_or("", |section| section.chapter.id);
        let off = worst.predicted.distance(worst.measured.value());
        let in_tolerances = match worst.tolerance.width {
            width if width > 0.0 => rounded(off / width, 0.1),
            _ if off == 0.0 => rounded(0.0, 0.1),
            _ => "none allowed".to_owned(),
        };
        let _ = writeln!(
            table,
            "| {claim} | **{}** | {} | [{chapter}]({chapter}.md) | {in_tolerances} |",
            verdict.word(),
            worst.statement,
        );
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Chapter, Measured, Prediction, Report, Tolerance, chapters};

    fn section(chapter: Chapter) -> Section {
        let finding = |value| {
            Finding::of("peak", "a peak")
                .claim("C5")
                .predicted(Prediction::Equals(1.0))
                .measured(Measured::Exact(value))
                .within(Tolerance::grid_step(0.1, "a step"))
        };
        let report = |value| Report { findings: vec![finding(value)], ..Report::default() };
        let (report, defect) = (report(1.05), report(3.0));
        Section { chapter, report, defect, pictures: Vec::new() }
    }

    #[test]
    fn a_citation_names_its_chapter_and_refers_to_something() {
        let sections = [section(chapters()[1])];
        let told = |text| resolved(text, &sections);
        let both = told("$D^{1}$: {02:peak.measured}, not {02:defect.peak.measured}; {03:a.low}.");
        assert_eq!(both, Ok("$D^{1}$: 1.05, not 3.00; (not run).".to_owned()));
        for wrong in ["{02:dip.measured}", "{02:peak.colour}"] {
            assert!(told(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn the_nearest_finding_of_each_claim_is_told_with_its_distance() {
        let table = nearest(&[section(chapters()[1])]);
        let row = "| C5 | **holds** | a peak | [02-double-descent](02-double-descent.md) | 0.50 |";
        assert!(table.contains(row) && !table.contains("| C4 |"), "{table}");
    }

    #[test]
    fn what_is_written_by_hand_holds_no_number_that_a_chapter_measured() {
        let text = resolved(TEXT, &[]).unwrap();
        let bare: Vec<char> =
            text.split(['$', '`']).step_by(2).collect::<String>().chars().collect();
        let is_decimal =
            |w: &&[char]| w[0].is_ascii_digit() && w[1] == '.' && w[2].is_ascii_digit();
        let typed: Vec<&[char]> = bare.windows(3).filter(is_decimal).collect();
        assert!(typed.is_empty(), "{typed:?}");
    }
}
