//! What can be wrong with a figure.

use thiserror::Error;

/// A figure that cannot be drawn as asked. Every variant carries the offending values, and its
/// message names the panel or parameter and what is allowed.
#[derive(Debug, Clone, PartialEq, Error)]
pub enum PlotError {
    /// A figure without panels.
    #[error("panels = 0: a figure needs at least 1 panel")]
    NoPanels,
    /// A figure of no columns.
    #[error("columns = {columns}: must be a whole number in 1..={panels}, the number of panels")]
    Columns {
        /// The columns asked for.
        columns: usize,
        /// The panels of the figure.
        panels: usize,
    },
    /// A width or height outside the range a page or screen can hold.
    #[error("{side} = {value}: must be in [120, 10000] pixels")]
    Size {
        /// `width` or `height`.
        side: &'static str,
        /// The value found.
        value: f64,
    },
    /// The labels leave no room for the data.
    #[error(
        "panel {panel:?}: labels leave {width:.0} x {height:.0} pixels for the data, at least 60 x 60 is needed"
    )]
    TooSmall {
        /// Title of the panel.
        panel: String,
        /// Width left for the data, in pixels.
        width: f64,
        /// Height left for the data, in pixels.
        height: f64,
    },
    /// No layer has a value that its axes can show.
    #[error("panel {panel:?}: no finite data to draw (a log axis shows only values > 0)")]
    NoFiniteData {
        /// Title of the panel.
        panel: String,
    },
    /// A fixed axis range that is empty, not finite, or not positive on a log axis.
    #[error(
        "panel {panel:?}, {axis} range = [{low}, {high}]: must be finite with low < high, and low > 0 on a log axis"
    )]
    Range {
        /// Title of the panel.
        panel: String,
        /// `x`, `y` or `colour`.
        axis: &'static str,
        /// The lower end.
        low: f64,
        /// The upper end.
        high: f64,
    },
    /// Two columns of a layer differ in length.
    #[error("panel {panel:?}, layer {layer:?}: {what} has {found} entries, must have {expected}")]
    Length {
        /// Title of the panel.
        panel: String,
        /// Name of the layer.
        layer: String,
        /// The column that is too short or too long.
        what: &'static str,
        /// The length found.
        found: usize,
        /// The length needed.
        expected: usize,
    },
    /// The nodes of a grid do not ascend, or an axis cannot show them.
    #[error(
        "panel {panel:?}: grid {axis} nodes must be at least 2, finite, strictly ascending, and > 0 on a log axis"
    )]
    Nodes {
        /// Title of the panel.
        panel: String,
        /// `x` or `y`.
        axis: &'static str,
    },
    /// The drawing library refused.
    #[error("drawing failed: {0}")]
    Backend(String),
    /// The picture could not be read to be written as PDF.
    #[cfg(feature = "pdf")]
    #[error("PDF: {0}")]
    Pdf(String),
    /// The rasteriser refused the picture.
    #[cfg(feature = "png")]
    #[error("PNG at scale {scale}: {reason}")]
    Png {
        /// Pixels per unit of the figure.
        scale: f32,
        /// What went wrong.
        reason: String,
    },
}
