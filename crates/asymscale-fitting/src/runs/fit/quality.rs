//! Goodness of fit: the size of the residuals, the worst rows, repeated rows, and patterns of
//! residuals that a correct law would not leave.

use asymscale_numerics::mean;
use serde::Serialize;
use statrs::distribution::{ContinuousCDF, FisherSnedecor, Normal};

use super::Fit;
use crate::runs::data::rows::Runs;

/// The number of rows that are named.
const NAMED_ROWS: usize = 3;
/// The least number of pairs of neighbours for which a correlation is reported.
const LEAST_PAIRS: usize = 20;

/// What the residuals of a fit show.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct FitQuality {
    /// Root mean square of `ln loss − ln fit`.
    pub rms: f64,
    /// The rows (counted from 0) of the largest residuals, and these: the largest first.
    pub worst: Vec<(usize, f64)>,
    /// Rows that repeat an earlier row in N, D and loss.
    pub repeated: Vec<usize>,
    /// Sizes (N, D) with several runs of different loss, and runs there.
    pub replicated: (usize, usize),
    /// Whether the law misses the means at replicated sizes by more than the runs there differ:
    /// p-value of Fisher's F; `None` with fewer than two degrees of freedom on either side.
    pub lack_of_fit: Option<f64>,
    /// Whether signs of residuals come in runs along N, along D and along N·D: p-values of the test
    /// of Wald and Wolfowitz (*Ann. Math. Stat.* 11 (1940) 147), one-sided, for too few runs.
    pub sign_runs: [f64; 3],
    /// Correlation of residuals of runs of the same N next to each other in D, and the number of
    /// such pairs.
    pub neighbours: Option<(f64, usize)>,
}

impl Fit {
    /// What the residuals say of the fit. Cost `O(runs log runs)`.
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
    /// let quality = fit.quality();
    /// assert!(quality.rms < 0.01 && quality.repeated.is_empty());
    /// # Ok::<(), asymscale_fitting::FittingError>(())
    /// ```
    pub fn quality(&self) -> FitQuality {
        let runs = self.runs();
        let logs = |values: &[f64]| values.iter().map(|v| v.ln()).collect::<Vec<f64>>();
        let fitted = logs(&self.fitted());
        let residuals: Vec<f64> =
            logs(runs.losses()).iter().zip(&fitted).map(|(loss, fit)| loss - fit).collect();
        let mut order: Vec<usize> = (0..residuals.len()).collect();
        order.sort_by(|&a, &b| residuals[b].abs().total_cmp(&residuals[a].abs()).then(a.cmp(&b)));
        let (n, d) = (runs.features(), runs.samples());
        let along = |key: &dyn Fn(usize) -> (f64, f64)| {
            let mut order: Vec<usize> = (0..residuals.len()).collect();
            let compare = |&a: &usize, &b: &usize| {
                let ((x, y), (z, w)) = (key(a), key(b));
                x.total_cmp(&z).then(y.total_cmp(&w)).then(a.cmp(&b))
            };
            order.sort_by(compare);
            order
        };
        let by_features = along(&|row| (n[row], d[row]));
        let orders = [
            by_features.clone(),
            along(&|row| (d[row], n[row])),
            along(&|row| (n[row] * d[row], n[row])),
        ];
        let sizes: Vec<&[usize]> =
            by_features.chunk_by(|&a, &b| n[a] == n[b] && d[a] == d[b]).collect();
        let several = |rows: &&&[usize]| {
            rows.len() > 1 && rows.iter().any(|&row| runs.losses()[row] != runs.losses()[rows[0]])
        };
        let replicated: Vec<&&[usize]> = sizes.iter().filter(several).collect();
        FitQuality {
            rms: (residuals.iter().map(|r| r * r).sum::<f64>() / residuals.len() as f64).sqrt(),
            worst: order.iter().take(NAMED_ROWS).map(|&row| (row, residuals[row])).collect(),
            repeated: repeated(runs, &sizes),
            replicated: (replicated.len(), replicated.iter().map(|rows| rows.len()).sum()),
            lack_of_fit: lack_of_fit(&residuals, &sizes, self.interior_parameters()),
            sign_runs: orders.map(|order| sign_runs(order.iter().map(|&row| residuals[row]))),
            neighbours: neighbours(&residuals, &by_features, runs),
        }
    }
}

/// Rows whose loss an earlier one of their size has.
fn repeated(runs: &Runs, sizes: &[&[usize]]) -> Vec<usize> {
    let losses = runs.losses();
    let mut found = Vec::new();
    for rows in sizes.iter().filter(|rows| rows.len() > 1) {
        let mut rows = rows.to_vec();
        rows.sort_by(|&a, &b| losses[a].total_cmp(&losses[b]).then(a.cmp(&b)));
        found.extend(
            rows.windows(2).filter(|pair| losses[pair[0]] == losses[pair[1]]).map(|pair| pair[1]),
        );
    }
    found.sort_unstable();
    found
}

/// The test of lack of fit: residual means at replicated sizes against the scatter there.
fn lack_of_fit(residuals: &[f64], sizes: &[&[usize]], parameters: usize) -> Option<f64> {
    let (mut between, mut within) = (0.0, 0.0);
    for rows in sizes {
        let mean = mean(rows.iter().map(|&row| residuals[row]));
        between += rows.len() as f64 * mean * mean;
        within += rows.iter().map(|&row| (residuals[row] - mean).powi(2)).sum::<f64>();
    }
    let (of_means, of_runs) = (sizes.len().checked_sub(parameters)?, residuals.len() - sizes.len());
    if of_means < 2 || of_runs < 2 || within <= 0.0 {
        return None;
    }
    let law = FisherSnedecor::new(of_means as f64, of_runs as f64).ok()?;
    Some(law.sf(between / of_means as f64 / (within / of_runs as f64)))
}

/// The probability of so few changes of sign, by the normal law of their number.
fn sign_runs(residuals: impl Iterator<Item = f64>) -> f64 {
    let signs: Vec<bool> = residuals.filter(|r| *r != 0.0).map(|r| r > 0.0).collect();
    let above = signs.iter().filter(|above| **above).count() as f64;
    let below = signs.len() as f64 - above;
    let total = above + below;
    if above < 2.0 || below < 2.0 {
        return 1.0;
    }
    let runs = 1.0 + signs.windows(2).filter(|pair| pair[0] != pair[1]).count() as f64;
    let mean = 1.0 + 2.0 * above * below / total;
    let variance = (mean - 1.0) * (mean - 2.0) / (total - 1.0);
    Normal::standard().cdf((runs + 0.5 - mean) / variance.sqrt())
}

/// Correlation of neighbours in D at the same N.
fn neighbours(residuals: &[f64], by_features: &[usize], runs: &Runs) -> Option<(f64, usize)> {
    let (n, d) = (runs.features(), runs.samples());
    let pairs: Vec<(f64, f64)> = by_features
        .windows(2)
        .filter(|pair| n[pair[0]] == n[pair[1]] && d[pair[0]] != d[pair[1]])
        .map(|pair| (residuals[pair[0]], residuals[pair[1]]))
        .collect();
    let square: f64 = pairs.iter().map(|(a, b)| 0.5 * (a * a + b * b)).sum();
    let product: f64 = pairs.iter().map(|(a, b)| a * b).sum();
    (pairs.len() >= LEAST_PAIRS && square > 0.0).then(|| (product / square, pairs.len()))
}
