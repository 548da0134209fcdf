//! How many of infinitely many coordinates a design shows, and what variance it leaves unseen.
//!
//! `cargo run --release -p asymscale-sampling --example unseen`

use asymscale_model::SparseModel;
use asymscale_sampling::{Design, Key};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let model = SparseModel::power_law(1.0, 1.5, 1.0)?;
    println!("{:>10} {:>10} {:>10} {:>12}", "samples", "seen", "entries", "unseen mass");
    for samples in [16, 256, 4096, 65_536] {
        let design =
            Design::sample(&model, samples, &mut Key::new(1).index(samples as u64).stream())?;
        let entries: usize = (0..design.seen()).map(|j| design.column(j).0.len()).sum();
        println!(
            "{samples:>10} {:>10} {entries:>10} {:>12.3e}",
            design.seen(),
            design.unseen_mass()
        );
    }
    Ok(())
}
