//! Order statistics and moments of replicated losses.

use asymscale_model::ModelSize;
use asymscale_numerics::{mean, mean_and_standard_error, quantile, sorted};
use serde::Serialize;
use statrs::distribution::{Binomial, ContinuousCDF, DiscreteCDF, StudentsT};

/// How many pairs the expected coefficient of a control counts for: with as many measured ones it
/// has half the weight.
const PRIOR: f64 = 10.0;
/// A spread this small relative to what it is a difference of is rounding.
const ROUNDING: f64 = 1e-12;
/// Losses are skewed at least so much, whatever a few of them show: as the number of events of
/// which one is expected.
const LEAST_SKEWNESS: f64 = 1.0;

/// The mean of independent values with its standard error.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Estimate {
    /// Arithmetic mean.
    pub mean: f64,
    /// Standard error of the mean; infinite for fewer than two values.
    pub standard_error: f64,
    /// How many independent values.
    pub count: usize,
}

impl Estimate {
    /// Mean and standard error of independent values; the mean of none is NaN.
    ///
    /// ```
    /// use asymscale_montecarlo::Estimate;
    /// let estimate = Estimate::of(&[1.0, 2.0, 3.0]);
    /// assert_eq!((estimate.mean, estimate.count), (2.0, 3));
    /// assert!((estimate.standard_error - (1.0f64 / 3.0).sqrt()).abs() < 1e-15);
    /// ```
    pub fn of(values: &[f64]) -> Self {
        let (mean, standard_error) = mean_and_standard_error(values);
        Self { mean, standard_error, count: values.len() }
    }

    /// The mean of `values` with the help of control variates: `controls[i]` has mean 0 and goes
    /// with `values[i]`, pairs are independent.
    ///
    /// The mean of `v_i − b_i c_i`, where the coefficient `b_i` is had from all **other** pairs:
    /// the slope of their regression, drawn towards `expected` with the weight of 10 pairs. Since
    /// `b_i` is independent of `c_i`, the mean is unbiased for any number of pairs and any control,
    /// a bad one too. A control of correlation `ρ` leaves `1 − ρ²` of the variance when there are
    /// many pairs, and with few what it leaves at `b = expected`.
    ///
    /// # Panics
    /// If there are not as many controls as values.
    ///
    /// ```
    /// use asymscale_montecarlo::Estimate;
    /// // The control explains all but ±0.1.
    /// let (values, controls) = ([4.1, 1.9, 3.1, 2.9, 1.1], [1.0, -1.0, 0.0, 0.0, -2.0]);
    /// let estimate = Estimate::controlled(&values, &controls, 1.0);
    /// assert!((estimate.mean - 3.0).abs() < 0.1 && estimate.standard_error < 0.06);
    /// ```
    pub fn controlled(values: &[f64], controls: &[f64], expected: f64) -> Self {
        Self::of(&uncontrolled(values, controls, expected))
    }

    /// The same mean with a standard error that belongs to this variance of the values at least.
    ///
    /// ```
    /// use asymscale_montecarlo::Estimate;
    /// let alike = Estimate::of(&[2.0; 4]).with_least_variance(0.25);
    /// assert_eq!((alike.mean, alike.standard_error), (2.0, 0.25));
    /// ```
    #[must_use]
    pub fn with_least_variance(self, variance: f64) -> Self {
        let least = (variance / self.count as f64).sqrt();
        Self { standard_error: self.standard_error.max(least), ..self }
    }

    /// A two-sided interval for the mean of values of this skewness `g ≥ 0`: Student's, which
    /// reaches further up by
    /// `g (1 + 2t²)/(6√n)` standard errors, the root of Johnson's modified `t` to first order.
    ///
    /// The lower end stays where it is: values skewed to the right that have not shown it yet put
    /// their mean too low.
    ///
    /// Source: N. J. Johnson, *Modified t tests and confidence intervals for asymmetrical
    /// populations*, J. Am. Stat. Assoc. 73 (1978) 536, doi:10.1080/01621459.1978.10480051.
    ///
    /// ```
    /// use asymscale_montecarlo::Estimate;
    /// let estimate = Estimate { mean: 0.0, standard_error: 1.0, count: 9 };
    /// let (low, high) = estimate.skewed_interval(0.95, 1.8);
    /// let t = -estimate.interval(0.95).0;
    /// assert!((low + t).abs() < 1e-12 && (high - (t + 0.1 * (1.0 + 2.0 * t * t))).abs() < 1e-12);
    /// ```
    pub fn skewed_interval(&self, level: f64, skewness: f64) -> (f64, f64) {
        let (low, high) = self.interval(level);
        if self.count < 2 || self.standard_error == 0.0 {
            return (low, high);
        }
        let t = (high - self.mean) / self.standard_error;
        let further = skewness * (1.0 + 2.0 * t * t) / (6.0 * (self.count as f64).sqrt());
        (low, high + further * self.standard_error)
    }

    /// The two-sided Student interval of the given level in (0, 1), exact for normal values.
    ///
    /// ```
    /// use asymscale_montecarlo::Estimate;
    /// let (low, high) = Estimate { mean: 0.0, standard_error: 1.0, count: 11 }.interval(0.95);
    /// assert!((high - 2.228_138_85).abs() < 1e-6 && low == -high); // t quantile, 10 degrees of freedom
    /// ```
    pub fn interval(&self, level: f64) -> (f64, f64) {
        let half = if self.count < 2 {
            f64::INFINITY
        } else {
            let student = StudentsT::new(0.0, 1.0, self.count as f64 - 1.0);
            student.map_or(f64::INFINITY, |law| law.inverse_cdf(0.5 + 0.5 * level))
                * self.standard_error
        };
        (self.mean - half, self.mean + half)
    }
}

/// `v_i − b_i c_i`, as [`Estimate::controlled`] takes the mean of.
pub(crate) fn uncontrolled(values: &[f64], controls: &[f64], expected: f64) -> Vec<f64> {
    assert_eq!(values.len(), controls.len(), "a control for each value");
    let count = values.len() as f64;
    let (value, control) = (mean(values), mean(controls));
    let pairs = || values.iter().zip(controls).map(|(v, c)| (v - value, c - control));
    let shared: f64 = pairs().map(|(v, c)| v * c).sum();
    let square: f64 = pairs().map(|(_, c)| c * c).sum();
    let without = count / (count - 1.0);
    let others = |(v, c): (f64, f64)| {
        let (pairs, spread) = (count - 1.0, square - without * c * c);
        // Of controls that are all the same, rounding leaves some spread, and there is no slope.
        if pairs > 1.0 && spread > ROUNDING * square {
            ((shared - without * v * c) / spread * pairs + expected * PRIOR) / (pairs + PRIOR)
        } else {
            expected
        }
    };
    pairs().zip(values.iter().zip(controls)).map(|(pair, (v, c))| v - others(pair) * c).collect()
}

/// The skewness of values without its bias towards 0 (`G₁` of Joanes & Gill 1998), at least that of
/// losses.
pub(crate) fn right_skewness(values: &[f64]) -> f64 {
    let n = values.len() as f64;
    let mean = mean(values);
    let moment = |power: i32| values.iter().map(|v| (v - mean).powi(power)).sum::<f64>() / n;
    let square = moment(2);
    if n < 3.0 || square <= (ROUNDING * mean).powi(2) {
        return LEAST_SKEWNESS;
    }
    (moment(3) / square.powf(1.5) * (n * (n - 1.0)).sqrt() / (n - 2.0)).max(LEAST_SKEWNESS)
}

/// A distribution-free interval for the median of sorted independent values, of at least the given
/// level: order statistics `j` and `n + 1 − j`, `j` from the binomial law of the number of values
/// below the median. The whole range where there are too few values for the level.
///
/// ```
/// use asymscale_montecarlo::median_interval;
/// let values: Vec<f64> = (1..=20).map(f64::from).collect();
/// assert_eq!(median_interval(&values, 0.95), (6.0, 15.0)); // the textbook row for n = 20
/// ```
pub fn median_interval(sorted: &[f64], level: f64) -> (f64, f64) {
    let n = sorted.len();
    let (Some(first), Some(last)) = (sorted.first(), sorted.last()) else {
        return (f64::NAN, f64::NAN);
    };
    let Ok(below) = Binomial::new(0.5, n as u64) else { return (*first, *last) };
    let tail = 0.5 * (1.0 - level);
    let inside = (0..n / 2).take_while(|j| below.cdf(*j as u64) <= tail).count();
    let j = inside.max(1);
    (sorted[j - 1], sorted[n - j])
}

/// The loss at one model size over replicated designs.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Summary {
    /// Model size `N`.
    pub features: ModelSize,
    /// Mean loss; `None` where the mean or its variance does not exist (`|N − rank X| ≤ 3` in some
    /// replicate).
    pub mean: Option<f64>,
    /// Standard error of the mean; `None` with it, or from a single replicate.
    pub standard_error: Option<f64>,
    /// 95 % interval of the mean, not symmetric ([`Estimate::skewed_interval`]); `None` with the
    /// standard error.
    pub interval: Option<(f64, f64)>,
    /// By how much the mean may be off beyond its standard error, since losses are not exact given
    /// the design; 0 if they are.
    pub truncation: f64,
    /// Median over designs of the loss averaged over teachers.
    pub median: f64,
    /// Distribution-free 95 % interval of the median.
    pub median_interval: (f64, f64),
    /// Quartiles over designs.
    pub quartiles: (f64, f64),
    /// Number of designs.
    pub repeats: usize,
}

impl Summary {
    /// Summarises the exact losses of independent designs at `features`; `moments` says whether
    /// mean and variance exist. Knows of no model: the standard error is from the spread of the
    /// losses alone.
    pub fn of(features: ModelSize, losses: &[f64], moments: bool) -> Self {
        let sorted = sorted(losses.iter().copied());
        let estimate = Estimate::of(losses);
        let known = moments && losses.len() > 1;
        Self {
            features,
            mean: moments.then_some(estimate.mean),
            standard_error: known.then_some(estimate.standard_error),
            interval: known.then(|| estimate.skewed_interval(0.95, right_skewness(losses))),
            truncation: 0.0,
            median: quantile(&sorted, 0.5),
            median_interval: median_interval(&sorted, 0.95),
            quartiles: (quantile(&sorted, 0.25), quantile(&sorted, 0.75)),
            repeats: losses.len(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// All samples of three from three equally likely pairs, most of whose controls mislead: the
    /// mean over all of them is that of the values.
    #[test]
    fn controlled_means_are_unbiased_exactly() {
        let pairs = [(1.0, -3.0), (2.0, 1.0), (9.0, 2.0)];
        let mut sum = 0.0;
        for code in 0..27 {
            let sample = [pairs[code % 3], pairs[code / 3 % 3], pairs[code / 9]];
            let (values, controls) = (sample.map(|pair| pair.0), sample.map(|pair| pair.1));
            sum += Estimate::controlled(&values, &controls, 4.0).mean / 27.0;
        }
        assert!((sum - 4.0).abs() < 1e-13, "{sum}"); // rounding
    }

    #[test]
    fn intervals_reach_up_with_the_skewness_of_the_values() {
        assert_eq!(right_skewness(&[1.0, 1.0, 1.0]), LEAST_SKEWNESS);
        assert_eq!(right_skewness(&[3.0, 2.0, -9.0]), LEAST_SKEWNESS);
        // Of one value among n that differs: (n − 2)/√(n − 1), times √(n(n−1))/(n − 2), which is
        // √n.
        assert!((right_skewness(&[0.0, 0.0, 0.0, 0.0, 0.0, 7.0]) - 6f64.sqrt()).abs() < 1e-12);
        let single = Estimate::of(&[1.0]).skewed_interval(0.95, 1.0);
        assert_eq!(single, (f64::NEG_INFINITY, f64::INFINITY));
    }

    #[test]
    fn too_few_pairs_have_the_expected_coefficient() {
        assert_eq!(Estimate::controlled(&[5.0], &[1.0], 2.0).mean, 3.0);
        assert_eq!(Estimate::controlled(&[5.0, 4.0], &[1.0, -0.3], 2.0), Estimate::of(&[3.0, 4.6]));
        assert_eq!(
            Estimate::controlled(&[1.0, 2.0, 6.0], &[0.0; 3], 2.0),
            Estimate::of(&[1.0, 2.0, 6.0])
        );
    }

    #[test]
    fn few_values_give_their_range_as_the_median_interval() {
        assert_eq!(median_interval(&[1.0, 5.0, 9.0], 0.95), (1.0, 9.0));
        assert_eq!(median_interval(&[7.0], 0.95), (7.0, 7.0));
    }

    #[test]
    fn moments_are_withheld_where_they_do_not_exist() {
        let near = Summary::of(ModelSize::Finite(10), &[1.0, 2.0], false);
        assert_eq!((near.mean, near.standard_error, near.median), (None, None, 1.5));
        let single = Summary::of(ModelSize::Finite(10), &[1.0], true);
        assert_eq!((single.mean, single.standard_error), (Some(1.0), None));
    }
}
