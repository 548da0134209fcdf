//! Which activities a model takes of those that are open: equal parts of their weight, or any at
//! random.

use rand::{Rng, RngExt};
use rand_distr::{Distribution, Poisson, StandardNormal};

use super::spread::Spread;

/// A way to choose.
pub(super) trait Choice {
    /// Activities of so many features.
    fn activities(&mut self, open: &Spread, features: usize) -> Vec<f64>;

    /// A factor of mean 1 with this relative variance.
    fn factor(&mut self, variance: f64) -> f64;

    /// Activities of the features that a weight stands for, at most so many, the largest first.
    fn unlisted(&mut self, spread: &Spread, most: usize) -> Vec<f64>;
}

/// Parts of equal weight, each by its mean.
pub(super) struct EqualParts;

impl Choice for EqualParts {
    fn activities(&mut self, open: &Spread, features: usize) -> Vec<f64> {
        let mut parts = open.parts(features);
        parts.reverse();
        parts
    }

    fn factor(&mut self, _variance: f64) -> f64 {
        1.0
    }

    fn unlisted(&mut self, spread: &Spread, most: usize) -> Vec<f64> {
        self.activities(spread, (spread.total().round() as usize).min(most))
    }
}

/// Draws.
pub(super) struct Random<'a, R: ?Sized>(pub(super) &'a mut R);

impl<R: Rng + ?Sized> Choice for Random<'_, R> {
    fn activities(&mut self, open: &Spread, features: usize) -> Vec<f64> {
        (0..features).map(|_| open.quantile(self.0.random())).collect()
    }

    fn factor(&mut self, variance: f64) -> f64 {
        let normal: f64 = StandardNormal.sample(self.0);
        // Log-normal.
        let square = variance.ln_1p();
        (square.sqrt() * normal - 0.5 * square).exp()
    }

    fn unlisted(&mut self, spread: &Spread, most: usize) -> Vec<f64> {
        let number = Poisson::new(spread.total()).map_or(0.0, |law| law.sample(self.0));
        let mut drawn = self.activities(spread, (number as usize).min(most));
        drawn.sort_by(|a, b| b.total_cmp(a));
        drawn
    }
}
