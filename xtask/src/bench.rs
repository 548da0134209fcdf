//! `cargo xtask bench`: the benchmarks of every crate that has some, one after the other.

use crate::process::{cargo, status};
use std::process::ExitCode;

const MEASURED: [&str; 5] = [
    "asymscale-theory",
    "asymscale-sampling",
    "asymscale-solvers",
    "asymscale-dynamics",
    "asymscale-montecarlo",
];

/// Runs the benchmarks; extra words filter them by name.
pub(crate) fn run(words: &[String]) -> Result<ExitCode, String> {
    for package in MEASURED {
        let mut command = cargo(&["bench", "--profile", "release", "--package", package, "--benches", "--"]);
        if !status(command.args(words))?.success() {
            return Err(format!("the benchmarks of {package} failed"));
        }
    }
    Ok(ExitCode::SUCCESS)
}
