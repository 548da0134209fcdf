//! Resampled data sets: rows, groups or residuals drawn anew.

use asymscale_numerics::{block_counts, blocks_left_out};
use rand::{Rng, RngExt};
use serde::{Deserialize, Serialize};

use crate::FittingError;
use crate::runs::data::rows::Runs;
use crate::runs::fit::Fit;
use crate::runs::law::Objective;

/// The number of draws after which a data set that cannot be fitted is used all the same.
const TRIES: usize = 100;

/// The most data sets of the jackknife.
const LEFT_OUT: usize = 200;

/// The units that a bootstrap draws.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Resampling {
    /// Rows, with replacement: valid also where the spread differs between runs.
    #[default]
    Rows,
    /// Groups of rows, with replacement: valid also where runs of a group have correlated errors.
    Groups,
    /// The fitted losses with residuals drawn with replacement, widened for the fitted parameters:
    /// the sizes stay as they were designed, and the spread must be the same everywhere.
    Residuals,
    /// The fitted losses with the residuals in their place, each of a random sign, widened for the
    /// fitted parameters (C. F. J. Wu, *Ann. Stat.* 14 (1986) 1261, the wild bootstrap): sizes stay
    /// as designed, every run keeps the size of its error, and the runs of a group, where there are
    /// groups, keep theirs together.
    Signs,
}

/// The runs of a refit: other losses, or a weight for each row.
pub(crate) struct Resampled {
    pub(crate) runs: Option<Runs>,
    pub(crate) weights: Option<Vec<f64>>,
}

/// Draws data sets from a fit.
pub(crate) struct Resampler<'a> {
    fit: &'a Fit,
    blocks: Vec<Vec<usize>>,
    kind: Resampling,
    fitted: Vec<f64>,
    residuals: Vec<f64>,
}

impl<'a> Resampler<'a> {
    pub(crate) fn new(fit: &'a Fit, kind: Resampling) -> Result<Self, FittingError> {
        let rows = fit.runs.len();
        let parameters = fit.options.free_parameters();
        if rows <= parameters {
            return Err(FittingError::TooFewRuns {
                found: rows,
                needed: parameters + 1,
                parameters,
            });
        }
        let single = || (0..rows).map(|row| vec![row]).collect();
        let blocks: Vec<Vec<usize>> = match kind {
            Resampling::Groups => fit.runs.rows_by_group().ok_or(FittingError::NoGroups)?,
            Resampling::Signs => fit.runs.rows_by_group().unwrap_or_else(single),
            _ => single(),
        };
        if blocks.len() <= parameters {
            return Err(FittingError::TooFewGroups { found: blocks.len(), needed: parameters + 1 });
        }
        let wider = (rows as f64 / (rows - parameters) as f64).sqrt();
        let residuals = fit.residuals().into_iter().map(|r| wider * r).collect();
        Ok(Self { fit, blocks, kind, fitted: fit.fitted(), residuals })
    }

    /// The number of rows or groups.
    pub(crate) fn blocks(&self) -> usize {
        self.blocks.len()
    }

    /// Another data set that can be fitted: with as many distinct sizes as the law needs, and
    /// positive losses.
    pub(crate) fn draw<R: Rng + ?Sized>(&self, rng: &mut R) -> Resampled {
        let mut drawn = self.draw_once(rng);
        for _ in 0..TRIES {
            if self.is_fit(&drawn) {
                break;
            }
            drawn = self.draw_once(rng);
        }
        drawn
    }

    fn draw_once<R: Rng + ?Sized>(&self, rng: &mut R) -> Resampled {
        let residuals = match self.kind {
            Resampling::Residuals => Some(self.exchanged(rng)),
            Resampling::Signs => Some(self.signed(rng)),
            Resampling::Rows | Resampling::Groups => None,
        };
        if let Some(residuals) = residuals {
            return Resampled {
                runs: Some(self.fit.runs.with_losses(self.losses(&residuals))),
                weights: None,
            };
        }
        let drawn = (0..self.blocks.len()).map(|_| rng.random_range(0..self.blocks.len()));
        let weights = block_counts(&self.blocks, self.fit.runs.len(), drawn);
        Resampled { runs: None, weights: Some(weights) }
    }

    fn exchanged<R: Rng + ?Sized>(&self, rng: &mut R) -> Vec<f64> {
        let residuals = &self.residuals;
        residuals.iter().map(|_| residuals[rng.random_range(0..residuals.len())]).collect()
    }

    fn signed<R: Rng + ?Sized>(&self, rng: &mut R) -> Vec<f64> {
        let mut residuals = self.residuals.clone();
        for block in &self.blocks {
            if rng.random::<bool>() {
                for &row in block {
                    residuals[row] = -residuals[row];
                }
            }
        }
        residuals
    }

    fn losses(&self, residuals: &[f64]) -> Vec<f64> {
        let additive = self.fit.options.objective == Objective::Squares;
        let one = |(&fit, &r): (&f64, &f64)| if additive { fit + r } else { fit * r.exp() };
        self.fitted.iter().zip(residuals).map(one).collect()
    }

    /// The data sets of the jackknife: each block left out once. Of very many blocks several are
    /// left out together, which does not change the skewness of their sums.
    pub(crate) fn jackknife(&self) -> Vec<Resampled> {
        let left_out = blocks_left_out(&self.blocks, self.fit.runs.len(), LEFT_OUT).into_iter();
        left_out.map(|weights| Resampled { runs: None, weights: Some(weights) }).collect()
    }

    fn is_fit(&self, drawn: &Resampled) -> bool {
        match (&drawn.runs, &drawn.weights) {
            (Some(runs), _) => runs.losses().iter().all(|&loss| loss.is_finite() && loss > 0.0),
            (None, Some(weights)) => {
                let rows: Vec<usize> =
                    (0..weights.len()).filter(|&row| weights[row] > 0.0).collect();
                crate::runs::fit::requirements::check_sizes(
                    &self.fit.runs.pick(&rows),
                    &self.fit.options,
                )
                .is_ok()
            }
            (None, None) => true,
        }
    }
}
