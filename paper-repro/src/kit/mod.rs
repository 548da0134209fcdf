//! What chapters share: kinds of data, seeds, grids, curves as rows, statistics over designs.
//!
//! Everything here can change rows, so it is part of every chapter's fingerprint.

mod cases;
mod curves;
mod statistics;
mod tolerance;

pub use cases::{Case, SEED, features_around, local_exponent, log_grid, log_space, seed_of};
pub use curves::{Curve, Curves, curve_rows};
pub use statistics::{Spread, bootstrap_interval, largest_score, median_of, z_bound};
pub use tolerance::{FINITE_SIZE, finite_size, resolution};
