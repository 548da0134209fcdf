//! The page says what the command says, and refuses what the command refuses.

use crate::served::Served;
use serde_json::Value;
use std::process::{Command, Output};
use std::time::Duration;

fn run(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_asymscale")).args(arguments).output().unwrap()
}

/// What the command answers, in JSON.
fn command(words: &str) -> Value {
    let words = words.strip_prefix("asymscale ").unwrap();
    let arguments: Vec<&str> = words.split_whitespace().chain(["--json"]).collect();
    let output = run(&arguments);
    assert!(output.status.success(), "{words}: {}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

fn number<'a>(answer: &'a Value, name: &str) -> &'a Value {
    let numbers = answer["numbers"].as_array().unwrap();
    let found = numbers.iter().find(|number| number["name"] == name);
    &found.unwrap_or_else(|| panic!("no {name} in {numbers:?}"))["value"]
}

const STATE: &str = "alpha=0.8&beta=2.2&onset=3&target-exponent=1.9&amplitude=rademacher&features=40\
                     &samples=300&ridge=0.001&noise=0.01&rate=0.02&epochs=2";

/// Every view is copied as a command that tells the same numbers, to the bit.
#[test]
fn copied_commands_tell_the_same_numbers() {
    let served = Served::new(&[]);
    for (view, names) in [
        ("loss", &["loss", "regime", "reliability", "finite_size_error"][..]),
        ("frontier", &["features", "samples", "loss", "features_exponent", "loss_slope"]),
    ] {
        let answer = served.json(&format!("/api/answer?view={view}&{STATE}"));
        let told = command(answer["copies"]["command"].as_str().unwrap());
        for name in names {
            assert_eq!(number(&answer, name), &told[name], "{view} {name}");
        }
        assert!(answer["words"].as_array().unwrap().len() > 1, "{answer}");
    }
    let noiseless = STATE.replace("&noise=0.01", "").replace("&target-exponent=1.9", "");
    let answer = served.json(&format!("/api/answer?view=training&{noiseless}"));
    let told = command(answer["copies"]["command"].as_str().unwrap());
    let last = told.as_array().unwrap().last().unwrap();
    assert!(number(&answer, "theory").is_number(), "{answer}");
    for name in ["theory", "theory_method", "unseen_mass", "step"] {
        assert_eq!(number(&answer, name), &last[name], "{name}");
    }
    let answer = served.json(&format!("/api/answer?view=instability&{STATE}"));
    let told = command(answer["copies"]["command"].as_str().unwrap());
    assert_eq!(number(&answer, "probability of divergence"), &told["probability"]);
}

/// Where theory is silent the page has no number: label noise without small steps has no flow.
#[test]
fn what_is_not_known_is_null_and_said() {
    let served = Served::new(&[]);
    let answer = served.json("/api/answer?view=training&noise=0.1&features=50&epochs=3&rate=0.5");
    assert_eq!(number(&answer, "theory"), &Value::Null);
    let words = answer["words"].to_string();
    assert!(words.contains("is not known"), "{words}");
}

/// The Rust that the first page copies is an example of this crate, which compiles.
#[test]
fn copied_rust_is_the_example() {
    let answer = Served::new(&[]).json("/api/answer");
    let example = include_str!("../../examples/explored.rs");
    let (_, code) = example.split_once("\n\n").unwrap();
    assert_eq!(answer["copies"]["rust"].as_str().unwrap(), code);
}

#[test]
fn refusals_name_the_parameter() {
    let served = Served::new(&[]);
    for (query, parameter, text) in [
        ("alpha=0", "alpha", "alpha = 0: the spectral exponent must be"),
        ("features=0.5", "features", "features = 0.5: must be a whole number"),
        ("noise=-1", "noise", "noise = -1: the variance of the label noise must be"),
        ("beta=x", "beta", "beta = x: must be a number"),
        ("view=training&epochs=0", "epochs", "epochs = 0: must be a whole number in 1..1e9"),
        ("view=instability&rate=0", "rate", "rate = 0: must be a finite number > 0"),
        ("view=frontier&samples=inf", "samples", "samples = inf: must be finite"),
        ("view=frontier&features=inf", "features", "features = inf: must be finite"),
    ] {
        let (status, body) = served.ask("GET", &format!("/api/answer?{query}"));
        let body: Value = serde_json::from_str(&body).unwrap();
        assert_eq!(
            (status, body["error"]["parameter"].as_str()),
            (400, Some(parameter)),
            "{query}"
        );
        assert!(body["error"]["message"].as_str().unwrap().contains(text), "{body}");
    }
    let refused = |arguments: &[&str]| {
        let output = run(&[&["explore", "--no-open"], arguments].concat());
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        String::from_utf8(output.stderr).unwrap()
    };
    assert!(refused(&["--port", "70000"]).contains("must be a whole number in 1..65535"));
    let taken = refused(&["--port", &served.port.to_string()]);
    assert!(taken.contains("cannot be listened on"), "{taken}");
    assert!(refused(&["nowhere.csv"]).contains("nowhere.csv"));
    let neither = refused(&[concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml")]);
    assert!(neither.contains("must be a table of runs or of counts"), "{neither}");
}

/// A simulation tells how far it is, has the rows of the command, and can be cancelled.
#[test]
fn simulations_are_those_of_the_command_and_end_when_they_are_told_to() {
    let served = Served::new(&[]);
    let state = "beta=1.5&features=20&samples=100";
    let (status, body) = served.ask("POST", &format!("/api/simulate?{state}"));
    assert_eq!(status, 202, "{body}");
    let job: Value = serde_json::from_str(&body).unwrap();
    let target = format!("/api/simulate/{}", job["job"]);
    let done = (0..600).find_map(|_| {
        std::thread::sleep(Duration::from_millis(100));
        Some(served.json(&target)).filter(|job| job["status"] != "running")
    });
    let done = done.unwrap();
    assert_eq!(done["status"], "done", "{done}");
    let told = command(done["command"].as_str().unwrap());
    let columns = done["table"]["columns"].as_array().unwrap();
    let at = columns.iter().position(|name| name == "mean").unwrap();
    let means: Vec<&Value> = told.as_array().unwrap().iter().map(|row| &row["mean"]).collect();
    let found: Vec<&Value> =
        done["table"]["rows"].as_array().unwrap().iter().map(|row| &row[at]).collect();
    assert_eq!(means, found[..means.len()]);
    let answer = served.json(&format!("/api/answer?{state}&simulation={}", job["job"]));
    let lines = answer["figures"][0]["lines"].as_array().unwrap();
    assert!(lines.iter().any(|line| line["name"] == "simulated designs"), "{lines:?}");

    let (_, body) = served.ask("POST", "/api/simulate?samples=4000&beta=1.1");
    let job: Value = serde_json::from_str(&body).unwrap();
    let (status, body) = served.ask("DELETE", &format!("/api/simulate/{}", job["job"]));
    assert!(status == 200 && body.contains("cancelled"), "{body}");
}

/// Runs and counts stand beside what `fit` and `diagnose` say of them.
#[test]
fn tables_are_read_as_runs_or_as_counts() {
    let runs = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/data/synthetic-runs-240.csv");
    let told = |served: &Served| {
        let found = (0..600).find_map(|_| {
            std::thread::sleep(Duration::from_millis(100));
            let table = served.json("/api/begin")["table"].take();
            Some(table).filter(|table| table["words"].is_string())
        });
        found.unwrap()
    };
    let served = Served::new(&[runs, "--", "--bootstrap", "0"]);
    let table = told(&served);
    assert_eq!((table["kind"].as_str(), table["rows"].as_u64()), (Some("runs"), Some(240)));
    let fit = &table["parameters"];
    let at_fit = format!(
        "/api/answer?view=table&law-e={}&law-a={}&law-b={}&law-alpha={}&law-beta={}",
        fit["e"], fit["a"], fit["b"], fit["alpha"], fit["beta"]
    );
    let of_fit = served.json(&at_fit);
    let by_hand = served.json(&at_fit.replace("law-e=", "law-e=1"));
    let median = |answer: &Value| number(answer, "median").as_f64().unwrap();
    assert!(median(&of_fit) < 0.02 && median(&by_hand) > 10.0 * median(&of_fit));

    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("counts.csv");
    let lines: Vec<String> =
        (1..=80_u32).map(|i| (1000.0 * f64::from(i).powf(-1.2)).round().to_string()).collect();
    std::fs::write(&file, format!("count\n{}\n", lines.join("\n"))).unwrap();
    let served = Served::new(&[file.to_str().unwrap(), "--", "--samples", "1000"]);
    assert_eq!(told(&served)["kind"], "counts");
    let off = |beta: &str| {
        let answer = served.json(&format!("/api/answer?view=table&beta={beta}"));
        number(&answer, "rms").as_f64().unwrap()
    };
    assert!(off("1.2") < 0.1 && off("2") > 0.5);
}
