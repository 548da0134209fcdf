//! From rows of a frame to one validated series per group.

use std::collections::HashMap;
use std::fmt::{self, Display, Formatter};

use asymscale_tables::polars::prelude::{
    AnyValue, BooleanChunked, Column, DataFrame, DataType, IdxCa, IdxSize, PolarsError,
};

use super::FrameError;
use super::{Columns, Replication};
use crate::slopes::series::{check_rows, check_standard_errors};
use crate::{Blocks, FittingError, Series};

/// Values of a column that a message lists.
const LISTED: usize = 8;

/// A series, and the first of its rows in the frame.
pub(super) struct Group {
    pub(super) series: Series,
    pub(super) first_row: usize,
    /// `column = value` of the group; empty for the only one.
    name: String,
}

impl Group {
    pub(super) fn error(&self, source: FittingError) -> FittingError {
        in_group(&self.name, source)
    }
}

/// The groups of a frame in order of first appearance.
pub(super) fn groups(frame: &DataFrame, columns: &Columns<'_>) -> Result<Vec<Group>, FittingError> {
    if frame.height() == 0 {
        return Err(FrameError::Empty.into());
    }
    let table = Table::read(frame, columns)?;
    let keys = keys(frame, columns.group)?;
    let build = |rows: Vec<usize>| {
        let first_row = rows[0];
        let name = name(columns.group, &keys[first_row]);
        let series = table.series(&rows).map_err(|source| in_group(&name, source))?;
        Ok(Group { series, first_row, name })
    };
    partition(&keys).into_iter().map(build).collect()
}

/// Values of a column at some rows, type and name kept.
pub(super) fn values_at(
    frame: &DataFrame,
    name: &str,
    rows: &[usize],
) -> Result<Column, FittingError> {
    let rows: Vec<IdxSize> = rows.iter().map(|&row| row as IdxSize).collect();
    column(frame, name)?.take(&IdxCa::from_vec("row".into(), rows)).map_err(frame_error)
}

/// The columns of a fit, read and checked for the whole frame, so that errors name its rows.
struct Table {
    sizes: Vec<f64>,
    losses: Vec<f64>,
    errors: ErrorColumn,
}

enum ErrorColumn {
    Designs(Vec<Design>, Blocks),
    Given(Vec<f64>),
    Unknown,
}

/// Numbers keep their order; names are ordered as text.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Design {
    Number(i64),
    Name(String),
}

impl Display for Design {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number(number) => write!(f, "{number}"),
            Self::Name(name) => write!(f, "{name:?}"),
        }
    }
}

impl Table {
    fn read(frame: &DataFrame, columns: &Columns<'_>) -> Result<Self, FittingError> {
        let sizes = numbers(frame, columns.size)?;
        let losses = numbers(frame, columns.loss)?;
        check_rows(&sizes, &losses)?;
        let errors = match columns.replication {
            Replication::Designs { column, blocks } => {
                ErrorColumn::Designs(designs(frame, column)?, blocks)
            }
            Replication::StandardErrors { column } => {
                let errors = numbers(frame, column)?;
                check_standard_errors(&errors)?;
                ErrorColumn::Given(errors)
            }
            Replication::None => ErrorColumn::Unknown,
        };
        Ok(Self { sizes, losses, errors })
    }

    fn series(&self, rows: &[usize]) -> Result<Series, FittingError> {
        let (sizes, losses) = (pick(&self.sizes, rows), pick(&self.losses, rows));
        match &self.errors {
            ErrorColumn::Designs(designs, blocks) => {
                Series::from_rows(&sizes, &pick(designs, rows), &losses, *blocks)
            }
            ErrorColumn::Given(errors) => Series::from_means(&sizes, &losses, &pick(errors, rows)),
            ErrorColumn::Unknown => Series::from_values(&sizes, &losses),
        }
    }
}

fn pick<T: Clone>(values: &[T], rows: &[usize]) -> Vec<T> {
    rows.iter().map(|&row| values[row].clone()).collect()
}

fn column<'a>(frame: &'a DataFrame, name: &str) -> Result<&'a Column, FittingError> {
    let missing = |_| FrameError::MissingColumn {
        name: name.to_owned(),
        available: frame.get_column_names().iter().map(ToString::to_string).collect(),
    };
    Ok(frame.column(name).map_err(missing)?)
}

pub(super) fn numbers(frame: &DataFrame, name: &str) -> Result<Vec<f64>, FittingError> {
    let column = column(frame, name)?;
    if let Ok(texts) = column.str() {
        return texts.iter().enumerate().map(|(row, text)| parsed(name, row, text)).collect();
    }
    if !column.dtype().is_primitive_numeric() {
        let found = column.dtype().to_string();
        return Err(FrameError::ColumnType { name: name.to_owned(), found }.into());
    }
    let column = column.cast(&DataType::Float64).map_err(frame_error)?;
    complete(name, column.f64().map_err(frame_error)?.iter())
}

/// A number that stands as text, as all do in a column that holds other text.
fn parsed(name: &str, row: usize, text: Option<&str>) -> Result<f64, FittingError> {
    let (name, row) = (name.to_owned(), row + 1);
    let Some(text) = text else { return Err(FrameError::Null { name, row }.into()) };
    let number = text.trim().parse();
    Ok(number.map_err(|_| FrameError::NotANumber { name, found: text.to_owned(), row })?)
}

/// Values of any type as text.
pub(super) fn labels(frame: &DataFrame, name: &str) -> Result<Vec<String>, FittingError> {
    let column = column(frame, name)?.cast(&DataType::String).map_err(frame_error)?;
    complete(name, column.str().map_err(frame_error)?.iter().map(|label| label.map(str::to_owned)))
}

/// Rows whose value, as text, is this one.
pub(super) fn filtered(
    frame: &DataFrame,
    name: &str,
    value: &str,
) -> Result<DataFrame, FittingError> {
    let texts = column(frame, name)?.cast(&DataType::String).map_err(frame_error)?;
    let texts = texts.str().map_err(frame_error)?;
    let mask: BooleanChunked = texts.iter().map(|text| text == Some(value)).collect();
    if !mask.any() {
        let mut available: Vec<String> = Vec::new();
        for text in texts.iter().flatten() {
            if available.len() < LISTED && !available.iter().any(|known| known == text) {
                available.push(text.to_owned());
            }
        }
        let (name, value) = (name.to_owned(), value.to_owned());
        return Err(FrameError::NoSuchValue { name, value, available }.into());
    }
    frame.filter(&mask).map_err(frame_error)
}

fn designs(frame: &DataFrame, name: &str) -> Result<Vec<Design>, FittingError> {
    let column = column(frame, name)?;
    if column.dtype().is_integer() {
        let column = column.strict_cast(&DataType::Int64).map_err(frame_error)?;
        return complete(
            name,
            column.i64().map_err(frame_error)?.iter().map(|id| id.map(Design::Number)),
        );
    }
    let column = column.cast(&DataType::String).map_err(frame_error)?;
    let names = column
        .str()
        .map_err(frame_error)?
        .iter()
        .map(|id| id.map(|id| Design::Name(id.to_owned())));
    complete(name, names)
}

fn complete<T>(
    name: &str,
    values: impl Iterator<Item = Option<T>>,
) -> Result<Vec<T>, FittingError> {
    let value = |(row, value): (usize, Option<T>)| {
        value.ok_or_else(|| FrameError::Null { name: name.to_owned(), row: row + 1 }.into())
    };
    values.enumerate().map(value).collect()
}

/// The values that make the group of each row.
pub(super) fn keys<'a>(
    frame: &'a DataFrame,
    group: &[&str],
) -> Result<Vec<Vec<AnyValue<'a>>>, FittingError> {
    let columns = group.iter().map(|name| column(frame, name)).collect::<Result<Vec<_>, _>>()?;
    let key =
        |row: usize| columns.iter().map(|column| column.get(row).map_err(frame_error)).collect();
    (0..frame.height()).map(key).collect()
}

/// Rows of each group, groups in order of first appearance.
pub(super) fn partition(keys: &[Vec<AnyValue<'_>>]) -> Vec<Vec<usize>> {
    let mut position = HashMap::new();
    let mut groups: Vec<Vec<usize>> = Vec::new();
    for (row, key) in keys.iter().enumerate() {
        let group = *position.entry(key).or_insert(groups.len());
        if group == groups.len() {
            groups.push(Vec::new());
        }
        groups[group].push(row);
    }
    groups
}

pub(super) fn name(group: &[&str], key: &[AnyValue<'_>]) -> String {
    let parts: Vec<String> =
        group.iter().zip(key).map(|(name, value)| format!("{name} = {value}")).collect();
    parts.join(", ")
}

pub(super) fn in_group(name: &str, source: FittingError) -> FittingError {
    if name.is_empty() {
        return source;
    }
    FittingError::Group { group: name.to_owned(), source: Box::new(source) }
}

#[expect(clippy::needless_pass_by_value, reason = "the shape map_err wants")]
fn frame_error(error: PolarsError) -> FittingError {
    FrameError::Polars(error.to_string()).into()
}
