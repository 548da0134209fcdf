//! Losses over time as rows.

use crate::ChapterError;
use asymscale_dynamics::{ClosedForm, DynamicsError, FeatureMap, Learner, descend, step_loss};
use asymscale_montecarlo::replicates;
use asymscale_sampling::{Design, Key, TeacherLaw, Teachers};
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

/// Teachers of each draw of features.
const TEACHERS: usize = 60;

/// Losses on one design with each number of features, in `repeats` draws of features and teachers:
/// the `early` steps, of size `rate`, are taken one by one, the `late` ones in closed form. The
/// formula is the average over features on this design.
///
/// # Errors
/// Those of descent, and of the formula.
pub fn iterated_rows(
    (case, repeats, sizes): (&str, usize, &[usize]),
    (design, spectrum): (&Design, &DesignSpectrum),
    (early, late, rate): (&[u64], &[u64], f64),
    key: &Key,
) -> Result<Table, ChapterError> {
    let steps: Vec<u32> = early.iter().chain(late).map(|t| *t as u32).collect();
    let numbers: Vec<usize> = steps.iter().map(|t| *t as usize).collect();
    let mut rows = Table::default();
    for features in sizes {
        let formula = spectrum.descent_curve(*features as f64, rate, &steps)?;
        let curves = replicates(key, 0, repeats, |_, key| -> Result<_, ChapterError> {
            let law = TeacherLaw::Gaussian;
            let teachers = Teachers::draw(design, TEACHERS, law, &key.label("teachers"));
            let map = FeatureMap::draw(design, *features, &key)?;
            let learner = Learner::Features(&map);
            let mut losses = descend(design, &teachers, learner, rate, early)?.teacher_means();
            let closed = ClosedForm::new(design, &teachers, learner)?;
            for step in late {
                losses.push(closed.losses(rate, *step)?.iter().sum::<f64>() / TEACHERS as f64);
            }
            take_out_teachers(&mut losses, (design, spectrum, &teachers), rate, &steps)?;
            Ok((losses, formula.clone()))
        })?;
        let of = (case, design.samples(), *features as f64);
        rows.append(trajectory_rows(of, &numbers, &curves)?)?;
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
