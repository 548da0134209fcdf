//! Intervals cover and the test of symmetry keeps its size, on data drawn from the assumed law.

use crate::common::generator;
use crate::runs::{TRUTH, synthetic};
use asymscale_fitting::{
    BootstrapInterval, Coverage, CoverageOptions, FitBootstrapOptions, FitOptions, Objective,
    Parameters, interval_coverage, symmetry_test_size,
};

/// Data sets of each check, nominal coverage 0.95.
const SETS: usize = 200;

/// `covered` at least this often: a binomial of 200 with the 0.93 that is promised falls below 175
/// with probability 0.003.
const LEAST: usize = 175;

fn check(what: &str, found: &[Coverage], intervals: &[Option<BootstrapInterval>]) {
    for cell in found.iter().filter(|cell| intervals.contains(&cell.interval)) {
        let name = cell.interval.map_or("profile", BootstrapInterval::name);
        println!("{what}: {name} {}: {} of {}", cell.parameter.name(), cell.covered, cell.sets);
        assert!(
            cell.covered >= LEAST,
            "{what}: {name} {}: {}",
            cell.parameter.name(),
            cell.covered
        );
    }
}

/// Seeds 1 and 2; 49 runs with 1 % noise; 6 parameters, which are correlated, so few independent
/// chances to fail.
#[test]
fn intervals_cover() {
    for (seed, objective) in [(1, Objective::default()), (2, Objective::SquaresLog)] {
        let options = CoverageOptions {
            fit: FitOptions { objective, ..FitOptions::default() },
            bootstrap: Some(FitBootstrapOptions {
                resamples: 199,
                audit: 0.0,
                ..FitBootstrapOptions::default()
            }),
            level: 0.95,
            sets: SETS,
        };
        let found =
            interval_coverage(&synthetic(TRUTH, 7, 0.01), &options, &mut generator(seed)).unwrap();
        assert_eq!(found.len(), 24);
        check(&format!("{objective:?}"), &found, &[None, Some(BootstrapInterval::Bca)]);
    }
}

/// Seed 3: at α = 0.05 a binomial of 200 exceeds 20 rejections with probability 0.001; the
/// bootstrap and F agree.
#[test]
fn the_test_of_symmetry_keeps_its_size() {
    let symmetric = Parameters { beta: TRUTH.alpha, b: 3000.0, ..TRUTH };
    let law = synthetic(symmetric, 6, 0.01);
    let values =
        symmetry_test_size(&law, &FitOptions::default(), 99, SETS, &mut generator(3)).unwrap();
    let by_f = values.iter().filter(|(p, _)| *p <= 0.05).count();
    let by_bootstrap = values.iter().filter(|(_, p)| p.is_some_and(|p| p <= 0.05)).count();
    println!("rejected by F {by_f}, by the bootstrap {by_bootstrap} of {SETS}");
    assert!(by_f <= 20 && by_bootstrap <= 20, "{by_f} and {by_bootstrap} of {SETS}");
    // And it does reject: half of the p-values lie below one half, ± 4 standard deviations.
    let low = values.iter().filter(|(p, _)| *p <= 0.5).count();
    assert!(low.abs_diff(SETS / 2) <= 28, "{low} of {SETS} below 0.5");
}
