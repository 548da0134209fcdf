//! `asymscale diagnose` as a person or a script meets it: answers, and every message about a table
//! that cannot be read.

#![cfg(feature = "fit")]

mod cases;
mod groups;
mod saved_model;
#[path = "../common/schema.rs"]
mod schema;

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// Runs in a folder of its own, so that messages name files without their place.
fn run(folder: &Path, words: &str) -> Output {
    let program = env!("CARGO_BIN_EXE_asymscale");
    Command::new(program).args(words.split_whitespace()).current_dir(folder).output().unwrap()
}

/// A folder with these files.
fn folder(name: &str, files: &[(&str, &str)]) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    std::fs::create_dir_all(&folder).unwrap();
    for (file, text) in files {
        std::fs::write(folder.join(file), text).unwrap();
    }
    folder
}

/// As many features with each count as a power law of activity with exponent 2 has in 10 000
/// samples, and the mean second moments of such features where the energy of an activation is the
/// square root of the activity: α = 2.
fn lawful() -> String {
    let mut text = "feature,count,moment\n".to_owned();
    // Γ(k − ½)/k! and Γ(k)/Γ(k − ½), up to factors.
    let (mut expected, mut energy): (f64, f64) = (3000.0, 1.0);
    for k in 1..400_u32 {
        let count = f64::from(k);
        for _ in 0..expected.round() as u32 {
            writeln!(text, "f,{k},{}", count / 1e4 * energy).unwrap();
        }
        expected *= (count - 0.5) / (count + 1.0);
        energy *= count / (count - 0.5);
    }
    text
}

fn text(output: &Output) -> String {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout.clone()).unwrap()
}

fn json(folder: &Path, words: &str) -> serde_json::Value {
    let printed = text(&run(folder, &format!("{words} --json")));
    schema::conforms("diagnose", &["--json"], &printed);
    serde_json::from_str(&printed).unwrap()
}

/// An estimate holds a value, and is no wider than a factor 1.5 about it.
fn holds(estimate: &serde_json::Value, truth: f64) {
    let [low, high] = ["lower", "upper"].map(|end| estimate[end].as_f64().unwrap());
    assert!(low <= truth && truth <= high && high < 1.5 * low, "{estimate} does not hold {truth}");
}

#[test]
fn a_summary_is_read_aloud() {
    let folder = folder("diagnose-summary", &[("counts.csv", &lawful())]);
    let output = run(&folder, "diagnose counts.csv --samples 10000");
    insta::assert_snapshot!(text(&output));
}

/// The table is an exact law, so its parameters are found within any interval (seed 1).
#[test]
fn the_law_is_found_with_and_without_second_moments() {
    let folder = folder("diagnose-law", &[("counts.csv", &lawful())]);
    let binary = json(&folder, "diagnose counts.csv --samples 10000");
    holds(&binary["activity_law"]["beta"], 2.0);
    holds(&binary["scaling"]["samples_exponent"], 0.5);
    let rows = lawful().lines().count() - 1;
    assert_eq!((&binary["seen"], &binary["singletons"]), (&rows.into(), &3000.into()));
    // The table is cut at 400 activations, so a law of finitely many fits as well.
    assert!(
        ["growing", "undecided"].contains(&binary["population"].as_str().unwrap()),
        "{}",
        binary["population"]
    );
    assert_eq!(binary["unseen_energy"], serde_json::Value::Null);
    // As told by Good and Turing, and a little less for features seen twice (Chao & Jost).
    assert!((binary["unseen_activity"]["value"].as_f64().unwrap() - 0.3).abs() < 1e-4);
    let moments = json(&folder, "diagnose counts.csv --samples 10000 --moment-column moment");
    holds(&moments["scaling"]["features_exponent"], 2.0);
    assert_eq!(moments["scaling"]["source"], "second_moments");
    let given = json(&folder, "diagnose counts.csv --samples 10000 --alpha 3");
    assert_eq!(given["scaling"]["features_exponent"]["value"], 3.0);
}

#[test]
fn forecasts_have_a_row_per_factor_and_quantity() {
    let folder = folder("diagnose-rows", &[("counts.csv", &lawful())]);
    let words = "diagnose counts.csv --samples 10000 --factors 2,8";
    let table = text(&run(&folder, &format!("{words} --csv")));
    assert!(table.starts_with(
        "factor,samples,quantity,value,lower,upper,at_most,method,good_toulmin,smoothed,"
    ));
    assert_eq!(table.lines().count(), 5);
    // Under the law features seen grow as √D.
    let forecast = &json(&folder, words)["forecasts"][1];
    assert_eq!(forecast["samples"], 80_000);
    let seen = (8f64.sqrt() - 1.0) * (lawful().lines().count() - 1) as f64;
    assert!(
        (forecast["new_features"]["power_law"]["value"].as_f64().unwrap() / seen - 1.0).abs() < 0.1
    );
    assert_eq!(forecast["unseen_activity"]["good_toulmin"], serde_json::Value::Null);
}

#[test]
fn the_same_seed_gives_the_same_answer_with_or_without_a_plot() {
    let folder = folder("diagnose-plot", &[("counts.csv", &lawful())]);
    let words = "diagnose counts.csv --samples 10000 --seed 4 --json";
    let plain = run(&folder, words);
    let drawn = run(&folder, &format!("{words} --plot law.svg"));
    assert_eq!(plain.stdout, drawn.stdout);
    let svg = std::fs::read_to_string(folder.join("law.svg")).unwrap();
    assert!(
        svg.starts_with("<svg") && svg.contains("features seen") && svg.contains("activity unseen")
    );
    let other = run(&folder, "diagnose counts.csv --samples 10000 --seed 5 --json");
    assert_ne!(plain.stdout, other.stdout);
}

/// Few features, all seen often: no law, and infinities and missing values have their words.
#[test]
fn tables_too_small_for_a_law_are_answered() {
    let folder = folder("diagnose-small", &[("counts.csv", "count\n10\n8\n3\n0\n1\n")]);
    let answer = json(&folder, "diagnose counts.csv --samples 10 --plot small.svg");
    assert_eq!(
        (&answer["activity_law"], &answer["scaling"]),
        (&serde_json::Value::Null, &serde_json::Value::Null)
    );
    assert_eq!((&answer["population"], &answer["total"]), (&"open".into(), &5.into()));
    insta::assert_snapshot!(text(&run(&folder, "diagnose counts.csv --samples 10")));
}

/// Bad input: exit code 2, nothing on standard output, and a message with the file, the row or the
/// flag, and what is allowed.
#[test]
fn tables_that_cannot_be_read_are_refused() {
    let many: String = (0..200).map(|_| "1\n").collect();
    let late = format!("count\n{many}many\n");
    let files = [
        ("good.csv", "word,count\na,3\nb,1\n"),
        ("empty.csv", ""),
        ("header.csv", "word,count\n"),
        ("text.csv", "word,count\na,3\nb,few\n"),
        ("late.csv", late.as_str()),
        ("null.csv", "word,count\na,3\nb,\n"),
        ("negative.csv", "word,count\na,3\nb,-1\n"),
        ("fraction.csv", "word,count\na,3\nb,1.5\n"),
        ("nan.csv", "word,count\na,3\nb,NaN\n"),
        ("zero.csv", "word,count\na,0\nb,0\n"),
        ("events.csv", "book,verse,word\nA,1,x\nA,2,x\nB,3,y\n"),
        ("ragged.csv", "word,count\na,3\nb,1,7,9\n"),
        ("moment.csv", "word,count,moment\na,3,0.2\nb,1,-0.1\n"),
        ("broken.parquet", "PAR1 is how it begins, and then nothing"),
        ("empty.parquet", ""),
    ];
    let folder = folder("diagnose-refusals", &files);
    let questions = [
        "missing.csv --samples 10",
        "missing.parquet --samples 10",
        "good --samples 10",
        "good.csv --samples 10 --count-column texts",
        "good.csv --samples 10 --moment-column energy",
        "good.csv --samples 10 --count-column word",
        "text.csv --samples 10",
        "late.csv --samples 10",
        "null.csv --samples 10",
        "empty.csv --samples 10",
        "header.csv --samples 10",
        "good.csv --samples 2",
        "negative.csv --samples 10",
        "fraction.csv --samples 10",
        "nan.csv --samples 10",
        "zero.csv --samples 10",
        "ragged.csv --samples 10",
        "moment.csv --samples 10 --moment-column moment",
        "broken.parquet --samples 10",
        "empty.parquet --samples 10",
        "good.csv",
        "good.csv --samples 0",
        "good.csv --samples 1",
        "good.csv --samples 2.5",
        "good.csv --samples inf",
        "good.csv --samples -5",
        "good.csv --samples 10 --alpha 0",
        "good.csv --samples 10 --factors 1,2",
        "good.csv --samples 10 --factors 0",
        "good.csv --samples 10 --factors two",
        "good.csv --samples 10 --level 1",
        "good.csv --samples 10 --level 95",
        "good.csv --samples 10 --resamples 0",
        "good.csv --samples 10 --resamples 20",
        "good.csv --samples 10 --level 0.999",
        "good.csv --samples 10 --seed -1",
        "good.csv --samples 10 --json --csv",
        "good.csv --samples 10 --of 1",
        "good.csv --samples 10 --of 0",
        "good.csv --samples 10 --of 2.5",
        "good.csv --samples 10 --seen-at-least 4",
        "good.csv --samples 10 --seen-at-least 0",
        "good.csv --samples 10 --seen-at-least 2 --of 5",
        "good.csv --samples 10 --until 1.1",
        "good.csv --samples 10 --until 0",
        "good.csv --samples 10 --until 0.9 --times 1.5",
        "good.csv --samples 10 --times 2",
        "good.csv --samples 10 --cover 1",
        "good.csv --samples 10 --rate 0",
        "good.csv --samples 10 --moments active",
        "good.csv --samples 10 --group-column word",
        "events.csv --sample-column verse --feature-column word --group-column book --samples 5",
        "events.csv --sample-column verse --feature-column word --group-column none",
        "good.csv --samples 10 --plot law.jpg",
        "good.csv --samples 10 --plot nowhere/law.svg",
    ];
    let mut messages = String::new();
    for question in &questions {
        let output = run(&folder, &format!("diagnose {question}"));
        assert_eq!(output.status.code(), Some(2), "{question}: {output:?}");
        assert!(output.stdout.is_empty(), "{question}");
        let error = String::from_utf8_lossy(&output.stderr);
        let lines = if error.contains("required arguments") { 2 } else { 1 };
        let first: Vec<&str> = error.lines().take(lines).map(str::trim).collect();
        writeln!(messages, "{question}\n    {}", first.join(" ")).unwrap();
    }
    insta::assert_snapshot!(messages);
}
