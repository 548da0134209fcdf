//! Diagnostics of a fit: residuals, leverages, the condition number, rows below the irreducible
//! loss.

use super::Fit;
use super::first_order::{gram, interior, standard_errors};
use crate::runs::data::rows::Runs;
use crate::runs::law::{Objective, Parameter};
use crate::runs::optimiser::minimise::Domain;
use crate::runs::optimiser::problem::Problem;
use crate::runs::optimiser::symmetric::{condition, dot, inverse, times};

impl Fit {
    /// The runs that were fitted.
    pub fn runs(&self) -> &Runs {
        &self.runs
    }

    /// The options of the fit.
    pub fn options(&self) -> &crate::runs::FitOptions {
        &self.options
    }

    /// The number of parameters that were fitted.
    pub fn free_parameters(&self) -> usize {
        self.options.free_parameters()
    }

    /// The fitted loss of every run.
    pub fn fitted(&self) -> Vec<f64> {
        let sizes = self.runs.features().iter().zip(self.runs.samples());
        sizes.map(|(&n, &d)| self.parameters.loss(n, d)).collect()
    }

    /// `ln loss − ln fit` of every run; `loss − fit` for [`Objective::Squares`].
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
    /// assert!(fit.residuals().iter().all(|residual| residual.abs() < 0.01));
    /// # Ok::<(), asymscale_fitting::FittingError>(())
    /// ```
    pub fn residuals(&self) -> Vec<f64> {
        let pairs = self.runs.losses().iter().zip(self.fitted());
        match self.options.objective {
            Objective::Squares => pairs.map(|(loss, fit)| loss - fit).collect(),
            _ => pairs.map(|(loss, fit)| loss.ln() - fit.ln()).collect(),
        }
    }

    /// The leverage of each run, in [0, 1]: the diagonal of `J(JᵀJ)⁻¹Jᵀ`, `J` the derivatives of
    /// the residuals in the parameters that are not at a bound. They add up to the number of those;
    /// a run with 1 is fitted whatever its loss. NaN when `JᵀJ` is singular.
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
    /// assert!((fit.leverages().iter().sum::<f64>() - 5.0).abs() < 1e-6); // five parameters
    /// # Ok::<(), asymscale_fitting::FittingError>(())
    /// ```
    pub fn leverages(&self) -> Vec<f64> {
        let (problem, domain) = self.problem();
        let jacobian = problem.jacobian(&self.theta);
        let mask = interior(&domain, &self.theta);
        match inverse(&gram(&problem, &jacobian), mask) {
            Some(inverse) => jacobian.iter().map(|row| dot(row, &times(&inverse, row))).collect(),
            None => vec![f64::NAN; self.runs.len()],
        }
    }

    /// The condition number of `JᵀJ` with its diagonal scaled to 1, over the parameters that are
    /// not at a bound. From 1e4 on two of them are hardly identified, and it is infinite where they
    /// are not identified at all.
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
    /// assert!(fit.condition() > 1.0 && fit.condition().is_finite());
    /// # Ok::<(), asymscale_fitting::FittingError>(())
    /// ```
    pub fn condition(&self) -> f64 {
        let (problem, domain) = self.problem();
        condition(&gram(&problem, &problem.jacobian(&self.theta)), interior(&domain, &self.theta))
    }

    /// Standard errors to first order, for independent runs with one spread of the residuals: of E,
    /// α and β themselves, of A, B and the ratio relative to them. NaN for a parameter at a bound.
    ///
    /// ```
    /// # use asymscale_fitting::{FitOptions, Parameter, Parameters, Runs, fit_law};
    /// # let law = Parameters { e: 1.7, a: 400.0, b: 1500.0, alpha: 0.34, beta: 0.37 };
    /// # let n: Vec<f64> = (0..30).map(|k| 1e7 * 3f64.powi(k % 6)).collect();
    /// # let d: Vec<f64> = (0..30).map(|k| 1e9 * 4f64.powi(k / 6)).collect();
    /// # let error = |k: usize| 1.0 + 0.002 * ((7 * k % 5) as f64 - 2.0);
    /// # let losses: Vec<f64> = (0..30).map(|k| law.loss(n[k], d[k]) * error(k)).collect();
    /// let runs = Runs::new(&n, &d, &losses)?; // thirty runs of a known law
    /// let fit = fit_law(&runs, &FitOptions::default())?;
    /// assert!(fit.standard_error(Parameter::Alpha) > 0.0);
    /// # Ok::<(), asymscale_fitting::FittingError>(())
    /// ```
    pub fn standard_error(&self, parameter: Parameter) -> f64 {
        let (problem, domain) = self.problem();
        let errors = standard_errors(&problem, &domain, &self.centre, &self.theta);
        let at = Parameter::ALL.iter().position(|&p| p == parameter);
        at.map_or(f64::NAN, |at| errors[at])
    }

    /// Rows, counted from 1, whose loss is not above E: runs that the fitted law says cannot exist.
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
    /// assert!(fit.rows_below_floor().is_empty());
    /// # Ok::<(), asymscale_fitting::FittingError>(())
    /// ```
    pub fn rows_below_floor(&self) -> Vec<usize> {
        let below =
            self.runs.losses().iter().enumerate().filter(|(_, loss)| **loss <= self.parameters.e);
        below.map(|(row, _)| row + 1).collect()
    }

    pub(crate) fn problem(&self) -> (Problem, Domain) {
        let options = &self.options;
        let problem =
            Problem::new(&self.runs, self.centre, options.objective, options.exponent_link(), None);
        (problem, options.domain(&self.centre))
    }

    /// Free parameters that are not at a bound.
    pub(crate) fn interior_parameters(&self) -> usize {
        let mask = interior(&self.options.domain(&self.centre), &self.theta);
        mask.iter().filter(|&&inside| inside).count()
    }
}
