//! `asymscale columns`: what the columns of every answer hold.

use super::Failure;
use super::answer::{Answer, Column, answer};
use super::output::{Format, write};
use super::running::ToFile;
use super::{coverage, frontier, loss, model_flags};
#[cfg(feature = "simulate")]
use super::{descent, instability, simulate, train};
use clap::Args;
use clap::builder::PossibleValuesParser;
use std::fmt::Write as _;

const NOTE: &str = "\
In JSON a number that is infinite is null, and KEY_infinite after it is true; where it is infinite
at some rows only, the others have false there (KEY_minus_infinite of minus infinity). In CSV and in
text it is inf. What is not known is null in JSON and empty in CSV.";

/// Widest line of text.
const WIDTH: usize = 100;

/// Explains the columns of the answers, which are the keys in JSON.
#[derive(Debug, Args)]
pub(crate) struct ColumnsFlags {
    /// Only the answers of this command
    #[arg(value_parser = PossibleValuesParser::new(COMMANDS.iter().map(|(name, _)| *name)))]
    command: Option<String>,
    #[command(flatten)]
    pub(crate) file: ToFile,
    #[command(flatten)]
    pub(crate) format: Format,
}

answer! {
    /// A column of an answer.
    struct Told {
        /// The command.
        command: &'static str,
        /// The flags that make it answer so; empty where none are needed.
        flags: &'static str,
        /// The column.
        column: &'static str,
        /// What it holds.
        explanation: &'static str,
    }
}

/// The columns of the answers of a command, each with the flags that make it answer so.
type Columns = fn() -> Vec<(&'static str, Vec<Column>)>;

/// All commands whose answers have columns, in the order of the help.
const COMMANDS: &[(&str, Columns)] = &[
    ("loss", loss::columns),
    ("coverage", coverage::columns),
    #[cfg(feature = "simulate")]
    ("instability", instability::columns),
    ("frontier", frontier::columns),
    #[cfg(feature = "simulate")]
    ("simulate", simulate::columns),
    #[cfg(feature = "simulate")]
    ("descent", descent::columns),
    #[cfg(feature = "simulate")]
    ("train", train::columns),
    #[cfg(feature = "fit")]
    ("diagnose", super::diagnose::columns),
    #[cfg(feature = "fit")]
    ("fit", super::fit::columns),
    #[cfg(feature = "fit")]
    ("predict", super::predict::columns),
    ("columns", || vec![("", Told::columns())]),
];

/// The commands whose answers have columns.
#[cfg(test)]
pub(crate) fn commands() -> Vec<&'static str> {
    COMMANDS.iter().map(|(name, _)| *name).collect()
}

/// The schemas of its answers.
#[cfg(test)]
pub(crate) fn schemas(of: &mut schemars::SchemaGenerator) -> Vec<schemars::Schema> {
    super::schema::made::schemas_of!(of; Told)
}

const PARAMETERS: &str = "(parameters with a list or range)";

#[expect(clippy::unnecessary_wraps, reason = "the shape of all subcommands")]
pub(crate) fn run(flags: &ColumnsFlags) -> Result<String, Failure> {
    let is_asked = |name: &str| flags.command.as_deref().is_none_or(|asked| asked == name);
    let mut answers = Vec::new();
    for (name, columns) in COMMANDS.iter().filter(|(name, _)| is_asked(name)) {
        answers.extend(columns().into_iter().map(|(flags, columns)| (*name, flags, columns)));
        let swept = model_flags::columns_of(name);
        answers.extend((!swept.is_empty()).then_some((*name, PARAMETERS, swept)));
    }
    if flags.format.json || flags.format.csv {
        let rows: Vec<Told> = answers
            .iter()
            .flat_map(|(command, flags, columns)| {
                columns.iter().map(|column| Told {
                    command,
                    flags,
                    column: column.name,
                    explanation: column.text,
                })
            })
            .collect();
        return Ok(write(&rows, true, flags.format));
    }
    let mut text = String::new();
    for (command, flags, columns) in &answers {
        let title = format!("asymscale {command} {flags}");
        let _ = writeln!(text, "{}", title.trim_end());
        let width = columns.iter().map(|column| column.name.len()).max().unwrap_or(0);
        for Column { name, text: explanation } in columns {
            let lines = wrapped(explanation, WIDTH - width - 4);
            let _ = writeln!(text, "  {name:<width$}  {}", lines.join(&indented(width + 4)));
        }
        text.push('\n');
    }
    Ok(text + NOTE + "\n")
}

fn indented(width: usize) -> String {
    format!("\n{:width$}", "")
}

/// A text in lines of at most so many letters, where its words allow that.
fn wrapped(text: &str, width: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split_whitespace() {
        let line = lines.last_mut().filter(|line| {
            line.is_empty() || line.chars().count() + 1 + word.chars().count() <= width
        });
        match line {
            Some(line) if line.is_empty() => line.push_str(word),
            Some(line) => {
                line.push(' ');
                line.push_str(word);
            }
            None => lines.push(word.to_owned()),
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_end_between_words() {
        assert_eq!(wrapped("one two  three", 7), ["one two", "three"]);
        assert_eq!(wrapped("extraordinary a", 4), ["extraordinary", "a"]);
    }

    /// Sentences, so that the list reads as text.
    #[test]
    fn explanations_are_sentences() {
        for (command, columns) in COMMANDS {
            for (flags, columns) in columns() {
                assert!(!columns.is_empty());
                for column in columns {
                    let at = format!("{command} {flags}: {column:?}");
                    assert!(column.text.len() > 5 && column.text.ends_with('.'), "{at}");
                }
            }
        }
    }
}
