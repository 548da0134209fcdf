//! Which columns of a table of runs hold what: the plan that is then read.

use crate::TableError;
use crate::quote;
use crate::runs::RunRequest;
use crate::runs::measures::{Measure, measures};
use crate::table::column::Numbers;
use crate::table::names::{Role, candidates, unit};
use crate::table::record::Record;
use crate::table::roles::{ACTIVE, COMPUTE, FEATURES, GROUP, LOSS, SAMPLES};
use crate::table::usable::find_column;
use crate::table::{ColumnRequest, Kind, Table};

/// A quantity and the column it comes from.
#[derive(Clone, Copy)]
pub(crate) struct SizeColumn {
    pub(crate) column: usize,
    pub(crate) exponent: i32,
}

/// Columns of the sizes, two of N, D and C or one, and of the loss; the first of each is used,
/// others of its title must agree with it.
pub(crate) struct Plan {
    pub(crate) sizes: Vec<SizeColumn>,
    /// What they are called.
    pub(crate) letters: &'static [&'static str],
    /// Which of N and D follows from the compute, if one does.
    pub(crate) derived: Option<usize>,
    /// A column of C beside N and D.
    pub(crate) compute_check: Option<usize>,
    /// Whether N is that of all parameters because another column has the active ones.
    pub(crate) features_are_total: bool,
    pub(crate) losses: Vec<usize>,
}

/// Which columns hold N, D and the loss.
pub(super) fn plan(table: &Table, request: &RunRequest<'_>) -> Result<Plan, TableError> {
    let names = table.names();
    let hint = hint(table);
    let (features, samples) =
        (size(table, &FEATURES, request.features)?, size(table, &SAMPLES, request.samples)?);
    let compute = match (request.compute, features, samples) {
        (Some(name), _, _) => Some(find_column(&table.file, names, &COMPUTE, Some(name), "")?),
        (None, Some(_), Some(_)) => None,
        (None, _, _) => size(table, &COMPUTE, None)?,
    };
    let n = |column| size_column(table, column, request.features_unit);
    let d = |column| size_column(table, column, request.samples_unit);
    let c = |column| size_column(table, column, None);
    let missing = |role: &Role, asked| role.missing(&table.file, names, asked, &hint);
    let named = [request.features.is_some(), request.samples.is_some()];
    let (sizes, derived, compute_check) = match (features, samples, compute) {
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
    let features_are_total =
        request.features.is_none() && candidates(names, &FEATURES, None).len() > 1;
    let losses = losses(table, request)?;
    Ok(Plan {
        sizes: sizes.to_vec(),
        letters: &["N", "D"],
        derived,
        compute_check,
        features_are_total,
        losses,
    })
}

/// A column in the unit that was asked for, or that stands in its title.
pub(crate) fn size_column(table: &Table, column: usize, asked: Option<i32>) -> SizeColumn {
    SizeColumn { column, exponent: asked.unwrap_or_else(|| unit(&table.names()[column]).exponent) }
}

/// The columns of the loss, all of one title.
pub(crate) fn losses(table: &Table, request: &RunRequest<'_>) -> Result<Vec<usize>, TableError> {
    let names = table.names();
    let mut losses = candidates(names, &LOSS, request.loss);
    if losses.is_empty() && request.loss.is_none() {
        losses = measures(names);
    }
    let same_title = losses.iter().all(|&column| names[column] == names[losses[0]]);
    match (losses.is_empty(), same_title) {
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
    pub(super) fn measure(&self, table: &Table) -> Measure {
        Measure::of(&table.names()[self.losses[0]])
    }

    /// The columns to read: the sizes, the losses, the labels of groups.
    pub(super) fn requests(
        &self,
        table: &Table,
        request: &RunRequest<'_>,
    ) -> Result<Vec<ColumnRequest>, TableError> {
        let number = |column: usize, shift: i32, suffixes: bool| ColumnRequest {
            column,
            kind: Kind::Numbers { suffixes, shift, words: false },
        };
        let loss = |&column: &usize| number(column, unit(&table.names()[column]).exponent, false);
        let mut requests: Vec<ColumnRequest> =
            self.sizes.iter().map(|size| number(size.column, size.exponent, true)).collect();
        requests.extend(self.losses.iter().map(loss));
        if let Some(name) = request.group {
            let column = find_column(&table.file, table.names(), &GROUP, Some(name), "")?;
            requests.push(ColumnRequest { column, kind: Kind::Text });
        }
        Ok(requests)
    }

    /// Describes in the record which column each quantity is taken from.
    pub(super) fn describe(&self, table: &Table, request: &RunRequest<'_>, record: &mut Record) {
        let names = table.names();
        let times = |exponent: i32| match exponent {
            0 => String::new(),
            exponent => format!(" (times 1e{exponent})"),
        };
        let from = |size: &SizeColumn| {
            format!("from column {}{}", quote::name(&names[size.column]), times(size.exponent))
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

/// Refuses columns of one title that hold different values.
pub(super) fn equal_titles_agree(
    table: &Table,
    plan: &Plan,
    losses: &[Numbers],
) -> Result<(), TableError> {
    let bits = |numbers: &Numbers| {
        numbers.values.iter().map(|value| value.to_bits()).collect::<Vec<u64>>()
    };
    let first = losses.first().map(bits);
    if losses[1..].iter().all(|other| Some(bits(other)) == first) {
        return Ok(());
    }
    Err(LOSS.ambiguous(&table.file, table.names(), &plan.losses))
}
