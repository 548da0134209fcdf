//! Cost of a hundred designs of an instability estimate, plain and with planted entries, on one
//! thread.
//!
//! Items are read by `cargo xtask bench` as evaluations of the benchmark that the line `Limit:`
//! names, with the same argument.

use asymscale_model::SparseModel;
use asymscale_montecarlo::{InstabilityMethod, InstabilitySettings, simulate_instability};
use asymscale_sampling::{Design, Key};
use divan::{Bencher, counter::ItemsCount};

fn main() {
    // The thread that measures is the only one that works.
    let pool = rayon::ThreadPoolBuilder::new().num_threads(1).use_current_thread();
    pool.build_global().expect("no pool yet");
    divan::main();
}

fn model() -> SparseModel {
    SparseModel::power_law(0.9, 2.6, 1.0).expect("inside the domain")
}

/// Drawing 100 designs of so many samples.
///
/// Limit: none stated: of so small designs most is set-up; it is the unit of others.
#[divan::bench(args = [256, 4000])]
fn designs(bencher: Bencher, samples: usize) {
    let (model, mut rng) = (model(), Key::new(1).stream());
    bencher.counter(ItemsCount::new(100_usize)).bench_local(|| {
        (0..100).map(|_| Design::sample(&model, samples, &mut rng)).collect::<Vec<_>>()
    });
}

/// Plain Monte Carlo, 100 designs of so many samples.
///
/// Limit: 100 designs at the rate of `instability::designs`.
#[divan::bench(args = [256, 4000])]
fn monte_carlo(bencher: Bencher, samples: usize) {
    measure(bencher, samples, InstabilityMethod::MonteCarlo);
}

/// Importance sampling, a large entry planted in every design.
///
/// Limit: as for `monte_carlo`, 100 designs at the rate of `instability::designs`.
#[divan::bench(args = [256, 4000])]
fn importance_sampling(bencher: Bencher, samples: usize) {
    measure(bencher, samples, InstabilityMethod::ImportanceSampling);
}

fn measure(bencher: Bencher, samples: usize, method: InstabilityMethod) {
    let settings =
        InstabilitySettings { samples, rate: 0.3, repeats: 100, method, ..Default::default() };
    bencher
        .counter(ItemsCount::new(100_usize))
        .bench_local(|| simulate_instability(&model(), &settings));
}
