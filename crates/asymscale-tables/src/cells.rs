//! What one cell says: a number, however it is written, or a word that stands for one or for none.

pub(crate) mod digits;
pub(crate) mod marks;
pub(crate) mod number;
