//! Runs of the solvable model, whose loss is no sum of two powers, and fits of them.

use super::public_runs::{TrainedModel, runs_of, square};
use crate::ChapterError;
use crate::kit::{Entry, log_space};
use asymscale_fitting::{
    FitOptions, Parameter, Parameters, RunErrors, Runs, SyntheticRuns, fit_law, symmetry_test,
};
use asymscale_model::SparseModel;
use asymscale_sampling::Key;
use asymscale_theory::{Regression, SampleTheory};
use rand::Rng;
use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

/// Tables that were asked for before, by exponent, scale and side: the planted defect fits the
/// same.
static KNOWN: Mutex<BTreeMap<(u64, u64, usize), Runs>> = Mutex::new(BTreeMap::new());

/// Losses of the model with spectrum exponent `alpha` and activity exponent 2 on a square grid of
/// `side` sizes each: with the best ridge at every size, so that there is no peak, and without
/// label noise, so that nothing is irreducible. The exponents are `alpha` in N and `alpha/2` in D.
/// N is `scale` times, and D `scale²` times, that of the smallest grid, which changes only the unit
/// of the loss.
///
/// # Errors
/// As [`SparseModel::power_law`].
pub fn own_runs(alpha: f64, scale: f64, side: usize) -> Result<Runs, ChapterError> {
    let asked = (alpha.to_bits(), scale.to_bits(), side);
    if let Some(runs) = KNOWN.lock().unwrap_or_else(PoisonError::into_inner).get(&asked) {
        return Ok(runs.clone());
    }
    let model = SparseModel::power_law(alpha, 2.0, 1.0)?;
    let sizes = square(
        &log_space(1e3 * scale * scale, 1e6 * scale * scale, side),
        &log_space(10.0 * scale, 3000.0 * scale, side),
    );
    let run = |(d, n): &(f64, f64)| -> Result<TrainedModel, ChapterError> {
        let theory = SampleTheory::new(&model, *d)?;
        let regression = Regression::new(theory.optimal_ridge(*n, 0.0)?, 0.0)?;
        Ok(TrainedModel {
            name: String::new(),
            size: (*n, *d),
            loss: theory.loss_with(*n, regression)?,
        })
    };
    let runs = runs_of(&sizes.iter().map(run).collect::<Result<Vec<_>, _>>()?)?;
    KNOWN.lock().unwrap_or_else(PoisonError::into_inner).insert(asked, runs.clone());
    Ok(runs)
}

/// Fits of these runs: the misfit without noise; the fitted exponents over the true ones, there and
/// on larger grids; and among `sets` noisy tables, how often 95 % intervals cover the true
/// exponents and how often a 5 % test rejects one common exponent.
///
/// # Errors
/// As [`fit_law`].
pub fn own_model_entries(
    name: &str,
    alpha: f64,
    (sets, spread, side): (usize, f64, usize),
    options: &FitOptions,
    key: &Key,
) -> Result<Vec<Entry>, ChapterError> {
    let runs = own_runs(alpha, 1.0, side)?;
    let clean = fit_law(&runs, options)?;
    let mut rows = misfits(name, &runs, &clean.residuals());
    let exponents = [(Parameter::Alpha, alpha), (Parameter::Beta, alpha / 2.0)];
    let (mut covered, mut rejected) = ([0.0; 2], 0.0);
    for set in 0..sets {
        let mut stream = key.index(set as u64).stream();
        let noisy = noisy(&runs, spread, &mut stream)?;
        let test = symmetry_test(&noisy, options, 0, &mut stream)?;
        rejected += f64::from(test.p_value < 0.05);
        for (count, (parameter, truth)) in covered.iter_mut().zip(exponents) {
            *count += f64::from(test.free.profile_interval(parameter, 0.95)?.contains(truth));
        }
    }
    for (count, (parameter, truth)) in covered.into_iter().zip(exponents) {
        let fitted = clean.parameters.get(parameter) / truth;
        rows.push(Entry::new("own", name, parameter.name(), fitted, runs.len()));
        rows.push(Entry::new("own covered", name, parameter.name(), count, sets));
    }
    rows.push(Entry::new("own rejected", name, "one exponent", rejected, sets));
    for scale in OWN_SCALES {
        let fitted = fit_law(&own_runs(alpha, scale, side)?, options)?.parameters;
        for (parameter, truth) in exponents {
            let (of, value) = (format!("{name} {scale}"), fitted.get(parameter) / truth);
            rows.push(Entry::new("own larger", &of, parameter.name(), value, runs.len()));
        }
    }
    Ok(rows)
}

/// Scales of larger grids.
pub const OWN_SCALES: [f64; 2] = [64.0, 256.0];

/// `ln loss − ln fit` at every size.
fn misfits(name: &str, runs: &Runs, residuals: &[f64]) -> Vec<Entry> {
    let one = |(k, residual): (usize, &f64)| {
        let (n, d) = (format!("{:.0}", runs.features()[k]), format!("{:.0}", runs.samples()[k]));
        Entry::new(&format!("misfit {name}"), &d, &n, *residual, runs.len())
    };
    residuals.iter().enumerate().map(one).collect()
}

/// The same runs with log-normal noise.
fn noisy<R: Rng + ?Sized>(runs: &Runs, spread: f64, rng: &mut R) -> Result<Runs, ChapterError> {
    // The noise is drawn as runs of a constant law.
    let (features, samples) = (runs.features().to_vec(), runs.samples().to_vec());
    let truth = Parameters { e: 1.0, a: 0.0, b: 0.0, alpha: 1.0, beta: 1.0 };
    let noise =
        SyntheticRuns { truth, features, samples, errors: RunErrors::Normal(spread) }.draw(rng)?;
    let losses: Vec<f64> =
        runs.losses().iter().zip(noise.losses()).map(|(loss, noise)| loss * noise).collect();
    Ok(Runs::new(runs.features(), runs.samples(), &losses)?)
}
