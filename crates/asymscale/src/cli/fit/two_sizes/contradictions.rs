//! No two sentences of an answer contradict each other, the numbers, or the JSON: random laws and
//! designs, asked in this process.

use super::analysis::Analysis;
use super::json;
use super::words;
use crate::cli::fit::FitFlags;
use crate::cli::fit::answer::digits::digits;
use crate::cli::fit::flags::columns::Columns;
use crate::cli::fit::flags::measure::Measured;
use crate::cli::progress::Progress;
use crate::fitting::{Parameters, Runs};
use asymscale_tables::{Measure, ReadOptions, RunRequest, Source, Table, read_runs};
use clap::Parser;
use rand::{Rng, RngExt, SeedableRng};
use serde_json::Value;
use std::fmt::Write as _;

#[derive(Parser)]
struct Command {
    #[command(flatten)]
    fit: FitFlags,
}

/// A law and runs of it, of the kinds that people have: spreads of errors from none to all, sizes
/// on grids, on ladders and at random, one outlier, a term that is not there, two laws in one
/// table.
fn table<R: Rng + ?Sized>(kind: usize, rng: &mut R) -> String {
    let mut uniform = |low: f64, high: f64| low + (high - low) * rng.random::<f64>();
    let (alpha, beta) = (uniform(0.05, 0.9), uniform(0.05, 0.9));
    let a = if kind.is_multiple_of(8) { 0.0 } else { 1e8_f64.powf(alpha) * uniform(0.05, 1.0) };
    let b = if kind % 8 == 4 { 0.0 } else { 1e10_f64.powf(beta) * uniform(0.05, 1.0) };
    let law = Parameters {
        e: if kind.is_multiple_of(5) { 0.0 } else { uniform(0.2, 3.0) },
        a,
        b,
        alpha,
        beta,
    };
    let (rows, spread) = (uniform(9.0, 31.0) as usize, 1e-4 * 2000_f64.powf(uniform(0.0, 1.0)));
    let two_laws = kind % 5 == 3;
    let rows = if two_laws { 3 * rows } else { rows };
    let outlier = if kind % 7 == 3 { uniform(0.0, rows as f64) as usize } else { rows };
    let mut text = "N,D,loss\n".to_owned();
    for row in 0..rows {
        let (n, d) = match kind % 3 {
            0 => (1e7 * 1e3_f64.powf(uniform(0.0, 1.0)), 1e9 * 1e3_f64.powf(uniform(0.0, 1.0))),
            1 => (1e7 * 4_f64.powi((row % 5) as i32), 1e9 * 4_f64.powi((row / 5) as i32)),
            _ => {
                let n = 1e7 * 1e3_f64.powf(uniform(0.0, 1.0));
                (n, 20.0 * n * 10_f64.powf(uniform(-0.5, 0.5)))
            }
        };
        let error = spread * (uniform(-1.0, 1.0) + uniform(-1.0, 1.0) + uniform(-1.0, 1.0));
        let other = two_laws && row.is_multiple_of(3);
        let wrong = if row == outlier {
            2.0
        } else if other {
            1.25
        } else {
            1.0
        };
        writeln!(text, "{n},{d},{}", wrong * law.loss(n, d) * error.exp()).unwrap();
    }
    text
}

/// The answer in words and in JSON; `None` where the table is refused.
fn answer(text: &str, more: &[&str]) -> Option<(String, Value)> {
    let words_of = [&["fit", "runs.csv", "--bootstrap", "99"], more].concat();
    let flags = Command::try_parse_from(words_of).unwrap().fit;
    let source = Source::bytes("runs.csv", text.as_bytes().to_vec());
    let table =
        read_runs(&Table::open(source, ReadOptions::default()).unwrap(), &RunRequest::default())
            .unwrap();
    let runs = Runs::new(&table.features, &table.samples, &table.losses).unwrap();
    let measured = Measured::of(&flags, Measure::Loss, runs.losses(), &table.lines);
    let columns = Columns::of(&table);
    let progress = Progress::start("asking");
    let analysis =
        Analysis::new(&flags, &runs, &table.lines, &columns, measured, &progress).ok()?;
    let said = words::summary(&analysis, flags.format);
    Some((said, crate::cli::output::value(&json::Answer::new(&analysis))))
}

/// How many answers were of each kind, which shows that the test meets all kinds.
#[derive(Debug, Default)]
struct Told {
    features: usize,
    samples: usize,
    open: usize,
    doubted: usize,
    without: usize,
    mixed: usize,
    refused: usize,
}

fn ask(tables: usize, seed: u64) -> Told {
    let mut rng = rand_xoshiro::Xoshiro256PlusPlus::seed_from_u64(seed);
    let mut told = Told::default();
    for kind in 0..tables {
        let text = table(kind, &mut rng);
        let Some((said, answer)) = answer(&text, &[]) else {
            told.refused += 1;
            continue;
        };
        let context = format!("table {kind}:\n{text}\n{said}\n{answer:#}");
        of_any(&said, &context);
        if !answer["mixed"].is_null() {
            told.mixed += 1;
            of_mixed(&said, &answer, &context);
        } else if answer["shown"] == false {
            told.without += 1;
            of_none(&said, &answer, &context);
        } else {
            of_headline(&said, &answer, &mut told, &context);
            of_plan(&answer, &context);
            of_shares(&answer, &context);
            of_exponents(&said, &answer, &context);
        }
    }
    told
}

fn of(value: &Value, name: &str) -> f64 {
    value[name].as_f64().unwrap_or(f64::NAN)
}

/// No sentence of an answer has a number that is infinite or NaN.
fn of_any(said: &str, context: &str) {
    let sentences: Vec<&str> =
        said.lines().take_while(|line| !line.starts_with("parameter")).collect();
    assert!(
        !sentences.iter().any(|line| line.contains("NaN") || line.contains("inf ")),
        "{context}"
    );
}

/// Without a law there is nothing of a law.
fn of_none(said: &str, answer: &Value, context: &str) {
    assert!(
        answer["plan"].as_array().unwrap().is_empty() && answer["limits"]["limited_by"].is_null(),
        "{context}"
    );
    assert!(
        answer["allocation"].as_array().unwrap().is_empty() && answer["symmetry"].is_null(),
        "{context}"
    );
    of_no_law(said, context);
}

fn of_no_law(said: &str, context: &str) {
    for word in [
        "The exponent in",
        "the best are",
        "limit the loss a",
        "first buy",
        "the law bends",
        "the law misses",
        "converged",
    ] {
        assert!(!said.contains(word), "{word}: {context}");
    }
}

/// An answer about several kinds of runs has nothing of one law for all, and says why first.
fn of_mixed(said: &str, answer: &Value, context: &str) {
    for name in ["parameters", "intervals", "symmetry", "limits", "plan", "allocation"] {
        assert!(answer[name].is_null(), "{name}: {context}");
    }
    let why = answer["mixed"].as_str().unwrap();
    assert!(answer["shown"] == false && answer["warnings"][0] == why, "{context}");
    assert!(
        said.starts_with(why) && why.contains("--by") && !said.contains("parameter,"),
        "{context}"
    );
    of_no_law(said, context);
}

/// What the next unit of compute should buy is what the best N, the best D/N, the loss of the shape
/// and the slopes of the law say.
fn of_headline(said: &str, answer: &Value, told: &mut Told, context: &str) {
    let limits = &answer["limits"];
    let (n, d) = (of(limits, "features"), of(limits, "samples"));
    let law = &answer["parameters"];
    let gain = |a: &str, x: &str, size: f64| of(law, x) * of(law, a) * size.powf(-of(law, x));
    let (in_n, in_d) = (gain("a", "alpha", n), gain("b", "beta", d));
    let sure = limits["sure"] == true;
    let step = &answer["plan"][0];
    let (least, most) = (of(step, "features_lower"), of(step, "features_upper"));
    match limits["limited_by"].as_str() {
        Some("features") => {
            assert!(in_n > in_d, "{in_n} {in_d} {context}");
            assert!(!sure || least.is_nan() || least > n, "{context}");
            assert!(
                step.is_null() || of(step, "ratio") < d / n && of(step, "lost") > 0.0,
                "{context}"
            );
            assert!(
                said.contains(if sure {
                    "Too few parameters limit"
                } else {
                    "should first buy parameters"
                }),
                "{context}"
            );
            told.features += usize::from(sure);
        }
        Some("samples") => {
            assert!(in_n < in_d, "{in_n} {in_d} {context}");
            assert!(!sure || most.is_nan() || most < n, "{context}");
            assert!(
                step.is_null() || of(step, "ratio") > d / n && of(step, "lost") > 0.0,
                "{context}"
            );
            assert!(
                said.contains(if sure {
                    "Too little data limits"
                } else {
                    "should first buy data"
                }),
                "{context}"
            );
            told.samples += usize::from(sure);
        }
        _ => {
            assert!(step.is_null() || !(least > n || most < n), "{context}");
            assert!(!said.contains("Too few") && !said.contains("Too little"), "{context}");
            told.open += usize::from(said.contains("cannot tell whether parameters or data"));
        }
    }
    if !answer["doubt"].is_null() {
        told.doubted += 1;
        assert!(!sure && !said.contains("They differ ("), "{context}");
        assert!(!answer["warnings"].as_array().unwrap().is_empty(), "{context}");
    }
}

/// Steps of the plan: N·D is the compute, intervals are those of one N, more compute is of less
/// loss.
fn of_plan(answer: &Value, context: &str) {
    let steps = answer["plan"].as_array().unwrap();
    for step in steps {
        let (n, d, c) = (of(step, "features"), of(step, "samples"), of(step, "compute"));
        assert!(
            (6.0 * n * d / c - 1.0).abs() < 1e-9
                && (of(step, "ratio") / (d / n) - 1.0).abs() < 1e-9,
            "{context}"
        );
        let [least, most] = ["features_lower", "features_upper"].map(|name| of(step, name));
        assert!(!(n < least || n > most), "N is in its interval: {context}");
        let ends = [of(step, "samples_upper") * least, of(step, "samples_lower") * most];
        assert!(
            ends.iter().all(|end| end.is_nan() || (6.0 * end / c - 1.0).abs() < 1e-9),
            "{context}"
        );
        let lost = ["lost_lower", "lost_upper"].map(|name| of(step, name));
        assert!(of(step, "lost") >= 0.0, "{context}");
        assert!(lost[0] <= lost[1] || lost[0].is_nan() || lost[1].is_nan(), "{context}");
    }
    if let [one, two] = &steps[..] {
        assert!(of(two, "loss") < of(one, "loss"), "{context}");
    }
}

fn of_shares(answer: &Value, context: &str) {
    let limits = &answer["limits"];
    let shares = ["e_share", "features_share", "samples_share"].map(|name| of(limits, name));
    assert!(
        (shares.iter().sum::<f64>() - 1.0).abs() < 1e-9 && shares.iter().all(|share| *share >= 0.0),
        "{context}"
    );
}

/// Exponents in words are those in JSON; the verdict is that of the test and of the interval of the
/// ratio.
fn of_exponents(said: &str, answer: &Value, context: &str) {
    let parameter = |name: &str| of(&answer["parameters"], name);
    let (alpha, beta) = (digits(parameter("alpha")), digits(parameter("beta")));
    let line = said.lines().find(|line| line.starts_with("The exponent in N is")).expect(context);
    assert!(
        line.contains(&format!("The exponent in N is {alpha}"))
            && line.contains(&format!("in D {beta}")),
        "{context}"
    );
    let ratio = &answer["intervals"]["ratio"];
    let most = ratio["upper"].as_f64().unwrap_or(f64::INFINITY);
    let holds_one = of(ratio, "lower") <= 1.0 && 1.0 <= most;
    let p = of(&answer["symmetry"], "p_value");
    assert!(!line.contains("They differ (") || (!holds_one && p < 0.05), "{context}");
    assert!(!line.contains("One exponent would do") || (holds_one && p >= 0.05), "{context}");
}

/// Tables that are drawn; more, some minutes of them, where the environment says how many.
fn tables() -> usize {
    std::env::var("ASYMSCALE_RANDOM_TABLES").ok().and_then(|text| text.parse().ok()).unwrap_or(120)
}

/// The counts say that every kind of answer is asked.
#[test]
fn no_two_sentences_contradict_each_other() {
    let told = ask(tables(), 11);
    println!("{told:?}");
    assert!(
        told.features >= 10 && told.samples >= 10 && told.open >= 10 && told.without >= 10,
        "{told:?}"
    );
    assert!(told.mixed >= 3, "{told:?}");
}
