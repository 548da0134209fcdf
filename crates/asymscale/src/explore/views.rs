//! The views of the page: each answers one question about a state in numbers, words and figures.

mod frontier;
mod instability;
mod loss;
mod table;
mod training;

use super::copies::Copies;
use super::simulation::Points;
use super::state::State;
use super::tables::Loaded;
use crate::answers::Refusal;
use crate::cli::Failure;
use crate::model::InvalidInput;
use serde_json::{Value as Json, json};

/// What a view shows.
#[derive(Debug, Default)]
pub(crate) struct View {
    /// Numbers, each with its text and what it is.
    pub(crate) numbers: Vec<Json>,
    /// Sentences about them.
    pub(crate) words: Vec<String>,
    /// What is to be taken care of.
    pub(crate) warnings: Vec<String>,
    /// The figures.
    pub(crate) figures: Vec<Json>,
    /// The same question to the command, in Python and in Rust.
    pub(crate) copies: Option<Copies>,
}

/// What a view is made from beside the state.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Asked<'a> {
    /// Whether the page is narrow.
    pub(crate) narrow: bool,
    /// Simulated points to lay over the lines.
    pub(crate) points: Option<&'a Points>,
    /// The reader's own table.
    pub(crate) table: Option<&'a Loaded>,
}

/// The names of the views, in the order in which they are asked for.
pub(crate) const NAMES: [&str; 6] =
    ["loss", "samples", "instability", "training", "frontier", "table"];

/// How long an answer takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Pace {
    /// A slider waits for it.
    Quick,
    /// It comes right after.
    Next,
    /// It waits until the sliders rest.
    Slow,
}

/// How long the answer of a view takes.
pub(crate) fn pace(name: &str) -> Pace {
    match name {
        "training" | "frontier" => Pace::Slow,
        "samples" => Pace::Next,
        _ => Pace::Quick,
    }
}

/// The answer of a view in JSON.
pub(crate) fn answer(name: &str, state: &State, asked: Asked) -> Result<Json, Refusal> {
    let view = match name {
        "loss" => loss::view(state, asked)?,
        "samples" => loss::view_of_samples(state, asked)?,
        "frontier" => frontier::view(state, asked)?,
        "training" => training::view(state, asked)?,
        "instability" => instability::view(state, asked)?,
        "table" => table::view(state, asked)?,
        _ => {
            let must = format!("must be one of {}", NAMES.join(", "));
            let shown: String = name.chars().take(40).collect();
            return Err(Failure::Input(InvalidInput::of("view", shown, must)).into());
        }
    };
    Ok(json!({
        "view": name,
        "numbers": view.numbers,
        "words": view.words,
        "warnings": view.warnings,
        "figures": view.figures,
        "copies": view.copies.map(|copies| copies.json()),
    }))
}

/// A share in percent with two digits.
pub(crate) fn percent(share: f64) -> String {
    let value = 100.0 * share;
    match value {
        0.0 => "0 %".to_owned(),
        0.0..0.005 => "less than 0.01 %".to_owned(),
        9.95.. => format!("{value:.0} %"),
        _ => format!("{value:.2} %"),
    }
}
