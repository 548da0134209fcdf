//! The sums that the loss needs for a teacher whose weights differ from coordinate to coordinate:
//! equations (91) and (92) of [`derivations`](crate::derivations).

use crate::{
    coordinates::{CoordinateRule, LINEAR},
    response::{Responder, complex::Ray},
};
use num_complex::Complex64;

/// Sums over all coordinates at one `G`, with the weight energies `τ_i = g_i/λ_i`.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct TeacherSums {
    /// `Σ g E[1/(1 + yχ)²] = Σ g (t + dt/d ln G)`.
    pub(crate) squares: f64,
    /// `Σ τ (1 − t)`.
    pub(crate) learned: f64,
    /// `−Σ τ dt/d ln G`.
    pub(crate) slope: f64,
}

impl CoordinateRule {
    /// The sums at `G = e^log_stieltjes`; the rule must cover it.
    pub(crate) fn teacher_sums(&self, responder: &Responder, log_stieltjes: f64) -> TeacherSums {
        let stieltjes = log_stieltjes.exp();
        let cut = self.cut_for(stieltjes);
        let end = cut.map_or(self.nodes.len(), |k| self.cuts[k].first);
        let mut sums = TeacherSums::default();
        // The rarest, which matter least, first.
        for node in self.nodes[..end].iter().rev() {
            let response = responder.response(node, stieltjes);
            let gain = node.eigenvalue * stieltjes;
            let square = response.left - gain * response.slope;
            let square = if square < CANCELLED * response.left {
                responder.square(node, stieltjes)
            } else {
                square
            };
            sums.squares += node.target * square;
            sums.learned += node.target * response.learned;
            sums.slope += node.target * response.slope;
        }
        sums.learned *= stieltjes;
        sums.slope *= stieltjes;
        if let Some(cut) = cut {
            let linear = self.cuts[cut].nonlinearity * stieltjes <= LINEAR;
            self.add_teacher_tail(responder, (self.cuts[cut].x, linear), log_stieltjes, &mut sums);
        }
        sums
    }

    /// Adds what lies beyond a cut, sums of pure powers of `i`. Where no sample sees what lies
    /// there (`linear` is false), nothing of it is learned.
    fn add_teacher_tail(
        &self,
        responder: &Responder,
        (x, linear): (f64, bool),
        v: f64,
        sums: &mut TeacherSums,
    ) {
        let powers = &self.powers;
        let beyond = powers.target_beyond(x);
        sums.squares += beyond;
        if !linear {
            return;
        }
        let (squares, second) = self.teacher_squares(responder, x, v);
        let first = (v + beyond.ln()).exp();
        sums.learned += first - second;
        sums.slope += first - 2.0 * second;
        sums.squares -= 2.0 * squares * (-v).exp();
    }
}

/// Two of the sums at a complex `G`, for gradient flow.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct ComplexTeacherSums {
    /// `Σ g t`.
    pub(crate) left: Complex64,
    /// `Σ τ (1 − t)`.
    pub(crate) learned: Complex64,
}

impl CoordinateRule {
    /// The sums at `stieltjes`; the rule must cover its modulus.
    pub(crate) fn complex_teacher_sums(
        &self,
        responder: &Responder,
        stieltjes: Complex64,
    ) -> ComplexTeacherSums {
        let modulus = stieltjes.norm();
        let cut = self.cut_for(modulus);
        let end = cut.map_or(self.nodes.len(), |k| self.cuts[k].first);
        let mut ray = Ray::new(stieltjes);
        let mut sums = ComplexTeacherSums::default();
        for node in self.nodes[..end].iter().filter(|node| node.eigenvalue > 0.0) {
            let (learned, _) = responder.complex_response(node, &mut ray);
            sums.left += node.target * (1.0 - learned);
            sums.learned += node.target / node.eigenvalue * learned;
        }
        let Some(cut) = cut.map(|k| self.cuts[k]) else { return sums };
        let beyond = self.powers.target_beyond(cut.x);
        sums.left += beyond;
        if cut.nonlinearity * modulus <= LINEAR {
            let (squares, second) = self.teacher_squares(responder, cut.x, modulus.ln());
            let turn = (stieltjes / modulus).powi(2);
            sums.learned += stieltjes * beyond - turn * second;
            sums.left -= turn * squares / stieltjes;
        }
        sums
    }

    /// Beyond `ln i = x`, at `ln G = v`: `G² Σ g λ`, and `G² Σ g λ (1 − 1/D + E z⁴/(Dp))`, the
    /// second order of `Σ τ (1 − t)`. Both are 0 without target energies of their own.
    fn teacher_squares(&self, responder: &Responder, x: f64, v: f64) -> (f64, f64) {
        let powers = &self.powers;
        let Some(law) = powers.target else { return (0.0, 0.0) };
        // g λ ∝ i^{−(b+1+α)}.
        let fall = law.exponent + powers.alpha;
        let log_front = law.log_front + powers.log_variance + 2.0 * v;
        let squares = (log_front - fall * x).exp() / fall;
        if powers.samples == f64::INFINITY {
            return (squares, squares);
        }
        let rare = fall - powers.beta;
        let over_activity = (log_front - powers.log_front - rare * x).exp() / rare;
        let spread = responder.kurtosis() * over_activity / powers.samples;
        (squares, squares * (1.0 - powers.samples.recip()) + spread)
    }
}

/// Where almost all is learned, `t + dt/d ln G` is computed by itself: the two cancel.
const CANCELLED: f64 = 1e-3;
