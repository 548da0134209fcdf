//! Losses with features that are drawn: all of them, or on the row space of the design only.

pub(crate) mod conditional;
pub(crate) mod curve;
pub(crate) mod explicit;
pub(crate) mod sizes;
