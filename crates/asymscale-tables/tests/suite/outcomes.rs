//! What becomes of every file of the data, as the README of the crate has it.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use asymscale_tables::{BadRows, CountRequest, Record, RunRequest, RunTable};

use crate::common::{counts, runs};

/// Between these the README has what [`outcomes`] gives.
const MARKS: [&str; 2] = ["<!-- outcomes -->\n", "\n<!-- end of outcomes -->"];

fn here() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).to_path_buf()
}

/// Files of a folder of the data, by name.
fn files(folder: &str) -> BTreeMap<String, Vec<u8>> {
    let entries = fs::read_dir(here().join("tests/data").join(folder)).unwrap();
    let read = |path: PathBuf| {
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        (name, fs::read(path).unwrap())
    };
    entries.map(|entry| read(entry.unwrap().path())).collect()
}

/// What became of a file, for the table: files of the same outcome stand together.
enum Outcome {
    /// The same runs or counts as the plain file.
    Plain,
    /// The same, of losses that the file has with fewer digits.
    Rounded,
    /// So many rows, of which something was understood.
    Read(String),
    Refused(String),
}

/// Losses with two decimals.
const ROUNDED: f64 = 3e-3;

/// N, D and losses.
type Runs = [Vec<f64>; 3];

fn values(table: &RunTable) -> Runs {
    [&table.features, &table.samples, &table.losses].map(Clone::clone)
}

/// Sizes are equal but for rounding of an integer, as where tokens were had from FLOPs; losses
/// within `error`.
fn same(a: &Runs, b: &Runs, error: f64) -> bool {
    let close = |(k, (a, b)): (usize, (&Vec<f64>, &Vec<f64>))| {
        let error = if k < 2 { 1e-6 } else { error };
        a.len() == b.len() && a.iter().zip(b).all(|(x, y)| (x - y).abs() <= error * y.abs())
    };
    a.iter().zip(b).enumerate().all(close)
}

fn without(runs: &Runs, row: usize) -> Runs {
    runs.each_ref().map(|column| [&column[..row], &column[row + 1..]].concat())
}

/// Runs of every file; where rows cannot be used, those that are left are the plain ones.
fn of_runs() -> BTreeMap<String, Outcome> {
    let files = files("fit");
    let plain = values(&runs("plain.csv", &files["plain.csv"], &RunRequest::default()).unwrap());
    let outcome = |(name, bytes): (&String, &Vec<u8>)| {
        let outcome = match runs(name, bytes, &RunRequest::default()) {
            Ok(table) if same(&values(&table), &plain, 0.0) => Outcome::Plain,
            Ok(table) if same(&values(&table), &plain, ROUNDED) => Outcome::Rounded,
            Ok(table) => Outcome::Read(read_as(&table.record)),
            Err(error) => {
                let error = error.to_string();
                if error.contains("--bad-rows drop") {
                    let request = RunRequest { bad_rows: BadRows::Drop, ..RunRequest::default() };
                    let left = values(&runs(name, bytes, &request).unwrap());
                    let others = (0..25).any(|row| same(&left, &without(&plain, row), 1e-15));
                    assert!(others, "{name}: what is left are 24 of the 25 runs");
                }
                Outcome::Refused(error)
            }
        };
        (name.clone(), outcome)
    };
    files.iter().map(outcome).collect()
}

/// Samples of a file of counts.
fn samples(name: &str) -> f64 {
    match name.split(['.', '_']).next().unwrap() {
        "sae" => 1e6,
        "moe" => 50.0,
        "finite" => 1e4,
        "uniform500" => 1e3,
        "zipf" => 2e4,
        "bird" => 35_549.0,
        "all" => 8192.0,
        // Counts of thousands.
        "vals" if name == "vals_thousands.csv" => 1e6,
        _ => 2000.0,
    }
}

/// What was understood.
fn read_as(record: &Record) -> String {
    format!("{} rows: {}", record.rows, record.taken.join(", "))
}

fn sorted(mut counts: Vec<f64>) -> Vec<f64> {
    counts.sort_by(f64::total_cmp);
    counts
}

fn of_counts() -> BTreeMap<String, Outcome> {
    let files = files("diagnose");
    let read = |name: &str, bad_rows: BadRows| {
        let request =
            CountRequest { samples: Some(samples(name)), bad_rows, ..CountRequest::default() };
        counts(name, &files[name], &request)
    };
    let plain = sorted(read("vals_header.csv", BadRows::Refuse).unwrap().counts);
    let outcome = |name: &String| {
        let outcome = match read(name, BadRows::Refuse) {
            Ok(table) if sorted(table.counts.clone()) == plain => Outcome::Plain,
            Ok(table) => Outcome::Read(read_as(&table.record)),
            Err(error) => {
                let error = error.to_string();
                if error.contains("--bad-rows drop") {
                    let left = sorted(read(name, BadRows::Drop).unwrap().counts);
                    // A row was added to the plain counts, or stands for one of them.
                    assert!(
                        left == plain || left.len() + 1 == plain.len(),
                        "{name}: {} left",
                        left.len()
                    );
                }
                Outcome::Refused(error)
            }
        };
        (name.clone(), outcome)
    };
    files.keys().map(outcome).collect()
}

/// The lines of a table.
fn table(title: &str, plain: &str, outcomes: &BTreeMap<String, Outcome>) -> String {
    let escaped = |text: &str| text.replace('|', "\\|");
    let of = |same: fn(&Outcome) -> bool| -> String {
        let names = outcomes
            .iter()
            .filter(|(_, outcome)| same(outcome))
            .map(|(name, _)| format!("`{name}`"));
        names.collect::<Vec<_>>().join(", ")
    };
    let mut lines = vec![format!(
        "{title}, read as `{plain}`: {}.\n",
        of(|outcome| matches!(outcome, Outcome::Plain))
    )];
    let rounded = of(|outcome| matches!(outcome, Outcome::Rounded));
    if !rounded.is_empty() {
        lines.push(format!("The same with the fewer digits that the file has: {rounded}.\n"));
    }
    lines.push("| file | outcome |\n|---|---|".to_owned());
    for (name, outcome) in outcomes {
        match outcome {
            Outcome::Plain | Outcome::Rounded => {}
            Outcome::Read(what) => lines.push(format!("| `{name}` | {} |", escaped(what))),
            Outcome::Refused(error) => {
                let words = error.strip_prefix(&format!("{name}: ")).unwrap();
                lines.push(format!("| `{name}` | refused: {} |", escaped(words)));
            }
        }
    }
    lines.join("\n")
}

#[test]
fn every_file_has_the_outcome_of_the_readme() {
    let outcomes =
        [table("Runs", "plain.csv", &of_runs()), table("Counts", "vals_header.csv", &of_counts())]
            .join("\n\n");
    let readme = fs::read_to_string(here().join("README.md")).unwrap();
    let stated = readme.split_once(MARKS[0]).and_then(|(_, rest)| rest.split_once(MARKS[1]));
    let (stated, _) = stated.expect("marks in the README");
    let (stated, outcomes): (Vec<_>, Vec<_>) =
        (stated.lines().collect(), outcomes.lines().collect());
    for (stated, found) in stated.iter().zip(&outcomes) {
        assert_eq!(stated, found);
    }
    assert_eq!(stated.len(), outcomes.len(), "the README should have:\n{}", outcomes.join("\n"));
}
