//! The page "Reproduce": which command tests which claim, what it should say, and what it takes, as
//! the run measured it that made the figures.

use crate::beside::{self, Cost};
use crate::{CLAIMS, Section, Verdict, claim_verdict};
use std::fmt::Write as _;

/// The title of the page.
pub(crate) const TITLE: &str = "Reproduce";

/// What one needs, and how results are compared.
const COMMANDS: &str = "\
A Rust toolchain and a C linker are all that the reproduction needs; after `cargo fetch` it needs no network. \
`paper-repro/container/` has a script that does everything on an empty Debian.

- `cargo xtask repro --quick` gives a first look and touches no tracked file.
- `cargo xtask repro` regenerates every figure, table and verdict in place; `cargo xtask repro 02` makes those of one chapter in \
`target/repro/default`.
- `cargo xtask repro --check` computes all rows again and compares them with the tables in `figures/`, column by column, each with \
its tolerance. It should say that no table has drift, and it names what differs from the machine on which they were made.
- `cargo xtask repro --status` says whether figures were made by the code as it is.

For any number of threads and shards the tables have the same bytes. On another processor, or with another compiler, last digits may \
differ: the tolerance of a column allows for that, and a verdict does not depend on it. The checks of single files are listed in \
`paper-repro/codecheck.yml`.
";

/// The page as Markdown.
pub(crate) fn page(sections: &[Section]) -> String {
    let mut page = format!("# {TITLE}\n\n{COMMANDS}\n## What each claim should say\n\n");
    page += "The command runs the chapters that bear on a claim alone. Each claim with its command and the verdict to expect:\n\n";
    page += "| claim | command | verdict | findings that hold | minutes for the rows |\n|---|---|---|---|---|\n";
    for (claim, words) in CLAIMS {
        let bearing: Vec<&Section> = sections
            .iter()
            .filter(|s| s.report.findings.iter().any(|f| f.claim == Some(claim)))
            .collect();
        if bearing.is_empty() {
            continue;
        }
        let all = bearing.iter().flat_map(|section| &section.report.findings);
        let found: Vec<_> = all.filter(|finding| finding.claim == Some(claim)).collect();
        let holding = found.iter().filter(|finding| finding.verdict == Verdict::Holds).count();
        let numbers: Vec<&str> = bearing.iter().map(|s| s.chapter.number()).collect();
        let seconds: Option<f64> = bearing.iter().map(|s| cost(s).measured.rows_seconds).sum();
        let _ = writeln!(
            page,
            "| {claim}: {words} | `cargo xtask repro {}` | **{}** | {holding} of {} | {} |",
            numbers.join(" "),
            claim_verdict(&found).map_or("not tested", Verdict::word),
            found.len(),
            told(seconds, 60.0, 1),
        );
    }
    page + &costs(sections)
}

/// What the rows of each chapter took.
fn costs(sections: &[Section]) -> String {
    let mut page = String::from(
        "\n## What each chapter takes\n\nFor the rows of the chapter and of its planted mistake; what was not measured by the run that made \
         the figures has a dash. Memory is the most that was resident in the process, the report of the chapter before and what the allocator keeps included. \
         Time, memory and disk of each chapter:\n\n\
         | chapter | cells | seconds | core-seconds | memory, MB | disk, kB |\n|---|---|---|---|---|---|\n",
    );
    let mut all = Some((0.0, 0.0));
    for section in sections {
        let Cost { cells, disk_bytes, measured } = cost(section);
        let spent = measured.rows_seconds.zip(measured.core_seconds);
        all = all.zip(spent).map(|((a, b), (c, d))| (a + c, b + d));
        let _ = writeln!(
            page,
            "| [{id}]({id}.md) | {cells} | {} | {} | {} | {} |",
            told(measured.rows_seconds, 1.0, 1),
            told(measured.core_seconds, 1.0, 1),
            told(measured.peak_memory_bytes.map(|bytes| bytes as f64), 1e6, 0),
            told(Some(disk_bytes as f64), 1e3, 0),
            id = section.chapter.id,
        );
    }
    let _ = writeln!(
        page,
        "| all, one after the other | | {} | {} | | |\n\nMeasured {}.",
        told(all.map(|all| all.0), 1.0, 0),
        told(all.map(|all| all.1), 1.0, 0),
        machines(sections).join("; "),
    );
    page
}

/// What a chapter cost, by the facts beside its first figure.
fn cost(section: &Section) -> Cost {
    section.pictures.first().map(|picture| beside::cost(&picture.facts)).unwrap_or_default()
}

fn told(value: Option<f64>, unit: f64, decimals: usize) -> String {
    value.map_or_else(|| "–".to_owned(), |value| format!("{:.decimals$}", value / unit))
}

/// The machines on which figures were made, each in words.
fn machines(sections: &[Section]) -> Vec<String> {
    let mut machines = Vec::new();
    for picture in sections.iter().flat_map(|section| &section.pictures) {
        let fact = |key: &str| match &picture.facts[key] {
            serde_json::Value::String(text) => text.replace(['<', '|', '`', '$', '*'], " "),
            serde_json::Value::Number(number) => number.to_string(),
            _ => "unknown".to_owned(),
        };
        let memory = picture.facts["memory_bytes"].as_f64();
        let machine = format!(
            "on {} threads of {} with {} GB of memory, {}, {}",
            fact("threads"),
            fact("cpu"),
            told(memory, 1e9, 0),
            fact("os"),
            fact("rustc"),
        );
        if !machines.contains(&machine) {
            machines.push(machine);
        }
    }
    machines
}
