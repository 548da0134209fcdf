//! The mean of a product of two resolvents, to the order after the deterministic equivalent, and
//! the loss it gives: equations (S15), (S21) and (S22) of [`derivations`](crate::derivations).
//! Differences over `γ − γ₂` are simplified by hand wherever they would cancel.

use crate::DesignSpectrum;
use crate::spectrum::nodes::{Nodes, Point};
use crate::spectrum::resolvent::{Resolvent, along};
use num_complex::Complex64;
use std::ops::{Add, Mul};

/// Below this share of the loss the next order of the variance does not matter, and its rounding
/// could.
const SMALL: f64 = 1e-4;

/// Parts of the loss, or of its transform.
#[derive(Debug, Clone, Copy, Default)]
struct Parts<T> {
    /// Of the error averaged over features, `B + B₁/N`.
    mean: T,
    /// Of its variance, that of the diagonal twice, `V + Δ`.
    variance: T,
    /// What the next order adds to the variance beyond that, `Ω` of equation (S18).
    rest: T,
}

/// A table of pairs of nodes.
#[derive(Debug)]
pub(crate) struct Pairs {
    left: Vec<Point>,
    right: Vec<Point>,
    /// For every node on the left and on the right: with the right one, and with its conjugate.
    parts: Vec<[Parts<Complex64>; 2]>,
}

impl Pairs {
    pub(crate) fn new(spectrum: &DesignSpectrum, features: f64, nodes: [Nodes; 2]) -> Self {
        let resolvents = |nodes: &Nodes| -> Vec<Resolvent> {
            let curve = |points: &Vec<Point>| {
                along(spectrum, features, points.iter().map(|point| point.gamma))
            };
            nodes.0.iter().flat_map(curve).collect()
        };
        let (first, second) = (resolvents(&nodes[0]), resolvents(&nodes[1]));
        let second: Vec<_> = second.into_iter().map(|a| [a.conjugate(), a]).collect();
        let both = |a: &Resolvent, [bar, b]: &[Resolvent; 2]| {
            [product(spectrum, features, a, b), product(spectrum, features, a, bar)]
        };
        let parts = first.iter().flat_map(|a| second.iter().map(move |b| both(a, b))).collect();
        let [left, right] = nodes.map(|nodes| nodes.0.concat());
        Self { left, right, parts }
    }

    /// The loss at a time of this table.
    pub(crate) fn loss(&self, time: f64) -> f64 {
        let weights: Vec<Complex64> = self.right.iter().map(|point| point.weight(time)).collect();
        let mut total = Parts::default();
        for (point, row) in self.left.iter().zip(self.parts.chunks_exact(weights.len())) {
            let mut sum = Parts::default();
            for ([straight, crossed], weight) in row.iter().zip(&weights) {
                sum = sum + *straight * *weight + *crossed * weight.conj();
            }
            total = total + sum * point.weight(time);
        }
        Parts {
            mean: 2.0 * total.mean.re,
            variance: 2.0 * total.variance.re,
            rest: 2.0 * total.rest.re,
        }
        .loss()
    }
}

impl Parts<f64> {
    /// Sums the geometric series of the pole, equation (S18). At late times and for `N > r` its
    /// ratio is `1/(N − r)`.
    fn loss(self) -> f64 {
        let Self { mean, variance, rest } = self;
        if variance < SMALL * mean {
            return mean + variance + rest;
        }
        let left = 1.0 - rest / variance;
        if left > 0.0 { mean + variance / left } else { f64::INFINITY }
    }
}

/// The transform of each part at one pair, unprimed and primed.
fn product(
    spectrum: &DesignSpectrum,
    features: f64,
    a: &Resolvent,
    b: &Resolvent,
) -> Parts<Complex64> {
    let (mut shared, mut left, mut right) = (Complex64::ZERO, Complex64::ZERO, Complex64::ZERO);
    for (p, q) in a.lost.iter().zip(&b.lost) {
        let learned = (1.0 - p) * (1.0 - q);
        shared += learned;
        left += learned * p;
        right += learned * q;
    }
    let scale = features.recip();
    let e = (1.0 - scale * shared).inv();
    let (log_slope, ratio) = (a.slope / a.kappa, e / (a.kappa * b.kappa));
    // ∂e/∂γ, and (e − e(γ′, γ′))/(γ − γ′).
    let (e_slope, e_gap) =
        (-e * e * scale * left * log_slope, -e * e * b.slope * scale * right / b.kappa);
    let t1 = scale * (b.trace - a.trace) / (b.gamma - a.gamma);
    let unseen = spectrum.residual_mass();
    let mut parts =
        Parts { mean: unseen.into(), variance: unseen * (e - 1.0), rest: scale * unseen * t1 };
    for (k, (s, weight)) in spectrum.eigenvalues().iter().zip(spectrum.weights()).enumerate() {
        let (p, q) = (a.lost[k], b.lost[k]);
        let own = e_slope + e * log_slope * (1.0 - p - a.shift);
        let other = b.slope * *s * ratio * q + e_gap;
        let next = p * (e * b.next[k] + q * t1 + *s * p * q * (own + other));
        let mean_next = p * b.next[k] + a.next[k] * q;
        let diagonal = ratio * (*s * p * q) * (*s * p * q);
        parts.mean += *weight * (p * q + scale * mean_next);
        parts.variance += *weight * (p * q * (e - 1.0) + scale * diagonal);
        parts.rest += *weight * scale * (next - mean_next - diagonal);
    }
    parts * (a.gamma * b.gamma).inv()
}

impl Add for Parts<Complex64> {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        let variance = self.variance + other.variance;
        Self { mean: self.mean + other.mean, variance, rest: self.rest + other.rest }
    }
}

impl Mul<Complex64> for Parts<Complex64> {
    type Output = Self;

    fn mul(self, factor: Complex64) -> Self {
        Self {
            mean: self.mean * factor,
            variance: self.variance * factor,
            rest: self.rest * factor,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use asymscale_model::SparseModel;
    use asymscale_numerics::Hyperbola;
    use asymscale_sampling::{Design, Key};

    /// Two ways around the spectrum: a circle, and two arcs that a decade of steps makes out of it.
    #[test]
    fn both_paths_of_steps_give_the_same_loss() {
        let model = SparseModel::power_law(1.0, 1.5, 5.0).unwrap();
        let design = Design::sample(&model, 50, &mut Key::new(6).stream()).unwrap();
        let spectrum = DesignSpectrum::new(&design).unwrap();
        for features in [5.0, 30.0, 200.0] {
            for share in [0.1, 1.0, 1.9] {
                let rate = share / spectrum.feature_edge(features).unwrap();
                let arcs =
                    Pairs::new(&spectrum, features, Nodes::steps(Hyperbola::new(10.0), rate));
                for step in [10, 11, 30, 97] {
                    let circle = Pairs::new(&spectrum, features, Nodes::first_steps(step, rate));
                    let [a, b] = [&arcs, &circle].map(|pairs| pairs.loss(f64::from(step)));
                    // The transforms over a decade are good to 1e-6 of the first loss, 1.64.
                    assert!((a - b).abs() < 2e-6, "N = {features}, {share}, t = {step}: {a} {b}");
                }
            }
        }
    }
}
