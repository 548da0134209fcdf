//! Costs of a point, a curve, the frontier, gradient flow, the rank, the coverage and one pass.
//! Quantiles over the whole box of parameters are printed by `examples/point_latency.rs`.
//!
//! Items are read by `cargo xtask bench` as evaluations of the benchmark that the line `Limit:`
//! names, with the same argument. A point itself is quadrature of special functions in a number
//! that adapts: neither operations nor bytes bound it.

use asymscale_model::{Amplitude, Decay, Schedule, SparseModel};
use asymscale_theory::{
    Budget, OnePass, Ridge, SampleTheory, frontier, instability_probability, loss,
};
use divan::{Bencher, black_box, counter::ItemsCount};

fn main() {
    divan::main();
}

/// (α, β, c, D): sparse, sparse with many active coordinates, dense-like, steep.
const MODELS: [(f64, f64, f64, f64); 4] =
    [(1.0, 1.5, 1.0, 1e4), (1.0, 1.5, 20.0, 512.0), (0.5, 0.5, 1.0, 1e6), (2.0, 4.0, 100.0, 1e9)];

fn model((alpha, beta, onset, _): (f64, f64, f64, f64), amplitude: Amplitude) -> SparseModel {
    SparseModel::power_law(alpha, beta, onset).expect("inside the domain").with_amplitude(amplitude)
}

/// The loss at one `(N, D)`, Gaussian amplitudes, from nothing.
///
/// Limit: none stated: quadrature of special functions, as many as accuracy asks for; it is the
/// unit of others.
#[divan::bench(args = MODELS)]
fn point(bencher: Bencher, parameters: (f64, f64, f64, f64)) {
    let model = model(parameters, Amplitude::Gaussian);
    bencher
        .counter(ItemsCount::new(1_usize))
        .bench(|| loss(&model, black_box(100.0), parameters.3));
}

/// The same with amplitudes of one size.
///
/// Limit: none stated.
#[divan::bench(args = MODELS)]
fn point_rademacher(bencher: Bencher, parameters: (f64, f64, f64, f64)) {
    let model = model(parameters, Amplitude::Rademacher);
    bencher.bench(|| loss(&model, black_box(100.0), parameters.3));
}

/// Points at 100 sizes from 8 to 2048, which share the model's sums.
///
/// Limit: 100 evaluations at the rate of `theory::point`; what is shared makes it more than all of
/// it.
#[divan::bench(args = MODELS)]
fn curve_of_100(bencher: Bencher, parameters: (f64, f64, f64, f64)) {
    let model = model(parameters, Amplitude::Gaussian);
    let features: Vec<f64> = (0..100).map(|k| 8.0 * 256f64.powf(f64::from(k) / 99.0)).collect();
    bencher.counter(ItemsCount::new(features.len())).bench(|| {
        SampleTheory::new(&model, parameters.3).and_then(|theory| theory.curve(&features))
    });
}

/// The loss of gradient flow at 20 times from 1 to 10⁵, `N = 100` features.
///
/// Limit: none stated: two contour integrals for each node of a convolution.
#[divan::bench(args = MODELS)]
fn flow_curve(bencher: Bencher, parameters: (f64, f64, f64, f64)) {
    let model = model(parameters, Amplitude::Gaussian);
    let times: Vec<f64> = (0..20).map(|k| 10f64.powf(0.25 * f64::from(k))).collect();
    bencher.bench(|| {
        SampleTheory::new(&model, parameters.3)
            .and_then(|theory| theory.flow_with_features(100.0, &times))
    });
}

/// What a design of `D` samples has seen.
///
/// Limit: none stated: Hurwitz zeta functions and a quadrature.
#[divan::bench(args = MODELS)]
fn coverage(bencher: Bencher, parameters: (f64, f64, f64, f64)) {
    let model = model(parameters, Amplitude::Gaussian);
    bencher.bench(|| SampleTheory::new(&model, parameters.3).map(|theory| theory.coverage()));
}

/// The expected rank of a design.
///
/// Limit: none stated: a root of a quadrature.
#[divan::bench(args = MODELS)]
fn rank(bencher: Bencher, parameters: (f64, f64, f64, f64)) {
    let model = model(parameters, Amplitude::Gaussian);
    bencher.bench(|| SampleTheory::new(&model, parameters.3).map(|theory| theory.rank()));
}

/// The law of instability. (α, β, c, D): large rare coordinates, and a large deviation of the
/// head.
///
/// Limit: none stated: sums and quadratures of tail probabilities.
#[divan::bench(args = [(0.9, 2.6, 1.0, 4000.0), (0.5, 2.5, 20.0, 1e6), (1.0, 1.5, 1.0, 64.0)])]
fn instability(bencher: Bencher, parameters: (f64, f64, f64, f64)) {
    let model = model(parameters, Amplitude::Gaussian);
    bencher.bench(|| instability_probability(&model, black_box(parameters.3), 0.3));
}

/// The best split of one budget.
///
/// Limit: none stated: a minimisation, each trial a point of its own.
#[divan::bench(args = MODELS)]
fn frontier_point(bencher: Bencher, parameters: (f64, f64, f64, f64)) {
    let model = model(parameters, Amplitude::Gaussian);
    let budget = Budget { compute: 1e8, factor: 1.0, ridge: Ridge::Fixed(0.0), noise: 0.0 };
    bencher.bench(|| frontier(&model, black_box(budget)));
}

/// The ridge of least loss.
///
/// Limit: none stated: a minimisation, each trial a point with ridge.
#[divan::bench(args = MODELS)]
fn optimal_ridge(bencher: Bencher, parameters: (f64, f64, f64, f64)) {
    let model = model(parameters, Amplitude::Gaussian);
    bencher.bench(|| {
        SampleTheory::new(&model, parameters.3).and_then(|theory| theory.optimal_ridge(100.0, 0.0))
    });
}

/// One pass of a million steps of changing sizes, followed one by one at `M = ∞`.
///
/// Limit: none stated: some two hundred nodes a step, in the first cache.
#[divan::bench(sample_count = 5)]
fn one_pass_million(bencher: Bencher) {
    let model = model(MODELS[0], Amplitude::Gaussian);
    let schedule = Schedule::new(0.3, 1_000_000).and_then(|run| run.with_decay(Decay::Linear));
    let run = OnePass::new(&model, schedule.expect("inside the domain"));
    bencher.bench(|| run.losses(black_box(&[1_000_000])));
}

/// The losses of constant step sizes after 10⁶, 10⁹ and 10¹² steps.
///
/// Limit: none stated: 2000 steps and three contours.
#[divan::bench]
fn one_pass_late(bencher: Bencher) {
    let model = model(MODELS[0], Amplitude::Gaussian);
    let schedule = Schedule::new(0.3, 1_000_000_000_000).expect("inside the domain");
    let run = OnePass::new(&model, schedule);
    bencher.bench(|| run.losses(black_box(&[1_000_000, 1_000_000_000, 1_000_000_000_000])));
}
