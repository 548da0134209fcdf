//! Deterministic equivalents of the population loss of random-feature regression on sparse data.
//!
//! A learner sees `D` samples of the [`SparseModel`](asymscale_model::SparseModel) through `N`
//! random features. Its population loss, averaged over designs, features and teachers, follows from
//! two functions of one variable, the companion Stieltjes transform `G` of the design. With
//! `χ_i = Σ z²` over the samples that activate coordinate `i` and `t_i = E[1/(1 + a_i² χ_i G/D)]`,
//!
//! ```text
//! f(G) = Σ (1 − t_i)   degrees of freedom, directions learned
//! T(G) = Σ λ_i t_i     variance left unlearned
//! κ(G) = (1 − f/D)/G   effective ridge
//! ```
//!
//! Below the interpolation threshold `r = min(S, D)` the features decide, `f = N`. Above it the
//! samples do, `f = D`, or else all `S` coordinates seen are learned and the **unseen mass** `U` is
//! what is left, however many features there are:
//!
//! ```text
//! N < r:  L = N [(T + T_G)/f_G + T/(D − N)]     N > r:  L = T N/(N − r)
//! ```
//!
//! Here `T_G` and `f_G` are derivatives along `ln G`. The module [`derivations`] derives all of
//! this with pen and paper, including ridge and noise, names every symbol, and says where each
//! equation is checked and where it fails. For `p ≡ 1` it is the known dense result of Simon et
//! al., *The eigenlearning framework* (TMLR 2023) and Bach, *High-dimensional analysis of double
//! descent* (SIAM J. Math. Data Sci. 2024); the average over the counts is this project's, checked
//! against simulation. `M` may be infinite; `N` and `D` are floats up to 1e12 and ∞.
//!
//! The exponents are `α` in `N` and `α/max(1, β)` in `D`. Any label noise replaces `max(1, β)` by
//! `max(β, 1 + α)`, and a fixed ridge leaves a constant: [`exponents_with`],
//! [`frontier_exponents_with`]. [`SampleTheory::finite_size_error_with`] estimates how far a loss
//! can be trusted at a finite size.
//!
//! [`OnePass`] is another learner: stochastic gradient descent that sees every sample once, whose
//! mean loss is exact at `N = ∞`.
//!
//! ```
//! use asymscale_model::SparseModel;
//! use asymscale_theory::{SampleTheory, crossover, exponents};
//! let model = SparseModel::power_law(1.0, 1.5, 1.0)?; // α, β, onset c
//! let law = exponents(&model).unwrap();
//! assert!((law.features - 1.0).abs() < 1e-15 && (law.samples - 2.0 / 3.0).abs() < 1e-15);
//! // Far past the crossover nearly all of the loss of infinitely many features is unseen.
//! let samples = 1e4 * crossover(&model).unwrap();
//! assert!(SampleTheory::new(&model, samples)?.unseen_share() == 1.0);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod coordinates;
mod epochs;
mod error;
mod exponents;
mod frontier;
mod instability;
mod one_pass;
mod response;
mod sample_theory;
mod search;

pub use asymscale_model::Regression;
pub use coordinates::coverage::Coverage;
pub use epochs::{
    BestEpochs, EpochBudget, EpochCollapse, EpochSplit, Epochs, InputLaws, Scarce,
    epoch_frontier_exponents, epoch_time, frontier_with_epochs, local_epoch_exponents,
    one_hot_descent_loss,
};
pub use error::TheoryError;
pub use exponents::crossover::{crossover, noise_crossover};
pub use exponents::{
    Exponents, RegressionExponents, exponents, exponents_with, saturated_exponents,
};
pub use frontier::exponents::{
    FrontierExponents, frontier_exponents, frontier_exponents_with, local_exponents,
};
pub use frontier::{Branch, Budget, Frontier, Ridge, Split, frontier};
pub use instability::{
    InstabilityAsymptote, corrected_instability_probability, expected_large_entries,
    instability_asymptote, instability_probability,
};
pub use one_pass::OnePass;
pub use one_pass::exponents::{OnePassExponents, OnePassRegime, one_pass_exponents};
pub use one_pass::frontier::{
    OnePassBudget, OnePassRate, OnePassSplit, one_pass_frontier, one_pass_local_exponents,
};
pub use one_pass::spikes::{RareSteps, horizon_rate};
pub use one_pass::stability::largest_stable_rate;
pub use one_pass::tuning::TunedRate;
pub use sample_theory::kernel::{KernelTheory, OrthogonalModes};
pub use sample_theory::next_order::CorrectedLoss;
pub use sample_theory::points::{infinite_data_loss, infinite_feature_loss, loss, regime};
pub use sample_theory::regime::Regime;
pub use sample_theory::reliability::Reliability;
pub use sample_theory::{LossControl, SampleTheory};

#[doc = include_str!("../THEORY.md")]
pub mod derivations {}
