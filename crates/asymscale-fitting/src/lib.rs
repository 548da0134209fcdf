//! Scaling exponents from measured losses.
//!
//! A [`Series`] holds losses at distinct sizes (features `N`, samples `D`, compute), with what is
//! known of their errors: replicate designs, standard errors, or nothing. [`power_law_slope`] fits
//! `loss = prefactor · size^exponent` and gives an interval, the window it used and why, and the
//! curvature that speaks against a power law; [`local_slopes`] shows the exponent from size to
//! size.
//!
//! The unit of replication is the **design** (one draw of the training data). [`Blocks`] says
//! whether a design gives a loss at every size or at one; teachers on one design are averaged, not
//! counted.
//!
//! Module [`diagnosis`] reads counts of how often features were active: the law of their
//! activities, what those never seen hold, and what more data would bring.
//!
//! [`fit_law`] fits laws of training runs, `loss = E + A·N^−α + B·D^−β` and its relatives, to
//! [`Runs`] (N, D, loss): from many starts, each accounted for, with
//! [profile](Fit::profile_interval) and [bootstrap](Fit::bootstrap) intervals whose coverage [is
//! measured](interval_coverage), a [test](symmetry_test) of one exponent against two,
//! [predictions](Fit::predict) and compute-optimal [allocations](Fit::allocate).
//!
//! Module [`repeated`] does the same where samples were trained on more than once.
//!
//! Module [`isoflop`] asks the runs of each budget of compute for the N of the smallest loss,
//! without a law, and says what a law would find wrong with that.
//!
//! The core works on slices. Module `frame`, behind the feature `frames` (on by default), does the
//! same from polars frames to polars frames.
//!
//! | I want … | file |
//! |---|---|
//! | a log-log slope with its interval | `slopes.rs`, `slopes/` |
//! | a law of training runs | `runs.rs`, `runs/` |
//! | the best N of each budget without a law | `isoflop.rs`, `isoflop/` |
//! | what counts say of features never seen | `diagnosis.rs`, `diagnosis/` |
//! | the same on polars frames | `frame.rs`, `frame/` |
//! | checks that several of these share | `checks.rs` |
//! | a standard error with Student's t | `student.rs` |
//!
//! ```
//! use asymscale_fitting::{Series, SlopeOptions, power_law_slope};
//! use rand_xoshiro::{Xoshiro256PlusPlus, rand_core::SeedableRng};
//! let sizes = [64.0, 256.0, 1024.0];
//! let designs = [[0.52, 0.47, 0.51, 0.50], [0.251, 0.247, 0.255, 0.248], [0.124, 0.126, 0.129, 0.122]];
//! let series = Series::from_replicates(&sizes, &designs)?;
//! let law = power_law_slope(&series, &SlopeOptions::default(), &mut Xoshiro256PlusPlus::seed_from_u64(1))?;
//! assert!((law.exponent + 0.5).abs() < 0.01);
//! assert!(law.lower < -0.5 && -0.5 < law.upper);
//! # Ok::<(), asymscale_fitting::FittingError>(())
//! ```

mod checks;
pub mod diagnosis;
mod error;
#[cfg(feature = "frames")]
pub mod frame;
pub mod isoflop;
mod runs;
mod slopes;
mod student;

pub use error::FittingError;
pub use runs::repeated;
pub use runs::{
    ActiveBootstrap, ActiveFit, ActiveParameters, Allocation, Audit, BootstrapInterval, Coverage,
    CoverageOptions, Endpoint, Evidence, Extrapolation, Fit, FitBootstrap, FitBootstrapOptions,
    FitOptions, FitQuality, FittedLaw, Floor, HeldOut, Kind, KindComparison, KindVerdict, Law,
    Objective, Parameter, ParameterInterval, Parameters, Prediction, Refit, Resampling, RunErrors,
    RunForecast, Runs, Signal, StartCounts, Starts, Status, SymmetryTest, SyntheticRuns,
    Validation, are_distinguishable, compare_kinds, fit_active_law, fit_law, interval_coverage,
    signal_test, symmetry_test, symmetry_test_size,
};
pub use slopes::{
    Blocks, Center, ChosenWindow, Curvature, Interval, LocalSlope, PowerLaw, Series, SlopeOptions,
    Spacing, Weights, Window, WindowReason, WindowRule, local_slopes, power_law_slope,
};
