//! Losses of nonlinear features on one design, beside those of linear ones.

use crate::ChapterError;
use asymscale_model::{ModelSize, SparseModel};
use asymscale_sampling::{Design, Key, TestInputs};
use asymscale_solvers::{
    Activation, DesignSpectrum, Nonlinear, NonlinearLoss, Regression, even_trace, nonlinear_curves,
};
use asymscale_sweep::{SweepError, Table, row};

/// A learner under the name it has in rows and legends.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Learner {
    /// The name.
    pub name: &'static str,
    /// Its activation.
    pub activation: Activation,
    /// The scale of its weights.
    pub scale: f64,
    /// The weight of linear units beside its own.
    pub path: f64,
}

impl Learner {
    /// Weights of scale 1, no linear units beside.
    pub const fn plain(name: &'static str, activation: Activation) -> Self {
        Self { name, activation, scale: 1.0, path: 0.0 }
    }
}

/// Sizes of one cell of designs.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Sizes<'a> {
    /// Samples `D`.
    pub samples: usize,
    /// Test inputs.
    pub inputs: usize,
    /// Numbers of features; none for kernel regression.
    pub features: &'a [usize],
    /// How often features are drawn on a design, at least once; kernel regression does not depend
    /// on it.
    pub draws: usize,
    /// Whether the even modes are measured too.
    pub modes: bool,
}

/// A loss beside that of linear features on the same design.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Paired {
    /// The name of the learner.
    pub learner: &'static str,
    /// Samples `D`.
    pub samples: usize,
    /// Number of features, or of samples where there are infinitely many features.
    pub size: usize,
    /// The loss, averaged over draws of features.
    pub loss: f64,
    /// Its standard error from test inputs. They are the same for all draws, so that it is the mean
    /// of theirs.
    pub error: f64,
    /// The loss of as many linear features on the same design.
    pub linear: f64,
    /// The unseen mass of the design.
    pub unseen: f64,
    /// `tr E⁻¹` of the even part of the kernel on another design of as many samples as the size
    /// says; 0 if not measured.
    pub trace: f64,
}

/// Draws a design and measures the loss of a learner at every number of features.
///
/// Without features: kernel regression.
///
/// # Errors
/// As [`nonlinear_curves`].
pub fn paired_losses(
    model: &SparseModel,
    sizes: Sizes,
    learner: Learner,
    key: &Key,
) -> Result<Vec<Paired>, ChapterError> {
    let Sizes { samples, inputs, features, draws, modes } = sizes;
    let design = Design::sample(model, samples, &mut key.label("design").stream())?;
    let inputs = TestInputs::draw(model, samples, inputs, &mut key.label("inputs").stream())?;
    let linear = linear_losses(&design, features)?;
    let asked: Vec<ModelSize> = match features {
        [] => vec![ModelSize::Infinite],
        _ => features.iter().copied().map(ModelSize::Finite).collect(),
    };
    let Learner { name, activation, scale, path } = learner;
    let learner = Nonlinear { scale, path, ..Nonlinear::new(activation) };
    let keys: Vec<Key> = (0..draws).map(|n| key.label("features").index(n as u64)).collect();
    let drawn = nonlinear_curves(&design, &inputs, learner, &asked, &keys)?;
    let mean = |k: usize, value: fn(&NonlinearLoss) -> f64| {
        drawn.iter().map(|curve| value(&curve[k])).sum::<f64>() / drawn.len() as f64
    };
    let pair = |k: usize| {
        let size = features.get(k).copied().unwrap_or(samples);
        let trace = if modes { trace(model, size, activation, &key.label("modes"))? } else { 0.0 };
        Ok(Paired {
            learner: name,
            samples,
            size,
            loss: mean(k, |loss| loss.mean),
            error: mean(k, |loss| loss.standard_error),
            linear: linear.get(k).copied().unwrap_or_else(|| mean(k, |loss| loss.linear)),
            unseen: design.unseen_mass(),
            trace,
        })
    };
    (0..asked.len()).map(pair).collect()
}

/// The trace is taken on a design of its own, because a prediction must not know the samples of the
/// loss that it predicts.
fn trace(
    model: &SparseModel,
    size: usize,
    activation: Activation,
    key: &Key,
) -> Result<f64, ChapterError> {
    let design = Design::sample(model, size, &mut key.index(size as u64).stream())?;
    Ok(even_trace(&design, activation)?)
}

/// The rows of designs.
///
/// # Errors
/// None but those of the table, which these rows cannot cause.
pub fn paired_rows(case: &str, designs: &[Vec<Paired>]) -> Result<Table, SweepError> {
    let mut rows = Table::default();
    for (number, losses) in designs.iter().enumerate() {
        for l in losses {
            rows.push(row! {
                case, samples: l.samples as i64, size: l.size as i64, design: number as i64, learner: l.learner,
                loss: l.loss, error: l.error, linear: l.linear, unseen: l.unseen, trace: l.trace
            })?;
        }
    }
    Ok(rows)
}

/// Exact losses of linear features, averaged over features.
fn linear_losses(design: &Design, features: &[usize]) -> Result<Vec<f64>, ChapterError> {
    if features.is_empty() {
        return Ok(Vec::new());
    }
    let sizes: Vec<f64> = features.iter().map(|n| *n as f64).collect();
    Ok(DesignSpectrum::new(design)?.averaged_curve(&sizes, Regression::default())?)
}
