//! Numbers in answers: with few digits in words, with the ends of their intervals in JSON.

pub(crate) mod beyond;
pub(super) mod digits;
pub(crate) mod ends;
