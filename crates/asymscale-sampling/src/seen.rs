//! Which coordinates are active in at least one sample, and in how many.

use crate::jump::Jumps;
use crate::one_hot::OneHot;
use crate::{SamplingError, request, truncated_binomial};
use asymscale_model::{Activity, SparseModel};
use rand::{Rng, RngExt};
use rand_distr::Binomial;

/// A coordinate that at least one sample activates.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SeenCoordinate {
    /// Its number `i ≥ 1`: a whole number, exact up to 2⁵³ and rounded beyond.
    pub index: f64,
    /// In how many samples it is active, at least 1.
    pub count: u32,
}

/// Coordinates are drawn one by one while `Λ = −D ln(1 − p)`, the intensity of being seen, or the
/// activity `p` is at least this; rarer ones are jumped to. The first bounds the draws that find
/// nothing, the second the work of a truncated draw. Neither changes the law.
const LIKELY_INTENSITY: f64 = 0.3;
const LIKELY_ACTIVITY: f64 = 0.05;

/// The seen coordinates of `samples` samples, ascending, with their counts.
///
/// Exact, also for infinitely many coordinates: counts are `Binomial(D, p_i)` and independent of
/// each other, or multinomial for a one-hot activity. Coordinates always on (`p_i = 1`) cost no
/// draw. Beyond 2⁵³ a coordinate's number is rounded to a float, up to 1e300. Cost: proportional to
/// the number of coordinates seen (for a table, to its length; one-hot, `D log D`).
///
/// # Errors
/// Before any work: [`SamplingError::Samples`] for none, [`SamplingError::Beta`] and
/// [`SamplingError::Uniform`] where a sample would have infinitely many active coordinates,
/// [`SamplingError::Range`] for `β` so near 1 that coordinates beyond 1e300 would be seen,
/// [`SamplingError::Size`] for a design of more than 8 GiB.
///
/// ```
/// use asymscale_model::SparseModel;
/// use asymscale_sampling::{Key, seen_coordinates};
/// let model = SparseModel::power_law(1.0, 2.0, 1.0)?;
/// let seen = seen_coordinates(&model, 100, &mut Key::new(1).stream())?;
/// assert_eq!((seen[0].index, seen[0].count), (1.0, 100)); // below the onset: always on
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn seen_coordinates<R: Rng + ?Sized>(
    model: &SparseModel,
    samples: usize,
    rng: &mut R,
) -> Result<Vec<SeenCoordinate>, SamplingError> {
    request::check(model, samples)?;
    Ok(match *model.activity_law() {
        Activity::OneHot { beta } => one_hot(model, beta, samples, rng),
        Activity::PowerLaw { beta, .. } => falling(model, beta, samples, rng),
        Activity::Uniform { .. } => falling(model, 0.0, samples, rng),
        _ => one_by_one(model, samples, rng),
    })
}

/// The coordinate of every sample, sorted and counted.
fn one_hot<R: Rng + ?Sized>(
    model: &SparseModel,
    beta: f64,
    samples: usize,
    rng: &mut R,
) -> Vec<SeenCoordinate> {
    let law = OneHot::new(beta, model.coordinates().as_f64());
    let mut drawn: Vec<f64> = (0..samples).map(|_| law.sample(rng)).collect();
    drawn.sort_unstable_by(f64::total_cmp);
    drawn
        .chunk_by(|a, b| a == b)
        .map(|group| SeenCoordinate { index: group[0], count: group.len() as u32 })
        .collect()
}

/// Activities that fall as a power or are all equal: the likely coordinates one by one, then jumps.
fn falling<R: Rng + ?Sized>(
    model: &SparseModel,
    beta: f64,
    samples: usize,
    rng: &mut R,
) -> Vec<SeenCoordinate> {
    let (d, last) = (samples as f64, model.coordinates().as_f64());
    let mut seen = Vec::new();
    let mut index = 1.0;
    while index <= last {
        let p = model.activity(index);
        if p < LIKELY_ACTIVITY && -d * (-p).ln_1p() < LIKELY_INTENSITY {
            break;
        }
        seen.extend(draw(index, p, samples, rng));
        index += 1.0;
    }
    if index <= last {
        let jumps = Jumps { model, beta, samples: d, first: index, last };
        jumps.each(rng, |rng, index, p| {
            seen.push(SeenCoordinate { index, count: truncated_binomial::sample(d, p, rng) });
        });
    }
    seen
}

/// Activities in no order.
fn one_by_one<R: Rng + ?Sized>(
    model: &SparseModel,
    samples: usize,
    rng: &mut R,
) -> Vec<SeenCoordinate> {
    let last = model.coordinates().as_f64() as usize;
    let indices = (1..=last).map(|index| index as f64);
    indices.filter_map(|index| draw(index, model.activity(index), samples, rng)).collect()
}

/// The count of one coordinate, none if it is 0.
fn draw<R: Rng + ?Sized>(
    index: f64,
    p: f64,
    samples: usize,
    rng: &mut R,
) -> Option<SeenCoordinate> {
    let count = if p >= 1.0 {
        samples as u64
    } else {
        rng.sample(Binomial::new(samples as u64, p).expect("p is a probability"))
    };
    (count > 0).then_some(SeenCoordinate { index, count: count as u32 })
}
