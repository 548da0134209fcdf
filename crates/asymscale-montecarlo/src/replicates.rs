//! Independent replicates in parallel, each with a key of its own.

use asymscale_sampling::Key;
use rayon::prelude::*;

/// Runs `work` for replicates `first..first + count` on the current rayon pool, replicate `k` with
/// the key `key.index(k)`, and returns the results in that order.
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
    replicates_at_most(key, (first, count), usize::MAX, work)
}

/// As [`replicates`], at most `together ≥ 1` of them at a time: memory for so many.
pub fn replicates_at_most<T, E, F>(
    key: &Key,
    (first, count): (u64, usize),
    together: usize,
    work: F,
) -> Result<Vec<T>, E>
where
    T: Send,
    E: Send,
    F: Fn(u64, Key) -> Result<T, E> + Sync,
{
    let one = |k| work(k, key.index(k));
    let end = first + count as u64;
    if together >= rayon::current_num_threads() {
        return collect((first..end).into_par_iter().map(one).collect());
    }
    let mut results = Vec::with_capacity(count);
    for from in (first..end).step_by(together) {
        let to = end.min(from.saturating_add(together as u64));
        results.extend(collect((from..to).into_par_iter().map(&one).collect())?);
    }
    Ok(results)
}

fn collect<T, E>(results: Vec<Result<T, E>>) -> Result<Vec<T>, E> {
    results.into_iter().collect()
}
