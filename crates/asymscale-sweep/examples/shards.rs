//! Two shards of a sweep, as two machines would run them, and the table they make.
//!
//! `cargo run --release -p asymscale-sweep --example shards`

use asymscale_sweep::{Cell, Options, Plan, Store, SweepError, Table, merge, row, run};

#[derive(serde::Serialize, serde::Deserialize)]
struct Root {
    n: f64,
}

fn work(cell: &Cell) -> Result<Table, SweepError> {
    let Root { n } = cell.read()?;
    let mut table = Table::default();
    table.push(row! { n, root: n.sqrt() })?;
    Ok(table)
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let cells = (1..=6).map(|n| Cell::new(format!("n = {n}"), &Root { n: f64::from(n) }));
    let plan = Plan::new("roots", 1, "fingerprint of the code", cells.collect::<Result<_, _>>()?)?;
    let folder = std::env::temp_dir().join(format!("asymscale-shards-{}", std::process::id()));
    let store = Store::new(&folder);
    for shard in ["1/2", "2/2"] {
        let options = Options { shard: Some(shard.parse()?), ..Options::default() };
        let outcome = run(&plan, &store, &options, &(), work)?;
        println!("shard {shard}: the sweep is complete: {}", outcome.is_complete());
    }
    println!("{:?}", merge(&plan, &store)?.floats("root")?);
    std::fs::remove_dir_all(&folder)?;
    Ok(())
}
