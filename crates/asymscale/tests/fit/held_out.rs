//! `asymscale fit --hold-out`, `--save` and `asymscale predict`: runs that were not in a fit.

use std::fmt::Write as _;

use serde_json::Value;

use crate::common::{PUBLIC, asymscale, case, folder, json, refused, said, text};

/// What a saved fit predicts, in JSON.
fn predicted(words: &[&str]) -> Value {
    let words = [&["predict"], words, &["--json"]].concat();
    serde_json::from_str(&said(asymscale(&words), &words)).unwrap()
}

fn number(value: &Value, name: &str) -> f64 {
    value[name].as_f64().unwrap_or_else(|| panic!("{name} in {value}"))
}

/// The law of the table is known: E 1.8, A 480, B 2000, α .35, β .37, with errors of 0.5 %.
#[test]
fn the_largest_runs_are_predicted_by_the_others() {
    let answer = json(&[&case("plain.csv"), "--hold-out", "5"]);
    assert_eq!(answer["rows"], 20);
    let rows = answer["held_out"]["rows"].as_array().unwrap();
    assert_eq!(rows.len(), 5);
    let least = rows
        .iter()
        .map(|row| number(row, "features") * number(row, "samples"))
        .fold(f64::INFINITY, f64::min);
    let largest = number(&answer["limits"], "features") * number(&answer["limits"], "samples");
    assert!(largest <= least, "the largest run that was fitted is not above those held out");
    for row in rows {
        let truth = 1.8
            + 480.0 * number(row, "features").powf(-0.35)
            + 2000.0 * number(row, "samples").powf(-0.37);
        assert!(number(row, "run_lower") < truth && truth < number(row, "run_upper"), "{row}");
        let error = number(row, "loss") / number(row, "predicted") - 1.0;
        assert!((error - number(row, "relative_error")).abs() < 1e-12);
    }
    let words = text(&[&case("plain.csv"), "--hold-out", "5"]);
    assert!(words.contains("5 runs of largest N·D held out (lines "), "{words}");
    assert!(words.contains("the law is fitted to the other 20."));
    assert!(words.contains("5 of 5 lie within their 95 % interval"), "{words}");
    assert!(words.contains("the law holds there"), "{words}");
}

/// Above a compute a law with another E: the sentence says that the first does not hold there.
#[test]
fn a_law_that_changes_is_noticed() {
    let path = folder("held_out").join("changed.csv");
    let mut table = "N,D,loss\n".to_owned();
    for k in 0..30_i32 {
        let (n, d) = (2e7 * 3f64.powi(k % 6), 4e8 * 4f64.powi(k / 6));
        let beyond = if n * d > 1e19 { 1.05 } else { 1.0 };
        let error = 1.0 + 0.004 * (f64::from(7 * k % 5) - 2.0);
        let loss = beyond * error * (1.8 + 480.0 * n.powf(-0.35) + 2000.0 * d.powf(-0.37));
        writeln!(table, "{n},{d},{loss}").unwrap();
    }
    std::fs::write(&path, table).unwrap();
    let words = text(&[path.to_str().unwrap(), "--hold-out-above", "C=6e19"]);
    assert!(words.contains("above C = 6.00e19 held out"), "{words}");
    assert!(words.contains("the law does not hold there"), "{words}");
}

#[test]
fn a_saved_fit_says_what_the_fit_said() {
    let path = folder("held_out").join("fit.json");
    let path = path.to_str().unwrap();
    let fit = json(&[
        PUBLIC,
        "--loss-column",
        "loss_c4_val",
        "--filter-column",
        "train_dataset",
        "--filter-value",
        "rpj",
        "--features-column",
        "N",
        "--samples-column",
        "D",
        "--compute",
        "1e20,1e22",
        "--save",
        path,
    ]);
    let budgets = predicted(&[path, "--compute", "1e20,1e22"]);
    for (said, again) in
        fit["allocation"].as_array().unwrap().iter().zip(budgets.as_array().unwrap())
    {
        for name in [
            "features",
            "features_lower",
            "features_upper",
            "samples_lower",
            "loss",
            "features_beyond",
        ] {
            let ratio = number(again, name) / number(said, name);
            assert!((ratio - 1.0).abs() < 1e-9, "{name}: {ratio}");
        }
        assert!((number(again, "law_upper") / number(said, "loss_upper") - 1.0).abs() < 1e-9);
    }
    // Every N with every D; a run has an error that the law has not.
    let grid = predicted(&[path, "--features", "1e9,1e10", "--samples", "1e10,1e11,1e12"]);
    let grid = grid.as_array().unwrap();
    assert_eq!(grid.len(), 6);
    for point in grid {
        assert!(number(point, "run_lower") <= number(point, "law_lower"), "{point}");
        assert!(number(point, "law_upper") <= number(point, "run_upper"), "{point}");
    }
    let narrow = predicted(&[path, "--features", "1e9", "--samples", "1e10", "--level", "0.5"]);
    assert!(
        number(&narrow, "law_upper") - number(&narrow, "law_lower")
            < number(&grid[0], "law_upper") - number(&grid[0], "law_lower")
    );
    let words = {
        let words = ["predict", path, "--features", "1e12", "--samples", "1e13"];
        said(asymscale(&words), &words)
    };
    assert!(
        words.starts_with("The free law of 35 runs; 95 % intervals from 999 resamples.\n"),
        "{words}"
    );
    assert!(
        words.ends_with("the interval is right only if the same law holds there.\n"),
        "{words}"
    );
}

#[test]
fn what_cannot_be_held_out_saved_or_read_is_refused() {
    let cases: [(&[&str], &str); 8] = [
        (
            &["fit", &case("plain.csv"), "--law", "features", "--hold-out", "3"],
            "--hold-out with --law features: ",
        ),
        (
            &["fit", &case("plain.csv"), "--law", "samples", "--isoflop"],
            "--isoflop with --law samples: ",
        ),
        (
            &["fit", &case("plain.csv"), "--hold-out", "20"],
            "--hold-out 20 would leave 5 of 25 runs to be fitted: must leave 6 at least",
        ),
        (
            &["fit", &case("plain.csv"), "--hold-out-above", "N=3e9"],
            "--hold-out-above N=3e9: the largest N is 2e9; must be below that",
        ),
        (
            &["fit", &case("plain.csv"), "--hold-out-above", "D=0"],
            "must be N=, D= or C= and a finite number > 0, such as C=1e21",
        ),
        (
            &["predict", &case("plain.csv"), "--compute", "1e20"],
            "is no fit that asymscale fit --save wrote",
        ),
        (&["predict", "no-such.json", "--compute", "1e20"], "no-such.json: there is no such file"),
        (&["predict", &case("plain.csv"), "--features", "1e9"], "--samples"),
    ];
    for (words, expected) in cases {
        let message = refused(asymscale(words), words);
        assert!(message.contains(expected), "{words:?}: {message}");
    }
    let path = folder("held_out").join("later.json");
    std::fs::write(&path, "{\"asymscale_fit\": 7}").unwrap();
    let message = refused(
        asymscale(&["predict", path.to_str().unwrap(), "--compute", "1e20"]),
        &["predict", path.to_str().unwrap(), "--compute", "1e20"],
    );
    assert!(message.contains("is a fit of version 7; this program reads version 1"), "{message}");
}

/// Without a law there is nothing to predict by, and nothing is saved.
#[test]
fn runs_without_a_law_save_none() {
    let path = folder("held_out").join("none.json");
    let _ = std::fs::remove_file(&path);
    let words = text(&[&case("constant.csv"), "--hold-out", "3", "--save", path.to_str().unwrap()]);
    assert!(words.contains("There is no law to predict the runs that were held out."), "{words}");
    assert!(words.contains("is not written: there is no law to save"), "{words}");
    assert!(!path.exists());
}
