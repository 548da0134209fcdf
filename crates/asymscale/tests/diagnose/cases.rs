//! Tables of known populations and of edges, each with its right answer.

use super::{json, run, text};
use serde_json::Value;
use std::path::{Path, PathBuf};

/// The tables that the readers are tested with; what they are stands in `README.md` there.
fn tables() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../asymscale-tables/tests/data/diagnose")
}

/// Tables, and what is said of them.
const CASES: [(&str, &str); 40] = [
    ("preseq_hist.txt", "--samples 2000"),
    ("preseq_hist.csv", "--samples 2000"),
    ("hist_header.csv", "--samples 2000"),
    ("breakaway_hist.csv", "--samples 2000"),
    ("vals_header.csv", "--samples 2000"),
    ("vals_header.csv", "--samples 2000 --of 300 --until 0.5,1 --times 1,5"),
    ("vals_header.csv", "--samples 2000 --alpha 1.5 --rate 0.1"),
    ("vals_thousands.csv", "--samples 1000000"),
    ("sae_density.csv", "--samples 1000000 --scale density"),
    ("sae_counts_zeros.csv", "--samples 1000000"),
    ("moe_balanced_50.csv", "--samples 50"),
    ("moe_balanced_50.csv", "--samples 50 --until 0.9,1 --times 1,10"),
    ("finite_dictionary.csv", "--samples 10000"),
    ("finite_dictionary.csv", "--samples 10000 --until 1 --times 3"),
    ("uniform500.csv", "--samples 1000"),
    ("uniform500.csv", "--samples 1000 --of 500"),
    ("zipf_full.csv", "--samples 20000"),
    ("zipf_min2.csv", "--samples 20000"),
    ("zipf_min5.csv", "--samples 20000"),
    ("zipf_min5.csv", "--samples 20000 --seen-at-least 5"),
    ("zipf_top1000.csv", "--samples 20000"),
    ("bird_like.csv", "--samples 35549"),
    ("all_one.csv", "--samples 8192"),
    ("all_three.csv", "--samples 8192"),
    ("all_D.csv", "--samples 100"),
    ("all_D.csv", "--samples 100 --of 50 --until 1"),
    ("all_big.csv", "--samples 8192"),
    ("ones_twos.csv", "--samples 2000"),
    ("one_feature.csv", "--samples 2000"),
    ("one_feature.csv", "--samples 2000 --of 2 --until 1"),
    ("one_feature_5.csv", "--samples 2000"),
    ("one_two.csv", "--samples 2000"),
    ("five.csv", "--samples 2000"),
    ("moments.csv", "--samples 2000 --moment-column m2 --rate 0.05"),
    ("moments_active.csv", "--samples 2000 --moment-column m2 --moments active --rate 0.05"),
    ("moments_active.csv", "--samples 2000 --moment-column m2"),
    ("matrix.csv", "--matrix features-by-samples"),
    ("pq_int32.parquet", "--samples 2000"),
    ("pq_decimal.parquet", "--samples 2000"),
    ("pq_dict.parquet", "--samples 2000"),
];

fn words(table: &str, flags: &str) -> String {
    text(&run(&tables(), &format!("diagnose {table} {flags}")))
}

/// Every number of a diagnosis.
fn numbers(value: &Value, found: &mut Vec<f64>) {
    match value {
        Value::Number(number) => found.extend(number.as_f64()),
        Value::Array(values) => values.iter().for_each(|value| numbers(value, found)),
        Value::Object(fields) => fields.values().for_each(|value| numbers(value, found)),
        _ => {}
    }
}

/// No word for what is no number, in any form of the answer; new features at most those that are
/// left; unseen activity never rises; intervals hold their values.
#[test]
fn every_case_is_answered_and_every_answer_is_possible() {
    for (table, flags) in CASES {
        let summary = words(table, flags);
        let rows = text(&run(
            &tables(),
            &format!("diagnose {table} {flags} --factors 1.2,2,4,16,100 --csv"),
        ));
        for form in [&summary, &rows] {
            let fields = form.split(|c: char| !(c.is_alphanumeric() || "+-._".contains(c)));
            let no_number = |field: &&str| {
                ["inf", "-inf", "nan", "-0", "-0.0"].contains(&field.to_lowercase().as_str())
            };
            assert_eq!(fields.clone().find(no_number), None, "{table} {flags}:\n{form}");
        }
        for wrong in [
            " 1 features",
            " 1 samples",
            " 1 groups",
            " 1 epochs",
            "not known, at most 0",
            "dimensionless",
        ] {
            assert!(!summary.contains(wrong), "{table} {flags}: {wrong:?} in\n{summary}");
        }
        let answer = json(&tables(), &format!("diagnose {table} {flags}"));
        let mut all = Vec::new();
        numbers(&answer, &mut all);
        assert!(
            all.iter()
                .all(|number| number.is_finite() && !(*number == 0.0 && number.is_sign_negative()))
        );
        possible(&rows, answer["never_active"].as_f64(), &format!("{table} {flags}"));
    }
}

fn possible(rows: &str, left: Option<f64>, case: &str) {
    let mut before: Option<[f64; 3]> = None;
    for line in rows.lines().skip(1) {
        let fields: Vec<&str> = line.split(',').collect();
        let number = |at: usize| fields[at].parse::<f64>().ok();
        assert_eq!(fields[7] == "not_known", fields[3].is_empty(), "{case}: {line}");
        let (Some(value), Some(lower), Some(upper)) = (number(3), number(4), number(5)) else {
            continue;
        };
        assert!(0.0 <= lower && lower <= value && value <= upper, "{case}: {line}");
        match fields[2] {
            "new_features" => assert!(upper <= left.unwrap_or(f64::INFINITY), "{case}: {line}"),
            "unseen_activity" => {
                if let Some(before) = before {
                    // To the last digits: the order of sums differs.
                    let rises = [value, lower, upper]
                        .iter()
                        .zip(before)
                        .any(|(now, then)| *now > then * (1.0 + 1e-12));
                    assert!(!rises, "{case}: unseen activity rises in {line}");
                }
                before = Some([value, lower, upper]);
            }
            _ => {}
        }
    }
}

/// What each table is known to hold stands beside it.
#[test]
fn answers_are_right_where_the_truth_is_known() {
    let of = |table: &str, flags: &str| {
        json(&tables(), &format!("diagnose {table} {flags} --factors 16"))
    };
    let ahead = |answer: &Value, quantity: &str| answer["forecasts"][0][quantity].clone();
    let holds = |estimate: &Value, truth: f64| {
        let [lower, upper] = ["lower", "upper"].map(|end| estimate[end].as_f64());
        lower.is_some_and(|lower| lower <= truth) && upper.is_some_and(|upper| truth <= upper)
    };
    // p = min(1, (3/i)^1.3), i ≤ 200 000: at 16 times the data 73 781 new, 0.142 activations a
    // sample unseen.
    let zipf = of("zipf_full.csv", "--samples 20000");
    assert!(holds(&ahead(&zipf, "new_features")["estimate"], 73_781.0), "{zipf}");
    assert!(holds(&ahead(&zipf, "unseen_activity")["estimate"], 0.142), "{zipf}");
    // 1024 experts of equal load, one not yet seen; a law of finitely many says that it comes.
    let experts = of("moe_balanced_50.csv", "--samples 50 --until 1");
    assert!(
        ahead(&experts, "new_features")["estimate"]["upper"].as_f64() == Some(1.0),
        "{experts}"
    );
    assert_eq!(
        (&experts["population"], &experts["until"][0]["answer"]),
        (&"saturated".into(), &"ahead".into())
    );
    // 500 equal species, 433 of them seen: the rest is about to come, and no rare ones limit.
    let equal = of("uniform500.csv", "--samples 1000");
    assert!(holds(&ahead(&equal, "new_features")["estimate"], 67.0), "{equal}");
    assert!(
        equal["population"] != "growing" && holds(&equal["richness"]["at_least"], 500.0),
        "{equal}"
    );
    // All were seen.
    let all = of("all_D.csv", "--samples 100 --of 50");
    assert_eq!(all["population"], "complete");
    assert_eq!(ahead(&all, "new_features")["estimate"]["upper"].as_f64(), Some(0.0));
    // Rare features were left out: nothing is said of those never active, unless what was kept is
    // said.
    for table in ["zipf_min2.csv", "zipf_min5.csv", "zipf_top1000.csv"] {
        let cut = of(table, "--samples 20000");
        assert_eq!(cut["population"], "cut_off", "{table}");
        assert_eq!(
            (&cut["unseen_activity"], &ahead(&cut, "new_features")["estimate"]),
            (&Value::Null, &Value::Null)
        );
        assert!(cut["caveats"][0].as_str().unwrap().contains("--seen-at-least"), "{table}");
    }
    let kept = of("zipf_min5.csv", "--samples 20000 --seen-at-least 5");
    let share = &zipf["unseen_activity_share"]["value"].as_f64().unwrap();
    // 13 % of activations are of features active less than 5 times, 4.7 % of features never active.
    let all = zipf["total_activity"].as_f64().unwrap();
    let rest = kept["total_activity"].as_f64().unwrap();
    let truth = share * all / (rest + share * all);
    assert!(
        kept["unseen_activity_share"].is_null() || holds(&kept["unseen_activity_share"], truth),
        "{kept}"
    );
    // Means over active samples, given as those over all, are noticed.
    let mistaken = of("moments_active.csv", "--samples 2000 --moment-column m2");
    assert!(
        mistaken["caveat_values"].to_string().contains("look_active"),
        "{}",
        mistaken["caveats"]
    );
    let [said, meant] = [("moments.csv", ""), ("moments_active.csv", " --moments active")]
        .map(|(table, flags)| of(table, &format!("--samples 2000 --moment-column m2{flags}")));
    assert_eq!(said["forecasts"], meant["forecasts"]);
}

/// What a reader meets, of one table of each kind.
#[test]
fn telling_cases_are_read_aloud() {
    for (name, table, flags) in [
        ("growing_or_ending", "zipf_full.csv", "--samples 20000"),
        ("experts", "moe_balanced_50.csv", "--samples 50 --until 0.9,1 --times 1,10"),
        ("equal", "uniform500.csv", "--samples 1000 --of 500 --until 1"),
        ("saturated", "bird_like.csv", "--samples 35549"),
        ("cut_off", "zipf_top1000.csv", "--samples 20000"),
        ("complete", "all_D.csv", "--samples 100 --of 50 --rate 0.1"),
        ("moments", "moments.csv", "--samples 2000 --moment-column m2 --rate 0.05"),
        ("one", "one_feature.csv", "--samples 2000"),
    ] {
        insta::assert_snapshot!(name, words(table, flags));
    }
}

/// The README shows an answer as it is.
#[test]
fn the_readme_shows_what_is_answered() {
    let readme =
        std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md")).unwrap();
    let answer = words("moe_balanced_50.csv", "--samples 50 --until 0.9,1 --times 1,10");
    let shown = answer.trim_end().replacen("moe_balanced_50.csv", "loads.csv", 1);
    assert!(readme.contains(&shown), "{shown}");
}

/// Every kind of figure is drawn: saturated, cut off, without anything unseen, of a single feature.
#[test]
fn figures_are_drawn_of_every_case() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("diagnose-figures");
    std::fs::create_dir_all(&folder).unwrap();
    for (number, (table, flags)) in CASES.iter().enumerate() {
        let figure = folder.join(format!("{number}.svg"));
        words(table, &format!("{flags} --plot {}", figure.display()));
        let svg = std::fs::read_to_string(&figure).unwrap();
        assert!(
            svg.contains("counts") && !svg.contains("NaN") && !svg.contains("dimensionless"),
            "{table} {flags}"
        );
    }
}
