//! The sum `Σ λ_i E ε(k_i)` over the counts of coordinates, equation (73) of the derivations of
//! asymscale-theory, over the loss of linear features: what the share that is lost of single
//! coordinates says of the loss on data of many samples. At `α = 1`, `β = 1.5`, `c = 1`.
//!
//! `cargo run --release -p asymscale-solvers --example learned_sum [DESIGNS]` (8): designs for each
//! number of sightings.

use asymscale_model::{Amplitude, SparseModel};
use asymscale_numerics::mean;
use asymscale_sampling::{Design, Key, TestInputs};
use asymscale_solvers::{Activation, DesignSpectrum, Nonlinear, lost_share, residual_mass};
use std::error::Error;

/// Sightings are powers of two up to this one; beyond, the last power law goes on.
const MOST: u32 = 10;
const INPUTS: usize = 4000;
/// Designs for the loss of linear features.
const LINEAR: u64 = 64;

fn main() -> Result<(), Box<dyn Error>> {
    let designs = std::env::args().nth(1).map_or(Ok(8), |word| word.parse())?;
    for amplitude in [Amplitude::Gaussian, Amplitude::Rademacher] {
        let model = SparseModel::power_law(1.0, 1.5, 1.0)?.with_amplitude(amplitude);
        let shares = shares(&model, designs)?;
        print!("erf, {amplitude}:");
        for samples in [256, 512, 1024, 2048] {
            print!("  {samples}: {:.2}", sum(&model, &shares, samples) / linear(&model, samples)?);
        }
        println!();
    }
    Ok(())
}

/// `ε` after 1, 2, 4, … sightings.
fn shares(model: &SparseModel, designs: u64) -> Result<Vec<f64>, Box<dyn Error>> {
    let inputs = TestInputs::draw(model, 1 << MOST, INPUTS, &mut Key::new(16).stream())?;
    let learner = Nonlinear::new(Activation::Erf);
    let share = |power: u32| -> Result<f64, Box<dyn Error>> {
        let key = Key::new(18).index(u64::from(power));
        let draws = (0..designs).map(|number| {
            let design = Design::sample(model, 1 << power, &mut key.index(number).stream())?;
            Ok(lost_share(&design, &inputs, learner)?.mean)
        });
        Ok(mean(draws.collect::<Result<Vec<f64>, Box<dyn Error>>>()?.iter().copied()))
    };
    (0..=MOST).map(share).collect()
}

/// `ε(k)`, by interpolation in logarithms.
fn share(shares: &[f64], sightings: f64) -> f64 {
    if sightings < 1.0 {
        return 1.0 + sightings * (shares[0] - 1.0);
    }
    let at = sightings.log2();
    let k = (at as usize).min(shares.len() - 2);
    (shares[k].ln() + (at - k as f64) * (shares[k + 1] / shares[k]).ln()).exp()
}

/// The sum over coordinates, counts as Poisson's law has them; of those beyond the last, hardly
/// ever seen, all is lost.
fn sum(model: &SparseModel, shares: &[f64], samples: usize) -> f64 {
    let last = (samples as f64).powf(4.0 / 3.0).round();
    let expected = |i: f64| expected(shares, samples as f64 * model.activity(i));
    let near: f64 =
        (1..=last as u64).map(|i| model.eigenvalue(i as f64) * expected(i as f64)).sum();
    // Σ over i > last of i⁻², by the Euler–Maclaurin formula.
    near + 1.0 / (last + 0.5)
}

/// `E ε(k)` at an expected count.
fn expected(shares: &[f64], count: f64) -> f64 {
    if count > 60.0 {
        return share(shares, count);
    }
    let (mut probability, mut sum) = ((-count).exp(), 0.0);
    for k in 0..200 {
        sum += probability * share(shares, f64::from(k));
        probability *= count / f64::from(k + 1);
    }
    sum
}

/// The mean loss of infinitely many linear features.
fn linear(model: &SparseModel, samples: usize) -> Result<f64, Box<dyn Error>> {
    let key = Key::new(19).index(samples as u64);
    let losses = (0..LINEAR).map(|number| {
        let design = Design::sample(model, samples, &mut key.index(number).stream())?;
        // With Rademacher amplitudes the rank does not follow from which entries are nonzero.
        Ok(match model.amplitude() {
            Amplitude::Gaussian => residual_mass(&design)?,
            Amplitude::Rademacher => DesignSpectrum::new(&design)?.residual_mass(),
        })
    });
    Ok(mean(losses.collect::<Result<Vec<f64>, Box<dyn Error>>>()?.iter().copied()))
}
