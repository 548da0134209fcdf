//! Sums over coordinates of what each exceeds: term by term at first, then panels in `ln i`, then a closed form.

use crate::exceedance::{exceedance, log_bound, needed};
use crate::quadrature::{gram, legendre};
use asymscale_model::{Activity, Amplitude, SparseModel, power_sum};

/// Up to here coordinates are summed one by one. Beyond, a sum is an integral between half-integers and its first
/// correction; the next is of relative order `(β/i)³`.
const DIRECT: f64 = 1024.0;
/// Panel width in `ln i`, in units of the fastest power.
const WIDTH: f64 = 0.5;
/// What is smaller than this, against the sum, is left out.
const NEGLIGIBLE: f64 = -41.0;
/// Where the far tail is taken in closed form: its share of the sum, as a logarithm.
const FAR: f64 = -23.0;

/// The coordinates of a model against one level: `P(a_i² χ > level)`.
pub(crate) struct Ladder<'a> {
    model: &'a SparseModel,
    samples: f64,
    level: f64,
    /// The level of the coordinates always on.
    head_level: f64,
    /// `p = e^{log_front − β ln i}` beyond the coordinates always on.
    beta: f64,
    log_front: f64,
    always: f64,
    linear: bool,
}

impl<'a> Ladder<'a> {
    /// For the law of all samples: terms `−ln(1 − P(a² χ > level))`.
    pub(crate) fn new(model: &'a SparseModel, samples: f64, level: f64) -> Self {
        let (beta, log_front, always) = match model.activity_law() {
            Activity::PowerLaw { beta, onset } if *beta > 0.0 => (*beta, beta * onset.ln(), onset.floor()),
            Activity::Uniform { probability } => (0.0, probability.ln(), 0.0),
            _ => (0.0, 0.0, 0.0),
        };
        Self { model, samples, level, head_level: level, beta, log_front, always, linear: false }
    }

    /// The same with another level for coordinates that are always on.
    pub(crate) fn with_head_level(self, head_level: f64) -> Self {
        Self { head_level, ..self }
    }

    /// For single entries of rare coordinates: terms `P(active and a² z² > level)`.
    pub(crate) fn of_entries(model: &'a SparseModel, level: f64) -> Self {
        Self { linear: true, ..Self::new(model, 1.0, level) }
    }

    /// The sum over all coordinates (over the rare ones for entries); infinite where one is sure to exceed.
    pub(crate) fn sum(&self) -> f64 {
        let end = self.model.coordinates().as_f64();
        if let Activity::Table(table) = self.model.activity_law() {
            return (1..=table.len()).map(|i| self.term(self.at(i as f64))).sum();
        }
        let from = DIRECT.max(self.always).min(end);
        let mut sum = if end > from { self.beyond(from, end) } else { 0.0 };
        let first = if self.linear { self.always + 1.0 } else { 1.0 };
        let mut i = from;
        while i >= first {
            let at = self.at(i);
            if self.bound(at) > sum.ln() + NEGLIGIBLE - i.ln() {
                sum += self.term(at);
            }
            i -= 1.0;
        }
        sum
    }

    /// Activity and `level/a²` of coordinate `i`.
    fn at(&self, i: f64) -> (f64, f64) {
        let level = if i <= self.always { self.head_level } else { self.level };
        (self.model.activity(i), level / self.model.scale_squared(i))
    }

    /// As `at`, of a rare coordinate by its logarithm: nothing overflows.
    fn rare(&self, t: f64) -> (f64, f64) {
        let log_scale = self.drift() * t - self.log_front;
        ((self.log_front - self.beta * t).exp(), (self.level.ln() - log_scale).exp())
    }

    fn drift(&self) -> f64 {
        self.beta - 1.0 - self.model.spectrum().alpha()
    }

    fn term(&self, (p, x): (f64, f64)) -> f64 {
        let chance = exceedance(self.model.amplitude(), self.samples, p, x);
        if self.linear { chance } else { -(-chance).ln_1p() }
    }

    fn bound(&self, (p, x): (f64, f64)) -> f64 {
        log_bound(self.model.amplitude(), self.samples, p, x)
    }

    fn beyond(&self, from: f64, end: f64) -> f64 {
        match self.model.amplitude() {
            Amplitude::Gaussian => self.smooth(from, end),
            Amplitude::Rademacher => self.stepped(from, end),
        }
    }

    /// Coordinates `from + 1 ..= end` where the terms are smooth, `end` possibly infinite.
    fn smooth(&self, from: f64, end: f64) -> f64 {
        let (mut t, last) = ((from + 0.5).ln(), (end + 0.5).ln());
        let mut sum = self.end_correction(t) - if last.is_finite() { self.end_correction(last) } else { 0.0 };
        while t < last {
            let next = (t + self.width()).min(last);
            sum += self.panel(t, next);
            t = next;
            let (at, decay) = (self.rare(t), self.beta - 1.0);
            let left = self.bound(at) + t;
            if last.is_infinite() && decay > 0.0 && left - decay.ln() < sum.ln() + FAR && at.0 < 1e-9 {
                return sum + self.term(at) * t.exp() / decay;
            }
            // Falling, and too small to matter even if it fell no faster than it just did.
            let falls = left < self.bound(self.rare(t - 0.1)) + t - 0.1;
            if falls && left - 0f64.max(1.0 / self.width()).ln() < sum.ln() + NEGLIGIBLE - 7.0 {
                return sum;
            }
            if falls && left < -800.0 && (self.drift() <= 0.0 || t > self.turn()) {
                return sum;
            }
        }
        sum
    }

    /// `ln i` of the coordinate at which a single activation reaches the level, where rare ones are large.
    fn turn(&self) -> f64 {
        (self.level.ln() + self.log_front) / self.drift()
    }

    /// With amplitudes ±1 a term jumps wherever one activation fewer suffices: ranges between the jumps.
    fn stepped(&self, from: f64, end: f64) -> f64 {
        if self.drift() <= 0.0 {
            return self.stepped_down(from, end);
        }
        // One activation suffices after this coordinate.
        let last_below = |count: f64| self.last_needing_more(count);
        let mut upper = last_below(1.0).max(from);
        let mut sum = self.sure(upper, end);
        let mut count = 2.0;
        while upper > from {
            let lower = last_below(count).clamp(from, upper);
            sum += self.between(lower, upper.min(end));
            upper = lower;
            count += 1.0;
            let largest = [from + 1.0, upper].map(|i| self.bound(self.rare(i.ln())));
            if largest[0].max(largest[1]) + upper.ln() < sum.ln() + NEGLIGIBLE {
                break;
            }
        }
        sum
    }

    /// The last coordinate at which `count` activations do not exceed the level.
    fn last_needing_more(&self, count: f64) -> f64 {
        let guess = (((self.level / count).ln() + self.log_front) / self.drift()).exp().floor();
        let more = |i: f64| needed(self.rare(i.ln()).1) > count;
        if more(guess + 1.0) {
            guess + 1.0
        } else if guess >= 1.0 && !more(guess) {
            guess - 1.0
        } else {
            guess
        }
    }

    /// Rare coordinates that are never large: one by one until they cannot exceed at all.
    fn stepped_down(&self, from: f64, end: f64) -> f64 {
        let (mut i, mut sum) = (from + 1.0, 0.0);
        while i <= end && needed(self.rare(i.ln()).1) <= self.samples {
            sum += self.term(self.rare(i.ln()));
            i += 1.0;
        }
        sum
    }

    /// Coordinates `from + 1 ..= end` where a single activation exceeds: `−D Σ ln(1 − p)` by its series.
    fn sure(&self, from: f64, end: f64) -> f64 {
        let head = from.max(2.0 * self.log_front.exp().powf(1.0 / self.beta).max(1.0)).floor().min(end);
        let near: f64 = self.between(from, head);
        let order = |m: f64| (m * self.log_front).exp() * power_sum(m * self.beta, head + 1.0, end + 1.0) / m;
        let orders = if self.linear { 1 } else { 60 };
        let (mut far, mut m) = (0.0, 1.0);
        for _ in 0..orders {
            let add = order(m);
            far += add;
            if add <= 1e-17 * far {
                break;
            }
            m += 1.0;
        }
        near + self.samples * far
    }

    /// Coordinates `from + 1 ..= to` on which the terms are smooth: blocks by the Gauss rule of whole numbers, whose
    /// nodes lie between the first and the last, short ones one by one.
    fn between(&self, from: f64, to: f64) -> f64 {
        let (mut before, mut sum) = (from, 0.0);
        while before < to {
            let length = (before * self.width()).floor().max(64.0).min(to - before);
            let term = |k: f64| self.term(self.rare((before + 1.0 + k).ln()));
            sum += if length < 64.0 {
                (0..length as u32).map(|k| term(f64::from(k))).sum::<f64>()
            } else {
                gram(length).map(|(k, weight)| weight * term(k)).sum()
            };
            before += length;
        }
        sum
    }

    fn width(&self) -> f64 {
        WIDTH / self.drift().abs().max(0.5 * self.beta).max(0.5)
    }

    /// `∫ term(i) di` over a panel in `ln i`.
    fn panel(&self, from: f64, to: f64) -> f64 {
        let (middle, half) = (0.5 * (from + to), 0.5 * (to - from));
        legendre().map(|(x, w)| w * half * self.weighted(middle + half * x)).sum()
    }

    fn weighted(&self, t: f64) -> f64 {
        let at = self.rare(t);
        if self.bound(at) < -800.0 { 0.0 } else { self.term(at) * t.exp() }
    }

    /// What the midpoint rule leaves at a lower end: `f'(i)/24`.
    fn end_correction(&self, t: f64) -> f64 {
        const H: f64 = 1e-4;
        let f = |t: f64| self.weighted(t) * (-t).exp();
        (f(t + H) - f(t - H)) / (2.0 * H) * (-t).exp() / 24.0
    }
}
