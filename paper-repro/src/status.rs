//! Whether what lies in the folders of a run was made by the code as it is: rows and figures, each
//! by what they depend on.

use crate::{Chapter, Fingerprint, Preset, beside};
use serde_json::Value;
use std::fmt;
use std::path::{Path, PathBuf};

/// The state of rows or figures.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum State {
    /// The code is the same.
    Fresh,
    /// The code has changed. The sources that changed are listed if those that made it are known.
    Stale(Vec<String>),
    /// They were made at another preset.
    OtherPreset(String),
    /// There are none.
    Missing,
    /// What is said of them cannot be read, and why.
    Broken(String),
}

/// The state of a chapter's rows and figures.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Status {
    /// The state of the rows that are kept, or else of those that the figures were drawn from.
    pub(crate) rows: State,
    /// The state of the figures. Sources that make the rows stale make the figures stale too, and
    /// are not named again.
    pub(crate) figures: State,
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { rows, figures } = self;
        let described = |f: &mut fmt::Formatter<'_>, what: &str, state: &State| match state {
            State::Fresh => write!(f, "{what} fresh"),
            State::Stale(sources) if sources.is_empty() => write!(f, "{what} stale"),
            State::Stale(sources) => write!(f, "{what} stale by {}", sources.join(", ")),
            State::OtherPreset(preset) => write!(f, "{what} stale by preset {preset}"),
            State::Missing => write!(f, "{what} missing"),
            State::Broken(problem) => write!(f, "{what} stale, since {problem}"),
        };
        described(f, "rows", rows)?;
        described(f, "; figures", figures)
    }
}

/// The status of a chapter whose figures lie in `figures`, given whether all its rows are kept.
pub(crate) fn status(chapter: &Chapter, preset: Preset, figures: &Path, is_kept: bool) -> Status {
    let mut worst = Status { rows: State::Missing, figures: State::Missing };
    for (number, path) in facts_of(chapter, figures).iter().enumerate() {
        let found = match beside::read(path) {
            Ok(facts) => of(chapter, preset, &facts.unwrap_or_default(), is_kept),
            Err(problem) => {
                let rows = if is_kept { State::Fresh } else { State::Missing };
                Status { rows, figures: State::Broken(problem) }
            }
        };
        if number == 0 || found.figures != State::Fresh {
            worst = found;
        }
    }
    worst
}

/// The JSON beside each figure of a chapter: the first, whether it is there or not, and those of
/// further figures.
fn facts_of(chapter: &Chapter, figures: &Path) -> Vec<PathBuf> {
    let further = |path: &PathBuf| {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        name.strip_prefix(chapter.id).is_some_and(|rest| rest.starts_with('-'))
            && name.ends_with(".json")
    };
    let entries = std::fs::read_dir(figures).into_iter().flatten().flatten();
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.path()).filter(further).collect();
    paths.sort();
    paths.insert(0, figures.join(format!("{}.json", chapter.id)));
    paths
}

/// The status by what the JSON beside a figure says, null where there is none.
fn of(chapter: &Chapter, preset: Preset, facts: &Value, is_kept: bool) -> Status {
    let (rows, figures) = match facts["preset"].as_str() {
        None => (State::Missing, State::Missing),
        Some(other) if other != preset.to_string() => {
            (State::Missing, State::OtherPreset(other.to_owned()))
        }
        Some(_) => {
            let rows = state(&facts["rows"], &Fingerprint::of_rows(chapter));
            (rows, state(&facts["figures"], &Fingerprint::of_figures(chapter)))
        }
    };
    match (rows, figures) {
        (State::Stale(by), State::Stale(mut all)) if !is_kept => {
            all.retain(|name| !by.contains(name));
            Status { rows: State::Stale(by), figures: State::Stale(all) }
        }
        (_, figures) if is_kept => Status { rows: State::Fresh, figures },
        (rows, figures) => Status { rows, figures },
    }
}

/// The state of something that was made by the code that `facts` describe.
fn state(facts: &Value, now: &Fingerprint) -> State {
    if facts["fingerprint"] == now.value.as_str() {
        return State::Fresh;
    }
    let Some(known) = facts["sources"].as_object() else { return State::Stale(Vec::new()) };
    let gone = known.keys().filter(|name| !now.sources.contains_key(*name));
    let is_new =
        |(name, hash): &(&String, &String)| known.get(*name).and_then(Value::as_str) != Some(hash);
    let changed = now.sources.iter().filter(is_new).map(|(name, _)| name);
    State::Stale(changed.chain(gone).cloned().collect())
}
