//! `cargo xtask python`: the wheel of the Python bindings, and everything that is checked of it.
//!
//! A fresh virtual environment in `target/python` gets the wheel and what its tests need; nothing
//! is installed anywhere else.

use crate::process::{cargo, root, status, target};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

/// What builds wheels, as `pyproject.toml` has it.
const MATURIN: &str = "maturin>=1.9.4,<2";

/// pytest, which leaves nothing behind, with the share of lines that must be covered.
const PYTEST: [&str; 6] =
    ["pytest", "--quiet", "-p", "no:cacheprovider", "--cov=asymscale", "--cov-fail-under=95"];

const USAGE: &str = "\
usage: cargo xtask python [--wheel DIR] [--bench]

  builds the wheel, installs it into a fresh virtual environment in target/python, and runs its
  tests, its type checker and its notebooks; needs Python 3.10 or later and its package index

  --wheel DIR  only builds the wheel, into DIR
  --bench      prints what an import and calls cost in place of the tests
";

/// What was asked for.
#[derive(Debug, PartialEq, Eq)]
enum Asked {
    Checks,
    Wheel(PathBuf),
    Bench,
    Help,
}

/// Runs the chore.
pub(crate) fn run(words: &[String]) -> Result<ExitCode, String> {
    let asked = asked(words)?;
    if asked == Asked::Help {
        print!("{USAGE}");
        return Ok(ExitCode::SUCCESS);
    }
    let python =
        interpreter().ok_or("python3: Python 3.10 or later with its module venv is needed")?;
    match asked {
        Asked::Wheel(folder) => drop(wheel(&environment(&python, "build")?, &folder)?),
        Asked::Bench => bench(&python)?,
        _ => checks(&python)?,
    }
    Ok(ExitCode::SUCCESS)
}

/// The checks as a step of continuous integration: skipped where there is no Python, unless the
/// variable `ASYMSCALE_PYTHON` says that it is required.
pub(crate) fn step() -> Result<(), String> {
    let required = std::env::var_os("ASYMSCALE_PYTHON").is_some_and(|word| word == "required");
    match interpreter() {
        Some(python) => checks(&python),
        None if required => Err("no Python 3.10 or later with its module venv".to_owned()),
        None => {
            println!("SKIPPED: no Python 3.10 or later with its module venv");
            Ok(())
        }
    }
}

fn asked(words: &[String]) -> Result<Asked, String> {
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    match words.as_slice() {
        [] => Ok(Asked::Checks),
        ["--bench"] => Ok(Asked::Bench),
        ["--help" | "-h"] => Ok(Asked::Help),
        ["--wheel", folder] => Ok(Asked::Wheel(PathBuf::from(folder))),
        _ => Err(format!("python {}: must be as follows\n\n{USAGE}", words.join(" "))),
    }
}

/// A Python that is new enough and can make virtual environments.
fn interpreter() -> Option<PathBuf> {
    const QUESTION: &str = "import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 10))";
    ["python3", "python"].into_iter().map(PathBuf::from).find(|python| {
        let asked = Command::new(python).args(["-c", QUESTION]).output();
        asked.is_ok_and(|asked| asked.status.success())
    })
}

/// A fresh virtual environment with what builds wheels; its interpreter.
fn environment(python: &Path, name: &str) -> Result<PathBuf, String> {
    let folder = target().join("python").join(name);
    if folder.exists() {
        fs::remove_dir_all(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    }
    must(Command::new(python).args(["-m", "venv"]).arg(&folder))?;
    let python = folder.join(if cfg!(windows) { "Scripts/python.exe" } else { "bin/python" });
    install(&python, &[MATURIN])?;
    Ok(python)
}

fn install(python: &Path, packages: &[&str]) -> Result<(), String> {
    let quiet = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check"];
    must(Command::new(python).args(quiet).args(packages))
}

/// Builds the wheel into a folder, which then holds no other one.
fn wheel(python: &Path, folder: &Path) -> Result<PathBuf, String> {
    let failed = |error: std::io::Error| format!("{}: {error}", folder.display());
    fs::create_dir_all(folder).map_err(failed)?;
    let wheels = || -> Result<Vec<PathBuf>, String> {
        let entries = fs::read_dir(folder).map_err(failed)?.map_while(Result::ok);
        let is_ours = |path: &PathBuf| {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            name.starts_with("asymscale-") && path.extension().is_some_and(|kind| kind == "whl")
        };
        Ok(entries.map(|entry| entry.path()).filter(is_ours).collect())
    };
    for old in wheels()? {
        fs::remove_file(&old).map_err(failed)?;
    }
    let manifest = package().join("Cargo.toml");
    let build = ["-m", "maturin", "build", "--release", "--quiet", "--manifest-path"];
    must(Command::new(python).args(build).arg(manifest).arg("--out").arg(folder))?;
    match wheels()?.as_slice() {
        [wheel] => {
            let bytes = fs::metadata(wheel).map_err(failed)?.len();
            println!("{}: {:.1} MB", wheel.display(), bytes as f64 / 1e6);
            Ok(wheel.clone())
        }
        _ => Err(format!("{}: maturin built no wheel there", folder.display())),
    }
}

/// The bindings' own folder.
fn package() -> PathBuf {
    root().join("crates/asymscale-python")
}

/// A virtual environment with the wheel and the packages of its tests.
fn installed(python: &Path) -> Result<PathBuf, String> {
    let python = environment(python, "venv")?;
    let wheel = wheel(&python, &target().join("python/wheels"))?;
    install(&python, &[&format!("{}[test]", wheel.display())])?;
    Ok(python)
}

/// The command whose numbers the package must give.
fn command() -> Result<PathBuf, String> {
    // With the bindings among the packages, so that all below has the features it was built with.
    let packages = ["--package", "asymscale", "--package", "asymscale-python"];
    let build = [&["build", "--release", "--bin", "asymscale"][..], &packages].concat();
    must(&mut cargo(&build))?;
    Ok(target().join("release").join(if cfg!(windows) { "asymscale.exe" } else { "asymscale" }))
}

fn checks(python: &Path) -> Result<(), String> {
    let (python, command) = (installed(python)?, command()?);
    let run = |words: &[&str]| {
        let mut run = Command::new(&python);
        run.current_dir(package()).env("ASYMSCALE_COMMAND", &command);
        run.env("COVERAGE_FILE", target().join("python/coverage"));
        must(run.args(["-m"]).args(words))
    };
    // The tests, and the examples of the documentation and of both READMEs.
    let tests = [
        "tests",
        "README.md",
        "../../README.md",
        "--pyargs",
        "asymscale",
        "--doctest-modules",
        "--doctest-glob=README.md",
    ];
    run(&[&PYTEST[..], &tests].concat())?;
    run(&["mypy", "--no-incremental"])
}

fn bench(python: &Path) -> Result<(), String> {
    let (python, command) = (installed(python)?, command()?);
    let script = package().join("tests/overhead.py");
    must(Command::new(python).arg(script).env("ASYMSCALE_COMMAND", command))
}

fn must(command: &mut Command) -> Result<(), String> {
    let status = status(command)?;
    if status.success() {
        Ok(())
    } else {
        Err(format!("{}: {status}", command.get_program().display()))
    }
}

#[cfg(test)]
mod tests {
    use super::{Asked, asked};
    use std::path::PathBuf;

    #[test]
    fn words_are_read_or_refused() {
        let read =
            |line: &str| asked(&line.split_whitespace().map(str::to_owned).collect::<Vec<_>>());
        assert_eq!(read(""), Ok(Asked::Checks));
        assert_eq!(read("--wheel dist"), Ok(Asked::Wheel(PathBuf::from("dist"))));
        assert_eq!(read("--bench"), Ok(Asked::Bench));
        assert!(read("--wheel").unwrap_err().contains("usage: cargo xtask python"));
        assert!(read("--wheels dist").is_err() && read("--bench 2").is_err());
    }
}
