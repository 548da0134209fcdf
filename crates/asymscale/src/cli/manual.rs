//! `asymscale completions` and `asymscale man`: what a shell and a manual page need to know, from
//! the flags themselves.

use super::{Command, Failure};
use clap::{Args, CommandFactory};
use clap_complete::Shell;
use std::path::PathBuf;

/// Writes completions for a shell to standard output.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  asymscale completions bash > ~/.local/share/bash-completion/completions/asymscale
  asymscale completions zsh > ~/.zfunc/_asymscale      (a folder of $fpath)
  asymscale completions fish > ~/.config/fish/completions/asymscale.fish")]
pub(crate) struct CompletionsFlags {
    /// The shell
    shell: Shell,
}

/// Writes the manual page to standard output, or with --out the pages of all commands to a folder.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  asymscale man | man -l -
  asymscale man --out ~/.local/share/man/man1")]
pub(crate) struct ManFlags {
    /// Folder for the pages of all commands, made if it is not there
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
}

#[expect(clippy::unnecessary_wraps, reason = "the shape of all subcommands")]
pub(crate) fn completions(flags: &CompletionsFlags) -> Result<String, Failure> {
    let mut script = Vec::new();
    clap_complete::generate(flags.shell, &mut Command::command(), "asymscale", &mut script);
    Ok(String::from_utf8_lossy(&script).into_owned())
}

pub(crate) fn man(flags: &ManFlags) -> Result<String, Failure> {
    let Some(folder) = &flags.out else {
        let mut page = Vec::new();
        clap_mangen::Man::new(Command::command())
            .render(&mut page)
            .map_err(|error| Failure::Work(error.into()))?;
        return Ok(String::from_utf8_lossy(&page).into_owned());
    };
    let unwritable = |error: &std::io::Error| {
        format!("--out {}: cannot be written ({})", folder.display(), error.kind())
    };
    std::fs::create_dir_all(folder).map_err(|error| Failure::input(unwritable(&error)))?;
    clap_mangen::generate_to(Command::command(), folder)
        .map_err(|error| Failure::work(unwritable(&error)))?;
    Ok(String::new())
}
