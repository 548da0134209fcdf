//! What the samples show: seen coordinates and unseen mass, equation (33) of
//! [`derivations`](crate::derivations).

use crate::coordinates::{CoordinateRule, Node, SHORT, WIDEST_BLOCK, WIDTH};
use asymscale_model::{PowerLaw, SparseModel};
use asymscale_numerics::gauss_gram;
use serde::Serialize;

/// What `D` samples show of the coordinates, in expectation: equation (33) of
/// [`derivations`](crate::derivations).
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Coverage {
    /// The number of samples `D`.
    pub samples: f64,
    /// `S(D) = Σ 1 − (1 − p_i)^D`, the number of coordinates some sample activates; infinite for
    /// `M = ∞` unless `Σ p_i` converges.
    pub seen: f64,
    /// `U(D) = Σ λ_i (1 − p_i)^D`, the variance of the coordinates no sample activates.
    pub unseen_mass: f64,
    /// `min(S, D)`, to leading order the rank of the design and the number of features at which it
    /// is interpolated.
    pub threshold: f64,
}

/// `S(D)`.
pub(crate) fn seen(model: &SparseModel, rule: &CoordinateRule) -> f64 {
    if !rule.counts_converge() {
        return f64::INFINITY;
    }
    if !rule.is_infinite() && rule.nodes.iter().all(|node| node.hit == 1.0 || node.activity == 0.0)
    {
        return possible(model);
    }
    let samples = rule.powers.samples;
    let seen = |i: usize| -(samples * (-model.activity(i as f64)).ln_1p()).exp_m1();
    let sometimes = |i: &usize| model.activity(*i as f64) > 0.0;
    let listed = (1..=last_listed(model)).filter(sometimes).map(seen).sum::<f64>();
    listed + rule.seen_from(rule.listed)
}

/// `U(D)`; the rule must have been extended by [`CoordinateRule::extend_for_coverage`].
pub(crate) fn unseen_mass(model: &SparseModel, rule: &CoordinateRule) -> f64 {
    let listed = sum_of_listed(model, rule.powers.samples, |i, miss| model.eigenvalue(i) * miss);
    let part = |node: &Node| node.mass * node.miss;
    listed
        + steep_end(model, rule, part)
            .unwrap_or_else(|| unseen(rule, part, |x| rule.powers.mass_beyond(x)))
}

/// `Σ g_i (1 − p_i)^D`, likewise.
pub(crate) fn unseen_target(model: &SparseModel, rule: &CoordinateRule) -> f64 {
    let listed = sum_of_listed(model, rule.powers.samples, |i, miss| model.target_energy(i) * miss);
    let part = |node: &Node| node.target * node.miss;
    listed
        + steep_end(model, rule, part)
            .unwrap_or_else(|| unseen(rule, part, |x| rule.powers.target_beyond(x)))
}

/// `Σ g_i² (1 − p_i)^D [1 − (1 − p_i)^D]`, the variance of the unseen target energy.
pub(crate) fn unseen_squares(model: &SparseModel, rule: &CoordinateRule) -> f64 {
    let square = |i: f64, miss: f64| model.target_energy(i).powi(2) * miss * (1.0 - miss);
    let others = rule.nodes[rule.listed..].iter().filter(|node| node.mass != 0.0);
    // A node stands for `mass/λ` coordinates of the target energy `λ target/mass`.
    let of_node = |node: &Node| {
        node.target * (node.eigenvalue * (node.target / node.mass)) * node.miss * node.hit
    };
    sum_of_listed(model, rule.powers.samples, square) + others.map(of_node).sum::<f64>()
}

/// A sum over the coordinates that tables list, one by one, of a function of the coordinate and of
/// the probability to miss it. Nodes that many coordinates share are accurate against the largest
/// term of any of these, and not against a sum far below it, and their weights are not squared.
fn sum_of_listed(model: &SparseModel, samples: f64, part: impl Fn(f64, f64) -> f64) -> f64 {
    let one = |i: usize| {
        let (i, p) = (i as f64, model.activity(i as f64));
        let log_miss = if p == 0.0 { 0.0 } else { samples * (-p).ln_1p() };
        part(i, log_miss.exp())
    };
    (1..=last_listed(model)).map(one).sum()
}

/// The last coordinate that tables list.
fn last_listed(model: &SparseModel) -> usize {
    (model.listed() as f64).min(model.coordinates().as_f64()) as usize
}

/// Over a block of the rule, a probability to miss its coordinates that changes by a factor beyond
/// the exponential of this is none that a Gauss rule follows to 10 digits.
const STEEP: f64 = 12.0;
/// Blocks that follow it: such a factor is at most about the exponential of this.
const FOLLOWED: f64 = 2.0;

/// The sum over rare coordinates where the last of finitely many is all but surely seen, so that
/// those before it add less and less; `None` where it is not. Blocks are as short as the
/// probability to miss a coordinate asks for, from the last one down to where they add nothing.
fn steep_end(
    model: &SparseModel,
    rule: &CoordinateRule,
    part: impl Fn(&Node) -> f64,
) -> Option<f64> {
    let (powers, last) = (&rule.powers, model.coordinates().as_f64());
    let first =
        model.rare_law().map(|law| law.first).filter(|first| *first <= last && last.is_finite())?;
    // d ln miss / d ln i.
    let steepness = |i: f64| {
        let p = (powers.log_front - powers.beta * i.ln()).exp();
        powers.samples * powers.beta * p / (1.0 - p).max(0.0)
    };
    let width = (WIDTH / powers.fastest()).min(WIDEST_BLOCK);
    let falls = powers.target.map_or(0.0, |law| law.exponent).max(1.0 + powers.alpha);
    if steepness(last) * width < STEEP || steepness(last) < 2.0 * falls {
        return None;
    }
    let at = |i: f64, weight: f64| part(&powers.node(i.ln(), weight / i));
    let (mut sum, mut to) = (0.0, last);
    while to >= first {
        let length =
            (to * width.min(FOLLOWED / steepness(to))).floor().max(1.0).min(to - first + 1.0);
        let from = to - length + 1.0;
        let block: f64 = if length < SHORT {
            (0..length as u32).map(|k| at(from + f64::from(k), 1.0)).sum()
        } else {
            gauss_gram(length).map(|(k, weight)| at(from + k, weight)).sum()
        };
        sum += block;
        if block <= 0.1 * f64::EPSILON * sum {
            break;
        }
        to = from - 1.0;
    }
    Some(sum)
}

/// The part of all other coordinates.
fn unseen(rule: &CoordinateRule, part: impl Fn(&Node) -> f64, beyond: impl Fn(f64) -> f64) -> f64 {
    let powers = &rule.powers;
    let (end, cut) = counted(rule);
    let tail = cut.map_or(0.0, |x| {
        let activity = (powers.log_front - powers.beta * x).exp();
        let miss = (powers.samples * (-activity).ln_1p()).exp();
        miss * beyond(x)
    });
    tail + rule.nodes[rule.listed..end].iter().map(part).sum::<f64>()
}

/// `Σ g_i/λ_i (1 − (1 − p_i)^D)`, the weight energy of the seen coordinates; infinite where ever
/// rarer ones weigh ever more, `b + β ≤ 2 + α`.
pub(crate) fn seen_weights(rule: &CoordinateRule) -> f64 {
    let powers = &rule.powers;
    let (end, cut) = counted(rule);
    let tail = cut.map_or(0.0, |x| {
        let law = powers
            .target
            .unwrap_or(PowerLaw { log_front: powers.log_variance, exponent: 1.0 + powers.alpha });
        let fall = law.exponent + powers.beta - 2.0 - powers.alpha;
        if fall <= 0.0 {
            return f64::INFINITY;
        }
        let log_front = powers.log_front + powers.samples.ln() + law.log_front;
        (log_front - powers.log_variance - fall * x).exp() / fall
    });
    // Where eigenvalues are below the range of floats, quotients by them are not numbers.
    if tail == f64::INFINITY {
        return tail;
    }
    let seen = |node: &Node| node.target / node.eigenvalue * node.hit;
    tail + rule.nodes[..end].iter().map(seen).sum::<f64>()
}

impl CoordinateRule {
    /// The number of seen coordinates from node `first` on, for finite `Σ p_i`.
    pub(crate) fn seen_from(&self, first: usize) -> f64 {
        let (end, cut) = counted(self);
        let tail = cut.map_or(0.0, |x| {
            self.rarely_seen_from(
                x.max(self.cuts.iter().find(|cut| cut.first >= first).map_or(x, |cut| cut.x)),
            )
        });
        tail + self.nodes[first.min(end)..end].iter().map(|node| node.seen).sum::<f64>()
    }

    /// `Σ D p_i` beyond `ln i = x`, where coordinates are seen at most once; for `β > 1`.
    pub(crate) fn rarely_seen_from(&self, x: f64) -> f64 {
        let excess = self.powers.beta - 1.0;
        (self.powers.log_front + self.powers.samples.ln() - excess * x).exp() / excess
    }

    /// `Σ D² p_i²/λ_i` beyond the last node: the part of the second sum of equation (30) that is
    /// due to coordinates seen once. Infinite unless `2β > 2 + α`.
    pub(crate) fn rare_inverse_counts(&self) -> f64 {
        let powers = &self.powers;
        let Some(x) = self.cuts.last().map(|cut| cut.x) else { return 0.0 };
        let excess = 2.0 * powers.beta - 2.0 - powers.alpha;
        if excess <= 0.0 {
            return f64::INFINITY;
        }
        let log_front = 2.0 * (powers.samples.ln() + powers.log_front) - powers.log_variance;
        (log_front - excess * x).exp() / excess
    }

    /// Adds panels until no sample sees what lies beyond, or until its variance is 0 as a float.
    pub(crate) fn extend_for_coverage(&mut self) {
        let rare = self.powers.rare_from();
        if rare.is_finite() {
            let fall = self.powers.target.map_or(self.powers.alpha, |law| law.exponent - 1.0);
            self.extend_to(rare.min(700.0 / fall.min(self.powers.alpha)));
        }
    }
}

/// How many nodes to sum, and the `ln i` at which the tail after them begins: the first cut beyond
/// which a coordinate is seen at most once to the accuracy of floats, or else the last cut.
fn counted(rule: &CoordinateRule) -> (usize, Option<f64>) {
    let Some(last) = rule.cuts.len().checked_sub(1) else { return (rule.nodes.len(), None) };
    let rare = rule.powers.rare_from();
    let cut = rule.cuts[rule.cuts.partition_point(|cut| cut.x < rare).min(last)];
    (cut.first, Some(cut.x))
}

/// The number of coordinates that are ever active.
fn possible(model: &SparseModel) -> f64 {
    let listed = (1..=model.listed()).filter(|i| model.activity(*i as f64) == 0.0).count();
    model.coordinates().as_f64() - listed as f64
}
