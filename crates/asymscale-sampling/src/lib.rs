//! Exact random designs of the sparse-feature model, at a cost proportional to what is active.
//!
//! A design `X` (samples × coordinates) is stored by its **seen** coordinates, those that at least
//! one sample activates. Where there are infinitely many coordinates, no cut-off is made: the next
//! seen coordinate is found by jumping, and what no sample ever activated enters as a closed-form
//! mass.
//!
//! ```
//! use asymscale_model::SparseModel;
//! use asymscale_sampling::{Design, Key};
//! let model = SparseModel::power_law(1.0, 1.5, 1.0)?; // infinitely many coordinates
//! let design = Design::sample(&model, 512, &mut Key::new(1).label("design").stream())?;
//! assert!(design.rank() <= design.seen() && design.seen() < 512);
//! // Seen and unseen variance add up to all of it, ζ(2).
//! let seen: f64 = design.eigenvalues().iter().sum();
//! assert!((seen + design.unseen_mass() - model.total_variance()).abs() < 1e-12);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod design;
mod error;
mod features;
mod inputs;
mod jump;
mod key;
mod large_index;
mod lift;
mod matching;
mod one_hot;
mod planted;
mod power_cells;
mod request;
mod rows;
mod seen;
pub mod sparse;
mod teacher;
mod truncated_binomial;
mod variates;

pub use design::{Column, Design};
pub use error::SamplingError;
pub use features::feature_column;
pub use inputs::TestInputs;
pub use key::Key;
pub use planted::{Entry, LargeEntries};
pub use request::DesignSize;
pub use seen::{SeenCoordinate, seen_coordinates};
pub use teacher::{TargetEnergies, TeacherLaw, Teachers};

/// The examples of the README are tested with those of the documentation.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
