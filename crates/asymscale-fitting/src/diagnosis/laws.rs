//! The laws of activity, each fitted by maximum likelihood to the counts of rare features.
//!
//! The power law of infinitely many features has a fit of its own. The other laws (lognormal, a
//! power law of finitely many features, gamma) share one. Each law is tested on the counts it was
//! fitted to, and validated by forecasts of all of the data from parts of them. This room must not
//! know what is recommended to a reader, nor any estimate that needs no law.
//!
//! | I want … | file |
//! |---|---|
//! | the power law of activity, its closed forms, ratios of gamma functions | `power_law.rs` |
//! | what it makes of cells of counts, and its maximum likelihood there | `power_law_cells.rs` |
//! | its fit: the window of counts, intervals, tests | `activity_fit.rs` |
//! | counts simulated under it, for the parametric bootstrap | `simulation.rs` |
//! | the densities of the other laws | `shapes.rs` |
//! | their fit, and what a fitted law expects | `mixed_fit.rs` |
//! | the window of counts they are fitted to | `window.rs` |
//! | the probability of a count given a rate of activity | `kernel.rs` |
//! | the likelihood region and the covariance of the parameters | `likelihood_region.rs` |
//! | which laws are tried, and how they forecast parts of the data | `candidates.rs` |
//! | a fitted law ready to forecast, with its error | `model.rs` |
//! | the exponents of the loss, from how energy depends on activity | `energy.rs` |
//! | for how many epochs inputs teach, from both laws of rare inputs | `rare_inputs.rs` |

pub(crate) mod activity_fit;
pub(crate) mod candidates;
pub(crate) mod energy;
pub(crate) mod kernel;
pub(crate) mod likelihood_region;
pub(crate) mod mixed_fit;
pub(crate) mod model;
pub(crate) mod power_law;
pub(crate) mod power_law_cells;
pub(crate) mod rare_inputs;
pub(crate) mod shapes;
pub(crate) mod simulation;
pub(crate) mod window;

pub(crate) use kernel::{Kernel, exceeds};
pub(crate) use likelihood_region::variance;
pub(crate) use mixed_fit::Fitted;
pub use mixed_fit::MixedLaw;
pub use shapes::Shape;
pub(crate) use window::{Tables, fit_to_window, fit_widest};
