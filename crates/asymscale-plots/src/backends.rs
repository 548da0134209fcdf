//! From shapes to files: the scene, text as outlines, SVG, and PNG and PDF from it.
//!
//! This room must not know axes, layers or panels.
//!
//! | I want … | file |
//! |---|---|
//! | the shapes that are drawn | `scene.rs` |
//! | SVG through plotters' elements | `svg.rs`, `document.rs` |
//! | text as outlines, and the little TeX of labels | `text.rs`, `markup.rs` |
//! | PNG, PDF | `png.rs`, `pdf.rs` |

pub(crate) mod document;
pub(crate) mod markup;
#[cfg(feature = "pdf")]
pub(crate) mod pdf;
#[cfg(feature = "png")]
pub(crate) mod png;
pub(crate) mod scene;
pub(crate) mod svg;
pub(crate) mod text;
