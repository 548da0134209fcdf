//! Tests of hypotheses about a law of training runs.
//!
//! This room must not know any interval or prediction.
//!
//! | I want … | file |
//! |---|---|
//! | whether the loss depends on N and on D at all | `signal.rs` |
//! | whether one exponent does for both | `symmetry.rs` |
//! | the studentised score of one direction, with random signs of blocks | `score.rs` |
//! | the score test of a law within a larger one | `nested_laws.rs` |

pub(super) mod nested_laws;
pub(super) mod score;
pub(super) mod signal;
pub(super) mod symmetry;
