//! `asymscale train` and `instability --pass` as a person calls them.

mod common;

use common::{answer, json, refused, run, text};
use std::fmt::Write as _;

const MODEL: &str = "--alpha 1 --beta 1.5";

fn value(row: &serde_json::Value, key: &str) -> f64 {
    row[key].as_f64().unwrap_or_else(|| panic!("{key} in {row}"))
}

/// One pass by its exact mean: `n` = 400 runs of seed 1, five standard errors. The onset keeps the
/// losses of runs from being too skewed for that.
#[test]
fn the_mean_of_one_pass_is_that_of_theory() {
    for rule in ["sgd", "momentum:0.5", "sgd --batch 4 --noise 0.3 --schedule linear"] {
        let words = format!(
            "train {MODEL} --onset 4 --samples 2000 --rate 0.1 --rule {rule} --steps 10,100,500 --repeats 400"
        );
        for row in json(&words).as_array().unwrap() {
            assert_eq!(row["theory_method"], "one pass");
            let apart = (value(row, "mean") - value(row, "theory")).abs();
            assert!(apart < 5.0 * value(row, "standard_error"), "{words}: {row}");
            assert!(value(row, "mean") > value(row, "unseen_mass"));
        }
    }
}

/// Small steps over many epochs are gradient flow: 5 % for the size of the step and 16 runs.
#[test]
fn epochs_of_small_steps_are_gradient_flow() {
    let words = format!(
        "train {MODEL} --onset 8 --samples 200 --epochs 50 --rate 0.02 --steps 100,200,400,10000"
    );
    let rows = json(&words);
    let methods: Vec<_> =
        rows.as_array().unwrap().iter().map(|row| &row["theory_method"]).collect();
    assert_eq!(methods, ["one pass", "one pass", "gradient flow", "gradient flow"]);
    for row in rows.as_array().unwrap() {
        let allowed = 0.05 * value(row, "theory") + 4.0 * value(row, "standard_error");
        assert!((value(row, "mean") - value(row, "theory")).abs() < allowed, "{row}");
    }
    assert_eq!((&rows[0]["samples_seen"], &rows[3]["samples_seen"]), (&100.into(), &200.into()));
}

#[test]
fn without_runs_theory_answers_alone() {
    let words = format!("train {MODEL} --samples 1000 --rate 0.3 --steps 10,1000");
    let (alone, both) = (json(&format!("{words} --repeats 0")), json(&words));
    for (alone, both) in alone.as_array().unwrap().iter().zip(both.as_array().unwrap()) {
        assert_eq!(alone["theory"], both["theory"]);
        for key in ["mean", "standard_error", "median", "diverged"] {
            assert!(alone[key].is_null() && !both[key].is_null(), "{key}");
        }
        let ratio = value(alone, "unseen_mass") / value(both, "unseen_mass");
        assert!((ratio - 1.0).abs() < 0.2, "{ratio}");
    }
    // A pass that nobody would run.
    let long = json(&format!("train {MODEL} --samples 1e9 --rate 0.3 --steps 1e9 --repeats 0"));
    assert!(value(&long[0], "theory") > 0.0 && value(&long[0], "theory") < 1e-4);
}

/// The rules of a list are rows beside each other; what has no theory says null.
#[test]
fn adaptive_steps_beat_plain_ones_where_optimisation_limits() {
    let rows = json(&format!(
        "train {MODEL} --samples 20000 --rate 0.4 --rule sgd,adagrad --steps 20000 --repeats 8"
    ));
    assert_eq!((&rows[0]["rule"], &rows[1]["rule"]), (&"sgd".into(), &"adagrad:0".into()));
    assert!(rows[1]["theory"].is_null() && rows[1]["theory_method"].is_null());
    assert!(value(&rows[1], "mean") < 0.5 * value(&rows[0], "mean"));
    assert!(value(&rows[1], "mean") > value(&rows[1], "unseen_mass"));
}

#[test]
fn a_rate_at_which_the_mean_diverges_has_a_number_and_a_warning() {
    let unstable = format!("train {MODEL} --samples 3000 --rate 0.7 --repeats 2");
    let (said, words) = (answer(&unstable).1, answer(&unstable).0);
    assert!(said.starts_with("note: rate = 0.7: if it is kept, the mean loss grows"), "{said}");
    assert!(!words.contains("NaN"));
    let sparse = "train --alpha 1 --beta 5 --samples 100 --rate 0.1 --repeats 2 --steps 1,100";
    assert!(answer(sparse).1.contains("no step size bounds it"));
    assert_eq!(json(sparse)[1]["theory_infinite"], true);
    let stable = format!("train {MODEL} --samples 100 --rate 0.5 --repeats 1");
    assert_eq!(answer(&stable).1, "");
}

/// Defaults: thirteen numbers of steps with the last, and an order that suits the epochs.
#[test]
fn a_run_is_told_at_steps_up_to_its_last() {
    let rows = json(&format!("train {MODEL} --samples 1000 --rate 0.3 --repeats 1 --batch 10"));
    let steps: Vec<u64> =
        rows.as_array().unwrap().iter().map(|row| row["step"].as_u64().unwrap()).collect();
    assert!(steps[0] == 1 && steps.is_sorted() && steps.last() == Some(&100), "{steps:?}");
    let of = |order: &str| {
        json(&format!(
            "train {MODEL} --samples 50 --epochs 3 --rate 0.3 --repeats 3 --steps 150{order}"
        ))
    };
    assert_eq!(of(""), of(" --order reshuffled"));
    assert_ne!(of(""), of(" --order cyclic"));
    let averaged = json(&format!(
        "train {MODEL} --samples 500 --rate 0.3 --noise 1 --repeats 8 --steps 500 --average polyak"
    ));
    assert!(averaged[0]["theory"].is_null());
}

#[test]
fn answers_do_not_depend_on_threads_and_features_may_be_few() {
    let words =
        format!("train {MODEL} --samples 64 --epochs 2 --rate 0.2 --features 8,inf --repeats 5");
    let [one, two] = [1, 2].map(|threads| text(&format!("{words} --threads {threads}")));
    assert_eq!(one, two);
    let rows = json(&format!("{words} --steps 128"));
    assert!(value(&rows[0], "mean") > value(&rows[1], "mean"));
    let ratio = value(&rows[0], "theory") / value(&rows[0], "mean");
    assert!((ratio - 1.0).abs() < 0.3, "{ratio}");
}

/// The rate of spikes by hand: at α = 1, β = 3 and signs `a_i² = i`, all coordinates beyond 2B/η.
#[test]
fn spikes_of_a_pass_and_its_lifetime() {
    let words =
        "instability --alpha 1 --beta 3 --amplitude rademacher --samples 1e5 --rate 0.04 --pass";
    let one = json(words);
    let by_hand: f64 = (51..200_000).map(|i| f64::from(i).powi(-3)).sum();
    assert!((value(&one, "spike_rate") / by_hand - 1.0).abs() < 1e-6);
    assert!((value(&one, "spikes") - 1e5 * value(&one, "spike_rate")).abs() < 1e-9);
    assert_eq!(
        (&one["mean_square_stable"], &one["largest_stable_rate"]),
        (&false.into(), &0.0.into())
    );
    assert!((value(&one, "lifetime") / 50f64.powi(3) - 1.0).abs() < 1e-9);
    assert!(value(&json(&format!("{words} --batch 4")), "spike_rate") < value(&one, "spike_rate"));
    let dense = json(&format!("instability {MODEL} --samples 100 --rate 0.3 --pass"));
    assert_eq!((&dense["mean_square_stable"], &dense["lifetime"]), (&true.into(), &().into()));
}

#[test]
fn bad_input_is_refused() {
    let base = format!("train {MODEL} --samples 100 --rate 0.1");
    let questions = [
        format!("train {MODEL} --samples 0 --rate 0.1"),
        format!("train {MODEL} --samples 100 --rate 0"),
        format!("train {MODEL} --samples 100 --rate NaN"),
        format!("train {MODEL} --samples 100 --rate 1e300"),
        format!("{base} --epochs 0"),
        format!("{base} --epochs 2 --order fresh"),
        format!("{base} --batch 101"),
        format!("{base} --batch 200"),
        format!("{base} --rule lion"),
        format!("{base} --rule sgd:1"),
        format!("{base} --rule momentum:1"),
        format!("{base} --rule sgd,clipped:0"),
        format!("{base} --rule adam:1"),
        format!("{base} --rule adam:0.9:0.999:0"),
        format!("{base} --rule adagrad:NaN"),
        format!("{base} --rule gauss-newton:-1"),
        format!("{base} --order random"),
        format!("{base} --schedule step"),
        format!("{base} --schedule power:9"),
        format!("{base} --warmup 100"),
        format!("{base} --average mean"),
        format!("{base} --average polyak:1"),
        format!("{base} --steps 101"),
        format!("{base} --steps 0"),
        format!("{base} --features 2e5"),
        format!("{base} --noise -1"),
        format!("{base} --repeats -1"),
        format!("{base} --repeats 1e9"),
        "train --alpha 1 --beta 0.5 --samples 100 --rate 0.1".to_owned(),
        format!("train {MODEL} --samples 1e9 --rate 0.1"),
        format!("instability {MODEL} --samples 100 --rate 0.1 --pass --simulate"),
        format!("instability {MODEL} --samples 100 --rate 0.1 --batch 2"),
        format!("instability {MODEL} --samples 100 --rate 0.1 --pass --batch 0"),
    ];
    let mut messages = String::new();
    for question in &questions {
        assert_eq!(run(question).status.code(), Some(2), "{question}");
        let message = refused(question);
        writeln!(messages, "{question}\n    {}", message.lines().next().unwrap()).unwrap();
    }
    insta::assert_snapshot!(messages);
}
