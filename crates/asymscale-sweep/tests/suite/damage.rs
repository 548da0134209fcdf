//! A part is whole and the cell's own, or it is not served.

use crate::example::{CELLS, compute, files, merged, plan, reference, threads, work};
use asymscale_sweep::{State, Store, merge, run, survey};
#[cfg(unix)]
use std::process::Command;
use std::{
    fs::{self, File},
    time::{Duration, SystemTime},
};

/// A short part: its header and three rows.
const VICTIM: usize = 3;

#[test]
fn any_flipped_bit_and_any_cut_is_noticed() {
    let folder = tempfile::tempdir().unwrap();
    let (plan, store) = (plan(), Store::new(folder.path()));
    let cell = &plan.cells()[VICTIM];
    store.write(&plan, cell, &work(cell).unwrap()).unwrap();
    let path = store.path(&plan, cell);
    let whole = fs::read(&path).unwrap();
    for position in 0..whole.len() {
        let mut flipped = whole.clone();
        flipped[position] ^= 1 << (position % 8);
        fs::write(&path, flipped).unwrap();
        assert!(
            matches!(store.read(&plan, cell), Err(State::Damaged { .. })),
            "byte {position} flipped"
        );
        fs::write(&path, &whole[..position]).unwrap();
        assert!(
            matches!(store.read(&plan, cell), Err(State::Damaged { .. })),
            "cut to {position} bytes"
        );
    }
    fs::write(&path, [&whole[..], b"x"].concat()).unwrap();
    assert!(store.read(&plan, cell).is_err(), "one byte too many");
    fs::write(&path, &whole).unwrap();
    assert_eq!(store.read(&plan, cell), work(cell).map_err(|_| State::Absent));
}

#[test]
fn damaged_parts_are_reported_and_recomputed() {
    let folder = tempfile::tempdir().unwrap();
    let (plan, store) = (plan(), Store::new(folder.path()));
    compute(&plan, &store, &threads(2));
    let path = |i: usize| store.path(&plan, &plan.cells()[i]);
    let whole = fs::read(path(2)).unwrap();
    fs::write(path(2), &whole[..whole.len() - 5]).unwrap(); // cut short
    fs::write(path(5), b"").unwrap(); // what a full disk leaves
    fs::copy(path(7), path(6)).unwrap(); // a part at the wrong place
    let message = merge(&plan, &store).unwrap_err().to_string();
    assert!(message.starts_with("3 of 12 parts are missing: `c2`: damaged part: "), "{message}");

    let outcome = compute(&plan, &store, &threads(2));
    let damaged: Vec<_> = outcome.survey.damaged().collect();
    let expected =
        [("c2", "checksum does not fit"), ("c5", "cut short"), ("c6", "belongs to cell `c7`")];
    assert_eq!(damaged, expected);
    assert_eq!((outcome.computed, outcome.cached), (3, CELLS - 3));
    assert_eq!(outcome.survey.to_string(), "9 fresh, 3 damaged");
    assert_eq!(merged(&plan, &store), reference(&plan));
}

/// A checksum says that a part was written whole, not that what it holds can be a result.
#[test]
fn a_store_serves_and_keeps_only_rows_that_pass_its_test() {
    let folder = tempfile::tempdir().unwrap();
    let (plan, store) = (plan(), Store::new(folder.path()));
    compute(&plan, &store, &threads(2)); // the first cell returns no rows
    let asking = store.asking(|rows| if rows.is_empty() { Err("no rows".into()) } else { Ok(()) });
    let found = survey(&plan, &asking);
    assert_eq!(found.damaged().collect::<Vec<_>>(), [("c0", "no rows")]);
    let failed = run(&plan, &asking, &threads(2), &(), work).unwrap_err();
    let expected = "1 of 1 cells failed, the others are stored: `c0`: no rows";
    assert_eq!(failed.to_string(), expected);
}

/// A pipe that nobody writes to would be waited for.
#[cfg(unix)]
#[test]
fn what_is_no_file_is_damage() {
    let folder = tempfile::tempdir().unwrap();
    let (plan, store) = (plan(), Store::new(folder.path()));
    compute(&plan, &store, &threads(2));
    let path = store.path(&plan, &plan.cells()[4]);
    fs::remove_file(&path).unwrap();
    assert!(Command::new("mkfifo").arg(&path).status().unwrap().success());
    let outcome = compute(&plan, &store, &threads(2));
    assert_eq!(outcome.survey.damaged().collect::<Vec<_>>(), [("c4", "cannot be read: no file")]);
    assert_eq!(merged(&plan, &store), reference(&plan));
}

#[test]
fn temporary_files_are_ignored_and_old_ones_removed() {
    let folder = tempfile::tempdir().unwrap();
    let (plan, store) = (plan(), Store::new(folder.path()));
    let temporary = |name: &str| {
        let experiment = folder.path().join("example");
        fs::create_dir_all(&experiment).unwrap();
        fs::write(experiment.join(name), "half a part").unwrap();
        experiment.join(name)
    };
    // The names this very process would take next, left by a killed one of the same number on
    // another machine.
    for number in 0..50 {
        temporary(&format!("{}-{number}.tmp", std::process::id()));
    }
    let old = temporary("1-1.tmp");
    let two_hours_ago = SystemTime::now() - Duration::from_hours(2);
    File::options().write(true).open(&old).unwrap().set_modified(two_hours_ago).unwrap();
    compute(&plan, &store, &threads(2));
    assert_eq!(merged(&plan, &store), reference(&plan));
    assert!(!old.exists());
    assert_eq!(files(&store, "tmp"), 50); // those of a process that may be alive stay
}
