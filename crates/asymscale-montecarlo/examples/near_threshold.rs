//! The lifted loss and simulated designs near the threshold, side by side.
//!
//! `cargo run --release -p asymscale-montecarlo --example near_threshold -- ONSET COPIES LIFTS
//! REPEATS N…`

use asymscale_model::{ModelSize, SparseModel};
use asymscale_montecarlo::{Estimate, LiftedSettings, Method, Settings, lifted_curve, simulate};

fn main() {
    let mut words = std::env::args().skip(1).map(|word| word.parse::<f64>().expect("numbers"));
    let mut next = || words.next().expect("ONSET COPIES LIFTS REPEATS N…");
    let (onset, copies, lifts, repeats) =
        (next(), next() as usize, next() as usize, next() as usize);
    let features: Vec<usize> = words.map(|n| n as usize).collect();
    let model = SparseModel::power_law(1.0, 1.5, onset).expect("inside the domain");
    let samples = 512;
    let settings =
        LiftedSettings { samples, features: features.clone(), copies, lifts, designs: 64, seed: 1 };
    let lifted = lifted_curve(&model, &settings).expect("inside the domain");
    let features = features.into_iter().map(ModelSize::Finite).collect();
    let settings = Settings {
        samples,
        features,
        repeats,
        method: Method::Conditional,
        seed: 2,
        ..Settings::default()
    };
    let simulation = simulate(&model, &settings).expect("inside the domain");
    for (k, lifted) in lifted.iter().enumerate() {
        let n = lifted.features;
        let far: Vec<f64> = simulation
            .replicates
            .iter()
            .filter(|r| r.rank.abs_diff(n) > 3)
            .map(|r| r.losses[k])
            .collect();
        let (theory, simulated) = (lifted.mean, Estimate::of(&far));
        println!(
            "N {n:>4}  lifted {:.5} ± {:.5}  simulated {:.5} ± {:.5}  near {:.3}",
            theory.mean,
            theory.standard_error,
            simulated.mean,
            simulated.standard_error,
            lifted.near,
        );
    }
    println!("rank {:.2}", simulation.rank_mean());
}
