//! How close a point is to where deterministic equivalents fail: the unused degrees of freedom that
//! they divide by, and the fluctuations that they neglect.

use super::{SampleTheory, solved::Solved};
use crate::{
    coordinates::Node, response::Response, response::sums::Sums, sample_theory::loss::Equivalent,
};
use asymscale_model::Amplitude;
use std::{borrow::Cow, cell::OnceCell};

/// Beyond this saturation the second derivative of a response is rounding.
const ROUNDING: f64 = 1e-8;

/// What the deterministic equivalent divides by at one point, and the fluctuations it leaves out.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Margins {
    /// `N − df₂`: the features that no direction takes up.
    pub(crate) free: f64,
    /// `f`: the directions that are learned.
    pub(crate) learned: f64,
    /// `H/e²`: the variance of a sample's leverage `h = Σ_i h_i` over samples, relative to `e²`.
    pub(crate) leverage: f64,
    /// The variance over designs of what label noise adds, in units of the loss, squared.
    pub(crate) noise_variance: f64,
}

impl SampleTheory {
    /// The margins at a point whose loss is finite.
    ///
    /// The equivalent assumes that every sample has the same leverage, `f/D`. In truth the leverage
    /// of a sample is a sum over its active coordinates of `h_i = y z²/(1 + yχ)`, `y = a²G/D`, and
    /// varies with them by `H` of equation (62) of [`derivations`](crate::derivations). Each
    /// coordinate passes on noise in proportion to `w/(1 + w)²`, `w = yχ`, which varies most where
    /// it is rarely seen.
    pub(crate) fn margins(&self, solved: &Solved) -> Margins {
        let Solved { features, regression, loss, ref equivalent, ref responses } = *solved;
        let sums = equivalent.sums;
        let Fluctuations { leverage, direct, fitted } = if self.is_past_threshold(solved) {
            self.fluctuations_past_threshold()
        } else {
            self.fluctuations(&sums, responses)
        };
        let noise_variance = if regression.noise() > 0.0 {
            let (scale, inflation) = noise_scales(equivalent, features, regression.noise());
            // With infinitely many features the norm of the weights does not matter, even if it is
            // infinite.
            let felt = if inflation > 0.0 { inflation * inflation * fitted } else { 0.0 };
            (scale / loss).powi(2) * (direct + felt)
        } else {
            0.0
        };
        Margins {
            free: equivalent.free(features),
            learned: sums.learned,
            leverage: leverage / self.samples / equivalent.jacobian().powi(2),
            noise_variance,
        }
    }

    /// `Var U/L²` of equation (61), `U` the unseen target energy, times the square of the factor of
    /// a finite `N` for an iid teacher: the relative variance over designs of the loss without
    /// ridge and noise, past the threshold.
    pub(crate) fn unseen_variance(&self, features: f64, loss: f64) -> f64 {
        if !(self.seen <= self.samples && features > self.seen && loss > 0.0) {
            return 0.0;
        }
        let inflation =
            if features == f64::INFINITY { 1.0 } else { features / (features - self.seen) };
        self.unseen_squares() * (inflation / loss).powi(2)
    }

    /// The fluctuations at a solution, whose responses are computed unless they are known.
    pub(super) fn fluctuations(
        &self,
        sums: &Sums,
        responses: &OnceCell<Vec<Response>>,
    ) -> Fluctuations {
        let mut rule = Cow::Borrowed(&self.rule);
        if sums.log_stieltjes.is_finite() && !rule.covers(sums.log_stieltjes) {
            rule.to_mut().extend_for(sums.log_stieltjes);
        }
        let (kurtosis, mut all) = (self.responder.kurtosis(), Fluctuations::default());
        let stieltjes = sums.stieltjes();
        let responses = if stieltjes == f64::INFINITY {
            &[]
        } else {
            responses.get_or_init(|| rule.responses(&self.responder, sums.log_stieltjes)).as_slice()
        };
        let nodes = rule.nodes.iter().enumerate();
        for (k, node) in nodes.filter(|(_, node)| node.count > 0.0 && node.eigenvalue > 0.0) {
            // A coordinate that is seen often hardly varies.
            let weight = node.weight * kurtosis / (kurtosis + node.count);
            let (learned, passed) = self.squares(node, stieltjes, responses.get(k));
            all.leverage += weight * learned;
            all.direct += weight * node.eigenvalue.powi(2) * passed;
            all.fitted += weight * passed;
        }
        if sums.log_stieltjes == f64::INFINITY && self.is_ruled_by_the_rarest() {
            all.fitted = f64::INFINITY;
        }
        all
    }

    /// Whether `Σ Dp (p/λ)²` over coordinates seen once diverges: the second moment of the norm
    /// that noise gives the weights.
    fn is_ruled_by_the_rarest(&self) -> bool {
        let powers = &self.rule.powers;
        self.rule.is_infinite() && 3.0 * powers.beta <= 3.0 + 2.0 * powers.alpha
    }

    /// `E (1 − t)²` and, from above, `E [G w/(1+w)²]²` of one coordinate from its response at `G`,
    /// or without one at `G = ∞`.
    fn squares(&self, node: &Node, stieltjes: f64, response: Option<&Response>) -> (f64, f64) {
        let Some(Response { learned, slope, curvature, .. }) = response.copied() else {
            let singular = self.responder.amplitude == Amplitude::Gaussian && node.activity < 1.0;
            // E[1/k²; k ≥ 1], from above.
            let inverse =
                if singular { f64::INFINITY } else { node.hit / (1.0 + 0.25 * node.count.powi(2)) };
            return (node.hit, inverse / (node.scale * node.scale));
        };
        let unit = node.eigenvalue * stieltjes;
        // w²/(1+w)⁴ ≤ w/(1+w)³, and this is half the sum of the first and the second derivative.
        let passed = 0.5 * unit * (slope + curvature - ROUNDING * slope).max(0.0);
        ((unit * (learned - slope)).clamp(0.0, 1.0), stieltjes * passed * stieltjes)
    }
}

/// Sums over coordinates of what varies independently.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Fluctuations {
    /// Of the leverage of a sample, times `D`.
    leverage: f64,
    /// Of the noise in the weights of seen coordinates.
    direct: f64,
    /// Of the noise in the norm of the weights, which unseen coordinates feel.
    fitted: f64,
}

/// The factors of the two kinds of noise in the loss, the second relative to the first.
fn noise_scales(equivalent: &Equivalent, features: f64, noise: f64) -> (f64, f64) {
    let scale = noise / (equivalent.samples * equivalent.jacobian());
    let inflation =
        if features == f64::INFINITY { 0.0 } else { equivalent.bias() / equivalent.free(features) };
    (scale, inflation)
}
