//! Losses of nonlinear features on one design, beside those of linear ones.

use crate::{ChapterError, Finding, Prediction, Tolerance};
use asymscale_model::SparseModel;
use asymscale_sampling::{Design, Key, TestInputs};
use asymscale_solvers::{Activation, DesignSpectrum, Nonlinear, Regression, Width, nonlinear_curve};
use asymscale_sweep::{SweepError, Table, row};

/// A loss with what it is held against.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Paired {
    /// The activation.
    pub activation: Activation,
    /// Number of features, or of samples where there are infinitely many (or four times as many) features.
    pub size: usize,
    /// The loss.
    pub loss: f64,
    /// Its standard error from test inputs.
    pub error: f64,
    /// The loss of as many linear features on the same design.
    pub linear: f64,
    /// The unseen mass of the design.
    pub unseen: f64,
}

/// Draws a design and measures the loss of every activation at every number of `features`.
///
/// Without `features`: kernel regression; four times as many features as samples where the kernel has no closed form.
///
/// # Errors
/// As [`nonlinear_curve`].
pub fn paired_losses(
    model: &SparseModel,
    (samples, inputs): (usize, usize),
    features: &[usize],
    activations: &[Activation],
    key: &Key,
) -> Result<Vec<Paired>, ChapterError> {
    let design = Design::sample(model, samples, &mut key.label("design").stream())?;
    let inputs = TestInputs::draw(model, samples, inputs, &mut key.label("inputs").stream())?;
    let linear = linear_losses(&design, features)?;
    let mut paired = Vec::new();
    for activation in activations.iter().copied() {
        let widths = widths(activation, samples, features);
        let learner = Nonlinear::new(activation);
        let losses = nonlinear_curve(&design, &inputs, learner, &widths, &key.label("features"))?;
        paired.extend(losses.iter().enumerate().map(|(k, loss)| Paired {
            activation,
            size: features.get(k).copied().unwrap_or(samples),
            loss: loss.mean,
            error: loss.standard_error,
            linear: linear.get(k).copied().unwrap_or(loss.linear),
            unseen: design.unseen_mass(),
        }));
    }
    Ok(paired)
}

/// The rows of designs; with `dropped`, losses without the unseen mass, which `whole` keeps.
///
/// # Errors
/// None but those of the table, which these rows cannot cause.
pub fn paired_rows(case: &str, designs: &[Vec<Paired>], dropped: bool) -> Result<Table, SweepError> {
    let mut rows = Table::default();
    for (number, losses) in designs.iter().enumerate() {
        for l in losses {
            let dropped = if dropped { l.unseen } else { 0.0 };
            rows.push(row! {
                case, size: l.size as i64, design: number as i64, activation: l.activation.name(),
                loss: l.loss - dropped, whole: l.loss, error: l.error, linear: l.linear, unseen: l.unseen
            })?;
        }
    }
    Ok(rows)
}

/// The finding that test inputs do not decide: their share of the standard error of a mean, over the mean, is at most `bound`.
///
/// # Errors
/// If columns of [`paired_rows`] are missing.
pub fn input_precision(rows: &Table, bound: f64) -> Result<Finding, ChapterError> {
    let mut worst: f64 = 0.0;
    for (_, rows) in rows.group_by(&["case", "activation", "size"])? {
        let error = rows.floats("error")?.iter().map(|e| e * e).sum::<f64>().sqrt();
        worst = worst.max(error / rows.floats("whole")?.iter().sum::<f64>());
    }
    let statement = "largest standard error from test inputs over the loss, of all points";
    let tolerance = Tolerance::new(0.0, "none: a bound set before");
    Ok(Finding::exact("precision", Some("C10"), statement, Prediction::AtMost(bound), worst, tolerance))
}

fn widths(activation: Activation, samples: usize, features: &[usize]) -> Vec<Width> {
    match (features, activation.kernel(0.0, 1.0, 1.0)) {
        ([], Some(_)) => vec![Width::Infinite],
        ([], None) => vec![Width::Finite(4 * samples)],
        _ => features.iter().copied().map(Width::Finite).collect(),
    }
}

/// Averaged over features, which is exact.
fn linear_losses(design: &Design, features: &[usize]) -> Result<Vec<f64>, ChapterError> {
    if features.is_empty() {
        return Ok(Vec::new());
    }
    let sizes: Vec<f64> = features.iter().map(|n| *n as f64).collect();
    Ok(DesignSpectrum::new(design)?.averaged_curve(&sizes, Regression::default())?)
}
