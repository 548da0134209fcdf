//! Score tests of a law within a larger law: whether its residuals are correlated with the
//! derivatives of the larger law in the additional parameters.

use rand::{Rng, RngExt};
use statrs::distribution::{ContinuousCDF, FisherSnedecor};

use super::signal::{Basis, dot, winsorise};
use crate::runs::optimiser::symmetric::Vector;

/// Degrees of freedom below which the test is Fisher's F.
const FISHER_BELOW: usize = 8;
/// The least share of its squares that a slope must keep once the law is removed from it.
const COLLINEAR: f64 = 1e-10;

/// One column of derivatives in some rows, and 0 in the others.
pub(crate) fn column(slopes: &[Vector], k: usize, rows: &[usize]) -> Vec<f64> {
    let mut column = vec![0.0; slopes.len()];
    for &row in rows {
        column[row] = slopes[row][k];
    }
    column
}

/// Residuals of a law, its slopes, and those of a larger law.
pub(crate) struct NestedLawTest {
    columns: Vec<Vec<f64>>,
    pub(crate) law: Basis,
    /// The additional derivatives, projected off the law.
    more: Basis,
    residuals: Vec<f64>,
}

impl NestedLawTest {
    pub(crate) fn new(
        columns: Vec<Vec<f64>>,
        more: Vec<Vec<f64>>,
        mut residuals: Vec<f64>,
    ) -> Self {
        let law = Basis::of(&columns);
        winsorise(&mut residuals);
        law.project_out(&mut residuals);
        law.project_out(&mut residuals);
        let mut left: Vec<Vec<f64>> = Vec::with_capacity(more.len());
        for column in more {
            let whole = dot(&column, &column);
            let mut rest = column;
            law.project_out(&mut rest);
            law.project_out(&mut rest);
            if dot(&rest, &rest) > COLLINEAR * whole {
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
        let observed = self.more.explained_share(&self.residuals);
        let dof = groups.len().saturating_sub(self.law.len() + self.more.len());
        if dof < FISHER_BELOW || resamples == 0 {
            return (fisher_p_value(observed, self.more.len(), dof), observed);
        }
        let leverages = self.law.leverages(self.residuals.len());
        let rescaled: Vec<f64> = self
            .residuals
            .iter()
            .zip(leverages)
            .map(|(r, leverage)| r / (1.0 - leverage).max(1e-3).sqrt())
            .collect();
        let mut signed = vec![0.0; rescaled.len()];
        let mut extreme = 0;
        for _ in 0..resamples {
            for group in groups {
                let sign = if rng.random::<bool>() { 1.0 } else { -1.0 };
                for &row in group {
                    signed[row] = sign * rescaled[row];
                }
            }
            self.law.project_out(&mut signed);
            extreme += usize::from(self.more.explained_share(&signed) >= observed);
        }
        ((1 + extreme) as f64 / (1 + resamples) as f64, observed)
    }

    /// Standard errors of the last (one or two) parameters of the law.
    pub(crate) fn standard_errors_of_last(&self, count: usize, groups: &[Vec<usize>]) -> Vec<f64> {
        let first = self.columns.len() - count;
        let leverages = self.law.leverages(self.residuals.len());
        let rescaled: Vec<f64> = self
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
            others.project_out(&mut rest);
            others.project_out(&mut rest);
            let score = |rows: &Vec<usize>| {
                rows.iter().map(|&row| rest[row] * rescaled[row]).sum::<f64>().powi(2)
            };
            groups.iter().map(score).sum::<f64>().sqrt() / dot(&rest, &rest)
        };
        (first..self.columns.len()).map(error).collect()
    }
}

fn fisher_p_value(explained: f64, parameters: usize, dof: usize) -> f64 {
    if dof == 0 {
        return 1.0;
    }
    let (of, left) = (parameters as f64, dof as f64);
    let ratio = explained / of / ((1.0 - explained).max(1e-15) / left);
    FisherSnedecor::new(of, left).map_or(1.0, |law| law.sf(ratio))
}
