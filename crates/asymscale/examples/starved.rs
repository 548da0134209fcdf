//! Which of the two is starving a learner, parameters or data, and what twice as much of either
//! would bring.
//!
//! `cargo run --release -p asymscale --no-default-features --example starved`

use asymscale::model::SparseModel;
use asymscale::theory::{SampleTheory, loss};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let model = SparseModel::power_law(1.0, 1.5, 20.0)?;
    for (features, samples) in [(50.0, 1e5), (500.0, 1e4), (1e5, 1e4)] {
        let theory = SampleTheory::new(&model, samples)?;
        let now = theory.loss(features)?;
        println!("N = {features}, D = {samples}: loss {now:.3e}, {:?}", theory.regime(features)?);
        println!("  twice the features: {:.2} of it", loss(&model, 2.0 * features, samples)? / now);
        println!("  twice the samples:  {:.2} of it", loss(&model, features, 2.0 * samples)? / now);
    }
    Ok(())
}
