//! Weaving: a chapter's source file, read top to bottom, as Markdown.
//!
//! Comments at column 0 are prose (Markdown with TeX), everything else is code. The report of the
//! chapter follows: its figures, what was found, and the planted defect as a control.

use crate::{Chapter, Finding, Report, citations, rounded};
use std::fmt::Write as _;

/// The chapter as one Markdown document; `figures` is the path from the document to the figures'
/// folder.
///
/// # Errors
/// Names a citation in the prose that refers to nothing.
pub fn weave(
    chapter: &Chapter,
    report: &Report,
    defect: &Report,
    figures: &str,
) -> Result<String, String> {
    let mut page = String::new();
    for block in blocks(chapter.source) {
        match block {
            Block::Prose(text) => {
                let text = citations::resolve(&text, report, defect)
                    .map_err(|e| format!("{}: {e}", chapter.id))?;
                let _ = writeln!(page, "{text}\n");
            }
            Block::Code(text) => {
                let _ = writeln!(page, "```rust\n{text}\n```\n");
            }
        }
    }
    for figure in &report.figures {
        let _ = writeln!(page, "![{}]({figures}/{}.svg)\n", figure.caption, figure.name);
        let _ = writeln!(
            page,
            "*{}* Data: [{}.csv]({figures}/{}.csv).\n",
            figure.caption, figure.name, figure.name
        );
    }
    let _ = writeln!(page, "## Findings\n\n{}", findings_table(&report.findings));
    let _ =
        writeln!(page, "## Control: {}\n\n{}\n", chapter.defect.name, chapter.defect.description);
    let _ = writeln!(page, "{}", findings_table(&defect.findings));
    Ok(page)
}

/// Findings as a Markdown table, the form a reader and the snapshots see.
pub fn findings_table(findings: &[Finding]) -> String {
    let mut table = String::from(
        "| finding | claim | predicted | measured | 95 % interval | tolerance | verdict |\n|---|---|---|---|---|---|---|\n",
    );
    for finding in findings {
        let unit = finding.tolerance.width;
        let _ = writeln!(
            table,
            "| {} | {} | {} | {} | {} | {} ({}) | **{}** |",
            finding.statement,
            finding.claim.unwrap_or("–"),
            finding.predicted.text(unit),
            rounded(finding.measured.value(), unit),
            finding.measured.interval_text(unit),
            rounded(unit, unit),
            finding.tolerance,
            finding.verdict.word(),
        );
    }
    table
}

/// A piece of a chapter's source.
#[derive(Debug, PartialEq)]
pub(crate) enum Block {
    /// Markdown with TeX and citations.
    Prose(String),
    /// Rust.
    Code(String),
}

/// Splits a source file into alternating prose and code, blank lines around blocks dropped.
pub(crate) fn blocks(source: &str) -> Vec<Block> {
    let mut blocks = Vec::new();
    let mut prose: Vec<&str> = Vec::new();
    let mut code: Vec<&str> = Vec::new();
    for line in source.lines() {
        match prose_line(line) {
            Some(text) => {
                push_code(&mut blocks, &mut code);
                prose.push(text);
            }
            None if line.is_empty() && code.is_empty() => {
                push_prose(&mut blocks, &mut prose);
            }
            None => {
                push_prose(&mut blocks, &mut prose);
                code.push(line);
            }
        }
    }
    push_prose(&mut blocks, &mut prose);
    push_code(&mut blocks, &mut code);
    blocks
}

/// The text of a comment at column 0; `///` documents an item and stays with the code.
fn prose_line(line: &str) -> Option<&str> {
    let text = line
        .strip_prefix("//!")
        .or_else(|| line.strip_prefix("//").filter(|rest| !rest.starts_with('/')))?;
    Some(text.strip_prefix(' ').unwrap_or(text))
}

fn push_prose(blocks: &mut Vec<Block>, lines: &mut Vec<&str>) {
    if !lines.is_empty() {
        blocks.push(Block::Prose(std::mem::take(lines).join("\n")));
    }
}

fn push_code(blocks: &mut Vec<Block>, lines: &mut Vec<&str>) {
    while lines.last().is_some_and(|line| line.is_empty()) {
        lines.pop();
    }
    if !lines.is_empty() {
        blocks.push(Block::Code(std::mem::take(lines).join("\n")));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prose_and_code_alternate() {
        let source = "//! # Title\n\n// We argue\n// at length.\nfn a() {\n    // inner\n\n    1;\n}\n\n/// Doc.\nfn b() {}\n";
        let expected = vec![
            Block::Prose("# Title".into()),
            Block::Prose("We argue\nat length.".into()),
            Block::Code("fn a() {\n    // inner\n\n    1;\n}\n\n/// Doc.\nfn b() {}".into()),
        ];
        assert_eq!(blocks(source), expected);
    }
}
