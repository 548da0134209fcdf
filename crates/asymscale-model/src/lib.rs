//! The vocabulary of the sparse-feature scaling model.
//!
//! Coordinates are numbered `i = 1, 2, …, M`, with `M = ∞` allowed. A sample has
//! `x_i = a_i b_i z_i`: `b_i` is Bernoulli with **activity** `p_i`, `z_i` an **amplitude** of mean
//! 0 and variance 1, and the scale `a_i² = λ_i / p_i` is chosen so that `E[x_i²] = λ_i`, the
//! **spectrum**. Sparsity therefore never changes the covariance `Σ = diag(λ)`.
//!
//! Of the learner there are its size ([`ModelSize`]), its ridge and the label noise
//! ([`Regression`]), and the step sizes of its training ([`Schedule`]). Everything is
//! dimensionless. Values are validated once, in constructors; there is no randomness and no linear
//! algebra here.
//!
//! ```
//! use asymscale_model::SparseModel;
//! let model = SparseModel::power_law(1.0, 1.5, 20.0)?; // α, β, onset c
//! assert_eq!(model.activity(20.0), 1.0);               // always on up to the onset
//! assert!((model.activity(80.0) - 0.125).abs() < 1e-15);
//! // E[x_i²] = p_i a_i² = λ_i whatever the sparsity
//! let (p, a2) = (model.activity(80.0), model.scale_squared(80.0));
//! assert!((p * a2 / model.eigenvalue(80.0) - 1.0).abs() < 1e-14);
//! # Ok::<(), asymscale_model::ModelError>(())
//! ```

mod activity;
mod amplitude;
mod coordinates;
mod error;
mod invalid_input;
mod model_size;
mod power_law;
mod power_sum;
mod rare_law;
mod regression;
mod schedule;
mod sparse_model;
mod spectrum;
mod targets;
mod teacher;

pub use activity::Activity;
pub use amplitude::Amplitude;
pub use coordinates::Coordinates;
pub use error::ModelError;
pub use invalid_input::{InvalidInput, LibraryError};
pub use model_size::ModelSize;
pub use power_law::{PowerLaw, Table};
pub use power_sum::power_sum;
pub use rare_law::RareLaw;
pub use regression::Regression;
pub use schedule::{Decay, Schedule, is_rate};
pub use sparse_model::SparseModel;
pub use spectrum::Spectrum;
pub use teacher::Teacher;
