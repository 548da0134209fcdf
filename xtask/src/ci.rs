//! `cargo xtask ci`: every check, cheapest first, the tests and their summary last.

use crate::process::{cargo, status};
use crate::{bench, python, tidy};
use std::io::{BufRead, BufReader};
use std::process::{Command, ExitCode, Stdio};
use std::time::Instant;

/// Runs all checks; the first that fails ends the run.
pub(crate) fn run() -> Result<ExitCode, String> {
    step("tidy", || tidy::run().map(|_| ()))?;
    step("format", || must(&mut cargo(&["fmt", "--all", "--check"])))?;
    step("lints", || {
        let lint = ["clippy", "--release", "--workspace", "--all-targets", "--", "-D", "warnings"];
        must(&mut cargo(&lint))
    })?;
    step("libraries without polars", || {
        must(&mut cargo(&["check", "--release", "--package", "asymscale", "--no-default-features"]))
    })?;
    step("licences and versions of dependencies", dependencies)?;
    step("public interfaces since the last release", interfaces)?;
    step("docs", || {
        let mut doc = cargo(&["doc", "--release", "--workspace", "--no-deps"]);
        must(doc.env("RUSTDOCFLAGS", "-D warnings"))
    })?;
    step("python", python::step)?;
    step("instruction counts", || bench::run(&["--check".to_owned()]).map(|_| ()))?;
    tests()
}

/// Holds the dependencies to `.deny.toml`, where cargo-deny is installed.
fn dependencies() -> Result<(), String> {
    if !is_installed("deny") {
        println!("skipped: cargo-deny is not installed (cargo install --locked cargo-deny)");
        return Ok(());
    }
    must(&mut cargo(&["deny", "--offline", "check", "licenses", "bans", "sources"]))
}

/// Compares the public interfaces with those of the last tag of a version, where there is one and
/// cargo-semver-checks is installed: what breaks needs a new version.
fn interfaces() -> Result<(), String> {
    let mut git = Command::new("git");
    let tags = git.args(["describe", "--tags", "--abbrev=0", "--match", "v[0-9]*"]).output();
    let tag = tags.ok().filter(|told| told.status.success()).map(|told| told.stdout);
    let Some(tag) = tag.and_then(|name| String::from_utf8(name).ok()) else {
        println!("skipped: no version has been tagged yet");
        return Ok(());
    };
    if !is_installed("semver-checks") {
        println!(
            "skipped: cargo-semver-checks is not installed (cargo install --locked cargo-semver-checks)"
        );
        return Ok(());
    }
    must(&mut cargo(&["semver-checks", "--workspace", "--baseline-rev", tag.trim()]))
}

/// Whether cargo knows a further command.
fn is_installed(command: &str) -> bool {
    let mut version = cargo(&[command, "--version"]);
    let told = version.stdout(Stdio::null()).stderr(Stdio::null()).status();
    told.is_ok_and(|status| status.success())
}

fn step(name: &str, check: impl FnOnce() -> Result<(), String>) -> Result<(), String> {
    let start = Instant::now();
    println!("== {name}");
    check().map_err(|error| format!("ci: {name} failed: {error}"))?;
    println!("== {name}: passed in {:.0} s", start.elapsed().as_secs_f64());
    Ok(())
}

fn must(command: &mut Command) -> Result<(), String> {
    let status = status(command)?;
    if status.success() { Ok(()) } else { Err(format!("{status}")) }
}

/// Runs the tests of the whole workspace and closes with one summary line over all test binaries.
fn tests() -> Result<ExitCode, String> {
    println!("== tests");
    let mut command = cargo(&["test", "--release", "--workspace", "--no-fail-fast"]);
    let mut child = command.stdout(Stdio::piped()).spawn().map_err(|error| error.to_string())?;
    let (mut total, mut failures) = ([0_u64; 3], Vec::new());
    if let Some(output) = child.stdout.take() {
        for line in BufReader::new(output).lines().map_while(Result::ok) {
            println!("{line}");
            add_counts(&line, &mut total);
            failures.extend(failure(&line).map(str::to_owned));
        }
    }
    let status = child.wait().map_err(|error| error.to_string())?;
    let [passed, failed, skipped] = total;
    println!();
    for name in failures {
        println!("failed: {name}");
    }
    println!("{passed} passed, {failed} failed, {skipped} skipped");
    Ok(if status.success() && failed == 0 && passed > 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// The name of a test, in a line that says that it failed.
fn failure(line: &str) -> Option<&str> {
    line.strip_prefix("test ")?.strip_suffix(" ... FAILED")
}

/// Adds the counts of a line like `test result: ok. 3 passed; 0 failed; 1 ignored; …`.
fn add_counts(line: &str, total: &mut [u64; 3]) {
    let Some(counts) = line.strip_prefix("test result: ") else { return };
    for (slot, word) in total.iter_mut().zip(["passed", "failed", "ignored"]) {
        let number = counts
            .split(';')
            .find_map(|part| part.trim().strip_suffix(word)?.split_whitespace().last());
        *slot += number.and_then(|n| n.parse::<u64>().ok()).unwrap_or(0);
    }
}

#[cfg(test)]
mod tests {
    use super::{add_counts, failure};

    #[test]
    fn counts_and_failures_are_read_from_lines() {
        let mut total = [1, 0, 0];
        add_counts(
            "test result: FAILED. 12 passed; 3 failed; 4 ignored; 0 measured; 0 filtered out",
            &mut total,
        );
        add_counts("running 7 tests", &mut total);
        assert_eq!(total, [13, 3, 4]);
        assert_eq!(failure("test room::a_name ... FAILED"), Some("room::a_name"));
        assert_eq!(failure("test room::a_name ... ok"), None);
    }
}
