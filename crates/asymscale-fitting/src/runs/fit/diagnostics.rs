//! What a fit says of its own reliability: residuals, leverages, condition, rows below the floor.

use super::Fit;
use super::first_order::{gram, interior, standard_errors};
use crate::runs::data::rows::Runs;
use crate::runs::law::{Objective, Parameter};
use crate::runs::optimiser::minimise::Domain;
use crate::runs::optimiser::problem::Problem;
use crate::runs::optimiser::symmetric::{condition, dot, inverse, times};

impl Fit {
    /// The runs it was made of.
    pub fn runs(&self) -> &Runs {
        &self.runs
    }

    /// How it was made.
    pub fn options(&self) -> &crate::runs::FitOptions {
        &self.options
    }

    /// Parameters that were fitted.
    pub fn free_parameters(&self) -> usize {
        self.options.free_parameters()
    }

    /// The fitted loss of every run.
    pub fn fitted(&self) -> Vec<f64> {
        let sizes = self.runs.features().iter().zip(self.runs.samples());
        sizes.map(|(&n, &d)| self.parameters.loss(n, d)).collect()
    }

    /// `ln loss − ln fit` of every run; `loss − fit` for [`Objective::Squares`].
    pub fn residuals(&self) -> Vec<f64> {
        let pairs = self.runs.losses().iter().zip(self.fitted());
        match self.options.objective {
            Objective::Squares => pairs.map(|(loss, fit)| loss - fit).collect(),
            _ => pairs.map(|(loss, fit)| loss.ln() - fit.ln()).collect(),
        }
    }

    /// How strongly each run pulls its own fitted value, in [0, 1]: the diagonal of `J(JᵀJ)⁻¹Jᵀ`,
    /// `J` the derivatives of the residuals in the parameters that are not at a bound. They add up
    /// to the number of those; a run with 1 is fitted whatever its loss. NaN when `JᵀJ` is
    /// singular.
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
    /// not at a bound: from 1e4 on, two of them can hardly be told apart; infinite when they cannot
    /// at all.
    pub fn condition(&self) -> f64 {
        let (problem, domain) = self.problem();
        condition(&gram(&problem, &problem.jacobian(&self.theta)), interior(&domain, &self.theta))
    }

    /// Standard errors to first order, for independent runs with one spread of the residuals: of E,
    /// α and β themselves, of A, B and the ratio relative to them. NaN for a parameter at a bound.
    pub fn standard_error(&self, parameter: Parameter) -> f64 {
        let (problem, domain) = self.problem();
        let errors = standard_errors(&problem, &domain, &self.centre, &self.theta);
        let at = Parameter::ALL.iter().position(|&p| p == parameter);
        at.map_or(f64::NAN, |at| errors[at])
    }

    /// Rows, counted from 1, whose loss is not above E: runs that the fitted law says cannot exist.
    pub fn rows_below_floor(&self) -> Vec<usize> {
        let below =
            self.runs.losses().iter().enumerate().filter(|(_, loss)| **loss <= self.parameters.e);
        below.map(|(row, _)| row + 1).collect()
    }

    pub(crate) fn problem(&self) -> (Problem, Domain) {
        let options = &self.options;
        let problem =
            Problem::new(&self.runs, self.centre, options.objective, options.pair(), None);
        (problem, options.domain(&self.centre))
    }

    /// Free parameters that are not at a bound.
    pub(crate) fn interior_parameters(&self) -> usize {
        let mask = interior(&self.options.domain(&self.centre), &self.theta);
        mask.iter().filter(|&&inside| inside).count()
    }
}
