//! `asymscale schema`: JSON Schemas of the answers, made from the types of the answers.
//!
//! The schemas are files of this crate. A test makes them again from the types, with the texts that
//! document their fields, and the tests of the command hold every answer in JSON against them.

#[cfg(test)]
pub(crate) mod fitted;
#[cfg(test)]
pub(crate) mod made;

use super::Failure;
use super::running::ToFile;
use clap::Args;
use clap::builder::PossibleValuesParser;

/// Prints the JSON Schema (draft 2020-12) of what a command answers with --json.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  asymscale schema loss
  asymscale schema fit --out fit.schema.json

The schema of a release holds for its answers; keys may be added in later ones, and are not taken away or given another
meaning without a new major version.")]
pub(crate) struct SchemaFlags {
    /// The command
    #[arg(value_parser = PossibleValuesParser::new(SCHEMAS.iter().map(|(name, _)| *name)))]
    command: String,
    #[command(flatten)]
    pub(crate) file: ToFile,
}

/// The schema of each command that answers in JSON, in the order of the help.
const SCHEMAS: &[(&str, &str)] = &[
    ("loss", include_str!("../../schemas/loss.json")),
    ("coverage", include_str!("../../schemas/coverage.json")),
    #[cfg(feature = "simulate")]
    ("instability", include_str!("../../schemas/instability.json")),
    ("frontier", include_str!("../../schemas/frontier.json")),
    #[cfg(feature = "simulate")]
    ("simulate", include_str!("../../schemas/simulate.json")),
    #[cfg(feature = "simulate")]
    ("descent", include_str!("../../schemas/descent.json")),
    #[cfg(feature = "simulate")]
    ("train", include_str!("../../schemas/train.json")),
    #[cfg(feature = "fit")]
    ("diagnose", include_str!("../../schemas/diagnose.json")),
    #[cfg(feature = "fit")]
    ("fit", include_str!("../../schemas/fit.json")),
    #[cfg(feature = "fit")]
    ("predict", include_str!("../../schemas/predict.json")),
    ("columns", include_str!("../../schemas/columns.json")),
];

pub(crate) fn run(flags: &SchemaFlags) -> Result<String, Failure> {
    let found = SCHEMAS.iter().find(|(name, _)| *name == flags.command);
    // The flag takes these names only.
    let (_, schema) = found.ok_or_else(|| Failure::input("there is no such command"))?;
    Ok((*schema).to_owned())
}
