//! Sums over coordinates of the probability that each exceeds a level: equations (52) and (53) of
//! [`derivations`](crate::derivations).
//!
//! Coordinates that are listed or always active are summed one by one. The rare ones are taken in
//! cells of `ln i`. A bound on each cell says whether it matters. Cells that do are split until the
//! bound changes little across each part, which the Gauss rule of whole numbers then sums.

use crate::instability::exceedance::{exceedance, log_bound, log_envelope, needed};
use asymscale_model::{Amplitude, PowerLaw, SparseModel};
use asymscale_numerics::{Bracket, GAUSS_ORDER, bisect_while, gauss_gram, gauss_legendre};

/// Width of a cell in `ln i`, in units of the fastest power.
const WIDTH: f64 = 0.5;
/// Fewer coordinates than this are summed one by one.
const SHORT: f64 = 4.0 * GAUSS_ORDER as f64;
/// Beyond this `ln i` the sum over coordinates is taken as an integral.
const FAR: f64 = 30.0;
/// Terms whose logarithm is below that of the largest by more than this are left out. Chernoff's
/// bound may be e^20 too high.
const NEGLIGIBLE: f64 = -70.0;
/// A number whose logarithm is below this is 0 as a float.
const NOTHING: f64 = -760.0;
/// A cell is split until the logarithm of the bound changes by less than this across each half.
const CHANGE: f64 = 4.0;
/// Splits of a cell.
const DEPTH: u32 = 24;
/// Expected count below which a second activation is negligible.
const SELDOM: f64 = 1e-30;
/// Beyond this sum a probability is 1 as a float.
const SURE: f64 = 50.0;

/// The coordinates of a model against one level: `P(a_i² χ > level)`.
pub(crate) struct ExceedanceSum<'a> {
    model: &'a SparseModel,
    samples: f64,
    level: f64,
    /// The level of the coordinates always on.
    head_level: f64,
    /// The laws of the rare coordinates, if there are any.
    variance: PowerLaw,
    activity: PowerLaw,
    /// The last coordinate before the rare ones.
    always: f64,
    linear: bool,
}

/// One coordinate: `ln p`, and the level in units of `a²`.
#[derive(Debug, Clone, Copy)]
struct CoordinateLevel {
    log_p: f64,
    x: f64,
}

/// Rare coordinates from `first` to `last`, whole numbers or, beyond [`FAR`], `ln i`.
#[derive(Debug, Clone, Copy)]
enum IndexRange {
    Whole { first: f64, last: f64 },
    Far { from: f64, to: f64 },
}

impl<'a> ExceedanceSum<'a> {
    /// For the law of all samples: terms `−ln(1 − P(a² χ > level))`.
    pub(crate) fn new(model: &'a SparseModel, samples: f64, level: f64) -> Self {
        let rare = model.rare_law();
        let always = rare.map_or(model.coordinates().as_f64(), |law| law.first - 1.0);
        let unit = PowerLaw { log_front: 0.0, exponent: 0.0 };
        let [variance, activity] = rare.map_or([unit; 2], |law| [law.variance, law.activity]);
        Self { model, samples, level, head_level: level, variance, activity, always, linear: false }
    }

    /// The same with another level for coordinates that are always on.
    pub(crate) fn with_head_level(self, head_level: f64) -> Self {
        Self { head_level, ..self }
    }

    /// For single entries of rare coordinates: terms `P(active and a² z² > level)`.
    pub(crate) fn of_entries(model: &'a SparseModel, level: f64) -> Self {
        Self { linear: true, ..Self::new(model, 1.0, level) }
    }

    /// The sum over all coordinates (over the rare ones for entries); infinite where the
    /// probability is 1 to all digits.
    pub(crate) fn sum(&self) -> f64 {
        let end = self.model.coordinates().as_f64();
        let head = if self.linear { 0.0 } else { self.head(self.always.min(end)) };
        if self.is_sure(head) {
            return f64::INFINITY;
        }
        if end > self.always { self.rare_sum(head, end) } else { head }
    }

    /// The coordinates that are listed, and after them those always on, which exceed ever less.
    fn head(&self, last: f64) -> f64 {
        let listed = (self.model.listed() as f64).min(last);
        let (mut i, mut sum) = (1.0, 0.0);
        while i <= listed && !self.is_sure(sum) {
            sum += self.bounded(self.at(i));
            i += 1.0;
        }
        while i <= last && !self.is_sure(sum) {
            let add = self.bounded(self.at(i));
            sum += add;
            if add <= 1e-17 * sum {
                break;
            }
            i += 1.0;
        }
        sum
    }

    fn is_sure(&self, sum: f64) -> bool {
        !self.linear && sum > SURE
    }

    /// Coordinate `i`.
    fn at(&self, i: f64) -> CoordinateLevel {
        let (p, scale) = (self.model.activity(i), self.model.scale_squared(i));
        let level = if p < 1.0 { self.level } else { self.head_level };
        CoordinateLevel { log_p: p.ln(), x: level / scale }
    }

    /// As `at`, of a rare coordinate by its logarithm: nothing overflows.
    fn rare(&self, t: f64) -> CoordinateLevel {
        let log_scale = self.drift() * t + self.variance.log_front - self.activity.log_front;
        CoordinateLevel {
            log_p: self.activity.log_front - self.activity.exponent * t,
            x: (self.level.ln() - log_scale).exp(),
        }
    }

    fn drift(&self) -> f64 {
        self.activity.exponent - self.variance.exponent
    }

    fn term(&self, at: CoordinateLevel) -> f64 {
        let chance = exceedance(self.model.amplitude(), self.samples, at.log_p.exp(), at.x);
        if self.linear { chance } else { -(-chance).ln_1p() }
    }

    fn bound(&self, at: CoordinateLevel) -> f64 {
        log_bound(self.model.amplitude(), self.samples, at.log_p, at.x)
    }

    /// The term, or 0 where the bound says that it is 0 as a float.
    fn bounded(&self, at: CoordinateLevel) -> f64 {
        if self.bound(at) < NOTHING { 0.0 } else { self.term(at) }
    }

    /// The bound on the terms per unit of `t = ln i`.
    fn density(&self, t: f64) -> f64 {
        self.bound(self.rare(t)) + t
    }

    /// A bound without jumps on all terms near `t`, per unit of `t`.
    fn envelope(&self, t: f64) -> f64 {
        let at = self.rare(t);
        log_envelope(self.model.amplitude(), self.samples, at.log_p, at.x) + t
    }

    fn width(&self) -> f64 {
        WIDTH / self.drift().abs().max(0.5 * self.activity.exponent).max(0.5)
    }

    /// Adds the rare coordinates up to `end`, possibly infinite, to the sum over the others.
    fn rare_sum(&self, head: f64, end: f64) -> f64 {
        let cells = self.cells(end);
        let mut sum = head;
        if cells.iter().all(|cell| cell.1 < NOTHING) {
            return sum;
        }
        let most = cells.iter().map(|cell| self.density(cell.0)).fold(head.ln(), f64::max);
        let floor = (most + NEGLIGIBLE).max(NOTHING);
        let mut first = self.always + 1.0;
        for pair in cells.windows(2) {
            let ((from, low), (to, high)) = (pair[0], pair[1]);
            let matters = low.max(high) > floor;
            let upto = if to < FAR { to.exp().floor().min(end) } else { first };
            // The cell in which whole numbers end starts half a number before the first that is
            // left.
            let range = if to < FAR {
                IndexRange::Whole { first, last: upto }
            } else {
                IndexRange::Far { from: if from < FAR { (first - 0.5).ln() } else { from }, to }
            };
            if matters && first <= upto {
                sum += self.pieces(range, floor);
            }
            if to < FAR {
                first = first.max(upto + 1.0);
            }
            if self.is_sure(sum) {
                return f64::INFINITY;
            }
        }
        sum
    }

    /// Ends of cells in `t = ln i`, with the envelope there, up to where nothing follows.
    fn cells(&self, end: f64) -> Vec<(f64, f64)> {
        let last = (end + 0.5).ln();
        let mut t = (self.always + 1.0).ln();
        let mut cells = vec![(t, self.envelope(t))];
        let mut most = self.density(t);
        while t < last {
            t = (t + self.width()).min(last);
            let now = self.envelope(t);
            let falls = now <= cells[cells.len() - 1].1;
            cells.push((t, now));
            let little = falls && now < (most + NEGLIGIBLE).max(NOTHING) && self.only_falls(t);
            if little || self.is_unseen(t) {
                break;
            }
            most = most.max(self.density(t));
        }
        cells
    }

    /// Whether the expected number of activations from `t` on is 0 as a float.
    fn is_unseen(&self, t: f64) -> bool {
        self.activity.exponent > 1.0 && self.samples.ln() + self.rare(t).log_p + t < NOTHING
    }

    /// Whether a density that falls at `t` falls everywhere beyond.
    fn only_falls(&self, t: f64) -> bool {
        let CoordinateLevel { log_p, x } = self.rare(t);
        let log_count = self.samples.ln() + log_p;
        // One activation is enough, and p i falls; or the level is ever harder to reach.
        let certain = self.activity.exponent > 1.0 && self.drift() >= 0.0 && x < 1.0;
        let harder = self.drift() < 0.0 && x * self.activity.exponent.max(-self.drift()) > 4.0;
        certain || harder || (self.drift() == 0.0 && log_count < 0.0)
    }

    /// A range in pieces on which the terms are smooth: with Rademacher amplitudes they jump
    /// wherever one activation fewer or more is needed.
    fn pieces(&self, range: IndexRange, floor: f64) -> f64 {
        if self.model.amplitude() == Amplitude::Gaussian {
            return self.split(range, floor, DEPTH);
        }
        let (mut rest, mut sum) = (Some(range), 0.0);
        while let Some(range) = rest {
            let (piece, after) = self.first_piece(range);
            sum += self.split(piece, floor, DEPTH);
            rest = after;
        }
        sum
    }

    /// The part of a range in which as many activations are needed as at its start, and the rest.
    fn first_piece(&self, range: IndexRange) -> (IndexRange, Option<IndexRange>) {
        let count = |t: f64| needed(self.rare(t).x);
        match range {
            IndexRange::Whole { first, last } => {
                let start = count(first.ln());
                let (mut same, mut other) = (first, last);
                if count(last.ln()) == start {
                    return (range, None);
                }
                while other - same > 1.0 {
                    let middle = (0.5 * (same + other)).floor();
                    if count(middle.ln()) == start { same = middle } else { other = middle }
                }
                (
                    IndexRange::Whole { first, last: same },
                    Some(IndexRange::Whole { first: other, last }),
                )
            }
            IndexRange::Far { from, to } => {
                let start = count(from);
                if count(to) == start {
                    return (range, None);
                }
                let wide = |left: Bracket| left.width() > 1e-13 * left.high();
                let change = bisect_while(Bracket::new(from, to), wide, |t| count(t) == start);
                (
                    IndexRange::Far { from, to: change.low() },
                    Some(IndexRange::Far { from: change.high(), to }),
                )
            }
        }
    }

    /// Halves a range until the bound changes little across each part.
    fn split(&self, range: IndexRange, floor: f64, depth: u32) -> f64 {
        let (low, high) = match range {
            IndexRange::Whole { first, last } if last - first < SHORT => return self.add(range),
            IndexRange::Whole { first, last } => (first.ln(), last.ln()),
            IndexRange::Far { from, to } => (from, to),
        };
        let middle = 0.5 * (low + high);
        let [a, b, c] = [low, middle, high].map(|t| self.density(t));
        if a.max(b).max(c) < floor {
            return 0.0;
        }
        if depth == 0 || ((a - b).abs() < CHANGE && (b - c).abs() < CHANGE) {
            return self.add(range);
        }
        let (left, right) = match range {
            IndexRange::Whole { first, last } => {
                let half = middle.exp().floor().clamp(first, last - 1.0);
                (
                    IndexRange::Whole { first, last: half },
                    IndexRange::Whole { first: half + 1.0, last },
                )
            }
            IndexRange::Far { from, to } => {
                (IndexRange::Far { from, to: middle }, IndexRange::Far { from: middle, to })
            }
        };
        self.split(left, floor, depth - 1) + self.split(right, floor, depth - 1)
    }

    /// The sum over a short or smooth range.
    fn add(&self, range: IndexRange) -> f64 {
        match range {
            IndexRange::Whole { first, last } if last - first < SHORT => (0..=(last - first)
                as u32)
                .map(|k| self.bounded(self.rare((first + f64::from(k)).ln())))
                .sum(),
            IndexRange::Whole { first, last } => gauss_gram(last - first + 1.0)
                .map(|(k, weight)| weight * self.bounded(self.rare((first + k).ln())))
                .sum(),
            IndexRange::Far { from, to } => {
                let (middle, half) = (0.5 * (from + to), 0.5 * (to - from));
                let value = |t: f64| {
                    let at = self.rare(t);
                    if self.bound(at) + t < NOTHING { 0.0 } else { self.far_term(at, t) }
                };
                gauss_legendre().map(|(x, w)| w * half * value(middle + half * x)).sum()
            }
        }
    }

    /// The term times `i = e^t`, which may be beyond floats: then only one activation is possible.
    fn far_term(&self, at: CoordinateLevel, t: f64) -> f64 {
        if self.samples * at.log_p.exp() > SELDOM {
            return (self.term(at).ln() + t).exp();
        }
        let one = exceedance(self.model.amplitude(), 1.0, 0.5, at.x) / 0.5;
        one * (self.samples.ln() + self.activity.log_front + (1.0 - self.activity.exponent) * t)
            .exp()
    }
}
