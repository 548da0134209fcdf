//! Which rows can be used: those that were chosen, without those where a cell is missing or out of
//! range.

use std::collections::BTreeMap;

use crate::cells::marks::DecimalMark;
use crate::cells::number::{self, CellValue, Notation, NumberFormat};
use crate::table::column::{Fault, Faults, Numbers, Texts};
use crate::table::lines::Lines;
use crate::table::names::Role;
use crate::{TableError, quote};

/// What happens to rows that cannot be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum BadRows {
    /// The table is refused, with all their places.
    #[default]
    Refuse,
    /// They are left out, and the record says which.
    Drop,
    /// The table is refused, and nobody could ask for less: each row counts.
    Forbid,
}

/// Rows to choose: those whose text in a column is one of some values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Filter {
    /// The column.
    pub column: String,
    /// Values, one of which a row must have, as text or as the same number.
    pub values: Vec<String>,
}

/// Faults of a column, with its title and what is allowed in it.
pub(crate) struct ColumnFaults<'a> {
    pub(crate) title: &'a str,
    pub(crate) must: &'a str,
    pub(crate) faults: Faults,
}

/// Examples of what stands in cells that cannot be used.
const EXAMPLES: usize = 3;
/// The most columns whose cells a message names.
const COLUMNS: usize = 5;

/// Adds the numbers that are out of range to the faults of a column.
pub(crate) fn out_of_range(numbers: &Numbers, allowed: impl Fn(f64) -> bool) -> Faults {
    let mut faults = numbers.faults.clone();
    let outside = |value: f64| !value.is_nan() && !allowed(value);
    let found = numbers.values.iter().enumerate().filter(|(_, value)| outside(**value));
    faults.extend(found.map(|(row, &value)| (row, Fault::Range(value))));
    faults.sort_by_key(|fault| fault.0);
    faults
}

/// For every row whether the filters choose it.
pub(crate) fn chosen(
    file: &str,
    filters: &[(&str, &Filter, &Texts)],
    rows: usize,
) -> Result<Vec<bool>, TableError> {
    let mut chosen = vec![true; rows];
    for &(title, filter, texts) in filters {
        for wanted in &filter.values {
            if !texts.iter().any(|text| same(text, wanted)) {
                return Err(no_such_value(file, title, wanted, texts));
            }
        }
        for (row, kept) in chosen.iter_mut().enumerate() {
            *kept &= filter.values.iter().any(|wanted| same(texts.get(row), wanted));
        }
    }
    if !filters.is_empty() && !chosen.contains(&true) {
        let what = "no row has a --filter-value in every --filter-column; leave one out".to_owned();
        return Err(TableError::Unclear { file: file.to_owned(), what });
    }
    Ok(chosen)
}

fn same(text: &str, wanted: &str) -> bool {
    let plain = NumberFormat { mark: DecimalMark::Point, suffixes: false, shift: 0, words: false };
    let number = |text: &str| number::read(text.as_bytes(), plain, &mut Notation::default());
    text == wanted.trim()
        || matches!((number(text), number(wanted)), (CellValue::Number(a), CellValue::Number(b)) if a == b)
}

fn no_such_value(file: &str, title: &str, wanted: &str, texts: &Texts) -> TableError {
    let mut available: Vec<String> = Vec::new();
    for text in texts.iter().filter(|text| !text.is_empty()) {
        if available.len() < 8 && !available.iter().any(|known| known == text) {
            available.push(text.to_owned());
        }
    }
    let available: Vec<String> = available.iter().map(|text| quote::quoted(text)).collect();
    TableError::NoSuchValue {
        file: file.to_owned(),
        column: quote::name(title),
        value: quote::quoted(wanted),
        available: available.join(", "),
    }
}

/// The rows to use.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Rows {
    /// All of them.
    All(usize),
    /// Some, ascending.
    Some(Vec<usize>),
}

impl Rows {
    fn new(chosen: &[bool]) -> Self {
        if chosen.iter().all(|kept| *kept) {
            return Self::All(chosen.len());
        }
        Self::Some(
            chosen.iter().enumerate().filter(|(_, kept)| **kept).map(|(row, _)| row).collect(),
        )
    }

    pub(crate) fn len(&self) -> usize {
        match self {
            Self::All(rows) => *rows,
            Self::Some(rows) => rows.len(),
        }
    }

    pub(crate) fn iter(&self) -> Box<dyn Iterator<Item = usize> + '_> {
        match self {
            Self::All(rows) => Box::new(0..*rows),
            Self::Some(rows) => Box::new(rows.iter().copied()),
        }
    }

    /// The values of these rows.
    pub(crate) fn pick(&self, values: Vec<f64>) -> Vec<f64> {
        match self {
            Self::All(_) => values,
            Self::Some(rows) => rows.iter().map(|&row| values[row]).collect(),
        }
    }

    /// The places of these rows.
    pub(crate) fn places(&self, lines: Lines) -> Lines {
        match self {
            Self::All(_) => lines,
            Self::Some(rows) => lines.pick(rows.iter().copied()),
        }
    }
}

/// The rows to use, and a sentence about those that were dropped.
pub(crate) fn usable(
    file: &str,
    lines: &Lines,
    mut chosen: Vec<bool>,
    column_faults: &[ColumnFaults<'_>],
    bad_rows: BadRows,
) -> Result<(Rows, Option<String>), TableError> {
    let found = FaultReport::new(lines, &chosen, column_faults);
    if found.rows.is_empty() {
        return Ok((Rows::new(&chosen), None));
    }
    let left = chosen.iter().filter(|kept| **kept).count() - found.rows.len();
    if bad_rows != BadRows::Drop || left == 0 {
        let remedy = match bad_rows {
            _ if left == 0 => "; no row could be used",
            BadRows::Refuse => "; --bad-rows drop leaves such rows out",
            BadRows::Drop | BadRows::Forbid => "",
        };
        let remedy = format!("must be {}{remedy}", found.must);
        return Err(TableError::Cells { file: file.to_owned(), cells: found.cells, remedy });
    }
    found.rows.iter().for_each(|&row| chosen[row] = false);
    let (many, is) = if found.rows.len() == 1 { ("row", "is") } else { ("rows", "are") };
    let note =
        format!("{} {many} that cannot be used {is} left out: {}", found.rows.len(), found.cells);
    Ok((Rows::new(&chosen), Some(note)))
}

/// Refuses a column with several numbers above `most`, even where bad rows may be dropped, since
/// the mistake is then not one of single rows. A single one may be a sum in the last row.
pub(crate) fn refuse_several_above(
    file: &str,
    lines: &Lines,
    chosen: &[bool],
    (title, numbers): (&str, &Numbers),
    (most, remedy): (f64, &str),
) -> Result<(), TableError> {
    let beyond =
        |(row, value): (usize, &f64)| (*value > most).then_some((row, Fault::Range(*value)));
    let faults = numbers.values.iter().enumerate().filter_map(beyond).collect();
    let found = FaultReport::new(lines, chosen, &[ColumnFaults { title, must: "", faults }]);
    if found.rows.len() < 2 {
        return Ok(());
    }
    Err(TableError::Cells { file: file.to_owned(), cells: found.cells, remedy: remedy.to_owned() })
}

/// The cells that cannot be used, in words.
struct FaultReport {
    rows: Vec<usize>,
    cells: String,
    must: String,
}

impl FaultReport {
    fn new(lines: &Lines, chosen: &[bool], column_faults: &[ColumnFaults<'_>]) -> Self {
        let (mut rows, mut cells, mut must, mut columns) = (Vec::new(), Vec::new(), Vec::new(), 0);
        for suspect in column_faults {
            let faults: Vec<&(usize, Fault)> =
                suspect.faults.iter().filter(|fault| chosen[fault.0]).collect();
            if faults.is_empty() {
                continue;
            }
            rows.extend(faults.iter().map(|fault| fault.0));
            if !must.contains(&suspect.must) {
                must.push(suspect.must);
            }
            // A row with too many fields is named once and not for each of its columns.
            let ragged = |fault: &&&(usize, Fault)| matches!(fault.1, Fault::Ragged(_));
            let reported: Vec<&(usize, Fault)> =
                faults.iter().filter(|fault| columns == 0 || !ragged(fault)).copied().collect();
            if cells.len() < COLUMNS && !reported.is_empty() {
                let places: Vec<u64> = reported.iter().map(|fault| lines.of(fault.0)).collect();
                let examples = examples(&reported);
                cells.push(format!(
                    "{} {examples} in {}",
                    quote::name(suspect.title),
                    lines.list(&places)
                ));
            }
            columns += usize::from(!reported.is_empty());
        }
        rows.sort_unstable();
        rows.dedup();
        let more = columns - cells.len();
        let more =
            if more > 0 { format!(", and cells of {more} more columns") } else { String::new() };
        Self { rows, cells: cells.join(", ") + &more, must: must.join(" and ") }
    }
}

/// `"NaN"`, `empty`, or a few of them.
fn examples(faults: &[&(usize, Fault)]) -> String {
    let mut kinds: BTreeMap<String, usize> = BTreeMap::new();
    for (_, fault) in faults.iter().take(1000) {
        let next = kinds.len();
        kinds.entry(fault.describe()).or_insert(next);
    }
    let mut kinds: Vec<(usize, String)> =
        kinds.into_iter().map(|(word, first)| (first, word)).collect();
    kinds.sort();
    let more = if kinds.len() > EXAMPLES { " or other" } else { "" };
    let words: Vec<String> = kinds.into_iter().take(EXAMPLES).map(|(_, word)| word).collect();
    format!("is {}{more}", words.join(" or "))
}

impl Fault {
    fn describe(&self) -> String {
        match self {
            Self::Empty => "empty".to_owned(),
            Self::Missing(text) | Self::Word(text) if text.is_empty() => "no number".to_owned(),
            Self::Missing(text) | Self::Word(text) => quote::quoted(text),
            Self::Nested => "a list or an object".to_owned(),
            Self::Ragged(fields) => {
                format!("unclear ({fields} fields in a row, more than there are columns)")
            }
            Self::Range(value) => quote::written(*value),
        }
    }
}

/// The column that a role means, for one that must be there.
pub(crate) fn find_column(
    file: &str,
    names: &[String],
    role: &Role,
    asked: Option<&str>,
    hint: &str,
) -> Result<usize, TableError> {
    match crate::table::names::candidates(names, role, asked)[..] {
        [] => Err(role.missing(file, names, asked, hint)),
        [column] => Ok(column),
        ref several => Err(role.ambiguous(file, names, several)),
    }
}
