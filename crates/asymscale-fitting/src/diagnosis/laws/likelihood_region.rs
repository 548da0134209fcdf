//! The errors of the parameters of a fitted law: its likelihood region, and the covariance that
//! dependence among features adds.

use asymscale_numerics::{Bracket, bisect, mean};

use super::mixed_fit::{Fitted, MixedLaw};

/// Directions in which the boundary of the region is searched.
const DIRECTIONS: usize = 24;

impl Fitted<'_> {
    /// Laws on the edge of the region in which twice the log likelihood falls by no more than
    /// `drop`, within the bounds of the shape.
    pub(crate) fn region_boundary(&self, drop: f64) -> Vec<MixedLaw> {
        let axes = self.axes();
        let bounds = self.law.shape.bounds();
        let mut laws = Vec::with_capacity(DIRECTIONS);
        for k in 0..DIRECTIONS {
            let angle = 2.0 * std::f64::consts::PI * k as f64 / DIRECTIONS as f64;
            let (sin, cos) = angle.sin_cos();
            let direction = [0, 1].map(|i| axes[0][i] * cos + axes[1][i] * sin);
            // Where the likelihood is flat, a standard error can be longer than the range of the
            // parameter.
            let wide =
                [0, 1].map(|i| (bounds[i].1 - bounds[i].0) / (drop.sqrt() * direction[i].abs()));
            let shorten = wide[0].min(wide[1]).min(1.0);
            let direction = direction.map(|of| shorten * of);
            let at = |t: f64| {
                [0, 1].map(|i| {
                    (self.law.parameters[i] + t * direction[i]).clamp(bounds[i].0, bounds[i].1)
                })
            };
            let inside = |t: f64| {
                let fall = -2.0 * self.log_likelihood(at(t));
                fall.is_finite() && fall <= drop
            };
            // By Fisher's information the boundary is at √drop.
            let (mut low, mut high) = (0.0, drop.sqrt());
            for _ in 0..12 {
                if !inside(high) || at(high) == at(2.0 * high) {
                    break;
                }
                (low, high) = (high, 2.0 * high);
            }
            laws.push(self.moved(at(bisect(Bracket::new(low, high), 12, inside).low())));
        }
        laws
    }

    /// Two directions of the parameters that are independent to first order, each one standard
    /// error long.
    fn axes(&self) -> [[f64; 2]; 2] {
        let [[aa, ab], [_, bb]] = self.information;
        // Eigenvectors of a symmetric matrix of two rows, in units of each parameter's own
        // information.
        let (ua, ub) = (aa.max(1e-6).sqrt(), bb.max(1e-6).sqrt());
        let correlation = (ab / (ua * ub)).clamp(-0.999_999, 0.999_999);
        let (plus, minus) =
            ((2.0 * (1.0 + correlation)).sqrt(), (2.0 * (1.0 - correlation)).sqrt());
        [[1.0 / (plus * ua), 1.0 / (plus * ub)], [1.0 / (minus * ua), -1.0 / (minus * ub)]]
    }

    /// The inverse of the information, the covariance of the parameters for independent features.
    /// Where the likelihood is flat along a parameter, a small added information keeps the
    /// covariance finite.
    pub(crate) fn covariance(&self) -> [[f64; 2]; 2] {
        let [[aa, ab], [_, bb]] = self.information;
        let (aa, bb) = (aa * (1.0 + 1e-9) + 1e-9, bb * (1.0 + 1e-9) + 1e-9);
        let determinant = aa * bb - ab * ab;
        [[bb / determinant, -ab / determinant], [-ab / determinant, aa / determinant]]
    }

    /// The change of the parameters to first order if the tally changed by `delta` (features in
    /// each cell).
    fn influence(&self, scores: &[[f64; 2]], delta: &[f64]) -> [f64; 2] {
        let mut score = [0.0; 2];
        for (n, of_cell) in delta.iter().zip(scores).filter(|(n, _)| **n != 0.0) {
            score[0] += n * of_cell[0];
            score[1] += n * of_cell[1];
        }
        times(self.covariance(), score)
    }

    /// The covariance of the parameters that changes of the tally as blocks of units are left out
    /// imply: the delete-one jackknife, linearised.
    pub(crate) fn covariance_of_blocks(&self, tally_changes: &[Vec<f64>]) -> [[f64; 2]; 2] {
        let scores = self.scores();
        let changes: Vec<[f64; 2]> =
            tally_changes.iter().map(|delta| self.influence(&scores, delta)).collect();
        let count = changes.len().max(1) as f64;
        let mean = [0, 1].map(|k| mean(changes.iter().map(|change| change[k])));
        let mut blocks = [[0.0; 2]; 2];
        for change in &changes {
            for (i, row) in blocks.iter_mut().enumerate() {
                for (j, entry) in row.iter_mut().enumerate() {
                    *entry += (count - 1.0) / count * (change[i] - mean[i]) * (change[j] - mean[j]);
                }
            }
        }
        blocks
    }

    /// An undetected component, that is, additional features of one rate that the counts do not
    /// exclude: the largest number of them at `deviations` standard errors, the change of the
    /// parameters for each, and the change of the scale. The result is to first order; a negative
    /// maximum likelihood estimate of the number makes it smaller.
    pub(crate) fn undetected_component(
        &self,
        node: usize,
        deviations: f64,
    ) -> (f64, [f64; 2], f64) {
        let law = self.law.at_nodes(self.kernel);
        let expected: Vec<f64> = self
            .kernel
            .cells
            .iter()
            .map(|cell| cell.iter().zip(&law).map(|(share, features)| share * features).sum())
            .collect();
        let all: f64 = expected.iter().sum();
        let window: f64 = self.kernel.cells.iter().map(|cell| cell[node]).sum();
        let scores = self.scores();
        let features: f64 = self.tally.iter().sum();
        let (mut score, mut own, mut mixed) = (0.0, 0.0, [0.0; 2]);
        for (k, cell) in self.kernel.cells.iter().enumerate().filter(|(k, _)| expected[*k] > 0.0) {
            // Derivative of the logarithm of the share of a cell by the number of such features.
            let by_one = cell[node] / expected[k] - window / all;
            score += self.tally[k] * by_one;
            own += features * expected[k] / all * by_one * by_one;
            for (entry, of_cell) in mixed.iter_mut().zip(scores[k]) {
                *entry += features * expected[k] / all * by_one * of_cell;
            }
        }
        let give = times(self.covariance(), mixed);
        let left = own - mixed[0] * give[0] - mixed[1] * give[1];
        if left <= 1e-9 * own {
            return (0.0, [0.0; 2], 0.0);
        }
        let most = (score / left + deviations / left.sqrt()).max(0.0);
        // The scale changes too, since the number of features in the window is kept.
        (most, [-give[0], -give[1]], window / all)
    }

    /// Gradient by the parameters of the logarithm of a forecast.
    pub(crate) fn slope(&self, forecast: &dyn Fn(&MixedLaw) -> f64) -> [f64; 2] {
        [0, 1].map(|k| {
            let step = 1e-4 * self.law.shape.step()[k] / 0.2;
            let at = |sign: f64| {
                let mut parameters = self.law.parameters;
                parameters[k] += sign * step;
                forecast(&self.moved(parameters)).ln()
            };
            (at(1.0) - at(-1.0)) / (2.0 * step)
        })
    }
}

/// `C s`.
fn times(covariance: [[f64; 2]; 2], score: [f64; 2]) -> [f64; 2] {
    covariance.map(|row| row[0] * score[0] + row[1] * score[1])
}

/// `gᵀ C g`.
pub(crate) fn variance(slope: [f64; 2], covariance: [[f64; 2]; 2]) -> f64 {
    let [[aa, ab], [_, bb]] = covariance;
    slope[0] * slope[0] * aa + 2.0 * slope[0] * slope[1] * ab + slope[1] * slope[1] * bb
}
