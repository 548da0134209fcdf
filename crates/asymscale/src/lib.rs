//! A laboratory for asymmetric scaling laws from sparse features.
//!
//! When features are sparse, part of the test loss sits in rare coordinates that no training sample
//! ever activated. This crate re-exports the libraries that compute what follows from that, each of
//! which can be imported alone, and holds the `asymscale` command.
//!
//! | module | what it answers |
//! |---|---|
//! | [`model`] | which data: spectrum, activity, amplitude, number of coordinates |
//! | [`theory`] | what the population loss is at `N` features and `D` samples, without randomness |
//! | `sampling` (feature `simulate`) | random designs, exact also for infinitely many coordinates |
//! | `solvers` (feature `simulate`) | the exact population loss on a given design |
//! | `dynamics` (feature `simulate`) | gradient descent on a design, with momentum or batches; whether a step diverges |
//! | `montecarlo` (feature `simulate`) | means, medians and intervals over replicated designs |
//! | `answers` (feature `cli`) | the answers of the `asymscale` command as rows, for other programs |
//! | `tables` (feature `fit`) | your own files: one reader for every table |
//! | `plots` (feature `fit`) | figures of curves, points and maps, as SVG, PNG or PDF |
//! | `fitting` (feature `fit`) | laws of training runs, counts of active features, exponents of measured losses |
//!
//! ```
//! use asymscale::{model::SparseModel, theory};
//! let model = SparseModel::power_law(1.0, 1.5, 1.0)?;
//! let loss = theory::loss(&model, f64::INFINITY, 10_000.0)?;
//! let unseen = theory::SampleTheory::new(&model, 10_000.0)?.coverage().unseen_mass;
//! assert!((loss / unseen - 1.0).abs() < 1e-9); // the whole loss is coordinates never seen
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

#[cfg(feature = "cli")]
pub mod answers;
#[cfg(feature = "cli")]
mod cli;
#[cfg(feature = "explore")]
mod explore;

#[cfg(feature = "cli")]
pub use answers::command;
#[cfg(feature = "simulate")]
pub use asymscale_dynamics as dynamics;
#[cfg(feature = "fit")]
pub use asymscale_fitting as fitting;
pub use asymscale_model as model;
#[cfg(feature = "simulate")]
pub use asymscale_montecarlo as montecarlo;
#[cfg(feature = "fit")]
pub use asymscale_plots as plots;
#[cfg(any(feature = "simulate", feature = "fit"))]
pub use asymscale_sampling as sampling;
#[cfg(feature = "simulate")]
pub use asymscale_solvers as solvers;
#[cfg(feature = "fit")]
pub use asymscale_tables as tables;
pub use asymscale_theory as theory;
