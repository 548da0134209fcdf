//! `cargo xtask repro`: builds and runs the reproduction, passing every flag on.

use crate::process::{become_or_run, cargo};
use std::process::ExitCode;

/// Runs the reproduction with the user's words and hands its exit code back.
pub(crate) fn run(words: &[String]) -> Result<ExitCode, String> {
    let mut command = cargo(&["run", "--quiet", "--release", "--package", "paper-repro"]);
    // What draws other formats than SVG is built only for those who want them.
    if words.iter().any(|word| word.starts_with("--formats")) {
        command.args(["--features", "formats"]);
    }
    become_or_run(command.arg("--").args(words))
}
