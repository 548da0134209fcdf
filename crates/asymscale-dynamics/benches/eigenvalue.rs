//! Costs of the largest eigenvalue of a sparse design, and of deciding whether a step is unstable.
//!
//! Bytes are read by `cargo xtask bench` as bytes of memory, though a small design stays in cache.

use asymscale_dynamics::{is_unstable, largest_eigenvalue, largest_eigenvalue_with_features};
use asymscale_model::SparseModel;
use asymscale_sampling::{Design, Key};
use divan::{Bencher, counter::BytesCount};

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

/// The largest eigenvalue to a residual of 1e-9, by Lanczos with full reorthogonalisation.
///
/// Limit: bytes `24 nnz` for each of the `k` products it takes (row, value, twice), `16 S k²` for
/// reorthogonalising twice against all vectors so far, each read for a dot product and for an
/// update.
#[divan::bench(args = MODELS)]
fn eigenvalue(bencher: Bencher, parameters: (f64, f64, f64, usize)) {
    let design = design(parameters);
    let products = largest_eigenvalue(&design).expect("Lanczos converges").products;
    let bytes = 24 * design.nonzeros() * products + 16 * design.seen() * products * products;
    bencher.counter(BytesCount::new(bytes)).bench(|| largest_eigenvalue(&design));
}

/// Whether a step diverges: bounds first, Lanczos where they do not decide.
///
/// Limit: bytes `12 nnz`, every entry looked at once.
#[divan::bench(args = MODELS)]
fn unstable(bencher: Bencher, parameters: (f64, f64, f64, usize)) {
    let design = design(parameters);
    bencher.counter(BytesCount::new(12 * design.nonzeros())).bench(|| is_unstable(&design, 0.3));
}

/// The largest eigenvalue seen through 64 features.
///
/// Limit: bytes `8 N S` twice and `24 nnz` for each product it takes.
#[divan::bench]
fn with_64_features(bencher: Bencher) {
    let design = design((0.5, 2.5, 1.0, 512));
    let found =
        largest_eigenvalue_with_features(&design, 64, &Key::new(2)).expect("Lanczos converges");
    let bytes = (16 * 64 * design.seen() + 24 * design.nonzeros()) * found.products;
    bencher
        .counter(BytesCount::new(bytes))
        .bench(|| largest_eigenvalue_with_features(&design, 64, &Key::new(2)));
}
