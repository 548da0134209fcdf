//! `asymscale explore`: a page on which the theory answers while a slider moves.
//!
//! `server.rs` and `http.rs` decide who is answered and how much is read; `state.rs` is what the
//! page shows, as a query string; `views/` answers questions about a state; `simulation.rs` draws
//! designs in the background; `tables.rs` has the reader's own data; `export.rs` writes the page
//! with answers that were computed before. Every number is one of [`crate::answers`], or of the
//! function of the library that it asks.

mod app;
mod copies;
mod export;
mod figures;
mod http;
mod server;
mod simulation;
mod state;
mod tables;
mod told;
mod views;

pub(crate) use app::App;
pub(crate) use export::export;
pub(crate) use server::Server;
pub(crate) use tables::{LawByHand, Loaded};
