//! Where things stand, in pixels: margins, ticks, legends.
//!
//! This room must not know how a shape becomes SVG.
//!
//! | I want … | file |
//! |---|---|
//! | axes, margins and decorations of a panel | `panel.rs` |
//! | from values to pixels | `coordinates.rs` |
//! | ticks and their labels | `ticks.rs` |
//! | the legend: entries, size, place | `legend.rs` |
//! | what a legend or a label should not cover | `obstacles.rs` |

pub(crate) mod coordinates;
pub(crate) mod legend;
pub(crate) mod obstacles;
pub(crate) mod panel;
pub(crate) mod ticks;
