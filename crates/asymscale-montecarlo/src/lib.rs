//! Replicated estimates: designs × teachers × features in, means, medians and intervals out.
//!
//! **A replicate is a design.** Teachers drawn on one design share its unseen coordinates and its
//! rank, so they are averaged first and never counted as replicates. Replicates run in parallel on
//! the current rayon pool; each has its own streams, derived from the seed and its number, so the
//! result is the same for any number of threads.
//!
//! Near the interpolation threshold the loss of a draw is heavy-tailed: within `|N − rank X| ≤ 3`
//! its mean or variance does not exist. There [`Summary::mean`] and [`Summary::standard_error`] are
//! `None`; medians and quantiles always exist. Losses are skewed to the right, and few designs do
//! not show how much: standard errors have a floor from the model's own law of the unseen mass
//! ([`UnseenLaw`]), and [`Summary::interval`] reaches further up than down. By default only designs
//! vary ([`Method::Averaged`]): the README has what each method costs to
//! a given error.
//!
//! ```
//! use asymscale_model::{ModelSize, SparseModel};
//! use asymscale_montecarlo::{Method, Settings, simulate};
//!
//! let model = SparseModel::power_law(1.0, 1.5, 1.0)?;
//! let features = [10, 200].map(ModelSize::Finite).to_vec();
//! let settings = Settings { samples: 64, features, repeats: 8, ..Settings::default() };
//! let simulation = simulate(&model, &settings)?;
//! let wide = &simulation.summaries()[1];
//! assert_eq!((wide.features, wide.repeats), (ModelSize::Finite(200), 8));
//! assert!(wide.mean.unwrap() > 0.0 && wide.median > 0.0);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod error;
mod instability;
mod lifted;
mod memory;
mod nonlinear;
mod proportion;
mod replicates;
mod simulation;
mod summary;
mod training;
mod unseen_law;

pub use asymscale_numerics::quantile;
pub use error::MonteCarloError;
pub use instability::{
    InstabilityEstimate, InstabilityMethod, InstabilitySettings, simulate_instability,
    suggested_method,
};
pub use lifted::{LiftedLoss, LiftedSettings, lifted_curve};
pub use memory::{MOST_BYTES, descent_fits};
pub use nonlinear::{NonlinearEstimate, NonlinearSettings, simulate_nonlinear};
pub use proportion::wilson_interval;
pub use replicates::{replicates, replicates_at_most};
pub use simulation::{Method, Replicate, Settings, Simulation, simulate};
pub use summary::{Estimate, Summary, median_interval};
pub use training::{
    TrainingReplicate, TrainingSettings, TrainingSimulation, TrainingSummary, simulate_training,
};
pub use unseen_law::UnseenLaw;
