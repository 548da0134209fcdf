//! Subcommands of `asymscale`, and what they share.

// What is shared by subcommands that are not built is not used.
#![cfg_attr(not(all(feature = "simulate", feature = "fit")), allow(dead_code, unused_imports))]

pub(crate) mod answer;
mod columns;
pub(crate) mod coverage;
#[cfg(feature = "simulate")]
pub(crate) mod descent;
#[cfg(feature = "fit")]
mod diagnose;
#[cfg(feature = "fit")]
mod drawing;
#[cfg(feature = "explore")]
mod explore;
mod failure;
mod files;
#[cfg(feature = "fit")]
mod fit;
pub(crate) mod frontier;
mod grid;
#[cfg(feature = "fit")]
mod input;
#[cfg(feature = "simulate")]
pub(crate) mod instability;
mod lists;
pub(crate) mod loss;
mod manual;
mod model_flags;
pub(crate) mod numbers;
pub(crate) mod output;
#[cfg(feature = "fit")]
pub(crate) mod own_model;
#[cfg(feature = "fit")]
pub(crate) mod predict;
#[cfg(any(feature = "simulate", feature = "fit"))]
mod progress;
mod running;
mod schema;
#[cfg(feature = "simulate")]
pub(crate) mod simulate;
mod small_steps;
#[cfg(feature = "fit")]
mod table;
#[cfg(feature = "simulate")]
pub(crate) mod train;

#[cfg(feature = "fit")]
use asymscale_tables::Source;
use clap::{CommandFactory, FromArgMatches, Parser};
pub(crate) use failure::Failure;
#[cfg(feature = "fit")]
use input::Input;
use output::{Format, say};
use running::{Running, ToFile};
use std::process::ExitCode;

/// Runs the command with the arguments of the process.
pub(crate) fn main() -> ExitCode {
    let parsed = Command::command()
        .try_get_matches()
        .and_then(|matches| Ok((Command::from_arg_matches(&matches)?, matches)));
    let (command, matches) = match parsed {
        Ok(parsed) => parsed,
        Err(error) => return misread(&error),
    };
    match command.run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => failed(&failure, &flags_of(matches.subcommand_name().unwrap_or_default())),
    }
}

/// Says why there is no answer.
fn failed(failure: &Failure, flags: &[String]) -> ExitCode {
    say(&format!("error: {}\n", failure.message(flags)));
    ExitCode::from(failure.exit_code())
}

/// Says what is wrong with the arguments, or what was asked for in place of an answer. Where
/// arguments have control characters, these are shown, and colours are left out.
fn misread(error: &clap::Error) -> ExitCode {
    let is_plain = |argument: std::ffi::OsString| {
        argument.to_str().is_some_and(|text| !text.contains(char::is_control))
    };
    if std::env::args_os().all(is_plain) {
        return match files::print_by(|| error.print()) {
            Err(full) if !error.use_stderr() => failed(&full, &[]),
            // Bad input is that also where nobody hears of it.
            _ => ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(2)),
        };
    }
    let inner = std::env::args_os().map(|word| visible_word(&word.to_string_lossy()));
    let error = Command::command().try_get_matches_from(inner).err();
    say(&error.map_or_else(String::new, |error| error.render().to_string()));
    ExitCode::from(2)
}

/// A word of the command line in one line.
fn visible_word(word: &str) -> String {
    output::visible(word).replace('\n', "\\n")
}

/// The answer of a subcommand about a table in memory, in JSON, and what is said beside it, for
/// [`crate::answers`]. The arguments are those of the command, with any word in the place of the
/// file.
#[cfg(feature = "fit")]
pub(crate) fn ask(arguments: &[String], table: Source) -> Result<(String, String), Failure> {
    let (answer, said) = output::heard(|| about(arguments, &["--json"], table)?.answer());
    Ok((answer?, said))
}

/// The same answer in words.
#[cfg(feature = "explore")]
pub(crate) fn ask_in_words(arguments: &[String], table: Source) -> Result<String, Failure> {
    let (answer, said) = output::heard(|| about(arguments, &[], table)?.answer());
    Ok(said + &answer?)
}

/// What a table holds that `fit` or `diagnose` reads.
#[cfg(feature = "explore")]
pub(crate) enum OwnTable {
    /// Training runs.
    Runs(crate::fitting::Runs),
    /// Counts of active features.
    Counts(crate::fitting::diagnosis::ActivationCounts),
}

/// The table of a subcommand, which is not yet answered about.
#[cfg(feature = "explore")]
pub(crate) fn own_table(arguments: &[String], table: Source) -> Result<OwnTable, Failure> {
    let read = || match about(arguments, &[], table)? {
        Subcommand::Fit(flags) => fit::rows::read_runs_of(&flags).map(OwnTable::Runs),
        Subcommand::Diagnose(flags) => diagnose::read_counts_of(&flags).map(OwnTable::Counts),
        _ => unreachable!("about refuses all other subcommands"),
    };
    output::heard(read).0
}

/// A subcommand about a table in memory.
#[cfg(feature = "fit")]
fn about(arguments: &[String], further: &[&str], table: Source) -> Result<Subcommand, Failure> {
    let arguments = ["asymscale"].into_iter().chain(arguments.iter().map(String::as_str));
    let arguments = arguments.chain(further.iter().copied());
    let mut command = Command::try_parse_from(arguments).map_err(|error| {
        let text = error.render().to_string();
        let first = text.split("\n\n").next().unwrap_or_default();
        Failure::input(first.trim_start_matches("error: "))
    })?;
    match &mut command.subcommand {
        Subcommand::Fit(flags) => flags.file = Input::Memory(table),
        Subcommand::Diagnose(flags) => flags.file = Input::Memory(table),
        _ => return Err(Failure::input("only fit and diagnose read a table")),
    }
    Ok(command.subcommand)
}

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
    #[cfg(feature = "simulate")]
    /// Probability that gradient descent with a fixed step diverges
    Instability(instability::InstabilityFlags),
    /// Best split of a compute budget between features and samples, from theory
    Frontier(frontier::FrontierFlags),
    #[cfg(feature = "simulate")]
    /// Population loss over simulated designs
    Simulate(simulate::SimulateFlags),
    #[cfg(feature = "simulate")]
    /// Population loss along gradient descent, from theory (of the flow) and over simulated designs
    Descent(descent::DescentFlags),
    #[cfg(feature = "simulate")]
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
    /// A page on this machine on which the theory answers while a slider moves
    #[cfg(feature = "explore")]
    Explore(explore::ExploreFlags),
    /// What the columns of every answer hold
    Columns(columns::ColumnsFlags),
    /// The JSON Schema of what a command answers
    Schema(schema::SchemaFlags),
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
            #[cfg(feature = "simulate")]
            Self::Instability(flags) => instability::run(flags),
            Self::Frontier(flags) => frontier::run(flags),
            #[cfg(feature = "simulate")]
            Self::Simulate(flags) => simulate::run(flags),
            #[cfg(feature = "simulate")]
            Self::Descent(flags) => descent::run(flags),
            #[cfg(feature = "simulate")]
            Self::Train(flags) => train::run(flags),
            #[cfg(feature = "fit")]
            Self::Diagnose(flags) => diagnose::run(flags),
            #[cfg(feature = "fit")]
            Self::Fit(flags) => fit::run(flags),
            #[cfg(feature = "fit")]
            Self::Predict(flags) => predict::run(flags),
            #[cfg(feature = "explore")]
            Self::Explore(flags) => explore::run(flags),
            Self::Columns(flags) => columns::run(flags),
            Self::Schema(flags) => schema::run(flags),
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
            #[cfg(feature = "simulate")]
            Self::Instability(flags) => of(flags.format, &flags.running),
            Self::Frontier(flags) => of(flags.format, &flags.running),
            #[cfg(feature = "simulate")]
            Self::Simulate(flags) => of(flags.format, &flags.running),
            #[cfg(feature = "simulate")]
            Self::Descent(flags) => of(flags.format, &flags.running),
            #[cfg(feature = "simulate")]
            Self::Train(flags) => of(flags.format, &flags.running),
            #[cfg(feature = "fit")]
            Self::Diagnose(flags) => of(flags.format, &flags.running),
            #[cfg(feature = "fit")]
            Self::Fit(flags) => of(flags.format, &flags.running),
            #[cfg(feature = "fit")]
            Self::Predict(flags) => (flags.format, Some(&flags.file_of_answer), None),
            #[cfg(feature = "explore")]
            Self::Explore(_) => (Format { json: false, csv: false }, None, None),
            Self::Columns(flags) => (flags.format, Some(&flags.file), None),
            Self::Schema(flags) => (Format { json: true, csv: false }, Some(&flags.file), None),
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
