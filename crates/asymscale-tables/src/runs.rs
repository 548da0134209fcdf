//! Training runs from a table: N, D and the loss of each, and groups where asked for.
//!
//! A [`Plan`] says which columns hold sizes and losses; `one_size` makes one of a single size.

pub(crate) mod at_least;
pub(crate) mod compute;
pub(crate) mod extras;
pub(crate) mod kinds;
pub(crate) mod measures;
pub(crate) mod one_size;

use crate::runs::at_least::at_least_one;
use crate::runs::compute::compared;
use crate::runs::extras::{Extra, Found, Quantity, Values};
use crate::runs::kinds::label_columns;
use crate::runs::measures::{Measure, measures};
use crate::table::chosen::read_with_filters;
use crate::table::column::{Numbers, Texts};
use crate::table::lines::Lines;
use crate::table::names::{Role, candidates, unit};
use crate::table::record::Record;
use crate::table::roles::{ACTIVE, COMPUTE, FEATURES, GROUP, LOSS, SAMPLES};
use crate::table::usable::{BadRows, Filter, Suspect, one, out_of_range, usable};
use crate::table::{Kind, Table, Want};
use crate::{TableError, quote};

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
    pub look: bool,
    /// Rows to use; all filters must hold.
    pub filters: &'a [Filter],
    /// What becomes of rows that cannot be used.
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
            look: false,
            filters: &[],
            bad_rows: BadRows::Refuse,
        }
    }
}

/// Runs, all finite and > 0, one entry a row.
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
    /// unless [`RunRequest::look`] says so, and none of a table of more than a few megabytes.
    pub labels: Vec<(String, Vec<String>)>,
    /// Where each row stands in the file.
    pub lines: Lines,
    /// What was understood.
    pub record: Record,
}

/// A quantity and the column it comes from.
#[derive(Clone, Copy)]
pub(crate) struct Taken {
    pub(crate) column: usize,
    pub(crate) exponent: i32,
}

/// Columns of the sizes, two of N, D and C or one, and of the loss; the first of each is used,
/// others of its title must agree with it.
pub(crate) struct Plan {
    pub(crate) sizes: Vec<Taken>,
    /// What they are called.
    pub(crate) letters: &'static [&'static str],
    /// Which of N and D follows from the compute, if one does.
    pub(crate) derived: Option<usize>,
    /// A column of C beside N and D.
    pub(crate) beside: Option<usize>,
    /// Whether N is that of all parameters because another column has the active ones.
    pub(crate) of_all: bool,
    pub(crate) losses: Vec<usize>,
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
    at_least_one(table, &plan, request, &[&features, &samples], &lines)?;
    let mut runs =
        RunTable { features, samples, losses, measure, groups, extras, labels, lines, record };
    if let Some(column) = plan.beside {
        let note = compared(&table.names()[column], &mut runs, request.factor);
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
    let mut wants = plan.wants(table, request)?;
    let mut more = request.extras.to_vec();
    for extra in more.iter_mut().filter(|extra| extra.quantity == Quantity::ActiveFeatures) {
        extra.asked |= plan.of_all;
    }
    let beside = plan.beside.map(|column| &*table.names()[column]);
    more.extend(beside.map(|name| Extra {
        quantity: Quantity::Compute,
        column: Some(name),
        asked: true,
    }));
    let extras = Found::new(table, &more, &mut wants)?;
    let used: Vec<usize> = wants.iter().map(|want| want.column).collect();
    let mut reading = read_with_filters(table, &mut wants, None, request.filters)?;
    let count = plan.sizes.len();
    let losses = count..count + plan.losses.len();
    let labels = request.group.map(|_| reading.texts_at(losses.end));
    let more = extras.read(table, &mut reading);
    let mut numbers: Vec<Numbers> = (0..losses.end).map(|at| reading.numbers_at(at)).collect();
    twins_agree(table, plan, &numbers[losses])?;
    numbers.truncate(count + 1);
    let titles: Vec<&String> = wants.iter().map(|want| &table.names()[want.column]).collect();
    let mut suspects = suspects(&titles, &numbers, request.group.zip(labels.as_ref()));
    suspects.extend(extras.suspects(&more));
    let (rows, dropped) =
        usable(&table.file, &reading.lines, reading.picks.clone(), &suspects, request.bad_rows)?;
    let described: Vec<(&String, &Numbers)> = titles.iter().copied().zip(&numbers).collect();
    let mut record = reading.record(table, &described);
    record.rows = rows.len();
    record.notes.extend(dropped);
    plan.say(table, request, &mut record);
    let extras = extras.pick(more, &rows, &mut record);
    let groups = labels.map(|labels| rows.iter().map(|row| labels.get(row).to_owned()).collect());
    let labels = if request.look { label_columns(table, &used, &rows) } else { Vec::new() };
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
fn suspects<'a>(
    titles: &[&'a String],
    numbers: &[Numbers],
    labels: Option<(&'a str, &Texts)>,
) -> Vec<Suspect<'a>> {
    let positive = |value: f64| value.is_finite() && value > 0.0;
    let sizes = titles.iter().zip(numbers).map(|(title, numbers)| Suspect {
        title: title.as_str(),
        must: "a finite number > 0",
        faults: out_of_range(numbers, positive),
    });
    let labels = labels.map(|(title, texts)| Suspect {
        title,
        must: "a label",
        faults: texts.faults.clone(),
    });
    sizes.chain(labels).collect()
}

fn plan(table: &Table, request: &RunRequest<'_>) -> Result<Plan, TableError> {
    let names = table.names();
    let hint = hint(table);
    let (features, samples) =
        (size(table, &FEATURES, request.features)?, size(table, &SAMPLES, request.samples)?);
    let compute = match (request.compute, features, samples) {
        (Some(name), _, _) => Some(one(&table.file, names, &COMPUTE, Some(name), "")?),
        (None, Some(_), Some(_)) => None,
        (None, _, _) => size(table, &COMPUTE, None)?,
    };
    let n = |column| taken(table, column, request.features_unit);
    let d = |column| taken(table, column, request.samples_unit);
    let c = |column| taken(table, column, None);
    let missing = |role: &Role, asked| role.missing(&table.file, names, asked, &hint);
    let named = [request.features.is_some(), request.samples.is_some()];
    let (sizes, derived, beside) = match (features, samples, compute) {
        (Some(features), Some(samples), None) => ([n(features), d(samples)], None, None),
        (Some(features), None, Some(compute)) => ([n(features), c(compute)], Some(1), None),
        (None, Some(samples), Some(compute)) => ([c(compute), d(samples)], Some(0), None),
        // A column that was named stays; the other follows from the compute.
        (Some(features), Some(_), Some(compute)) if named == [true, false] => {
            ([n(features), c(compute)], Some(1), None)
        }
        (Some(_), Some(samples), Some(compute)) if named == [false, true] => {
            ([c(compute), d(samples)], Some(0), None)
        }
        (Some(features), Some(samples), Some(compute))
            if [features, samples].contains(&compute) =>
        {
            let what = format!(
                "--compute-column: column {} is taken for N or D already; name another, or the one of N and D to keep \
                 (--features-column or --samples-column)",
                quote::name(&names[compute])
            );
            return Err(TableError::Unclear { file: table.file.clone(), what });
        }
        (Some(features), Some(samples), Some(compute)) => {
            ([n(features), d(samples)], None, Some(compute))
        }
        (None, _, _) => return Err(missing(&FEATURES, request.features)),
        (_, None, _) => return Err(missing(&SAMPLES, request.samples)),
    };
    let of_all = request.features.is_none() && candidates(names, &FEATURES, None).len() > 1;
    let losses = losses(table, request)?;
    Ok(Plan { sizes: sizes.to_vec(), letters: &["N", "D"], derived, beside, of_all, losses })
}

/// A column in the unit that was asked for, or that stands in its title.
pub(crate) fn taken(table: &Table, column: usize, asked: Option<i32>) -> Taken {
    Taken { column, exponent: asked.unwrap_or_else(|| unit(&table.names()[column]).exponent) }
}

/// The columns of the loss, all of one title.
pub(crate) fn losses(table: &Table, request: &RunRequest<'_>) -> Result<Vec<usize>, TableError> {
    let names = table.names();
    let mut losses = candidates(names, &LOSS, request.loss);
    if losses.is_empty() && request.loss.is_none() {
        losses = measures(names);
    }
    let twins = losses.iter().all(|&column| names[column] == names[losses[0]]);
    match (losses.is_empty(), twins) {
        (true, _) => Err(LOSS.missing(&table.file, names, request.loss, &hint(table))),
        (_, false) => Err(LOSS.ambiguous(&table.file, names, &losses)),
        _ => Ok(losses),
    }
}

/// The column of a size, if there is one; several are an error, and so is one that was named and is
/// not there.
pub(crate) fn size(
    table: &Table,
    role: &Role,
    asked: Option<&str>,
) -> Result<Option<usize>, TableError> {
    let mut found = candidates(table.names(), role, asked);
    if role.flag == FEATURES.flag && asked.is_none() && found.len() == 2 {
        // Beside active parameters the other column has all of them.
        let active = candidates(table.names(), &ACTIVE, None);
        if let [active] = active[..] {
            found.retain(|&column| column != active);
        }
    }
    match found[..] {
        [] if asked.is_some() => Err(role.missing(&table.file, table.names(), asked, "")),
        [] => Ok(None),
        [column] => Ok(Some(column)),
        _ => Err(role.ambiguous(&table.file, table.names(), &found)),
    }
}

/// What to type for a table without titles, or with others.
pub(crate) fn hint(table: &Table) -> String {
    if table.titled() {
        return String::new();
    }
    "; it has no titles: columns can be named by their numbers, such as --features-column 1 --samples-column 2 \
     --loss-column 3"
        .to_owned()
}

impl Plan {
    fn measure(&self, table: &Table) -> Measure {
        Measure::of(&table.names()[self.losses[0]])
    }

    /// The columns to read: the sizes, the losses, the labels of groups.
    fn wants(&self, table: &Table, request: &RunRequest<'_>) -> Result<Vec<Want>, TableError> {
        let number = |column: usize, shift: i32, suffixes: bool| Want {
            column,
            kind: Kind::Numbers { suffixes, shift, words: false },
        };
        let loss = |&column: &usize| number(column, unit(&table.names()[column]).exponent, false);
        let mut wants: Vec<Want> =
            self.sizes.iter().map(|size| number(size.column, size.exponent, true)).collect();
        wants.extend(self.losses.iter().map(loss));
        if let Some(name) = request.group {
            let column = one(&table.file, table.names(), &GROUP, Some(name), "")?;
            wants.push(Want { column, kind: Kind::Text });
        }
        Ok(wants)
    }

    fn say(&self, table: &Table, request: &RunRequest<'_>, record: &mut Record) {
        let names = table.names();
        let times = |exponent: i32| match exponent {
            0 => String::new(),
            exponent => format!(" (times 1e{exponent})"),
        };
        let from = |taken: &Taken| {
            format!("from column {}{}", quote::name(&names[taken.column]), times(taken.exponent))
        };
        for (at, letter) in self.letters.iter().enumerate() {
            let other = if at == 0 { "D" } else { "N" };
            record.taken.push(if self.derived == Some(at) {
                format!(
                    "{letter} = C/({}·{other}) with C {}",
                    request.factor,
                    from(&self.sizes[at])
                )
            } else {
                format!("{letter} {}", from(&self.sizes[at]))
            });
        }
        let what = match self.measure(table) {
            Measure::Loss => String::new(),
            measure => format!(", {}", measure.name()),
        };
        record.taken.push(format!(
            "loss from column {}{}{what}",
            quote::name(&names[self.losses[0]]),
            times(unit(&names[self.losses[0]]).exponent)
        ));
        if self.losses.len() > 1 {
            record
                .note(format!("{} columns have that title and the same losses", self.losses.len()));
        }
    }
}

/// Columns of one title are one if they hold the same.
fn twins_agree(table: &Table, plan: &Plan, losses: &[Numbers]) -> Result<(), TableError> {
    let bits = |numbers: &Numbers| {
        numbers.values.iter().map(|value| value.to_bits()).collect::<Vec<u64>>()
    };
    let first = losses.first().map(bits);
    if losses[1..].iter().all(|other| Some(bits(other)) == first) {
        return Ok(());
    }
    Err(LOSS.ambiguous(&table.file, table.names(), &plan.losses))
}
