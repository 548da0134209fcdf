//! Tests of the public interface, in one program so that polars is linked once.

mod closed_forms;
mod common;
mod coverage;
#[cfg(feature = "polars")]
mod frames;
mod refusals;
