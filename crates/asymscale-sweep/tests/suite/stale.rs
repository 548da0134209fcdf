//! A part of other code or another seed is recognised, replaced, and says why.

use crate::example::{CELLS, compute, files, merged, plan, plan_with, reference, threads};
use asymscale_sweep::{Cell, Plan, State, Store, survey};

#[test]
fn other_code_and_other_seeds_are_recomputed() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::new(folder.path());
    let cost = |_| 1.0;
    let (old, seeded, new) =
        (plan_with(1, "old", cost), plan_with(2, "code", cost), plan_with(1, "code", cost));

    assert_eq!(survey(&old, &store).to_string(), "12 without a part");
    compute(&old, &store, &threads(1));
    assert_eq!(survey(&seeded, &store).to_string(), "12 of other code");
    assert_eq!(survey(&new, &store).cells[0].1, State::OtherCode { fingerprint: "old".into() });
    compute(&seeded, &store, &threads(1));
    assert_eq!(survey(&new, &store).to_string(), "12 of another seed");
    assert_eq!(survey(&new, &store).cells[0].1, State::OtherSeed { seed: 2 });
    let outcome = compute(&new, &store, &threads(1));
    assert_eq!((outcome.computed, outcome.cached), (CELLS, 0));
    assert_eq!(survey(&new, &store).to_string(), "12 fresh");

    assert_eq!(files(&store, "part"), CELLS); // replaced, not piled up
    assert_eq!(merged(&new, &store), reference(&new));
}

#[test]
fn a_plan_that_grows_computes_the_new_cells_only() {
    let folder = tempfile::tempdir().unwrap();
    let (whole, store) = (plan(), Store::new(folder.path()));
    let half = Plan::new("example", 1, "code", whole.cells()[..6].to_vec()).unwrap();
    compute(&half, &store, &threads(1));
    let outcome = compute(&whole, &store, &threads(1));
    assert_eq!((outcome.computed, outcome.cached), (CELLS - 6, 6));
    assert_eq!(merged(&whole, &store), reference(&whole));
}

#[test]
fn pruning_keeps_what_the_plans_need() {
    let folder = tempfile::tempdir().unwrap();
    let (whole, store) = (plan(), Store::new(folder.path()));
    let part = |range: std::ops::Range<usize>| {
        Plan::new("example", 1, "code", whole.cells()[range].to_vec()).unwrap()
    };
    let elsewhere =
        Plan::new("other", 1, "code", vec![Cell::new("a", &serde_json::json!({})).unwrap()])
            .unwrap();
    assert_eq!(store.prune(&[&whole]).unwrap(), 0); // no folder yet
    compute(&whole, &store, &threads(1));
    store.write(&elsewhere, &elsewhere.cells()[0], &asymscale_sweep::Table::default()).unwrap();
    assert_eq!(store.prune(&[&part(0..3), &part(5..7)]).unwrap(), CELLS - 5);
    assert_eq!(survey(&part(0..3), &store).fresh() + survey(&part(5..7), &store).fresh(), 5);
    assert_eq!(survey(&elsewhere, &store).fresh(), 1);
}
