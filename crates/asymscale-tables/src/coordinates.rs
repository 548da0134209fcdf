//! A model of the data as a table: a row is a coordinate, with its variance, its activity and, if
//! it has one, its target energy; and the line that says how their laws go on.

use crate::table::column::Numbers;
use crate::table::filtered::read_with_filters;
use crate::table::lines::Lines;
use crate::table::names::{Role, candidates};
use crate::table::record::Record;
use crate::table::usable::{BadRows, ColumnFaults, find_column, out_of_range, usable};
use crate::table::{ColumnRequest, Kind, Table};
use crate::{TableError, quote};

const VARIANCE: Role = Role {
    what: "the variance of a coordinate",
    flag: "--variance-column",
    title: "variance",
    titles: &["lambda", "eigenvalue", "eigenvalues", "variances"],
    words: &[],
    excluded: &[],
};

const ACTIVITY: Role = Role {
    what: "the probability that a coordinate is active",
    flag: "--activity-column",
    title: "activity",
    titles: &["activities", "probability", "density", "frequency", "p"],
    words: &[],
    excluded: &[],
};

const TARGET: Role = Role {
    what: "the target energy of a coordinate",
    flag: "--target-column",
    title: "target_energy",
    titles: &["targetenergy", "target", "energy"],
    words: &[],
    excluded: &[],
};

/// Which columns hold what; they are found by their names where they are not named.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct CoordinateRequest<'a> {
    /// Column of the variances.
    pub variance: Option<&'a str>,
    /// Column of the activities.
    pub activity: Option<&'a str>,
    /// Column of the target energies; there may be none.
    pub target: Option<&'a str>,
    /// What happens to rows that cannot be used.
    pub bad_rows: BadRows,
}

/// Coordinates, one entry each.
#[derive(Debug, Clone, PartialEq)]
pub struct CoordinateTable {
    /// `λ_i`, in `1e-100..=1e100`.
    pub variances: Vec<f64>,
    /// `p_i`, in `0..=1`.
    pub activities: Vec<f64>,
    /// `g_i`, in `0..=1e100`, where the table has them.
    pub target_energies: Option<Vec<f64>>,
    /// Where each entry stands in the file.
    pub lines: Lines,
    /// How the table was understood.
    pub record: Record,
}

/// Reads a table of coordinates, in any order; columns with other names are ignored.
///
/// A row whose variance is 0 is a coordinate that is always 0, and is left out with a note.
///
/// # Errors
/// A column that is not there, or several that could be meant; cells out of range, with their
/// lines, unless bad rows may be dropped; no row that can be used.
///
/// ```
/// use asymscale_tables::{CoordinateRequest, ReadOptions, Source, Table, read_coordinates};
/// let text = b"word,variance,activity\nthe,0.9,0.9\nlichen,2e-5,1e-5\n".to_vec();
/// let table = Table::open(Source::bytes("words", text), ReadOptions::default())?;
/// let read = read_coordinates(&table, CoordinateRequest::default())?;
/// assert_eq!((read.variances[1], read.activities[1]), (2e-5, 1e-5));
/// assert_eq!(read.target_energies, None);
/// # Ok::<(), asymscale_tables::TableError>(())
/// ```
pub fn read_coordinates(
    table: &Table,
    request: CoordinateRequest<'_>,
) -> Result<CoordinateTable, TableError> {
    let names = table.names();
    let mut found = vec![
        (find_column(&table.file, names, &VARIANCE, request.variance, "")?, &VARIANCE),
        (find_column(&table.file, names, &ACTIVITY, request.activity, "")?, &ACTIVITY),
    ];
    if request.target.is_some() || !candidates(names, &TARGET, None).is_empty() {
        found.push((find_column(&table.file, names, &TARGET, request.target, "")?, &TARGET));
    }
    let kind = Kind::Numbers { suffixes: false, shift: 0, words: false };
    let mut requests: Vec<ColumnRequest> =
        found.iter().map(|(column, _)| ColumnRequest { column: *column, kind }).collect();
    let mut reading = read_with_filters(table, &mut requests, None, &[])?;
    let columns: Vec<Numbers> = (0..found.len()).map(|at| reading.numbers_at(at)).collect();
    let title = |at: usize| &names[found[at].0];
    let described: Vec<(&String, &Numbers)> =
        columns.iter().enumerate().map(|(at, numbers)| (title(at), numbers)).collect();
    let mut record = reading.record(table, &described);
    let faults: Vec<ColumnFaults<'_>> = columns
        .iter()
        .enumerate()
        .map(|(at, numbers)| {
            let (must, allowed): (_, fn(f64) -> bool) = match at {
                0 => ("0 or a number in 1e-100..1e100", |v| {
                    v == 0.0 || (1e-100..=1e100).contains(&v)
                }),
                1 => ("a number from 0 to 1", |p| (0.0..=1.0).contains(&p)),
                _ => ("a number in 0..1e100", |g| (0.0..=1e100).contains(&g)),
            };
            ColumnFaults { title: title(at), must, faults: out_of_range(numbers, allowed) }
        })
        .collect();
    let picks = reading.picks.clone();
    let (kept, dropped) = usable(&table.file, &reading.lines, picks, &faults, request.bad_rows)?;
    for (column, role) in &found {
        record.taken.push(format!("{} from column {}", role.what, quote::name(&names[*column])));
    }
    record.notes.extend(dropped);
    let lines = kept.places(reading.lines);
    let mut columns = columns.into_iter().map(|numbers| kept.pick(numbers.values));
    let variances = columns.next().unwrap_or_default();
    let varies: Vec<bool> = variances.iter().map(|variance| *variance > 0.0).collect();
    let still = varies.iter().filter(|varies| !**varies).count();
    let keep = |values: Vec<f64>| -> Vec<f64> {
        values.into_iter().zip(&varies).filter(|(_, varies)| **varies).map(|pair| pair.0).collect()
    };
    if still > 0 {
        record.note(format!("{still} coordinates of variance 0 are left out: they are always 0"));
    }
    if still == varies.len() {
        let found = "has no coordinate of a variance above 0";
        return Err(TableError::Empty { file: table.file.clone(), found });
    }
    let variances = keep(variances);
    record.rows = variances.len();
    Ok(CoordinateTable {
        variances,
        activities: keep(columns.next().unwrap_or_default()),
        target_energies: columns.next().map(keep),
        lines: lines.pick((0..varies.len()).filter(|row| varies[*row])),
        record,
    })
}

/// How the laws of a table of coordinates go on after its last row: `front · i^{−exponent}` at
/// coordinate `i`, the rows counted from 1.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CoordinateTail {
    /// (front, exponent) of the variances.
    pub variance: (f64, f64),
    /// (front, exponent) of the activities.
    pub activity: (f64, f64),
    /// (front, exponent) of the target energies, where they have a law of their own.
    pub target: Option<(f64, f64)>,
}

/// What a line begins with that says how the laws go on.
const TAIL: &str = "# tail:";

impl CoordinateTail {
    /// Reads a line such as `# tail: variance 0.5 2, activity 0.9 1.5`; none if the line is no such
    /// line.
    ///
    /// # Errors
    /// The line, where it begins like one and cannot be read.
    ///
    /// ```
    /// use asymscale_tables::CoordinateTail;
    /// let tail = CoordinateTail::parse("# tail: variance 0.5 2, activity 0.9 1.5").unwrap().unwrap();
    /// assert_eq!((tail.variance, tail.activity, tail.target), ((0.5, 2.0), (0.9, 1.5), None));
    /// assert_eq!(CoordinateTail::parse("variance,activity"), Ok(None));
    /// assert!(CoordinateTail::parse("# tail: variance 0.5").is_err());
    /// ```
    pub fn parse(line: &str) -> Result<Option<Self>, String> {
        let Some(laws) = line.trim().strip_prefix(TAIL) else { return Ok(None) };
        let wrong = || {
            format!(
                "{} must read `{TAIL} variance FRONT EXPONENT, activity FRONT EXPONENT`, and may \
                 go on with `, target_energy FRONT EXPONENT`",
                quote::quoted(line.trim())
            )
        };
        let (mut variance, mut activity, mut target) = (None, None, None);
        for law in laws.split(',') {
            let words: Vec<&str> = law.split_whitespace().collect();
            let [name, front, exponent] = words[..] else { return Err(wrong()) };
            let place = match name {
                "variance" => &mut variance,
                "activity" => &mut activity,
                "target_energy" => &mut target,
                _ => return Err(wrong()),
            };
            let numbers = front.parse().ok().zip(exponent.parse().ok());
            if place.is_some() || numbers.is_none() {
                return Err(wrong());
            }
            *place = numbers;
        }
        match (variance, activity) {
            (Some(variance), Some(activity)) => Ok(Some(Self { variance, activity, target })),
            _ => Err(wrong()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{ReadOptions, Source};

    fn read(text: &str, request: CoordinateRequest<'_>) -> Result<CoordinateTable, TableError> {
        let source = Source::bytes("features.csv", text.as_bytes().to_vec());
        read_coordinates(&Table::open(source, ReadOptions::default())?, request)
    }

    #[test]
    fn order_and_other_columns_do_not_matter() {
        let text = "# tail: variance 1 2, activity 1 1.5\n\
                    feature,target_energy,activity,variance,count\n\
                    b,0.25,0.5,0.1,50\na,1,1,1,100\n";
        let read = read(text, CoordinateRequest::default()).unwrap();
        assert_eq!((read.variances, read.activities), (vec![0.1, 1.0], vec![0.5, 1.0]));
        assert_eq!(read.target_energies, Some(vec![0.25, 1.0]));
    }

    #[test]
    fn what_cannot_be_used_is_named_by_its_line() {
        let text = "variance,activity\n1,0.5\n-1,0.5\n1,1.5\n,0.1\n";
        let error = read(text, CoordinateRequest::default()).unwrap_err().to_string();
        assert!(["-1", "1.5", "variance", "activity"].iter().all(|word| error.contains(word)));
        let drop = CoordinateRequest { bad_rows: BadRows::Drop, ..CoordinateRequest::default() };
        assert_eq!(read(text, drop).unwrap().variances, [1.0]);
        let missing = read("p,q\n1,2\n", CoordinateRequest::default()).unwrap_err().to_string();
        assert!(missing.contains("--variance-column"), "{missing}");
    }

    #[test]
    fn coordinates_without_variance_are_left_out_with_a_note() {
        let kept =
            read("variance,activity\n0,0.5\n2,0.25\n", CoordinateRequest::default()).unwrap();
        assert_eq!((kept.variances, kept.activities), (vec![2.0], vec![0.25]));
        assert!(kept.record.notes.iter().any(|note| note.contains("variance 0")));
        assert!(read("variance,activity\n0,0.5\n", CoordinateRequest::default()).is_err());
    }

    #[test]
    fn a_tail_that_cannot_be_read_is_refused() {
        for line in [
            "# tail:",
            "# tail: variance 1 2",
            "# tail: variance 1 2, activity x 1",
            "# tail: variance 1 2, variance 1 2, activity 1 1",
            "# tail: variance 1 2 3, activity 1 1",
        ] {
            assert!(CoordinateTail::parse(line).is_err(), "{line}");
        }
    }
}
