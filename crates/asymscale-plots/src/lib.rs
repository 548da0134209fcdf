//! A small figure toolkit over plotters; what it offers is in the README below.
//!
#![doc = include_str!("../README.md")]

// The gallery of the examples is tested from inside, where shapes can be measured.
#[cfg(test)]
extern crate self as asymscale_plots;

mod axis;
mod clip;
mod colors;
mod contour;
mod document;
mod draw;
mod error;
mod figure;
mod frame;
mod grid;
mod heat;
mod layer;
mod layout;
mod legend;
mod markup;
mod obstacles;
#[cfg(feature = "pdf")]
mod pdf;
#[cfg(feature = "png")]
mod png;
mod scene;
mod svg;
#[cfg(test)]
mod tests;
mod text;
mod theme;
mod ticks;

pub use axis::{Axis, Range, Scale};
pub use colors::ColorMap;
pub use error::PlotError;
pub use figure::{Figure, Inset, Panel};
pub use grid::{Contours, Grid, Heat};
pub use layer::{Band, Bars, Dash, Direction, Layer, Line, Marker, Note, Points, Reference};
pub use legend::Legend;
#[cfg(feature = "pdf")]
pub use pdf::pdf;
#[cfg(feature = "png")]
pub use png::png;
pub use theme::Color;
