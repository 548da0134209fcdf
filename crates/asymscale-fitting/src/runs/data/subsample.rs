//! A subsample of the rows, for computations that would take long on all of them.

use super::rows::Runs;

/// The increment and the multipliers of `SplitMix64` (G. L. Steele, D. Lea, C. H. Flood, *OOPSLA*
/// 2014).
const INCREMENT: u64 = 0x9e37_79b9_7f4a_7c15;
const FIRST: u64 = 0xbf58_476d_1ce4_e5b9;
const SECOND: u64 = 0x94d0_49bb_1331_11eb;

impl Runs {
    /// Rows of which there are at most `at_most`, ascending: one of each stretch of consecutive
    /// rows of one length, at a place in it that looks random but is always the same. A table that
    /// repeats itself every so many rows thus keeps all its sizes. All rows where there are no more
    /// than that. Cost `O(runs)`.
    ///
    /// ```
    /// let sizes: Vec<f64> = (0..1000).map(|k| f64::from(1 + k % 10)).collect();
    /// let runs = asymscale_fitting::Runs::new(&sizes, &sizes, &sizes)?;
    /// let rows = runs.thinned(100);
    /// assert_eq!(rows.len(), 100);
    /// // Every tenth row would hold one of the ten sizes.
    /// assert!(runs.pick(&rows).features().contains(&1.0) && runs.pick(&rows).features().contains(&10.0));
    /// # Ok::<(), asymscale_fitting::FittingError>(())
    /// ```
    pub fn thinned(&self, at_most: usize) -> Vec<usize> {
        let every = self.len().div_ceil(at_most.max(1)).max(1);
        let place = |start: usize| {
            let length = every.min(self.len() - start);
            start + (split_mix(start as u64) % length as u64) as usize
        };
        (0..self.len()).step_by(every).map(place).collect()
    }
}

/// The output of `SplitMix64` for a number: it looks random and is always the same.
fn split_mix(number: u64) -> u64 {
    let mut z = number.wrapping_add(INCREMENT);
    z = (z ^ (z >> 30)).wrapping_mul(FIRST);
    z = (z ^ (z >> 27)).wrapping_mul(SECOND);
    z ^ (z >> 31)
}
