//! Numbers with intervals, and the quantiles that make them.

use asymscale_numerics::{partition_point, standard_deviation};
use serde::{Deserialize, Serialize};
use statrs::distribution::{ContinuousCDF, DiscreteCDF, Gamma, Normal, Poisson, StudentsT};

/// A number with its interval, at the level of the options.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Estimate {
    /// The number.
    pub value: f64,
    /// Lower end.
    pub lower: f64,
    /// Upper end; may be infinite.
    pub upper: f64,
}

impl Estimate {
    /// Whether the interval holds a value.
    ///
    /// ```
    /// use asymscale_fitting::diagnosis::Estimate;
    /// let estimate = Estimate { value: 3.0, lower: 1.0, upper: f64::INFINITY };
    /// assert!(estimate.contains(1e9) && !estimate.contains(0.5));
    /// ```
    pub fn contains(&self, value: f64) -> bool {
        self.lower <= value && value <= self.upper
    }

    pub(crate) fn map(self, f: impl Fn(f64) -> f64) -> Self {
        Self { value: f(self.value), lower: f(self.lower), upper: f(self.upper) }
    }

    /// `value ± half_width`, not below 0.
    pub(crate) fn symmetric(value: f64, half_width: f64) -> Self {
        Self {
            value: value.max(0.0),
            lower: (value - half_width).max(0.0),
            upper: (value + half_width).max(0.0),
        }
    }

    /// The interval that holds both.
    pub(crate) fn hull(self, other: Self) -> Self {
        Self { lower: self.lower.min(other.lower), upper: self.upper.max(other.upper), ..self }
    }

    /// A sum of rare parts, of this value and variance: as a Poisson count of parts of equal size,
    /// exact where they are (Garwood 1936). `unit` is the size of a part where none was found.
    pub(crate) fn poisson_interval(value: f64, variance: f64, unit: f64, level: f64) -> Self {
        let tail = 0.5 * (1.0 - level);
        if value <= 0.0 {
            return Self { value: 0.0, lower: 0.0, upper: -unit * tail.ln() };
        }
        let unit = variance / value;
        let quantile =
            |shape: f64, p: f64| Gamma::new(shape, 1.0).expect("positive").inverse_cdf(p);
        let parts = value / unit;
        // Of fewer parts the quantile is below floats: `tail^(1/parts)`.
        let few = parts < 1e-4;
        Self {
            value,
            lower: if few { 0.0 } else { unit * quantile(parts, tail) },
            upper: unit * quantile(parts + 1.0, 1.0 - tail),
        }
    }
}

/// How far below and above its mean a Poisson number of parts of this size falls, at a level.
pub(crate) fn poisson_half_widths(mean: f64, part: f64, level: f64) -> (f64, f64) {
    let parts = mean / part;
    if parts <= 0.0 {
        return (0.0, 0.0);
    }
    if parts > 1e4 {
        let half_width = normal_quantile(level) * (mean * part).sqrt();
        return (half_width, half_width);
    }
    let law = Poisson::new(parts).expect("positive");
    let tail = 0.5 * (1.0 - level);
    // Within eight standard deviations and a little all but nothing is missing.
    let half_width = 8.0 * parts.sqrt();
    let first = |share: f64| {
        let (low, high) =
            ((parts - half_width - 2.0).max(0.0) as u64, (parts + half_width + 20.0) as u64);
        partition_point(low..high, |count| law.cdf(count) < share) as f64
    };
    let (low, high) = (first(tail), first(1.0 - tail));
    ((mean - part * low).max(0.0), (part * high - mean).max(0.0))
}

/// By how much an estimated variance from so many blocks is raised for a normal interval to be that
/// of Student's t.
pub(crate) fn student_inflation(blocks: usize, level: f64) -> f64 {
    if blocks < 2 {
        return 1.0;
    }
    let student = StudentsT::new(0.0, 1.0, blocks as f64 - 1.0).expect("positive");
    (student.inverse_cdf(0.5 * (1.0 + level)) / normal_quantile(level)).powi(2)
}

/// The delete-one jackknife: from changes as each block is left out to the variance.
pub(crate) fn jackknife(changes: impl Iterator<Item = f64>) -> f64 {
    let changes: Vec<f64> = changes.collect();
    let blocks = changes.len() as f64;
    let mean = changes.iter().sum::<f64>() / blocks;
    (blocks - 1.0) / blocks * changes.iter().map(|change| (change - mean).powi(2)).sum::<f64>()
}

/// The two-sided normal quantile of a level.
pub(crate) fn normal_quantile(level: f64) -> f64 {
    Normal::standard().inverse_cdf(0.5 * (1.0 + level))
}

/// Standard deviation.
pub(crate) fn deviation(values: impl Iterator<Item = f64>) -> f64 {
    standard_deviation(&values.collect::<Vec<f64>>())
}

#[cfg(test)]
mod tests {
    use super::Estimate;

    #[test]
    fn intervals_of_counts_are_garwoods() {
        // Exact 95 % limits of a Poisson mean when 5 and when 0 were counted (Garwood 1936, table
        // 1: 1.62, 11.67; 3.69), which it gives to two decimals.
        let five = Estimate::poisson_interval(5.0, 5.0, 1.0, 0.95);
        assert!(
            (five.lower - 1.62).abs() < 0.005 && (five.upper - 11.67).abs() < 0.005,
            "{five:?}"
        );
        assert!((Estimate::poisson_interval(0.0, 0.0, 1.0, 0.95).upper - 3.69).abs() < 0.005);
    }

    /// Of fewer than a part in 1e400 the quantiles of a gamma law do not exist.
    #[test]
    fn a_value_far_below_its_deviation_has_an_interval() {
        for (value, variance) in [(1e-100, 1e200), (1e-40, 1.0), (1.0, 1e6)] {
            let found = Estimate::poisson_interval(value, variance, 1.0, 0.95);
            assert!(found.contains(value) && found.upper.is_finite(), "{found:?}");
        }
    }
}
