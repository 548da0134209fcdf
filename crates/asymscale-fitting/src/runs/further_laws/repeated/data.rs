//! Validated training runs with the number of distinct samples of each.

use crate::FittingError;
use crate::checks::{check_length, check_positive_values, check_scales};
use crate::runs::data::rows::Runs;

/// Training runs of which each is known on how many distinct samples (tokens, examples) it was
/// trained: the others are repeats.
///
/// ```
/// use asymscale_fitting::{FittingError, Runs, repeated::RepeatedRuns};
/// let runs = Runs::new(&[1e8, 1e8], &[1e9, 4e9], &[3.4, 3.1])?;
/// let repeated = RepeatedRuns::new(runs.clone(), &[1e9, 1e9])?;
/// assert_eq!(repeated.epochs().collect::<Vec<f64>>(), [1.0, 4.0]);
/// assert_eq!(repeated.repeating(), 1);
/// let refused = RepeatedRuns::new(runs, &[1e9, -1.0]).unwrap_err();
/// assert_eq!(refused.to_string(), "unique samples in row 2 (-1): must be finite numbers > 0");
/// # Ok::<(), FittingError>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct RepeatedRuns {
    runs: Runs,
    unique: Vec<f64>,
}

/// Epochs up to this number count as one, since numbers in tables are rounded.
const ONE_EPOCH: f64 = 1.01;

impl RepeatedRuns {
    /// Checks and keeps them. Of a run trained on fewer samples than there are distinct ones, all
    /// were distinct.
    ///
    /// # Errors
    /// A list of another length than the runs; values out of 1e-100..1e100, with all their rows.
    pub fn new(runs: Runs, unique: &[f64]) -> Result<Self, FittingError> {
        check_length("unique samples", unique.len(), runs.len(), "run")?;
        check_scales("unique samples", unique)?;
        let unique = unique.iter().zip(runs.samples()).map(|(u, d)| u.min(*d)).collect();
        Ok(Self { runs, unique })
    }

    /// The same from the number of epochs, `D/U`; one below 1 counts as 1.
    ///
    /// # Errors
    /// As [`RepeatedRuns::new`], of epochs that are finite and > 0, and of `D/U`.
    pub fn from_epochs(runs: Runs, epochs: &[f64]) -> Result<Self, FittingError> {
        check_length("epochs", epochs.len(), runs.len(), "run")?;
        check_positive_values("epochs", epochs)?;
        let unique: Vec<f64> =
            runs.samples().iter().zip(epochs).map(|(d, e)| d / e.max(1.0)).collect();
        check_scales("unique samples, D over epochs,", &unique)?;
        Ok(Self { runs, unique })
    }

    /// Features, samples, losses.
    pub fn runs(&self) -> &Runs {
        &self.runs
    }

    /// Distinct samples of every run, never more than its samples.
    pub fn unique(&self) -> &[f64] {
        &self.unique
    }

    /// `D/U` of every run.
    pub fn epochs(&self) -> impl Iterator<Item = f64> {
        self.runs.samples().iter().zip(&self.unique).map(|(d, u)| d / u)
    }

    /// Number of runs of more than 1.01 epochs.
    pub fn repeating(&self) -> usize {
        self.epochs().filter(|epochs| *epochs > ONE_EPOCH).count()
    }

    /// Runs at some rows, counted from 0, in that order.
    #[must_use]
    pub fn pick(&self, rows: &[usize]) -> Self {
        Self {
            runs: self.runs.pick(rows),
            unique: rows.iter().map(|&row| self.unique[row]).collect(),
        }
    }
}
