//! The fits of this crate from polars frames to polars frames: one fit per group of rows. Files
//! become frames in `asymscale-tables`, which also passes on the version of polars that is meant
//! here.

mod counts;
mod error;
mod groups;
mod runs;

use asymscale_tables::polars::prelude::{Column, DataFrame};
use rand::{Rng, RngExt};
use rand_xoshiro::Xoshiro256PlusPlus;
use rand_xoshiro::rand_core::SeedableRng;

use crate::{Blocks, Center, FittingError, LocalSlope, PowerLaw, SlopeOptions, Spacing};
use crate::{local_slopes, power_law_slope};
use groups::{Group, groups};

pub use counts::{CountColumns, counts_from_frame, diagnose_counts, forecast_frame};
pub use error::FrameError;
pub use runs::{RunColumns, fit_runs, rows_where, runs};

/// Which columns of a frame hold what. A row is a loss; sizes and losses are numeric, without
/// nulls.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Columns<'a> {
    /// The size the loss is a power of: features, samples, compute.
    pub size: &'a str,
    /// The loss.
    pub loss: &'a str,
    /// Where errors come from.
    pub replication: Replication<'a>,
    /// Rows with equal values here make one fit; empty for one fit of all rows.
    pub group: &'a [&'a str],
}

/// Where the errors of losses in a frame come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Replication<'a> {
    /// A column of whole numbers or names says on which design a loss was measured. Rows of one
    /// size and one design (teachers) are averaged. Designs of different groups are unrelated, even
    /// under one name.
    Designs {
        /// The column.
        column: &'a str,
        /// What a design contributes.
        blocks: Blocks,
    },
    /// A column holds the standard errors; each size stands once in a group.
    StandardErrors {
        /// The column.
        column: &'a str,
    },
    /// Unknown; each size stands once in a group.
    None,
}

/// Exponents: one row per group, in order of first appearance.
///
/// Columns: those of the group; `exponent`, `standard_error`, `lower`, `upper`, `level`,
/// `interval`, `prefactor`; `points`, `designs`; `window_min`, `window_max`, `window_reason`;
/// `chi2_per_dof` (null without standard errors); `curvature`, `curvature_standard_error`,
/// `curvature_p` (null for three sizes without errors). They are the fields of [`PowerLaw`].
///
/// One number is drawn from `rng`, and every group is resampled by its own Xoshiro256++ seeded with
/// it: the result of a group does not depend on the other groups or on the order of rows.
///
/// # Errors
/// A column that is missing, not numeric or has a null; a size, loss or standard error that is not
/// finite and
/// > 0, with its row in the frame; what [`power_law_slope`] refuses, with the group.
///
/// ```
/// use asymscale_fitting::frame::{Columns, Replication, slope_frame};
/// use asymscale_fitting::SlopeOptions;
/// use asymscale_tables::polars::prelude::df;
/// use rand_xoshiro::{Xoshiro256PlusPlus, rand_core::SeedableRng};
/// let runs = df!(
///     "beta" => [0.5, 0.5, 0.5, 2.0, 2.0, 2.0],
///     "samples" => [64, 256, 1024, 64, 256, 1024],
///     "loss" => [1.0, 0.25, 0.0625, 1.0, 0.5, 0.25],
/// ).expect("columns have one length");
/// let columns = Columns { size: "samples", loss: "loss", replication: Replication::None, group: &["beta"] };
/// let mut rng = Xoshiro256PlusPlus::seed_from_u64(1);
/// let fits = slope_frame(&runs, &columns, &SlopeOptions::default(), &mut rng)?;
/// let exponents = fits.column("exponent").expect("always there").f64().expect("a number");
/// assert!((exponents.get(0).unwrap() + 1.0).abs() < 1e-12);
/// assert!((exponents.get(1).unwrap() + 0.5).abs() < 1e-12);
/// # Ok::<(), asymscale_fitting::FittingError>(())
/// ```
pub fn slope_frame<R: Rng + ?Sized>(
    frame: &DataFrame,
    columns: &Columns<'_>,
    options: &SlopeOptions,
    rng: &mut R,
) -> Result<DataFrame, FittingError> {
    let groups = groups(frame, columns)?;
    let seed: u64 = rng.random();
    let fit = |group: &Group| {
        let mut rng = Xoshiro256PlusPlus::seed_from_u64(seed);
        power_law_slope(&group.series, options, &mut rng).map_err(|source| group.error(source))
    };
    let laws = groups.iter().map(fit).collect::<Result<Vec<_>, _>>()?;
    let rows: Vec<usize> = groups.iter().map(|group| group.first_row).collect();
    assemble(frame, columns.group, &rows, law_columns(&laws))
}

/// Local slopes: one row per group and pair of sizes, groups in order of first appearance.
///
/// Columns: those of the group; `low`, `high`, `size`, `exponent`, `standard_error`, `lower`,
/// `upper`: the fields of [`LocalSlope`], the last three null for losses without errors.
///
/// # Errors
/// As [`slope_frame`]; what [`local_slopes`] refuses, with the group.
pub fn local_slope_frame(
    frame: &DataFrame,
    columns: &Columns<'_>,
    spacing: Spacing,
    center: Center,
    level: f64,
) -> Result<DataFrame, FittingError> {
    let (mut slopes, mut rows) = (Vec::new(), Vec::new());
    for group in groups(frame, columns)? {
        let found = local_slopes(&group.series, spacing, center, level)
            .map_err(|source| group.error(source))?;
        rows.extend(found.iter().map(|_| group.first_row));
        slopes.extend(found);
    }
    assemble(frame, columns.group, &rows, local_columns(&slopes))
}

/// Values of the group at the given rows, beside the results.
fn assemble(
    frame: &DataFrame,
    group: &[&str],
    rows: &[usize],
    results: Vec<Column>,
) -> Result<DataFrame, FittingError> {
    let mut all = group
        .iter()
        .map(|name| groups::values_at(frame, name, rows))
        .collect::<Result<Vec<Column>, _>>()?;
    all.extend(results);
    DataFrame::new(rows.len(), all).map_err(|error| FrameError::Polars(error.to_string()).into())
}

fn law_columns(laws: &[PowerLaw]) -> Vec<Column> {
    let number = |name: &str, value: fn(&PowerLaw) -> f64| numbers(name, laws.iter().map(value));
    let count = |name: &str, value: fn(&PowerLaw) -> usize| counts(name, laws.iter().map(value));
    let option =
        |name: &str, value: fn(&PowerLaw) -> Option<f64>| options(name, laws.iter().map(value));
    let word =
        |name: &str, value: fn(&PowerLaw) -> &'static str| words(name, laws.iter().map(value));
    vec![
        number("exponent", |law| law.exponent),
        number("standard_error", |law| law.standard_error),
        number("lower", |law| law.lower),
        number("upper", |law| law.upper),
        number("level", |law| law.level),
        word("interval", |law| law.interval.name()),
        number("prefactor", |law| law.prefactor),
        count("points", |law| law.window.points),
        count("designs", |law| law.designs),
        number("window_min", |law| law.window.low),
        number("window_max", |law| law.window.high),
        word("window_reason", |law| law.window.reason.name()),
        option("chi2_per_dof", |law| law.chi_squared_per_dof),
        option("curvature", |law| law.curvature.map(|curvature| curvature.quadratic)),
        option("curvature_standard_error", |law| {
            law.curvature.map(|curvature| curvature.standard_error)
        }),
        option("curvature_p", |law| law.curvature.map(|curvature| curvature.p_value)),
    ]
}

fn local_columns(slopes: &[LocalSlope]) -> Vec<Column> {
    let number =
        |name: &str, value: fn(&LocalSlope) -> f64| numbers(name, slopes.iter().map(value));
    let option =
        |name: &str, value: fn(&LocalSlope) -> Option<f64>| options(name, slopes.iter().map(value));
    vec![
        number("low", |slope| slope.low),
        number("high", |slope| slope.high),
        number("size", |slope| slope.size),
        number("exponent", |slope| slope.exponent),
        option("standard_error", |slope| slope.standard_error),
        option("lower", |slope| slope.lower),
        option("upper", |slope| slope.upper),
    ]
}

fn numbers(name: &str, values: impl Iterator<Item = f64>) -> Column {
    Column::new(name.into(), values.collect::<Vec<f64>>())
}

fn options(name: &str, values: impl Iterator<Item = Option<f64>>) -> Column {
    Column::new(name.into(), values.collect::<Vec<Option<f64>>>())
}

fn counts(name: &str, values: impl Iterator<Item = usize>) -> Column {
    Column::new(name.into(), values.map(|value| value as u32).collect::<Vec<u32>>())
}

fn words(name: &str, values: impl Iterator<Item = &'static str>) -> Column {
    Column::new(name.into(), values.collect::<Vec<&str>>())
}
