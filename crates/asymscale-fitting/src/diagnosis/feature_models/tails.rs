//! How variances and activities go on after the last row of a model.

use serde::{Deserialize, Serialize};

use super::energies::EnergyRelation;
use super::prior::{Law, Prior, Unlisted};

/// Exponents of a tail: variances and activities of all features must have sums, and models know no
/// steeper laws.
const TAIL_EXPONENTS: std::ops::RangeInclusive<f64> = 1.01..=100.0;

/// `front · i^(−exponent)` at the feature of number `i`, from the one after the last row on.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Tail {
    /// The value that the law would have at number 1.
    pub front: f64,
    /// How fast it falls.
    pub exponent: f64,
}

impl Tail {
    /// The value at a number.
    ///
    /// ```
    /// use asymscale_fitting::diagnosis::Tail;
    /// assert!((Tail { front: 8.0, exponent: 1.5 }.at(4.0) - 1.0).abs() < 1e-12);
    /// ```
    pub fn at(&self, number: f64) -> f64 {
        (self.front.ln() - self.exponent * number.ln()).exp()
    }
}

/// The tails of a model.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct ModelTail {
    /// Of variances, `1 + α` the exponent.
    pub variance: Tail,
    /// Of activities, `β` the exponent.
    pub activity: Tail,
}

/// The tail from a number on: the power law itself, and the tangent of another law.
pub(super) fn tail(
    prior: &Prior,
    unlisted: &Unlisted,
    relation: Option<EnergyRelation>,
    next: f64,
) -> Option<ModelTail> {
    let activity = match prior.law {
        Law::Power(law) => Tail { front: law.onset.powf(law.beta), exponent: law.beta },
        Law::Mixed(_) => {
            let exponent = next / unlisted.density_at_end;
            let front = (unlisted.least.ln() + exponent * next.ln()).exp();
            Tail { front, exponent }
        }
    };
    let (front, power) = relation.map_or((1.0, 0.0), |relation| relation.law());
    let variance = Tail {
        front: front * activity.front.powf(1.0 + power),
        exponent: activity.exponent * (1.0 + power),
    };
    let fine = |tail: Tail| {
        TAIL_EXPONENTS.contains(&tail.exponent) && (1e-100..=1e100).contains(&tail.front)
    };
    let possible = fine(activity) && fine(variance) && activity.at(next) <= 1.0;
    possible.then_some(ModelTail { variance, activity })
}
