//! `cargo xtask repro`: builds and runs the reproduction, passing every flag on.

use crate::process::{become_or_run, cargo};
use std::process::ExitCode;

/// What `--help` says, so that it can be read before anything is built. A test of the workspace
/// holds it against the reproduction's own.
const HELP: &str = include_str!("repro_help.txt");

/// Runs the reproduction with the user's words and hands its exit code back.
pub(crate) fn run(words: &[String]) -> Result<ExitCode, String> {
    if words.iter().any(|word| word == "--help" || word == "-h") {
        print!("{HELP}");
        return Ok(ExitCode::SUCCESS);
    }
    let mut command = cargo(&["run", "--quiet", "--release", "--package", "paper-repro"]);
    // What draws other formats than SVG is built only for those who want them.
    if words.iter().any(|word| word.starts_with("--formats")) {
        command.args(["--features", "formats"]);
    }
    become_or_run(command.arg("--").args(words))
}
