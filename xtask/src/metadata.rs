//! `cargo xtask metadata`: what catalogues of software and of reproductions read, made from what
//! people write.
//!
//! `paper-repro/codemeta.json` comes from `Cargo.toml` and `CITATION.cff`, and
//! `paper-repro/codecheck.yml` from both and from the names of the figures. The top level has no
//! place for them. `cargo xtask tidy` holds them against their sources.

mod citation;
mod codecheck;
mod codemeta;

use crate::process::root;
use citation::Citation;
use std::fs;
use std::process::ExitCode;

/// Where `codemeta.json` lies, from the top.
pub(crate) const CODEMETA: &str = "paper-repro/codemeta.json";
/// Where the manifest of CODECHECK lies, from the top.
pub(crate) const CODECHECK: &str = "paper-repro/codecheck.yml";

/// Writes both files.
pub(crate) fn run() -> Result<ExitCode, String> {
    let read =
        |name: &str| fs::read_to_string(root().join(name)).map_err(|e| format!("{name}: {e}"));
    let derived = derived(&read("CITATION.cff")?, &read("Cargo.toml")?, &outputs())?;
    for (path, text) in derived {
        fs::write(root().join(path), text).map_err(|error| format!("{path}: {error}"))?;
        println!("wrote {path}");
    }
    Ok(ExitCode::SUCCESS)
}

/// The files that are made from others: path and contents.
///
/// # Errors
/// Names what is missing in a source.
pub(crate) fn derived(
    citation: &str,
    manifest: &str,
    outputs: &[String],
) -> Result<[(&'static str, String); 2], String> {
    let citation = Citation::read(citation)?;
    let codemeta = codemeta::text(&citation, manifest)?;
    Ok([(CODEMETA, codemeta), (CODECHECK, codecheck::text(&citation, outputs))])
}

/// The tracked figures and their tables, by name. Formats that are not tracked are left out, and
/// the JSON beside a figure, which says where it was made.
pub(crate) fn outputs() -> Vec<String> {
    let entries = fs::read_dir(root().join("figures")).into_iter().flatten().flatten();
    let names = entries.map(|entry| entry.file_name().to_string_lossy().into_owned());
    let is_output = |name: &String| {
        let ending = name.rsplit('.').next().unwrap_or_default();
        matches!(ending, "svg" | "csv") || name == "claims.json"
    };
    let mut names: Vec<String> = names.filter(is_output).collect();
    names.sort();
    names
}

/// The value of a key of a table in a manifest.
pub(crate) fn entry<'a>(manifest: &'a str, table: &str, key: &str) -> Option<&'a str> {
    let (_, after) = manifest.split_once(&format!("\n[{table}]\n"))?;
    let lines = after.lines().take_while(|line| !line.starts_with('['));
    let mut values = lines.filter_map(|line| line.strip_prefix(key)?.trim().strip_prefix('='));
    values.next().map(|value| value.trim().trim_matches('"'))
}
