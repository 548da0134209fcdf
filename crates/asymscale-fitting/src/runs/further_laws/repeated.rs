//! Repeated data: the law of a loss where samples were trained on more than once, its fit and its
//! intervals.
//!
//! [`RepeatedRuns`] are training runs with the number of distinct samples of each, [`RepeatedLaw`]
//! is the law of Muennighoff et al. (arXiv 2305.16264), and [`fit_repeated`] fits it, from many
//! starts, each accounted for. [`RepeatedFit::bootstrap`] gives intervals of the parameters and of
//! whatever follows from them, such as the number of epochs beyond which one more sample is worth
//! less than half of a fresh one.
//!
//! | I want … | file |
//! |---|---|
//! | runs with the number of their distinct samples | `data.rs` |
//! | the law, and what follows from it | `law.rs` |
//! | the fit from many starts | `fit.rs`, `starts.rs`, `descent.rs` |
//! | the objective with its gradient and Hessian | `problem.rs`, `jets.rs`, `saturation.rs` |
//! | parameters of the data to those of the minimisation, and back | `units.rs` |
//! | intervals | `bootstrap.rs` |
//!
//! This room must not know the other further laws.

mod bootstrap;
mod data;
mod descent;
mod fit;
mod jets;
mod law;
mod problem;
mod saturation;
mod starts;
mod units;

pub use bootstrap::{RepeatedBootstrap, RepeatedBootstrapOptions};
pub use data::RepeatedRuns;
pub use descent::RepeatedStatus;
pub use fit::{RepeatedCounts, RepeatedEndpoint, RepeatedFit, RepeatedOptions, fit_repeated};
pub use law::{RepeatedLaw, RepeatedParameter};
pub use starts::RepeatedStarts;
