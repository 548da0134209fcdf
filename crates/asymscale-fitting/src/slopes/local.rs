//! Local slopes: the exponent between two sizes, to see where a curve becomes a power law.

use serde::{Deserialize, Serialize};

use super::estimate::{Center, Estimator, LogCurve};
use super::series::Series;
use super::slope::check_sizes;
use crate::FittingError;
use crate::checks::check_level;

/// Which pairs of sizes are compared.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Spacing {
    /// Each size with the next.
    #[default]
    Successive,
    /// Each size with the first that is at least this factor larger (> 1); sizes without one are
    /// left out.
    Factor(f64),
}

/// The exponent between two sizes.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct LocalSlope {
    /// The smaller size.
    pub low: f64,
    /// The larger size.
    pub high: f64,
    /// Their geometric mean, where the slope belongs on a plot.
    pub size: f64,
    /// `Δ ln loss/Δ ln size`.
    pub exponent: f64,
    /// Its standard error, by the delta method; `None` for losses without errors.
    pub standard_error: Option<f64>,
    /// Lower end of its interval by Student's t.
    pub lower: Option<f64>,
    /// Upper end of its interval.
    pub upper: Option<f64>,
}

/// Exponents between pairs of sizes, with intervals of nominal coverage `level` each (not jointly).
///
/// Errors of successive slopes are anticorrelated, since neighbours share a size.
///
/// # Errors
/// Fewer than 2 sizes; a level outside (0, 1); a factor that is not > 1 or larger than the range of
/// sizes.
///
/// ```
/// use asymscale_fitting::{Center, Series, Spacing, local_slopes};
/// let series = Series::from_values(&[1.0, 2.0, 4.0], &[8.0, 4.0, 1.0])?;
/// let slopes = local_slopes(&series, Spacing::Successive, Center::Mean, 0.95)?;
/// let exponents: Vec<f64> = slopes.iter().map(|slope| slope.exponent.round()).collect();
/// assert_eq!(exponents, [-1.0, -2.0]);
/// # Ok::<(), asymscale_fitting::FittingError>(())
/// ```
pub fn local_slopes(
    series: &Series,
    spacing: Spacing,
    center: Center,
    level: f64,
) -> Result<Vec<LocalSlope>, FittingError> {
    check_sizes(series, 2)?;
    check_level(level)?;
    let pairs = pairs(spacing, series.sizes())?;
    let curve = Estimator::new(center, series).curve(series);
    Ok(pairs.into_iter().map(|(i, j)| between(series.sizes(), &curve, i, j, level)).collect())
}

/// Logarithmic grids are rarely exact: 1000/250 may come out as 3.9999.
const SLACK: f64 = 1e-9;

fn pairs(spacing: Spacing, sizes: &[f64]) -> Result<Vec<(usize, usize)>, FittingError> {
    let factor = match spacing {
        Spacing::Successive => return Ok((1..sizes.len()).map(|j| (j - 1, j)).collect()),
        Spacing::Factor(factor) if factor > 1.0 && factor.is_finite() => factor,
        Spacing::Factor(factor) => return Err(FittingError::Factor(factor)),
    };
    // A factor within the slack of 1 must not pair a size with itself.
    let partner = |i: usize| {
        sizes.partition_point(|&size| size < sizes[i] * factor * (1.0 - SLACK)).max(i + 1)
    };
    let pairs: Vec<_> =
        (0..sizes.len()).map(|i| (i, partner(i))).filter(|&(_, j)| j < sizes.len()).collect();
    if pairs.is_empty() {
        let largest = sizes[sizes.len() - 1] / sizes[0];
        return Err(FittingError::FactorTooLarge { factor, largest });
    }
    Ok(pairs)
}

fn between(sizes: &[f64], curve: &LogCurve, i: usize, j: usize, level: f64) -> LocalSlope {
    let span = curve.log_sizes[j] - curve.log_sizes[i];
    let mut coefficients = vec![0.0; curve.len()];
    (coefficients[i], coefficients[j]) = (-1.0 / span, 1.0 / span);
    let exponent = (curve.log_losses[j] - curve.log_losses[i]) / span;
    let uncertainty = curve.uncertainty(&coefficients);
    let half = uncertainty.map(|uncertainty| uncertainty.half_width(level));
    LocalSlope {
        low: sizes[i],
        high: sizes[j],
        size: (0.5 * (curve.log_sizes[i] + curve.log_sizes[j])).exp(),
        exponent,
        standard_error: uncertainty.map(|uncertainty| uncertainty.standard_error),
        lower: half.map(|half| exponent - half),
        upper: half.map(|half| exponent + half),
    }
}
