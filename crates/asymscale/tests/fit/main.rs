//! `asymscale fit` and `asymscale predict` as a person or a script meets them.

#![cfg(feature = "fit")]

mod common;
mod held_out;
mod isoflop;
mod laws;
mod many;
mod measures;
mod mixed;
mod repeats;
mod runs;
mod words;
