//! Where answers go, what is said beside them, and what their columns mean.

mod common;

use common::{answer, command, csv, json, refused, run, schema, text};
use std::path::{Path, PathBuf};
use std::process::Stdio;

const MODEL: &str = "--alpha 1 --beta 1.5";

/// An empty folder of a test's own.
fn folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).unwrap();
    folder
}

fn names(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).unwrap();
    let mut names: Vec<String> =
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

/// What is infinite is null with a mark in JSON, and a word that parses as a float in CSV.
#[test]
fn infinities_survive_a_column_of_floats() {
    let points = json(&format!("loss {MODEL} --features 8,inf --samples inf"));
    assert!(points[1]["features"].is_null() && points[1]["features_infinite"] == true);
    assert!(points[0]["features"] == 8 && points[0]["features_infinite"] == false);
    assert_eq!(points[0]["samples_infinite"], true);
    let finite = json(&format!("loss {MODEL} --features 8 --samples 100"));
    assert!(finite.get("features_infinite").is_none());
    let rows = csv(&format!("loss {MODEL} --features 8,inf --samples inf"));
    assert_eq!((rows[2][0].as_str(), rows[2][0].parse()), ("inf", Ok(f64::INFINITY)));
    let point = json("coverage --alpha 1 --beta 0.5 --samples 100");
    assert!(point["crossover"].is_null() && point["crossover_infinite"] == true);
}

/// Theory stands beside simulations, with the numbers that `loss` answers.
#[test]
fn theory_stands_beside_simulations() {
    let words = format!("{MODEL} --samples 40 --features 8,16,inf --ridge 0.01");
    let simulated = json(&format!("simulate {words} --repeats 2"));
    let theory = json(&format!("loss {words}"));
    for n in 0..3 {
        assert_eq!(simulated[n]["theory"], theory[n]["loss"]);
        assert_eq!(simulated[n]["finite_size_error"], theory[n]["finite_size_error"]);
    }
    let relu =
        json(&format!("simulate {MODEL} --samples 20 --features 8 --repeats 2 --activation relu"));
    assert!(relu[0]["theory"].is_null() && relu[0]["finite_size_error"].is_null());
}

/// Rows of single designs are what the summary is made of.
#[test]
fn designs_are_told_one_by_one() {
    let words = format!("simulate {MODEL} --samples 20 --features 30,inf --repeats 5 --seed 4");
    let rows = json(&format!("{words} --per-design"));
    let summary = json(&words);
    let rows = rows.as_array().unwrap();
    assert_eq!(rows.len(), 10);
    for (n, of_size) in rows.chunks(5).enumerate() {
        let mean =
            |key: &str| of_size.iter().map(|row| row[key].as_f64().unwrap()).sum::<f64>() / 5.0;
        for (key, told) in
            [("rank", "rank_mean"), ("seen", "seen_mean"), ("unseen_mass", "unseen_mass_mean")]
        {
            let told = summary[n][told].as_f64().unwrap();
            assert!((mean(key) - told).abs() < 1e-12 * told, "{key}");
        }
        let mut losses: Vec<f64> =
            of_size.iter().map(|row| row["loss"].as_f64().unwrap()).collect();
        losses.sort_by(f64::total_cmp);
        assert_eq!(Some(losses[2]), summary[n]["median"].as_f64());
        let designs: Vec<u64> = of_size.iter().map(|row| row["design"].as_u64().unwrap()).collect();
        assert_eq!(designs, [0, 1, 2, 3, 4]);
    }
    assert_eq!(rows[1]["unseen_mass"], rows[6]["unseen_mass"]);
}

#[test]
fn what_theory_only_tends_to_is_said() {
    let said = |words: &str| answer(words).1;
    let both = said(&format!("loss {MODEL} --features inf --samples inf"));
    assert!(both.starts_with("note: infinitely many features and samples"), "{both}");
    assert_eq!(said(&format!("loss {MODEL} --features inf --samples 10")), "");
    let descent = format!("descent {MODEL} --samples 10 --rate 0.5 --repeats 1 --steps");
    let few = said(&format!("{descent} 1"));
    assert!(few.starts_with("note: loss is that of gradient flow"), "{few}");
    assert_eq!(said(&format!("{descent} 100")), "");
    assert!(text("columns descent").contains("Discrete steps differ"));
}

/// The same bytes on any number of threads.
#[test]
fn answers_do_not_depend_on_threads() {
    let words = format!("simulate {MODEL} --samples 20 --features 8,inf --repeats 5");
    let loss = "loss --alpha 0.5,1 --beta 1.5,2 --samples 20 --features 8,inf --json".to_owned();
    for words in [words, loss] {
        let [one, two] = [1, 3].map(|n| text(&format!("{words} --threads {n}")));
        assert_eq!(one, two);
        assert_eq!(one, text(&words));
    }
}

#[test]
fn files_are_written_whole_or_not_at_all() {
    let folder = folder("out");
    let file = folder.join("answer.csv");
    let words = format!("loss {MODEL} --features 8,16 --samples 20 --csv");
    let to = |path: &Path| format!("{words} --out {}", path.display());
    let expected = text(&words);
    assert_eq!(answer(&to(&file)), (String::new(), String::new()));
    assert_eq!(std::fs::read_to_string(&file).unwrap(), expected);
    // In place of an older one, and nothing is left beside it.
    std::fs::write(&file, "older and longer ".repeat(99)).unwrap();
    answer(&to(&file));
    assert_eq!(
        (std::fs::read_to_string(&file).unwrap(), names(&folder)),
        (expected, vec!["answer.csv".to_owned()])
    );
    // A request that is refused leaves what was there.
    let before = std::fs::read_to_string(&file).unwrap();
    let steep = "loss --alpha 99 --beta 1.5 --features 1e5 --samples 1e9";
    let output = run(&format!("{steep} --out {}", file.display()));
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("eigenvalues"));
    assert_eq!(std::fs::read_to_string(&file).unwrap(), before);
    assert_eq!(names(&folder), ["answer.csv"]);
    for bad in [folder.join("none/answer.csv"), folder.clone()] {
        let message = refused(&to(&bad));
        assert!(message.contains("--out ") && message.contains("cannot be written"), "{message}");
    }
    // Refused before any work: this would take hours.
    let long = format!("simulate {MODEL} --features 8 --samples 4000 --repeats 100000");
    refused(&format!("{long} --out {}", folder.join("none/answer.csv").display()));
    #[cfg(unix)]
    {
        let link = folder.join("link.csv");
        std::os::unix::fs::symlink(&file, &link).unwrap();
        answer(&to(&link));
        assert!(std::fs::symlink_metadata(&link).unwrap().is_symlink());
        answer(&to(Path::new("/dev/null")));
        assert!(!std::fs::metadata("/dev/null").unwrap().is_file());
    }
}

/// A reader that had enough is no failure; a full disk is one, and neither a panic.
#[cfg(target_os = "linux")]
#[test]
fn closed_and_full_outputs_are_no_panics() {
    let words = format!("loss {MODEL} --features 1..1000:1000lin --samples 20 --csv");
    let words: Vec<&str> = words.split_whitespace().collect();
    let mut child =
        command().args(&words).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!((output.status.code(), output.stderr.len()), (Some(0), 0));
    let full = || std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    let output = command().args(&words).stdout(full()).output().unwrap();
    let message = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(message.starts_with("error: standard output cannot be written"), "{message}");
    for words in [&["--help"][..], &["loss", "--help"], &["--version"]] {
        let output = command().args(words).stdout(full()).output().unwrap();
        let message = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(1), "{words:?}: {message}");
        assert!(message.starts_with("error: standard output cannot be written"), "{message}");
    }
    // Nobody hears of bad input or notes, and nothing else happens.
    let output = command().args(["loss"]).stderr(full()).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    let words = format!("coverage {MODEL} --samples 1..2:9lin");
    let output = command().args(words.split_whitespace()).stderr(full()).output().unwrap();
    assert!(output.status.success() && !output.stdout.is_empty());
}

/// Every column of every answer has an explanation.
#[test]
fn every_column_is_explained() {
    let data = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/data");
    let runs = format!("fit {data}/synthetic-runs-240.csv --bootstrap 0");
    let every = "--alpha 1,2 --beta 1.5,2 --onset 1,2 --amplitude gaussian,rademacher --coordinates 99,inf --samples 8";
    let questions = [
        format!("loss {every} --features 8 --ridge 0,1 --noise 0,1"),
        format!("coverage {every}"),
        format!("instability {every} --rate 0.1,0.2"),
        format!("instability {every} --rate 0.1 --simulate --repeats 2"),
        format!(
            "frontier {} --compute 9 --noise 0,1 --factor 1,2",
            every.replace("--samples 8", "")
        ),
        format!("simulate {every} --features 4 --repeats 1 --ridge 0,1 --noise 0,1"),
        format!("simulate {MODEL} --samples 8 --features 4 --repeats 1 --per-design"),
        format!(
            "simulate {MODEL} --samples 8 --features 4 --repeats 1 --inputs 9 --activation relu,tanh --scale 1,2"
        ),
        format!("descent {every} --rate 0.1,0.2 --steps 99 --repeats 1"),
        "columns loss".to_owned(),
        runs.clone(),
        format!("{runs} --compute 1e20"),
    ];
    let known = csv("columns");
    for question in &questions {
        let command = question.split(' ').next().unwrap();
        for head in &csv(question)[0] {
            let has =
                known.iter().any(|row| row[0] == command && row[2] == *head && row[3].len() > 5);
            assert!(has, "{question}: {head} has no explanation");
        }
    }
    assert_eq!(json("columns loss")[0]["column"], "features");
    assert!(refused("columns guess").contains("invalid value 'guess'"));
}

/// The README has the text of the command: paste what `asymscale columns` says where they differ.
#[test]
fn the_readme_explains_the_same_columns() {
    let readme = include_str!("../README.md");
    let told = readme.split("```text\n$ asymscale columns\n").nth(1).unwrap();
    let told = told.split("```").next().unwrap();
    assert_eq!(told, text("columns"));
}

#[test]
fn shells_and_manuals_know_the_flags() {
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let script = text(&format!("completions {shell}"));
        for word in ["per-design", "threads", "completions"] {
            assert!(script.contains(word), "{shell}: {word}");
        }
    }
    assert!(refused("completions csh").contains("invalid value 'csh'"));
    let page = text("man");
    assert!(page.contains(".TH asymscale 1") && page.contains("Population loss"));
    let folder = folder("man").join("man1");
    answer(&format!("man --out {}", folder.display()));
    let pages = names(&folder);
    assert!(pages.contains(&"asymscale-simulate.1".to_owned()), "{pages:?}");
    let page = std::fs::read_to_string(folder.join("asymscale-simulate.1")).unwrap();
    assert!(page.contains("per\\-design"));
    let file = folder.join("asymscale.1/deeper");
    assert!(refused(&format!("man --out {}", file.display())).contains("cannot be written"));
}

/// Answers are held against these schemas wherever a test asks for JSON; so a schema must refuse.
#[test]
fn schemas_are_printed_and_refuse_what_is_no_answer() {
    let commands = [
        "loss",
        "coverage",
        "instability",
        "frontier",
        "simulate",
        "descent",
        "train",
        "diagnose",
        "fit",
        "predict",
        "columns",
    ];
    for command in commands {
        let printed: serde_json::Value =
            serde_json::from_str(&text(&format!("schema {command}"))).unwrap();
        assert_eq!(printed["title"], format!("asymscale {command} --json"));
        assert!(schema::validated(command, "{}").is_err(), "{command}: nothing is required");
    }
    let right = text(&format!("loss {MODEL} --features 8 --samples inf --json"));
    assert_eq!(schema::validated("loss", &right), Ok(()));
    for (from, to) in [("\"loss\"", "\"Loss\""), ("\"good\"", "1"), ("true", "\"yes\"")] {
        assert!(right.contains(from), "{right}");
        assert!(schema::validated("loss", &right.replace(from, to)).is_err(), "{from} as {to}");
    }
    assert!(refused("schema man").contains("[possible values: loss,"));
}
