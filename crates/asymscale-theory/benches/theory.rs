//! Costs of a point, a curve, the rank and the coverage. Quantiles over the whole box of parameters are
//! printed by `examples/point_latency.rs`.

use asymscale_model::{Amplitude, SparseModel};
use asymscale_theory::{SampleTheory, loss};
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
