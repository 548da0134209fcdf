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
    let resolved = |text: &str| {
        citations::resolve(text, report, defect).map_err(|e| format!("{}: {e}", chapter.id))
    };
    let parts = Parts::of(chapter.source);
    let mut page = format!("{}\n\n", resolved(&parts.opening)?);
    let _ = writeln!(
        page,
        "Assumed: {}\n\n## Result\n\n{}\n",
        chapter.assumes,
        resolved(&parts.result)?
    );
    for figure in &report.figures {
        let _ = writeln!(page, "![{}]({figures}/{}.svg)\n", figure.caption, figure.name);
        let _ = writeln!(
            page,
            "*{}* Data: [{}.csv]({figures}/{}.csv).\n",
            figure.caption, figure.name, figure.name
        );
    }
    page += "## Argument and code\n\n";
    for block in parts.argument {
        match block {
            Block::Prose(text) => {
                let _ = writeln!(page, "{}\n", resolved(&text)?);
            }
            Block::Code(text) => {
                let _ = writeln!(page, "```rust\n{text}\n```\n");
            }
        }
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
        let (unit, width) = (citations::scale(finding), finding.tolerance.width);
        let _ = writeln!(
            table,
            "| {} | {} | {} | {} | {} | {} ({}) | **{}** |",
            finding.statement,
            finding.claim.unwrap_or("–"),
            finding.predicted.text(unit, width),
            rounded(finding.measured.value(), unit),
            finding.measured.interval_text(unit),
            rounded(width, width),
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

/// A chapter's source in the order of the page, which is not that of the file: a reader of the page
/// wants the result before the argument, a reader of the file the argument before the result.
#[derive(Debug, PartialEq)]
pub(crate) struct Parts {
    /// The title and what the chapter is about: the prose the file opens with.
    pub(crate) opening: String,
    /// What came out: the prose the file closes with; empty if it closes with code.
    pub(crate) result: String,
    /// Everything between.
    pub(crate) argument: Vec<Block>,
}

impl Parts {
    pub(crate) fn of(source: &str) -> Self {
        let mut argument = blocks(source);
        let result = match argument.pop_if(|last| matches!(last, Block::Prose(_))) {
            Some(Block::Prose(text)) => text,
            _ => String::new(),
        };
        let opening = match argument.first() {
            Some(Block::Prose(text)) => text.clone(),
            _ => String::new(),
        };
        argument.drain(..usize::from(!opening.is_empty()));
        Self { opening, result, argument }
    }
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
    fn the_result_comes_before_the_argument() {
        let parts =
            Parts::of("//! # Title\n\nfn a() {}\n\n// We argue.\nfn b() {}\n\n// It is so.\n");
        assert_eq!((parts.opening.as_str(), parts.result.as_str()), ("# Title", "It is so."));
        assert_eq!(parts.argument.len(), 3);
        assert_eq!(Parts::of("//! # Title\n\nfn a() {}\n").result, "");
    }

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
