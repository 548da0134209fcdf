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
    let known = cargo(&["deny", "--version"]).stdout(Stdio::null()).stderr(Stdio::null()).status();
    if !known.is_ok_and(|status| status.success()) {
        println!("skipped: cargo-deny is not installed (cargo install --locked cargo-deny)");
        return Ok(());
    }
    must(&mut cargo(&["deny", "--offline", "check", "licenses", "bans", "sources"]))
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
    let mut total = [0_u64; 3];
    if let Some(output) = child.stdout.take() {
        for line in BufReader::new(output).lines().map_while(Result::ok) {
            println!("{line}");
            add_counts(&line, &mut total);
        }
    }
    let status = child.wait().map_err(|error| error.to_string())?;
    let [passed, failed, skipped] = total;
    println!("\n{passed} passed, {failed} failed, {skipped} skipped");
    Ok(if status.success() && failed == 0 && passed > 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
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
    use super::add_counts;

    #[test]
    fn counts_are_read_from_a_summary_line() {
        let mut total = [1, 0, 0];
        add_counts(
            "test result: FAILED. 12 passed; 3 failed; 4 ignored; 0 measured; 0 filtered out",
            &mut total,
        );
        add_counts("running 7 tests", &mut total);
        assert_eq!(total, [13, 3, 4]);
    }
}
