//! Theory of gradient flow as rows, so that what a report and that of a planted defect need is
//! computed once.

use super::trajectories::trajectory_rows;
use crate::ChapterError;
use crate::kit::{Case, log_space};
use asymscale_sweep::Table;
use asymscale_theory::SampleTheory;

/// Theory beside rows of the same data and `steps` of size `rate`, under the name of the data and
/// the word theory: the loss with infinitely many features, and as `formula` that with `features`.
/// A second replicate has both at half of the times, which share their evaluations.
///
/// # Errors
/// Those of theory.
pub fn flow_rows(
    (case, samples, features): (&str, usize, f64),
    theory: &SampleTheory,
    (steps, rate): (&[usize], f64),
) -> Result<Table, ChapterError> {
    let times = |factor: f64| steps.iter().map(move |t| factor * rate * *t as f64);
    let times: Vec<f64> = times(1.0).chain(times(0.5)).collect();
    let (all, half) = (theory.flow(&times)?, theory.flow_with_features(features, &times)?);
    let curves: Vec<_> = all
        .chunks(steps.len())
        .zip(half.chunks(steps.len()))
        .map(|(a, h)| (a.into(), h.into()))
        .collect();
    let of = (&*format!("{case} theory"), samples, features);
    Ok(trajectory_rows(of, steps, &curves)?)
}

/// The time to settle, as the loss of one row.
///
/// # Errors
/// If it is not within 0.01 and 10 times `c^{1+α} D^{(1+α)/β}`, or the case is no model.
pub fn settling_rows(case: &Case, alpha: f64, samples: f64) -> Result<Table, ChapterError> {
    let curve = (vec![settling(case, alpha, samples)?], vec![0.0]);
    let of = (&*format!("settling {}", case.onset), samples as usize, 0.0);
    Ok(trajectory_rows(of, &[0], &[curve])?)
}

/// The relative excess of the flow over its plateau at 100 times `D^{(1+α)/β}`, and as `formula` at
/// 1000 times.
///
/// # Errors
/// Those of theory.
pub fn approach_rows(case: &Case, alpha: f64, samples: f64) -> Result<Table, ChapterError> {
    let theory = SampleTheory::new(&case.model(alpha)?, samples)?;
    let (plateau, start) = (theory.loss(f64::INFINITY)?, samples.powf((1.0 + alpha) / case.beta));
    let excess: Vec<f64> = theory
        .flow(&[100.0 * start, 1000.0 * start])?
        .into_iter()
        .map(|loss| loss / plateau - 1.0)
        .collect();
    let of = (&*format!("approach {}", case.name), samples as usize, 0.0);
    Ok(trajectory_rows(of, &[0], &[(vec![excess[0]], vec![excess[1]])])?)
}

/// The time at which the loss of the flow is twice its plateau, in theory: by interpolation in
/// logarithms.
///
/// # Errors
/// If it is not within 0.01 and 10 times `c^{1+α} D^{(1+α)/β}`, or the case is no model.
fn settling(case: &Case, alpha: f64, samples: f64) -> Result<f64, ChapterError> {
    let theory = SampleTheory::new(&case.model(alpha)?, samples)?;
    let target = 2.0 * theory.loss(f64::INFINITY)?;
    let guess = case.onset.powf(1.0 + alpha) * samples.powf((1.0 + alpha) / case.beta);
    let times = log_space(0.01 * guess, 10.0 * guess, 13);
    let losses = theory.flow(&times)?;
    let k = losses.iter().position(|loss| *loss < target).filter(|k| *k > 0).ok_or("no plateau")?;
    let share = (losses[k - 1] / target).ln() / (losses[k - 1] / losses[k]).ln();
    Ok(times[k - 1] * (times[k] / times[k - 1]).powf(share))
}
