//! What is refused before any work: requests that no float, no memory or no law can meet.

use crate::SamplingError;
use crate::power_cells::span;
use asymscale_model::{Activity, PowerLaw, RareLaw, SparseModel};

/// Numbers of coordinates stay below this.
const FARTHEST: f64 = 1e300;

/// Expected number of seen coordinates beyond [`FARTHEST`] that is taken for none.
const NEGLIGIBLE: f64 = 1e-6;

/// Expected bytes of the largest design: 8 GiB.
const LARGEST: f64 = 8589934592.0;

/// Bytes of an entry: its row and its value.
const ENTRY: f64 = 12.0;

/// Bytes of a seen coordinate: number, variance, end of its column, and number and count while it
/// is drawn.
const COORDINATE: f64 = 40.0;

/// How large a design is expected to be: bounds from above, not far above except for `β` near 1.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct DesignSize {
    /// Seen coordinates.
    pub seen: f64,
    /// Non-zero entries.
    pub entries: f64,
}

impl DesignSize {
    /// Of `samples ≥ 1` samples; infinite where a sample has infinitely many active coordinates.
    /// Closed form.
    ///
    /// ```
    /// use asymscale_model::SparseModel;
    /// use asymscale_sampling::{Design, DesignSize, Key};
    /// let model = SparseModel::power_law(1.0, 1.5, 2.0)?;
    /// let size = DesignSize::expected(&model, 1e3);
    /// let design = Design::sample(&model, 1000, &mut Key::new(1).stream())?;
    /// assert!((1.0..2.0).contains(&(size.seen / design.seen() as f64)));
    /// assert!((0.9..1.5).contains(&(size.entries / design.nonzeros() as f64)));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn expected(model: &SparseModel, samples: f64) -> Self {
        let endless = model.coordinates().is_infinite()
            && !model.is_one_hot()
            && model.rare_law().is_some_and(|law| law.beta() <= 1.0);
        let at_most =
            |samples| if endless { f64::INFINITY } else { active_at_most(model, samples) };
        Self { seen: at_most(samples), entries: samples * at_most(1.0) }
    }

    /// Bytes of a design and of what it takes to draw one.
    pub fn bytes(&self) -> f64 {
        ENTRY * self.entries + COORDINATE * self.seen
    }
}

impl DesignSize {
    /// The expected size of a design that can be drawn and held.
    ///
    /// # Errors
    /// As [`Design::sample`](crate::Design::sample), without a draw.
    pub fn checked(model: &SparseModel, samples: usize) -> Result<Self, SamplingError> {
        check_design(model, samples)?;
        Ok(Self::expected(model, samples as f64))
    }
}

/// Whether the coordinates that `samples` samples activate can be drawn and numbered.
pub(crate) fn check(model: &SparseModel, samples: usize) -> Result<(), SamplingError> {
    check_samples(samples)?;
    let d = samples as f64;
    match (model.activity_law(), model.rare_law()) {
        _ if !model.coordinates().is_infinite() => {}
        (Activity::Uniform { probability }, _) => {
            return Err(SamplingError::Uniform { probability: *probability });
        }
        // At most: a normalising sum is at least 1/(β − 1).
        (Activity::OneHot { beta }, _) => {
            check_range(*beta, samples, d * FARTHEST.powf(1.0 - beta))?;
        }
        (_, Some(law)) if law.beta() <= 1.0 => {
            return Err(SamplingError::Beta { beta: law.beta() });
        }
        (_, Some(RareLaw { activity: PowerLaw { log_front, exponent }, .. })) => {
            let beyond = (log_front + (1.0 - exponent) * FARTHEST.ln()).exp() / (exponent - 1.0);
            check_range(exponent, samples, d * beyond)?;
        }
        _ => {}
    }
    check_size(DesignSize { seen: active_at_most(model, d), entries: 0.0 })
}

/// Whether a whole design of `samples` samples can be held.
pub(crate) fn check_design(model: &SparseModel, samples: usize) -> Result<(), SamplingError> {
    check(model, samples)?;
    check_size(DesignSize::expected(model, samples as f64))
}

/// Rows are numbered by 32 bits.
pub(crate) fn check_samples(samples: usize) -> Result<(), SamplingError> {
    if (1..=u32::MAX as usize).contains(&samples) {
        Ok(())
    } else {
        Err(SamplingError::Samples(samples))
    }
}

fn check_range(beta: f64, samples: usize, beyond: f64) -> Result<(), SamplingError> {
    if beyond <= NEGLIGIBLE {
        return Ok(());
    }
    let allowed = (samples as f64 * NEGLIGIBLE / beyond).floor() as u64;
    Err(SamplingError::Range { beta, samples, beyond, allowed })
}

fn check_size(size: DesignSize) -> Result<(), SamplingError> {
    let (entries, bytes) = (size.entries.max(size.seen), size.bytes());
    if bytes <= LARGEST {
        Ok(())
    } else {
        Err(SamplingError::Size { entries, bytes, largest: LARGEST })
    }
}

/// `Σ min(1, D p_i)`, a bound on the expected number of coordinates that `D` samples activate and
/// exact for one, up to 1 too many for a power law: its sum over rare ones is bounded by an
/// integral, which neither over- nor underflows for steep laws and large onsets.
fn active_at_most(model: &SparseModel, samples: f64) -> f64 {
    let last = model.coordinates().as_f64();
    if model.is_one_hot() {
        return samples.min(last);
    }
    let listed = model.listed() as f64;
    let listed: f64 = (1..=listed.min(last) as usize)
        .map(|i| (samples * model.activity(i as f64)).min(1.0))
        .sum();
    match model.rare_law() {
        Some(law) => {
            let always = law.first - 1.0 - model.listed() as f64;
            listed + always + rare_at_most(&law, samples, last)
        }
        None => listed + (last - model.listed() as f64),
    }
}

/// The part of the rare coordinates: `D` samples are like one of an onset `D^{1/β}` times as large.
fn rare_at_most(law: &RareLaw, samples: f64, last: f64) -> f64 {
    let PowerLaw { log_front, exponent } = law.activity;
    let before = law.first - 1.0;
    if exponent == 0.0 {
        return (samples * log_front.exp()).min(1.0) * (last - before);
    }
    let onset = ((log_front + samples.ln()) / exponent).exp();
    let sure = onset.floor().max(before);
    if sure >= last {
        return last - before;
    }
    let first = sure + 1.0;
    let rare = (onset / first).powf(exponent);
    (sure - before) + rare + rare * first * span(exponent, first, last)
}

#[cfg(test)]
mod tests {
    use super::active_at_most;
    use asymscale_model::{Coordinates, SparseModel};

    #[test]
    fn the_bound_on_active_coordinates_is_at_most_one_too_high() {
        for (beta, onset) in [(0.0, 1.0), (0.5, 2.5), (1.0, 10.0), (2.0, 1.0), (8.0, 1e4)] {
            for last in [1, 3, 20, 100_000] {
                let model = SparseModel::power_law(1.0, beta, onset).unwrap();
                let model = model.with_coordinates(Coordinates::Finite(last)).unwrap();
                let (bound, exact) = (active_at_most(&model, 1.0), model.active_per_sample());
                // Rounding of a sum of up to 1e5.
                assert!(
                    bound >= exact - 1e-9 && bound <= exact + 1.0,
                    "{beta} {onset} {last}: {bound} {exact}"
                );
            }
        }
        let many = SparseModel::power_law(1.0, 2.0, 1.0).unwrap();
        // D^{1/2} are as good as always on, and Σ_{i>n} n²/i² is about n.
        assert!((1.99e4..2.01e4).contains(&active_at_most(&many, 1e8)));
        let dense = SparseModel::power_law(1.0, 0.0, 1.0)
            .unwrap()
            .with_coordinates(Coordinates::Finite(7))
            .unwrap();
        assert_eq!([1.0, 10.0].map(|d| active_at_most(&dense, d)), [7.0, 7.0]);
        let steep = SparseModel::power_law(1.0, 100.0, 1e4).unwrap();
        assert!((1e4..1.02e4).contains(&active_at_most(&steep, 1.0)));
    }
}
