//! Parametric laws of training runs: the loss in features N and samples D.

mod active;
mod bootstrap;
mod centre;
mod check;
mod coverage;
mod diagnostics;
mod fit;
mod fitted;
mod forecast;
mod index;
mod intervals;
mod kinds;
mod law;
mod newton;
mod problem;
mod profile;
mod quality;
pub mod repeated;
mod resample;
mod rows;
mod sandwich;
mod scale;
mod score;
mod shared;
mod signal;
mod slopes;
mod starts;
mod symmetric;
mod symmetry;
mod thin;

pub use active::{ActiveBootstrap, ActiveFit, ActiveParameters, are_told_apart, fit_active_law};
pub use bootstrap::{Audit, BootstrapInterval, FitBootstrap, FitBootstrapOptions, Refit};
pub use coverage::{
    Coverage, CoverageOptions, RunErrors, SyntheticRuns, interval_coverage, symmetry_test_size,
};
pub use fit::{Endpoint, Fit, FitOptions, StartCounts, fit_law};
pub use fitted::{FittedLaw, RunForecast, Validation};
pub use forecast::{Allocation, Extrapolation, HeldOut, Prediction};
pub use intervals::ParameterInterval;
pub use kinds::{Kind, KindComparison, KindVerdict, compare_kinds};
pub use law::{Floor, Law, Objective, Parameter, Parameters};
pub use newton::Status;
pub use quality::FitQuality;
pub use resample::Resampling;
pub use rows::Runs;
pub(crate) use rows::list_rows;
pub use signal::{Evidence, Signal, signal_test};
pub use starts::Starts;
pub use symmetry::{SymmetryTest, symmetry_test};
