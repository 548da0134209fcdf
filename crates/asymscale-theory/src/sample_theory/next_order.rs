//! The loss to the order after the deterministic equivalent in `1/N`, averaged over designs:
//! equations (83) to (89) of [`derivations`](crate::derivations).

use super::{SampleTheory, solved::Solved};
use crate::{Regression, TheoryError, response::sums::Sums, sample_theory::loss::Equivalent};
use std::borrow::Cow;

/// The relative error of the order after this one, times `(N − df₂)²`: the coefficient of equation
/// (89). It and the next are those of the solvers' `corrected.rs`, whose tests hold them against
/// drawn features; the two crates must not know each other.
const LEFT_OUT: f64 = 0.1;
/// The series is taken to converge if the next order is at most this share of the one before it,
/// either way, not counting the share that a pole at the threshold explains.
const CONVERGES: f64 = 0.5;
/// Step in `ln G` of the differences that give third derivatives. With four points they are good to
/// `STEP⁴` and to the rounding of second derivatives, 1e-9, over the step: some 1e-7.
const STEP: f64 = 0.02;

/// A loss to the order after the deterministic equivalent, and how far the series may be off.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CorrectedLoss {
    /// The loss, in units of `λ_1`.
    pub loss: f64,
    /// An estimate, rather above than below, of the error of the expansion in `1/N`, in the same
    /// unit: 0 where nothing is expanded, `+∞` where the next order is no small part and the loss
    /// is that of the equivalent.
    pub truncation: f64,
}

impl SampleTheory {
    /// [`SampleTheory::corrected_loss_with`] without ridge and noise.
    ///
    /// # Errors
    /// As [`SampleTheory::loss`].
    pub fn corrected_loss(&self, features: f64) -> Result<CorrectedLoss, TheoryError> {
        self.corrected_loss_with(features, Regression::default())
    }

    /// The population loss at `features = N ≥ 1` (∞ allowed) with ridge and label noise, to first
    /// order in `1/N` beyond [`SampleTheory::loss_with`].
    ///
    /// It is equation (88) of [`derivations`](crate::derivations), where the pole at the threshold
    /// is summed to all orders: near the threshold it has the factor `(r − N)/(r − N − 1)` of an
    /// inverse Wishart matrix, `r = min(S, D)`. Without ridge it is the loss of one feature fewer
    /// for `N > r + 1`, and `+∞` for `|N − r| ≤ 1`. Where the series does not converge (a handful
    /// of features on a steep spectrum, a tiny ridge near the threshold) it is the equivalent. The
    /// average over designs is still that of infinitely many samples at the same `N/D`: what it
    /// leaves out is in [`SampleTheory::corrected_error_with`].
    ///
    /// Of a teacher that is not iid the next order is not known, except past the threshold without
    /// ridge, where it is the same: elsewhere the loss is the equivalent, and the truncation has by
    /// how much the next order changes the loss of an iid teacher there.
    ///
    /// Accuracy as a formula: 1e-4 of the correction and 1e-6 of the loss. At sixteen features
    /// the equivalent is 2 to 3 % below simulated means, and this within 0.5 % of them and their
    /// error (`α = 1`, `β = 1.5`, `c = 1` and 20, `D = 256`; `tests/stated.rs` of
    /// `asymscale-montecarlo`). Cost: a millisecond.
    ///
    /// # Errors
    /// As [`SampleTheory::loss_with`].
    ///
    /// ```
    /// use asymscale_model::SparseModel;
    /// use asymscale_theory::SampleTheory;
    /// let theory = SampleTheory::new(&SparseModel::power_law(1.0, 1.5, 1.0)?, 256.0)?;
    /// let (loss, corrected) = (theory.loss(16.0)?, theory.corrected_loss(16.0)?);
    /// assert!((corrected.loss / loss - 1.0284).abs() < 1e-4);
    /// assert!(corrected.truncation < 0.004 * loss);
    /// // Infinitely many features are not expanded in.
    /// let limit = theory.corrected_loss(f64::INFINITY)?;
    /// assert!(limit.loss == theory.loss(f64::INFINITY)? && limit.truncation == 0.0);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn corrected_loss_with(
        &self,
        features: f64,
        regression: Regression,
    ) -> Result<CorrectedLoss, TheoryError> {
        Ok(self.corrected(&self.solve(features, regression)?))
    }

    /// [`SampleTheory::corrected_loss_with`] at a point that is solved.
    pub(super) fn corrected(&self, solved: &Solved) -> CorrectedLoss {
        let Solved { features, regression, loss: equivalent, .. } = *solved;
        let exact = |loss| CorrectedLoss { loss, truncation: 0.0 };
        let (ridge, noise) = (regression.ridge(), regression.noise());
        let missing = self.threshold() - features;
        if features == f64::INFINITY || equivalent == f64::INFINITY || equivalent == 0.0 {
            return exact(equivalent);
        }
        if ridge == 0.0 && missing.abs() <= 1.0 {
            return exact(f64::INFINITY);
        }
        if ridge == 0.0 && missing < 0.0 {
            return exact(self.overparameterized(features - 1.0, noise));
        }
        let expansion = Expansion::new(self, solved);
        // Only without ridge does the series have a pole.
        let pole = if ridge == 0.0 { missing.recip() } else { 0.0 };
        let per_sample = noise / self.samples;
        let spread = (per_sample > 0.0).then(|| (per_sample, expansion.noise()));
        let corrected = |equivalent| {
            sum(equivalent, pole, expansion.free, &expansion.signal(), spread.as_ref())
        };
        if self.model().has_iid_teacher() {
            return corrected(equivalent);
        }
        let iid = Equivalent { teacher: None, ..solved.equivalent }.loss(features, noise);
        let CorrectedLoss { loss, truncation } = corrected(iid);
        let change = ((loss - iid).abs() + truncation) / iid;
        CorrectedLoss { loss: equivalent, truncation: equivalent * change }
    }

    /// Derivatives along `ln G`, first to third, of `f` and of `T`.
    fn derivatives(&self, solved: &Solved) -> [[f64; 3]; 2] {
        let (mut rule, sums) = (Cow::Borrowed(&self.rule), &solved.equivalent.sums);
        let last = sums.log_stieltjes + 2.0 * STEP;
        if !rule.covers(last) {
            rule.to_mut().extend_for(last);
        }
        let curvatures = |sums: Sums| [sums.learned_curvature, -sums.left_curvature];
        let second =
            |step: f64| curvatures(rule.sums(&self.responder, sums.log_stieltjes + step * STEP));
        let [lowest, low, high, highest] = [-2.0, -1.0, 1.0, 2.0].map(second);
        let v = sums.log_stieltjes;
        let responses = solved.responses.get_or_init(|| rule.responses(&self.responder, v));
        let middle = curvatures(rule.sums_of(&self.responder, v, responses));
        let third =
            |k: usize| (8.0 * (high[k] - low[k]) - (highest[k] - lowest[k])) / (12.0 * STEP);
        [[sums.learned_slope, middle[0], third(0)], [-sums.left_slope, middle[1], third(1)]]
    }
}

/// Equation (88) from the series without noise and, if there is noise, `σ²/D` and the series of the
/// noise; the equivalent where one of them does not converge. `pole`: the ratio of two orders that
/// a pole at the threshold explains; `free`: `N − df₂`.
fn sum(
    equivalent: f64,
    pole: f64,
    free: f64,
    signal: &Series,
    noise: Option<&(f64, Series)>,
) -> CorrectedLoss {
    let converges = |series: &Series| {
        let step = series.step();
        step > -CONVERGES && step < (pole + CONVERGES).min(1.0)
    };
    let loss = signal.sum() + noise.map_or(0.0, |(noise, spread)| noise * spread.sum());
    let known = converges(signal) && noise.is_none_or(|(_, spread)| converges(spread));
    if !(known && loss > 0.0 && loss.is_finite()) {
        return CorrectedLoss { loss: equivalent, truncation: f64::INFINITY };
    }
    let change = loss / equivalent - 1.0;
    CorrectedLoss { loss, truncation: loss * (LEFT_OUT / free.powi(2) + 2.0 * change * change) }
}

/// All quantities of equations (83) to (87) at one `N` and one ridge. Sums are over the directions
/// of a design, of which a share `ρ` is left unlearned, with their population variances `b`.
struct Expansion {
    features: f64,
    gamma: f64,
    kappa: f64,
    /// `κ′ = N/(N − df₂)`.
    slope: f64,
    /// `N − df₂`.
    free: f64,
    /// `f`.
    learned: f64,
    /// `g_k = Σ ρ(1−ρ)^k`, k = 1, 2, 3.
    gaps: [f64; 3],
    /// `u`, and its derivative along `ln κ` at the `γ` that goes with it.
    shift: (f64, f64),
    /// `Σ b ρ(1−ρ)`.
    mixed: f64,
    /// `m_k = Σ b ρ²(1−ρ)^k`, k = 0, 1, 2.
    means: [f64; 3],
}

impl Expansion {
    fn new(theory: &SampleTheory, solved: &Solved) -> Self {
        let (solution, features) = (&solved.equivalent, solved.features);
        let gamma = solved.regression.ridge();
        let [learned, left] = along_kappa(solution, theory.derivatives(solved));
        let (gaps, [mixed, w2, w3]) = (powers(learned.map(|x| -x)), powers(left));
        let free = solution.free(features);
        let u = gaps[1] / free;
        Self {
            features,
            gamma,
            kappa: solution.spare() / solution.sums.stieltjes(),
            slope: features / free,
            free,
            learned: solution.sums.learned,
            gaps,
            shift: (u, (3.0 * gaps[2] - 2.0 * gaps[1]) / free - 2.0 * u * u),
            mixed,
            means: [solution.bias(), mixed - w2, w2 - w3],
        }
    }

    /// `τ` of equation (86).
    fn trace(&self) -> f64 {
        let ([g1, g2, g3], (u, u1)) = (self.gaps, self.shift);
        let square = self.learned - g1;
        let value = square - g2 - u * square;
        let slope = -3.0 * g3 - u1 * square + 2.0 * u * g2;
        self.slope * ((1.0 - 2.0 * u) * value + slope) / self.free
    }

    /// The loss without noise, equation (86).
    fn signal(&self) -> Series {
        let ([m0, m1, m2], u) = (self.means, self.shift.0);
        // κ′/N.
        let unit = self.free.recip();
        let (mean_next, diagonal) = (2.0 * unit * (m2 - u * m1), unit * m2);
        let next =
            unit * self.slope * (3.0 * m2 - 4.0 * u * m1) + self.trace() * m0 / self.features;
        let variance = m0 * (self.features - self.free) / self.free + diagonal;
        Series { apart: m0 + mean_next, leading: variance, next: next - mean_next - diagonal }
    }

    /// What label noise adds, in units of `σ²/D`: equation (87).
    fn noise(&self) -> Series {
        let ([m0, m1, m2], (u, u1)) = (self.means, self.shift);
        let rate = self.gamma * self.slope / self.kappa;
        // d(γκ′y/κ)/dγ over N, for y and its derivative along ln κ.
        let slope = |y: f64, along: f64| {
            (y + rate * (along - (1.0 + 2.0 * u) * y)) / (self.kappa * self.free)
        };
        Series {
            apart: self.mixed / self.kappa - slope(m1, 3.0 * m2 - m1),
            leading: m0 * self.gaps[0] / (self.free * self.kappa),
            next: slope(u * m0, u1 * m0 + 2.0 * u * m1),
        }
    }
}

/// Derivatives along `ln κ` from those along `ln G`, equation (83).
fn along_kappa(solution: &Equivalent, derivatives: [[f64; 3]; 2]) -> [[f64; 3]; 2] {
    let spare = solution.shared_samples * solution.spare();
    let [f1, f2, f3] = derivatives[0].map(|x| x / spare);
    // j = 1 + f_G/(D − f) = −d ln κ/d ln G, and its two derivatives over j.
    let j = 1.0 + f1;
    let (j1, j2) = ((f2 + f1 * f1) / j, (f3 + 3.0 * f1 * f2 + 2.0 * f1.powi(3)) / j);
    derivatives.map(|[first, second, third]| {
        let two = second - first * j1;
        let three = third - 3.0 * second * j1 - first * j2 + 3.0 * first * j1 * j1;
        [-first / j, two / (j * j), -three / j.powi(3)]
    })
}

/// `Σ c ρ(1−ρ)^k`, k = 1, 2, 3, from the derivatives of `Σ c ρ` along `ln κ`: equation (84).
fn powers([first, second, third]: [f64; 3]) -> [f64; 3] {
    [first, 0.5 * (first + second), (third + 3.0 * second + 2.0 * first) / 6.0]
}

/// Two orders of a series, and a part that does not belong to it.
struct Series {
    apart: f64,
    /// Not negative.
    leading: f64,
    next: f64,
}

impl Series {
    /// From one order to the next.
    fn step(&self) -> f64 {
        if self.leading > 0.0 { self.next / self.leading } else { 0.0 }
    }

    /// The sum of the geometric series that the two orders begin, and of the part apart from it.
    fn sum(&self) -> f64 {
        let series =
            if self.leading > 0.0 { self.leading / (1.0 - self.step()) } else { self.next };
        self.apart + series
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Along `ln κ` all derivatives of `κ` are `κ`: from those along `ln G`, by differences, of
    /// `κ = (1 − f/D)/G` with `f = a G/(1 + G)`.
    #[test]
    fn the_chain_rule_gives_kappa_for_kappa() {
        let (most, samples, v) = (60.0, 100.0, 0.4f64);
        let learned = |v: f64| most / (1.0 + (-v).exp());
        let kappa = |v: f64| (1.0 - learned(v) / samples) * (-v).exp();
        let f = learned(v);
        let rest = 1.0 - f / most;
        let f_slopes = [
            f * rest,
            f * rest * (1.0 - 2.0 * f / most),
            f * rest * (1.0 - 6.0 * (f / most) * rest),
        ];
        let h = 0.01;
        let [a, b, c, d, e] = [-2.0, -1.0, 0.0, 1.0, 2.0].map(|k| kappa(v + k * h));
        let kappa_slopes = [
            (8.0 * (d - b) - (e - a)) / (12.0 * h),
            (16.0 * (b + d) - (a + e) - 30.0 * c) / (12.0 * h * h),
            (e - a - 2.0 * (d - b)) / (2.0 * h.powi(3)),
        ];
        let solution = Equivalent {
            sums: Sums { log_stieltjes: v, learned: f, ..Sums::default() },
            squares: 0.0,
            shared_samples: samples,
            samples,
            teacher: None,
            unused: None,
        };
        let [_, along] = along_kappa(&solution, [f_slopes, kappa_slopes]);
        // The error of the differences: h² at worst.
        assert!(along.iter().all(|slope| (slope / c - 1.0).abs() < h * h), "{along:?} {c}");
    }
}
