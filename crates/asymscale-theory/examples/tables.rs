//! What theory costs on a table of coordinates, and how accurate nodes are that many coordinates
//! share: against the power law that the table lists.
//!
//! `cargo run --release -p asymscale-theory --example tables`

use asymscale_model::{Activity, Amplitude, Coordinates, SparseModel, Spectrum};
use asymscale_theory::SampleTheory;
use std::error::Error;
use std::time::Instant;

/// Samples of every table.
const SAMPLES: f64 = 1e5;

fn main() -> Result<(), Box<dyn Error>> {
    println!("{:>9} {:>9} {:>9} {:>9} {:>11}", "entries", "scatter", "point", "curve", "error");
    for entries in [1_000u32, 10_000, 100_000, 1_000_000] {
        for scatter in [false, true] {
            let (model, law) = (table(entries, scatter)?, listed(entries)?);
            let start = Instant::now();
            let point = SampleTheory::new(&model, SAMPLES)?.loss(300.0)?;
            let one = start.elapsed().as_secs_f64();
            let features: Vec<f64> =
                (0..100).map(|k| 10f64.powf(4.0 * f64::from(k) / 99.0)).collect();
            let start = Instant::now();
            let curve = SampleTheory::new(&model, SAMPLES)?.curve(&features)?;
            let many = start.elapsed().as_secs_f64();
            let exact = SampleTheory::new(&law, SAMPLES)?;
            let off =
                |got: f64, n: f64| Ok::<f64, Box<dyn Error>>((got / exact.loss(n)? - 1.0).abs());
            let mut worst = off(point, 300.0)?;
            for (n, loss) in features.iter().zip(curve) {
                worst = worst.max(off(loss, *n)?);
            }
            let error = if scatter { "—".to_owned() } else { format!("{worst:.1e}") };
            println!("{entries:>9} {scatter:>9} {one:>8.4}s {many:>8.4}s {error:>11}");
        }
    }
    Ok(())
}

/// The power law that the tables without scatter list.
fn listed(entries: u32) -> Result<SparseModel, Box<dyn Error>> {
    let law = SparseModel::power_law(0.8, 1.3, 2.0)?;
    Ok(law.with_coordinates(Coordinates::Finite(u64::from(entries)))?)
}

/// A table of its values, or of these times factors between 1/30 and 30.
fn table(entries: u32, scatter: bool) -> Result<SparseModel, Box<dyn Error>> {
    let law = listed(entries)?;
    let mut state = 1u32;
    let mut factor = || {
        // A linear congruential generator (Numerical Recipes) is random enough to scatter points.
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        let uniform = f64::from(state) / f64::from(u32::MAX);
        if scatter { 30f64.powf(2.0 * uniform - 1.0) } else { 1.0 }
    };
    let (mut variances, mut activities) = (Vec::new(), Vec::new());
    for i in 1..=entries {
        variances.push(law.eigenvalue(f64::from(i)) * factor());
        activities.push((law.activity(f64::from(i)) * factor()).min(1.0));
    }
    let (spectrum, activity) = (Spectrum::table(variances)?, Activity::table(activities)?);
    let coordinates = Coordinates::Finite(u64::from(entries));
    Ok(SparseModel::new(spectrum, activity, Amplitude::Gaussian, coordinates)?)
}
