//! What is drawn inside and around a frame, as shapes of the scene.
//!
//! This room must not know how a shape becomes SVG, nor how large a panel is made.
//!
//! | I want … | file |
//! |---|---|
//! | lines, bands, bars, points, references, notes | `layers.rs` |
//! | grid, spines, ticks, captions | `axes.rs` |
//! | heat maps, the colour bar, contours with their labels | `heat.rs` |
//! | lines of equal value by marching squares | `contour.rs` |
//! | clipping at the frame, dashes | `clip.rs` |

pub(crate) mod axes;
pub(crate) mod clip;
pub(crate) mod contour;
pub(crate) mod heat;
pub(crate) mod layers;
