//! Errors, panics and disks that fail lose nothing that was computed.

use crate::example::{CELLS, compute, merged, plan, position, reference, threads, work};
use asymscale_sweep::{Cell, Store, SweepError, Table, merge, run};
use std::{
    error::Error,
    fs,
    sync::atomic::{AtomicUsize, Ordering},
};

type Work = Result<Table, Box<dyn Error + Send + Sync>>;

#[derive(Debug, thiserror::Error)]
#[error("no rows")]
struct Caused(#[source] SweepError);

/// Two cells go wrong, each in its way.
fn fragile(cell: &Cell) -> Work {
    match position(cell) {
        3 => Err(Caused(SweepError::Threads(0)).into()),
        8 => panic!("cell {} is cursed", cell.name()),
        _ => Ok(work(cell)?),
    }
}

#[test]
fn failed_cells_are_named_and_all_others_kept() {
    for count in [1, 2] {
        let folder = tempfile::tempdir().unwrap();
        let (plan, store) = (plan(), Store::new(folder.path()));
        let error = run(&plan, &store, &threads(count), &(), fragile).unwrap_err();
        let expected = "2 of 12 cells failed, the others are stored: `c3`: no rows: threads = 0: must be a \
                        whole number >= 1; `c8`: panicked: cell c8 is cursed";
        assert_eq!(error.to_string(), expected);
        assert!(
            matches!(merge(&plan, &store), Err(SweepError::Missing { missing, .. }) if missing.len() == 2)
        );

        let outcome = compute(&plan, &store, &threads(count));
        assert_eq!((outcome.computed, outcome.cached), (2, CELLS - 2));
        assert_eq!(merged(&plan, &store), reference(&plan));
    }
}

#[test]
fn an_interrupted_sweep_continues_where_it_was() {
    let folder = tempfile::tempdir().unwrap();
    let (plan, store) = (plan(), Store::new(folder.path()));
    let calls = AtomicUsize::new(0);
    for round in 1..=CELLS {
        // Every round does one more cell, then everything fails.
        let dying = |cell: &Cell| -> Work {
            if calls.fetch_add(1, Ordering::Relaxed) > 0 {
                Err("killed".into())
            } else {
                Ok(work(cell)?)
            }
        };
        calls.store(0, Ordering::Relaxed);
        let result = run(&plan, &store, &threads(1), &(), dying);
        assert_eq!(result.is_ok(), round == CELLS, "round {round}");
        assert_eq!(calls.load(Ordering::Relaxed), CELLS + 1 - round, "nothing is computed twice");
    }
    assert_eq!(merged(&plan, &store), reference(&plan));
}

#[test]
fn a_folder_that_cannot_be_written_is_refused_before_any_work() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file");
    fs::write(&file, "in the way").unwrap();
    let calls = AtomicUsize::new(0);
    let counted = |cell: &Cell| {
        calls.fetch_add(1, Ordering::Relaxed);
        work(cell)
    };
    let error = run(&plan(), &Store::new(&file), &threads(2), &(), counted).unwrap_err();
    assert!(matches!(&error, SweepError::Io { path, .. } if *path == file.join("example")));
    let expected = format!("{}: cannot write: ", file.join("example").display());
    assert!(error.to_string().starts_with(&expected), "{error}");
    assert_eq!(calls.load(Ordering::Relaxed), 0);
}

#[test]
fn a_disk_that_fails_stops_the_run() {
    let folder = tempfile::tempdir().unwrap();
    let (plan, store) = (plan(), Store::new(folder.path()));
    let calls = AtomicUsize::new(0);
    let sabotage = |cell: &Cell| {
        if calls.fetch_add(1, Ordering::Relaxed) == 4 {
            let experiment = folder.path().join("example");
            fs::remove_dir_all(&experiment).unwrap();
            fs::write(&experiment, "in the way").unwrap();
        }
        work(cell)
    };
    let error = run(&plan, &store, &threads(1), &(), sabotage).unwrap_err();
    assert!(matches!(error, SweepError::Io { action: "write", .. }), "{error}");
    assert_eq!(calls.load(Ordering::Relaxed), 5);
}

#[test]
fn a_folder_that_is_complete_need_not_be_written() {
    let folder = tempfile::tempdir().unwrap();
    let (plan, store) = (plan(), Store::new(folder.path()));
    compute(&plan, &store, &threads(1));
    let modified = || fs::metadata(folder.path().join("example")).unwrap().modified().unwrap();
    let before = modified();
    compute(&plan, &store, &threads(1));
    assert_eq!(modified(), before);
}

#[test]
fn tables_of_different_columns_do_not_merge() {
    let folder = tempfile::tempdir().unwrap();
    let (plan, store) = (plan(), Store::new(folder.path()));
    let mixed = |cell: &Cell| Table::with_columns([if position(cell) == 5 { "x" } else { "y" }]);
    run(&plan, &store, &threads(1), &(), mixed).unwrap();
    let message = merge(&plan, &store).unwrap_err().to_string();
    assert_eq!(message, r#"columns ["x"] do not fit the table's ["y"]"#);
}
