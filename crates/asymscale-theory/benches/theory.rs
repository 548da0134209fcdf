//! Costs of a point, a curve, the rank and the coverage. Quantiles over the whole box of parameters are
//! printed by `examples/point_latency.rs`.

use asymscale_model::{Amplitude, SparseModel};
use asymscale_theory::{Budget, Ridge, SampleTheory, frontier, instability_probability, loss};
use divan::{Bencher, black_box};

fn main() {
    divan::main();
}

/// (α, β, c, D): sparse, sparse with many active coordinates, dense-like, steep.
const MODELS: [(f64, f64, f64, f64); 4] =
    [(1.0, 1.5, 1.0, 1e4), (1.0, 1.5, 20.0, 512.0), (0.5, 0.5, 1.0, 1e6), (2.0, 4.0, 100.0, 1e9)];

fn model((alpha, beta, onset, _): (f64, f64, f64, f64), amplitude: Amplitude) -> SparseModel {
    SparseModel::power_law(alpha, beta, onset).expect("inside the domain").with_amplitude(amplitude)
}

#[divan::bench(args = MODELS, consts = [false, true])]
fn point<const RADEMACHER: bool>(bencher: Bencher, parameters: (f64, f64, f64, f64)) {
    let amplitude = if RADEMACHER { Amplitude::Rademacher } else { Amplitude::Gaussian };
    let model = model(parameters, amplitude);
    bencher.bench(|| loss(&model, black_box(100.0), parameters.3));
}

#[divan::bench(args = MODELS)]
fn curve_of_100(bencher: Bencher, parameters: (f64, f64, f64, f64)) {
    let model = model(parameters, Amplitude::Gaussian);
    let features: Vec<f64> = (0..100).map(|k| 8.0 * 256f64.powf(f64::from(k) / 99.0)).collect();
    bencher.bench(|| SampleTheory::new(&model, parameters.3).and_then(|theory| theory.curve(&features)));
}

#[divan::bench(args = MODELS)]
fn coverage(bencher: Bencher, parameters: (f64, f64, f64, f64)) {
    let model = model(parameters, Amplitude::Gaussian);
    bencher.bench(|| SampleTheory::new(&model, parameters.3).map(|theory| theory.coverage()));
}

#[divan::bench(args = MODELS)]
fn rank(bencher: Bencher, parameters: (f64, f64, f64, f64)) {
    let model = model(parameters, Amplitude::Gaussian);
    bencher.bench(|| SampleTheory::new(&model, parameters.3).map(|theory| theory.rank()));
}

/// (α, β, c, D): large rare coordinates, and a large deviation of the head.
#[divan::bench(args = [(0.9, 2.6, 1.0, 4000.0), (0.5, 2.5, 20.0, 1e6), (1.0, 1.5, 1.0, 64.0)])]
fn instability(bencher: Bencher, parameters: (f64, f64, f64, f64)) {
    let model = model(parameters, Amplitude::Gaussian);
    bencher.bench(|| instability_probability(&model, black_box(parameters.3), 0.3));
}

#[divan::bench(args = MODELS)]
fn frontier_point(bencher: Bencher, parameters: (f64, f64, f64, f64)) {
    let model = model(parameters, Amplitude::Gaussian);
    let budget = Budget { compute: 1e8, factor: 1.0, ridge: Ridge::Fixed(0.0), noise: 0.0 };
    bencher.bench(|| frontier(&model, black_box(budget)));
}

#[divan::bench(args = MODELS)]
fn optimal_ridge(bencher: Bencher, parameters: (f64, f64, f64, f64)) {
    let model = model(parameters, Amplitude::Gaussian);
    bencher.bench(|| {
        SampleTheory::new(&model, parameters.3).and_then(|theory| theory.optimal_ridge(100.0, 0.0))
    });
}
