//! `cargo xtask bench`: every benchmark held against what the machine can do, and (`--check`) the
//! gate on instruction counts.
//!
//! The benchmarks live in the crates they measure and count their own work with divan's counters:
//! cycles are floating-point operations, bytes are bytes of memory, items are evaluations of the
//! benchmark that the line `Limit:` of their documentation names. The rates behind these counts are
//! benchmarks too; they are measured anew before and after every benchmark, since a shared machine
//! changes from minute to minute.

mod divan;
mod gate;
mod limit;
mod machine;
mod source;
mod table;

use crate::process::cargo;
use std::path::PathBuf;
use std::process::{ExitCode, Stdio};

/// Every benchmark, named by package and target.
const TARGETS: [(&str, &str); 7] = [
    ("asymscale-solvers", "dense"),
    ("asymscale-theory", "theory"),
    ("asymscale-sampling", "sampling"),
    ("asymscale-solvers", "solvers"),
    ("asymscale-dynamics", "eigenvalue"),
    ("asymscale-montecarlo", "instability"),
    ("asymscale-fitting", "fitting"),
];

/// A benchmark target with what cargo built of it.
struct Built {
    package: &'static str,
    target: &'static str,
    binary: PathBuf,
}

/// Runs the benchmarks, or checks instruction counts; words filter by name.
pub(crate) fn run(words: &[String]) -> Result<ExitCode, String> {
    let (flags, names): (Vec<_>, Vec<_>) = words.iter().partition(|word| word.starts_with("--"));
    if let Some(unknown) =
        flags.iter().find(|flag| !["--check", "--write"].contains(&flag.as_str()))
    {
        return Err(format!("{unknown}: bench takes --check, --write and parts of names"));
    }
    let has = |flag: &str| flags.iter().any(|word| *word == flag);
    let wanted =
        |name: &str| names.is_empty() || names.iter().any(|part| name.contains(part.as_str()));
    if !names.is_empty() && has("--write") {
        return Err(
            "bench --write: the tracked table has all benchmarks: it takes no names".to_owned()
        );
    }
    if !has("--check") {
        return table::run(&build()?, wanted, has("--write"));
    }
    if !names.is_empty() {
        return Err("bench --check checks all counts: it takes no names".to_owned());
    }
    gate::run(has("--write"))
}

/// Builds all benchmarks, with the features of the whole workspace: what the tests need is built
/// once for both.
fn build() -> Result<Vec<Built>, String> {
    let mut command = cargo(&["bench", "--profile", "release", "--workspace", "--no-run"]);
    for (_, target) in TARGETS {
        command.args(["--bench", target]);
    }
    let command =
        command.args(["--message-format", "json-render-diagnostics"]).stderr(Stdio::inherit());
    let output = command.output().map_err(|error| format!("cargo bench: {error}"))?;
    if !output.status.success() {
        return Err("the benchmarks do not build".to_owned());
    }
    let messages = String::from_utf8_lossy(&output.stdout);
    let built = |(package, target)| {
        let line = messages.lines().find(|line| is_bench(line, target));
        let binary = line.and_then(|line| text_after(line, "\"executable\":\""));
        let binary =
            binary.ok_or_else(|| format!("cargo did not say where it built bench {target}"))?;
        Ok(Built { package, target, binary: PathBuf::from(binary) })
    };
    TARGETS.into_iter().map(built).collect()
}

/// Whether a message of cargo is about this bench target.
fn is_bench(line: &str, target: &str) -> bool {
    line.contains("\"reason\":\"compiler-artifact\"")
        && line.contains("\"kind\":[\"bench\"]")
        && line.contains(&format!("\"name\":\"{target}\""))
}

/// The text between `start` and the next quotation mark.
fn text_after<'a>(line: &'a str, start: &str) -> Option<&'a str> {
    line.split_once(start)?.1.split('"').next()
}
