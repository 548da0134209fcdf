//! How often coordinates are active, how much they vary, and how large they are when they are
//! active.
//!
//! `cargo run --release -p asymscale-model --example coordinates`

use asymscale_model::{ModelError, SparseModel};

fn main() -> Result<(), ModelError> {
    let model = SparseModel::power_law(1.0, 1.5, 20.0)?;
    println!("{:>10} {:>12} {:>12} {:>12}", "i", "p_i", "lambda_i", "lambda_i/p_i");
    for i in (0..7).map(|k| 10_f64.powi(k)) {
        let (p, lambda, scale) = (model.activity(i), model.eigenvalue(i), model.scale_squared(i));
        println!("{i:>10} {p:>12.3e} {lambda:>12.3e} {scale:>12.3e}");
    }
    println!("active coordinates in a sample: {:.2}", model.active_per_sample());
    println!("variance of a sample: {:.4}", model.total_variance());
    Ok(())
}
