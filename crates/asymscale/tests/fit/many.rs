//! `asymscale fit` of many rows, and its figure in every kind of file.

use std::fmt::Write as _;

use crate::common::{case, fit, folder, said, written};

fn json(words: &[&str]) -> serde_json::Value {
    let output = fit(&[words, &["--json"]].concat());
    // Nothing is said of progress where stderr is no terminal.
    assert!(output.stderr.is_empty(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_str(&said(output, &[words, &["--json"]].concat())).unwrap()
}

/// Rows of a law with errors of some 0.3 % that look random, of 25 sizes in turn.
fn table(name: &str, rows: i32) -> String {
    let mut text = "N,D,loss\n".to_owned();
    for k in 0..rows {
        let (n, d) = (2e7 * 3f64.powi(k % 5), 4e8 * 4f64.powi(k / 5 % 5));
        let error = 0.01 * (f64::from(k) * 0.618_033_988).fract() - 0.005;
        let loss = (1.8 + 480.0 * n.powf(-0.35) + 2000.0 * d.powf(-0.37)) * (1.0 + error);
        writeln!(text, "{n},{d},{loss}").unwrap();
    }
    written(name, &text)
}

/// Beyond 5 000 rows intervals are those of the sandwich, of allocations too, and are named so.
#[test]
fn many_rows_have_intervals_of_everything() {
    let many = table("6000.csv", 6000);
    let answer = json(&[&many]);
    assert_eq!(
        (answer["interval"].as_str(), answer["resamples"].as_u64()),
        (Some("sandwich"), Some(0))
    );
    let step = &answer["plan"][0];
    let at = |name: &str| step[name].as_f64().unwrap();
    assert!(at("features_lower") < at("features") && at("features") < at("features_upper"));
    let alpha = &answer["intervals"]["alpha"];
    assert!(alpha["lower"].as_f64().unwrap() < 0.35 && 0.35 < alpha["upper"].as_f64().unwrap());
    let words = String::from_utf8(fit(&[&many]).stdout).unwrap();
    assert!(words.contains("95 % sandwich intervals\n") && !words.contains("resamples"), "{words}");
    assert_eq!(json(&[&many, "--bootstrap", "0"])["interval"], "profile");
    assert_eq!(json(&[&many, "--bootstrap", "99", "--level", "0.9"])["interval"], "bca");
}

/// Fitted from the ends of a part of the rows, which all 25 sizes are in.
#[test]
fn more_rows_start_from_a_part_of_them() {
    let answer = json(&[&table("60000.csv", 60_000)]);
    assert_eq!(answer["rows"], 60_000);
    assert!(answer["starts"]["total"].as_u64().unwrap() <= 3, "{}", answer["starts"]);
    // Within the errors of 0.3 % over the root of 60 000, times some ten.
    assert!((answer["parameters"]["alpha"].as_f64().unwrap() - 0.35).abs() < 1e-3);
    assert!(answer["symmetry"]["p_value"].as_f64().unwrap() < 0.01);
}

#[test]
fn the_figure_is_what_its_name_says() {
    let folder = folder("figures");
    for (name, start) in [("a.svg", "<svg"), ("a.png", "\u{89}PNG"), ("a.PDF", "%PDF-")] {
        let path = folder.join(name);
        json(&[&case("plain.csv"), "--bootstrap", "99", "--plot", path.to_str().unwrap()]);
        let bytes = std::fs::read(&path).unwrap();
        let first: String =
            bytes.iter().take(start.chars().count()).map(|byte| char::from(*byte)).collect();
        assert_eq!(first, start);
    }
    let svg = std::fs::read_to_string(folder.join("a.svg")).unwrap();
    for words in
        ["largest run", "least loss of the law at C", "95 % interval of the least loss", "line"]
    {
        assert!(svg.contains(words), "{words}");
    }
}

/// Before the table is opened: there is none.
#[test]
fn other_kinds_of_figures_are_refused_before_any_work() {
    for name in ["fit.jpg", "fit", "svg", "nowhere/fit.svg"] {
        let output = fit(&["no-such-table.csv", "--plot", name]);
        let error = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2));
        assert!(
            error.starts_with(&format!("error: --plot {name}: ")) && output.stdout.is_empty(),
            "{error}"
        );
    }
}
