//! `asymscale fit` as a person or a script meets it: tables of runs, answers, and every refusal.

use std::fmt::Write as _;
use std::process::Command;

use crate::common::{PUBLIC, fit, folder, json, text};

const SYNTHETIC: &str =
    concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/data/synthetic-runs-240.csv");

/// Runs of the law 1.7 + 400 N^-0.34 + 1500 D^-0.37 on a grid, exact.
fn grid(rows: usize) -> String {
    let mut table = "N,D,loss\n".to_owned();
    for k in 0..rows as i32 {
        let (n, d) = (1e7 * 3f64.powi(k % 6), 1e9 * 4f64.powi(k / 6));
        let loss = 1.7 + 400.0 * n.powf(-0.34) + 1500.0 * d.powf(-0.37);
        writeln!(table, "{n},{d},{loss}").unwrap();
    }
    table
}

/// The optimum that the script beside the data finds, to a gain of 1e-12 of the objective.
#[test]
fn default_settings_reach_the_known_optimum() {
    let answer = json(&[SYNTHETIC]);
    let objective = answer["objective"].as_f64().unwrap();
    assert!((objective - 1.0944427527021e-3).abs() < 1e-12, "{objective}");
    assert_eq!(
        (answer["status"].as_str(), answer["rows"].as_u64()),
        (Some("converged"), Some(240))
    );
    assert_eq!(answer["starts"]["best"], answer["starts"]["total"]);
    for name in ["e", "a", "b", "alpha", "beta"] {
        let value = answer["parameters"][name].as_f64().unwrap();
        let end = |end: &str| answer["intervals"][name][end].as_f64().unwrap();
        assert!(end("lower") < value && value < end("upper"), "{name}: {value}");
    }
    assert!(answer["symmetry"]["p_value"].as_f64().unwrap() > 0.05);
    let limits = &answer["limits"];
    let share = |name: &str| limits[name].as_f64().unwrap();
    assert!(
        (share("e_share") + share("features_share") + share("samples_share") - 1.0).abs() < 1e-12
    );
}

#[test]
fn an_exact_law_is_found_and_allocated() {
    let path = folder("exact").join("runs.csv");
    std::fs::write(&path, grid(30)).unwrap();
    let answer = json(&[path.to_str().unwrap(), "--compute", "1e19,1e25", "--bootstrap", "0"]);
    let alpha = answer["parameters"]["alpha"].as_f64().unwrap();
    assert!((alpha - 0.34).abs() < 1e-6, "{alpha}");
    let budgets = answer["allocation"].as_array().unwrap();
    for budget in budgets {
        let of = |name: &str| budget[name].as_f64().unwrap();
        assert!((6.0 * of("features") * of("samples") / of("compute") - 1.0).abs() < 1e-12);
    }
    // Only the larger is beyond the runs.
    let warnings = answer["warnings"].as_array().unwrap();
    let beyond =
        |warning: &&serde_json::Value| warning.as_str().unwrap().contains("beyond the runs");
    assert_eq!(warnings.iter().filter(beyond).count(), 1, "{warnings:?}");
    assert!(warnings.iter().any(|warning| warning.as_str().unwrap().starts_with("C = 1e25")));
}

#[test]
fn a_summary_in_words() {
    let words = [
        PUBLIC,
        "--loss-column",
        "loss_c4_val",
        "--filter-column",
        "train_dataset",
        "--filter-value",
        "rpj",
    ];
    // The answer begins with the name of the file, as it was typed.
    let text = |words: &[&str]| text(words).replace(PUBLIC, "openlm-104-models.csv");
    insta::assert_snapshot!(
        "public runs",
        text(&[&words[..], &["--compute", "1e21,1e23"]].concat())
    );
    // Runs of one shape err together; the law of sparse features; one exponent.
    let grouped = ["--group-column", "model", "--bootstrap", "199"];
    insta::assert_snapshot!(
        "sparse law",
        text(
            &[&words[..], &["--law", "sparse", "--objective", "log-squares", "--bootstrap", "0"]]
                .concat()
        )
    );
    insta::assert_snapshot!(
        "one exponent",
        text(&[&words[..], &["--law", "tied", "--floor", "zero", "--seed", "2"]].concat())
    );
    insta::assert_snapshot!(
        "groups",
        text(&[&words[..], &["--level", "0.9"], &grouped[..]].concat())
    );
}

#[test]
fn csv_has_a_row_per_parameter_or_budget() {
    let parameters = text(&[SYNTHETIC, "--csv", "--bootstrap", "0"]);
    assert_eq!(parameters.lines().count(), 7);
    assert!(parameters.starts_with("parameter,estimate,lower,upper\ne,1.83"));
    let budgets = text(&[SYNTHETIC, "--csv", "--bootstrap", "99", "--compute", "1e20..1e22:3log"]);
    assert_eq!(budgets.lines().count(), 4);
    assert!(budgets.starts_with("compute,features,features_lower,"));
}

#[test]
fn the_plot_is_a_figure() {
    let path = folder("plot").join("fit.svg");
    text(&[SYNTHETIC, "--bootstrap", "0", "--plot", path.to_str().unwrap()]);
    let svg = std::fs::read_to_string(&path).unwrap();
    assert!(svg.starts_with("<svg") && svg.contains("Training runs and their law"));
}

/// A file of the data of asymscale-tables.
fn case(name: &str) -> String {
    format!("{}/../asymscale-tables/tests/data/fit/{name}", env!("CARGO_MANIFEST_DIR"))
}

/// The optimum and the verdict are one: the law of the first file has its best N below that of the
/// largest run (2.7 times, by its README), though most of the loss there is in the term in N.
#[test]
fn what_limits_is_what_the_optimum_says() {
    let answer = json(&[&case("limits_contradiction.csv")]);
    let at = |name: &str| answer["plan"][0][name].as_f64().unwrap();
    let factor = answer["limits"]["features"].as_f64().unwrap() / at("features");
    assert!((factor - 2.7).abs() < 0.4, "{factor}");
    assert_eq!(answer["limits"]["limited_by"], "samples");
    assert!(
        answer["limits"]["features_share"].as_f64() > answer["limits"]["samples_share"].as_f64()
    );
    let words = text(&[&case("limits_contradiction.csv")]);
    assert!(words.contains("Too little data limits the loss at the largest run"), "{words}");
    assert!(
        at("ratio_lower") < at("ratio") && at("ratio") < at("ratio_upper") && at("lost") > 0.01,
        "{answer}"
    );
}

/// Where there is nothing to fit, or something else than a law of losses, the answer says so and
/// what to do.
#[test]
fn tables_without_a_law_are_told() {
    let said = |name: &str, more: &[&str]| text(&[&[case(name).as_str()][..], more].concat());
    for name in ["noise.csv", "constant.csv"] {
        let words = said(name, &[]);
        assert!(words.contains("The loss depends on neither N nor D beyond its errors"), "{words}");
        assert!(!words.contains("The exponent in") && !words.contains("best are"), "{words}");
    }
    let accuracy = said("accuracy.csv", &["--loss-column", "accuracy"]);
    assert!(
        accuracy.contains("The loss rises with N") && accuracy.contains("--transform complement"),
        "{accuracy}"
    );
    let complement =
        said("accuracy.csv", &["--loss-column", "accuracy", "--transform", "complement"]);
    assert!(complement.contains("The exponent in N is"), "{complement}");
    let perplexity =
        json(&[&case("perplexity.csv"), "--loss-column", "perplexity", "--transform", "ln"]);
    assert!(
        (perplexity["parameters"]["alpha"].as_f64().unwrap() - 0.35).abs() < 0.05,
        "{perplexity}"
    );
    let refused =
        fit(&[&case("perplexity.csv"), "--loss-column", "perplexity", "--transform", "complement"]);
    assert_eq!(refused.status.code(), Some(2));
    let message = String::from_utf8(refused.stderr).unwrap();
    assert!(
        message.contains("--transform complement: the loss is ")
            && message.contains("must be in (0, 1)"),
        "{message}"
    );
}

#[test]
fn what_is_odd_in_a_table_is_said() {
    let warned = |name: &str, more: &[&str], what: &str| {
        let words = text(&[&[case(name).as_str()][..], more].concat());
        assert!(
            words.lines().any(|line| line.starts_with("warning: ") && line.contains(what)),
            "{name}: {words}"
        );
    };
    warned(
        "exact_duplicates.csv",
        &[],
        "25 rows repeat an earlier one in N, D and loss (lines 27 to 51)",
    );
    warned("checkpoints.csv", &[], "runs of the same N err alike from one D to the next");
    warned("sweep.csv", &[], "216 runs share 12 sizes (N, D)");
    // Of few groups no p-value is told, in words and in JSON.
    let mut few = "run,N,D,loss\n".to_owned();
    for (k, line) in grid(36).lines().skip(1).enumerate() {
        writeln!(few, "{},{line}{}", k % 9, k * k % 7).unwrap();
    }
    let path = folder("few").join("runs.csv");
    std::fs::write(&path, few).unwrap();
    let words = [path.to_str().unwrap(), "--group-column", "run", "--bootstrap", "99"];
    let said = text(&words);
    assert!(
        said.contains(
            "Whether they differ is not told: with 9 groups no test of it keeps its size; it takes 14."
        ),
        "{said}"
    );
    assert!(json(&words)["symmetry"]["p_value"].is_null());
    let envelope = json(&[&case("sweep.csv"), "--best", "lower-envelope"]);
    assert_eq!(envelope["rows"], 12);
    let outlier = text(&[&case("outlier_11.csv")]);
    assert!(outlier.contains("Far off the law is line 8 (+217 %)"), "{outlier}");
    let six = text(&[&case("six.csv")]);
    assert!(
        six.contains("is not known with fewer than 9 rows") && six.contains("profile intervals"),
        "{six}"
    );
    let ladder = fit(&[&case("ladder20.csv")]);
    assert_eq!(ladder.status.code(), Some(2));
    let message = String::from_utf8(ladder.stderr).unwrap();
    assert!(
        message.contains(
            "every run has 20.0000 samples per feature, so that nothing separates N from D: vary it"
        ),
        "{message}"
    );
}

/// Bad tables and flags: exit code 2, nothing on standard output, a message that names the file,
/// the flag or the rows.
#[test]
fn every_refusal() {
    let folder = folder("refused");
    let lines: Vec<String> = grid(30).lines().map(str::to_owned).collect();
    let with = |row: usize, line: &str| {
        let mut lines = lines.clone();
        lines[row] = line.to_owned();
        lines.join("\n") + "\n"
    };
    let few = |keep: fn(usize) -> bool| {
        let kept: Vec<&str> = lines
            .iter()
            .enumerate()
            .filter(|(row, _)| *row == 0 || keep(*row))
            .map(|(_, line)| line.as_str())
            .collect();
        kept.join("\n") + "\n"
    };
    let collinear = |k: i32| {
        format!("{},{},{}\n", 1e7 * 2f64.powi(k), 2e8 * 2f64.powi(k), 5.0 - 0.1 * f64::from(k))
    };
    let one_size = |k: i32| format!("1e7,{k}e9,{}\n", 4.0 - 0.1 * f64::from(k));
    let files = [
        ("good.csv", grid(30)),
        ("empty.csv", String::new()),
        ("header.csv", "N,D,loss\n".to_owned()),
        ("ragged.csv", "N,D,loss\n1,2\n3,4,5,6\n".to_owned()),
        ("names.csv", "params,tokens,loss\n1,2,3\n".to_owned()),
        ("word.csv", with(7, "1e7,1e9,n/a")),
        ("gap.csv", with(7, "1e7,,3.0")),
        ("negative.csv", with(7, "1e7,1e9,-3.0")),
        ("nan.csv", with(4, "1e7,NaN,3.0")),
        ("zeros.csv", with(4, "0,1e9,3.0")),
        ("five.csv", few(|row| row <= 5)),
        ("one-n.csv", "N,D,loss\n".to_owned() + &(1..9).map(one_size).collect::<String>()),
        ("one-d.csv", few(|row| row <= 6)),
        ("line.csv", "N,D,loss\n".to_owned() + &(0..9).map(collinear).collect::<String>()),
        ("table.parquet", "no parquet at all".to_owned()),
    ];
    for (name, content) in &files {
        std::fs::write(folder.join(name), content).unwrap();
    }
    let mut questions: Vec<String> =
        files[1..].iter().map(|(name, _)| (*name).to_owned()).collect();
    questions.extend(["missing.csv", "names.csv --features-column params"].map(str::to_owned));
    let flags = [
        "--loss-column perplexity",
        "--group-column run",
        "--filter-column set --filter-value web",
        "--filter-column loss --filter-value web",
        "--filter-column loss",
        "--filter-value web",
        "--filter-column N --filter-value 1e7 --filter-column D --filter-value 1e9 --filter-value 4e9",
        "--compute-column N",
        "--samples-unit parsec",
        "--bad-rows keep",
        "--max-bytes 100",
        "--max-bytes 0",
        "--group-column N --bootstrap 0",
        "--group-column D --bootstrap 99",
        "--law power",
        "--floor 2.5",
        "--floor two",
        "--interval wald",
        "--best median",
        "--transform logit",
        "--transform odds",
        "--penalty 0",
        "--penalty 0.1 --objective squares",
        "--objective absolute",
        "--delta 0",
        "--compute -1",
        "--compute 1e3..1",
        "--factor 0",
        "--bootstrap 7",
        "--bootstrap -1",
        "--bootstrap 99 --level 0.999",
        "--level 1",
        "--level 0.9999",
        "--seed x",
        "--json --csv",
        "--plot missing/fit.svg",
    ];
    questions.extend(flags.map(|flags| format!("good.csv {flags}")));
    let mut messages = String::new();
    for question in &questions {
        let mut command = Command::new(env!("CARGO_BIN_EXE_asymscale"));
        let output =
            command.current_dir(&folder).arg("fit").args(question.split(' ')).output().unwrap();
        assert_eq!(output.status.code(), Some(2), "{question}: {output:?}");
        assert!(output.stdout.is_empty(), "{question}");
        let text = String::from_utf8_lossy(&output.stderr);
        let first: Vec<&str> = text.lines().take_while(|line| !line.is_empty()).collect();
        writeln!(messages, "{question}\n    {}", first.join("\n    ")).unwrap();
    }
    insta::assert_snapshot!("refusals", messages);
}
