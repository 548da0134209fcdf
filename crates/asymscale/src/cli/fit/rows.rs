//! Rows of a table, all or some, and the fits of them.

use crate::cli::Failure;
use crate::cli::fit::flags::columns::Columns;
use crate::cli::fit::flags::measure::Measured;
use crate::cli::fit::two_sizes::analysis::Analysis;
use crate::cli::fit::{Best, FitFlags, held_out, runs};
#[cfg(feature = "explore")]
use crate::cli::fit::{check, read};
use crate::cli::progress::Progress;
use crate::fitting::Runs;
use asymscale_tables::{Lines, Measure, RunTable};

/// The fit, and what it says of runs that were held out.
pub(super) struct Found {
    pub(super) analysis: Analysis,
    pub(super) held_out: Option<held_out::HeldOut>,
}

/// The runs of a table, which are not yet fitted.
#[cfg(feature = "explore")]
pub(in crate::cli) fn read_runs_of(flags: &FitFlags) -> Result<Runs, Failure> {
    check(flags)?;
    Ok(Rows::of(flags, &read(flags)?)?.runs)
}

/// Rows of a table.
pub(super) struct Rows {
    pub(super) runs: Runs,
    pub(super) lines: Lines,
    pub(super) columns: Columns,
    pub(super) measure: Measure,
}

impl Rows {
    /// All of a table, or the best of each size.
    pub(super) fn of(flags: &FitFlags, table: &RunTable) -> Result<Self, Failure> {
        let rows = Self {
            runs: runs(flags, table)?,
            lines: table.lines.clone(),
            columns: Columns::of(table),
            measure: table.measure,
        };
        Ok(match flags.best {
            Best::All => rows,
            Best::LowerEnvelope => rows.pick(&rows.runs.lower_envelope()),
        })
    }

    pub(super) fn pick(&self, rows: &[usize]) -> Self {
        Self {
            runs: self.runs.pick(rows),
            lines: self.lines.pick(rows.iter().copied()),
            columns: self.columns.pick(rows),
            measure: self.measure,
        }
    }

    /// A fit of them with everything that is asked of it.
    pub(super) fn analysed(
        &self,
        flags: &FitFlags,
        progress: &Progress,
    ) -> Result<Analysis, Failure> {
        let measured = Measured::of(flags, self.measure, self.runs.losses(), &self.lines);
        Analysis::new(flags, &self.runs, &self.lines, &self.columns, measured, progress)
    }

    /// A fit of the rows that are not held out, and what it says of those that are.
    pub(super) fn predicting(
        &self,
        flags: &FitFlags,
        progress: &Progress,
    ) -> Result<Found, Failure> {
        let Some(split) = flags.held_out.split(flags, &self.runs)? else {
            return Ok(Found { analysis: self.analysed(flags, progress)?, held_out: None });
        };
        let (kept, left_out) = (self.pick(&split.kept), self.pick(&split.left_out));
        let divided = self.runs.shares_groups(&split.kept, &split.left_out);
        let analysis = kept.analysed(flags, progress)?;
        let held_out = flags.held_out.predict(&analysis, (left_out.runs, left_out.lines), divided);
        Ok(Found { held_out: Some(held_out.map_err(|error| flags.refuse(&error))?), analysis })
    }
}
