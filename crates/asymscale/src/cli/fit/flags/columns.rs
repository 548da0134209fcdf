//! Further columns of a table of runs: their flags, and what stands in them.

use asymscale_tables::{Extra, Quantity, RunTable, Values};
use clap::Args;

/// Flags that name further columns.
#[derive(Debug, Args)]
pub(crate) struct ColumnFlags {
    /// Column of the tokens or examples that differ from one another, for --repeats
    #[arg(long, value_name = "NAME", conflicts_with = "epochs_column")]
    unique_column: Option<String>,
    /// Column that says how often each was trained on, D over the unique ones, for --repeats
    #[arg(long, value_name = "NAME")]
    epochs_column: Option<String>,
    /// Column of the compute that each run was planned for, for --isoflop
    #[arg(long, value_name = "NAME")]
    budget_column: Option<String>,
    /// Column of the parameters that are active for each token, beside N of all of them
    #[arg(long, value_name = "NAME", conflicts_with_all = ["hold_out", "hold_out_above", "save", "isoflop", "repeats"])]
    active_column: Option<String>,
    /// Column of kinds of runs: a fit for each, and whether they differ
    #[arg(long, value_name = "NAME", conflicts_with_all = ["hold_out", "hold_out_above", "save", "isoflop", "repeats"])]
    by: Option<String>,
}

impl ColumnFlags {
    /// Whether the column of budgets was named.
    pub(in crate::cli::fit) fn names_budgets(&self) -> bool {
        self.budget_column.is_some()
    }

    /// The column of kinds.
    pub(in crate::cli::fit) fn by(&self) -> Option<&str> {
        self.by.as_deref()
    }

    /// Whether the column of active parameters was named.
    pub(in crate::cli::fit) fn is_active_named(&self) -> bool {
        self.active_column.is_some()
    }

    /// What to read, in the order of the fields of [`Columns`]; those of `needed` matter also where
    /// they are not named.
    pub(in crate::cli::fit) fn extras(&self, needed: &[Quantity]) -> Vec<Extra<'_>> {
        let mut extras: Vec<Extra<'_>> = Vec::new();
        let numbers = [
            (Quantity::UniqueSamples, self.unique_column.as_deref()),
            (Quantity::Epochs, self.epochs_column.as_deref()),
            (Quantity::Budget, self.budget_column.as_deref()),
            (Quantity::ActiveFeatures, self.active_column.as_deref()),
        ];
        for (quantity, column) in numbers {
            extras.push(Extra {
                quantity,
                column,
                asked: column.is_some() || needed.contains(&quantity),
            });
        }
        if let Some(by) = self.by.as_deref() {
            extras.push(Extra { quantity: Quantity::Label, column: Some(by), asked: true });
        }
        extras
    }
}

/// What the further columns hold, one entry a row.
#[derive(Debug, Clone, Default)]
pub(crate) struct Columns {
    pub(in crate::cli::fit) unique: Option<Vec<f64>>,
    pub(in crate::cli::fit) epochs: Option<Vec<f64>>,
    pub(in crate::cli::fit) budgets: Option<Vec<f64>>,
    pub(in crate::cli::fit) active: Option<Vec<f64>>,
    pub(in crate::cli::fit) kinds: Option<Vec<String>>,
    /// Columns of text of few values that nobody asked for.
    pub(in crate::cli::fit) labels: Vec<(String, Vec<String>)>,
}

impl Columns {
    pub(in crate::cli::fit) fn of(table: &RunTable) -> Self {
        let mut values = table.extras.iter().cloned();
        let mut numbers = || match values.next().flatten() {
            Some(Values::Numbers(numbers)) => Some(numbers),
            _ => None,
        };
        let [unique, epochs, budgets, active] = [(); 4].map(|()| numbers());
        let kinds = match values.next().flatten() {
            Some(Values::Labels(labels)) => Some(labels),
            _ => None,
        };
        Self { unique, epochs, budgets, active, kinds, labels: table.labels.clone() }
    }

    /// N and D of some rows.
    pub(in crate::cli::fit) fn sizes(table: &RunTable, rows: &[usize]) -> (Vec<f64>, Vec<f64>) {
        let at = |values: &[f64]| rows.iter().map(|&row| values[row]).collect();
        (at(&table.features), at(&table.samples))
    }

    /// The further columns of some of the rows.
    pub(in crate::cli::fit) fn pick(&self, rows: &[usize]) -> Self {
        fn at<T: Clone>(values: Option<&Vec<T>>, rows: &[usize]) -> Option<Vec<T>> {
            values.map(|values| rows.iter().map(|&row| values[row].clone()).collect())
        }
        Self {
            unique: at(self.unique.as_ref(), rows),
            epochs: at(self.epochs.as_ref(), rows),
            budgets: at(self.budgets.as_ref(), rows),
            active: at(self.active.as_ref(), rows),
            kinds: at(self.kinds.as_ref(), rows),
            labels: self
                .labels
                .iter()
                .filter_map(|(title, labels)| {
                    at(Some(labels), rows).map(|labels| (title.clone(), labels))
                })
                .collect(),
        }
    }
}
