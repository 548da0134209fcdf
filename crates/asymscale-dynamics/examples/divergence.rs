//! A step size at which descent on a design converges, and one at which a single rare coordinate
//! makes it diverge.
//!
//! `cargo run --release -p asymscale-dynamics --example divergence`

use asymscale_dynamics::{is_unstable, largest_eigenvalue, step_loss};
use asymscale_model::SparseModel;
use asymscale_sampling::{Design, Key};
use asymscale_solvers::DesignSpectrum;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    // Rare coordinates are large: beta > 1 + alpha.
    let model = SparseModel::power_law(1.0, 2.5, 1.0)?;
    let design = Design::sample(&model, 256, &mut Key::new(1).stream())?;
    let edge = 2.0 / largest_eigenvalue(&design)?.value;
    let spectrum = DesignSpectrum::new(&design)?;
    for share in [0.5, 1.02] {
        let rate = share * edge;
        println!("rate {rate:.4}, unstable: {}", is_unstable(&design, rate)?);
        for steps in [0, 10, 100, 1000] {
            println!("  after {steps:>4} steps: loss {:.3e}", step_loss(&spectrum, rate, steps)?);
        }
    }
    Ok(())
}
