//! Command lines at the edges of what is accepted and beyond: an answer in numbers, or a refusal
//! before any work that names the flag.

mod common;

use common::{command, json, refused, run};
use std::path::{Path, PathBuf};
use std::process::Stdio;

const MODEL: &str = "--alpha 1 --beta 1.5";

/// A file of a test's own.
fn file(name: &str, text: &str) -> PathBuf {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    std::fs::write(&path, text).unwrap();
    path
}

/// What is seen is the same for every spectrum, and the answer is a number at the corners of the
/// box.
#[test]
fn steep_spectra_change_nothing_about_what_is_seen() {
    let points = json("coverage --alpha 0.01,1,40,50,100 --beta 1.5 --samples 10000");
    for point in points.as_array().unwrap() {
        let [seen, expected] = [point, &points[1]].map(|point| point["seen"].as_f64().unwrap());
        // The nodes of the sum are others.
        assert!((seen / expected - 1.0).abs() < 1e-12, "{point}");
        assert!(point["unseen_mass"].as_f64().is_some_and(|mass| mass > 0.0), "{point}");
    }
}

/// Every refusal is exit code 2 and names the flag; none of these may begin to work.
#[test]
fn what_is_out_of_the_box_is_refused_by_its_flag() {
    let cases = [
        ("loss --alpha 5e-324 --beta 1 --features 5 --samples 10", "--alpha 5e-324: "),
        ("coverage --alpha 1e6 --beta 1.5 --samples 100", "--alpha 1000000: "),
        ("coverage --alpha 1 --beta 1.5 --onset 1e300 --samples 10", "--onset 1e300: "),
        ("fit a.csv --delta 1e-300", "'--delta <DELTA>': must be a number in 1e-12..1e100"),
        ("loss --alpha 1 --probability 1e-300 --features 3 --samples 40", "--probability 1e-300: "),
        ("frontier --alpha 1 --beta 3 --compute 1e9 --pass sgd --rate 1e29", "--rate: times the"),
        ("instability --alpha 1 --beta 3 --samples 9 --rate 1e-300 --simulate", "--rate 1e-300: "),
        ("instability --alpha 1 --beta 3 --samples 9 --rate 1e300", "--rate 1e300: "),
        ("instability --alpha 1 --one-hot --beta 3 --samples 9 --rate 1", "--one-hot: "),
        ("descent --alpha 3 --beta 2.5 --samples 4 --rate 1e-200 --steps 1", "--rate 1e-200: "),
        ("descent --alpha 1 --beta 1.5 --samples 4 --rate 1e308 --steps 1", "--rate 1e308: "),
        ("descent --alpha 1 --beta 1.5 --samples 1e6 --rate 1 --steps 1", "--samples 1000000: "),
        ("descent --alpha 1 --probability 1e-9 --samples 2 --rate 1 --steps 9e15", "--coordinates"),
        ("frontier --alpha 100 --beta 1 --compute 1e300 --noise 1", "--compute 1e300: "),
        ("simulate --alpha 1 --beta 1.5 --features 5 --samples 10 --seed -1", "'--seed <SEED>'"),
        ("simulate --alpha 1 --beta 1.5 --onset 1e9 --features 5 --samples 1", "--onset 1e9: "),
    ];
    for (words, flag) in cases {
        let said = refused(words);
        assert!(said.contains(flag) && said.len() < 400, "{words}: {said}");
    }
}

/// Where the theory has no digits left it says so; it does not leave the cell empty.
#[test]
fn lost_digits_are_an_error() {
    let said = refused("loss --alpha 1 --beta 1 --onset 1e-12 --features 1611 --samples 24");
    assert!(said.contains("features = 1.611e3 and samples = 2.4e1 is not known"), "{said}");
    let said = refused("loss --alpha 0.01 --beta 1 --onset 1e-12 --features 16 --samples 24");
    assert!(said.contains("no digits are left"), "{said}");
}

/// Memory is asked about before it is taken, by the flag that would help.
#[test]
fn numbers_that_need_memory_are_refused() {
    let cases = [
        ("--features 10 --samples 10 --repeats 1e9", "--repeats"),
        ("--features 10 --samples 10 --method explicit --teachers 1e9", "--teachers"),
        ("--features 10 --samples 10 --method iterative --probes 1e9", "--probes"),
        ("--features 10 --samples 10 --activation relu --inputs 1e9", "--inputs"),
        ("--features 1e6 --samples 1000 --activation relu", "--features"),
        ("--features 10 --samples 1e9", "--samples"),
    ];
    for (words, flag) in cases {
        let said = refused(&format!("simulate {MODEL} {words}"));
        let named = said.strip_prefix("error: ").is_some_and(|rest| rest.starts_with(flag));
        assert!(named && said.contains(" GiB "), "{words}: {said}");
    }
    let counts = file("resamples.csv", "count\n3\n2\n1\n");
    for (words, flag) in [
        (format!("diagnose {} --samples 10 --resamples 1e9", counts.display()), "--resamples"),
        (format!("fit {} --bootstrap 1e9", counts.display()), "--bootstrap"),
    ] {
        let said = refused(&words);
        assert!(said.contains(flag) && said.contains("..1e6"), "{words}: {said}");
    }
}

/// A count that is never met costs nothing: pictures are drawn from the counts there are.
#[test]
fn a_picture_costs_what_the_counts_do_and_not_the_samples() {
    let counts = file("far.csv", "count\n1\n2\n9000000000000000\n");
    let plot = Path::new(env!("CARGO_TARGET_TMPDIR")).join("far.svg");
    let words = format!("diagnose {} --samples 9e15 --plot {}", counts.display(), plot.display());
    assert!(run(&words).status.success());
    assert!(std::fs::read_to_string(plot).unwrap().len() < 1 << 20);
}

/// Second moments whose squares are floats are read, however far apart; others are refused.
#[test]
fn tiny_second_moments_are_read() {
    for (name, moments, is_read) in [
        ("tiny.csv", ["1e-100", "0.5"], true),
        ("apart.csv", ["1e-100", "1e100"], true),
        ("tinier.csv", ["1e-170", "0.5"], false),
        ("huge.csv", ["1", "1e268"], false),
    ] {
        let [first, second] = moments;
        let counts = file(name, &format!("count,moment\n1,{first}\n2,{second}\n"));
        let words = format!("diagnose {} --samples 10 --moment-column moment", counts.display());
        if is_read {
            assert!(run(&words).status.success(), "{words}");
        } else {
            let said = refused(&words);
            assert!(said.contains("must be in 1e-100..1e100") && said.len() < 300, "{said}");
        }
    }
}

/// Tables whose losses or sizes have no squares or products: refused by column and line.
#[test]
fn runs_beyond_floats_are_refused() {
    for (name, scales, column) in [
        ("subnormal.csv", [1.0, 1.0, 1e-310], "`loss`"),
        ("large.csv", [1.0, 1.0, 1e200], "`loss`"),
        ("wide.csv", [1e290, 1.0, 1.0], "`N`"),
        ("long.csv", [1.0, 1e290, 1.0], "`D`"),
    ] {
        let [n, d, unit] = scales;
        let row = |k: i32| {
            let (size, tokens) = (1e8 * 2f64.powi(k % 3), 1e9 * 4f64.powi(k / 3));
            let loss = 1.7 + 400.0 * size.powf(-0.34) + 1500.0 * tokens.powf(-0.37);
            format!("{:e},{:e},{:e}\n", n * size, d * tokens, unit * loss)
        };
        let rows: String = (0..9).map(row).collect();
        let runs = file(name, &format!("N,D,loss\n{rows}"));
        for further in ["", " --isoflop", " --law samples", " --objective squares"] {
            if further == " --law samples" && column == "`N`" {
                continue; // N has no part in it.
            }
            let said = refused(&format!("fit {}{further} --bootstrap 0", runs.display()));
            let named = said.contains(column) && said.contains("must be in 1e-100..1e100");
            assert!(named && said.len() < 500, "{further}: {said}");
        }
    }
}

/// A whole number beyond 64 bits is not told as the largest that they hold.
#[test]
fn many_samples_are_told_as_they_are() {
    let counts = file("many.csv", "count\n1\n2\n1\n3\n");
    let words = format!("diagnose {} --samples 9e15 --factors 2,1e6", counts.display());
    let found = json(&words);
    let told = |at: usize| found["forecasts"][at]["samples"].as_f64().unwrap();
    assert_eq!([told(0), told(1)], [1.8e16, 9e21]);
    let said = refused(&format!("diagnose {} --samples 9e15 --factors 1e300", counts.display()));
    assert!(said.contains("--factors 1e300: must be numbers > 1 and at most 1e100"), "{said}");
}

/// No random sample has as many features seen three times beside none seen twice: the series
/// expects more new features than there can be, whatever the law.
#[test]
fn no_forecast_is_above_what_is_possible() {
    let counts = file("gap.csv", "count,features\n1,1000\n2,1\n3,2000\n");
    let words = format!("diagnose {} --samples 3 --features-column features", counts.display());
    for forecast in json(&words)["forecasts"].as_array().unwrap() {
        let new = &forecast["new_features"];
        let most = new["at_most"].as_f64().unwrap();
        let value = new["estimate"]["value"].as_f64();
        assert!(value.is_none_or(|value| value <= most), "{new}");
    }
}

/// Unseen mass never rises with more data, so its bounds do not either.
#[test]
fn bounds_of_what_is_unseen_do_not_rise() {
    let counts = file("few.csv", "count\n15551\n5498\n2992\n");
    let words = format!("diagnose {} --samples 31102 --factors 2,4,16", counts.display());
    let bound = |forecast: &serde_json::Value| {
        let unseen = &forecast["unseen_activity"];
        let upper = unseen["estimate"]["upper"].as_f64();
        upper.or(unseen["at_most"].as_f64()).unwrap()
    };
    let found: Vec<f64> = json(&words)["forecasts"].as_array().unwrap().iter().map(bound).collect();
    assert!(found.len() == 3 && found.is_sorted_by(|a, b| a >= b), "{found:?}");
}

/// Which of several runs of the same N·D is held out does not depend on the order of the rows.
#[test]
fn equal_budgets_are_held_out_in_any_order() {
    let row = |k: i32| {
        let (size, tokens) = (1e8 * 2f64.powi(k % 5), 1e9 * 2f64.powi(k / 5));
        let loss = 1.7 + 400.0 * size.powf(-0.34) + 1500.0 * tokens.powf(-0.37);
        format!("{size:e},{tokens:e},{}\n", loss * (1.0 + 1e-3 * f64::from(k * k % 7)))
    };
    let alpha = |name: &str, rows: String| {
        let runs = file(name, &format!("N,D,loss\n{rows}"));
        let words = format!("fit {} --hold-out 2 --bootstrap 0", runs.display());
        json(&words)["parameters"]["alpha"].as_f64().unwrap()
    };
    // The second and the third largest budget are the same.
    let (forth, back): (String, String) =
        ((0..25).map(row).collect(), (0..25).rev().map(row).collect());
    let (forth, back) = (alpha("forth.csv", forth), alpha("back.csv", back));
    assert!((forth - back).abs() < 1e-9, "{forth} {back}");
}

/// A file without an end is no table and no saved fit.
#[cfg(unix)]
#[test]
fn devices_are_no_files() {
    for words in [
        "fit /dev/zero",
        "diagnose /dev/zero --samples 10",
        "loss --model /dev/zero --features 8 --samples 10",
        "predict /dev/zero --features 8 --samples 10",
    ] {
        let said = refused(words);
        assert!(said.contains("/dev/zero: is a pipe or a device; must be a file"), "{said}");
    }
}

/// What is typed reaches the terminal without control characters, also through the parser of flags.
#[test]
fn control_characters_of_arguments_are_shown() {
    for arguments in [
        &["loss", "--alpha", "\u{1b}[31mred", "--beta", "1", "--features", "8", "--samples", "9"][..],
        &["\u{1b}[31mred"],
        &["fit", "\u{1b}[31mred.csv"],
    ] {
        let output = command().args(arguments).output().unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{said}");
        assert!(!said.contains('\u{1b}') && said.contains("[31mred"), "{said}");
    }
}

/// Nobody to tell anything: the answer is written all the same.
#[cfg(unix)]
#[test]
fn a_full_standard_error_stops_nothing() {
    let full = || Stdio::from(std::fs::File::create("/dev/full").unwrap());
    let out = Path::new(env!("CARGO_TARGET_TMPDIR")).join("full.csv");
    let _ = std::fs::remove_file(&out);
    let words =
        format!("loss {MODEL} --features 1..9:99log --samples 9 --csv --out {}", out.display());
    let status = command().args(words.split(' ')).stderr(full()).status().unwrap();
    assert!(status.success() && out.exists());
    let words = format!("loss {MODEL} --features 8 --samples 9");
    let output = command().args(words.split(' ')).stdout(full()).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.contains("standard output cannot be written"), "{said}");
}
