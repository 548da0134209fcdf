//! The columns that were read, with the rows that filters choose.

use crate::counts::interned::InternedTexts;
use crate::table::column::{Numbers, Texts};
use crate::table::lines::Lines;
use crate::table::names::candidates;
use crate::table::record::Record;
use crate::table::roles::{FILTER, NAME};
use crate::table::usable::{Filter, Rows, chosen, find_column};
use crate::table::{Column, ColumnRequest, Kind, Reading, Table};
use crate::{TableError, quote};

/// A column of names beside the wanted ones, to find those that are repeated; not of a large table.
pub(crate) fn name_column(table: &Table, requests: &[ColumnRequest]) -> Option<usize> {
    let free = |column: &usize| requests.iter().all(|want| want.column != *column);
    let found = candidates(table.names(), &NAME, None).into_iter().find(free);
    found.filter(|_| table.titled() && !table.large())
}

/// A reading with the rows that filters choose.
pub(crate) struct FilteredReading {
    columns: Vec<Option<Column>>,
    pub(crate) lines: Lines,
    pub(crate) picks: Vec<bool>,
    comments: usize,
    above: usize,
    /// The column of names, and its title.
    named: Option<(usize, String)>,
}

/// Reads the wanted columns, that of names, and those of the filters.
pub(crate) fn read_with_filters(
    table: &Table,
    requests: &mut Vec<ColumnRequest>,
    named: Option<usize>,
    filters: &[Filter],
) -> Result<FilteredReading, TableError> {
    let first_name = requests.len();
    requests.extend(named.map(|column| ColumnRequest { column, kind: Kind::Text }));
    let first_filter = requests.len();
    for filter in filters {
        let column = find_column(&table.file, table.names(), &FILTER, Some(&filter.column), "")?;
        requests.push(ColumnRequest { column, kind: Kind::Text });
    }
    let Reading { columns, lines, comments } = table.read(requests)?;
    let texts = filters.iter().zip(&requests[first_filter..]).zip(&columns[first_filter..]);
    let texts: Vec<_> = texts
        .filter_map(|((filter, want), column)| match column {
            Column::Texts(texts) => Some((table.names()[want.column].as_str(), filter, texts)),
            Column::Numbers(_) | Column::Names(_) => None,
        })
        .collect();
    let chosen = chosen(&table.file, &texts, lines.len())?;
    let named = named.map(|column| (first_name, table.names()[column].clone()));
    let columns = columns.into_iter().map(Some).collect();
    Ok(FilteredReading { columns, lines, picks: chosen, comments, above: table.above(), named })
}

impl FilteredReading {
    /// The first column, of numbers; taken out.
    pub(crate) fn numbers(&mut self) -> Numbers {
        self.numbers_at(0)
    }

    pub(crate) fn numbers_at(&mut self, at: usize) -> Numbers {
        match self.columns.get_mut(at).and_then(Option::take) {
            Some(Column::Numbers(numbers)) => numbers,
            _ => Numbers::default(),
        }
    }

    pub(crate) fn texts_at(&mut self, at: usize) -> Texts {
        match self.columns.get_mut(at).and_then(Option::take) {
            Some(Column::Texts(texts)) => texts,
            _ => Texts::default(),
        }
    }

    pub(crate) fn names_at(&mut self, at: usize) -> InternedTexts {
        match self.columns.get_mut(at).and_then(Option::take) {
            Some(Column::Names(names)) => names,
            _ => InternedTexts::default(),
        }
    }

    /// A record with what is to be said of lines and numbers.
    pub(crate) fn record(&self, table: &Table, numbers: &[(&String, &Numbers)]) -> Record {
        let mut record =
            Record { file: table.file.clone(), form: table.form().to_owned(), ..Record::default() };
        for (title, numbers) in numbers {
            record.describe_notation(title, numbers.seen, numbers.comma());
        }
        note_lines(&mut record, self.above, self.comments);
        record
    }

    /// The names of rows; none where there is no column of names.
    pub(crate) fn names_of(&self, kept: &Rows) -> Vec<String> {
        let Some(Some(Column::Texts(names))) =
            self.named.as_ref().map(|(at, _)| &self.columns[*at])
        else {
            return Vec::new();
        };
        kept.iter().map(|row| names.get(row).to_owned()).collect()
    }

    /// Notes which names stand in several rows.
    pub(crate) fn repeated(&self, kept: &Rows, record: &mut Record) {
        let Some((at, title)) = &self.named else { return };
        let Some(Some(Column::Texts(names))) = self.columns.get(*at) else { return };
        let mut sorted: Vec<usize> =
            kept.iter().filter(|&row| !names.get(row).is_empty()).collect();
        sorted.sort_by_key(|&row| (names.get(row), row));
        let same = |a: &usize, b: &usize| names.get(*a) == names.get(*b);
        let mut groups: Vec<&[usize]> =
            sorted.chunk_by(same).filter(|group| group.len() > 1).collect();
        groups.sort_by_key(|group| group[0]);
        if let Some(first) = groups.first() {
            let (name, places) = (quote::quoted(names.get(first[0])), self.lines.name(first));
            let others = if groups.len() > 1 {
                format!(" and {} more", groups.len() - 1)
            } else {
                String::new()
            };
            record.note(format!(
                "in column {} names are repeated: {name} ({places}){others}; each row counts as a feature of its own",
                quote::name(title)
            ));
        }
    }
}

/// Notes which lines were passed over.
fn note_lines(record: &mut Record, above: usize, comments: usize) {
    let lines =
        |number: usize| if number == 1 { "1 line".to_owned() } else { format!("{number} lines") };
    if above > 0 {
        record.note(format!("{} above the titles passed over", lines(above)));
    }
    if comments > 0 {
        record.note(format!(
            "{} below the titles begin with # and were passed over",
            lines(comments)
        ));
    }
}
