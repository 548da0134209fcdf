//! Groups of flags: further columns, the law, what the loss measures, the objective.

pub(super) mod columns;
pub(super) mod laws;
pub(super) mod measure;
pub(super) mod penalty;
