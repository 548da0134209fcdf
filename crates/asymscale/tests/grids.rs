//! Lists and ranges for every parameter: the whole grid in one answer.

mod common;

use common::{csv, json, refused, run, text};
use std::fmt::Write as _;

const MODEL: &str = "--alpha 1 --beta 1.5";

/// The numbers of a column.
fn column(rows: &[Vec<String>], name: &str) -> Vec<String> {
    let at = rows[0].iter().position(|head| head == name).unwrap_or_else(|| panic!("no {name}"));
    rows[1..].iter().map(|row| row[at].clone()).collect()
}

/// A grid is answered as its points are, one by one, in the documented order: the first parameter
/// slowest, whatever the order of the flags.
#[test]
fn a_grid_is_its_points_in_order() {
    let lists = [
        ("alpha", ["0.5", "1"]),
        ("beta", ["1.5", "2"]),
        ("onset", ["1", "3"]),
        ("target-exponent", ["2", "2.5"]),
        ("amplitude", ["gaussian", "rademacher"]),
        ("coordinates", ["500", "inf"]),
        ("samples", ["20", "90"]),
        ("ridge", ["0", "0.1"]),
        ("noise", ["0", "0.5"]),
        ("features", ["8", "16"]),
    ];
    let backwards: Vec<String> =
        lists.iter().rev().map(|(name, [a, b])| format!("--{name} {a},{b}")).collect();
    let rows = csv(&format!("loss {}", backwards.join(" ")));
    assert_eq!(rows.len(), 1025);
    let losses = column(&rows, "loss");
    for number in 0..1024 {
        let at = |k: usize| lists[k].1[number >> (9 - k) & 1];
        for (k, (name, _)) in lists.iter().enumerate() {
            let column = name.replace('-', "_");
            let head = rows[0].iter().position(|head| *head == column).unwrap();
            assert_eq!(rows[number + 1][head], at(k), "row {number}: {name}");
        }
        if number % 73 == 0 {
            let flags: Vec<String> =
                (0..10).map(|k| format!("--{} {}", lists[k].0, at(k))).collect();
            let alone = json(&format!("loss {}", flags.join(" ")));
            // With label noise at the threshold the loss is infinite.
            let alone = alone["loss"].as_f64().unwrap_or(f64::INFINITY);
            let found: f64 = losses[number].parse().unwrap();
            // A curve of several sizes starts the search of one where that of another ended.
            let is_close = found == alone || (found - alone).abs() < 1e-9 * alone;
            assert!(is_close, "row {number}: {found} {alone}");
        }
    }
}

/// Parameters with one value are no columns; those with a list are, before the sizes.
#[test]
fn only_lists_are_columns() {
    let heads = |words: &str| csv(words)[0].join(",");
    let single = heads(&format!("loss {MODEL} --features 8 --samples 20"));
    assert_eq!(single, "features,samples,loss,regime,reliability,finite_size_error");
    assert!(json(&format!("loss {MODEL} --features 8 --samples 20")).is_object());
    let one = heads("loss --alpha 1 --beta 1.5,1.5 --features 8 --samples 20");
    assert_eq!(one, format!("beta,{single}"));
    let rows = csv("coverage --alpha 1,0.5 --beta 1.5 --samples 20");
    assert_eq!(
        (rows[0][0].as_str(), column(&rows, "alpha")),
        ("alpha", vec!["1".into(), "0.5".into()])
    );
    let rows = csv("instability --alpha 1 --beta 2,2.5 --samples 64 --rate 0.3,0.5");
    assert_eq!(column(&rows, "beta"), ["2", "2", "2.5", "2.5"]);
    assert_eq!(column(&rows, "rate"), ["0.3", "0.5", "0.3", "0.5"]);
    let rows = csv(&format!("frontier {MODEL} --compute 1e3,1e20 --factor 1,6 --noise 0,0.1"));
    assert_eq!(column(&rows, "compute")[..2], ["1000", "1e20"]);
    assert_eq!(column(&rows, "factor"), ["1", "1", "6", "6", "1", "1", "6", "6"]);
    assert_eq!(column(&rows, "noise")[3..5], ["0", "0.1"]);
    assert!(
        text(&format!("frontier {MODEL} --compute 1e20")).contains("compute            1e20\n")
    );
}

/// Simulated points do not know of each other: a grid has the numbers of its points to the last
/// digit.
#[test]
fn simulations_of_a_grid_are_those_of_its_points() {
    let words = "simulate --alpha 0.7,1 --beta 1.5 --samples 16,24 --ridge 0,0.1 --features 8,40 --repeats 3";
    let rows = csv(words);
    assert_eq!(rows.len(), 17);
    let alone =
        csv("simulate --alpha 1 --beta 1.5 --samples 24 --ridge 0.1 --features 8,40 --repeats 3");
    assert_eq!(column(&rows, "mean")[14..], column(&alone, "mean"));
    let words = "descent --alpha 0.7,1 --beta 1.5 --samples 16,24 --rate 0.2,0.5 --features 8,inf --steps 10,1000 --repeats 2";
    let rows = csv(words);
    assert_eq!(rows.len(), 33);
    let alone = csv(
        "descent --alpha 1 --beta 1.5 --samples 24 --rate 0.5 --features inf --steps 10,1000 --repeats 2",
    );
    for name in ["simulated", "loss", "time"] {
        assert_eq!(column(&rows, name)[30..], column(&alone, name), "{name}");
    }
    let rows = csv(
        "instability --alpha 0.5,1 --beta 2.5 --samples 32 --rate 1.2 --simulate --repeats 100 --features 4,8",
    );
    let alone = csv(
        "instability --alpha 1 --beta 2.5 --samples 32 --rate 1.2 --simulate --repeats 100 --features 4",
    );
    assert_eq!(column(&rows, "probability")[2..3], column(&alone, "probability"));
    let rows = csv(&format!(
        "simulate {MODEL} --samples 16 --features 8 --repeats 2 --inputs 50 --activation relu,tanh --scale 1,2"
    ));
    assert_eq!(column(&rows, "scale"), ["1", "2", "1", "2"]);
    assert_eq!(column(&rows, "activation"), ["relu", "relu", "tanh", "tanh"]);
}

#[test]
fn ranges_of_reals_are_decimals_and_ranges_of_counts_say_what_they_lack() {
    let rows = csv("coverage --alpha 0.5..1:6lin --beta 1.5 --samples 20");
    assert_eq!(column(&rows, "alpha"), ["0.5", "0.6", "0.7", "0.8", "0.9", "1"]);
    let output =
        run(&format!("descent {MODEL} --samples 8..10:9log --rate 0.5 --steps 100 --repeats 1"));
    assert!(output.status.success());
    let note = String::from_utf8_lossy(&output.stderr);
    assert_eq!(
        note,
        "note: range \"8..10:9log\" holds 3 whole numbers, not 9: each is taken once\n"
    );
    for command in ["loss", "coverage", "simulate", "frontier", "descent", "instability"] {
        let help = text(&format!("{command} --help"));
        for words in ["10..1e6:60log", "0.5..1.5:11lin", "the first of these varies slowest"] {
            assert!(help.contains(words), "{command}: {words}");
        }
    }
    for command in ["fit", "predict", "diagnose"] {
        assert!(text(&format!("{command} --help")).contains("10..1e6:60log"), "{command}");
    }
}

/// What cannot be answered is refused before any work, by the flag and what is allowed.
#[test]
fn bad_grids_are_refused() {
    let questions = [
        "loss --alpha 0.5..1:1000 --beta 1.5 --features 1..1e5:1001lin --samples 10".to_owned(),
        "loss --alpha 0.5..1:100000 --beta 1..2:100000 --onset 1..9:100000 --features 8 --samples 9".to_owned(),
        "coverage --alpha 0.5..1:1001 --beta 1..2:1000 --samples 9".to_owned(),
        "frontier --alpha 0.5..1:1001 --beta 1..2:1000 --compute 1e3".to_owned(),
        "instability --alpha 0.5..1:1001 --beta 1..2:1000 --samples 9 --rate 0.1".to_owned(),
        "descent --alpha 0.5..1:1001 --beta 1.5 --samples 9 --rate 0.1 --steps 1..1000:1000".to_owned(),
        "simulate --alpha 0.5..1:1001 --beta 1.5 --features 1..1000:1000 --samples 9".to_owned(),
        format!("simulate {MODEL} --features 1..1000:1000 --samples 9 --repeats 1001 --per-design"),
        "loss --alpha , --beta 1.5 --features 8 --samples 9".to_owned(),
        "loss --alpha 1,NaN --beta 1.5 --features 8 --samples 9".to_owned(),
        "loss --alpha 1..0.5:3 --beta 1.5 --features 8 --samples 9".to_owned(),
        "loss --alpha 1 --beta 0..2:3log --features 8 --samples 9".to_owned(),
        "loss --alpha 1,200 --beta 1.5 --features 8 --samples 9".to_owned(),
        "loss --alpha 1..1e999:3 --beta 1.5 --features 8 --samples 9".to_owned(),
        format!("loss {MODEL} --features 8, --samples 9"),
        format!("loss {MODEL} --features 8 --samples 9 --amplitude gaussian,flat"),
        format!("loss {MODEL} --features 8 --samples 9 --coordinates 10,0"),
        format!("loss {MODEL} --features 8 --samples 9 --noise 0,-1"),
        format!("simulate {MODEL} --features 8 --samples 18446744073709551615"),
        format!("simulate {MODEL} --features 8 --samples 9,inf"),
        "simulate --alpha 1 --beta 1.5,1 --features 8 --samples 9 --repeats 1000000".to_owned(),
        format!("simulate {MODEL} --features 8 --samples 9,1e9"),
        format!("simulate {MODEL} --features 8 --samples 9 --per-design --activation relu"),
        format!("descent {MODEL} --samples 10,1e6 --rate 0.5 --steps 1"),
        format!("descent {MODEL} --samples 10 --rate 0.5,1e308 --steps 1"),
        format!("descent {MODEL} --samples 10 --rate 0.5 --steps 1 --features 10,1e6"),
        format!("frontier {MODEL} --compute 1e20 --factor 1,1e21"),
        format!("frontier {MODEL} --compute 1e3 --ridge 0,optimal"),
        format!("instability {MODEL} --samples 9 --rate 0.1,0"),
        format!("loss {MODEL} --features 8 --samples 9 --threads 0"),
        format!("loss {MODEL} --features 8 --samples 9 --threads 1e9"),
    ];
    let mut messages = String::new();
    for question in &questions {
        let message = refused(question);
        let first = message.lines().next().unwrap_or_default();
        writeln!(messages, "{question}\n    {first}").unwrap();
    }
    insta::assert_snapshot!(messages);
    let long = vec!["1..9:100000lin"; 5000].join(",");
    let message = refused(&format!("loss --alpha {long} --beta 1.5 --features 8 --samples 9"));
    assert!(message.contains("must hold at most 1000000 values"));
}
