//! What can be wrong with a request to the theory.

use thiserror::Error;

/// A parameter outside its domain. Every variant carries the offending value, and its message names
/// the parameter and the allowed range.
#[derive(Debug, Clone, Copy, PartialEq, Error)]
pub enum TheoryError {
    /// The number of samples `D` is outside its range, or NaN.
    #[error("samples = {0}: must be a number in 1..1e30, or inf")]
    Samples(f64),
    /// The number of features `N` is outside its range, or NaN.
    #[error("features = {0}: must be a number in 1..1e30, or inf")]
    Features(f64),
    /// The ridge penalty is negative, outside its range or NaN.
    #[error("ridge = {0}: must be 0 or a number in 1e-100..1e30")]
    Ridge(f64),
    /// The label-noise variance is negative, too large or NaN.
    #[error("noise = {0}: the variance of the label noise must be a number in 0..1e30")]
    Noise(f64),
    /// More directions would have to be learned than have eigenvalues within the range of floats.
    #[error(
        "min(features, samples) = {directions:e}: with alpha = {alpha} must be at most {limit:.5e}, beyond which eigenvalues are \
         below 1e-260"
    )]
    Depth {
        /// `min(N, D)`.
        directions: f64,
        /// The spectral exponent `α`.
        alpha: f64,
        /// The number of directions with larger eigenvalues.
        limit: f64,
    },
    /// A number of samples for which counts have no binomial law: not whole, or infinite.
    #[error("samples = {0}: must be a whole number in 1..9e15")]
    WholeSamples(f64),
    /// A step size that is not positive, not finite or NaN.
    #[error("rate = {0}: must be a finite number > 0")]
    Rate(f64),
    /// A step size at which the first coordinate alone is unstable: rare ones decide nothing.
    #[error(
        "rate = {rate}: the asymptote needs a step size < {limit} (2 over the largest eigenvalue)"
    )]
    RateBeyondHead {
        /// The step size `η`.
        rate: f64,
        /// `2/λ_1`.
        limit: f64,
    },
    /// Rare coordinates are not large: the instability is no power law.
    #[error(
        "beta = {beta}: the asymptote needs beta > 1 + alpha = {needed} and infinitely many coordinates of a \
         power law"
    )]
    RareNotLarge {
        /// The activity exponent, NaN if there is none.
        beta: f64,
        /// `1 + α`.
        needed: f64,
    },
    /// Coordinates that exclude each other have no product law.
    #[error("activity = one-hot: coordinates must be active independently of each other")]
    OneHot,
    /// The compute budget is not a finite number > 0.
    #[error("compute = {0}: must be a finite number > 0")]
    Compute(f64),
    /// The budget has splits that the theory cannot follow.
    #[error(
        "compute = {compute:e}: with factor = {factor:e} and alpha = {alpha} must be at most {limit:.5e}"
    )]
    LargeBudget {
        /// The budget `C`.
        compute: f64,
        /// The cost of one feature on one sample.
        factor: f64,
        /// The spectral exponent `α`.
        alpha: f64,
        /// The largest budget.
        limit: f64,
    },
    /// The cost of one feature on one sample is not a finite number > 0.
    #[error("factor = {0}: must be a finite number > 0")]
    Factor(f64),
    /// The budget does not hold one feature and one sample, or overflows.
    #[error(
        "compute = {compute}: must be at least factor = {factor}, to hold one feature and one sample"
    )]
    Budget {
        /// The budget `C`.
        compute: f64,
        /// The cost of one feature on one sample.
        factor: f64,
    },
    /// The weight of a kernel's linear part is not a finite number > 0.
    #[error("scale = {0}: the linear part of a kernel must have a finite weight > 0")]
    Scale(f64),
    /// Fewer than two points do not say how degrees of freedom grow.
    #[error("modes = {0} points: must be at least 2")]
    FewModes(usize),
    /// A point out of order, or not finite and > 0.
    #[error(
        "modes = ({threshold}, {count}): thresholds must fall and degrees of freedom rise, all finite and > 0"
    )]
    Modes {
        /// The threshold `κ`.
        threshold: f64,
        /// The degrees of freedom `n`.
        count: f64,
    },
    /// The time of gradient flow is negative, too long or NaN.
    #[error("time = {0}: must be a number in 0..1e18")]
    Time(f64),
}
