//! The answers of the subcommands that draw designs, and of those beside them.

use super::{Answered, Refusal, Rows};
use crate::cli;
use crate::dynamics::{Average, Order, Rule};
use crate::model::{Decay, ModelSize, SparseModel};
use crate::montecarlo::{InstabilitySettings, NonlinearSettings, Settings};

/// `asymscale simulate`: a row for each model size of the settings.
pub fn simulate(model: &SparseModel, settings: &Settings) -> Answered {
    Ok(cli::simulate::rows(model, settings)?)
}

/// [`simulate`] a few designs at a time: `go_on` is told after each of them how many are done, and
/// says whether the others are to be drawn; without them there is no answer. The rows are those of
/// all designs at once, to the bit.
pub fn simulate_watched(
    model: &SparseModel,
    settings: &Settings,
    go_on: impl FnMut(usize) -> bool,
) -> Result<Option<Rows>, Refusal> {
    Ok(cli::simulate::watched_rows(model, settings, go_on)?)
}

/// `asymscale simulate --per-design`: a row for each model size and design, designs fastest.
pub fn simulate_designs(model: &SparseModel, settings: &Settings) -> Answered {
    Ok(cli::simulate::design_rows(model, settings)?)
}

/// `asymscale simulate --activation`: a row for each model size of the settings.
pub fn simulate_nonlinear(model: &SparseModel, settings: &NonlinearSettings) -> Answered {
    Ok(cli::simulate::nonlinear_rows(model, settings)?)
}

/// `asymscale instability`: one row, of the diagonal law.
pub fn instability(model: &SparseModel, samples: f64, rate: f64) -> Answered {
    Ok(cli::instability::rows(model, samples, rate)?)
}

/// `asymscale instability --pass`: one row.
pub fn instability_of_pass(model: &SparseModel, samples: f64, rate: f64, batch: usize) -> Answered {
    Ok(cli::instability::pass_rows(model, samples, rate, batch)?)
}

/// `asymscale instability --simulate`: one row; the method of the settings is chosen.
pub fn instability_simulated(model: &SparseModel, settings: InstabilitySettings) -> Answered {
    Ok(cli::instability::simulated_rows(model, settings)?)
}

/// What `asymscale descent` is asked for, at one point of its grid.
#[derive(Debug, Clone, PartialEq)]
pub struct DescentPlan {
    /// Training samples `D`.
    pub samples: usize,
    /// Step size `η`.
    pub rate: f64,
    /// Numbers of steps.
    pub steps: Vec<f64>,
    /// Model size `N`.
    pub features: ModelSize,
    /// Number of designs.
    pub repeats: usize,
    /// Seed of all random streams.
    pub seed: u64,
}

/// `asymscale descent`: a row for each number of steps.
pub fn descent(model: &SparseModel, plan: &DescentPlan) -> Answered {
    Ok(cli::descent::rows(model, plan)?)
}

/// What `asymscale train` is asked for, at one point of its grid.
#[derive(Debug, Clone, PartialEq)]
pub struct TrainingPlan {
    /// Different training samples `D`.
    pub samples: usize,
    /// Passes over them.
    pub epochs: usize,
    /// Largest step size `η` of the schedule.
    pub rate: f64,
    /// Samples a step.
    pub batch: usize,
    /// Rule of the steps.
    pub rule: Rule,
    /// Order of the samples; fresh for one pass and reshuffled for more if not given.
    pub order: Option<Order>,
    /// How step sizes fall.
    pub schedule: Decay,
    /// Steps over which they rise.
    pub warmup: usize,
    /// Variance of the label noise.
    pub noise: f64,
    /// Model size `N`.
    pub features: ModelSize,
    /// Which parameters are told of.
    pub average: Average,
    /// Updates after which the loss is told; some along the run if not given.
    pub steps: Option<Vec<f64>>,
    /// Number of runs; 0 for theory alone.
    pub repeats: usize,
    /// Seed of all random streams.
    pub seed: u64,
}

/// `asymscale train`: a row for each of [`training_steps`].
pub fn train(model: &SparseModel, plan: &TrainingPlan) -> Answered {
    Ok(cli::train::rows(model, plan)?)
}

/// The updates after which [`train`] tells the loss.
pub fn training_steps(plan: &TrainingPlan) -> Result<Vec<u64>, Refusal> {
    Ok(cli::train::told_steps(plan)?)
}

/// Teachers per design that [`simulate`] has unless said otherwise.
pub const TEACHERS: usize = cli::simulate::TEACHERS;

/// Test inputs per design that [`simulate_nonlinear`] has unless said otherwise.
pub const INPUTS: usize = cli::simulate::INPUTS;
