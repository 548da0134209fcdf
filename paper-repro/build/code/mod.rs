//! Which code results depend on. Compiled into the build script, and into the library for its tests
//! only.
//!
//! Rows depend on what a chapter's plan and run reach, figures on what its report reaches besides.
//! What is reached is found from names: an item counts as soon as reached code says something that
//! may stand for it, whether or not the compiler would agree. So too much may be reached, never too
//! little.

pub(crate) mod packages;
pub(crate) mod program;
pub(crate) mod reach;
pub(crate) mod source;
pub(crate) mod tokens;
