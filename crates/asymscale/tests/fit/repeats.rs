//! `asymscale fit --repeats` as a person or a script meets it, and what a fit without it says of
//! repeated data.

use std::fmt::Write as _;

use crate::common::{case, json, refusal, text, written};

/// 296 public runs, of which 255 repeat data.
const PUBLIC: &str =
    concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/data/datablations-296-runs.csv");

/// The exponents that a fit has when it takes repeats for fresh data, and those of the law that
/// does not.
#[test]
fn ignoring_repeats_is_remarked_on() {
    let answer = json(&[PUBLIC, "--bootstrap", "99"]);
    let warnings: Vec<&str> =
        answer["warnings"].as_array().unwrap().iter().filter_map(|w| w.as_str()).collect();
    let found = warnings.iter().find(|warning| warning.contains("--repeats")).unwrap();
    assert!(found.starts_with("255 of 296 rows repeat data"), "{found}");
    assert!(found.contains("0.218 in N and 0.468 in D"), "{found}");
    assert!(found.contains("has 0.344 in N and 0.289 in D"), "{found}");
    let once = json(&[&case("plain.csv")]);
    assert!(!once["warnings"].to_string().contains("--repeats"), "{}", once["warnings"]);
}

/// Words, rows and JSON have the same numbers, and the objective is that of an independent program.
#[test]
fn the_public_runs_are_answered() {
    let answer = json(&[PUBLIC, "--repeats", "--bootstrap", "199"]);
    let objective = answer["objective"].as_f64().unwrap();
    assert!(objective < 2.069245224420e-2 * (1.0 + 1e-8), "{objective:e}");
    assert_eq!(
        (answer["repeating_rows"].as_u64(), answer["rows"].as_u64()),
        (Some(255), Some(296))
    );
    let starts = &answer["starts"];
    let count = |name: &str| starts[name].as_u64().unwrap();
    let ends = ["best", "other_minimum", "at_bound", "iteration_limit", "not_finite"];
    assert_eq!(ends.iter().map(|name| count(name)).sum::<u64>(), count("total"));
    let worth = &answer["epochs_worth"];
    let r_d = answer["parameters"]["r_d"].as_f64().unwrap();
    for (at, share) in [(0, 0.5_f64), (1, 0.1)] {
        let epochs = worth[at]["epochs"].as_f64().unwrap();
        assert!((epochs - (1.0 - r_d * share.ln())).abs() < 1e-9 * epochs, "{worth}");
    }
    let largest = &answer["largest_run"];
    let number = |name: &str| largest[name].as_f64().unwrap();
    assert!(number("unique_samples") <= number("effective_samples_lower"));
    assert!(number("effective_samples_upper") <= number("samples"));
    let words = text(&[PUBLIC, "--repeats", "--bootstrap", "199"]);
    for part in [
        "255 of 296 runs repeat data",
        "set no upper limit",
        "less than 50 % of fresh data",
        "199 resamples",
        "overfitting",
    ] {
        assert!(words.contains(part), "{part}: {words}");
    }
    let rows = text(&[PUBLIC, "--repeats", "--bootstrap", "199", "--csv"]);
    assert!(rows.contains(&format!("r_d,{r_d}")), "{rows}");
}

/// Made with E = 1.8, exponents of .35 and .37, and repeats of data, not of parameters, worth less:
/// by another program `R_D` is 15.2.
#[test]
fn many_epochs_are_told_from_few() {
    let answer = json(&[&case("multi_epoch.csv"), "--repeats", "--bootstrap", "199"]);
    for (name, truth) in [("alpha", 0.35), ("beta", 0.37), ("e", 1.8)] {
        let end = |end: &str| answer["intervals"][name][end].as_f64().unwrap();
        assert!(end("lower") < truth && truth < end("upper"), "{name}: {}", answer["intervals"]);
    }
    let r_d = &answer["intervals"]["r_d"];
    assert!(
        r_d["lower"].as_f64().unwrap() > 10.0 && r_d["upper"].as_f64().unwrap() < 25.0,
        "{r_d}"
    );
    assert_eq!(
        (&answer["parameters"]["r_n_infinite"], &answer["intervals"]["r_n"]["upper_infinite"]),
        (&true.into(), &true.into())
    );
    let epochs = text(&[
        &case("multi_epoch.csv"),
        "--repeats",
        "--bootstrap",
        "199",
        "--epochs-column",
        "epochs",
    ]);
    assert!(epochs.contains("36 of 48 runs repeat data, the most 64.0 times"), "{epochs}");
}

/// One epoch and a bit: nothing is invented.
#[test]
fn what_runs_cannot_tell_is_said() {
    let mut rows = "N,tokens,unique_tokens,loss\n".to_owned();
    for k in 0..30 {
        let (n, u) = (1e7 * 3f64.powi(k % 6), 1e9 * 4f64.powi(k / 6));
        let epochs = if k % 3 == 0 { 1.05 } else { 1.0 };
        let error = 1.0 + 0.01 * (f64::from(k * k * 7 % 11) / 5.0 - 1.0);
        let loss = (1.7 + 400.0 * n.powf(-0.34) + 1500.0 * (u * epochs).powf(-0.37)) * error;
        writeln!(rows, "{n},{},{u},{loss}", u * epochs).unwrap();
    }
    let path = written("hardly_repeated.csv", &rows);
    let words = text(&[&path, "--repeats", "--bootstrap", "199"]);
    assert!(words.contains("These runs cannot tell what repeats are worth"), "{words}");
}

#[test]
fn what_does_not_go_is_refused() {
    assert!(
        refusal(&[&case("plain.csv"), "--repeats"])
            .contains("no column of unique tokens or of epochs")
    );
    let sparse = refusal(&[PUBLIC, "--repeats", "--law", "sparse"]);
    assert!(sparse.contains("--law sparse: --repeats has the laws free and tied"), "{sparse}");
    assert!(refusal(&[PUBLIC, "--repeats", "--compute", "1e21"]).contains("cannot be used with"));
    assert!(refusal(&[PUBLIC, "--repeats", "--penalty", "0.1"]).contains("cannot be used with"));
    let once = written("once.csv", &text_of_one_epoch());
    let message = refusal(&[&once, "--repeats"]);
    assert!(message.contains("distinct numbers of epochs beyond 1 = 0"), "{message}");
}

fn text_of_one_epoch() -> String {
    let row = |k: i32| {
        let (n, d) = (1e7 * 3f64.powi(k % 6), 1e9 * 4f64.powi(k / 6));
        format!("{n},{d},1,{}\n", 1.7 + 400.0 * n.powf(-0.34) + 1500.0 * d.powf(-0.37))
    };
    "N,D,epochs,loss\n".to_owned() + &(0..30).map(row).collect::<String>()
}

/// Losses that grow with both sizes are no minimum of this law: what would follow from wherever a
/// descent was stopped is told neither in words nor in JSON.
#[test]
fn descents_that_do_not_settle_tell_nothing() {
    let mut table = "params,tokens,unique_tokens,loss\n".to_owned();
    for k in 0..40 {
        let n = 10_f64.powf(5.0 + f64::from(7 * k % 40) / 10.0);
        let unique = 10_f64.powf(6.0 + f64::from(11 * k % 40) / 13.0);
        let d = unique * f64::from([1, 2, 5, 40][k as usize % 4]);
        let loss = 1.0 + (n / 1e7).powf(0.3) + (d / 1e8).powf(0.2);
        let _ = writeln!(table, "{n:.6e},{d:.6e},{unique:.6e},{loss:.8}");
    }
    let file = written("unsettled.csv", &table);
    let words = text(&[&file, "--repeats"]);
    assert!(words.contains("are not told: the best of"), "{words}");
    assert!(words.contains("without resamples") && !words.contains("The exponent"), "{words}");
    assert!(!words.contains("less than 50 %") && !words.contains("is worth"), "{words}");
    let answer = json(&[&file, "--repeats"]);
    assert_eq!(answer["settled"], false);
    assert_eq!(answer["resamples"], 0);
    assert!(answer["epochs_worth"][0]["epochs"].is_null(), "{answer}");
    assert!(answer["largest_run"]["effective_samples"].is_null(), "{answer}");
    assert!(answer["intervals"]["alpha"].is_null(), "{answer}");
    // Runs that follow the law are told as before.
    assert_eq!(json(&[&case("multi_epoch.csv"), "--repeats", "--bootstrap", "0"])["settled"], true);
}
