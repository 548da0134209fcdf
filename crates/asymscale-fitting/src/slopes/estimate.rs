//! From losses to points of a log-log plot: `ln` of a mean or median at each size, with its error
//! kept as one influence per design, so that the error of any linear combination follows for either
//! kind of block.

use asymscale_numerics::mean;
use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use statrs::function::beta::beta_reg;

use super::series::{Errors, Series};
use crate::Blocks;
use crate::student::Uncertainty;

/// The estimate that represents the losses of one size.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Center {
    /// The mean; its standard error is that of the sample mean.
    #[default]
    Mean,
    /// The sample median, for losses without a mean (near an interpolation threshold). Its standard
    /// error is that of Maritz and Jarrett, J. Am. Stat. Assoc. 73 (1978) 194: the standard
    /// deviation of the median over all resamples, exact for an odd number of designs.
    Median,
}

/// Estimates `ln center` at every size of a series, to first order in the fluctuations (delta
/// method).
pub(crate) struct Estimator {
    center: Center,
    /// Maritz–Jarrett weights for each number of designs that occurs.
    median_weights: BTreeMap<usize, Vec<f64>>,
}

impl Estimator {
    pub(crate) fn new(center: Center, series: &Series) -> Self {
        let mut median_weights = BTreeMap::new();
        if center == Center::Median {
            for replicates in series.losses() {
                median_weights
                    .entry(replicates.len())
                    .or_insert_with(|| maritz_jarrett(replicates.len()));
            }
        }
        Self { center, median_weights }
    }

    pub(crate) fn curve(&self, series: &Series) -> LogCurve {
        let estimates = series.losses().iter().map(|losses| self.estimate(losses));
        let (log_losses, influences): (Vec<f64>, Vec<Vec<f64>>) = estimates.unzip();
        let errors = match series.errors() {
            Errors::Unknown => LogErrors::Unknown,
            Errors::Replicates(blocks) => LogErrors::Influences(*blocks, influences),
            Errors::Given(errors) => {
                let relative =
                    errors.iter().zip(series.losses()).map(|(error, loss)| error / loss[0]);
                LogErrors::Given(relative.map(|error| error * error).collect())
            }
        };
        LogCurve {
            log_sizes: series.sizes().iter().map(|size| size.ln()).collect(),
            log_losses,
            errors,
        }
    }

    /// `ln center` and the influences `u_b` of the designs on it, scaled so that `Σ u_b²` is its
    /// variance.
    fn estimate(&self, losses: &[f64]) -> (f64, Vec<f64>) {
        let count = losses.len() as f64;
        if losses.iter().all(|&loss| loss == losses[0]) {
            // Equal losses have a spread of exactly 0; the rounding of a mean must not look like
            // one.
            return (losses[0].ln(), vec![0.0; losses.len()]);
        }
        match self.center {
            Center::Mean => {
                let mean = mean(losses);
                let scale = mean * (count * (count - 1.0)).sqrt();
                (mean.ln(), losses.iter().map(|loss| (loss - mean) / scale).collect())
            }
            Center::Median => self.estimate_median(losses),
        }
    }

    /// A median moves with the number of losses above it: the influence of each is a sign, and its
    /// scale is set by the standard error.
    fn estimate_median(&self, losses: &[f64]) -> (f64, Vec<f64>) {
        let mut sorted = losses.to_vec();
        sorted.sort_by(f64::total_cmp);
        let half = sorted.len() / 2;
        let median = if sorted.len() % 2 == 1 {
            sorted[half]
        } else {
            f64::midpoint(sorted[half - 1], sorted[half])
        };
        let weights = &self.median_weights[&losses.len()];
        let mean: f64 = weights.iter().zip(&sorted).map(|(weight, loss)| weight * loss).sum();
        let variance: f64 =
            weights.iter().zip(&sorted).map(|(w, loss)| w * (loss - mean).powi(2)).sum();
        let signs =
            losses.iter().map(|&loss| f64::from(i8::from(loss > median) - i8::from(loss < median)));
        let moving = signs.clone().filter(|&sign| sign != 0.0).count() as f64;
        let scale = (variance / moving.max(1.0)).sqrt() / median;
        (median.ln(), signs.map(|sign| sign * scale).collect())
    }
}

/// Probabilities with which each order statistic of `count` losses is the median of a resample:
/// `W_i = I_{i/n}(a, a) − I_{(i−1)/n}(a, a)`, `a = (n+1)/2`, `I` the regularised incomplete beta
/// function.
fn maritz_jarrett(count: usize) -> Vec<f64> {
    let shape = 0.5 * (count as f64 + 1.0);
    let cumulative = |i: usize| beta_reg(shape, shape, i as f64 / count as f64);
    (1..=count).map(|i| cumulative(i) - cumulative(i - 1)).collect()
}

/// Points of a log-log plot with their errors.
pub(crate) struct LogCurve {
    pub(crate) log_sizes: Vec<f64>,
    pub(crate) log_losses: Vec<f64>,
    errors: LogErrors,
}

enum LogErrors {
    /// An influence per size and design.
    Influences(Blocks, Vec<Vec<f64>>),
    /// Variances, independent between sizes.
    Given(Vec<f64>),
    Unknown,
}

impl LogCurve {
    pub(crate) fn len(&self) -> usize {
        self.log_sizes.len()
    }

    /// The sizes from `first` on.
    pub(crate) fn tail(&self, first: usize) -> Self {
        let errors = match &self.errors {
            LogErrors::Influences(blocks, influences) => {
                LogErrors::Influences(*blocks, influences[first..].to_vec())
            }
            LogErrors::Given(variances) => LogErrors::Given(variances[first..].to_vec()),
            LogErrors::Unknown => LogErrors::Unknown,
        };
        Self {
            log_sizes: self.log_sizes[first..].to_vec(),
            log_losses: self.log_losses[first..].to_vec(),
            errors,
        }
    }

    /// Variance of each `ln center`, where errors are known.
    pub(crate) fn variances(&self) -> Option<Vec<f64>> {
        match &self.errors {
            LogErrors::Influences(_, influences) => {
                Some(influences.iter().map(|u| sum_of_squares(u)).collect())
            }
            LogErrors::Given(variances) => Some(variances.clone()),
            LogErrors::Unknown => None,
        }
    }

    /// Standard error of `Σ_k c_k ln center_k` for coefficients `c_k` taken as fixed, where errors
    /// are known.
    ///
    /// Shared designs: correlations between sizes are kept, since a design's influences are summed
    /// before they are squared. Independent designs: degrees of freedom after Welch and
    /// Satterthwaite.
    pub(crate) fn uncertainty(&self, coefficients: &[f64]) -> Option<Uncertainty> {
        match &self.errors {
            LogErrors::Influences(Blocks::Shared, influences) => {
                Some(shared(coefficients, influences))
            }
            LogErrors::Influences(Blocks::PerSize, influences) => {
                Some(welch(coefficients, influences))
            }
            LogErrors::Given(variances) => {
                let variance: f64 =
                    coefficients.iter().zip(variances).map(|(c, v)| c * c * v).sum();
                Some(Uncertainty {
                    standard_error: variance.sqrt(),
                    degrees_of_freedom: f64::INFINITY,
                })
            }
            LogErrors::Unknown => None,
        }
    }
}

fn shared(coefficients: &[f64], influences: &[Vec<f64>]) -> Uncertainty {
    let designs = influences[0].len();
    let of_design =
        |b: usize| coefficients.iter().zip(influences).map(|(c, u)| c * u[b]).sum::<f64>();
    let variance: f64 = (0..designs).map(|b| of_design(b).powi(2)).sum();
    Uncertainty { standard_error: variance.sqrt(), degrees_of_freedom: designs as f64 - 1.0 }
}

fn welch(coefficients: &[f64], influences: &[Vec<f64>]) -> Uncertainty {
    let (mut variance, mut spread) = (0.0, 0.0);
    for (c, u) in coefficients.iter().zip(influences) {
        let part = c * c * sum_of_squares(u);
        variance += part;
        spread += part * part / (u.len() as f64 - 1.0);
    }
    // Without any spread the number is exact, and any number of degrees of freedom says so.
    let degrees_of_freedom =
        if spread > 0.0 { variance * variance / spread } else { f64::INFINITY };
    Uncertainty { standard_error: variance.sqrt(), degrees_of_freedom }
}

fn sum_of_squares(values: &[f64]) -> f64 {
    values.iter().map(|value| value * value).sum()
}
