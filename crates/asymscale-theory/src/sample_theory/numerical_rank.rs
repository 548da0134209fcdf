//! How many directions of a model have eigenvalues that floats can represent, and losses of which
//! no digits are left.

use super::SampleTheory;
use crate::TheoryError;

/// `−ln λ` of the smallest eigenvalue that is treated as positive: the `ln G` at which it is
/// learned is well inside the range that is searched.
const DEEPEST: f64 = 600.0;
/// Where most coordinates are seen, so many of them are enough to learn one direction.
const COORDINATES_PER_DIRECTION: f64 = 2.0;
/// The two sides are sums over different nodes, each right to rounding.
const ROUNDING: f64 = 1e-12;

impl SampleTheory {
    /// Refuses what cannot be computed. Without ridge `min(N, D)` directions are learned, and the
    /// last of them must have an eigenvalue above e^−600.
    pub(crate) fn check_depth(&self, features: f64) -> Result<(), TheoryError> {
        if self.seen <= self.samples && features >= self.seen {
            return Ok(());
        }
        let (directions, limit) = (features.min(self.samples), self.representable_directions());
        if directions <= limit * (1.0 + ROUNDING) {
            return Ok(());
        }
        let alpha = self.model.spectrum().alpha().unwrap_or(f64::NAN);
        Err(TheoryError::Depth { directions, alpha, limit })
    }

    /// A loss that is a number.
    pub(crate) fn known(&self, features: f64, loss: f64) -> Result<f64, TheoryError> {
        let lost = TheoryError::NoDigits { features, samples: self.samples };
        if loss.is_nan() { Err(lost) } else { Ok(loss) }
    }

    /// The expected number of directions with eigenvalues above that.
    fn representable_directions(&self) -> f64 {
        // The variances of a table are not that small.
        let Some(law) = self.model.spectrum().tail() else { return f64::INFINITY };
        let deepest = (DEEPEST + law.log_front) / law.exponent;
        if self.model.coordinates().as_f64().ln() <= deepest {
            return f64::INFINITY;
        }
        if self.seen == f64::INFINITY {
            return deepest.exp() / COORDINATES_PER_DIRECTION;
        }
        match self.rule.cuts.last() {
            Some(cut) if cut.x <= deepest => self.seen - self.rule.rarely_seen_from(deepest),
            _ => {
                let is_representable = |eigenvalue: f64| eigenvalue > (-DEEPEST).exp();
                self.rule
                    .nodes
                    .iter()
                    .filter(|node| is_representable(node.eigenvalue))
                    .map(|node| node.seen)
                    .sum()
            }
        }
    }
}
