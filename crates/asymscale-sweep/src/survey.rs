//! Why a cell must be computed, or need not.

use crate::{Plan, Store};
use std::fmt;

/// What the store holds for a cell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum State {
    /// A whole part of this code and seed.
    Fresh,
    /// No part.
    Absent,
    /// A part of other code.
    OtherCode {
        /// What stood for that code.
        fingerprint: String,
    },
    /// A part of this code with another seed.
    OtherSeed {
        /// That seed.
        seed: u64,
    },
    /// A part that cannot be trusted.
    Damaged {
        /// What is wrong with it.
        reason: String,
    },
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        match self {
            Self::Fresh => f.write_str("fresh"),
            Self::Absent => f.write_str("no part"),
            Self::OtherCode { .. } => f.write_str("part of other code"),
            Self::OtherSeed { seed } => write!(f, "part of seed {seed}"),
            Self::Damaged { reason } => write!(f, "damaged part: {reason}"),
        }
    }
}

/// The state of every cell of a plan, in its order. [`fmt::Display`] counts them:
/// `12 fresh, 3 of other code`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Survey {
    /// Name and state of each cell.
    pub cells: Vec<(String, State)>,
}

impl Survey {
    /// Cells that need no work.
    pub fn fresh(&self) -> usize {
        self.count(|state| *state == State::Fresh)
    }

    /// Cells whose state satisfies a predicate.
    pub fn count(&self, wanted: impl Fn(&State) -> bool) -> usize {
        self.cells.iter().filter(|(_, state)| wanted(state)).count()
    }

    /// Names of cells whose part is damaged, with the reason.
    pub fn damaged(&self) -> impl Iterator<Item = (&str, &str)> {
        self.cells.iter().filter_map(|(name, state)| match state {
            State::Damaged { reason } => Some((name.as_str(), reason.as_str())),
            _ => None,
        })
    }
}

impl fmt::Display for Survey {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        let counts = [
            (self.fresh(), "fresh"),
            (self.count(|state| *state == State::Absent), "without a part"),
            (self.count(|state| matches!(state, State::OtherCode { .. })), "of other code"),
            (self.count(|state| matches!(state, State::OtherSeed { .. })), "of another seed"),
            (self.damaged().count(), "damaged"),
        ];
        let some = counts.iter().filter(|(count, _)| *count > 0);
        let words: Vec<String> = some.map(|(count, word)| format!("{count} {word}")).collect();
        f.write_str(if words.is_empty() { "no cells".into() } else { words.join(", ") }.as_str())
    }
}

/// Looks at every part of a plan: which are fresh, and why the others must be computed again. Reads
/// every part whole, since only the checksum tells a damaged one.
pub fn survey(plan: &Plan, store: &Store) -> Survey {
    let state = |cell| store.read(plan, cell).map_or_else(|state| state, |_| State::Fresh);
    Survey { cells: plan.cells().iter().map(|cell| (cell.name().into(), state(cell))).collect() }
}
