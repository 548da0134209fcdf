//! Running cargo, and knowing where the repository is.

#[cfg(unix)]
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, ExitStatus};

/// The repository's top folder.
pub(crate) fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent().unwrap_or(here).to_path_buf()
}

/// The folder that cargo builds in: the one that its variable names, from the top folder, if it
/// does.
pub(crate) fn target() -> PathBuf {
    let named = std::env::var_os("CARGO_TARGET_DIR").filter(|name| !name.is_empty());
    root().join(named.unwrap_or_else(|| "target".into()))
}

/// A `cargo` command in the repository's top folder, with the cargo that runs us.
pub(crate) fn cargo(words: &[&str]) -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.current_dir(root()).args(words);
    command
}

/// Runs a command to its end; an error only if it could not be started.
pub(crate) fn status(command: &mut Command) -> Result<ExitStatus, String> {
    command.status().map_err(|error| format!("{}: {error}", command.get_program().display()))
}

/// Runs a command in place of this process where the system can, so that ctrl-C reaches it alone
/// and it may end as it wishes; elsewhere to its end, handing its exit code back.
pub(crate) fn become_or_run(command: &mut Command) -> Result<ExitCode, String> {
    #[cfg(unix)]
    return {
        let error = command.exec();
        Err(format!("{}: {error}", command.get_program().display()))
    };
    #[cfg(not(unix))]
    return Ok(ExitCode::from(u8::try_from(status(command)?.code().unwrap_or(1)).unwrap_or(1)));
}
