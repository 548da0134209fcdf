//! Gradient descent on a drawn design of the sparse-feature model, and training runs.
//!
//! A learner minimises `|Φθ − y|²/(2D)` from `θ_0 = 0` by steps `θ ← θ + (η/D) Φᵀ(y − Φθ)`: linear
//! regression in the coordinates (`N = ∞`), or on `N` drawn features. Its population loss is exact
//! at every recorded step; what no sample activated, the infinite tail included, is integrated in
//! closed form, and there is no test sample.
//!
//! - [`descend`] takes the steps one by one: the reference for all else, which also shows what
//!   happens when a step is too large;
//! - [`descend_with_momentum`] and [`descend_stochastic`] take them with momentum, or on a batch of
//!   samples each; [`momentum_loss`] is the former in closed form;
//! - [`train`] is a whole training run: any [`Rule`] of steps with a schedule of their sizes, on a
//!   stream of fresh samples or on the same ones in several passes, at a cost proportional to what
//!   is active;
//! - [`ClosedForm`] gives the same losses at any step from one decomposition;
//! - [`step_loss`] and [`flow_loss`] average over teachers as well, at `N = ∞`;
//! - a fixed step `η` diverges just if `η λ_max(ΦᵀΦ/D) > 2`: [`largest_eigenvalue`] computes that
//!   eigenvalue with its residual, [`is_unstable`] decides the question from proven bounds.

mod closed_form;
mod dense;
mod divergence;
mod eigenvalue;
mod error;
mod iterates;
mod learner;
mod momentum;
mod operator;
mod stochastic;
mod training;

pub use closed_form::{ClosedForm, flow_loss, step_loss};
pub use divergence::{is_unstable, is_unstable_with_features};
pub use eigenvalue::{LargestEigenvalue, largest_eigenvalue, largest_eigenvalue_with_features};
pub use error::DynamicsError;
pub use iterates::descend;
pub use learner::{FeatureMap, Learner};
pub use momentum::{Momentum, descend_with_momentum, momentum_loss};
pub use stochastic::descend_stochastic;
pub use training::{Average, Order, Rule, Trained, Training, train};

/// The example of the crate's front page, compiled and run.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
