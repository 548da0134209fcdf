//! Rows of two kinds in one table: one law for all would be that of none of them, so that it is not
//! told, and what to type is.

use super::Noticed;
use crate::cli::fit::FitFlags;
use crate::cli::fit::answer::digits::change;
use crate::cli::fit::flags::columns::Columns;
use crate::cli::fit::two_sizes::residuals::{Residuals, Split};
use crate::fitting::Runs;
use asymscale_tables::{Lines, quoted};
use std::collections::HashSet;

/// What is not told of several laws.
const NOT_TOLD: &str = "One law for all would be that of none of them: its parameters, what limits the loss and the best N and D are not told.";

/// By a column of text: why no law is told of all runs, or else a warning.
pub(in crate::cli::fit) fn by_column(
    flags: &FitFlags,
    runs: &Runs,
    columns: &Columns,
) -> (Option<String>, Option<String>) {
    match super::noticed(flags, runs, columns) {
        Some(Noticed::Several { found, instead }) => {
            (Some(format!("{found}. {NOT_TOLD} {instead}.")), None)
        }
        Some(Noticed::Differing(warning)) => (None, Some(warning)),
        None => (None, None),
    }
}

/// By residuals of two sizes with nothing between them: why no law is told of all runs.
pub(in crate::cli::fit) fn by_residuals(
    residuals: &Residuals,
    columns: &Columns,
    lines: &Lines,
) -> Option<String> {
    let split = residuals.split()?;
    let Split { few, many, off } = &split;
    Some(format!(
        "Residuals of one law are of two kinds, with little between: {} rows about {}, and {} about {} ({}). These runs seem to hold two \
         laws. {NOT_TOLD} {}.",
        many.len(),
        change(off[1].exp_m1()),
        few.len(),
        change(off[0].exp_m1()),
        lines.name(few),
        instead(&split, columns)
    ))
}

/// What to type: with the column that tells the rows apart, where there is one.
fn instead(split: &Split, columns: &Columns) -> String {
    let apart = |(_, labels): &&(String, Vec<String>)| {
        let few: HashSet<&String> = split.few.iter().map(|&row| &labels[row]).collect();
        !split.many.iter().any(|&row| few.contains(&labels[row]))
    };
    match columns.labels.iter().find(apart) {
        Some((title, labels)) => format!(
            "Column `{title}` tells them apart: type --filter-column {title} --filter-value {} for one kind, or --by {title} for a fit of each",
            quoted(&labels[split.many[0]])
        ),
        None => "Type --by COLUMN, of a column that tells the kinds apart, for a fit of each and a comparison, or --filter-column COLUMN \
                 --filter-value VALUE for one of them; if no column does, add one to the table"
            .to_owned(),
    }
}
