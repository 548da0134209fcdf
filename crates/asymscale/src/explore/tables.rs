//! The reader's own table: training runs or counts of active features, and what is said of it.

use crate::cli::{self, Failure, OwnTable};
use crate::fitting::diagnosis::ActivationCounts;
use crate::fitting::{Parameters, Runs};
use asymscale_tables::Source;
use serde_json::{Value as Json, json};
use std::sync::{Arc, OnceLock};
use std::thread;

/// A law of runs that is adjusted by hand.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct LawByHand {
    /// E, which no size lowers.
    pub(crate) floor: f64,
    /// A of A·N^-alpha.
    pub(crate) features_factor: f64,
    /// The exponent in N.
    pub(crate) features_exponent: f64,
    /// B of B·D^-beta.
    pub(crate) samples_factor: f64,
    /// The exponent in D.
    pub(crate) samples_exponent: f64,
}

impl Default for LawByHand {
    fn default() -> Self {
        Self {
            floor: 1.7,
            features_factor: 400.0,
            features_exponent: 0.34,
            samples_factor: 400.0,
            samples_exponent: 0.28,
        }
    }
}

impl LawByHand {
    /// The law as fits have it.
    pub(crate) fn parameters(&self) -> Parameters {
        Parameters {
            e: self.floor,
            a: self.features_factor,
            b: self.samples_factor,
            alpha: self.features_exponent,
            beta: self.samples_exponent,
        }
    }
}

/// What a table holds.
#[derive(Debug)]
pub(crate) enum Data {
    Runs(Runs),
    Counts(ActivationCounts),
}

/// What `fit` or `diagnose` says of a table: words, and numbers as JSON.
#[derive(Debug)]
struct Said {
    words: String,
    numbers: Json,
}

/// A table that was read.
#[derive(Debug)]
pub(crate) struct Loaded {
    name: String,
    pub(crate) data: Data,
    said: OnceLock<Said>,
}

impl Loaded {
    /// Reads a table as runs, or else as counts, with the further arguments of `fit` or `diagnose`;
    /// what these say of it is computed in the background.
    ///
    /// # Errors
    /// Why it is neither.
    pub(crate) fn read(source: &Source, arguments: &[String]) -> Result<Arc<Self>, Failure> {
        let called = |subcommand: &str| -> Vec<String> {
            let begin = [subcommand, "table"].map(str::to_owned).into_iter();
            begin.chain(arguments.iter().cloned()).collect()
        };
        let read = |subcommand| cli::own_table(&called(subcommand), source.clone());
        let (subcommand, data) = match read("fit") {
            Ok(OwnTable::Runs(runs)) => ("fit", Data::Runs(runs)),
            Ok(OwnTable::Counts(counts)) => ("fit", Data::Counts(counts)),
            Err(no_runs) => match read("diagnose") {
                Ok(OwnTable::Counts(counts)) => ("diagnose", Data::Counts(counts)),
                Ok(OwnTable::Runs(runs)) => ("diagnose", Data::Runs(runs)),
                Err(no_counts) => return Err(neither(source, &no_runs, &no_counts)),
            },
        };
        let loaded = Arc::new(Self { name: source.name().to_owned(), data, said: OnceLock::new() });
        let (told, source) = (Arc::clone(&loaded), source.clone());
        let asked = called(subcommand);
        thread::spawn(move || {
            let said = match cli::ask_in_words(&asked, source.clone()) {
                Err(failure) => Said { words: failure.text(), numbers: Json::Null },
                Ok(words) => {
                    let numbers = cli::ask(&asked, source).ok();
                    let numbers = numbers.and_then(|(text, _)| serde_json::from_str(&text).ok());
                    Said { words, numbers: numbers.unwrap_or_default() }
                }
            };
            let _ = told.said.set(said);
        });
        Ok(loaded)
    }

    /// The table as the page is told of it; words are null until they are known.
    pub(crate) fn json(&self) -> Json {
        let (kind, rows) = match &self.data {
            Data::Runs(runs) => ("runs", runs.len()),
            Data::Counts(counts) => ("counts", counts.seen()),
        };
        let said = self.said.get();
        json!({
            "name": self.name,
            "kind": kind,
            "rows": rows,
            "words": said.map(|said| said.words.as_str()),
            "parameters": said.map(|said| &said.numbers["parameters"]),
            "numbers": said.map(|said| &said.numbers),
        })
    }
}

fn neither(source: &Source, no_runs: &Failure, no_counts: &Failure) -> Failure {
    Failure::input(format!(
        "{}: must be a table of runs or of counts. As runs: {}. As counts: {}",
        source.name(),
        no_runs.text(),
        no_counts.text()
    ))
}
