//! The `asymscale` command as a person or a script meets it.

mod common;

use std::fmt::Write as _;

use common::{json, run};

fn close(value: &serde_json::Value, expected: f64, relative: f64) {
    let value = value.as_f64().unwrap();
    assert!((value / expected - 1.0).abs() < relative, "{value} is not {expected}");
}

/// Reference values of an independent implementation in double precision, good to 1e-6.
#[test]
fn loss_gives_the_reference_values() {
    let point = json("loss --alpha 1 --beta 1.5 --onset 1 --features 20 --samples 100");
    close(&point["loss"], 0.23779840144229494, 1e-6);
    let rademacher =
        json("loss --alpha 1 --beta 1.5 --features 20 --samples 100 --amplitude rademacher");
    close(&rademacher["loss"], 0.1823935707316963, 1e-6);
    let endless = json("loss --alpha 1 --beta 0 --features 100 --samples inf");
    close(&endless["loss"], 0.024429109183182973, 1e-6);
    assert!(endless["samples"].is_null() && endless["samples_infinite"] == true);
}

#[test]
fn lists_and_ranges_give_arrays_and_single_numbers_objects() {
    let single = json("loss --alpha 1 --beta 1.5 --features 20 --samples 100");
    assert!(
        single.is_object() && single["regime"].is_string() && single["reliability"].is_string()
    );
    let many = json("loss --alpha 1 --beta 1.5 --features 10..1000:3log --samples 100,200");
    assert_eq!(many.as_array().unwrap().len(), 6);
    assert_eq!(json("coverage --alpha 1 --beta 1.5 --samples 10,20").as_array().unwrap().len(), 2);
    assert_eq!(
        json("simulate --alpha 1 --beta 1.5 --features 9 --samples 20 --repeats 2")
            .as_array()
            .unwrap()
            .len(),
        1
    );
}

#[test]
fn lists_are_answered_as_they_stand_and_ranges_say_what_they_lack() {
    let sizes = |words: &str| {
        let points = json(words);
        points
            .as_array()
            .unwrap()
            .iter()
            .map(|p| p["features"].as_u64().unwrap())
            .collect::<Vec<_>>()
    };
    assert_eq!(sizes("loss --alpha 1 --beta 1.5 --samples 100 --features 8,8,16,8"), [8, 8, 16, 8]);
    let points = json("simulate --alpha 1 --beta 1.5 --samples 40 --repeats 2 --features 8,8,16,8");
    assert_eq!(points.as_array().unwrap().len(), 4);
    assert_eq!((&points[0], &points[0]), (&points[1], &points[3]));
    let output =
        run("simulate --alpha 1 --beta 1.5 --samples 40 --repeats 2 --features 1..2:100lin --csv");
    let note = String::from_utf8_lossy(&output.stderr);
    assert_eq!(
        note.trim(),
        "note: range \"1..2:100lin\" holds 2 whole numbers, not 100: each is taken once"
    );
    assert_eq!(String::from_utf8_lossy(&output.stdout).lines().count(), 3);
}

/// Models whose large entries are hardly ever where their limit law has them: an answer, and soon.
#[test]
fn rare_instabilities_are_answered_for_any_level() {
    for words in [
        "--alpha 0.1 --beta 2 --coordinates 10 --samples 4 --rate 1e-2",
        "--alpha 1 --beta 20 --samples 3 --rate 10",
        "--alpha 1 --beta 3 --samples 128 --rate 1e6",
    ] {
        let point = json(&format!("instability {words} --simulate --repeats 20"));
        let of = |key: &str| point[key].as_f64().unwrap();
        assert!(
            of("probability") >= of("low") && of("probability") <= of("high"),
            "{words}: {point}"
        );
    }
    // A single entry of these makes a step unstable.
    let large =
        json("instability --alpha 1 --beta 3 --samples 128 --rate 1e6 --simulate --repeats 20");
    assert_eq!(large["probability"], 1.0);
}

#[test]
fn coverage_names_seen_unseen_threshold_rank_and_crossover() {
    let point = json("coverage --alpha 1 --beta 1.5 --onset 3 --samples 512");
    close(&point["rank"], 398.3922685809499, 1e-5);
    let threshold = point["threshold"].as_f64().unwrap();
    assert!(threshold <= 512.0 && threshold >= point["rank"].as_f64().unwrap());
    assert!(point["seen"].is_number() && point["unseen_mass"].is_number());
    // No crossover without sparsity.
    assert_eq!(json("coverage --alpha 1 --beta 0.5 --samples 100")["crossover_infinite"], true);
}

#[test]
fn a_simulation_agrees_with_theory_and_repeats_itself() {
    let words = "simulate --alpha 1 --beta 1.5 --onset 20 --features 30,512 --samples 128 --repeats 24 --seed 3";
    let points = json(words);
    assert_eq!(points, json(words));
    for point in points.as_array().unwrap() {
        let features = point["features"].as_u64().unwrap();
        let theory = json(&format!(
            "loss --alpha 1 --beta 1.5 --onset 20 --features {features} --samples 128"
        ));
        let (mean, error) =
            (point["mean"].as_f64().unwrap(), point["standard_error"].as_f64().unwrap());
        let distance = (mean - theory["loss"].as_f64().unwrap()).abs();
        // Four standard errors, and 3 % for the finite size of the theory at 128 samples.
        assert!(distance < 4.0 * error + 0.03 * mean, "N = {features}: {distance} against {error}");
        assert_eq!((&point["repeats"], &point["method"]), (&24.into(), &"averaged".into()));
        let (low, high) = (point["low"].as_f64().unwrap(), point["high"].as_f64().unwrap());
        // Losses are skewed to the right: so is the interval.
        assert!(mean - low > 2.0 * error && high - mean > mean - low, "{point}");
        assert!(point["rank_mean"].as_f64().unwrap() <= 128.0);
    }
}

#[test]
fn nonlinear_features_are_simulated_beside_linear_ones() {
    let words =
        "simulate --alpha 1 --beta 1.5 --samples 64 --repeats 8 --inputs 400 --features 16,inf";
    let points = json(&format!("{words} --activation relu"));
    assert_eq!(
        (&points[0]["activation"], &points[1]["features_infinite"]),
        (&"relu".into(), &true.into())
    );
    for point in points.as_array().unwrap() {
        let value = |key: &str| point[key].as_f64().unwrap();
        // Linear features are the Bayes risk at N = inf; ReLU loses about 1.4 times as much.
        assert!(
            value("mean") > value("linear") && value("mean") < 3.0 * value("linear"),
            "{point}"
        );
        assert!(value("input_error") < value("standard_error") && point["repeats"] == 8);
    }
    let linear = json(&format!("{words} --activation identity"));
    close(&linear[1]["mean"], linear[1]["linear"].as_f64().unwrap(), 1e-5);
    assert!(
        json(&words.replace("16,inf", "300 --activation tanh --scale 2"))[0]["mean"].is_number()
    );
}

#[test]
fn descent_agrees_with_its_simulation() {
    for features in ["inf", "64"] {
        let words = format!(
            "descent --alpha 1 --beta 1.5 --onset 20 --samples 128 --rate 0.5 --steps 100,10000 --features {features} --repeats 32"
        );
        let points = json(&words);
        assert_eq!(points[0]["step"], 100);
        for point in points.as_array().unwrap() {
            let value = |key: &str| point[key].as_f64().unwrap();
            // Four standard errors, and 3 % for the finite size of the theory and the step.
            let allowed = 4.0 * value("standard_error") + 0.03 * value("loss");
            assert!((value("loss") - value("simulated")).abs() < allowed, "{point}");
        }
    }
    // Too large a step is seen to diverge.
    let points =
        json("descent --alpha 1 --beta 1.5 --samples 20 --rate 9 --steps 1,100000 --repeats 2");
    assert_eq!(points[1]["simulated_infinite"], true);
}

#[test]
fn means_are_null_where_they_do_not_exist() {
    // Dense data: the rank is the number of samples.
    let points = json(
        "simulate --alpha 1 --beta 0 --coordinates 200 --features 40,20 --samples 20 --repeats 4",
    );
    assert!(
        points[0]["mean"].is_number()
            && points[1]["mean"].is_null()
            && points[1]["standard_error"].is_null()
    );
    assert_eq!(points[1]["median_infinite"], true);
    // Single draws have a median there.
    let drawn = json(
        "simulate --alpha 1 --beta 0 --coordinates 200 --features 20 --samples 20 --repeats 4 --method conditional",
    );
    assert!(
        drawn[0]["mean"].is_null()
            && drawn[0]["median"].is_number()
            && drawn[0]["truncation"] == 0.0
    );
}

/// Sizes that no dense matrix of samples by coordinates would allow: 14 GB and 1 GB.
#[test]
fn a_million_samples_by_either_route() {
    let words =
        "simulate --alpha 1 --beta 2 --samples 1000000 --repeats 1 --features 160,inf --method";
    let [dense, probed] =
        ["averaged", "iterative"].map(|method| json(&format!("{words} {method}")));
    let value =
        |points: &serde_json::Value, n: usize, name: &str| points[n][name].as_f64().unwrap();
    let error = value(&probed, 0, "probe_error");
    // One design by both: four standard errors of 32 probes, far below 0.1 % of the loss, and the
    // order that probes leave out. For that 0.7/(N − df₂) of the loss is allowed; at α = 1, df₂ is
    // half of N, which makes 0.9 %.
    let (far, order) =
        (value(&dense, 0, "mean") - value(&probed, 0, "mean"), value(&probed, 0, "truncation"));
    assert!(
        far.abs() < 4.0 * error + order && order < 0.01 * value(&probed, 0, "mean"),
        "{far} {order}"
    );
    assert!(error > 0.0 && error < 1e-3 * value(&probed, 0, "mean"));
    assert_eq!((value(&dense, 0, "probe_error"), value(&probed, 1, "probe_error")), (0.0, 0.0));
    assert!(dense[1]["features_infinite"] == true && probed[1]["features_infinite"] == true);
    close(&probed[1]["mean"], value(&dense, 1, "mean"), 1e-12);
}

/// Reference values of an independent implementation, good to 1e-8; the simulation within its own
/// error (|z| < 3.5, seed 1).
#[test]
fn instability_by_the_law_and_by_simulation() {
    let point = json("instability --alpha 1 --beta 2.5 --samples 256 --rate 0.3");
    close(&point["probability"], 5.149839989659802e-7, 1e-6);
    assert_eq!(point["method"], "diagonal law");
    close(&point["samples_exponent"], -2.0, 1e-12);
    let mild = json("instability --alpha 1 --beta 1.5 --samples 16,64 --rate 0.8");
    close(&mild[0]["probability"], 0.0007785914188802124, 1e-6);
    assert!(mild[0]["asymptote"].is_null());
    let rare = json("instability --alpha 1 --beta 2.5 --samples 256 --rate 0.3 --simulate");
    let of = |point: &serde_json::Value, key: &str| point[key].as_f64().unwrap();
    assert_eq!(rare["method"], "importance sampling");
    assert!(
        (of(&rare, "probability") - 5.15e-7).abs()
            < 3.5 * of(&rare, "standard_error") + 0.01 * 5.15e-7
    );
    assert!(of(&rare, "effective_samples") > 50.0);
    let plain = json(
        "instability --alpha 0.5 --beta 2.5 --samples 32 --rate 1.2 --simulate --repeats 2000",
    );
    assert_eq!(plain["method"], "monte carlo");
    let features = json(
        "instability --alpha 0.5 --beta 2.5 --samples 32 --rate 1.2 --simulate --repeats 2000 --features 8",
    );
    assert!(of(&features, "low") > of(&plain, "high"));
}

#[test]
fn the_frontier_splits_budgets() {
    let words = "frontier --alpha 1 --beta 1.5 --compute 1e3,1e4";
    let points = json(words);
    for (point, (compute, loss)) in
        points.as_array().unwrap().iter().zip([(1e3, 0.188), (1e4, 0.0768)])
    {
        // Three digits are given.
        close(&point["loss"], loss, 5e-3);
        let product = point["features"].as_f64().unwrap() * point["samples"].as_f64().unwrap();
        assert!((product / compute - 1.0).abs() < 1e-12);
        assert_eq!(point["branch"], "overparameterized");
        assert_eq!(point["samples_exponent"], 0.6);
    }
    // A factor on both sides changes nothing.
    let single = json("frontier --alpha 1 --beta 1.5 --compute 6e3 --factor 6");
    assert_eq!(single["loss"], points[0]["loss"]);
    let ridged = json("frontier --alpha 1 --beta 1.5 --compute 1e3 --ridge optimal");
    assert!(
        ridged["loss"].as_f64() < single["loss"].as_f64() && ridged["ridge"].as_f64() > Some(0.0)
    );
}

#[test]
fn csv_has_a_row_per_point() {
    let output = run("loss --alpha 1 --beta 1.5 --features 10,20,inf --samples 100 --csv");
    let text = String::from_utf8(output.stdout).unwrap();
    assert_eq!(text.lines().count(), 4);
    assert!(text.starts_with("features,samples,loss,") && text.contains("\ninf,100,"));
}

/// Bad input: exit code 2, nothing on standard output, and a message with the flag, the value and
/// the allowed range.
#[test]
fn bad_input_is_refused() {
    let model = "--alpha 1 --beta 1.5";
    let questions = [
        "loss --alpha 0 --beta 1.5 --features 10 --samples 10".to_owned(),
        "loss --alpha NaN --beta 1.5 --features 10 --samples 10".to_owned(),
        "loss --alpha 1 --beta -1 --features 10 --samples 10".to_owned(),
        "loss --alpha 1 --beta 1.5 --onset 0 --features 10 --samples 10".to_owned(),
        format!("loss {model} --features 0 --samples 10"),
        format!("loss {model} --features 10 --samples 0"),
        format!("loss {model} --features 10 --samples 10 --ridge -1"),
        format!("loss {model} --features 10..5:3 --samples 10"),
        format!("loss {model} --features 10 --samples 10 --amplitude uniform"),
        format!("coverage {model} --samples 2.5"),
        format!("simulate {model} --features 10 --samples 0"),
        "simulate --alpha 1 --beta 1 --features 10 --samples 10".to_owned(),
        format!("simulate {model} --features inf --samples 10 --method conditional"),
        format!("simulate {model} --features 10 --samples 10 --method guess"),
        format!("simulate {model} --features 10 --samples 10 --method iterative --probes 1"),
        format!("simulate {model} --features 10 --samples 200000 --repeats 1 --method conditional"),
        format!("simulate {model} --features 10 --samples 10 --repeats 0"),
        format!("simulate {model} --features 10 --samples 10 --activation cube"),
        format!("simulate {model} --features 8 --samples 10 --method iterative --teachers 3"),
        format!("simulate {model} --features 8 --samples 10 --method explicit --probes 8"),
        format!("simulate {model} --features 8 --samples 10 --probes 1"),
        format!("simulate {model} --features inf --samples 10 --activation tanh --scale 99"),
        format!("simulate {model} --features 10 --samples 10 --activation relu --inputs 3"),
        format!("simulate {model} --features 10 --samples 10 --activation relu --inputs 0"),
        format!("simulate {model} --features 10 --samples 10 --activation relu --scale 0"),
        format!("simulate {model} --features 10 --samples 10 --activation relu --method explicit"),
        format!("simulate {model} --features 10 --samples 10 --activation relu --teachers 3"),
        format!("simulate {model} --features 10 --samples 10 --activation relu --noise 0.1"),
        format!("simulate {model} --features 10 --samples 10 --inputs 100"),
        format!("simulate {model} --features 10 --samples 10 --teachers 3"),
        format!("instability {model} --samples 10 --rate 0"),
        format!("instability {model} --samples 10 --rate -0.5"),
        format!("instability {model} --samples 0 --rate 0.5"),
        format!("instability {model} --samples inf --rate 0.5"),
        format!("instability {model} --samples 10 --rate 0.5 --features 8"),
        format!("instability {model} --samples 10 --rate 0.5 --simulate --features 0"),
        format!("instability {model} --samples 10 --rate 0.5 --simulate --repeats 0"),
        format!("instability {model} --samples 10 --rate 0.5 --simulate --threshold-share 1.5"),
        "instability --alpha 1 --beta 1 --samples 10 --rate 0.5 --simulate".to_owned(),
        format!("frontier {model} --compute 0"),
        format!("frontier {model} --compute 1e3,inf"),
        format!("frontier {model} --compute 1e3,5 --factor 6"),
        format!("frontier {model} --compute 1e3 --factor 0"),
        format!("frontier {model} --compute 1e3 --ridge best"),
        format!("frontier {model} --compute 1e3 --noise -1"),
        format!("descent {model} --samples 10 --rate 0 --steps 1"),
        format!("descent {model} --samples 10 --rate NaN --steps 1"),
        format!("descent {model} --samples 10 --rate 0.5 --steps -1"),
        format!("descent {model} --samples 10 --rate 0.5 --steps inf"),
        format!("descent {model} --samples 10 --rate 0.5 --steps ,"),
        format!("descent {model} --samples 0 --rate 0.5 --steps 1"),
        format!("descent {model} --samples 10 --rate 0.5 --steps 1 --features 10,2e5"),
        "descent --alpha 1 --beta 0 --samples 10 --rate 0.5 --steps 1".to_owned(),
        format!("descent {model} --samples 1e6 --rate 0.5 --steps 1"),
        format!("descent {model} --samples 10 --rate 0.5 --steps 1 --seed -1"),
        format!("simulate {model} --features 10 --samples 10 --seed -1"),
        format!("simulate {model} --features -1 --samples 10"),
        format!("simulate {model} --features 10 --samples 1 --onset 1e9"),
        format!("simulate {model} --features 10 --samples 10 --repeats 1e9"),
        format!("simulate {model} --features 10 --samples 1e9"),
        format!("simulate {model} --features 10 --samples 1e4 --method iterative --probes 1e9"),
        format!("simulate {model} --features 10 --samples 10 --method explicit --teachers 1e9"),
        format!("simulate {model} --features 1e6 --samples 1000 --activation relu"),
        format!("simulate {model} --features 10 --samples 10 --activation relu --inputs 1e9"),
        format!("instability {model} --samples 100 --rate 0.5 --simulate --features 1e9"),
        format!("instability {model} --samples 100 --rate 0.5 --simulate --repeats 1e9"),
    ];
    let mut messages = String::new();
    for question in &questions {
        let output = run(question);
        assert_eq!(output.status.code(), Some(2), "{question}");
        assert!(output.stdout.is_empty(), "{question}");
        let text = String::from_utf8_lossy(&output.stderr);
        let first = text.lines().next().unwrap_or_default();
        writeln!(messages, "{question}\n    {first}").unwrap();
    }
    insta::assert_snapshot!(messages);
}
