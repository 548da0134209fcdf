//! Subcommands of `asymscale`, and what they share.

mod coverage;
mod descent;
#[cfg(feature = "fit")]
mod diagnose;
#[cfg(feature = "fit")]
mod drawing;
mod failure;
#[cfg(feature = "fit")]
mod fit;
mod frontier;
mod instability;
mod loss;
mod model_flags;
mod numbers;
mod output;
#[cfg(feature = "fit")]
mod predict;
#[cfg(feature = "fit")]
mod progress;
mod simulate;
#[cfg(feature = "fit")]
mod table;

use clap::{CommandFactory, Parser};
pub(crate) use failure::Failure;

/// Asymmetric scaling laws from sparse features: ask for a number or a curve.
#[derive(Debug, Parser)]
#[command(name = "asymscale", version, arg_required_else_help = true)]
pub(crate) struct Command {
    #[command(subcommand)]
    subcommand: Subcommand,
}

#[derive(Debug, clap::Subcommand)]
enum Subcommand {
    /// Population loss at N features and D samples, from theory
    Loss(loss::LossFlags),
    /// Seen coordinates, unseen mass, interpolation threshold, expected rank, crossover
    Coverage(coverage::CoverageFlags),
    /// Probability that gradient descent with a fixed step diverges
    Instability(instability::InstabilityFlags),
    /// Best split of a compute budget between features and samples, from theory
    Frontier(frontier::FrontierFlags),
    /// Population loss over simulated designs
    Simulate(simulate::SimulateFlags),
    /// Population loss along gradient descent, from theory (of the flow) and over simulated designs
    Descent(descent::DescentFlags),
    /// What counts of active features say: what was never seen, what more data would bring, how
    /// sure that is
    #[cfg(feature = "fit")]
    Diagnose(Box<diagnose::DiagnoseFlags>),
    /// Law of the loss in a table of training runs, what limits it, and where the next budget
    /// should go
    #[cfg(feature = "fit")]
    Fit(Box<fit::FitFlags>),
    /// Loss of runs that were not made, and the best N and D for a budget, by a saved fit
    #[cfg(feature = "fit")]
    Predict(predict::PredictFlags),
}

impl Command {
    /// The text to print.
    pub(crate) fn run(&self) -> Result<String, Failure> {
        match &self.subcommand {
            Subcommand::Loss(flags) => loss::run(flags),
            Subcommand::Coverage(flags) => coverage::run(flags),
            Subcommand::Instability(flags) => instability::run(flags),
            Subcommand::Frontier(flags) => frontier::run(flags),
            Subcommand::Simulate(flags) => simulate::run(flags),
            Subcommand::Descent(flags) => descent::run(flags),
            #[cfg(feature = "fit")]
            Subcommand::Diagnose(flags) => diagnose::run(flags),
            #[cfg(feature = "fit")]
            Subcommand::Fit(flags) => fit::run(flags),
            #[cfg(feature = "fit")]
            Subcommand::Predict(flags) => predict::run(flags),
        }
    }
}

/// The long flags of a subcommand, without their dashes; none where there is no such subcommand.
pub(crate) fn flags_of(subcommand: &str) -> Vec<String> {
    let command = Command::command();
    let found = command.find_subcommand(subcommand).into_iter();
    let arguments = found.flat_map(clap::Command::get_arguments);
    arguments.filter_map(|argument| argument.get_long().map(str::to_owned)).collect()
}
