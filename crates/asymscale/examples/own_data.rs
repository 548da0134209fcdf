//! Your own variances and activities: theory and 20 simulated designs, as a figure.
//!
//! `cargo run --release -p asymscale --example own_data > figure.svg`

use asymscale::model::{Activity, Amplitude, Coordinates, ModelSize, SparseModel, Spectrum};
use asymscale::montecarlo::{Settings, simulate};
use asymscale::plots::{Axis, Figure, Line, Panel, Points};
use asymscale::theory::SampleTheory;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let numbers = || (1..=2000).map(f64::from);
    let spectrum = Spectrum::table(numbers().map(|i| i.powf(-1.8)).collect())?;
    let activity = Activity::table(numbers().map(|i| (4.0 / i).powf(1.3).min(0.6)).collect())?;
    let (law, count) = (Amplitude::Gaussian, Coordinates::Finite(2000));
    let model = SparseModel::new(spectrum, activity, law, count)?;
    let sizes = [2, 8, 30, 100, 1000, 5000].map(ModelSize::Finite).to_vec();
    let settings = Settings { samples: 500, features: sizes, repeats: 20, ..Settings::default() };
    let simulated = simulate(&model, &settings)?.summaries();
    let features: Vec<f64> = (4..80).map(|k| 1.12f64.powi(k)).collect();
    let losses = SampleTheory::new(&model, 500.0)?.curve(&features)?;
    let line = features.into_iter().zip(losses).collect();
    let points = simulated.iter().map(|found| (found.features.as_f64(), found.median)).collect();
    let panel = Panel::new("", Axis::log("features $N$", ""), Axis::log("population loss", ""))
        .with(Line { name: "theory".into(), points: line, ..Line::default() })
        .with(Points { name: "20 designs".into(), points, ..Points::default() });
    println!("{}", Figure { panels: vec![panel], ..Figure::default() }.to_svg()?);
    Ok(())
}
