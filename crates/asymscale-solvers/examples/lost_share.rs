//! The table of `ε(k)`, the share of a rare coordinate that is lost after `k` sightings, and of its
//! exponent `δ`: equation (72) of the derivations of asymscale-theory.
//!
//! `cargo run --release -p asymscale-solvers --example lost_share [MOST] [INPUTS]`: sightings from
//! 16 to MOST (1024), by factors of 4, on INPUTS (4000) test inputs. On steep spectra a few inputs
//! in ten thousand make up much of a small `ε`, and 4000 are too few.

use asymscale_model::{Amplitude, SparseModel};
use asymscale_numerics::mean_and_standard_error;
use asymscale_sampling::{Design, Key, TestInputs};
use asymscale_solvers::{Activation, Nonlinear, lost_share};
use std::error::Error;

/// Exponents `(α, β)`; the onset is 1.
const MODELS: [(f64, f64); 5] = [(1.0, 1.5), (0.5, 1.5), (2.0, 1.5), (1.0, 2.0), (1.0, 3.0)];

/// Activation, scale and linear path: all of them for the first model, the first two for others.
const LEARNERS: [(Activation, f64, f64); 10] = [
    (Activation::Erf, 1.0, 0.0),
    (Activation::Sin, 1.0, 0.0),
    (Activation::Erf, 0.3, 0.0),
    (Activation::Erf, 3.0, 0.0),
    (Activation::Tanh, 1.0, 0.0),
    (Activation::Sigmoid, 1.0, 0.0),
    (Activation::IdentityErf(1.0), 1.0, 0.0),
    (Activation::IdentitySin(1.0), 1.0, 0.0),
    (Activation::Erf, 1.0, 1.0),
    (Activation::Relu, 1.0, 0.0),
];

fn main() -> Result<(), Box<dyn Error>> {
    let argument = |number| std::env::args().nth(number).map(|word| word.parse::<usize>());
    let most = argument(1).unwrap_or(Ok(1024))?;
    // The same for all numbers of sightings, so that exponents depend on them little.
    let inputs = argument(2).unwrap_or(Ok(4000))?;
    let sightings: Vec<usize> =
        (2..16).map(|power| 4usize.pow(power)).take_while(|k| *k <= most).collect();
    for (number, (alpha, beta)) in MODELS.into_iter().enumerate() {
        let learners = if number == 0 { &LEARNERS[..] } else { &LEARNERS[..2] };
        for amplitude in [Amplitude::Gaussian, Amplitude::Rademacher] {
            let model = SparseModel::power_law(alpha, beta, 1.0)?.with_amplitude(amplitude);
            let inputs = TestInputs::draw(&model, most, inputs, &mut Key::new(16).stream())?;
            for learner in learners {
                print!("{alpha} {beta} {amplitude:?} ");
                row(&model, &inputs, *learner, &sightings);
            }
        }
    }
    Ok(())
}

/// `ε` at every number of sightings, and the exponents between them.
fn row(
    model: &SparseModel,
    inputs: &TestInputs,
    (activation, scale, path): (Activation, f64, f64),
    sightings: &[usize],
) {
    let learner = Nonlinear { scale, path, ..Nonlinear::new(activation) };
    let mut before = None;
    print!("{activation} scale {scale} path {path}:");
    for k in sightings {
        match mean_share(model, inputs, *k, learner) {
            Ok((mean, error)) => {
                print!("  {k}: {mean:.2e} ± {error:.0e}");
                if let Some(last) = before.replace(mean) {
                    print!(" (δ {:.2})", -(mean / last).ln() / 4f64.ln());
                }
            }
            Err(error) => print!("  {k}: {error}"),
        }
    }
    println!();
}

/// Over designs, the more the fewer the sightings.
fn mean_share(
    model: &SparseModel,
    inputs: &TestInputs,
    sightings: usize,
    learner: Nonlinear,
) -> Result<(f64, f64), Box<dyn Error>> {
    let key = Key::new(17).index(sightings as u64);
    let designs = (4096 / sightings).clamp(4, 16) as u64;
    let shares: Vec<f64> = (0..designs)
        .map(|number| {
            let mut stream = key.label("design").index(number).stream();
            let design = Design::sample(model, sightings, &mut stream)?;
            Ok(lost_share(&design, inputs, learner)?.mean)
        })
        .collect::<Result<_, Box<dyn Error>>>()?;
    Ok(mean_and_standard_error(&shares))
}
