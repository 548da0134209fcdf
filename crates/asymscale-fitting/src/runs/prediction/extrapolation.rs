//! Predictions of a fitted law beyond its runs, validation on held-out runs, compute-optimal
//! allocation.

use serde::{Deserialize, Serialize};

use crate::FittingError;
use crate::checks::{check_positive_option, check_scale};
use crate::runs::data::rows::Runs;
use crate::runs::fit::Fit;
use crate::runs::law::Parameters;

/// How far a size lies outside the runs of a fit: 1 inside, 4 for four times the largest, 0.5 for
/// half the smallest.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Extrapolation {
    /// In N.
    pub features: f64,
    /// In D.
    pub samples: f64,
    /// In N·D, which compute is proportional to.
    pub compute: f64,
}

impl Extrapolation {
    /// Whether N, D and N·D all lie within the runs.
    pub fn is_none(&self) -> bool {
        self.features == 1.0 && self.samples == 1.0 && self.compute == 1.0
    }

    fn of(runs: &Runs, features: f64, samples: f64) -> Self {
        Self::within(&runs.ranges(), features, samples)
    }

    /// Of the smallest and largest N, D and N·D.
    pub(crate) fn within(ranges: &[(f64, f64); 3], features: f64, samples: f64) -> Self {
        let beyond =
            |value: f64, (low, high): (f64, f64)| (value / high).max(1.0) * (value / low).min(1.0);
        let [in_features, in_samples, in_compute] = *ranges;
        // Products that agree to rounding are equal.
        let compute = beyond(features * samples, in_compute);
        Self {
            features: beyond(features, in_features),
            samples: beyond(samples, in_samples),
            compute: if (compute - 1.0).abs() < 1e-9 { 1.0 } else { compute },
        }
    }
}

/// A predicted loss.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Prediction {
    /// N.
    pub features: f64,
    /// D.
    pub samples: f64,
    /// The loss of the law there.
    pub loss: f64,
    /// Whether that is beyond the runs.
    pub extrapolation: Extrapolation,
}

/// The best N and D for a budget.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Allocation {
    /// The budget C.
    pub compute: f64,
    /// N\*.
    pub features: f64,
    /// D\*.
    pub samples: f64,
    /// The loss there.
    pub loss: f64,
    /// Whether that is beyond the runs.
    pub extrapolation: Extrapolation,
}

/// A run that a fit did not see, beside its prediction.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct HeldOut {
    /// The prediction.
    pub prediction: Prediction,
    /// The measured loss.
    pub loss: f64,
    /// `predicted/measured − 1`.
    pub relative_error: f64,
}

impl Parameters {
    /// `(N*, D*)` that minimise the loss at `compute = factor·N·D`: `N* = G (C/k)^{β/(α+β)}`,
    /// `D* = (C/k)/N*`, `G = (αA/(βB))^{1/(α+β)}` (Hoffmann et al. 2022, eq. 4). `None` where a
    /// term or an exponent is 0, so that one size should be as small as can be.
    ///
    /// ```
    /// let law = asymscale_fitting::Parameters { e: 1.0, a: 400.0, b: 400.0, alpha: 0.5, beta: 0.5 };
    /// let (n, d) = law.optimum(6e12, 6.0).unwrap();
    /// assert!((n / 1e6 - 1.0).abs() < 1e-12 && (d / 1e6 - 1.0).abs() < 1e-12);
    /// ```
    pub fn optimum(&self, compute: f64, factor: f64) -> Option<(f64, f64)> {
        let Self { a, b, alpha, beta, .. } = *self;
        let product = compute / factor;
        let lean = ((alpha * a).ln() - (beta * b).ln() + beta * product.ln()) / (alpha + beta);
        let features = lean.exp();
        let samples = product / features;
        let inside = [features, samples].iter().all(|size| size.is_finite() && *size > 0.0);
        (inside && a * b * alpha * beta > 0.0).then_some((features, samples))
    }
}

impl Fit {
    /// The loss at N, D, and whether that is beyond the runs.
    ///
    /// # Errors
    /// Sizes out of 1e-100..1e100.
    ///
    /// ```
    /// # use asymscale_fitting::{FitOptions, Parameters, Runs, fit_law};
    /// # let law = Parameters { e: 1.7, a: 400.0, b: 1500.0, alpha: 0.34, beta: 0.37 };
    /// # let n: Vec<f64> = (0..30).map(|k| 1e7 * 3f64.powi(k % 6)).collect();
    /// # let d: Vec<f64> = (0..30).map(|k| 1e9 * 4f64.powi(k / 6)).collect();
    /// # let error = |k: usize| 1.0 + 0.002 * ((7 * k % 5) as f64 - 2.0);
    /// # let losses: Vec<f64> = (0..30).map(|k| law.loss(n[k], d[k]) * error(k)).collect();
    /// let runs = Runs::new(&n, &d, &losses)?; // thirty runs of a known law
    /// let fit = fit_law(&runs, &FitOptions::default())?;
    /// let beyond = fit.predict(1e10, 1e12)?;
    /// assert!(beyond.loss > fit.parameters.e && beyond.extrapolation.features > 4.0);
    /// # Ok::<(), asymscale_fitting::FittingError>(())
    /// ```
    pub fn predict(&self, features: f64, samples: f64) -> Result<Prediction, FittingError> {
        check_scale("features", features)?;
        check_scale("samples", samples)?;
        Ok(self.prediction(features, samples))
    }

    fn prediction(&self, features: f64, samples: f64) -> Prediction {
        let loss = self.parameters.loss(features, samples);
        Prediction {
            features,
            samples,
            loss,
            extrapolation: Extrapolation::of(&self.runs, features, samples),
        }
    }

    /// Predictions of runs that the fit did not see, in their order.
    ///
    /// ```
    /// # use asymscale_fitting::{FitOptions, Parameters, Runs, fit_law};
    /// # let law = Parameters { e: 1.7, a: 400.0, b: 1500.0, alpha: 0.34, beta: 0.37 };
    /// # let n: Vec<f64> = (0..30).map(|k| 1e7 * 3f64.powi(k % 6)).collect();
    /// # let d: Vec<f64> = (0..30).map(|k| 1e9 * 4f64.powi(k / 6)).collect();
    /// # let error = |k: usize| 1.0 + 0.002 * ((7 * k % 5) as f64 - 2.0);
    /// # let losses: Vec<f64> = (0..30).map(|k| law.loss(n[k], d[k]) * error(k)).collect();
    /// let runs = Runs::new(&n, &d, &losses)?; // thirty runs of a known law
    /// let (small, large) = runs.split(|features, _| features < 1e9);
    /// let fit = fit_law(&small, &FitOptions::default())?;
    /// assert!(fit.validate(&large).iter().all(|run| run.relative_error.abs() < 0.05));
    /// # Ok::<(), asymscale_fitting::FittingError>(())
    /// ```
    pub fn validate(&self, runs: &Runs) -> Vec<HeldOut> {
        let one = |row: usize| {
            let prediction = self.prediction(runs.features()[row], runs.samples()[row]);
            let loss = runs.losses()[row];
            HeldOut { prediction, loss, relative_error: prediction.loss / loss - 1.0 }
        };
        (0..runs.len()).map(one).collect()
    }

    /// The best N and D for a budget `compute = factor·N·D` (6 floating-point operations per
    /// parameter and token for dense transformers).
    ///
    /// # Errors
    /// A budget or factor that is not finite and > 0; a law without a term or exponent, whose
    /// optimum is at 0 or ∞.
    ///
    /// ```
    /// # use asymscale_fitting::{FitOptions, Parameters, Runs, fit_law};
    /// # let law = Parameters { e: 1.7, a: 400.0, b: 1500.0, alpha: 0.34, beta: 0.37 };
    /// # let n: Vec<f64> = (0..30).map(|k| 1e7 * 3f64.powi(k % 6)).collect();
    /// # let d: Vec<f64> = (0..30).map(|k| 1e9 * 4f64.powi(k / 6)).collect();
    /// # let error = |k: usize| 1.0 + 0.002 * ((7 * k % 5) as f64 - 2.0);
    /// # let losses: Vec<f64> = (0..30).map(|k| law.loss(n[k], d[k]) * error(k)).collect();
    /// let runs = Runs::new(&n, &d, &losses)?; // thirty runs of a known law
    /// let fit = fit_law(&runs, &FitOptions::default())?;
    /// let best = fit.allocate(1e21, 6.0)?;
    /// assert!((6.0 * best.features * best.samples / 1e21 - 1.0).abs() < 1e-9);
    /// # Ok::<(), asymscale_fitting::FittingError>(())
    /// ```
    pub fn allocate(&self, compute: f64, factor: f64) -> Result<Allocation, FittingError> {
        check_positive_option("compute", compute)?;
        check_positive_option("compute factor", factor)?;
        let Some((features, samples)) = self.parameters.optimum(compute, factor) else {
            let Parameters { a, b, alpha, beta, .. } = self.parameters;
            return Err(FittingError::NoOptimum { a, b, alpha, beta });
        };
        let Prediction { loss, extrapolation, .. } = self.prediction(features, samples);
        Ok(Allocation { compute, features, samples, loss, extrapolation })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Golden-section search of the loss in ln N knows nothing of the closed form.
    #[test]
    fn optimum_is_where_a_search_finds_it() {
        for (alpha, beta, compute, factor) in
            [(0.34, 0.28, 1e21, 6.0), (1.0, 0.66, 1e9, 1.0), (0.5, 0.5, 1e15, 6.0)]
        {
            let law = Parameters { e: 1.7, a: 400.0, b: 1500.0, alpha, beta };
            let loss = |log_n: f64| law.loss(log_n.exp(), compute / factor / log_n.exp()) - law.e;
            let (mut low, mut high) = (0.0_f64, 50.0_f64);
            let ratio = 0.5 * (5f64.sqrt() - 1.0);
            while high - low > 1e-9 {
                let (left, right) = (high - ratio * (high - low), low + ratio * (high - low));
                if loss(left) < loss(right) { high = right } else { low = left }
            }
            let (features, samples) = law.optimum(compute, factor).expect("all terms are there");
            // A search sees a quadratic minimum no sharper than the square root of rounding.
            assert!((features.ln() - low).abs() < 1e-6, "ln N* = {}, search {low}", features.ln());
            assert!((factor * features * samples / compute - 1.0).abs() < 1e-12);
        }
        let flat = Parameters { e: 1.0, a: 0.0, b: 1.0, alpha: 0.5, beta: 0.5 };
        assert_eq!(flat.optimum(1e20, 6.0), None);
    }
}
