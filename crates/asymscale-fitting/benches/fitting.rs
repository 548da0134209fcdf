//! Costs of a fit of training runs, its bootstrap, and a slope with its interval. None of them
//! needs polars: `cargo bench -p asymscale-fitting --no-default-features`.
//!
//! Items are read by `cargo xtask bench` as evaluations of the benchmark that the line `Limit:`
//! names, with the same argument.

use asymscale_fitting::{
    Fit, FitBootstrapOptions, FitOptions, Objective, Parameters, RunErrors, Runs, Series,
    SlopeOptions, SyntheticRuns, fit_law, power_law_slope,
};
use divan::{Bencher, counter::ItemsCount};
use rand_xoshiro::{Xoshiro256PlusPlus, rand_core::SeedableRng};

/// Refits of a bootstrap, the least allowed.
const REFITS: usize = 99;

fn main() {
    // The thread that measures is the only one that works.
    let pool = rayon::ThreadPoolBuilder::new().num_threads(1).use_current_thread();
    pool.build_global().expect("no pool yet");
    divan::main();
}

/// Runs on a square grid of N and D over factors of 300, 1 % noise.
fn runs(side: usize) -> Runs {
    let step = |k: usize| 300_f64.powf(k as f64 / (side - 1) as f64);
    let (features, samples) = (0..side * side)
        .map(|k| (1e7 * step(k % side), 1e9 * step(k / side)))
        .collect::<(Vec<f64>, Vec<f64>)>();
    let truth = Parameters { e: 1.7, a: 400.0, b: 1500.0, alpha: 0.34, beta: 0.37 };
    let synthetic = SyntheticRuns { truth, features, samples, errors: RunErrors::Normal(0.01) };
    synthetic.draw(&mut generator()).expect("positive losses")
}

fn generator() -> Xoshiro256PlusPlus {
    Xoshiro256PlusPlus::seed_from_u64(1)
}

fn fitted(side: usize) -> Fit {
    fit_law(&runs(side), &FitOptions::default()).expect("enough runs")
}

/// The default fit, Huber loss of logarithms from 36 starts; the argument is the side of the grid
/// of runs.
///
/// Limit: none stated: 36 descents, each as many Newton steps as it takes; it is the unit of
/// others.
#[divan::bench(args = [5, 7, 15])]
fn fit(bencher: Bencher, side: usize) {
    let (runs, options) = (runs(side), FitOptions::default());
    bencher.counter(ItemsCount::new(36_usize)).bench_local(|| fit_law(&runs, &options));
}

/// The same with squares of logarithms.
///
/// Limit: 36 descents at the rate of `fitting::fit`.
#[divan::bench(args = [5, 7, 15])]
fn fit_squares(bencher: Bencher, side: usize) {
    let options = FitOptions { objective: Objective::SquaresLog, ..FitOptions::default() };
    let runs = runs(side);
    bencher.counter(ItemsCount::new(36_usize)).bench_local(|| fit_law(&runs, &options));
}

/// 99 refits of resampled rows, 5 % of them again from all starts.
///
/// Limit: 99 descents and 36 for each of 5 audits, at the rate of `fitting::fit`; those that start
/// at the fit are short.
#[divan::bench(args = [5, 7, 15], sample_count = 20)]
fn bootstrap(bencher: Bencher, side: usize) {
    let (fit, options) =
        (fitted(side), FitBootstrapOptions { resamples: REFITS, ..Default::default() });
    bencher
        .counter(ItemsCount::new(REFITS + 5 * 36))
        .bench_local(|| fit.bootstrap(&options, &mut generator()));
}

/// An exponent with a bootstrap interval from 16 designs at 8 sizes.
///
/// Limit: none stated: as many resamples of 16 designs as the default asks for, each a small
/// regression.
#[divan::bench]
fn slope(bencher: Bencher) {
    let sizes: Vec<f64> = (0..8).map(|k| 64.0 * 2_f64.powi(k)).collect();
    let loss = |n: &f64, k: usize| n.powf(-0.5) * (1.0 + 0.05 * ((k * 7) as f64 + n).sin());
    let designs: Vec<Vec<f64>> =
        sizes.iter().map(|n| (0..16).map(|k| loss(n, k)).collect()).collect();
    let series = Series::from_replicates(&sizes, &designs).expect("positive losses");
    bencher.bench_local(|| power_law_slope(&series, &SlopeOptions::default(), &mut generator()));
}
