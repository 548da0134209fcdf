//! Whether a loss depends on its sizes, how well a law fits, and tests of runs that err together.

use crate::common::generator;
use asymscale_fitting::{FitOptions, Parameters, Runs, fit_law, signal_test, symmetry_test};
use rand_distr::{Distribution, StandardNormal, StudentT};
use rand_xoshiro::Xoshiro256PlusPlus;

const LAW: Parameters = Parameters { e: 1.8, a: 480.0, b: 2000.0, alpha: 0.35, beta: 0.37 };
/// Data sets of a size: at 5 % a binomial of 200 exceeds 20 with probability 0.001.
const SETS: u64 = 200;
const MOST: usize = 20;

fn normal(rng: &mut Xoshiro256PlusPlus) -> f64 {
    StandardNormal.sample(rng)
}

fn runs(law: &Parameters, error: impl Fn(usize) -> f64) -> Runs {
    let size = |k: usize| (2e7 * 3f64.powi(k as i32 % 5), 4e8 * 4f64.powi(k as i32 / 5));
    let (n, d): (Vec<f64>, Vec<f64>) = (0..25).map(size).unzip();
    let losses: Vec<f64> = (0..25).map(|k| law.loss(n[k], d[k]) * error(k).exp()).collect();
    Runs::new(&n, &d, &losses).unwrap()
}

/// Errors of heavy tails; seeds 1 to 200.
#[test]
fn a_loss_that_depends_on_nothing_more_is_told() {
    let tail = StudentT::new(3.0).unwrap();
    let (mut of_features, mut of_any) = (0, 0);
    for seed in 1..=SETS {
        let mut rng = generator(seed);
        let errors: Vec<f64> = (0..25).map(|_| 0.01 * tail.sample(&mut rng)).collect();
        let without = runs(&Parameters { a: 0.0, ..LAW }, |k| errors[k]);
        of_features += usize::from(signal_test(&without, 199, &mut rng).features.p_value <= 0.05);
        let flat = runs(&Parameters { a: 0.0, b: 0.0, ..LAW }, |k| errors[k]);
        of_any += usize::from(signal_test(&flat, 199, &mut rng).any.p_value <= 0.05);
    }
    println!("rejected: N beside D {of_features}, either {of_any} of {SETS}");
    assert!(of_features <= MOST && of_any <= MOST, "{of_features} {of_any}");
}

#[test]
fn a_loss_that_falls_is_told_at_once_and_one_that_rises() {
    let mut rng = generator(3);
    let errors: Vec<f64> = (0..25).map(|_| 0.005 * normal(&mut rng)).collect();
    let falling = signal_test(&runs(&LAW, |k| errors[k]), 999, &mut rng);
    for evidence in [falling.features, falling.samples, falling.any] {
        assert!(evidence.p_value < 0.01 && !evidence.rises, "{falling:?}");
    }
    let losses = runs(&LAW, |k| errors[k]);
    let accuracy: Vec<f64> = losses.losses().iter().map(|loss| (-0.5 * loss).exp()).collect();
    let rising = Runs::new(losses.features(), losses.samples(), &accuracy).unwrap();
    let rising = signal_test(&rising, 999, &mut rng);
    assert!(
        rising.features.p_value < 0.01 && rising.features.rises && rising.any.rises,
        "{rising:?}"
    );
    // The same loss everywhere.
    let constant = Runs::new(losses.features(), losses.samples(), &[2.5; 25]).unwrap();
    assert_eq!(signal_test(&constant, 999, &mut rng).any.p_value, 1.0);
    // One failed run among many is no signal, and hides none.
    let failed = runs(&LAW, |k| if k == 6 { 1.5 } else { errors[k] });
    assert!(signal_test(&failed, 999, &mut rng).features.p_value < 0.01);
}

/// Sixteen runs of ten checkpoints each.
fn checkpoints(law: &Parameters, rng: &mut Xoshiro256PlusPlus) -> Runs {
    let size = |k: i32| {
        (2e7 * 2f64.powi(k / 10 % 8), 2e9 * 8f64.powi(k / 80) * f64::from(k % 10 + 1) / 10.0)
    };
    let (n, d): (Vec<f64>, Vec<f64>) = (0..160).map(size).unzip();
    let shared: Vec<f64> = (0..16).map(|_| 0.01 * normal(rng)).collect();
    let loss = |k: usize, own: f64| law.loss(n[k], d[k]) * (shared[k / 10] + 0.001 * own).exp();
    let losses: Vec<f64> = (0..160).map(|k| loss(k, normal(rng))).collect();
    let groups: Vec<usize> = (0..160).map(|k| k / 10).collect();
    Runs::new(&n, &d, &losses).unwrap().with_groups(&groups).unwrap()
}

/// One exponent, seeds 1 to 100: F takes checkpoints for runs and rejects a third; signs by group
/// keep the size. A binomial of 100 with the 7 % that is promised exceeds 16 with probability
/// 0.001.
#[test]
fn the_test_of_one_exponent_knows_groups() {
    let tied = Parameters { b: 3000.0, beta: LAW.alpha, ..LAW };
    let (mut by_f, mut by_signs) = (0, 0);
    for seed in 1..=100 {
        let mut rng = generator(seed);
        let test =
            symmetry_test(&checkpoints(&tied, &mut rng), &FitOptions::default(), 99, &mut rng)
                .unwrap();
        by_f += usize::from(test.p_value <= 0.05);
        by_signs += usize::from(test.bootstrap_p_value.unwrap() <= 0.05);
    }
    println!("rejected by F {by_f}, by signs {by_signs} of 100");
    assert!(by_signs <= 16 && by_f > 25, "{by_signs} {by_f}");
}

/// One group less than keep the size.
#[test]
fn few_groups_have_no_p_value_of_one_exponent() {
    let test = |groups: usize| {
        let mut rng = generator(1);
        let runs = checkpoints(&LAW, &mut rng);
        let rows: Vec<usize> = (0..10 * groups).collect();
        symmetry_test(&runs.pick(&rows), &FitOptions::default(), 99, &mut rng)
            .unwrap()
            .bootstrap_p_value
    };
    assert!(test(13).is_none() && test(14).is_some());
}

#[test]
fn quality_names_what_is_odd() {
    let mut rng = generator(5);
    let errors: Vec<f64> = (0..25).map(|_| 0.004 * normal(&mut rng)).collect();
    let with = |k: usize| if k == 17 { 0.2 } else { errors[k] };
    let quality = fit_law(&runs(&LAW, with), &FitOptions::default()).unwrap().quality();
    assert_eq!(quality.worst[0].0, 17);
    assert!(
        (quality.worst[0].1 - 0.2).abs() < 0.02 && (quality.rms - 0.04).abs() < 0.005,
        "{quality:?}"
    );
    assert!(
        quality.repeated.is_empty()
            && quality.lack_of_fit.is_none()
            && quality.replicated == (0, 0)
    );
    assert!(quality.sign_runs.iter().all(|p| *p > 0.01), "{quality:?}");

    // Every run twice, and once more with other errors.
    let plain = runs(&LAW, |k| errors[k]);
    let twice = |values: &[f64]| [values, values].concat();
    let repeated =
        Runs::new(&twice(plain.features()), &twice(plain.samples()), &twice(plain.losses()))
            .unwrap();
    let quality = fit_law(&repeated, &FitOptions::default()).unwrap().quality();
    assert_eq!(quality.repeated, (25..50).collect::<Vec<_>>());
    let others: Vec<f64> = (0..25).map(|_| 0.004 * normal(&mut rng)).collect();
    let both = [plain.losses(), runs(&LAW, |k| others[k]).losses()].concat();
    let replicated = Runs::new(&twice(plain.features()), &twice(plain.samples()), &both).unwrap();
    let quality = fit_law(&replicated, &FitOptions::default()).unwrap().quality();
    assert_eq!((quality.replicated, quality.repeated.len()), ((25, 50), 0));
    assert!(quality.lack_of_fit.unwrap() > 0.001, "{quality:?}");
    assert_eq!(replicated.lower_envelope().len(), 25);
    // Another law: the loss turns at large D.
    let bent = |k: usize| errors[k] + if k >= 15 { 0.05 * (k / 5 - 2) as f64 } else { 0.0 };
    let bent: Vec<f64> =
        [runs(&LAW, bent).losses(), runs(&LAW, |k| bent(k) + 0.5 * errors[24 - k]).losses()]
            .concat();
    let bent = Runs::new(&twice(plain.features()), &twice(plain.samples()), &bent).unwrap();
    let quality = fit_law(&bent, &FitOptions::default()).unwrap().quality();
    assert!(quality.lack_of_fit.unwrap() < 0.01, "{quality:?}");

    let quality = fit_law(&checkpoints(&LAW, &mut rng), &FitOptions::default()).unwrap().quality();
    let (correlation, pairs) = quality.neighbours.unwrap();
    // Eight checkpoints have the size of one of another run.
    assert!(correlation > 0.7 && pairs == 144, "{quality:?}");
}
