//! `--model FILE`, teachers of their own and other laws of activity on the command line.

#![cfg(feature = "fit")]

mod common;

use common::{answer, csv, json, refused};
use std::fmt::Write as _;
use std::path::PathBuf;

/// A file in a folder of its own for each test.
fn file(name: &str, text: &str) -> PathBuf {
    let folder = std::env::temp_dir().join(format!("asymscale-own-model-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let path = folder.join(name);
    std::fs::write(&path, text).unwrap();
    path
}

/// The table of a power law, its rows in another order, with columns that nobody asks for.
fn listed(alpha: f64, beta: f64, rows: u32, tail: bool) -> String {
    let mut text = String::new();
    if tail {
        writeln!(text, "# tail: variance 1 {}, activity 1 {beta}", 1.0 + alpha).unwrap();
    }
    text += "word,activity,count,variance\n";
    for k in 0..rows {
        let i = f64::from((k * 7 + 3) % rows + 1);
        writeln!(text, "w{i},{},{k},{}", i.powf(-beta), i.powf(-1.0 - alpha)).unwrap();
    }
    text
}

/// Every command gives for a table what it gives for the power law that the table lists.
#[test]
fn a_table_is_answered_as_the_law_that_it_lists() {
    let goes_on = file("goes-on.csv", &listed(1.0, 2.5, 31, true));
    let ends = file("ends.csv", &listed(1.0, 2.5, 31, false));
    let law = "--alpha 1 --beta 2.5";
    let commands = [
        ("loss", "--features 5,40,inf --samples 100,1e6 --ridge 0,1e-3 --noise 0,0.1"),
        ("coverage", "--samples 10,1e5"),
        ("frontier", "--compute 1e4"),
        ("instability", "--samples 100 --rate 0.3"),
    ];
    for (command, flags) in commands {
        for (path, law) in [(&goes_on, law.to_owned()), (&ends, format!("{law} --coordinates 31"))]
        {
            // Without a law that goes on there are no exponents to tell, and no asymptote.
            let is_compared = |head: &str| {
                path == &goes_on || !(head.contains("exponent") || head.contains("asymptote"))
            };
            let own = csv(&format!("{command} --model {} {flags}", path.display()));
            let plain = csv(&format!("{command} {law} {flags}"));
            assert_eq!(own[0], plain[0], "{command}");
            assert_eq!(own.len(), plain.len());
            let cells = own.iter().zip(&plain).skip(1);
            for ((a, b), head) in cells.flat_map(|(a, b)| a.iter().zip(b).zip(&own[0])) {
                let close = match (a.parse::<f64>(), b.parse::<f64>()) {
                    (Ok(a), Ok(b)) => a == b || (a - b).abs() <= 2e-5 * b.abs(),
                    _ => a == b,
                };
                assert!(close || !is_compared(head), "{command} {head}: {a} {b}");
            }
        }
    }
}

/// Theory and simulation of a table and of a target exponent, beside each other.
#[test]
fn simulations_of_own_models_agree_with_theory() {
    let table = file("simulate.csv", &listed(0.8, 1.5, 400, false));
    for model in [
        format!("--model {}", table.display()),
        "--alpha 1 --beta 1.5 --onset 0.3 --target-exponent 2.6".to_owned(),
    ] {
        let rows =
            json(&format!("simulate {model} --features 8,400,inf --samples 400 --repeats 24"));
        for row in rows.as_array().unwrap() {
            let number = |key: &str| row[key].as_f64().unwrap_or_else(|| panic!("{key}: {row}"));
            let slack = number("finite_size_error") * number("theory")
                + 4.0 * number("standard_error")
                + number("truncation");
            assert!((number("mean") - number("theory")).abs() < slack, "{model}: {row}");
        }
    }
}

/// Gradient flow beside descent of teachers of their own.
#[test]
fn descent_of_a_target_exponent_agrees_with_its_simulation() {
    let model = "--alpha 1 --beta 1.5 --target-exponent 1.6 --amplitude rademacher";
    let rows = json(&format!("descent {model} --samples 400 --rate 0.05 --steps 100,10000"));
    for row in rows.as_array().unwrap() {
        let number = |key: &str| row[key].as_f64().unwrap();
        // Theory of the flow is a few per cent off at 400 samples.
        let slack = 4.0 * number("standard_error") + 0.05 * number("loss");
        assert!((number("simulated") - number("loss")).abs() < slack, "{row}");
    }
}

/// Uniform and one-hot activity, and onsets below one, on the command line.
#[test]
fn other_laws_of_activity_are_answered() {
    // 200 samples of 1000 coordinates of probability 0.01: 1 − 0.99^200 of them are seen.
    let rows = json("coverage --alpha 1 --probability 0.01 --coordinates 1000 --samples 200");
    let seen = rows["seen"].as_f64().unwrap();
    assert!((seen / (1000.0 * (1.0 - 0.99f64.powi(200))) - 1.0).abs() < 1e-9, "{seen}");
    let one_hot = json("coverage --alpha 1 --beta 2 --one-hot --samples 1");
    assert!((one_hot["seen"].as_f64().unwrap() - 1.0).abs() < 1e-9, "{one_hot}");
    let rare = json("coverage --alpha 1 --beta 2 --onset 1e-3 --samples 1");
    assert!((rare["seen"].as_f64().unwrap() / 1e-6 / 1.6449340668 - 1.0).abs() < 1e-6, "{rare}");
}

#[test]
fn bad_models_are_refused_by_file_line_and_range() {
    let wrong = file("wrong.csv", "variance,activity\n1,0.5\n0.5,1.5\n");
    let said = refused(&format!("loss --model {} --features 5 --samples 10", wrong.display()));
    assert!(
        said.contains("wrong.csv") && said.contains("1.5") && said.contains("line 3"),
        "{said}"
    );
    let columns = file("columns.csv", "a,b\n1,0.5\n");
    let said = refused(&format!("loss --model {} --features 5 --samples 10", columns.display()));
    assert!(said.contains("variance"), "{said}");
    let tail = file("tail.csv", "# tail: variance 1\nvariance,activity\n1,0.5\n");
    let said = refused(&format!("loss --model {} --features 5 --samples 10", tail.display()));
    assert!(said.contains("# tail: variance FRONT EXPONENT"), "{said}");
    for text in [
        "# tail: variance 1 2, activity 1 1.5, target_energy 1 2\nvariance,activity\n1,0.5\n",
        "# tail: variance 1 2, activity 1 1.5\nvariance,activity,target_energy\n1,0.5,1\n",
    ] {
        let target = file("target.csv", text);
        let said = refused(&format!("loss --model {} --features 5 --samples 10", target.display()));
        assert!(said.contains("and only then"), "{said}");
    }
    let above = file("above.csv", "# tail: variance 1 2, activity 9 1.5\nvariance,activity\n1,1\n");
    let said = refused(&format!("loss --model {} --features 5 --samples 10", above.display()));
    assert!(said.contains("above.csv") && said.contains('9'), "{said}");
    for (words, of) in [
        ("loss --model nowhere.csv --features 5 --samples 10", "nowhere.csv"),
        ("loss --model x.csv --alpha 1 --features 5 --samples 10", "cannot be used with"),
        ("loss --features 5 --samples 10", "--alpha"),
        ("loss --alpha 1 --features 5 --samples 10", "--beta"),
        ("loss --alpha 1 --beta 1.5 --target-exponent 1 --features 5 --samples 10", "1.01..101"),
        ("loss --alpha 1 --probability 2 --coordinates 9 --features 5 --samples 10", "in 1e-12..1"),
        ("loss --alpha 1 --beta 1 --one-hot --features 5 --samples 10", "beta > 1"),
        (
            "descent --alpha 1 --beta 1.5 --target-exponent 1.5 --samples 20 --features 9 --rate 0.1 --steps 1",
            "target_exponent, or target energies of a table: ",
        ),
        (
            "simulate --alpha 1 --beta 1.5 --target-exponent 1.5 --samples 20 --features 5 --method iterative",
            "target_exponent, or target energies of a table: ",
        ),
    ] {
        let said = refused(words);
        assert!(said.contains(of), "{words}: {said}");
    }
}

/// Coordinates that never vary are told of, not passed over in silence.
#[test]
fn what_is_left_out_of_a_table_is_told() {
    let still = file("still.csv", "variance,activity\n1,0.5\n0,0.5\n");
    let (_, said) = answer(&format!("loss --model {} --features 5 --samples 10", still.display()));
    assert!(said.contains("variance 0"), "{said}");
}
