//! The law in all and in active parameters.

use crate::common::generator;
use asymscale_fitting::{
    ActiveParameters, BootstrapInterval, FitOptions, FittingError, Objective, Runs, fit_active_law,
};
use rand_distr::{Distribution, StandardNormal};

const LAW: ActiveParameters = ActiveParameters {
    e: 1.8,
    a: 480.0,
    b: 2000.0,
    alpha_total: 0.12,
    alpha_active: 0.23,
    beta: 0.37,
};

/// 27 runs: three numbers of active parameters, three ratios, three D.
fn design() -> (Vec<f64>, Vec<f64>, Vec<f64>) {
    let run = |k: i32| {
        let active = 2e8 * 2.5f64.powi(k % 3);
        (active * 4f64.powi(k / 3 % 3), active, 2e9 * 4f64.powi(k / 9))
    };
    let runs: Vec<(f64, f64, f64)> = (0..27).map(run).collect();
    (
        runs.iter().map(|r| r.0).collect(),
        runs.iter().map(|r| r.1).collect(),
        runs.iter().map(|r| r.2).collect(),
    )
}

fn runs(law: &ActiveParameters, noise: f64, seed: u64) -> (Runs, Vec<f64>) {
    let (total, active, samples) = design();
    let mut rng = generator(seed);
    let loss = |k: usize| {
        let error: f64 = StandardNormal.sample(&mut rng);
        law.at_ratio(total[k] / active[k]).loss(active[k], samples[k]) * (noise * error).exp()
    };
    let losses: Vec<f64> = (0..27).map(loss).collect();
    (Runs::new(&total, &samples, &losses).unwrap(), active)
}

#[test]
fn exact_runs_give_both_exponents_wherever_they_lie() {
    let squares = FitOptions { objective: Objective::SquaresLog, ..FitOptions::default() };
    for (total, own) in [(0.12, 0.23), (0.0, 0.35), (0.35, 0.0), (0.33, 0.02)] {
        let law = ActiveParameters { alpha_total: total, alpha_active: own, ..LAW };
        let (runs, active) = runs(&law, 0.0, 1);
        let found = fit_active_law(&runs, &active, &squares).unwrap().parameters;
        // The share is found to 1e-7 where the objective, of rounding, lets it.
        assert!((found.alpha_total - total).abs() < 1e-5, "{found:?}");
        assert!((found.alpha_active - own).abs() < 1e-5, "{found:?}");
    }
}

/// 100 data sets at 95 %: a binomial at 0.93 is below 83 with probability 0.0003.
#[test]
fn intervals_of_both_exponents_cover() {
    let mut covered = [0; 3];
    for seed in 1..=100 {
        let (runs, active) = runs(&LAW, 0.005, seed);
        let fit = fit_active_law(&runs, &active, &FitOptions::default()).unwrap();
        let refits = fit.bootstrap(false, 199, &mut generator(seed)).unwrap();
        let quantities: [fn(&ActiveParameters) -> f64; 3] =
            [|law| law.alpha_total, |law| law.alpha_active, ActiveParameters::active_share];
        for (count, quantity) in covered.iter_mut().zip(quantities) {
            let interval = refits.interval_of(quantity, 0.95, BootstrapInterval::Bca).unwrap();
            *count += usize::from(interval.contains(quantity(&LAW)));
        }
    }
    println!("all, active, share covered {covered:?} of 100");
    assert!(covered.iter().all(|&count| count >= 83), "{covered:?}");
}

#[test]
fn parameters_that_vary_together_are_refused() {
    let (runs, active) = runs(&LAW, 0.0, 1);
    let in_step: Vec<f64> = runs.features().iter().map(|n| n / 4.0).collect();
    for alike in [in_step, vec![1e8; 27]] {
        let refused = fit_active_law(&runs, &alike, &FitOptions::default()).unwrap_err();
        assert!(matches!(refused, FittingError::ActiveAlike(_)), "{refused}");
    }
    let refused = fit_active_law(&runs, &active[1..], &FitOptions::default()).unwrap_err();
    assert!(matches!(refused, FittingError::Length { .. }), "{refused}");
}
