//! The ridge that minimises the averaged loss: equations (31) and (32) of
//! [`derivations`](crate::derivations).

use super::SampleTheory;
use crate::{
    TheoryError, coordinates::CoordinateRule, response::sums::Sums, sample_theory::loss::regression,
};
use std::{borrow::Cow, collections::BTreeMap};

/// Steps between the values of `ln G` that are tried.
const STEP: f64 = 2.0;
/// Closest approach in `ln G` to the value without ridge, where `N − f` still has four digits.
const NEAREST: f64 = 1e-6;
/// Where all that is seen can be learned, the share of it left hidden at the smallest ridge tried.
const HIDDEN: f64 = 1e-6;
/// `ln G` beyond which nothing is tried.
const LAST: f64 = 590.0;
/// The optimum is bracketed so closely in `ln G`; the loss is flat there.
const ACCURACY: f64 = 1e-8;
/// Half the step in `ln G` over which the fall of the loss is taken where it has no formula. The
/// curvature of the loss is of the order of 1 there, so that losses right to 1e-9 put the zero of
/// the fall within about 1e-9/1e-4 = 1e-5, and the step itself within its square.
const DIFFERENCE: f64 = 1e-4;
/// Enough for that by bisection alone.
const ROUNDS: usize = 60;

impl SampleTheory {
    /// The ridge `γ* ≥ 0` that minimises [`SampleTheory::loss_with`] at `features = N ≥ 1` and
    /// label noise of variance `noise = σ²`.
    ///
    /// It solves equation (32) of [`derivations`](crate::derivations). At `N = ∞` it is `σ²/D`. For
    /// a teacher that is not iid neither holds: the derivative of the loss is taken numerically,
    /// and the accuracy of the ridge is 1e-3 where the loss is not flatter than for an iid one.
    /// Near the threshold it is positive even without noise, because a ridge removes the peak. It
    /// is the best ridge for all designs together; far beyond the threshold and with Gaussian
    /// amplitudes that may be 0, although every single design would gain from a small ridge of its
    /// own.
    ///
    /// All sign changes of the derivative are tried, over ridges from so large that nothing is
    /// learned down to almost none, and the ridge 0. The one of least loss is returned, to a
    /// relative accuracy of 1e-6 (its loss to 1e-9). Cost: some tens of evaluations of the sums
    /// over coordinates, 2 to 20 ms.
    ///
    /// # Errors
    /// As [`SampleTheory::loss_with`].
    ///
    /// ```
    /// use asymscale_model::SparseModel;
    /// use asymscale_theory::{Regression, SampleTheory};
    /// let theory = SampleTheory::new(&SparseModel::power_law(1.0, 1.5, 1.0)?, 1000.0)?;
    /// // At the threshold the ridgeless loss is infinite; with the best ridge there is no peak.
    /// let threshold = theory.coverage().threshold;
    /// let best = |share: f64| {
    ///     let ridge = theory.optimal_ridge(share * threshold, 0.0)?;
    ///     theory.loss_with(share * threshold, Regression::new(ridge, 0.0).unwrap())
    /// };
    /// assert!(best(0.5)? > best(1.0)? && best(1.0)? > best(2.0)?);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn optimal_ridge(&self, features: f64, noise: f64) -> Result<f64, TheoryError> {
        self.check_loss(features, regression(0.0, noise)?)?;
        Ok(self.optimally_ridged(features, noise).0)
    }

    /// The optimal ridge and the loss with it.
    pub(crate) fn optimally_ridged(&self, features: f64, noise: f64) -> (f64, f64) {
        let per_sample = noise / self.samples;
        if features == f64::INFINITY && self.model.has_iid_teacher() {
            let loss = self.loss_from(&mut self.search(), features, (per_sample, noise));
            return (per_sample, loss);
        }
        let ridgeless = self.loss_from(&mut self.search(), features, (0.0, noise));
        let mut descent = RidgeScan::new(self, features, noise);
        let grid = descent.grid();
        let mut best = (0.0, ridgeless);
        let mut before: Option<Point> = None;
        for v in grid {
            let now = descent.point(v);
            match before {
                Some(before) if before.slope > 0.0 && now.slope <= 0.0 => {
                    let optimum = descent.refine(before, now);
                    best = if optimum.loss < best.1 { (optimum.ridge, optimum.loss) } else { best };
                }
                _ => {}
            }
            before = Some(now);
        }
        // Ridgeless noise may have an infinite mean; then the smallest ridge tried is better.
        before.map_or(best, |last| if last.loss < best.1 { (last.ridge, last.loss) } else { best })
    }
}

/// Ridges from large to small, that is values of `G` from small to large.
struct RidgeScan<'a> {
    theory: &'a SampleTheory,
    rule: Cow<'a, CoordinateRule>,
    features: f64,
    noise: f64,
    /// By the bits of `ln G`: where the grid is laid by its sums, its points need them again.
    known: BTreeMap<u64, Sums>,
}

/// The loss at one value of `G`.
#[derive(Debug, Clone, Copy)]
struct Point {
    v: f64,
    ridge: f64,
    loss: f64,
    /// Of the sign of `dL/dγ`.
    slope: f64,
}

impl<'a> RidgeScan<'a> {
    fn new(theory: &'a SampleTheory, features: f64, noise: f64) -> Self {
        let (rule, known) = (Cow::Borrowed(&theory.rule), BTreeMap::new());
        Self { theory, rule, features, noise, known }
    }

    fn sums(&mut self, v: f64) -> Sums {
        if let Some(sums) = self.known.get(&v.to_bits()) {
            return *sums;
        }
        if !self.rule.covers(v) {
            self.rule.to_mut().extend_for(v);
        }
        let sums = self.rule.sums(&self.theory.responder, v);
        self.known.insert(v.to_bits(), sums);
        sums
    }

    /// Ascending `ln G`.
    fn grid(&mut self) -> Vec<f64> {
        let variance = self.theory.model.total_variance() + self.noise / self.theory.samples;
        let first = -(100.0 * variance).ln();
        let shared = self.theory.shared_samples();
        let most = self.features.min(shared);
        let from_first = |k: u32| first + STEP * f64::from(k);
        if most >= self.theory.seen {
            return self.grid_to_all_seen(first);
        }
        let end = self
            .theory
            .search()
            .sums_where(self.theory.hint(most), self.theory.learns(most))
            .log_stieltjes;
        let mut grid: Vec<f64> =
            (0..u32::MAX).map(from_first).take_while(|v| *v < end - 1.0).collect();
        let nearer = std::iter::successors(Some(1.0), |distance| Some(distance * (-STEP).exp()));
        grid.extend(
            nearer.take_while(|distance| *distance > NEAREST).map(|distance| end - distance),
        );
        grid.retain(|v| *v >= first);
        grid
    }

    fn grid_to_all_seen(&mut self, first: f64) -> Vec<f64> {
        let mut grid = vec![first];
        let mut v = first;
        while v < LAST && self.sums(v).hidden > HIDDEN * self.theory.seen {
            v += STEP;
            grid.push(v);
        }
        grid
    }

    fn point(&mut self, v: f64) -> Point {
        let sums = self.sums(v);
        let equivalent = self.theory.equivalent(sums);
        let (shared, per_sample) = (equivalent.shared_samples, self.noise / self.theory.samples);
        let free = self.theory.unused_of(self.features, &sums).max(f64::MIN_POSITIVE);
        let spare = self.theory.unused_of(shared, &sums).max(f64::MIN_POSITIVE);
        let used = if shared == f64::INFINITY { 1.0 } else { spare / shared };
        let kappa = used * (-v).exp();
        let share = if self.features == f64::INFINITY { 1.0 } else { free / self.features };
        let ridge = kappa * share;
        let loss = equivalent.loss(self.features, self.noise);
        if !self.theory.model.has_iid_teacher() {
            return Point { v, ridge, loss, slope: self.slope_of(v) };
        }
        let slope = (kappa * self.features / free - per_sample) * balance(&sums, free, spare)
            - 2.0 * per_sample * sums.learned_slope / free;
        Point { v, ridge, loss, slope }
    }

    /// The fall of the loss over a step in `ln G` about `v`, for a teacher that is not iid: only
    /// its sign, that of `dL/dγ`, and its zero matter.
    fn slope_of(&mut self, v: f64) -> f64 {
        let [below, above] = [v - DIFFERENCE, v + DIFFERENCE].map(|v| {
            let sums = self.sums(v);
            self.theory.equivalent(sums).loss(self.features, self.noise)
        });
        below - above
    }

    /// The zero of the slope between two points, by false position with halved ends (Illinois).
    fn refine(&mut self, mut low: Point, mut high: Point) -> Point {
        let (mut value_low, mut value_high) = (low.slope, high.slope);
        for round in 0..ROUNDS {
            if high.v - low.v < ACCURACY {
                break;
            }
            let share = value_low / (value_low - value_high);
            let share = if round % 3 < 2 && share.is_finite() { share } else { 0.5 };
            let middle = self.point(low.v + share.clamp(1e-3, 0.999) * (high.v - low.v));
            if middle.slope > 0.0 {
                (low, value_low, value_high) = (middle, middle.slope, 0.5 * value_high);
            } else {
                (high, value_high, value_low) = (middle, middle.slope, 0.5 * value_low);
            }
        }
        if low.loss < high.loss { low } else { high }
    }
}

/// `H` of equation (32), with `N − f = free` and `D − f = spare`.
fn balance(sums: &Sums, free: f64, spare: f64) -> f64 {
    let (u, w) = (free.recip(), spare.recip());
    let (slope, curvature) = (sums.learned_slope, sums.learned_curvature - sums.learned_slope);
    let learned = ((u + w) * curvature - 2.0 * u * w * slope * slope) / (1.0 + (u + w) * slope);
    let left_curvature = -(sums.left_curvature + sums.left_slope);
    let rest = sums.left - sums.left_slope;
    learned - (left_curvature + w * sums.left * curvature) / (rest + w * sums.left * slope)
}
