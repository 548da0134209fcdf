//! What theory says of a training run, where it says something.

use super::super::{Failure, small_steps};
use super::Run;
use crate::dynamics::{Average, Order, Rule};
use crate::model::ModelSize;
use crate::theory::{OnePass, SampleTheory, TheoryError};

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
    let rest: Vec<usize> = (0..told.len()).filter(|k| told[*k].is_none()).collect();
    for (k, loss) in flow(run, &rest)? {
        told[k] = Some((loss, Method::Flow));
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

/// Gradient flow after some of the steps: on the samples used so far, in a first pass, and on all
/// of them later, where all times share their contours.
fn flow(run: &Run, steps: &[usize]) -> Result<Vec<(usize, f64)>, Failure> {
    let training = &run.training;
    let (rate, batch) = (training.schedule().rate(), training.batch() as u64);
    if training.rule() != Rule::Sgd
        || training.noise() > 0.0
        || !small_steps::are_small(&run.model, (rate, batch), Some(run.samples as f64))?
    {
        return Ok(Vec::new());
    }
    let (first, later): (Vec<usize>, Vec<usize>) =
        steps.iter().partition(|k| run.is_first_pass(**k));
    let mut losses = Vec::new();
    for k in first {
        losses.extend(flow_on(run, run.samples_used(k), &[k])?);
    }
    losses.extend(flow_on(run, run.samples as f64, &later)?);
    Ok(losses)
}

/// Gradient flow on so many samples at the times of some steps.
fn flow_on(run: &Run, samples: f64, steps: &[usize]) -> Result<Vec<(usize, f64)>, Failure> {
    let features = run.features.as_f64();
    let schedule = run.training.schedule();
    let timed = steps.iter().map(|k| (*k, schedule.time(run.steps[*k])));
    let (steps, times): (Vec<usize>, Vec<f64>) = timed.filter(|(_, time)| *time <= LONGEST).unzip();
    if steps.is_empty() || samples < FEWEST.0 || features < FEWEST.1 {
        return Ok(Vec::new());
    }
    let least = LEAST * run.model.label_variance();
    match SampleTheory::new(&run.model, samples)?.flow_with_features(features, &times) {
        Ok(losses) => Ok(steps.into_iter().zip(losses).filter(|(_, loss)| *loss > least).collect()),
        // Finitely many features of teachers that are not iid have no theory of flow.
        Err(TheoryError::IidTeacher { .. }) => Ok(Vec::new()),
        Err(error) => Err(error.into()),
    }
}

impl Run {
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
