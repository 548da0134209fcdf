//! Training runs from a table: N, D and the loss of each, and groups where asked for.
//!
//! A [`Plan`] says which columns hold sizes and losses; `one_size` makes one of a single size.

pub(crate) mod below_one;
pub(crate) mod compute;
pub(crate) mod extras;
pub(crate) mod kinds;
pub(crate) mod measures;
pub(crate) mod one_size;
pub(crate) mod plan;

use crate::TableError;
use crate::runs::below_one::refuse_below_one;
use crate::runs::compute::compare;
use crate::runs::extras::{Extra, ExtraColumns, Quantity, Values};
use crate::runs::kinds::label_columns;
use crate::runs::measures::Measure;
use crate::runs::plan::{Plan, equal_titles_agree, plan};
use crate::table::Table;
use crate::table::column::{Numbers, Texts};
use crate::table::filtered::read_with_filters;
use crate::table::lines::Lines;
use crate::table::record::Record;
use crate::table::usable::{BadRows, ColumnFaults, Filter, out_of_range, usable};

/// Which columns hold what; those that are not named are found by the names that public tables use.
#[derive(Debug, Clone, PartialEq)]
pub struct RunRequest<'a> {
    /// Column of N.
    pub features: Option<&'a str>,
    /// Column of D.
    pub samples: Option<&'a str>,
    /// Column of the loss.
    pub loss: Option<&'a str>,
    /// Column of C = factor · N · D, which stands for N or D where that is missing, and is held
    /// against them where both are there.
    pub compute: Option<&'a str>,
    /// Operations per parameter and token, > 0.
    pub factor: f64,
    /// Power of ten that N stands in, whatever its title says.
    pub features_unit: Option<i32>,
    /// The same for D.
    pub samples_unit: Option<i32>,
    /// Column whose equal values mark rows that belong together.
    pub group: Option<&'a str>,
    /// Further columns.
    pub extras: &'a [Extra<'a>],
    /// Whether columns of text that nobody asked for are looked at, for kinds of runs.
    pub find_labels: bool,
    /// Rows to use; all filters must hold.
    pub filters: &'a [Filter],
    /// What happens to rows that cannot be used.
    pub bad_rows: BadRows,
}

impl Default for RunRequest<'_> {
    fn default() -> Self {
        Self {
            features: None,
            samples: None,
            loss: None,
            compute: None,
            factor: 6.0,
            features_unit: None,
            samples_unit: None,
            group: None,
            extras: &[],
            find_labels: false,
            filters: &[],
            bad_rows: BadRows::Refuse,
        }
    }
}

/// Runs, all in 1e-100..1e100, one entry a row.
#[derive(Debug, Clone, PartialEq)]
pub struct RunTable {
    /// N.
    pub features: Vec<f64>,
    /// D.
    pub samples: Vec<f64>,
    /// The loss.
    pub losses: Vec<f64>,
    /// What the title of its column says that it measures.
    pub measure: Measure,
    /// Labels of the groups.
    pub groups: Option<Vec<String>>,
    /// What the further columns hold, in their order; none of one that is not there.
    pub extras: Vec<Option<Values>>,
    /// Columns of text of two to twelve values that nobody asked for, with their titles; none
    /// unless [`RunRequest::find_labels`] says so, and none of a table of more than a few
    /// megabytes.
    pub labels: Vec<(String, Vec<String>)>,
    /// Where each row stands in the file.
    pub lines: Lines,
    /// How the table was understood.
    pub record: Record,
}

/// Runs as a plan has them.
pub(crate) struct Planned {
    pub(crate) sizes: Vec<Vec<f64>>,
    pub(crate) losses: Vec<f64>,
    pub(crate) measure: Measure,
    pub(crate) groups: Option<Vec<String>>,
    pub(crate) extras: Vec<Option<Values>>,
    pub(crate) labels: Vec<(String, Vec<String>)>,
    pub(crate) lines: Lines,
    pub(crate) record: Record,
}

/// Reads training runs.
///
/// # Errors
/// A column that is not there, or several that could be meant; cells that are no finite numbers >
/// 0, unless rows may be dropped; numbers of tokens or parameters below 1; a filter that no row
/// passes.
///
/// ```
/// use asymscale_tables::{ReadOptions, RunRequest, Source, Table, read_runs};
/// let text = b"params (M),tokens,val_loss\n20,400M,4.4\n60,1.6B,3.5\n".to_vec();
/// let table = Table::open(Source::bytes("runs.csv", text), ReadOptions::default())?;
/// let runs = read_runs(&table, &RunRequest::default())?;
/// assert_eq!((runs.features, runs.samples), (vec![2e7, 6e7], vec![4e8, 1.6e9]));
/// assert!(runs.record.lines()[0].contains("N from column `params (M)` (times 1e6)"));
/// # Ok::<(), asymscale_tables::TableError>(())
/// ```
pub fn read_runs(table: &Table, request: &RunRequest<'_>) -> Result<RunTable, TableError> {
    let plan = plan(table, request)?;
    let planned = read(table, request, &plan)?;
    let Planned { mut sizes, losses, measure, groups, extras, labels, lines, record } = planned;
    let mut samples = sizes.pop().unwrap_or_default();
    let mut features = sizes.pop().unwrap_or_default();
    match plan.derived {
        Some(0) => divide(&mut features, request.factor, &samples),
        Some(_) => divide(&mut samples, request.factor, &features),
        None => {}
    }
    refuse_below_one(table, &plan, request, &[&features, &samples], &lines)?;
    let mut runs =
        RunTable { features, samples, losses, measure, groups, extras, labels, lines, record };
    if let Some(column) = plan.compute_check {
        let note = compare(&table.names()[column], &mut runs, request.factor);
        runs.record.notes.extend(note);
    }
    Ok(runs)
}

/// Reads the columns of a plan, and what else is asked for.
pub(crate) fn read(
    table: &Table,
    request: &RunRequest<'_>,
    plan: &Plan,
) -> Result<Planned, TableError> {
    let mut requests = plan.requests(table, request)?;
    let mut more = request.extras.to_vec();
    for extra in more.iter_mut().filter(|extra| extra.quantity == Quantity::ActiveFeatures) {
        extra.asked |= plan.features_are_total;
    }
    let beside = plan.compute_check.map(|column| &*table.names()[column]);
    more.extend(beside.map(|name| Extra {
        quantity: Quantity::Compute,
        column: Some(name),
        asked: true,
    }));
    let extras = ExtraColumns::new(table, &more, &mut requests)?;
    let used: Vec<usize> = requests.iter().map(|want| want.column).collect();
    let mut reading = read_with_filters(table, &mut requests, None, request.filters)?;
    let count = plan.sizes.len();
    let losses = count..count + plan.losses.len();
    let labels = request.group.map(|_| reading.texts_at(losses.end));
    let more = extras.read(table, &mut reading);
    let mut numbers: Vec<Numbers> = (0..losses.end).map(|at| reading.numbers_at(at)).collect();
    equal_titles_agree(table, plan, &numbers[losses])?;
    numbers.truncate(count + 1);
    let titles: Vec<&String> = requests.iter().map(|want| &table.names()[want.column]).collect();
    let mut column_faults = column_faults(&titles, &numbers, request.group.zip(labels.as_ref()));
    column_faults.extend(extras.column_faults(&more));
    let (rows, dropped) = usable(
        &table.file,
        &reading.lines,
        reading.picks.clone(),
        &column_faults,
        request.bad_rows,
    )?;
    let described: Vec<(&String, &Numbers)> = titles.iter().copied().zip(&numbers).collect();
    let mut record = reading.record(table, &described);
    record.rows = rows.len();
    record.notes.extend(dropped);
    plan.describe(table, request, &mut record);
    let extras = extras.pick(more, &rows, &mut record);
    let groups = labels.map(|labels| rows.iter().map(|row| labels.get(row).to_owned()).collect());
    let labels = if request.find_labels { label_columns(table, &used, &rows) } else { Vec::new() };
    let lines = rows.places(reading.lines);
    let mut sizes: Vec<Vec<f64>> =
        numbers.into_iter().map(|numbers| rows.pick(numbers.values)).collect();
    let losses = sizes.pop().unwrap_or_default();
    let measure = plan.measure(table);
    Ok(Planned { sizes, losses, measure, groups, extras, labels, lines, record })
}

/// One size from the compute and the other.
fn divide(compute: &mut [f64], factor: f64, sizes: &[f64]) {
    compute.iter_mut().zip(sizes).for_each(|(compute, size)| *compute /= factor * size);
}

/// What may be wrong with N, D, the loss and the labels.
fn column_faults<'a>(
    titles: &[&'a String],
    numbers: &[Numbers],
    labels: Option<(&'a str, &Texts)>,
) -> Vec<ColumnFaults<'a>> {
    // What is > 0 and refused all the same has squares or products that are no floats.
    let taken = |value: f64| (1e-100..=1e100).contains(&value);
    let positive = |value: f64| value.is_finite() && value > 0.0;
    let sizes = titles.iter().zip(numbers).map(move |(title, numbers)| ColumnFaults {
        title: title.as_str(),
        must: if out_of_range(numbers, positive).is_empty() {
            "in 1e-100..1e100"
        } else {
            "a finite number > 0"
        },
        faults: out_of_range(numbers, taken),
    });
    let labels = labels.map(|(title, texts)| ColumnFaults {
        title,
        must: "a label",
        faults: texts.faults.clone(),
    });
    sizes.chain(labels).collect()
}
