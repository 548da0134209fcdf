//! The Rust that the first page of `asymscale explore` copies: what is the loss here?

use asymscale::answers;
use asymscale::model::{Activity, Amplitude, Coordinates, Regression, SparseModel, Spectrum};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let spectrum = Spectrum::power_law(1.0)?;
    let activity = Activity::power_law(1.5, 1.0)?;
    let model = SparseModel::new(spectrum, activity, Amplitude::Gaussian, Coordinates::default())?;
    let rows = answers::loss(&model, 1000.0, &[100.0], Regression::new(0.0, 0.0)?)?;
    println!("{rows:#?}");
    Ok(())
}
