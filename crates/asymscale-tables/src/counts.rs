//! Activation counts from a table: in how many samples each feature was active, however the table
//! says so.

pub(crate) mod events;
pub(crate) mod frequencies;
pub(crate) mod incidence;
pub(crate) mod interned;
pub(crate) mod matrix;

use crate::counts::incidence::Incidence;
use crate::table::column::Numbers;
use crate::table::filtered::{name_column, read_with_filters};
use crate::table::lines::Lines;
use crate::table::names::candidates;
use crate::table::record::Record;
use crate::table::roles::{COUNT, DENSITY, MOMENT};
use crate::table::usable::{
    BadRows, ColumnFaults, Filter, find_column, out_of_range, refuse_several_above, usable,
};
use crate::table::{ColumnRequest, Kind, Table};
use crate::{TableError, quote};

/// How a table holds counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Layout<'a> {
    /// A row is a feature, or a count with the number of features that have it where the table has
    /// the shape of one.
    #[default]
    Auto,
    /// A row is a count, and this column says how many features have it.
    Frequencies {
        /// The column.
        features: &'a str,
    },
    /// A row is an activation: a feature in a sample. What is repeated counts once.
    Events {
        /// Column of samples.
        sample: &'a str,
        /// Column of features.
        feature: &'a str,
    },
    /// A row is a feature and a column a sample; what is not 0 is active.
    FeaturesBySamples,
    /// A row is a sample and a column a feature; what is not 0 is active.
    SamplesByFeatures,
}

/// The meaning of the numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Scale {
    /// Counts.
    #[default]
    Count,
    /// Shares of the samples.
    Density,
    /// Their decimal logarithms.
    Log10,
}

/// Which columns hold what; the count is found by the names that public tables use where it is not
/// named.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct CountRequest<'a> {
    /// How the table holds counts.
    pub layout: Layout<'a>,
    /// Column of the counts.
    pub count: Option<&'a str>,
    /// Column of second moments.
    pub moment: Option<&'a str>,
    /// The number of samples D, > 1 and whole; events and matrices determine it themselves.
    pub samples: Option<f64>,
    /// Column that says which group (a document, a book, a run) a sample belongs to: of events, or
    /// of a matrix with a row a sample, where it is no feature then.
    pub group: Option<&'a str>,
    /// The meaning of the numbers.
    pub scale: Scale,
    /// Rows to use; all filters must hold.
    pub filters: &'a [Filter],
    /// What happens to rows that cannot be used.
    pub bad_rows: BadRows,
    /// Whether the names of features are wanted.
    pub names: bool,
}

/// Counts, whole numbers from 0 to the number of samples, one entry a feature.
#[derive(Debug, Clone, PartialEq)]
pub struct CountTable {
    /// In how many samples each feature was active.
    pub counts: Vec<f64>,
    /// Second moments, as they stand.
    pub moments: Option<Vec<f64>>,
    /// The number of samples, as given or as the table shows.
    pub samples: f64,
    /// Which features were active in which samples, where the table says so: events and matrices
    /// do.
    pub incidence: Option<Incidence>,
    /// The name of each entry where names were wanted and the table has them, else empty: events
    /// do, and rows with a column of names in a table that is not too large to look for one.
    pub names: Vec<String>,
    /// Where each entry stands in the file; for layouts whose entries are no rows, the number of
    /// the entry.
    pub lines: Lines,
    /// How the table was understood.
    pub record: Record,
}

impl CountTable {
    /// Counts of features without names or second moments.
    pub(crate) fn unnamed(
        counts: Vec<f64>,
        samples: f64,
        incidence: Option<Incidence>,
        lines: Lines,
        record: Record,
    ) -> Self {
        Self { counts, moments: None, samples, incidence, names: Vec::new(), lines, record }
    }
}

/// Reads activation counts.
///
/// # Errors
/// A column that is not there, or several that could be meant; cells that are no whole numbers from
/// 0 to the number of samples, unless rows may be dropped; numbers that look like densities;
/// samples that neither the request nor the table gives; groups where the table does not say which
/// samples a feature was active in, a sample in two groups, or only one group.
///
/// ```
/// use asymscale_tables::{CountRequest, ReadOptions, Source, Table, read_counts};
/// let text = b"word,n\nthe,90\nlichen,1\n".to_vec();
/// let table = Table::open(Source::bytes("words", text), ReadOptions::default())?;
/// let counts = read_counts(&table, &CountRequest { samples: Some(100.0), ..CountRequest::default() })?;
/// assert_eq!(counts.counts, [90.0, 1.0]);
/// assert_eq!(counts.record.taken, ["counts from column `n`"]);
/// # Ok::<(), asymscale_tables::TableError>(())
/// ```
pub fn read_counts(table: &Table, request: &CountRequest<'_>) -> Result<CountTable, TableError> {
    refuse_groups(table, request)?;
    match request.layout {
        Layout::Events { sample, feature } => {
            crate::counts::events::read(table, request, sample, feature)
        }
        Layout::FeaturesBySamples => crate::counts::matrix::read(table, request, true),
        Layout::SamplesByFeatures => crate::counts::matrix::read(table, request, false),
        Layout::Frequencies { features } => frequencies::named(table, request, features),
        Layout::Auto => match frequencies::pair(table, request)? {
            Some((times, features)) => frequencies::frequencies(table, request, times, features),
            None => rows(table, request),
        },
    }
}

/// Refuses a column of groups where rows are no samples and no events.
fn refuse_groups(table: &Table, request: &CountRequest<'_>) -> Result<(), TableError> {
    let Some(group) = request.group else { return Ok(()) };
    let unknown = "which samples it was active in is not known";
    let (row, why) = match request.layout {
        Layout::Events { .. } | Layout::SamplesByFeatures => return Ok(()),
        Layout::Auto => ("a row is a feature", unknown),
        Layout::Frequencies { .. } => {
            ("a row is a count of many features", "samples are not told apart")
        }
        Layout::FeaturesBySamples => {
            ("a row is a feature", "a column of the table cannot group its samples")
        }
    };
    let what = format!(
        "--group-column {}: {row}; {why}, so groups cannot be used: give events (--sample-column, --feature-column) or \
         --matrix samples-by-features",
        quote::quoted(group)
    );
    Err(TableError::Unclear { file: table.file.clone(), what })
}

/// Reads a table in which a row is a feature.
fn rows(table: &Table, request: &CountRequest<'_>) -> Result<CountTable, TableError> {
    let names = table.names();
    let column = count_column(table, request)?;
    let mut requests = vec![ColumnRequest {
        column,
        kind: Kind::Numbers { suffixes: true, shift: 0, words: false },
    }];
    let moment = request
        .moment
        .map(|name| find_column(&table.file, names, &MOMENT, Some(name), ""))
        .transpose()?;
    requests.extend(moment.map(|column| ColumnRequest {
        column,
        kind: Kind::Numbers { suffixes: false, shift: 0, words: false },
    }));
    let named = name_column(table, &requests);
    let mut reading = read_with_filters(table, &mut requests, named, request.filters)?;
    let mut numbers = reading.numbers();
    let moments = if moment.is_some() { Some(reading.numbers_at(1)) } else { None };
    refuse_densities(table, request, &names[column], &numbers)?;
    let samples = samples(table, request)?;
    let (most, remedy) = upper_limit(request.scale, samples);
    let cells = (names[column].as_str(), &numbers);
    refuse_several_above(&table.file, &reading.lines, &reading.picks, cells, (most, &remedy))?;
    let mut record = reading.record(table, &[(&names[column], &numbers)]);
    let must = allowed_values(request.scale, samples);
    let allowed = |value: f64| match request.scale {
        Scale::Count => (0.0..=samples).contains(&value) && value.fract() == 0.0,
        Scale::Density => (0.0..=1.0).contains(&value),
        Scale::Log10 => value <= 0.0,
    };
    let mut column_faults = vec![ColumnFaults {
        title: &names[column],
        must: &must,
        faults: out_of_range(&numbers, allowed),
    }];
    scale(&mut numbers, request.scale, samples, &mut record);
    if let (Some(moments), Some(at)) = (&moments, moment) {
        let faults = out_of_range(moments, f64::is_finite);
        column_faults.push(ColumnFaults { title: &names[at], must: "a finite number", faults });
    }
    let (kept, dropped) = usable(
        &table.file,
        &reading.lines,
        reading.picks.clone(),
        &column_faults,
        request.bad_rows,
    )?;
    let what = if request.scale == Scale::Count { "counts" } else { "densities" };
    record.taken.push(format!("{what} from column {}", quote::name(&names[column])));
    record
        .taken
        .extend(moment.map(|at| format!("second moments from column {}", quote::name(&names[at]))));
    reading.repeated(&kept, &mut record);
    let feature_names = if request.names { reading.names_of(&kept) } else { Vec::new() };
    record.notes.extend(dropped);
    record.rows = kept.len();
    let moments = moments.map(|moments| kept.pick(moments.values));
    let lines = kept.places(reading.lines);
    let counts = kept.pick(numbers.values);
    Ok(CountTable {
        counts,
        moments,
        samples,
        incidence: None,
        names: feature_names,
        lines,
        record,
    })
}

/// The column of counts, or of densities where that is what there is.
fn count_column(table: &Table, request: &CountRequest<'_>) -> Result<usize, TableError> {
    let names = table.names();
    if !table.titled() && request.count.is_none() {
        // One column is that of the counts; of two the first numbers the features.
        match names.len() {
            1 => return Ok(0),
            2 => return Ok(1),
            _ => {}
        }
    }
    let (first, second) =
        if request.scale == Scale::Count { (&COUNT, &DENSITY) } else { (&DENSITY, &COUNT) };
    let role = if candidates(names, first, request.count).is_empty() { second } else { first };
    if candidates(names, role, request.count).is_empty() {
        return Err(COUNT.missing(&table.file, names, request.count, hint(table)));
    }
    find_column(&table.file, names, role, request.count, "")
}

fn hint(table: &Table) -> &'static str {
    let names = table.names();
    if names.iter().any(|name| crate::cells::number::looks_numeric(name.as_bytes())) {
        return "; a table without titles needs a column by its number, such as --count-column 2";
    }
    if names.len() > 2 {
        return "; if each of them is a sample, type --matrix features-by-samples, if each is a feature, \
                --matrix samples-by-features";
    }
    ""
}

/// Refuses numbers that look like densities or their logarithms, with what to type.
fn refuse_densities(
    table: &Table,
    request: &CountRequest<'_>,
    title: &str,
    numbers: &Numbers,
) -> Result<(), TableError> {
    let finite = || numbers.values.iter().filter(|value| value.is_finite());
    let fractions = finite().any(|value| value.fract() != 0.0);
    if request.scale != Scale::Count || !fractions {
        return Ok(());
    }
    let within = |low: f64, high: f64| finite().all(|value| (low..=high).contains(value));
    let (word, flag) = match (within(0.0, 1.0), within(f64::NEG_INFINITY, 0.0)) {
        (true, _) => ("from 0 to 1, like shares of the samples", "density"),
        (_, true) => ("at most 0, like logarithms of shares", "log10"),
        _ => return Ok(()),
    };
    let title = quote::name(title);
    let what = format!(
        "all of column {title} is {word}, no counts; type --scale {flag} if that is what it holds"
    );
    Err(TableError::Unclear { file: table.file.clone(), what })
}

/// The number of samples, which the caller must have given.
pub(crate) fn samples(table: &Table, request: &CountRequest<'_>) -> Result<f64, TableError> {
    request.samples.ok_or_else(|| TableError::Unclear {
        file: table.file.clone(),
        what: "--samples N is needed: the number of samples the counts come from, a whole number in 2..9e15"
            .to_owned(),
    })
}

pub(crate) fn allowed_values(scale: Scale, samples: f64) -> String {
    match scale {
        Scale::Count => format!("a whole number from 0 to --samples {samples}"),
        Scale::Density => "a number from 0 to 1".to_owned(),
        Scale::Log10 => "a number <= 0, a decimal logarithm".to_owned(),
    }
}

/// The largest possible number, and what it means if several numbers are larger.
pub(crate) fn upper_limit(scale: Scale, samples: f64) -> (f64, String) {
    match scale {
        Scale::Count => {
            let once = "a feature is active at most once in a sample; type the number of samples that the counts come from";
            (samples, format!("must be at most --samples {samples}: {once}"))
        }
        Scale::Density => (1.0, "must be at most 1: these are no shares of the samples".to_owned()),
        Scale::Log10 => {
            (0.0, "must be at most 0: these are no logarithms of shares of the samples".to_owned())
        }
    }
}

/// Densities as counts: times the samples, rounded. Numbers out of range stay what they are.
fn scale(numbers: &mut Numbers, scale: Scale, samples: f64, record: &mut Record) {
    let share: fn(f64) -> f64 = match scale {
        Scale::Count => return,
        Scale::Density => |value| value,
        Scale::Log10 => |value| 10_f64.powf(value),
    };
    let mut furthest: f64 = 0.0;
    for value in &mut numbers.values {
        let count = share(*value) * samples;
        furthest = furthest.max((count - count.round()).abs());
        *value = count.round();
    }
    record.note(format!(
        "counts are {} times {samples} samples, rounded; the furthest was {furthest:.2} from a whole number{}",
        if scale == Scale::Log10 { "10^value" } else { "the densities" },
        if furthest > 0.25 { ", so they were rounded before, or come from another number of samples" } else { "" }
    ));
}
