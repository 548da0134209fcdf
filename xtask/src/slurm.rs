//! `cargo xtask slurm`: the prebuilt reproduction and the scripts that run it as an array of shards
//! on a Slurm cluster.
//!
//! Nothing is submitted: the user looks first. Nodes need neither a toolchain nor the repository,
//! only the shared folder.

mod options;
mod script;

use crate::process::{cargo, status};
use options::Options;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};

pub(crate) use options::USAGE;

/// Builds the binary, copies it into the shared folder, and writes the scripts beside it.
pub(crate) fn run(words: &[String]) -> Result<ExitCode, String> {
    if words.iter().take_while(|word| *word != "--").any(|word| word == "--help" || word == "-h") {
        print!("{USAGE}");
        return Ok(ExitCode::SUCCESS);
    }
    let mut options = match Options::read(words) {
        Ok(options) => options,
        Err(message) => {
            eprintln!("error: {message}");
            return Ok(ExitCode::from(2));
        }
    };
    let binary = options.binary.clone().map_or_else(build, Ok)?;
    let binary = binary.canonicalize().map_err(|error| format!("{}: {error}", binary.display()))?;
    options.out = options::shared_folder(&options.out)?;
    if let Some(code) = refused(&binary, &options)? {
        return Ok(code);
    }
    install(&binary, &options.out)?;
    write_scripts(&options)?;
    println!("{}", next_steps(&options));
    Ok(ExitCode::SUCCESS)
}

/// The release binary of the reproduction; built for the machine's processor family, not for this
/// very one.
fn build() -> Result<PathBuf, String> {
    let status = status(&mut cargo(&["build", "--release", "--package", "paper-repro"]))?;
    if !status.success() {
        return Err(format!("the reproduction does not build: {status}"));
    }
    let own =
        std::env::current_exe().map_err(|error| format!("this program's own place: {error}"))?;
    let target = own.ancestors().nth(2).ok_or("this program lies in no target folder")?;
    Ok(target.join("release/paper-repro"))
}

/// Lets the binary itself judge the words of the reproduction, since only it knows the chapters;
/// the exit code it refused with, if it did.
fn refused(binary: &Path, options: &Options) -> Result<Option<ExitCode>, String> {
    let mut command = Command::new(binary);
    command
        .args(&options.words)
        .arg("--status")
        .arg("--out")
        .arg(&options.out)
        .stdout(Stdio::null());
    let status = status(&mut command)?;
    Ok((!status.success())
        .then(|| ExitCode::from(u8::try_from(status.code().unwrap_or(1)).unwrap_or(1))))
}

/// Copies beside and renames: what runs an older binary on this machine goes on undisturbed. (Not
/// so through a network file system: submit again when shards have ended.)
fn install(binary: &Path, out: &Path) -> Result<(), String> {
    let target = script::binary(out);
    let half = target.with_extension(format!("tmp-{}", std::process::id()));
    for folder in [out.join("bin"), script::folder(out), script::logs(out)] {
        fs::create_dir_all(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    }
    fs::copy(binary, &half)
        .and_then(|_| fs::rename(&half, &target))
        .map_err(|error| format!("{} to {}: {error}", binary.display(), target.display()))
}

fn write_scripts(options: &Options) -> Result<(), String> {
    let folder = script::folder(&options.out);
    for (name, text) in script::all(options) {
        let path = folder.join(name);
        fs::write(&path, text).map_err(|error| format!("{}: {error}", path.display()))?;
    }
    Ok(())
}

fn next_steps(options: &Options) -> String {
    let (folder, out) = (script::folder(&options.out), options.out.display());
    format!(
        "wrote {folder}: array.sbatch (shards 1 to {shards}), merge.sbatch (waits for all of them), submit.sh

  bash {folder}/submit.sh    submits both; again after a failure: only what is missing is computed
  squeue --me                shows them
  tail {folder}/log/*        what they say
  {out}/figures, {out}/report    what the merge writes",
        folder = folder.display(),
        shards = options.shards,
    )
}
