//! `cargo xtask repro`: builds and runs the reproduction, passing every flag on.

use crate::process::{cargo, status};
use std::process::ExitCode;

/// Runs the reproduction with the user's words and hands its exit code back.
pub(crate) fn run(words: &[String]) -> Result<ExitCode, String> {
    let mut command = cargo(&["run", "--quiet", "--release", "--package", "paper-repro", "--"]);
    let status = status(command.args(words))?;
    Ok(ExitCode::from(u8::try_from(status.code().unwrap_or(1)).unwrap_or(1)))
}
