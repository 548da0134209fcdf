//! Rules on which crate may name which.

use super::{File, sources};

/// Each room with the rooms below it that it may name.
const ARROWS: [(&str, &[&str]); 12] = [
    ("asymscale-numerics", &[]),
    ("asymscale-model", &[]),
    ("asymscale-sampling", &["model"]),
    ("asymscale-theory", &["numerics", "model"]),
    ("asymscale-solvers", &["numerics", "model", "sampling"]),
    ("asymscale-dynamics", &["numerics", "model", "sampling", "theory", "solvers"]),
    ("asymscale-montecarlo", &["numerics", "model", "sampling", "theory", "solvers", "dynamics"]),
    ("asymscale-tables", &[]),
    ("asymscale-fitting", &["numerics", "tables"]),
    ("asymscale-sweep", &[]),
    ("asymscale-plots", &[]),
    (
        "asymscale",
        &[
            "numerics",
            "model",
            "sampling",
            "theory",
            "solvers",
            "dynamics",
            "montecarlo",
            "tables",
            "fitting",
            "plots",
        ],
    ),
];

pub(super) fn arrows(files: &[File]) -> Vec<String> {
    let mut complaints = Vec::new();
    for (room, below) in ARROWS {
        let path = format!("crates/{room}/Cargo.toml");
        let Some(manifest) = files.iter().find(|file| file.path == path) else {
            complaints.push(format!("{path}: missing"));
            continue;
        };
        for used in dependencies(&manifest.text) {
            if let Some(ours) = used.strip_prefix("asymscale-")
                && !below.contains(&ours)
            {
                complaints.push(format!("{path}: {room} must not depend on {used}"));
            }
            if used.starts_with("polars") && room != "asymscale-tables" {
                complaints.push(format!("{path}: only asymscale-tables may depend on {used}"));
            }
        }
    }
    complaints
}

/// Names in the `[dependencies]` table of a manifest.
fn dependencies(manifest: &str) -> Vec<&str> {
    let after = manifest.split_once("\n[dependencies]\n").map_or("", |(_, after)| after);
    let table = after.split("\n[").next().unwrap_or(after);
    table
        .lines()
        .filter_map(|line| line.split(['.', ' ', '=']).next())
        .filter(|name| !name.is_empty())
        .collect()
}

/// The results of a chapter are named by a fingerprint of the crates it declares, so a crate that
/// it uses without saying so could change and leave stale numbers behind.
pub(super) fn declarations(files: &[File]) -> Vec<String> {
    let mut complaints = Vec::new();
    for file in sources(files).filter(|file| file.path.starts_with("paper-repro/chapters/")) {
        let declared = file
            .text
            .split_once("crates: &[")
            .and_then(|(_, rest)| rest.split(']').next())
            .unwrap_or("");
        for line in file.text.lines().filter(|line| !line.starts_with("//")) {
            for used in crates_named(line) {
                if !declared.contains(&format!("\"{}\"", used.replace('_', "-")))
                    && used != "asymscale_plots"
                {
                    complaints.push(format!("{}: uses {used} and does not declare it", file.path));
                }
            }
        }
    }
    complaints.dedup();
    complaints
}

/// Every `asymscale_…` path a line of code starts from.
fn crates_named(line: &str) -> Vec<&str> {
    let starts = line.match_indices("asymscale_").map(|(at, _)| at);
    let word = |at: usize| {
        let end = line[at..]
            .find(|c: char| !c.is_ascii_lowercase() && c != '_')
            .map_or(line.len(), |n| at + n);
        (&line[at..end], line[end..].starts_with("::"))
    };
    starts.map(word).filter(|(_, path)| *path).map(|(name, _)| name).collect()
}
