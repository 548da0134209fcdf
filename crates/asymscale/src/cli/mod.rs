//! Subcommands of `asymscale`, and what they share.

mod answer;
mod columns;
mod coverage;
mod descent;
#[cfg(feature = "fit")]
mod diagnose;
#[cfg(feature = "fit")]
mod drawing;
mod failure;
mod files;
#[cfg(feature = "fit")]
mod fit;
mod frontier;
mod grid;
mod instability;
mod lists;
mod loss;
mod manual;
mod model_flags;
mod numbers;
mod output;
#[cfg(feature = "fit")]
mod own_model;
#[cfg(feature = "fit")]
mod predict;
mod progress;
mod running;
mod simulate;
mod small_steps;
#[cfg(feature = "fit")]
mod table;
mod train;

use clap::{CommandFactory, Parser};
pub(crate) use failure::Failure;
use output::Format;
pub(crate) use output::say;
use running::{Running, ToFile};

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
    /// Population loss along stochastic training: one pass or epochs, plain or adaptive steps
    Train(Box<train::TrainFlags>),
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
    /// What the columns of every answer hold
    Columns(columns::ColumnsFlags),
    /// Completions for bash, zsh, fish, powershell or elvish
    Completions(manual::CompletionsFlags),
    /// The manual page, or those of all commands
    Man(manual::ManFlags),
}

/// How an answer is written, where it goes, and on how many threads it is computed.
type Delivery<'a> = (Format, Option<&'a ToFile>, Option<usize>);

impl Command {
    /// Answers: to a file that was asked for, or to standard output.
    pub(crate) fn run(&self) -> Result<(), Failure> {
        let (format, file, threads) = self.subcommand.delivery();
        let file = file.and_then(|file| file.out.as_deref());
        if let Some(path) = file {
            files::check_writable("out", path)?;
        }
        running::set_threads(threads)?;
        let answer = self.subcommand.answer()?;
        let text = if format.json || format.csv { answer } else { output::visible(&answer) };
        match file {
            Some(path) => files::save("out", path, text.as_bytes()),
            None => files::print(&text),
        }
    }
}

impl Subcommand {
    fn answer(&self) -> Result<String, Failure> {
        match self {
            Self::Loss(flags) => loss::run(flags),
            Self::Coverage(flags) => coverage::run(flags),
            Self::Instability(flags) => instability::run(flags),
            Self::Frontier(flags) => frontier::run(flags),
            Self::Simulate(flags) => simulate::run(flags),
            Self::Descent(flags) => descent::run(flags),
            Self::Train(flags) => train::run(flags),
            #[cfg(feature = "fit")]
            Self::Diagnose(flags) => diagnose::run(flags),
            #[cfg(feature = "fit")]
            Self::Fit(flags) => fit::run(flags),
            #[cfg(feature = "fit")]
            Self::Predict(flags) => predict::run(flags),
            Self::Columns(flags) => columns::run(flags),
            Self::Completions(flags) => manual::completions(flags),
            Self::Man(flags) => manual::man(flags),
        }
    }

    fn delivery(&self) -> Delivery<'_> {
        fn of(format: Format, running: &Running) -> Delivery<'_> {
            (format, Some(&running.file), running.threads)
        }
        match self {
            Self::Loss(flags) => of(flags.format, &flags.running),
            Self::Coverage(flags) => of(flags.format, &flags.running),
            Self::Instability(flags) => of(flags.format, &flags.running),
            Self::Frontier(flags) => of(flags.format, &flags.running),
            Self::Simulate(flags) => of(flags.format, &flags.running),
            Self::Descent(flags) => of(flags.format, &flags.running),
            Self::Train(flags) => of(flags.format, &flags.running),
            #[cfg(feature = "fit")]
            Self::Diagnose(flags) => of(flags.format, &flags.running),
            #[cfg(feature = "fit")]
            Self::Fit(flags) => of(flags.format, &flags.running),
            #[cfg(feature = "fit")]
            Self::Predict(flags) => (flags.format, Some(&flags.file_of_answer), None),
            Self::Columns(flags) => (flags.format, Some(&flags.file), None),
            // Scripts and pages as they are.
            Self::Completions(_) | Self::Man(_) => (Format { json: false, csv: true }, None, None),
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
