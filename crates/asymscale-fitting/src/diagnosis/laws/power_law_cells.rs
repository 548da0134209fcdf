//! A power law fitted to the shares of cells of counts, which for `k < D` depend on `a = 1/β`
//! alone.

use asymscale_numerics::{Bracket, golden_section};

use super::power_law::ActivityLaw;
use crate::diagnosis::counts::cells::Cells;
use crate::diagnosis::gamma_ratios::gamma_ratio;

/// Where `a = 1/β` is looked for: `β` from 1.0001 to 100.
pub(crate) const SMALLEST_INVERSE: f64 = 0.01;
pub(crate) const LARGEST_INVERSE: f64 = 0.9999;

/// In windows away from the rarest features, where `a` may exceed 1.
const LARGEST_LOCAL_INVERSE: f64 = 4.0;

impl Cells {
    /// Share of each cell among the features in all of them.
    pub(crate) fn shares(&self, inverse: f64) -> Vec<f64> {
        let at: Vec<f64> =
            self.edges.iter().map(|&edge| gamma_ratio(edge as f64, inverse)).collect();
        let all = at[0] - at[self.len()];
        at.windows(2).map(|pair| (pair[0] - pair[1]) / all).collect()
    }

    /// The `a` at which the likelihood of the shares is largest; the law of counts above `low`
    /// exists for `a < low + 1`.
    pub(crate) fn fit(&self, tally: &[f64]) -> f64 {
        let upper = if self.edges[0] == 0 { LARGEST_INVERSE } else { LARGEST_LOCAL_INVERSE };
        minimum(|a| self.deviance(tally, a), SMALLEST_INVERSE, upper)
    }

    /// The same for a law of infinitely many features, which exists for `a < 1`.
    pub(crate) fn fit_growing(&self, tally: &[f64]) -> f64 {
        minimum(|a| self.deviance(tally, a), SMALLEST_INVERSE, LARGEST_INVERSE)
    }

    /// Standard error of `a` if features were drawn independently: from the curvature of the
    /// likelihood.
    pub(crate) fn standard_error(&self, tally: &[f64], inverse: f64) -> f64 {
        let step = 1e-3 * inverse;
        let at = |a: f64| self.deviance(tally, a);
        let curvature =
            (at(inverse + step) - 2.0 * at(inverse) + at(inverse - step)) / (step * step);
        curvature.max(0.0).sqrt().recip()
    }

    /// Minus the log likelihood, up to a constant.
    fn deviance(&self, tally: &[f64], inverse: f64) -> f64 {
        -tally.iter().zip(self.shares(inverse)).map(|(n, share)| n * share.ln()).sum::<f64>()
    }

    /// The law whose window holds as many features as were found.
    pub(crate) fn scaled_law(&self, tally: &[f64], inverse: f64, samples: f64) -> ActivityLaw {
        let unit = ActivityLaw { beta: inverse.recip(), onset: 1.0 };
        let (low, high) = (self.edges[0] as f64, self.edges[self.len()] as f64);
        let onset = tally.iter().sum::<f64>() / unit.features_between(samples, low, high);
        ActivityLaw { onset, ..unit }
    }

    /// Pearson's X² of the tally against the shares, and the degrees of freedom left by exponent
    /// and onset.
    pub(crate) fn pearson(&self, tally: &[f64], inverse: f64) -> (f64, f64) {
        let total: f64 = tally.iter().sum();
        let expected: Vec<f64> =
            self.shares(inverse).into_iter().map(|share| total * share).collect();
        Self::pearson_of(tally, &expected, 2.0)
    }
}

/// Sections of a search for the minimum, which leave 1e-7 of its range.
const GOLDEN_SECTIONS: u32 = 34;

/// The minimum of a function that has one.
pub(crate) fn minimum(f: impl Fn(f64) -> f64, low: f64, high: f64) -> f64 {
    golden_section(Bracket::new(low, high), GOLDEN_SECTIONS, f).middle()
}
