//! Exact population losses of ridge(less) random-feature regression on a given design: no theory,
//! no test sample.
//!
//! A learner of `N` random features `φ(x) = F x`, `F ~ N(0, 1/N)`, minimises `|Φθ − y|²/D + γ|θ|²`
//! on a design of `D` samples. Its population loss is a quadratic form in its effective weights
//! `ŵ = Fᵀθ`. Coordinates that no sample activated, the infinite tail included, are integrated in
//! closed form. There are three solvers, from most to least literal:
//!
//! - [`explicit_curve`] draws the features on every seen coordinate and solves the least-squares
//!   problem;
//! - [`conditional_curve`] draws them on the row space of the design only, and integrates the rest
//!   out; [`conditional_mean_curve`] averages over teachers and noise as well;
//! - [`DesignSpectrum`] averages over features too: exactly above the interpolation threshold
//!   ([`DesignSpectrum::exact_overparameterized`]), by a deterministic equivalent elsewhere
//!   ([`DesignSpectrum::averaged_loss`]) or its next order ([`DesignSpectrum::corrected_loss`]);
//!   and gradient descent before it has ended ([`DesignSpectrum::descent_curve`],
//!   [`DesignSpectrum::flow_curve`]).
//!
//! The module [`derivations`] derives their equations, names every symbol, and says where each is
//! checked and where it fails.
//!
//! Each gives a whole curve in `N` at about the cost of one factorisation. All run on the calling
//! thread, and a result depends on the design, the key and the request only.

mod design_reduction;
mod drawn_features;
mod error;
mod linear_algebra;
mod nonlinear;
mod spectrum;
mod stochastic;

pub use asymscale_model::Regression;
pub use design_reduction::row_basis::residual_mass;
pub use drawn_features::conditional::{conditional_curve, conditional_mean_curve};
pub use drawn_features::curve::Curve;
pub use drawn_features::explicit::explicit_curve;
pub use error::SolverError;
pub use nonlinear::{
    Activation, ActivationParts, GivenActivation, LostShare, Nonlinear, NonlinearLoss, even_trace,
    lost_share, nonlinear_curve, nonlinear_curves,
};
pub use spectrum::DesignSpectrum;
pub use spectrum::corrected::CorrectedLoss;
pub use spectrum::teacher::TeacherSpectrum;
pub use stochastic::{LossEstimate, StochasticSpectrum, TraceEstimate, TraceEstimates};

#[doc = include_str!("../THEORY.md")]
pub mod derivations {}

/// The example of the crate's front page, compiled and run.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
