//! Frontiers over passes of stochastic gradient descent, and with limited unique samples.

mod common;

use common::{json, refused};

const MODEL: &str = "--alpha 1 --beta 1.5";

fn value(row: &serde_json::Value, key: &str) -> f64 {
    row[key].as_f64().unwrap_or_else(|| panic!("{key} in {row}"))
}

/// One pass of small steps wants more samples than regression does, adaptive steps want what
/// regression wants.
#[test]
fn the_optimiser_changes_the_frontier() {
    let of = |pass: &str| json(&format!("frontier {MODEL} --compute 1e6{pass}"));
    let (plain, adaptive) = (of(" --pass sgd --rate 0.05"), of(" --pass adaptive"));
    assert!((value(&plain, "epochs") - 1.0).abs() < 1e-9 && plain["unique_infinite"] == true);
    assert!(value(&plain, "features") < value(&adaptive, "features"));
    let used = value(&plain, "features") * value(&plain, "samples");
    assert!((used / 1e6 - 1.0).abs() < 1e-6, "{used}");
    // The law with b = 1 + α, to what three decades below the limit leave.
    assert!((value(&plain, "features_slope") - 1.0 / 3.0).abs() < 0.03);
    let regression = of("");
    for key in ["features", "samples", "loss", "loss_slope"] {
        assert_eq!(adaptive[key], regression[key], "{key}");
    }
}

/// Where samples are few they are repeated, at a loss; more of them are better.
#[test]
fn few_unique_samples_are_repeated() {
    let rows = json(&format!("frontier {MODEL} --compute 1e6 --unique 300,1e4,inf --rate 0.05"));
    let rows = rows.as_array().unwrap();
    assert!(value(&rows[0], "epochs") > 5.0 && (value(&rows[0], "samples") - 300.0).abs() < 1e-6);
    assert!((value(&rows[2], "epochs") - 1.0).abs() < 1e-9);
    let losses: Vec<f64> = rows.iter().map(|row| value(row, "loss")).collect();
    assert!(losses[0] > losses[1] && losses[1] >= losses[2], "{losses:?}");
    for row in rows {
        assert!(value(row, "loss") >= value(row, "floor"), "{row}");
    }
    assert_eq!((&rows[0]["scarce"], &rows[2]["scarce"]), (&"epochs".into(), &"compute".into()));
}

#[test]
fn bad_input_is_refused() {
    let base = format!("frontier {MODEL} --compute 1e6");
    for (flags, part) in [
        ("--pass sgd", "--rate"),
        ("--unique 100", "--rate"),
        ("--rate 0.1", "needs --pass sgd or --unique"),
        ("--pass adaptive --rate 0.1", "has no --rate"),
        ("--pass best --rate 0.1", "invalid value 'best'"),
        ("--pass sgd --rate 0.1 --noise 1", "--noise"),
        ("--pass sgd --rate 0.1 --ridge 1", "--ridge"),
        ("--unique 0 --rate 0.1", "must be a whole number in 1..9e15, inf"),
        ("--unique 100 --rate 0", "must be a finite number > 0"),
    ] {
        let message = refused(&format!("{base} {flags}"));
        assert!(message.contains(part), "{flags}: {message}");
    }
    let small = refused("frontier --alpha 1 --beta 1.5 --compute 0.5 --unique 10 --rate 0.1");
    assert!(small.contains("--compute 0.5"), "{small}");
}
