//! Constant step sizes at late times: the loss as an inverse transform, equation (106)
//! of [`derivations`](crate::derivations). Its cost does not depend on the number of steps.

use super::{Descent, nodes::Nodes, recursion::State};
use asymscale_numerics::{Bracket, Hyperbola, bisect_while};
use num_complex::Complex64;

/// From so many steps on, what decays within few steps is gone.
const LATE: f64 = 2000.0;
/// A share `e^{−DECAYED}` is nothing.
const DECAYED: f64 = 32.0;
/// A mode of its own that has decayed by this exponent is not asked.
const GONE: f64 = 60.0;
/// Points of the contour, for 12 digits.
const POINTS: usize = 14;
/// Negative rates of decay within this share of the largest positive one are not gone by then.
const ALTERNATING: f64 = 0.98;
/// A float below `e^{−746}` is 0.
const NOTHING_LOG: f64 = -746.0;
/// A float is at most `e^{709}`.
const LARGEST_LOG: f64 = 709.0;

/// One node, with all that does not depend on where the transform is asked for.
#[derive(Debug, Clone, Copy)]
struct Mode {
    /// `1 − q`, the decay over one step; with momentum what (104) has in its place.
    decay: f64,
    /// `1 + μ − ηλ`.
    turn: f64,
    input: f64,
    error: f64,
    with_last: f64,
    last: f64,
}

/// The transform of the loss from a state on.
#[derive(Debug, Clone)]
pub(super) struct Transform {
    modes: Vec<Mode>,
    momentum: f64,
    /// `η²/B`.
    gain: f64,
    coupled: bool,
    noise: f64,
    /// Logarithm of the fastest growth of second moments, of the slowest decay if negative.
    pub(super) growth: f64,
    limit: Option<Limit>,
}

/// The sums of the transform at one point, and how far they are from those at `ρ = 1`, over
/// `ρ − 1`: differences keep their digits.
#[derive(Debug, Clone, Copy, Default)]
struct Sums {
    start: Complex64,
    kernel: Complex64,
    start_slope: Complex64,
    kernel_slope: Complex64,
}

/// The sums at `ρ = 1`, where the mean is stable.
#[derive(Debug, Clone, Copy)]
struct Limit {
    start: f64,
    kernel: f64,
}

impl Transform {
    /// From `state` on, up to `steps` steps later.
    pub(super) fn new(nodes: &Nodes, descent: &Descent, state: &State, steps: f64) -> Self {
        let Descent { rate, batch, momentum, .. } = *descent;
        let gain = rate * rate / batch;
        let mode = |(k, node): (usize, &super::nodes::Node)| {
            let (pull, error) = (rate * node.eigenvalue, state.error[k]);
            let (cross, moved) = state.moves.as_ref().map_or((0.0, 0.0), |(w, y)| (w[k], y[k]));
            let friction = (1.0 - momentum) / (1.0 + momentum);
            Mode {
                decay: friction * pull * (2.0 * (1.0 + momentum) - pull) - gain * node.feedback,
                turn: 1.0 + momentum - pull,
                input: node.mass * node.eigenvalue,
                error,
                with_last: error - cross,
                last: error - 2.0 * cross + moved,
            }
        };
        let modes = nodes.list.iter().enumerate().map(mode).collect();
        let (coupled, noise) = (nodes.coupled, nodes.noise(descent));
        let mut transform =
            Self { modes, momentum, gain, coupled, noise, growth: 0.0, limit: None };
        transform.growth = transform.fastest_growth(steps);
        if transform.is_above(0.0) {
            let sums = transform.sums(1.0.into(), 0.0.into(), |_| true);
            transform.limit = Some(Limit { start: sums.start.re, kernel: sums.kernel.re });
        }
        transform
    }

    /// From how many steps on it holds; infinite where only the recursion does.
    pub(super) fn valid_from(&self) -> f64 {
        // From there on all but the floor is 0 as a float.
        let over = if self.growth < 0.0 { NOTHING_LOG / self.growth } else { f64::INFINITY };
        self.resolved_from().min(over)
    }

    fn resolved_from(&self) -> f64 {
        if self.modes.is_empty() {
            return 0.0;
        }
        // Rotating modes decay as μ; half-way to it nothing alternates but what is asked here.
        let rotating = if self.momentum > 0.0 { self.growth - self.momentum.ln() } else { 1.0 };
        let top = self.growth.exp();
        let left = -top * ALTERNATING.max((-0.5 * rotating).exp());
        let alternating = self.modes.iter().filter(|mode| self.real_decay(mode, left - 1.0) > 0.0);
        let kernel: f64 =
            self.modes.iter().map(|mode| mode.input / self.real_decay(mode, left - 1.0)).sum();
        let lifted = usize::from(self.coupled && self.gain * kernel > 1.0);
        if alternating.count() > lifted {
            return f64::INFINITY;
        }
        if rotating > 0.0 { LATE.max(2.0 * DECAYED / rotating) } else { f64::INFINITY }
    }

    /// The loss of the nodes `steps` steps after the state.
    pub(super) fn loss(&self, steps: f64) -> f64 {
        // e^s Σ L(t) e^{−s(t+1)} at t is Σ L(t) e^{−s(t+1)} at t + 1.
        let time = steps + 1.0;
        let contour = Hyperbola::of_one_time(time, POINTS);
        let gone = (self.growth - GONE / time).exp_m1();
        // A mode of its own that has decayed would only add rounding.
        let stays = |mode: &Mode| self.coupled || self.real_decay(mode, gone) <= 0.0;
        let late = self.coupled && self.is_summed(time);
        let add = |(z, factor): (Complex64, Complex64)| {
            let s = self.growth + z;
            let sums = self.sums(s.exp(), exp_m1(s), stays);
            (factor * (z * time).exp() * self.value(exp_m1(s), &sums, late)).im
        };
        let sum: f64 = contour.midpoint_rule().map(add).sum();
        let floor = match self.limit {
            Some(limit) => self.floor(limit.kernel),
            None => self.floor_of(|mode| !stays(mode)),
        };
        let exponent = self.growth * time;
        if exponent > 0.5 * LARGEST_LOG {
            return (exponent + sum.ln()).exp();
        }
        floor + sum * exponent.exp()
    }

    /// What noise leaves for good in some modes that do not feel the others.
    fn floor_of(&self, chosen: impl Fn(&Mode) -> bool) -> f64 {
        let each =
            self.modes.iter().filter(|mode| chosen(mode)).map(|mode| mode.input / mode.decay);
        self.gain * self.noise * each.sum::<f64>()
    }

    /// What noise leaves for good.
    fn floor(&self, kernel: f64) -> f64 {
        self.gain * self.noise * kernel / self.share(kernel.into()).re
    }

    /// `1 − (η²/B) K`, 1 for one-hot inputs.
    fn share(&self, kernel: Complex64) -> Complex64 {
        if self.coupled { 1.0 - self.gain * kernel } else { 1.0.into() }
    }

    /// Whether the sum over all steps is hardly more than over the first `time`, so that the loss
    /// falls faster than `1/t`: then the transform is nearly constant, and its change is asked
    /// for.
    fn is_summed(&self, time: f64) -> bool {
        let at = |limit: Limit| {
            let sums = self.sums(time.recip().exp().into(), time.recip().exp_m1().into(), |_| true);
            limit.start < 2.0 * sums.start.re
        };
        self.limit.is_some_and(at)
    }

    /// `Σ_t L(t) e^{−s(t+1)}`, less the floor where there is one, and less its value at `s = 0` if
    /// `late`, a constant that no time but 0 sees.
    fn value(&self, less: Complex64, sums: &Sums, late: bool) -> Complex64 {
        let share = self.share(sums.kernel);
        let noisy = self.gain * self.noise;
        let Some(limit) = self.limit else {
            return (sums.start + noisy * sums.kernel / less) / share;
        };
        let end = self.share(limit.kernel.into());
        let forced = noisy * sums.kernel_slope / end;
        let driven = if late {
            less * (sums.start_slope + self.gain * limit.start * sums.kernel_slope / end)
        } else {
            sums.start
        };
        (driven + forced) / share
    }

    fn sums(&self, rho: Complex64, less: Complex64, stays: impl Fn(&Mode) -> bool) -> Sums {
        let mut sums = Sums::default();
        let momentum = self.momentum;
        let [friction, slip] =
            [momentum / (rho + momentum), momentum * momentum / rho].map(Complex64::from);
        for mode in self.modes.iter().filter(|mode| stays(mode)) {
            let turned = 2.0 * mode.turn * friction;
            let speed = 1.0 - turned * (mode.turn / (1.0 + momentum)) + slip;
            let inverse = (less * speed + mode.decay).inv();
            let start = mode.error - turned * mode.with_last + slip * mode.last;
            // The start is that at ρ = 1 and this much times ρ − 1 more.
            let drift = turned * (mode.with_last / (1.0 + momentum)) - slip * mode.last;
            let slope = -inverse * speed / mode.decay;
            sums.start += inverse * start;
            sums.kernel += inverse * mode.input;
            sums.kernel_slope += slope * mode.input;
            sums.start_slope += slope * (start - less * drift) + inverse * drift;
        }
        sums
    }

    /// The denominator of a mode at the real point `ρ = 1 + less`.
    fn real_decay(&self, mode: &Mode, less: f64) -> f64 {
        let (momentum, rho) = (self.momentum, 1.0 + less);
        let turned = 2.0 * mode.turn * momentum / (rho + momentum);
        let slip = momentum * momentum / rho;
        less * (1.0 - turned * mode.turn / (1.0 + momentum) + slip) + mode.decay
    }

    fn real_kernel(&self, s: f64) -> f64 {
        let less = s.exp_m1();
        self.modes.iter().map(|mode| mode.input / self.real_decay(mode, less)).sum()
    }

    /// Whether `e^s` is above all rates of growth and decay of second moments.
    fn is_above(&self, s: f64) -> bool {
        let less = s.exp_m1();
        let above = |mode: &Mode| self.real_decay(mode, less) > 0.0;
        let alone = 1.0 + less > self.momentum && self.modes.iter().all(above);
        alone && self.share(self.real_kernel(s).into()).re > 0.0
    }

    /// To a tenth of what changes anything within so many steps, from above.
    fn fastest_growth(&self, steps: f64) -> f64 {
        let unit = 0.1 / steps;
        let is_below = |s: f64| !self.is_above(s);
        let wide = |bracket: Bracket| bracket.width() > unit;
        if self.is_above(0.0) {
            let lowest = self.modes.iter().map(|mode| mode.decay).fold(f64::INFINITY, f64::min);
            // Below ln(1 − decay) no more is needed: the state is 0 as a float.
            let low = (-lowest).ln_1p().max(-DECAYED.powi(2));
            let low = if self.momentum > 0.0 { self.momentum.ln() } else { low.min(0.0) };
            return bisect_while(Bracket::new(low, 0.0), wide, is_below).high();
        }
        let mut high = unit;
        while is_below(high) && high < LARGEST_LOG {
            high *= 2.0;
        }
        bisect_while(Bracket::new(0.0, high), wide, is_below).high()
    }
}

/// `e^s − 1` without cancellation for small `s`.
fn exp_m1(s: Complex64) -> Complex64 {
    let half = (0.5 * s.im).sin();
    let re = s.re.exp_m1() * s.im.cos() - 2.0 * half * half;
    Complex64::new(re, s.re.exp() * s.im.sin())
}
