//! Tests of the public interface, in one program so that polars is linked once.

mod closed_forms;
mod common;
mod counts;
mod coverage;
#[cfg(feature = "frames")]
mod diagnosis_frames;
mod diagnosis_law;
mod diagnosis_refusals;
mod diagnosis_unseen;
mod diagnosis_words;
#[cfg(feature = "frames")]
mod frames;
mod isoflop;
mod refusals;
mod repeated;
#[cfg(feature = "frames")]
mod run_frames;
mod runs;
mod runs_active;
mod runs_coverage;
mod runs_kinds;
mod runs_laws;
mod runs_many;
mod runs_penalty;
mod runs_refusals;
mod runs_signal;
