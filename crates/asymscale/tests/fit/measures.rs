//! `asymscale fit` on measures other than a loss in nats, on badly tuned sweeps, and on tables with
//! a wrong row or two laws.

use std::fmt::Write as _;

use crate::common::{case, json, refusal, text, written};

/// 25 runs of the law 1.8 + 480 N^-0.35 + 2000 D^-0.37, of which each row's loss is made by
/// `loss(row, law)`.
fn grid(title: &str, loss: impl Fn(usize, f64) -> f64) -> String {
    let mut table = format!("N,D,{title}\n");
    for row in 0..25 {
        let (n, d) = (2e7 * 3.2_f64.powi((row % 5) as i32), 4e8 * 4_f64.powi((row / 5) as i32));
        let law = 1.8 + 480.0 * n.powf(-0.35) + 2000.0 * d.powf(-0.37);
        writeln!(table, "{n},{d},{}", loss(row, law)).unwrap();
    }
    table
}

/// Errors of half a per cent, the same for all tables: fractions of multiples of the golden ratio.
fn error(row: usize) -> f64 {
    1.0 + 0.01 * ((row as f64 * 0.618_033_988_75).fract() - 0.5)
}

fn at(answer: &serde_json::Value, name: &str) -> f64 {
    answer["parameters"][name].as_f64().unwrap()
}

/// The measure follows from the title; what a law of it means is said, and the transform that is
/// right finds the law.
#[test]
fn measures_are_told_by_their_titles() {
    let cases = [
        (
            "perplexity.csv",
            "perplexity",
            "a law with a floor describes its logarithm; --transform ln fits that",
            "ln",
        ),
        ("bpb.csv", "bits", "cannot be compared with those of a loss in nats per token", "none"),
        ("error_rate.csv", "error_rate", "19 of 25 are above 0.5", "logit"),
        ("accuracy.csv", "accuracy", "--transform complement fits the error rate", "complement"),
    ];
    for (name, measure, note, transform) in cases {
        let answer = json(&[&case(name), "--bootstrap", "0"]);
        assert_eq!(answer["measure"], measure);
        assert!(answer["notes"][0].as_str().unwrap().contains(note), "{name}: {answer}");
        assert!(
            text(&[&case(name), "--bootstrap", "0"])
                .contains(&format!("\nNote: {}", answer["notes"][0].as_str().unwrap()))
        );
        let law = json(&[&case(name), "--bootstrap", "0", "--transform", transform]);
        let (alpha, beta) = (at(&law, "alpha"), at(&law, "beta"));
        assert!(
            (alpha - 0.35).abs() < 0.05 && (beta - 0.37).abs() < 0.05,
            "{name}: {alpha} {beta}"
        );
    }
    // A loss needs no note.
    assert_eq!(json(&[&case("plain.csv"), "--bootstrap", "0"])["notes"], serde_json::json!([]));
    let large = written("large.csv", &grid("loss", |row, law| (law * error(row)).exp() * 5.0));
    assert!(
        text(&[&large, "--bootstrap", "0"]).contains("if they are perplexities, --transform ln")
    );
}

/// A title is not believed against the numbers.
#[test]
fn errors_and_accuracies_above_one_are_no_shares() {
    let note = |title: &str, loss: &dyn Fn(usize, f64) -> f64| {
        let path = written(&format!("{title}.csv"), &grid(title, loss));
        json(&[&path, "--bootstrap", "0"])["notes"][0].as_str().unwrap().to_owned()
    };
    let error = note("test_error", &|row, law| law * error(row));
    assert!(error.contains("taken for losses, not for rates"), "{error}");
    let accuracy = note("accuracy", &|row, law| 100.0 - 16.0 * law * self::error(row));
    assert!(accuracy.contains("accuracies above 1 are per cents"), "{accuracy}");
}

/// An error rate that is a logistic function of a loss: log-odds have its exponents, whether the
/// column holds the rate or one less it, and shares of shifted losses are not told.
#[test]
fn log_odds_have_the_exponents_of_the_loss() {
    let rate = |row: usize, law: f64| 1.0 / (1.0 + (-2.0 * (law * error(row) - 2.5)).exp());
    let wrong = written("error.csv", &grid("val_err", rate));
    let right = written("acc.csv", &grid("acc", |row, law| 1.0 - rate(row, law)));
    let score = written("score.csv", &grid("score", |row, law| 1.0 - rate(row, law)));
    let fits = [
        json(&[&wrong, "--transform", "logit"]),
        json(&[&right, "--transform", "logit"]),
        json(&[&score, "--loss-column", "score", "--transform", "complement-logit"]),
    ];
    for fit in &fits {
        assert!(
            (at(fit, "alpha") - 0.35).abs() < 0.04 && (at(fit, "beta") - 0.37).abs() < 0.04,
            "{fit}"
        );
        assert!((at(fit, "alpha") - at(&fits[0], "alpha")).abs() < 1e-6);
    }
    let said = text(&[&wrong, "--transform", "logit"]);
    assert!(
        said.contains("ln(error/(1 − error)) + 10") && !said.contains("Of the loss there"),
        "{said}"
    );
}

#[test]
fn transforms_out_of_range_are_refused_by_row_and_value() {
    let bad = written(
        "bad-rate.csv",
        &grid("error_rate", |row, law| if row == 3 { 1.25 } else { law / 6.0 }),
    );
    for transform in ["logit", "complement", "complement-logit"] {
        let message = refusal(&[&bad, "--transform", transform]);
        let expected = format!(
            "--transform {transform}: the loss is 1.25 in line 5; must be in (0, 1), a share, not per cent"
        );
        assert!(message.contains(&expected), "{message}");
    }
    let low =
        written("low-ppl.csv", &grid("ppl", |row, law| if row == 3 { 0.5 } else { law.exp() }));
    assert!(
        refusal(&[&low, "--transform", "ln"]).contains("the loss is 0.5 in line 5; must be > 1")
    );
    let two = written("two.csv", "N,D,ppl,acc\n1e7,1e9,20,0.5\n");
    let message = refusal(&[&two]);
    assert!(
        message
            .contains("could be any of the columns `ppl`, `acc`; choose with --loss-column NAME"),
        "{message}"
    );
    let flags = refusal(&[&case("sweep.csv"), "--penalty", "0.1", "--objective", "squares"]);
    assert!(flags.contains("--penalty 0.1: needs --objective huber"), "{flags}");
    for weight in ["0", "-1", "1.5", "x"] {
        assert!(
            refusal(&[&case("sweep.csv"), "--penalty", weight])
                .contains("must be a number in (0, 1]")
        );
    }
}

/// The truth is the lower envelope. By default the law goes through the middle of all settings, 1.7
/// % too high.
#[test]
fn badly_tuned_sweeps() {
    let truth = 1.8 + 480.0 * 1.6e9_f64.powf(-0.35) + 2000.0 * 6.4e10_f64.powf(-0.37);
    let off = |more: &[&str]| {
        let answer = json(&[&[case("sweep.csv").as_str(), "--bootstrap", "0"][..], more].concat());
        let law = |name: &str| at(&answer, name);
        let loss = law("e")
            + law("a") * 1.6e9_f64.powf(-law("alpha"))
            + law("b") * 6.4e10_f64.powf(-law("beta"));
        (loss / truth - 1.0, (law("alpha") - 0.35).abs().max((law("beta") - 0.37).abs()))
    };
    assert!(off(&[]).0 > 0.01, "{:?}", off(&[]));
    for more in [&["--penalty", "0.1"][..], &["--penalty", "0.03"], &["--best", "lower-envelope"]] {
        let (loss, exponents) = off(more);
        assert!(loss.abs() < 0.006 && exponents < 0.025, "{more:?}: {loss} {exponents}");
    }
    assert!(
        text(&[&case("sweep.csv")]).contains("--penalty 0.1 lets runs above the law count a tenth")
    );
    assert!(
        text(&[&case("sweep.csv"), "--penalty", "0.1"])
            .contains("goes below most of them, as --penalty asks")
    );
}

/// One wrong loss hides neither the signal nor the size of the other residuals, whether it is too
/// high or too low.
#[test]
fn one_wrong_row_hides_nothing() {
    for wrong in [0.5, 1.5, 3.0] {
        for at in [0, 7, 24] {
            let table = written(
                "wrong.csv",
                &grid("loss", |row, law| law * error(row) * if row == at { wrong } else { 1.0 }),
            );
            let said = text(&[&table, "--bootstrap", "99"]);
            assert!(said.contains("The exponent in N is"), "{wrong} in row {at}: {said}");
            let place = format!("Far off the law is line {} (", at + 2);
            assert!(
                said.contains(&place)
                    && said.contains("look whether that run failed. Residuals without it are 0."),
                "{said}"
            );
        }
    }
}

/// All losses equal but one: that one is no signal.
#[test]
fn one_row_makes_no_signal() {
    for at in [0, 7, 24] {
        let table = written("equal.csv", &grid("loss", |row, _| if row == at { 4.0 } else { 3.0 }));
        let said = text(&[&table]);
        assert!(
            said.contains("The loss depends on neither N nor D beyond its errors"),
            "row {at}: {said}"
        );
    }
}

#[test]
fn a_constant_loss_is_called_so() {
    let said = text(&[&case("constant.csv")]);
    assert!(
        said.contains("All losses are equal: look whether the column is the right one"),
        "{said}"
    );
    assert!(!text(&[&case("noise.csv")]).contains("All losses are equal"));
}

/// Of 25 runs a weight of 0.1 leaves two below the law, of 216 twenty.
#[test]
fn few_runs_below_a_law_are_said() {
    let few = [&case("plain.csv")[..], "--penalty", "0.1"];
    let (said, answer) = (text(&few), json(&few));
    assert!(said.contains("warning: by --penalty about 2 runs lie below the law"), "{said}");
    assert_eq!(
        (&answer["doubt"], &answer["limits"]["sure"]),
        (&"since few runs lie below the law".into(), &false.into())
    );
    for more in [[&case("sweep.csv")[..], "0.1"], [&case("plain.csv"), "1"]] {
        assert!(
            !text(&[more[0], "--penalty", more[1]]).contains("runs lie below the law"),
            "{more:?}"
        );
    }
}

/// Sizes that cannot be what they are called, losses that rise again, runs that err alike: said,
/// and then nothing is sure.
#[test]
fn suspicious_tables() {
    let table = |n: f64, d: f64, loss: &dyn Fn(f64, f64, f64) -> f64| {
        let mut text = "N,D,loss\n".to_owned();
        for row in 0..40 {
            let (x, y) = (2e7 * 3.2_f64.powi(row % 5), 4e8 * 2.5_f64.powi(row / 5));
            let law = 1.8 + 480.0 * x.powf(-0.35) + 2000.0 * y.powf(-0.37);
            writeln!(text, "{},{},{}", x * n, y * d, loss(x, y, law) * error(row as usize))
                .unwrap();
        }
        text
    };
    let plain = |_: f64, _: f64, law: f64| law;
    let said = |text: &str| self::text(&[&written("suspicious.csv", text), "--bootstrap", "99"]);
    let swapped = said(&table(1e3, 1.0, &plain));
    assert!(
        swapped.contains("look whether N and D are swapped, or one of them stands in another unit"),
        "{swapped}"
    );
    assert!(!said(&table(1.0, 1.0, &plain)).contains("look whether"));
    let flops = said(&table(1.0, 1e9, &plain));
    assert!(flops.contains("if the column of D holds FLOPs, --compute-column names it"), "{flops}");
    let overfit =
        said(&table(1.0, 1.0, &|n, d, law| law + 0.1 * (d / (40.0 * n)).ln().max(0.0).powi(2)));
    assert!(overfit.contains("the loss rises again with D at the same N"), "{overfit}");
    assert!(
        overfit.contains("how sure that is, is not known since") || overfit.contains("cannot tell"),
        "{overfit}"
    );
    assert!(!overfit.contains("They differ (p"), "{overfit}");
}
