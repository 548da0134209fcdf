//! `cargo xtask audit`: random questions over everything that is accepted, answered by all methods
//! that apply.

use crate::process::{cargo, status};
use std::process::ExitCode;

/// Points unless asked for another number.
const POINTS: &str = "1000";
/// Seed unless asked for another.
const SEED: &str = "2026";

/// Runs the audit of asymscale-montecarlo with `[--points N] [--seed S]`, and with `--large` on
/// larger designs (an hour or two).
pub(crate) fn run(words: &[String]) -> Result<ExitCode, String> {
    let large = words.iter().any(|word| word == "--large");
    let words: Vec<String> = words.iter().filter(|word| *word != "--large").cloned().collect();
    let (points, seed) = options(&words)?;
    let mut audit =
        cargo(&["test", "--release", "--package", "asymscale-montecarlo", "--test", "whole_box"]);
    audit.args(["--", "--nocapture"]).env("ASYMSCALE_POINTS", points).env("ASYMSCALE_SEED", seed);
    if large {
        audit.env("ASYMSCALE_LARGE", "1");
    }
    Ok(if status(&mut audit)?.success() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Number of points and seed.
fn options(words: &[String]) -> Result<(String, String), String> {
    let (mut points, mut seed) = (POINTS.to_owned(), SEED.to_owned());
    for pair in words.chunks(2) {
        let value = pair.get(1).filter(|value| value.parse::<u64>().is_ok());
        match (pair[0].as_str(), value) {
            ("--points", Some(value)) => points.clone_from(value),
            ("--seed", Some(value)) => seed.clone_from(value),
            (word, _) => {
                return Err(format!(
                    "audit {word}: must be --points or --seed with a whole number"
                ));
            }
        }
    }
    Ok((points, seed))
}

#[cfg(test)]
mod tests {
    use super::options;

    #[test]
    fn options_are_read_or_refused() {
        let read =
            |line: &str| options(&line.split_whitespace().map(str::to_owned).collect::<Vec<_>>());
        assert_eq!(read("--points 7"), Ok(("7".to_owned(), "2026".to_owned())));
        assert_eq!(read("--seed 3 --points 2"), Ok(("2".to_owned(), "3".to_owned())));
        assert!(
            read("--points many").is_err() && read("--points").is_err() && read("--all 1").is_err()
        );
    }
}
