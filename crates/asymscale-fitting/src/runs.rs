//! Parametric laws of training runs: the loss in features N and samples D.
//!
//! | I want … | file |
//! |---|---|
//! | the laws, their parameters, the objectives | `law.rs` |
//! | the runs themselves | `data/` |
//! | the fit from many starts, its residuals and their quality, what it refuses | `fit.rs`, `fit/` |
//! | the minimiser | `optimiser/` |
//! | standard errors, intervals, their measured coverage | `uncertainty/` |
//! | tests: does the loss depend on N and D, is one exponent enough | `hypotheses/` |
//! | predictions, the best allocation of compute, a law that can be saved | `prediction/` |
//! | laws of active parameters, of kinds of runs, of repeated data | `further_laws/` |
//!
//! Each room's file says what is in it, and what it must not know.

mod data;
mod fit;
mod further_laws;
mod hypotheses;
mod law;
mod optimiser;
mod prediction;
mod uncertainty;

pub(crate) use data::rows::list_rows;

pub use data::rows::Runs;
pub use data::synthetic::{RunErrors, SyntheticRuns};
pub use fit::quality::FitQuality;
pub use fit::{Endpoint, Fit, FitOptions, StartCounts, fit_law};
pub use further_laws::active::{
    ActiveBootstrap, ActiveFit, ActiveParameters, are_distinguishable, fit_active_law,
};
pub use further_laws::kinds::{Kind, KindComparison, KindVerdict, compare_kinds};
pub use further_laws::repeated;
pub use hypotheses::signal::{Evidence, Signal, signal_test};
pub use hypotheses::symmetry::{SymmetryTest, symmetry_test, symmetry_test_size};
pub use law::{Floor, Law, Objective, Parameter, Parameters};
pub use optimiser::minimise::Status;
pub use optimiser::starts::Starts;
pub use prediction::extrapolation::{Allocation, Extrapolation, HeldOut, Prediction};
pub use prediction::saved_law::{FittedLaw, RunForecast, Validation};
pub use uncertainty::bootstrap::{
    Audit, BootstrapInterval, FitBootstrap, FitBootstrapOptions, Refit,
};
pub use uncertainty::coverage::{Coverage, CoverageOptions, interval_coverage};
pub use uncertainty::intervals::ParameterInterval;
pub use uncertainty::resampling::Resampling;
