//! Gradient flow: the loss over time as an inverse Laplace transform of the resolvent.

use crate::{
    SampleTheory, TheoryError, complex_response::ComplexSums, contour::Contour, quadrature::legendre,
};
use crate::{coordinates::CoordinateRule, response::Responder};
use num_complex::Complex64;
use std::collections::BTreeMap;

/// Newton's method ends at this relative step.
const CLOSE: f64 = 1e-7;
/// More steps of Newton's method than are ever needed from a neighbour's root.
const STEPS: usize = 60;
/// Halvings of the bracket of the first, real root.
const HALVINGS: usize = 8;

/// What the loss is made of at one point of a contour.
#[derive(Debug, Clone, Copy)]
struct Point {
    z: Complex64,
    /// Quadrature factor times `T/γ`.
    left: Complex64,
    /// Quadrature factor times `κ/γ − 1`.
    memory: Complex64,
}

/// `ln G` at one `z`, `−d ln G/d ln z`, and the sums there.
#[derive(Debug, Clone, Copy)]
struct Root {
    log: Complex64,
    rate: Complex64,
    sums: ComplexSums,
}

/// Both transforms, on a contour for each decade of time, made when first needed.
pub(crate) struct Flow<'a> {
    rule: CoordinateRule,
    responder: &'a Responder,
    shared_samples: f64,
    features: f64,
    decades: BTreeMap<i32, Vec<Point>>,
}

impl<'a> Flow<'a> {
    pub(crate) fn new(
        rule: &CoordinateRule,
        responder: &'a Responder,
        shared_samples: f64,
        features: f64,
    ) -> Self {
        Self { rule: rule.clone(), responder, shared_samples, features, decades: BTreeMap::new() }
    }

    /// The loss at flow time `s > 0`.
    pub(crate) fn loss(&mut self, time: f64) -> f64 {
        let (_, at_end) = self.transforms(2.0 * time);
        if self.features == f64::INFINITY {
            return at_end;
        }
        let mut loss = at_end;
        // Panels that grow with u: what happens early is fast, late slow.
        let (mut from, mut to) = (0.0, 0.1 * time.min(1.0));
        while from < time {
            let half = 0.5 * (to - from);
            for (x, weight) in legendre() {
                let u = from + half * (1.0 + x);
                let ((memory, left), (memory_then, left_then)) =
                    (self.transforms(u), self.transforms(2.0 * time - u));
                loss += half * weight * (memory * left_then - left * memory_then);
            }
            (from, to) = (to, (2.0 * to).min(time));
        }
        loss
    }

    /// `k(u)` and `Θ(u)`: the inverse transforms of `κ/γ − 1` and `T/γ`.
    fn transforms(&mut self, time: f64) -> (f64, f64) {
        let decade = time.log10().floor() as i32;
        if !self.decades.contains_key(&decade) {
            let points = self.points(Contour::from(10f64.powi(decade)));
            self.decades.insert(decade, points);
        }
        let add = |(memory, left): (f64, f64), point: &Point| {
            let factor = (point.z * time).exp();
            (memory + (factor * point.memory).im, left + (factor * point.left).im)
        };
        self.decades[&decade].iter().fold((0.0, 0.0), add)
    }

    /// Follows the root along a contour.
    fn points(&mut self, contour: Contour) -> Vec<Point> {
        let vertex = contour.vertex();
        self.rule.extend_for((4.0 / vertex).ln());
        let real = Complex64::from(self.real_root(vertex));
        let (mut z, mut root) = (Complex64::from(vertex), self.root(vertex.into(), real));
        let mut points = Vec::new();
        for (next, weight) in contour.nodes() {
            // Along the tangent, in logarithms.
            root = self.root(next, root.log - root.rate * (next / z).ln());
            z = next;
            let sums = root.sums;
            let share = sums.learned / self.features;
            points.push(Point { z, left: weight * sums.left / z, memory: weight * share / (1.0 - share) });
        }
        points
    }

    /// `γG − (1 − f/D)(1 − f/N)` and its derivative by `ln G`.
    fn condition(&self, z: Complex64, g: Complex64, sums: &ComplexSums) -> (Complex64, Complex64) {
        let free = 1.0 - sums.learned / self.shared_samples;
        let spare = 1.0 - sums.learned / self.features;
        let slope = sums.slope * (spare / self.shared_samples + free / self.features);
        (z * g - free * spare, z * g + slope)
    }

    /// Newton's method for `ln G`, its steps kept short of leaving the sheet.
    fn root(&self, z: Complex64, guess: Complex64) -> Root {
        let mut root = Root { log: guess, rate: Complex64::ONE, sums: ComplexSums::default() };
        for _ in 0..STEPS {
            let g = root.log.exp();
            root.sums = self.rule.complex_sums(self.responder, g);
            let (value, slope) = self.condition(z, g, &root.sums);
            let step = value / slope;
            let short = step * (0.5 / step.norm()).min(1.0);
            root.log -= short;
            root.rate = z * g / slope;
            if short.norm() < CLOSE {
                break;
            }
        }
        root
    }

    /// A few halvings of `1/(z + tr Σ (1/D + 1/N)) ≤ G ≤ 1/z`; `ln G`.
    fn real_root(&self, z: f64) -> f64 {
        let tiny = self.rule.complex_sums(self.responder, Complex64::from(1e-30));
        let spread = self.shared_samples.recip() + self.features.recip();
        let (mut low, mut high) = (-(z + tiny.left.re * spread).ln(), -z.ln());
        for _ in 0..HALVINGS {
            let middle = 0.5 * (low + high);
            let g = Complex64::from(middle.exp());
            let sums = self.rule.complex_sums(self.responder, g);
            let beyond = sums.learned.re >= self.shared_samples.min(self.features);
            if beyond || self.condition(Complex64::from(z), g, &sums).0.re > 0.0 {
                high = middle;
            } else {
                low = middle;
            }
        }
        low
    }
}

impl SampleTheory {
    /// The loss of gradient flow with infinitely many features at each of `times` `s = ηt`: of `t` steps of a small
    /// size `η` from `θ = 0` on `|Φθ − y|²/(2D)`.
    ///
    /// Given the design it is `tr Σ e^{−2sΣ̂}`, whose Laplace transform by `τ = 2s` is `tr Σ(Σ̂ + z)⁻¹ = T(G)/z` with `G`
    /// from `κ(G) = z`: so the curve is the inverse transform of the resolvent, with `G` complex. Steps of size `η` differ
    /// from it by `O(1/t)`. For `s → ∞` it tends to [`SampleTheory::loss`] at `N = ∞`.
    ///
    /// Accuracy: 1e-6 of the loss at `s = 0` as a transform; as a theory, that of the loss at the same `D`. Cost: some
    /// 10 ms a decade of times, which share their evaluations.
    ///
    /// # Errors
    /// [`TheoryError::Time`] unless `≥ 0` and finite.
    ///
    /// ```
    /// use asymscale_model::SparseModel;
    /// use asymscale_theory::SampleTheory;
    /// let theory = SampleTheory::new(&SparseModel::power_law(1.0, 1.5, 1.0)?, 200.0)?;
    /// let losses = theory.flow(&[0.0, 1.0, 1e9])?;
    /// assert!((losses[0] - 1.6449340668).abs() < 1e-9); // Σ i^{−2}: nothing learned yet
    /// assert!(losses[1] < losses[0] && (losses[2] / theory.loss(f64::INFINITY)? - 1.0).abs() < 1e-2);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn flow(&self, times: &[f64]) -> Result<Vec<f64>, TheoryError> {
        self.flow_with_features(f64::INFINITY, times)
    }
}

/// Refuses NaN as well.
pub(crate) fn check_time(time: f64) -> Result<(), TheoryError> {
    if time >= 0.0 && time.is_finite() { Ok(()) } else { Err(TheoryError::Time(time)) }
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
            for log_resolution in [0.0, 4.0, 7.0f64] {
                let mut rule = CoordinateRule::new(&model, 200.0);
                rule.extend_for(log_resolution);
                let sums = rule.sums(&responder, log_resolution);
                let z = (1.0 - sums.learned / 200.0) * (-log_resolution).exp();
                let taus: Vec<f64> = (-200..=50).map(|k| (0.08 * f64::from(k)).exp() / z).collect();
                let times: Vec<f64> = taus.iter().map(|tau| 0.5 * tau).collect();
                let losses = theory.flow(&times).unwrap();
                let terms = taus.iter().zip(losses).map(|(tau, loss)| 0.08 * tau * (-z * tau).exp() * loss);
                let (forward, exact) = (terms.sum::<f64>(), sums.left / z);
                // Both transforms to 1e-6 of the loss at the start, and e^{−16} cut off below.
                assert!((forward / exact - 1.0).abs() < 2e-5, "{log_resolution}: {forward} {exact}");
            }
        }
    }
}
