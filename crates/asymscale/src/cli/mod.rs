//! Subcommands of `asymscale`, what they share, and how they fail.

mod coverage;
mod descent;
#[cfg(feature = "fit")]
mod diagnose;
#[cfg(feature = "fit")]
mod drawing;
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

use clap::{Parser, Subcommand};

/// Asymmetric scaling laws from sparse features: ask for a number or a curve.
#[derive(Debug, Parser)]
#[command(name = "asymscale", version, arg_required_else_help = true)]
pub(crate) struct Command {
    #[command(subcommand)]
    question: Question,
}

#[derive(Debug, Subcommand)]
enum Question {
    /// Population loss at N features and D samples, from theory
    Loss(loss::Loss),
    /// Seen coordinates, unseen mass, interpolation threshold, expected rank, crossover
    Coverage(coverage::Coverage),
    /// Probability that gradient descent with a fixed step diverges
    Instability(instability::Instability),
    /// Best split of a compute budget between features and samples, from theory
    Frontier(frontier::Frontier),
    /// Population loss over simulated designs
    Simulate(simulate::Simulate),
    /// Population loss along gradient descent, from theory (of the flow) and over simulated designs
    Descent(descent::Descent),
    /// What counts of active features say: what was never seen, what more data would bring, how
    /// sure that is
    #[cfg(feature = "fit")]
    Diagnose(Box<diagnose::Diagnose>),
    /// Law of the loss in a table of training runs, what limits it, and where the next budget
    /// should go
    #[cfg(feature = "fit")]
    Fit(Box<fit::Fit>),
    /// Loss of runs that were not made, and the best N and D for a budget, by a saved fit
    #[cfg(feature = "fit")]
    Predict(predict::Predict),
}

/// Why there is no answer.
pub(crate) enum Failure {
    /// The question is out of range: nothing was computed.
    Input(String),
    /// The computation failed.
    Work(anyhow::Error),
}

impl Failure {
    /// Libraries name a parameter as `beta = 1: …`; on the command line that is `--beta 1: …`.
    fn input(error: impl std::fmt::Display) -> Self {
        let message = error.to_string();
        Self::Input(match message.split_once(" = ") {
            Some((name, rest)) if !name.contains(' ') => format!("--{name} {rest}"),
            _ => message,
        })
    }
}

/// Answers a question with the text to print.
pub(crate) fn run(command: Command) -> Result<String, Failure> {
    match command.question {
        Question::Loss(question) => loss::answer(&question),
        Question::Coverage(question) => coverage::answer(&question),
        Question::Instability(question) => instability::answer(&question),
        Question::Frontier(question) => frontier::answer(&question),
        Question::Simulate(question) => simulate::answer(&question),
        Question::Descent(question) => descent::answer(&question),
        #[cfg(feature = "fit")]
        Question::Diagnose(question) => diagnose::answer(&question),
        #[cfg(feature = "fit")]
        Question::Fit(question) => fit::answer(&question),
        #[cfg(feature = "fit")]
        Question::Predict(question) => predict::answer(&question),
    }
}
