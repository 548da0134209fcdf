//! A quadrature rule over the coordinates: sums over `i = 1 … M`, where `M = ∞` is allowed, from a
//! few hundred nodes. The sums are those of equations (19), (21) and (33) of
//! [`derivations`](crate::derivations).
//!
//! Short blocks are summed term by term, longer ones by the Gauss rule of the whole numbers, whose
//! length grows in proportion to `i`. Past [`SWITCH`] an infinite range goes on in `x = ln i`, so
//! that indices beyond any float pose no overflow; there a sum is an integral from half-integer to
//! half-integer, corrected at the lower end. Panels are as wide as the fastest of the powers
//! `λ ∝ i^{−(1+α)}`, `p ∝ i^{−β}` and `a² ∝ i^{β−1−α}` allows.

pub(crate) mod coverage;
pub(crate) mod listed;
pub(crate) mod rank;

use asymscale_model::{Activity, PowerLaw, SparseModel, Teacher};
use asymscale_numerics::{GAUSS_ORDER, gauss_gram, gauss_legendre};

/// Width of a panel in units of the logarithm of the fastest power.
const WIDTH: f64 = 2.0;
/// Widest block of whole numbers in `ln i`: 1/i is no polynomial on a wider one.
const WIDEST_BLOCK: f64 = 0.7;
/// Blocks shorter than this are summed term by term.
const SHORT: f64 = 2.0 * GAUSS_ORDER as f64;
/// From this coordinate on an infinite range is integrated in `ln i`; if the fastest power has an
/// exponent above 8, from [`SWITCH_PER_POWER`] times that exponent on.
const SWITCH: f64 = 512.0;
const SWITCH_PER_POWER: f64 = 64.0;
/// From this number of samples on, the probability to miss a coordinate just past the onset is 0 as
/// a float.
const BRANCHED: f64 = 100.0;
/// `−ln` of what is 0 as a float.
const VANISHED: f64 = 750.0;
/// Where nothing falls, panels are as wide as if this power did.
const SLOWEST: f64 = 0.5;
/// Below this expected count only the term linear in it matters, and panels may widen.
pub(crate) const RARE: f64 = 1e-10;
/// Below this value of [`Cut::nonlinearity`] times `G`, two orders of the response in `G` suffice.
pub(crate) const LINEAR: f64 = 1e-5;

/// One node: a coordinate, or a range of coordinates, with the quantities that the sums need.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Node {
    /// Quadrature weight × λ.
    pub(crate) mass: f64,
    /// λ.
    pub(crate) eigenvalue: f64,
    /// p.
    pub(crate) activity: f64,
    /// D p, the expected number of samples that activate it.
    pub(crate) count: f64,
    /// a²/D = λ/(D p); 0 where p = 0.
    pub(crate) scale: f64,
    /// (1 − p)^D, the probability that no sample activates it.
    pub(crate) miss: f64,
    /// 1 − (1 − p)^D.
    pub(crate) hit: f64,
    /// Quadrature weight: how many coordinates the node stands for.
    pub(crate) weight: f64,
    /// Quadrature weight × hit.
    pub(crate) seen: f64,
    /// Quadrature weight × g, the target energy; it is `mass` for an iid teacher.
    pub(crate) target: f64,
}

impl Node {
    pub(crate) fn new(mass: f64, eigenvalue: f64, activity: f64, scale: f64, samples: f64) -> Self {
        // Never active stays never active, also for infinitely many samples.
        let log_miss = if activity == 0.0 { 0.0 } else { samples * (-activity).ln_1p() };
        let count = if activity == 0.0 { 0.0 } else { samples * activity };
        let hit = -log_miss.exp_m1();
        let weight = mass / eigenvalue;
        Self {
            mass,
            eigenvalue,
            activity,
            count,
            scale,
            miss: log_miss.exp(),
            hit,
            weight,
            seen: weight * hit,
            target: mass,
        }
    }

    /// The same node with its quadrature weight from `weight/i` and `x = ln i`, for eigenvalues
    /// below the range of floats. Such a coordinate adds no variance, but it counts as seen like
    /// any other.
    fn with_weight(self, x: f64, weight_over_i: f64) -> Self {
        Self {
            weight: weight_over_i * x.exp(),
            seen: weight_over_i * (x + self.hit.ln()).exp(),
            ..self
        }
    }
}

/// Where the infinite range can be cut: everything from node `first`, at `x = ln i`, on.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Cut {
    pub(crate) first: usize,
    pub(crate) x: f64,
    /// `λ + 3a²/D` at the cut, which bounds all coordinates beyond. Times `G` it bounds the
    /// relative deviation of their responses from linear. Infinite where `a² → ∞`.
    pub(crate) nonlinearity: f64,
}

/// Powers of a rare coordinate: `p = e^{log_front − βx}`, `λ = e^{log_variance − (1+α)x}`, and the
/// target energy `g` if it is not λ.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Powers {
    pub(crate) alpha: f64,
    pub(crate) log_variance: f64,
    pub(crate) beta: f64,
    pub(crate) log_front: f64,
    pub(crate) target: Option<PowerLaw>,
    pub(crate) samples: f64,
}

impl Powers {
    fn node(&self, x: f64, weight_over_i: f64) -> Node {
        // Far out in an infinite range p underflows, though it is never 0.
        let activity = (self.log_front - self.beta * x).exp().max(f64::MIN_POSITIVE);
        let dense = self.samples == f64::INFINITY;
        let log_scale = self.drift() * x + self.log_variance - self.log_front;
        let mass = weight_over_i * (self.log_variance - self.alpha * x).exp();
        let scale = if dense { 0.0 } else { log_scale.exp() / self.samples };
        let eigenvalue = (self.log_variance - (1.0 + self.alpha) * x).exp();
        let mut node = Node::new(mass, eigenvalue, activity, scale, self.samples);
        if eigenvalue < f64::MIN_POSITIVE {
            node = node.with_weight(x, weight_over_i);
        }
        if let Some(law) = self.target {
            node.target = weight_over_i * (law.log_front - (law.exponent - 1.0) * x).exp();
        }
        node
    }

    /// `Σ λ_i` beyond `ln i = x`.
    pub(crate) fn mass_beyond(&self, x: f64) -> f64 {
        (self.log_variance - self.alpha * x).exp() / self.alpha
    }

    /// `Σ g_i` beyond `ln i = x`.
    pub(crate) fn target_beyond(&self, x: f64) -> f64 {
        match self.target {
            Some(law) => (law.log_front - (law.exponent - 1.0) * x).exp() / (law.exponent - 1.0),
            None => self.mass_beyond(x),
        }
    }

    fn fastest(&self) -> f64 {
        let target = self.target.map_or(0.0, |law| law.exponent);
        self.beta.max(1.0 + self.alpha).max(target)
    }

    /// Panel width in `ln i` at `x`: narrower while the count matters to all orders.
    fn panel_width(&self, x: f64) -> f64 {
        // Powers that are below floats need no width.
        let alive = |exponent: f64, log_front: f64| {
            if exponent * x > VANISHED + log_front { SLOWEST } else { exponent }
        };
        let variance = alive(1.0 + self.alpha, self.log_variance);
        let target = self.target.map_or(0.0, |law| alive(law.exponent, law.log_front));
        let fastest = self.beta.max(variance).max(target);
        WIDTH / if x >= self.rare_from() { self.slowest_smooth() } else { fastest }
    }

    /// The fastest power where counts matter to first order only.
    fn slowest_smooth(&self) -> f64 {
        let target = self.target.map_or(0.0, |law| law.exponent - 1.0);
        self.alpha.max(self.drift().abs()).max(target)
    }

    /// Exponent of `a² ∝ i^drift` among rare coordinates.
    pub(crate) fn drift(&self) -> f64 {
        self.beta - 1.0 - self.alpha
    }

    /// ln i where the expected count falls to [`RARE`].
    pub(crate) fn rare_from(&self) -> f64 {
        if self.beta == 0.0 {
            f64::INFINITY
        } else {
            (self.log_front + self.samples.ln() - RARE.ln()) / self.beta
        }
    }

    /// ln i beyond which the weights of coordinates that are seen, `Σ D p_i g_i/λ_i`, are below
    /// e^{−30}, where they grow so that rare ones may count: for a teacher of its own and `a² → ∞`.
    /// −∞ elsewhere.
    fn rare_targets_from(&self) -> f64 {
        let Some(law) = self.target.filter(|_| self.drift() >= 0.0) else {
            return f64::NEG_INFINITY;
        };
        let fall = law.exponent + self.beta - 2.0 - self.alpha;
        let log_front = self.log_front + self.samples.ln() + law.log_front - self.log_variance;
        (log_front - fall.ln() + 30.0) / fall
    }

    /// ln i beyond which the number of coordinates ever seen is below e^{−30}; infinite for β ≤ 1.
    fn negligible_from(&self) -> f64 {
        let excess = self.beta - 1.0;
        if excess > 0.0 {
            (self.log_front + self.samples.ln() - excess.ln() + 30.0) / excess
        } else {
            f64::INFINITY
        }
    }
}

/// The rule, for one model and one number of samples.
#[derive(Debug, Clone)]
pub(crate) struct CoordinateRule {
    pub(crate) nodes: Vec<Node>,
    /// How many of the nodes, the first, stand for the coordinates that tables list.
    pub(crate) listed: usize,
    /// Ascending; empty where the number of coordinates is finite.
    pub(crate) cuts: Vec<Cut>,
    /// The law beyond the always active coordinates (unused for tables).
    pub(crate) powers: Powers,
}

impl CoordinateRule {
    /// Nodes for `samples ≥ 1` (∞ allowed), extending as far as the coverage needs where the number
    /// of seen coordinates is finite. Cost: some 10 ns a node, a few hundred nodes.
    pub(crate) fn new(model: &SparseModel, samples: f64) -> Self {
        let rare = model.rare_law();
        // Without rare coordinates the powers are never asked.
        let unit = PowerLaw { log_front: 0.0, exponent: 1.0 };
        let [variance, activity] = rare.map_or([unit; 2], |law| [law.variance, law.activity]);
        let powers = Powers {
            alpha: variance.exponent - 1.0,
            log_variance: variance.log_front,
            beta: activity.exponent,
            log_front: activity.log_front,
            target: rare.filter(|_| !model.has_iid_teacher()).map(|law| law.target),
            samples,
        };
        let mut rule = Self { nodes: Vec::with_capacity(512), listed: 0, cuts: Vec::new(), powers };
        rule.push_listed(model);
        rule.push_always_active(model);
        if let Some(law) = rare {
            rule.push_range(powers, law.first, model.coordinates().as_f64());
        }
        if rule.is_infinite() && powers.beta > 1.0 && samples.is_finite() {
            rule.extend_to(powers.rare_from());
            rule.extend_to(powers.rare_targets_from());
        }
        rule
    }

    /// The coordinates below the onset that no table lists, which follow the laws of the rare ones
    /// but for their activity.
    fn push_always_active(&mut self, model: &SparseModel) {
        let listed = model.listed() as f64;
        let (Activity::PowerLaw { beta, onset }, Some(variance)) =
            (model.activity_law(), model.spectrum().tail())
        else {
            return;
        };
        let target = match model.teacher() {
            Teacher::Iid => None,
            other => other.tail(),
        };
        let always = Powers {
            alpha: variance.exponent - 1.0,
            log_variance: variance.log_front,
            beta: 0.0,
            log_front: 0.0,
            target,
            ..self.powers
        };
        if *beta > 0.0 {
            self.push_range(always, listed + 1.0, onset.floor().min(model.coordinates().as_f64()));
        }
    }

    /// Whether there are infinitely many coordinates, hence a tail to add in closed form.
    pub(crate) fn is_infinite(&self) -> bool {
        !self.cuts.is_empty()
    }

    /// Whether `Σ p_i` converges, so that finitely many coordinates are seen.
    pub(crate) fn counts_converge(&self) -> bool {
        !self.is_infinite() || (self.powers.beta > 1.0 && self.powers.samples.is_finite())
    }

    /// Whether the panels extend far enough for all sums at `G = e^v`.
    pub(crate) fn covers(&self, v: f64) -> bool {
        self.cuts.last().is_none_or(|cut| {
            let reached = v.exp() * cut.nonlinearity;
            // If `v` is NaN, no panels are added: the loop of the caller would not end.
            cut.x >= self.powers.negligible_from() || reached <= LINEAR || reached.is_nan()
        })
    }

    /// The rare coordinate at `ln i = x`, without weight.
    pub(crate) fn edge(&self, x: f64) -> Node {
        self.powers.node(x, 0.0)
    }

    /// Adds panels until they cover all sums at `G = e^v`.
    pub(crate) fn extend_for(&mut self, v: f64) {
        while !self.covers(v) {
            let x = self.cuts[self.cuts.len() - 1].x;
            self.push_panel(x);
        }
    }

    /// Adds panels up to `ln i = end`.
    pub(crate) fn extend_to(&mut self, end: f64) {
        while let Some(x) = self.cuts.last().map(|cut| cut.x).filter(|x| *x < end) {
            self.push_panel(x);
        }
    }

    /// Coordinates `first ..= last`; for `last = ∞` up to where panels in `ln i` begin.
    fn push_range(&mut self, powers: Powers, first: f64, last: f64) {
        let ratio = (WIDTH / powers.fastest()).min(WIDEST_BLOCK).exp_m1();
        // (1 − p)^D has a branch point at the onset, where p = 1, unless D is whole or large.
        let branched = powers.samples.fract() != 0.0 && powers.samples < BRANCHED;
        let growth = if branched { 0.5 } else { f64::INFINITY };
        let switch = SWITCH.max(SWITCH_PER_POWER * powers.fastest());
        let mut from = first;
        while from <= last {
            if last == f64::INFINITY && from >= switch && from > first {
                return self.begin_panels(powers, from);
            }
            let length = (from * ratio).min(growth * (from - first) + SHORT - 1.0);
            let length = length.floor().max(1.0).min(last - from + 1.0);
            self.push_block(powers, from, length);
            from += length;
        }
    }

    fn push_block(&mut self, powers: Powers, from: f64, length: f64) {
        let mut push = |i: f64, weight: f64| self.nodes.push(powers.node(i.ln(), weight / i));
        if length < SHORT {
            (0..length as u32).for_each(|k| push(from + f64::from(k), 1.0));
        } else {
            gauss_gram(length).for_each(|(k, weight)| push(from + k, weight));
        }
    }

    /// Prepares the coordinates from the whole number `from` to infinity, to be taken in
    /// `x = ln i`.
    fn begin_panels(&mut self, powers: Powers, from: f64) {
        // Σ_{i ≥ a} f(i) = ∫_{a−½}^∞ f + f'(a−½)/24 + …, the derivative as a central difference.
        for (i, weight) in [(from, 1.0 / 24.0), (from - 1.0, -1.0 / 24.0)] {
            self.nodes.push(powers.node(i.ln(), weight / i));
        }
        self.push_cut((from - 0.5).ln());
    }

    fn push_cut(&mut self, x: f64) {
        let edge = self.powers.node(x, 0.0);
        let growing = self.powers.drift() >= 0.0 && self.powers.samples.is_finite();
        let nonlinearity = if growing { f64::INFINITY } else { edge.eigenvalue + 3.0 * edge.scale };
        self.cuts.push(Cut { first: self.nodes.len(), x, nonlinearity });
    }

    fn push_panel(&mut self, x: f64) {
        let powers = self.powers;
        let half = 0.5 * powers.panel_width(x);
        for (z, weight) in gauss_legendre() {
            self.nodes.push(powers.node(x + half * (1.0 + z), half * weight));
        }
        self.push_cut(x + 2.0 * half);
    }
}
