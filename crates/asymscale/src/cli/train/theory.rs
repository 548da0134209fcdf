//! What theory says of a training run, where it says something.

use super::super::{Failure, small_steps};
use super::Run;
use asymscale::dynamics::{Average, Order, Rule};
use asymscale::model::ModelSize;
use asymscale::theory::{OnePass, SampleTheory, TheoryError};

/// The mean loss after a step, and which theory says so.
pub(super) type Told = Option<(f64, Method)>;

/// Longest time of flow that theory takes.
const LONGEST: f64 = 1e18;
/// The fewest samples and features that gradient flow tells of: it is a theory of many.
const FEWEST: (f64, f64) = (30.0, 8.0);
/// A loss below this share of the variance of the labels has no digits.
const LEAST: f64 = 1e-6;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Method {
    /// The exact mean over passes of fresh samples.
    OnePass,
    /// Gradient flow on the samples, the limit of small steps.
    Flow,
}

impl Method {
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::OnePass => "one pass",
            Self::Flow => "gradient flow",
        }
    }
}

/// The loss after each of the steps.
pub(super) fn losses(run: &Run) -> Result<Vec<Told>, Failure> {
    let mut told = vec![None; run.steps.len()];
    if run.training.average() != Average::Last {
        return Ok(told);
    }
    if let Some(one_pass) = one_pass(run)? {
        let first: Vec<usize> = (0..run.steps.len()).filter(|k| run.is_first_pass(*k)).collect();
        let steps: Vec<u64> = first.iter().map(|k| run.steps[*k]).collect();
        let losses = match one_pass.losses(&steps) {
            Ok(losses) => losses,
            // Too many steps of changing sizes to follow.
            Err(TheoryError::LongSchedule { .. }) => Vec::new(),
            Err(error) => return Err(error.into()),
        };
        for (k, loss) in first.into_iter().zip(losses) {
            told[k] = Some((loss, Method::OnePass));
        }
    }
    for (k, told) in told.iter_mut().enumerate().filter(|(_, told)| told.is_none()) {
        *told = flow(run, k)?.map(|loss| (loss, Method::Flow));
    }
    Ok(told)
}

/// The theory of fresh samples, where the rule and the size of the model have one.
pub(super) fn one_pass(run: &Run) -> Result<Option<OnePass>, Failure> {
    let momentum = match run.training.rule() {
        Rule::Sgd => 0.0,
        Rule::HeavyBall { momentum } => momentum,
        _ => return Ok(None),
    };
    if run.features != ModelSize::Infinite {
        return Ok(None);
    }
    let one_pass = OnePass::new(&run.model, run.training.schedule())
        .with_batch(run.training.batch() as u64)?
        .with_noise(run.training.noise())?
        .with_momentum(momentum);
    match one_pass {
        Ok(one_pass) => Ok(Some(one_pass)),
        // A momentum so close to 1 that oscillations do not end.
        Err(TheoryError::Momentum(_)) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// Gradient flow on the samples used so far, in a first pass, and on all of them later.
fn flow(run: &Run, k: usize) -> Result<Option<f64>, Failure> {
    let (training, step) = (&run.training, run.steps[k]);
    if training.rule() != Rule::Sgd || training.noise() > 0.0 {
        return Ok(None);
    }
    let (rate, batch) = (training.schedule().rate(), training.batch() as u64);
    if !small_steps::are_small(&run.model, (rate, batch), Some(run.samples as f64))? {
        return Ok(None);
    }
    let samples = if run.is_first_pass(k) {
        step as f64 * training.batch() as f64
    } else {
        run.samples as f64
    };
    let time = training.schedule().time(step);
    let features = run.features.as_f64();
    if time > LONGEST || samples < FEWEST.0 || features < FEWEST.1 {
        return Ok(None);
    }
    let theory = SampleTheory::new(&run.model, samples)?;
    let least = LEAST * run.model.label_variance();
    match theory.flow_with_features(features, &[time]) {
        Ok(losses) => Ok(losses.first().copied().filter(|loss| *loss > least)),
        // Finitely many features of teachers that are not iid have no theory of flow.
        Err(_) if !run.model.has_iid_teacher() => Ok(None),
        Err(error) => Err(error.into()),
    }
}

impl Run<'_> {
    /// Whether every sample that was used until the `k`-th step was used once.
    pub(super) fn is_first_pass(&self, k: usize) -> bool {
        let used = u128::from(self.steps[k]) * self.training.batch() as u128;
        self.training.order() != Order::WithReplacement && used <= self.samples as u128
    }

    /// The expected number of different samples used until the `k`-th step.
    pub(super) fn samples_used(&self, k: usize) -> f64 {
        let used = self.steps[k] as f64 * self.training.batch() as f64;
        let samples = self.samples as f64;
        if self.training.order() == Order::WithReplacement {
            return -samples * (used * (-samples.recip()).ln_1p()).exp_m1();
        }
        used.min(samples)
    }
}
