//! What can be wrong with a request to the theory.

mod runs;

use asymscale_model::{InvalidInput, LibraryError};
use thiserror::Error;

/// A parameter outside its domain. Every variant carries the offending value, and its message names
/// the parameter and the allowed range.
#[derive(Debug, Clone, Copy, PartialEq, Error)]
#[error("{}", self.input_text())]
pub enum TheoryError {
    /// The number of samples `D` is outside its range, or NaN.
    Samples(f64),
    /// The number of features `N` is outside its range, or NaN.
    Features(f64),
    /// The ridge penalty is negative, outside its range or NaN.
    Ridge(f64),
    /// The label-noise variance is negative, too large or NaN.
    Noise(f64),
    /// More directions would have to be learned than have eigenvalues within the range of floats.
    Depth {
        /// `min(N, D)`.
        directions: f64,
        /// The spectral exponent `α`.
        alpha: f64,
        /// The number of directions with larger eigenvalues.
        limit: f64,
    },
    /// No digits are left in the loss: the parameters are at the edge of the range of floats.
    NoDigits {
        /// The number of features `N`.
        features: f64,
        /// The number of samples `D`.
        samples: f64,
    },
    /// A number of samples for which counts have no binomial law: not whole, or infinite.
    WholeSamples(f64),
    /// A step size outside its range, or NaN.
    Rate(f64),
    /// A step size at which the first coordinate alone is unstable: rare ones decide nothing.
    RateBeyondHead {
        /// The step size `η`.
        rate: f64,
        /// `2/λ_1`.
        limit: f64,
    },
    /// Rare coordinates are not large: the instability is no power law.
    RareNotLarge {
        /// The activity exponent, NaN if there is none.
        beta: f64,
        /// `1 + α`.
        needed: f64,
    },
    /// Coordinates that exclude each other have no product law.
    OneHot,
    /// The compute budget is not a finite number > 0.
    Compute(f64),
    /// The budget has splits that the theory cannot follow.
    LargeBudget {
        /// The budget `C`.
        compute: f64,
        /// The cost of one feature on one sample.
        factor: f64,
        /// The spectral exponent `α`, NaN of a table that does not go on.
        alpha: f64,
        /// The largest budget.
        limit: f64,
    },
    /// The cost of one feature on one sample is not a finite number > 0.
    Factor(f64),
    /// The budget does not hold one feature and one sample, or overflows.
    Budget {
        /// The budget `C`.
        compute: f64,
        /// The cost of one feature on one sample.
        factor: f64,
    },
    /// The weight of a kernel's linear part is not a finite number > 0.
    Scale(f64),
    /// Fewer than two points do not say how degrees of freedom grow.
    FewModes(usize),
    /// A point out of order, or not finite and > 0.
    Modes {
        /// The threshold `κ`.
        threshold: f64,
        /// The degrees of freedom `n`.
        count: f64,
    },
    /// The time of gradient flow is negative, too long or NaN.
    Time(f64),
    /// The batch is not a whole number in its range.
    Batch(u64),
    /// The momentum is outside its range, or NaN.
    Momentum(f64),
    /// A step after the end of the schedule.
    Step {
        /// The step.
        step: u64,
        /// The steps of the schedule.
        steps: u64,
    },
    /// More steps of changing sizes than can be followed one by one.
    LongSchedule {
        /// The last step asked for.
        steps: u64,
        /// The most that are followed.
        limit: u64,
    },
    /// A number of samples that cannot be passed over: infinite, outside of its range, or NaN.
    EpochSamples(f64),
    /// Coordinates meet in samples, so that they are not each on its own.
    NotOneHot,
    /// A number of unique samples that is below 1 or NaN.
    Unique(f64),
    /// The number of epochs is negative or NaN.
    Epochs(f64),
    /// The share of the floor that the loss shall come within is outside of its range, or NaN.
    Excess(f64),
    /// The loss comes so near to its floor only past the longest time of flow.
    Unsaturated {
        /// The share of the floor.
        excess: f64,
    },
    /// Laws of inputs that no collapse of epochs is known of.
    Collapse {
        /// The exponent of the unseen mass.
        share: f64,
        /// The mean square of an active coordinate of activity 1.
        scale: f64,
        /// The power of its activity by which it changes.
        power: f64,
    },
    /// What is asked for is known of iid teachers only.
    IidTeacher {
        /// What is asked for.
        quantity: &'static str,
    },
}

impl LibraryError for TheoryError {
    fn invalid_input(&self) -> Option<InvalidInput> {
        Some(match *self {
            Self::IidTeacher { quantity } => InvalidInput::iid_teacher_only(quantity),
            Self::Samples(samples) => {
                InvalidInput::of("samples", samples, "must be a number in 1..1e30, or inf")
            }
            Self::Features(features) => {
                InvalidInput::of("features", features, "must be a number in 1..1e30, or inf")
            }
            Self::Ridge(ridge) => {
                InvalidInput::of("ridge", ridge, "must be 0 or a number in 1e-100..1e30")
            }
            Self::Noise(noise) => InvalidInput::of(
                "noise",
                noise,
                "the variance of the label noise must be a number in 0..1e30",
            ),
            Self::Depth { directions, alpha, limit } => InvalidInput::of(
                "min(features, samples)",
                format_args!("{directions:e}"),
                format!(
                    "with alpha = {alpha} must be at most {limit:.5e}, beyond which eigenvalues \
                     are below 1e-260"
                ),
            ),
            Self::NoDigits { features, samples } => InvalidInput::text(format!(
                "the loss at features = {features:e} and samples = {samples:e} is not known: with \
                 activities so small or powers so steep no digits are left"
            )),
            Self::WholeSamples(samples) => {
                InvalidInput::of("samples", samples, "must be a whole number in 1..9e15")
            }
            Self::Rate(rate) => {
                InvalidInput::of("rate", rate, "the step size must be a number in 1e-100..1e30")
            }
            Self::RateBeyondHead { rate, limit } => InvalidInput::of(
                "rate",
                rate,
                format!(
                    "the asymptote needs a step size < {limit} (2 over the largest eigenvalue)"
                ),
            ),
            Self::RareNotLarge { beta, .. } if beta.is_nan() => InvalidInput::of(
                "activity",
                "a table",
                "the asymptote needs rare coordinates that follow a power law with \
                 beta > 1 + alpha, also those after a table",
            ),
            Self::RareNotLarge { beta, needed } => InvalidInput::of(
                "beta",
                beta,
                format!(
                    "the asymptote needs beta > 1 + alpha = {needed} and infinitely many \
                     coordinates of a power law"
                ),
            ),
            Self::OneHot => InvalidInput::of(
                "activity",
                "one-hot",
                "coordinates must be active independently of each other",
            ),
            Self::Compute(compute) => {
                InvalidInput::of("compute", compute, "must be a finite number > 0")
            }
            Self::LargeBudget { compute, factor, alpha, limit } => InvalidInput::of(
                "compute",
                format_args!("{compute:e}"),
                if alpha.is_nan() {
                    format!("with factor = {factor:e} must be at most {limit:.5e}")
                } else {
                    format!(
                        "with factor = {factor:e} and alpha = {alpha} must be at most {limit:.5e}"
                    )
                },
            ),
            Self::Factor(factor) => {
                InvalidInput::of("factor", factor, "must be a finite number > 0")
            }
            Self::Budget { compute, factor } => InvalidInput::of(
                "compute",
                compute,
                format!("must be at least factor = {factor}, to hold one feature and one sample"),
            ),
            Self::Scale(scale) => InvalidInput::of(
                "scale",
                scale,
                "the linear part of a kernel must have a finite weight > 0",
            ),
            Self::FewModes(points) => {
                InvalidInput::of("modes", format_args!("{points} points"), "must be at least 2")
            }
            Self::Modes { threshold, count } => InvalidInput::of(
                "modes",
                format_args!("({threshold}, {count})"),
                "thresholds must fall and degrees of freedom rise, all finite and > 0",
            ),
            Self::Time(time) => InvalidInput::of("time", time, "must be a number in 0..1e18"),
            _ => return self.input_of_run().or_else(|| self.input_of_epochs()),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::TheoryError;
    use asymscale_model::LibraryError;

    /// One of each variant with its message.
    fn all() -> [(TheoryError, &'static str); 32] {
        [
            (
                TheoryError::NoDigits { features: 10.0, samples: f64::INFINITY },
                "the loss at features = 1e1 and samples = inf is not known: with activities so \
                 small or powers so steep no digits are left",
            ),
            (
                TheoryError::EpochSamples(f64::INFINITY),
                "samples = inf: must be a number in 1..1e30",
            ),
            (
                TheoryError::NotOneHot,
                "activity = independent: must be one-hot: exactly one coordinate active in a sample",
            ),
            (TheoryError::Unique(0.5), "unique = 0.5: must be a number >= 1, or inf"),
            (TheoryError::Epochs(-1.0), "epochs = -1: must be a number >= 0, or inf"),
            (TheoryError::Excess(0.0), "excess = 0: must be a number in 1e-3..1e3"),
            (
                TheoryError::Unsaturated { excess: 0.01 },
                "excess = 0.01: the loss must come so near to its floor within a time of 1e18",
            ),
            (
                TheoryError::Collapse { share: 0.0, scale: 1.0, power: 0.5 },
                "(share, scale, power) = (0, 1, 0.5): must be finite numbers > 0, > 0 and > -1",
            ),
            (
                TheoryError::IidTeacher { quantity: "gradient flow" },
                "target_exponent, or target energies of a table: gradient flow is known of iid \
                 teachers only, whose target energies are the variances",
            ),
            (
                TheoryError::RareNotLarge { beta: f64::NAN, needed: f64::NAN },
                "activity = a table: the asymptote needs rare coordinates that follow a power law \
                 with beta > 1 + alpha, also those after a table",
            ),
            (TheoryError::Samples(0.5), "samples = 0.5: must be a number in 1..1e30, or inf"),
            (TheoryError::Features(0.0), "features = 0: must be a number in 1..1e30, or inf"),
            (TheoryError::Ridge(-1.0), "ridge = -1: must be 0 or a number in 1e-100..1e30"),
            (
                TheoryError::Noise(-1.0),
                "noise = -1: the variance of the label noise must be a number in 0..1e30",
            ),
            (
                TheoryError::Depth { directions: 1e6, alpha: 50.0, limit: 123.4 },
                "min(features, samples) = 1e6: with alpha = 50 must be at most 1.23400e2, beyond \
                 which eigenvalues are below 1e-260",
            ),
            (TheoryError::WholeSamples(2.5), "samples = 2.5: must be a whole number in 1..9e15"),
            (TheoryError::Rate(0.0), "rate = 0: the step size must be a number in 1e-100..1e30"),
            (
                TheoryError::RateBeyondHead { rate: 3.0, limit: 2.0 },
                "rate = 3: the asymptote needs a step size < 2 (2 over the largest eigenvalue)",
            ),
            (
                TheoryError::RareNotLarge { beta: 1.5, needed: 2.0 },
                "beta = 1.5: the asymptote needs beta > 1 + alpha = 2 and infinitely many \
                 coordinates of a power law",
            ),
            (
                TheoryError::OneHot,
                "activity = one-hot: coordinates must be active independently of each other",
            ),
            (TheoryError::Compute(0.0), "compute = 0: must be a finite number > 0"),
            (
                TheoryError::LargeBudget { compute: 1e40, factor: 6.0, alpha: 1.0, limit: 1e30 },
                "compute = 1e40: with factor = 6e0 and alpha = 1 must be at most 1.00000e30",
            ),
            (TheoryError::Factor(0.0), "factor = 0: must be a finite number > 0"),
            (
                TheoryError::Budget { compute: 5.0, factor: 6.0 },
                "compute = 5: must be at least factor = 6, to hold one feature and one sample",
            ),
            (
                TheoryError::Scale(0.0),
                "scale = 0: the linear part of a kernel must have a finite weight > 0",
            ),
            (TheoryError::FewModes(1), "modes = 1 points: must be at least 2"),
            (
                TheoryError::Modes { threshold: 0.5, count: 3.0 },
                "modes = (0.5, 3): thresholds must fall and degrees of freedom rise, all finite \
                 and > 0",
            ),
            (TheoryError::Time(-1.0), "time = -1: must be a number in 0..1e18"),
            (TheoryError::Batch(0), "batch = 0: must be a whole number in 1..9e15"),
            (TheoryError::Momentum(1.0), "momentum = 1: must be a number in 0..0.9999"),
            (
                TheoryError::Step { step: 11, steps: 10 },
                "step = 11: must be at most 10, the length of the schedule",
            ),
            (
                TheoryError::LongSchedule { steps: 1_000, limit: 100 },
                "step = 1000: must be at most 100 unless step sizes are constant and far from the \
                 edge of stability",
            ),
        ]
    }

    #[test]
    fn every_error_is_bad_input_and_names_its_parameter() {
        for (error, message) in all() {
            assert_eq!(error.to_string(), message);
            let parameter = error.invalid_input().and_then(|input| input.parameter());
            // What is known of iid teachers only, or has no digits left, is about no single
            // parameter.
            let about_one = !matches!(error, TheoryError::NoDigits { .. });
            let named = message.split_once(" = ").map(|named| named.0).filter(|_| about_one);
            assert_eq!(parameter, named, "{message}");
        }
    }
}
