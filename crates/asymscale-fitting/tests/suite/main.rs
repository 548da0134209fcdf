//! Tests of the public interface, in one program so that polars is linked once.

mod closed_forms;
mod common;
mod counts;
mod coverage;
mod diagnosis_always;
mod diagnosis_cases;
#[cfg(feature = "frames")]
mod diagnosis_frames;
mod diagnosis_incidence;
mod diagnosis_law;
mod diagnosis_models;
mod diagnosis_peers;
mod diagnosis_refusals;
mod diagnosis_unseen;
mod diagnosis_words;
mod epochs;
#[cfg(feature = "frames")]
mod frames;
mod isoflop;
#[path = "../../examples/kinds/mod.rs"]
mod kinds;
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
