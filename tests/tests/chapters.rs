//! Every chapter at the quick preset, sound and with its planted defect: findings as a person reads
//! them, and what the defect turns red.

use asymscale_tests::{quick_both, rounded};
use paper_repro::{CLAIMS, Chapter, Report, Verdict, chapters, findings_table, ledger};
use std::sync::OnceLock;

/// Chapter, sound report, report with the defect: computed once for all tests.
fn reports() -> &'static [(Chapter, Report, Report)] {
    static REPORTS: OnceLock<Vec<(Chapter, Report, Report)>> = OnceLock::new();
    REPORTS.get_or_init(|| {
        let both = |chapter: Chapter| {
            let (sound, defect) = quick_both(&chapter);
            (chapter, sound, defect)
        };
        chapters().into_iter().map(both).collect()
    })
}

fn holding(report: &Report) -> Vec<&str> {
    report.findings.iter().filter(|f| f.verdict == Verdict::Holds).map(|f| f.id.as_str()).collect()
}

#[test]
fn every_defect_turns_red_what_it_names_and_nothing_else() {
    for (chapter, sound, defect) in reports() {
        let (before, after) = (holding(sound), holding(defect));
        let mut lost: Vec<&str> = before.iter().filter(|id| !after.contains(id)).copied().collect();
        let mut named = chapter.defect.turns_red.to_vec();
        named.sort_unstable();
        lost.sort_unstable();
        assert_eq!(lost, named, "{}: the defect turns these red", chapter.id);
        for id in &lost {
            let finding = defect.findings.iter().find(|f| f.id == *id).unwrap();
            assert_eq!(finding.verdict, Verdict::Fails, "{}: {id} must fail outright", chapter.id);
        }
        assert!(!after.is_empty(), "{}: a defect leaves some findings green", chapter.id);
    }
}

#[test]
fn names_of_findings_are_unique_and_no_finding_fails_unseen() {
    for (chapter, sound, _) in reports() {
        let mut ids: Vec<&str> = sound.findings.iter().map(|f| f.id.as_str()).collect();
        ids.sort_unstable();
        assert!(ids.windows(2).all(|pair| pair[0] != pair[1]), "{}: {ids:?}", chapter.id);
        let failing: Vec<&str> = sound
            .findings
            .iter()
            .filter(|f| f.verdict == Verdict::Fails)
            .map(|f| f.id.as_str())
            .collect();
        assert!(failing.is_empty(), "{}: {failing:?} fail at the quick preset", chapter.id);
    }
}

/// Numbers are rounded to a tenth of each finding's tolerance, so the last bits of another machine
/// do not show.
#[test]
fn findings_of_the_quick_preset() {
    for (chapter, sound, _) in reports() {
        insta::assert_snapshot!(
            format!("findings-{}", chapter.id),
            findings_table(&sound.findings)
        );
    }
}

/// Every table behind a figure, as far as its columns are the same on all machines.
#[test]
fn tables_of_the_quick_preset() {
    for (chapter, sound, _) in reports() {
        for drawn in &sound.figures {
            let name = format!(
                "table-{}",
                if sound.figures.len() == 1 { chapter.id } else { &drawn.name }
            );
            insta::assert_snapshot!(name, rounded(&drawn.data, drawn.drift));
        }
    }
}

/// One row a claim; of the numbers below it the snapshots of the chapters tell.
#[test]
fn the_ledger_has_a_verdict_for_every_claim() {
    let sound: Vec<_> =
        reports().iter().map(|(chapter, sound, _)| (*chapter, sound.clone())).collect();
    let page = ledger(&sound, "report/");
    for (claim, _) in CLAIMS {
        assert_eq!(page.matches(&format!("\n| {claim} |")).count(), 1, "{claim} has one row");
    }
    insta::assert_snapshot!("ledger", page.split("\n## ").next().unwrap_or_default());
}

/// Weaving resolves every citation, and figures are drawn.
#[test]
fn chapters_weave_and_draw() {
    for (chapter, sound, defect) in reports() {
        let page = paper_repro::weave(chapter, sound, defect, "figures").unwrap();
        assert!(page.starts_with("# ") && page.contains("## Findings"), "{}", chapter.id);
        for drawn in &sound.figures {
            let svg = drawn.figure.to_svg().unwrap();
            assert!(
                svg.len() > 10_000 && svg.len() < 400_000,
                "{}: {} bytes",
                drawn.name,
                svg.len()
            );
        }
    }
}
