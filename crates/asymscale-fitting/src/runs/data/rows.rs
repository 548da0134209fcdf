//! Validated training runs: features N, samples D, loss; a group where runs are not independent.

use std::collections::{BTreeMap, BTreeSet};

use crate::FittingError;
use crate::checks::{check_length, check_scales, written};

/// The most rows that one message lists one by one.
const LISTED: usize = 5;

/// Training runs: `features` (N, parameters of the model), `samples` (D, tokens or examples) and
/// `losses`, all in 1e-100..1e100, one entry per run. Rows are counted from 1 in errors and from 0
/// elsewhere.
///
/// ```
/// use asymscale_fitting::{FittingError, Runs};
/// let runs = Runs::new(&[1e6, 1e7], &[1e8, 1e9], &[3.0, 2.5])?;
/// assert_eq!(runs.len(), 2);
/// let refused = Runs::new(&[1e6, 0.0], &[1e8, 1e9], &[3.0, 2.5]).unwrap_err();
/// assert_eq!(refused.to_string(), "features in row 2 (0): must be finite numbers > 0");
/// # Ok::<(), FittingError>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Runs {
    features: Vec<f64>,
    samples: Vec<f64>,
    losses: Vec<f64>,
    /// A number per run, equal for runs that are resampled together.
    groups: Option<Vec<usize>>,
}

impl Runs {
    /// Runs that are independent of each other, checked.
    ///
    /// # Errors
    /// Lists of different lengths; values out of 1e-100..1e100, with all their rows.
    pub fn new(features: &[f64], samples: &[f64], losses: &[f64]) -> Result<Self, FittingError> {
        for (what, values) in [("samples", samples), ("losses", losses)] {
            check_length(what, values.len(), features.len(), "run")?;
        }
        for (what, values) in [("features", features), ("samples", samples), ("losses", losses)] {
            check_scales(what, values)?;
        }
        let (features, samples, losses) = (features.to_vec(), samples.to_vec(), losses.to_vec());
        Ok(Self { features, samples, losses, groups: None })
    }

    /// Runs of one size (N, D or compute), for [`Law::OneSize`](crate::Law::OneSize): it stands for
    /// N, and D is 1.
    ///
    /// # Errors
    /// As [`Runs::new`].
    ///
    /// ```
    /// use asymscale_fitting::{FitOptions, Law, Objective, Runs, fit_law};
    /// let compute: Vec<f64> = (0..8).map(|k| 1e18 * 10f64.powi(k)).collect();
    /// let losses: Vec<f64> = compute.iter().map(|c| 1.7 + 800.0 * c.powf(-0.15)).collect();
    /// let options = FitOptions { law: Law::OneSize, objective: Objective::SquaresLog, ..FitOptions::default() };
    /// let law = fit_law(&Runs::of_one_size(&compute, &losses)?, &options)?.parameters;
    /// assert!((law.e - 1.7).abs() < 1e-6 && (law.alpha - 0.15).abs() < 1e-7);
    /// assert_eq!((law.b, law.beta), (0.0, 0.0));
    /// # Ok::<(), asymscale_fitting::FittingError>(())
    /// ```
    pub fn of_one_size(sizes: &[f64], losses: &[f64]) -> Result<Self, FittingError> {
        Self::new(sizes, &vec![1.0; sizes.len()], losses)
    }

    /// The same runs with another size in place of N.
    ///
    /// # Errors
    /// A list of another length; values out of 1e-100..1e100.
    ///
    /// ```
    /// use asymscale_fitting::Runs;
    /// let runs = Runs::new(&[1e6, 1e7, 1e7], &[1e8, 1e9, 1e9], &[3.0, 2.5, 2.4])?;
    /// assert_eq!(runs.with_sizes(&[1e5, 1e6, 1e6])?.features(), [1e5, 1e6, 1e6]);
    /// # Ok::<(), asymscale_fitting::FittingError>(())
    /// ```
    pub fn with_sizes(self, features: &[f64]) -> Result<Self, FittingError> {
        let checked = Self::new(features, &self.samples, &self.losses)?;
        Ok(Self { groups: self.groups, ..checked })
    }

    /// Declares which runs belong together (checkpoints of one training run, say); a bootstrap by
    /// groups draws them as one.
    ///
    /// # Errors
    /// A number of labels other than that of the runs.
    ///
    /// ```
    /// use asymscale_fitting::Runs;
    /// let runs = Runs::new(&[1e6, 1e7, 1e7], &[1e8, 1e9, 1e9], &[3.0, 2.5, 2.4])?;
    /// assert_eq!(runs.with_groups(&["a", "b", "b"])?.groups(), Some(2));
    /// # Ok::<(), asymscale_fitting::FittingError>(())
    /// ```
    pub fn with_groups<G: Ord>(mut self, labels: &[G]) -> Result<Self, FittingError> {
        check_length("groups", labels.len(), self.len(), "run")?;
        let mut numbers = BTreeMap::new();
        let mut number = |label| {
            let next = numbers.len();
            *numbers.entry(label).or_insert(next)
        };
        self.groups = Some(labels.iter().map(&mut number).collect());
        Ok(self)
    }

    /// Number of groups; `None` without.
    pub fn groups(&self) -> Option<usize> {
        self.groups.as_ref().map(|_| self.independent())
    }

    /// Whether a group has runs among both of two lists of rows, counted from 0.
    ///
    /// ```
    /// use asymscale_fitting::Runs;
    /// let runs = Runs::new(&[1e6, 1e7, 1e7], &[1e8, 1e9, 1e9], &[3.0, 2.5, 2.4])?;
    /// let runs = runs.with_groups(&["a", "b", "b"])?;
    /// assert!(runs.shares_groups(&[1], &[2]) && !runs.shares_groups(&[0], &[1, 2]));
    /// # Ok::<(), asymscale_fitting::FittingError>(())
    /// ```
    pub fn shares_groups(&self, some: &[usize], others: &[usize]) -> bool {
        let Some(groups) = &self.groups else { return false };
        let of = |rows: &[usize]| rows.iter().map(|&row| groups[row]).collect::<BTreeSet<_>>();
        !of(some).is_disjoint(&of(others))
    }

    /// The number of groups, or of runs where there are no groups.
    pub(crate) fn independent(&self) -> usize {
        match &self.groups {
            Some(groups) => groups.iter().collect::<BTreeSet<_>>().len(),
            None => self.len(),
        }
    }

    /// Number of runs.
    pub fn len(&self) -> usize {
        self.losses.len()
    }

    /// Whether there are no entries.
    pub fn is_empty(&self) -> bool {
        self.losses.is_empty()
    }

    /// N of every run.
    pub fn features(&self) -> &[f64] {
        &self.features
    }

    /// D of every run.
    pub fn samples(&self) -> &[f64] {
        &self.samples
    }

    /// Loss of every run.
    pub fn losses(&self) -> &[f64] {
        &self.losses
    }

    /// The runs for which `keep(features, samples)` holds, and the others: fit the first, predict
    /// the second.
    ///
    /// ```
    /// use asymscale_fitting::Runs;
    /// let runs = Runs::new(&[1e6, 1e7, 1e7], &[1e8, 1e9, 1e9], &[3.0, 2.5, 2.4])?;
    /// let (small, large) = runs.split(|features, _| features < 5e6);
    /// assert_eq!((small.len(), large.losses()), (1, &[2.5, 2.4][..]));
    /// # Ok::<(), asymscale_fitting::FittingError>(())
    /// ```
    #[must_use]
    pub fn split(&self, keep: impl Fn(f64, f64) -> bool) -> (Self, Self) {
        let inside = |&row: &usize| keep(self.features[row], self.samples[row]);
        let (kept, others): (Vec<usize>, Vec<usize>) = (0..self.len()).partition(inside);
        (self.pick(&kept), self.pick(&others))
    }

    /// Runs at some rows, counted from 0, in that order.
    ///
    /// ```
    /// use asymscale_fitting::Runs;
    /// let runs = Runs::new(&[1e6, 1e7, 1e7], &[1e8, 1e9, 1e9], &[3.0, 2.5, 2.4])?;
    /// assert_eq!(runs.pick(&[2, 0]).losses(), [2.4, 3.0]);
    /// # Ok::<(), asymscale_fitting::FittingError>(())
    /// ```
    #[must_use]
    pub fn pick(&self, rows: &[usize]) -> Self {
        let at = |values: &[f64]| rows.iter().map(|&row| values[row]).collect();
        Self {
            features: at(&self.features),
            samples: at(&self.samples),
            losses: at(&self.losses),
            groups: self
                .groups
                .as_ref()
                .map(|groups| rows.iter().map(|&row| groups[row]).collect()),
        }
    }

    /// The same sizes with other losses.
    pub(crate) fn with_losses(&self, losses: Vec<f64>) -> Self {
        Self { losses, ..self.clone() }
    }

    /// The same runs with another size in place of N.
    pub(crate) fn with_features(&self, features: Vec<f64>) -> Self {
        Self { features, ..self.clone() }
    }

    /// Rows of each group, in order of first appearance; `None` without groups.
    pub(crate) fn rows_by_group(&self) -> Option<Vec<Vec<usize>>> {
        let groups = self.groups.as_ref()?;
        let mut rows = vec![Vec::new(); groups.iter().max().map_or(0, |last| last + 1)];
        for (row, &group) in groups.iter().enumerate() {
            rows[group].push(row);
        }
        // A selection of rows may hold none of a group.
        rows.retain(|rows| !rows.is_empty());
        Some(rows)
    }

    /// Smallest and largest of N, of D and of N·D.
    pub(crate) fn ranges(&self) -> [(f64, f64); 3] {
        let products: Vec<f64> =
            self.features.iter().zip(&self.samples).map(|(n, d)| n * d).collect();
        [range(&self.features), range(&self.samples), range(&products)]
    }

    /// At every size (N, D) the row of the smallest loss, in the order of the rows.
    ///
    /// ```
    /// use asymscale_fitting::Runs;
    /// let runs = Runs::new(&[1e6, 1e7, 1e7], &[1e8, 1e9, 1e9], &[3.0, 2.5, 2.4])?;
    /// assert_eq!(runs.lower_envelope(), [0, 2]); // the better one of two runs of one size
    /// # Ok::<(), asymscale_fitting::FittingError>(())
    /// ```
    pub fn lower_envelope(&self) -> Vec<usize> {
        let mut best: BTreeMap<(u64, u64), usize> = BTreeMap::new();
        for row in 0..self.len() {
            let at = best
                .entry((self.features[row].to_bits(), self.samples[row].to_bits()))
                .or_insert(row);
            if self.losses[row] < self.losses[*at] {
                *at = row;
            }
        }
        let mut rows: Vec<usize> = best.into_values().collect();
        rows.sort_unstable();
        rows
    }

    /// Distinct values of N, of D, and of both together.
    pub(crate) fn distinct(&self) -> (usize, usize, usize) {
        let bits = |values: &[f64]| values.iter().map(|v| v.to_bits()).collect::<Vec<u64>>();
        let (n, d) = (bits(&self.features), bits(&self.samples));
        let both: Vec<(u64, u64)> = n.iter().copied().zip(d.iter().copied()).collect();
        (count(n), count(d), count(both))
    }
}

/// Distinct values.
fn count<T: Ord>(mut values: Vec<T>) -> usize {
    values.sort_unstable();
    values.dedup();
    values.len()
}

fn range(values: &[f64]) -> (f64, f64) {
    values.iter().fold((f64::INFINITY, 0.0), |(low, high), &v| (low.min(v), high.max(v)))
}

/// `row 3 (0)` or `rows 3 (0), 7 (NaN) and 12 more`.
pub(crate) fn list_rows(rows: &[usize], values: &[f64]) -> String {
    let listed: Vec<String> = rows
        .iter()
        .zip(values)
        .take(LISTED)
        .map(|(row, value)| format!("{row} ({})", written(*value)))
        .collect();
    let word = if rows.len() == 1 { "row" } else { "rows" };
    let more = rows.len().saturating_sub(LISTED);
    let rest = if more > 0 { format!(" and {more} more") } else { String::new() };
    format!("{word} {}{rest}", listed.join(", "))
}
