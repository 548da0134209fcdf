//! Quantiles of samples.
//!
//! There are several definitions, and each result is bound to one: see R. J. Hyndman & Y. Fan,
//! *Sample quantiles in statistical packages*, Am. Stat. 50 (1996) 361,
//! doi:10.1080/00031305.1996.10473566, for their numbers.

/// Values in ascending order: −∞ first, numbers, ∞, and NaN last (by [`f64::total_cmp`]; a NaN with
/// its sign bit set comes first).
///
/// **Cost.** `O(n log n)`.
///
/// ```
/// assert_eq!(asymscale_numerics::sorted([3.0, 1.0, 2.0]), [1.0, 2.0, 3.0]);
/// ```
#[inline]
pub fn sorted(values: impl IntoIterator<Item = f64>) -> Vec<f64> {
    let mut values: Vec<f64> = values.into_iter().collect();
    values.sort_by(f64::total_cmp);
    values
}

/// The `q`-quantile of ascending values by linear interpolation between order statistics,
/// definition 7 of Hyndman & Fan (the default of R); NaN for no values.
///
/// Between two equal values it is that value, infinite ones too. `q` outside of `[0, 1]` is taken
/// as the nearer end.
///
/// # Panics
/// If `q` is NaN.
///
/// ```
/// use asymscale_numerics::quantile;
/// assert_eq!(quantile(&[1.0, 2.0, 4.0], 0.75), 3.0);
/// ```
pub fn quantile(sorted: &[f64], q: f64) -> f64 {
    assert!(!q.is_nan(), "q = NaN: must be in [0, 1]");
    let Some(last) = sorted.len().checked_sub(1) else { return f64::NAN };
    let at = q.clamp(0.0, 1.0) * last as f64;
    let (low, high) = (sorted[at.floor() as usize], sorted[at.ceil() as usize]);
    if low == high { low } else { low + (high - low) * at.fract() }
}

/// The order statistic nearest to a probability: of rank `p (n + 1)`, rounded, among ascending
/// values; NaN for none.
///
/// It has the plotting position of definition 6 of Hyndman & Fan and is never between two values,
/// of which one may be infinite. Half-way ranks go up; ranks below 1 or above `n` are the nearer
/// end.
///
/// # Panics
/// If `p` is NaN.
///
/// ```
/// use asymscale_numerics::nearest_order_statistic;
/// let values: Vec<f64> = (1..=99).map(f64::from).collect();
/// assert_eq!(nearest_order_statistic(&values, 0.05), 5.0);
/// ```
pub fn nearest_order_statistic(sorted: &[f64], p: f64) -> f64 {
    assert!(!p.is_nan(), "p = NaN: must be in [0, 1]");
    if sorted.is_empty() {
        return f64::NAN;
    }
    let rank = (p * (sorted.len() as f64 + 1.0)).round() as usize;
    sorted[rank.clamp(1, sorted.len()) - 1]
}

/// The two-sided percentile interval of ascending values: the order statistics nearest to `½(1 −
/// level)` and `½(1 + level)`.
///
/// Of resampled estimates the simplest bootstrap interval; too narrow for few blocks, and shifted
/// for skewed estimates (B. Efron & R. J. Tibshirani, *An Introduction to the Bootstrap*, 1993,
/// §13.3). `(NaN, NaN)` for no values.
///
/// # Panics
/// Unless `0 <= level <= 1`.
///
/// ```
/// use asymscale_numerics::percentile_interval;
/// let values: Vec<f64> = (1..=999).map(f64::from).collect();
/// assert_eq!(percentile_interval(&values, 0.95), (25.0, 975.0));
/// ```
pub fn percentile_interval(sorted: &[f64], level: f64) -> (f64, f64) {
    assert!((0.0..=1.0).contains(&level), "level = {level}: must be in [0, 1]");
    let at = |p: f64| nearest_order_statistic(sorted, p);
    (at(0.5 * (1.0 - level)), at(0.5 * (1.0 + level)))
}

/// The upper median of ascending values, of rank `⌊n/2⌋ + 1`: one of the values, of an even number
/// of them the larger of the middle two; NaN for none.
///
/// ```
/// use asymscale_numerics::upper_median;
/// assert_eq!((upper_median(&[1.0, 2.0, 9.0]), upper_median(&[1.0, 2.0])), (2.0, 2.0));
/// ```
#[inline]
pub fn upper_median(sorted: &[f64]) -> f64 {
    sorted.get(sorted.len() / 2).copied().unwrap_or(f64::NAN)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn medians_of_odd_and_even_samples() {
        assert_eq!(quantile(&[3.0], 0.5), 3.0);
        assert_eq!(quantile(&[1.0, 3.0], 0.5), 2.0);
        assert!(quantile(&[], 0.5).is_nan());
        assert_eq!(quantile(&[1.0, f64::INFINITY], 1.0), f64::INFINITY);
        assert!(upper_median(&[]).is_nan() && nearest_order_statistic(&[], 0.5).is_nan());
    }

    /// `(1 − f) x_k + f x_{k+1}` with `k + f = 1 + q (n − 1)`, worked out by hand.
    #[test]
    fn quantiles_are_those_of_definition_seven() {
        let primes = [2.0, 3.0, 5.0, 7.0, 11.0];
        for (q, expected) in [(0.1, 2.4), (0.25, 3.0), (0.4, 4.2), (0.9, 9.4)] {
            assert!((quantile(&primes, q) - expected).abs() < 1e-14, "{q}");
        }
    }

    #[test]
    fn order_statistics_stay_within_the_sample() {
        let values = [1.0, 2.0, f64::INFINITY];
        let at = |p: f64| nearest_order_statistic(&values, p);
        assert_eq!(
            [0.0, 0.2, 0.5, 0.7, 1.0].map(at),
            [1.0, 1.0, 2.0, f64::INFINITY, f64::INFINITY]
        );
        // Half-way goes up: 0.375 · 4 = 1.5.
        assert_eq!(at(0.375), 2.0);
    }

    #[test]
    #[should_panic(expected = "level = 1.5: must be in [0, 1]")]
    fn a_level_above_one_is_refused() {
        percentile_interval(&[1.0], 1.5);
    }
}
