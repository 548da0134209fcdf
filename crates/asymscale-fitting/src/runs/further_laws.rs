//! Laws beside `E + A·N^−α + B·D^−β`, each with a fit of its own.
//!
//! Nothing outside this room may depend on one of these laws.
//!
//! | I want … | file |
//! |---|---|
//! | a law in all and in active parameters (mixture of experts) | `active.rs` |
//! | several kinds of runs: one law, shared exponents, or laws of their own | `kinds.rs` |
//! | the fit of shared exponents | `shared_exponents.rs` |
//! | runs that repeat their samples | `repeated.rs`, `repeated/` |

pub(super) mod active;
pub(super) mod kinds;
pub mod repeated;
pub(super) mod shared_exponents;
