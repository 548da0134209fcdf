//! Independent replicates in parallel, each with a key of its own.

use asymscale_sampling::Key;
use rayon::prelude::*;

/// Runs `work` for replicates `first..first + count` on the current rayon pool, replicate `k` with the key
/// `key.index(k)`, and returns the results in that order.
///
/// The result does not depend on the number of threads. The first error, in replicate order, is
/// returned. Memory: one replicate's working set per thread.
///
/// ```
/// use asymscale_montecarlo::replicates;
/// use asymscale_sampling::Key;
/// let double = replicates(&Key::new(1), 0, 4, |k, _key| Ok::<_, String>(2 * k));
/// assert_eq!(double, Ok(vec![0, 2, 4, 6]));
/// ```
pub fn replicates<T, E, F>(key: &Key, first: u64, count: usize, work: F) -> Result<Vec<T>, E>
where
    T: Send,
    E: Send,
    F: Fn(u64, Key) -> Result<T, E> + Sync,
{
    let results: Vec<Result<T, E>> =
        (first..first + count as u64).into_par_iter().map(|k| work(k, key.index(k))).collect();
    results.into_iter().collect()
}
