//! Losses over time as rows.

use asymscale_dynamics::{ClosedForm, DynamicsError, Learner, step_loss};
use asymscale_sampling::{Design, Teachers};
use asymscale_solvers::DesignSpectrum;
use asymscale_sweep::{SweepError, Table, row};

/// Rows of replicates that share their steps: the loss, and the value of a formula for the same
/// replicate.
///
/// # Errors
/// None but those of the table, which these rows cannot cause.
pub fn trajectory_rows(
    (case, samples, features): (&str, usize, f64),
    steps: &[usize],
    curves: &[(Vec<f64>, Vec<f64>)],
) -> Result<Table, SweepError> {
    let mut rows = Table::default();
    for (replicate, (losses, formulas)) in curves.iter().enumerate() {
        for (k, step) in steps.iter().enumerate() {
            rows.push(row! {
                case, samples: samples as i64, features: features as i64, replicate: replicate as i64,
                step: *step as i64, loss: losses[k], formula: formulas[k]
            })?;
        }
    }
    Ok(rows)
}

/// Reduces the variance that teachers add to their mean loss after each of `steps` steps: the loss
/// of the same teachers with all features is subtracted, and its known mean over teachers added.
///
/// # Errors
/// If the rate is not positive, or a decomposition does not converge.
pub fn take_out_teachers(
    losses: &mut [f64],
    (design, spectrum, teachers): (&Design, &DesignSpectrum, &Teachers),
    rate: f64,
    steps: &[u32],
) -> Result<(), DynamicsError> {
    let all = ClosedForm::new(design, teachers, Learner::Coordinates)?;
    for (loss, step) in losses.iter_mut().zip(steps) {
        let these = all.losses(rate, u64::from(*step))?;
        *loss += step_loss(spectrum, rate, u64::from(*step))?
            - these.iter().sum::<f64>() / these.len() as f64;
    }
    Ok(())
}
