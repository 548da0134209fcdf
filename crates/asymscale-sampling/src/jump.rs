//! Jumping to the next seen coordinate among infinitely many rare ones.
//!
//! Coordinate `l` is seen with probability `1 − (1 − p_l)^D = 1 − e^{−Λ_l}`,
//! `Λ_l = −D ln(1 − p_l)`: it is seen just if a Poisson process puts at least one point of mass
//! `Λ_l` into the cell `(l − ½, l + ½)`. We draw a denser process of intensity `D C p(x)`, which is
//! integrated and inverted in closed form, and keep a point of cell `l` with probability
//! `Λ_l / ∫_cell`. It dominates: `−ln(1 − p)/p` falls with `l`, so `C` is its value at the first
//! cell, and the mean of a convex `p` over a cell is at least `p_l`.

use crate::power_cells::{filling, reach};
use asymscale_model::SparseModel;
use rand::{Rng, RngExt};
use rand_distr::Exp1;

/// Coordinates whose activity falls as `l^{−β}` and stays below 1.
pub(crate) struct Jumps<'a> {
    pub(crate) model: &'a SparseModel,
    /// The exponent `β` of that fall, 0 for a uniform activity.
    pub(crate) beta: f64,
    pub(crate) samples: f64,
    /// First and last of them; the last may be infinite.
    pub(crate) first: f64,
    pub(crate) last: f64,
}

impl Jumps<'_> {
    /// Calls `found` with every seen coordinate, ascending, and its activity.
    pub(crate) fn each<R: Rng + ?Sized>(
        &self,
        rng: &mut R,
        mut found: impl FnMut(&mut R, f64, f64),
    ) {
        let highest = self.model.activity(self.first);
        let excess = log_excess(highest);
        // Intensity times x, at the first coordinate; elsewhere it goes as x^{1−β}.
        let weight = self.samples * excess * highest * self.first;
        let (mut x, mut before) = (self.first - 0.5, 0.0);
        loop {
            let exponential: f64 = rng.sample(Exp1);
            x = reach(
                self.beta,
                x,
                exponential / (weight * (x / self.first).powf(1.0 - self.beta)),
            );
            let cell = x.round();
            if !cell.is_finite() || cell > self.last {
                return;
            }
            let p = self.model.activity(cell);
            let kept = log_excess(p) / excess * filling(self.beta, cell);
            // A further point in a cell already found tells nothing more.
            if cell > before && rng.random::<f64>() < kept {
                found(rng, cell, p);
                before = cell;
            }
        }
    }
}

/// `−ln(1 − p)/p`, which falls to 1 with `p`.
fn log_excess(p: f64) -> f64 {
    if p < 1e-4 {
        // The first term left out is p⁴/5.
        1.0 + p * (0.5 + p * (1.0 / 3.0 + p * 0.25))
    } else {
        -(-p).ln_1p() / p
    }
}

#[cfg(test)]
mod tests {
    use super::log_excess;

    #[test]
    fn the_series_meets_the_logarithm() {
        assert_eq!(log_excess(0.0), 1.0);
        let (below, above) = (log_excess(0.999_999_999e-4), log_excess(1.000_000_001e-4));
        // The two differ by 1e-13, rounding of ln_1p included.
        assert!(below <= above + 1e-15 && above - below < 2e-13);
    }
}
