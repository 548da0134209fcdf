//! Words of `asymscale fit` that follow what was asked and how much there is of it.

use std::fmt::Write as _;

use crate::common::{case, text, written};

/// Runs on a grid with errors of 1 % that no seed of ours decides: a linear congruence.
fn scattered(seed: u64) -> String {
    let (mut state, mut table) = (seed, "N,D,loss\n".to_owned());
    for k in 0..36 {
        let (n, d) = (1e7 * 3f64.powi(k / 6), 1e9 * 3f64.powi(k % 6));
        let mut error = 0.0;
        for _ in 0..4 {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            error += (state >> 40) as f64 / f64::from(1 << 24) - 0.5;
        }
        let loss = (1.7 + 400.0 * n.powf(-0.34) + 410.0 * d.powf(-0.345)) * (1.0 + 0.017 * error);
        let _ = writeln!(table, "{n:.6e},{d:.6e},{loss:.6}");
    }
    written(&format!("scattered_{seed}.csv"), &table)
}

/// At an unusual level a difference is told with the level, and p-values of 0.05 and more never
/// without.
#[test]
fn a_difference_at_an_unusual_level_names_it() {
    let mut named = 0;
    for seed in 1..=12 {
        let words = text(&[&scattered(seed), "--level", "0.5"]);
        if let Some((_, p)) = words.split_once("differ (p = ") {
            let p: f64 = p.split(' ').next().unwrap().parse().unwrap();
            assert_eq!(words.contains("At 50 % they differ ("), p >= 0.05, "{words}");
            named += usize::from(p >= 0.05);
        }
    }
    assert!(named > 0, "none of the tables has a difference at 50 % alone");
}

#[test]
fn levels_have_the_digits_they_were_asked_with() {
    for (level, told) in [("0.9", " 90 % "), ("0.999", " 99.9 % "), ("0.9999999", " 99.99999 % ")] {
        let words = text(&[&case("plain.csv"), "--bootstrap", "0", "--level", level]);
        assert!(words.contains(told), "{level}: {words}");
    }
}

/// Budgets of compute at which several runs stand.
#[test]
fn one_budget_and_several() {
    for (twice, told) in [(1, "at 1 budget of compute"), (3, "at 3 budgets of compute")] {
        let mut table = "C,loss\n".to_owned();
        for k in 0..12 {
            let c = 1e17 * 4f64.powi(k);
            let loss = 1.7 + 2e3 * c.powf(-0.19);
            let _ = writeln!(table, "{c:e},{loss:.6}");
            if k < twice {
                let _ = writeln!(table, "{c:e},{:.6}", loss * 1.02);
            }
        }
        let words = text(&[&written(&format!("budgets_{twice}.csv"), &table), "--law", "compute"]);
        assert!(words.contains(told), "{words}");
    }
}
