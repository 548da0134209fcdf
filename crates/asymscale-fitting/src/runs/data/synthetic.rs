//! Synthetic runs: losses of a known law at given sizes, with random errors.

use rand::{Rng, RngExt};
use statrs::distribution::{ContinuousCDF, Normal, StudentsT};
use std::collections::BTreeMap;

use super::rows::Runs;
use crate::FittingError;
use crate::runs::law::Parameters;

/// Errors of `ln loss` of drawn runs.
#[derive(Debug, Clone, PartialEq)]
pub enum RunErrors {
    /// Normal, of one standard deviation.
    Normal(f64),
    /// Normal, with a standard deviation for each run.
    NormalByRun(Vec<f64>),
    /// Student's t with given degrees of freedom, times a scale.
    StudentT {
        /// Degrees of freedom, > 0.
        dof: f64,
        /// The scale.
        scale: f64,
    },
    /// Given errors, each with a random sign.
    Signs(Vec<f64>),
    /// A normal error that all runs of a group share, plus a normal error of each run.
    Shared {
        /// A label for each run.
        groups: Vec<usize>,
        /// Standard deviation of what is shared.
        between: f64,
        /// Standard deviation of the rest.
        within: f64,
    },
}

impl RunErrors {
    /// Errors of `runs` runs. Normal and t errors are drawn by inversion, so that each takes one
    /// number of the generator.
    fn draw<R: Rng + ?Sized>(&self, runs: usize, rng: &mut R) -> Vec<f64> {
        let normal = Normal::standard();
        match self {
            Self::Normal(spread) => {
                (0..runs).map(|_| spread * normal.inverse_cdf(uniform(rng))).collect()
            }
            Self::NormalByRun(spreads) => {
                spreads.iter().map(|spread| spread * normal.inverse_cdf(uniform(rng))).collect()
            }
            Self::StudentT { dof, scale } => {
                let law = StudentsT::new(0.0, *scale, *dof);
                (0..runs)
                    .map(|_| law.as_ref().map_or(f64::NAN, |law| law.inverse_cdf(uniform(rng))))
                    .collect()
            }
            Self::Signs(errors) => errors
                .iter()
                .map(|error| if rng.random::<bool>() { *error } else { -error })
                .collect(),
            Self::Shared { groups, between, within } => {
                let mut shared = BTreeMap::new();
                let mut one = |group: &usize| {
                    let common =
                        *shared.entry(*group).or_insert_with(|| normal.inverse_cdf(uniform(rng)));
                    between * common + within * normal.inverse_cdf(uniform(rng))
                };
                groups.iter().map(&mut one).collect()
            }
        }
    }
}

/// A random number strictly between 0 and 1.
fn uniform<R: Rng + ?Sized>(rng: &mut R) -> f64 {
    (rng.random::<f64>() + 0.5 * f64::EPSILON).min(1.0 - f64::EPSILON)
}

/// A known law at given sizes, with errors of the logarithm of the loss.
#[derive(Debug, Clone, PartialEq)]
pub struct SyntheticRuns {
    /// The law.
    pub truth: Parameters,
    /// N of every run.
    pub features: Vec<f64>,
    /// D of every run.
    pub samples: Vec<f64>,
    /// Errors of `ln loss`.
    pub errors: RunErrors,
}

impl SyntheticRuns {
    /// Losses `truth·e^error`; with groups where errors are shared.
    ///
    /// # Errors
    /// As [`Runs::new`]; errors or groups of another number than the runs.
    pub fn draw<R: Rng + ?Sized>(&self, rng: &mut R) -> Result<Runs, FittingError> {
        let errors = self.errors.draw(self.features.len(), rng);
        crate::checks::check_length("errors", errors.len(), self.features.len(), "run")?;
        let sizes = self.features.iter().zip(&self.samples).zip(&errors);
        let losses: Vec<f64> =
            sizes.map(|((&n, &d), error)| self.truth.loss(n, d) * error.exp()).collect();
        let runs = Runs::new(&self.features, &self.samples, &losses)?;
        match &self.errors {
            RunErrors::Shared { groups, .. } => runs.with_groups(groups),
            _ => Ok(runs),
        }
    }
}
