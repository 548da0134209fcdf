//! Which coordinates are active in at least one sample, and in how many.

use crate::jump::Jumps;
use crate::one_hot::OneHot;
use crate::{SamplingError, request, truncated_binomial};
use asymscale_model::{Activity, SparseModel, Table};
use rand::{Rng, RngExt};
use rand_distr::{Binomial, Exp1};

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
/// the number of coordinates seen (one-hot: `D log D`); a table is sorted once.
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
    if let Activity::OneHot { beta } = *model.activity_law() {
        return Ok(one_hot(model, beta, samples, rng));
    }
    let mut seen = match model.activity_law() {
        Activity::Table(table) => listed(table, samples, rng),
        _ => Vec::new(),
    };
    let next = model.activity_law().listed() as f64 + 1.0;
    falling(model, next, samples, rng, &mut seen);
    Ok(seen)
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

/// The coordinates of a table: the likely ones one by one, then, in the order of their activities,
/// jumps over those that are not seen.
///
/// With the most likely of the rest seen with probability `h`, the next candidate is a geometric
/// number of places away; it is kept with its own probability over `h`, and the search goes on
/// behind it.
fn listed<R: Rng + ?Sized>(table: &Table, samples: usize, rng: &mut R) -> Vec<SeenCoordinate> {
    let (d, values, order) = (samples as f64, table.values(), table.descending());
    let intensity = |p: f64| -d * (-p).ln_1p();
    let index = |place: usize| f64::from(order[place]) + 1.0;
    let likely = |place: &u32| {
        let p = values[*place as usize];
        p >= LIKELY_ACTIVITY || intensity(p) >= LIKELY_INTENSITY
    };
    let mut place = order.partition_point(likely);
    let mut seen: Vec<SeenCoordinate> = (0..place)
        .filter_map(|k| draw(index(k), values[order[k] as usize], samples, rng))
        .collect();
    while place < order.len() {
        let highest = intensity(values[order[place] as usize]);
        let exponential: f64 = rng.sample(Exp1);
        let jump = (exponential / highest).floor();
        // Also where what is left is never active.
        if jump.is_nan() || jump >= (order.len() - place) as f64 {
            break;
        }
        place += jump as usize;
        let p = values[order[place] as usize];
        let (hit, bound) = (-(-intensity(p)).exp_m1(), -(-highest).exp_m1());
        if rng.random::<f64>() * bound < hit {
            let count = truncated_binomial::sample(d, p, rng);
            seen.push(SeenCoordinate { index: index(place), count });
        }
        place += 1;
    }
    seen.sort_unstable_by(|a, b| a.index.total_cmp(&b.index));
    seen
}

/// Activities from coordinate `index` on, which fall as a power or are all equal: the likely
/// coordinates one by one, then jumps.
fn falling<R: Rng + ?Sized>(
    model: &SparseModel,
    mut index: f64,
    samples: usize,
    rng: &mut R,
    seen: &mut Vec<SeenCoordinate>,
) {
    let (d, last) = (samples as f64, model.coordinates().as_f64());
    while index <= last {
        let p = model.activity(index);
        if p < LIKELY_ACTIVITY && -d * (-p).ln_1p() < LIKELY_INTENSITY {
            break;
        }
        seen.extend(draw(index, p, samples, rng));
        index += 1.0;
    }
    if let Some(law) = model.activity_law().tail().filter(|_| index <= last) {
        let jumps = Jumps { model, beta: law.exponent, samples: d, first: index, last };
        jumps.each(rng, |rng, index, p| {
            seen.push(SeenCoordinate { index, count: truncated_binomial::sample(d, p, rng) });
        });
    }
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
