//! `asymscale fit --isoflop`: curves of budgets from a column and from clusters, beside the law and
//! without it.

use std::fmt::Write as _;

use serde_json::Value;

use crate::common::{self, case, written};

/// E 1.8, A 480, B 2000, alpha 0.35, beta 0.37: the law of the tables.
const EXPONENT: f64 = 0.37 / 0.72;

fn text(words: &[&str]) -> String {
    common::text(&[&["--isoflop"], words].concat())
}

fn json(words: &[&str]) -> Value {
    common::json(&[&["--isoflop"], words].concat())
}

fn best(compute: f64) -> f64 {
    let (a, b, alpha, beta) = (480.0_f64, 2000.0, 0.35, 0.37);
    (alpha * a / (beta * b)).powf(1.0 / (alpha + beta))
        * (compute / 6.0).powf(beta / (alpha + beta))
}

fn holds(of: &Value, truth: f64) -> bool {
    let end = |name: &str| of[name].as_f64().unwrap();
    end("lower") <= truth && truth <= end("upper")
}

#[test]
fn curves_of_a_column() {
    let answer = json(&[&case("isoflop.csv"), "--compute", "1e19,1e22"]);
    let curves = &answer["isoflop"];
    assert_eq!(curves["source"], "column");
    let budgets = curves["budgets"].as_array().unwrap();
    assert_eq!(budgets.len(), 4);
    for budget in budgets {
        let of = |name: &str| budget[name].as_f64().unwrap();
        let truth = best(of("compute"));
        assert!(of("corrected_features_lower") < truth && truth < of("corrected_features_upper"));
        assert!(
            (of("features") / of("corrected_features") - 1.0 - of("features_bias")).abs() < 1e-9
        );
        assert!((6.0 * of("features") * of("samples") / of("compute") - 1.0).abs() < 1e-3);
        assert_eq!((&budget["refused"], &budget["sizes"]), (&Value::Null, &Value::from(8)));
    }
    assert!(holds(&curves["exponents"]["features"], EXPONENT), "{}", curves["exponents"]);
    assert!(holds(&curves["exponents"]["ratio"], 1.0 - 2.0 * EXPONENT));
    assert!(holds(&curves["law"]["exponents"]["features"], EXPONENT));
    assert_eq!(curves["apart"], serde_json::json!({ "exponent": false, "budgets": [] }));
    let beyond: Vec<f64> = curves["allocation"]
        .as_array()
        .unwrap()
        .iter()
        .map(|point| point["compute_beyond"].as_f64().unwrap())
        .collect();
    assert!(beyond[0] == 1.0 && (beyond[1] / (1e22 / 3e19) - 1.0).abs() < 1e-6, "{beyond:?}");
}

/// Words, JSON and CSV say the same.
#[test]
fn the_answer_in_words() {
    let words = text(&[&case("isoflop.csv"), "--compute", "1e22"]);
    for part in [
        "isoFLOP curves: 4 budgets, from a column, 4 with a minimum inside their sizes",
        "Of 4 budgets: N* grows as C^0.5",
        "; by the law 0.5",
        "The smallest loss falls as E + K·C^-gamma, gamma = ",
        "Curves and law agree within their intervals, the bias of the parabolas taken away.",
        "On this grid the parabolas of the fitted law itself have their minima ",
        "warning: C = 1e22 is beyond the curves: C is 333 times the largest budget that has a minimum",
        "The exponent in N is ",
    ] {
        assert!(words.contains(part), "{part:?} in\n{words}");
    }
    let rows = text(&[&case("isoflop.csv"), "--csv"]);
    assert_eq!(rows.lines().count(), 5);
    assert!(
        rows.starts_with("compute,runs,sizes,features,features_lower,features_upper,samples,"),
        "{rows}"
    );
    let answer = json(&[&case("isoflop.csv")]);
    let second: Vec<&str> = rows.lines().nth(2).unwrap().split(',').collect();
    assert_eq!(second[3], answer["isoflop"]["budgets"][1]["features"].to_string());
}

/// Without a column the budgets are clusters of C; wide grids have a bias, which is said.
#[test]
fn curves_of_clusters() {
    let answer = json(&[&case("isoflop_wide.csv")]);
    let curves = &answer["isoflop"];
    assert_eq!(curves["source"], "clusters");
    let budgets = curves["budgets"].as_array().unwrap();
    let computes: Vec<f64> =
        budgets.iter().map(|budget| budget["compute"].as_f64().unwrap()).collect();
    assert_eq!(budgets.iter().map(|budget| &budget["runs"]).collect::<Vec<_>>(), [9, 9, 9]);
    for (found, compute) in computes.iter().zip([1e18, 3e18, 1e19]) {
        assert!((found / compute - 1.0).abs() < 0.05, "{computes:?}");
    }
    assert!(holds(&curves["exponents"]["features_corrected"], EXPONENT));
    assert!(
        text(&[&case("isoflop_wide.csv")]).contains("3 budgets, found as clusters of C = 6·N·D")
    );
}

/// The compute stands for D and says the budgets; a minimum at the edge is refused, and the rest is
/// used.
#[test]
fn a_table_of_compute_without_tokens() {
    let answer = json(&[&case("isoflops_c.csv")]);
    let budgets = answer["isoflop"]["budgets"].as_array().unwrap();
    assert_eq!(budgets.len(), 5);
    let refused: Vec<&Value> = budgets.iter().map(|budget| &budget["refused"]).collect();
    assert_eq!(refused[0], &Value::Null);
    assert_eq!(refused[4], "at_smallest");
    assert!(budgets[4]["features"].is_null());
    let words = text(&[&case("isoflops_c.csv")]);
    assert!(words.contains("the minimum is at the edge: smaller N would tell"), "{words}");
}

/// Budgets with two N·D each and no more: no law can be fitted to one budget, and the curve stands
/// alone.
#[test]
fn curves_without_a_law() {
    let mut table = "N,D,loss\n".to_owned();
    for k in -2..3 {
        let n = best(1e19) * 2f64.powi(k);
        let d = 1e19 / 6.0 / n;
        writeln!(table, "{n},{d},{}", 1.8 + 480.0 * n.powf(-0.35) + 2000.0 * d.powf(-0.37))
            .unwrap();
    }
    let name = &*written("one.csv", &table);
    let words = text(&[name]);
    assert!(words.contains("1 budget, found as clusters"), "{words}");
    assert!(words.contains("Two budgets with a minimum are needed"), "{words}");
    assert!(
        words.contains("No law stands beside the curves") && words.contains("must be >= 6"),
        "{words}"
    );
    let answer = json(&[name]);
    assert!(answer["isoflop"]["law"]["refused"].as_str().unwrap().contains("must be >= 6"));
    assert!(answer["isoflop"]["exponents"].is_null() && answer.get("parameters").is_none());
}

#[test]
fn tables_without_budgets_are_refused() {
    let error = common::refusal(&[&case("ladder20.csv"), "--isoflop"]);
    assert!(
        error.contains("--isoflop: budgets = 0") && error.contains("at most 1 distinct N"),
        "{error}"
    );
    assert!(error.contains("--budget-column"), "{error}");
}
