//! Refusal of numbers of parameters and tokens below 1, which stand in a unit that is not named.

use crate::runs::RunRequest;
use crate::runs::plan::Plan;
use crate::table::Table;
use crate::table::lines::Lines;
use crate::table::roles::{FEATURES, SAMPLES};
use crate::{TableError, quote};

/// Numbers of parameters and tokens are at least 1: smaller ones stand in a unit that the title
/// does not name.
pub(crate) fn refuse_below_one(
    table: &Table,
    plan: &Plan,
    request: &RunRequest<'_>,
    sizes: &[&[f64]],
    lines: &Lines,
) -> Result<(), TableError> {
    for (at, (sizes, &letter)) in sizes.iter().zip(plan.letters).enumerate() {
        let Some(row) = sizes.iter().position(|value| *value < 1.0) else { continue };
        let (given, role) = match letter {
            "N" => (request.features_unit, &FEATURES),
            "D" => (request.samples_unit, &SAMPLES),
            _ => continue,
        };
        if given.is_some() {
            continue;
        }
        let (column, value) =
            (quote::name(&table.names()[plan.sizes[at].column]), quote::written(sizes[row]));
        let remedy = if plan.derived == Some(at) {
            format!("which follows from the compute; {} names a column of {letter}", role.flag)
        } else {
            "type --features-unit M if N stands in millions and --samples-unit B if D stands in billions, or such a \
             unit of 1 to take the numbers as they are"
                .to_owned()
        };
        let what = format!(
            "{letter} = {value} in {}, column {column}: must be >= 1; {remedy}",
            lines.name(&[row])
        );
        return Err(TableError::Unclear { file: table.file.clone(), what });
    }
    Ok(())
}
