//! The content of one cell: a number, however it is written, or a word that stands for a number or
//! for a missing one.

pub(crate) mod digits;
pub(crate) mod marks;
pub(crate) mod number;
