//! From a sparse design to the few dense coordinates that its losses depend on: its row space, and
//! how much of the population that space leaves out.

pub(crate) mod column_space;
pub(crate) mod projection;
pub(crate) mod reduced;
pub(crate) mod row_basis;
pub(crate) mod tall;
pub(crate) mod wide;
