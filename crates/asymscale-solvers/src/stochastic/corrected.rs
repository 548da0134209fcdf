//! The order after the deterministic equivalent from random probes: the sums over eigenvectors of
//! equations (S14), (S16) and (S17) of [`derivations`](crate::derivations) as the traces (S27),
//! with `Π = κ(Σ̂+κ)⁻¹` and `K = 1 − Π`.

use super::estimate::Sums;
use crate::spectrum::averaged::Traces;
use crate::spectrum::corrected::{CorrectedLoss, Series, corrected};

/// `tr ΠK²`, `tr ΠK³`, `tr ΣΠ²K` and `tr ΣΠ²K²` at the `κ` of the probes: equation (S27).
pub(super) type Products = Sums;

/// All that the series needs at one `N`, one ridge and one `κ`.
pub(super) struct Order<'a> {
    pub(super) traces: &'a Traces,
    pub(super) products: &'a Products,
    pub(super) features: f64,
    pub(super) ridge: f64,
    /// `tr Σ(I − P)`, unseen coordinates included.
    pub(super) residual: f64,
    /// `r − N`.
    pub(super) below_rank: f64,
    /// `σ²/D`.
    pub(super) noise: f64,
}

/// Derivatives along the ridge that both series share.
struct Slopes {
    /// `N − df₂`.
    free: f64,
    /// `κ′`.
    slope: f64,
    /// `κ′/κ`.
    ratio: f64,
    /// `κ″κ`.
    curvature: f64,
    /// `(κ′/κ)′`.
    ratio_slope: f64,
    /// `u` and `u′`.
    shift: (f64, f64),
}

impl Order<'_> {
    /// The loss with the next order; that of the equivalent where the series does not converge.
    pub(super) fn loss(&self) -> CorrectedLoss {
        let slopes = self.slopes();
        let pole = if self.ridge == 0.0 { self.below_rank / (self.below_rank - 1.0) } else { 1.0 };
        let equivalent = self.traces.loss(self.features, self.ridge, self.noise, pole);
        let own = if self.ridge == 0.0 { 1.0 / self.below_rank } else { 0.0 };
        let noise = (self.noise > 0.0).then(|| (self.noise, self.spread(&slopes)));
        corrected(equivalent, own, slopes.free, &self.signal(&slopes), noise)
    }

    fn slopes(&self) -> Slopes {
        let (kappa, n) = (self.traces.kappa, self.features);
        let [third, fourth, ..] = *self.products;
        let gap = self.traces.gap;
        // N − df₂ = (N − df₁) + (df₁ − df₂), and the first part is γN/κ.
        let free = self.ridge * n / kappa + gap;
        let slope = n / free;
        let ratio = slope / kappa;
        let curvature = -2.0 * slope.powi(3) * third / n;
        // tr Sρ² = κ tr ΠK, tr Sρ²K = κ tr ΠK², tr Sρ²K² = κ tr ΠK³.
        let (rest, rest_slope) = (kappa * third, slope * (3.0 * fourth - third));
        let (all, all_slope) = (self.ridge * n + kappa * gap, n + 2.0 * slope * third);
        let shift = (rest / all, rest_slope / all - rest / all * (all_slope / all));
        let ratio_slope = curvature / (kappa * kappa) - ratio * ratio;
        Slopes { free, slope, ratio, curvature, ratio_slope, shift }
    }

    /// `Σ_k w_k ρ₁′_k/s_k` from the sums of `w_k ρ_k²` times 1, `K` and `K²`.
    fn next_slope(slopes: &Slopes, [plain, kept, twice]: [f64; 3]) -> f64 {
        let Slopes { ratio, ratio_slope, shift: (u, turn), .. } = *slopes;
        ratio * ratio * (3.0 * twice - (1.0 + 2.0 * u) * kept) - turn * ratio * plain
            + ratio_slope * (kept - u * plain)
    }

    /// The loss without noise.
    fn signal(&self, slopes: &Slopes) -> Series {
        let Slopes { free, slope, curvature, shift: (u, _), .. } = *slopes;
        let (kappa, n, mean) = (self.traces.kappa, self.features, self.traces.lost);
        let [third, fourth, kept, twice] = *self.products;
        // s²ρ² = κ²K²: sums of K² to K⁴.
        let squares = self.traces.df2;
        let powers = [squares, squares - third, squares - third - fourth];
        let tau = kappa * kappa * Self::next_slope(slopes, powers) / n;
        let mean_next = 2.0 * slope * (twice - u * kept) / n;
        let diagonal = slope * twice / n;
        let pairs = slope * slope * (3.0 * twice - 2.0 * u * kept) + curvature * kept;
        // κ′ − 1 = df₂/(N − df₂).
        let variance = mean * (n - free) / free + diagonal;
        let next = (tau * mean + pairs) / n;
        Series { apart: mean + mean_next, leading: variance, next: next - mean_next - diagonal }
    }

    /// What label noise adds, in units of `σ²/D`.
    fn spread(&self, slopes: &Slopes) -> Series {
        let Slopes { ratio, shift: (u, _), .. } = *slopes;
        let (kappa, n, traces) = (self.traces.kappa, self.features, self.traces);
        let [third, fourth, kept, twice] = *self.products;
        // Of seen directions alone: the whole less the residual mass.
        let plain = (traces.lost - self.residual).max(0.0);
        let next_slopes = kappa * Self::next_slope(slopes, [traces.gap, third, fourth]);
        // (1 − ρ − γρ′)/s = ρK/κ + (1 − γκ′/κ) ρ²/κ.
        let mut on = traces.learned + (1.0 - self.ridge * ratio) * plain / kappa;
        on -= (ratio * (kept - u * plain)
            + self.ridge * Self::next_slope(slopes, [plain, kept, twice]))
            / n;
        let factor = self.residual / n;
        Series { apart: on, leading: factor * ratio * traces.gap, next: factor * next_slopes / n }
    }
}
