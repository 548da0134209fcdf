//! What the columns of the answers in CSV hold.

use super::answer::ends::ParameterRow;
use super::two_sizes::json::BudgetRow;
use super::{active, isoflop, kinds};
use crate::cli::answer::{Answer as _, Column};

/// The columns of the answers in CSV.
pub(crate) fn columns() -> Vec<(&'static str, Vec<Column>)> {
    vec![
        ("--csv", ParameterRow::columns()),
        ("--csv --compute …", BudgetRow::columns()),
        ("--csv --active-column … --compute …", active::columns()),
        ("--csv --by …", kinds::columns()),
        ("--csv --isoflop", isoflop::columns()),
    ]
}
