//! Further columns of a table of runs: unique tokens, epochs, budgets, active parameters, labels.

use crate::table::column::{Numbers, Texts};
use crate::table::filtered::FilteredReading;
use crate::table::names::{Role, candidates, unit};
use crate::table::record::Record;
use crate::table::roles::{ACTIVE, BUDGET, COMPUTE, EPOCHS, FEATURES, LABEL, SAMPLES, UNIQUE};
use crate::table::usable::{ColumnFaults, Rows, find_column, out_of_range};
use crate::table::{ColumnRequest, Kind, Table};
use crate::{TableError, quote};

/// What a further column of a table of runs holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Quantity {
    /// Tokens or examples that differ from one another, of the D trained on; finite and > 0.
    UniqueSamples,
    /// How often each was trained on, D over the unique ones; finite and > 0.
    Epochs,
    /// The compute that a run was planned for, finite and > 0.
    Budget,
    /// Parameters that are active for each token, where only some are; finite and > 0.
    ActiveFeatures,
    /// Operations spent on training, finite and > 0.
    Compute,
    /// Text of any kind.
    Label,
}

/// A further column of a table of runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Extra<'a> {
    /// What it holds.
    pub quantity: Quantity,
    /// Its name; without one it is found by the names that public tables use, and may not be there.
    pub column: Option<&'a str>,
    /// Whether it matters: if so a cell that cannot be used makes its row one that cannot be used,
    /// and the record names the column. If not, such a cell makes the column one that is not there.
    pub asked: bool,
}

/// What stands in a further column, one entry a row.
#[derive(Debug, Clone, PartialEq)]
pub enum Values {
    /// Numbers, in the unit of the title.
    Numbers(Vec<f64>),
    /// Text.
    Labels(Vec<String>),
}

/// Further columns and where they stand among the wanted ones.
pub(crate) struct ExtraColumns<'a> {
    extras: &'a [Extra<'a>],
    columns: Vec<Option<usize>>,
    first: usize,
}

/// Further columns as they were read.
pub(crate) enum ExtraColumn {
    Absent,
    Numbers(String, Numbers),
    Labels(String, Texts),
}

impl Quantity {
    fn role(self) -> &'static Role {
        match self {
            Self::UniqueSamples => &UNIQUE,
            Self::Epochs => &EPOCHS,
            Self::Budget => &BUDGET,
            Self::ActiveFeatures => &ACTIVE,
            Self::Compute => &COMPUTE,
            Self::Label => &LABEL,
        }
    }
}

impl<'a> ExtraColumns<'a> {
    /// Finds the columns, and adds their requests behind the other ones.
    pub(crate) fn new(
        table: &Table,
        extras: &'a [Extra<'a>],
        requests: &mut Vec<ColumnRequest>,
    ) -> Result<Self, TableError> {
        let first = requests.len();
        let columns: Vec<Option<usize>> =
            extras.iter().map(|extra| column(table, extra)).collect::<Result<_, _>>()?;
        for (extra, column) in extras.iter().zip(&columns) {
            let Some(column) = *column else { continue };
            let shift = unit(&table.names()[column]).exponent;
            let kind = match extra.quantity {
                Quantity::Label => Kind::Text,
                _ => Kind::Numbers { suffixes: true, shift, words: false },
            };
            requests.push(ColumnRequest { column, kind });
        }
        Ok(Self { extras, columns, first })
    }

    /// Takes the columns out of a reading.
    pub(crate) fn read(&self, table: &Table, reading: &mut FilteredReading) -> Vec<ExtraColumn> {
        let mut at = self.first;
        let mut one = |(extra, column): (&Extra<'_>, &Option<usize>)| {
            let Some(column) = *column else { return ExtraColumn::Absent };
            let title = table.names()[column].clone();
            at += 1;
            match extra.quantity {
                Quantity::Label => ExtraColumn::Labels(title, reading.texts_at(at - 1)),
                _ => ExtraColumn::Numbers(title, reading.numbers_at(at - 1)),
            }
        };
        self.extras.iter().zip(&self.columns).map(&mut one).collect()
    }

    /// The faults of the columns that were asked for.
    pub(crate) fn column_faults<'r>(&self, read: &'r [ExtraColumn]) -> Vec<ColumnFaults<'r>> {
        let asked = self.extras.iter().zip(read).filter(|(extra, _)| extra.asked);
        asked.filter_map(|(_, read)| faults_of(read)).collect()
    }

    /// The values of some rows; none of a column that does not matter and holds what cannot be
    /// used.
    pub(crate) fn pick(
        &self,
        read: Vec<ExtraColumn>,
        rows: &Rows,
        record: &mut Record,
    ) -> Vec<Option<Values>> {
        let mut one = |(extra, read): (&Extra<'_>, ExtraColumn)| {
            let bad = faults_of(&read).is_some_and(|faults| !faults.faults.is_empty());
            if bad && !extra.asked {
                return None;
            }
            let (title, values) = match read {
                ExtraColumn::Absent => return None,
                ExtraColumn::Numbers(title, numbers) => {
                    (title, Values::Numbers(rows.pick(numbers.values)))
                }
                ExtraColumn::Labels(title, texts) => (
                    title,
                    Values::Labels(rows.iter().map(|row| texts.get(row).to_owned()).collect()),
                ),
            };
            if extra.asked {
                let what = extra.quantity.role().what;
                record.taken.push(format!("{what} from column {}", quote::name(&title)));
            }
            Some(values)
        };
        self.extras.iter().zip(read).map(&mut one).collect()
    }
}

fn faults_of(read: &ExtraColumn) -> Option<ColumnFaults<'_>> {
    match read {
        ExtraColumn::Absent => None,
        ExtraColumn::Numbers(title, numbers) => Some(ColumnFaults {
            title,
            must: "a finite number > 0",
            faults: out_of_range(numbers, |value| value.is_finite() && value > 0.0),
        }),
        ExtraColumn::Labels(title, texts) => {
            Some(ColumnFaults { title, must: "a label", faults: texts.faults.clone() })
        }
    }
}

/// The column of one of them; several that could be meant are none, unless it was named.
fn column(table: &Table, extra: &Extra<'_>) -> Result<Option<usize>, TableError> {
    let (names, role) = (table.names(), extra.quantity.role());
    if let Some(name) = extra.column {
        return find_column(&table.file, names, role, Some(name), "").map(Some);
    }
    let found = candidates(names, role, None);
    // A column that means N or D means nothing else.
    let other = |column: usize| {
        [&FEATURES, &SAMPLES].into_iter().any(|role| candidates(names, role, None) == [column])
    };
    Ok(match found[..] {
        [column] if !other(column) => Some(column),
        _ => None,
    })
}
