//! The exponents that `asymscale frontier` prints, against its own points.

use std::process::Command;

/// The answer in JSON at one budget, or several.
fn points(words: &str) -> Vec<serde_json::Value> {
    let words = format!("frontier {words} --json");
    let output = Command::new(env!("CARGO_BIN_EXE_asymscale"))
        .args(words.split_whitespace())
        .output()
        .unwrap();
    assert!(output.status.success(), "{words}: {}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

/// splitmix64, in [0, 1).
fn uniform(state: &mut u64) -> f64 {
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mut z = *state;
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    ((z ^ (z >> 31)) >> 11) as f64 / (1u64 << 53) as f64
}

const NAMES: [&str; 3] = ["features", "samples", "loss"];

/// Exponents printed at the ends of a decade and a half, and the slopes between: whether there were
/// any exponents.
fn agree(words: &str, tolerance: f64) -> bool {
    let found = points(&format!("{words} --compute 1e14,3.2e15"));
    let number = |n: usize, key: &str| found[n][key].as_f64();
    // Where the other side of the threshold comes to win, sizes jump; the loss does not.
    let jumps = found[0]["branch"] != found[1]["branch"];
    let mut printed = true;
    for name in NAMES {
        let slope = (number(1, name).unwrap() / number(0, name).unwrap()).ln() / 32f64.ln();
        let exponents = [0, 1].map(|n| number(n, &format!("{name}_exponent")));
        printed &= exponents.iter().all(Option::is_some);
        for exponent in exponents.into_iter().flatten().filter(|_| !jumps || name == "loss") {
            let near = (slope - exponent).abs() < tolerance * exponent.abs().max(1.0);
            assert!(near, "{words}: {name} {slope} {exponent}");
        }
    }
    printed
}

#[test]
fn printed_exponents_are_slopes_of_the_points() {
    let mut state = 20_261;
    let mut counts = [0; 2];
    for k in 0..40 {
        let (alpha, beta) = (0.3 + 1.7 * uniform(&mut state), 3.5 * uniform(&mut state));
        let onset = 10f64.powf(uniform(&mut state));
        let amplitude = if uniform(&mut state) < 0.5 { "gaussian" } else { "rademacher" };
        let noise = if k % 2 == 0 { 0.0 } else { 10f64.powf(2.0 * uniform(&mut state) - 1.0) };
        let words = format!(
            "--alpha {alpha} --beta {beta} --onset {onset} --amplitude {amplitude} --noise {noise}"
        );
        // With noise a law is printed where local slopes are within 0.03 of it, and over the decade
        // and a half they move by less than 0.01. Without, it is the limit, which for β near 1 is
        // far: corrections are of the order of D^−(1 − 1/β).
        counts[k % 2] += usize::from(agree(&words, if noise > 0.0 { 0.04 } else { 0.06 }));
    }
    // Of 20 models each, few are between laws: near β = 1, or onsets that are late.
    assert!(counts.iter().all(|count| *count >= 15), "{counts:?}");
}

/// Noise 1 at α = 1, β = 1.5: b = max(β, 1 + α) = 2.
#[test]
fn label_noise_changes_the_exponents() {
    for ridge in ["0", "optimal"] {
        let words = format!("--alpha 1 --beta 1.5 --noise 1 --ridge {ridge}");
        let point = &points(&format!("{words} --compute 1e12,1e13"))[0];
        for (name, exponent) in NAMES.into_iter().zip([1.0 / 3.0, 2.0 / 3.0, -1.0 / 3.0]) {
            assert_eq!(point[format!("{name}_exponent")].as_f64(), Some(exponent));
            let slope = point[format!("{name}_slope")].as_f64().unwrap();
            assert!((slope - exponent).abs() < 0.01, "{name} {slope}");
        }
    }
    // So little noise that its law is not in force yet: the one without is.
    let point = &points("--alpha 1 --beta 1.5 --noise 1e-9 --compute 1e10,1e11")[0];
    assert_eq!(point["features_exponent"], 0.4);
}

/// A fixed ridge leaves a constant: no law. Between two laws: none either, but slopes.
#[test]
fn no_law_no_exponents() {
    let ridged = &points("--alpha 1 --beta 1.5 --ridge 1e-3 --compute 1e12,1e13")[0];
    let between = &points("--alpha 1 --beta 0.5 --noise 1e-5 --compute 1e11,1e12")[0];
    for name in NAMES {
        assert!(ridged[format!("{name}_exponent")].is_null());
        assert!(between[format!("{name}_exponent")].is_null(), "{between}");
        assert!(between[format!("{name}_slope")].is_number());
    }
}
