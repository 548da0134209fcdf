//! What is to be computed: an experiment's cells, its seed, the fingerprint of its code.

use crate::{Cell, Provenance, SweepError, digest};
use std::collections::HashMap;

/// All cells of an experiment, with what else decides the result: seed and code.
///
/// ```
/// use asymscale_sweep::{Cell, Plan};
/// let cell = Cell::new("a", &serde_json::json!({ "beta": 1.5 }))?;
/// let plan = |seed, code| Plan::new("demo", seed, code, vec![cell.clone()]);
/// assert_ne!(plan(1, "abc")?.id(&cell), plan(2, "abc")?.id(&cell));
/// assert_ne!(plan(1, "abc")?.id(&cell), plan(1, "abd")?.id(&cell));
/// assert!(Plan::new("demo", 1, "abc", vec![cell.clone(), cell]).is_err()); // names are unique
/// # Ok::<(), asymscale_sweep::SweepError>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Plan {
    experiment: String,
    seed: u64,
    fingerprint: String,
    cells: Vec<Cell>,
    /// Key of each cell, in the order of `cells`.
    keys: Vec<String>,
}

impl Plan {
    /// A plan, checked: the experiment's name serves as a folder (letters, digits, `.`, `_`, `-`,
    /// not led by a dot), names and parameters of cells are unique, costs are finite numbers > 0.
    ///
    /// `fingerprint` stands for the code the results depend on; any text without meaning here.
    pub fn new(
        experiment: impl Into<String>,
        seed: u64,
        fingerprint: impl Into<String>,
        cells: Vec<Cell>,
    ) -> Result<Self, SweepError> {
        let experiment = experiment.into();
        check_experiment(&experiment)?;
        check_names(&cells)?;
        let keys: Vec<String> = cells.iter().map(|cell| key_of(&experiment, cell)).collect();
        check_keys(&cells, &keys)?;
        if let Some(cell) =
            cells.iter().find(|cell| !(cell.cost() > 0.0 && cell.cost().is_finite()))
        {
            return Err(SweepError::Cost { cell: cell.name().into(), cost: cell.cost() });
        }
        Ok(Self { experiment, seed, fingerprint: fingerprint.into(), cells, keys })
    }

    /// The experiment's name.
    pub fn experiment(&self) -> &str {
        &self.experiment
    }

    /// The seed everything random derives from.
    pub fn seed(&self) -> u64 {
        self.seed
    }

    /// What stands for the code.
    pub fn fingerprint(&self) -> &str {
        &self.fingerprint
    }

    /// The cells, in the order of the merged table.
    pub fn cells(&self) -> &[Cell] {
        &self.cells
    }

    /// Identity of a result: SHA-256 of experiment, parameters, seed and fingerprint. A stored part
    /// whose identity differs is never served.
    pub fn id(&self, cell: &Cell) -> String {
        let key = key_of(&self.experiment, cell);
        digest::of_fields(
            "asymscale-sweep id 1",
            &[key.as_bytes(), &self.seed.to_le_bytes(), self.fingerprint.as_bytes()],
        )
    }

    /// Name of the cell's part within its store: SHA-256 of experiment and parameters alone, so
    /// that a part of other code or another seed is found, recognised and replaced.
    pub fn key(&self, cell: &Cell) -> String {
        key_of(&self.experiment, cell)
    }

    /// Experiment, seed and fingerprint as lines of a CSV header.
    pub fn provenance(&self) -> Provenance {
        Provenance::default()
            .with("experiment", &self.experiment)
            .with("seed", self.seed)
            .with("fingerprint", &self.fingerprint)
    }

    /// Keys of all cells, in their order.
    pub(crate) fn keys(&self) -> &[String] {
        &self.keys
    }
}

fn key_of(experiment: &str, cell: &Cell) -> String {
    let parameters = cell.parameters().to_string();
    digest::of_fields("asymscale-sweep key 1", &[experiment.as_bytes(), parameters.as_bytes()])
}

fn check_experiment(name: &str) -> Result<(), SweepError> {
    let plain = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
    if name.is_empty() || name.starts_with('.') || !name.chars().all(plain) {
        return Err(SweepError::Experiment(name.into()));
    }
    Ok(())
}

fn check_names(cells: &[Cell]) -> Result<(), SweepError> {
    let mut seen = HashMap::new();
    for (index, cell) in cells.iter().enumerate() {
        if cell.name().is_empty() {
            return Err(SweepError::EmptyName { index });
        }
        if let Some(first) = seen.insert(cell.name(), index) {
            return Err(SweepError::DuplicateName {
                name: cell.name().into(),
                first,
                second: index,
            });
        }
    }
    Ok(())
}

fn check_keys(cells: &[Cell], keys: &[String]) -> Result<(), SweepError> {
    let mut seen = HashMap::new();
    for (cell, key) in cells.iter().zip(keys) {
        if let Some(first) = seen.insert(key, cell.name()) {
            return Err(SweepError::DuplicateParameters {
                first: first.into(),
                second: cell.name().into(),
            });
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn cell(name: &str, x: f64) -> Cell {
        Cell::new(name, &json!({ "x": x })).unwrap()
    }

    fn refusal(experiment: &str, cells: Vec<Cell>) -> String {
        Plan::new(experiment, 1, "code", cells).unwrap_err().to_string()
    }

    #[test]
    fn refusals_name_the_offender() {
        assert_eq!(
            refusal("../up", vec![]),
            "experiment = `../up`: must be letters, digits, `.`, `_` or `-`, not led by a dot"
        );
        assert_eq!(
            refusal("e", vec![cell("", 1.0)]),
            "name of cell 0 is empty: at least 1 character is needed"
        );
        assert_eq!(
            refusal("e", vec![cell("a", 1.0), cell("a", 2.0)]),
            "cell name `a`: used by cells 0 and 1, must be unique"
        );
        assert_eq!(
            refusal("e", vec![cell("a", 1.0), cell("b", 1.0)]),
            "cells `a` and `b` have the same parameters: they must differ"
        );
        for (cost, text) in [(0.0, "0"), (f64::NAN, "NaN"), (f64::INFINITY, "inf"), (-1.0, "-1")] {
            assert_eq!(
                refusal("e", vec![cell("a", 1.0).with_cost(cost)]),
                format!("cost = {text} of cell `a`: must be a finite number > 0")
            );
        }
    }

    #[test]
    fn name_and_cost_are_no_part_of_the_identity() {
        let plan = Plan::new("e", 1, "code", vec![]).unwrap();
        assert_eq!(plan.id(&cell("a", 1.0)), plan.id(&cell("renamed", 1.0).with_cost(7.0)));
        assert_ne!(plan.id(&cell("a", 1.0)), plan.id(&cell("a", 2.0)));
    }

    #[test]
    fn the_key_ignores_seed_and_code() {
        let key =
            |seed, code: &str| Plan::new("e", seed, code, vec![]).unwrap().key(&cell("a", 1.0));
        assert_eq!(key(1, "x"), key(2, "y"));
        let other = Plan::new("f", 1, "x", vec![]).unwrap();
        assert_ne!(key(1, "x"), other.key(&cell("a", 1.0)));
    }
}
