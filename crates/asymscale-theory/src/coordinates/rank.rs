//! The expected rank of the design: rare coordinates collide in the same samples.
//!
//! For continuous amplitudes the rank of `X` is the maximum matching of samples to the coordinates
//! they activate (Karp & Sipser 1981; Bohman & Frieze 2011; Zdeborová & Mézard 2006). Its mean
//! follows from two cavity messages, `w` of coordinates and `y` of samples: equations (34) and (35)
//! of [`derivations`](crate::derivations).

use crate::coordinates::{CoordinateRule, Node};

/// Changes of the messages, in logarithm, below this end the iteration.
const TOLERANCE: f64 = 1e-14;
/// A bound on the iterations. Convergence is slowest near the crossover `S = D`, and faster than
/// this.
const ITERATIONS: usize = 20_000;

/// Once the logarithm of the product is below this, it only falls further, towards the fixed point
/// `y = 0`, `w = 1`. There every sample has a coordinate of its own, and the rank is `D`.
const SATURATED: f64 = -60.0;

/// `r̄` of equation (35) before it is capped at `min(S, D)`. The rule must extend to the rare
/// coordinates, and `Σ p_i` must converge.
pub(crate) fn mean_matching(rule: &CoordinateRule) -> f64 {
    let samples = rule.powers.samples;
    let mut free = vec![0.0; rule.nodes.len()];
    let rest = rare_activity(rule);
    // The iteration decreases from y = 1 to the largest fixed point.
    let mut log_product = 0.0;
    for _ in 0..ITERATIONS {
        let next = update(rule, log_product, &mut free) - rest;
        let change = (next - log_product).abs();
        log_product = next;
        if log_product < SATURATED {
            return samples;
        }
        if change <= TOLERANCE * (1.0 + log_product.abs()) {
            break;
        }
    }
    let covered: f64 = rule
        .nodes
        .iter()
        .zip(&free)
        .map(|(node, w)| node_share(node, *w, log_product, samples))
        .sum();
    covered - samples * log_product.exp_m1()
}

/// One step of equation (34): updates all `w` from the product of all `1 − p w`, and returns the
/// logarithm of the new product.
fn update(rule: &CoordinateRule, log_product: f64, free: &mut [f64]) -> f64 {
    // With a single sample every coordinate is free for it, also one that is always on.
    let (mut sum, others) = (0.0, rule.powers.samples - 1.0);
    for (node, w) in rule.nodes.iter().zip(free) {
        let y = sample_message(node, *w, log_product);
        *w = if others == 0.0 { 1.0 } else { (others * (-node.activity * y).ln_1p()).exp() };
        sum += node.weight * (-node.activity * *w).ln_1p();
    }
    sum
}

/// `y_i`, the product without the coordinate's own factor.
fn sample_message(node: &Node, w: f64, log_product: f64) -> f64 {
    (log_product.exp() / (1.0 - node.activity * w)).min(1.0)
}

fn node_share(node: &Node, w: f64, log_product: f64, samples: f64) -> f64 {
    let y = sample_message(node, w, log_product);
    let covered = -(samples * (-node.activity * y).ln_1p()).exp_m1();
    node.weight * (covered - node.count * y * w)
}

/// `Σ p_i` beyond the last node, where `w = 1`.
fn rare_activity(rule: &CoordinateRule) -> f64 {
    let powers = &rule.powers;
    let excess = powers.beta - 1.0;
    rule.cuts.last().map_or(0.0, |cut| (powers.log_front - excess * cut.x).exp() / excess)
}
