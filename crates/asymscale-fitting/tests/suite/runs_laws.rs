//! Smaller laws: a fixed E, one size, five runs; coverage of their intervals.

use crate::common::generator;
use asymscale_fitting::{
    BootstrapInterval, FitBootstrapOptions, FitOptions, FittingError, Floor, Law, Objective,
    Parameter, Parameters, Runs, fit_law,
};
use rand_distr::{Distribution, StandardNormal};
use rand_xoshiro::Xoshiro256PlusPlus;

const LAW: Parameters = Parameters { e: 1.8, a: 480.0, b: 2000.0, alpha: 0.35, beta: 0.37 };

fn normal(rng: &mut Xoshiro256PlusPlus) -> f64 {
    StandardNormal.sample(rng)
}

fn one_size(count: i32, noise: f64, rng: &mut Xoshiro256PlusPlus) -> Runs {
    let sizes: Vec<f64> = (0..count).map(|k| 1e7 * 2f64.powi(k)).collect();
    let loss = |n: &f64| (1.8 + 480.0 * n.powf(-0.35)) * (noise * normal(rng)).exp();
    let losses: Vec<f64> = sizes.iter().map(loss).collect();
    Runs::of_one_size(&sizes, &losses).unwrap()
}

fn options(law: Law, objective: Objective) -> FitOptions {
    FitOptions { law, objective, ..FitOptions::default() }
}

#[test]
fn a_law_of_one_size_is_found_by_every_objective_and_from_every_start() {
    let runs = one_size(10, 0.0, &mut generator(1));
    for objective in [Objective::default(), Objective::SquaresLog, Objective::Squares] {
        for floor in [Floor::Free, Floor::Fixed(1.8)] {
            let fit =
                fit_law(&runs, &FitOptions { floor, ..options(Law::OneSize, objective) }).unwrap();
            let law = fit.parameters;
            // An objective that is flat to 1e-16 over the root of that.
            for (found, expected) in [(law.e, 1.8), (law.a, 480.0), (law.alpha, 0.35)] {
                assert!((found / expected - 1.0).abs() < 1e-5, "{objective:?} {floor:?}: {law:?}");
            }
            assert_eq!((law.b, law.beta, fit.starts.best), (0.0, 0.0, fit.starts.total));
            assert_eq!(fit.free_parameters(), if floor == Floor::Free { 3 } else { 2 });
        }
    }
}

#[test]
fn parameters_that_are_not_fitted_are_their_own_intervals() {
    let runs = one_size(12, 0.01, &mut generator(2));
    let fit = fit_law(
        &runs,
        &FitOptions { floor: Floor::Fixed(1.69), ..options(Law::OneSize, Objective::default()) },
    )
    .unwrap();
    let bootstrap = FitBootstrapOptions { resamples: 99, ..FitBootstrapOptions::default() };
    let refits = fit.bootstrap(&bootstrap, &mut generator(3)).unwrap();
    for (parameter, value) in [(Parameter::E, 1.69), (Parameter::B, 0.0), (Parameter::Beta, 0.0)] {
        let profile = fit.profile_interval(parameter, 0.95).unwrap();
        let resampled = refits.interval(parameter, 0.9, BootstrapInterval::Bca).unwrap();
        for interval in [profile, resampled] {
            assert_eq!(
                (interval.lower, interval.estimate, interval.upper),
                (value, value, value),
                "{parameter:?}"
            );
        }
    }
    let refused = fit_law(&runs, &FitOptions { floor: Floor::Fixed(2.0), ..FitOptions::default() })
        .unwrap_err();
    assert!(matches!(refused, FittingError::LossBelowFloor { floor: 2.0, .. }), "{refused}");
}

#[test]
fn too_few_sizes_are_refused() {
    let runs = Runs::of_one_size(&[1.0, 1.0, 2.0, 2.0, 1.0, 2.0], &[3.0, 3.1, 2.0, 2.1, 3.0, 2.0])
        .unwrap();
    let fit =
        |floor| fit_law(&runs, &FitOptions { floor, ..options(Law::OneSize, Objective::Squares) });
    let refused = fit(Floor::Free).unwrap_err();
    assert_eq!(refused, FittingError::TooFewDistinct { what: "sizes", found: 2, needed: 3 });
    assert!(fit(Floor::Fixed(0.5)).is_ok());
}

/// 300 data sets: a binomial of 300 at 0.93 is below 263 (0.877) with probability 0.0005.
const SETS: u64 = 300;
const LEAST: usize = 263;

fn held(law: Law, runs: &Runs, resamples: usize, seed: u64) -> Option<[bool; 3]> {
    let fit = fit_law(runs, &options(law, Objective::default())).ok()?;
    let interval = |parameter: Parameter| {
        if resamples == 0 {
            return fit.profile_interval(parameter, 0.95);
        }
        let options =
            FitBootstrapOptions { resamples, audit: 0.0, ..FitBootstrapOptions::default() };
        fit.bootstrap(&options, &mut generator(seed))?.interval(
            parameter,
            0.95,
            BootstrapInterval::Bca,
        )
    };
    let truth = [(Parameter::E, LAW.e), (Parameter::A, LAW.a), (Parameter::Alpha, LAW.alpha)];
    Some(
        truth
            .map(|(parameter, value)| interval(parameter).is_ok_and(|found| found.contains(value))),
    )
}

/// Corrected bootstrap of ten runs, profile of seven; normal errors of 0.5 %.
#[test]
fn intervals_of_a_law_of_one_size_cover() {
    for (runs, resamples) in [(10, 399), (20, 399), (7, 0)] {
        let mut covered = [0; 3];
        for seed in 1..=SETS {
            let runs = one_size(runs, 0.005, &mut generator(seed));
            let held = held(Law::OneSize, &runs, resamples, seed).expect("a fit");
            covered.iter_mut().zip(held).for_each(|(count, held)| *count += usize::from(held));
        }
        println!(
            "{runs} runs, {resamples} resamples: E, A, exponent covered {covered:?} of {SETS}"
        );
        assert!(covered.iter().all(|&count| count >= LEAST), "{runs} runs: {covered:?}");
    }
}

/// One degree of freedom: intervals are wide, and cover.
#[test]
fn five_runs_of_a_tied_law_have_intervals_that_cover() {
    let law = Parameters { beta: 0.35, b: 1500.0, ..LAW };
    let sizes = [(2e7, 4e8), (2e7, 1e11), (2e8, 6.4e9), (2e9, 4e8), (2e9, 1e11)];
    let (n, d): (Vec<f64>, Vec<f64>) = sizes.into_iter().unzip();
    let asked = options(Law::Tied, Objective::Squares);
    assert!(fit_law(&Runs::new(&n, &d, &[3.0; 5]).unwrap(), &asked).is_err());
    let asked = FitOptions { minimum_rows: asked.fewest_runs(), ..asked };
    let mut covered = [0; 2];
    for seed in 1..=SETS {
        let mut rng = generator(seed);
        let losses: Vec<f64> =
            (0..5).map(|k| law.loss(n[k], d[k]) + 0.01 * normal(&mut rng)).collect();
        let fit = fit_law(&Runs::new(&n, &d, &losses).unwrap(), &asked).unwrap();
        for (count, (parameter, truth)) in
            covered.iter_mut().zip([(Parameter::E, 1.8), (Parameter::Alpha, 0.35)])
        {
            *count += usize::from(fit.profile_interval(parameter, 0.95).unwrap().contains(truth));
        }
    }
    println!("five runs, tied: E, exponent covered {covered:?} of {SETS}");
    assert!(covered.iter().all(|&count| count >= LEAST), "{covered:?}");
}
