//! A plan and a work function for all suites.

use asymscale_sweep::{
    Cell, Options, Outcome, Plan, Provenance, Store, SweepError, Table, merge, row, run, write_csv,
};
use serde_json::json;

pub(crate) const CELLS: usize = 12;

/// Twelve cells; `costs` decides the order in which they are computed.
pub(crate) fn plan_with(seed: u64, fingerprint: &str, costs: impl Fn(usize) -> f64) -> Plan {
    let cell =
        |i: usize| Cell::new(format!("c{i}"), &json!({ "i": i })).unwrap().with_cost(costs(i));
    Plan::new("example", seed, fingerprint, (0..CELLS).map(cell).collect()).unwrap()
}

pub(crate) fn plan() -> Plan {
    plan_with(1, "code", |i| 1.0 + i as f64)
}

/// Rows of every type, a different number for each cell, none for the first.
pub(crate) fn work(cell: &Cell) -> Result<Table, SweepError> {
    let i = position(cell);
    let mut table = Table::with_columns(["cell", "k", "value", "note"])?;
    for k in 0..i {
        let value = if k == 3 { f64::INFINITY } else { 1.0 / (i + k) as f64 };
        let note = (k % 2 == 0).then_some("even, \"quoted\"\n");
        table.push(row! { cell: cell.name(), k, value, note })?;
    }
    Ok(table)
}

pub(crate) fn position(cell: &Cell) -> usize {
    cell.parameters()["i"].as_u64().unwrap() as usize
}

pub(crate) fn compute(plan: &Plan, store: &Store, options: &Options) -> Outcome {
    run(plan, store, options, &(), work).unwrap()
}

pub(crate) fn threads(threads: usize) -> Options<'static> {
    Options { threads, ..Options::default() }
}

/// The merged table as the bytes a reader gets.
pub(crate) fn merged(plan: &Plan, store: &Store) -> Vec<u8> {
    let mut bytes = Vec::new();
    write_csv(&mut bytes, &plan.provenance(), &merge(plan, store).unwrap()).unwrap();
    bytes
}

/// The same bytes without plan order, store or threads: the cells one after the other.
pub(crate) fn reference(plan: &Plan) -> Vec<u8> {
    let mut table = Table::default();
    plan.cells().iter().for_each(|cell| table.append(work(cell).unwrap()).unwrap());
    let mut bytes = Vec::new();
    let provenance = Provenance::default()
        .with("experiment", "example")
        .with("seed", 1)
        .with("fingerprint", "code");
    write_csv(&mut bytes, &provenance, &table).unwrap();
    bytes
}

/// Files of the store whose name ends so.
pub(crate) fn files(store: &Store, extension: &str) -> usize {
    let entries = std::fs::read_dir(store.folder().join("example")).unwrap();
    entries
        .filter(|entry| entry.as_ref().unwrap().path().extension().is_some_and(|e| e == extension))
        .count()
}
