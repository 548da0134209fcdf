//! Losses of nonlinear random features over replicated designs, each beside that of linear ones.

use crate::{Estimate, MonteCarloError, quantile, replicates};
use asymscale_model::SparseModel;
use asymscale_sampling::{Design, Key, TestInputs};
use asymscale_solvers::{DesignSpectrum, Nonlinear, Regression, SolverError, Width, nonlinear_curve};

/// Fewer test inputs than this have no standard error in each of two strata.
const FEWEST_INPUTS: usize = 4;

/// What to simulate: every field is a choice of the caller, none is hidden.
#[derive(Debug, Clone, PartialEq)]
pub struct NonlinearSettings {
    /// Number of training samples `D ≥ 1`.
    pub samples: usize,
    /// Model sizes, in any order.
    pub widths: Vec<Width>,
    /// Activation, scale and ridge.
    pub learner: Nonlinear,
    /// Test inputs per design, at least 4.
    pub inputs: usize,
    /// Number of independent designs, at least 1.
    pub repeats: usize,
    /// Seed of all streams.
    pub seed: u64,
}

/// The loss at one model size over designs.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct NonlinearEstimate {
    /// Model size.
    pub width: Width,
    /// Mean over designs; its standard error has the spread over designs, features and test inputs in it.
    pub loss: Estimate,
    /// The part of that standard error that more test inputs would take away.
    pub input_error: f64,
    /// Median over designs.
    pub median: f64,
    /// As many linear features with the same ridge on the same designs, averaged over features; a mean of `+∞` where some design has none.
    pub linear: Estimate,
}

/// Simulates the loss of nonlinear features at every width on `repeats` independent designs, with features and test inputs drawn anew
/// on each.
///
/// The loss is averaged over teachers exactly, so near the threshold of a design (`N` near `rank X` for linear features, near `D` for
/// others) it is heavy-tailed. Cost per design: as [`nonlinear_curve`], and one decomposition. Runs on the current rayon pool; the result does
/// not depend on its size.
///
/// # Errors
/// [`MonteCarloError`] naming the setting and its allowed range, before any design is drawn where the setting alone decides; or the error
/// of the first replicate that failed.
///
/// ```
/// use asymscale_model::SparseModel;
/// use asymscale_montecarlo::{NonlinearSettings, simulate_nonlinear};
/// use asymscale_solvers::{Activation, Nonlinear, Width};
/// let settings = NonlinearSettings {
///     samples: 32,
///     widths: vec![Width::Infinite],
///     learner: Nonlinear::new(Activation::Relu),
///     inputs: 200,
///     repeats: 4,
///     seed: 1,
/// };
/// let relu = simulate_nonlinear(&SparseModel::power_law(1.0, 1.5, 1.0)?, &settings)?[0];
/// assert!(relu.loss.mean > relu.linear.mean && relu.input_error < relu.loss.mean);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn simulate_nonlinear(
    model: &SparseModel,
    settings: &NonlinearSettings,
) -> Result<Vec<NonlinearEstimate>, MonteCarloError> {
    check(settings)?;
    let key = Key::new(settings.seed).label("nonlinear");
    let designs = replicates(&key, 0, settings.repeats, |_, key| one(model, settings, &key))?;
    Ok(settings.widths.iter().enumerate().map(|(k, width)| estimate(*width, k, &designs)).collect())
}

/// What can be refused without a draw.
fn check(settings: &NonlinearSettings) -> Result<(), MonteCarloError> {
    let Nonlinear { activation, scale, ridge } = settings.learner;
    if settings.repeats == 0 {
        return Err(MonteCarloError::Repeats(0));
    }
    if settings.inputs < FEWEST_INPUTS {
        return Err(SolverError::Inputs(settings.inputs).into());
    }
    if !(ridge >= 0.0 && ridge.is_finite()) {
        return Err(SolverError::Ridge(ridge).into());
    }
    if !(scale > 0.0 && scale.is_finite()) {
        return Err(SolverError::Scale(scale).into());
    }
    if settings.widths.is_empty() {
        return Err(MonteCarloError::NoFeatures);
    }
    let known = activation.kernel(0.0, 1.0, 1.0).is_some();
    settings.widths.iter().try_for_each(|width| match width {
        Width::Finite(0) => Err(MonteCarloError::Features(0)),
        Width::Infinite if !known => Err(SolverError::Kernel(activation.name()).into()),
        _ => Ok(()),
    })
}

fn estimate(width: Width, k: usize, designs: &[Vec<Losses>]) -> NonlinearEstimate {
    let of = |value: fn(&Losses) -> f64| designs.iter().map(|losses| value(&losses[k])).collect::<Vec<_>>();
    let mut losses = of(|losses| losses.loss);
    let (loss, linear) = (Estimate::of(&losses), Estimate::of(&of(|losses| losses.linear)));
    losses.sort_by(f64::total_cmp);
    let squares: f64 = of(|losses| losses.error.powi(2)).iter().sum();
    let input_error = squares.sqrt() / losses.len() as f64;
    NonlinearEstimate { width, loss, input_error, median: quantile(&losses, 0.5), linear }
}

/// On one design at one width.
struct Losses {
    loss: f64,
    error: f64,
    linear: f64,
}

fn one(model: &SparseModel, settings: &NonlinearSettings, key: &Key) -> Result<Vec<Losses>, MonteCarloError> {
    let design = Design::sample(model, settings.samples, &mut key.label("design").stream())?;
    let inputs =
        TestInputs::draw(model, settings.samples, settings.inputs, &mut key.label("inputs").stream())?;
    let curve =
        nonlinear_curve(&design, &inputs, settings.learner, &settings.widths, &key.label("features"))?;
    let size = |width: &Width| match width {
        Width::Finite(count) => *count as f64,
        Width::Infinite => f64::INFINITY,
    };
    let sizes: Vec<f64> = settings.widths.iter().map(size).collect();
    let regression = Regression { ridge: settings.learner.ridge, noise: 0.0 };
    let linear = DesignSpectrum::new(&design)?.averaged_curve(&sizes, regression)?;
    let pair = curve.into_iter().zip(linear);
    Ok(pair.map(|(loss, linear)| Losses { loss: loss.mean, error: loss.standard_error, linear }).collect())
}
