//! Two tables held against each other, each column with its own tolerance.

use crate::{Table, Value};
use std::{collections::HashMap, fmt};

/// How far a number may be from the expected one: by `absolute + relative · |expected|`.
///
/// Infinities and NaN are right only when they are expected, so is nothing, so are texts. A
/// tolerance that is NaN or negative accepts no difference at all.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Tolerance {
    /// In the column's own unit.
    pub absolute: f64,
    /// As a share of the expected value.
    pub relative: f64,
}

impl Tolerance {
    /// No difference.
    pub const EXACT: Self = Self { absolute: 0.0, relative: 0.0 };

    /// A share of the expected value.
    pub fn relative(relative: f64) -> Self {
        Self { relative, ..Self::EXACT }
    }

    /// The same for every value.
    pub fn absolute(absolute: f64) -> Self {
        Self { absolute, ..Self::EXACT }
    }

    /// `None` if accepted, else how many times the allowed difference (infinite if none is allowed
    /// or nothing can be measured).
    fn excess(self, expected: &Value, actual: &Value) -> Option<f64> {
        if expected.same_as(actual) {
            return None;
        }
        let (Some(wanted), Some(found)) = (expected.as_float(), actual.as_float()) else {
            return Some(f64::INFINITY);
        };
        if !wanted.is_finite() || !found.is_finite() {
            return Some(f64::INFINITY);
        }
        let (difference, allowed) =
            ((found - wanted).abs(), self.absolute + self.relative * wanted.abs());
        if difference <= allowed {
            None
        } else {
            Some(if allowed > 0.0 { difference / allowed } else { f64::INFINITY })
        }
    }
}

/// The worst of a column's drifting values.
#[derive(Debug, Clone, PartialEq)]
pub struct Worst {
    /// Which row: its key, or its position from 0.
    pub row: String,
    /// The value expected.
    pub expected: Value,
    /// The value found.
    pub actual: Value,
    /// The difference as a multiple of the one allowed; infinite where none is allowed or there is
    /// no number.
    pub excess: f64,
}

/// One way in which two tables differ.
#[derive(Debug, Clone, PartialEq)]
pub enum Drift {
    /// A column expected, named as a key or given a tolerance is not there.
    MissingColumn(String),
    /// A column nobody expected.
    AdditionalColumn(String),
    /// Rows expected that are not there.
    MissingRows {
        /// How many.
        count: usize,
        /// The first one.
        first: String,
    },
    /// Rows nobody expected.
    AdditionalRows {
        /// How many.
        count: usize,
        /// The first one.
        first: String,
    },
    /// Values of a column beyond their tolerance.
    Values {
        /// The column.
        column: String,
        /// How many drift.
        count: usize,
        /// Of how many compared.
        compared: usize,
        /// The one farthest beyond its tolerance.
        worst: Worst,
    },
}

/// What [`compare`] found. [`fmt::Display`] is a table for people.
#[derive(Debug, Clone, PartialEq)]
pub struct Comparison {
    /// Rows found in both tables.
    pub rows: usize,
    /// Differences: columns, rows, then values column by column.
    pub drifts: Vec<Drift>,
}

impl Comparison {
    /// Whether nothing drifts.
    pub fn is_clean(&self) -> bool {
        self.drifts.is_empty()
    }
}

/// Holds a table against the expected one.
///
/// Rows belong together when they agree exactly in the columns `keys` (repeated keys in their
/// order), or, without keys, by position. Other columns are compared with the tolerance given for
/// them, exactly if none is given; a whole number equals the float of its value. The order of rows
/// with keys, and of columns, does not matter.
///
/// ```
/// use asymscale_sweep::{Table, Tolerance, compare, row};
/// let table = |loss: f64| {
///     let mut table = Table::default();
///     table.push(row! { samples: 64, loss }).map(|()| table)
/// };
/// let tolerances = [("loss", Tolerance::relative(1e-6))];
/// let clean = |actual: &Table| compare(&table(0.5).unwrap(), actual, &["samples"], &tolerances).is_clean();
/// assert!(clean(&table(0.5 + 1e-8)?));
/// assert!(!clean(&table(0.501)?));
/// # Ok::<(), asymscale_sweep::SweepError>(())
/// ```
pub fn compare(
    expected: &Table,
    actual: &Table,
    keys: &[&str],
    tolerances: &[(&str, Tolerance)],
) -> Comparison {
    let mut drifts = column_drifts(expected, actual, keys, tolerances);
    let pairs = Pairs::new(expected, actual, keys);
    drifts.extend(pairs.row_drifts());
    for column in expected.columns().iter().filter(|column| !keys.contains(&column.as_str())) {
        let tolerance = tolerances
            .iter()
            .find(|(name, _)| name == column)
            .map_or(Tolerance::EXACT, |(_, t)| *t);
        drifts.extend(pairs.value_drift(column, tolerance));
    }
    Comparison { rows: pairs.matched.len(), drifts }
}

fn column_drifts(
    expected: &Table,
    actual: &Table,
    keys: &[&str],
    tolerances: &[(&str, Tolerance)],
) -> Vec<Drift> {
    let mut wanted: Vec<&str> = expected.columns().iter().map(String::as_str).collect();
    for name in keys.iter().chain(tolerances.iter().map(|(name, _)| name)) {
        if !wanted.contains(name) {
            wanted.push(name);
        }
    }
    let found: Vec<&str> = actual.columns().iter().map(String::as_str).collect();
    let missing = wanted
        .iter()
        .filter(|name| !found.contains(name))
        .map(|name| Drift::MissingColumn((*name).into()));
    let additional = found.iter().filter(|name| !wanted.contains(name));
    missing.chain(additional.map(|name| Drift::AdditionalColumn((*name).into()))).collect()
}

/// Which row belongs to which.
struct Pairs<'a> {
    expected: &'a Table,
    actual: &'a Table,
    /// Label, position in `expected`, position in `actual`.
    matched: Vec<(String, usize, usize)>,
    missing: Vec<String>,
    additional: Vec<String>,
}

impl<'a> Pairs<'a> {
    fn new(expected: &'a Table, actual: &'a Table, keys: &[&str]) -> Self {
        let mut found: HashMap<_, usize> = identities(actual, keys).into_iter().zip(0..).collect();
        let mut pairs =
            Self { expected, actual, matched: vec![], missing: vec![], additional: vec![] };
        for (position, identity) in identities(expected, keys).into_iter().enumerate() {
            let label = label(keys, &identity);
            match found.remove(&identity) {
                Some(other) => pairs.matched.push((label, position, other)),
                None => pairs.missing.push(label),
            }
        }
        let mut rest: Vec<_> = found.into_iter().collect();
        rest.sort_by_key(|(_, position)| *position);
        pairs.additional = rest.iter().map(|(identity, _)| label(keys, identity)).collect();
        pairs
    }

    fn row_drifts(&self) -> Vec<Drift> {
        let missing = self.missing.first().cloned();
        let additional = self.additional.first().cloned();
        let missing = missing.map(|first| Drift::MissingRows { count: self.missing.len(), first });
        let additional =
            additional.map(|first| Drift::AdditionalRows { count: self.additional.len(), first });
        missing.into_iter().chain(additional).collect()
    }

    fn value_drift(&self, column: &str, tolerance: Tolerance) -> Option<Drift> {
        let (expected, actual) =
            (self.expected.values(column).ok()?, self.actual.values(column).ok()?);
        let beyond = self.matched.iter().filter_map(|(row, i, j)| {
            let excess = tolerance.excess(expected[*i], actual[*j])?;
            Some(Worst {
                row: row.clone(),
                expected: expected[*i].clone(),
                actual: actual[*j].clone(),
                excess,
            })
        });
        let beyond: Vec<Worst> = beyond.collect();
        let count = beyond.len();
        // Of equally bad ones the first.
        let worst = beyond
            .into_iter()
            .reduce(|worst, next| if next.excess > worst.excess { next } else { worst })?;
        Some(Drift::Values { column: column.into(), count, compared: self.matched.len(), worst })
    }
}

/// What tells a row from all others: the values of its keys and how often they came before, or its
/// position.
fn identities(table: &Table, keys: &[&str]) -> Vec<(Vec<Value>, usize)> {
    let mut seen: HashMap<Vec<Value>, usize> = HashMap::new();
    let key = |row: crate::Row| {
        keys.iter().map(|key| row.get(key).cloned().unwrap_or(Value::Null)).collect()
    };
    let count = |key: Vec<Value>| {
        let before = seen.entry(key.clone()).or_default();
        *before += 1;
        (key, *before - 1)
    };
    table.rows().map(key).map(count).collect()
}

fn label(keys: &[&str], (values, occurrence): &(Vec<Value>, usize)) -> String {
    if keys.is_empty() {
        return format!("row {occurrence}");
    }
    let fields: Vec<String> =
        keys.iter().zip(values).map(|(key, value)| format!("{key}={value}")).collect();
    let repeated = if *occurrence > 0 { format!(" (again, {occurrence})") } else { String::new() };
    fields.join(" ") + &repeated
}

impl fmt::Display for Comparison {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        if self.is_clean() {
            return write!(f, "no drift in {} rows", self.rows);
        }
        let header = ["drift", "count", "worst or first", "expected", "actual", "times allowed"]
            .map(String::from);
        let lines: Vec<[String; 6]> =
            std::iter::once(header).chain(self.drifts.iter().map(Drift::fields)).collect();
        let width = |column: usize| {
            lines.iter().map(|line| line[column].chars().count()).max().unwrap_or(0)
        };
        let widths: Vec<usize> = (0..6).map(width).collect();
        let padded = |line: &[String; 6]| {
            let fields = line.iter().zip(&widths).map(|(field, &width)| format!("{field:width$}"));
            fields.collect::<Vec<_>>().join("  ").trim_end().to_string()
        };
        f.write_str(&lines.iter().map(padded).collect::<Vec<_>>().join("\n"))
    }
}

impl Drift {
    /// The fields of its line in a table for people.
    fn fields(&self) -> [String; 6] {
        let line = |what: String, count: String, row: &str| {
            [what, count, row.into(), String::new(), String::new(), String::new()]
        };
        match self {
            Self::MissingColumn(name) => line(format!("column {name} missing"), String::new(), ""),
            Self::AdditionalColumn(name) => {
                line(format!("column {name} additional"), String::new(), "")
            }
            Self::MissingRows { count, first } => {
                line("rows missing".into(), count.to_string(), first)
            }
            Self::AdditionalRows { count, first } => {
                line("rows additional".into(), count.to_string(), first)
            }
            Self::Values { column, count, compared, worst } => [
                column.clone(),
                format!("{count} of {compared}"),
                worst.row.clone(),
                worst.expected.to_string(),
                worst.actual.to_string(),
                format!("{:.3}", worst.excess),
            ],
        }
    }
}
