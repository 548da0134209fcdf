//! Cost of a hundred designs of an instability estimate, plain and with planted entries.

use asymscale_model::SparseModel;
use asymscale_montecarlo::{InstabilityMethod, InstabilitySettings, simulate_instability};
use divan::Bencher;

fn main() {
    divan::main();
}

#[divan::bench(args = [256, 4000])]
fn monte_carlo(bencher: Bencher, samples: usize) {
    measure(bencher, samples, InstabilityMethod::MonteCarlo);
}

#[divan::bench(args = [256, 4000])]
fn importance_sampling(bencher: Bencher, samples: usize) {
    measure(bencher, samples, InstabilityMethod::ImportanceSampling);
}

fn measure(bencher: Bencher, samples: usize, method: InstabilityMethod) {
    let model = SparseModel::power_law(0.9, 2.6, 1.0).expect("inside the domain");
    let settings = InstabilitySettings { samples, rate: 0.3, repeats: 100, method, ..Default::default() };
    bencher.bench(|| simulate_instability(&model, &settings));
}
