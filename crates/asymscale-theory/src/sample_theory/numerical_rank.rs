//! How many directions a model has whose eigenvalues floats can tell from nothing.

use super::SampleTheory;
use crate::TheoryError;

/// `ln λ` of the smallest eigenvalue that is told from nothing: what it takes to learn it is a resolution well inside of the
/// range that is searched.
const DEEPEST: f64 = 600.0;
/// So many coordinates are enough to learn one direction each where most of them are seen.
const ROOM: f64 = 2.0;

impl SampleTheory {
    /// Refuses what cannot be computed before it is tried: without ridge, `min(N, D)` directions are learned, and the last of
    /// them must have an eigenvalue above e^−600.
    pub(crate) fn check_depth(&self, features: f64) -> Result<(), TheoryError> {
        if self.seen <= self.samples && features >= self.seen {
            return Ok(());
        }
        let (directions, limit) = (features.min(self.samples), self.resolvable());
        if directions <= limit {
            return Ok(());
        }
        Err(TheoryError::Depth { directions, alpha: self.model.spectrum().alpha(), limit })
    }

    /// How many directions have eigenvalues above that, in expectation.
    fn resolvable(&self) -> f64 {
        let deepest = DEEPEST / (1.0 + self.model.spectrum().alpha());
        if self.model.coordinates().as_f64().ln() <= deepest {
            return f64::INFINITY;
        }
        if self.seen == f64::INFINITY {
            return deepest.exp() / ROOM;
        }
        match self.rule.cuts.last() {
            Some(cut) if cut.x <= deepest => self.seen - self.rule.rarely_seen_from(deepest),
            _ => {
                let told = |eigenvalue: f64| eigenvalue > (-DEEPEST).exp();
                self.rule.nodes.iter().filter(|node| told(node.eigenvalue)).map(|node| node.seen).sum()
            }
        }
    }
}
