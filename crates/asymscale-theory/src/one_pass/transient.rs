//! Means that diverge after a few steps: infinitely many coordinates with `β > 2(1 + α)`, equation
//! (102) of [`derivations`](crate::derivations).
//!
//! Second moments of rare coordinates are powers of `i` that grow with every step, beyond any
//! float, while their weights fall below any: each node has a scale of its own.

use super::nodes::{Node, Nodes, RareNodes};
use super::{Descent, OnePass};

/// Powers that change by less than this share of their exponent are taken as they are.
const SLIGHT: f64 = 0.1;

/// One node: its part of the loss and of its moments with the last move, in units of `e^log`.
#[derive(Debug, Clone, Copy)]
struct Scaled {
    log: f64,
    error: f64,
    cross: f64,
    moved: f64,
}

/// From which step on the mean is infinite; none if it never is, or if powers hardly change within
/// so many steps.
pub(super) fn divergence(one_pass: &OnePass, steps: u64) -> Option<f64> {
    let model = &one_pass.model;
    let rare = RareNodes::of(model).filter(|_| model.coordinates().is_infinite())?;
    let growth = rare.growth_exponent();
    let [target, square] = rare.falls();
    let fed = if model.is_one_hot() && one_pass.descent.noise == 0.0 {
        f64::INFINITY
    } else {
        1.0 + square / growth
    };
    let grows = growth * steps as f64 > SLIGHT * target.min(square);
    grows.then(|| (target / growth).min(fed).ceil())
}

/// The losses after `1 ..= steps` steps, before the mean diverges.
pub(super) fn losses(one_pass: &OnePass, steps: u64) -> Vec<f64> {
    let Some(rare) = RareNodes::of(&one_pass.model) else { return Vec::new() };
    let (growth, [target, square]) = (rare.growth_exponent(), rare.falls());
    let grown = steps as f64 * growth;
    let fall = (target - grown).min(square - grown + growth).min(target).min(square);
    let moves = one_pass.descent.moves(steps as f64);
    let nodes = Nodes::of_transient(
        &one_pass.model,
        &one_pass.descent,
        (rare, moves),
        fall.max(f64::MIN_POSITIVE),
    );
    let start = |node: &Node| Scaled { log: 0.0, error: node.target, cross: 0.0, moved: 0.0 };
    let mut states: Vec<Scaled> = nodes.list.iter().map(start).collect();
    let mut loss: f64 = states.iter().map(|state| state.error).sum();
    let mut advance = |step| {
        let rate = one_pass.schedule.rate_at(step);
        let acting = nodes.noise(&one_pass.descent) + if nodes.coupled { loss } else { 0.0 };
        let pairs = states.iter_mut().zip(&nodes.list);
        loss = pairs.map(|(state, node)| state.step(node, &one_pass.descent, rate, acting)).sum();
        loss + nodes.still + nodes.never
    };
    (0..steps).map(&mut advance).collect()
}

impl Scaled {
    /// One step; returns the part of the loss.
    fn step(&mut self, node: &Node, descent: &Descent, rate: f64, acting: f64) -> f64 {
        let (gain, pull) = (rate * rate / descent.batch, rate * node.eigenvalue);
        let input = gain * acting * node.mass * node.eigenvalue * (-self.log).exp();
        let (v, w, momentum) = (self.error, self.cross, descent.momentum);
        let ahead = momentum * w - pull * v;
        let next = momentum * (momentum * self.moved - 2.0 * pull * w)
            + (pull * pull + gain * node.feedback) * v
            + input;
        let error = v + 2.0 * ahead + next;
        if error <= 0.0 {
            *self = Self { error: 0.0, cross: 0.0, moved: 0.0, ..*self };
            return 0.0;
        }
        self.log += error.ln();
        *self = Self { error: 1.0, cross: (ahead + next) / error, moved: next / error, ..*self };
        self.log.exp()
    }
}
