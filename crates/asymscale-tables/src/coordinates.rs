//! A model of the data as a table: a row is a coordinate, with its variance, its activity and, if
//! it has one, its target energy; and the line that says how their laws go on.

use crate::table::column::Numbers;
use crate::table::filtered::read_with_filters;
use crate::table::names::{Role, candidates};
use crate::table::record::Record;
use crate::table::usable::{BadRows, ColumnFaults, out_of_range, usable};
use crate::table::{ColumnRequest, Kind, Table};
use crate::{TableError, quote};

const VARIANCE: Role = Role {
    what: "variances",
    flag: "",
    title: "variance",
    titles: &["lambda", "eigenvalue", "eigenvalues", "variances"],
    words: &[],
    excluded: &[],
};

const ACTIVITY: Role = Role {
    what: "probabilities of being active",
    flag: "",
    title: "activity",
    titles: &["activities", "probability", "density", "frequency", "p"],
    words: &[],
    excluded: &[],
};

const TARGET: Role = Role {
    what: "target energies",
    flag: "",
    title: "target_energy",
    titles: &["target", "energy"],
    words: &[],
    excluded: &[],
};

/// Coordinates, one entry each.
#[derive(Debug, Clone, PartialEq)]
pub struct CoordinateTable {
    /// `λ_i`, in `1e-100..=1e100`.
    pub variances: Vec<f64>,
    /// `p_i`, in `0..=1`.
    pub activities: Vec<f64>,
    /// `g_i`, in `0..=1e100`, where the table has them.
    pub target_energies: Option<Vec<f64>>,
    /// How the laws go on after the last row, where a comment above the rows says so.
    pub tail: Option<CoordinateTail>,
    /// How the table was understood.
    pub record: Record,
}

/// Reads a table of coordinates, in any order; columns with other names are ignored.
///
/// A row whose variance is 0 is a coordinate that is always 0, and is left out with a note. In
/// delimited text a comment above the rows may say how the laws go on: [`CoordinateTail`].
///
/// # Errors
/// A column that is not there, or several that could be meant; cells out of range, with their
/// lines; no row that can be used; a tail that cannot be read, that stands below the titles or
/// twice, or that goes on from rows of variance 0.
///
/// ```
/// use asymscale_tables::{ReadOptions, Source, Table, read_coordinates};
/// let text = b"word,variance,activity\nthe,0.9,0.9\nlichen,2e-5,1e-5\n".to_vec();
/// let table = Table::open(Source::bytes("words", text), ReadOptions::default())?;
/// let read = read_coordinates(&table)?;
/// assert_eq!((read.variances[1], read.activities[1]), (2e-5, 1e-5));
/// assert_eq!((read.target_energies, read.tail), (None, None));
/// # Ok::<(), asymscale_tables::TableError>(())
/// ```
pub fn read_coordinates(table: &Table) -> Result<CoordinateTable, TableError> {
    let names = table.names();
    let tail = tail(table)?;
    let mut found = vec![column(table, &VARIANCE)?, column(table, &ACTIVITY)?];
    if !candidates(names, &TARGET, None).is_empty() {
        found.push(column(table, &TARGET)?);
    }
    let kind = Kind::Numbers { suffixes: false, shift: 0, words: false };
    let mut requests: Vec<ColumnRequest> =
        found.iter().map(|column| ColumnRequest { column: *column, kind }).collect();
    let mut reading = read_with_filters(table, &mut requests, None, &[])?;
    let columns: Vec<Numbers> = (0..found.len()).map(|at| reading.numbers_at(at)).collect();
    let title = |at: usize| &names[found[at]];
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
    usable(&table.file, &reading.lines, picks, &faults, BadRows::Forbid)?;
    for (at, role) in found.iter().zip([VARIANCE, ACTIVITY, TARGET]) {
        record.taken.push(format!("{} from column {}", role.what, quote::name(&names[*at])));
    }
    let mut columns = columns.into_iter().map(|numbers| numbers.values);
    let variances = columns.next().unwrap_or_default();
    let varies: Vec<bool> = variances.iter().map(|variance| *variance > 0.0).collect();
    let still = varies.iter().filter(|varies| !**varies).count();
    if still == varies.len() {
        let found = "has no coordinate of a variance above 0";
        return Err(TableError::Empty { file: table.file.clone(), found });
    }
    if still > 0 && tail.is_some() {
        return Err(unclear(
            table,
            format!(
                "{still} rows have the variance 0: a table that goes on must have none, since its \
                 tail counts the rows"
            ),
        ));
    }
    if still > 0 {
        record.note(format!("{still} coordinates of variance 0 are left out: they are always 0"));
    }
    let keep = |values: Vec<f64>| -> Vec<f64> {
        values.into_iter().zip(&varies).filter(|(_, varies)| **varies).map(|pair| pair.0).collect()
    };
    let variances = keep(variances);
    record.rows = variances.len();
    Ok(CoordinateTable {
        variances,
        activities: keep(columns.next().unwrap_or_default()),
        target_energies: columns.next().map(keep),
        tail,
        record,
    })
}

fn unclear(table: &Table, what: String) -> TableError {
    TableError::Unclear { file: table.file.clone(), what }
}

/// The one column of a role.
fn column(table: &Table, role: &Role) -> Result<usize, TableError> {
    let names = table.names();
    match candidates(names, role, None)[..] {
        [column] => Ok(column),
        [] => Err(unclear(
            table,
            format!(
                "there is no column `{}` ({}); the columns are {}",
                role.title,
                role.what,
                quote::names(names)
            ),
        )),
        ref several => {
            let titles: Vec<String> = several.iter().map(|at| quote::name(&names[*at])).collect();
            let what = format!("{} could all be the column `{}`", titles.join(", "), role.title);
            Err(unclear(table, what))
        }
    }
}

/// The one comment above the rows that says how the laws go on.
fn tail(table: &Table) -> Result<Option<CoordinateTail>, TableError> {
    let mut tail = None;
    for (above, line) in table.comments() {
        let Some(found) = CoordinateTail::parse(&line).map_err(|told| unclear(table, told))? else {
            continue;
        };
        if !above || tail.is_some() {
            let what = format!("{} must stand once, above the rows", quote::quoted(&line));
            return Err(unclear(table, what));
        }
        tail = Some(found);
    }
    Ok(tail)
}

/// How the laws of a table of coordinates go on after its last row: `front · i^{−exponent}` at
/// coordinate `i`, of which the first is the number of rows and one.
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
const TAIL: &str = "tail:";

impl CoordinateTail {
    /// Reads a comment such as `# tail: variance 0.5 2, activity 0.9 1.5`, whatever the case of its
    /// letters; none if the line is no such comment.
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
        let lower = line.trim().to_lowercase();
        let comment = lower.strip_prefix('#').map(str::trim_start);
        let Some(laws) = comment.and_then(|comment| comment.strip_prefix(TAIL)) else {
            return Ok(None);
        };
        let wrong = || {
            format!(
                "{} must read `# {TAIL} variance FRONT EXPONENT, activity FRONT EXPONENT`, and may \
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

    fn read(text: &str) -> Result<CoordinateTable, TableError> {
        let source = Source::bytes("features.csv", text.as_bytes().to_vec());
        read_coordinates(&Table::open(source, ReadOptions::default())?)
    }

    fn refused(text: &str) -> String {
        read(text).unwrap_err().to_string()
    }

    #[test]
    fn order_and_other_columns_do_not_matter() {
        let text =
            "feature,target_energy,activity,variance,count\nb,0.25,0.5,0.1,50\na,1,1,1,100\n";
        let read = read(text).unwrap();
        assert_eq!((read.variances, read.activities), (vec![0.1, 1.0], vec![0.5, 1.0]));
        assert_eq!(read.target_energies, Some(vec![0.25, 1.0]));
    }

    /// Whatever stands before the comment, and however it is written.
    #[test]
    fn a_tail_is_found_in_any_comment_above_the_rows() {
        let rows = "variance,activity\n1,1\n";
        let law = "tail: variance 0.5 2, activity 0.9 1.5";
        for head in [
            format!("# {law}\n"),
            format!("#{law}\r\n"),
            format!("# from counts\n# {law}\n"),
            format!("# {}\n", law.to_uppercase()),
            format!("\u{feff}# {law}\n"),
            format!("\n# {law}\n# and more\n"),
        ] {
            let tail = read(&format!("{head}{rows}")).unwrap().tail;
            assert_eq!(tail.map(|tail| tail.variance), Some((0.5, 2.0)), "{head:?}");
        }
        assert!(refused(&format!("{rows}# {law}\n2,0.1\n")).contains("above the rows"));
        assert!(refused(&format!("# {law}\n# {law}\n{rows}")).contains("once"));
        assert!(refused(&format!("# {law}\n{rows}0,0.1\n")).contains("variance 0"));
    }

    #[test]
    fn what_cannot_be_used_is_named_by_its_line() {
        let said = refused("variance,activity\n1,0.5\n-1,0.5\n1,1.5\n,0.1\n");
        let named = ["`variance` is -1 or empty in lines 3, 5", "`activity` is 1.5 in line 4"];
        assert!(named.iter().all(|word| said.contains(word)), "{said}");
        assert!(!said.contains("--"), "no command has a flag for that: {said}");
        let said = refused("p,q\n1,2\n");
        assert!(said.contains("`variance`") && !said.contains("--"), "{said}");
        assert!(refused("lambda,eigenvalue,p\n1,2,0.1\n").contains("could all be"));
    }

    #[test]
    fn coordinates_without_variance_are_left_out_with_a_note() {
        let kept = read("variance,activity\n0,0.5\n2,0.25\n").unwrap();
        assert_eq!((kept.variances, kept.activities), (vec![2.0], vec![0.25]));
        assert!(kept.record.notes.iter().any(|note| note.contains("variance 0")));
        assert!(read("variance,activity\n0,0.5\n").is_err());
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
