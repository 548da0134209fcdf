//! The sums that the loss needs for a teacher whose weights differ from coordinate to coordinate:
//! equations (91) and (92) of [`derivations`](crate::derivations).

use crate::{
    coordinates::{CoordinateRule, LINEAR},
    response::Responder,
};

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
        let Some(law) = powers.target.filter(|_| linear) else { return };
        // g λ ∝ i^{−(b+1+α)}, and g λ/p.
        let fall = law.exponent + powers.alpha;
        let log_front = law.log_front + powers.log_variance;
        let squares = (log_front + 2.0 * v - fall * x).exp() / fall;
        let spread = if powers.samples.is_finite() {
            let rare = fall - powers.beta;
            (log_front - powers.log_front + 2.0 * v - rare * x).exp() / (powers.samples * rare)
        } else {
            0.0
        };
        let first = (v + beyond.ln()).exp();
        let second = squares * (1.0 - powers.samples.recip()) + responder.kurtosis() * spread;
        sums.learned += first - second;
        sums.slope += first - 2.0 * second;
        sums.squares -= 2.0 * squares * (-v).exp();
    }
}

/// Where almost all is learned, `t + dt/d ln G` is computed by itself: the two cancel.
const CANCELLED: f64 = 1e-3;
