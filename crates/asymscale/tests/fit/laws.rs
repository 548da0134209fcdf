//! Smaller laws and further columns of `asymscale fit`: a known E, one size, five runs, active
//! parameters, compute, kinds of runs.

use std::fmt::Write as _;

use serde_json::Value;

use crate::common::{self, PUBLIC, case, written};

/// A case, or a file by its whole name.
fn words_of<'a>(path: &'a str, words: &[&'a str]) -> Vec<&'a str> {
    [&[path], words].concat()
}

fn path(file: &str) -> String {
    if file.starts_with('/') { file.to_owned() } else { case(file) }
}

fn text(file: &str, words: &[&str]) -> String {
    common::text(&words_of(&path(file), words))
}

fn json(file: &str, words: &[&str]) -> Value {
    common::json(&words_of(&path(file), words))
}

fn refused(file: &str, words: &[&str]) -> String {
    common::refusal(&words_of(&path(file), words))
}

fn assert_said(file: &str, words: &[&str], parts: &[&str]) {
    let said = text(file, words);
    for part in parts {
        assert!(said.contains(part), "{file} {words:?}: {part:?} in\n{said}");
    }
}

fn assert_refused(file: &str, words: &[&str], parts: &[&str]) {
    let said = refused(file, words);
    for part in parts {
        assert!(said.contains(part), "{file} {words:?}: {part:?} in\n{said}");
    }
}

/// The rows of a case with the columns that `row` makes of its cells.
fn remade(name: &str, titles: &str, row: impl Fn(&[f64]) -> String) -> String {
    let lines = std::fs::read_to_string(case("plain.csv")).unwrap();
    let mut contents = titles.to_owned() + "\n";
    for line in lines.lines().skip(1) {
        let cells: Vec<f64> = line.split(',').map(|cell| cell.parse().unwrap()).collect();
        writeln!(contents, "{}", row(&cells)).unwrap();
    }
    written(name, &contents)
}

#[test]
fn a_known_floor_is_its_own_interval() {
    let answer = json("plain.csv", &["--floor", "1.69"]);
    assert_eq!(answer["parameters"]["e"], 1.69);
    assert_eq!(answer["intervals"]["e"], serde_json::json!({ "lower": 1.69, "upper": 1.69 }));
    assert_eq!(json("plain.csv", &["--floor", "zero"])["parameters"]["e"], 0.0);
    assert_refused(
        "plain.csv",
        &["--floor", "2.3"],
        &["losses in row 25", "must be > fixed e = 2.3"],
    );
    for bad in ["abc", "-1", "inf", "nan"] {
        assert_refused(
            "plain.csv",
            &["--floor", bad],
            &["--floor", "must be free, zero or a number >= 0"],
        );
    }
}

/// Gadre et al. (arXiv 2403.08540): four parameters of five models, by squares; errors of two large
/// ones.
#[test]
fn five_public_runs_give_the_published_law() {
    let lines = std::fs::read_to_string(PUBLIC).unwrap();
    let rows: Vec<Vec<&str>> = lines.lines().map(|line| line.split(',').collect()).collect();
    let column = |title: &str| rows[0].iter().position(|cell| *cell == title).unwrap();
    let cells = |name: &str| {
        let row = rows.iter().find(|row| row[0] == name).unwrap();
        ["N", "D", "loss_c4_val"].map(|title| row[column(title)])
    };
    let mut five = "N,D,loss\n".to_owned();
    for name in [
        "rpj-d=96_l=8_h=4-1.0",
        "rpj-d=512_l=8_h=4-1.0",
        "rpj-d=576_l=24_h=8-1.0",
        "rpj-d=1024_l=24_h=8-1.0",
        "rpj-d=96_l=8_h=4-16.0",
    ] {
        writeln!(five, "{}", cells(name).join(",")).unwrap();
    }
    let file = written("gadre.csv", &five);
    let words = ["--law", "tied", "--objective", "squares"];
    let answer = json(&file, &words);
    let value = |name: &str| answer["parameters"][name].as_f64().unwrap();
    let (e, a, b, alpha) = (value("e"), value("a"), value("b"), value("alpha"));
    // Half a unit of the last digit published; their D stands with a factor √6.
    let published = [(alpha, 0.2728507, 5e-8), (e, 1.8366484, 5e-8), (a, 166.2110, 5e-5)];
    for (found, expected, half) in
        published.into_iter().chain([(b * 6f64.powf(0.5 * alpha), 366.6872, 5e-5)])
    {
        assert!((found - expected).abs() < half, "{found} for {expected}");
    }
    for (name, per_cent) in [("rpj-open_lm_1b-32.0", 0.7103), ("rpj-open_lm_7b-1.0", 0.7320)] {
        let [n, d, loss] = cells(name).map(|cell| cell.parse::<f64>().unwrap());
        let error = 100.0 * ((e + a * n.powf(-alpha) + b * d.powf(-alpha)) / loss - 1.0).abs();
        assert!((error - per_cent).abs() < 5e-5, "{name}: {error}");
    }
    assert_said(&file, &words, &["5 runs and 4 parameters leave one degree of freedom"]);
}

#[test]
fn five_runs_have_an_answer_when_it_is_asked_for() {
    let hint = "--law tied --objective squares has 4 and can be fitted to 5";
    assert_refused("five.csv", &[], &["runs = 5: must be >= 6", hint]);
    assert_refused("five.csv", &["--law", "tied"], &["--objective squares can be fitted to 5"]);
    let words = ["--law", "tied", "--objective", "squares"];
    assert_said(
        "five.csv",
        &words,
        &[
            "one degree of freedom",
            "so few runs cannot test it",
            "whether they differ these runs cannot tell",
        ],
    );
    // The truth, 1.8, and its exponents, 0.35 and 0.37, lie in the intervals.
    let answer = json("five.csv", &words);
    for (name, truth) in [("e", 1.8), ("alpha", 0.36)] {
        let end = |end: &str| answer["intervals"][name][end].as_f64().unwrap();
        assert!(end("lower") < truth && truth < end("upper"), "{name}");
    }
    assert!(answer["plan"][0]["features_lower"].is_null());
}

#[test]
fn runs_of_one_n_or_one_d_are_told_which_law_they_have() {
    assert_refused(
        "one_n.csv",
        &[],
        &["distinct features = 1", "how the loss falls with D", "--law samples"],
    );
    assert_refused(
        "one_d.csv",
        &[],
        &["distinct samples = 1", "how the loss falls with N", "--law features"],
    );
    assert_refused(
        "two_n.csv",
        &[],
        &["--law tied", "--floor needs 2", "--law samples with --filter-column"],
    );
    assert_refused(
        "ladder20.csv",
        &[],
        &["every run has 20.0000 samples per feature", "--law compute"],
    );
    let only = remade("only_n.csv", "N,loss", |cells| format!("{},{}", cells[0], cells[2]));
    assert_refused(&only, &[], &["no column for D", "N alone these runs have: --law features"]);
}

/// Truths: `one_n`: 1.8 + 480·(2e8)^-0.35 in E, β 0.37; `one_d`: 1.8 + 2000·(1e10)^-0.37, α 0.35.
#[test]
fn laws_of_one_size_hold_the_truth() {
    let e = |a: f64, size: f64, exponent: f64| 1.8 + a * size.powf(-exponent);
    let cases = [
        ("one_n.csv", "samples", "beta", 0.37, e(480.0, 2e8, 0.35)),
        ("one_d.csv", "features", "alpha", 0.35, e(2000.0, 1e10, 0.37)),
    ];
    for (file, law, name, exponent, floor) in cases {
        let answer = json(file, &["--law", law]);
        assert_eq!((answer["law"].as_str(), answer["interval"].as_str()), (Some(law), Some("bca")));
        for (name, truth) in [(name, exponent), ("e", floor)] {
            let end = |end: &str| answer["intervals"][name][end].as_f64().unwrap();
            assert!(end("lower") < truth && truth < end("upper"), "{file}: {name} {truth}");
        }
        let csv = text(file, &["--law", law, "--csv"]);
        let row = csv.lines().find(|line| line.starts_with(name)).unwrap();
        let cells: Vec<f64> = row.split(',').skip(1).map(|cell| cell.parse().unwrap()).collect();
        assert_eq!(cells[0], answer["parameters"][name].as_f64().unwrap());
        assert_eq!(cells[1], answer["intervals"][name]["lower"].as_f64().unwrap());
    }
    assert_said(
        "one_n.csv",
        &["--law", "samples"],
        &["All runs have N = 2.00e8: E holds what that N leaves"],
    );
    assert_said(
        "two_n.csv",
        &["--law", "samples"],
        &["beside D the loss falls with N", "--filter-column"],
    );
    let words = ["--law", "samples", "--filter-column", "N", "--filter-value", "1e8"];
    assert_said(
        "two_n.csv",
        &[&words[..], &["--objective", "log-squares"]].concat(),
        &["All runs have N = 1.00e8"],
    );
}

#[test]
fn the_law_in_compute_has_its_limits_said() {
    let words = ["--law", "compute", "--compute", "1e22"];
    assert_said(
        "ladder20.csv",
        &words,
        &[
            "Note: C = 6·N·D",
            "gamma is",
            "At C = 1.00e22, the law says",
            "about 20.0 tokens or examples per parameter",
        ],
    );
    assert_said(
        "isoflop.csv",
        &["--law", "compute"],
        &["C from column `budget`", "--best lower-envelope"],
    );
    let all = json("plain.csv", &["--law", "compute"])["rows"].as_u64();
    let best =
        json("plain.csv", &["--law", "compute", "--best", "lower-envelope"])["rows"].as_u64();
    assert!(best < all && best > Some(5), "{best:?} of {all:?}");
    assert_said(
        "constant.csv",
        &["--law", "compute"],
        &["does not depend on C beyond its errors", "no exponent"],
    );
    assert_refused(
        "one_n.csv",
        &["--law", "samples", "--compute", "1e20"],
        &["--compute with --law samples"],
    );
    assert_refused("one_n.csv", &["--law", "samples", "--by", "N"], &["--by with --law samples"]);
}

/// Truth unknown but for its form; what compute should buy is of active parameters.
#[test]
fn active_parameters_have_an_exponent_of_their_own() {
    let answer = json("moe.csv", &[]);
    assert_eq!(answer["law"], "active");
    for name in ["alpha_total", "alpha_active"] {
        let end = |end: &str| answer["intervals"][name][end].as_f64().unwrap();
        assert!(end("lower") > 0.0 && end("upper") < 0.35, "{name}");
    }
    let plan = &answer["plan"][0];
    let value = |name: &str| plan[name].as_f64().unwrap();
    assert!((6.0 * value("active") * value("samples") / value("compute") - 1.0).abs() < 1e-12);
    assert!((value("total") / value("active") - 16.0).abs() < 1e-9);
    assert_said(
        "moe.csv",
        &["--compute", "1e22"],
        &[
            "N from column `total_params`",
            "Both count",
            "buy data",
            "C = 6·N_active·D",
            "N_total = ",
        ],
    );
    // A column that was named alone is N.
    assert_eq!(json("moe.csv", &["--features-column", "total_params"])["law"], "free");
}

#[test]
fn active_parameters_that_tell_nothing_are_said() {
    let titles = "params,active_params,tokens,loss";
    let part = remade("part.csv", titles, |c| format!("{},{},{},{}", c[0], c[0] / 4.0, c[1], c[2]));
    assert_said(&part, &[], &["cannot be told apart: N is the number of active ones"]);
    let (plain, active) = (json("plain.csv", &[]), json(&part, &[]));
    let alpha = |answer: &serde_json::Value| answer["parameters"]["alpha"].as_f64().unwrap();
    assert!((alpha(&plain) - alpha(&active)).abs() < 1e-9);
    assert_refused(
        &part,
        &["--active-column", "active_params"],
        &["cannot be told apart", "--features-column"],
    );
    let same = remade("same.csv", titles, |c| format!("{},1e7,{},{}", c[0], c[1], c[2]));
    assert_refused(&same, &[], &["every run has as many active parameters", "--features-column"]);
    let dense = remade("dense.csv", titles, |c| format!("{},{},{},{}", c[0], c[0], c[1], c[2]));
    assert_eq!(json(&dense, &[])["warnings"], plain["warnings"]);
}

#[test]
fn compute_beside_n_and_d_is_compared() {
    let agrees = "C from column `flops` agrees with 6·N·D within 5 % in all rows";
    assert_said("flops_integer.csv", &["--compute-column", "flops"], &[agrees]);
    let titles = "N,D,flops,loss";
    let other = remade("other.csv", titles, |c| {
        format!("{},{},{},{}", c[0], c[1], 8.0 * c[0] * c[1], c[2])
    });
    let words = ["--compute-column", "flops"];
    assert_said(&other, &words, &["about 1.333 times 6·N·D", "--factor 8.000 would agree"]);
    assert_said(&other, &[&words[..], &["--factor", "8"]].concat(), &["agrees with 8·N·D"]);
}

/// Same exponents, other amplitudes.
#[test]
fn a_file_of_two_laws_is_noticed_and_parted() {
    let said = "These runs hold two laws, by column `dataset`";
    assert_said(
        "two_datasets.csv",
        &[],
        &[said, "--by dataset", "--filter-column dataset --filter-value code"],
    );
    let answer = json("two_datasets.csv", &[]);
    assert!(answer["warnings"][0].as_str().unwrap().starts_with(said));
    assert_eq!(answer["mixed"], answer["warnings"][0]);
    assert_said(
        "two_datasets.csv",
        &["--by", "dataset"],
        &["One law for all does not do", "the same exponents do"],
    );
    let answer = json("two_datasets.csv", &["--by", "dataset"]);
    assert_eq!(answer["comparison"]["verdict"], "same_exponents");
    assert!(answer["comparison"]["one_law_p_value"].as_f64().unwrap() <= 0.002);
    let alpha = &answer["comparison"]["shared_exponents"]["alpha"];
    assert!(
        alpha["lower"].as_f64() < Some(0.35) && Some(0.35) < alpha["upper"].as_f64(),
        "{alpha}"
    );
    // Each is what a filter gives, and CSV has the same numbers.
    let words = ["--filter-column", "dataset", "--filter-value", "web"];
    let web = &answer["kinds"][1];
    assert_eq!(web["kind"], "web");
    assert_eq!(web["fit"]["parameters"], json("two_datasets.csv", &words)["parameters"]);
    assert_eq!(web["fit"]["intervals"], json("two_datasets.csv", &words)["intervals"]);
    let csv = text("two_datasets.csv", &["--by", "dataset", "--csv"]);
    let row = csv.lines().nth(2).unwrap();
    assert!(row.starts_with(&format!("web,25,{}", web["fit"]["parameters"]["e"])), "{row}");
}

#[test]
fn kinds_that_do_not_differ_are_one_law_and_small_ones_are_left_out() {
    // Every other run of one law.
    let lines = std::fs::read_to_string(case("plain.csv")).unwrap();
    let mut kinds = "kind,N,D,loss\n".to_owned();
    for (k, line) in lines.lines().skip(1).enumerate() {
        let kind = if k < 3 {
            "few"
        } else if k % 2 == 0 {
            "even"
        } else {
            "odd"
        };
        writeln!(kinds, "{kind},{line}").unwrap();
    }
    let file = written("kinds.csv", &kinds);
    assert!(!text(&file, &[]).contains("laws, by column"));
    let words = ["--by", "kind"];
    assert_said(
        &file,
        &words,
        &[
            "One law for all does as well",
            "\"few\": 3 rows, no law, left out of the test: runs = 3",
        ],
    );
    let answer = json(&file, &words);
    assert_eq!(answer["comparison"]["verdict"], "one_law");
    assert!(
        answer["kinds"][1]["left_out"].as_str().unwrap().starts_with("runs = 3"),
        "{}",
        answer["kinds"]
    );
    assert_refused(&file, &["--by", "kind", "--compute", "1e21"], &["--compute with --by"]);
}

/// Three public sets of training data: their laws differ by a few per cent.
#[test]
fn public_sets_of_data_differ_in_amplitudes() {
    let answer = json(PUBLIC, &["--loss-column", "loss_c4_val", "--by", "train_dataset"]);
    assert_eq!(answer["kinds"].as_array().unwrap().len(), 3);
    assert_eq!(answer["comparison"]["verdict"], "same_exponents");
    let said = "the law differs between the values of column `train_dataset`";
    assert_said(PUBLIC, &["--loss-column", "loss_c4_val"], &[said, "--by train_dataset"]);
}
