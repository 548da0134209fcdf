//! The `asymscale` command: ask for a number or a curve.

use std::process::ExitCode;

fn main() -> ExitCode {
    asymscale::command()
}
