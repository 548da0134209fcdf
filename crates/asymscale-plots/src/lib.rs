//! A small figure toolkit over plotters; what it offers is in the README below.
//!
#![doc = include_str!("../README.md")]

// The gallery of the examples is tested from inside, where shapes can be measured.
#[cfg(test)]
extern crate self as asymscale_plots;

mod backends;
mod compose;
mod error;
mod layout;
mod marks;
mod model;
#[cfg(test)]
mod tests;
mod theme;

#[cfg(feature = "pdf")]
pub use backends::pdf::pdf;
#[cfg(feature = "png")]
pub use backends::png::png;
pub use error::PlotError;
pub use model::axis::{Axis, Range, Scale};
pub use model::colors::ColorMap;
pub use model::figure::{Figure, Inset, Legend, Panel};
pub use model::grid::{Contours, Grid, Heat};
pub use model::layer::{Band, Bars, Dash, Direction, Layer, Line, Marker, Note, Points, Reference};
pub use theme::Color;
