//! Estimates from rare counts that need no law of activity.
//!
//! This room must not know any fitted law or any forecast.
//!
//! | I want … | file |
//! |---|---|
//! | what unseen features hold now (Good and Turing) | `unseen.rs` |
//! | a lower bound of the number of features (Chao), rational extrapolation | `richness.rs` |
//! | the weights of Good and Toulmin's series, plain and smoothed | `smoothing.rs` |

pub(crate) mod richness;
pub(crate) mod smoothing;
pub(crate) mod unseen;
