//! The coordinate of a large entry, drawn from its law with bounded work, whatever the model and
//! the level.
//!
//! Coordinate `i` has the weight `W_i = p_i T_i`, `T_i = P(a_i² z² > level)`: `p_i` falls and `T_i`
//! rises with `i`. Numbers up to about `β`, where a power law falls fast from one to the next, are
//! atoms with exact weights. Then come blocks `a..=b`, of which the weights are below `p_a T_b` and
//! above an eighth of it, drawn evenly and accepted with `W_i/(p_a T_b)`, down from where `T_i`
//! reaches ½. What is beyond that is drawn from the continuous power law and accepted with `T_i`
//! times the share that the whole number has of its cell.

use crate::power_cells::{filling, reach, span};
use asymscale_model::{Amplitude, SparseModel};
use rand::{Rng, RngExt};
use rand_distr::{Exp1, StandardNormal};
use statrs::function::erf::erfc;

/// Numbers of coordinates stay below this.
const FARTHEST: f64 = 1e300;

/// A standard normal has a square above this half the time.
const MEDIAN: f64 = 0.454_936_423_119_572_7;

/// What all coordinates left could add to the weight, relative to what is known, where it is taken
/// for nothing.
const NEGLIGIBLE: f64 = 1e-18;

/// Proposals are accepted with a probability of an eighth at least: so many failures do not happen
/// (10⁻⁵⁸).
const MOST_PROPOSALS: usize = 1000;

/// Coordinates of large entries, beyond the onset.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct LargeIndex {
    /// Parts with the bounds of their weights, added up.
    parts: Vec<(Part, f64)>,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Part {
    /// Whole numbers from the first to the second, each proposed as often.
    Even(f64, f64),
    /// From here on, by the power law.
    Tail(f64),
}

/// The law of one entry.
pub(crate) struct EntryLaw<'a> {
    pub(crate) model: &'a SparseModel,
    pub(crate) level: f64,
    pub(crate) beta: f64,
    /// `a_i² ∝ i^{drift}`, `drift > 0`.
    pub(crate) drift: f64,
    /// The first rare coordinate.
    pub(crate) first: f64,
}

impl EntryLaw<'_> {
    /// `level/a_i²`: what the square of an amplitude must exceed.
    pub(crate) fn needed(&self, index: f64) -> f64 {
        self.level / self.model.scale_squared(index)
    }

    /// `T_i`.
    fn share(&self, index: f64) -> f64 {
        let needed = self.needed(index);
        match self.model.amplitude() {
            Amplitude::Gaussian => erfc((0.5 * needed).sqrt()),
            Amplitude::Rademacher => f64::from(u8::from(needed < 1.0)),
        }
    }

    fn weight(&self, index: f64) -> f64 {
        self.model.activity(index) * self.share(index)
    }

    /// The real number at which `level/a_i²` is `needed`.
    fn place(&self, needed: f64) -> f64 {
        self.first * (self.needed(self.first) / needed).powf(self.drift.recip())
    }

    fn last(&self) -> f64 {
        self.model.coordinates().as_f64().min(FARTHEST)
    }

    /// `|z|` given that its square is above `needed`: half the normal law, or its tail (Marsaglia
    /// 1964).
    pub(crate) fn amplitude<R: Rng + ?Sized>(&self, needed: f64, rng: &mut R) -> f64 {
        if self.model.amplitude() == Amplitude::Rademacher {
            return 1.0;
        }
        for _ in 0..MOST_PROPOSALS {
            if needed < 1.0 {
                let z: f64 = rng.sample(StandardNormal);
                if z * z > needed {
                    return z.abs();
                }
            } else {
                let exponential: f64 = rng.sample(Exp1);
                let z = (needed + 2.0 * exponential).sqrt();
                if rng.random::<f64>() * z < needed.sqrt() {
                    return z;
                }
            }
        }
        needed.sqrt()
    }
}

impl LargeIndex {
    /// Nothing if no coordinate below 1e300 has a weight that is a number above 0.
    pub(crate) fn new(law: &EntryLaw<'_>) -> Option<Self> {
        let mut index = Self { parts: Vec::new() };
        let (last, half) = (law.last(), law.place(Self::typical(law)).ceil().max(law.first));
        let mut from = index.atoms(law, half);
        if half <= last {
            from = from.max(law.first);
            let start = from.max(half);
            let edge = start - 0.5;
            let cells = edge * span(law.beta, edge, last + 0.5) * (start / edge).powf(law.beta);
            index.add(Part::Tail(start), law.model.activity(start) * cells);
        }
        index.blocks(law, from, (half - 1.0).min(last));
        index.parts.retain(|(_, weight)| *weight > 0.0);
        (!index.parts.is_empty()).then_some(index)
    }

    /// The square of an amplitude that is exceeded half the time, or never.
    fn typical(law: &EntryLaw<'_>) -> f64 {
        match law.model.amplitude() {
            Amplitude::Gaussian => MEDIAN,
            // Next to 1, so that rounding does not put a coordinate of weight 0 in the tail.
            Amplitude::Rademacher => 1.0 - 1e-12,
        }
    }

    fn add(&mut self, part: Part, weight: f64) {
        self.parts.push((part, weight));
    }

    fn total(&self) -> f64 {
        self.parts.iter().map(|(_, weight)| weight).sum()
    }

    /// Adds the numbers up to about `β` one by one, and gives the first that is left.
    fn atoms(&mut self, law: &EntryLaw<'_>, half: f64) -> f64 {
        let mut index = law.first;
        let mut sum = 0.0;
        while index <= law.last() && index < law.beta.max(law.first) {
            let weight = law.weight(index);
            self.add(Part::Even(index, index), weight);
            sum += weight;
            index += 1.0;
            // Beyond `half` weights fall as the power law does, at least by half a step here.
            let spent = index > half && weight < NEGLIGIBLE * sum;
            if spent || law.model.activity(index) == 0.0 {
                break;
            }
        }
        index
    }

    /// Adds blocks from `last` down to `first`.
    fn blocks(&mut self, law: &EntryLaw<'_>, first: f64, last: f64) {
        let mut end = last;
        while end >= first {
            let most = law.share(end);
            let left =
                most * law.model.activity(first) * (1.0 + first * span(law.beta, first, end + 1.0));
            if left <= NEGLIGIBLE * self.total() {
                return;
            }
            let near = end * 0.5f64.powf(law.beta.recip());
            let start = near.max(law.place(law.needed(end) + 1.0)).ceil().clamp(first, end);
            self.add(
                Part::Even(start, end),
                law.model.activity(start) * most * (end - start + 1.0),
            );
            end = if start - 1.0 < start { start - 1.0 } else { start * (1.0 - f64::EPSILON) };
        }
    }

    /// Draws a coordinate.
    pub(crate) fn sample<R: Rng + ?Sized>(&self, law: &EntryLaw<'_>, rng: &mut R) -> f64 {
        let mut proposed = law.first;
        for _ in 0..MOST_PROPOSALS {
            let (part, accepted) = (self.part(rng), rng.random::<f64>());
            let ratio = match part {
                Part::Even(start, end) => {
                    proposed =
                        (start + (rng.random::<f64>() * (end - start + 1.0)).floor()).min(end);
                    law.weight(proposed) / (law.model.activity(start) * law.share(end))
                }
                Part::Tail(start) => {
                    let edge = start - 0.5;
                    let mass = rng.random::<f64>() * span(law.beta, edge, law.last() + 0.5);
                    proposed = reach(law.beta, edge, mass).round();
                    if proposed > law.last() {
                        continue;
                    }
                    filling(law.beta, proposed) * law.share(proposed)
                }
            };
            if accepted < ratio {
                return proposed;
            }
        }
        proposed
    }

    fn part<R: Rng + ?Sized>(&self, rng: &mut R) -> Part {
        let mut left = rng.random::<f64>() * self.total();
        let crossed = self.parts.iter().find(|(_, weight)| {
            left -= weight;
            left < 0.0
        });
        crossed.unwrap_or(&self.parts[0]).0
    }
}
