//! The figure as a caller describes it: panels, layers, axes and grids of values.
//!
//! This room must not know pixels, fonts or the backend.
//!
//! | I want … | file |
//! |---|---|
//! | figures, panels, the place of a legend | `figure.rs` |
//! | what a panel shows | `layer.rs` |
//! | axes, their scales and ranges | `axis.rs` |
//! | from values to colours | `colors.rs` |
//! | values on a grid, heat maps, contours | `grid.rs` |

pub(crate) mod axis;
pub(crate) mod colors;
pub(crate) mod figure;
pub(crate) mod grid;
pub(crate) mod layer;
