//! The active coordinate of a sample under a one-hot activity: probability `∝ i^{−β}` on `1..=M`,
//! `M = ∞` allowed.
//!
//! Rejection-inversion (Hörmann & Derflinger 1996, doi:10.1145/235025.235029): coordinate 1 has an
//! atom of its own, the others the cells of `x^{−β}`, so that every `β ≥ 0` is served and far
//! coordinates keep their digits.

use crate::power_cells::{filling, reach, span};
use rand::{Rng, RngExt};

/// Left edge of the cell of coordinate 2.
const EDGE: f64 = 1.5;

pub(crate) struct OneHot {
    beta: f64,
    last: f64,
    /// `EDGE^{1−β}`: the unit in which spans are counted.
    unit: f64,
    /// Mass of all cells from coordinate 2 on, that of coordinate 1 being 1.
    rest: f64,
}

impl OneHot {
    /// `last = ∞` needs `beta > 1`.
    pub(crate) fn new(beta: f64, last: f64) -> Self {
        let unit = EDGE.powf(1.0 - beta);
        let rest = if last < 2.0 { 0.0 } else { unit * span(beta, EDGE, last + 0.5) };
        Self { beta, last, unit, rest }
    }

    pub(crate) fn sample<R: Rng + ?Sized>(&self, rng: &mut R) -> f64 {
        loop {
            let mass = rng.random::<f64>() * (1.0 + self.rest) - 1.0;
            if mass < 0.0 {
                return 1.0;
            }
            let index = reach(self.beta, EDGE, mass / self.unit).round();
            if index <= self.last
                && index.is_finite()
                && rng.random::<f64>() < filling(self.beta, index)
            {
                return index;
            }
        }
    }
}
