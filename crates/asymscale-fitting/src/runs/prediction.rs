//! What a fitted law says of runs that were not in it.
//!
//! This room must not know how a law is fitted or resampled; it reads parameters and refits.
//!
//! | I want … | file |
//! |---|---|
//! | predictions, the compute-optimal allocation, how far a size lies outside the runs | `extrapolation.rs` |
//! | a law to be saved, with intervals of the law and of a single run | `saved_law.rs` |

pub(super) mod extrapolation;
pub(super) mod saved_law;
