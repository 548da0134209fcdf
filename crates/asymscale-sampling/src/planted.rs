//! A design with one entry planted: what importance sampling of rare events draws.

use crate::large_index::{EntryLaw, LargeIndex};
use crate::power_cells::filling;
use crate::{Design, SamplingError, request};
use asymscale_model::{Amplitude, SparseModel};
use rand::{Rng, RngExt};
use rand_distr::{Distribution, Gamma};

/// After so many rejected proposals in a row a coordinate is drawn from its own weights instead. In
/// ordinary cases at least one proposal in ten is accepted; so many are rejected only where large
/// coordinates begin far from where their limit law has them.
const MOST_PROPOSALS: usize = 1000;

/// One entry `x` of sample `row` at coordinate `index`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Entry {
    /// Number of the sample, from 0.
    pub row: u32,
    /// Number of the coordinate, from 1.
    pub index: f64,
    /// The value `a z`.
    pub value: f64,
}

/// The law of a single entry of a design given that it is large: `x² > level`, at a rare
/// coordinate.
///
/// Row, coordinate and value have the joint law of an entry picked from the intensity
/// `p_i · P(a_i² z² > level)` over all rows and all rare coordinates (those beyond the onset), `z`
/// from its conditional tail. Exact, by rejection: `z` is proposed from the tail of its limit law
/// `|z|^q φ(z)`, `q = 2(β−1)/(β−1−α)`, then a coordinate from the power law beyond the first that
/// is large enough. Where that is hardly ever accepted (few coordinates, a level far below or above
/// them), the coordinate is drawn from its own weights after 1000 failures, which is exact too, and
/// `z` given the coordinate.
#[derive(Debug, Clone, PartialEq)]
pub struct LargeEntries<'a> {
    model: &'a SparseModel,
    samples: usize,
    level: f64,
    /// Exponents of `p ∝ i^{−β}` and `a² ∝ i^{drift}`.
    beta: f64,
    drift: f64,
    /// The first rare coordinate.
    first: f64,
    index: LargeIndex,
}

impl<'a> LargeEntries<'a> {
    /// For designs of `samples` samples, and entries of square above `level > 0`.
    ///
    /// # Errors
    /// [`SamplingError::Samples`]; [`SamplingError::Level`] unless it is finite and positive;
    /// [`SamplingError::RareNotLarge`] unless the activity is a power law with `β > 1 + α`;
    /// [`SamplingError::NoneLarge`] if no coordinate can be so large, or only with a probability
    /// that no float holds.
    pub fn new(model: &'a SparseModel, samples: usize, level: f64) -> Result<Self, SamplingError> {
        request::check_samples(samples)?;
        if !(level > 0.0 && level.is_finite()) {
            return Err(SamplingError::Level(level));
        }
        let law = model.rare_law().filter(|_| !model.is_one_hot());
        let needed = model.spectrum().tail().map_or(f64::NAN, |law| law.exponent);
        match law {
            Some(law) if law.beta() > needed => {
                let (beta, first, drift) = (law.beta(), law.first, law.beta() - needed);
                let law = EntryLaw { model, level, beta, drift, first };
                let index = LargeIndex::new(&law).ok_or(SamplingError::NoneLarge { level })?;
                Ok(Self { model, samples, level, beta, drift, first, index })
            }
            _ => Err(SamplingError::RareNotLarge { needed }),
        }
    }

    /// Draws an entry. Cost: a few variates; up to some thousand where large coordinates are not
    /// where their limit law has them.
    ///
    /// ```
    /// use asymscale_model::SparseModel;
    /// use asymscale_sampling::{Key, LargeEntries};
    /// let model = SparseModel::power_law(1.0, 3.0, 1.0)?; // a_i² = i
    /// let entry = LargeEntries::new(&model, 10, 50.0)?.sample(&mut Key::new(1).stream());
    /// assert!(entry.value.powi(2) > 50.0 && entry.row < 10 && entry.index >= 2.0);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn sample<R: Rng + ?Sized>(&self, rng: &mut R) -> Entry {
        let row = rng.random_range(0..self.samples as u32);
        let proposed = (0..MOST_PROPOSALS).find_map(|_| self.propose(rng));
        let (index, z) = proposed.unwrap_or_else(|| self.draw(rng));
        let sign = if rng.random::<bool>() { 1.0 } else { -1.0 };
        Entry { row, index, value: sign * self.above(z * self.model.scale_squared(index).sqrt()) }
    }

    /// A coordinate and its amplitude from their limit law, if they are accepted.
    fn propose<R: Rng + ?Sized>(&self, rng: &mut R) -> Option<(f64, f64)> {
        let z = self.propose_amplitude(rng);
        let start = self.start(z);
        if rng.random::<f64>() * self.largest_ratio() > self.ratio(z, start) {
            return None;
        }
        let index = self.propose_index(start, rng)?;
        let inside = index <= self.model.coordinates().as_f64();
        (inside && self.model.scale_squared(index) * z * z > self.level).then_some((index, z))
    }

    /// A coordinate from its weights, then its amplitude.
    fn draw<R: Rng + ?Sized>(&self, rng: &mut R) -> (f64, f64) {
        let Self { model, level, beta, drift, first, .. } = *self;
        let law = EntryLaw { model, level, beta, drift, first };
        let index = self.index.sample(&law, rng);
        (index, law.amplitude(law.needed(index), rng))
    }

    /// The value itself, or a larger one where rounding left its square at the level or below.
    fn above(&self, value: f64) -> f64 {
        let mut value = value;
        while value * value <= self.level {
            value = (value.max(self.level.sqrt())) * (1.0 + f64::EPSILON);
        }
        value
    }

    /// How many entries of a design are large, at rare coordinates.
    pub fn count(&self, design: &Design) -> usize {
        let rare = design.indices().partition_point(|index| *index < self.first);
        let large = |j: usize| design.column(j).1.iter().filter(|x| *x * *x > self.level).count();
        (rare..design.seen()).map(large).sum()
    }

    /// `|z|` from the density `∝ z^q φ(z)`: `z²/2` is Gamma of shape `(q + 1)/2`. Rademacher ones
    /// have one size.
    fn propose_amplitude<R: Rng + ?Sized>(&self, rng: &mut R) -> f64 {
        match self.model.amplitude() {
            Amplitude::Gaussian => {
                let law = Gamma::new(0.5 * (self.power() + 1.0), 2.0)
                    .expect("a positive shape and scale");
                law.sample(rng).sqrt()
            }
            Amplitude::Rademacher => 1.0,
        }
    }

    /// `q`, the power with which the number of large coordinates grows with `|z|`.
    fn power(&self) -> f64 {
        2.0 * (self.beta - 1.0) / self.drift
    }

    /// The real number from which on a coordinate with amplitude `z` is large.
    fn critical(&self, z: f64) -> f64 {
        // a_1² of the rare law, c^{−β}, from the first rare coordinate.
        let front = self.model.scale_squared(self.first) * self.first.powf(-self.drift);
        (self.level / (front * z * z)).powf(1.0 / self.drift)
    }

    /// Where proposals of a coordinate start: half a step below the first that could be accepted.
    fn start(&self, z: f64) -> f64 {
        self.critical(z).floor().max(self.first) - 0.5
    }

    /// Target over proposal as functions of `z`: `(critical/start)^{β−1}`, up to a constant. With
    /// Rademacher amplitudes there is one `z` only.
    fn ratio(&self, z: f64, start: f64) -> f64 {
        match self.model.amplitude() {
            Amplitude::Gaussian => (self.critical(z) / start).powf(self.beta - 1.0),
            Amplitude::Rademacher => 1.0,
        }
    }

    /// A bound of `ratio`: `start ≥ critical − 3/2` and `start ≥ first − 1/2`.
    fn largest_ratio(&self) -> f64 {
        match self.model.amplitude() {
            Amplitude::Gaussian => (1.0 + 1.5 / (self.first - 0.5)).powf(self.beta - 1.0),
            Amplitude::Rademacher => 1.0,
        }
    }

    /// Proposes a whole number beyond `start` with a probability `∝ i^{−β} start^{β−1}`, or rejects
    /// the proposal: the continuous power law, rounded, dominates the discrete one.
    fn propose_index<R: Rng + ?Sized>(&self, start: f64, rng: &mut R) -> Option<f64> {
        let share = 1.0 - rng.random::<f64>();
        let index = (start * share.powf(1.0 / (1.0 - self.beta))).round();
        let kept = rng.random::<f64>() < filling(self.beta, index);
        Some(index).filter(|index| index.is_finite() && kept)
    }
}
