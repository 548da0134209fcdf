//! Your own variances and activities: theory and 20 simulated designs, as a figure.
//!
//! `cargo run --release -p asymscale --example own_data > figure.svg`

use asymscale::model::{Activity, Amplitude, Coordinates, ModelSize, SparseModel, Spectrum};
use asymscale::montecarlo::{Settings, simulate};
use asymscale::plots::{Axis, Color, Figure, Line, Panel, Points};
use asymscale::theory::SampleTheory;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let (mut variances, mut activities) = (Vec::new(), Vec::new());
    for i in 1..=2000u32 {
        activities.push(if i % 7 == 0 { 0.3 } else { f64::from(i).powf(-1.3) });
        variances.push(f64::from(i).powf(-1.8));
    }
    let (spectrum, activity) = (Spectrum::table(variances)?, Activity::table(activities)?);
    let model =
        SparseModel::new(spectrum, activity, Amplitude::Gaussian, Coordinates::Finite(2000))?;
    let features: Vec<f64> = (4..80).map(|k| 10f64.powf(0.05 * f64::from(k))).collect();
    let losses = SampleTheory::new(&model, 500.0)?.curve(&features)?;
    let theory = features.into_iter().zip(losses).collect();
    let sizes = [2, 8, 30, 100, 1000, 5000].map(ModelSize::Finite).to_vec();
    let settings = Settings { samples: 500, features: sizes, repeats: 20, ..Settings::default() };
    let simulated = simulate(&model, &settings)?.summaries();
    let points = simulated.iter().map(|found| (found.features.as_f64(), found.median)).collect();
    let (x, y) = (Axis::log("features $N$", ""), Axis::log("population loss", ""));
    let panel = Panel::new("", x, y)
        .with(Line { name: "theory".into(), points: theory, ..Line::default() })
        .with(Points {
            name: "simulated".into(),
            points,
            color: Color::Series(1),
            ..Points::default()
        });
    println!("{}", Figure { panels: vec![panel], ..Figure::default() }.to_svg()?);
    Ok(())
}
