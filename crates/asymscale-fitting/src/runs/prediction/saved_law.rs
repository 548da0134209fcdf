//! A fitted law with everything its intervals are computed from, so that it can be saved and used
//! for predictions without its runs.

use asymscale_numerics::mean;
use serde::{Deserialize, Serialize};
use statrs::distribution::{ContinuousCDF, Normal};

use super::extrapolation::Extrapolation;
use crate::FittingError;
use crate::checks::{check_level, check_positive_option, check_scale};
use crate::runs::data::rows::Runs;
use crate::runs::fit::Fit;
use crate::runs::law::{Law, Parameters};
use crate::runs::uncertainty::bootstrap::FitBootstrap;
use crate::runs::uncertainty::intervals::{self, ParameterInterval};

/// Errors of runs that are kept: so many quantiles of the residuals.
const ERRORS: usize = 99;

/// A fitted law, its refits and the errors of its runs: all that a prediction needs, and no run.
///
/// ```
/// use asymscale_fitting::{FitBootstrapOptions, FitOptions, FittedLaw, Parameters, Runs, fit_law};
/// use rand_xoshiro::{Xoshiro256PlusPlus, rand_core::SeedableRng};
/// let truth = Parameters { e: 1.7, a: 400.0, b: 1500.0, alpha: 0.34, beta: 0.37 };
/// let n: Vec<f64> = (0..30).map(|k| 1e7 * 3f64.powi(k % 6)).collect();
/// let d: Vec<f64> = (0..30).map(|k| 1e9 * 4f64.powi(k / 6)).collect();
/// let error = |k: usize| 1.0 + 0.002 * ((7 * k % 5) as f64 - 2.0);
/// let losses: Vec<f64> = (0..30).map(|k| truth.loss(n[k], d[k]) * error(k)).collect();
/// let fit = fit_law(&Runs::new(&n, &d, &losses)?, &FitOptions::default())?;
/// let options = FitBootstrapOptions { resamples: 199, ..FitBootstrapOptions::default() };
/// let refits = fit.bootstrap(&options, &mut Xoshiro256PlusPlus::seed_from_u64(1))?;
/// let forecast = FittedLaw::new(&fit, Some(&refits)).forecast(1e10, 1e12, 0.95)?;
/// let (law, run) = (forecast.law.unwrap(), forecast.run.unwrap());
/// assert!(law.contains(truth.loss(1e10, 1e12)));
/// assert!(run.lower <= law.lower && law.upper <= run.upper); // a single run has an error of its own
/// # Ok::<(), asymscale_fitting::FittingError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FittedLaw {
    /// Which law.
    pub law: Law,
    /// Its parameters.
    pub parameters: Parameters,
    /// Runs it was fitted to.
    pub rows: usize,
    /// Smallest and largest N, D and N·D of these.
    ranges: [(f64, f64); 3],
    /// Parameters of the refits; none without resamples.
    refits: Vec<Parameters>,
    /// Parameters with each block left out.
    left_out: Vec<Parameters>,
    /// Runs or groups that were resampled.
    blocks: usize,
    /// Quantiles of `ln loss − ln fit`, widened for the fitted parameters.
    errors: Vec<f64>,
}

/// The loss of a run that is not among those of a fit.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct RunForecast {
    /// N.
    pub features: f64,
    /// D.
    pub samples: f64,
    /// The loss of the law there.
    pub loss: f64,
    /// Where the law is, corrected bootstrap; none without resamples.
    pub law: Option<ParameterInterval>,
    /// Where the loss of one run is, which has an error like those of the runs of the fit; none
    /// without resamples.
    pub run: Option<ParameterInterval>,
    /// Whether that is beyond the runs.
    pub extrapolation: Extrapolation,
}

/// Predictions of runs that a fit did not see, together.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Validation {
    /// One a run, in their order.
    pub forecasts: Vec<RunForecast>,
    /// `ln measured − ln predicted`, in their order.
    pub errors: Vec<f64>,
    /// Runs within their interval; none without intervals.
    pub inside: Option<usize>,
    /// The root mean square of the errors.
    pub rms: f64,
    /// Their mean, between the ends that chance would leave it if the law held and errors were
    /// independent (of groups, where runs have groups); a level of 0 and infinite ends without
    /// resamples.
    pub shift: ParameterInterval,
}

impl FittedLaw {
    /// What a fit, and its refits where there are any, leave to say of other runs. The errors of
    /// runs are taken relative to the law whatever the objective.
    pub fn new(fit: &Fit, bootstrap: Option<&FitBootstrap>) -> Self {
        let runs = fit.runs();
        let dof = runs.len().saturating_sub(fit.free_parameters()).max(1);
        let wider = (runs.len() as f64 / dof as f64).sqrt();
        let logs =
            runs.losses().iter().zip(fit.fitted()).map(|(loss, fit)| wider * (loss / fit).ln());
        let finite = |laws: Vec<Parameters>| -> Vec<Parameters> {
            laws.into_iter().filter(Parameters::is_finite).collect()
        };
        Self {
            law: fit.options().law,
            parameters: fit.parameters,
            rows: runs.len(),
            ranges: runs.ranges(),
            refits: bootstrap.map_or_else(Vec::new, |found| {
                finite(found.refits.iter().map(|refit| refit.parameters).collect())
            }),
            left_out: bootstrap.map_or_else(Vec::new, |found| finite(found.jackknife.clone())),
            blocks: bootstrap.map_or(0, |found| found.blocks),
            errors: quantiles(&intervals::sorted_without_nan(logs)),
        }
    }

    /// Whether the numbers are such as [`FittedLaw::new`] writes, to be checked for a law that was
    /// read from a file.
    pub fn is_valid(&self) -> bool {
        let positive = |value: f64| value.is_finite() && value > 0.0;
        let laws = std::iter::once(&self.parameters).chain(&self.refits).chain(&self.left_out);
        let [(features, _), (samples, _), _] = self.ranges;
        laws.into_iter().all(|law| law.is_law() && positive(law.loss(features, samples)))
            && self
                .ranges
                .iter()
                .all(|(low, high)| positive(*low) && positive(*high) && low <= high)
            && (self.refits.is_empty() || self.blocks >= 2)
            && !self.errors.is_empty()
            && self.errors.is_sorted()
            && self.errors.iter().all(|error| error.is_finite())
    }

    /// Refits; 0 without resamples, when there are no intervals.
    pub fn resamples(&self) -> usize {
        self.refits.len()
    }

    /// The loss at N, D, with intervals of nominal coverage `level` of the law and of one run
    /// there.
    ///
    /// The interval of a run is that of the law, at all its levels, together with all errors of the
    /// runs of the fit, at percentiles widened for few blocks (Hesterberg 2015, §4.3). Measured
    /// coverage: see the README of the crate. Cost `O(resamples · log resamples)`, times 99.
    ///
    /// # Errors
    /// Sizes out of 1e-100..1e100, and such at which the law is 0 or no float; a level out of range
    /// or too close to 1 for the number of resamples.
    pub fn forecast(
        &self,
        features: f64,
        samples: f64,
        level: f64,
    ) -> Result<RunForecast, FittingError> {
        check_scale("features", features)?;
        check_scale("samples", samples)?;
        let loss = self.parameters.loss(features, samples);
        check_positive_option("loss of the law there", loss)?;
        let law = self.interval_of(|law| law.loss(features, samples), level)?;
        let of_law = |law: &Parameters| (law.loss(features, samples) / loss).ln();
        let run =
            self.with_errors(of_law, &self.errors, level).zip(law).map(|((lower, upper), law)| {
                // The interval of a run is at least that of the law; with small errors order
                // statistics could make it narrower.
                let (lower, upper) =
                    ((loss * lower.exp()).min(law.lower), (loss * upper.exp()).max(law.upper));
                ParameterInterval { estimate: loss, lower, upper, level }
            });
        Ok(RunForecast {
            features,
            samples,
            loss,
            law,
            run,
            extrapolation: Extrapolation::within(&self.ranges, features, samples),
        })
    }

    /// The corrected interval of any number computed from the parameters; none without resamples.
    ///
    /// # Errors
    /// A level out of range or too close to 1 for the number of resamples.
    pub fn interval_of(
        &self,
        quantity: impl Fn(&Parameters) -> f64,
        level: f64,
    ) -> Result<Option<ParameterInterval>, FittingError> {
        check_level(level)?;
        if self.refits.is_empty() {
            return Ok(None);
        }
        intervals::check(level, self.refits.len())?;
        let estimate = quantity(&self.parameters);
        let values = intervals::sorted_without_nan(self.refits.iter().map(&quantity));
        let left_out: Vec<f64> = self.left_out.iter().map(&quantity).collect();
        let (lower, upper) =
            intervals::bias_corrected(&values, estimate, &left_out, (level, self.blocks));
        Ok(Some(ParameterInterval { estimate, lower, upper, level }))
    }

    /// Whether sizes lie beyond the runs of the fit.
    pub fn extrapolation(&self, features: f64, samples: f64) -> Extrapolation {
        Extrapolation::within(&self.ranges, features, samples)
    }

    /// Predictions of runs that the fit did not see, and what their errors say together.
    ///
    /// # Errors
    /// No runs; as [`FittedLaw::forecast`].
    pub fn validate(&self, runs: &Runs, level: f64) -> Result<Validation, FittingError> {
        if runs.is_empty() {
            return Err(FittingError::FitOption { what: "number of runs to predict", value: 0.0 });
        }
        let sizes = || runs.features().iter().zip(runs.samples());
        let forecasts: Vec<RunForecast> =
            sizes().map(|(&n, &d)| self.forecast(n, d, level)).collect::<Result<_, _>>()?;
        let errors: Vec<f64> = runs
            .losses()
            .iter()
            .zip(&forecasts)
            .map(|(loss, found)| (loss / found.loss).ln())
            .collect();
        let within = |(found, loss): (&RunForecast, &f64)| found.run.map(|run| run.contains(*loss));
        let inside: Option<Vec<bool>> = forecasts.iter().zip(runs.losses()).map(within).collect();
        let square = errors.iter().map(|error| error * error).sum::<f64>();
        Ok(Validation {
            inside: inside.map(|inside| inside.into_iter().filter(|inside| *inside).count()),
            rms: (square / errors.len() as f64).sqrt(),
            shift: self.shift(&forecasts, &errors, (level, runs.independent())),
            forecasts,
            errors,
        })
    }

    /// The mean error, with the interval in which chance would leave it.
    fn shift(
        &self,
        forecasts: &[RunForecast],
        errors: &[f64],
        (level, independent): (f64, usize),
    ) -> ParameterInterval {
        let mean = |sum: f64| sum / errors.len() as f64;
        let estimate = mean(errors.iter().sum());
        let gap = |law: &Parameters, found: &RunForecast| {
            (law.loss(found.features, found.samples) / found.loss).ln()
        };
        let of_law = |law: &Parameters| mean(forecasts.iter().map(|found| gap(law, found)).sum());
        match self.with_errors(of_law, &self.means(independent), level) {
            Some((lower, upper)) => ParameterInterval { estimate, lower, upper, level },
            None => ParameterInterval {
                estimate,
                lower: f64::NEG_INFINITY,
                upper: f64::INFINITY,
                level: 0.0,
            },
        }
    }

    /// The interval of a deviation of the law, 0 for the fitted one, plus an error of a run; none
    /// without resamples.
    fn with_errors(
        &self,
        of_law: impl Fn(&Parameters) -> f64,
        errors: &[f64],
        level: f64,
    ) -> Option<(f64, f64)> {
        if self.refits.is_empty() {
            return None;
        }
        let refits = intervals::sorted_without_nan(self.refits.iter().map(&of_law));
        let left_out: Vec<f64> = self.left_out.iter().map(&of_law).collect();
        let law = intervals::confidence_quantiles(&refits, 0.0, &left_out, refits.len());
        let sums = intervals::sorted_without_nan(
            law.iter().flat_map(|law| errors.iter().map(move |error| law + error)),
        );
        Some(intervals::expanded_percentiles(&sums, (level, self.blocks)))
    }

    /// Quantiles of the mean of `count` errors, which is nearly normal for more than one.
    fn means(&self, count: usize) -> Vec<f64> {
        if count == 1 {
            return self.errors.clone();
        }
        let number = self.errors.len() as f64;
        let mean = mean(&self.errors);
        let square = self.errors.iter().map(|error| (error - mean).powi(2)).sum::<f64>() / number;
        let (normal, scale) = (Normal::standard(), (square / count as f64).sqrt());
        let at = |k: usize| mean + scale * normal.inverse_cdf((k as f64 + 0.5) / ERRORS as f64);
        (0..ERRORS).map(at).collect()
    }
}

/// All values where they are few, else as many quantiles, the smallest and the largest among them.
fn quantiles(sorted: &[f64]) -> Vec<f64> {
    if sorted.len() <= ERRORS {
        return sorted.to_vec();
    }
    let step = (sorted.len() - 1) as f64 / (ERRORS - 1) as f64;
    (0..ERRORS).map(|k| sorted[(k as f64 * step).round() as usize]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::runs::fit::{FitOptions, fit_law};

    fn saved() -> FittedLaw {
        let truth = Parameters { e: 1.7, a: 400.0, b: 1500.0, alpha: 0.34, beta: 0.37 };
        let n: Vec<f64> = (0..12).map(|k| 1e7 * 3f64.powi(k % 4)).collect();
        let d: Vec<f64> = (0..12).map(|k| 1e9 * 4f64.powi(k / 4)).collect();
        let losses: Vec<f64> = (0..12).map(|k| truth.loss(n[k], d[k])).collect();
        let runs = Runs::new(&n, &d, &losses).unwrap();
        FittedLaw::new(&fit_law(&runs, &FitOptions::default()).unwrap(), None)
    }

    /// A file may have been edited: no fit has negative parameters, or an infinite loss at its own
    /// runs.
    #[test]
    fn laws_that_no_fit_has_are_not_valid() {
        let sound = saved();
        assert!(sound.is_valid());
        let parameters = sound.parameters;
        for edited in [
            Parameters { alpha: -0.34, ..parameters },
            Parameters { beta: -1e-9, ..parameters },
            Parameters { e: -0.1, ..parameters },
            Parameters { a: -1.0, ..parameters },
            Parameters { a: 1e308, b: 1e308, alpha: 0.0, beta: 0.0, ..parameters },
            Parameters { e: 0.0, a: 0.0, b: 0.0, ..parameters },
        ] {
            let law = FittedLaw { parameters: edited, ..sound.clone() };
            assert!(!law.is_valid(), "{edited:?}");
            let law = FittedLaw { refits: vec![edited; 99], blocks: 12, ..sound.clone() };
            assert!(!law.is_valid(), "{edited:?}");
        }
    }

    #[test]
    fn sizes_whose_loss_is_no_float_are_refused() {
        let refused = |n, d| saved().forecast(n, d, 0.95).unwrap_err().to_string();
        assert_eq!(refused(1e300, 1e9), "features = 1e300: must be in 1e-100..1e100");
        assert_eq!(refused(1e9, 0.0), "samples = 0: must be a finite number > 0");
        let mut steep = saved();
        steep.parameters.alpha = 9.0;
        let error = steep.forecast(1e-90, 1e9, 0.95).unwrap_err();
        assert_eq!(error.to_string(), "loss of the law there = inf: must be a finite number > 0");
    }
}
