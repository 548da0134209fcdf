//! Validated input: losses at distinct sizes, with what is known of their errors.

use asymscale_numerics::mean;
use std::fmt::Display;

use serde::{Deserialize, Serialize};

use crate::FittingError;
use crate::checks::{check_length, is_positive};

/// What a design (one draw of the data, the block that is resampled) contributes.
///
/// Losses of several teachers on one design are not replicates: they share its error, so
/// [`Series::from_rows`] averages them first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Blocks {
    /// A loss at every size (a curve in `N` read from one design): resampled jointly across sizes.
    Shared,
    /// A loss at one size (a curve in `D`, each `D` with its own designs): resampled within a size.
    PerSize,
}

/// Losses at distinct sizes, ascending; dimensionless, positive and finite.
///
/// ```
/// use asymscale_fitting::{Blocks, Series};
/// // Two designs, three sizes; the second teacher of design 7 at size 8 is averaged with the first.
/// let sizes = [8.0, 16.0, 32.0, 8.0, 16.0, 32.0, 8.0];
/// let designs = [7, 7, 7, 9, 9, 9, 7];
/// let losses = [1.0, 0.5, 0.25, 1.2, 0.6, 0.3, 1.4];
/// let series = Series::from_rows(&sizes, &designs, &losses, Blocks::Shared)?;
/// assert_eq!(series.sizes(), [8.0, 16.0, 32.0]);
/// assert_eq!(series.replicates(0), [1.2, 1.2]);
/// # Ok::<(), asymscale_fitting::FittingError>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Series {
    sizes: Vec<f64>,
    losses: Vec<Vec<f64>>,
    errors: Errors,
}

/// Where the errors of a series come from.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Errors {
    /// From replicate designs. With shared blocks the k-th replicate of every size is one design.
    Replicates(Blocks),
    /// Given beside the losses, independent between sizes.
    Given(Vec<f64>),
    /// Unknown: one loss per size.
    Unknown,
}

impl Series {
    /// One row per loss: a size, the design it was measured on, the loss.
    ///
    /// Rows of one size and one design are averaged. The result does not depend on the order of
    /// rows. With a single design at every size there are no replicates, and errors can only come
    /// from the residuals of a fit. `O(n log n)` in the number of rows.
    ///
    /// # Errors
    /// Lists of unequal length; a size or loss that is not finite and > 0, with its row; with
    /// [`Blocks::Shared`] a design that lacks a size; with [`Blocks::PerSize`] a lone design at
    /// some sizes and several at others.
    pub fn from_rows<B: Ord + Display>(
        sizes: &[f64],
        designs: &[B],
        losses: &[f64],
        blocks: Blocks,
    ) -> Result<Self, FittingError> {
        check_length("designs", designs.len(), sizes.len(), "row")?;
        check_rows(sizes, losses)?;
        let mut order: Vec<usize> = (0..sizes.len()).collect();
        // The loss is part of the key so that sums over teachers do not depend on the order of
        // rows.
        order.sort_by(|&a, &b| {
            let by_size = sizes[a].total_cmp(&sizes[b]);
            by_size
                .then_with(|| designs[a].cmp(&designs[b]))
                .then_with(|| losses[a].total_cmp(&losses[b]))
        });
        let points: Vec<Point<'_, B>> = order
            .chunk_by(|&a, &b| sizes[a] == sizes[b])
            .map(|rows| Point::new(rows, sizes, designs, losses))
            .collect();
        if blocks == Blocks::Shared {
            check_shared(&points)?;
        }
        let (sizes, losses) = points.into_iter().map(|point| (point.size, point.losses)).unzip();
        Self::from_points(sizes, losses, blocks)
    }

    /// Designs that each give a whole curve: `curves[design][size]`, resampled jointly across
    /// sizes.
    ///
    /// # Errors
    /// As [`Series::from_rows`]; a repeated size.
    ///
    /// ```
    /// use asymscale_fitting::Series;
    /// let series = Series::from_curves(&[8.0, 16.0], &[[1.0, 0.5], [1.2, 0.6]])?;
    /// assert_eq!((series.designs(), series.replicates(1)), (2, &[0.5, 0.6][..]));
    /// # Ok::<(), asymscale_fitting::FittingError>(())
    /// ```
    pub fn from_curves<C: AsRef<[f64]>>(sizes: &[f64], curves: &[C]) -> Result<Self, FittingError> {
        let mut rows = Rows::default();
        check_distinct(sizes)?;
        for (design, curve) in curves.iter().enumerate() {
            let what = format!("curve {}", design + 1);
            check_length(&what, curve.as_ref().len(), sizes.len(), "size")?;
            for (&size, &loss) in sizes.iter().zip(curve.as_ref()) {
                check_loss(loss, || format!("{what}, size {size}"))?;
                rows.push(size, design, loss);
            }
        }
        Self::from_rows(&rows.sizes, &rows.designs, &rows.losses, Blocks::Shared)
    }

    /// Independent designs at each size: `replicates[size][design]`, resampled within each size.
    ///
    /// # Errors
    /// As [`Series::from_rows`]; a repeated size; a size without losses.
    ///
    /// ```
    /// use asymscale_fitting::Series;
    /// let series = Series::from_replicates(&[8.0, 16.0], &[vec![1.0, 1.2], vec![0.5, 0.6, 0.7]])?;
    /// assert_eq!((series.designs(), series.replicates(1).len()), (2, 3));
    /// # Ok::<(), asymscale_fitting::FittingError>(())
    /// ```
    pub fn from_replicates<C: AsRef<[f64]>>(
        sizes: &[f64],
        replicates: &[C],
    ) -> Result<Self, FittingError> {
        check_distinct(sizes)?;
        check_length("replicates", replicates.len(), sizes.len(), "size")?;
        let mut rows = Rows::default();
        for (&size, losses) in sizes.iter().zip(replicates) {
            if losses.as_ref().is_empty() {
                return Err(FittingError::TooFewDesigns {
                    size,
                    found: 0,
                    needed: 1,
                    purpose: "everywhere",
                });
            }
            for (design, &loss) in losses.as_ref().iter().enumerate() {
                check_loss(loss, || format!("size {size}, replicate {}", design + 1))?;
                rows.push(size, design, loss);
            }
        }
        Self::from_rows(&rows.sizes, &rows.designs, &rows.losses, Blocks::PerSize)
    }

    /// Losses with their standard errors, independent between sizes and taken as normal.
    ///
    /// # Errors
    /// Lists of unequal length; a value that is not finite and > 0, with its row; a repeated size.
    ///
    /// ```
    /// use asymscale_fitting::Series;
    /// let series = Series::from_means(&[16.0, 8.0], &[0.5, 1.0], &[0.01, 0.02])?;
    /// assert_eq!(series.sizes(), [8.0, 16.0]); // ascending
    /// # Ok::<(), asymscale_fitting::FittingError>(())
    /// ```
    pub fn from_means(
        sizes: &[f64],
        losses: &[f64],
        standard_errors: &[f64],
    ) -> Result<Self, FittingError> {
        check_length("standard errors", standard_errors.len(), sizes.len(), "row")?;
        check_standard_errors(standard_errors)?;
        let series = Self::from_values(sizes, losses)?;
        let errors = ascending(sizes).into_iter().map(|row| standard_errors[row]).collect();
        Ok(Self { errors: Errors::Given(errors), ..series })
    }

    /// Losses without errors: one value per size, as from a theory or from single training runs.
    ///
    /// # Errors
    /// Lists of unequal length; a value that is not finite and > 0, with its row; a repeated size.
    ///
    /// ```
    /// use asymscale_fitting::Series;
    /// let series = Series::from_values(&[16.0, 8.0], &[0.5, 1.0])?;
    /// assert_eq!((series.sizes(), series.replicates(0)), (&[8.0, 16.0][..], &[1.0][..]));
    /// # Ok::<(), asymscale_fitting::FittingError>(())
    /// ```
    pub fn from_values(sizes: &[f64], losses: &[f64]) -> Result<Self, FittingError> {
        check_rows(sizes, losses)?;
        check_distinct(sizes)?;
        let order = ascending(sizes);
        Ok(Self {
            sizes: order.iter().map(|&row| sizes[row]).collect(),
            losses: order.iter().map(|&row| vec![losses[row]]).collect(),
            errors: Errors::Unknown,
        })
    }

    /// The distinct sizes, ascending.
    pub fn sizes(&self) -> &[f64] {
        &self.sizes
    }

    /// The losses at the size of this index, one per design, ascending in the design.
    pub fn replicates(&self, index: usize) -> &[f64] {
        &self.losses[index]
    }

    /// The smallest number of designs at any size (0 for an empty series).
    pub fn designs(&self) -> usize {
        self.losses.iter().map(Vec::len).min().unwrap_or(0)
    }

    pub(crate) fn errors(&self) -> &Errors {
        &self.errors
    }

    pub(crate) fn losses(&self) -> &[Vec<f64>] {
        &self.losses
    }

    /// The sizes from `first` to `end`, the latter excluded.
    pub(crate) fn window(&self, first: usize, end: usize) -> Self {
        let errors = match &self.errors {
            Errors::Given(values) => Errors::Given(values[first..end].to_vec()),
            other => other.clone(),
        };
        Self {
            sizes: self.sizes[first..end].to_vec(),
            losses: self.losses[first..end].to_vec(),
            errors,
        }
    }

    /// The same sizes and blocks with other losses.
    pub(crate) fn with_losses(&self, losses: Vec<Vec<f64>>) -> Self {
        Self { sizes: self.sizes.clone(), losses, errors: self.errors.clone() }
    }

    fn from_points(
        sizes: Vec<f64>,
        losses: Vec<Vec<f64>>,
        blocks: Blocks,
    ) -> Result<Self, FittingError> {
        if losses.iter().all(|replicates| replicates.len() == 1) {
            return Ok(Self { sizes, losses, errors: Errors::Unknown });
        }
        if let Some(lone) = losses.iter().position(|replicates| replicates.len() == 1) {
            let purpose = "where other sizes have several";
            return Err(FittingError::TooFewDesigns {
                size: sizes[lone],
                found: 1,
                needed: 2,
                purpose,
            });
        }
        Ok(Self { sizes, losses, errors: Errors::Replicates(blocks) })
    }
}

/// Losses of one size, ascending in the design, teachers averaged.
struct Point<'a, B> {
    size: f64,
    designs: Vec<&'a B>,
    losses: Vec<f64>,
}

impl<'a, B: Ord> Point<'a, B> {
    fn new(rows: &[usize], sizes: &[f64], designs: &'a [B], losses: &[f64]) -> Self {
        let of_design: Vec<&[usize]> = rows.chunk_by(|&a, &b| designs[a] == designs[b]).collect();
        let mean = |rows: &&[usize]| mean(rows.iter().map(|&row| losses[row]));
        Self {
            size: sizes[rows[0]],
            designs: of_design.iter().map(|rows| &designs[rows[0]]).collect(),
            losses: of_design.iter().map(mean).collect(),
        }
    }
}

#[derive(Default)]
struct Rows {
    sizes: Vec<f64>,
    designs: Vec<usize>,
    losses: Vec<f64>,
}

impl Rows {
    fn push(&mut self, size: f64, design: usize, loss: f64) {
        self.sizes.push(size);
        self.designs.push(design);
        self.losses.push(loss);
    }
}

fn check_shared<B: Ord + Display>(points: &[Point<'_, B>]) -> Result<(), FittingError> {
    let mut all: Vec<&B> = points.iter().flat_map(|point| point.designs.iter().copied()).collect();
    all.sort();
    all.dedup();
    for point in points {
        // Both lists ascend, so the first place where they differ is the first design that is
        // missing.
        if let Some(missing) =
            all.iter().enumerate().find(|&(k, block)| point.designs.get(k) != Some(block))
        {
            return Err(FittingError::MissingBlock {
                block: missing.1.to_string(),
                size: point.size,
            });
        }
    }
    Ok(())
}

pub(crate) fn check_rows(sizes: &[f64], losses: &[f64]) -> Result<(), FittingError> {
    check_length("losses", losses.len(), sizes.len(), "row")?;
    for (row, (&size, &loss)) in sizes.iter().zip(losses).enumerate() {
        check_size(size, || row_name(row))?;
        check_loss(loss, || row_name(row))?;
    }
    Ok(())
}

pub(crate) fn check_standard_errors(values: &[f64]) -> Result<(), FittingError> {
    match values.iter().position(|&value| !is_positive(value)) {
        Some(row) => Err(FittingError::StandardError { place: row_name(row), value: values[row] }),
        None => Ok(()),
    }
}

fn check_size(value: f64, place: impl Fn() -> String) -> Result<(), FittingError> {
    if is_positive(value) { Ok(()) } else { Err(FittingError::Size { place: place(), value }) }
}

fn check_loss(value: f64, place: impl Fn() -> String) -> Result<(), FittingError> {
    if is_positive(value) { Ok(()) } else { Err(FittingError::Loss { place: place(), value }) }
}

fn check_distinct(sizes: &[f64]) -> Result<(), FittingError> {
    for (row, &size) in sizes.iter().enumerate() {
        check_size(size, || row_name(row))?;
    }
    match ascending(sizes).windows(2).find(|pair| sizes[pair[0]] == sizes[pair[1]]) {
        Some(pair) => Err(FittingError::DuplicateSize(sizes[pair[0]])),
        None => Ok(()),
    }
}

fn ascending(sizes: &[f64]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..sizes.len()).collect();
    order.sort_by(|&a, &b| sizes[a].total_cmp(&sizes[b]));
    order
}

fn row_name(row: usize) -> String {
    format!("row {}", row + 1)
}
