//! A table in which the command itself sees two laws: it tells no law of all rows, but why, and
//! what to type.

use std::fmt::Write as _;

use serde_json::Value;

use crate::common::{case, fit, folder, json, text, written};

/// What only one law could say.
const OF_ONE_LAW: [&str; 7] = [
    "Too few",
    "Too little",
    "first buy",
    "The exponent in",
    "the best are",
    "Of the loss there",
    "parameter  ",
];
/// What is null without a law.
const NULL: [&str; 6] = ["parameters", "intervals", "symmetry", "limits", "plan", "allocation"];

/// The case with the cells that `row` makes of kind, N, D and loss.
fn remade(name: &str, titles: &str, row: impl Fn(usize, &[&str]) -> String) -> String {
    let lines = std::fs::read_to_string(case("two_datasets.csv")).unwrap();
    let mut contents = titles.to_owned() + "\n";
    for (at, line) in lines.lines().skip(1).enumerate() {
        writeln!(contents, "{}", row(at, &line.split(',').collect::<Vec<&str>>())).unwrap();
    }
    written(name, &contents)
}

/// Nothing of one law in words, in JSON and in CSV; the reason in each.
fn assert_untold(words: &[&str], parts: &[&str]) -> (String, Value) {
    let (said, answer) = (text(words), json(words));
    for part in OF_ONE_LAW {
        assert!(!said.contains(part), "{words:?}: {part:?} in\n{said}");
    }
    let why = answer["mixed"].as_str().expect("a reason");
    for part in parts {
        assert!(why.contains(part), "{words:?}: {part:?} in\n{why}");
    }
    assert_eq!(said.matches(why).count(), 1, "{said}");
    assert_eq!(answer["warnings"][0], why);
    assert!(!said.contains("the law goes through"), "{said}");
    assert_eq!(answer["shown"], false);
    for name in NULL {
        assert!(answer[name].is_null(), "{words:?}: {name}: {}", answer[name]);
    }
    let csv = fit(&[words, &["--csv"]].concat());
    assert!(String::from_utf8_lossy(&csv.stderr).contains(why), "{words:?}");
    let cells = String::from_utf8(csv.stdout).unwrap();
    assert!(cells.lines().skip(1).all(|line| line.ends_with(",,,")), "{words:?}: {cells}");
    (said, answer)
}

#[test]
fn two_laws_by_a_column_have_no_common_answer() {
    let path = case("two_datasets.csv");
    let parts = [
        "two laws, by column `dataset`",
        "--by dataset",
        "--filter-column dataset --filter-value code",
    ];
    assert_untold(&[&path], &parts);
    assert_untold(&[&path, "--compute", "1e21", "--law", "tied"], &parts);
    // Nothing is predicted, saved or drawn of it.
    let saved = folder("mixed").join("fit.json");
    let _ = std::fs::remove_file(&saved);
    let file = saved.to_str().unwrap();
    let (said, answer) = assert_untold(&[&path, "--hold-out", "4", "--save", file], &parts);
    assert!(answer["held_out"].is_null() && !saved.exists(), "{said}");
    assert!(
        said.contains("There is no law to predict") && said.contains("there is no law to save"),
        "{said}"
    );
    let figure = folder("mixed").join("fit.svg");
    let drawn = text(&[&path, "--plot", figure.to_str().unwrap()]);
    let svg = std::fs::read_to_string(figure).unwrap();
    assert!(!svg.contains("least loss of the law") && !svg.contains("runs and law"), "{drawn}");
    let curves = json(&[&path, "--isoflop"]);
    assert!(curves["isoflop"].is_null() && curves["plan"].is_null() && curves["mixed"].is_string());
    assert!(text(&[&path, "--isoflop"]).contains("Nor are isoFLOP curves"));
    // What is to be typed has an answer.
    for words in
        [&["--by", "dataset"][..], &["--filter-column", "dataset", "--filter-value", "code"]]
    {
        let said = text(&[&[&path[..]], words].concat());
        assert!(
            said.contains("more compute should first buy") || said.contains("cannot tell whether"),
            "{said}"
        );
    }
}

/// Without a column, or with one whose kinds are too small for laws of their own, residuals tell.
#[test]
fn two_laws_by_residuals_have_no_common_answer() {
    let parts = ["Residuals of one law are of two kinds", "seem to hold two laws", "lines "];
    let alone = remade("alone.csv", "N,D,loss", |_, cells| cells[1..].join(","));
    let (said, _) = assert_untold(&[&alone, "--compute", "1e21"], &parts);
    assert!(said.contains("--by COLUMN") && said.contains("if no column does, add one"), "{said}");
    let many = remade("many.csv", "set,N,D,loss", |at, cells| {
        format!("{}{},{}", cells[0], at % 5 / 2, cells[1..].join(","))
    });
    let of_either = text(&[&many]);
    assert!(
        of_either.contains("by column `set`")
            || of_either.contains("Column `set` tells them apart"),
        "{of_either}"
    );
}

/// Errors, outliers, repeats and badly tuned runs of one law are no second one.
#[test]
fn one_law_is_told() {
    for name in [
        "plain.csv",
        "very_noisy.csv",
        "sweep.csv",
        "checkpoints.csv",
        "outlier_11.csv",
        "exact_duplicates.csv",
    ] {
        let answer = json(&[&case(name), "--bootstrap", "0"]);
        assert!(answer["mixed"].is_null() && answer["parameters"].is_object(), "{name}");
    }
}
