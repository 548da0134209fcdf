//! Counts in a random subset of the samples: how a forecast is held against what the rest shows.

use rand::{Rng, RngExt};

use crate::FittingError;

/// Counts in `kept` of the `samples` samples, chosen at random without replacement: each count is hypergeometric.
///
/// Features are thinned **independently** of each other: the counts of each feature are exactly those of a random
/// subset, but which features are active together is not known from counts, and not kept. Rows stay in their place,
/// with 0 where a feature is not seen. Thin the result again for a subset of the subset: a forecast from the smaller
/// is held against the larger. Independence leaves means alone; the spread of sums over features misses what
/// features active together would add. Cost: one random number per activation.
///
/// # Errors
/// `kept` that is 0 or above `samples`; a count above `samples`, with its row.
///
/// ```
/// use asymscale_fitting::diagnosis::thin_counts;
/// use rand_xoshiro::{Xoshiro256PlusPlus, rand_core::SeedableRng};
/// let half = thin_counts(&[1000, 600, 1, 0], 1000, 500, &mut Xoshiro256PlusPlus::seed_from_u64(1))?;
/// assert_eq!((half[0], half[3]), (500, 0)); // active in every sample, active in none
/// assert!(half[2] <= 1);
/// # Ok::<(), asymscale_fitting::FittingError>(())
/// ```
pub fn thin_counts<R: Rng + ?Sized>(
    counts: &[u64],
    samples: u64,
    kept: u64,
    rng: &mut R,
) -> Result<Vec<u64>, FittingError> {
    if kept == 0 || kept > samples {
        return Err(FittingError::KeptSamples { kept, samples });
    }
    let thin = |(row, &count): (usize, &u64)| {
        if count > samples {
            return Err(FittingError::Count { value: count as f64, row: row + 1, samples: samples as f64 });
        }
        Ok(hypergeometric(count, samples, kept, rng))
    };
    counts.iter().enumerate().map(thin).collect()
}

/// How many of `marked` of `all` samples are among `kept` of them, drawn one after the other (`rand_distr`'s sampler
/// refuses large populations, for which a product of factorials underflows).
fn hypergeometric<R: Rng + ?Sized>(marked: u64, all: u64, kept: u64, rng: &mut R) -> u64 {
    let mut left = kept;
    for drawn in 0..marked {
        if rng.random::<f64>() * ((all - drawn) as f64) < left as f64 {
            left -= 1;
        }
    }
    kept - left
}
