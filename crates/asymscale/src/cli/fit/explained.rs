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

/// The schemas of its answers.
#[cfg(test)]
pub(crate) fn schemas(of: &mut schemars::SchemaGenerator) -> Vec<schemars::Schema> {
    use super::{one_size, repeats};
    use crate::cli::table::WithTable;
    crate::cli::schema::made::schemas_of!(
        of;
        WithTable<'_, super::held_out::WithHeldOut<'_>>,
        WithTable<'_, one_size::json::Answer<'_>>,
        WithTable<'_, active::json::Answer<'_>>,
        WithTable<'_, repeats::json::Answer<'_>>,
        WithTable<'_, kinds::json::Answer<'_>>,
        WithTable<'_, isoflop::json::Answer<'_>>,
    )
}
