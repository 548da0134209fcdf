//! The exact loss of one design against model size, averaged over features: its peak is at the
//! rank, not at the samples.
//!
//! `cargo run --release -p asymscale-solvers --example double_descent`

use asymscale_model::SparseModel;
use asymscale_sampling::{Design, Key};
use asymscale_solvers::{DesignSpectrum, Regression};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let model = SparseModel::power_law(1.0, 1.5, 1.0)?;
    let design = Design::sample(&model, 512, &mut Key::new(1).stream())?;
    let spectrum = DesignSpectrum::new(&design)?;
    let rank = spectrum.rank() as f64;
    println!("512 samples, rank {rank}, unseen mass {:.3e}", design.unseen_mass());
    let sizes: Vec<f64> = [0.1, 0.25, 0.5, 0.75, 0.9, 1.1, 1.25, 1.5, 2.0, 5.0]
        .map(|share| (share * rank).round())
        .into();
    for (size, loss) in sizes.iter().zip(spectrum.averaged_curve(&sizes, Regression::default())?) {
        println!("{size:>8} features: loss {loss:.3e}");
    }
    Ok(())
}
