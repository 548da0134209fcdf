//! Training runs of one size from a table: N, D or C, and the loss of each.

use crate::TableError;
use crate::runs::below_one::refuse_below_one;
use crate::runs::extras::Values;
use crate::runs::measures::Measure;
use crate::runs::plan::{Plan, hint, losses, size, size_column};
use crate::runs::{Planned, RunRequest, read, read_runs};
use crate::table::Table;
use crate::table::lines::Lines;
use crate::table::names::Role;
use crate::table::record::Record;
use crate::table::roles::{COMPUTE, FEATURES, SAMPLES};

/// A size of training runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Size {
    /// N, parameters.
    Features,
    /// D, tokens or examples.
    Samples,
    /// C, operations spent on training.
    Compute,
}

/// Runs of one size, all finite and > 0, one entry a row.
#[derive(Debug, Clone, PartialEq)]
pub struct SizeTable {
    /// N, D or C.
    pub sizes: Vec<f64>,
    /// The loss.
    pub losses: Vec<f64>,
    /// What the title of its column says that it measures.
    pub measure: Measure,
    /// Labels of the groups.
    pub groups: Option<Vec<String>>,
    /// What the further columns hold, in their order; none of one that is not there.
    pub extras: Vec<Option<Values>>,
    /// Columns of text as in [`RunTable`](crate::RunTable).
    pub labels: Vec<(String, Vec<String>)>,
    /// Where each row stands in the file.
    pub lines: Lines,
    /// How the table was understood.
    pub record: Record,
}

impl Size {
    /// N, D or C.
    ///
    /// ```
    /// assert_eq!(asymscale_tables::Size::Compute.letter(), "C");
    /// ```
    pub fn letter(self) -> &'static str {
        self.letters()[0]
    }

    fn letters(self) -> &'static [&'static str] {
        match self {
            Self::Features => &["N"],
            Self::Samples => &["D"],
            Self::Compute => &["C"],
        }
    }

    fn role(self) -> &'static Role {
        match self {
            Self::Features => &FEATURES,
            Self::Samples => &SAMPLES,
            Self::Compute => &COMPUTE,
        }
    }
}

/// Reads training runs of one size. Only its column and that of the loss matter; where it has none,
/// it follows from the two others by C = factor · N · D.
///
/// # Errors
/// As [`read_runs`]; no column of that size, nor of the two others.
///
/// ```
/// use asymscale_tables::{ReadOptions, RunRequest, Size, Source, Table, read_one_size};
/// let text = b"tokens,loss\n400M,4.4\n1.6B,3.5\n".to_vec();
/// let table = Table::open(Source::bytes("runs.csv", text), ReadOptions::default())?;
/// let runs = read_one_size(&table, &RunRequest::default(), Size::Samples)?;
/// assert_eq!(runs.sizes, vec![4e8, 1.6e9]);
/// # Ok::<(), asymscale_tables::TableError>(())
/// ```
pub fn read_one_size(
    table: &Table,
    request: &RunRequest<'_>,
    of: Size,
) -> Result<SizeTable, TableError> {
    let (asked, unit) = match of {
        Size::Features => (request.features, request.features_unit),
        Size::Samples => (request.samples, request.samples_unit),
        Size::Compute => (request.compute, None),
    };
    let Some(column) = size(table, of.role(), asked)? else {
        return from_other_sizes(table, request, of);
    };
    let plan = Plan {
        sizes: vec![size_column(table, column, unit)],
        letters: of.letters(),
        derived: None,
        compute_check: None,
        features_are_total: false,
        losses: losses(table, request)?,
    };
    let Planned { mut sizes, losses, measure, groups, extras, labels, lines, record } =
        read(table, request, &plan)?;
    let sizes = sizes.pop().unwrap_or_default();
    refuse_below_one(table, &plan, request, &[&sizes], &lines)?;
    Ok(SizeTable { sizes, losses, measure, groups, extras, labels, lines, record })
}

/// The size from the two others.
fn from_other_sizes(
    table: &Table,
    request: &RunRequest<'_>,
    of: Size,
) -> Result<SizeTable, TableError> {
    let others: &[&Role] = match of {
        Size::Features => &[&SAMPLES, &COMPUTE],
        Size::Samples => &[&FEATURES, &COMPUTE],
        Size::Compute => &[&FEATURES, &SAMPLES],
    };
    let asked = |role: &Role| match role.flag {
        flag if flag == FEATURES.flag => request.features,
        flag if flag == SAMPLES.flag => request.samples,
        _ => request.compute,
    };
    for role in others {
        if size(table, role, asked(role))?.is_none() {
            return Err(of.role().missing(&table.file, table.names(), None, &hint(table)));
        }
    }
    let mut runs = read_runs(table, request)?;
    let sizes = match of {
        Size::Features => runs.features,
        Size::Samples => runs.samples,
        Size::Compute => {
            runs.record.note(format!("C = {}·N·D", request.factor));
            runs.features.iter().zip(&runs.samples).map(|(n, d)| request.factor * n * d).collect()
        }
    };
    let measure = runs.measure;
    let (losses, groups, extras, labels) = (runs.losses, runs.groups, runs.extras, runs.labels);
    Ok(SizeTable {
        sizes,
        losses,
        measure,
        groups,
        extras,
        labels,
        lines: runs.lines,
        record: runs.record,
    })
}
