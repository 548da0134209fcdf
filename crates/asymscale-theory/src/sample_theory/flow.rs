//! Gradient flow: the loss over time as an inverse Laplace transform of the resolvent, equations
//! (47) and (50) of [`derivations`](crate::derivations).

use crate::response::teacher::ComplexTeacherSums;
use crate::{SampleTheory, TheoryError, response::complex::ComplexSums};
use crate::{coordinates::CoordinateRule, response::Responder};
use asymscale_numerics::{Bracket, Hyperbola, bisect, gauss_legendre};
use num_complex::Complex64;
use std::collections::BTreeMap;

/// Newton's method ends at this step in `ln G`, after which the root, and the sums there, are right
/// to its square, far below the 1e-7 of the transforms.
const CLOSE: f64 = 1e-4;
/// The same where limits are subtracted, whose digits the rest has to keep.
const CLOSER: f64 = 1e-7;
/// Points of the contour of a single time, for 1e-7.
const AT_ONCE: usize = 7;
/// Most steps of Newton's method; from a neighbouring root fewer are needed.
const STEPS: usize = 60;
/// Longest time of flow.
pub(crate) const LONGEST: f64 = 1e18;
/// Before this time the loss is that of the start: it falls by less than a share `2s` of itself.
pub(crate) const SHORTEST: f64 = 1e-9;
/// From this `κs` on, the limits of the convolved functions are subtracted first: without that an
/// error of the transforms, of some 1e-7, is multiplied by `κs`.
pub(crate) const LATE: f64 = 10.0;
/// Until this `κs` the inverse of both transforms at once will do for a single time.
pub(crate) const SOON: f64 = 1e3;
/// From this value of `κs (1 − N/r)²` on the flow has ended: `κ (1 − N/r)²` is about the least
/// eigenvalue of the features' covariance, and half of this value leaves 1e-5, as a test in
/// `late_flow` says.
pub(crate) const OVER: f64 = 100.0;
/// Bisections of the bracket of the first, real root.
const HALVINGS: u32 = 8;

/// `κ` and `T` at infinite time, where features are fewer than the threshold: `k` and `Θ` tend to
/// them.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Limit {
    pub(crate) kappa: f64,
    pub(crate) left: f64,
}

/// The transforms at one point of a contour.
#[derive(Debug, Clone, Copy)]
struct Point {
    z: Complex64,
    /// Quadrature factor times `T/γ`, less its limit over `γ`.
    left: Complex64,
    /// Quadrature factor times `κ/γ − 1`, less its limit over `γ`.
    memory: Complex64,
}

/// `κ` and `T` at one point of a contour.
#[derive(Debug, Clone, Copy)]
struct Both {
    z: Complex64,
    /// Quadrature factor times `e^{zs}/z`.
    factor: Complex64,
    kappa: Complex64,
    left: Complex64,
}

impl Both {
    fn conjugate(&self) -> Self {
        Self {
            z: self.z.conj(),
            factor: self.factor.conj(),
            kappa: self.kappa.conj(),
            left: self.left.conj(),
        }
    }

    /// `(κT₂ − κ₂T)/(γ − γ₂)`.
    fn pair(&self, other: &Self) -> Complex64 {
        (self.kappa * other.left - other.kappa * self.left) / (self.z - other.z)
    }
}

/// `ln G` at one `z`, `−d ln G/d ln z`, and the sums there.
#[derive(Debug, Clone, Copy)]
pub(super) struct Root {
    pub(super) log: Complex64,
    rate: Complex64,
    pub(super) sums: ComplexSums,
}

/// Both transforms, on a contour for each decade of time, made when first needed.
#[derive(Clone)]
pub(crate) struct Flow<'a> {
    rule: CoordinateRule,
    responder: &'a Responder,
    shared_samples: f64,
    features: f64,
    /// The limits of `k` and `Θ`, which are subtracted from them; 0 for early times, where that
    /// would gain nothing.
    limit: Limit,
    decades: BTreeMap<i32, Vec<Point>>,
}

impl<'a> Flow<'a> {
    pub(crate) fn new(
        rule: &CoordinateRule,
        responder: &'a Responder,
        shared_samples: f64,
        features: f64,
    ) -> Self {
        let (limit, decades) = (Limit::default(), BTreeMap::new());
        Self { rule: rule.clone(), responder, shared_samples, features, limit, decades }
    }

    /// The same for late times.
    pub(crate) fn with_limit(self, limit: Limit) -> Self {
        Self { limit, decades: BTreeMap::new(), ..self }
    }

    /// The loss (50) at flow time `s ≥` [`SHORTEST`].
    ///
    /// The products of the limits of `k` and `Θ` cancel, so that at late times they are left out.
    pub(crate) fn loss(&mut self, time: f64) -> f64 {
        let limit = self.limit;
        let at_end = self.transforms(2.0 * time).1 + limit.left;
        if self.features == f64::INFINITY {
            return at_end;
        }
        let mut loss = at_end;
        // Panels grow with u, because the integrand changes fast early and slowly late.
        let (mut from, mut to) = (0.0, 0.1 * time.min(1.0));
        while from < time {
            let half = 0.5 * (to - from);
            for (x, weight) in gauss_legendre() {
                let u = from + half * (1.0 + x);
                let ((memory, left), (memory_then, left_then)) =
                    (self.transforms(u), self.transforms(2.0 * time - u));
                let mixed = memory * left_then - left * memory_then;
                let steady = limit.left * (memory - memory_then) - limit.kappa * (left - left_then);
                loss += half * weight * (mixed + steady);
            }
            (from, to) = (to, (2.0 * to).min(time));
        }
        loss
    }

    /// The loss (50) at flow time `s ≥` [`SHORTEST`], for a single time: the inverse of both
    /// transforms at once, equation (127), which needs fewer points than the convolution.
    pub(crate) fn loss_at_once(&mut self, time: f64) -> f64 {
        let hyperbola = Hyperbola::of_one_time(time, AT_ONCE);
        if self.features == f64::INFINITY {
            let hyperbola = Hyperbola::of_one_time(2.0 * time, AT_ONCE);
            let rule: Vec<(Complex64, Complex64)> = hyperbola.midpoint_rule().collect();
            let roots = self.roots(hyperbola.vertex(), rule.iter().map(|(z, _)| *z));
            let term = |((z, weight), root): (&(Complex64, Complex64), Root)| {
                (weight * (z * 2.0 * time).exp() * root.sums.left / z).im
            };
            return rule.iter().zip(roots).map(term).sum();
        }
        let (middles, steps) = (hyperbola.midpoint_rule(), hyperbola.trapezoidal_rule());
        let (first, second) = self.transforms_at_once(&hyperbola, middles, steps, time);
        let mut sum = 0.0;
        for a in &first {
            for b in &second {
                sum += (a.factor * b.factor.conj() * a.pair(&b.conjugate())).re
                    - (a.factor * b.factor * a.pair(b)).re;
            }
        }
        0.5 * sum
    }

    /// On both rules of a contour, which is followed once: their points take turns, the first on
    /// the step.
    fn transforms_at_once(
        &mut self,
        hyperbola: &Hyperbola,
        middles: impl Iterator<Item = (Complex64, Complex64)>,
        steps: impl Iterator<Item = (Complex64, Complex64)>,
        time: f64,
    ) -> (Vec<Both>, Vec<Both>) {
        let (middles, steps): (Vec<_>, Vec<_>) = (middles.collect(), steps.collect());
        let turns =
            steps.iter().enumerate().flat_map(|(k, step)| [Some(*step), middles.get(k).copied()]);
        let points: Vec<(Complex64, Complex64)> = turns.flatten().collect();
        let roots = self.roots(hyperbola.vertex(), points.iter().map(|(z, _)| *z));
        let both = |((z, weight), root): (&(Complex64, Complex64), Root)| Both {
            z: *z,
            factor: weight * (z * time).exp() / z,
            kappa: (1.0 - root.sums.learned / self.shared_samples) / root.log.exp(),
            left: root.sums.left,
        };
        let all: Vec<Both> = points.iter().zip(roots).map(both).collect();
        let every = |first: usize| all.iter().skip(first).step_by(2).copied().collect();
        (every(1), every(0))
    }

    /// `κ` and `T` where as many directions are learned as there are features, by the same sums as
    /// on contours; `log_stieltjes` is a first guess.
    pub(crate) fn limit(&mut self, log_stieltjes: f64) -> Limit {
        self.rule.extend_for(log_stieltjes + 1.0);
        let mut v = log_stieltjes;
        for _ in 0..STEPS {
            let sums = self.rule.complex_sums(self.responder, Complex64::from(v.exp()));
            let step = (sums.learned.re - self.features) / sums.slope.re;
            v -= step.clamp(-0.5, 0.5);
            if step.abs() < CLOSER * CLOSER {
                break;
            }
        }
        let sums = self.rule.complex_sums(self.responder, Complex64::from(v.exp()));
        Limit {
            kappa: (1.0 - self.features / self.shared_samples) * (-v).exp(),
            left: sums.left.re,
        }
    }

    /// `k(u)` and `Θ(u)` less their limits: the inverse transforms of `κ/γ − 1` and `T/γ`.
    fn transforms(&mut self, time: f64) -> (f64, f64) {
        let decade = time.log10().floor() as i32;
        if !self.decades.contains_key(&decade) {
            let points = self.points(Hyperbola::new(10f64.powi(decade)));
            self.decades.insert(decade, points);
        }
        let add = |(memory, left): (f64, f64), point: &Point| {
            let factor = (point.z * time).exp();
            (memory + (factor * point.memory).im, left + (factor * point.left).im)
        };
        self.decades[&decade].iter().fold((0.0, 0.0), add)
    }

    fn points(&mut self, contour: Hyperbola) -> Vec<Point> {
        let rule: Vec<(Complex64, Complex64)> = contour.midpoint_rule().collect();
        let roots = self.roots(contour.vertex(), rule.iter().map(|(z, _)| *z));
        let point = |((z, weight), root): ((Complex64, Complex64), Root)| {
            let left = weight * (root.sums.left - self.limit.left) / z;
            Point { z, left, memory: weight * self.memory(z, root.log.exp(), &root.sums) }
        };
        rule.into_iter().zip(roots).map(point).collect()
    }

    /// Follows the root along a contour from its vertex on.
    pub(super) fn roots(
        &mut self,
        vertex: f64,
        path: impl Iterator<Item = Complex64>,
    ) -> Vec<Root> {
        self.rule.extend_for((4.0 / vertex).ln());
        let real = Complex64::from(self.real_root(vertex));
        let (mut z, mut root) = (Complex64::from(vertex), self.root(vertex.into(), real));
        let follow = |next: Complex64| {
            // Along the tangent, in logarithms.
            root = self.root(next, root.log - root.rate * (next / z).ln());
            z = next;
            root
        };
        path.map(follow).collect()
    }

    /// The sums of a teacher of its own at a point of a contour that was followed.
    pub(super) fn teacher_sums(&self, stieltjes: Complex64) -> ComplexTeacherSums {
        self.rule.complex_teacher_sums(self.responder, stieltjes)
    }

    /// `κ/γ − 1`, less its limit over `γ`.
    fn memory(&self, z: Complex64, g: Complex64, sums: &ComplexSums) -> Complex64 {
        if self.limit.kappa > 0.0 {
            // The digits of κ, which 1 − f/N loses.
            return ((1.0 - sums.learned / self.shared_samples) / g - self.limit.kappa) / z - 1.0;
        }
        let share = sums.learned / self.features;
        share / (1.0 - share)
    }

    /// `γG − (1 − f/D)(1 − f/N)` and its derivative by `ln G`.
    fn condition(&self, z: Complex64, g: Complex64, sums: &ComplexSums) -> (Complex64, Complex64) {
        let free = 1.0 - sums.learned / self.shared_samples;
        let spare = 1.0 - sums.learned / self.features;
        let slope = sums.slope * (spare / self.shared_samples + free / self.features);
        (z * g - free * spare, z * g + slope)
    }

    /// Newton's method for `ln G`, with steps so short that the root stays on its sheet.
    fn root(&self, z: Complex64, guess: Complex64) -> Root {
        let mut root = Root { log: guess, rate: Complex64::ONE, sums: ComplexSums::default() };
        let tolerance = if self.limit.kappa > 0.0 { CLOSER } else { CLOSE };
        for _ in 0..STEPS {
            let g = root.log.exp();
            root.sums = self.rule.complex_sums(self.responder, g);
            let (value, slope) = self.condition(z, g, &root.sums);
            let step = value / slope;
            let short = step * (0.5 / step.norm()).min(1.0);
            root.log -= short;
            root.rate = z * g / slope;
            if short.norm() < tolerance {
                root.sums = root.sums.after(-short);
                break;
            }
        }
        root
    }

    /// `ln G` by a few bisections of `1/(z + tr Σ (1/D + 1/N)) ≤ G ≤ 1/z`.
    fn real_root(&self, z: f64) -> f64 {
        let tiny = self.rule.complex_sums(self.responder, Complex64::from(1e-30));
        let inverse_sizes = self.shared_samples.recip() + self.features.recip();
        let bracket = Bracket::new(-(z + tiny.left.re * inverse_sizes).ln(), -z.ln());
        let is_beyond = |log: f64| {
            let g = Complex64::from(log.exp());
            let sums = self.rule.complex_sums(self.responder, g);
            let all = sums.learned.re >= self.shared_samples.min(self.features);
            all || self.condition(Complex64::from(z), g, &sums).0.re > 0.0
        };
        bisect(bracket, HALVINGS, |log| !is_beyond(log)).low()
    }
}

impl SampleTheory {
    /// The loss of gradient flow with infinitely many features at each of `times` `s = ηt`: of `t`
    /// steps of a small size `η` from `θ = 0` on `|Φθ − y|²/(2D)`.
    ///
    /// Equation (47) of [`derivations`](crate::derivations): the inverse Laplace transform of the
    /// resolvent, at complex `G`. Of a teacher that is not iid it is equation (97), the inverse of
    /// two transforms at once. Steps of size `η` differ from the flow by `O(1/t)`. For `s → ∞` it
    /// tends to [`SampleTheory::loss`] at `N = ∞`.
    ///
    /// Accuracy: 1e-6 of the loss at `s = 0` as a transform, and never below the loss of the
    /// posterior mean, which no learner beats. As a theory it is, once the flow is over, that of
    /// the loss, [`SampleTheory::finite_size_error`]; before, it is not known, and tests hold it to
    /// 3 % at `D = 128`. Cost: some 10 ms a decade of times, which share their evaluations.
    ///
    /// # Errors
    /// [`TheoryError::Time`] outside of `0..=1e18`.
    ///
    /// ```
    /// use asymscale_model::SparseModel;
    /// use asymscale_theory::SampleTheory;
    /// let theory = SampleTheory::new(&SparseModel::power_law(1.0, 1.5, 1.0)?, 200.0)?;
    /// let losses = theory.flow(&[0.0, 1.0, 1e9])?;
    /// assert!((losses[0] - 1.6449340668).abs() < 1e-9); // Σ i^{−2}: nothing learned yet
    /// assert!(losses[1] < losses[0]);
    /// assert!((losses[2] / theory.loss(f64::INFINITY)? - 1.0).abs() < 1e-2);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn flow(&self, times: &[f64]) -> Result<Vec<f64>, TheoryError> {
        self.flow_with_features(f64::INFINITY, times)
    }
}

/// Refuses NaN as well.
pub(crate) fn check_time(time: f64) -> Result<(), TheoryError> {
    if (0.0..=LONGEST).contains(&time) { Ok(()) } else { Err(TheoryError::Time(time)) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use asymscale_model::{Amplitude, Coordinates, SparseModel};

    #[test]
    fn with_infinite_data_every_coordinate_decays_alone() {
        let model = SparseModel::power_law(1.0, 0.0, 1.0).unwrap();
        let model = model.with_coordinates(Coordinates::Finite(1000)).unwrap();
        let times = [0.1, 1.0, 10.0, 1e3, 1e5];
        let losses = SampleTheory::new(&model, f64::INFINITY).unwrap().flow(&times).unwrap();
        for (time, loss) in times.into_iter().zip(losses) {
            let lambda = |i: u32| f64::from(i).powi(-2);
            let exact: f64 = (1..=1000).map(|i| lambda(i) * (-2.0 * time * lambda(i)).exp()).sum();
            // The error of the contour: 1e-7 of the loss at the start.
            assert!((loss - exact).abs() < 1e-6, "{time}: {loss} {exact}");
        }
    }

    /// The forward transform of the curve, by a trapezoid in ln τ, is `T/z` from the real code.
    #[test]
    fn the_transform_of_the_curve_is_the_resolvent() {
        for amplitude in [Amplitude::Gaussian, Amplitude::Rademacher] {
            let model = SparseModel::power_law(1.0, 1.5, 5.0).unwrap().with_amplitude(amplitude);
            let theory = SampleTheory::new(&model, 200.0).unwrap();
            let responder = Responder::new(amplitude, 200.0);
            for log_stieltjes in [0.0, 4.0, 7.0f64] {
                let mut rule = CoordinateRule::new(&model, 200.0);
                rule.extend_for(log_stieltjes);
                let sums = rule.sums(&responder, log_stieltjes);
                let z = (1.0 - sums.learned / 200.0) * (-log_stieltjes).exp();
                let taus: Vec<f64> = (-200..=50).map(|k| (0.08 * f64::from(k)).exp() / z).collect();
                let times: Vec<f64> = taus.iter().map(|tau| 0.5 * tau).collect();
                let losses = theory.flow(&times).unwrap();
                let terms =
                    taus.iter().zip(losses).map(|(tau, loss)| 0.08 * tau * (-z * tau).exp() * loss);
                let (forward, exact) = (terms.sum::<f64>(), sums.left / z);
                // Both transforms to 1e-6 of the loss at the start, and e^{−16} cut off below.
                assert!((forward / exact - 1.0).abs() < 2e-5, "{log_stieltjes}: {forward} {exact}");
            }
        }
    }
}
