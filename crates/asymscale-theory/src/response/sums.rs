//! The two functions of `G` that determine the loss, equation (21) of
//! [`derivations`](crate::derivations): how many directions are learned, `f`, and how much of the
//! variance is left, `T`.

use crate::{
    coordinates::{CoordinateRule, Cut, LINEAR, Node},
    response::trapezoid::{Grid, Table},
    response::{Responder, Response},
};

/// Sums over all coordinates at one value of the companion Stieltjes transform `G`; primes are
/// derivatives along `ln G`.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Sums {
    /// `ln G`.
    pub(crate) log_stieltjes: f64,
    /// `f = Σ (1 − t)`, the degrees of freedom.
    pub(crate) learned: f64,
    /// `f'`.
    pub(crate) learned_slope: f64,
    /// `f''`.
    pub(crate) learned_curvature: f64,
    /// `T = Σ λ t`.
    pub(crate) left: f64,
    /// `−T'`.
    pub(crate) left_slope: f64,
    /// `−T''`.
    pub(crate) left_curvature: f64,
    /// `S − f`, for a finite number `S` of seen coordinates.
    pub(crate) hidden: f64,
}

impl Sums {
    /// `G`.
    pub(crate) fn stieltjes(&self) -> f64 {
        self.log_stieltjes.exp()
    }

    /// Adds the response of a node. What a response gives per `λG` is multiplied by `λ` here, and
    /// by `G` in [`CoordinateRule::complete`].
    fn add(&mut self, node: &Node, stieltjes: f64, response: Response) {
        let gain = node.eigenvalue * stieltjes;
        let (slope, curvature) = (node.mass * response.slope, node.mass * response.curvature);
        self.learned += node.mass * response.learned;
        self.learned_slope += slope;
        self.learned_curvature += curvature;
        self.hidden += node.mass * response.hidden;
        self.left += node.mass * response.left;
        self.left_slope += slope * gain;
        self.left_curvature += curvature * gain;
    }
}

impl CoordinateRule {
    /// All sums at `G = e^log_stieltjes`; the rule must cover it.
    pub(crate) fn sums(&self, responder: &Responder, log_stieltjes: f64) -> Sums {
        let stieltjes = log_stieltjes.exp();
        let cut = self.cut_for(stieltjes);
        let end = cut.map_or(self.nodes.len(), |k| self.cuts[k].first);
        let mut sums = Sums { log_stieltjes, ..Sums::default() };
        for node in &self.nodes[..end] {
            sums.add(node, stieltjes, responder.response(node, stieltjes));
        }
        self.complete(responder, cut, &mut sums);
        sums
    }

    /// The responses of all nodes at `G = e^log_stieltjes`.
    pub(crate) fn responses(&self, responder: &Responder, log_stieltjes: f64) -> Vec<Response> {
        let stieltjes = log_stieltjes.exp();
        self.nodes.iter().map(|node| responder.response(node, stieltjes)).collect()
    }

    /// [`CoordinateRule::sums`] from the responses there. These may be those of a shorter rule that
    /// covers `G` as well, which has the same nodes up to the cut.
    pub(crate) fn sums_of(
        &self,
        responder: &Responder,
        log_stieltjes: f64,
        responses: &[Response],
    ) -> Sums {
        let stieltjes = log_stieltjes.exp();
        let cut = self.cut_for(stieltjes);
        let end = cut.map_or(self.nodes.len(), |k| self.cuts[k].first);
        let mut sums = Sums { log_stieltjes, ..Sums::default() };
        for (node, response) in self.nodes[..end].iter().zip(&responses[..end]) {
            sums.add(node, stieltjes, *response);
        }
        self.complete(responder, cut, &mut sums);
        sums
    }

    /// `Σ λ E[1/(1 + yχ)²] = T + dT/d ln G` of equation (22), also where nearly all is learned and
    /// the sum would cancel; the rule must cover `G`.
    pub(crate) fn squares(&self, responder: &Responder, log_stieltjes: f64) -> f64 {
        let stieltjes = log_stieltjes.exp();
        let cut = self.cut_for(stieltjes);
        let end = cut.map_or(self.nodes.len(), |k| self.cuts[k].first);
        let square = |node: &Node| node.mass * responder.square(node, stieltjes);
        let mut tail = Sums { log_stieltjes, ..Sums::default() };
        if let Some(cut) = cut {
            self.add_tail(responder, &self.cuts[cut], &mut tail);
        }
        self.nodes[..end].iter().rev().map(square).sum::<f64>() + (tail.left - tail.left_slope)
    }

    /// All sums at the points of a grid, at a much lower cost than one by one.
    pub(crate) fn sums_along(&self, responder: &Responder, grid: &Grid) -> Vec<Sums> {
        let at = |v: &f64| Sums { log_stieltjes: *v, ..Sums::default() };
        let mut all: Vec<Sums> = grid.log_stieltjes_values().iter().map(at).collect();
        let cuts: Vec<Option<usize>> =
            grid.stieltjes_values().iter().map(|g| self.cut_for(*g)).collect();
        let end = |cut: &Option<usize>| cut.map_or(self.nodes.len(), |cut| self.cuts[cut].first);
        let mut table = Table::default();
        // The larger `G`, the more nodes matter.
        let mut start = 0;
        for (index, node) in self.nodes.iter().enumerate() {
            start += cuts[start..].iter().take_while(|cut| end(cut) <= index).count();
            responder.responses(node, grid, start, &mut table, |k, response| {
                all[k].add(node, grid.stieltjes_values()[k], response);
            });
        }
        all.iter_mut().zip(cuts).for_each(|(sums, cut)| self.complete(responder, cut, sums));
        all
    }

    /// Multiplies by the factors that the sums over nodes lack, and adds the tail.
    fn complete(&self, responder: &Responder, cut: Option<usize>, sums: &mut Sums) {
        let stieltjes = sums.stieltjes();
        sums.learned *= stieltjes;
        sums.learned_slope *= stieltjes;
        sums.learned_curvature *= stieltjes;
        // Infinitely many seen coordinates leave infinitely many hidden.
        sums.hidden = if self.counts_converge() { sums.hidden * stieltjes } else { f64::INFINITY };
        if let Some(cut) = cut {
            self.add_tail(responder, &self.cuts[cut], sums);
        }
    }

    /// A fast guess of `f`, `f'` and `S − f`: the response of a coordinate is replaced by
    /// `h z/(1 + z)`, `z = λG/h`, where `h` is the probability that it is seen.
    pub(crate) fn rough_sums(&self, log_stieltjes: f64) -> Sums {
        let stieltjes = log_stieltjes.exp();
        let mut sums = Sums { log_stieltjes, ..Sums::default() };
        for node in &self.nodes {
            let rest = node.hit / (node.hit + node.eigenvalue * stieltjes);
            sums.learned += node.mass * rest;
            sums.learned_slope += node.mass * rest * rest;
            sums.hidden += node.seen * rest;
        }
        let tail = self.cuts.last().map_or(0.0, |cut| self.powers.mass_beyond(cut.x));
        sums.learned = stieltjes * (sums.learned + tail);
        sums.learned_slope = stieltjes * (sums.learned_slope + tail);
        sums
    }

    /// The first cut beyond which two orders of the response suffice, the last if there is none.
    pub(super) fn cut_for(&self, stieltjes: f64) -> Option<usize> {
        let last = self.cuts.len().checked_sub(1)?;
        Some(self.cuts.partition_point(|cut| cut.nonlinearity * stieltjes > LINEAR).min(last))
    }

    /// Adds what lies beyond a cut: `1 − t = λG − λ²G²(1 − 1/D + E z⁴/(Dp))`, sums of pure powers
    /// of `i`.
    fn add_tail(&self, responder: &Responder, cut: &Cut, sums: &mut Sums) {
        let powers = &self.powers;
        let (alpha, x, v, samples) = (powers.alpha, cut.x, sums.log_stieltjes, powers.samples);
        sums.left += powers.mass_beyond(x);
        let seen = if self.counts_converge() { self.seen_from(cut.first) } else { 0.0 };
        if cut.nonlinearity * v.exp() > LINEAR {
            // The panels have ended: no sample sees what lies beyond.
            sums.hidden += seen;
            return;
        }
        // ln λG of the law at coordinate 1.
        let front = v + powers.log_variance;
        let first = (front - alpha * x).exp() / alpha;
        // In logarithms, since G² may overflow.
        let faint = 1.0 + 2.0 * alpha;
        let squares = (2.0 * front - faint * x).exp() / faint;
        let log_spread = 2.0 * front + (powers.beta - faint) * x - powers.log_front;
        // With infinitely many samples counts do not fluctuate. This case is explicit because at
        // β = 1 + 2α the quotient would be ∞ · 0.
        let spread = if samples.is_finite() {
            log_spread.exp() / (samples * (faint - powers.beta))
        } else {
            0.0
        };
        let second = squares * (1.0 - samples.recip()) + responder.kurtosis() * spread;
        sums.learned += first - second;
        sums.learned_slope += first - 2.0 * second;
        sums.learned_curvature += first - 4.0 * second;
        sums.hidden += (seen - (first - second)).max(0.0);
        let lost = squares * (-v).exp();
        sums.left -= lost;
        sums.left_slope += lost;
        sums.left_curvature += lost;
    }
}
