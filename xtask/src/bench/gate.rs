//! `cargo xtask bench --check`: a gate against slow-downs that noise cannot trip.
//!
//! Callgrind counts the instructions of hot benchmarks, one run each, inside the measured closure
//! only. Counts do not depend on load, clock or cache: two runs agree to the last digit. They
//! depend on the compiler, so the file of counts names it, and on the instruction set: valgrind
//! shows every program a processor with AVX2 and without AVX-512, so machines agree where they have
//! AVX2 at all.

use super::{Built, build};
use crate::process::root;
use std::fmt::Write;
use std::process::{Command, ExitCode};

/// The counts, and the choice of what is counted.
const FILE: &str = "xtask/instructions.txt";

/// More instructions than this share above the tracked count are a slow-down. The same binary gives
/// the same count; other versions of the C library (`pow`, `acos`, `memcpy`) and other dependencies
/// of equal cost move it by some tenths of a per cent.
const TOLERANCE: f64 = 0.02;

/// What divan runs a measured closure in; outside it nothing is counted, neither set-up nor divan.
const MEASURED: &str = "--toggle-collect=divan::thread_pool::TaskShared*";

/// A tracked count.
#[derive(Debug, Clone, PartialEq)]
struct Count {
    target: String,
    /// The benchmark's path as divan knows it.
    path: String,
    instructions: u64,
}

/// Compares all counts with the tracked ones, or renews them.
pub(super) fn run(write: bool) -> Result<ExitCode, String> {
    let text =
        std::fs::read_to_string(root().join(FILE)).map_err(|error| format!("{FILE}: {error}"))?;
    let (compiler, tracked) = parse(&text)?;
    let here = word(Command::new("rustc").current_dir(root()).arg("--version"))?;
    if let Some(reason) = obstacle() {
        if std::env::var("ASYMSCALE_VALGRIND").as_deref() == Ok("required") {
            return Err(format!("bench --check: {reason}"));
        }
        println!("bench --check: SKIPPED, {reason}");
        return Ok(ExitCode::SUCCESS);
    }
    if compiler != here && !write {
        // Not to be had by installing something: whoever moves to another compiler renews the
        // counts.
        println!(
            "bench --check: SKIPPED, counts are of {compiler}, this is {here}: `cargo xtask bench --check --write`"
        );
        return Ok(ExitCode::SUCCESS);
    }
    let counted = count_all(&build()?, &tracked)?;
    if write {
        let text = text
            .lines()
            .take_while(|line| line.starts_with('#'))
            .fold(String::new(), |a, l| a + l + "\n");
        let path = root().join(FILE);
        std::fs::write(path, format!("{text}{}", table(&here, &counted)))
            .map_err(|e| format!("{FILE}: {e}"))?;
        println!("written to {FILE}");
        return Ok(ExitCode::SUCCESS);
    }
    let slower = compare(&tracked, &counted);
    if slower == 0 {
        return Ok(ExitCode::SUCCESS);
    }
    Err(format!(
        "bench --check: {slower} slower; if that is meant, `cargo xtask bench --check --write`"
    ))
}

/// Why counts cannot be taken here, if they cannot.
fn obstacle() -> Option<String> {
    if word(Command::new("valgrind").arg("--version")).is_err() {
        return Some("valgrind is not installed".to_owned());
    }
    let avx2 = std::fs::read_to_string("/proc/cpuinfo").is_ok_and(|text| text.contains(" avx2 "));
    (!avx2).then(|| "this processor has no AVX2, with which the counts were taken".to_owned())
}

/// The first line a command prints.
fn word(command: &mut Command) -> Result<String, String> {
    let output = command.output().map_err(|error| error.to_string())?;
    Ok(String::from_utf8_lossy(&output.stdout).lines().next().unwrap_or_default().to_owned())
}

/// Compiler and counts: comments, `compiler …`, then `count target path` a line.
fn parse(text: &str) -> Result<(String, Vec<Count>), String> {
    let (mut compiler, mut counts) = (String::new(), Vec::new());
    for line in text.lines().filter(|line| !line.starts_with('#') && !line.trim().is_empty()) {
        if let Some(rest) = line.strip_prefix("compiler ") {
            rest.clone_into(&mut compiler);
            continue;
        }
        let mut words = line.trim().splitn(2, ' ');
        let number = words.next().and_then(|word| word.parse().ok());
        let path = words.next().map(str::trim);
        let (Some(instructions), Some(path)) = (number, path) else {
            return Err(format!("{FILE}: {line:?} is not a count and the path of a benchmark"));
        };
        let target = path.split("::").next().unwrap_or_default().to_owned();
        counts.push(Count { target, path: path.to_owned(), instructions });
    }
    Ok((compiler, counts))
}

fn table(compiler: &str, counts: &[Count]) -> String {
    let mut text = format!("compiler {compiler}\n");
    for count in counts {
        let _ = writeln!(text, "{:>12} {}", count.instructions, count.path);
    }
    text
}

/// Counts again, as many at a time as there are cores.
fn count_all(targets: &[Built], tracked: &[Count]) -> Result<Vec<Count>, String> {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let mut counted = Vec::new();
    for some in tracked.chunks(cores) {
        let found: Vec<_> = std::thread::scope(|scope| {
            let started: Vec<_> =
                some.iter().map(|one| scope.spawn(|| count(targets, one))).collect();
            started.into_iter().map(std::thread::ScopedJoinHandle::join).collect()
        });
        for one in found {
            counted.push(one.map_err(|_| "a thread that counts died".to_owned())??);
        }
    }
    Ok(counted)
}

/// Runs one benchmark once under callgrind.
fn count(targets: &[Built], one: &Count) -> Result<Count, String> {
    let target = targets.iter().find(|target| target.target == one.target);
    let target = target.ok_or_else(|| format!("{FILE}: {} is no benchmark target", one.target))?;
    let mut command = Command::new("valgrind");
    command
        .args(["--tool=callgrind", "--callgrind-out-file=/dev/null", MEASURED])
        .arg(&target.binary);
    command.args(["--test", "--exact", &one.path]).current_dir(root());
    let output = command.output().map_err(|error| format!("valgrind: {error}"))?;
    let report = String::from_utf8_lossy(&output.stderr);
    let line = report.lines().find_map(|line| line.split_once("Collected :"));
    let instructions = line.and_then(|(_, number)| number.trim().parse().ok()).unwrap_or(0);
    if output.status.success() && instructions > 0 {
        return Ok(Count { instructions, ..one.clone() });
    }
    Err(format!("{}: callgrind counted nothing; is there such a benchmark?\n{report}", one.path))
}

/// Prints each count beside the tracked one; how many are above it by more than the tolerance.
fn compare(tracked: &[Count], counted: &[Count]) -> usize {
    let mut slower = 0;
    for (before, now) in tracked.iter().zip(counted) {
        let change = now.instructions as f64 / before.instructions as f64 - 1.0;
        let verdict = match change {
            change if change > TOLERANCE => "SLOWER",
            change if change < -TOLERANCE => {
                "faster: renew the counts, or the next slow-down hides in it"
            }
            _ => "",
        };
        slower += usize::from(change > TOLERANCE);
        println!("{:>12} {:+7.2} %  {} {verdict}", now.instructions, 100.0 * change, now.path);
    }
    slower
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_are_read_as_they_are_written() {
        let one = Count {
            target: "theory".to_owned(),
            path: "theory::point::(1.0, 2.0)".to_owned(),
            instructions: 1234,
        };
        let text = format!("# words\n{}", table("rustc 1", std::slice::from_ref(&one)));
        assert_eq!(parse(&text), Ok(("rustc 1".to_owned(), vec![one])));
        assert!(parse("many theory::point\n").unwrap_err().contains("many"));
    }

    #[test]
    fn a_slow_down_beyond_the_tolerance_is_counted_and_one_below_is_not() {
        let count =
            |instructions| Count { target: String::new(), path: String::new(), instructions };
        let now = [count(1_021), count(1_019), count(900)];
        assert_eq!(compare(&[count(1_000), count(1_000), count(1_000)], &now), 1);
    }
}
