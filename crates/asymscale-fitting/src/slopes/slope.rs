//! The exponent of a power law: weighted log-log least squares, with an interval and with what
//! speaks against it.

use rand::Rng;
use serde::{Deserialize, Serialize};

use super::bootstrap;
use super::estimate::{Center, Estimator, LogCurve};
use super::polynomial::Polynomial;
use super::series::Series;
use super::window::{self, ChosenWindow, Window};
use crate::FittingError;
use crate::checks::check_level;

/// The least number of sizes; with fewer a line leaves no residual.
pub(crate) const MIN_SIZES: usize = 3;

/// How sizes are weighted against each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Weights {
    /// Every size alike: robust, and nothing is estimated.
    #[default]
    Unit,
    /// By `1/se²` of `ln center`: efficient when errors differ much between sizes and are well
    /// known.
    StandardErrors,
}

/// How the interval of an exponent is made.
///
/// Measured coverage of nominal 95 % intervals (six sizes, log-normal losses with a coefficient of
/// variation of 0.3 falling with size, unit weights, 600 series each, so ± 0.018):
///
/// | center | designs | studentised | percentile | delta |
/// |---|---|---|---|---|
/// | mean, shared | 10 | 0.950 | 0.890 | 0.948 |
/// | mean, per size | 10 | 0.940 | 0.915 | 0.948 |
/// | mean, shared | 50 | 0.948 | 0.943 | 0.947 |
/// | median, shared | 10 | 0.908 | 0.962 | 0.968 |
/// | median, shared | 50 | 0.920 | 0.978 | 0.960 |
/// | median, per size | 50 | 0.918 | 0.965 | 0.960 |
///
/// With a heavier tail (a log standard deviation of 0.8) and 10 designs the mean gives 0.927,
/// 0.845, 0.920 (shared). Weights by standard errors leave the studentised interval as it is (0.933
/// to 0.965), but the delta interval, which takes weights for fixed, falls to 0.85–0.94.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Interval {
    /// Where there are replicate designs, studentised for means and percentile for medians; delta
    /// elsewhere.
    #[default]
    Automatic,
    /// Bootstrap-t: quantiles of `(b* − b)/se*` over resampled designs. Second-order accurate for
    /// means.
    Studentised,
    /// Quantiles of the resampled exponents themselves; too narrow for means of few designs.
    Percentile,
    /// Exponent ± Student's t times the standard error; no resampling.
    Delta,
}

impl Interval {
    /// The word that tables use for it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Automatic => "automatic",
            Self::Studentised => "studentised",
            Self::Percentile => "percentile",
            Self::Delta => "delta",
        }
    }
}

/// How [`power_law_slope`] fits.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct SlopeOptions {
    /// Mean or median of the losses of a size. Default mean.
    pub center: Center,
    /// Default unit.
    pub weights: Weights,
    /// Default every size.
    pub window: Window,
    /// Default automatic.
    pub interval: Interval,
    /// Nominal coverage of the interval, in (0, 1). Default 0.95.
    pub level: f64,
    /// Bootstrap resamples, at least `2/(1 − level)` and 99. Default 1999.
    pub resamples: usize,
}

impl Default for SlopeOptions {
    fn default() -> Self {
        Self {
            center: Center::default(),
            weights: Weights::default(),
            window: Window::default(),
            interval: Interval::default(),
            level: 0.95,
            resamples: 1999,
        }
    }
}

/// A fitted power law `loss = prefactor · size^exponent`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PowerLaw {
    /// Slope of `ln loss` in `ln size`: negative for a loss that falls.
    pub exponent: f64,
    /// Its standard error, by the delta method (without replicates: from the scatter about the
    /// line).
    pub standard_error: f64,
    /// Lower end of the interval.
    pub lower: f64,
    /// Upper end of the interval.
    pub upper: f64,
    /// Nominal coverage of the interval.
    pub level: f64,
    /// How the interval was made; never `Automatic`.
    pub interval: Interval,
    /// Loss of the fit at size 1, in units of the loss.
    pub prefactor: f64,
    /// `Σ (residual/se)²/(points − 2)`; `None` when a size has no standard error or one of 0. About
    /// 1 for a power law weighted by standard errors with independent designs; with shared designs
    /// residuals are correlated and only the curvature is a test.
    pub chi_squared_per_dof: Option<f64>,
    /// The quadratic term beside the line; `None` for three sizes without errors.
    pub curvature: Option<Curvature>,
    /// The sizes that entered.
    pub window: ChosenWindow,
    /// The smallest number of designs at any of them.
    pub designs: usize,
    /// The sizes, ascending.
    pub sizes: Vec<f64>,
    /// Mean or median loss at each.
    pub losses: Vec<f64>,
    /// `ln loss` minus the fit at each.
    pub residuals: Vec<f64>,
}

impl PowerLaw {
    /// The fitted loss at a size > 0.
    ///
    /// ```
    /// # use rand_xoshiro::{Xoshiro256PlusPlus, rand_core::SeedableRng};
    /// use asymscale_fitting::{Series, SlopeOptions, power_law_slope};
    /// let series = Series::from_values(&[1.0, 2.0, 4.0], &[8.0, 4.0, 2.0])?;
    /// let mut rng = Xoshiro256PlusPlus::seed_from_u64(1);
    /// let law = power_law_slope(&series, &SlopeOptions::default(), &mut rng)?;
    /// assert!((law.at(8.0) - 1.0).abs() < 1e-12);
    /// # Ok::<(), asymscale_fitting::FittingError>(())
    /// ```
    pub fn at(&self, size: f64) -> f64 {
        self.prefactor * size.powf(self.exponent)
    }
}

/// The quadratic term of a weighted parabola: a window that is not yet a power law has one.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Curvature {
    /// Coefficient of `(ln size)²`; the local exponent changes by twice it per e-fold of size.
    pub quadratic: f64,
    /// Its standard error, made as that of the exponent.
    pub standard_error: f64,
    /// Two-sided p-value of no curvature, by Student's t.
    pub p_value: f64,
}

impl Curvature {
    pub(crate) fn of(parabola: &Polynomial, curve: &LogCurve) -> Option<Self> {
        let uncertainty = parabola.uncertainty(curve)?;
        let quadratic = parabola.leading;
        let standard_error = uncertainty.standard_error;
        Some(Self { quadratic, standard_error, p_value: uncertainty.p_value(quadratic) })
    }

    /// Change of the local exponent, in size, over a span of `ln size`.
    ///
    /// ```
    /// use asymscale_fitting::Curvature;
    /// let curvature = Curvature { quadratic: -0.05, standard_error: 0.01, p_value: 0.001 };
    /// assert_eq!(curvature.drift(2.0), 0.2);
    /// ```
    pub fn drift(&self, log_span: f64) -> f64 {
        (2.0 * self.quadratic * log_span).abs()
    }
}

impl Weights {
    /// Weights of the points of a curve. One whose standard errors are missing or 0 was refused
    /// before.
    pub(crate) fn of(self, curve: &LogCurve) -> Vec<f64> {
        match (self, curve.variances()) {
            (Self::StandardErrors, Some(variances)) => variances.iter().map(|v| 1.0 / v).collect(),
            _ => vec![1.0; curve.len()],
        }
    }
}

/// The exponent of a power law in `series`: least squares of `ln center` on `ln size`.
///
/// Designs are resampled as blocks, whole curves with [`Blocks::Shared`](crate::Blocks), within
/// each size with [`Blocks::PerSize`](crate::Blocks). The window is chosen once, on the data; the
/// interval is conditional on it. `rng` is drawn from only by the bootstrap. Cost
/// `O(resamples × losses)`.
///
/// # Errors
/// Fewer than 3 sizes; a window, level or number of resamples out of range; weights by standard
/// errors where there are none or one is 0; a bootstrap with fewer than 4 designs at a size, or
/// with none to resample.
///
/// ```
/// use asymscale_fitting::{Series, SlopeOptions, power_law_slope};
/// use rand_xoshiro::{Xoshiro256PlusPlus, rand_core::SeedableRng};
/// let sizes = [64.0, 128.0, 256.0, 512.0];
/// // Five designs, each a curve 3 N^-1 times its own factor per size.
/// let factors = [0.98, 1.03, 1.0, 0.97, 1.02];
/// let curve = |d: usize| sizes.iter().enumerate().map(move |(k, n)| 3.0 / n * factors[(d + k * d) % 5]);
/// let curves: Vec<Vec<f64>> = (0..5).map(|d| curve(d).collect()).collect();
/// let series = Series::from_curves(&sizes, &curves)?;
/// let mut rng = Xoshiro256PlusPlus::seed_from_u64(1);
/// let law = power_law_slope(&series, &SlopeOptions::default(), &mut rng)?;
/// assert!(law.lower < -1.0 && -1.0 < law.upper);
/// # Ok::<(), asymscale_fitting::FittingError>(())
/// ```
pub fn power_law_slope<R: Rng + ?Sized>(
    series: &Series,
    options: &SlopeOptions,
    rng: &mut R,
) -> Result<PowerLaw, FittingError> {
    check_sizes(series, MIN_SIZES)?;
    check_level(options.level)?;
    let estimator = Estimator::new(options.center, series);
    let whole = estimator.curve(series);
    check_weights(options.weights, series, &whole)?;
    let (part, window) = window::choose(options.window, series, &whole, options.weights)?;
    let interval = bootstrap::resolve(options, &part)?;

    let curve = estimator.curve(&part);
    let weights = options.weights.of(&curve);
    let line = Polynomial::line(&curve, &weights);
    let exponent = line.leading;
    // Three sizes leave a line one degree of freedom, so its scatter always exists.
    let uncertainty = line
        .uncertainty(&curve)
        .ok_or(FittingError::TooFewSizes { found: 2, needed: MIN_SIZES })?;
    let (lower, upper) = match interval {
        Interval::Delta | Interval::Automatic => {
            let half = uncertainty.half_width(options.level);
            (exponent - half, exponent + half)
        }
        _ => bootstrap::interval(&part, &estimator, options, interval, rng),
    };
    Ok(PowerLaw {
        exponent,
        standard_error: uncertainty.standard_error,
        lower,
        upper,
        level: options.level,
        interval,
        prefactor: (line.center.1 - exponent * line.center.0).exp(),
        chi_squared_per_dof: chi_squared_per_dof(&curve, &line.residuals),
        curvature: Curvature::of(&Polynomial::parabola(&curve, &weights), &curve),
        window,
        designs: part.designs(),
        sizes: part.sizes().to_vec(),
        losses: curve.log_losses.iter().map(|y| y.exp()).collect(),
        residuals: line.residuals,
    })
}

fn chi_squared_per_dof(curve: &LogCurve, residuals: &[f64]) -> Option<f64> {
    let variances = curve.variances().filter(|variances| variances.iter().all(|&v| v > 0.0))?;
    let sum: f64 = residuals.iter().zip(&variances).map(|(r, v)| r * r / v).sum();
    Some(sum / (residuals.len() - 2) as f64)
}

pub(crate) fn check_sizes(series: &Series, needed: usize) -> Result<(), FittingError> {
    let found = series.sizes().len();
    if found < needed { Err(FittingError::TooFewSizes { found, needed }) } else { Ok(()) }
}

fn check_weights(weights: Weights, series: &Series, curve: &LogCurve) -> Result<(), FittingError> {
    if weights == Weights::Unit {
        return Ok(());
    }
    let variances = curve.variances().ok_or(FittingError::NoStandardError(series.sizes()[0]))?;
    match variances.iter().position(|&v| v == 0.0) {
        Some(exact) => Err(FittingError::ZeroStandardError(series.sizes()[exact])),
        None => Ok(()),
    }
}
