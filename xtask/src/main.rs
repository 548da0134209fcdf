//! Repository chores: `cargo xtask repro`, `slurm`, `ci`, `tidy`, `bench`, `audit`, `python`,
//! `metadata`.
//!
//! This binary stays tiny, so that it builds at once: it spawns cargo for anything heavy and
//! depends on nothing but the standard library.

mod audit;
mod bench;
mod ci;
mod metadata;
mod process;
mod python;
mod repro;
mod slurm;
mod tidy;

use std::process::ExitCode;

const USAGE: &str = "\
usage: cargo xtask <chore>

  repro [CHAPTER…] [--quick|--full] [--check] [--status] [--estimate] [--shard i/n] [--merge] [--threads k] [--formats LIST]
        [--out DIR]
         regenerate every figure, table and verdict (repro --help says more)
  slurm  --shards n [options] -- [words for repro]
         the same on a Slurm cluster: writes the scripts (slurm --help says more)
  ci     every check: format, tidy, lints, docs, tests
  tidy   the house rules only
  bench  [NAME…] [--write]   every benchmark, held against what the machine can do; --write: into crates/asymscale/BENCHMARKS.md
         --check [--write]   instruction counts of hot ones against the tracked counts; --write renews them
  audit  [--points N] [--seed S]   random questions over all that is accepted, answered by all methods
  metadata   codemeta.json and codecheck.yml in paper-repro, from Cargo.toml, CITATION.cff and the figures
  python [--wheel DIR] [--bench]   the wheel of the Python bindings, and all checks of it (python --help says more)
";

fn main() -> ExitCode {
    let mut words = std::env::args().skip(1);
    let chore = words.next().unwrap_or_default();
    let rest: Vec<String> = words.collect();
    let result = match chore.as_str() {
        "repro" => repro::run(&rest),
        "slurm" => slurm::run(&rest),
        "ci" => ci::run(),
        "tidy" => tidy::run(),
        "bench" => bench::run(&rest),
        "audit" => audit::run(&rest),
        "python" => python::run(&rest),
        "metadata" => metadata::run(),
        "help" | "--help" | "-h" => {
            print!("{USAGE}");
            return ExitCode::SUCCESS;
        }
        other => {
            eprint!(
                "chore = {other:?}: must be one of repro, slurm, ci, tidy, bench, audit, python, metadata\n\n{USAGE}"
            );
            return ExitCode::from(2);
        }
    };
    match result {
        Ok(code) => code,
        Err(message) => {
            eprintln!("{message}");
            ExitCode::FAILURE
        }
    }
}
