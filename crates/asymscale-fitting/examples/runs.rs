//! A law of training runs with intervals, whether it needs two exponents, and where the next budget
//! should go.
//!
//! `cargo run --release -p asymscale-fitting --no-default-features --example runs`

use asymscale_fitting::{FitOptions, FittingError, Parameter, Parameters, Runs, fit_law};

fn main() -> Result<(), FittingError> {
    // Thirty runs of a known law, each loss off by at most 1 %.
    let truth = Parameters { e: 1.7, a: 400.0, b: 1500.0, alpha: 0.34, beta: 0.37 };
    let n: Vec<f64> = (0..30).map(|k| 1e7 * 3f64.powi(k % 6)).collect();
    let d: Vec<f64> = (0..30).map(|k| 1e9 * 4f64.powi(k / 6)).collect();
    let losses: Vec<f64> =
        (0..30).map(|k| truth.loss(n[k], d[k]) * (0.99 + 0.005 * (k % 5) as f64)).collect();
    let fit = fit_law(&Runs::new(&n, &d, &losses)?, &FitOptions::default())?;
    for (parameter, value) in
        [(Parameter::Alpha, fit.parameters.alpha), (Parameter::Beta, fit.parameters.beta)]
    {
        let interval = fit.profile_interval(parameter, 0.95)?;
        println!("{parameter:?}: {value:.3} ({:.3} to {:.3})", interval.lower, interval.upper);
    }
    let best = fit.allocate(1e21, 6.0)?;
    println!(
        "best for C = 1e21: N = {:.2e}, D = {:.2e}, loss {:.3}",
        best.features, best.samples, best.loss
    );
    Ok(())
}
