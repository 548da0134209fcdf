//! How far the parameters of a fitted law may be off.
//!
//! This room must not know any hypothesis about them.
//!
//! | I want … | file |
//! |---|---|
//! | refits of resampled runs | `bootstrap.rs` |
//! | the data sets they are made of: rows, groups, residuals, signs | `resampling.rs` |
//! | intervals from refits: percentile, BCa, studentised | `intervals.rs` |
//! | profile intervals | `profile.rs` |
//! | the sandwich covariance, for many rows | `sandwich.rs` |
//! | how often intervals cover, measured on synthetic runs | `coverage.rs` |

pub(super) mod bootstrap;
pub(super) mod coverage;
pub(super) mod intervals;
pub(super) mod profile;
pub(super) mod resampling;
pub(super) mod sandwich;
