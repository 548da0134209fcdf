//! The two functions everything is made of, at one resolution: how many directions are learned, and
//! how much of the variance is left.

use crate::{
    coordinates::{CoordinateRule, Cut, LINEAR, Node},
    response::trapezoid::{Grid, Table},
    response::{Responder, Response},
};

/// Sums over all coordinates at one resolution `G = g D`; derivatives are by `ln G`.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Sums {
    /// `ln G`.
    pub(crate) log_resolution: f64,
    /// `f = Σ (1 − t)`.
    pub(crate) learned: f64,
    /// `f'`.
    pub(crate) learned_slope: f64,
    /// `f''`.
    pub(crate) learned_bend: f64,
    /// `T = Σ λ t`.
    pub(crate) left: f64,
    /// `−T'`.
    pub(crate) left_slope: f64,
    /// `−T''`.
    pub(crate) left_bend: f64,
    /// `S − f`, for a finite number `S` of seen coordinates.
    pub(crate) hidden: f64,
}

impl Sums {
    /// `G`.
    pub(crate) fn resolution(&self) -> f64 {
        self.log_resolution.exp()
    }

    /// Adds the response of a node; responses of learning come per `λG`, and `G` is put in at the end.
    fn add(&mut self, node: &Node, resolution: f64, response: Response) {
        let gain = node.eigenvalue * resolution;
        let (slope, bend) = (node.mass * response.slope, node.mass * response.bend);
        self.learned += node.mass * response.learned;
        self.learned_slope += slope;
        self.learned_bend += bend;
        self.hidden += node.mass * response.hidden;
        self.left += node.mass * response.left;
        self.left_slope += slope * gain;
        self.left_bend += bend * gain;
    }
}

impl CoordinateRule {
    /// All sums at `G = e^log_resolution`; the rule must resolve it.
    pub(crate) fn sums(&self, responder: &Responder, log_resolution: f64) -> Sums {
        let resolution = log_resolution.exp();
        let cut = self.cut_for(resolution);
        let end = cut.map_or(self.nodes.len(), |k| self.cuts[k].first);
        let mut sums = Sums { log_resolution, ..Sums::default() };
        for node in &self.nodes[..end] {
            sums.add(node, resolution, responder.response(node, resolution));
        }
        self.complete(responder, cut, &mut sums);
        sums
    }

    /// `Σ λ E[1/(1 + yχ)²]`, which is `T − dT/d ln(1/G)`, without the digits that this difference loses where nearly all is
    /// learned; the rule must resolve `G`.
    pub(crate) fn squares(&self, responder: &Responder, log_resolution: f64) -> f64 {
        let resolution = log_resolution.exp();
        let cut = self.cut_for(resolution);
        let end = cut.map_or(self.nodes.len(), |k| self.cuts[k].first);
        let square = |node: &Node| node.mass * responder.square(node, resolution);
        let mut tail = Sums { log_resolution, ..Sums::default() };
        if let Some(cut) = cut {
            self.add_tail(responder, &self.cuts[cut], &mut tail);
        }
        self.nodes[..end].iter().rev().map(square).sum::<f64>() + (tail.left - tail.left_slope)
    }

    /// All sums at the resolutions of a grid, for much less than one by one.
    pub(crate) fn sums_along(&self, responder: &Responder, grid: &Grid) -> Vec<Sums> {
        let at = |v: &f64| Sums { log_resolution: *v, ..Sums::default() };
        let mut all: Vec<Sums> = grid.log_resolutions().iter().map(at).collect();
        let cuts: Vec<Option<usize>> = grid.resolutions().iter().map(|g| self.cut_for(*g)).collect();
        let end = |cut: &Option<usize>| cut.map_or(self.nodes.len(), |cut| self.cuts[cut].first);
        let mut table = Table::default();
        // The higher the resolution, the more nodes matter.
        let mut start = 0;
        for (index, node) in self.nodes.iter().enumerate() {
            start += cuts[start..].iter().take_while(|cut| end(cut) <= index).count();
            responder.responses(node, grid, start, &mut table, |k, response| {
                all[k].add(node, grid.resolutions()[k], response);
            });
        }
        all.iter_mut().zip(cuts).for_each(|(sums, cut)| self.complete(responder, cut, sums));
        all
    }

    /// Puts in the factors and the tail that the sums over nodes lack.
    fn complete(&self, responder: &Responder, cut: Option<usize>, sums: &mut Sums) {
        let resolution = sums.resolution();
        sums.learned *= resolution;
        sums.learned_slope *= resolution;
        sums.learned_bend *= resolution;
        // Infinitely many seen coordinates leave infinitely many hidden.
        sums.hidden = if self.counts_converge() { sums.hidden * resolution } else { f64::INFINITY };
        if let Some(cut) = cut {
            self.add_tail(responder, &self.cuts[cut], sums);
        }
    }

    /// `f`, `f'` and `S − f` with the response of a coordinate replaced by `h z/(1 + z)`, `z = λG/h`,
    /// where `h` is the chance that it is seen: a fast guess.
    pub(crate) fn rough_sums(&self, log_resolution: f64) -> Sums {
        let resolution = log_resolution.exp();
        let mut sums = Sums { log_resolution, ..Sums::default() };
        for node in &self.nodes {
            let rest = node.hit / (node.hit + node.eigenvalue * resolution);
            sums.learned += node.mass * rest;
            sums.learned_slope += node.mass * rest * rest;
            sums.hidden += node.seen * rest;
        }
        let tail = self.cuts.last().map_or(0.0, |cut| (-self.powers.alpha * cut.x).exp() / self.powers.alpha);
        sums.learned = resolution * (sums.learned + tail);
        sums.learned_slope = resolution * (sums.learned_slope + tail);
        sums
    }

    /// The first cut beyond which two orders of the response suffice, the last if there is none.
    fn cut_for(&self, resolution: f64) -> Option<usize> {
        let last = self.cuts.len().checked_sub(1)?;
        Some(self.cuts.partition_point(|cut| cut.reach * resolution > LINEAR).min(last))
    }

    /// Adds what lies beyond a cut: `1 − t = λG − λ²G²(1 − 1/D + E z⁴/(Dp))`, sums of pure powers of
    /// `i`.
    fn add_tail(&self, responder: &Responder, cut: &Cut, sums: &mut Sums) {
        let powers = &self.powers;
        let (alpha, x, v, samples) = (powers.alpha, cut.x, sums.log_resolution, powers.samples);
        let mass = (-alpha * x).exp() / alpha;
        sums.left += mass;
        let seen = if self.counts_converge() { self.seen_from(cut.first) } else { 0.0 };
        if cut.reach * v.exp() > LINEAR {
            // The end of all panels: no sample ever sees what lies beyond.
            sums.hidden += seen;
            return;
        }
        let first = (v - alpha * x).exp() / alpha;
        // In logarithms, since G² may overflow.
        let faint = 1.0 + 2.0 * alpha;
        let squares = (2.0 * v - faint * x).exp() / faint;
        let log_spread = 2.0 * v + (powers.beta - faint) * x - powers.log_front;
        // With infinitely many samples counts do not fluctuate: said outright, since at β = 1 + 2α the quotient is ∞ · 0.
        let spread =
            if samples.is_finite() { log_spread.exp() / (samples * (faint - powers.beta)) } else { 0.0 };
        let second = squares * (1.0 - samples.recip()) + responder.kurtosis() * spread;
        sums.learned += first - second;
        sums.learned_slope += first - 2.0 * second;
        sums.learned_bend += first - 4.0 * second;
        sums.hidden += (seen - (first - second)).max(0.0);
        let lost = squares * (-v).exp();
        sums.left -= lost;
        sums.left_slope += lost;
        sums.left_bend += lost;
    }
}
