//! Losses of nonlinear random features over replicated designs, each beside that of linear ones.

use crate::memory::{self, Flag, Sizes};
use crate::simulation::decomposed;
use crate::summary::right_skewness;
use crate::{Estimate, MonteCarloError, UnseenLaw, replicates_at_most};
use asymscale_model::{ModelSize, SparseModel};
use asymscale_numerics::{quantile, sorted};
use asymscale_sampling::{Design, Key, TestInputs};
use asymscale_solvers::{Nonlinear, Regression, SolverError, nonlinear_curve};

/// Fewer test inputs than this have no standard error in each of two strata.
const FEWEST_INPUTS: usize = 4;

/// What to simulate: every field is a choice of the caller, none is hidden.
#[derive(Debug, Clone, PartialEq)]
pub struct NonlinearSettings {
    /// Number of training samples `D ≥ 1`.
    pub samples: usize,
    /// Model sizes `N ≥ 1`, in any order.
    pub features: Vec<ModelSize>,
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
    /// Model size `N`.
    pub features: ModelSize,
    /// Mean over designs; its standard error has the spread over designs, features and test inputs
    /// in it, and that of the unseen mass at least ([`UnseenLaw`]).
    pub loss: Estimate,
    /// 95 % interval of that mean ([`Estimate::skewed_interval`]); infinite for a single design.
    pub interval: (f64, f64),
    /// The part of that standard error that more test inputs would take away.
    pub input_error: f64,
    /// Median over designs.
    pub median: f64,
    /// As many linear features with the same ridge on the same designs, averaged over features; a
    /// mean of `+∞` where some design has none.
    pub linear: Estimate,
}

/// Simulates the loss of nonlinear features at every model size on `repeats` independent designs,
/// with features and test inputs drawn anew on each.
///
/// The loss is averaged over teachers exactly, so near the threshold of a design (`N` near `rank X`
/// for linear features, near `D` for others) it is heavy-tailed. Cost per design: as
/// [`nonlinear_curve`], and one decomposition. Runs on the current rayon pool; the result does not
/// depend on its size.
///
/// # Errors
/// [`MonteCarloError`] naming the setting and its allowed range, before any design is drawn where
/// the setting alone decides; or the error of the first replicate that failed.
///
/// ```
/// use asymscale_model::{ModelSize, SparseModel};
/// use asymscale_montecarlo::{NonlinearSettings, simulate_nonlinear};
/// use asymscale_solvers::{Activation, Nonlinear};
/// let settings = NonlinearSettings {
///     samples: 32,
///     features: vec![ModelSize::Infinite],
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
    if !model.has_iid_teacher() {
        return Err(MonteCarloError::IidTeacher { quantity: "the loss of nonlinear features" });
    }
    let together = check_memory(model, settings)?;
    let key = Key::new(settings.seed).label("nonlinear");
    let designs = replicates_at_most(&key, (0, settings.repeats), together, |_, key| {
        one(model, settings, &key)
    })?;
    let unseen = UnseenLaw::new(model, settings.samples as f64)?;
    let all = settings.features.iter().enumerate();
    Ok(all.map(|(k, features)| estimate(*features, k, &designs, unseen)).collect())
}

/// What can be refused without a draw.
fn check(settings: &NonlinearSettings) -> Result<(), MonteCarloError> {
    let Nonlinear { scale, ridge, path, .. } = settings.learner;
    if settings.repeats == 0 {
        return Err(MonteCarloError::Repeats(0));
    }
    if settings.inputs < FEWEST_INPUTS {
        return Err(SolverError::Inputs(settings.inputs).into());
    }
    Regression::new(ridge, 0.0).map_err(SolverError::from)?;
    if !(scale > 0.0 && scale.is_finite()) {
        return Err(SolverError::Scale(scale).into());
    }
    if !path.is_finite() {
        return Err(SolverError::Weight(path).into());
    }
    if settings.features.is_empty() {
        return Err(MonteCarloError::NoFeatures);
    }
    settings.features.iter().try_for_each(|size| match size {
        ModelSize::Finite(0) => Err(MonteCarloError::Features(0)),
        _ => Ok(()),
    })
}

/// How many designs may be treated side by side; an error if not even one.
fn check_memory(
    model: &SparseModel,
    settings: &NonlinearSettings,
) -> Result<usize, MonteCarloError> {
    let largest = settings.features.iter().filter_map(|size| size.finite()).max().unwrap_or(1);
    let flag = |name, value| Flag { name, value };
    let mut flags = vec![
        flag("repeats", settings.repeats as f64),
        flag("samples", settings.samples.max(1) as f64),
        flag("inputs", settings.inputs as f64),
        flag("features", largest as f64),
    ];
    flags.extend(memory::onset(model).map(|onset| flag("onset", onset)));
    let parts = |values: &[f64]| {
        let model =
            values.get(4).map_or_else(|| model.clone(), |onset| memory::with_onset(model, *onset));
        let (sizes, tests) = (Sizes::of(&model, values[1]), Sizes::of(&model, values[2]));
        let series = if takes_series(settings) { SERIES * (values[1] + values[2]) } else { 0.0 };
        let replicate =
            sizes.design() + sizes.decomposition() + working(&sizes, &tests, values[3]) + series;
        (values[0] * (200.0 + 100.0 * settings.features.len() as f64), replicate)
    };
    memory::fits(&flags, parts)
}

/// Bytes for the series of a kernel, for each sample and test input: outputs and coefficients.
const SERIES: f64 = 26e3;

fn takes_series(settings: &NonlinearSettings) -> bool {
    let is_infinite = settings.features.iter().any(|size| size.finite().is_none());
    is_infinite && !settings.learner.activation.has_closed_kernel()
}

/// Bytes for outputs on samples and inputs, weights, kernels and what inputs show: an estimate from
/// above.
fn working(sizes: &Sizes, tests: &Sizes, features: f64) -> f64 {
    let (samples, inputs, smaller) = (sizes.samples, tests.samples, features.min(sizes.samples));
    let outputs = features * (2.0 * samples + 2.0 * inputs) + 3.0 * smaller * smaller;
    let kernels = samples * (3.0 * samples + 2.0 * inputs) + sizes.rank() * (samples + inputs);
    tests.design() + 32.0 * tests.entries + 8.0 * (outputs + kernels)
}

fn estimate(
    features: ModelSize,
    k: usize,
    designs: &[Vec<Losses>],
    unseen: UnseenLaw,
) -> NonlinearEstimate {
    let of = |value: fn(&Losses) -> f64| {
        designs.iter().map(|losses| value(&losses[k])).collect::<Vec<_>>()
    };
    let losses = of(|losses| losses.loss);
    let loss = Estimate::of(&losses).with_least_variance(unseen.variance);
    let interval = loss.skewed_interval(0.95, right_skewness(&losses).max(unseen.skewness));
    let linear = Estimate::of(&of(|losses| losses.linear)).with_least_variance(unseen.variance);
    let squares: f64 = of(|losses| losses.error.powi(2)).iter().sum();
    let input_error = squares.sqrt() / losses.len() as f64;
    let median = quantile(&sorted(losses), 0.5);
    NonlinearEstimate { features, loss, interval, input_error, median, linear }
}

/// On one design at one model size.
struct Losses {
    loss: f64,
    error: f64,
    linear: f64,
}

fn one(
    model: &SparseModel,
    settings: &NonlinearSettings,
    key: &Key,
) -> Result<Vec<Losses>, MonteCarloError> {
    let design = Design::sample(model, settings.samples, &mut key.label("design").stream())?;
    let inputs = TestInputs::draw(
        model,
        settings.samples,
        settings.inputs,
        &mut key.label("inputs").stream(),
    )?;
    let curve = nonlinear_curve(
        &design,
        &inputs,
        settings.learner,
        &settings.features,
        &key.label("features"),
    )?;
    let sizes: Vec<f64> = settings.features.iter().map(|size| size.as_f64()).collect();
    let regression = Regression::new(settings.learner.ridge, 0.0).map_err(SolverError::from)?;
    let linear = decomposed(&design, regression)?.averaged_curve(&sizes, regression)?;
    let pair = curve.into_iter().zip(linear);
    Ok(pair
        .map(|(loss, linear)| Losses { loss: loss.mean, error: loss.standard_error, linear })
        .collect())
}
