//! Coordinates as one-pass stochastic gradient descent sees them: quadrature nodes with the fourth
//! moment that the gradient noise feeds back, as far out as a run moves anything.

use super::Descent;
use crate::coordinates::CoordinateRule;
use asymscale_model::{Amplitude, RareLaw, SparseModel};
use asymscale_numerics::gauss_legendre;

/// What changes by less than this over a run stays as it is.
const STILL: f64 = 1e-9;
/// Panels reach until `ηλ` is this, for sums over all time; the rest is a series.
const SMALL_STEP: f64 = 1e-12;
/// Panels in `ln i` are this wide, in units of the logarithm of the fastest power.
const WIDTH: f64 = 2.0;
/// Where coordinates only grow, panels are this share of `ln i` wide: powers of `i` that fall
/// slower than `e^{−2}` a panel have then fallen little, faster ones to nothing.
const SHARE: f64 = 1.0 / 15.0;
/// Coordinates overshoot at 2 of these units of `ηE x⁴/λ`.
const CALM: f64 = 0.1;
/// A power that has fallen by this exponent is nothing.
const NOTHING: f64 = 40.0;

/// One node of the sums over coordinates.
#[derive(Debug, Clone, Copy)]
pub(super) struct Node {
    /// `λ`.
    pub(super) eigenvalue: f64,
    /// `E x⁴ − 2λ²` (`E x⁴ − λ²` of one-hot inputs): what of a coordinate's own error its gradient
    /// noise feeds back to it, beyond its share in the loss.
    pub(super) feedback: f64,
    /// Quadrature weight times `λ`.
    pub(super) mass: f64,
    /// Quadrature weight times the target energy `g`.
    pub(super) target: f64,
}

/// All coordinates.
#[derive(Debug, Clone)]
pub(super) struct Nodes {
    pub(super) list: Vec<Node>,
    /// Target energy of coordinates that are active, but learn nothing within the run.
    pub(super) still: f64,
    /// Target energy of coordinates that are never active.
    pub(super) never: f64,
    /// Whether the loss of other coordinates is gradient noise: not for one-hot inputs.
    pub(super) coupled: bool,
    /// `ln i` where the panels end, for infinitely many coordinates.
    pub(super) end: f64,
}

/// The laws of the rare coordinates in `x = ln i`.
#[derive(Debug, Clone, Copy)]
pub(super) struct RareNodes {
    law: RareLaw,
    log_fourth: f64,
    coupled: bool,
}

impl RareNodes {
    pub(super) fn of(model: &SparseModel) -> Option<Self> {
        let law = model.rare_law()?;
        let log_fourth = fourth_moment(model.amplitude()).ln();
        Some(Self { law, log_fourth, coupled: !model.is_one_hot() })
    }

    /// `d = β − 2(1 + α)`: how fast the growth of a coordinate grows with it.
    pub(super) fn growth_exponent(&self) -> f64 {
        self.law.beta() - 2.0 * self.law.variance.exponent
    }

    /// `b − 1`, and `1 + 2α`: how fast target energies and `λ²` fall, summed.
    pub(super) fn falls(&self) -> [f64; 2] {
        [self.law.target.exponent - 1.0, 2.0 * self.law.variance.exponent - 1.0]
    }

    /// `α`.
    pub(super) fn alpha(&self) -> f64 {
        self.law.alpha()
    }

    /// `β`.
    pub(super) fn beta(&self) -> f64 {
        self.law.beta()
    }

    /// `a²` as it would be at coordinate 1.
    pub(super) fn scale_front(&self) -> f64 {
        (self.law.variance.log_front - self.law.activity.log_front).exp()
    }

    /// Logarithms of `λ` and `g` as they would be at coordinate 1.
    pub(super) fn log_fronts(&self) -> [f64; 2] {
        [self.law.variance.log_front, self.law.target.log_front]
    }

    /// `β − 1 − α`, the exponent of `a²`.
    pub(super) fn drift(&self) -> f64 {
        self.law.beta() - self.law.variance.exponent
    }

    /// The first of the rare coordinates.
    pub(super) fn first(&self) -> f64 {
        self.law.first
    }

    /// `λ` as it would be at coordinate 1.
    pub(super) fn eigenvalue_front(&self) -> f64 {
        self.law.variance.log_front.exp()
    }

    /// `Σ λ_i` beyond `ln i = x`.
    pub(super) fn variance_beyond(&self, x: f64) -> f64 {
        (self.law.variance.log_front - self.alpha() * x).exp() / self.alpha()
    }

    /// `E x⁴/λ = a² E z⁴` at `ln i = x`.
    pub(super) fn scaled_fourth_moment(&self, x: f64) -> f64 {
        let front = self.law.variance.log_front - self.law.activity.log_front;
        (self.log_fourth + front + self.drift() * x).exp()
    }

    /// `ln E x⁴` at `ln i = x`.
    fn log_fourth_moment(&self, x: f64) -> f64 {
        let front = 2.0 * self.law.variance.log_front - self.law.activity.log_front;
        self.log_fourth + front + self.growth_exponent() * x
    }

    fn node(&self, x: f64, weight: f64) -> Node {
        let variance = self.law.variance;
        let eigenvalue = (variance.log_front - variance.exponent * x).exp();
        let fourth = self.log_fourth_moment(x).exp();
        Node {
            eigenvalue,
            feedback: feedback(fourth, eigenvalue, self.coupled),
            mass: weight * (variance.log_front - (variance.exponent - 1.0) * x).exp(),
            target: weight * self.target_density(x),
        }
    }

    fn target_density(&self, x: f64) -> f64 {
        let target = self.law.target;
        (target.log_front - (target.exponent - 1.0) * x).exp()
    }

    /// `ln i` from which on `λ · drift` is below [`STILL`].
    fn still_from(&self, drift: f64) -> f64 {
        (self.law.variance.log_front + (drift / STILL).ln()) / self.law.variance.exponent
    }

    /// `ln i` up to which a run can change anything that counts.
    fn reach(&self, moves: Moves) -> f64 {
        let still = self.still_from(moves.drift);
        let d = self.growth_exponent();
        let log_growth = self.log_fourth_moment(0.0) + (moves.growth / STILL).ln();
        let grown = if d < 0.0 { log_growth / -d } else { f64::INFINITY };
        let [target, square] = self.falls();
        let nothing = still.max(0.0) + NOTHING / target.min(square);
        still.max(grown.min(nothing))
    }

    fn width(&self, x: f64, moves: Moves) -> f64 {
        let law = self.law;
        let fastest = law.beta().max(law.variance.exponent).max(law.target.exponent);
        if x < self.still_from(moves.drift) {
            return WIDTH / fastest;
        }
        let growth = moves.growth * self.log_fourth_moment(x).exp();
        let smooth = WIDTH / (self.growth_exponent().abs() * (1.0 + growth).sqrt());
        (SHARE * x).min(smooth).max(WIDTH / fastest)
    }
}

/// How far a run can move coordinates: `λ · drift` and `E x⁴ · growth` are relative changes.
#[derive(Debug, Clone, Copy)]
pub(super) struct Moves {
    pub(super) drift: f64,
    pub(super) growth: f64,
}

impl Node {
    fn is_still(&self, moves: Moves) -> bool {
        self.eigenvalue * moves.drift <= STILL && self.feedback.abs() * moves.growth <= STILL
    }
}

impl Nodes {
    /// For runs of so many steps.
    pub(super) fn of_run(model: &SparseModel, descent: &Descent, steps: f64) -> Self {
        let moves = descent.moves(steps);
        let mut nodes = Self::listed_and_first(model, descent);
        if let Some(rare) = RareNodes::of(model).filter(|_| nodes.end.is_finite()) {
            nodes.extend(rare, rare.reach(moves), |x| rare.width(x, moves));
        }
        nodes.keep_moving(moves);
        nodes
    }

    /// For runs whose mean diverges after a few steps: out to where target energies and squares of
    /// variances fall by `e^{−40}`, if they fall with these exponents.
    pub(super) fn of_transient(
        model: &SparseModel,
        descent: &Descent,
        (rare, moves): (RareNodes, Moves),
        fall: f64,
    ) -> Self {
        let mut nodes = Self::listed_and_first(model, descent);
        let end = nodes.end.max(rare.still_from(moves.drift)) + NOTHING / fall;
        let still = rare.still_from(moves.drift);
        let fastest = rare.width(f64::NEG_INFINITY, moves);
        nodes.extend(rare, end, |x| if x < still { fastest } else { fastest.max(SHARE * x) });
        nodes
    }

    /// For sums over all time at one step size.
    pub(super) fn of_kernel(model: &SparseModel, descent: &Descent) -> Self {
        let moves = Moves { drift: descent.rate * STILL / SMALL_STEP, growth: 0.0 };
        let mut nodes = Self::listed_and_first(model, descent);
        if let Some(rare) = RareNodes::of(model).filter(|_| nodes.end.is_finite()) {
            nodes.extend(rare, rare.still_from(moves.drift), |x| rare.width(x, moves));
        }
        nodes
    }

    /// Everything before the panels of infinitely many coordinates.
    fn listed_and_first(model: &SparseModel, descent: &Descent) -> Self {
        let rule = CoordinateRule::new(model, f64::INFINITY);
        let end = rule.cuts.last().map_or(f64::INFINITY, |cut| cut.x);
        let coupled = !model.is_one_hot();
        let mut nodes = Self { list: Vec::new(), still: 0.0, never: 0.0, coupled, end };
        let (rare, fourth) = (RareNodes::of(model), fourth_moment(model.amplitude()));
        let listed = (model.listed() as f64).min(model.coordinates().as_f64()) as usize;
        let shared = rule.listed < listed && is_calm(model, listed, descent);
        if rule.listed < listed && !shared {
            (1..=listed).for_each(|i| nodes.push(&listed_node(model, i as f64), rare, fourth));
        } else {
            rule.nodes[..rule.listed].iter().for_each(|node| nodes.push(node, rare, fourth));
        }
        rule.nodes[rule.listed..].iter().for_each(|node| nodes.push(node, rare, fourth));
        nodes
    }

    fn push(&mut self, node: &crate::coordinates::Node, rare: Option<RareNodes>, fourth: f64) {
        let (eigenvalue, activity) = (node.eigenvalue, node.activity);
        if activity == 0.0 {
            self.never += node.target;
        } else if eigenvalue < f64::MIN_POSITIVE {
            self.still += node.target;
        } else {
            let fourth = match rare {
                // Where p is below floats, which a coordinate of a table never is.
                Some(rare) if activity <= f64::MIN_POSITIVE => {
                    let variance = rare.law.variance;
                    let x = (variance.log_front - eigenvalue.ln()) / variance.exponent;
                    rare.log_fourth_moment(x).exp()
                }
                _ => fourth * eigenvalue * (eigenvalue / activity),
            };
            let feedback = feedback(fourth, eigenvalue, self.coupled);
            self.list.push(Node { eigenvalue, feedback, mass: node.mass, target: node.target });
        }
    }

    /// Adds panels in `ln i`, and the target energy beyond them.
    fn extend(&mut self, rare: RareNodes, end: f64, width: impl Fn(f64) -> f64) {
        while self.end < end {
            let half = 0.5 * width(self.end);
            for (z, weight) in gauss_legendre() {
                self.list.push(rare.node(self.end + half * (1.0 + z), half * weight));
            }
            self.end += 2.0 * half;
        }
        self.still += rare.target_density(self.end) / rare.falls()[0];
    }

    /// Takes out what a run does not move.
    fn keep_moving(&mut self, moves: Moves) {
        let still: f64 =
            self.list.iter().filter(|node| node.is_still(moves)).map(|n| n.target).sum();
        self.still += still;
        self.list.retain(|node| !node.is_still(moves));
    }
}

/// Whether coordinates of a table may share nodes, whose scales are up to `e²` of their own: where
/// none is near overshooting.
fn is_calm(model: &SparseModel, listed: usize, descent: &Descent) -> bool {
    let largest = (1..=listed).map(|i| model.scale_squared(i as f64)).fold(0.0, f64::max);
    let overshoot = descent.rate * largest * fourth_moment(model.amplitude());
    overshoot <= CALM * descent.batch * (1.0 - descent.momentum)
}

fn listed_node(model: &SparseModel, i: f64) -> crate::coordinates::Node {
    let (eigenvalue, activity) = (model.eigenvalue(i), model.activity(i));
    let node = crate::coordinates::Node::new(eigenvalue, eigenvalue, activity, 0.0, f64::INFINITY);
    crate::coordinates::Node { target: model.target_energy(i), ..node }
}

fn feedback(fourth: f64, eigenvalue: f64, coupled: bool) -> f64 {
    fourth - if coupled { 2.0 } else { 1.0 } * eigenvalue * eigenvalue
}

/// `E z⁴`.
pub(super) fn fourth_moment(amplitude: Amplitude) -> f64 {
    match amplitude {
        Amplitude::Gaussian => 3.0,
        Amplitude::Rademacher => 1.0,
    }
}
