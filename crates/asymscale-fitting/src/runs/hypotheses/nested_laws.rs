//! Score tests: do the residuals of a law have anything to do with the slopes of a larger law in
//! its additional parameters?

use rand::{Rng, RngExt};
use statrs::distribution::{ContinuousCDF, FisherSnedecor};

use super::signal::{Basis, clip, dot};
use crate::runs::optimiser::symmetric::Vector;

/// Degrees of freedom below which the test is Fisher's F.
const FEW: usize = 8;
/// The least share of its squares that a slope must keep once the law is removed from it.
const ALIKE: f64 = 1e-10;

/// One column of slopes, 0 but in some rows.
pub(crate) fn column(slopes: &[Vector], k: usize, rows: &[usize]) -> Vec<f64> {
    let mut column = vec![0.0; slopes.len()];
    for &row in rows {
        column[row] = slopes[row][k];
    }
    column
}

/// Residuals of a law, its slopes, and those of a larger law.
pub(crate) struct Question {
    columns: Vec<Vec<f64>>,
    pub(crate) law: Basis,
    /// What the law leaves of the additional slopes.
    more: Basis,
    residuals: Vec<f64>,
}

impl Question {
    pub(crate) fn new(
        columns: Vec<Vec<f64>>,
        more: Vec<Vec<f64>>,
        mut residuals: Vec<f64>,
    ) -> Self {
        let law = Basis::of(&columns);
        clip(&mut residuals);
        law.remove_from(&mut residuals);
        law.remove_from(&mut residuals);
        let mut left: Vec<Vec<f64>> = Vec::with_capacity(more.len());
        for column in more {
            let whole = dot(&column, &column);
            let mut rest = column;
            law.remove_from(&mut rest);
            law.remove_from(&mut rest);
            if dot(&rest, &rest) > ALIKE * whole {
                left.push(rest);
            }
        }
        Self { columns, law, more: Basis::of(&left), residuals }
    }

    /// The p-value, and the share of the squares that the larger law explains.
    pub(crate) fn test<R: Rng + ?Sized>(
        &self,
        groups: &[Vec<usize>],
        resamples: usize,
        rng: &mut R,
    ) -> (f64, f64) {
        if self.more.len() == 0 || dot(&self.residuals, &self.residuals) == 0.0 {
            return (1.0, 0.0);
        }
        let observed = self.more.share(&self.residuals);
        let freedom = groups.len().saturating_sub(self.law.len() + self.more.len());
        if freedom < FEW || resamples == 0 {
            return (by_fisher(observed, self.more.len(), freedom), observed);
        }
        let leverages = self.law.leverages(self.residuals.len());
        let widened: Vec<f64> = self
            .residuals
            .iter()
            .zip(leverages)
            .map(|(r, leverage)| r / (1.0 - leverage).max(1e-3).sqrt())
            .collect();
        let mut signed = vec![0.0; widened.len()];
        let mut extreme = 0;
        for _ in 0..resamples {
            for group in groups {
                let sign = if rng.random::<bool>() { 1.0 } else { -1.0 };
                for &row in group {
                    signed[row] = sign * widened[row];
                }
            }
            self.law.remove_from(&mut signed);
            extreme += usize::from(self.more.share(&signed) >= observed);
        }
        ((1 + extreme) as f64 / (1 + resamples) as f64, observed)
    }

    /// Standard errors of the last (one or two) parameters of the law.
    pub(crate) fn errors_of_last(&self, count: usize, groups: &[Vec<usize>]) -> Vec<f64> {
        let first = self.columns.len() - count;
        let leverages = self.law.leverages(self.residuals.len());
        let widened: Vec<f64> = self
            .residuals
            .iter()
            .zip(leverages)
            .map(|(r, leverage)| r / (1.0 - leverage).max(1e-3))
            .collect();
        let error = |k: usize| {
            let others: Vec<Vec<f64>> = (0..self.columns.len())
                .filter(|&j| j != k)
                .map(|j| self.columns[j].clone())
                .collect();
            let others = Basis::of(&others);
            let mut rest = self.columns[k].clone();
            others.remove_from(&mut rest);
            others.remove_from(&mut rest);
            let score = |rows: &Vec<usize>| {
                rows.iter().map(|&row| rest[row] * widened[row]).sum::<f64>().powi(2)
            };
            groups.iter().map(score).sum::<f64>().sqrt() / dot(&rest, &rest)
        };
        (first..self.columns.len()).map(error).collect()
    }
}

fn by_fisher(explained: f64, parameters: usize, freedom: usize) -> f64 {
    if freedom == 0 {
        return 1.0;
    }
    let (of, left) = (parameters as f64, freedom as f64);
    let ratio = explained / of / ((1.0 - explained).max(1e-15) / left);
    FisherSnedecor::new(of, left).map_or(1.0, |law| law.sf(ratio))
}
