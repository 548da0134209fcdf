//! Simulated losses held against the loss on lifts.

use crate::Prediction;
use crate::kit::Curves;
use asymscale_montecarlo::Estimate;

/// Within this distance of the rank the mean of the loss or its variance does not exist.
const NEAR: f64 = 3.0;
/// Relative systematic error of the lifted loss: what a lift of four copies still has of a design's
/// loops.
const SYSTEMATIC: f64 = 0.01;
/// Standard errors that the worst of a few comparisons may be off by: α = 4.7e-4 each.
const ERRORS: f64 = 3.5;

/// A ratio with its 95 % interval and what it may be off by.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Agreement {
    /// Simulated over expected loss.
    pub ratio: f64,
    /// Its interval.
    pub interval: (f64, f64),
    /// 1 % and 3.5 standard errors of the ratio.
    pub width: f64,
}

impl Agreement {
    /// Always 1.
    pub const PREDICTED: Prediction = Prediction::Equals(1.0);

    /// Mean simulated loss over designs with `|N − r| > 3` against the mean over lifts, or against
    /// `instead` without any error, at the model sizes of the lifts; the one that is farthest off
    /// in units of what is allowed.
    pub fn worst(simulated: &Curves, lifted: &Curves, instead: Option<&[f64]>) -> Self {
        let at = |(n, features): (usize, &f64)| {
            let place = simulated.features.iter().position(|size| size == features)?;
            let far =
                simulated.designs.iter().filter(|design| (design.rank - features).abs() > NEAR);
            let drawn = Estimate::of(&far.map(|design| design.losses[place]).collect::<Vec<_>>());
            let lifts: Vec<f64> = lifted.designs.iter().map(|lift| lift.losses[n]).collect();
            let exact = |mean| Estimate { mean, standard_error: 0.0, count: 1 };
            Some(Self::of(
                drawn,
                instead.map_or_else(|| Estimate::of(&lifts), |theory| exact(theory[place])),
            ))
        };
        let farther = |a: Self, b: Self| if b.share() > a.share() { b } else { a };
        let none = Self { ratio: f64::NAN, interval: (f64::NAN, f64::NAN), width: f64::NAN };
        lifted.features.iter().enumerate().filter_map(at).reduce(farther).unwrap_or(none)
    }

    fn of(drawn: Estimate, expected: Estimate) -> Self {
        let ratio = drawn.mean / expected.mean;
        let error = ratio
            * (drawn.standard_error / drawn.mean).hypot(expected.standard_error / expected.mean);
        let interval = (ratio - 1.96 * error, ratio + 1.96 * error);
        Self { ratio, interval, width: SYSTEMATIC + ERRORS * error }
    }

    fn share(&self) -> f64 {
        (self.ratio - 1.0).abs() / self.width
    }
}
