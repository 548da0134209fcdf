//! The `asymscale` command: ask for a number or a curve.

mod cli;

use clap::{CommandFactory, FromArgMatches};
use std::process::ExitCode;

fn main() -> ExitCode {
    let matches = cli::Command::command().get_matches();
    let command = cli::Command::from_arg_matches(&matches).unwrap_or_else(|error| error.exit());
    match command.run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            let flags = cli::flags_of(matches.subcommand_name().unwrap_or_default());
            cli::say(&format!("error: {}\n", failure.message(&flags)));
            ExitCode::from(failure.exit_code())
        }
    }
}
