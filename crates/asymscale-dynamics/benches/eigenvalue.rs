//! Costs of the largest eigenvalue of a sparse design, and of deciding whether a step is unstable.

use asymscale_dynamics::{is_unstable, largest_eigenvalue, largest_eigenvalue_with_features};
use asymscale_model::SparseModel;
use asymscale_sampling::{Design, Key};
use divan::Bencher;

fn main() {
    divan::main();
}

/// (α, β, c, D): rare coordinates large, the same from the start dense, rare ones small.
const MODELS: [(f64, f64, f64, usize); 3] =
    [(0.9, 2.6, 1.0, 4000), (0.5, 2.5, 20.0, 4000), (1.0, 1.5, 1.0, 4000)];

fn design((alpha, beta, onset, samples): (f64, f64, f64, usize)) -> Design {
    let model = SparseModel::power_law(alpha, beta, onset).expect("inside the domain");
    Design::sample(&model, samples, &mut Key::new(1).stream()).expect("few active coordinates")
}

#[divan::bench(args = MODELS)]
fn eigenvalue(bencher: Bencher, parameters: (f64, f64, f64, usize)) {
    let design = design(parameters);
    bencher.bench(|| largest_eigenvalue(&design));
}

#[divan::bench(args = MODELS)]
fn unstable(bencher: Bencher, parameters: (f64, f64, f64, usize)) {
    let design = design(parameters);
    bencher.bench(|| is_unstable(&design, 0.3));
}

#[divan::bench]
fn with_64_features(bencher: Bencher) {
    let design = design((0.5, 2.5, 1.0, 512));
    bencher.bench(|| largest_eigenvalue_with_features(&design, 64, &Key::new(2)));
}
