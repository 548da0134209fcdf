//! The loss on lifts, which is right near the threshold too, beside simulated losses.

use super::Curves;
use crate::{ChapterError, Prediction};
use asymscale_model::SparseModel;
use asymscale_montecarlo::{Estimate, LiftedSettings, lifted_curve, replicates};
use asymscale_sampling::Key;
use asymscale_sweep::{Table, row};
use rand::Rng;

/// Copies of every coordinate in a lift.
const COPIES: usize = 4;
/// Designs drawn for their rank and unseen mass with every lift.
const DESIGNS: usize = 64;
/// Within this distance of the rank the mean of the loss or its variance does not exist.
const NEAR: f64 = 3.0;
/// Relative systematic error of the lifted loss: what a lift of four copies still has of a design's
/// loops.
const SYSTEMATIC: f64 = 0.01;
/// Standard errors that the worst of a few comparisons may be off by: α = 4.7e-4 each.
const ERRORS: f64 = 3.5;

/// The losses of independent lifts, each with the ranks of its own designs, as
/// [`super::curve_rows`] has those of designs: a row per lift and model size. Ranks, coordinates
/// and masses do not apply and are 0.
///
/// # Errors
/// As [`lifted_curve`].
pub fn lifted_rows(
    case: &str,
    model: &SparseModel,
    (samples, lifts): (usize, usize),
    features: &[usize],
    seed: u64,
) -> Result<Table, ChapterError> {
    let losses = replicates(&Key::new(seed), 0, lifts, |_, key| {
        let (copies, seed) = (COPIES, key.stream().next_u64());
        let features = features.to_vec();
        let settings =
            LiftedSettings { samples, features, copies, lifts: 1, designs: DESIGNS, seed };
        lifted_curve(model, &settings)
    })?;
    let mut rows = Table::default();
    for (number, lift) in losses.iter().enumerate() {
        for at in lift {
            rows.push(row! {
                case, samples: samples as i64, design: number as i64, rank: 0_i64, seen: 0_i64,
                unseen: 0.0, features: at.features as i64, loss: at.mean.mean
            })?;
        }
    }
    Ok(rows)
}

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
