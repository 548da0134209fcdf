//! Means, spreads and standard errors of independent values.
//!
//! Sums run from the first value to the last; squares are taken about the mean, which has all its
//! digits for values of any offset: the two-pass algorithm of T. F. Chan, G. H. Golub & R. J. Le
//! Veque, *Algorithms for computing the sample variance*, Am. Stat. 37 (1983) 242,
//! doi:10.1080/00031305.1983.10483115.

use std::borrow::Borrow;

/// The arithmetic mean, the sum over the count; NaN for no values.
///
/// **Accuracy.** The sum is plain: `n ε` of the sum of absolute values at worst, `ε = 1.1e−16`.
///
/// ```
/// use asymscale_numerics::mean;
/// assert_eq!(mean(&[1.0, 2.0, 6.0]), 3.0);
/// assert_eq!(mean([1.0_f64, 4.0].iter().map(|x| x.sqrt())), 1.5);
/// ```
#[inline]
pub fn mean<T: Borrow<f64>>(values: impl IntoIterator<Item = T>) -> f64 {
    let mut count = 0_usize;
    let sum: f64 = values.into_iter().inspect(|_| count += 1).map(|value| *value.borrow()).sum();
    sum / count as f64
}

/// `Σ (v − mean)²`.
#[inline]
fn squares_about(values: &[f64], mean: f64) -> f64 {
    values.iter().map(|value| (value - mean).powi(2)).sum()
}

/// The unbiased variance, `Σ (v − mean)²/(n − 1)`; NaN for a single value and 0 for none.
///
/// ```
/// use asymscale_numerics::variance;
/// assert_eq!(variance(&[1.0, 2.0, 6.0]), 7.0);
/// assert!(variance(&[1.0]).is_nan());
/// ```
#[inline]
pub fn variance(values: &[f64]) -> f64 {
    squares_about(values, mean(values)) / (values.len() as f64 - 1.0)
}

/// The square root of [`variance`]; NaN for a single value and 0 for none.
///
/// ```
/// assert_eq!(asymscale_numerics::standard_deviation(&[1.0, 3.0, 5.0]), 2.0);
/// ```
#[inline]
pub fn standard_deviation(values: &[f64]) -> f64 {
    variance(values).sqrt()
}

/// The mean of independent values of equal variance with its standard error, `√(Σ (v − mean)²/(n −
/// 1)/n)`.
///
/// The mean of none is NaN; the standard error of fewer than two values is infinite: nothing is
/// known.
///
/// ```
/// use asymscale_numerics::mean_and_standard_error;
/// let (mean, error) = mean_and_standard_error(&[1.0, 2.0, 3.0]);
/// assert!(mean == 2.0 && (error - (1.0f64 / 3.0).sqrt()).abs() < 1e-15);
/// ```
#[inline]
pub fn mean_and_standard_error(values: &[f64]) -> (f64, f64) {
    let (mean, count) = (mean(values), values.len() as f64);
    let error = if values.len() < 2 {
        f64::INFINITY
    } else {
        (squares_about(values, mean) / (count - 1.0) / count).sqrt()
    };
    (mean, error)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn few_values_say_what_they_do_not_know() {
        assert!(mean::<f64>([]).is_nan() && variance(&[4.0]).is_nan());
        assert_eq!(variance(&[]), 0.0);
        let (none, error) = mean_and_standard_error(&[]);
        assert!(none.is_nan() && error == f64::INFINITY);
        assert_eq!(mean_and_standard_error(&[4.0]), (4.0, f64::INFINITY));
    }

    /// 0, 1, …, n − 1: mean (n − 1)/2, unbiased variance n(n + 1)/12; an offset of 1e9 takes no
    /// digit.
    #[test]
    fn moments_of_whole_numbers_in_a_row() {
        for (count, offset) in [(10_u32, 0.0), (101, -3.0), (1000, 1e9)] {
            let values: Vec<f64> = (0..count).map(|k| f64::from(k) + offset).collect();
            let n = f64::from(count);
            let (mean, error) = mean_and_standard_error(&values);
            assert_eq!(mean, 0.5 * (n - 1.0) + offset);
            assert!((variance(&values) / (n * (n + 1.0) / 12.0) - 1.0).abs() < 1e-14, "{count}");
            assert!((error / ((n + 1.0) / 12.0).sqrt() - 1.0).abs() < 1e-14, "{count}");
        }
    }

    /// The same bits as the sum that the standard library takes.
    #[test]
    fn a_mean_is_the_plain_sum_over_the_count() {
        let values: Vec<f64> = (1..200).map(|k| 1.0 / f64::from(k).powi(3) - 0.01).collect();
        let plain = values.iter().sum::<f64>() / values.len() as f64;
        assert_eq!(mean(&values).to_bits(), plain.to_bits());
        assert_eq!(mean(values.iter().copied()).to_bits(), plain.to_bits());
    }
}
